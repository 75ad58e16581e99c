//! Imports of uploaded files: received, looked at, carried out, and undone while nobody has built on them.
//!
//! An import belongs to the superuser who uploaded it, and lives in this process: a start removes the staged files of the
//! one before. [`Imports`] holds them; [`run`] carries one out.

mod export;
mod run;

pub use export::Export;
pub use run::{Run, RunOutcome};

use super::App;
use super::blobs::StagedFile;
use crate::base::clock::Timestamp;
use crate::base::ids;
use crate::domain::transfer::{
    FileOptions, Item, Journal, Options, Plan, Report, Scratch, Table, UndoPlan, Undone, Unmatched, plan,
};
use crate::domain::{Error, Result};
use indexmap::IndexMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The number of rows that are shown.
const PREVIEW_ROWS: usize = 20;
/// How long an import is kept after it was last used.
const KEEP_SECONDS: i64 = 24 * 60 * 60;
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);
/// How many imports are kept. The one that was used least recently gives way.
const MAX_IMPORTS: usize = 20;
/// How many exports are written at the same time. Others wait.
const MAX_EXPORTS: usize = 2;

/// All imports of this process, by id.
pub(super) struct Imports {
    all: Mutex<IndexMap<String, Arc<Import>>>,
    max_bytes: u64,
    /// Exports under way: each holds a connection for as long as it takes.
    exports: Semaphore,
}

/// An uploaded file and what became of it.
pub struct Import {
    pub id: String,
    /// The id of the superuser who uploaded it.
    owner: String,
    pub created: Timestamp,
    staged: StagedFile,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    expires: Timestamp,
    /// `None` while it is read in another way.
    reading: Option<Arc<Reading>>,
    report: Option<Arc<Report>>,
    journal: Option<Arc<Mutex<Journal>>>,
}

/// What an import may be used for now.
#[derive(Clone, Debug)]
pub enum Phase {
    Ready,
    /// It is carried out, tried, undone or read again until this is done. Cancelling stops it.
    Busy(CancellationToken),
    Done,
}

/// A file as it was read.
#[derive(Debug)]
pub struct Reading {
    pub table: Table,
    pub file_options: FileOptions,
    /// The collection, and the texts that mean null.
    pub options: Options,
    pub preview: Vec<Item>,
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadAs {
    pub file: FileOptions,
    pub collection: String,
    pub nulls: Vec<String>,
}

/// One look at an import.
pub struct View {
    pub phase: Phase,
    pub expires: Timestamp,
    pub reading: Option<Arc<Reading>>,
    pub report: Option<Arc<Report>>,
}

impl Imports {
    pub fn new(max_bytes: u64) -> Self {
        Self { all: Mutex::default(), max_bytes, exports: Semaphore::new(MAX_EXPORTS) }
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, Arc<Import>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, import: Arc<Import>) {
        let mut all = self.lock();
        if all.len() >= MAX_IMPORTS {
            let idle = all.values().filter(|import| !matches!(import.lock().phase, Phase::Busy(_)));
            let oldest = idle.min_by_key(|import| import.lock().expires.millis()).map(|import| import.id.clone());
            if let Some(oldest) = oldest {
                all.shift_remove(&oldest);
            }
        }
        all.insert(import.id.clone(), import);
    }

    /// Drops what has expired, and with it the staged files.
    fn sweep(&self, now: Timestamp) {
        self.lock().retain(|_, import| {
            let state = import.lock();
            state.expires > now || matches!(state.phase, Phase::Busy(_))
        });
    }
}

impl Import {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name and the size of the uploaded file.
    #[must_use]
    pub fn file(&self) -> (&str, u64) {
        (&self.staged.upload.original, self.staged.upload.size)
    }

    #[must_use]
    pub fn view(&self) -> View {
        let state = self.lock();
        View {
            phase: state.phase.clone(),
            expires: state.expires,
            reading: state.reading.clone(),
            report: state.report.clone(),
        }
    }

    /// Returns the file as it was read. Fails while it is read in another way.
    pub fn reading(&self) -> Result<Arc<Reading>> {
        self.lock().reading.clone().ok_or_else(busy)
    }

    /// Claims the import until the result is dropped.
    fn begin(self: &Arc<Self>, needs_done: bool) -> Result<Busy> {
        let mut state = self.lock();
        match (&state.phase, needs_done) {
            (Phase::Ready, false) | (Phase::Done, true) => {}
            (Phase::Busy(_), _) => return Err(busy()),
            (Phase::Done, false) => return Err(Error::bad_request("This import has been carried out already.")),
            (Phase::Ready, true) => return Err(Error::bad_request("This import has not been carried out.")),
        }
        let cancel = CancellationToken::new();
        let before = std::mem::replace(&mut state.phase, Phase::Busy(cancel.clone()));
        state.expires = Timestamp::now().plus_seconds(KEEP_SECONDS);
        drop(state);
        Ok(Busy { import: Arc::clone(self), cancel, after: before })
    }
}

/// Keeps an import to itself.
struct Busy {
    import: Arc<Import>,
    cancel: CancellationToken,
    /// The phase when it is dropped.
    after: Phase,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.import.lock().phase = self.after.clone();
    }
}

fn busy() -> Error {
    Error::bad_request("This import is busy: it is being carried out, tried, undone or read again.")
}

impl App {
    /// The maximum size of an uploaded file, in bytes.
    #[must_use]
    pub fn max_import_bytes(&self) -> u64 {
        self.0.imports.max_bytes
    }

