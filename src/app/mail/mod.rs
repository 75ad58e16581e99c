//! Sends the mails in the outbox, after the commit that put them there.
//!
//! One task, woken by [`Outbox::wake`], takes the mails that are due, sends a few at a time and removes those that are sent.
//! A failure is written to the process log and the request log, and the mail is tried again later. A mail that can never be
//! sent is given up. Nothing here delays a request, except [`App::send_now`].

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

/// How many mails are taken from the outbox at a time.
const BATCH: i64 = 50;
/// How many connections to the mail server are open at a time.
const PARALLEL: usize = 4;
/// The time limit for sending one mail.
const MAX_DELIVERY_TIME: Duration = Duration::from_mins(1);
/// The longest sleep between two checks of the outbox, in case the clock jumps.
const MAX_SLEEP: Duration = Duration::from_mins(10);
/// How long to wait after the outbox could not be read.
const WAIT_AFTER_TROUBLE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, Default)]
pub struct MailOptions {
    /// Writes mails to the process log if no mail server is configured, including the secrets in them. For development.
    pub is_logged: bool,
    /// Receives the mails in a test.
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

/// Wakes the sending task.
#[derive(Debug)]
pub(super) struct Outbox {
    options: MailOptions,
    notify: Notify,
    /// All waiting mails are to be tried again now.
    is_retry_asked: AtomicBool,
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct SendError {
    pub cause: String,
    /// Whether another attempt would fail as well.
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
        // Mails of an earlier process are due at their stored times.
        Self { options, notify: Notify::new(), is_retry_asked: AtomicBool::new(false) }
    }

    pub fn wake(&self) {
        self.notify.notify_one();
    }

    /// To be called when the settings change: mails that failed may succeed now.
    pub fn retry_all(&self) {
        self.is_retry_asked.store(true, Ordering::Release);
        self.wake();
    }
}

impl App {
    /// Starts the task that sends mails until the server stops.
    pub fn start_mail(&self) {
        let app = self.clone();
        self.tasks().keep("mail", move || {
            let app = app.clone();
            async move { app.send_mails().await }
        });
    }

    /// Sends one mail without the outbox and waits for the result. Used to test mail settings.
    pub async fn send_now(&self, mail: &Mail) -> std::result::Result<(), SendError> {
        let settings = self.settings();
        let carrier = Carrier::new(&settings.smtp, self.0.shared.outbox.options)?;
        deliver(&carrier, &settings, mail).await
    }

    /// Mails a plain text to every superuser, for example that a backup failed.
    pub async fn tell_superusers(&self, subject: String, text: String) -> Result<()> {
        let postbox = self.postbox();
        self.write(move |tx| superusers::tell(tx, &postbox, &subject, &text)).await
    }

    /// Runs `post`, which posts a mail, unless that succeeded for the same `key` within the last two minutes.
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
                () = self.0.shared.outbox.notify.notified() => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Sends all mails that are due. Returns how long to wait for the next.
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
                tracing::warn!(mails = expired, "mails were given up: the links or codes in them have expired");
                let data = json!({"type": "mail", "mails": expired});
                self.logs().note(LEVEL_ERROR, "Mails were given up: the links or codes in them have expired", data);
            }
            // If the clock was set back, this prevents a busy loop.
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
            (_, None) => Err(SendError::lasting("the mail was encrypted with another key")),
            (Err(error), Some(_)) => Err(error.clone()),
            (Ok(carrier), Some(mail)) => deliver(carrier, settings, mail).await,
        };
        let is_over = match &outcome {
            Ok(()) => true,
            Err(error) => error.is_final || claimed.is_last,
        };
        if let Err(error) = &outcome {
            self.log_failure(&claimed, error, is_over);
        }
        if is_over && let Err(error) = self.write_making_room(move |tx| outbox::done(tx, claimed.id)).await {
            tracing::error!(%error, "a mail that was sent could not be removed from the outbox");
        }
    }

    /// The request log, which owners read, gets the first failure and the last. The process log gets all of them.
    fn log_failure(&self, claimed: &Claimed, error: &SendError, is_over: bool) {
        // The subject is not logged: a template may contain the code.
        let to = claimed.mail.as_ref().map_or("", |mail| &mail.to);
        let Claimed { attempt, .. } = *claimed;
        let data = json!({"type": "mail", "to": to, "attempt": attempt, "error": error.cause});
        if is_over {
            self.logs().note(LEVEL_ERROR, "A mail was given up", data);
            tracing::error!(to, attempt, cause = error.cause, "a mail was given up");
        } else {
            if attempt == 1 {
                self.logs().note(LEVEL_WARNING, "A mail could not be sent, and will be tried again", data);
            }
            tracing::warn!(to, attempt, cause = error.cause, "a mail could not be sent, and will be tried again");
        }
    }
}

/// `None` if `due` has come.
fn time_until(due: Option<Timestamp>) -> Option<Duration> {
    let Some(due) = due else { return Some(MAX_SLEEP) };
    let millis = due.millis().saturating_sub(Timestamp::now().millis());
    u64::try_from(millis).ok().filter(|millis| *millis > 0).map(|millis| Duration::from_millis(millis).min(MAX_SLEEP))
}

async fn deliver(carrier: &Carrier, settings: &Settings, mail: &Mail) -> std::result::Result<(), SendError> {
    let message = message::build(&settings.meta, mail)?;
    match tokio::time::timeout(MAX_DELIVERY_TIME, carrier.carry(mail, message)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SendError::passing("the mail server did not answer in time")),
    }
}

#[cfg(test)]
mod tests;
