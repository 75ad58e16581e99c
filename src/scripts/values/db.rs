//! The way to the records, as scripts hold it. What it leads to depends on the running call: see `functions::db`.

use crate::domain::caller::RequestInfo;
use std::sync::Arc;

/// A handle. Cheap to copy.
#[derive(Clone, Debug, Default)]
pub struct Db {
    /// Whose rules apply. `None` for full rights.
    pub acting: Option<Arc<RequestInfo>>,
}
