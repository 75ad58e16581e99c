//! Changes a collection, together with its table and the values of its records.

use super::complete::complete;
use super::input::Draft;
use super::save::{self, Plan};
use crate::domain::model::Collection;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Merges a superuser's input into `collection`, by top-level key.
///
/// If the name changes, the caller must also inform `settings`, because its rate limits may name the collection.
pub fn update(tx: &WriteTx, collection: &Arc<Collection>, input: &Map<String, Value>) -> Result<Arc<Collection>> {
    let mut draft = Draft::update(collection, input)?;
    draft.recognise_fields();
    complete(&mut draft, &tx.schema());
    let plan = Plan { drafts: vec![draft], ..Plan::default() };
    let saved = save::apply(tx, plan).map_err(|refusal| refusal.into_error("Failed to update collection."))?;
    saved.into_iter().next().ok_or_else(|| Error::Internal("a saved collection is missing".to_owned()))
}
