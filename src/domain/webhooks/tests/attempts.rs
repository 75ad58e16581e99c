//! When deliveries are due, and what becomes of them after an attempt.

use super::{change, conclude, conclude_begun, distributed, due, endpoint, later, object, record, rows, shop};
use crate::base::clock::Timestamp;
use crate::domain::testing::TestTx;
use crate::domain::webhooks::deliveries::{self, DeliveryState, Retention, Selection};
use crate::domain::webhooks::queue::{self, Report};
use crate::domain::webhooks::{self, DisabledReason, find, update};
use serde_json::json;

#[test]
fn deliveries_of_one_record_go_one_after_the_other() {
    let tx = shop();
    let (ordered, free) = (endpoint(&tx, json!({})), endpoint(&tx, json!({"order": "none"})));
    let [a, b] = ["a", "b"].map(|title| record(&tx, "orders", json!({"title": title})));
    for total in 1..3 {
        change(&tx, a.id(), json!({"total": total}));
        change(&tx, b.id(), json!({"total": total}));
        distributed(&tx);
    }
    assert_eq!(due(&tx, &free).len(), 6);
    let first = due(&tx, &ordered);
    assert_eq!(first.len(), 2);
    conclude(&tx, first[0], 200, None);
    conclude(&tx, first[1], 500, None);
    assert_eq!(due(&tx, &ordered).len(), 1, "the next of one record, and the other one waits");
    update(&tx, None, &ordered, &object(json!({"order": "none"}))).unwrap();
    assert_eq!(due(&tx, &ordered).len(), 4);
}

/// The dispatcher reads what is due while outcomes are stored.
#[test]
fn a_delivery_that_has_failed_after_it_was_read_as_due_is_not_sent_again_before_its_time() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    let seqs = due(&tx, &id);
    let opened = |tx: &TestTx| queue::open(tx, None, &seqs, 1000).map(|(jobs, looked)| (jobs.len(), looked)).unwrap();
    assert_eq!(opened(&tx), (1, 1));
    conclude(&tx, seqs[0], 500, None);
    assert_eq!(opened(&tx), (0, 1));
    later(&tx, 7);
    assert_eq!(opened(&tx), (1, 1));
}

#[test]
fn attempts_climb_the_ladder_and_end() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    let [seq] = due(&tx, &id)[..] else { panic!("one delivery") };
    for step in queue::LADDER_SECONDS {
        assert_eq!(conclude(&tx, seq, 500, None).iter().filter(|one| matches!(one, Report::GivenUp { .. })).count(), 0);
        let next = queue::due(&tx, &id, 1).unwrap().1.unwrap().seconds() - tx.now().seconds();
        assert!((step * 79 / 100..=step * 121 / 100).contains(&next), "{step}: {next}");
        later(&tx, next + 1);
        assert_eq!(due(&tx, &id), [seq]);
    }
    let reports = conclude(&tx, seq, 500, None);
    assert!(matches!(&reports[0], Report::GivenUp { .. }), "{reports:?}");
    assert!(due(&tx, &id).is_empty());
    let (found, _) = deliveries::list(&tx, &Selection::default(), 1, 10).unwrap();
    assert_eq!((found[0].attempts, found[0].state), (10, DeliveryState::Failed));
    let again = deliveries::replay(&tx, &found[0].id).unwrap();
    assert_eq!((again.tries, again.attempts, due(&tx, &id)), (0, 10, vec![seq]));
}

#[test]
fn a_receiver_says_when_to_come_back_and_a_success_ends_all_waiting() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    for title in ["a", "b"] {
        record(&tx, "orders", json!({"title": title}));
    }
    distributed(&tx);
    let waiting = due(&tx, &id);
    let webhook = || find(&tx, None, &id).unwrap().unwrap().webhook;
    conclude(&tx, waiting[0], 503, Some(600));
    assert_eq!(webhook().paused_until, Some(tx.now().plus_seconds(600)));
    assert_eq!(queue::due(&tx, &id, 9).unwrap().1, Some(tx.now().plus_seconds(600)));
    conclude(&tx, waiting[1], 200, None);
    assert_eq!((webhook().paused_until, webhook().failures), (None, 0));
    record(&tx, "orders", json!({"title": "c"}));
    distributed(&tx);
    let third = due(&tx, &id)[0];
    conclude(&tx, third, 429, Some(99_999_999));
    assert_eq!(webhook().paused_until, Some(tx.now().plus_seconds(86_400)), "at most a day");
}

#[test]
fn a_broken_endpoint_is_paused_and_hurries_when_it_works_again() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    for title in 0..7 {
        record(&tx, "orders", json!({"title": title.to_string()}));
    }
    distributed(&tx);
    let all = due(&tx, &id);
    let open = || queue::destinations(&tx).unwrap().remove(0);
    for (at, seq) in all[..5].iter().enumerate() {
        let reports = conclude(&tx, *seq, 0, None);
        assert_eq!((reports.len(), open().paused_until.is_some()), (usize::from(at == 4), at == 4), "{reports:?}");
    }
    assert_eq!((open().concurrency, open().paused_until), (1, Some(tx.now().plus_seconds(30))));
    later(&tx, 31);
    conclude(&tx, all[5], 500, None);
    assert_eq!(open().paused_until, Some(tx.now().plus_seconds(60)));
    later(&tx, 61);
    conclude(&tx, all[6], 200, None);
    assert_eq!((open().concurrency, open().paused_until, due(&tx, &id).len()), (4, None, 6));
}

