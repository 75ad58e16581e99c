//! Sends what waits in the outbox, after the commit that put it there.
//!
//! One task, woken by [`Outbox::wake`], takes what is due, sends a few at a time and removes what is done. A failure is
//! told in the process log and in the request log, and tried again later; one that no further attempt would mend is given
//! up. Nothing here holds up a request, except [`App::send_now`], which is asked to.

mod carrier;
mod message;

use super::App;
use super::logs::{LEVEL_ERROR, LEVEL_WARNING};
use crate::base::clock::Timestamp;
use crate::domain::Result;
use crate::domain::auth::superusers;
use crate::domain::mail::{self as outbox, Claimed, Postbox};
use crate::domain::model::{Mail, Settings};
use crate::domain::tx::WriteTx;
use carrier::Carrier;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Mails taken from the outbox at a time.
const BATCH: i64 = 50;
/// Connections to the mail server at a time.
const PARALLEL: usize = 4;
/// One mail, from the first word to the server's last.
const LONGEST_DELIVERY: Duration = Duration::from_mins(1);
/// The longest sleep between two looks at the outbox, for clocks that jump.
const LONGEST_SLEEP: Duration = Duration::from_mins(10);
/// What is waited after the outbox itself could not be read.
const WAIT_AFTER_TROUBLE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, Default)]
pub struct MailOptions {
    /// Mails that have nowhere to go are written to the process log instead, secrets and all: for developing.
    pub is_logged: bool,
    /// Takes the mails of a test.
    #[cfg(test)]
    pub trap: Option<&'static tests::Trap>,
}

impl MailOptions {
    #[must_use]
    pub fn new(is_logged: bool) -> Self {
        Self {
            is_logged,
            #[cfg(test)]
            trap: None,
        }
    }
}

/// Wakes the task that sends.
#[derive(Debug)]
pub(super) struct Outbox {
    options: MailOptions,
    bell: Notify,
    /// Everything that waits is to be tried again at once.
    is_retry_asked: AtomicBool,
}

/// Why a mail did not go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct SendError {
    pub cause: String,
    /// Trying again would not help.
    pub is_final: bool,
}

impl SendError {
    fn passing(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), is_final: false }
    }

    fn lasting(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), is_final: true }
    }
}

impl Outbox {
    pub fn new(options: MailOptions) -> Self {
        // What an earlier process left behind is due by its own dates.
        Self { options, bell: Notify::new(), is_retry_asked: AtomicBool::new(false) }
    }

    pub fn wake(&self) {
        self.bell.notify_one();
    }

    /// The settings changed: what failed may succeed now.
    pub fn retry_all(&self) {
        self.is_retry_asked.store(true, Ordering::Release);
        self.wake();
    }
}

impl App {
    /// Sends mails for as long as the server runs.
    pub fn start_mail(&self) {
        let app = self.clone();
        self.tasks().keep("mail", move || {
            let app = app.clone();
            async move { app.send_mails().await }
        });
    }

    /// Sends one mail past the outbox and waits for the outcome: for an owner who tries their settings.
    pub async fn send_now(&self, mail: &Mail) -> std::result::Result<(), SendError> {
        let settings = self.settings();
        let carrier = Carrier::new(&settings.smtp, self.0.shared.outbox.options)?;
        deliver(&carrier, &settings, mail).await
    }

    /// Mails every superuser a plain text, such as that a job of the server failed.
    pub async fn tell_superusers(&self, subject: String, text: String) -> Result<()> {
        let postbox = self.postbox();
        self.write(move |tx| superusers::tell(tx, &postbox, &subject, &text)).await
    }

    /// Runs `post`, which posts a mail, unless it did so for the same `key` within the last two minutes.
    pub async fn post_once(
        &self,
        key: &impl Hash,
        post: impl FnOnce(&WriteTx, &Postbox) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        if !self.throttle().take(key) {
            return Ok(());
        }
        let postbox = self.postbox();
        self.write(move |tx| post(tx, &postbox)).await.inspect_err(|_| self.throttle().free(key))
    }

