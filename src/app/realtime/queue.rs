//! The messages that wait for one client, and the stream that sends them.
//!
//! No sender waits for a client: it queues the message and goes on. A client whose queue grows too long is disconnected. It
//! reads the current state when it connects again.

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// How many messages, and how many bytes of them, may wait for one client. Messages are shared between clients, so the bytes
/// are an upper bound of what one client costs.
const MAX_MESSAGES: usize = 2048;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Messages smaller than this are merged, so that a full queue is sent in few pieces. In bytes.
const SMALL: usize = 16 * 1024;

#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    messages: VecDeque<Bytes>,
    bytes: usize,
    end: Option<End>,
    waker: Option<Waker>,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a proper end that the client can tell from a lost connection.
    Clean,
    /// As a lost connection. Waiting messages are dropped.
    Broken,
}

impl Queue {
    /// Queues a message. Returns `false` if the queue is full, which ends the stream.
    pub fn push(&self, message: Bytes) -> bool {
        let mut state = self.state();
        if state.end.is_some() {
            return true;
        }
        let is_full = !state.messages.is_empty()
            && (state.messages.len() >= MAX_MESSAGES || state.bytes + message.len() > MAX_BYTES);
        if is_full {
            end(state, End::Broken);
            return false;
        }
        state.bytes += message.len();
        state.messages.push_back(message);
        wake(state);
        true
    }

    /// Ends the stream, unless it has ended already.
    pub fn end(&self, how: End) {
        end(self.state(), how);
    }

