//! `steading import FILE --into COLLECTION`: imports a table as records.

use super::config::Config;
use super::new_folder::NewFolder;
use super::progress::ProgressLine;
use super::{block_on, has_data, open_app, open_app_with_scripts, readable, say};
use crate::app::App;
use crate::app::backups::is_in_use;
use crate::domain::transfer::{
    self, BadRow, Column, DateOrder, Encoding, Extras, FieldOption, FileOptions, Format, Mode, Options, Passwords,
    RelationOption, Report, Scratch, Table, Target, Unmatched,
};
use crate::domain::{Error, Result as DomainResult};
use anyhow::{Context as _, bail};
use indexmap::IndexMap;
use serde_json::json;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Further causes of bad rows are counted, not listed.
const LISTED_CAUSES: usize = 20;

/// Printed if a server has the data open.
const LISTENERS: &str = "The running server shows them; clients that listen to changes (realtime) are not told.\n";

/// Printed if there are scripts.
const SCRIPTS: &str = "The handlers of the scripts ran for these records; --no-scripts leaves them out.\n";
/// How long handlers that run after the commit may take together.
const LAST_HANDLERS_TIME: Duration = Duration::from_mins(10);

/// The types that can be given for a new field. Other types need options.
const TYPES: [&str; 9] = ["text", "editor", "number", "bool", "date", "email", "url", "json", "select"];

/// Import a CSV, XLSX or JSON file into a collection.
///
/// If the collection does not exist, it is created, with a field for each column and a type that fits all of its cells.
/// Either all rows are imported or, if one is bad, none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  steading import customers.csv --into customers
  steading import albums.csv --into album --id AlbumId --relation ArtistId=artist
  steading import members.csv --into team --update --id TeamId --relation PersonId=person --field PersonId=members --add-fields")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub(super) struct ImportArgs {
    /// The file: .csv, .tsv, .xlsx, .json (an array of objects) or .jsonl (an object per line); - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The collection the rows go to
    #[arg(long, value_name = "COLLECTION")]
    into: String,
    /// The column that identifies records: it becomes the record's id, so that other files can refer to it
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// A column that refers to records of another collection, by their --id or by one of their fields. Can be repeated
    #[arg(long, value_name = "COLUMN=COLLECTION[.FIELD]", value_parser = parse_relation)]
    relation: Vec<RelationOption>,
    /// The field for a column and, if the field is new, its type. Can be repeated
    #[arg(long, value_name = "COLUMN=FIELD[:TYPE]", value_parser = parse_field)]
    field: Vec<FieldOption>,
    /// A column to skip. Can be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Add a field to the collection for each column without one
    #[arg(long)]
    add_fields: bool,
    /// Change existing records, found by --id or --by, instead of creating any; rows for the same record add up in its lists
    #[arg(long)]
    update: bool,
    /// Change the records that are found by --id or --by, and create those that are not
    #[arg(long, conflicts_with = "update")]
    upsert: bool,
    /// The column that finds the records to change, by the value of its field
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// A text that means "no value" in this file, such as NULL or N/A: cells with this text are read as empty. Can be
    /// repeated
    #[arg(long, value_name = "TEXT")]
    null: Vec<String>,
    /// Import the good rows even if there are bad ones
    #[arg(long)]
    skip_bad_rows: bool,
    /// Report what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The format of the file, if its name does not tell
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format: Option<Format>,
    /// The delimiter of CSV cells, if it is not detected correctly: one character, or "tab"
    #[arg(long, value_name = "CHARACTER", value_parser = parse_delimiter)]
    delimiter: Option<u8>,
    /// The encoding, if it is not detected correctly: utf-8, utf-16le, utf-16be or windows-1252
    #[arg(long, value_name = "NAME", value_parser = parse_encoding)]
    encoding: Option<Encoding>,
    /// The sheet of an XLSX file; the first by default
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// Do not run the handlers of scripts
    #[arg(long)]
    no_scripts: bool,
    /// How the file writes 31 December 2024, if a column does not tell: dmy (31/12/2024) or mdy (12/31/2024)
    #[arg(long, value_name = "ORDER", value_parser = parse_dates)]
    dates: Option<DateOrder>,
}

