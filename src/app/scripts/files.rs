//! The files of the scripts, for superusers: reading them, changing them if the config file allows it, and trying things out.

use super::Inner;
use crate::app::App;
use crate::base::ids;
use crate::domain::{Error, Issue, Issues, Rejection, RejectionKind, Result};
use crate::scripts::{
    self, Console, FileInfo, FileKind, HandlerView, Host, LoadError, MAX_FILE_BYTES, Mistake, RunOutcome, ScriptSet,
    Sources,
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What editors read, inside the folder of scripts. Hidden, so that nothing loads it.
const DEFINITIONS: &str = ".steading/steading.d.rhai";
const REFUSED: &str = "Failed to save the file.";
const CHANGED: &str = "The file was changed meanwhile. Read it again before you save it.";
const NOT_EDITABLE: &str =
    "Scripts cannot be changed over the API. The section [scripts] of config.toml allows it with editable = true.";
const NO_ROOM: &str = "There is not enough room left on the disk of the server for this file.";

/// A file with its text.
#[derive(Clone, Debug)]
pub struct FileText {
    pub name: String,
    pub kind: FileKind,
    pub text: String,
    /// Of the text. Tells whether somebody else has changed it.
    pub hash: String,
}

impl FileText {
    fn new(name: String, kind: FileKind, text: String) -> Self {
        let hash = hash_of(&text);
        Self { name, kind, text, hash }
    }
}

/// A file to be stored.
#[derive(Clone, Debug)]
pub struct FileInput {
    pub name: String,
    pub text: String,
    /// That of the text which this one replaces. `None` for a new file.
    pub hash: Option<String>,
    /// The name of the file that gets this name and text. `hash` is then that of its text.
    pub from: Option<String>,
}

/// What a file would be with another text.
#[derive(Debug)]
pub struct CheckedScript {
    /// What would keep the files from being used.
    pub problem: Option<Mistake>,
    /// Names in the file that stand for nothing: see [`scripts::lint`].
    pub warnings: Vec<Mistake>,
    /// What the file would register. Empty if there is a problem.
    pub handlers: Vec<HandlerView>,
}

fn hash_of(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

impl App {
    fn scripts_inner(&self) -> Result<&Inner> {
        self.0.shared.scripts.0.as_ref().ok_or_else(Error::not_found)
    }

    /// Fails unless the config file allows superusers to change scripts and to run what they type.
    fn check_editable(&self) -> Result<()> {
        let is_editable = self.scripts_inner()?.options.is_editable;
        if is_editable { Ok(()) } else { Err(Error::Forbidden(NOT_EDITABLE.into())) }
    }

    /// Runs work on the files, one after the other, on a thread that may block.
    async fn on_script_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App, &Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.scripts_inner()?.files.lock().await;
        let app = self.clone();
        self.blocking(move || work(&app, app.scripts_inner()?)).await?
    }

    /// All files, in the order of their names.
    pub async fn script_files(&self) -> Result<Vec<FileInfo>> {
        self.on_script_files(|_, inner| inner.sources().files().map_err(|error| unreadable(&error))).await
    }

    pub async fn script_file(&self, name: String) -> Result<FileText> {
        self.on_script_files(move |_, inner| {
            let kind = FileKind::checked(&name).map_err(|_| Error::not_found())?;
            let text = inner.stored(&name)?.ok_or_else(Error::not_found)?;
            Ok(FileText::new(name, kind, text))
        })
        .await
    }

    /// Stores a file, if all files can be used with it, and loads them.
    pub async fn write_script_file(&self, input: FileInput) -> Result<FileText> {
        self.check_editable()?;
        self.on_script_files(move |app, inner| {
            let FileInput { name, text, hash, from } = input;
            let from = from.filter(|from| *from != name);
            let kind = FileKind::checked(&name)
                .map_err(|reason| refused("name", Issue::new("validation_invalid_name", reason)))?;
            check_text(&text)?;
            let stored = inner.stored(&name)?;
            if let Some(from) = &from {
                FileKind::checked(from).map_err(|_| Error::not_found())?;
                if stored.is_some() {
                    let taken = Issue::new("validation_not_unique", "There is a file of this name.");
                    return Err(refused("name", taken));
                }
            }
            let replaced = match &from {
                Some(from) => Some(inner.stored(from)?.ok_or_else(Error::not_found)?),
                None => stored,
            };
            if replaced.as_deref().map(hash_of) != hash {
                return Err(conflict());
            }
            inner.check_change(&name, Some(text.clone()), from.as_deref())?;
            if !app.0.shared.disk.has_room() {
                return Err(Error::NoRoom(NO_ROOM.into()));
            }
            if let Some(from) = &from {
                rename(&inner.options.folder, from, &name).map_err(|error| unwritten(&name, &error))?;
            }
            write(&inner.options.folder, &name, &text).map_err(|error| unwritten(&name, &error))?;
            app.reload_scripts();
            Ok(FileText::new(name, kind, text))
        })
        .await
    }

    /// Removes a file, if all others can be used without it, and loads them. `hash` is that of its text, if that must not have changed.
    pub async fn delete_script_file(&self, name: String, hash: Option<String>) -> Result<()> {
        self.check_editable()?;
        self.on_script_files(move |app, inner| {
            FileKind::checked(&name).map_err(|_| Error::not_found())?;
            let stored = inner.stored(&name)?.ok_or_else(Error::not_found)?;
            if hash.is_some_and(|hash| hash != hash_of(&stored)) {
                return Err(conflict());
            }
            inner.check_change(&name, None, None)?;
            fs::remove_file(inner.options.folder.join(&name)).map_err(|error| unwritten(&name, &error))?;
            app.reload_scripts();
            Ok(())
        })
        .await
    }

    /// Looks for mistakes in a text that would be stored under `name`. Changes nothing.
    pub async fn check_script(&self, name: String, text: String) -> Result<CheckedScript> {
        FileKind::checked(&name).map_err(|reason| refused("name", Issue::new("validation_invalid_name", reason)))?;
        check_text(&text)?;
        let _turn = self.scripts_inner()?.checks.lock().await;
        let app = self.clone();
        self.blocking(move || {
            let inner = app.scripts_inner()?;
            let sources = inner.sources().with(&name, Some(text));
            let found = scripts::lint(&sources, &inner.options.limits, Some(&app.schema()));
            let warnings = found.into_iter().filter(|warning| warning.file == name).map(|warning| warning.mistake());
            let warnings: Vec<Mistake> = warnings.collect();
            Ok(match inner.check(&sources) {
                Ok(set) => {
                    let handlers = set.handlers().into_iter().filter(|handler| handler.file == name).collect();
                    CheckedScript { problem: None, warnings, handlers }
                }
                Err(mut problems) => {
                    let own = problems.iter().position(|problem| problem.file == name).unwrap_or(0);
                    let problem = Some(problems.swap_remove(own).mistake());
                    CheckedScript { problem, warnings, handlers: Vec::new() }
                }
            })
        })
        .await?
    }

    /// Runs a text inside a transaction, with all rights and in the time of a handler. Its writes are undone unless `keeps`, and in
    /// any case if it fails. `name` stands for the file in errors.
    pub async fn run_script(&self, name: String, text: String, keeps: bool) -> Result<RunOutcome> {
        check_text(&text)?;
        let compiled = self
            .on_script_files(move |_, inner| {
                let sources = inner.sources();
                let compile =
                    |sources: &Sources| Console::compile(&name, &text, sources, &inner.options.limits, &inner.host());
                Ok(sources.with_modules().and_then(|sources| compile(&sources)).map_err(|error| error.mistake()))
            })
            .await?;
        let console = match compiled {
            Ok(console) => console,
            Err(mistake) => return Ok(RunOutcome::failed(mistake)),
        };
        let ended = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&ended);
        let written = self
            .write(move |tx| {
                let outcome = console.run(tx);
                let is_kept = keeps && outcome.problem.is_none();
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                // An error undoes what was written.
                if is_kept { Ok(()) } else { Err(Error::generic()) }
            })
            .await;
        let ended = ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (ended, written) {
            (Some(outcome), Ok(())) => Ok(outcome),
            (Some(outcome), Err(_)) if !keeps || outcome.problem.is_some() => Ok(outcome),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::Internal("a text ended without a result".to_owned())),
        }
    }

    /// [`App::run_script`] for the API, where it must be allowed.
    pub async fn run_in_console(&self, text: String, keeps: bool) -> Result<RunOutcome> {
        self.check_editable()?;
        self.run_script("console".to_owned(), text, keeps).await
    }
}

