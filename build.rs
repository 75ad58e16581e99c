//! Puts the dashboard (`admin-ui/`) into `$OUT_DIR/ui`, from where the server embeds it.
//!
//! Building Steading must work on any machine, also one without Node, so this takes the first way that is open:
//!
//! 1. `admin-ui/dist` is there and not older than its sources: copy it. Releases and source archives carry it.
//! 2. npm is there: build the dashboard straight into `$OUT_DIR/ui`; the source tree stays clean.
//! 3. An older `dist` is there: copy it, with a warning.
//! 4. A page that tells how to get the dashboard, with a warning. The API works fully without it.
//!
//! `UI_BUILD` says how much effort to make: `auto` (the default) as above; `skip` never runs Node, for work on the Rust
//! code alone; `require` makes it an error to end up with anything but a current dashboard, for releases.

#![expect(clippy::print_stderr, reason = "cargo shows what a build script prints when it fails")]
#![expect(clippy::disallowed_methods, reason = "cargo hands over everything by environment variables")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, io};

/// What the dashboard is built from. `node_modules` must never be listed: it is huge, and changes by itself.
const SOURCES: [&str; 9] = [
    "admin-ui/src",
    "admin-ui/public",
    "admin-ui/vite",
    // The editor completes what its reference describes.
    "docs/scripting.md",
    "admin-ui/index.html",
    "admin-ui/vite.config.ts",
    "admin-ui/tsconfig.json",
    "admin-ui/package.json",
    "admin-ui/package-lock.json",
];

const PLACEHOLDER: &str = include_str!("admin-ui/placeholder.html");

/// How much effort to make, from `UI_BUILD`.
#[derive(Clone, Copy, PartialEq)]
enum Effort {
    Auto,
    Skip,
    Require,
}

fn main() -> Result<(), Box<dyn Error>> {
    let effort = parse_effort(env::var("UI_BUILD").ok().as_deref())?;
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let target = PathBuf::from(env::var("OUT_DIR")?).join("ui");
    tell_cargo_what_to_watch(&root);
    provide_ui(effort, &root, &target)
}

fn parse_effort(text: Option<&str>) -> Result<Effort, String> {
    match text {
        None | Some("" | "auto") => Ok(Effort::Auto),
        Some("skip") => Ok(Effort::Skip),
        Some("require") => Ok(Effort::Require),
        Some(other) => Err(format!("UI_BUILD is `{other}`; it can be auto, skip or require")),
    }
}

/// A watched path that does not exist would make cargo run this script at every build, so only those that do are named.
fn tell_cargo_what_to_watch(root: &Path) {
    println!("cargo::rerun-if-env-changed=UI_BUILD");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=admin-ui/placeholder.html");
    for path in SOURCES.iter().chain(&["admin-ui/dist"]) {
        if root.join(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

fn provide_ui(effort: Effort, root: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let dist = root.join("admin-ui/dist");
    if is_fresh(&dist, root)? {
        return Ok(copy_fresh(&dist, target)?);
    }
    if effort != Effort::Skip {
        match build_with_npm(&root.join("admin-ui"), target) {
            Ok(()) => return Ok(()),
            Err(why) if effort == Effort::Require => return Err(format!("the dashboard was not built: {why}").into()),
            Err(why) => println!("cargo::warning=the dashboard was not built: {why}"),
        }
    }
    if dist.join("index.html").exists() {
        println!("cargo::warning=embedding the dashboard from admin-ui/dist, which is older than its sources");
        return Ok(copy_fresh(&dist, target)?);
    }
    println!("cargo::warning=building without the dashboard; the API is not affected. UI_BUILD=require tells why");
    Ok(write_placeholder(target)?)
}

/// Is `dist` complete, and made after the last change of what it is made from?
fn is_fresh(dist: &Path, root: &Path) -> io::Result<bool> {
    let Ok(built) = fs::metadata(dist.join("index.html")).and_then(|page| page.modified()) else {
        return Ok(false);
    };
    for source in SOURCES.map(|path| root.join(path)) {
        if source.exists() && newest_change(&source)? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The latest time of change of a file, or of anything in a folder.
fn newest_change(path: &Path) -> io::Result<SystemTime> {
    let mut newest = fs::metadata(path)?.modified()?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(newest_change(&entry?.path())?);
        }
    }
    Ok(newest)
}

fn build_with_npm(admin_ui: &Path, target: &Path) -> Result<(), String> {
    if !admin_ui.join("package.json").exists() {
        return Err("admin-ui is not part of this source tree".into());
    }
    if !are_packages_current(admin_ui) {
        npm(admin_ui, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    }
    let target = target.to_str().ok_or("OUT_DIR is not valid UTF-8")?;
    npm(admin_ui, &["run", "--silent", "build", "--", "--outDir", target, "--emptyOutDir", "--logLevel", "warn"])
}

/// npm writes its own lock file into `node_modules` when it is done. Installing takes half a minute, so it is done only
/// when the project's lock has changed since.
fn are_packages_current(admin_ui: &Path) -> bool {
    let changed = |path: &str| fs::metadata(admin_ui.join(path)).and_then(|file| file.modified()).ok();
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    // Windows has no `npm` program, only a script that must be named in full.
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let said = format!("`npm {}`", arguments.first().unwrap_or(&""));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{said} could not be started ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    // Cargo shows this only when the script fails, or on request.
    eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{said} failed ({}); to see why, run it in admin-ui", output.status))
}

/// Copies into an empty folder, so that no file of an earlier build stays embedded.
fn copy_fresh(from: &Path, to: &Path) -> io::Result<()> {
    remove_if_there(to)?;
    copy_folder(from, to)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

fn write_placeholder(target: &Path) -> io::Result<()> {
    remove_if_there(target)?;
    fs::create_dir_all(target)?;
    fs::write(target.join("index.html"), PLACEHOLDER)
}

fn remove_if_there(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
