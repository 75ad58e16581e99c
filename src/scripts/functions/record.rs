//! Records.

use crate::scripts::ambient;
use crate::scripts::error::{Outcome, problem};
use crate::scripts::values::{RecordValue, json};
use rhai::plugin::*;
use rhai::{Dynamic, Map, Module, NativeCallContext};

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "record", record);
}

#[export_module]
mod record {
    /// The value of a field: `record.title`. Numbers are decimals, dates are dates (`()` if empty), lists are arrays.
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn get(context: NativeCallContext<'_>, record: &mut RecordValue, field: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        record.get(field)
    }

    /// Sets a field: `record.title = "New"`. The value is converted as the API converts it. Nothing is stored yet.
    #[rhai_fn(index_set, pure, return_raw)]
    pub fn set(context: NativeCallContext<'_>, record: &mut RecordValue, field: &str, value: Dynamic) -> Outcome<()> {
        ambient::note(&context);
        record.set(field, &value)
    }

    /// The name of the record's collection.
    #[rhai_fn(name = "collection_name", pure)]
    pub fn collection_name(record: &mut RecordValue) -> String {
        record.collection().name.clone()
    }

    /// Whether the field differs from what is stored. For a new record: whether it is filled in.
    #[rhai_fn(name = "is_changed", pure, return_raw)]
    pub fn is_changed(context: NativeCallContext<'_>, record: &mut RecordValue, field: &str) -> Outcome<bool> {
        ambient::note(&context);
        record.is_changed(field)
    }

    /// The record that a relation points to, `()` if it is empty; an array for a relation to several, and for what refers to this
    /// record: `customer.expand("orders_via_customer")`. A path follows several relations: `order.expand("customer.city")`. No rules
    /// apply.
    #[rhai_fn(name = "expand", pure, return_raw)]
    pub fn expand(context: NativeCallContext<'_>, record: &mut RecordValue, relation: &str) -> Outcome<Dynamic> {
        ambient::note(&context);
        super::super::expand::expand(record, relation)
    }

    /// In `list`, `view` and `enrich`: leaves a field out of what the caller sees, whatever they ask for. `fields` may be a list of names.
    #[rhai_fn(name = "hide", pure, return_raw)]
    pub fn hide(context: NativeCallContext<'_>, record: &mut RecordValue, fields: Dynamic) -> Outcome<()> {
        ambient::note(&context);
        let name_of = |value: &Dynamic| {
            value
                .as_immutable_string_ref()
                .map(|name| name.to_string())
                .map_err(|_| problem("hide takes names of fields"))
        };
        if let Ok(names) = fields.as_array_ref() {
            return names.iter().try_for_each(|name| record.hide_field(&name_of(name)?));
        }
        record.hide_field(&name_of(&fields)?)
    }

    /// In `list`, `view` and `enrich`: shows a field to the caller that the collection hides.
    #[rhai_fn(name = "show", pure, return_raw)]
    pub fn show(context: NativeCallContext<'_>, record: &mut RecordValue, field: &str) -> Outcome<()> {
        ambient::note(&context);
        record.reveal(field)
    }

    /// In `list`, `view` and `enrich`: shows a value of your own under a name: `e.record.show("in_stock", e.record.stock > 0)`. Under the name of
    /// a field it stands in its place. Nothing is stored.
    #[rhai_fn(name = "show", pure, return_raw)]
    pub fn show_value(
        context: NativeCallContext<'_>,
        record: &mut RecordValue,
        name: &str,
        value: Dynamic,
    ) -> Outcome<()> {
        ambient::note(&context);
        record.show_value(name, json::to_public_json(&value)?)
    }

    /// The fields as a map, without passwords.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(record: &mut RecordValue) -> Map {
        record.to_map()
    }

    /// `orders/abc`: for messages.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn to_text(record: &mut RecordValue) -> String {
        record.to_string()
    }

    /// Whether both are the same record of the same collection.
    #[rhai_fn(name = "==", pure)]
    pub fn equals(record: &mut RecordValue, other: RecordValue) -> bool {
        record.collection().id == other.collection().id && record.id() == other.id()
    }

    /// Whether they are different records.
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(record: &mut RecordValue, other: RecordValue) -> bool {
        !equals(record, other)
    }
}
