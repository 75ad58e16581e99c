//! Listening, connections and shutdown. The edge answers the requests.
//!
//! On Unix there is one listening socket per core, all on the same port, so that connections are accepted by several
//! tasks. The kernel distributes them.

use super::edge::Edge;
use super::stalled::StallGuard;
use super::targets::EncodedTargets;
use axum::response::Response;
use axum_server::Handle;
use axum_server::accept::Accept;
use hyper::body::Incoming;
use hyper_util::rt::TokioTimer;
use socket2::{Domain, Protocol, Socket, Type};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tower::Service;

/// How many connections the kernel completes before we accept them.
const BACKLOG: i32 = 4096;

#[derive(Clone, Copy, Debug)]
pub struct ServerOptions {
    /// How long the head of a request may take to arrive, and how long an idle connection is kept.
    pub header_time: Duration,
    /// How long a client may leave sent data unread.
    pub stall_time: Duration,
    /// How long open requests may take after shutdown was requested.
    pub grace_time: Duration,
}

/// Listening sockets that are not served yet, so that a port in use is detected before anything else starts.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<TcpListener>,
    address: SocketAddr,
}

impl Server {
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let count = if cfg!(unix) { std::thread::available_parallelism()?.get() } else { 1 };
        // Sockets that share a port do so with every process of the same user. Without this check, a second server
        // started by mistake would share the visitors with the first instead of failing.
        if address.port() != 0 {
            drop(TcpListener::bind(address)?);
        }
        let first = listen(address)?;
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        for _ in 1..count {
            listeners.push(listen(address)?);
        }
        Ok(Self { listeners, address })
    }

    /// Returns the address, with the real port if 0 was requested.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready, and then until open requests have ended or the grace time is over.
    pub async fn serve(self, edge: Edge, options: ServerOptions, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handle = Handle::new();
        let mut serving = JoinSet::new();
        for listener in self.listeners {
            let mut server = axum_server::from_tcp(listener)?
                .http1_only()
                .acceptor(Acceptor { stall_time: options.stall_time })
                .handle(handle.clone());
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(options.header_time);
            serving.spawn(server.serve(MakeConnection(edge.clone())));
        }
        stop.await;
        handle.graceful_shutdown(Some(options.grace_time));
        while let Some(ended) = serving.join_next().await {
            ended.map_err(io::Error::other)??;
        }
        Ok(())
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    #[cfg(unix)]
    {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[derive(Clone)]
struct Acceptor {
    stall_time: Duration,
}

impl<S> Accept<TcpStream, S> for Acceptor {
    type Stream = EncodedTargets<StallGuard<TcpStream>>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // Small responses must not wait for the acknowledgement of the previous one.
        let guarded = |stream| EncodedTargets::new(StallGuard::new(stream, self.stall_time));
        ready(stream.set_nodelay(true).map(|()| (guarded(stream), service)))
    }
}

#[derive(Clone)]
struct MakeConnection(Edge);

impl Service<SocketAddr> for MakeConnection {
    type Response = Connection;
    type Error = Infallible;
    type Future = Ready<Result<Connection, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        ready(Ok(Connection { edge: self.0.clone(), peer }))
    }
}

#[derive(Clone)]
struct Connection {
    edge: Edge,
    peer: SocketAddr,
}

impl Service<http::Request<Incoming>> for Connection {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        let Self { edge, peer } = self.clone();
        Box::pin(async move { Ok(edge.answer(peer, request).await) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_an_error_although_we_share_it_with_ourselves() {
        let server = Server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let again = Server::bind(server.address());
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
