//! Fills in what the server sets itself before a definition is validated: ids, required fields and indexes, secrets,
//! and options that have no choice.

use super::blank;
use super::indexes;
use super::input::Draft;
use crate::base::ids;
use crate::domain::fields::{Field, FieldKind};
use crate::domain::model::{AuthOptions, Collection, CollectionKind, Schema, TOKEN_KEY};
use crate::domain::{Issue, Issues};

/// Completes a draft. Indexes that cannot be parsed are removed from the draft and reported.
pub(super) fn complete(draft: &mut Draft, schema: &Schema) {
    if draft.new.id.is_empty() {
        draft.new.id = match &draft.old {
            Some(old) => old.id.clone(),
            None => free_id(schema, &draft.new),
        };
    }
    if draft.new.is_view() {
        return;
    }
    fields(draft);
    parse_indexes(draft);
    if draft.new.is_auth() {
        add_auth_indexes(draft);
        auth_options(draft);
    }
}

fn free_id(schema: &Schema, collection: &Collection) -> String {
    let id = format!("pbc_{}", ids::checksum(&format!("{}{}", collection.kind.as_str(), collection.name)));
    if schema.by_id(&id).is_none() {
        return id;
    }
    let mut numbered = (2..).map(|number: usize| format!("{id}{number}"));
    numbered.find(|candidate| schema.by_id(candidate).is_none()).unwrap_or(id.clone())
}

fn fields(draft: &mut Draft) {
    let Draft { old, new, .. } = draft;
    let old = old.as_deref();
    let sent_position = new.field_index("id");
    restore(new, old, blank::id_field());
    if let Some(position) = new.field_index("id") {
        new.fields[..=position].rotate_right(1);
        // The position is also zero if no list was sent.
        if let Some(position @ 1..) = sent_position {
            new.id_position = position;
        }
        make_primary_key(&mut new.fields[0]);
    }
    if new.kind == CollectionKind::Auth {
        for required in blank::auth_fields() {
            restore(new, old, required.clone());
            if let Some(field) = new.fields.iter_mut().find(|field| field.name == required.name) {
                make_auth_field(field, required);
            }
        }
    }
    if let Some(old) = old.filter(|old| old.is_system) {
        // The server itself relies on these fields. Without the flag, the next save could remove them.
        for field in old.fields.iter().filter(|field| field.is_system) {
            if let Some(kept) = new.fields.iter_mut().find(|kept| kept.id == field.id) {
                kept.is_system = true;
            }
        }
    }
}

/// Restores a required field: the stored one, or a new one. A field that was renamed is left for validation to refuse.
fn restore(new: &mut Collection, old: Option<&Collection>, required: Field) {
    if new.field(&required.name).is_some() {
        return;
    }
    let field = old.and_then(|old| old.field(&required.name)).cloned().unwrap_or(required);
    if new.fields.iter().all(|other| other.id != field.id) {
        new.fields.push(field);
    }
}

fn make_primary_key(field: &mut Field) {
    // A field of another type cannot be the key: left for validation to refuse.
    let (FieldKind::Text(options), FieldKind::Text(default)) = (&mut field.kind, blank::id_field().kind) else {
        return;
    };
    options.is_primary_key = true;
    if options.pattern.is_empty() {
        options.pattern = default.pattern;
    }
    field.is_system = true;
    field.is_required = true;
    field.is_hidden = false;
}

fn make_auth_field(field: &mut Field, required: Field) {
    let is_right_type = field.type_name() == required.type_name();
    if !is_right_type {
        *field = Field { id: std::mem::take(&mut field.id), ..required };
        return;
    }
    field.is_system = true;
    match required.name.as_str() {
        "password" | TOKEN_KEY => {
            field.is_hidden = true;
            field.is_required = true;
        }
        "email" => field.is_hidden = false,
        _ => {}
    }
}

pub(super) fn parse_indexes(draft: &mut Draft) {
    let mut issues = Issues::new();
    let mut parsed = Vec::new();
    for (position, text) in std::mem::take(&mut draft.new.indexes).into_iter().enumerate() {
        match indexes::normalise(&text, &draft.new.name) {
            Ok((text, index)) => {
                draft.new.indexes.push(text);
                parsed.push(index);
            }
            Err(issue) => issues.add(position.to_string(), issue),
        }
    }
    draft.new.parsed_indexes = parsed;
    if !issues.is_empty() {
        draft.issues.add("indexes", Issue::Nested(issues));
    }
}

/// Adds the unique indexes that sign-in needs to identify a record.
fn add_auth_indexes(draft: &mut Draft) {
    let new = &mut draft.new;
    let defaults = blank::auth_indexes(&new.name, &new.id);
    for (field_name, text) in [TOKEN_KEY, "email"].into_iter().zip(defaults) {
        if new.unique_index_on(field_name).is_some() {
            continue;
        }
        if let Ok((text, index)) = indexes::normalise(&text, &new.name) {
            new.indexes.push(text);
            new.parsed_indexes.push(index);
        }
    }
}

fn auth_options(draft: &mut Draft) {
    let is_superusers = draft.new.is_superusers();
    let Draft { old, new, .. } = draft;
    let names: Vec<&str> = new.fields.iter().map(|field| field.name.as_str()).collect();
    let Some(auth) = &mut new.auth else { return };
    let mapped = &mut auth.oauth2.mapped_fields;
    for target in [&mut mapped.id, &mut mapped.name, &mut mapped.username, &mut mapped.avatar_url] {
        if !names.contains(&target.as_str()) {
            target.clear();
        }
    }
    match old.as_deref().and_then(|old| old.auth.as_deref()) {
        None => auth.fill_secrets(),
        Some(old) => end_sessions_on_new_rule(auth, old),
    }
    if is_superusers {
        auth.oauth2.enabled = false;
        auth.password_auth.enabled = true;
        // A code by mail alone must not give full access.
        auth.mfa.enabled |= auth.otp.enabled;
    }
}

/// Ends all sessions when the sign-in rule changes, so that everyone has to satisfy the new rule.
fn end_sessions_on_new_rule(auth: &mut AuthOptions, old: &AuthOptions) {
    if auth.auth_rule != old.auth_rule && auth.auth_token.secret == old.auth_token.secret {
        auth.auth_token.renew_secret();
    }
}
