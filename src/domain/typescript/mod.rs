//! The schema as TypeScript: types for the JavaScript SDK.
//!
//! Each collection becomes types for a record, its expansion, and the bodies of create and update ([`collection`]).
//! Together they form `TypedPocketBase`, a client whose `collection('name')` is typed.

mod collection;
mod names;
mod values;

use super::model::{Collection, CollectionKind, Schema};
use names::TypeNames;
use std::fmt::Write as _;

const HEAD: &str = include_str!("head.ts");
const TAIL: &str = include_str!("tail.ts");

/// The whole file.
#[must_use]
pub fn generate(schema: &Schema) -> String {
    let names = TypeNames::of(schema);
    let mut out = HEAD.to_owned();
    for one in schema.all() {
        collection::write(&mut out, schema, &names, one);
    }
    out.push_str("\n/** Each collection's service, by its name. */\nexport interface Services {\n");
    for one in schema.all() {
        let _ = writeln!(out, "  {}: {};", names::property(&one.name), service(one, names.get(one)));
    }
    out.push_str("}\n\n/** Each collection's records, by its name. */\nexport interface Records {\n");
    for one in schema.all() {
        let _ = writeln!(out, "  {}: {}Record;", names::property(&one.name), names.get(one));
    }
    out.push_str(
        "}\n\n/** The records that people sign in as, by their collection's name. */\nexport interface SignsIn {\n",
    );
    for one in schema.all().iter().filter(|one| one.is_auth()) {
        let _ = writeln!(out, "  {}: {}Record;", names::property(&one.name), names.get(one));
    }
    out.push_str("}\n\n/** What a batch writes to each collection, by its name. */\nexport interface Batches {\n");
    for one in schema.all().iter().filter(|one| !one.is_view()) {
        let name = names.get(one);
        let _ = writeln!(out, "  {}: BatchWrites<{name}Create, {name}Update>;", names::property(&one.name));
    }
    out.push_str("}\n");
    out.push_str(TAIL);
    out
}

/// The types of one collection. They name those of the others and of the head, which are not in it.
#[must_use]
pub fn generate_one(schema: &Schema, collection: &Collection) -> String {
    let mut out = String::new();
    collection::write(&mut out, schema, &TypeNames::of(schema), collection);
    out.trim_start().to_owned()
}

fn service(collection: &Collection, name: &str) -> String {
    match collection.kind {
        CollectionKind::View => format!("ViewService<{name}Record>"),
        CollectionKind::Base => format!("BaseService<{name}Record, {name}Create, {name}Update>"),
        CollectionKind::Auth => format!("AuthService<{name}Record, {name}Create, {name}Update>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{collection, seeded};
    use serde_json::json;

    #[test]
    fn a_collection_becomes_a_record_and_what_makes_and_changes_it() {
        let tx = seeded();
        let tags = collection(&tx, json!({"name": "tags", "type": "base"}));
        collection(
            &tx,
            json!({"name": "1_odd_name", "type": "base", "fields": [
                {"name": "title", "type": "text", "required": true, "help": "No */ tricks"},
                {"name": "slug", "type": "text", "required": true, "autogeneratePattern": "[a-z]{9}"},
                {"name": "class", "type": "select", "values": ["a'b\\", "c\n"], "maxSelect": 2},
                {"name": "2nd", "type": "relation", "collectionId": tags.id},
                {"name": "must", "type": "relation", "collectionId": tags.id, "required": true},
                {"name": "note", "type": "text", "hidden": true},
                {"name": "made", "type": "autodate", "onCreate": true},
            ]}),
        );
        let text = generate(&tx.schema());
        let alone = generate_one(&tx.schema(), tx.schema().by_name("1_odd_name").unwrap());
        assert!(alone.starts_with("/** The collection") && text.contains(&alone), "{alone}");
        let from = text.find("export interface T1OddNameRecord").unwrap();
        let to = text.find("/** Each collection's service").unwrap();
        assert_eq!(
            text[from..to].trim_end(),
            r"export interface T1OddNameRecord extends AnyRecord<'1_odd_name'> {
  /** No * / tricks */
  title: string;
  slug: string;
  class: ('a\'b\\' | 'c\n')[];
  '2nd': RecordId;
  must: RecordId;
  /** Shown to superusers only. */
  note?: string;
  made: DateTime;
  expand?: T1OddNameExpand;
}

export interface T1OddNameExpand {
  '2nd'?: TagsRecord;
  must?: TagsRecord;
}

export interface T1OddNameCreate {
  id?: RecordId;
  title: string;
  slug?: string;
  'slug:autogenerate'?: string;
  class?: 'a\'b\\' | 'c\n' | ('a\'b\\' | 'c\n')[];
  '2nd'?: RecordId | null;
  must: RecordId;
  note?: string;
}

export interface T1OddNameUpdate {
  title?: string;
  slug?: string;
  class?: 'a\'b\\' | 'c\n' | ('a\'b\\' | 'c\n')[];
  'class+'?: 'a\'b\\' | 'c\n' | ('a\'b\\' | 'c\n')[];
  '+class'?: 'a\'b\\' | 'c\n' | ('a\'b\\' | 'c\n')[];
  'class-'?: 'a\'b\\' | 'c\n' | ('a\'b\\' | 'c\n')[];
  '2nd'?: RecordId | null;
  must?: RecordId;
  note?: string;
}"
        );
        assert!(text.contains("  '1_odd_name': BaseService<T1OddNameRecord, T1OddNameCreate, T1OddNameUpdate>;"));
        assert!(text.contains("  '1_odd_name_via_2nd'?: T1OddNameRecord[];"), "the way back is there");
    }
}
