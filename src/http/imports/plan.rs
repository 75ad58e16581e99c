//! The plan that a client sends.

use crate::app::imports::Reading;
use crate::domain::collections::check_field_name;
use crate::domain::model::{Collection, Schema};
use crate::domain::transfer::{DateOrder, FieldOption, Mode, Notation, Options, RelationOption, Unmatched};
use crate::domain::{Issue, Issues};
use crate::http::ApiError;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const MISTAKES: &str = "The plan has mistakes.";
/// The types that a new field can have.
const TYPES: [&str; 11] =
    ["text", "editor", "number", "bool", "date", "email", "url", "json", "select", "relation", "geoPoint"];

/// Reads a plan for the file as it was read. Issues of columns are named by their position.
pub(super) fn read(schema: &Schema, reading: &Reading, plan: Option<&Value>) -> Result<Options, ApiError> {
    let mut issues = Issues::new();
    let Some(Value::Object(plan)) = plan else {
        let issue = if plan.is_none_or(Value::is_null) { Issue::required() } else { Issue::invalid_value() };
        return Err(ApiError::bad_request(MISTAKES).with_data(Issues::one("plan", issue)));
    };
    let into = text(plan, "collection", &mut issues).unwrap_or_default();
    if into.is_empty() && !issues.contains("collection") {
        issues.add("collection", Issue::required());
    }
    let mut options = Options {
        unmatched: Unmatched::Add,
        nulls: reading.options.nulls.clone(),
        mode: choice(plan, "mode", &MODES, &mut issues).unwrap_or_default(),
        skips_bad_rows: choice(plan, "badRows", &[("stop", false), ("skip", true)], &mut issues).unwrap_or_default(),
        into,
        ..Options::default()
    };
    let headings = &reading.table.headings;
    let columns = match plan.get("columns") {
        Some(Value::Array(columns)) if columns.len() == headings.len() => columns.as_slice(),
        Some(Value::Array(_)) => {
            issues.add(
                "columns",
                Issue::new("validation_length_invalid", format!("The file has {} columns.", headings.len())),
            );
            &[]
        }
        _ => {
            issues.add("columns", Issue::required());
            &[]
        }
    };
    let mut reader = ColumnReader {
        existing: schema.by_name(&options.into).map(|collection| &**collection),
        names: BTreeSet::new(),
        options: &mut options,
    };
    let mut all = Issues::new();
    for (at, (column, heading)) in columns.iter().zip(headings).enumerate() {
        let mut own = Issues::new();
        match column {
            Value::Object(column) => reader.read(column, heading, &mut own),
            _ => own.add("column", Issue::invalid_value()),
        }
        if !own.is_empty() {
            all.add(at.to_string(), Issue::Nested(own));
        }
    }
    if !all.is_empty() {
        issues.add("columns", Issue::Nested(all));
    }
    read_key(plan, headings, &mut options, &mut issues);
    issues.into_result(MISTAKES)?;
    Ok(options)
}

const MODES: [(&str, Mode); 3] = [("create", Mode::Create), ("update", Mode::Update), ("upsert", Mode::Upsert)];

/// Reads which column finds the records to change.
fn read_key(plan: &Map<String, Value>, headings: &[String], options: &mut Options, issues: &mut Issues) {
    let key = text(plan, "key", issues).filter(|key| !key.is_empty());
    if options.mode == Mode::Create {
        return;
    }
    match key {
        Some(key) if !headings.contains(&key) => issues.add("key", Issue::in_invalid()),
        Some(key) if options.key.as_ref() != Some(&key) => options.found_by = Some(key),
        None if options.key.is_none() => issues.add("key", Issue::required()),
        _ => {}
    }
}

struct ColumnReader<'a> {
    existing: Option<&'a Collection>,
    /// Names of fields that columns go to, in lower case.
    names: BTreeSet<String>,
    options: &'a mut Options,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Field,
    Id,
    Skip,
}

