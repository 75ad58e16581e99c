//! A cache of the keys that providers sign with. A token that names an unknown key makes the keys load again: providers
//! rotate their keys and name the new one in their tokens.

use super::Outcome;
use super::client::Client;
use crate::base::id_token::Keys;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a key is cached. Its provider may withdraw it earlier.
const LIFETIME: Duration = Duration::from_hours(1);

#[derive(Debug, Default)]
pub struct KeyCache {
    /// By the URL that the keys are published at.
    known: Mutex<HashMap<String, (Instant, Keys)>>,
}

impl KeyCache {
    /// Returns the claims of `id_token` if it is signed with a key published at `url`.
    pub async fn verified_claims(&self, client: &Client, url: &str, id_token: &str) -> Outcome<Map<String, Value>> {
        let keys = match self.known(url, id_token) {
            Some(keys) => keys,
            None => self.fetch(client, url).await?,
        };
        keys.verified_claims(id_token).ok_or_else(|| "the id token is not signed with a published key".to_owned())
    }

    fn known(&self, url: &str, id_token: &str) -> Option<Keys> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (fetched, keys) = known.get(url)?;
        (fetched.elapsed() < LIFETIME && keys.has_key_of(id_token)).then(|| keys.clone())
    }

    async fn fetch(&self, client: &Client, url: &str) -> Outcome<Keys> {
        let text = client.get_public(url).await?;
        let keys = Keys::parse(&text).ok_or("the published keys cannot be read")?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(url.to_owned(), (Instant::now(), keys.clone()));
        Ok(keys)
    }
}