impl Inner {
    fn sources(&self) -> Sources {
        Sources::new(&self.options.folder)
    }

    fn host(&self) -> Arc<dyn Host> {
        let host: Arc<dyn Host> = Arc::<super::AppHost>::clone(&self.host);
        host
    }

    fn check(&self, sources: &Sources) -> std::result::Result<Arc<ScriptSet>, Vec<LoadError>> {
        scripts::check(sources, &self.options.limits, &self.host(), self.options.is_built_in)
    }

    /// Fails if the files could not be used after a change of one. A mistake in another file that is there already does not count:
    /// otherwise two broken files could not be corrected one after the other. `removed` is another file that is gone then.
    fn check_change(&self, name: &str, text: Option<String>, removed: Option<&str>) -> Result<()> {
        let is_removal = text.is_none();
        let changed = self.sources().with(name, text);
        let changed = match removed {
            Some(removed) => changed.with(removed, None),
            None => changed,
        };
        let Err(problems) = self.check(&changed) else { return Ok(()) };
        let known = self.check(&self.sources()).err().unwrap_or_default();
        let is_new = |problem: &LoadError| {
            problem.file == name || known.iter().all(|known| known.to_string() != problem.to_string())
        };
        let Some(problem) = problems.into_iter().find(is_new) else { return Ok(()) };
        if is_removal {
            return Err(Error::bad_request(format!("The other files cannot be used without this one: {problem}")));
        }
        let LoadError { file, line, column, message } = problem;
        let issue = Issue::new("validation_invalid_script", message)
            .with("file", file)
            .with("line", line)
            .with("column", column);
        Err(refused("text", issue))
    }

