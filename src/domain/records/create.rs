//! Creates records.

use super::credentials::{self, Submitted};
use super::draft::Draft;
use super::{check_open, dropped, store, unmet, validate, would_satisfy};
use crate::domain::access::{self, Known};
use crate::domain::caller::RequestInfo;
use crate::domain::model::{Collection, Record, RuleKind};
use crate::domain::tx::{Action, Change, Effect, ReadTx, WriteTx};
use crate::domain::{Error, Result, Subject};
use std::sync::Arc;

const FAILED: &str = "Failed to create record.";

/// Creates a record for the caller of `request`, if the create rule holds for the record as it would be saved.
///
/// A rule that does not hold gives the same error as any other failure, without a reason.
pub fn create(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    submitted: &Submitted,
) -> Result<Arc<Record>> {
    refuse_view(collection)?;
    check_open(request, collection, RuleKind::Create)?;
    let draft = allowed(tx, request, collection, submitted)?;
    save(tx, draft, submitted)
}

/// Fails early if the create rule cannot hold for any body. Called before a large body is read.
pub fn foresee_create(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>) -> Result<()> {
    let rule = access::gate(&request.caller, collection.rule(RuleKind::Create))?;
    if let Some(part) = rule.and_then(|rule| access::known_part(rule, Known::Caller))
        && !would_satisfy(tx, request, &Record::blank(Arc::clone(collection)), &part)?
    {
        let blank = Subject::Drafted(Box::new(Record::blank(Arc::clone(collection))));
        let rule = (RuleKind::Create.as_str(), Some(part.as_str()));
        return Err(unmet(Error::bad_request(FAILED), request, collection, rule, blank));
    }
    Ok(())
}

/// Checks whether [`create`] would succeed, as far as this is known without writing. Called before steps that are
/// costly to undo.
pub fn rehearse_create(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    submitted: &Submitted,
) -> Result<()> {
    let mut draft = allowed(tx, request, collection, submitted)?;
    draft.generate_texts();
    validate::validate(tx, &draft, submitted, None)?.into_result(FAILED)
}

/// Returns the record as it would be saved, if the caller may create it.
fn allowed(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, submitted: &Submitted) -> Result<Draft> {
    let draft = draft(tx, collection, submitted, request.caller.is_superuser());
    let request = RequestInfo { body: Arc::clone(&draft.body), ..request.clone() };
    if let Some(rule) = access::gate(&request.caller, collection.rule(RuleKind::Create))?
        && !would_satisfy(tx, &request, &draft.record, rule)?
    {
        let rule = (RuleKind::Create.as_str(), Some(rule));
        let drafted = Subject::Drafted(Box::new(draft.record));
        return Err(unmet(Error::bad_request(FAILED), &request, collection, rule, drafted));
    }
    if collection.is_auth() {
        credentials::check_create(tx, &request, &draft, &submitted.values)?.into_result(FAILED)?;
    }
    Ok(draft)
}

/// Creates a record with a superuser's rights and without the checks of a form (password confirmation). For commands
/// and imports.
pub fn create_unchecked(tx: &WriteTx, collection: &Arc<Collection>, submitted: &Submitted) -> Result<Arc<Record>> {
    refuse_view(collection)?;
    let draft = draft(tx, collection, submitted, true);
    save(tx, draft, submitted)
}

/// Fails for views: they hold no records of their own, so nothing can be written to them, whatever their rules say.
pub fn refuse_view(collection: &Collection) -> Result<()> {
    if collection.is_view() {
        return Err(Error::bad_request("Unsupported collection type."));
    }
    Ok(())
}

fn draft(tx: &ReadTx, collection: &Arc<Collection>, submitted: &Submitted, is_superuser: bool) -> Draft {
    let mut draft = Draft::new(Record::blank(Arc::clone(collection)), &submitted.values, is_superuser);
    credentials::normalise(collection, &mut draft.record);
    draft.generate_id(&submitted.uploads.record_id);
    draft.stamp(&tx.now().to_string(), true);
    draft
}

fn save(tx: &WriteTx, mut draft: Draft, submitted: &Submitted) -> Result<Arc<Record>> {
    // Runs after the rule, so that the rule sees what the caller sent and no generated values.
    draft.generate_texts();
    dropped::warn(&draft.record, submitted);
    validate::validate(tx, &draft, submitted, None)?.into_result(FAILED)?;
    credentials::seal(&mut draft, &submitted.secrets);
    let record = Arc::new(draft.record);
    store::insert(tx, &record).map_err(|error| store::blame(error, &record.collection, FAILED))?;
    tx.effect(Effect::RecordChanged(Change { action: Action::Create, record: Arc::clone(&record) }));
    Ok(record)
}
