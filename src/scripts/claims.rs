//! Webhooks that a call works on. Each is marked in the database while the call runs, so that the same one, sent again, waits or is
//! left out. If the call fails, the mark goes, and the sender's next attempt is worked on.

use super::host::Host;
use crate::domain::Result;
use crate::domain::kv::{self, Entry, Space};
use crate::domain::tx::WriteTx;
use serde_json::json;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

/// How much longer than the call the mark of a webhook stays, if the server does not live to remove it.
const LEASE_GRACE: Duration = Duration::from_secs(10);

/// What is known of a webhook that has come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    New,
    /// Another call works on it.
    Running,
    /// A call has worked on it, and succeeded.
    Done,
}

/// The webhooks of a call.
#[derive(Debug, Default)]
pub struct Claims(RefCell<Vec<Claim>>);

#[derive(Clone, Debug)]
struct Claim {
    keys: Vec<String>,
    seconds: i64,
}

impl Claims {
    /// Marks a webhook for a call that has `time` left. It is known by each of `keys`. If it is new and the call succeeds, it is remembered
    /// for `seconds`.
    pub fn claim(&self, host: &Arc<dyn Host>, keys: Vec<String>, seconds: i64, time: Duration) -> Result<Known> {
        let lease = (time.saturating_add(LEASE_GRACE)).as_secs().min(3600) as i64;
        let (sender, receiver) = std::sync::mpsc::channel();
        let wanted = keys.clone();
        host.write(Box::new(move |tx| {
            let mut known = Known::New;
            for key in &wanted {
                match kv::get(tx, Space::Webhooks, key)? {
                    Some(entry) if entry.value == json!("done") => known = Known::Done,
                    Some(_) if known == Known::New => known = Known::Running,
                    _ => {}
                }
            }
            if known == Known::New {
                wanted.iter().try_for_each(|key| mark(tx, key, "running", lease))?;
            }
            // The receiver exists until the call below returns.
            let _ = sender.send(known);
            Ok(())
        }))?;
        let known = receiver.try_recv().unwrap_or(Known::Running);
        if known == Known::New {
            self.0.borrow_mut().push(Claim { keys, seconds });
        }
        Ok(known)
    }

    /// Ends the claims of a call. What it has worked on without success may come again.
    pub fn settle(&self, host: &Arc<dyn Host>, is_done: bool) {
        let claims = self.0.take();
        if claims.is_empty() {
            return;
        }
        let settled = host.write(Box::new(move |tx| {
            for (key, seconds) in claims.iter().flat_map(|claim| claim.keys.iter().map(|key| (key, claim.seconds))) {
                if is_done {
                    mark(tx, key, "done", seconds)?;
                } else {
                    kv::remove(tx, Space::Webhooks, key)?;
                }
            }
            Ok(())
        }));
        if let Err(error) = settled {
            tracing::error!(%error, "a webhook cannot be marked as done: it may be worked on again");
        }
    }
}

/// Marks a webhook as done, in a transaction that works on it. Returns `false` if it was worked on before, or is now, under one of `keys`.
pub fn claim_in(tx: &WriteTx, keys: &[String], seconds: i64) -> Result<bool> {
    for key in keys {
        if kv::get(tx, Space::Webhooks, key)?.is_some() {
            return Ok(false);
        }
    }
    keys.iter().try_for_each(|key| mark(tx, key, "done", seconds))?;
    Ok(true)
}

fn mark(tx: &WriteTx, key: &str, state: &str, seconds: i64) -> Result<()> {
    kv::set(tx, Space::Webhooks, key, &Entry { value: json!(state), expires: Some(tx.now().plus_seconds(seconds)) })
}
