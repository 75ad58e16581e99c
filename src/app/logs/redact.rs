//! Removes secrets from URLs before they are stored. More people read a log than were meant to see the requests.
//!
//! Redacted are: values of query parameters with a secret name, filters that name a secret, JSON Web Tokens anywhere, the
//! password in front of a host, and fragments. Names are compared as the server reads them: decoded, and regardless of case.

use std::borrow::Cow;

const REDACTED: &str = "***";
/// A parameter is secret if its name contains one of these.
const SECRET_PARTS: [&str; 11] = [
    "token",
    "passw",
    "secret",
    "api_key",
    "apikey",
    "api-key",
    "signature",
    "credential",
    "authorization",
    "verifier",
    "jwt",
];
/// Short names that are secret alone and harmless as part of another word.
const SECRET_NAMES: [&str; 7] = ["code", "otp", "pass", "pwd", "auth", "key", "sig"];
/// Parameters whose value is an expression. It is redacted if it names a secret.
const EXPRESSIONS: [&str; 1] = ["filter"];
/// The beginning of every JSON Web Token: `{"` in base64.
const TOKEN_START: &str = "eyJ";

/// Returns `url` without its secrets.
pub(super) fn redact(url: &str) -> Cow<'_, str> {
    let (address, fragment) = url.split_once('#').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let (place, query) = address.split_once('?').map_or((address, None), |(place, query)| (place, Some(query)));
    let password = password(place);
    let has_secret = fragment.is_some()
        || password.is_some()
        || address.contains(TOKEN_START)
        || query.is_some_and(|query| query.split('&').any(is_secret));
    if !has_secret {
        return Cow::Borrowed(url);
    }
    let mut clean = String::with_capacity(url.len());
    match password {
        None => push_without_tokens(&mut clean, place),
        Some((start, end)) => {
            clean.push_str(&place[..start]);
            clean.push_str(REDACTED);
            push_without_tokens(&mut clean, &place[end..]);
        }
    }
    for (at, pair) in query.into_iter().flat_map(|query| query.split('&').enumerate()) {
        clean.push(if at == 0 { '?' } else { '&' });
        if is_secret(pair) {
            clean.push_str(pair.split_once('=').map_or(pair, |(name, _)| name));
            clean.push('=');
            clean.push_str(REDACTED);
        } else {
            push_without_tokens(&mut clean, pair);
        }
    }
    Cow::Owned(clean)
}

/// Whether the value of `name=value` must not be stored.
fn is_secret(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let name = decoded(name);
    if is_secret_name(&name) {
        return true;
    }
    if !EXPRESSIONS.iter().any(|expression| name.eq_ignore_ascii_case(expression)) {
        return false;
    }
    let text = decoded(value);
    SECRET_PARTS.iter().any(|part| contains(&text, part))
}

fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
        || SECRET_PARTS.iter().any(|part| contains(name, part))
}

/// Whether `text` contains `part`, regardless of case.
fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// A name or value as the server reads it.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs.next().map_or(Cow::Borrowed(text), |(text, _)| Cow::Owned(text.into_owned()))
}

/// The range of the name and password in `https://name:password@host/`.
fn password(place: &str) -> Option<(usize, usize)> {
    let start = place.find("://")? + 3;
    let host_end = place[start..].find('/').map_or(place.len(), |length| start + length);
    let end = start + place[start..host_end].rfind('@')?;
    Some((start, end))
}

/// Appends `text` with its JSON Web Tokens redacted. A token has three parts in base64. The last may be missing if the text
/// was cut.
fn push_without_tokens(out: &mut String, mut text: &str) {
    while let Some(start) = text.find(TOKEN_START) {
        let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '=');
        let length = text[start..].find(|letter| !is_of_token(letter)).unwrap_or(text.len() - start);
        let (token, rest) = text[start..].split_at(length);
        out.push_str(&text[..start]);
        out.push_str(if token.contains('.') { REDACTED } else { token });
        text = rest;
    }
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_of_urls() {
        let check = |url: &str, expected: &str| {
            assert_eq!(redact(url), expected, "{url}");
            assert_eq!(redact(expected), expected, "redacted again");
        };
        for plain in ["/api/health", "/a?", "/a?page=2&sort=-created&filter=a='b'", "/a?x", "/a?&&", "/a?token", ""] {
            check(plain, plain);
        }
        check("/a?a=1&Token=abc&page=2", "/a?a=1&Token=***&page=2");
        check("/a?token=x&token=y", "/a?token=***&token=***");
        check("/a?token=", "/a?token=***");
        check("/a?token=x=y?z", "/a?token=***");
        // Encoded names are decoded first, as the server does.
        check("/a?%74oken=abc", "/a?%74oken=***");
        check("/a?%54%4f%4B%45%4e=abc", "/a?%54%4f%4B%45%4e=***");
        check("/a?access%5Ftoken=abc&b=1", "/a?access%5Ftoken=***&b=1");
        check("/a?+token=abc", "/a?+token=***");
        check("/a?token%5B%5D=abc", "/a?token%5B%5D=***");
        check("/a?%zztoken=abc", "/a?%zztoken=***");
        for name in ["code", "password", "oldPassword", "passwordConfirm", "client_secret", "apiKey", "X-Amz-Signature"]
        {
            check(&format!("/a?{name}=abc"), &format!("/a?{name}=***"));
        }
        for name in ["keys", "author", "zipcode", "passage", "codec"] {
            check(&format!("/a?{name}=abc"), &format!("/a?{name}=abc"));
        }
        // Filters that compare with a secret.
        check("/a?filter=inviteToken%3D%22abc%22&page=1", "/a?filter=***&page=1");
        check("/a?Filter=%70assword='x'", "/a?Filter=***");
        check("/a?filter=code='DE'", "/a?filter=code='DE'");
        // JSON Web Tokens anywhere.
        let token = "eyJhbGciOi.eyJleHAiOj-_.c2lnbg";
        check(&format!("/confirm/{token}/x?a={token}&b=2"), "/confirm/***/x?a=***&b=2");
        check(&format!("/a?filter=a='{token}'"), "/a?filter=a='***'");
        check("/a/eyJhbGciOi.eyJleH", "/a/***");
        check("/a/monkeyJar", "/a/monkeyJar");
        // A referrer may be any text.
        check("https://ana:pw@example.com/a@b?c=1", "https://***@example.com/a@b?c=1");
        check("https://example.com/#/confirm/abc?token=x", "https://example.com/");
        check("https://example.com/?a=1#access_token=x", "https://example.com/?a=1");
    }
}
