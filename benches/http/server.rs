//! One running server: ours, the peer, or the bare handler, in its own folder.

use crate::folder::SUPERUSER;
use crate::process;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Ours,
    /// The program that `STEADING_PEER` names: PocketBase, or another build of ours.
    Peer,
    Bare,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Ours, Self::Peer, Self::Bare];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Peer => "peer",
            Self::Bare => "bare",
        }
    }

    /// Answers the contract, and not only the requests of this bench.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Ours | Self::Peer)
    }
}

/// A program and the folder it works in.
#[derive(Clone)]
pub struct Place {
    pub kind: Kind,
    pub program: PathBuf,
    pub folder: PathBuf,
}

impl Place {
    /// Where the data is.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn upsert_superuser(&self) -> Result<()> {
        let (email, password) = SUPERUSER;
        let mut command = self.command();
        command.args(["superuser", "upsert", email, password, "--dir"]).arg(self.data());
        ensure!(command.status()?.success(), "{} superuser upsert failed:\n{}", self.kind.name(), self.output());
        Ok(())
    }

    /// Starts the server and waits until `first_path` is answered; says how long that took.
    pub fn start(&self, first_path: &str) -> Result<(Server, Duration)> {
        let address = free_address()?;
        let mut command = self.command();
        match self.kind {
            Kind::Ours | Kind::Peer => command.args(["serve", "--http", &address.to_string(), "--dir"]),
            Kind::Bare => command.args(["--serve-at", &address.to_string(), "--serve-bare"]),
        };
        let started = Instant::now();
        let child =
            command.arg(self.data()).spawn().with_context(|| format!("cannot run {}", self.program.display()))?;
        let mut server = Server { kind: self.kind, address, pid: child.id(), child };
        while !answers(address, first_path) {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", self.kind.name(), self.output());
            }
            ensure!(started.elapsed() < Duration::from_secs(30), "no answer at {first_path}:\n{}", self.output());
            std::thread::sleep(Duration::from_micros(500));
        }
        let took = started.elapsed();
        server.pid = process::innermost(server.child.id());
        Ok((server, took))
    }

    /// Runs in a folder of its own, so that no configuration lying about is taken up; what it prints is kept.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder);
        command.env_remove("STEADING_PEER");
        if let Ok(output) = File::options().create(true).append(true).open(self.output_path())
            && let Ok(errors) = output.try_clone()
        {
            command.stdout(output).stderr(errors);
        }
        command
    }

    fn output(&self) -> String {
        fs::read_to_string(self.output_path()).unwrap_or_default()
    }

    fn output_path(&self) -> PathBuf {
        self.folder.join("output.txt")
    }
}

pub struct Server {
    pub kind: Kind,
    pub address: SocketAddr,
    pub pid: u32,
    child: Child,
}

impl Server {
    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.pid.to_string()]).status()?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(asked.elapsed() < Duration::from_secs(20), "{} does not stop when asked", self.kind.name());
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The program itself, past any wrapper script.
    pub fn program(&self) -> Result<PathBuf> {
        process::program(self.pid)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status_line = [0; 12];
        stream.read_exact(&mut status_line)?;
        Ok(&status_line == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// The program at `name`: a path, or something to be found on `PATH`.
pub fn locate(name: &str, path_variable: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return fs::canonicalize(name).ok();
    }
    std::env::split_paths(path_variable).map(|folder| folder.join(name)).find(|file| Path::is_file(file))
}
