//! The owner's scripts in the running system: loading them, following changes of their files, and the threads of what runs after a
//! commit.
//!
//! A transaction takes the current [`ScriptSet`] when it begins ([`Scripts::hooks`]) and keeps it. A reload compiles the files aside
//! and swaps the whole set in.

mod attachments;
mod events;
mod files;
mod host;
mod inline;
mod pool;
mod reading;
mod routes;
mod tasks;
mod testing;
mod watch;
mod web;

pub use events::{About, EventHandlers};

use super::App;
use super::logs::{LEVEL_ERROR, LEVEL_INFO};
use super::outbound::Guard;
use crate::base::clock::Timestamp;
use crate::domain::model::Schema;
use crate::domain::tx::Hooks;
use crate::domain::{Error, Result};
use crate::scripts::{self, HandlerView, Limits, LoadError, Mistake, ScriptSet};
use arc_swap::ArcSwapOption;
pub use files::{FileInput, FileText, write_definitions};
use host::AppHost;
use inline::InlineHost;
use pool::Pool;
pub use routes::RouteAnswer;
use routes::Runner;
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub use testing::{run_tests, schema_of};
use watch::Stamp;
use web::Web;

/// How often a reload looks whether files are still being changed, and how long it waits in between.
const MAX_LOOKS: usize = 100;
const LOOK_INTERVAL: Duration = Duration::from_millis(30);

/// The options of scripts, from the config file.
#[derive(Clone, Debug)]
pub struct ScriptOptions {
    pub folder: PathBuf,
    /// Whether changed files are loaded while the server runs.
    pub is_watched: bool,
    /// Whether superusers may change the files over the API, and run what they type.
    pub is_editable: bool,
    /// How many handlers may run after commits at the same time.
    pub threads: usize,
    /// How many routes may run at the same time.
    pub route_threads: usize,
    /// Whether the server itself has a route for a method and a path.
    pub is_built_in: fn(&str, &str) -> bool,
    /// The hosts and networks that scripts may ask by HTTP although they are not public. See [`Guard::parse`].
    pub http_allow: Vec<String>,
    pub limits: Limits,
}

/// The scripts of the running system.
#[derive(Default)]
pub(super) struct Scripts(Option<Inner>);

struct Inner {
    options: ScriptOptions,
    host: Arc<AppHost>,
    /// The same for calls on async threads.
    inline_host: Arc<dyn scripts::Host>,
    /// What transactions begin with. `None` if nothing is registered.
    current: ArcSwapOption<ScriptSet>,
    /// The same set, if it has routes.
    serving: ArcSwapOption<ScriptSet>,
    runner: Runner,
    /// The last set that was loaded, also if it is empty, and what is wrong with the files now.
    state: Mutex<State>,
    /// Held from the reading of the files until they are in force, so that an older state never replaces a newer one.
    reloads: Mutex<()>,
    /// Held while the API reads or changes files, so that what was compared is what is replaced.
    files: tokio::sync::Mutex<()>,
    /// Held during a check, so that only one runs at a time: each may take seconds. Access to the files does not wait for it.
    checks: tokio::sync::Mutex<()>,
}

struct State {
    set: Arc<ScriptSet>,
    loaded: Timestamp,
    problem: Option<Mistake>,
}

/// The scripts as superusers see them.
#[derive(Clone, Debug)]
pub struct ScriptsView {
    pub folder: PathBuf,
    pub is_watched: bool,
    pub is_editable: bool,
    /// When the scripts in force were loaded. Their counters begin then.
    pub loaded: Timestamp,
    pub handlers: Vec<HandlerView>,
    /// What keeps the files of the folder from being used. An earlier version of them is in force then.
    pub problem: Option<Mistake>,
}

impl Scripts {
    /// Loads the scripts. Fails if one of them has a mistake.
    pub fn open(options: Option<&ScriptOptions>, schema: &Schema) -> Result<Self> {
        let Some(options) = options else { return Ok(Self(None)) };
        let guard = Guard::of_setting("scripts.http_allow", &options.http_allow).map_err(Error::Internal)?;
        let host = Arc::new(AppHost::new(Pool::new(options.threads), Web::new(guard)));
        let set = Inner::load_set(options, &host)
            .map_err(|error| Error::Internal(format!("the scripts cannot be used: {error}")))?;
        warn_of_unknown(options, &set, schema);
        let current = ArcSwapOption::new(in_force(&set));
        let serving = ArcSwapOption::new(with_routes(&set));
        let runner = Runner::new(options.route_threads);
        let inline_host = Arc::new(InlineHost(Arc::clone(&host)));
        let state = Mutex::new(State { set, loaded: Timestamp::now(), problem: None });
        let (files, checks) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default());
        let options = options.clone();
        let reloads = Mutex::default();
        Ok(Self(Some(Inner { options, host, inline_host, current, serving, runner, state, reloads, files, checks })))
    }

    /// Gives scripts their way to the system.
    pub fn connect(&self, app: &App) {
        if let Some(inner) = &self.0 {
            inner.host.connect(app);
            let state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
            tasks::follow(app, &state.set);
        }
    }

    /// Warns of handlers for collections of `old` that `new` does not have.
    pub fn warn_of_deleted(&self, old: &Schema, new: &Schema) {
        let Some(set) = self.0.as_ref().and_then(|inner| inner.current.load_full()) else { return };
        for (name, place) in set.unknown_collections(new).iter().filter(|(name, _)| old.find(name).is_some()) {
            tracing::warn!("{place}: the collection {name:?} was deleted, so this handler does not run any more");
        }
    }

    /// What a transaction begins with.
    pub fn hooks(&self) -> Option<Arc<dyn Hooks>> {
        let set = self.0.as_ref()?.current.load_full()?;
        Some(set)
    }
}

