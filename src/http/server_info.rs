//! `/api/server`: versions, sizes and checks of the running server, for superusers.

use super::extract::ApiQuery;
use super::{ApiError, picked_json};
use crate::app::App;
use crate::app::checkup::{Checkup, Running};
use crate::base::clock::Timestamp;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

type Answer = Result<Response, ApiError>;

pub(super) async fn show(State(app): State<App>, query: ApiQuery) -> Answer {
    let info = app.server_info().await?;
    let (sizes, disk) = (&info.sizes, app.disk());
    let uptime = (Timestamp::now().millis() - info.started.millis()).max(0) / 1000;
    picked_json(
        &query,
        json!({
            "version": info.version,
            "engine": info.engine,
            "migrations": {"count": info.migrations.count, "latest": info.migrations.latest},
            "started": info.started.to_string(),
            "uptime": uptime,
            "sizes": {
                "database": sizes.database,
                "unused": sizes.unused,
                "writeAheadLog": sizes.write_ahead_log,
                "requestLog": sizes.request_log,
                "files": sizes.files,
                "backups": sizes.backups,
                "isComplete": sizes.is_complete,
            },
            "disk": {"isFull": disk.is_full, "freeBytes": disk.free_bytes, "reserveBytes": disk.reserve_bytes},
            "check": check(&app),
        }),
    )
}

/// Starts a check of the database, unless one is under way. Answers without waiting for it.
pub(super) async fn start_check(State(app): State<App>, query: ApiQuery) -> Answer {
    app.start_checkup();
    picked_json(&query, check(&app))
}

fn check(app: &App) -> Value {
    let (running, last) = app.checkup();
    json!({"running": running.as_ref().map(shown_running), "last": last.as_ref().map(shown)})
}

fn shown_running(running: &Running) -> Value {
    json!({"started": running.started.to_string(), "done": running.done, "total": running.total})
}

fn shown(checkup: &Checkup) -> Value {
    json!({
        "started": checkup.started.to_string(),
        "finished": checkup.finished.to_string(),
        "tables": checkup.parts,
        "damage": checkup.damage,
        "unchecked": checkup.unchecked,
    })
}