    /// Where temporary files of imports and exports are made.
    fn scratch(&self) -> Result<Scratch> {
        let folder = self.0.places.staging_folder();
        let folder = folder.map_err(|error| Error::Internal(format!("the staging folder cannot be made: {error}")))?;
        Ok(Scratch::inside(folder))
    }

    /// Keeps an uploaded file of the superuser `owner` and reads it once.
    pub async fn receive_import(&self, owner: &str, staged: StagedFile, read_as: ReadAs) -> Result<Arc<Import>> {
        let app = self.clone();
        let (staged, reading) = self
            .blocking(move || {
                let reading = app.read_file(&staged, read_as)?;
                Ok::<_, Error>((staged, reading))
            })
            .await??;
        // The collection must be possible.
        self.suggest(&reading.options, &reading.table)?;
        let now = Timestamp::now();
        let state = State {
            phase: Phase::Ready,
            expires: now.plus_seconds(KEEP_SECONDS),
            reading: Some(Arc::new(reading)),
            report: None,
            journal: None,
        };
        let import = Arc::new(Import {
            id: ids::record_id(),
            owner: owner.to_owned(),
            created: now,
            staged,
            state: Mutex::new(state),
        });
        self.0.imports.insert(Arc::clone(&import));
        Ok(import)
    }

    /// Reads the same file in another way, for example another sheet.
    pub async fn reread_import(&self, import: &Arc<Import>, read_as: ReadAs) -> Result<()> {
        let busy = import.begin(false)?;
        let app = self.clone();
        self.blocking(move || {
            let reading = app.read_file(&busy.import.staged, read_as)?;
            app.suggest(&reading.options, &reading.table)?;
            busy.import.lock().reading = Some(Arc::new(reading));
            Ok(())
        })
        .await?
    }

    fn read_file(&self, staged: &StagedFile, read_as: ReadAs) -> Result<Reading> {
        let missing = |error| Error::Internal(format!("an uploaded file cannot be opened: {error}"));
        let file = File::open(staged.path()).map_err(missing)?;
        self.0.shared.disk.check_upload(staged.upload.size)?;
        let ReadAs { file: file_options, collection, nulls } = read_as;
        let options = Options { into: collection, nulls, unmatched: Unmatched::Skip, ..Options::default() };
        let table = Table::open(file, &staged.upload.original, &file_options, &options, self.scratch()?)?;
        let preview = table.first_rows(PREVIEW_ROWS)?;
        Ok(Reading { table, file_options, options, preview })
    }

    /// Returns what each column would become if nothing else is asked for.
    pub fn suggest(&self, options: &Options, table: &Table) -> Result<Plan> {
        plan(&self.schema(), table, options)
    }

    /// Returns the superuser's import with this id.
    pub fn find_import(&self, owner: &str, id: &str) -> Result<Arc<Import>> {
        self.0.imports.sweep(Timestamp::now());
        let import = self.0.imports.lock().get(id).cloned();
        import.filter(|import| import.owner == owner).ok_or_else(Error::not_found)
    }

    /// Returns the superuser's imports, the newest first.
    #[must_use]
    pub fn list_imports(&self, owner: &str) -> Vec<Arc<Import>> {
        self.0.imports.sweep(Timestamp::now());
        self.0.imports.lock().values().rev().filter(|import| import.owner == owner).cloned().collect()
    }

    /// Cancels the import and removes its files. Imported records stay.
    pub fn forget_import(&self, import: &Import) {
        if let Phase::Busy(cancel) = &import.lock().phase {
            cancel.cancel();
        }
        self.0.imports.lock().shift_remove(&import.id);
    }

    /// Finds out what undoing would do and lose.
    pub async fn inspect_import(&self, import: &Arc<Import>) -> Result<UndoPlan> {
        let busy = import.begin(true)?;
        let journal = journal_of(import)?;
        self.read_in_turn(move |tx| {
            let _busy = &busy;
            journal.lock().unwrap_or_else(PoisonError::into_inner).inspect(tx)
        })
        .await
    }

    /// Undoes an import in one transaction. Without `is_forced`, fails if anything would be lost.
    pub async fn undo_import(&self, import: &Arc<Import>, is_forced: bool) -> Result<Undone> {
        let mut busy = import.begin(true)?;
        let journal = journal_of(import)?;
        let (app, answer) = (self.clone(), tokio::sync::oneshot::channel());
        // A task of its own: the phase must follow the commit, also when the client is gone.
        self.tasks().spawn("undo", async move {
            let work = move |tx: &crate::domain::tx::WriteTx| {
                journal.lock().unwrap_or_else(PoisonError::into_inner).undo(tx, is_forced)
            };
            let outcome = app.write_long_making_room(work).await;
            if outcome.is_ok() {
                let mut state = busy.import.lock();
                (state.report, state.journal) = (None, None);
                drop(state);
                busy.after = Phase::Ready;
            }
            drop(busy);
            let _ = answer.0.send(outcome);
        });
        answer.1.await.map_err(|_| Error::Internal("the undo ended without a result".to_owned()))?
    }

    /// Starts the task that drops expired imports.
    pub fn start_imports(&self) {
        let app = self.clone();
        self.tasks().keep("imports", move || {
            let app = app.clone();
            async move {
                let stop = app.tasks().stopping();
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(SWEEP_INTERVAL) => app.0.imports.sweep(Timestamp::now()),
                    }
                }
            }
        });
    }
}

fn journal_of(import: &Import) -> Result<Arc<Mutex<Journal>>> {
    let missing = || Error::bad_request("This import has not been carried out.");
    import.lock().journal.clone().ok_or_else(missing)
}
