//! Every change of a record takes the steps of `save`.

use super::*;
use crate::db::{Sql, Value as Stored};
use crate::domain::auth::{Factor, origins, password_reset, token};
use crate::domain::testing::{TestTx, seeded_tolerant};
use crate::domain::tx::Change;

/// The changes that `work` announces, as `action collection`.
fn announced(tx: &WriteTx, work: impl FnOnce()) -> Vec<String> {
    let before = tx.with_effects(<[Effect]>::len);
    work();
    let name = |effect: &Effect| match effect {
        Effect::RecordChanged(Change { action, record }) => Some(format!("{action:?} {}", record.collection.name)),
        _ => None,
    };
    tx.with_effects(|effects| effects[before..].iter().filter_map(name).collect())
}

fn rows(tx: &WriteTx, table: &str) -> i64 {
    let mut sql = Sql::new("SELECT count(*) FROM ");
    sql.ident(table);
    let Some(Stored::Integer(rows)) = tx.query_value(&sql).unwrap() else { panic!("no count") };
    rows
}

/// A user who has signed in from one place, and is about to from another.
fn signed_in() -> (TestTx, Arc<Record>) {
    signed_in_on(seeded())
}

fn signed_in_on(tx: TestTx) -> (TestTx, Arc<Record>) {
    let ana = ana(&tx);
    let values = |more: Value| {
        let mut all = object(json!({"collectionRef": ana.collection.id, "recordRef": ana.id()}));
        all.extend(object(more));
        Value::Object(all)
    };
    record(&tx, "_authOrigins", values(json!({"fingerprint": "here"})));
    record(&tx, "_mfas", values(json!({"method": "password"})));
    record(&tx, "_otps", values(json!({"password": "123456"})));
    record(&tx, "_externalAuths", values(json!({"provider": "google", "providerId": "1"})));
    (tx, ana)
}

#[test]
fn what_belongs_to_a_deleted_account_is_deleted_like_any_record() {
    let (tx, ana) = signed_in();
    let changes = announced(&tx, || delete_unchecked(&tx, Record::clone(&ana)).unwrap());
    let expected = ["users", "_externalAuths", "_mfas", "_otps", "_authOrigins"].map(|name| format!("Delete {name}"));
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    assert_eq!(sorted(&changes), sorted(&expected));
    assert!(["_externalAuths", "_mfas", "_otps", "_authOrigins"].iter().all(|table| rows(&tx, table) == 0));
}

#[test]
fn whoever_changes_credentials_ends_what_was_signed_in_with_the_old_ones() {
    type Way = fn(&TestTx, &Arc<Record>) -> Arc<Record>;
    let ways: [Way; 3] = [
        |tx, ana| {
            let change = submitted(&ana.collection, json!({"password": "new-password"}));
            update_unchecked(tx, ana, &change).unwrap()
        },
        |tx, ana| {
            let mut record = Record::clone(ana);
            record.set("email", "new@example.com");
            rewrite(tx, ana, record).unwrap()
        },
        |tx, ana| {
            let link = token::issue_mailed(ana, token::Kind::PasswordReset, tx.now(), None);
            password_reset::confirm(tx, &ana.collection, &link, "a hash".into()).unwrap()
        },
    ];
    for (at, change) in ways.into_iter().enumerate() {
        let (tx, ana) = signed_in();
        let mut answer = None;
        let changes = announced(&tx, || answer = Some(change(&tx, &ana)));
        let answer = answer.unwrap();
        assert_ne!(answer.text("tokenKey"), ana.text("tokenKey"), "{at}");
        for table in ["_mfas", "_otps", "_authOrigins"] {
            assert_eq!(rows(&tx, table), 0, "{at} {table}");
            assert!(changes.contains(&format!("Delete {table}")), "{at} {changes:?}");
        }
        assert!(changes.contains(&"Update users".to_owned()), "{at} {changes:?}");
    }
}

#[test]
fn a_new_hash_of_the_same_password_ends_nothing() {
    let (tx, ana) = signed_in();
    crate::domain::auth::upgrade_hash(&tx, &ana, ana.text("password"), "another hash".into()).unwrap();
    let stored = find(&tx, &ana.collection, ana.id()).unwrap().unwrap();
    assert_eq!(stored.text("password"), "another hash");
    assert_eq!(stored.text("tokenKey"), ana.text("tokenKey"));
    assert_eq!((rows(&tx, "_mfas"), rows(&tx, "_authOrigins")), (1, 1));
}

#[test]
fn a_save_that_the_database_refuses_leaves_everything_as_it_was() {
    let (tx, ana) = signed_in_on(seeded_tolerant());
    record(&tx, "users", json!({"email": "taken@example.com", "password": "12345678"}));
    let change = submitted(&ana.collection, json!({"email": "taken@example.com"}));
    // Without a savepoint: what the database refused is the first statement of the save.
    let changes = announced(&tx, || assert!(issues(update_unchecked(&tx, &ana, &change)).contains("email")));
    assert_eq!(changes, [] as [&str; 0]);
    assert_eq!((rows(&tx, "_mfas"), rows(&tx, "_otps"), rows(&tx, "_authOrigins")), (1, 1, 1));
}

