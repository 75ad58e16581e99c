//! The defaults of a new collection, and the parts that every collection of a kind must have.

use crate::domain::fields::{AutodateOptions, EmailOptions, Field, FieldKind, PasswordOptions, TextOptions};
use crate::domain::model::{AuthOptions, Collection, CollectionKind, Rules, TOKEN_KEY};

/// A collection without a name: it has the required fields, and only superusers have access.
pub(super) fn collection(kind: CollectionKind) -> Collection {
    let is_auth = kind == CollectionKind::Auth;
    let fields = match kind {
        CollectionKind::Base => vec![id_field()],
        CollectionKind::Auth => std::iter::once(id_field()).chain(auth_fields()).collect(),
        CollectionKind::View => Vec::new(),
    };
    Collection {
        id: String::new(),
        name: String::new(),
        kind,
        is_system: false,
        rules: Rules::default(),
        fields,
        id_position: 0,
        indexes: Vec::new(),
        parsed_indexes: Vec::new(),
        auth: is_auth.then(Box::<AuthOptions>::default),
        view_query: String::new(),
        created: String::new(),
        updated: String::new(),
    }
}

/// The primary key of every collection that stores records.
pub(super) fn id_field() -> Field {
    let kind = FieldKind::Text(TextOptions {
        min: 15,
        max: 15,
        pattern: "^[a-z0-9]+$".into(),
        autogenerate_pattern: "[a-z0-9]{15}".into(),
        is_primary_key: true,
    });
    Field { is_system: true, is_required: true, ..Field::new("id", kind) }
}

/// The fields every auth collection has after its id, in this order.
pub(super) fn auth_fields() -> [Field; 5] {
    let password = FieldKind::Password(PasswordOptions { min: 8, ..PasswordOptions::default() });
    let token_key = FieldKind::Text(TextOptions {
        min: 30,
        max: 60,
        autogenerate_pattern: "[a-zA-Z0-9]{50}".into(),
        ..TextOptions::default()
    });
    let email = FieldKind::Email(EmailOptions::default());
    let system = |name, kind| Field { is_system: true, ..Field::new(name, kind) };
    [
        Field { is_hidden: true, is_required: true, ..system("password", password) },
        Field { is_hidden: true, is_required: true, ..system(TOKEN_KEY, token_key) },
        Field { is_required: true, ..system("email", email) },
        system("emailVisibility", FieldKind::Bool),
        system("verified", FieldKind::Bool),
    ]
}

/// The `created` and `updated` fields, for collections that request them.
pub(super) fn time_fields() -> [Field; 2] {
    let autodate = |on_update| FieldKind::Autodate(AutodateOptions { on_create: true, on_update });
    [Field::new("created", autodate(false)), Field::new("updated", autodate(true))]
}

/// The unique indexes every auth collection has. `suffix` makes their names unique in the database.
pub(super) fn auth_indexes(table: &str, suffix: &str) -> [String; 2] {
    [
        format!("CREATE UNIQUE INDEX `idx_tokenKey_{suffix}` ON `{table}` (`tokenKey`)"),
        format!("CREATE UNIQUE INDEX `idx_email_{suffix}` ON `{table}` (`email`) WHERE `email` != ''"),
    ]
}
