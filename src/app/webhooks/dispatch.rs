//! The tasks that send: one distributes events and starts workers, one stores what attempts have come to, one removes what is old.

use super::queues::Vacancy;
use crate::app::App;
use crate::app::logs::{LEVEL_ERROR, LEVEL_WARNING};
use crate::base::clock::Timestamp;
use crate::domain::Result;
use crate::domain::webhooks::queue::{self, Job, Outcome, Report};
use crate::domain::webhooks::{deliveries, distribute};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

/// The longest sleep between two looks, in case the clock jumps or another process writes an event.
const MAX_SLEEP: Duration = Duration::from_mins(1);
/// How long events are collected after some were distributed, so that many that come together share a transaction.
const COLLECTING_TIME: Duration = Duration::from_millis(20);
/// How long the outcomes of other requests are waited for, so that they share a transaction. The next delivery of a record waits for the
/// outcome of the one before it.
const COLLECTING_OUTCOMES: Duration = Duration::from_millis(10);
/// How many deliveries a worker reads at a time, and for how long it may send them: an endpoint may be changed meanwhile, and what waits
/// at one worker could be sent by another one.
const MAX_SHARE: usize = 8;
const MAX_AGE: Duration = Duration::from_secs(1);
/// How long to wait after the database could not be read or written.
const WAIT_AFTER_TROUBLE: Duration = Duration::from_secs(10);
/// The number of outcomes that are stored together.
const MAX_OUTCOME_BATCH: usize = 64;
/// Their size in bytes, unless one alone is larger.
const MAX_STORED_BYTES: usize = 512 * 1024;
/// How many outcomes may wait to be stored.
const MAX_OUTCOMES: usize = 128;
/// How long requests that are being made at the stop of the server may take.
pub const LAST_TIME: Duration = Duration::from_secs(2);
const UPKEEP_INTERVAL: Duration = Duration::from_hours(1);
/// How many rows one piece of upkeep removes.
const MAX_REMOVAL_BATCH: i64 = 200;

impl App {
    /// Starts the tasks that send webhooks until the server stops.
    pub fn start_webhooks(&self) {
        let (sender, receiver) = channel(MAX_OUTCOMES);
        if self.0.webhooks.outcomes.set(sender).is_err() {
            return;
        }
        self.0.shared.webhooks.is_changed.store(true, Ordering::Release);
        let app = self.clone();
        self.tasks().keep("webhooks", move || {
            let app = app.clone();
            async move { app.dispatch_webhooks().await }
        });
        let app = self.clone();
        self.tasks().spawn("outcomes of webhooks", async move { app.store_outcomes(receiver).await });
        let app = self.clone();
        self.tasks().keep("upkeep of webhooks", move || {
            let app = app.clone();
            async move { app.keep_deliveries_short().await }
        });
    }

