//! The settings, and the calls that try them out.

use super::operation::{Operation, fields};
use super::schemas::{like, reference};
use super::shapes::{complete, filled_in, flag, integer, object, one_of, text};
use crate::domain::model::Settings;
use http::Method;
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let shown = reference("Settings");
    let post = |path: &str, id: &str, summary: &str| Operation::new(Method::POST, path, id, summary).fails(&["400"]);
    let of_apple = ["clientId", "teamId", "keyId", "privateKey"].map(|key| (key, text()));
    let of_apple: Vec<_> = of_apple.into_iter().chain([("duration", integer())]).collect();
    let of_email = [("email", text()), ("template", text()), ("collection", text())];
    vec![
        Operation::new(Method::GET, "/api/settings", "showSettings", "Get the settings, without secrets")
            .parameters([fields()])
            .gives("The settings.", &shown),
        Operation::new(Method::PATCH, "/api/settings", "updateSettings", "Change some of the settings")
            .parameters([fields()])
            .takes(&shape())
            .gives("The updated settings.", &shown)
            .fails(&["400"]),
        post("/api/settings/test/s3", "testS3", "Test the storage of files or backups")
            .takes(&complete(&[("filesystem", one_of(&["storage", "backups"]))]))
            .gives_nothing("The storage works."),
        post("/api/settings/test/email", "testEmail", "Send a test mail")
            .takes(&object(&of_email, &["email", "template"]))
            .gives_nothing("Sent."),
        post(
            "/api/settings/apple/generate-client-secret",
            "generateAppleClientSecret",
            "Generate a client secret for signing in with Apple",
        )
        .parameters([fields()])
        .takes(&complete(&of_apple))
        .gives("The secret.", &complete(&[("secret", text())])),
    ]
}

/// The settings in answers: all of them but secrets, and but those that are left out while they have their initial value.
pub(super) fn component() -> Value {
    let mut shape = filled_in(shape());
    if let Some(required) = shape["required"].as_array_mut() {
        required.retain(|key| !matches!(key.as_str(), Some("openapi" | "mailLinks")));
    }
    shape
}

fn shape() -> Value {
    let mut shape = like(&Settings::initial().view());
    let more = [("openapi", json!({"public": flag()})), ("mailLinks", json!({"baseURL": text()}))];
    for (key, properties) in more {
        shape["properties"][key] = json!({"type": "object", "properties": properties});
    }
    let secret = json!({"type": "string", "writeOnly": true, "description": "Kept if it is not sent."});
    for (section, key) in [("/smtp", "password"), ("/s3", "secret"), ("/backups/properties/s3", "secret")] {
        if let Some(section) = shape.pointer_mut(&format!("/properties{section}")) {
            section["properties"][key] = secret.clone();
        }
    }
    shape
}