impl Inner {
    fn load_set(options: &ScriptOptions, host: &Arc<AppHost>) -> std::result::Result<Arc<ScriptSet>, LoadError> {
        let host: Arc<dyn scripts::Host> = Arc::<AppHost>::clone(host);
        let set = scripts::load(&scripts::Sources::new(&options.folder), &options.limits, &host)?;
        set.check_routes(options.is_built_in)?;
        Ok(set)
    }

    /// Loads the files when nobody is changing them, so that files which belong together are read in one state. A folder in
    /// which something changes all the time is read as it is.
    fn load_settled(&self) -> std::result::Result<Arc<ScriptSet>, LoadError> {
        for _ in 0..MAX_LOOKS {
            let before = Stamp::of(&self.options.folder);
            if !before.is_fresh() {
                let loaded = Self::load_set(&self.options, &self.host);
                if Stamp::of(&self.options.folder) == before {
                    return loaded;
                }
            }
            std::thread::sleep(LOOK_INTERVAL);
        }
        Self::load_set(&self.options, &self.host)
    }

    /// Loads the files again. If one has a mistake, the scripts that are in force stay, and the mistake is logged once.
    fn reload(&self, app: &App) {
        let _in_order = self.reloads.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = self.load_settled();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match loaded {
            // Opening a file for writing and closing it is a change, too.
            Ok(set) if set.is_same(&state.set) && state.problem.is_none() => {}
            Ok(set) => {
                self.current.store(in_force(&set));
                self.serving.store(with_routes(&set));
                tasks::follow(app, &set);
                // Only now: who reads it may count on it.
                let (files, handlers) = (set.files().len(), set.handlers().len());
                tracing::info!(files, handlers, "the scripts are loaded");
                let data = json!({"type": "script", "place": "", "files": files, "handlers": handlers});
                app.logs().note(LEVEL_INFO, "The scripts are loaded.", data);
                warn_of_unknown(&self.options, &set, &app.schema());
                *state = State { set, loaded: Timestamp::now(), problem: None };
            }
            Err(error) => {
                let mistake = error.mistake();
                let is_known =
                    state.problem.as_ref().is_some_and(|known| Mistake { at: mistake.at, ..known.clone() } == mistake);
                if !is_known {
                    tracing::error!("the changed scripts are not used: {error}");
                    let message = format!("The changed scripts are not used: {}", error.message);
                    app.logs().note(
                        LEVEL_ERROR,
                        message,
                        json!({"type": "script", "place": error.place(), "file": error.file}),
                    );
                    state.problem = Some(mistake);
                }
            }
        }
    }
}

/// Starts a thread on which scripts have room.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(scripts::STACK_BYTES);
    let started = thread.spawn(|| {
        scripts::note_room();
        work();
    });
    started.map(drop)
}

/// A set without handlers need not be asked.
fn in_force(set: &Arc<ScriptSet>) -> Option<Arc<ScriptSet>> {
    (!set.is_empty()).then(|| Arc::clone(set))
}

/// A set without routes need not be asked.
fn with_routes(set: &Arc<ScriptSet>) -> Option<Arc<ScriptSet>> {
    set.has_routes().then(|| Arc::clone(set))
}

/// The collection may be created later, so this is no error. With `--dev` all names that stand for nothing are told.
fn warn_of_unknown(options: &ScriptOptions, set: &ScriptSet, schema: &Schema) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        for found in scripts::lint(&scripts::Sources::new(&options.folder), &options.limits, Some(schema)) {
            tracing::warn!("{found}");
        }
        return;
    }
    for (name, place) in set.unknown_collections(schema) {
        tracing::warn!("{place}: there is no collection {name:?}, so this handler does not run");
    }
}

impl App {
    /// Follows changes of the files, if that is wanted.
    pub fn start_scripts(&self) {
        if let Some(inner) = self.0.shared.scripts.0.as_ref().filter(|inner| inner.options.is_watched) {
            watch::start(self, &inner.options.folder);
        }
    }

    /// Loads the scripts again.
    pub fn reload_scripts(&self) {
        if let Some(inner) = &self.0.shared.scripts.0 {
            inner.reload(self);
        }
    }

    /// The scripts in force, `None` if the server was started without.
    #[must_use]
    pub fn scripts(&self) -> Option<ScriptsView> {
        let inner = self.0.shared.scripts.0.as_ref()?;
        let state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let options = &inner.options;
        Some(ScriptsView {
            folder: std::path::absolute(&options.folder).unwrap_or_else(|_| options.folder.clone()),
            is_watched: options.is_watched,
            is_editable: options.is_editable,
            loaded: state.loaded,
            handlers: state.set.handlers(),
            problem: state.problem.clone(),
        })
    }

    /// Waits until the handlers after commits have run, for `time` at most.
    pub async fn finish_scripts(&self, time: Duration) {
        let Some(inner) = &self.0.shared.scripts.0 else { return };
        let host = Arc::clone(&inner.host);
        let waited = self.blocking(move || host.pool().finish(time)).await;
        if !waited.unwrap_or(false) {
            tracing::warn!("some handlers of scripts were not run, because the server stops");
        }
    }
}
