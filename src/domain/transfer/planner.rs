//! Decides what each column becomes.

use super::convert::Style;
use super::guess::guess;
use super::naming;
use super::options::{FieldOption, Mode, Options, RelationOption, Unmatched};
use super::plan::{Change, Column, Link, Target};
use super::table::Table;
use crate::base::ids;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{Collection, Schema};
use crate::domain::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The maximum number of values in a list field created by an import; more than anyone links by hand.
const MAX_LIST: i64 = 100_000;

/// Keys in a record's JSON that are not fields.
const NOT_VALUES: [&str; 3] = ["collectionId", "collectionName", "expand"];

pub(super) struct Planner<'a> {
    pub(super) schema: &'a Schema,
    pub(super) table: &'a Table,
    pub(super) options: &'a Options,
    pub(super) existing: Option<Arc<Collection>>,
    /// Names of fields that are used by columns, in lower case.
    pub(super) taken: BTreeSet<String>,
    pub(super) new_fields: Vec<Value>,
    /// Headings of columns for which an existing collection has no field.
    pub(super) homeless: Vec<String>,
}

impl Planner<'_> {
    pub(super) fn column(&mut self, at: usize) -> Result<Column> {
        let heading = &self.table.headings[at];
        let before = self.new_fields.len();
        let (target, reason) = self.target(at, heading)?;
        let definition = self.new_fields.get(before).and_then(Value::as_object).cloned();
        let wanted = self.options.fields.iter().find(|field| field.heading == *heading);
        let mut style = self.style(at);
        if let Some(notation) = wanted.and_then(|wanted| wanted.notation) {
            (style.notation, style.is_sure) = (notation, true);
        }
        style.dates = wanted.and_then(|wanted| wanted.dates).or(style.dates);
        let is_open = wanted.is_none_or(|wanted| wanted.type_name.is_none());
        let doubt = if is_open { guess(heading, &self.table.columns[at], self.options.dates).doubt } else { None };
        Ok(Column { heading: heading.clone(), target, reason, style, doubt, definition })
    }

    /// Returns how the column is written, by its cells and the options for all columns.
    fn style(&self, at: usize) -> Style {
        let style = self.table.columns[at].style();
        Style { dates: style.dates.or(self.options.dates), ..style }
    }

    fn target(&mut self, at: usize, heading: &str) -> Result<(Target, String)> {
        if self.options.ignored.iter().any(|ignored| ignored == heading) {
            return Ok((Target::Ignored, "as asked".to_owned()));
        }
        let wanted = self.options.fields.iter().find(|field| field.heading == heading);
        let is_field = wanted.is_some_and(|wanted| wanted.name != "id");
        let is_id = self.options.key.is_none() && heading.eq_ignore_ascii_case("id") && !is_field;
        if is_id || self.options.key.as_deref() == Some(heading) {
            return self.key_target(at, heading, wanted);
        }
        if NOT_VALUES.contains(&heading) {
            return Ok((Target::Ignored, "the server sets this itself".to_owned()));
        }
        let relation = self.options.relations.iter().find(|relation| relation.heading == heading);
        let link = relation.map(|relation| self.link(relation)).transpose()?;
        if let Some(field) = self.existing_field(heading, wanted, link.is_some()) {
            return self.existing_target(&field, link);
        }
        self.new_target(at, heading, wanted, link)
    }

    /// Plans the column of ids. If a field is requested for it as well, that field keeps the values unchanged.
    fn key_target(&mut self, at: usize, heading: &str, wanted: Option<&FieldOption>) -> Result<(Target, String)> {
        let Some(wanted) = wanted.filter(|wanted| wanted.name != "id") else {
            return Ok((Target::Key, format!("the record's id{}", self.changed_ids(at, heading))));
        };
        let (target, _) = match self.existing_field(heading, Some(wanted), false) {
            Some(field) => self.existing_target(&field, None)?,
            None => self.new_target(at, heading, Some(wanted), None)?,
        };
        let reason = "the record's id, also kept unchanged in".to_owned();
        Ok(match target {
            Target::Field { name, type_name, is_new, .. } => (Target::KeptKey { name, type_name, is_new }, reason),
            other => (other, String::new()),
        })
    }

    /// Returns a note if the first key is not a valid id, and how to keep the keys; otherwise an empty text.
    fn changed_ids(&self, at: usize, heading: &str) -> String {
        let key = self.table.columns[at].example().filter(|key| naming::record_id(key) != *key);
        let Some(key) = key else { return String::new() };
        let (id, name) = (naming::record_id(key), naming::field_name(heading, at));
        let name = if name == "id" { "key".to_owned() } else { name };
        let short: String = key.chars().take(40).collect();
        format!(
            "; an id has 15 letters and digits, so {short:?} becomes {id} (to keep the column too, add --field \
             {heading}={name})"
        )
    }

    fn link(&self, relation: &RelationOption) -> Result<Link> {
        if relation.collection.eq_ignore_ascii_case(&self.options.into) && self.existing.is_none() {
            return Ok(Link { collection_id: self.own_id(), field: relation.field.clone() });
        }
        let Some(target) = self.schema.find(&relation.collection) else {
            return Err(Error::bad_request(format!("There is no collection {:?} to relate to.", relation.collection)));
        };
        if let Some(field) = &relation.field
            && target.field(field).is_none()
        {
            return Err(Error::bad_request(format!("{} has no field {field:?}.", target.name)));
        }
        Ok(Link { collection_id: target.id.clone(), field: relation.field.clone() })
    }

    fn where_to(&self, link: &Link) -> String {
        let target = self.schema.by_id(&link.collection_id);
        format!("to {}", target.map_or(&self.options.into, |target| &target.name))
    }

    /// Returns the id of the collection to create. It is chosen here so that the collection can have relations to
    /// itself.
    fn own_id(&self) -> String {
        let name = &self.options.into;
        let id = format!("pbc_{}", ids::checksum(&format!("base{name}")));
        // The id may still be used by a collection of this name that was renamed later.
        if self.schema.by_id(&id).is_some() { format!("pbc_{}", ids::checksum(&format!("base{name}2"))) } else { id }
    }

    fn existing_field(&self, heading: &str, wanted: Option<&FieldOption>, is_relation: bool) -> Option<Field> {
        let collection = self.existing.as_ref()?;
        let find = |name: &str| collection.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
        if let Some(wanted) = wanted {
            return collection.field(&wanted.name).cloned();
        }
        let by_relation = || if is_relation { find(&relation_name(heading)) } else { None };
        let by_name = || find(&naming::field_name(heading, 0));
        collection.field(heading).or_else(|| find(heading)).or_else(by_name).or_else(by_relation).cloned()
    }

    fn existing_target(&mut self, field: &Field, link: Option<Link>) -> Result<(Target, String)> {
        match &field.kind {
            FieldKind::Autodate(_) => return Ok((Target::Ignored, "the server keeps these dates".to_owned())),
            FieldKind::File(_) => return Ok((Target::Ignored, "files cannot come out of a table".to_owned())),
            FieldKind::Relation(_) => {}
            _ if link.is_some() => {
                return Err(Error::bad_request(format!("The field {:?} is not a relation.", field.name)));
            }
            _ => {}
        }
        let link = match (field.relation_target(), link) {
            (Some(target), Some(link)) if link.collection_id != target => {
                return Err(Error::bad_request(format!("The field {:?} relates to another collection.", field.name)));
            }
            (Some(target), None) => Some(Link { collection_id: target.to_owned(), field: None }),
            (_, link) => link,
        };
        self.taken.insert(field.name.to_ascii_lowercase());
        let reason = link.as_ref().map(|link| self.where_to(link)).unwrap_or_default();
        let type_name = field.type_name().to_owned();
        Ok((Target::Field { name: field.name.clone(), type_name, is_new: false, link }, reason))
    }

    fn new_target(
        &mut self,
        at: usize,
        heading: &str,
        wanted: Option<&FieldOption>,
        link: Option<Link>,
    ) -> Result<(Target, String)> {
        if self.table.unnamed.contains(&at) && self.table.columns[at].is_blank() && wanted.is_none() {
            return Ok((Target::Ignored, "no heading and no cell".to_owned()));
        }
        match self.options.unmatched {
            _ if self.existing.is_none() => {}
            Unmatched::Add => {}
            Unmatched::Refuse => {
                self.homeless.push(heading.to_owned());
                return Ok((Target::Ignored, String::new()));
            }
            Unmatched::Skip => return Ok((Target::Ignored, format!("{} has no such field", self.options.into))),
        }
        let name = match (wanted, &link) {
            (Some(wanted), _) => wanted.name.clone(),
            (None, Some(_)) => relation_name(heading),
            (None, None) => naming::field_name(heading, at),
        };
        // A name that somebody chose is not changed. If it is taken, the collection's own check says so.
        let name = if wanted.is_some() { name } else { self.unique(&name) };
        self.taken.insert(name.to_ascii_lowercase());
        let (definition, type_name, reason) = self.definition(at, heading, &name, wanted, link.as_ref())?;
        self.new_fields.push(definition);
        Ok((Target::Field { name, type_name, is_new: true, link }, reason))
    }

    /// Returns a name that no other column and no field of the collection has.
    fn unique(&mut self, name: &str) -> String {
        let fields = self.existing.iter().flat_map(|collection| &collection.fields);
        let mut taken: BTreeSet<String> = fields.map(|field| field.name.to_ascii_lowercase()).collect();
        taken.insert("id".to_owned());
        taken.extend(self.taken.iter().cloned());
        let name = naming::unique(name, &mut taken);
        self.taken.insert(name.to_ascii_lowercase());
        name
    }

    /// Returns the new field as JSON, its type, and the reason for the type.
    fn definition(
        &self,
        at: usize,
        heading: &str,
        name: &str,
        wanted: Option<&FieldOption>,
        link: Option<&Link>,
    ) -> Result<(Value, String, String)> {
        let mut definition = wanted.map(|wanted| wanted.options.clone()).unwrap_or_default();
        definition.insert("name".to_owned(), name.into());
        if let Some(link) = link {
            let max_select = if self.options.mode == Mode::Create { 1 } else { MAX_LIST };
            definition.insert("type".to_owned(), "relation".into());
            definition.insert("collectionId".to_owned(), link.collection_id.clone().into());
            definition.entry("maxSelect").or_insert_with(|| max_select.into());
            return Ok((definition.into(), "relation".to_owned(), self.where_to(link)));
        }
        if let Some(type_name) = wanted.and_then(|wanted| wanted.type_name.clone()) {
            definition.insert("type".to_owned(), type_name.clone().into());
            if type_name == "select" && !definition.contains_key("values") {
                let values = self.table.columns[at].values().ok_or_else(|| {
                    Error::bad_request(format!(
                        "The column {heading:?} has too many different values for a select. Choose text."
                    ))
                })?;
                definition.insert("values".to_owned(), values.into());
            }
            if type_name == "select" {
                definition.entry("maxSelect").or_insert_with(|| 1.into());
            }
            return Ok((definition.into(), type_name, String::new()));
        }
        let guess = guess(heading, &self.table.columns[at], self.options.dates);
        definition.extend(guess.options);
        definition.insert("type".to_owned(), guess.type_name.into());
        Ok((Value::Object(definition), guess.type_name.to_owned(), guess.reason))
    }

    /// Returns the position of the column that finds records by a field.
    pub(super) fn check_targets(&self, columns: &[Column]) -> Result<Option<usize>> {
        if !self.homeless.is_empty() {
            let (into, homeless) = (&self.options.into, self.homeless.join(", "));
            return Err(Error::bad_request(format!(
                "{into} has no field for: {homeless}. Name one (--field), leave the column out (--ignore) or let missing \
                 fields be added (--add-fields)."
            )));
        }
        let mut names = BTreeSet::new();
        for column in columns {
            if let Target::Field { name, .. } | Target::KeptKey { name, .. } = &column.target
                && !names.insert(name)
            {
                return Err(Error::bad_request(format!("Two columns are for the field {name:?}.")));
            }
        }
        let is_key = |column: &&Column| matches!(column.target, Target::Key | Target::KeptKey { .. });
        if columns.iter().filter(is_key).count() > 1 {
            return Err(Error::bad_request("Two columns are for the record's id."));
        }
        let found_by = self.options.found_by.as_deref().and_then(|heading| self.table.column(heading));
        match found_by {
            _ if self.options.mode == Mode::Create => Ok(None),
            None if columns.iter().any(|column| is_key(&column)) => Ok(None),
            None => Err(Error::bad_request(
                "To change records, a column must find them: by their id (--id) or by a field (--by).",
            )),
            Some(at) if is_key(&&columns[at]) => Ok(None),
            Some(at) => match &columns[at].target {
                Target::Field { name, link: None, .. } => {
                    let collection = self.existing.as_ref();
                    let field = collection.and_then(|collection| collection.field(name));
                    let is_multiple = field.is_some_and(Field::is_multiple);
                    if is_multiple {
                        return Err(Error::bad_request(format!("{name} is a list: it cannot find records.")));
                    }
                    Ok(Some(at))
                }
                _ => Err(Error::bad_request(format!(
                    "The column {:?} cannot find records: it goes to no field that holds a plain value.",
                    columns[at].heading
                ))),
            },
        }
    }

    pub(super) fn change(self) -> Change {
        match self.existing.clone() {
            Some(collection) if self.new_fields.is_empty() => Change::Nothing(collection),
            Some(collection) => Change::Extend(collection, self.new_fields),
            None => {
                let id = self.own_id();
                let mut fields = self.new_fields;
                for (name, on_update) in [("created", false), ("updated", true)] {
                    if !self.taken.contains(name) {
                        fields.push(json!({"type": "autodate", "name": name, "onCreate": true, "onUpdate": on_update}));
                    }
                }
                let mut definition = Map::new();
                definition.insert("id".to_owned(), id.into());
                definition.insert("name".to_owned(), self.options.into.clone().into());
                definition.insert("type".to_owned(), "base".into());
                definition.insert("fields".to_owned(), fields.into());
                Change::Create(definition)
            }
        }
    }
}

/// Removes the suffix of a heading: `AlbumId` and `album_id` refer to an album.
fn relation_name(heading: &str) -> String {
    let name = naming::field_name(heading, 0);
    let bare = ["Id", "_id", "ID"].iter().find_map(|suffix| name.strip_suffix(suffix)).filter(|bare| !bare.is_empty());
    bare.map_or(name.clone(), ToOwned::to_owned)
}
