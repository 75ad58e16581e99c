//! The command line of `steading`. Flags may appear anywhere. Those of PocketBase keep their spelling, so that scripts
//! and images made for it can start either.

use super::backup::BackupAction;
use super::export::ExportArgs;
use super::files::FilesAction;
use super::import::ImportArgs;
use super::import_pocketbase::ImportPocketbaseArgs;
use super::scripts::ScriptsAction;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(name = "steading", version, about = "A self-hosted backend in one program, on SQLite")]
pub(super) struct Arguments {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the server (the default)
    Serve {
        #[arg(hide = true)]
        domains: Vec<String>,
    },
    /// Manage superusers, the accounts with full access
    Superuser {
        #[command(subcommand)]
        action: SuperuserAction,
    },
    /// Set which headers of a reverse proxy contain a client's address; without arguments, none is trusted
    TrustProxy {
        /// Such as X-Forwarded-For; the first that is present counts
        headers: Vec<String>,
        /// Take the first address of a list instead of the last: only for proxies that write the whole list themselves
        #[arg(long)]
        leftmost: bool,
    },
    Import(ImportArgs),
    ImportPocketbase(ImportPocketbaseArgs),
    Export(ExportArgs),
    /// Make, list, check and restore backups
    Backup {
        #[command(subcommand)]
        action: BackupAction,
    },
    /// Manage the files of records
    Files {
        #[command(subcommand)]
        action: FilesAction,
    },
    /// Check, test, run and create scripts
    Scripts {
        #[command(subcommand)]
        action: ScriptsAction,
    },
    /// Describe the API, collections included, as OpenAPI 3.1
    Openapi {
        /// The file to write; standard output if not given
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Generate types of the collections, for clients
    Types {
        #[command(subcommand)]
        language: Language,
    },
    /// Check the settings of the process, and show each with where it comes from
    Config,
}

#[derive(Debug, Subcommand)]
pub(super) enum Language {
    /// TypeScript, for the JavaScript SDK
    Ts {
        /// The file to write; standard output if not given
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        remote: Remote,
    },
}

#[derive(Debug, Args)]
pub(super) struct Remote {
    /// A running server whose collections are read, instead of the data folder
    #[arg(long, value_name = "URL", requires = "token")]
    pub url: Option<String>,
    /// The token of a superuser there; `-` reads it from standard input, so that process lists do not show it
    #[arg(long, value_name = "TOKEN", requires = "url")]
    pub token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum SuperuserAction {
    /// Add a superuser
    Create(Credentials),
    /// Set a superuser's password
    Update(Credentials),
    /// Add a superuser, or set the password of the one with this address
    Upsert(Credentials),
    /// Remove a superuser
    Delete { email: String },
    /// Print a one-time code to sign in with
    Otp { email: String },
    /// Set the addresses and subnets that superusers may connect from; without arguments, any
    Ips { addresses: Vec<String> },
}

#[derive(Debug, Args)]
pub(super) struct Credentials {
    pub email: String,
    /// `-` reads it from standard input, so that process lists do not show it
    pub password: String,
}

/// The headings in `--help` keep these apart from the options of a command.
const OF_ALL: &str = "Options of every command";
const OF_SERVER: &str = "Options of the server";

#[derive(Debug, Default, Args)]
pub(super) struct Flags {
    /// The config file [default: config.toml, if it exists]
    #[arg(long, global = true, help_heading = OF_ALL, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[arg(long, global = true, help_heading = OF_ALL, value_name = "FOLDER", help = "Where data is kept [default: steading_data]")]
    pub dir: Option<String>,
    /// Where to listen [default: 127.0.0.1:8090]
    #[arg(long, global = true, help_heading = OF_SERVER, value_name = "ADDRESS")]
    pub http: Option<String>,
    /// A static site to serve [default: public]
    #[arg(long = "publicDir", alias = "public-dir", global = true, help_heading = OF_SERVER, value_name = "FOLDER")]
    pub public_dir: Option<String>,
    /// Answer unknown paths with the site's index.html [default: true]
    #[arg(long = "indexFallback", alias = "index-fallback", global = true, help_heading = OF_SERVER, value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub index_fallback: Option<bool>,
    /// Origins whose pages may use the API, separated by commas [default: *]
    #[arg(long, global = true, help_heading = OF_SERVER, value_delimiter = ',')]
    pub origins: Option<Vec<String>>,
    /// The environment variable that holds the key to encrypt settings with, 32 bytes (as many ASCII characters)
    #[arg(long = "encryptionEnv", alias = "encryption-env", global = true, help_heading = OF_ALL, value_name = "NAME")]
    pub encryption_env: Option<String>,
    /// Seconds a query may take [default: 30]
    #[arg(long = "queryTimeout", alias = "query-timeout", global = true, help_heading = OF_SERVER, value_name = "SECONDS")]
    pub query_timeout: Option<u64>,
    /// text or json [default: text]
    #[arg(long, global = true, help_heading = OF_ALL, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// For development: log everything and tell clients why requests were refused
    #[arg(long, global = true, help_heading = OF_SERVER, value_name = "BOOL",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub dev: Option<bool>,
    /// Print results as JSON
    #[arg(long, global = true, help_heading = OF_ALL)]
    pub json: bool,

