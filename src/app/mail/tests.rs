//! The sending task, with a [`Trap`] in place of the mail server.

use super::*;
use crate::app::{Options, testing};
use crate::domain::mail;
use std::sync::Mutex;
use std::time::Instant;

/// Receives mails instead of a server. The orders of the test come first.
#[derive(Debug, Default)]
pub struct Trap {
    orders: Mutex<Vec<Order>>,
    taken: Mutex<Vec<String>>,
}

#[derive(Debug)]
enum Order {
    Panic,
    Refuse { is_final: bool },
}

impl Trap {
    fn holding(orders: Vec<Order>) -> &'static Self {
        Box::leak(Box::new(Self { orders: Mutex::new(orders), taken: Mutex::default() }))
    }

    pub fn take(&self, mail: &Mail) -> std::result::Result<(), SendError> {
        let order = self.orders.lock().unwrap().pop();
        match order {
            Some(Order::Panic) => panic!("for the test"),
            Some(Order::Refuse { is_final }) => Err(SendError { cause: "for the test".to_owned(), is_final }),
            None => {
                self.taken.lock().unwrap().push(mail.subject.clone());
                Ok(())
            }
        }
    }

    async fn wait_for(&self, subjects: &[&str]) {
        let end = Instant::now() + Duration::from_secs(30);
        while *self.taken.lock().unwrap() != subjects {
            assert!(Instant::now() < end, "{:?} instead of {subjects:?}", self.taken.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn open(folder: &tempfile::TempDir, trap: &'static Trap) -> App {
    let mail = MailOptions { is_logged: false, trap: Some(trap) };
    App::open(&Options { mail, ..testing::options(folder) }).unwrap()
}

async fn post(app: &App, subject: &'static str) {
    let postbox = app.postbox();
    app.write(move |tx| {
        let mail =
            Mail { to: "ana@example.com".into(), subject: subject.into(), html: "<p>x</p>".into(), ..Mail::default() };
        mail::post(tx, &postbox, &mail, tx.now().plus_seconds(3600), mail::Purpose::SYSTEM)
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_sending_is_survived_and_the_mail_still_goes_out() {
    let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::holding(vec![Order::Panic]));
    let app = open(&folder, trap);
    app.start_mail();
    post(&app, "first").await;
    trap.wait_for(&["first"]).await;
    post(&app, "second").await;
    trap.wait_for(&["first", "second"]).await;
    app.tasks().stop(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_now_goes_out_later_and_what_is_refused_for_good_is_removed() {
    let orders = vec![Order::Refuse { is_final: true }, Order::Refuse { is_final: false }];
    let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::holding(orders));
    let app = open(&folder, trap);
    app.start_mail();
    post(&app, "later").await;
    // Before the first attempt there is nothing to try again.
    let end = Instant::now() + Duration::from_secs(30);
    while trap.orders.lock().unwrap().len() > 1 {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.0.shared.outbox.retry_all();
    // The second attempt is refused permanently.
    while app.read(mail::next_due).await.unwrap().is_some() {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(trap.taken.lock().unwrap().is_empty());
    post(&app, "other").await;
    trap.wait_for(&["other"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_by_the_next_process() {
    let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::holding(Vec::new()));
    let app = open(&folder, trap);
    post(&app, "left behind").await;
    drop(app);
    let app = open(&folder, trap);
    app.start_mail();
    trap.wait_for(&["left behind"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_rolled_back_is_never_sent() {
    let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::holding(Vec::new()));
    let app = open(&folder, trap);
    app.start_mail();
    let postbox = app.postbox();
    let undone: Result<()> = app
        .write(move |tx| {
            let mail = Mail { to: "ana@example.com".into(), subject: "undone".into(), ..Mail::default() };
            mail::post(tx, &postbox, &mail, tx.now().plus_seconds(3600), mail::Purpose::SYSTEM)?;
            Err(crate::domain::Error::generic())
        })
        .await;
    undone.unwrap_err();
    post(&app, "done").await;
    trap.wait_for(&["done"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_and_no_other_users_are_mailed() {
    let (folder, trap) = (tempfile::tempdir().unwrap(), Trap::holding(Vec::new()));
    let app = open(&folder, trap);
    app.write(|tx| {
        superusers::create(tx, "root@example.com", "a long password", "a hash".into())?;
        superusers::create(tx, "second@example.com", "a long password", "a hash".into()).map(drop)
    })
    .await
    .unwrap();
    app.tell_superusers("A backup failed".to_owned(), "The disk is <full>.".to_owned()).await.unwrap();
    app.start_mail();
    trap.wait_for(&["A backup failed", "A backup failed"]).await;
}
