//! Sign-in with an `OAuth2` provider, from the sign-in page to the token. The provider runs in the test: its codes are
//! valid once; it checks PKCE, redirect URL and client secret, and signs its id tokens.

use crate::server::{Answer, Client, TestServer, text};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: &str = include_str!("../../src/base/id_token_test_key.pem");
const CLIENT: (&str, &str) = ("the client", "the secret");
const REDIRECT: &str = "https://app.example/back";

/// The provider's data about people and about the codes it has issued.
#[derive(Default)]
struct Book {
    /// User info and claims of the id token, by person.
    people: HashMap<String, Value>,
    /// By code: the person and the PKCE challenge.
    codes: HashMap<String, (String, String)>,
    asked: Vec<String>,
}

struct Provider {
    runtime: Runtime,
    server: MockServer,
    book: Arc<Mutex<Book>>,
}

impl Provider {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        let book = Arc::<Mutex<Book>>::default();
        let (shared, url) = (Arc::clone(&book), server.uri());
        let mock = Mock::given(any()).respond_with(move |request: &Request| answer(&shared, &url, request));
        runtime.block_on(mock.mount(&server));
        Self { runtime, server, book }
    }

    fn knows(&self, name: &str, claims: Value) {
        self.book.lock().unwrap().people.insert(name.to_owned(), claims);
    }

    fn was_asked_for(&self, path: &str) -> bool {
        self.book.lock().unwrap().asked.iter().any(|asked| asked == path)
    }

    /// The options of a collection that uses this provider. `more` is merged over the provider's entry.
    fn options(&self, more: &Value) -> Value {
        let url = self.server.uri();
        let mut entry = json!({"name": "oidc", "clientId": CLIENT.0, "clientSecret": CLIENT.1,
            "authURL": format!("{url}/authorize"), "tokenURL": format!("{url}/token"),
            "userInfoURL": format!("{url}/userinfo")});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"enabled": true, "providers": [entry]})
    }

    /// The browser's part: from the link of the sign-in page to the code.
    fn agree(&self, link: &str, who: &str) -> String {
        let url = format!("{link}{REDIRECT}&login_hint={who}");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let response = self.runtime.block_on(client.get(url).send()).unwrap();
        let target = response.headers()["location"].to_str().unwrap().to_owned();
        let target = reqwest::Url::parse(&target).unwrap();
        target.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }
}

fn answer(book: &Mutex<Book>, url: &str, request: &Request) -> ResponseTemplate {
    let mut book = book.lock().unwrap();
    let path = request.url.path().to_owned();
    book.asked.push(path.clone());
    match path.as_str() {
        "/authorize" => authorize(&mut book, request),
        "/token" => token(&mut book, url, request),
        "/jwks" => ResponseTemplate::new(200).set_body_json(json!({"keys": [public_key()]})),
        _ => {
            let who = bearer(request).and_then(|token| token.strip_prefix("token of ").map(ToOwned::to_owned));
            match who.and_then(|who| book.people.get(&who).cloned()) {
                Some(claims) if path == "/userinfo" => ResponseTemplate::new(200).set_body_json(claims),
                _ => ResponseTemplate::new(401),
            }
        }
    }
}

fn bearer(request: &Request) -> Option<String> {
    let header = request.headers.get("authorization")?.to_str().ok()?;
    header.strip_prefix("Bearer ").map(ToOwned::to_owned)
}

fn authorize(book: &mut Book, request: &Request) -> ResponseTemplate {
    let query: HashMap<String, String> = request.url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], CLIENT.0);
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    let code = format!("code {}", book.asked.len());
    book.codes.insert(code.clone(), (query["login_hint"].clone(), query["code_challenge"].clone()));
    let mut target = reqwest::Url::parse(&query["redirect_uri"]).unwrap();
    target.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]);
    ResponseTemplate::new(302).insert_header("location", target.as_str())
}

fn token(book: &mut Book, url: &str, request: &Request) -> ResponseTemplate {
    let form: HashMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
    let refused = |error: &str| ResponseTemplate::new(400).set_body_json(json!({"error": error}));
    let basic = request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let credentials = data_encoding::BASE64.encode(b"the+client:the+secret");
    if basic != Some(format!("Basic {credentials}")) {
        return refused("invalid_client");
    }
    // A code is valid once, whether or not the rest of the request is correct.
    let Some((who, challenge)) = book.codes.remove(&form["code"]) else { return refused("invalid_grant") };
    let verifier = form.get("code_verifier").map(String::as_bytes).unwrap_or_default();
    if BASE64URL_NOPAD.encode(&Sha256::digest(verifier)) != challenge || form["redirect_uri"] != REDIRECT {
        return refused("invalid_grant");
    }
    let claims = &book.people[&who];
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": format!("token of {who}"), "token_type": "Bearer", "expires_in": 60,
        "id_token": id_token(url, claims),
    }))
}

