//! Names that stand for a part of the server: `kv`, `cache`, `log`, `realtime`. They hold nothing.

/// `kv`.
#[derive(Clone, Copy, Debug)]
pub struct Kv;

/// `cache`.
#[derive(Clone, Copy, Debug)]
pub struct CacheValue;

/// `log`.
#[derive(Clone, Copy, Debug)]
pub struct LogValue;

/// `realtime`.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeValue;
