//! The collections of a new installation: the five that the server itself uses, and `users`.

use super::indexes::{self, Definition};
use super::{blank, ddl, store};
use crate::base::ids;
use crate::db::Sql;
use crate::domain::fields::{Field, FieldKind, FileOptions, PasswordOptions, TextOptions};
use crate::domain::model::{
    AUTH_ORIGINS, BELONGINGS, Collection, CollectionKind, EXTERNAL_AUTHS, MFAS, OTPS, Rules, SUPERUSERS, Schema,
};
use crate::domain::tx::WriteTx;
use crate::domain::{Error, Result};
use std::sync::Arc;

/// A rule for rows that belong to an auth record: only that record may see them.
const OWNER: &str =
    "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";
const SELF: &str = "id = @request.auth.id";

/// Shorter than for others, because a superuser's token gives full access.
const SUPERUSER_TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// Creates the system collections and `users` in an empty database; does nothing in any other.
pub fn seed(tx: &WriteTx) -> Result<()> {
    if !tx.schema().all().is_empty() {
        return Ok(());
    }
    let mut found = Sql::default();
    tx.dialect().find_relation(&mut found, SUPERUSERS);
    if tx.query_value(&found)?.is_some() {
        return Err(Error::Internal(
            "the table _collections is empty although this database is not new: restore a backup \
             (steading backup list shows what there is)"
                .to_owned(),
        ));
    }
    let mut collections = Vec::new();
    for mut collection in system_collections().into_iter().chain([users()]) {
        let parsed = collection.indexes.iter().filter_map(|text| Definition::parse(text));
        collection.parsed_indexes = parsed.map(|definition| definition.index).collect();
        collection.created = tx.now().to_string();
        collection.updated.clone_from(&collection.created);
        store::insert(tx, &collection)?;
        ddl::create_table(tx, &collection.name, &collection.fields)?;
        for index in &collection.parsed_indexes {
            tx.execute(&indexes::create_statement(index, &collection.name))?;
        }
        collections.push(Arc::new(collection));
    }
    tx.set_schema(Schema::new(collections));
    Ok(())
}

/// Whether the server itself uses a collection of this name. Other collections may have the system flag too.
#[must_use]
pub fn is_built_in(name: &str) -> bool {
    name == SUPERUSERS || BELONGINGS.contains(&name)
}

/// Returns the collections that the server itself uses.
pub(super) fn system_collections() -> [Collection; 5] {
    [mfas(), otps(), external_auths(), auth_origins(), superusers()]
}

fn mfas() -> Collection {
    let mut collection = owned(MFAS, vec![required_text("method")]);
    collection.rules.delete = None;
    collection.indexes =
        vec!["CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)".to_owned()];
    collection
}

fn otps() -> Collection {
    // The code is valid for minutes and guesses are limited, so a cheap hash is enough.
    let password = FieldKind::Password(PasswordOptions { cost: 8, ..PasswordOptions::default() });
    let password = Field { is_required: true, is_hidden: true, ..Field::new("password", password) };
    let sent_to = Field { is_hidden: true, ..Field::new("sentTo", FieldKind::Text(TextOptions::default())) };
    let mut collection = owned(OTPS, vec![password, sent_to]);
    collection.rules.delete = None;
    collection.indexes =
        vec!["CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)".to_owned()];
    collection
}

fn external_auths() -> Collection {
    let mut collection = owned(EXTERNAL_AUTHS, vec![required_text("provider"), required_text("providerId")]);
    collection.indexes = vec![
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (collectionRef, recordRef, \
         provider)"
            .to_owned(),
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` (collectionRef, provider, \
         providerId)"
            .to_owned(),
    ];
    collection
}

fn auth_origins() -> Collection {
    let mut collection = owned(AUTH_ORIGINS, vec![required_text("fingerprint")]);
    collection.indexes = vec![
        "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (collectionRef, recordRef, fingerprint)"
            .to_owned(),
    ];
    collection
}

fn superusers() -> Collection {
    let mut collection = system(SUPERUSERS, CollectionKind::Auth, Vec::new());
    collection.indexes = blank::auth_indexes(SUPERUSERS, &collection.id).into();
    if let Some(auth) = &mut collection.auth {
        auth.auth_token.duration = SUPERUSER_TOKEN_SECONDS;
        auth.fill_secrets();
    }
    collection
}

fn users() -> Collection {
    let name = FieldKind::Text(TextOptions { max: 255, ..TextOptions::default() });
    let avatar = FieldKind::File(FileOptions {
        max_select: 1,
        mime_types: ["image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"].map(str::to_owned).into(),
        ..FileOptions::default()
    });
    let mut collection = blank::collection(CollectionKind::Auth);
    // A fixed id instead of one derived from the name: clients know the collection by it.
    "_pb_users_auth_".clone_into(&mut collection.id);
    "users".clone_into(&mut collection.name);
    let own = || Some(SELF.to_owned());
    collection.rules = Rules { list: own(), view: own(), create: Some(String::new()), update: own(), delete: own() };
    collection.fields.push(Field::new("name", name));
    collection.fields.push(Field::new("avatar", avatar));
    collection.fields.extend(blank::time_fields());
    collection.indexes = blank::auth_indexes("users", &collection.id).into();
    if let Some(auth) = &mut collection.auth {
        "name".clone_into(&mut auth.oauth2.mapped_fields.name);
        "avatar".clone_into(&mut auth.oauth2.mapped_fields.avatar_url);
        auth.fill_secrets();
    }
    collection
}

/// A system collection whose rows belong to an auth record.
fn owned(name: &str, fields: Vec<Field>) -> Collection {
    let references = [required_text("collectionRef"), required_text("recordRef")];
    let mut collection = system(name, CollectionKind::Base, references.into_iter().chain(fields).collect());
    let owner = || Some(OWNER.to_owned());
    collection.rules = Rules { list: owner(), view: owner(), delete: owner(), ..Rules::default() };
    collection
}

fn system(name: &str, kind: CollectionKind, fields: Vec<Field>) -> Collection {
    let mut collection = blank::collection(kind);
    name.clone_into(&mut collection.name);
    collection.id = format!("pbc_{}", ids::checksum(&format!("{}{name}", kind.as_str())));
    collection.is_system = true;
    let fields = fields.into_iter().chain(blank::time_fields());
    collection.fields.extend(fields.map(|field| Field { is_system: true, ..field }));
    collection
}

fn required_text(name: &str) -> Field {
    Field { is_required: true, ..Field::new(name, FieldKind::Text(TextOptions::default())) }
}