/// Claims that begin with `!` replace those of a valid token.
fn id_token(url: &str, claims: &Value) -> String {
    let mut all = json!({"iss": url, "aud": CLIENT.0, "exp": 4_000_000_000_u64}).as_object().unwrap().clone();
    for (name, value) in claims.as_object().unwrap() {
        all.insert(name.trim_start_matches('!').to_owned(), value.clone());
    }
    let key_id = all.remove("kid").map_or_else(|| "one".to_owned(), |id| text(&id));
    let key = EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap();
    let token =
        jsonwebtoken::encode(&Header { kid: Some(key_id), ..Header::new(Algorithm::ES256) }, &all, &key).unwrap();
    match all.get("forged") {
        Some(_) => format!("{}A{}", &token[..token.len() - 10], &token[token.len() - 9..]),
        None => token,
    }
}

fn public_key() -> Value {
    let key = Jwk::from_encoding_key(&EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap(), Algorithm::ES256).unwrap();
    let mut key = serde_json::to_value(key).unwrap();
    key["kid"] = json!("one");
    key
}

/// All steps of a client: the methods, the provider's page, the exchange. `change` may modify the last step.
fn sign_in(provider: &Provider, client: &Client, who: &str, change: impl Fn(&mut Map<String, Value>)) -> Answer {
    let methods = client.get("/api/collections/users/auth-methods").body;
    let method = &methods["oauth2"]["providers"][0];
    let code = provider.agree(method["authURL"].as_str().unwrap(), who);
    let mut body = Map::from_iter([
        ("provider".to_owned(), json!("oidc")),
        ("code".to_owned(), json!(code)),
        ("codeVerifier".to_owned(), method["codeVerifier"].clone()),
        ("redirectURL".to_owned(), json!(REDIRECT)),
    ]);
    change(&mut body);
    client.post("/api/collections/users/auth-with-oauth2", &Value::Object(body))
}

fn as_it_is(_: &mut Map<String, Value>) {}

fn person(name: &str) -> Value {
    json!({"sub": name, "name": name, "email": format!("{name}@example.com"), "email_verified": true})
}

