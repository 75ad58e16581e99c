//! The map test: compares the imports in `src/` with the order of floors and rooms in `ARCHITECTURE.md`. When it fails,
//! either the import or the map is wrong; say which in the commit.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest floor up. Each may use those before it.
const FLOORS: &[&str] = &["base", "db", "domain", "scripts", "app", "http", "cli"];

/// Outside libraries that may be used in one place only, as path prefixes under `src/`.
const HOMES: &[(&str, &[&str])] = &[
    ("rhai", &["scripts"]),
    ("minijinja", &["base/jinja", "scripts/templates", "domain/webhooks/template"]),
    ("rust_decimal", &["scripts"]),
    ("serde_json_path", &["domain/inbound/paths"]),
    ("notify", &["app/scripts/watch"]),
    ("notify_debouncer_full", &["app/scripts/watch"]),
    ("rusqlite", &["db/sqlite"]),
    ("r2d2", &["db/sqlite"]),
    ("argon2", &["base/password"]),
    ("bcrypt", &["base/password"]),
    ("jsonwebtoken", &["base/token", "base/id_token", "base/jwt"]),
    ("aws_lc_rs", &["base/crypto"]),
    ("webpki", &["base/certificates"]),
    ("rustls_pki_types", &["base/certificates"]),
    ("rustls_native_certs", &["base/certificates"]),
    ("aes_gcm", &["base/seal"]),
    ("reqwest", &["app/oauth2", "app/outbound", "app/remote"]),
    ("axum", &["http"]),
    ("axum_server", &["http"]),
    ("hyper", &["http"]),
    ("clap", &["cli"]),
    ("htmlize", &["base/plain_text"]),
    ("rustix", &["app", "cli"]),
    ("rust_embed", &["db/migrate", "http/ui"]),
    ("image", &["app/thumbs"]),
    ("gif", &["app/thumbs"]),
    ("image_webp", &["app/thumbs"]),
    ("png", &["app/thumbs"]),
    ("zune_jpeg", &["app/thumbs"]),
    ("object_store", &["app/blobs"]),
    ("fast_image_resize", &["app/thumbs"]),
    ("file_format", &["app/blobs"]),
    ("futures_util", &["app", "http"]),
    ("lettre", &["app/mail"]),
    ("tempfile", &["app", "cli/import", "db/testing", "domain/testing", "domain/transfer"]),
    ("zip", &["app/backups", "domain/transfer"]),
    ("calamine", &["domain/transfer"]),
    ("rust_xlsxwriter", &["domain/transfer"]),
    ("tokio", &["app", "http", "cli"]),
    ("tokio_util", &["app", "http"]),
];

struct Source {
    /// Relative to `src/`, without `.rs` or `/mod.rs`.
    place: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let source = |path: PathBuf| {
        let relative = path.strip_prefix(&root).unwrap().with_extension("");
        let place = relative.to_str().unwrap().replace('\\', "/");
        Source { place, text: fs::read_to_string(&path).unwrap() }
    };
    rust_files(&root).into_iter().map(source).collect()
}

