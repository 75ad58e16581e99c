use super::*;
use crate::domain::collections::{ListInput, list};

/// Names of the page's collections, and the total.
fn check(tx: &WriteTx, input: &ListInput, expected: &str, total: i64) {
    let shown = format!("{input:?}");
    let (items, totals) = list(tx, input).unwrap();
    let names = items.iter().map(|collection| collection.name.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!((names.as_str(), totals.total_items), (expected, total), "{shown}");
}

#[test]
fn collections_are_filtered_sorted_and_paged() {
    scratch(|tx| {
        let all = ListInput::default;
        made(tx, json!({"name": "posts"}));
        check(tx, &all(), "_mfas _otps _externalAuths _authOrigins _superusers users posts", 7);
        check(tx, &ListInput { filter: "system = false".into(), ..all() }, "users posts", 2);
        check(
            tx,
            &ListInput { filter: "name ~ 'us' && type = 'auth'".into(), sort: "-name".into(), ..all() },
            "users _superusers",
            2,
        );
        check(tx, &ListInput { filter: "id = 'pbc_3142635823' && created > '2020'".into(), ..all() }, "_superusers", 1);
        check(tx, &ListInput { sort: "system,-name".into(), per_page: 2, page: 2, ..all() }, "_superusers _otps", 7);
        check(tx, &ListInput { page: 9, per_page: 5, skip_total: true, ..all() }, "", -1);
        for input in [
            ListInput { filter: "listRule = ''".into(), ..all() },
            ListInput { filter: "fields ~ 'x'".into(), ..all() },
            ListInput { filter: "nope".into(), ..all() },
            ListInput { sort: "options".into(), ..all() },
            ListInput { sort: "name,".into(), ..all() },
            ListInput { filter: "x".repeat(100_000), ..all() },
        ] {
            let Err(Error::Invalid { message, issues }) = list(tx, &input) else { panic!("{input:?}") };
            let what = if input.filter.is_empty() { "sort" } else { "filter" };
            assert!(message.starts_with(&format!("Invalid {what} at character ")), "{message}");
            assert!(issues.to_json()[what]["params"]["offset"].is_u64(), "{issues:?}");
        }
    });
}
