//! A server under measurement: its folder is made, it runs, and its users are signed in.

use crate::documents::{self, Documents};
use crate::folder::{self, Api, SIGNED_IN};
use crate::process;
use crate::report::Footprint;
use crate::rows::Session;
use crate::scripted;
use crate::server::{Place, Server};
use anyhow::Result;
use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Time for a server to finish what it put off.
pub const SETTLE: Duration = Duration::from_secs(1);

pub struct Contestant {
    pub server: Server,
    /// Its data folder.
    pub data: PathBuf,
    /// How many script files it has.
    scripts: usize,
    pub session: Arc<Session>,
    start: Duration,
    idle_kib: u64,
}

impl Contestant {
    pub async fn prepare(mut place: Place, posts: u64, has_scripts: bool) -> Result<Self> {
        folder::make(&mut place, posts).await?;
        if has_scripts {
            scripted::write_files(&place)?;
        }
        let start = median_start(&place)?;
        let (server, _) = place.start("/api/health")?;
        tokio::time::sleep(SETTLE).await;
        let idle_kib = process::memory_kib(server.pid)?;
        let mut tokens = Vec::new();
        let Documents { files, thumbs } = if place.kind.is_complete() {
            let api = Api::anonymous(server.address);
            for user in 0..SIGNED_IN {
                tokens.push(api.sign_in("users", &folder::user_email(user), folder::USER_PASSWORD).await?);
            }
            let api = Api::superuser(server.address).await?;
            if has_scripts {
                scripted::make(&api).await?;
            }
            documents::make(&api).await?
        } else {
            documents::make_bare(&Connection::open(place.data().join("data.db"))?, &place.data())?
        };
        let session = Arc::new(Session { host: server.address.to_string(), tokens, posts, files, thumbs });
        let scripts = if has_scripts { scripted::FILES } else { 0 };
        Ok(Self { server, data: place.data(), scripts, session, start, idle_kib })
    }

    pub fn footprint(&self) -> Result<Footprint> {
        let after_kib = process::memory_kib(self.server.pid)?;
        let (kind, scripts, start) = (self.server.kind, self.scripts, self.start);
        Ok(Footprint { kind, scripts, start, idle_kib: self.idle_kib, after_kib })
    }

    pub async fn set_list_rule(&self, rule: &str) -> Result<()> {
        let api = if self.server.kind.is_complete() {
            Api::superuser(self.server.address).await?
        } else {
            Api::anonymous(self.server.address)
        };
        api.send(Method::PATCH, "/api/collections/posts", json!({"listRule": rule})).await?;
        Ok(())
    }
}

/// How long it takes from starting the program to the first record it hands out.
fn median_start(place: &Place) -> Result<Duration> {
    let path = format!("/api/collections/posts/records/{}", folder::post_id(folder::POSTS / 2));
    let mut times = Vec::new();
    for _ in 0..5 {
        let (server, took) = place.start(&path)?;
        server.stop()?;
        times.push(took);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