fn texts(folder: &Path) -> Vec<String> {
    rust_files(folder).iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The code without comments and without tests, which may be in a module or in their own files.
fn code(source: &Source) -> impl Iterator<Item = &str> {
    let is_test_file = source.place.split('/').any(|part| part == "tests");
    source
        .text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(move |line| !is_test_file && !line.trim_start().starts_with("//"))
}

/// The paths after `crate::` on a line. `crate::{a, b}` gives both.
fn own_paths(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .flat_map(|(at, prefix)| {
            let rest = &line[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or("").split(',').map(str::trim).collect(),
                None => vec![rest],
            }
        })
        .collect()
}

fn first_name(path: &str) -> &str {
    path.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next().unwrap_or("")
}

fn rank(order: &[String], name: &str) -> Option<usize> {
    order.iter().position(|present| present == name)
}

#[test]
fn a_floor_uses_only_the_floors_below_it() {
    let floors: Vec<String> = FLOORS.iter().map(ToString::to_string).collect();
    let mut wrong = String::new();
    for source in sources() {
        let Some(own) = rank(&floors, first_name(&source.place)) else { continue };
        for line in code(&source) {
            for path in own_paths(line) {
                if rank(&floors, first_name(path)).is_some_and(|used| used > own) {
                    let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports from a floor above:\n{wrong}");
}

/// The rooms of the domain, from the lowest up.
fn rooms() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/mod.rs");
    let text = fs::read_to_string(root).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(ToOwned::to_owned)).collect()
}

#[test]
fn a_room_of_the_domain_uses_only_the_rooms_listed_before_it() {
    let rooms = rooms();
    assert!(rooms.len() > 5, "no rooms found: {rooms:?}");
    let mut wrong = String::new();
    for source in sources() {
        let Some(inside) = source.place.strip_prefix("domain/") else { continue };
        let Some(own) = rank(&rooms, first_name(inside)) else { continue };
        for line in code(&source) {
            for path in own_paths(line) {
                let Some(used) = path.strip_prefix("domain::") else { continue };
                let used = used.strip_prefix('{').unwrap_or(used);
                if rank(&rooms, first_name(used)).is_some_and(|used| used > own) {
                    let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports from a later room:\n{wrong}");
}

#[test]
fn architecture_lists_the_floors_and_the_rooms_in_their_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    // The first cell of each row of the first table after the heading, without link and backticks.
    let table = |heading: &str| -> Vec<String> {
        let lines = architecture.lines().skip_while(|line| *line != heading).skip_while(|line| !line.starts_with('|'));
        let cells = lines.take_while(|line| line.starts_with('|')).skip(2).filter_map(|line| line.split('`').nth(1));
        cells.map(|cell| cell.trim_start_matches("src/").to_owned()).collect()
    };
    assert_eq!(table("## Floors"), FLOORS);
    assert_eq!(table("### The rooms of `domain`"), rooms());
}

#[test]
fn below_the_app_nothing_is_async() {
    let mut wrong = String::new();
    for source in sources() {
        if !["base", "db", "domain", "scripts"].contains(&first_name(&source.place)) {
            continue;
        }
        for line in code(&source).filter(|line| line.contains("async fn") || line.contains(".await")) {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
    }
    assert!(wrong.is_empty(), "async below the app:\n{wrong}");
}

#[test]
fn each_outside_library_has_one_home() {
    let mut wrong = String::new();
    for source in sources() {
        for line in code(&source) {
            for (library, homes) in HOMES {
                let is_used = line.trim_start().starts_with(&format!("use {library}::"))
                    || line.match_indices(&format!("{library}::")).any(|(at, _)| {
                        // Not part of a longer name, and not a module of ours.
                        !line[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':')
                    });
                if is_used && !homes.iter().any(|home| source.place.starts_with(home)) {
                    let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "libraries away from home:\n{wrong}");
}

#[test]
fn each_dependency_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let sections = manifest.split("\n[").filter(|section| section.split(']').next().unwrap().ends_with("dependencies"));
    let names = sections.flat_map(|section| section.lines().skip(1)).filter_map(|line| line.split_once(" = "));
    let text: String =
        ["src", "tests/it", "benches/http"].iter().flat_map(|folder| texts(&root.join(folder))).collect();
    let is_unused = |name: &&str| {
        // The library of a package usually has underscores for hyphens.
        let name = match *name {
            "md-5" => "md5".to_owned(),
            "rustls-webpki" => "webpki".to_owned(),
            name => name.replace('-', "_"),
        };
        !text.contains(&format!("{name}::")) && !text.contains(&format!("use {name} as _;"))
    };
    let unused: Vec<&str> =
        names.map(|(name, _)| name).filter(|name| !name.starts_with('#')).filter(is_unused).collect();
    assert!(unused.is_empty(), "no longer used: {unused:?}");
}

#[test]
fn ways_to_sign_in_are_orchestrated_by_the_app() {
    const FORMS: &[&str] = &["auth", "otp", "oauth2", "email_change", "password_reset", "verification", "form"];
    let mut wrong = String::new();
    for source in sources() {
        let Some(form) = source.place.strip_prefix("http/") else { continue };
        for line in code(&source).filter(|_| FORMS.contains(&form)) {
            if [".write(", ".lockout()", "hash_password(", "verify_password("].iter().any(|call| line.contains(call)) {
                let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "belongs in src/app/sign_in:\n{wrong}");
}

/// Which fields are credentials, and what the system collections are called, is written down in one room.
#[test]
fn credentials_and_system_collections_are_named_once() {
    let names = ["\"tokenKey\"", "\"_mfas\"", "\"_otps\"", "\"_externalAuths\"", "\"_authOrigins\"", "\"_superusers\""];
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| !source.place.starts_with("domain/model/")) {
        for line in code(source).filter(|line| names.iter().any(|name| line.contains(name))) {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
    }
    assert!(wrong.is_empty(), "ask Collection or domain::model instead:\n{wrong}");
}

/// A handler hands one verb of the domain to a door; what several of them do together belongs to the app.
#[test]
fn handlers_hold_no_transaction() {
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| source.place.starts_with("http/")) {
        for line in code(source).filter(|line| line.contains("WriteTx") || line.contains(".savepoint(")) {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
        let text: String = code(source).flat_map(|line| [line, "\n"]).collect();
        for work in text.match_indices(".write").filter_map(|(at, _)| parenthesised(&text[at..])) {
            let verbs = verbs_of(work);
            if verbs.len() > 1 {
                let _ = writeln!(wrong, "src/{}.rs: one write calls {}", source.place, verbs.join(", "));
            }
        }
    }
    assert!(wrong.is_empty(), "belongs in src/app:\n{wrong}");
}

#[test]
fn the_verbs_of_a_write_are_found() {
    let find = |text| parenthesised(text).map(verbs_of);
    let two = ".write_long(move |tx| { let old = collections::find(tx, &name)?; things::update(tx, &old)?;\n other::note(tx) }).await";
    assert_eq!(find(two), Some(vec!["things::update", "other::note"]));
    assert_eq!(
        find(".write(move |tx| records::delete(tx, &find(tx, &name)?, &id)).await?; later(tx)"),
        Some(vec!["records::delete"])
    );
    assert_eq!(find(".write_text.len()"), None);
}

/// The text between the first parenthesis after a name and the one that closes it.
fn parenthesised(text: &str) -> Option<&str> {
    let begin = 1 + text[1..].find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let mut depth = 0;
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < begin) {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(begin + 1..at).filter(|_| at > begin);
        }
    }
    None
}

/// The functions that are given the transaction, but for those that only look something up or render the answer.
fn verbs_of(work: &str) -> Vec<&str> {
    let names = work.match_indices("(tx").map(|(at, _)| {
        let begin = work[..at].rfind(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
        &work[begin.map_or(0, |begin| begin + 1)..at]
    });
    let reads = ["find", "collections::find", "current", "records::render_one"];
    names.filter(|name| !name.is_empty() && !reads.contains(name)).collect()
}

/// Every change of a record takes the steps of `domain/records/save.rs`: there stands what runs before and after it.
#[test]
fn records_are_saved_in_one_place() {
    const STEPS: &[&str] =
        &["store::insert", "store::update(", "store::delete", "effect(Effect::RecordChanged", ".touch_record("];
    /// Who writes rows of which tables by SQL.
    const WRITERS: &[(&str, &str)] = &[
        ("domain/records/store", "records"),
        ("domain/collections/ddl", "copies of a table's rows when its columns change"),
        (
            "domain/collections/store",
            "_collections, what belonged to the accounts of a deleted one, and the names of fields in _webhooks",
        ),
        ("domain/settings/store", "_params"),
        ("domain/mail/store", "_mails"),
        ("domain/crons/store", "_params"),
        ("domain/kv/store", "_kv"),
        ("domain/jobs/store", "_jobs"),
        ("domain/records/outbox/store", "_outbox"),
        ("domain/webhooks/store/deliveries", "_deliveries, _attempts"),
        ("domain/webhooks/store/endpoints", "_webhooks"),
        ("domain/webhooks/store/events", "_outbox"),
        ("domain/webhooks/store/log", "_attempts"),
        ("domain/inbound/store", "_inbound"),
        ("app/logs/store", "_logs"),
        ("db/migrate", "_migrations"),
    ];
    let mut wrong = String::new();
    let mut found = Vec::new();
    for source in sources() {
        let may_step = ["domain/records/save", "domain/records/store"].contains(&source.place.as_str());
        let is_among_records = source.place.starts_with("domain/records");
        for line in code(&source) {
            let takes_a_step = STEPS.iter().any(|step| {
                // The stores of other rooms are those of other tables.
                line.contains(step) && (is_among_records || !step.starts_with("store::"))
            });
            let writes = ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "REPLACE INTO "]
                .iter()
                .any(|verb| line.contains(&format!("\"{verb}")) || line.contains(&format!("\" {verb}")));
            if writes {
                found.push(source.place.clone());
            }
            let may_write = WRITERS.iter().any(|(place, _)| *place == source.place);
            if takes_a_step && !may_step || writes && !may_write {
                let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "belongs in src/domain/records/save.rs:\n{wrong}");
    for (place, table) in WRITERS {
        assert!(found.iter().any(|writer| writer == place), "src/{place}.rs no longer writes {table}");
    }
}

/// A hash takes tens of milliseconds. The domain runs inside transactions, so it gets hashes and makes none.
#[test]
fn passwords_are_hashed_and_compared_outside_of_transactions() {
    // The tests of scripts run without the app, on data that is thrown away.
    const HOMES: &[&str] = &["app/passwords", "base/password", "domain/testing", "scripts/testing/host"];
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| !HOMES.contains(&source.place.as_str())) {
        for line in
            code(source).filter(|line| ["password::hash(", "password::verify("].iter().any(|c| line.contains(c)))
        {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
    }
    assert!(wrong.is_empty(), "ask App in src/app/passwords.rs:\n{wrong}");
}

/// The places that `ARCHITECTURE.md` lists, as prefixes under `src/`. Besides them, every file or folder called `store`.
const SQL_HOMES: &[&str] = &[
    "db/",
    "domain/access/",
    "domain/filter/",
    "domain/collections/ddl",
    "domain/collections/indexes",
    "domain/collections/views",
    "domain/records/mod",
    "domain/records/list",
    "domain/records/page_rows",
    "domain/records/plan",
    "domain/records/present",
    "domain/records/render",
    "domain/records/expand",
];

#[test]
fn sql_is_written_in_few_places() {
    let is_store = |place: &str| place.ends_with("/store") || place.contains("/store/");
    let is_home = |place: &str| is_store(place) || SQL_HOMES.iter().any(|home| place.starts_with(home));
    let sql = ["Sql::new(\"", ".raw(\"", "execute_script(", "\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM"];
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| !is_home(&source.place)) {
        for line in code(source).filter(|line| sql.iter().any(|part| line.contains(part))) {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
    }
    assert!(wrong.is_empty(), "SQL away from home:\n{wrong}");
}

/// What only one engine understands is behind `db::Engine`, `db::Connection` and `db::Dialect`. That no other floor can name
/// an engine is checked by the compiler: `db::sqlite` is private.
#[test]
fn no_floor_above_the_database_knows_its_engine() {
    let own = ["sqlite::", "SqliteDialect", "PRAGMA ", "VACUUM", "IMMEDIATE", "data_version", "\"-wal", "._rowid_"];
    let transaction = ["\"BEGIN", "\"COMMIT", "\"ROLLBACK", "\"SAVEPOINT", "\"RELEASE"];
    // Reads PocketBase's own file; refuses the word in SQL that superusers type.
    let exceptions = ["domain/pocketbase/store", "domain/console"];
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| !source.place.starts_with("db/")) {
        if exceptions.contains(&source.place.as_str()) {
            continue;
        }
        for line in code(source).filter(|line| own.iter().chain(&transaction).any(|word| line.contains(word))) {
            let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
        }
    }
    assert!(wrong.is_empty(), "belongs in src/db:\n{wrong}");
}

#[test]
fn one_function_chooses_the_engine() {
    let mut wrong = String::new();
    for source in sources().iter().filter(|source| !source.place.starts_with("db/sqlite/")) {
        let is_chosen_here = ["db/mod", "db/foreign"].contains(&source.place.as_str());
        for line in code(source) {
            let names_engine = line.contains("SqliteEngine") || line.contains("sqlite::{");
            // Only `app` asks for one.
            let asks = line.contains("db::engine(") && !source.place.starts_with("app/");
            if (names_engine && !is_chosen_here) || asks {
                let _ = writeln!(wrong, "src/{}.rs: {}", source.place, line.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "take the engine from the app instead:\n{wrong}");
}

#[test]
fn nothing_needs_a_folder_outside_the_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let outside = concat!("..", "/shared");
    let mut wrong = String::new();
    for name in ["Makefile", "demo", "tools", "tests", "benches", "docs", "README.md", "CONTRIBUTING.md"] {
        let mut left = vec![root.join(name)];
        while let Some(path) = left.pop() {
            if path.ends_with("node_modules") {
                continue;
            }
            if path.is_dir() {
                left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(outside)) {
                let _ = writeln!(wrong, "{}", path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "these name a folder outside of the project:\n{wrong}");
}
