//! `steading scripts`: looks for mistakes in scripts, tests them, runs one, begins a new one.

use super::config::Config;
use super::{app_options, block_on, has_data, open_app_with_scripts, readable, say};
use crate::app;
use crate::app::scripts::{run_tests, schema_of, write_definitions};
use crate::domain::collections;
use crate::scripts::{self, FileKind, LoadError, Mistake, Sources, TestError, TestOutcome};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long handlers after the commit are waited for.
const LAST_HANDLERS_TIME: Duration = Duration::from_mins(1);

#[derive(Debug, Subcommand)]
pub(super) enum ScriptsAction {
    /// Look for mistakes, as the server does when it loads the scripts, and for names that are not defined
    Check(CheckArgs),
    /// Run the test files in the folder of the scripts, on a copy of the collections without their records
    Test(TestArgs),
    /// Run a file once against the data, in a transaction that is undone
    Run(RunArgs),
    /// Create a script and a test for it
    New {
        /// Such as "orders"
        name: String,
        #[command(flatten)]
        folder: FolderArgs,
    },
}

#[derive(Debug, Args)]
pub(super) struct FolderArgs {
    /// The folder of the scripts [default: scripts]
    #[arg(long, value_name = "FOLDER")]
    scripts: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// A file of collections, as the dashboard exports them, instead of those in the data folder
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// A part of the name of a file or a test
    #[arg(default_value = "")]
    filter: String,
    #[command(flatten)]
    folder: FolderArgs,
    /// A file of collections, as the dashboard exports them, instead of those in the data folder
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// `-` for standard input
    file: PathBuf,
    /// Keep what it writes
    #[arg(long)]
    keep: bool,
}

pub(super) fn run(config: &Config, action: ScriptsAction, is_json: bool) -> anyhow::Result<()> {
    match action {
        ScriptsAction::Check(args) => check(config, &args, is_json),
        ScriptsAction::Test(args) => test(config, &args, is_json),
        ScriptsAction::Run(args) => run_file(config, &args, is_json),
        ScriptsAction::New { name, folder } => new(&folder.of(config), &name, is_json),
    }
}

impl FolderArgs {
    fn of(&self, config: &Config) -> PathBuf {
        self.scripts.clone().unwrap_or_else(|| config.scripts.folder.clone())
    }
}

/// Scripts that do not exist have no mistakes; a folder that was meant otherwise has.
fn require(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    anyhow::bail!("There is no folder {}. Name the folder of the scripts with --scripts.", folder.display())
}

