//! What scripts reach of the running system.

use super::attachments;
use super::pool::{Pool, QueuedCall};
use super::web::Web;
use crate::app::disk::Need;
use crate::app::limits::{Client, RankedClient};
use crate::app::logs::{LEVEL_DEBUG, LEVEL_ERROR, LEVEL_INFO, LEVEL_WARNING};
use crate::app::{App, WeakApp};
use crate::base::password::Hash;
use crate::domain::caller::Caller;
use crate::domain::mail::Postbox;
use crate::domain::model::Record;
use crate::domain::records::StoredFile;
use crate::domain::tx::{ReadTx, Saved};
use crate::domain::{Error, Result};
use crate::scripts::{self, Cache, EventCall, Host, HttpCall, HttpReply, Level, NewFile, ScriptSet, Staged, Work};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};

/// Holds the system weakly, because the system holds it.
pub(super) struct AppHost {
    app: OnceLock<WeakApp>,
    pool: Pool,
    web: Web,
    cache: Cache,
}

impl AppHost {
    pub fn new(pool: Pool, web: Web) -> Self {
        Self { app: OnceLock::new(), pool, web, cache: Cache::default() }
    }

    pub fn connect(&self, app: &App) {
        // It is empty: this is called once, when the system is put together.
        let _ = self.app.set(app.downgrade());
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Queues a call of the handlers of `set`, to run soon.
    pub fn queue(&self, set: &Arc<ScriptSet>, call: EventCall) {
        if self.pool.push(set, [QueuedCall::Event(Box::new(call))]) > 0 {
            self.log(Level::Error, "a handler was not run: too many wait", "");
        }
    }

    /// [`Host::read`] on an async thread: `None` if it would take longer than such a thread may be blocked.
    pub fn try_read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Option<Result<()>> {
        let work = RefCell::new(work);
        match self.app() {
            Ok(app) => app.read_quickly(|tx| (work.borrow_mut())(tx)),
            Err(error) => Some(Err(error)),
        }
    }

    fn app(&self) -> Result<App> {
        self.app.get().and_then(WeakApp::upgrade).ok_or_else(|| Error::Internal("the server has stopped".to_owned()))
    }
}

impl fmt::Debug for AppHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppHost")
    }
}

impl Host for AppHost {
    fn read(&self, work: &mut dyn FnMut(&ReadTx) -> Result<()>) -> Result<()> {
        let work = RefCell::new(work);
        self.app()?.read_now(|tx| (work.borrow_mut())(tx))
    }

    fn write(&self, work: Work) -> Result<()> {
        let app = self.app()?;
        app.0.lane.run_blocking(app.terms(Need::Ordinary), work)
    }

    fn hash(&self, plain: &str) -> Result<Hash> {
        Ok(App::hash_now(plain))
    }

    fn committed(&self, set: &Arc<ScriptSet>, saved: Vec<Arc<Saved>>) {
        let lost = self.pool.push(set, saved.into_iter().map(QueuedCall::Saved));
        if lost > 0 {
            let message = format!("{lost} handlers after commits were not run: too many wait");
            self.log(Level::Error, &message, "");
        }
    }

    fn jobs(&self) -> Vec<(String, i64)> {
        self.app().map(|app| app.known_jobs()).unwrap_or_default()
    }

    fn postbox(&self) -> Result<Postbox> {
        Ok(self.app()?.postbox())
    }

    fn http(&self, call: HttpCall) -> std::result::Result<HttpReply, String> {
        self.web.send(call)
    }

    fn verify(&self, record: &Arc<Record>, plain: &str) -> Result<bool> {
        let (app, client) = (self.app()?, Client::from(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let (collection, stored) = (Arc::clone(&record.collection), record.text("password").to_owned());
        // In turn with the sign-ins, so that scripts cannot use all processors.
        let ranked = RankedClient::new(client, &Caller::Anonymous);
        let verified = app.verify_password(ranked, &collection, plain.to_owned(), Some(stored));
        Ok(self.web.block_on(verified)?.is_match)
    }

    fn stage(&self, original: &str, content: Bytes) -> Result<Staged> {
        let app = self.app()?;
        self.web.block_on(attachments::stage(&app, original, content))
    }

    fn write_with_files(&self, files: Vec<NewFile>, work: Work) -> Result<()> {
        let app = self.app()?;
        self.web.block_on(attachments::write(&app, files, work))
    }

    fn read_file(&self, file: &StoredFile, thumb: &str) -> Result<Option<Bytes>> {
        let app = self.app()?;
        self.web.block_on(attachments::read(&app, file, thumb))
    }

    fn cache(&self) -> &Cache {
        &self.cache
    }

    fn note(&self, level: Level, message: &str, place: &str, fields: &Map<String, Value>) {
        let shown = if fields.is_empty() { String::new() } else { format!(" {}", Value::Object(fields.clone())) };
        if scripts::takes_line(level, &format!("{message}{shown}"), place) {
            return;
        }
        let number = match level {
            Level::Debug => {
                tracing::debug!(target: "scripts", place, "{message}{shown}");
                LEVEL_DEBUG
            }
            Level::Info => {
                tracing::info!(target: "scripts", place, "{message}{shown}");
                LEVEL_INFO
            }
            Level::Warn => {
                tracing::warn!(target: "scripts", place, "{message}{shown}");
                LEVEL_WARNING
            }
            Level::Error => {
                tracing::error!(target: "scripts", place, "{message}{shown}");
                LEVEL_ERROR
            }
        };
        if let Ok(app) = self.app() {
            let file = place.split(':').next().unwrap_or_default();
            let mut data = json!({"type": "script", "place": place, "file": file});
            if !fields.is_empty() {
                data["fields"] = Value::Object(fields.clone());
            }
            app.logs().note(number, message, data);
        }
    }
}