#[test]
fn requests_that_were_under_way_do_not_lengthen_a_pause_and_none_is_shortened() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    for title in 0..20 {
        record(&tx, "orders", json!({"title": title.to_string()}));
    }
    distributed(&tx);
    let (all, began) = (due(&tx, &id), tx.now());
    let webhook = || find(&tx, None, &id).unwrap().unwrap().webhook;
    later(&tx, 15);
    for seq in &all[..16] {
        conclude_begun(&tx, began, *seq, 0, None);
    }
    assert_eq!((webhook().failures, webhook().paused_until), (5, Some(tx.now().plus_seconds(30))));
    conclude_begun(&tx, began, all[16], 429, Some(3600));
    let long = Some(tx.now().plus_seconds(3600));
    conclude_begun(&tx, began, all[17], 500, Some(60));
    assert_eq!((webhook().failures, webhook().paused_until), (5, long));
    later(&tx, 3601);
    conclude(&tx, all[18], 500, None);
    assert_eq!((webhook().failures, webhook().paused_until), (6, Some(tx.now().plus_seconds(60))));
}

#[test]
fn who_is_gone_or_fails_for_five_days_is_disabled_and_superusers_are_told() {
    let tx = shop();
    record(
        &tx,
        "_superusers",
        json!({"email": "root@example.com", "password": "a long password", "passwordConfirm": "a long password"}),
    );
    let check = |status: i64, days: i64, reason: DisabledReason| {
        let id = endpoint(&tx, json!({}));
        record(&tx, "orders", json!({"title": "a"}));
        distributed(&tx);
        let seq = due(&tx, &id)[0];
        let mails = rows(&tx, "SELECT COUNT(*) FROM _mails");
        for _ in 0..days {
            conclude(&tx, seq, 500, None);
            later(&tx, 86_400);
            assert!(find(&tx, None, &id).unwrap().unwrap().webhook.is_enabled);
        }
        let reports = conclude(&tx, seq, status, None);
        assert!(reports.iter().any(|one| matches!(one, Report::Disabled { .. })), "{reports:?}");
        let webhook = find(&tx, None, &id).unwrap().unwrap().webhook;
        assert_eq!((webhook.is_enabled, webhook.disabled_reason), (false, Some(reason)));
        assert_eq!(rows(&tx, "SELECT COUNT(*) FROM _mails"), mails + 1);
        let count = rows(&tx, "SELECT COUNT(*) FROM _outbox");
        record(&tx, "orders", json!({"title": "unheard"}));
        assert_eq!(rows(&tx, "SELECT COUNT(*) FROM _outbox"), count);
        let enabled = update(&tx, None, &id, &object(json!({"enabled": true}))).unwrap().webhook;
        assert_eq!((enabled.is_enabled, enabled.disabled_reason, enabled.failures), (true, None, 0));
        let waiting = if status == 410 { vec![] } else { vec![seq] };
        assert_eq!(due(&tx, &id), waiting, "what waits is sent at once");
        webhooks::delete(&tx, &id).unwrap();
    };
    check(410, 0, DisabledReason::Gone);
    check(500, 5, DisabledReason::Failing);
}

#[test]
fn old_deliveries_are_removed_in_pieces() {
    let tx = shop();
    let id = endpoint(&tx, json!({"order": "none"}));
    for title in 0..5 {
        record(&tx, "orders", json!({"title": title.to_string()}));
    }
    distributed(&tx);
    let all = due(&tx, &id);
    for seq in &all[..3] {
        conclude(&tx, *seq, 200, None);
    }
    conclude(&tx, all[3], 410, None);
    let retention = Retention { succeeded_days: 7, failed_days: 30 };
    let left = || rows(&tx, "SELECT COUNT(*) FROM _deliveries");
    let forget = || while deliveries::forget_some(&tx, retention, 2).unwrap() > 0 {};
    forget();
    assert_eq!(left(), 5);
    later(&tx, 8 * 86_400);
    forget();
    assert_eq!((left(), rows(&tx, "SELECT COUNT(*) FROM _attempts")), (2, 1));
    later(&tx, 23 * 86_400);
    forget();
    assert_eq!(left(), 1, "what has waited is given up first");
    later(&tx, 31 * 86_400);
    forget();
    assert_eq!((left(), rows(&tx, "SELECT COUNT(*) FROM _attempts")), (0, 0));
}

#[test]
fn what_stands_behind_a_delivery_that_is_given_up_for_its_age_is_sent() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    let order = record(&tx, "orders", json!({"title": "a"}));
    change(&tx, order.id(), json!({"total": 1}));
    distributed(&tx);
    later(&tx, 20 * 86_400);
    change(&tx, order.id(), json!({"total": 2}));
    distributed(&tx);
    later(&tx, 11 * 86_400);
    let given_up = due(&tx, &id);
    let retention = Retention { succeeded_days: 7, failed_days: 30 };
    assert_eq!(deliveries::forget_some(&tx, retention, 200).unwrap(), 2);
    let (left, given_up) = (due(&tx, &id), given_up[0]);
    assert!(left.len() == 1 && left[0] == given_up + 2, "{left:?} after {given_up}");
}

#[test]
fn a_restored_backup_sends_nothing_by_itself() {
    let tx = shop();
    let id = endpoint(&tx, json!({}));
    record(&tx, "orders", json!({"title": "a"}));
    distributed(&tx);
    record(&tx, "orders", json!({"title": "b"}));
    assert_eq!(deliveries::hold_back(&tx).unwrap(), 2);
    assert!(due(&tx, &id).is_empty());
    assert_eq!(deliveries::replay_some(&tx, &id, true, Timestamp::from_millis(0), 0).unwrap(), (2, None));
    assert_eq!(due(&tx, &id).len(), 2);
}