fn check(config: &Config, args: &CheckArgs, is_json: bool) -> anyhow::Result<()> {
    let folder = args.folder.of(config);
    require(&folder)?;
    let options = config.scripts.options();
    let sources = Sources::new(&folder);
    let schema = match &args.schema {
        Some(file) => Some(schema_of(&read_collections(file)?).map_err(readable)?),
        None if has_data(config) => Some(app::peek(&app_options(config)?).map_err(readable)?.0),
        None => None,
    };
    let checked = scripts::check(&sources, &options.limits, &scripts::closed_host(), options.is_built_in);
    let (counts, mut problems) = match checked {
        Ok(set) => ((set.files().len(), set.handlers().len()), Vec::new()),
        Err(problems) => ((0, 0), problems),
    };
    // A name that stops a file while it is loaded is found twice.
    let is_known = |found: &LoadError| problems.iter().any(|known| known.place() == found.place());
    let found: Vec<LoadError> = scripts::lint(&sources, &options.limits, schema.as_deref());
    let found: Vec<LoadError> = found.into_iter().filter(|found| !is_known(found)).collect();
    problems.extend(found);
    if problems.is_empty() {
        let (files, handlers) = counts;
        let unread =
            if schema.is_some() { "" } else { " Collections and fields were not looked up: there is no data." };
        let (in_files, of_handlers) = (counted(files, "script"), counted(handlers, "handler"));
        let text = format!("No mistakes in {in_files} with {of_handlers}.{unread}");
        return say(is_json, &text, &json!({"problems": [], "files": files, "handlers": handlers}));
    }
    let shown = problems.iter().map(|problem| problem_json(&problem.mistake()));
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    say(is_json, &lines.join("\n"), &json!({"problems": shown.collect::<Value>()}))?;
    anyhow::bail!("{}", counted(problems.len(), "mistake"))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn test(config: &Config, args: &TestArgs, is_json: bool) -> anyhow::Result<()> {
    let folder = args.folder.of(config);
    require(&folder)?;
    let items = match &args.schema {
        Some(file) => read_collections(file)?,
        None => stored_collections(config)?,
    };
    let options = app::scripts::ScriptOptions { folder, ..config.scripts.options() };
    let began = Instant::now();
    let mut outcomes: Vec<TestOutcome> = Vec::new();
    let mut file = String::new();
    let mut report = |outcome: &TestOutcome| {
        if !is_json {
            if outcome.file != file {
                outcome.file.clone_into(&mut file);
                // A closed standard output is noticed by the last line.
                let _ = writeln!(std::io::stdout(), "{file}");
            }
            let _ = writeln!(std::io::stdout(), "{}", told(outcome));
        }
        outcomes.push(outcome.clone());
    };
    run_tests(&options, &items, &args.filter, &mut report).map_err(|error| match error {
        TestError::Load(error) => anyhow::anyhow!("the scripts cannot be used: {error}"),
        TestError::Domain(error) => readable(error),
    })?;
    let failed = outcomes.iter().filter(|outcome| outcome.problem.is_some()).count();
    let passed = outcomes.len() - failed;
    let seconds = began.elapsed().as_secs_f64();
    let text = format!("\n{}: {passed} ok, {failed} failed ({seconds:.1} s)", counted(outcomes.len(), "test"));
    say(
        is_json,
        &text,
        &json!({"ok": passed, "failed": failed, "tests": outcomes.iter().map(shown).collect::<Value>()}),
    )?;
    if failed > 0 {
        anyhow::bail!("{} failed", counted(failed, "test"));
    }
    if outcomes.is_empty() && !args.filter.is_empty() {
        anyhow::bail!("no test has {:?} in its name", args.filter);
    }
    if outcomes.is_empty() {
        anyhow::bail!("no test was found: tests are in files such as orders.test.rhai");
    }
    Ok(())
}

/// The lines about one test.
fn told(outcome: &TestOutcome) -> String {
    let milliseconds = outcome.elapsed.as_millis();
    let Some(problem) = &outcome.problem else {
        return format!("  ok      {} ({milliseconds} ms)", outcome.name);
    };
    let mut lines = vec![format!("  FAILED  {}", outcome.name).trim_end().to_owned()];
    let printed = outcome.output.iter().map(|line| format!("printed: {line}"));
    let place = place(problem);
    let about = format!("{place}{}", problem.message);
    lines.extend(about.lines().map(ToOwned::to_owned).chain(printed).map(|line| format!("          {line}")));
    lines.join("\n")
}

/// `orders.rhai:3:5: `, as far as it is known.
fn place(problem: &Mistake) -> String {
    match (problem.line, problem.column) {
        (0, _) => format!("{}: ", problem.file),
        (line, column) => format!("{}:{line}:{column}: ", problem.file),
    }
}

fn shown(outcome: &TestOutcome) -> Value {
    json!({
        "file": outcome.file,
        "name": outcome.name,
        "ok": outcome.problem.is_none(),
        "problem": outcome.problem.as_ref().map(problem_json),
        "output": outcome.output,
        "milliseconds": outcome.elapsed.as_millis() as u64,
    })
}

fn problem_json(problem: &Mistake) -> Value {
    json!({"file": problem.file, "line": problem.line, "column": problem.column, "message": problem.message})
}

fn read_collections(file: &Path) -> anyhow::Result<Vec<Value>> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let value: Value = serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let items = match value {
        Value::Object(mut map) => map.remove("collections").unwrap_or_default(),
        other => other,
    };
    let Value::Array(items) = items else {
        anyhow::bail!("{} is not a list of collections", file.display());
    };
    Ok(items)
}

