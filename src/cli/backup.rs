//! `steading backup`: makes, lists, checks and restores backups.

use super::config::Config;
use super::progress::ProgressLine;
use super::{app_options, open_existing, readable, say};
use crate::app::backups::{LocalBackup, Progress, restore_file, verify_file};
use crate::domain::transfer;
use anyhow::bail;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

const MIB: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum BackupAction {
    /// Make a backup; the server may be running
    Create {
        /// Lower-case letters, digits, _ and -, ending in .zip; by default named after the current time
        name: Option<String>,
    },
    /// List all backups
    List,
    /// Restore a backup while the server is stopped; for a running server use POST /api/backups/NAME/restore
    Restore {
        /// The name of a backup, or a file
        backup: String,
    },
    /// Check a backup: read all of it, and check its databases
    Verify {
        /// The name of a backup, or a file
        backup: String,
    },
}

pub(super) fn run(config: &Config, action: &BackupAction, is_json: bool) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match action {
        BackupAction::Create { name } => {
            let app = open_existing(config)?;
            let line = ProgressLine::new("MiB");
            let name = runtime
                .block_on(app.create_backup_telling(name.clone().unwrap_or_default(), shown_on(line)))
                .map_err(readable)?;
            say(is_json, &format!("Made {name}."), &json!({"key": name}))
        }
        BackupAction::List => list(config, &runtime, is_json),
        BackupAction::Restore { backup } => {
            let local = find(config, &runtime, backup)?;
            restore_file(&app_options(config)?, &local.path, &mut shown_on(ProgressLine::new("MiB")))?;
            say(is_json, &format!("Restored {backup}. Start the server again."), &json!({"restored": backup}))
        }
        BackupAction::Verify { backup } => {
            let local = find(config, &runtime, backup)?;
            verify_file(&app_options(config)?, &local.path, &mut shown_on(ProgressLine::new("MiB")))?;
            say(is_json, &format!("{backup} is complete and can be restored."), &json!({"verified": backup}))
        }
    }
}

fn list(config: &Config, runtime: &tokio::runtime::Runtime, is_json: bool) -> anyhow::Result<()> {
    let found = runtime.block_on(open_existing(config)?.list_backups()).map_err(readable)?;
    let lines = found.iter().map(|meta| format!("{}  {:>10}  {}", meta.modified, meta.size, meta.key));
    let text = if found.is_empty() { "There are no backups.".to_owned() } else { lines.collect::<Vec<_>>().join("\n") };
    let view = found
        .iter()
        .map(|meta| json!({"key": meta.key.as_str(), "modified": meta.modified.to_string(), "size": meta.size}))
        .collect();
    say(is_json, &text, &view)
}

/// Finds a backup: any file, or a backup by its name. The data is opened only to learn where backups are stored,
/// because it may be what has to be replaced.
fn find(config: &Config, runtime: &tokio::runtime::Runtime, backup: &str) -> anyhow::Result<LocalBackup> {
    let kept = config.folders.data.join("backups").join(backup);
    if let Some(path) = [PathBuf::from(backup), kept].into_iter().find(|path| path.is_file()) {
        return Ok(LocalBackup::at(path));
    }
    let app = open_existing(config)?;
    let Some(meta) = runtime.block_on(app.find_backup(backup))? else {
        bail!("there is no backup {backup:?}, and no such file");
    };
    Ok(runtime.block_on(app.fetch_backup(&meta))?)
}

/// Shows progress on `line`, which is cleared at the end.
fn shown_on(line: ProgressLine) -> impl FnMut(Progress) + Send {
    let mut line = Shown(line);
    move |Progress { done, total }| line.0.show(transfer::Progress { done: done / MIB, total: total.div_ceil(MIB) })
}

struct Shown(ProgressLine);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.clear();
    }
}