    #[command(flatten)]
    pub foreign: ForeignFlags,
}

/// PocketBase's flags for features that this server provides in another way, or not at all.
#[derive(Debug, Default, Args)]
pub(super) struct ForeignFlags {
    #[arg(long = "hooksDir", global = true, hide = true)]
    hooks_dir: Option<String>,
    #[arg(long = "hooksWatch", global = true, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    hooks_watch: Option<String>,
    #[arg(long = "hooksPool", global = true, hide = true)]
    hooks_pool: Option<String>,
    #[arg(long = "migrationsDir", global = true, hide = true)]
    migrations_dir: Option<String>,
    #[arg(long, global = true, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "")]
    automigrate: Option<String>,
    #[arg(long, global = true, hide = true)]
    https: Option<String>,
}

impl ForeignFlags {
    /// Returns a warning for each of these flags that was given. It is not an error, because an image made for
    /// PocketBase should still start.
    pub fn warnings(&self) -> Vec<String> {
        let scripts = "JavaScript hooks are not run";
        let migrations = "JavaScript migrations are not run";
        [
            ("--hooksDir", self.hooks_dir.is_some(), scripts),
            ("--hooksWatch", self.hooks_watch.is_some(), scripts),
            ("--hooksPool", self.hooks_pool.is_some(), scripts),
            ("--migrationsDir", self.migrations_dir.is_some(), migrations),
            ("--automigrate", self.automigrate.is_some(), migrations),
        ]
        .into_iter()
        .filter(|(_, is_given, _)| *is_given)
        .map(|(flag, _, why)| format!("{flag} is not supported and has no effect: {why}"))
        .collect()
    }

    pub fn wants_https(&self) -> bool {
        self.https.as_ref().is_some_and(|address| !address.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Arguments {
        Arguments::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    #[test]
    fn flags_stand_anywhere_and_serve_is_the_default() {
        for line in [
            "steading --http 127.0.0.1:1 --dir x",
            "steading serve --http 127.0.0.1:1 --dir x",
            "steading --dir x serve --http=127.0.0.1:1",
        ] {
            let arguments = parse(line);
            assert_eq!(arguments.flags.http.as_deref(), Some("127.0.0.1:1"), "{line}");
            assert_eq!(arguments.flags.dir.as_deref(), Some("x"), "{line}");
            assert!(matches!(arguments.command, None | Some(Command::Serve { .. })), "{line}");
        }
        let arguments = parse("steading superuser upsert a@b.c password123 --dir x");
        assert_eq!(arguments.flags.dir.as_deref(), Some("x"));
        assert!(matches!(arguments.command, Some(Command::Superuser { action: SuperuserAction::Upsert(_) })));
    }

    /// The options of a command come first in its help, and none of the server's is among them.
    #[test]
    fn help_keeps_the_options_of_a_command_together() {
        for (command, own) in [("import", "--relation"), ("export", "--out"), ("types ts", "--token")] {
            let error = Arguments::try_parse_from(format!("steading {command} --help").split_whitespace()).unwrap_err();
            let help = error.to_string();
            let (first, rest) = help.split_once(OF_ALL).unwrap();
            let (all, server) = rest.split_once(OF_SERVER).unwrap();
            assert!(first.contains(own) && !first.contains("--http") && !first.contains("--dir"), "{help}");
            assert!(all.contains("--dir") && all.contains("--json") && !all.contains("--http"), "{help}");
            assert!(server.contains("--http") && server.contains("--publicDir"), "{help}");
        }
    }

    #[test]
    fn the_spellings_of_pocketbase_are_understood() {
        let flags = parse(
            "steading serve --publicDir=p --indexFallback=false --encryptionEnv=KEY --dev --queryTimeout=5 \
             --origins=http://a,http://b --hooksWatch=false --hooksDir h --automigrate",
        )
        .flags;
        assert_eq!((flags.index_fallback, flags.dev, flags.query_timeout), (Some(false), Some(true), Some(5)));
        assert_eq!(flags.origins.as_deref(), Some(&["http://a".to_owned(), "http://b".to_owned()][..]));
        assert_eq!(flags.foreign.warnings().len(), 3);
    }
}
