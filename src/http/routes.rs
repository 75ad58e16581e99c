//! All routes, one line each. The access-matrix test parses this file: keep each route on one line.

use super::router::Access::{Anyone, SignedIn, Superusers};
use super::router::{BodyLimit, Route};
use super::{
    auth, backups, batch, collections, crons, email_change, export, files, health, imports, jobs, logs, oauth2, otp,
};
use super::{
    openapi, password_reset, realtime, records, rules, scripts, server_info, settings, sql, types, ui, verification,
    webhooks,
};
use http::Method;

/// In the order of the API reference.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/health", Anyone, health::show),
        Route::new(Method::GET, "/api/openapi.json", Anyone, openapi::show),

        Route::new(Method::GET, "/api/settings", Superusers, settings::show),
        Route::new(Method::PATCH, "/api/settings", Superusers, settings::update).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/settings/test/s3", Superusers, settings::test_s3),
        Route::new(Method::POST, "/api/settings/apple/generate-client-secret", Superusers, oauth2::apple_secret),
        Route::new(Method::POST, "/api/settings/test/email", Superusers, settings::test_email),

        Route::new(Method::GET, "/api/collections", Superusers, collections::list),
        Route::new(Method::POST, "/api/collections", Superusers, collections::create).body(BodyLimit::Usual),
        Route::new(Method::PUT, "/api/collections/import", Superusers, collections::import).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/collections/preview", Superusers, collections::preview_create).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/collections/{c}/preview", Superusers, collections::preview_update).body(BodyLimit::Usual),
        Route::new(Method::PUT, "/api/collections/import/preview", Superusers, collections::preview_import).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/collections/meta/scaffolds", Superusers, collections::scaffolds),
        Route::new(Method::GET, "/api/collections/meta/oauth2-providers", Superusers, collections::oauth2_providers),
        Route::new(Method::POST, "/api/collections/meta/dry-run-view", Superusers, collections::dry_run_view).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/collections/meta/rule-words", Superusers, rules::words),
        Route::new(Method::POST, "/api/collections/{c}/rules/parse", Superusers, rules::parse).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/collections/{c}/rules/test", Superusers, rules::test).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/collections/{c}/aggregate", Superusers, rules::aggregate),
        Route::new(Method::GET, "/api/collections/{c}", Superusers, collections::view),
        Route::new(Method::PATCH, "/api/collections/{c}", Superusers, collections::update).body(BodyLimit::Usual),
        Route::new(Method::DELETE, "/api/collections/{c}", Superusers, collections::delete),
        Route::new(Method::DELETE, "/api/collections/{c}/truncate", Superusers, collections::truncate),

        Route::new(Method::GET, "/api/collections/{c}/export", Anyone, export::show).slow(),
        Route::new(Method::GET, "/api/imports", Superusers, imports::list),
        Route::new(Method::POST, "/api/imports", Superusers, imports::create).body(BodyLimit::None).slow(),
        Route::new(Method::GET, "/api/imports/{id}", Superusers, imports::view),
        Route::new(Method::PATCH, "/api/imports/{id}", Superusers, imports::update).slow(),
        Route::new(Method::DELETE, "/api/imports/{id}", Superusers, imports::delete),
        Route::new(Method::POST, "/api/imports/{id}/run", Superusers, imports::run).body(BodyLimit::Usual).slow(),
        Route::new(Method::GET, "/api/imports/{id}/undo", Superusers, imports::inspect).slow(),
        Route::new(Method::POST, "/api/imports/{id}/undo", Superusers, imports::undo).slow(),

        Route::new(Method::GET, "/api/collections/{c}/records", Anyone, records::list).tagged(&["list"]),
        Route::new(Method::POST, "/api/collections/{c}/records", Anyone, records::create).tagged(&["create"]).body(BodyLimit::Record),
        Route::new(Method::GET, "/api/collections/{c}/records/{id}", Anyone, records::view).tagged(&["view"]),
        Route::new(Method::PATCH, "/api/collections/{c}/records/{id}", Anyone, records::update).tagged(&["update"]).body(BodyLimit::Record),
        Route::new(Method::DELETE, "/api/collections/{c}/records/{id}", Anyone, records::delete).tagged(&["delete"]),
        Route::new(Method::POST, "/api/batch", Anyone, batch::batch).body(BodyLimit::Batch),

        Route::new(Method::GET, "/api/collections/{c}/auth-methods", Anyone, auth::methods).tagged(&["listAuthMethods"]),
        Route::new(Method::POST, "/api/collections/{c}/auth-with-password", Anyone, auth::with_password).tagged(&["authWithPassword", "auth"]),
        Route::new(Method::POST, "/api/collections/{c}/auth-with-oauth2", Anyone, oauth2::with_oauth2).tagged(&["authWithOAuth2", "auth"]).body(BodyLimit::RecordValues),
        Route::new(Method::POST, "/api/collections/{c}/request-otp", Anyone, otp::request).tagged(&["requestOTP"]),
        Route::new(Method::POST, "/api/collections/{c}/auth-with-otp", Anyone, otp::sign_in).tagged(&["authWithOTP", "auth"]),
        Route::new(Method::POST, "/api/collections/{c}/request-verification", Anyone, verification::request).tagged(&["requestVerification"]),
        Route::new(Method::POST, "/api/collections/{c}/confirm-verification", Anyone, verification::confirm).tagged(&["confirmVerification"]),
        Route::new(Method::POST, "/api/collections/{c}/request-password-reset", Anyone, password_reset::request).tagged(&["requestPasswordReset"]),
        Route::new(Method::POST, "/api/collections/{c}/confirm-password-reset", Anyone, password_reset::confirm).tagged(&["confirmPasswordReset"]),
        Route::new(Method::POST, "/api/collections/{c}/request-email-change", Anyone, email_change::request).tagged(&["requestEmailChange"]),
        Route::new(Method::POST, "/api/collections/{c}/confirm-email-change", Anyone, email_change::confirm).tagged(&["confirmEmailChange"]),
        Route::new(Method::POST, "/api/collections/{c}/auth-refresh", SignedIn, auth::refresh).tagged(&["authRefresh"]),
        Route::new(Method::POST, "/api/collections/{c}/impersonate/{id}", Superusers, auth::impersonate),

        Route::new(Method::GET, "/api/logs", Superusers, logs::list),
        Route::new(Method::GET, "/api/logs/stats", Superusers, logs::stats),
        Route::new(Method::GET, "/api/logs/{id}", Superusers, logs::view),
        Route::new(Method::DELETE, "/api/logs", Superusers, logs::clear),
        Route::new(Method::GET, "/api/crons", Superusers, crons::list),
        Route::new(Method::POST, "/api/crons/{id}", Superusers, crons::run),
        Route::new(Method::GET, "/api/jobs", Superusers, jobs::list),
        Route::new(Method::POST, "/api/jobs", Superusers, jobs::create).body(BodyLimit::Usual),
        Route::new(Method::DELETE, "/api/jobs", Superusers, jobs::delete_all),
        Route::new(Method::GET, "/api/jobs/names", Superusers, jobs::names),
        Route::new(Method::POST, "/api/jobs/retry", Superusers, jobs::retry_all).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/jobs/{id}", Superusers, jobs::view),
        Route::new(Method::POST, "/api/jobs/{id}/retry", Superusers, jobs::retry),
        Route::new(Method::DELETE, "/api/jobs/{id}", Superusers, jobs::delete),
        Route::new(Method::GET, "/api/webhooks", Superusers, webhooks::list),
        Route::new(Method::POST, "/api/webhooks", Superusers, webhooks::create).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/webhooks/preview", Superusers, webhooks::preview).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/webhooks/deliveries", Superusers, webhooks::deliveries),
        Route::new(Method::GET, "/api/webhooks/deliveries/{id}", Superusers, webhooks::view_delivery),
        Route::new(Method::POST, "/api/webhooks/deliveries/{id}/replay", Superusers, webhooks::replay_delivery),
        Route::new(Method::GET, "/api/webhooks/{id}", Superusers, webhooks::view),
        Route::new(Method::PATCH, "/api/webhooks/{id}", Superusers, webhooks::update).body(BodyLimit::Usual),
        Route::new(Method::DELETE, "/api/webhooks/{id}", Superusers, webhooks::delete),
        Route::new(Method::POST, "/api/webhooks/{id}/rotate", Superusers, webhooks::rotate).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/webhooks/{id}/test", Superusers, webhooks::test).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/webhooks/{id}/replay", Superusers, webhooks::replay).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/scripts", Superusers, scripts::list),
        Route::new(Method::POST, "/api/scripts/check", Superusers, scripts::check).body(BodyLimit::Usual),
        Route::new(Method::POST, "/api/scripts/run", Superusers, scripts::run).body(BodyLimit::Usual),
        Route::new(Method::GET, "/api/scripts/files/{*path}", Superusers, scripts::view),
        Route::new(Method::PUT, "/api/scripts/files/{*path}", Superusers, scripts::write).body(BodyLimit::Usual),
        Route::new(Method::DELETE, "/api/scripts/files/{*path}", Superusers, scripts::delete),
        Route::new(Method::GET, "/api/backups", Superusers, backups::list),
        Route::new(Method::POST, "/api/backups", Superusers, backups::create).slow(),
        Route::new(Method::POST, "/api/backups/upload", Superusers, backups::upload).body(BodyLimit::None).slow(),
        Route::new(Method::GET, "/api/backups/{key}", Anyone, backups::download),
        Route::new(Method::POST, "/api/backups/{key}/restore", Superusers, backups::restore).slow(),
        Route::new(Method::DELETE, "/api/backups/{key}", Superusers, backups::delete),
        Route::new(Method::GET, "/api/server", Superusers, server_info::show),
        Route::new(Method::POST, "/api/server/check", Superusers, server_info::start_check),
        Route::new(Method::GET, "/api/types/ts", Superusers, types::typescript),
        Route::new(Method::GET, "/api/exposure", Superusers, rules::exposure),
        Route::new(Method::POST, "/api/sql", Superusers, sql::run).body(BodyLimit::Usual),

        Route::new(Method::GET, "/api/oauth2-redirect", Anyone, realtime::oauth2_redirect),
        Route::new(Method::POST, "/api/oauth2-redirect", Anyone, realtime::oauth2_redirect_form),

        Route::new(Method::GET, "/api/realtime", Anyone, realtime::connect),
        Route::new(Method::POST, "/api/realtime", Anyone, realtime::subscribe).body(BodyLimit::Subscriptions),
        Route::new(Method::POST, "/api/files/token", SignedIn, files::token),
        Route::new(Method::GET, "/api/files/{c}/{id}/{name}", Anyone, files::show).tagged(&["file"]),

        Route::new(Method::GET, "/_", Anyone, ui::redirect),
        Route::new(Method::GET, "/_/", Anyone, ui::index),
        Route::new(Method::GET, "/_/{*path}", Anyone, ui::file),
    ]
}
