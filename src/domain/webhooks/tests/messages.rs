//! Messages to people, and templates that fail.

use super::{change, distributed, due, endpoint, postbox, record, result_of, shop};
use crate::domain::model::Settings;
use crate::domain::testing::TestTx;
use crate::domain::webhooks::deliveries::{self, AttemptResult, DeliveryState, Selection};
use crate::domain::webhooks::queue::{self, Outcome, Report};
use crate::domain::webhooks::request::{self, Outgoing};
use crate::domain::webhooks::{self, TemplateError, find};
use serde_json::{Value, json};

/// What is sent to an endpoint for all that waits.
fn sent(tx: &TestTx, id: &str) -> Vec<Result<Outgoing, TemplateError>> {
    distributed(tx);
    let (jobs, _) = queue::open(tx, None, &due(tx, id), 16 * 1024 * 1024).unwrap();
    let outgoing = |job: &queue::Job| {
        let secrets = job.endpoint.secrets.as_ref().unwrap();
        request::outgoing(&job.endpoint.webhook, secrets, &job.delivery, &job.payload, &Settings::initial(), tx.now())
    };
    jobs.iter().map(outgoing).collect()
}

fn body(outgoing: &Result<Outgoing, TemplateError>) -> &str {
    match outgoing {
        Ok(Outgoing::Request(request)) => &request.body,
        other => panic!("{other:?}"),
    }
}

#[test]
fn long_values_do_not_keep_messages_from_being_sent() {
    let tx = shop();
    let ids = ["slack", "discord", "teams"].map(|format| endpoint(&tx, json!({"format": format})));
    let created = record(&tx, "orders", json!({"title": "\\*\"\n".repeat(75_000), "status": "the last"}));
    change(&tx, created.id(), json!({"title": "&<>".repeat(100_000), "status": "changed"}));
    for (id, limit) in ids.iter().zip([200_000, 6000, 28 * 1024]) {
        for outgoing in sent(&tx, id) {
            let body = body(&outgoing);
            assert!(body.len() < limit, "{}", body.len());
            let message: Value = serde_json::from_str(body).unwrap();
            let message = message.to_string();
            assert!(message.contains("orders.") && message.contains('…') && message.contains("title"), "{message}");
        }
    }
    let own = ids.map(|id| {
        let template = json!({"template": "{{ record.title }}"});
        super::update(&tx, None, &id, &super::object(template)).unwrap();
        sent(&tx, &id)
    });
    for outgoing in own[1].iter().chain(&own[2]) {
        assert!(outgoing.is_err() || body(outgoing).len() < 28 * 1024);
    }
}

#[test]
fn events_of_scripts_are_sent_with_what_they_hold() {
    let tx = shop();
    let check = |template: &str, payload: Value, expected: &str| {
        let id = endpoint(&tx, json!({"format": "slack", "template": template}));
        let name = find(&tx, None, &id).unwrap().unwrap().webhook.name;
        assert!(webhooks::emit(&tx, None, &name, "order.shipped", &payload).unwrap());
        let message: Value = serde_json::from_str(body(&sent(&tx, &id)[0])).unwrap();
        let text = message["text"].as_str().unwrap();
        assert!(text.starts_with(expected), "{payload}: {text}");
    };
    check("", json!("Order 5 was shipped"), "order.shipped\nOrder 5 was shipped");
    check("", json!("x".repeat(100_000)), "order.shipped\nxxx");
    check("", json!([1, 2]), "order.shipped\n[1,2]");
    check("{{ data.order }}", json!({"order": 5, "collection": "summer"}), "5");
    check("{{ data }}", json!(7), "7");
}

#[test]
fn a_template_that_fails_says_nothing_about_the_receiver() {
    let tx = shop();
    let id = endpoint(&tx, json!({"order": "none"}));
    for title in 0..12 {
        record(&tx, "orders", json!({"title": format!("{title}")}));
    }
    distributed(&tx);
    let seqs = due(&tx, &id);
    let failed =
        AttemptResult { is_final: true, error: "line 1 of the template: wrong".to_owned(), ..result_of(0, None) };
    let outcomes: Vec<Outcome> = seqs.iter().skip(1).map(|seq| Outcome { seq: *seq, result: failed.clone() }).collect();
    let reports = queue::conclude(&tx, &postbox(), &outcomes).unwrap();
    assert!(reports.iter().all(|report| matches!(report, Report::GivenUp { .. })), "{reports:?}");
    let webhook = find(&tx, None, &id).unwrap().unwrap().webhook;
    assert_eq!((webhook.failures, webhook.failing_since, webhook.paused_until), (0, None, None));
    assert_eq!((webhook.last_at, due(&tx, &id)), (None, vec![seqs[0]]));
    let (found, _) = deliveries::list(&tx, &Selection::default(), 1, 20).unwrap();
    let ended = found.iter().filter(|one| one.state == DeliveryState::Failed && one.attempts == 1);
    assert_eq!(ended.count(), 11);
}

#[test]
fn values_do_not_write_the_subject_or_the_lines_of_a_mail() {
    let tx = shop();
    let to =
        |template: &str| endpoint(&tx, json!({"format": "email", "url": "mailto:a@example.com", "template": template}));
    let own = to("Subject: New: {{ record.title }}\nHello boss");
    let value = to("{{ record.title }}");
    record(&tx, "orders", json!({"title": "hi\nYour account is locked"}));
    record(&tx, "orders", json!({"title": "Subject: Password reset\nclick"}));
    let mails = |id: &str| {
        sent(&tx, id).into_iter().map(|outgoing| match outgoing {
            Ok(Outgoing::Mail(mail)) => mail,
            other => panic!("{other:?}"),
        })
    };
    let mail = mails(&own).next().unwrap();
    assert_eq!(mail.subject, "New: hi Your account is locked");
    assert!(mail.html.contains("Hello boss") && !mail.html.contains("locked"), "{}", mail.html);
    let mail = mails(&value).nth(1).unwrap();
    assert!(mail.subject.ends_with(": orders.create") && mail.html.contains("Subject: Password reset"), "{mail:?}");
}