    async fn send_mails(&self) {
        let stop = self.tasks().stopping();
        while !stop.is_cancelled() {
            let sleep = self.send_due().await.unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox cannot be read");
                WAIT_AFTER_TROUBLE
            });
            tokio::select! {
                () = self.0.shared.outbox.bell.notified() => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Sends everything that is due. Returns how long there is nothing more to do.
    async fn send_due(&self) -> Result<Duration> {
        if self.0.shared.outbox.is_retry_asked.swap(false, Ordering::AcqRel)
            && self.read(outbox::next_due).await?.is_some()
        {
            self.write(outbox::retry_now).await?;
        }
        loop {
            if let Some(wait) = time_until(self.read(outbox::next_due).await?) {
                return Ok(wait);
            }
            let key = self.seal_key().cloned();
            let (expired, claimed) = self
                .write_making_room(move |tx| {
                    Ok((outbox::give_up_expired(tx)?, outbox::claim(tx, key.as_ref(), BATCH)?))
                })
                .await?;
            if expired > 0 {
                tracing::warn!(mails = expired, "mails were given up: what they carried has expired");
                let data = json!({"type": "mail", "mails": expired});
                self.logs().note(LEVEL_ERROR, "Mails were given up: what they carried has expired", data);
            }
            // A clock that was set back would otherwise have us ask again and again.
            if claimed.is_empty() && expired == 0 {
                return Ok(WAIT_AFTER_TROUBLE);
            }
            let settings = self.settings();
            let carrier = Carrier::new(&settings.smtp, self.0.shared.outbox.options);
            let attempts = claimed.into_iter().map(|claimed| self.attempt(&carrier, &settings, claimed));
            stream::iter(attempts).buffer_unordered(PARALLEL).collect::<()>().await;
        }
    }

    async fn attempt(&self, carrier: &std::result::Result<Carrier, SendError>, settings: &Settings, claimed: Claimed) {
        let outcome = match (carrier, &claimed.mail) {
            (_, None) => Err(SendError::lasting("it was encrypted with another key")),
            (Err(error), Some(_)) => Err(error.clone()),
            (Ok(carrier), Some(mail)) => deliver(carrier, settings, mail).await,
        };
        let is_over = match &outcome {
            Ok(()) => true,
            Err(error) => error.is_final || claimed.is_last,
        };
        if let Err(error) = &outcome {
            self.tell(&claimed, error, is_over);
        }
        if is_over && let Err(error) = self.write_making_room(move |tx| outbox::done(tx, claimed.id)).await {
            tracing::error!(%error, "a mail that is done could not be removed from the outbox");
        }
    }

    /// The first failure of a mail and its end go into the request log, where the owner looks; the process log has all.
    fn tell(&self, claimed: &Claimed, error: &SendError, is_over: bool) {
        // Not the subject: a template may have put the code there.
        let to = claimed.mail.as_ref().map_or("", |mail| &mail.to);
        let Claimed { attempt, .. } = *claimed;
        let data = json!({"type": "mail", "to": to, "attempt": attempt, "error": error.cause});
        if is_over {
            tracing::error!(to, attempt, cause = error.cause, "a mail was given up");
            self.logs().note(LEVEL_ERROR, "A mail was given up", data);
        } else {
            tracing::warn!(to, attempt, cause = error.cause, "a mail could not be sent, and will be tried again");
            if attempt == 1 {
                self.logs().note(LEVEL_WARNING, "A mail could not be sent, and will be tried again", data);
            }
        }
    }
}

/// `None` when that is now, or past.
fn time_until(due: Option<Timestamp>) -> Option<Duration> {
    let Some(due) = due else { return Some(LONGEST_SLEEP) };
    let millis = due.millis().saturating_sub(Timestamp::now().millis());
    u64::try_from(millis)
        .ok()
        .filter(|millis| *millis > 0)
        .map(|millis| Duration::from_millis(millis).min(LONGEST_SLEEP))
}

async fn deliver(carrier: &Carrier, settings: &Settings, mail: &Mail) -> std::result::Result<(), SendError> {
    let message = message::build(&settings.meta, mail)?;
    match tokio::time::timeout(LONGEST_DELIVERY, carrier.carry(mail, message)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SendError::passing("the mail server did not answer in time")),
    }
}

#[cfg(test)]
mod tests;
