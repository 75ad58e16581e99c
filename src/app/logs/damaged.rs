//! What happens to a log that is damaged: it is set aside, so that a new one can take its place.

use crate::base::clock::Timestamp;
use crate::db;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// How many damaged logs are kept. The oldest is removed for a new one.
const MAX_KEPT: usize = 2;

/// Gives the file at `path`, and what belongs to it, another name next to it. Returns this name. No connection of this
/// process may write to it any more.
pub(super) fn set_aside(path: &Path) -> io::Result<String> {
    let current = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{current}.damaged-");
    remove_oldest(path, &prefix)?;
    let name = format!("{prefix}{}", Timestamp::now().civil().strftime("%Y%m%d%H%M%S%3f"));
    // The file itself is moved first: a connection that closes meanwhile then leaves the others alone.
    for (from, to) in db::file_names(&current).iter().zip(db::file_names(&name)) {
        match fs::rename(path.with_file_name(from), path.with_file_name(to)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            outcome => outcome?,
        }
    }
    Ok(name)
}

/// Leaves room for one more.
fn remove_oldest(path: &Path, prefix: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let names = fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    // The names of files that belong to another one have a further hyphen.
    let is_kept = |name: &String| name.strip_prefix(prefix).is_some_and(|rest| !rest.contains('-'));
    let mut kept: Vec<String> = names.filter(is_kept).collect();
    kept.sort();
    let count = (kept.len() + 1).saturating_sub(MAX_KEPT);
    for name in &kept[..count] {
        for file in db::file_names(name) {
            match fs::remove_file(folder.join(file)) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                outcome => outcome?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_moved_with_what_belongs_to_it_and_the_oldest_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs.db");
        let names = || {
            let mut names: Vec<String> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        for old in ["logs.db.damaged-1", "logs.db.damaged-1-wal", "logs.db.damaged-2", "data.db"] {
            fs::write(folder.path().join(old), old).unwrap();
        }
        fs::write(&path, "spoilt").unwrap();
        fs::write(folder.path().join("logs.db-wal"), "log").unwrap();
        let name = set_aside(&path).unwrap();
        assert_eq!(names(), ["data.db", "logs.db.damaged-2", &name, &format!("{name}-wal")]);
        assert_eq!(fs::read_to_string(folder.path().join(&name)).unwrap(), "spoilt");
        assert!(name.starts_with("logs.db.damaged-2"), "{name}");
    }
}
