//! `steading export COLLECTION`: writes records as a table.

use super::config::Config;
use super::progress::ProgressLine;
use super::{open_existing, readable};
use crate::app::App;
use crate::domain::Error;
use crate::domain::caller::RequestInfo;
use crate::domain::transfer::{self, ExportOptions, Format};
use anyhow::Context as _;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;

/// Export a collection as CSV, XLSX or JSON.
///
/// Everything except passwords and token keys is written, including hidden fields. In CSV, a text that a spreadsheet
/// would run as a formula gets an apostrophe in front; `steading import` removes it again.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// The collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// The file to write; standard output if not given
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// csv, xlsx, json or jsonl (an object per line); by default the format of the file's name, or csv
    #[arg(long, value_name = "FORMAT", value_parser = super::import::parse_format)]
    format: Option<Format>,
    /// Start CSV with a byte order mark, without which some spreadsheets misread accents
    #[arg(long)]
    bom: bool,
}

/// Runs the command. `is_json` makes JSON the default format.
pub(super) fn run(config: &Config, args: &ExportArgs, is_json: bool) -> anyhow::Result<()> {
    let by_name = args.out.as_ref().and_then(|path| Format::of_file(&path.to_string_lossy()));
    let app = open_existing(config)?;
    let usual = if is_json { Format::Json } else { Format::Csv };
    let options = ExportOptions { has_mark: args.bom, ..ExportOptions::all(args.format.or(by_name).unwrap_or(usual)) };
    let Some(path) = &args.out else {
        return write(args, &app, &options, std::io::stdout()).map(drop);
    };
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    let rows = write(args, &app, &options, file)?;
    writeln!(std::io::stderr(), "{rows} records written to {}", path.display())?;
    Ok(())
}

fn write(args: &ExportArgs, app: &App, options: &ExportOptions, out: impl Write + Send) -> anyhow::Result<u64> {
    let mut out = BufWriter::new(Watched { inner: out, is_closed: false });
    let mut line = ProgressLine::new("records");
    let outcome = app.read_once(|tx| {
        let missing = || Error::bad_request(format!("there is no collection {:?}", args.collection));
        let collection = tx.schema().find(&args.collection).cloned().ok_or_else(missing)?;
        let nobody = RequestInfo::default();
        let on_progress = &mut |progress| line.follow(progress);
        tx.without_limit(|| transfer::export(tx, &nobody, &collection, options, &mut out, on_progress))
    });
    line.clear();
    match outcome {
        // The original error is lost on the way through the domain. A closed pipe is not a failure: see
        // `is_closed_pipe`.
        Err(_) if out.get_ref().is_closed => Err(std::io::Error::from(ErrorKind::BrokenPipe).into()),
        outcome => outcome.map_err(readable),
    }
}

/// Detects that the reader of a pipe has closed it.
struct Watched<W> {
    inner: W,
    is_closed: bool,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.inner.write(bytes).inspect_err(|error| self.is_closed |= error.kind() == ErrorKind::BrokenPipe)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