    async fn dispatch_webhooks(&self) {
        let stop = self.tasks().stopping();
        let (mut next_events, mut looked) = (Instant::now(), Instant::now());
        while !stop.is_cancelled() {
            if looked.elapsed() >= MAX_SLEEP {
                // Another process may have replayed something, and other hosts may have their turn.
                self.0.shared.webhooks.is_changed.store(true, Ordering::Release);
                looked = Instant::now();
            }
            let sleep = self.dispatch_once(&mut next_events).await.unwrap_or_else(|error| {
                tracing::error!(%error, "events of webhooks cannot be distributed");
                WAIT_AFTER_TROUBLE
            });
            if sleep.is_zero() {
                continue;
            }
            tokio::select! {
                () = self.0.shared.webhooks.notify.notified() => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Distributes some events, unless that is to wait until `next_events`, and starts what is due. Returns how long to wait for the next.
    async fn dispatch_once(&self, next_events: &mut Instant) -> Result<Duration> {
        let queues = &self.0.webhooks.queues;
        let mut max_sleep = next_events.saturating_duration_since(Instant::now());
        let batch = if max_sleep.is_zero() { self.read(distribute::read).await? } else { None };
        if max_sleep.is_zero() {
            max_sleep = MAX_SLEEP;
        }
        if let Some(batch) = batch {
            max_sleep = if batch.is_full() { Duration::ZERO } else { COLLECTING_TIME };
            *next_events = Instant::now() + max_sleep;
            let concerned = self.write_making_room(move |tx| distribute::write(tx, &batch)).await?;
            if !queues.knows(&concerned) {
                self.0.shared.webhooks.is_changed.store(true, Ordering::Release);
            }
            queues.note(&concerned);
        }
        if self.0.shared.webhooks.is_changed.swap(false, Ordering::AcqRel) {
            match self.read(queue::destinations).await {
                Ok(destinations) => queues.set_destinations(&destinations),
                Err(error) => {
                    self.0.shared.webhooks.is_changed.store(true, Ordering::Release);
                    return Err(error);
                }
            }
        }
        if self.0.shared.webhooks.is_due.swap(false, Ordering::AcqRel) {
            queues.note_all();
        }
        let vacancies = queues.vacancies(Timestamp::now());
        if !vacancies.is_empty() {
            let asked = vacancies.clone();
            let found = self
                .read(move |tx| {
                    asked.iter().map(|vacancy| queue::due(tx, &vacancy.id, vacancy.max)).collect::<Result<Vec<_>>>()
                })
                .await
                .inspect_err(|_| queues.note_all())?;
            for (vacancy, (seqs, next_due)) in vacancies.iter().zip(found) {
                self.start_workers(vacancy, &seqs, next_due);
            }
        }
        let now = Timestamp::now();
        let millis = queues.next_time(now).map(|time| time.millis().saturating_sub(now.millis()));
        let sleep = millis.map_or(MAX_SLEEP, |millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
        Ok(sleep.min(max_sleep))
    }

    fn start_workers(&self, vacancy: &Vacancy, seqs: &[i64], next_due: Option<Timestamp>) {
        for _ in 0..self.0.webhooks.queues.add(vacancy, seqs, next_due) {
            let (app, worker) = (self.clone(), Worker { app: self.clone(), id: vacancy.id.clone(), is_done: false });
            self.tasks().spawn("a webhook", async move { app.work(worker).await });
        }
    }

    /// Sends one delivery of an endpoint after the other.
    async fn work(&self, mut worker: Worker) {
        let stop = self.tasks().stopping();
        let queues = &self.0.webhooks.queues;
        while !stop.is_cancelled() {
            let Some(share) = queues.next(&worker.id, Timestamp::now(), MAX_SHARE) else {
                worker.is_done = true;
                break;
            };
            let read = Instant::now();
            let Some((jobs, looked)) = self.open_deliveries(share.seqs.clone()).await else {
                queues.note_read_failure(&worker.id, Timestamp::now());
                queues.give_back(share.seqs);
                continue;
            };
            queues.note_read(&worker.id);
            let mut left: Vec<i64> = share.seqs[looked..].to_vec();
            let is_there = |seq: &i64| jobs.iter().any(|job| job.delivery.seq == *seq);
            left.extend(share.seqs[..looked].iter().filter(|seq| !is_there(seq)));
            for (at, job) in jobs.into_iter().enumerate() {
                let is_fresh = || read.elapsed() < MAX_AGE && queues.may_go_on(&worker.id, &share, Timestamp::now());
                if at > 0 && !is_fresh() {
                    left.push(job.delivery.seq);
                    continue;
                }
                if !self.send_job(&worker, job).await {
                    return;
                }
            }
            queues.give_back(left);
        }
    }

    /// Makes an attempt, and hands its outcome over. `false` if the server stops before.
    async fn send_job(&self, worker: &Worker, job: Job) -> bool {
        let stop = self.tasks().stopping();
        let last_time = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_TIME).await;
        };
        let Job { delivery, payload, endpoint } = job;
        let sending = Sending::begin(&self.0.webhooks.sending);
        let result = tokio::select! {
            result = self.try_delivery(&endpoint.webhook, endpoint.secrets.as_ref(), &delivery, &payload) => result,
            // It is sent again after the next start.
            () = last_time => return false,
        };
        drop(sending);
        if !result.is_final {
            self.0.webhooks.queues.tell(&worker.id, result.is_success());
        }
        match self.0.webhooks.outcomes.get() {
            Some(sender) => sender.send(Outcome { seq: delivery.seq, result }).await.is_ok(),
            None => true,
        }
    }

    async fn store_outcomes(&self, mut receiver: Receiver<Outcome>) {
        let stop = self.tasks().stopping();
        let mut outcomes = Vec::with_capacity(MAX_OUTCOME_BATCH);
        loop {
            tokio::select! {
                count = receiver.recv_many(&mut outcomes, MAX_OUTCOME_BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.collect_outcomes(&mut receiver, &mut outcomes).await;
                }
                () = self.last_worker(&stop) => {
                    while let Ok(outcome) = receiver.try_recv() {
                        outcomes.push(outcome);
                    }
                    self.store_in_pieces(std::mem::take(&mut outcomes)).await;
                    return;
                }
            }
            self.store_in_pieces(std::mem::take(&mut outcomes)).await;
        }
    }

    /// Waits a moment for the outcomes of other requests that are being made, so that they share a transaction.
    async fn collect_outcomes(&self, receiver: &mut Receiver<Outcome>, outcomes: &mut Vec<Outcome>) {
        let end = tokio::time::sleep(COLLECTING_OUTCOMES);
        tokio::pin!(end);
        while outcomes.len() < MAX_OUTCOME_BATCH {
            let room = MAX_OUTCOME_BATCH - outcomes.len();
            if receiver.is_empty() && self.0.webhooks.sending.load(Ordering::Relaxed) == 0 {
                return;
            }
            tokio::select! {
                count = receiver.recv_many(outcomes, room) => if count == 0 { return },
                () = &mut end => return,
            }
        }
    }

    /// Stores outcomes in pieces of work that are small.
    async fn store_in_pieces(&self, outcomes: Vec<Outcome>) {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        for outcome in outcomes {
            let size = outcome.result.request.len() + outcome.result.response.len();
            if bytes + size > MAX_STORED_BYTES && !piece.is_empty() {
                self.store_until_done(std::mem::take(&mut piece)).await;
                bytes = 0;
            }
            bytes += size;
            piece.push(outcome);
        }
        if !piece.is_empty() {
            self.store_until_done(piece).await;
        }
    }

    /// Waits until the server stops and no worker is left.
    async fn last_worker(&self, stop: &tokio_util::sync::CancellationToken) {
        stop.cancelled().await;
        while !self.0.webhooks.queues.is_idle() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Tries until it succeeds or the server stops. In the latter case the requests are made again.
    async fn store_until_done(&self, outcomes: Vec<Outcome>) {
        let stop = self.tasks().stopping();
        let outcomes = std::sync::Arc::new(outcomes);
        loop {
            let (kept, postbox) = (std::sync::Arc::clone(&outcomes), self.postbox());
            match self.write_making_room(move |tx| queue::conclude(tx, &postbox, &kept)).await {
                Ok(reports) => {
                    for report in &reports {
                        self.report(report);
                    }
                    break;
                }
                Err(error) => tracing::error!(%error, "the outcomes of webhooks cannot be stored"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(WAIT_AFTER_TROUBLE) => {}
            }
        }
        let seqs: Vec<i64> = outcomes.iter().map(|outcome| outcome.seq).collect();
        let is_about_broken = self.0.webhooks.queues.has_broken(&seqs);
        self.0.webhooks.queues.give_back(seqs);
        let is_failed = |outcome: &Outcome| !outcome.result.is_success();
        // An outcome may pause an endpoint or end its pause, so the dispatcher must run again: see `DeliveryQueues::set_destinations`.
        if is_about_broken || outcomes.iter().any(is_failed) {
            self.0.shared.webhooks.is_changed.store(true, Ordering::Release);
        }
        self.0.shared.webhooks.wake();
    }

    /// The request log, which owners read, gets what they should know.
    fn report(&self, report: &Report) {
        match report {
            Report::GivenUp { webhook, delivery, error } => {
                tracing::warn!(webhook, delivery, error, "a webhook was given up");
                let data = json!({"type": "webhook", "webhook": webhook, "delivery": delivery, "error": error});
                self.logs().note(LEVEL_ERROR, "A webhook was given up", data);
            }
            Report::Paused { webhook, error } => {
                tracing::warn!(webhook, error, "a webhook fails: requests to it are paused");
                let data = json!({"type": "webhook", "webhook": webhook, "error": error});
                self.logs().note(LEVEL_WARNING, format!("The webhook {webhook} fails"), data);
            }
            Report::Disabled { webhook, reason } => {
                let reason = reason.as_str();
                tracing::error!(webhook, reason, "a webhook was disabled");
                let data = json!({"type": "webhook", "webhook": webhook, "reason": reason});
                self.logs().note(LEVEL_ERROR, format!("The webhook {webhook} was disabled"), data);
            }
        }
    }

    async fn keep_deliveries_short(&self) {
        let stop = self.tasks().stopping();
        loop {
            let retention = self.0.webhooks.retention;
            loop {
                let piece = move |tx: &_| deliveries::forget_some(tx, retention, MAX_REMOVAL_BATCH);
                match self.write_making_room(piece).await {
                    Ok(0) => break,
                    Ok(_) if stop.is_cancelled() => return,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(%error, "old deliveries of webhooks cannot be removed");
                        break;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(UPKEEP_INTERVAL) => {}
            }
        }
    }
}

/// A worker. Leaves its queue when it is dropped, however it ends.
struct Worker {
    app: App,
    id: String,
    /// It has left already.
    is_done: bool,
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.is_done {
            self.app.0.webhooks.queues.leave(&self.id);
        }
        self.app.0.shared.webhooks.wake();
    }
}

/// A request that is being made.
struct Sending<'a>(&'a AtomicUsize);

impl<'a> Sending<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
