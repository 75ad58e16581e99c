//! Creating a collection.

use super::complete::complete;
use super::input::Draft;
use super::save::{self, Plan};
use crate::domain::model::Collection;
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Creates a collection and its table from a superuser's input.
pub fn create(tx: &WriteTx, input: &Map<String, Value>) -> Result<Arc<Collection>> {
    let unreadable = "Failed to load the collection type data due to invalid formatting.";
    let mut draft = Draft::of_type(input).map_err(|malformed| malformed.into_error(unreadable))?;
    draft.merge(input)?;
    complete(&mut draft, &tx.schema());
    let plan = Plan { drafts: vec![draft], ..Plan::default() };
    let saved = save::apply(tx, plan).map_err(|refusal| refusal.into_error("Failed to create collection."))?;
    saved.into_iter().next().ok_or_else(|| Error::Internal("a saved collection is missing".to_owned()))
}
