use super::*;
use crate::app::testing;
use crate::domain::settings;
use serde_json::Map;

#[test]
fn a_new_name_is_small_letters_and_ends_in_zip() {
    for good in ["", "a.zip", "a_b-9.zip", &format!("{}.zip", "a".repeat(146))] {
        assert!(check_new_name(good).is_ok(), "{good}");
    }
    for bad in
        [".zip", "A.zip", "a b.zip", "../a.zip", "a.txt", "@auto_pb_backup_1.zip", &format!("{}.zip", "a".repeat(147))]
    {
        assert!(check_new_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_name_is_one_part_of_a_path() {
    for good in ["a.zip", "Two B.zip", "é.zip", "noext", "@auto_pb_backup_1.zip"] {
        assert!(backup_key(good).is_some(), "{good}");
    }
    for bad in ["", ".", "..", ".hidden.zip", "a/b.zip", "a\\b.zip", "c:a.zip", "a\0.zip", "a.zip#1", &"a".repeat(151)]
    {
        assert!(backup_key(bad).is_none(), "{bad:?}");
    }
}

async fn names(app: &App) -> Vec<String> {
    app.list_backups().await.unwrap().into_iter().map(|meta| meta.key.to_string()).collect()
}

#[tokio::test]
async fn one_at_a_time_and_nothing_is_left_of_the_work() {
    let (app, folder) = testing::app();
    let busy = app.0.backups.begin().unwrap();
    assert!(!app.can_back_up());
    let refused = app.create_backup("a.zip".to_owned()).await.unwrap_err();
    assert!(reason(&refused).starts_with("Try again later - "));
    drop(busy);
    assert_eq!(app.create_backup("a.zip".to_owned()).await.unwrap(), "a.zip");
    assert!(app.can_back_up());
    assert!(
        matches!(app.create_backup("a.zip".to_owned()).await, Err(Error::Invalid { issues, .. }) if issues.contains("name"))
    );
    assert_eq!(names(&app).await, ["a.zip"]);
    assert_eq!(fs::read_dir(folder.path().join(WORK_FOLDER)).unwrap().count(), 0);
}

#[tokio::test]
async fn automatic_backups_make_room_for_newer_ones_and_for_no_others() {
    let (app, _folder) = testing::app();
    let patch = Map::from_iter([("backups".to_owned(), json!({"cron": "0 0 * * *", "cronMaxKeep": 2}))]);
    app.write(move |tx| settings::update(tx, None, &patch)).await.unwrap();
    assert!(app.list_jobs().iter().any(|job| job.id == "__pbAutoBackup__" && job.expression == "0 0 * * *"));
    app.create_backup("mine.zip".to_owned()).await.unwrap();
    for _ in 0..4 {
        let before = names(&app).await;
        app.create_automatic_backup().await.unwrap();
        assert_ne!(names(&app).await, before, "the newest stays");
    }
    let found = names(&app).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[..2].iter().all(|name| name.starts_with("@auto_pb_backup_steading_")), "{found:?}");
    assert_eq!(found[2], "mine.zip");
}
