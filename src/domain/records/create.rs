//! Creates records.

use super::credentials::{self, Secret, Submitted};
use super::draft::{self, Draft};
use super::{check_open, dropped, save, unmet, update, validate, would_satisfy};
use crate::domain::access::{self, Known};
use crate::domain::caller::RequestInfo;
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, Record, RuleKind};
use crate::domain::tx::{Action, Moment, ReadTx, WriteTx};
use crate::domain::{Error, Issues, Result, Subject};
use std::sync::Arc;

const FAILED: &str = save::failed(Action::Create);

/// Creates a record for the caller of `request`, if the create rule holds for the record as it would be saved.
///
/// A rule that does not hold gives the same error as any other failure, without a reason.
pub fn create(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    submitted: &Submitted,
) -> Result<Arc<Record>> {
    let draft = allowed(tx, request, collection, submitted)?;
    let _acting = tx.on_behalf_of(request, &draft.body);
    save_new(tx, request.caller.is_superuser(), draft, submitted)
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

/// Checks whether [`create`] would succeed: does the same up to the write. Called before steps that are costly to undo. If
/// hooks run before the checks, only the rule is checked, because they may complete the record.
pub fn rehearse_create(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    submitted: &Submitted,
) -> Result<()> {
    let draft = allowed(tx, request, collection, submitted)?;
    if tx.listens(Moment::Before, Action::Create, collection) {
        return Ok(());
    }
    save::check(tx, draft, None, submitted).map(drop)
}

/// Returns the record as it would be saved, if the caller may create it.
fn allowed(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, submitted: &Submitted) -> Result<Draft> {
    refuse_view(collection)?;
    check_open(request, collection, RuleKind::Create)?;
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
    save_new(tx, true, draft(tx, collection, submitted, true), submitted)
}

/// Returns the record as [`create_unchecked`] would save it, or [`update_unchecked`](super::update_unchecked) if one is `stored`, except
/// for what hooks do, and what is wrong with it.
pub fn foresee_unchecked(
    tx: &ReadTx,
    collection: &Arc<Collection>,
    stored: Option<&Record>,
    submitted: &Submitted,
) -> Result<(Record, Issues)> {
    let draft = if let Some(stored) = stored {
        update::draft(tx, stored, submitted, true)
    } else {
        let mut draft = draft(tx, collection, submitted, true);
        draft.generate_texts();
        draft
    };
    let issues = validate::validate(tx, &draft, submitted, stored)?;
    Ok((draft.record, issues))
}

/// Creates `record` with full rights. Its values are converted already. Its passwords, by field name, are
/// hashed already, its new files are in place.
pub fn create_record(
    tx: &WriteTx,
    record: Record,
    passwords: &[(String, Secret)],
    uploads: Uploads,
) -> Result<Arc<Record>> {
    refuse_view(&record.collection)?;
    let collection = Arc::clone(&record.collection);
    let (mut draft, mut submitted) = draft::of_record(record, passwords);
    submitted.uploads = uploads;
    credentials::normalise(&collection, &mut draft.record);
    if !draft.record.id().is_empty() {
        Arc::make_mut(&mut draft.body).insert("id".to_owned(), draft.record.id().into());
    }
    draft.generate_id("");
    draft::stamp(&mut draft.record, &tx.now().to_string(), true);
    save::save(tx, draft, None, &submitted)
}

/// Fails for views: they hold no records of their own, so nothing can be written to them, whatever their rules say.
pub fn refuse_view(collection: &Collection) -> Result<()> {
    if collection.is_view() {
        return Err(Error::bad_request("Unsupported collection type."));
    }
    Ok(())
}

pub(super) fn draft(tx: &ReadTx, collection: &Arc<Collection>, submitted: &Submitted, is_superuser: bool) -> Draft {
    let mut draft = Draft::new(Record::blank(Arc::clone(collection)), &submitted.values, is_superuser);
    credentials::normalise(collection, &mut draft.record);
    draft.generate_id(&submitted.uploads.record_id);
    draft::stamp(&mut draft.record, &tx.now().to_string(), true);
    draft
}

fn save_new(tx: &WriteTx, is_superuser: bool, draft: Draft, submitted: &Submitted) -> Result<Arc<Record>> {
    dropped::warn(is_superuser, &draft.record, submitted);
    save::save(tx, draft, None, submitted)
}
