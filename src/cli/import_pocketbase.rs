//! `steading import-pocketbase FOLDER`: imports a data folder of PocketBase.

use super::config::Config;
use super::new_folder::NewFolder;
use super::progress::ProgressLine;
use super::{block_on, has_data, open_app, readable, say};
use crate::app::pocketbase::{Folder, Outcome, Step};
use crate::base::seal::SealKey;
use crate::domain::pocketbase::{Brought, Difference, DifferenceKind, Options, SettingsOutcome};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// How many missing files are listed for people. The JSON output has up to a thousand.
const LISTED_FILES: usize = 10;
/// Where the differences are listed that apply to every folder.
const ALL_DIFFERENCES: &str = "docs/compatibility.md";

/// Move in from PocketBase.
///
/// Imports collections, records, uploaded files, settings, superusers and users of a `pb_data` folder into a data
/// folder that is not in use yet. Ids stay the same; passwords, sessions and URLs of files remain valid. The folder
/// itself is only read: stop PocketBase first. If a move was interrupted, run the same command again.
#[derive(Debug, clap::Args)]
pub(super) struct ImportPocketbaseArgs {
    /// The `pb_data` folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Report what would be imported and what would differ, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Keep the settings of this server
    #[arg(long)]
    skip_settings: bool,
    /// The key that the settings in the folder are encrypted with, 32 bytes (as many ASCII characters)
    #[arg(long, value_name = "KEY", env = "PB_ENCRYPTION_KEY", hide_env_values = true)]
    encryption_key: Option<String>,
}

pub(super) fn run(mut config: Config, args: &ImportPocketbaseArgs, is_json: bool) -> anyhow::Result<()> {
    let source_key = args.encryption_key.as_deref().filter(|key| !key.is_empty());
    let source_key = source_key
        .map(|key| SealKey::parse(key).context("the encryption key must be 32 bytes long (32 ASCII characters)"));
    let own_key = config.seal_key()?;
    let options = Options { skips_settings: args.skip_settings, source_key: source_key.transpose()?, own_key };
    // A dry run does not create the data folder.
    let passing = tempfile::tempdir().context("cannot create a temporary folder")?;
    if args.dry_run && !has_data(&config) {
        passing.path().clone_into(&mut config.folders.data);
    }
    let folder = Folder::open(&args.folder, passing.path()).map_err(readable)?;
    // Dropped after the app.
    let mut new = NewFolder::of(&config);
    let app = open_app(&config)?;
    if !args.dry_run {
        // Also if the move fails: the same command continues it.
        new.keep()?;
    }
    let (mut files, mut records) = (ProgressLine::new("files"), ProgressLine::new("records"));
    let on_progress = Box::new(move |step: Step, progress: crate::domain::transfer::Progress| {
        let line = if step == Step::Files { &mut files } else { &mut records };
        line.show(progress);
        if progress.done == progress.total {
            line.clear();
        }
    });
    let outcome = block_on(app.bring_pocketbase(folder, options, args.dry_run, on_progress))?.map_err(readable)?;
    say(is_json, describe(&outcome, args.dry_run).trim_end(), &to_json(&outcome, args.dry_run))
}

fn describe(outcome: &Outcome, is_dry_run: bool) -> String {
    let mut text = String::new();
    let (brought, were) = if is_dry_run { ("would be brought", "would be") } else { ("brought", "were") };
    let collections = &outcome.report.collections;
    let width = collections.iter().map(|collection| collection.name.chars().count()).max().unwrap_or(0);
    for Brought { name, type_name, records, .. } in
        collections.iter().filter(|found| !found.is_system || found.records > 0)
    {
        let records = if *type_name == "view" { "view".to_owned() } else { count(*records, "record") };
        let _ = writeln!(text, "  {name:width$}  {records}");
    }
    let own = collections.iter().filter(|collection| !collection.is_system).count();
    let records: u64 = collections.iter().map(|collection| collection.records).sum();
    let files = count(outcome.files.found, "file");
    let _ = writeln!(text, "{}, {} and {files} {brought}.", count(own as u64, "collection"), count(records, "record"));
    let _ = match outcome.report.settings {
        SettingsOutcome::Brought => writeln!(text, "The settings {were} taken over."),
        SettingsOutcome::Sealed => {
            writeln!(text, "The settings stay behind: they are encrypted (see --encryption-key).")
        }
        SettingsOutcome::LeftOut => writeln!(text, "The settings stay behind."),
    };
    for note in notes(outcome) {
        let _ = writeln!(text, "{note}");
    }
    for name in outcome.files.missing_names.iter().take(LISTED_FILES) {
        let _ = writeln!(text, "  missing: {name}");
    }
    let _ = writeln!(text, "What is different for everybody who moves is listed in {ALL_DIFFERENCES}.");
    text
}

/// Returns notes for the person who moves.
fn notes(outcome: &Outcome) -> Vec<String> {
    let mut notes: Vec<String> = outcome.report.differences.iter().map(note).collect();
    if outcome.report.uses_s3 {
        let name_it = "they stay there, and the settings have to name the bucket to find them";
        notes.push(format!("Uploads are in an S3 bucket: {name_it}."));
    }
    let files = &outcome.files;
    if files.missing > 0 {
        let missing = count(files.missing, "file");
        notes.push(format!("{missing} that records name could not be found in the folder."));
    }
    if files.kept > 0 {
        notes.push(format!("{} had been copied by an earlier attempt.", count(files.kept, "file")));
    }
    if files.scripts > 0 {
        let scripts = count(files.scripts, "file");
        notes.push(format!("Differs: {scripts} of JavaScript: pages of this server cannot load uploads as scripts."));
    }
    notes.extend(outcome.not_imported.iter().map(|name| {
        let why = match *name {
            "backups" => "they hold data folders of PocketBase",
            "auxiliary.db" => "it holds the request log",
            "pb_public" => "static files are served from the folder that --publicDir names",
            _ => "JavaScript is not run here",
        };
        format!("Left out: {name}, because {why}.")
    }));
    notes
}

fn note(difference: &Difference) -> String {
    let Difference { kind, what, why } = difference;
    match kind {
        DifferenceKind::LeftOut => format!("Left out: {what}, because {why}."),
        DifferenceKind::Changed => format!("Changed: {what}: {why}."),
        DifferenceKind::Behaves => format!("Differs: {what}: {why}."),
    }
}

fn to_json(outcome: &Outcome, is_dry_run: bool) -> Value {
    let collection = |brought: &Brought| json!({"name": brought.name, "type": brought.type_name, "system": brought.is_system, "records": brought.records});
    let difference = |found: &Difference| json!({"kind": found.kind.as_str(), "what": found.what, "why": found.why});
    let settings = match outcome.report.settings {
        SettingsOutcome::Brought => "brought",
        SettingsOutcome::Sealed => "encrypted",
        SettingsOutcome::LeftOut => "left out",
    };
    json!({
        "isDryRun": is_dry_run,
        "collections": outcome.report.collections.iter().map(collection).collect::<Vec<_>>(),
        "files": outcome.files.found,
        "keptFiles": outcome.files.kept,
        "missingFileCount": outcome.files.missing,
        "missingFiles": outcome.files.missing_names,
        "settings": settings,
        "usesS3": outcome.report.uses_s3,
        "differences": outcome.report.differences.iter().map(difference).collect::<Vec<_>>(),
        "notes": notes(outcome),
    })
}

/// Formats a count, as in `1 record`, `2 records`.
fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