    pub fn has_ended(&self) -> bool {
        self.state().end.is_some()
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    fn poll(&self, context: &Context<'_>, out: &mut VecDeque<Bytes>) -> Poll<Option<End>> {
        let mut state = self.state();
        if state.messages.is_empty() {
            if let Some(how) = state.end {
                return Poll::Ready(Some(how));
            }
            state.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        // Takes no more than is sent in one piece. The rest stays in the queue, where it can be dropped.
        let mut taken = 0;
        while let Some(message) = state.messages.pop_front_if(|message| taken == 0 || taken + message.len() <= SMALL) {
            taken += message.len();
            out.push_back(message);
        }
        state.bytes -= taken;
        Poll::Ready(None)
    }

    #[cfg(test)]
    pub fn take_all(&self) -> VecDeque<Bytes> {
        std::mem::take(&mut self.state().messages)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(mut state: MutexGuard<'_, State>, how: End) {
    if state.end.is_some() {
        return;
    }
    if how == End::Broken {
        (state.messages, state.bytes) = (VecDeque::new(), 0);
    }
    state.end = Some(how);
    wake(state);
}

/// Wakes the stream after unlocking: the woken task takes the lock immediately.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The messages of one client as they are sent, each with `prefix` in front.
#[derive(Debug)]
pub struct Events<G> {
    queue: Arc<Queue>,
    prefix: Bytes,
    /// Taken from the queue and not sent yet.
    taken: VecDeque<Bytes>,
    /// A message whose prefix was sent.
    begun: Option<Bytes>,
    idle: Duration,
    last_sent: Instant,
    ends_at: Instant,
    alarm: Pin<Box<Sleep>>,
    /// Dropped with the stream.
    _guard: G,
}

impl<G> Events<G> {
    /// The stream ends when nothing was sent for `idle`, and after `life` in any case.
    pub(super) fn new(queue: Arc<Queue>, prefix: Bytes, idle: Duration, life: Duration, guard: G) -> Self {
        let now = Instant::now();
        let ends_at = now + life;
        let alarm = Box::pin(sleep_until(ends_at.min(now + idle)));
        let (taken, begun) = (VecDeque::new(), None);
        Self { queue, prefix, taken, begun, idle, last_sent: now, ends_at, alarm, _guard: guard }
    }

    /// Returns the next piece to send.
    fn next_piece(&mut self) -> Option<Bytes> {
        if let Some(message) = self.begun.take() {
            return Some(message);
        }
        let mut piece = BytesMut::new();
        while let Some(message) = self.taken.pop_front() {
            let size = self.prefix.len() + message.len();
            if size > SMALL && piece.is_empty() {
                self.begun = Some(message);
                return Some(self.prefix.clone());
            }
            if piece.len() + size > SMALL {
                self.taken.push_front(message);
                break;
            }
            piece.extend_from_slice(&self.prefix);
            piece.extend_from_slice(&message);
        }
        (!piece.is_empty()).then(|| piece.freeze())
    }

    /// Whether the time of the stream is up. The alarm is not moved with every message. When it rings, the deadline is
    /// computed again.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        while self.alarm.as_mut().poll(context).is_ready() {
            let end = self.ends_at.min(self.last_sent + self.idle);
            if Instant::now() >= end {
                return true;
            }
            self.alarm.as_mut().reset(end);
        }
        false
    }
}

impl<G: Unpin> Stream for Events<G> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_over(context) {
            return Poll::Ready(None);
        }
        loop {
            if let Some(piece) = this.next_piece() {
                this.last_sent = Instant::now();
                return Poll::Ready(Some(Ok(piece)));
            }
            match this.queue.poll(context, &mut this.taken) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {}
                Poll::Ready(Some(End::Clean)) => return Poll::Ready(None),
                Poll::Ready(Some(End::Broken)) => {
                    return Poll::Ready(Some(Err(io::Error::other("the client reads too slowly"))));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;

    const IDLE: Duration = Duration::from_mins(5);
    const LIFE: Duration = Duration::from_mins(30);

    fn events(queue: &Arc<Queue>) -> Events<()> {
        Events::new(Arc::clone(queue), Bytes::from_static(b"id:x\n"), IDLE, LIFE, ())
    }

    #[tokio::test(start_paused = true)]
    async fn messages_come_in_order_behind_their_prefix() {
        let queue = Arc::<Queue>::default();
        let mut events = events(&queue);
        let large = Bytes::from(vec![b'l'; SMALL]);
        for message in
            [Bytes::from_static(b"a\n"), Bytes::from_static(b"b\n"), large.clone(), Bytes::from_static(b"c\n")]
        {
            assert!(queue.push(message));
        }
        queue.end(End::Clean);
        let mut pieces = Vec::new();
        while let Some(piece) = events.next().await {
            pieces.push(piece.unwrap());
        }
        let expected: [&[u8]; 4] = [b"id:x\na\nid:x\nb\n", b"id:x\n", &large, b"id:x\nc\n"];
        assert_eq!(pieces, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_whose_queue_is_full_is_disconnected() {
        let many = Arc::<Queue>::default();
        assert!((0..MAX_MESSAGES).all(|_| many.push(Bytes::from_static(b"x"))));
        assert!(!many.push(Bytes::from_static(b"x")));
        assert!(events(&many).next().await.unwrap().is_err(), "nothing of it is sent any more");
        let large = Arc::<Queue>::default();
        assert!(large.push(Bytes::from(vec![0; MAX_BYTES + 1])), "one message always fits");
        assert!(!large.push(Bytes::from_static(b"x")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_when_it_is_idle_or_old() {
        let queue = Arc::<Queue>::default();
        let mut idle = events(&queue);
        let began = Instant::now();
        assert!(idle.next().await.is_none());
        assert_eq!(began.elapsed().as_secs(), IDLE.as_secs());

        let mut busy = events(&queue);
        let began = Instant::now();
        let sending = async {
            loop {
                queue.push(Bytes::from_static(b"x"));
                tokio::time::sleep(IDLE / 2).await;
            }
        };
        let reading = async { while busy.next().await.is_some() {} };
        tokio::select! { () = sending => {}, () = reading => {} }
        assert_eq!(began.elapsed().as_secs(), LIFE.as_secs());
    }
}
