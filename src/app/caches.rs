//! How the memory for caches is divided. One budget holds everything that is kept only to answer faster: database pages in
//! the connections, callers, totals and first ids of lists.

use crate::domain::tx::Counts;

/// The smallest page cache of a connection, in KiB. The engine needs some pages to work with.
const MIN_PAGES_KIB: u64 = 64;

/// The shares of the budget. The page caches (`…_kib`) are per connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caches {
    pub writer_kib: u32,
    pub fast_kib: u32,
    pub brief_kib: u32,
    pub long_kib: u32,
    pub own_kib: u32,
    pub callers_bytes: u64,
    pub lists_bytes: u64,
}

/// The number of connections of each kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connections {
    pub fast: u32,
    pub brief: u32,
    pub long: u32,
    pub own: u32,
}

impl Caches {
    /// Divides `budget_kib`. The small caches of the request log, of checkpoints and of realtime have a fixed size and are
    /// not part of it.
    pub fn share(budget_kib: u64, connections: Connections) -> Self {
        let pages = |sixteenths: u64, connections: u32| {
            let kib = budget_kib * sixteenths / 16 / u64::from(connections.max(1));
            u32::try_from(kib.max(MIN_PAGES_KIB)).unwrap_or(u32::MAX)
        };
        let bytes = |sixteenths: u64| budget_kib * sixteenths * 1024 / 16;
        Self {
            writer_kib: pages(1, 1),
            // Records by id: the upper levels of the indexes and the most requested pages.
            fast_kib: pages(4, connections.fast),
            // Lists that scan a whole table keep it in memory if it is small.
            brief_kib: pages(6, connections.brief),
            long_kib: pages(1, connections.long),
            own_kib: pages(1, connections.own),
            callers_bytes: bytes(2),
            lists_bytes: bytes(1),
        }
    }

    pub fn counts(self) -> Counts {
        Counts::with_room(self.lists_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_make_the_budget() {
        let connections = Connections { fast: 4, brief: 4, long: 4, own: 4 };
        let caches = Caches::share(64 * 1024, connections);
        let pages = caches.writer_kib + 4 * (caches.fast_kib + caches.brief_kib + caches.long_kib + caches.own_kib);
        assert_eq!(u64::from(pages) * 1024 + caches.callers_bytes + caches.lists_bytes, 64 * 1024 * 1024);
        assert_eq!(Caches::share(0, connections).fast_kib, MIN_PAGES_KIB as u32);
    }
}
