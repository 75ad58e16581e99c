//! Imports as JSON.

use super::state_of;
use crate::app::App;
use crate::app::imports::{Import, Reading, RunOutcome};
use crate::base::clock::Timestamp;
use crate::domain::model::Schema;
use crate::domain::transfer::{
    Cell, Column, DateOrder, Doubt, Encoding, Item, Link, Loss, Notation, Plan, Report, Target, UndoPlan, Undone, cut,
    guessed_type,
};
use serde_json::{Map, Value, json};

/// How much of a cell is shown, in characters.
const MAX_CELL_CHARS: usize = 500;

/// Everything about an import. The plan is the server's suggestion.
pub(super) fn import(app: &App, import: &Import) -> Value {
    let mut shown = summary(import);
    let Some(reading) = import.view().reading else { return shown };
    let schema = app.schema();
    // The schema may have changed since, so that what was possible is not any more.
    let (plan, problem) = match app.suggest(&reading.options, &reading.table) {
        Ok(plan) => (Some(plan), None),
        Err(error) => (None, Some(error)),
    };
    shown["columns"] = columns(&reading).into();
    shown["preview"] = reading.preview.iter().map(preview_row).collect();
    let mut warnings = warnings(&reading, plan.as_ref());
    if let Some(problem) = problem {
        warnings.push(warning("no_plan", None, &crate::http::ApiError::from(problem).message));
    }
    shown["warnings"] = warnings.into();
    shown["plan"] = plan.map_or(Value::Null, |plan| suggestion(&schema, &reading, &plan));
    shown
}

/// An import without what it takes to plan it.
pub(super) fn summary(import: &Import) -> Value {
    let view = import.view();
    let (name, size) = import.file();
    let file = view.reading.as_ref().map(|reading| {
        let table = &reading.table;
        let (sheet, sheets) = table.sheets().map_or((None, &[][..]), |(sheet, sheets)| (Some(sheet), sheets));
        json!({
            "name": name,
            "size": size,
            "format": table.format().name(),
            "encoding": table.detected_encoding().map(Encoding::name),
            "delimiter": table.delimiter().map(|byte| char::from(byte).to_string()),
            "sheet": sheet,
            "sheets": sheets,
        })
    });
    json!({
        "id": import.id,
        "state": state_of(&view.phase),
        "created": import.created.to_string(),
        "expires": view.expires.to_string(),
        "file": file,
        "rows": view.reading.as_ref().map(|reading| reading.table.rows),
        "result": view.report.map(|report| result(&report, false, true, Some(view.expires))),
    })
}

fn columns(reading: &Reading) -> Vec<Value> {
    let table = &reading.table;
    let column = |(name, survey): (&String, &crate::domain::transfer::Survey)| {
        let (type_name, reason) = guessed_type(name, survey);
        json!({
            "name": name,
            "type": type_name,
            "reason": reason,
            "fits": survey.fitting_types(),
            "blank": survey.blank(),
            "example": survey.example().map(|text| cut(text, MAX_CELL_CHARS)),
            "values": survey.few_values(),
        })
    };
    table.headings.iter().zip(&table.columns).map(column).collect()
}

fn preview_row(item: &Item) -> Value {
    match item {
        Ok(row) => json!({"line": row.line, "cells": row.cells.iter().map(cell).collect::<Vec<_>>(), "error": null}),
        Err(bad_row) => json!({"line": bad_row.line, "cells": [], "error": bad_row.text()}),
    }
}

fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) | Cell::EscapedText(text) => cut(text, MAX_CELL_CHARS).into(),
        Cell::Json(value @ (Value::Array(_) | Value::Object(_))) => {
            let text = value.to_string();
            if text.len() > MAX_CELL_CHARS { cut(&text, MAX_CELL_CHARS).into() } else { value.clone() }
        }
        Cell::Json(value) => value.clone(),
    }
}

fn warning(code: &str, column: Option<&str>, message: &str) -> Value {
    json!({"code": code, "column": column, "message": message})
}

fn warnings(reading: &Reading, plan: Option<&Plan>) -> Vec<Value> {
    let table = &reading.table;
    let mut all = Vec::new();
    if let Some(encoding) = table.encoding() {
        all.push(warning("encoding", None, &format!("The file is not UTF-8; it was read as {encoding}.")));
    }
    if let (count, Some(first)) = &table.unreadable {
        let rows = if *count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        let text = format!("{rows} cannot be read. The first is line {}: {}.", first.line, first.text());
        all.push(warning("unreadable_rows", None, &text));
    }
    for at in &table.unnamed {
        let name = &table.headings[*at];
        all.push(warning("renamed_column", Some(name), &format!("Column {} has no heading.", at + 1)));
    }
    let columns = plan.map(|plan| plan.columns.as_slice()).unwrap_or_default();
    for (column, survey) in columns.iter().zip(&table.columns) {
        let name = Some(column.heading.as_str());
        match &column.doubt {
            Some(Doubt::DateOrder(example)) => {
                let text = format!("The column does not tell whether the day or the month of {example} comes first.");
                all.push(warning("ambiguous_dates", name, &text));
            }
            Some(Doubt::Number(example)) => {
                let text = format!("{example} can be more than a thousand or less than ten, depending on the country.");
                all.push(warning("ambiguous_numbers", name, &text));
            }
            None => {}
        }
        match &column.target {
            Target::Ignored if !survey.is_blank() => {
                all.push(warning("no_field", name, &format!("The column is left out: {}.", column.reason)));
            }
            Target::Ignored => all.push(warning("empty_column", name, "No cell is filled.")),
            Target::Key | Target::KeptKey { .. } if column.reason.contains("15 letters") => {
                let example = survey.example().unwrap_or_default();
                let text = format!(
                    "An id has 15 letters and digits: {:?} becomes {}.",
                    cut(example, 40),
                    crate::domain::transfer::record_id(example)
                );
                all.push(warning("changed_ids", name, &text));
            }
            _ => {}
        }
    }
    all
}