fn trusting(provider: &Provider, more: &Value) -> TestServer {
    let server = TestServer::start();
    let answer = server.superuser().patch("/api/collections/users", &json!({"oauth2": provider.options(more)}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    server
}

#[test]
fn a_code_signs_in_once_and_only_with_what_it_was_asked_for_with() {
    let provider = Provider::start();
    let server = trusting(&provider, &json!({}));
    let guest = server.anonymous();
    provider.knows("ann", person("ann"));

    for spoilt in [("codeVerifier", "x".repeat(43)), ("codeVerifier", String::new()), ("redirectURL", "x".to_owned())] {
        let answer = sign_in(&provider, &guest, "ann", |body| {
            body.insert(spoilt.0.to_owned(), json!(spoilt.1));
        });
        assert_eq!((answer.status, answer.message()), (400, "Failed to fetch OAuth2 token."), "{spoilt:?}");
    }
    let used = Mutex::new(Map::new());
    let answer = sign_in(&provider, &guest, "ann", |body| *used.lock().unwrap() = body.clone());
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((&answer.body["meta"]["isNew"], &answer.body["record"]["verified"]), (&json!(true), &json!(true)));
    let signed_in = guest.with_token(&text(&answer.body["token"]));
    assert_eq!(signed_in.post("/api/collections/users/auth-refresh", &json!({})).status, 200);
    let again = guest.post("/api/collections/users/auth-with-oauth2", &Value::Object(used.into_inner().unwrap()));
    assert_eq!(again.status, 400);
}

#[test]
fn an_id_token_is_believed_only_if_the_provider_signed_it_for_us() {
    let provider = Provider::start();
    let url = provider.server.uri();
    let server =
        trusting(&provider, &json!({"userInfoURL": "", "extra": {"jwksURL": format!("{url}/jwks"), "issuers": [url]}}));
    let check = |who: &str, flaw: Value, status: u16| {
        let mut claims = person(who);
        claims.as_object_mut().unwrap().extend(flaw.as_object().unwrap().clone());
        provider.knows(who, claims);
        let answer = sign_in(&provider, &server.anonymous(), who, as_it_is);
        assert_eq!(answer.status, status, "{who}: {}", answer.body);
        if status == 400 {
            assert_eq!(answer.message(), "Failed to fetch OAuth2 user.", "{who}");
        }
    };
    check("proper", json!({}), 200);
    check("forged", json!({"!forged": true}), 400);
    check("unknown-key", json!({"!kid": "two"}), 400);
    check("other-audience", json!({"!aud": "someone else"}), 400);
    check("other-issuer", json!({"!iss": "https://evil.example"}), 400);
    check("expired", json!({"!exp": 1_000_000}), 400);
    check("proper", json!({}), 200);
}

#[test]
fn someone_who_lay_in_wait_finds_the_door_locked() {
    let provider = Provider::start();
    let server = trusting(&provider, &json!({}));
    provider.knows("victim", person("victim"));
    let attacker = server.user("victim");
    assert_eq!(attacker.post("/api/collections/users/auth-refresh", &json!({})).status, 200);

    let victim = sign_in(&provider, &server.anonymous(), "victim", as_it_is);
    assert_eq!(victim.body["record"]["id"], attacker.id);
    assert_eq!(attacker.post("/api/collections/users/auth-refresh", &json!({})).status, 401);
    let credentials = json!({"identity": "victim@example.com", "password": "12345678"});
    assert_eq!(server.anonymous().post("/api/collections/users/auth-with-password", &credentials).status, 400);
    let victim = server.anonymous().with_token(&text(&victim.body["token"]));
    assert_eq!(victim.post("/api/collections/users/auth-refresh", &json!({})).status, 200);
}

#[test]
fn an_address_that_a_provider_does_not_verify_signs_in_to_no_other_record() {
    let provider = Provider::start();
    let server = trusting(&provider, &json!({"name": "microsoft"}));
    let (ana, superuser) = (server.user("ana"), server.superuser());
    let is_verified = json!({"verified": true});
    assert_eq!(superuser.patch(&format!("/api/collections/users/records/{}", ana.id), &is_verified).status, 200);
    provider.knows("attacker", json!({"id": "1", "displayName": "Ana", "mail": "ana@example.com"}));
    provider.knows("ben", json!({"id": "2", "displayName": "Ben", "mail": "ben@example.com"}));
    let microsoft = |body: &mut Map<String, Value>| drop(body.insert("provider".to_owned(), json!("microsoft")));

    let attack = sign_in(&provider, &server.anonymous(), "attacker", microsoft);
    assert_eq!((attack.status, &attack.body["data"]["email"]["code"]), (400, &json!("validation_not_unique")));
    assert_eq!(superuser.get("/api/collections/_externalAuths/records").body["totalItems"], 0);
    // A new person gets an account with the address, which does not count as verified.
    for is_new in [true, false] {
        let ben = sign_in(&provider, &server.anonymous(), "ben", microsoft);
        let (meta, record) = (&ben.body["meta"], &ben.body["record"]);
        assert_eq!((&meta["isNew"], &meta["email"]), (&json!(is_new), &json!("ben@example.com")), "{}", ben.body);
        assert_eq!((&record["email"], &record["verified"]), (&json!("ben@example.com"), &json!(false)));
    }
}

#[test]
fn an_avatar_is_fetched_from_the_public_internet_only() {
    let provider = Provider::start();
    let server = trusting(&provider, &json!({}));
    let url = provider.server.uri();
    let port = url.rsplit(':').next().unwrap();
    for (who, picture) in [
        ("plain", format!("{url}/avatar.png")),
        ("named", format!("http://localhost:{port}/avatar.png")),
        ("mapped", format!("http://[::ffff:127.0.0.1]:{port}/avatar.png")),
        ("decimal", format!("http://2130706433:{port}/avatar.png")),
    ] {
        let mut claims = person(who);
        claims["picture"] = json!(picture);
        provider.knows(who, claims);
        let answer = sign_in(&provider, &server.anonymous(), who, as_it_is);
        assert_eq!((answer.status, &answer.body["record"]["avatar"]), (200, &json!("")), "{who}");
        assert_eq!(answer.body["meta"]["avatarURL"], picture);
    }
    assert!(!provider.was_asked_for("/avatar.png"));
}

#[test]
fn owners_see_and_end_their_own_links() {
    let provider = Provider::start();
    let server = trusting(&provider, &json!({}));
    provider.knows("ann", person("ann"));
    let answer = sign_in(&provider, &server.anonymous(), "ann", as_it_is);
    let (ann, other) = (server.anonymous().with_token(&text(&answer.body["token"])), server.user("ben"));
    let links = |client: &Client| client.get("/api/collections/_externalAuths/records").body["items"].clone();
    assert_eq!(links(&ann)[0]["provider"], "oidc");
    assert_eq!((links(&other), links(&server.anonymous())), (json!([]), json!([])));
    let link = format!("/api/collections/_externalAuths/records/{}", text(&links(&ann)[0]["id"]));
    assert_eq!([other.delete(&link).status, ann.delete(&link).status], [404, 204]);
    assert_eq!(links(&ann), json!([]));
}

#[test]
fn a_provider_that_cannot_be_reached_costs_nothing_but_the_sign_in() {
    let provider = Provider::start();
    provider.knows("ann", person("ann"));
    let server = trusting(&provider, &json!({"tokenURL": "http://127.0.0.1:1/token"}));
    let answer = sign_in(&provider, &server.anonymous(), "ann", as_it_is);
    assert_eq!((answer.status, answer.message()), (400, "Failed to fetch OAuth2 token."));
    assert!(!provider.was_asked_for("/userinfo"));
    assert_eq!(server.superuser().get("/api/collections/users/records").body["totalItems"], 0);
}
