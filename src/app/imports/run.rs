//! Carries an import out, or tries it, in one transaction.

use super::{Busy, Import, Phase, Reading};
use crate::app::App;
use crate::domain::transfer::{
    Extras, Journal, Options, Passwords, Progress, Report, Scratch, Table, import, plain_passwords,
};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// An import under way. Dropping it cancels the import, unless it is being committed.
pub struct Run {
    pub progress: watch::Receiver<Progress>,
    pub outcome: oneshot::Receiver<Result<RunOutcome>>,
    _cancel: DropGuard,
}

/// How an import ended.
#[derive(Debug)]
pub struct RunOutcome {
    pub report: Arc<Report>,
    pub is_dry_run: bool,
    /// Whether its records are stored.
    pub is_kept: bool,
}

impl App {
    /// Checks what can be checked without reading rows, then carries the import out in the background.
    pub async fn run_import(&self, of: &Arc<Import>, options: Options, is_dry_run: bool) -> Result<Run> {
        let mut busy = of.begin(false)?;
        let reading = of.reading()?;
        let table = self.table_for(&mut busy, &reading, &options).await?;
        self.suggest(&options, &table.table)?;
        let total = table.table.rows;
        let (progress_sender, progress) = watch::channel(Progress { done: 0, total });
        let (answer, outcome) = oneshot::channel();
        let cancel = busy.cancel.clone();
        let guard = cancel.clone().drop_guard();
        let scratch = self.scratch()?;
        let app = self.clone();
        self.tasks().spawn("import", async move {
            let work = Work { reading: table, options, scratch, is_dry_run, cancel, stop: app.tasks().stopping() };
            let outcome = app.carry_out(work, progress_sender).await;
            let outcome = outcome.map(|(report, journal)| {
                let is_kept = journal.is_some();
                let report = Arc::new(report);
                if let Some(journal) = journal {
                    let mut state = busy.import.lock();
                    state.report = Some(Arc::clone(&report));
                    state.journal = Some(Arc::new(Mutex::new(journal)));
                    drop(state);
                    busy.after = Phase::Done;
                }
                RunOutcome { report, is_dry_run, is_kept }
            });
            drop(busy);
            // If the client is gone, it can ask for the result.
            let _ = answer.send(outcome);
        });
        Ok(Run { progress, outcome, _cancel: guard })
    }

    /// Returns the file as it was read, or reads it again if the options need more of it.
    async fn table_for(&self, busy: &mut Busy, reading: &Arc<Reading>, options: &Options) -> Result<Arc<Reading>> {
        let needs_values = options.fields.iter().any(|field| {
            let at = reading.table.column(&field.heading);
            let is_known = at.is_some_and(|at| reading.table.columns[at].values().is_some());
            options.is_select(&field.heading) && !field.options.contains_key("values") && !is_known
        });
        if !needs_values {
            return Ok(Arc::clone(reading));
        }
        let (app, import, options) = (self.clone(), Arc::clone(&busy.import), options.clone());
        let file_options = reading.file_options.clone();
        let preview = reading.preview.clone();
        let own_options = reading.options.clone();
        self.blocking(move || {
            let missing = |error| Error::Internal(format!("an uploaded file cannot be opened: {error}"));
            let file = std::fs::File::open(import.staged.path()).map_err(missing)?;
            let table = Table::open(file, import.file().0, &file_options, &options, app.scratch()?)?;
            Ok(Arc::new(Reading { table, file_options, options: own_options, preview }))
        })
        .await?
    }

    /// Returns the report, and the journal if the records are stored.
    async fn carry_out(&self, work: Work, progress: watch::Sender<Progress>) -> Result<(Report, Option<Journal>)> {
        let passwords = self.hashes(&work).await?;
        let slot = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&slot);
        let outcome = self
            .write_long(move |tx| {
                let (report, journal) = work.run(tx, passwords, &progress)?;
                let is_kept = !work.is_dry_run && !report.is_refused();
                *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some((report, journal));
                // An error undoes everything.
                if is_kept { Ok(()) } else { Err(Error::generic()) }
            })
            .await;
        let done = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (done, outcome) {
            (Some((report, journal)), Ok(())) => Ok((report, Some(journal))),
            (Some((report, _)), Err(Error::Invalid { .. })) => Ok((report, None)),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::Internal("an import ended without a report".to_owned())),
        }
    }
}

impl App {
    /// Hashes the passwords in the file, which takes a second for about a hundred of them, while nothing is locked.
    async fn hashes(&self, work: &Work) -> Result<Passwords> {
        let (schema, reading, options) = (self.schema(), Arc::clone(&work.reading), work.options.clone());
        let (cancel, stop) = (work.cancel.clone(), work.stop.clone());
        self.blocking(move || {
            let plain = plain_passwords(&schema, &reading.table, &options)?;
            let hashes = Self::hash_many(&plain, &mut |_| !cancel.is_cancelled() && !stop.is_cancelled());
            let mut passwords = Passwords::default();
            plain.into_iter().zip(hashes).for_each(|(plain, hash)| passwords.add(plain, hash));
            Ok(passwords)
        })
        .await?
    }
}

struct Work {
    reading: Arc<Reading>,
    options: Options,
    scratch: Scratch,
    is_dry_run: bool,
    cancel: CancellationToken,
    /// The server is about to stop.
    stop: CancellationToken,
}

impl Work {
    fn run(&self, tx: &WriteTx, passwords: Passwords, progress: &watch::Sender<Progress>) -> Result<(Report, Journal)> {
        let goes_on = || !self.cancel.is_cancelled() && !self.stop.is_cancelled();
        if !goes_on() {
            return Err(Error::bad_request("The import was cancelled."));
        }
        let mut journal = Journal::new(self.scratch.clone());
        let extras = Extras { passwords, journal: (!self.is_dry_run).then_some(&mut journal) };
        let report = import(tx, &self.reading.table, &self.options, extras, &mut |step| {
            progress.send_replace(step);
            goes_on()
        })?;
        if !goes_on() {
            return Err(Error::bad_request("The import was cancelled."));
        }
        Ok((report, journal))
    }
}