/// Those in the data folder, which is only read, also next to the server.
fn stored_collections(config: &Config) -> anyhow::Result<Vec<Value>> {
    if !has_data(config) {
        anyhow::bail!(
            "There is no data in {} yet: start the server there first, name the folder with --dir, or give a file of \
             collections with --schema.",
            config.folders.data.display()
        );
    }
    let (schema, _) = app::peek(&app_options(config)?).map_err(readable)?;
    Ok(schema.all().iter().filter(|one| !one.is_system).map(|one| collections::view(one)).collect())
}

fn run_file(config: &Config, args: &RunArgs, is_json: bool) -> anyhow::Result<()> {
    let (name, text) = if args.file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read the script")?;
        ("-".to_owned(), text)
    } else {
        let text =
            std::fs::read_to_string(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
        (args.file.display().to_string(), text)
    };
    if !has_data(config) {
        anyhow::bail!(
            "There is no data in {} yet: start the server there first, or name the folder with --dir.",
            config.folders.data.display()
        );
    }
    let app = open_app_with_scripts(config)?;
    let outcome = block_on(app.run_script(name, text, args.keep))?.map_err(readable)?;
    block_on(app.finish_scripts(LAST_HANDLERS_TIME))?;
    let mut lines = outcome.output.clone();
    if !outcome.value.is_null() {
        lines.push(serde_json::to_string_pretty(&outcome.value)?);
    }
    let json = json!({
        "value": outcome.value,
        "output": outcome.output,
        "problem": outcome.problem.as_ref().map(problem_json),
        "kept": args.keep && outcome.problem.is_none(),
    });
    if is_json || !lines.is_empty() {
        say(is_json, &lines.join("\n"), &json)?;
    }
    if let Some(problem) = &outcome.problem {
        anyhow::bail!("{}{}", place(problem), problem.message);
    }
    if !args.keep {
        writeln!(std::io::stderr(), "What it wrote was undone; --keep keeps it.")?;
    }
    Ok(())
}

fn new(folder: &Path, name: &str, is_json: bool) -> anyhow::Result<()> {
    let stem = name.strip_suffix(".rhai").unwrap_or(name);
    let (script, test) = (format!("{stem}.rhai"), format!("{stem}.test.rhai"));
    match FileKind::checked(&script) {
        Ok(FileKind::Script) => {}
        Ok(_) => anyhow::bail!("{name:?} is not the name of a script: write a plain word, such as orders"),
        Err(reason) => anyhow::bail!("{reason}"),
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let taken = [&script, &test].into_iter().find(|file| folder.join(file).symlink_metadata().is_ok());
    if let Some(taken) = taken {
        anyhow::bail!("{} exists already", folder.join(taken).display());
    }
    // The test first: a server that watches loads the script, and then everything is there.
    for (file, text) in [(&test, TEST), (&script, SCRIPT)] {
        let path = folder.join(file);
        let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        made.and_then(|mut made| made.write_all(text.replace("NAME", stem).as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Err(error) = write_definitions(folder) {
        writeln!(std::io::stderr(), "warning: the definitions for editors cannot be written: {error}")?;
    }
    let told = format!(
        "Made {} and {}.\nTest it with `steading scripts test {stem}`.",
        folder.join(&script).display(),
        folder.join(&test).display()
    );
    say(is_json, &told, &json!({"script": script, "test": test}))
}

const SCRIPT: &str = r#"// The rules of "NAME". See docs/scripting.md for everything that scripts can do.

// Runs inside the transaction that stores a new record. It may change the record, refuse it, and read and write others.
before_create("NAME", |e| {
    // e.record.title = e.record.title.to_upper();
    // if e.record.title == "" { reject(#{ title: "Give it a title." }); }
});

// Runs after the commit. The request does not wait for it.
// after_create("NAME", |e| mail("boss@example.com", "A new record", `Its id is ${e.record.id}.`));
"#;

const TEST: &str = r#"// Tests of NAME.rhai. Run them with `steading scripts test NAME`. Each runs in a transaction that is undone.

test("a new record of NAME", || {
    // let record = db.create("NAME", #{ title: "one" });
    // assert_eq(record.title, "ONE");
    // let refusal = assert_rejected(|| db.create("NAME", #{}));
    // assert_eq(refusal.data.title.message, "Give it a title.");
    assert_eq(1 + 1, 2);
});
"#;
