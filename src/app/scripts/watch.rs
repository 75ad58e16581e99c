//! Follows changes of the files of scripts.

use super::files::write_definitions;
use crate::app::App;
use notify_debouncer_full::notify::{self, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// How long changes are collected, so that a file that is still being written is not read.
const QUIET_TIME: Duration = Duration::from_millis(100);
/// How often the thread looks whether the server stops, and whether the folder was made meanwhile.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// How often the files are compared, for changes that the system does not tell of: in files behind symbolic links, on some network drives
/// and in folders that containers share.
const COMPARE_INTERVAL: Duration = Duration::from_secs(3);

/// How many files and folders are looked at to tell whether something has changed.
const MAX_ENTRIES: usize = 10_000;

/// The files and folders of the scripts, with their sizes and times. Another one tells that something has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Stamp {
    pub fn of(folder: &Path) -> Self {
        let (mut found, mut left) = (Vec::new(), vec![folder.to_owned()]);
        while let Some(path) = left.pop().filter(|_| found.len() < MAX_ENTRIES) {
            let Ok(about) = std::fs::metadata(&path) else { continue };
            let is_followed = path == folder || !path.is_symlink();
            if let Some(entries) = is_followed.then(|| std::fs::read_dir(&path).ok()).flatten() {
                left.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
            }
            found.push((path, about.len(), about.modified().ok()));
        }
        found.sort();
        Self(found)
    }

    /// Whether the last change is a moment ago, so that more may follow.
    pub fn is_fresh(&self) -> bool {
        let newest = self.0.iter().filter_map(|(_, _, time)| *time).max();
        // A time in the future is a clock that was set back, and no reason to wait.
        newest.and_then(|time| time.elapsed().ok()).is_some_and(|age| age < QUIET_TIME)
    }
}

/// Starts a thread that loads the scripts again when a file in `folder` or below changes, and tells editors what scripts can call.
pub(super) fn start(app: &App, folder: &Path) {
    let (weak, folder) = (app.downgrade(), folder.to_owned());
    let stop = app.tasks().stopping();
    let thread = std::thread::Builder::new().name("scripts-watch".to_owned()).spawn(move || {
        let reload = || {
            if let Some(app) = weak.upgrade() {
                app.reload_scripts();
            }
        };
        if let Err(error) = write_definitions(&folder) {
            tracing::debug!(%error, "the definitions for editors cannot be written");
        }
        if let Err(error) = follow(&folder, &|| stop.is_cancelled(), &reload) {
            tracing::warn!(%error, "changes of scripts are not followed");
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "changes of scripts are not followed");
    }
}

/// Calls `reload` after each change until `is_over`.
fn follow(folder: &Path, is_over: &dyn Fn() -> bool, reload: &dyn Fn()) -> notify::Result<()> {
    let (sender, changes) = channel();
    // It has threads of its own, so that it is there only while there is a folder.
    let mut debouncer = None;
    let (mut compared, mut seen) = (Instant::now(), Stamp::of(folder));
    while !is_over() {
        // A folder that is removed and made again is another one.
        match (&debouncer, folder.is_dir()) {
            (None, true) => {
                debouncer = Some(watch(folder, sender.clone())?);
                reload();
            }
            (Some(_), false) => {
                debouncer = None;
                reload();
            }
            _ => {}
        }
        match changes.recv_timeout(LOOK_INTERVAL) {
            Ok(paths) if paths.iter().any(|path| concerns(path)) => {
                (compared, seen) = (Instant::now(), Stamp::of(folder));
                reload();
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if debouncer.is_some() && compared.elapsed() >= COMPARE_INTERVAL {
            let found = Stamp::of(folder);
            let has_changed = found != seen;
            (compared, seen) = (Instant::now(), found);
            if has_changed {
                reload();
            }
        }
    }
    Ok(())
}

/// Sends the paths that change in a folder, some at a time.
fn watch(
    folder: &Path,
    sender: Sender<Vec<PathBuf>>,
) -> notify::Result<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let mut debouncer = new_debouncer(QUIET_TIME, None, move |result: DebounceEventResult| {
        let paths: Vec<PathBuf> = match result {
            // Something was missed: everything may have changed.
            Ok(events) if events.iter().any(|event| event.need_rescan()) => vec![PathBuf::new()],
            Ok(events) => {
                events.into_iter().filter(|event| !event.kind.is_access()).flat_map(|event| event.event.paths).collect()
            }
            Err(_) => vec![PathBuf::new()],
        };
        // The receiver is gone when the server stops.
        let _ = sender.send(paths);
    })?;
    debouncer.watch(folder, RecursiveMode::Recursive)?;
    Ok(debouncer)
}

/// Whether a change of this path may change the scripts: of a script, a template, or a folder, whose name tells nothing.
fn concerns(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let extension = path.extension();
    let is_loaded =
        |extension: &std::ffi::OsStr| ["rhai", "html", "txt", "xml"].iter().any(|known| extension == *known);
    !is_hidden && extension.is_none_or(is_loaded)
}
