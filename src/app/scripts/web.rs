//! Requests of scripts to other servers.

use crate::app::outbound::{Call, Guard, Method, Outbound};
use crate::domain::Error;
use crate::scripts::{HttpCall, HttpReply};
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Handle, Runtime};

/// The largest body of an answer.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Has a runtime of its own: scripts run in commands too, where no other one is, and connections are kept from one request to
/// the next.
pub(super) struct Web {
    outbound: Outbound,
    /// Made with the first request.
    runtime: Mutex<Option<Runtime>>,
}

impl Web {
    pub fn new(guard: Guard) -> Self {
        Self { outbound: Outbound::new(guard), runtime: Mutex::new(None) }
    }

    /// Sends a request, and blocks until the answer is there.
    pub fn send(&self, call: HttpCall) -> Result<HttpReply, String> {
        let method = Method::from_bytes(call.method.as_bytes())
            .map_err(|_| format!("{:?} is not an HTTP method", call.method))?;
        let call = Call {
            method,
            url: call.url,
            headers: call.headers,
            body: call.body,
            time: call.time,
            max_redirects: call.max_redirects,
            max_bytes: MAX_ANSWER_BYTES,
            cuts_body: false,
        };
        let reply = self.handle()?.block_on(self.outbound.send(call)).map_err(|error| error.to_string())?;
        Ok(HttpReply { status: reply.status, headers: reply.headers, body: reply.body })
    }

    /// Waits for work of the system. Called by threads of scripts.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.handle().map_err(Error::Internal)?.block_on(work)
    }

    fn handle(&self) -> Result<Handle, String> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let made = Builder::new_multi_thread().worker_threads(1).thread_name("scripts-http").enable_all().build();
        let made = made.map_err(|error| format!("cannot start a thread for requests: {error}"))?;
        Ok(runtime.insert(made).handle().clone())
    }
}

impl Drop for Web {
    /// The runtime may not be dropped by an async thread, which this may be.
    fn drop(&mut self) {
        let runtime = self.runtime.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}
