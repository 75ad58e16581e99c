//! Tests of the outbox.

use super::*;
use crate::domain::testing::seeded;

fn postbox(key: Option<SealKey>) -> Postbox {
    Postbox { settings: Arc::new(Settings::initial()), key }
}

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ana@example.com".to_owned(),
        subject: subject.to_owned(),
        html: "<p>secret</p>".to_owned(),
        ..Mail::default()
    }
}

#[test]
fn a_posted_mail_is_due_immediately_and_after_an_attempt_later() {
    let tx = seeded();
    post(&tx, &postbox(None), &mail("a"), tx.now().plus_seconds(3600), Purpose::SYSTEM).unwrap();
    let claimed = claim(&tx, None, 10).unwrap();
    assert_eq!((claimed.len(), claimed[0].attempt, claimed[0].is_last), (1, 1, false));
    assert_eq!(claimed[0].mail, Some(mail("a")));
    assert!(claim(&tx, None, 10).unwrap().is_empty(), "its next attempt is later");
    assert_eq!(next_due(&tx).unwrap(), Some(tx.now().plus_seconds(FIRST_WAIT_SECONDS)));
    retry_now(&tx).unwrap();
    assert_eq!(claim(&tx, None, 10).unwrap()[0].attempt, 2);
    done(&tx, claimed[0].id).unwrap();
    assert_eq!(next_due(&tx).unwrap(), None);
}

#[test]
fn large_mails_are_claimed_a_few_at_a_time() {
    let tx = seeded();
    let large = Mail { html: "x".repeat(6 * 1024 * 1024), ..mail("large") };
    for one in [&large, &large, &large, &mail("small")] {
        post(&tx, &postbox(None), one, tx.now().plus_seconds(9), Purpose::SYSTEM).unwrap();
    }
    let subjects =
        || claim(&tx, None, 10).unwrap().into_iter().map(|one| one.mail.unwrap().subject).collect::<Vec<_>>();
    assert_eq!([subjects(), subjects()], [vec!["large", "large"], vec!["large", "small"]]);
    let larger = Mail { html: "x".repeat(20 * 1024 * 1024), ..mail("larger") };
    post(&tx, &postbox(None), &larger, tx.now().plus_seconds(9), Purpose::SYSTEM).unwrap();
    assert_eq!(subjects(), ["larger"]);
}

#[test]
fn large_mails_that_wait_have_a_bounded_size_together_and_small_ones_still_go() {
    let tx = seeded();
    let large = Mail { html: "x".repeat(11 * 1024 * 1024), ..mail("large") };
    let posted = (0..9)
        .take_while(|_| post(&tx, &postbox(None), &large, tx.now().plus_seconds(9), Purpose::SYSTEM).is_ok())
        .count();
    assert_eq!(posted, 4);
    post(&tx, &postbox(None), &mail("small"), tx.now().plus_seconds(9), Purpose::SYSTEM).unwrap();
}

#[test]
fn attempts_end_by_number_and_by_age() {
    let tx = seeded();
    post(&tx, &postbox(None), &mail("short"), tx.now().plus_seconds(3), Purpose::SYSTEM).unwrap();
    assert!(!claim(&tx, None, 10).unwrap()[0].is_last);
    retry_now(&tx).unwrap();
    let second = &claim(&tx, None, 10).unwrap()[0];
    assert!(second.is_last, "a third attempt would come too late");
    done(&tx, second.id).unwrap();
    post(&tx, &postbox(None), &mail("long"), tx.now().plus_seconds(86_400), Purpose::SYSTEM).unwrap();
    for attempt in 1..=MAX_ATTEMPTS {
        retry_now(&tx).unwrap();
        let claimed = &claim(&tx, None, 10).unwrap()[0];
        assert_eq!((claimed.attempt, claimed.is_last), (attempt, attempt == MAX_ATTEMPTS));
    }
    post(&tx, &postbox(None), &mail("over"), tx.now(), Purpose::SYSTEM).unwrap();
    assert_eq!(give_up_expired(&tx).unwrap(), 1);
}

#[test]
fn what_waits_is_sealed_where_the_settings_are() {
    let tx = seeded();
    let key = SealKey::parse(&"k".repeat(32));
    post(&tx, &postbox(key.clone()), &mail("a"), tx.now().plus_seconds(9), Purpose::SYSTEM).unwrap();
    assert!(!store::due(&tx, 1).unwrap()[0].content.contains("ana"));
    retry_now(&tx).unwrap();
    assert_eq!(claim(&tx, None, 1).unwrap()[0].mail, None);
    retry_now(&tx).unwrap();
    assert_eq!(claim(&tx, key.as_ref(), 1).unwrap()[0].mail, Some(mail("a")));
}

#[test]
fn waits_double_up_to_a_quarter_of_an_hour() {
    let waits: Vec<i64> = [1, 2, 3, 9, 10, 20, 1000].map(wait_seconds).to_vec();
    assert_eq!(waits, [2, 4, 8, 512, 900, 900, 900]);
}
