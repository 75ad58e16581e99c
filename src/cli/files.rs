//! `steading files move`: moves the files of records from the disk to a bucket, or back.

use super::config::Config;
use super::progress::ProgressLine;
use super::{open_existing, say};
use crate::app::blobs::{Destination, Moved};
use crate::domain::transfer::Progress;
use clap::{Subcommand, ValueEnum};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(super) enum FilesAction {
    /// Move the files of records between the local disk and the S3 bucket of the settings
    ///
    /// Run it once before the switch: it copies, and keeps the source. Then turn S3 storage on (or off) in the
    /// settings, and run it again: it copies the files added since, and removes the source. An interrupted move
    /// continues where it stopped.
    Move {
        #[arg(long, value_name = "PLACE")]
        to: Place,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Place {
    S3,
    Local,
}

pub(super) fn run(config: &Config, action: &FilesAction, is_json: bool) -> anyhow::Result<()> {
    let FilesAction::Move { to } = action;
    let app = open_existing(config)?;
    let destination = match to {
        Place::S3 => Destination::S3,
        Place::Local => Destination::Local,
    };
    let mut line = ProgressLine::new("files");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(app.move_files(destination, |done, total| line.show(Progress { done, total })));
    line.clear();
    let moved = outcome?;
    let Moved { copied, present, removed, is_in_use } = moved;
    let json = json!({"copied": copied, "present": present, "removed": removed, "isInUse": is_in_use});
    say(is_json, &described(*to, moved), &json)
}

fn described(to: Place, moved: Moved) -> String {
    let Moved { copied, present, removed, is_in_use } = moved;
    let (there, here, switch) = match to {
        Place::S3 => ("the S3 bucket", "the local disk", "turn S3 storage on"),
        Place::Local => ("the local disk", "the S3 bucket", "turn S3 storage off"),
    };
    let copied = format!("{copied} files copied to {there}, {present} were there already.");
    if is_in_use {
        return format!("{copied} {removed} removed from {here}.");
    }
    format!(
        "{copied} The server still uses {here}, where they are kept.\nNext: {switch} in the settings, then run this again: \
         it copies what has come since and removes the files from {here}."
    )
}
