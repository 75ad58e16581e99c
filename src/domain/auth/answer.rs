//! The answer to a sign-in.

use super::as_itself;
use crate::base::json;
use crate::base::picker::{Child, Picker};
use crate::domain::caller::RequestInfo;
use crate::domain::model::Record;
use crate::domain::records::{self, Shape};
use crate::domain::tx::ReadTx;
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns `{"record":…,"token":…,"meta":…}`, without what is absent or excluded by `fields`. The record is its own
/// caller.
pub fn answer(
    tx: &ReadTx,
    request: &RequestInfo,
    record: &Arc<Record>,
    token: &str,
    meta: Option<&Value>,
    shape: &Shape,
) -> Result<Vec<u8>> {
    let request = as_itself(request, record);
    let everything = Picker::default();
    let record_fields = match shape.fields.child("record") {
        Child::Dropped => None,
        Child::Whole | Child::Excerpt(_) => Some(&everything),
        Child::Part(picker) => Some(picker),
    };
    let mut out = vec![b'{'];
    if let Some(fields) = record_fields {
        let rendered = records::render_one(tx, &request, &record.collection, record.id(), &shape.expand, fields)?;
        out.extend_from_slice(b"\"record\":");
        out.extend_from_slice(&rendered.ok_or_else(Error::not_found)?);
    }
    if !matches!(shape.fields.child("token"), Child::Dropped) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"token\":");
        json::write_string(&mut out, token);
    }
    let meta = meta.map(|meta| shape.fields.apply(json!({"meta": meta})));
    if let Some(meta) = meta.as_ref().and_then(|picked| picked.get("meta")) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"meta\":");
        out.extend_from_slice(meta.to_string().as_bytes());
    }
    out.push(b'}');
    Ok(out)
}
