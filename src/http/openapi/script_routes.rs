//! The routes of scripts that describe themselves.

use super::Audience;
use super::operation::{Operation, path_parameter};
use crate::scripts::{DescribedRoute, Guard};
use http::Method;
use serde_json::{Value, json};

pub(super) const TAG: &str = "scripts";

/// Adds the routes to `paths`.
pub(super) fn add(paths: &mut Value, routes: &[DescribedRoute], audience: Audience) {
    for route in routes.iter().filter(|route| is_shown(route, audience)) {
        let path = route.path.replace("...}", "}");
        let Ok(method) = Method::from_bytes(route.method.as_bytes()) else { continue };
        let described = operation(route, method, &path).into_json();
        let name = route.method.to_lowercase();
        if let Some(paths) = paths.as_object_mut()
            && let Some(item) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut()
        {
            item.insert(name, described);
        }
    }
}

pub(super) fn is_shown(route: &DescribedRoute, audience: Audience) -> bool {
    audience == Audience::Superusers || route.guard != Guard::Superusers
}

fn operation(route: &DescribedRoute, method: Method, path: &str) -> Operation {
    let about = &route.about;
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = names.map(|name| path_parameter(name, "A part of the path.")).collect();
    let mut operation = Operation::new(method, path, id_of(route.method, path), about.summary.as_str())
        .tag(TAG)
        .describe(&about.description)
        .parameters(parameters)
        .gives("The answer of the script.", about.response.as_ref().unwrap_or(&json!({})));
    if let Some(schema) = &about.request {
        operation = operation.takes(schema);
    }
    match route.guard {
        Guard::SignedIn | Guard::Collections(_) | Guard::Superusers => operation.needs_token(),
        Guard::Anyone | Guard::Guests => operation,
    }
}

/// `GET /shop/{id}` is `script_get_shop_id`. No other operation begins so.
fn id_of(method: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once("script").chain([method.to_lowercase().as_str()]).chain(words).collect::<Vec<_>>().join("_")
}