pub(super) fn run(config: &Config, args: &ImportArgs, is_json: bool) -> anyhow::Result<()> {
    if (args.update || args.upsert) && args.id.is_none() && args.by.is_none() {
        bail!("--update and --upsert need --id or --by with the column that finds the records");
    }
    let options = options(args);
    let file_options = FileOptions {
        format: args.format,
        delimiter: args.delimiter,
        encoding: args.encoding,
        sheet: args.sheet.clone(),
    };
    let name = args.file.to_string_lossy();
    let table = Table::open(open(&args.file)?, &name, &file_options, &options, Scratch::default()).map_err(readable)?;
    let encoding = table.encoding();
    // A dry run does not create the data folder.
    let passing = tempfile::tempdir().context("cannot create a temporary folder")?;
    let mut config = config.clone();
    if args.dry_run && !has_data(&config) {
        passing.path().clone_into(&mut config.folders.data);
    }
    let has_server = is_in_use(&config.folders.data);
    // Dropped after the app.
    let mut folder = NewFolder::of(&config);
    let app = if args.no_scripts { open_app(&config)? } else { open_app_with_scripts(&config)? };
    let report = import(&app, table, options, args.dry_run)?;
    let mut text = describe(&report, encoding, args.dry_run);
    let is_kept = !args.dry_run && !report.is_refused();
    if is_kept {
        folder.keep()?;
    }
    if app.scripts().is_some_and(|scripts| scripts.handlers.iter().any(|handler| handler.is_of_saves)) {
        text.push_str(SCRIPTS);
    }
    block_on(app.finish_scripts(LAST_HANDLERS_TIME))?;
    if is_kept && has_server {
        text.push_str(LISTENERS);
    }
    say(is_json, text.trim_end(), &to_json(&report, args.dry_run))?;
    if report.is_refused() {
        bail!("nothing was imported, because of bad rows; correct them, or leave them out with --skip-bad-rows");
    }
    Ok(())
}

fn open(file: &Path) -> anyhow::Result<File> {
    if file.as_os_str() == "-" {
        return transfer::copy(std::io::stdin().lock()).context("cannot read standard input");
    }
    let open = || {
        let opened = File::open(file)?;
        // A pipe cannot be read twice.
        if opened.metadata()?.is_file() { Ok(opened) } else { transfer::copy(opened) }
    };
    open().with_context(|| format!("cannot read {}", file.display()))
}

fn options(args: &ImportArgs) -> Options {
    Options {
        into: args.into.clone(),
        key: args.id.clone(),
        relations: args.relation.clone(),
        fields: args.field.clone(),
        ignored: args.ignore.clone(),
        unmatched: if args.add_fields { Unmatched::Add } else { Unmatched::Refuse },
        mode: match (args.update, args.upsert) {
            (true, _) => Mode::Update,
            (_, true) => Mode::Upsert,
            _ => Mode::Create,
        },
        found_by: args.by.clone(),
        skips_bad_rows: args.skip_bad_rows,
        nulls: args.null.clone(),
        dates: args.dates,
    }
}

/// Imports in one transaction, which a dry run or bad rows roll back. Only the report is returned then.
fn import(app: &App, table: Table, options: Options, is_dry_run: bool) -> anyhow::Result<Report> {
    let passwords = hash_passwords(app, &table, &options)?;
    let slot = Arc::new(Mutex::new(None));
    let filled = Arc::clone(&slot);
    let work = move |tx: &crate::domain::tx::WriteTx| -> DomainResult<()> {
        let mut line = ProgressLine::new("rows");
        let outcome = transfer::import(tx, &table, &options, Extras { passwords, journal: None }, &mut |progress| {
            line.follow(progress)
        });
        line.clear();
        let report = outcome?;
        let is_kept = !is_dry_run && !report.is_refused();
        *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
        if is_kept { Ok(()) } else { Err(Error::generic()) }
    };
    let outcome = block_on(app.write_long(work))?;
    let report = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (report, outcome) {
        (Some(report), Ok(())) => Ok(report),
        (Some(report), Err(Error::Invalid { .. })) if is_dry_run || report.is_refused() => Ok(report),
        (_, Err(error)) => Err(readable(error)),
        (None, Ok(())) => bail!("the import ended without a report"),
    }
}

/// Hashes the passwords in the file, which takes a second for about a hundred of them, while nothing is locked.
fn hash_passwords(app: &App, table: &Table, options: &Options) -> anyhow::Result<Passwords> {
    let plain = transfer::plain_passwords(&app.schema(), table, options).map_err(readable)?;
    let mut line = ProgressLine::new("passwords");
    let hashes = App::hash_many(&plain, &mut |progress| line.follow(progress));
    line.clear();
    let mut passwords = Passwords::default();
    plain.into_iter().zip(hashes).for_each(|(plain, hash)| passwords.add(plain, hash));
    Ok(passwords)
}

