//! Requests as their senders sign them. The signatures are those of the senders' documentation (GitHub, Slack, Twilio, Standard
//! Webhooks), or were made with another implementation: the Python packages `stripe`, `twilio` and `cryptography`, and `hmac` of the
//! standard library of Python.

use super::{Message, Options, Provider};
use crate::base::crypto::Hash;

const SLACK_BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const MAILGUN_BODY: &str = r#"{"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"c0858554aa0145f02ed634a9c0aac24b4e88297935487bf9b7a5192ce8ee6f91"},"event-data":{"event":"opened"}}"#;

struct Case {
    provider: Provider,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    secret: &'static str,
    options: Options,
    /// When it was signed. 0 if the time is not signed.
    time: i64,
}

fn case(
    provider: Provider,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    secret: &'static str,
    time: i64,
) -> Case {
    Case { provider, headers, body, secret, options: Options::default(), time }
}

fn at_url(mut case: Case, url: &str) -> Case {
    case.options.url = Some(url.to_owned());
    case
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    const STANDARD: &[(&str, &str)] = &[
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1a,AAAA v1,bm90IHRoaXMgb25l v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    const SVIX: &[(&str, &str)] = &[
        ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("svix-timestamp", "1614265330"),
        ("svix-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ];
    const STANDARD_ED: &[(&str, &str)] = &[
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
        (
            "webhook-signature",
            "v1a,DA+4m4VqA33Hm9Wlha/1LaJIOTEvbTa2btJ5gtcP1KIJ83aMbtlDaDEj9gW4UzCjPd9EMUgy41eDWvfIiFddCQ==",
        ),
    ];
    const STRIPE: &[(&str, &str)] = &[(
        "stripe-signature",
        "t=1492774577,v1=00,v1=dc9eef2b05266028c63c8e182a8e263064a8ba937b37f39174c7ca4d5bddb867,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
    )];
    const GITHUB: &[(&str, &str)] =
        &[("x-hub-signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")];
    const GITLAB: &[(&str, &str)] = &[("x-gitlab-token", "hush"), ("x-gitlab-event-uuid", "13792a34")];
    const SHOPIFY: &[(&str, &str)] = &[("x-shopify-hmac-sha256", "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=")];
    const SLACK: &[(&str, &str)] = &[
        ("x-slack-request-timestamp", "1531420618"),
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
    ];
    const PADDLE: &[(&str, &str)] =
        &[("paddle-signature", "ts=1671552777;h1=0af9ddd93d3ccb672f859a2590879df7c3a2b86c56fc7681828c0069793129a7")];
    const SQUARE: &[(&str, &str)] =
        &[("x-square-hmacsha256-signature", "hxX7Sk3ykZpLEkgrwrTPHmY0WtRoUfnsuvD6uqXfyYM=")];
    const TWILIO: &[(&str, &str)] = &[("x-twilio-signature", "L/OH5YylLD5NRKLltdqwSvS0BnU=")];
    const TWILIO_JSON: &[(&str, &str)] = &[("x-twilio-signature", "2e7mH/NA6FwzvUqLZxhsETU/4bw=")];
    const DISCORD: &[(&str, &str)] = &[
        ("x-signature-timestamp", "1700000000"),
        (
            "x-signature-ed25519",
            "c1098e97d711377f30225d53d94b89d43537f92e5b3afaddc590781b1f9f9d4b2eeab335d370be3b9a090bc61a85b86448bc140dcd195f1569c2bff181257607",
        ),
    ];
    const PUBLIC: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    const HMAC: &[(&str, &str)] =
        &[("x-sig", "v=TZSLiacRM+getZIrei7/ZJrcGgaM0pyN2WUJRvDnmXdRH1LgaTNhlBb3C+kbdWjCWKA3pdIs1ksAy8nKsfmBpg==")];
    let hmac = Options {
        header: "x-sig".to_owned(),
        hash: Hash::Sha512,
        is_base64: true,
        prefix: "v=".to_owned(),
        ..Options::default()
    };
    vec![
        case(
            Provider::Standard,
            STANDARD,
            r#"{"test": 2432232314}"#,
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            1_614_265_330,
        ),
        case(Provider::Standard, SVIX, r#"{"test": 2432232314}"#, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1_614_265_330),
        case(
            Provider::Standard,
            STANDARD_ED,
            r#"{"a":1}"#,
            "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
            1_700_000_000,
        ),
        case(
            Provider::Stripe,
            STRIPE,
            r#"{"id":"evt_1","type":"checkout.session.completed"}"#,
            "whsec_test_secret",
            1_492_774_577,
        ),
        case(Provider::GitHub, GITHUB, "Hello, World!", "It's a Secret to Everybody", 0),
        case(Provider::GitLab, GITLAB, "{}", "hush", 0),
        case(Provider::Shopify, SHOPIFY, r#"{"id":820982911946154508}"#, "hush", 0),
        case(Provider::Slack, SLACK, SLACK_BODY, "8f742231b10e8888abcd99yyyzzz85a5", 1_531_420_618),
        case(
            Provider::Paddle,
            PADDLE,
            r#"{"event_id":"evt_01","event_type":"transaction.completed"}"#,
            "pdl_ntfset_secret",
            1_671_552_777,
        ),
        at_url(
            case(Provider::Square, SQUARE, r#"{"event_id":"6a8f5f28","type":"payment.updated"}"#, "sigkey", 0),
            "https://example.com/webhook",
        ),
        at_url(
            case(
                Provider::Twilio,
                TWILIO,
                "To=%2B18005551212&From=%2B14158675310&Digits=1234&Caller=%2B14158675310&CallSid=CA1234567890ABCDE",
                "12345",
                0,
            ),
            "https://example.com/myapp.php?foo=1&bar=2",
        ),
        at_url(
            case(Provider::Twilio, TWILIO_JSON, r#"{"a":1}"#, "12345", 0),
            "https://example.com/hook?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862",
        ),
        case(Provider::Discord, DISCORD, r#"{"type":1}"#, PUBLIC, 1_700_000_000),
        case(Provider::Mailgun, &[], MAILGUN_BODY, "key-mg", 1_529_006_854),
        Case { options: hmac, ..case(Provider::Hmac, HMAC, "body", "k", 0) },
    ]
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_a_sender_has_signed_is_believed_and_nothing_else() {
    for Case { provider, headers, body, secret, options, time } in cases() {
        let headers = owned(headers);
        let verify = |headers: &[(String, String)], body: &str, secrets: &[&str], now: i64| {
            let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
            Message { headers, body: body.as_bytes() }.verify(provider, &secrets, &options, now)
        };
        let now = if time == 0 { 1_800_000_000 } else { time + 60 };
        let id = verify(&headers, body, &[secret], now).unwrap_or_else(|doubt| panic!("{provider:?}: {doubt}"));
        assert!(!id.is_empty());
        assert_eq!(
            verify(&headers, body, &["old", secret], now).as_ref(),
            Ok(&id),
            "{provider:?}: while it is replaced"
        );
        for (secrets, case) in [(&["other"][..], "another secret"), (&[""], "no secret"), (&[], "no secrets")] {
            assert!(verify(&headers, body, secrets, now).is_err(), "{provider:?}: {case}");
        }
        assert!(verify(&[], body, &[secret], now).is_err() || provider == Provider::Mailgun, "{provider:?}: no header");
        // GitLab signs nothing, and Mailgun only its token.
        if !matches!(provider, Provider::GitLab | Provider::Mailgun) {
            let changed = format!("{body}&x=1 ");
            assert!(verify(&headers, &changed, &[secret], now).is_err(), "{provider:?}: another body");
        }
        for at in 0..headers.len() {
            let mut changed = headers.clone();
            changed[at].1.clear();
            let is_optional = changed[at].0 == "x-gitlab-event-uuid";
            assert!(is_optional || verify(&changed, body, &[secret], now).is_err(), "{provider:?}: {at}");
        }
        if time > 0 {
            for late in [time + 301, time - 301, 0, i64::MAX] {
                assert!(verify(&headers, body, &[secret], late).is_err(), "{provider:?}: {late}");
            }
        }
    }
}

/// A header that nobody has signed must not make a known webhook a new one.
#[test]
fn a_webhook_is_told_apart_by_what_is_signed() {
    let id = |provider: Provider, more: (&str, &str)| {
        let case = cases().into_iter().find(|case| case.provider == provider).unwrap();
        let mut headers = owned(case.headers);
        headers.extend(owned(&[more]));
        let now = if case.time == 0 { 0 } else { case.time };
        Message { headers: &headers, body: case.body.as_bytes() }
            .verify(provider, &[case.secret.to_owned()], &case.options, now)
            .unwrap()
    };
    for (provider, header) in [
        (Provider::GitHub, "x-github-delivery"),
        (Provider::Shopify, "x-shopify-webhook-id"),
        (Provider::Stripe, "idempotency-key"),
        (Provider::Square, "x-square-retry"),
    ] {
        assert_eq!(id(provider, (header, "1")), id(provider, (header, "2")), "{provider:?}");
    }
    assert_eq!(id(Provider::Stripe, ("x", "1")), "evt_1");
    assert_eq!(id(Provider::Standard, ("x", "1")), "msg_p5jXN8AQM9LWM0D4loKWxJek");
}

/// The same value in other spellings that some reader accepts: letters in upper and lower case, without padding, with blanks, its parts in
/// another order or twice.
fn spellings(value: &str) -> Vec<String> {
    let mut found = vec![
        value.to_ascii_uppercase(),
        value.to_ascii_lowercase(),
        value.trim_end_matches('=').to_owned(),
        format!("{value}="),
        format!(" {value} "),
        value.replace('+', "-").replace('/', "_"),
    ];
    // One letter, and the digits behind a prefix such as `v0=`.
    for (at, letter) in value.char_indices().filter(|(_, letter)| letter.is_ascii_lowercase()) {
        let (before, after) = (&value[..at], &value[at + 1..]);
        found.push(format!("{before}{}{after}", letter.to_ascii_uppercase()));
        found.push(format!("{before}{}", value[at..].to_ascii_uppercase()));
    }
    for separator in [',', ';', ' '] {
        let mut parts: Vec<&str> = value.split(separator).collect();
        let separator = separator.to_string();
        found.push([&parts[..], &parts[parts.len() - 1..]].concat().join(&separator));
        parts.reverse();
        found.push(parts.join(&separator));
        found.push(parts.join(&format!("{separator} ")));
        found.extend((0..parts.len()).map(|left_out| {
            let kept = parts.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, part)| *part);
            kept.collect::<Vec<_>>().join(&separator)
        }));
    }
    found
}

/// The same form in other spellings.
fn spellings_of_form(body: &str) -> Vec<String> {
    let mut pairs: Vec<&str> = body.split('&').collect();
    let mut found = vec![
        format!("{body}&{}", pairs[0]),
        format!("&{body}&&"),
        body.replacen('D', "%44", 1),
        body.replace("%2B", "%2b"),
        body.replace('1', "%31"),
    ];
    pairs.reverse();
    found.push(pairs.join("&"));
    // What is signed is the names and values in one text, so letters may move from a value to the name behind it.
    found.push(body.replace("Caller=%2B", "Caller%2B="));
    found
}

/// A request that somebody has recorded is refused, or known, however it is written.
#[test]
fn a_recorded_request_has_the_same_id_in_every_spelling() {
    for Case { provider, headers, body, secret, options, time } in cases() {
        let verify = |headers: &[(String, String)], body: &str| {
            let message = Message { headers, body: body.as_bytes() };
            message.verify(provider, &[secret.to_owned()], &options, if time == 0 { 1_800_000_000 } else { time })
        };
        let sent = owned(headers);
        let id = verify(&sent, body).unwrap();
        let mut accepted = 0;
        let mut check = |headers: &[(String, String)], body: &str| {
            if let Ok(other) = verify(headers, body) {
                assert_eq!(other, id, "{provider:?}: {headers:?} {body}");
                accepted += 1;
            }
        };
        let mut reversed = sent.clone();
        reversed.reverse();
        check(&reversed, body);
        let unsigned = [
            "content-type",
            "content-encoding",
            "idempotency-key",
            "i-twilio-idempotency-token",
            "x-github-delivery",
            "x-github-event",
            "x-shopify-webhook-id",
            "x-shopify-topic",
            "x-slack-retry-num",
            "user-agent",
        ];
        let mut more = sent.clone();
        more.extend(unsigned.map(|name| (name.to_owned(), "other".to_owned())));
        check(&more, body);
        // GitLab signs nothing: its id is in one of its headers.
        for at in (0..sent.len()).filter(|_| provider != Provider::GitLab) {
            for spelling in spellings(&sent[at].1) {
                let mut changed = sent.clone();
                changed[at].1 = spelling;
                check(&changed, body);
            }
        }
        assert!(accepted >= 2, "{provider:?}: requests with other headers are accepted");
        if provider == Provider::Twilio && body.contains('&') {
            for spelling in spellings_of_form(body) {
                assert_eq!(verify(&sent, &spelling).as_ref(), Ok(&id), "{spelling}");
            }
        }
    }
}

#[test]
fn strange_requests_are_doubted() {
    let secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()];
    let names = [
        "standard", "stripe", "github", "gitlab", "shopify", "slack", "paddle", "square", "twilio", "discord",
        "mailgun", "hmac",
    ];
    let strange = [
        "",
        "=",
        "t=,v1=",
        "t=x,v1=y",
        "v1,",
        "v0=",
        "sha256=",
        ",,,,",
        "ts=1;h1=",
        "\u{1f600}",
        "99999999999999999999",
    ];
    let headers = [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "stripe-signature",
        "x-hub-signature-256",
        "x-gitlab-token",
        "x-shopify-hmac-sha256",
        "x-slack-signature",
        "x-slack-request-timestamp",
        "paddle-signature",
        "x-square-hmacsha256-signature",
        "x-twilio-signature",
        "x-signature-ed25519",
        "x-signature-timestamp",
        "x-signature",
    ];
    for value in strange {
        let headers: Vec<(String, String)> =
            headers.iter().map(|name| ((*name).to_owned(), value.to_owned())).collect();
        for name in names {
            let provider = Provider::parse(name).unwrap();
            for body in ["", "{", r#"{"signature":{"timestamp":1,"token":"","signature":""}}"#, "\0"] {
                let message = Message { headers: &headers, body: body.as_bytes() };
                assert!(message.verify(provider, &secrets, &Options::default(), 1).is_err(), "{name}: {value:?}");
            }
        }
    }
    assert!(Provider::parse("nobody").is_err());
}
