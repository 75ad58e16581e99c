//! The types of one collection.

use super::names::{TypeNames, comment, literal, property};
use super::values::{modifiers, sent, shown};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Schema};
use std::fmt::Write as _;

/// The properties of every JavaScript object.
const INHERITED: [&str; 7] =
    ["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"];

pub(super) fn write(out: &mut String, schema: &Schema, names: &TypeNames, collection: &Collection) {
    let name = names.get(collection);
    let _ = writeln!(out, "\n/** The collection `{}`. */", comment(&collection.name));
    let _ = writeln!(out, "export interface {name}Record extends AnyRecord<{}> {{", literal(&collection.name));
    record(out, collection);
    let _ = writeln!(out, "  expand?: {name}Expand;\n}}\n\nexport interface {name}Expand {{");
    expand(out, schema, names, collection);
    out.push_str("}\n");
    if collection.is_view() {
        return;
    }
    let _ = writeln!(out, "\nexport interface {name}Create {{");
    input(out, collection, true);
    let _ = writeln!(out, "}}\n\nexport interface {name}Update {{");
    input(out, collection, false);
    out.push_str("}\n");
}

/// The fields that are not server secrets.
fn fields(collection: &Collection) -> impl Iterator<Item = &Field> {
    collection.fields.iter().filter(|field| field.name != "id" && !collection.is_credential(field))
}

fn record(out: &mut String, collection: &Collection) {
    for field in fields(collection) {
        let Some(shape) = shown(field) else { continue };
        let is_private = collection.is_auth() && field.name == "email";
        let remark = match (field.is_hidden, is_private) {
            (true, _) => "Shown to superusers only.",
            (_, true) => "Absent unless the record's owner makes it visible.",
            _ => "",
        };
        let remark = [comment(&field.help), remark.to_owned()].join(" ");
        if !remark.trim().is_empty() {
            let _ = writeln!(out, "  /** {} */", remark.trim());
        }
        let mark = if field.is_hidden || is_private { "?" } else { "" };
        let _ = writeln!(out, "  {}{mark}: {shape};", property(&field.name));
    }
}

fn expand(out: &mut String, schema: &Schema, names: &TypeNames, collection: &Collection) {
    for field in &collection.fields {
        let Some(target) = field.relation_target().and_then(|id| schema.by_id(id)) else { continue };
        let list = if field.is_multiple() { "[]" } else { "" };
        let _ = writeln!(out, "  {}?: {}Record{list};", property(&field.name), names.get(target));
    }
    for (other, field) in schema.relations_to(&collection.id) {
        let path = format!("{}_via_{}", other.name, field.name);
        let list = if other.unique_index_on(&field.name).is_some() { "" } else { "[]" };
        let _ = writeln!(out, "  {}?: {}Record{list};", property(&path), names.get(other));
    }
}

fn input(out: &mut String, collection: &Collection, is_new: bool) {
    if is_new {
        out.push_str("  id?: RecordId;\n");
    }
    if collection.is_auth() {
        out.push_str(if is_new {
            "  password: string;\n  passwordConfirm: string;\n"
        } else {
            "  password?: string;\n  passwordConfirm?: string;\n  /** Not needed by those who manage the record. */\n  \
             oldPassword?: string;\n"
        });
    }
    for field in fields(collection) {
        let Some(shape) = sent(field) else { continue };
        let mark = if is_new && is_needed(field) { "" } else { "?" };
        // If such a property is absent, JavaScript reads the inherited one, which has the wrong type.
        let or_inherited =
            if INHERITED.contains(&&*field.name) { format!(" | Object['{}']", field.name) } else { String::new() };
        let _ = writeln!(out, "  {}{mark}: {shape}{or_inherited};", property(&field.name));
        for (key, shape) in modifiers(field, is_new) {
            let _ = writeln!(out, "  {}?: {shape};", literal(&key));
        }
    }
}

/// Whether creating a record fails without this field.
fn is_needed(field: &Field) -> bool {
    let is_generated = matches!(&field.kind, FieldKind::Text(options) if !options.autogenerate_pattern.is_empty());
    field.is_required && !is_generated
}