/// Describes what happened, or would happen, for people.
fn describe(report: &Report, encoding: Option<&str>, is_dry_run: bool) -> String {
    let Report { collection, is_new, columns, created, updated, bad_rows, .. } = report;
    let is_kept = !is_dry_run && !report.is_refused();
    let mut text = String::new();
    if let Some(encoding) = encoding {
        let _ = writeln!(text, "The file is not UTF-8; it was read as {encoding}.");
    }
    let novelty = match (is_new, is_kept) {
        (false, _) => "",
        (true, true) => " is a new collection",
        (true, false) => " would be a new collection",
    };
    let _ = writeln!(text, "{collection}{novelty}:");
    let width = columns.iter().map(|column| column.heading.chars().count()).max().unwrap_or(0);
    for column in columns {
        let _ = writeln!(text, "  {:width$}  {}", column.heading, describe_column(column));
    }
    let would = if is_kept { "" } else { "would be " };
    if *created > 0 || *updated == 0 {
        let _ = writeln!(text, "{} {would}created", count(*created, "record"));
    }
    if *updated > 0 {
        let _ = writeln!(text, "{} {would}changed", count(*updated, "record"));
    }
    describe_bad_rows(&mut text, bad_rows, columns);
    text
}

/// Lists each cause once, with the first line that has it.
fn describe_bad_rows(text: &mut String, bad_rows: &[BadRow], columns: &[Column]) {
    let mut causes: IndexMap<String, (&BadRow, u64)> = IndexMap::new();
    for row in bad_rows {
        causes.entry(cause(&row.text())).or_insert((row, 0)).1 += 1;
    }
    for (row, rows) in causes.values().take(LISTED_CAUSES) {
        let (line, reason) = (row.line, row.text());
        let _ = match rows - 1 {
            0 => writeln!(text, "line {line}: {reason}"),
            others => {
                let reason = reason.trim_end_matches('.');
                writeln!(text, "line {line}: {reason}; likewise in {}", count(others, "other row"))
            }
        };
        if let Some(hint) = hint(row, columns) {
            let _ = writeln!(text, "  {hint}");
        }
    }
    let rest: u64 = causes.values().skip(LISTED_CAUSES).map(|(_, rows)| rows).sum();
    if rest > 0 {
        let _ = writeln!(text, "… and {} more", count(rest, "bad row"));
    }
}

/// Returns the reason without its numbers and quoted values, which differ from row to row.
fn cause(reason: &str) -> String {
    let mut cause = String::with_capacity(reason.len());
    let mut is_quoted = false;
    for letter in reason.chars() {
        if letter == '"' {
            is_quoted = !is_quoted;
        } else if !is_quoted && !letter.is_ascii_digit() {
            cause.push(letter);
        }
    }
    cause
}

/// Returns the most likely remedy.
fn hint(row: &BadRow, columns: &[Column]) -> Option<String> {
    let reason = &row.reason;
    if reason.contains(", but the heading has ") {
        let most = "most likely a cell that contains the delimiter is not in quotes";
        return Some(format!("{most}; --delimiter sets it"));
    }
    let column = columns.iter().find(|column| row.column.as_ref() == Some(&column.heading))?;
    let heading = &column.heading;
    match &column.target {
        Target::Field { link: Some(link), .. } if reason.starts_with("there is no ") && link.field.is_none() => {
            Some(format!(
                "its records are looked up by their ids: to find them by another field, say --relation \
             {heading}=COLLECTION.FIELD"
            ))
        }
        Target::Field { .. } | Target::KeptKey { .. }
            if reason.starts_with("not a ") || reason.starts_with("not true ") =>
        {
            Some(
                "if this means \"no value\", import with --null TEXT; to keep it as it is, make the field a text"
                    .to_owned(),
            )
        }
        _ => None,
    }
}

fn describe_column(column: &Column) -> String {
    let reason = &column.reason;
    match &column.target {
        Target::Key => format!("→ {reason}"),
        Target::KeptKey { name, .. } => format!("→ id, {reason}: {name}"),
        Target::Ignored => format!("left out: {reason}"),
        Target::Field { name, type_name, link: Some(_), .. } => format!("→ {name}, {type_name} {reason}"),
        Target::Field { name, type_name, .. } if reason.is_empty() => format!("→ {name}, {type_name}"),
        Target::Field { name, type_name, .. } => format!("→ {name}, {type_name}: {reason}"),
    }
}

