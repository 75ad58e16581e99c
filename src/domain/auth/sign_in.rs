//! The last step of every sign-in method: the collection's rule, the second factor, the token.

use super::{mfa, token};
use crate::domain::caller::{Caller, Context, RequestInfo};
use crate::domain::model::{Collection, Record};
use crate::domain::records;
use crate::domain::tx::{ReadTx, WriteTx};
use crate::domain::{Error, Result, Subject};
use std::sync::Arc;

/// A method to prove an identity. A sign-in with a second factor takes two different ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    Password,
    Otp,
    Oauth2,
}

impl Factor {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Otp => "otp",
            Self::Oauth2 => "oauth2",
        }
    }

    fn context(self) -> Context {
        match self {
            Self::Password => Context::Password,
            Self::Otp => Context::Otp,
            Self::Oauth2 => Context::Oauth2,
        }
    }
}

/// The result of a proven factor.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    SignedIn {
        token: String,
    },
    /// A different factor must be proven, together with this id.
    SecondFactor {
        mfa_id: String,
    },
}

/// Signs `record` in after `factor` was proven. `mfa_id` is the id from an earlier, different factor, or empty.
pub fn finish(
    tx: &WriteTx,
    request: &RequestInfo,
    record: &Arc<Record>,
    factor: Factor,
    mfa_id: &str,
) -> Result<Outcome> {
    check_auth_rule(tx, request, record, factor.context())?;
    if needs_second_factor(tx, request, record)? {
        if mfa_id.is_empty() {
            return Ok(Outcome::SecondFactor { mfa_id: mfa::begin(tx, record, factor)? });
        }
        mfa::redeem(tx, record, factor, mfa_id)?;
    }
    Ok(Outcome::SignedIn { token: token::issue_auth(record, tx.now(), true, None) })
}

/// Does the same as [`finish`] for collections without a second factor, and needs no write lane: see
/// [`has_second_factor`].
pub fn finish_directly(tx: &ReadTx, request: &RequestInfo, record: &Arc<Record>, factor: Factor) -> Result<String> {
    check_auth_rule(tx, request, record, factor.context())?;
    Ok(token::issue_auth(record, tx.now(), true, None))
}

#[must_use]
pub fn has_second_factor(collection: &Collection) -> bool {
    collection.auth.as_ref().is_some_and(|auth| auth.mfa.enabled)
}

/// Checks the collection's sign-in rule with the record itself as the caller.
pub fn check_auth_rule(tx: &ReadTx, request: &RequestInfo, record: &Arc<Record>, context: Context) -> Result<()> {
    let collection = &record.collection;
    let rule = collection.auth.as_ref().and_then(|auth| auth.auth_rule.as_deref());
    let request = RequestInfo { context, ..request.clone() };
    if records::satisfies(tx, &request, collection, record.id(), rule)? {
        return Ok(());
    }
    let answer = Error::Forbidden("The request doesn't satisfy the collection requirements to authenticate.".into());
    let subject = Subject::Stored(record.id().to_owned());
    Err(records::unmet(answer, &request, collection, ("authRule", rule), subject))
}

fn needs_second_factor(tx: &ReadTx, request: &RequestInfo, record: &Arc<Record>) -> Result<bool> {
    let collection = &record.collection;
    let Some(mfa) = collection.auth.as_ref().map(|auth| &auth.mfa).filter(|mfa| mfa.enabled) else { return Ok(false) };
    records::satisfies(tx, request, collection, record.id(), Some(&mfa.rule))
}

/// Issues a token for another record, for superusers. `seconds` of 0 means the collection's lifetime.
pub fn impersonate(tx: &ReadTx, collection: &Arc<Collection>, id: &str, seconds: i64) -> Result<(Arc<Record>, String)> {
    let record = records::find(tx, collection, id)?.ok_or_else(Error::not_found)?;
    let token = token::issue_auth(&record, tx.now(), false, Some(seconds));
    Ok((Arc::new(record), token))
}

/// The request with the record as its caller, to show the record right after it has signed in.
#[must_use]
pub fn as_itself(request: &RequestInfo, record: &Arc<Record>) -> RequestInfo {
    let caller = if record.collection.is_superusers() {
        Caller::Superuser(Arc::clone(record))
    } else {
        Caller::Record(Arc::clone(record))
    };
    RequestInfo { caller, ..request.clone() }
}
