//! The files of a folder of scripts: which there are, and their texts.
//!
//! Changes that are not stored can be laid over the folder ([`Sources::with`]), to see whether the whole would work with them. Nothing
//! is written here.

use super::error::LoadError;
use crate::base::clock::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How the names of scripts end. In this case of letters, as imports name them.
pub const EXTENSION: &str = ".rhai";
/// How the names of tests end.
pub const TEST_EXTENSION: &str = ".test.rhai";
/// The folder of what can be imported, inside the folder of scripts.
pub const LIB: &str = "lib";
/// The folder of the templates, inside the folder of scripts.
pub const TEMPLATES: &str = "templates";
/// The largest file, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// How many files of one kind there may be.
pub const MAX_FILES: usize = 1000;
/// How deep folders may nest.
const MAX_FOLDERS: usize = 8;
/// The longest name of a file with its folders, and of one of its parts, in bytes.
const MAX_NAME_BYTES: usize = 500;
const MAX_PART_BYTES: usize = 200;
/// Names that stand for devices on some systems, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What a file is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Registers handlers.
    Script,
    /// Can be imported by scripts.
    Module,
    /// Runs with `steading scripts test` only.
    Test,
    Template,
}

impl FileKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Module => "module",
            Self::Test => "test",
            Self::Template => "template",
        }
    }

    /// The kind that a name stands for, `None` if the server ignores such files. `name` is relative to the folder of scripts and
    /// has slashes between its parts. It is not checked any further: see [`FileKind::checked`].
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('/').collect();
        let last = *parts.last()?;
        if parts.iter().any(|part| part.is_empty() || part.starts_with('.')) || last == TEST_EXTENSION {
            return None;
        }
        match parts[..] {
            [_] if name.ends_with(TEST_EXTENSION) => Some(Self::Test),
            [_] if name.ends_with(EXTENSION) => Some(Self::Script),
            [LIB, .., _] if parts.len() <= MAX_FOLDERS && last.ends_with(EXTENSION) => Some(Self::Module),
            [TEMPLATES, .., _] if parts.len() <= MAX_FOLDERS && is_template(last) => Some(Self::Template),
            _ => None,
        }
    }

    /// The kind of a name that comes from outside. The error says why there cannot be such a file.
    pub fn checked(name: &str) -> Result<Self, String> {
        if name.len() > MAX_NAME_BYTES {
            return Err(format!("The name must not be longer than {MAX_NAME_BYTES} bytes."));
        }
        let is_odd = |part: &str| {
            let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
            let numbered = ["com", "lpt"].iter().any(|port| {
                stem.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
            });
            part.len() > MAX_PART_BYTES
                || part.starts_with(['.', ' '])
                || part.ends_with(['.', ' '])
                || part.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '%'])
                || part.chars().any(char::is_control)
                || DEVICES.contains(&stem.as_str())
                || numbered
        };
        if let Some(part) = name.split('/').find(|part| is_odd(part)) {
            return Err(format!("{part:?} cannot be a part of the name."));
        }
        Self::of(name).ok_or_else(|| {
            format!(
                "There are scripts (\"orders.rhai\"), their tests (\"orders.test.rhai\"), modules (\"{LIB}/prices.rhai\") and \
                 templates (\"{TEMPLATES}/page.html\")."
            )
        })
    }
}

/// A file in a list.
#[derive(Clone, Debug)]
pub struct FileInfo {
    pub name: String,
    pub kind: FileKind,
    /// In bytes.
    pub size: u64,
    pub modified: Timestamp,
}

/// A folder of scripts with changes laid over it.
#[derive(Clone, Debug)]
pub struct Sources {
    folder: PathBuf,
    /// By name. `None` for a file that is to be gone.
    changes: BTreeMap<String, Option<String>>,
}

impl Sources {
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), changes: BTreeMap::new() }
    }

    /// The same with another text of a file, or without it.
    #[must_use]
    pub fn with(mut self, name: &str, text: Option<String>) -> Self {
        self.changes.insert(name.to_owned(), text);
        self
    }

    /// The same with the texts of all modules in memory, so that importing them reads no files.
    pub fn with_modules(mut self) -> Result<Self, LoadError> {
        for name in self.names(FileKind::Module)? {
            let text = self.read(&name)?;
            self.changes.insert(name, Some(text));
        }
        Ok(self)
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of the files of one kind, in order. A folder that does not exist has none.
    pub fn names(&self, kind: FileKind) -> Result<Vec<String>, LoadError> {
        let mut names: Vec<String> = self.found(kind)?.into_iter().map(|file| file.name).collect();
        names.retain(|name| !self.changes.contains_key(name));
        let added = self.changes.iter().filter(|(name, text)| text.is_some() && FileKind::of(name) == Some(kind));
        names.extend(added.map(|(name, _)| name.clone()));
        names.sort();
        if names.len() > MAX_FILES {
            let message = format!("there are more than {MAX_FILES} files of the kind {}", kind.as_str());
            return Err(LoadError::new(&self.folder.display().to_string(), message));
        }
        Ok(names)
    }

    /// All files of the folder, without the changes, in the order of their names.
    pub fn files(&self) -> Result<Vec<FileInfo>, LoadError> {
        let mut files = Vec::new();
        for kind in [FileKind::Script, FileKind::Module, FileKind::Test, FileKind::Template] {
            files.extend(self.found(kind)?);
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> Result<String, LoadError> {
        let gone = || LoadError::new(name, "there is no such file");
        let too_large = || LoadError::new(name, format!("is larger than {} KiB", MAX_FILE_BYTES / 1024));
        if let Some(changed) = self.changes.get(name) {
            let text = changed.clone().ok_or_else(gone)?;
            return if text.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(text) };
        }
        let unreadable = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => gone(),
            _ => LoadError::new(name, format!("cannot be read: {error}")),
        };
        let path = self.folder.join(name);
        let metadata = path.metadata().map_err(unreadable)?;
        // Reading a pipe or a device may never end.
        if !metadata.is_file() {
            return Err(LoadError::new(name, "is not a file"));
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(too_large());
        }
        std::fs::read_to_string(&path).map_err(unreadable)
    }

    /// Whether the file is one that the changes bring.
    #[must_use]
    pub fn is_changed(&self, name: &str) -> bool {
        self.changes.contains_key(name)
    }

    fn found(&self, kind: FileKind) -> Result<Vec<FileInfo>, LoadError> {
        let mut files = Vec::new();
        let (below, max_depth) = match kind {
            FileKind::Script | FileKind::Test => ("", 0),
            FileKind::Module => (LIB, MAX_FOLDERS),
            FileKind::Template => (TEMPLATES, MAX_FOLDERS),
        };
        let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
        collect(&self.folder.join(below), &prefix, max_depth, kind, &mut files)?;
        Ok(files)
    }
}