#[test]
fn a_password_is_hashed_before_the_write_or_not_stored() {
    let tx = seeded();
    let users = crate::domain::collections::find(&tx, "users").unwrap();
    let values = json!({"email": "ben@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    let is_refused =
        |outcome: Result<Arc<Record>>| outcome.is_err_and(|error| matches!(error.answer(), Error::TooBusy));
    assert!(is_refused(create(&tx, &guest(), &users, &submit(values.clone()))));
    assert_eq!(rows(&tx, "users"), 0);
    let ben = create(&tx, &guest(), &users, &submitted(&users, values)).unwrap();
    assert!(crate::base::password::verify("12345678", ben.text("password"), None).is_match);
    assert!(is_refused(update_unchecked(&tx, &ben, &submit(json!({"password": "new-password"})))));
    let stored = find(&tx, &users, ben.id()).unwrap().unwrap();
    assert_eq!(stored.text("password"), ben.text("password"));
}

#[test]
fn a_deletion_changes_what_refers_to_the_record_like_any_update() {
    let tx = seeded();
    let tags = collection(&tx, json!({"name": "tags", "fields": [{"name": "label", "type": "text"}]}));
    let notes = collection(
        &tx,
        json!({"name": "notes", "indexes": ["CREATE UNIQUE INDEX one ON notes (tag, day)"], "fields": [
            {"name": "tag", "type": "relation", "collectionId": tags.id}, {"name": "day", "type": "text"},
            {"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true}]}),
    );
    let [first, second] = ["a", "b"].map(|label| record(&tx, "tags", json!({"label": label})));
    let note = record(&tx, "notes", json!({"tag": first.id(), "day": "monday"}));
    tx.execute(&Sql::new("UPDATE notes SET updated = '2001-01-01 00:00:00.000Z'")).unwrap();
    let changes = announced(&tx, || delete_unchecked(&tx, Record::clone(&first)).unwrap());
    assert_eq!(changes, ["Update notes", "Delete tags"]);
    let stored = find(&tx, &notes, note.id()).unwrap().unwrap();
    assert_eq!((stored.text("tag"), stored.text("updated")), ("", tx.now().to_string().as_str()));

    record(&tx, "notes", json!({"tag": second.id(), "day": "monday"}));
    let refused = tx.savepoint(|| delete_unchecked(&tx, Record::clone(&second)));
    assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("required relation reference")));
    assert!(issues(refused).contains("tag"), "two notes of one day without a tag");
    assert_eq!(rows(&tx, "tags"), 1);
}

#[test]
fn a_rehearsal_refuses_what_the_write_would_refuse() {
    let tx = seeded();
    let (posts, ana) = (posts(&tx), ana(&tx));
    let post = record(&tx, "posts", json!({"title": "a", "author": ana.id()}));
    let view = collection(&tx, json!({"name": "seen", "type": "view", "viewQuery": "SELECT id, title FROM posts"}));
    let closed = collection(&tx, json!({"name": "closed", "fields": [{"name": "title", "type": "text"}]}));
    let bodies = [
        json!({"title": "b", "author": ana.id()}),
        json!({"title": "b", "author": ""}),
        json!({"title": "", "author": ana.id(), "views": 1.5}),
        json!({"title": "b", "author": ana.id(), "tags": ["nothing"]}),
        json!({"title": "b", "author": ana.id(), "id": post.id()}),
        json!({"title": "b", "author": ana.id(), "id": "no id"}),
    ];
    let told = |outcome: Result<()>| outcome.map_err(|error| error.to_string());
    for request in [guest(), user(&ana), superuser(&tx)] {
        for collection in [&posts, &view, &closed] {
            for body in &bodies {
                let body = submit(body.clone());
                let rehearsed = told(rehearse_create(&tx, &request, collection, &body));
                let mut done = Ok(());
                let _ = tx.savepoint(|| -> Result<()> {
                    done = told(create(&tx, &request, collection, &body).map(drop));
                    Err(Error::generic())
                });
                assert_eq!(rehearsed, done, "{} {:?}", collection.name, body.values);
                let rehearsed = told(rehearse_update(&tx, &request, collection, post.id(), &body));
                let _ = tx.savepoint(|| -> Result<()> {
                    done = told(update(&tx, &request, collection, post.id(), &body).map(drop));
                    Err(Error::generic())
                });
                assert_eq!(rehearsed, done, "{} {:?}", collection.name, body.values);
            }
        }
    }
}

#[test]
fn a_sign_in_leaves_records_like_any_other_write() {
    let (tx, ana) = signed_in();
    let origin = origins::Origin::new("127.0.0.1".parse().unwrap(), b"x");
    assert!(!origins::is_known(&tx, &ana, &origin).unwrap());
    let auth = json!({"mfa": {"enabled": true}, "otp": {"enabled": true}});
    let users = crate::domain::collections::update(&tx, &ana.collection, &object(auth)).unwrap();
    let ana = Arc::new(find(&tx, &users, ana.id()).unwrap().unwrap());
    let changes = announced(&tx, || {
        crate::domain::auth::finish(&tx, &guest(), &ana, Factor::Password, "").unwrap();
    });
    assert_eq!(changes, ["Create _mfas"]);
}
