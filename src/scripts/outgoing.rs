//! Calls the handlers of what leaves the server by itself: mails and realtime messages.

use super::ambient::Place;
use super::event_call::{EventCall, EventOutput, RunIn};
use super::events::Event;
use super::set::ScriptSet;
use super::stack;
use crate::base::address::is_email;
use crate::db::DbError;
use crate::domain::Result;

use crate::domain::tx::{Mailing, ReadTx, Sending, WriteTx};
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;

/// The longest subject that a handler may give a mail, in characters, and the largest text, in bytes.
const MAX_SUBJECT: usize = 255;
const MAX_HTML_BYTES: usize = 1024 * 1024;

thread_local! {
    /// A mail that a handler of mails sends runs no handlers of mails.
    static IS_ASKING: Cell<bool> = const { Cell::new(false) };
}

impl ScriptSet {
    /// Returns whether a mail is sent. A refusal, a mistake or a mail that cannot be sent withholds it, and nothing else: what asks for
    /// the mail goes on.
    pub(super) fn ask_about_mail(&self, tx: &WriteTx, mailing: &mut Mailing<'_>) -> bool {
        if IS_ASKING.replace(true) {
            return true;
        }
        let asked = tx.savepoint(|| self.ask(&RunIn::Transaction(tx), &event_call_of(tx, mailing)));
        IS_ASKING.set(false);
        let Ok(output) = asked else { return false };
        let is_fine = take(mailing, &output);
        if !is_fine {
            let message =
                "before_mail: e.to must be an address, e.subject one line, and e.html a text; the mail is not sent";
            self.host.log(super::Level::Error, message, "");
        }
        is_fine
    }

    /// Runs the handlers for a message to one client.
    pub(super) fn ask_about_message(&self, tx: &ReadTx, sending: &mut Sending<'_>) -> Result<()> {
        let event = Event::BeforeRealtimeMessage;
        let own = self.limits.read;
        let call = EventCall::of(event, &sending.record.collection)
            .asked_by(sending.request)
            .with("record", &Arc::new(sending.record.clone()))
            .with("topic", sending.topic)
            .with("client_id", sending.client_id)
            .with_settable("message", sending.message.clone().unwrap_or_default());
        let place = Place::Reading(tx.clone(), Arc::clone(&self.host));
        let time = own.min(tx.time_left());
        let asked = stack::with_room(|| self.ask_at(&place, time, &call));
        let output = match asked {
            Err(_) if tx.time_left().is_zero() && time < own => return Err(DbError::Interrupted.into()),
            asked => asked?,
        };
        sending.message = output.value("message").filter(|message| !message.is_null());
        Ok(())
    }
}

fn event_call_of(tx: &WriteTx, mailing: &Mailing<'_>) -> EventCall {
    let mail = &mailing.mail;
    let call = EventCall::named(Event::BeforeMail, mailing.purpose)
        .with("purpose", mailing.purpose)
        .with("record", mailing.record.map(|record| Arc::new(record.clone())))
        .with_settable("to", mail.to.as_str())
        .with_settable("subject", mail.subject.as_str())
        .with_settable("html", mail.html.as_str());
    match &tx.origin().request {
        Some(request) => call.asked_by(request),
        None => call,
    }
}

/// Changes the mail to what the handlers have left. Returns whether it can be sent.
fn take(mailing: &mut Mailing<'_>, output: &EventOutput) -> bool {
    let text = |name: &str| match output.value(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let (Some(to), Some(subject), Some(html)) = (text("to"), text("subject"), text("html")) else { return false };
    let has_subject = !subject.trim().is_empty() && subject.chars().count() <= MAX_SUBJECT;
    let is_fine = is_email(&to) && has_subject && !subject.contains(['\n', '\r']) && html.len() <= MAX_HTML_BYTES;
    if is_fine {
        (mailing.mail.to, mailing.mail.subject, mailing.mail.html) = (to, subject, html);
    }
    is_fine
}