/// The plan that the server would carry out.
fn suggestion(schema: &Schema, reading: &Reading, plan: &Plan) -> Value {
    let name = &reading.options.into;
    let columns: Vec<Value> = plan.columns.iter().map(|column| planned(schema, name, column)).collect();
    json!({
        "collection": name,
        "isNew": schema.by_name(name).is_none(),
        "mode": "create",
        "key": null,
        "badRows": "stop",
        "columns": columns,
    })
}

fn planned(schema: &Schema, collection: &str, column: &Column) -> Value {
    let (action, field, type_name, is_new, link) = match &column.target {
        Target::Key => ("id", None, None, false, None),
        Target::KeptKey { name, type_name, is_new } => ("id", Some(name), Some(type_name), *is_new, None),
        Target::Field { name, type_name, is_new, link } => {
            ("field", Some(name), Some(type_name), *is_new, link.as_ref())
        }
        Target::Ignored => ("skip", None, None, false, None),
    };
    let mut options = column.definition.clone().unwrap_or_default();
    options.retain(|key, _| !matches!(key.as_str(), "name" | "type" | "collectionId"));
    let relation = |link: &Link| {
        let target = schema.by_id(&link.collection_id).map_or(collection, |target| &target.name);
        json!({"collection": target, "field": link.field})
    };
    let is = |name: &str| type_name.is_some_and(|type_name| type_name == name);
    let decimal = match column.style.notation {
        _ if !is("number") => None,
        Notation::Comma => Some(","),
        Notation::Point => column.style.is_sure.then_some("."),
    };
    json!({
        "column": column.heading,
        "action": action,
        "field": field,
        "type": type_name,
        "isNew": is_new,
        "options": Value::Object(Map::from_iter(options)),
        "relation": link.map(relation),
        "decimal": decimal,
        "dates": column.style.dates.filter(|_| is("date")).map(DateOrder::name),
        "reason": column.reason,
    })
}

pub(super) fn outcome(outcome: &RunOutcome, expires: Timestamp) -> Value {
    result(&outcome.report, outcome.is_dry_run, outcome.is_kept, outcome.is_kept.then_some(expires))
}

fn result(report: &Report, is_dry_run: bool, is_kept: bool, undo_until: Option<Timestamp>) -> Value {
    let bad_rows = report.bad_rows.iter().map(|row| {
        let column = report.columns.iter().find(|column| row.column.as_ref() == Some(&column.heading));
        json!({
            "line": row.line,
            "column": row.column,
            "field": column.and_then(Column::field_name),
            "value": row.value,
            "reason": row.reason,
            "cells": row.cells,
        })
    });
    json!({
        "collection": report.collection,
        "collectionId": report.collection_id,
        "isNew": report.is_new,
        "newFields": report.new_fields,
        "columns": report.columns.iter().map(|column| &column.heading).collect::<Vec<_>>(),
        "isDryRun": is_dry_run,
        "isImported": is_kept,
        "created": report.created,
        "updated": report.updated,
        "badRows": bad_rows.collect::<Vec<_>>(),
        "badRowCount": report.bad_rows.len(),
        "isStopped": report.is_stopped(),
        "undoUntil": undo_until.map(|time| time.to_string()),
    })
}

pub(super) fn undo_plan(plan: &UndoPlan) -> Value {
    let Loss { changed, references, others, values, is_collection_changed } = &plan.loss;
    json!({
        "isUntouched": plan.loss.is_nothing(),
        "deletes": plan.deletes,
        "restores": plan.restores,
        "deletesCollection": plan.deletes_collection,
        "removesFields": plan.removes_fields,
        "loses": {
            "changedRecords": changed,
            "references": references,
            "otherRecords": others,
            "otherValues": values,
            "collectionChanged": is_collection_changed,
        },
        "message": plan.loss.message(),
    })
}

pub(super) fn undone(undone: &Undone) -> Value {
    json!({
        "deleted": undone.deleted,
        "restored": undone.restored,
        "collectionDeleted": undone.is_collection_deleted,
        "fieldsRemoved": undone.removed_fields,
    })
}