impl ColumnReader<'_> {
    fn read(&mut self, column: &Map<String, Value>, heading: &str, issues: &mut Issues) {
        if text(column, "column", issues).is_some_and(|name| name != heading) {
            issues
                .add("column", Issue::new("validation_in_invalid", format!("The file's column here is {heading:?}.")));
        }
        let actions = [("field", Action::Field), ("id", Action::Id), ("skip", Action::Skip)];
        let action = choice(column, "action", &actions, issues);
        let name = text(column, "field", issues).filter(|name| !name.is_empty());
        match (action, name) {
            (None, _) if issues.contains("action") => {}
            (None, _) => issues.add("action", Issue::required()),
            (Some(Action::Skip), _) => self.options.ignored.push(heading.to_owned()),
            (Some(Action::Field), Some(name)) if name == "id" => self.read_id(heading, issues),
            (Some(Action::Field), None) => issues.add("field", Issue::required()),
            (Some(Action::Field), Some(name)) => self.read_field(column, heading, name, issues),
            (Some(Action::Id), name) => {
                self.read_id(heading, issues);
                if let Some(name) = name.filter(|name| name != "id") {
                    self.read_field(column, heading, name, issues);
                }
            }
        }
    }

    fn read_id(&mut self, heading: &str, issues: &mut Issues) {
        if self.options.key.is_some() {
            issues.add("action", Issue::new("validation_not_unique", "Another column is the record's id."));
        }
        self.options.key = Some(heading.to_owned());
    }

    fn read_field(&mut self, column: &Map<String, Value>, heading: &str, name: String, issues: &mut Issues) {
        if !self.names.insert(name.to_ascii_lowercase()) {
            issues.add("field", Issue::new("validation_not_unique", "Another column goes to this field."));
        }
        let is_new = self.existing.is_none_or(|collection| collection.field(&name).is_none());
        let type_name = text(column, "type", issues).filter(|name| !name.is_empty() && is_new);
        if is_new {
            issues.check("field", check_field_name(&name));
            if type_name.as_deref().is_some_and(|name| !TYPES.contains(&name)) {
                let text = format!("Must be one of: {}.", TYPES.join(", "));
                issues.add("type", Issue::new("validation_in_invalid", text));
            }
        }
        let relation = match column.get("relation") {
            None | Some(Value::Null) => None,
            Some(Value::Object(relation)) => Self::read_relation(relation, heading, issues),
            Some(_) => {
                issues.add("relation", Issue::invalid_value());
                None
            }
        };
        if type_name.as_deref() == Some("relation") && relation.is_none() && !issues.contains("relation") {
            issues.add("relation", Issue::required());
        }
        if relation.is_some() && type_name.as_deref().is_some_and(|name| name != "relation") {
            issues.add("type", Issue::new("validation_in_invalid", "A column with a relation becomes a relation."));
        }
        self.options.relations.extend(relation);
        let options = match column.get("options") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(options)) => options.clone(),
            Some(_) => {
                issues.add("options", Issue::invalid_value());
                Map::new()
            }
        };
        let decimals = [(".", Notation::Point), (",", Notation::Comma)];
        let orders = [("dmy", DateOrder::DayFirst), ("mdy", DateOrder::MonthFirst)];
        self.options.fields.push(FieldOption {
            heading: heading.to_owned(),
            name,
            type_name: type_name.filter(|name| name != "relation"),
            options,
            notation: choice(column, "decimal", &decimals, issues),
            dates: choice(column, "dates", &orders, issues),
        });
    }

    fn read_relation(relation: &Map<String, Value>, heading: &str, issues: &mut Issues) -> Option<RelationOption> {
        let collection = text(relation, "collection", issues).filter(|name| !name.is_empty());
        let Some(collection) = collection else {
            issues.add_at(&["relation", "collection"], Issue::required());
            return None;
        };
        let field = text(relation, "field", issues).filter(|name| !name.is_empty() && name != "id");
        Some(RelationOption { heading: heading.to_owned(), collection, field })
    }
}

/// Returns the text, or `None` if there is none. Adds an issue for any other value.
fn text(values: &Map<String, Value>, name: &str, issues: &mut Issues) -> Option<String> {
    match values.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => {
            issues.add(name, Issue::invalid_value());
            None
        }
    }
}

/// Returns what a text stands for, or `None` if there is none.
fn choice<T: Copy>(values: &Map<String, Value>, name: &str, choices: &[(&str, T)], issues: &mut Issues) -> Option<T> {
    let text = text(values, name, issues)?;
    let found = choices.iter().find(|(choice, _)| *choice == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        issues.add(name, Issue::new("validation_in_invalid", format!("Must be one of: {}.", names.join(" "))));
    }
    found
}
