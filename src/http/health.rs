//! `/api/health`: whether the server is up. Superusers also see how the server sees their connection.

use super::client_ip::PROXY_HEADERS;
use super::extract::{ApiQuery, ClientIp};
use super::{ApiError, picked_json};
use crate::app::App;
use crate::base::ip;
use crate::domain::caller::Caller;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde_json::json;

pub(super) async fn show(
    State(app): State<App>,
    caller: Caller,
    ClientIp(address): ClientIp,
    query: ApiQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let data = if caller.is_superuser() {
        let settings = app.settings();
        // Headers that are trusted already come first, so that an owner can verify that they arrive.
        let trusted = settings.trusted_proxy.headers.iter().map(String::as_str);
        let is_sent = |name: &&str| headers.get(*name).is_some_and(|value| !value.is_empty());
        let proxy_header = trusted.chain(PROXY_HEADERS).find(is_sent).unwrap_or_default();
        let disk = app.disk();
        json!({
            "canBackup": app.can_back_up(),
            "realIP": ip::text(address),
            "possibleProxyHeader": proxy_header,
            "disk": {"isFull": disk.is_full, "freeBytes": disk.free_bytes, "reserveBytes": disk.reserve_bytes},
            "logs": {"damagedFile": app.logs().damaged_file()},
        })
    } else {
        json!({})
    };
    picked_json(&query, json!({"message": "API is healthy.", "code": 200, "data": data}))
}