fn to_json(report: &Report, is_dry_run: bool) -> serde_json::Value {
    let column = |column: &Column| match &column.target {
        Target::Key => json!({"column": column.heading, "field": "id", "reason": column.reason}),
        Target::KeptKey { name, type_name, is_new } => json!({
            "column": column.heading, "field": name, "type": type_name, "isNew": is_new, "isId": true,
            "reason": column.reason,
        }),
        Target::Ignored => json!({"column": column.heading, "field": null, "reason": column.reason}),
        Target::Field { name, type_name, is_new, .. } => json!({
            "column": column.heading, "field": name, "type": type_name, "isNew": is_new, "reason": column.reason,
        }),
    };
    let bad_row = |row: &BadRow| json!({"line": row.line, "column": row.column, "reason": row.text()});
    json!({
        "collection": report.collection,
        "isNew": report.is_new,
        "isDryRun": is_dry_run,
        "isImported": !is_dry_run && !report.is_refused(),
        "created": report.created,
        "updated": report.updated,
        "columns": report.columns.iter().map(column).collect::<Vec<_>>(),
        "badRows": report.bad_rows.iter().map(bad_row).collect::<Vec<_>>(),
    })
}

/// Formats a count, as in `1 record`, `2 records`.
fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn parse_relation(text: &str) -> Result<RelationOption, String> {
    let (heading, target) =
        text.rsplit_once('=').ok_or("write it like COLUMN=COLLECTION or COLUMN=COLLECTION.FIELD")?;
    let (collection, field) = match target.split_once('.') {
        Some((collection, field)) => (collection, Some(field.to_owned())),
        None => (target, None),
    };
    Ok(RelationOption { heading: heading.to_owned(), collection: collection.to_owned(), field })
}

fn parse_field(text: &str) -> Result<FieldOption, String> {
    let (heading, target) = text.rsplit_once('=').ok_or("write it like COLUMN=FIELD or COLUMN=FIELD:TYPE")?;
    let (name, type_name) = match target.split_once(':') {
        Some((_, type_name)) if !TYPES.contains(&type_name) => {
            return Err(format!("the type must be one of: {}", TYPES.join(", ")));
        }
        Some((name, type_name)) => (name, Some(type_name.to_owned())),
        None => (target, None),
    };
    Ok(FieldOption { heading: heading.to_owned(), name: name.to_owned(), type_name, ..FieldOption::default() })
}

pub(super) fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| "the format must be csv, xlsx, json or jsonl".to_owned())
}

fn parse_encoding(text: &str) -> Result<Encoding, String> {
    Encoding::parse(text).ok_or_else(|| "the encoding must be utf-8, utf-16le, utf-16be or windows-1252".to_owned())
}

fn parse_dates(text: &str) -> Result<DateOrder, String> {
    DateOrder::parse(text).ok_or_else(|| "the order must be dmy or mdy".to_owned())
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err("one character, or \"tab\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_and_fields_are_read_from_their_short_form() {
        let relation = parse_relation("a=b=c.d").unwrap();
        assert_eq!((relation.heading.as_str(), relation.collection.as_str()), ("a=b", "c"));
        assert_eq!(relation.field.as_deref(), Some("d"));
        assert!(parse_relation("a").is_err());

        let field = parse_field("Price €=price:number").unwrap();
        assert_eq!((field.heading.as_str(), field.name.as_str()), ("Price €", "price"));
        assert_eq!(field.type_name.as_deref(), Some("number"));
        assert!(parse_field("a=b:file").is_err());
    }

    #[test]
    fn a_cause_is_reported_once_with_its_first_line_and_a_hint() {
        let price = |line, reason: &str| BadRow { column: Some("Price".to_owned()), ..BadRow::new(line, reason) };
        let rows = [
            BadRow::new(2, "5 cells, but the heading has 4"),
            BadRow::new(3, "6 cells, but the heading has 4"),
            price(4, "not a number: \"N/A\""),
            price(7, "not a number: \"-\""),
            BadRow::new(8, "the cell of the id column is empty"),
        ];
        let column = Column {
            heading: "Price".to_owned(),
            target: Target::Field {
                name: "price".to_owned(),
                type_name: "number".to_owned(),
                is_new: true,
                link: None,
            },
            reason: String::new(),
            style: transfer::Style::default(),
            doubt: None,
            definition: None,
        };
        let mut text = String::new();
        describe_bad_rows(&mut text, &rows, &[column]);
        assert_eq!(
            text,
            "line 2: 5 cells, but the heading has 4; likewise in 1 other row\n  most likely a cell that contains \
             the delimiter is not in quotes; --delimiter sets it\nline 4: Price: not a number: \
             \"N/A\"; likewise in 1 other row\n  if this means \"no value\", import with --null TEXT; to keep it as \
             it is, make the field a text\nline 8: the cell of the id column is empty\n"
        );
    }

    #[test]
    fn delimiters_are_single_characters() {
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter(";"), Ok(b';'));
        assert!(parse_delimiter("\"").is_err() && parse_delimiter("ab").is_err() && parse_delimiter("é").is_err());
    }
}