    /// The text of a file, `None` if there is none. Links are refused, those to folders too: they may lead anywhere.
    fn stored(&self, name: &str) -> Result<Option<String>> {
        let mut path = self.options.folder.clone();
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            path.push(part);
            let metadata = match fs::symlink_metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Error::Internal(format!("{}: {error}", path.display()))),
            };
            let is_expected = if parts.peek().is_some() { metadata.is_dir() } else { metadata.is_file() };
            if metadata.is_symlink() {
                return Err(Error::bad_request("Links cannot be read or changed over the API."));
            }
            if !is_expected {
                return Err(Error::bad_request("This is not a file."));
            }
        }
        self.sources().read(name).map(Some).map_err(|error| unreadable(&error))
    }
}

impl RunOutcome {
    fn failed(mistake: Mistake) -> Self {
        Self {
            value: serde_json::Value::Null,
            output: Vec::new(),
            problem: Some(mistake),
            elapsed: std::time::Duration::ZERO,
        }
    }
}

fn check_text(text: &str) -> Result<()> {
    if text.len() as u64 <= MAX_FILE_BYTES {
        return Ok(());
    }
    let message = format!("The text must not be larger than {} KiB.", MAX_FILE_BYTES / 1024);
    Err(refused("text", Issue::new("validation_length_too_long", message).with("max", MAX_FILE_BYTES)))
}

fn refused(field: &str, issue: Issue) -> Error {
    let mut issues = Issues::new();
    issues.add(field, issue);
    Error::Invalid { message: REFUSED.into(), issues }
}

fn conflict() -> Error {
    Error::Rejected(Box::new(Rejection::new(RejectionKind::Conflict, CHANGED)))
}

/// Files of the owner that cannot be read are no failure of the server.
fn unreadable(error: &LoadError) -> Error {
    Error::bad_request(format!("The file cannot be read: {error}."))
}

/// What an owner can change: rights, a folder that is read only.
fn unwritten(name: &str, error: &io::Error) -> Error {
    tracing::error!(%error, name, "a script cannot be written");
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::NoRoom(NO_ROOM.into()),
        kind => Error::bad_request(format!("The server cannot write to the folder of the scripts: {kind}.")),
    }
}

/// Writes what editors need to complete names, if the folder exists and the file is not the same already.
pub fn write_definitions(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let text = scripts::definitions();
    if fs::read_to_string(folder.join(DEFINITIONS)).is_ok_and(|old| old == text) {
        return Ok(());
    }
    write(folder, DEFINITIONS, &text)
}

/// Gives a file another name, which no other file has.
fn rename(folder: &Path, from: &str, name: &str) -> io::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(folder.join(from), path)
}

/// Replaces a file as a whole: after a crash, it has either its old text or its new one.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    let parent: PathBuf = path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    fs::create_dir_all(&parent)?;
    // Hidden, so that nothing loads it if it stays.
    let temporary = parent.join(format!(".{}.tmp", ids::record_id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        if let Ok(metadata) = fs::metadata(&path) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &path)
    })();
    if written.is_err() {
        // It may not be there.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    File::open(&parent)?.sync_all()
}
