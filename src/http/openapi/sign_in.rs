//! The sign-in endpoints of auth collections, as far as their options enable them.

use super::operation::{Operation, expand, fields, path_parameter};
use super::records::segment;
use super::shapes::object;
use super::{Audience, schemas};
use crate::domain::model::Collection;
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations(collection: &Collection, audience: Audience) -> Vec<Operation> {
    let Some(options) = collection.auth.as_deref() else { return Vec::new() };
    let all = Flow { collection };
    let mut operations = vec![all.methods(), all.refresh()];
    let has_password = options.password_auth.enabled;
    if has_password {
        let keys: [(&str, Value); 4] = [
            ("identity", text("The value of an identity field, such as an e-mail address.")),
            ("password", text("")),
            ("identityField", json!({"enum": options.password_auth.identity_fields})),
            ("mfaId", text("The `mfaId` that the first factor returned.")),
        ];
        operations.push(all.sign_in("auth-with-password", "Sign in with a password", &keys, &["identity", "password"]));
    }
    if options.oauth2.enabled {
        let keys = ["provider", "code", "codeVerifier", "redirectURL", "mfaId"].map(|key| (key, text("")));
        let needed = ["provider", "code", "redirectURL"];
        operations.push(all.sign_in("auth-with-oauth2", "Sign in with a provider's code", &keys, &needed));
    }
    if options.otp.enabled {
        let answer = object(&[("otpId", text("Must be sent together with the code."))], &["otpId"]);
        operations.push(
            all.post("request-otp", "Send a one-time code")
                .takes(&object(&[("email", text(""))], &["email"]))
                .gives("The id of the code. It is also returned if no record has this address.", &answer),
        );
        let keys = ["otpId", "password", "mfaId"].map(|key| (key, text("")));
        operations.push(all.sign_in("auth-with-otp", "Sign in with a one-time code", &keys, &["otpId", "password"]));
    }
    operations.extend(all.mail_flows(has_password));
    if audience == Audience::Superusers {
        operations.push(all.impersonate());
    }
    operations
}

struct Flow<'a> {
    collection: &'a Collection,
}

impl Flow<'_> {
    fn path(&self, verb: &str) -> String {
        format!("/api/collections/{}/{verb}", segment(&self.collection.name))
    }

    fn operation(&self, method: Method, verb: &str, summary: &str) -> Operation {
        let name = &self.collection.name;
        let id = verb.split('/').next().unwrap_or_default().replace('-', "_");
        Operation::new(method, self.path(verb), format!("{id}_{name}"), summary).tag(name).fails(&["400", "403", "404"])
    }

    fn post(&self, verb: &str, summary: &str) -> Operation {
        self.operation(Method::POST, verb, summary)
    }

    fn methods(&self) -> Operation {
        let answer = json!({"type": "object", "required": ["password", "oauth2", "mfa", "otp"], "properties": {
            "password": {"type": "object"}, "oauth2": {"type": "object"}, "mfa": {"type": "object"}, "otp": {"type": "object"},
        }});
        self.operation(Method::GET, "auth-methods", "List the ways to sign in")
            .parameters([fields()])
            .gives("The options of each way.", &answer)
    }

    fn signed_in(&self) -> Value {
        let record = schemas::reference(&format!("{}Record", self.collection.name));
        json!({"type": "object", "required": ["record", "token"], "properties": {
            "record": record, "token": {"type": "string"}, "meta": {"type": "object"},
        }})
    }

    /// Adds the response for a second factor, which is the only error outside the envelope.
    fn sign_in(&self, verb: &str, summary: &str, keys: &[(&str, Value)], needed: &[&str]) -> Operation {
        let challenge = json!({"type": "object", "required": ["mfaId"], "properties": {"mfaId": {"type": "string"}}});
        let schema = json!({"anyOf": [challenge, schemas::reference("Error")]});
        let second = json!({
            "description": "A second factor is required: sign in by another method with this `mfaId`.",
            "content": {"application/json": {"schema": schema}},
        });
        self.post(verb, summary)
            .parameters([expand(), fields()])
            .takes(&object(keys, needed))
            .gives("The token and the record.", &self.signed_in())
            .answers("401", &second)
    }

    fn refresh(&self) -> Operation {
        self.post("auth-refresh", "Exchange a valid token for a new one")
            .parameters([expand(), fields()])
            .needs_token()
            .gives("The token and the record.", &self.signed_in())
    }

    fn impersonate(&self) -> Operation {
        let duration = json!({"type": "integer", "minimum": 0, "description": "Lifetime in seconds; 0 for that of the collection's tokens."});
        let body = object(&[("duration", duration)], &[]);
        self.post("impersonate/{id}", "Get a token of another record")
            .parameters([path_parameter("id", "The record's id."), expand(), fields()])
            .needs_token()
            .takes_content(&json!({"application/json": {"schema": body}}), false)
            .gives("The token and the record.", &self.signed_in())
    }

    fn mail_flows(&self, has_password: bool) -> Vec<Operation> {
        let flow = |verb: &str, summary: &str, keys: &[&str]| {
            let texts: Vec<_> = keys.iter().map(|key| (*key, text(""))).collect();
            self.post(verb, summary).takes(&object(&texts, keys)).gives_nothing("Accepted.")
        };
        let mut flows = vec![
            flow("request-verification", "Send a mail to verify an address", &["email"]),
            flow("confirm-verification", "Verify an address", &["token"]),
            flow("request-email-change", "Send a mail to a new address", &["newEmail"]).needs_token(),
            flow("confirm-email-change", "Change the address", &["token", "password"]),
            flow("confirm-password-reset", "Choose a new password", &["token", "password", "passwordConfirm"]),
        ];
        if has_password {
            flows.push(flow("request-password-reset", "Send a mail to choose a new password", &["email"]));
        }
        flows
    }
}

fn text(description: &str) -> Value {
    if description.is_empty() {
        json!({"type": "string"})
    } else {
        json!({"type": "string", "description": description})
    }
}