/// Adds the files of one kind below a folder.
fn collect(
    folder: &Path,
    prefix: &str,
    max_depth: usize,
    kind: FileKind,
    files: &mut Vec<FileInfo>,
) -> Result<(), LoadError> {
    let unreadable =
        |error: io::Error| LoadError::new(&folder.display().to_string(), format!("cannot be read: {error}"));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error)),
    };
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{prefix}{name}");
        let file_type = entry.file_type().map_err(unreadable)?;
        if file_type.is_dir() && max_depth > 0 && !entry.file_name().to_string_lossy().starts_with('.') {
            collect(&entry.path(), &format!("{name}/"), max_depth - 1, kind, files)?;
            continue;
        }
        // Links to scripts are followed, as deployments make them. Those of templates may lead out of the folder.
        let follows = kind == FileKind::Script && file_type.is_symlink();
        if FileKind::of(&name) != Some(kind) || !(file_type.is_file() || follows) {
            continue;
        }
        // It may be gone already, or lead nowhere.
        let Ok(metadata) = entry.path().metadata() else { continue };
        if metadata.is_file() && files.len() <= MAX_FILES {
            let modified = metadata.modified().map_or(Timestamp::from_millis(0), Timestamp::from_system);
            files.push(FileInfo { name, kind, size: metadata.len(), modified });
        }
    }
    Ok(())
}

fn is_template(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "html" | "txt" | "xml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_files_are_and_nothing_leads_out_of_the_folder() {
        let kinds = [
            ("orders.rhai", FileKind::Script),
            ("größen.rhai", FileKind::Script),
            ("two words.rhai", FileKind::Script),
            ("orders.test.rhai", FileKind::Test),
            ("lib/x.rhai", FileKind::Module),
            ("lib/deep/er/x.rhai", FileKind::Module),
            ("templates/a.html", FileKind::Template),
            ("templates/mails/a.txt", FileKind::Template),
        ];
        for (name, kind) in kinds {
            assert_eq!(FileKind::checked(name), Ok(kind), "{name}");
        }
        let long = format!("{}.rhai", "x".repeat(300));
        let deep = format!("lib/{}x.rhai", "a/".repeat(20));
        for name in [
            "",
            "/",
            ".",
            "..",
            ".rhai",
            ".test.rhai",
            "orders",
            "orders.js",
            "orders.RHAI",
            "/etc/x.rhai",
            "../x.rhai",
            "lib/../x.rhai",
            "lib/../../x.rhai",
            "lib/./x.rhai",
            "lib//x.rhai",
            "lib/.hidden/x.rhai",
            "lib/.x.rhai",
            ".x.rhai",
            "other/x.rhai",
            "examples/x.rhai",
            "templates/x.rhai",
            "templates/x.php",
            "lib/x.html",
            "a\\b.rhai",
            "C:x.rhai",
            "nul.rhai",
            "CON.test.rhai",
            "com1.rhai",
            "lib/aux.rhai",
            "a%2Fb.rhai",
            "a\0.rhai",
            "a\n.rhai",
            "x .rhai ",
            "lib ./x.rhai",
            &long,
            &deep,
        ] {
            assert!(FileKind::checked(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn changes_are_laid_over_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.rhai", "b.rhai"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let sources =
            Sources::new(folder.path()).with("b.rhai", None).with("c.rhai", Some("new".to_owned())).with("d.txt", None);
        assert_eq!(sources.names(FileKind::Script).unwrap(), ["a.rhai", "c.rhai"]);
        assert_eq!(sources.read("c.rhai").unwrap(), "new");
        assert_eq!(sources.read("a.rhai").unwrap(), "a.rhai");
        assert!(sources.read("b.rhai").is_err() && sources.read("none.rhai").is_err());
        assert_eq!(sources.files().unwrap().len(), 2, "the list is that of the disk");
        assert!(sources.with("e.rhai", Some("x".repeat(2 << 20))).read("e.rhai").is_err());
    }
}
