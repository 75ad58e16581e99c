//! Tokens and passwords of auth records.

use super::crypto::seconds_of;
use super::dates::current_time;
use crate::domain::auth;
use crate::domain::auth::token::{self, Kind};
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::values::{RecordState, RecordValue};
use rhai::plugin::*;
use rhai::{Dynamic, Module, NativeCallContext};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "accounts", accounts);
}

#[export_module]
mod accounts {
    /// A token with which a client is signed in as this record of an auth collection. It lives as long as the collection says, and can be
    /// refreshed. Access rules and second factors are not asked: hand it only to who has proven to be this user.
    #[rhai_fn(name = "auth_token", pure, return_raw, volatile)]
    pub fn auth_token(context: NativeCallContext<'_>, record: &mut RecordValue) -> Outcome<String> {
        ambient::note(&context);
        Ok(token::issue_auth(&*account(record)?, current_time(), true, None))
    }

    /// The same for a time (seconds, or a length such as `hours(2)`). It cannot be refreshed.
    #[rhai_fn(name = "auth_token", pure, return_raw, volatile)]
    pub fn auth_token_for(context: NativeCallContext<'_>, record: &mut RecordValue, time: Dynamic) -> Outcome<String> {
        ambient::note(&context);
        let seconds = seconds_of("auth_token", &time)?;
        if seconds < 1 {
            return Err(problem("the lifetime of a token must be at least one second"));
        }
        Ok(token::issue_auth(&*account(record)?, current_time(), false, Some(seconds)))
    }

    /// A token with which protected files that this record may see can be read, for use in addresses. It lives for some minutes.
    #[rhai_fn(name = "file_token", pure, return_raw, volatile)]
    pub fn file_token(context: NativeCallContext<'_>, record: &mut RecordValue) -> Outcome<String> {
        ambient::note(&context);
        Ok(token::issue_file(&*account(record)?, current_time()))
    }

    /// The record that a token of `auth_token` or of a sign-in is for. `()` if it is none, has expired or was revoked.
    #[rhai_fn(return_raw, volatile)]
    pub fn verify_auth_token(context: NativeCallContext<'_>, token: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        if token.len() > MAX_TOKEN_BYTES {
            return Ok(Dynamic::UNIT);
        }
        let now = current_time();
        let found = ambient::read(|tx| {
            let Some(claims) = token::peek_auth(token) else { return Ok(None) };
            let record = auth::find_token_record(tx, &claims)?;
            Ok(record.filter(|record| token::caller_of(token, Kind::Auth, record.clone(), now).record().is_some()))
        })?;
        Ok(found.map_or(Dynamic::UNIT, |record| Dynamic::from(RecordValue::stored(record))))
    }

    /// Whether this is the password of the record. It takes a while, so it works outside of transactions only. Nothing counts wrong tries:
    /// `kv.increment` can.
    #[rhai_fn(name = "check_password", pure, return_raw, volatile)]
    pub fn check_password(context: NativeCallContext<'_>, record: &mut RecordValue, password: &str) -> Outcome<bool> {
        ambient::note(&context);
        let frame = ambient::running("check_password")?;
        let Place::Outside(host) = &frame.place else {
            return Err(problem("check_password is not possible inside a transaction, because it takes long"));
        };
        let record = account(record)?;
        host.verify(&record, password).map_err(of_domain)
    }
}

/// The stored record of an auth collection.
fn account(record: &RecordValue) -> Outcome<std::sync::Arc<crate::domain::model::Record>> {
    let is_stored = !matches!(record.state(), RecordState::New | RecordState::Ended);
    if !record.collection().is_auth() || !is_stored {
        return Err(problem("a stored record of an auth collection is needed, such as one of users"));
    }
    Ok(record.current())
}
