use super::*;
use crate::domain::collections::load;

#[test]
fn a_new_installation_has_the_system_collections_and_users() {
    scratch(|tx| {
        let summary: Vec<String> = tx
            .schema()
            .all()
            .iter()
            .map(|collection| {
                format!("{} {} {} {}", collection.name, collection.id, collection.is_system, fields(collection))
            })
            .collect();
        let auth = "id:text password:password tokenKey:text email:email emailVisibility:bool verified:bool";
        let references = "id:text collectionRef:text recordRef:text";
        let times = "created:autodate updated:autodate";
        assert_eq!(
            summary,
            [
                format!("_mfas pbc_2279338944 true {references} method:text {times}"),
                format!("_otps pbc_1638494021 true {references} password:password sentTo:text {times}"),
                format!("_externalAuths pbc_2281828961 true {references} provider:text providerId:text {times}"),
                format!("_authOrigins pbc_4275539003 true {references} fingerprint:text {times}"),
                format!("_superusers pbc_3142635823 true {auth} {times}"),
                format!("users _pb_users_auth_ false {auth} name:text avatar:file {times}"),
            ]
        );
    });
}

#[test]
fn loading_gives_what_was_seeded() {
    scratch(|tx| {
        let loaded = load(tx).unwrap();
        assert_eq!(loaded.all(), tx.schema().all());
        let users = loaded.by_name("users").unwrap();
        assert_eq!(users.indexes[0], "CREATE UNIQUE INDEX `idx_tokenKey__pb_users_auth_` ON `users` (`tokenKey`)");
        assert!(users.unique_index_on("email").is_some());
        let auth = users.auth.as_ref().unwrap();
        assert!(auth.tokens().iter().all(|(_, token)| token.secret.len() == 50));
        assert_eq!(
            rows(
                tx,
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'users' AND sql != '' ORDER BY name"
            ),
            ["idx_email__pb_users_auth_", "idx_tokenKey__pb_users_auth_"]
        );
    });
}

#[test]
fn a_database_with_collections_is_left_alone() {
    scratch(|tx| {
        let before = everything(tx);
        seed(tx).unwrap();
        assert_eq!(everything(tx), before);
    });
}

#[test]
fn no_secret_is_shown() {
    scratch(|tx| {
        changed(tx, "users", json!({"oauth2": {"providers": [{"name": "oidc", "clientSecret": "hush"}]}}));
        let users = tx.schema().by_name("users").cloned().unwrap();
        let shown = view(&users).to_string();
        assert!(!shown.contains("hush") && !shown.contains("ecret"), "{shown}");
        assert!(users.auth.as_ref().unwrap().oauth2.providers[0].client_secret == "hush");
    });
}

#[test]
fn scaffolds_have_all_keys_and_no_name() {
    let scaffolds = crate::domain::collections::scaffolds();
    let keys = |kind: &str| scaffolds[kind].as_object().unwrap().len();
    assert_eq!((keys("base"), keys("view"), keys("auth")), (13, 14, 28));
    for kind in ["base", "auth", "view"] {
        for key in ["id", "name", "created", "updated"] {
            assert_eq!(scaffolds[kind][key], "", "{kind}.{key}");
        }
    }
    assert_eq!(scaffolds["view"]["fields"], json!([]));
    let index = scaffolds["auth"]["indexes"][0].as_str().unwrap();
    assert!(index.starts_with("CREATE UNIQUE INDEX `idx_tokenKey_") && index.ends_with("` ON `` (`tokenKey`)"));
}
