//! How large a body may be: by the route, the fields of the collection and the owner's settings.

use super::ApiError;
use super::error::MAX_FORM_BYTES;
use super::limited_body::{BodyBudget, BodyTerms, LimitedBody};
use super::router::BodyLimit;
use crate::app::limits::Share;
use crate::domain::fields::{FieldKind, MAX_JSON_VALUES};
use crate::domain::inbound::MAX_BODY_BYTES;
use crate::domain::model::{Collection, Settings};
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use hyper::body::Incoming;

const MIB: u64 = 1024 * 1024;
/// 1,000 subscriptions of 2,500 characters, some of them long or escaped.
const SUBSCRIPTIONS_BYTES: u64 = 4 * MIB;
const DEFAULT_BODY_BYTES: u64 = 32 * MIB;
const BATCH_BODY_BYTES: u64 = 128 * MIB;
/// How much of a record may be in memory in addition to its large fields, and of a batch if the settings have no limit.
/// Parsed bodies take several times as much, and a request should stay below 64 MiB unless a superuser sends it.
const RECORD_BYTES: u64 = 6 * MIB;
const BATCH_TEXT_BYTES: u64 = 12 * MIB;
/// How many JSON values superusers may send. For batches with an owner's limit, how many bytes of it allow one value.
const MAX_SUPERUSER_VALUES: u64 = 8_000_000;
const BYTES_PER_VALUE: u64 = 8;
/// The size of an escaped character in a text: `\u00e9`.
const BYTES_PER_LETTER: i64 = 6;
/// Bodies that announce no more than this are not counted.
const UNCOUNTED_BYTES: u64 = MAX_FORM_BYTES;

/// What determines how large a body may be.
pub(super) struct BodyScope<'a> {
    pub limit: BodyLimit,
    pub settings: &'a Settings,
    pub collection: Option<&'a Collection>,
    pub is_superuser: bool,
}

impl BodyScope<'_> {
    pub fn max_bytes(&self, has_files: bool) -> u64 {
        match self.limit {
            BodyLimit::Form => MAX_FORM_BYTES,
            BodyLimit::Subscriptions => SUBSCRIPTIONS_BYTES,
            BodyLimit::Usual => DEFAULT_BODY_BYTES,
            BodyLimit::Inbound => MAX_BODY_BYTES,
            BodyLimit::None => u64::MAX,
            BodyLimit::Record => {
                let of_files = self.collection.filter(|_| has_files).map_or(0, max_file_bytes);
                max_text_bytes(self.collection, self.is_superuser).saturating_add(of_files)
            }
            BodyLimit::RecordValues => max_text_bytes(self.collection, self.is_superuser),
            BodyLimit::Batch if has_files => batch_limit(self.settings).unwrap_or(BATCH_BODY_BYTES),
            BodyLimit::Batch => max_batch_text_bytes(self.settings, self.is_superuser),
        }
    }

    /// Returns how many JSON values the body may contain.
    pub fn max_values(&self) -> u64 {
        let fields = self.collection.into_iter().flat_map(|collection| &collection.fields);
        match self.limit {
            _ if self.is_superuser => MAX_SUPERUSER_VALUES,
            BodyLimit::Record | BodyLimit::RecordValues => {
                fields.fold(MAX_JSON_VALUES, |sum, field| match &field.kind {
                    FieldKind::Json(options) => sum.saturating_add(options.max_values() - MAX_JSON_VALUES),
                    _ => sum,
                })
            }
            BodyLimit::Batch => {
                batch_limit(self.settings).map_or(0, |bytes| bytes / BYTES_PER_VALUE).max(MAX_JSON_VALUES)
            }
            _ => MAX_JSON_VALUES,
        }
    }
}

/// Returns the owner's limit for batches, if there is one.
fn batch_limit(settings: &Settings) -> Option<u64> {
    u64::try_from(settings.batch.max_body_size).ok().filter(|bytes| *bytes > 0)
}

/// Returns how many bytes of a batch, without its files, may be read into memory.
pub(super) fn max_batch_text_bytes(settings: &Settings, is_superuser: bool) -> u64 {
    batch_limit(settings).unwrap_or(if is_superuser { BATCH_BODY_BYTES } else { BATCH_TEXT_BYTES })
}

/// Returns how many bytes of one record, without its files, may be read into memory.
pub(super) fn max_text_bytes(collection: Option<&Collection>, is_superuser: bool) -> u64 {
    let fields = collection.into_iter().flat_map(|collection| &collection.fields);
    let large = fields.filter(|field| !field.is_file()).map(|field| max_field_bytes(&field.kind));
    large.fold(if is_superuser { DEFAULT_BODY_BYTES } else { RECORD_BYTES }, u64::saturating_add)
}

/// Returns how many bytes the files of one record may have in total.
fn max_file_bytes(collection: &Collection) -> u64 {
    let files = collection.fields.iter().filter(|field| field.is_file());
    files.map(|field| max_field_bytes(&field.kind)).fold(0, u64::saturating_add)
}

fn max_field_bytes(kind: &FieldKind) -> u64 {
    let (size, count) = match kind {
        FieldKind::File(options) => (options.effective_max_size(), options.max_select.max(1)),
        FieldKind::Text(options) => (options.max, BYTES_PER_LETTER),
        FieldKind::Editor(options) => (options.effective_max_size(), 1),
        FieldKind::Json(options) => (options.effective_max_size(), 1),
        _ => (0, 0),
    };
    u64::try_from(size.saturating_mul(count)).unwrap_or(0)
}

/// Refuses a body that announces too large a size. Any other body is checked while it streams.
pub(super) fn limit_body(
    request: http::Request<Incoming>,
    terms: BodyTerms,
    max_values: u64,
    share: impl FnOnce() -> Option<Share>,
) -> Result<(Request, BodyBudget), ApiError> {
    let size = request.body().size_hint();
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok((Request::from_parts(parts, Body::empty()), BodyBudget::new(max_values, None)));
    }
    if size.lower() > terms.max_bytes {
        // A client that waits for permission to send its body gets the response immediately. Any other client is
        // already sending, and would lose the response if the connection were closed.
        if !terms.is_announced {
            LimitedBody::let_drain(body);
        }
        return Err(ApiError::larger_than(terms.max_bytes));
    }
    let is_small = size.upper().is_some_and(|bytes| bytes <= UNCOUNTED_BYTES);
    let budget = BodyBudget::new(max_values, if is_small { None } else { share() });
    let body = Body::new(LimitedBody::new(body, terms, budget.clone()));
    Ok((Request::from_parts(parts, body), budget))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::{FileOptions, JsonOptions};

    #[test]
    fn large_fields_make_room_for_themselves() {
        let check = |kind: FieldKind, expected| assert_eq!(max_field_bytes(&kind), expected, "{kind:?}");
        let file =
            |max_select, max_size| FieldKind::File(FileOptions { max_select, max_size, ..FileOptions::default() });
        check(FieldKind::Bool, 0);
        check(file(0, 0), 5 * MIB);
        check(file(3, 1000), 3000);
        check(file(i64::MAX, i64::MAX), i64::MAX as u64);
        check(FieldKind::Json(JsonOptions { max_size: 7 }), 7);
    }
}
