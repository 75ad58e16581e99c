//! A data folder that a command creates by the way, and leaves behind only if it has stored something there.

use super::config::Config;
use super::has_data;
use crate::app::backups::is_in_use;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Unless [`NewFolder::keep`] is called, dropping this removes a folder that did not exist before. It must be dropped after
/// the app that has opened the folder.
pub(super) struct NewFolder {
    path: PathBuf,
    had_data: bool,
    /// Whether dropping removes the folder.
    is_removed: bool,
}

impl NewFolder {
    /// Looks at the data folder before it is opened.
    pub fn of(config: &Config) -> Self {
        let path = config.folders.data.clone();
        Self { had_data: has_data(config), is_removed: !path.exists(), path }
    }

    /// Keeps the folder. Standard error says so if it is new: usually this is the first command, but sometimes the wrong
    /// folder.
    pub fn keep(&mut self) -> io::Result<()> {
        self.is_removed = false;
        if self.had_data {
            return Ok(());
        }
        self.had_data = true;
        writeln!(io::stderr(), "Made the folder {} for the data.", self.path.display())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        // A server may have started in the folder meanwhile.
        if self.is_removed && !is_in_use(&self.path) {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
