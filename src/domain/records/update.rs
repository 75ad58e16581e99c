//! Changes records.

use super::create::refuse_view;
use super::credentials::{self, Secret, Submitted};
use super::draft::{self, Draft};
use super::{allow, check_open, dropped, missing, ruled_query, satisfies, save, store, withheld};
use crate::domain::Result;
use crate::domain::access::{self, Known};
use crate::domain::caller::RequestInfo;
use crate::domain::files::Uploads;
use crate::domain::model::{Collection, Record, RuleKind};
use crate::domain::tx::{Action, Moment, ReadTx, WriteTx};
use std::sync::Arc;

const FAILED: &str = save::failed(Action::Update);

/// Changes the record for the caller of `request`, if the update rule holds for the record as it is stored. Fails with
/// [`Error::NotFound`] if the record is missing and if the rule does not hold, so that the two cannot be told apart.
pub fn update(
    tx: &WriteTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    submitted: &Submitted,
) -> Result<Arc<Record>> {
    let (stored, draft) = allowed(tx, request, collection, id, submitted)?;
    let _acting = tx.on_behalf_of(request, &draft.body);
    save_changed(tx, request.caller.is_superuser(), &stored, draft, submitted)
}

/// Fails early if the update rule cannot hold for any body. Called before a large body is read.
pub fn foresee_update(tx: &ReadTx, request: &RequestInfo, collection: &Arc<Collection>, id: &str) -> Result<()> {
    let rule = access::gate(&request.caller, collection.rule(RuleKind::Update))?;
    let part = rule.and_then(|rule| access::known_part(rule, Known::Record)).unwrap_or_default();
    if store::find(tx, collection, id)?.is_none() {
        return Err(missing(collection, id));
    }
    let is_allowed = satisfies(tx, request, collection, id, Some(&part))?;
    if is_allowed { Ok(()) } else { Err(withheld(request, collection, RuleKind::Update, id)) }
}

/// Checks whether [`update`] would succeed: does the same up to the write. Called before steps that are costly to undo. If
/// hooks run before the checks, only the rule is checked, because they may complete the record.
pub fn rehearse_update(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    submitted: &Submitted,
) -> Result<()> {
    let (stored, draft) = allowed(tx, request, collection, id, submitted)?;
    if tx.listens(Moment::Before, Action::Update, collection) {
        return Ok(());
    }
    save::check(tx, draft, Some(&stored), submitted).map(drop)
}

/// Returns the record as stored and as it would be saved, if the caller may change it.
fn allowed(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    submitted: &Submitted,
) -> Result<(Record, Draft)> {
    let Asked { stored, draft, request } = asked(tx, request, collection, id, submitted)?;
    if collection.is_auth() {
        credentials::check_update(tx, &request, &stored, &draft, submitted)?.into_result(FAILED)?;
    }
    Ok((stored, draft))
}

/// Returns the record if the caller may update it, must give its password for this change, and has sent one to compare.
pub fn guarded_record(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    submitted: &Submitted,
) -> Result<Option<Record>> {
    let Asked { stored, request, .. } = asked(tx, request, collection, id, submitted)?;
    Ok(credentials::is_guarded(tx, &request, &stored, submitted)?.then_some(stored))
}

/// A change that the update rule allows.
struct Asked {
    stored: Record,
    draft: Draft,
    /// The request, with the body as rules see it.
    request: RequestInfo,
}

fn asked(
    tx: &ReadTx,
    request: &RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    submitted: &Submitted,
) -> Result<Asked> {
    refuse_view(collection)?;
    check_open(request, collection, RuleKind::Update)?;
    let stored = store::find(tx, collection, id)?.ok_or_else(|| missing(collection, id))?;
    let draft = draft(tx, &stored, submitted, request.caller.is_superuser());
    let request = RequestInfo { body: Arc::clone(&draft.body), ..request.clone() };
    let schema = tx.schema();
    let conditions = ruled_query(&schema, tx, &request, collection, RuleKind::Update)?.finish()?;
    if !allow(tx, &conditions, id)? {
        return Err(withheld(&request, collection, RuleKind::Update, id));
    }
    Ok(Asked { stored, draft, request })
}

/// Changes a record with a superuser's rights and without the checks of a form.
pub fn update_unchecked(tx: &WriteTx, stored: &Record, submitted: &Submitted) -> Result<Arc<Record>> {
    save_changed(tx, true, stored, draft(tx, stored, submitted, true), submitted)
}

/// Changes `stored` to `record` with full rights. Its values are converted already. Its new passwords, by field
/// name, are hashed already.
pub fn update_record(
    tx: &WriteTx,
    stored: &Record,
    record: Record,
    passwords: &[(String, Secret)],
    uploads: Uploads,
) -> Result<Arc<Record>> {
    refuse_view(&record.collection)?;
    let collection = Arc::clone(&record.collection);
    let (mut draft, mut submitted) = draft::of_record(record, passwords);
    submitted.uploads = uploads;
    credentials::normalise(&collection, &mut draft.record);
    draft::stamp(&mut draft.record, &tx.now().to_string(), false);
    save::save(tx, draft, Some(stored), &submitted)
}

pub(super) fn draft(tx: &ReadTx, stored: &Record, submitted: &Submitted, is_superuser: bool) -> Draft {
    let mut draft = Draft::new(stored.clone(), &submitted.values, is_superuser);
    credentials::normalise(&stored.collection, &mut draft.record);
    draft::stamp(&mut draft.record, &tx.now().to_string(), false);
    draft
}

fn save_changed(
    tx: &WriteTx,
    is_superuser: bool,
    stored: &Record,
    draft: Draft,
    submitted: &Submitted,
) -> Result<Arc<Record>> {
    dropped::warn(is_superuser, &draft.record, submitted);
    save::save(tx, draft, Some(stored), submitted)
}
