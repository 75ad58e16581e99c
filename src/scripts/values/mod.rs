//! The values that scripts see. One file for each type.

mod big_number;
mod bytes;
mod date;
mod db;
mod event;
mod file_value;
mod handles;
mod http_answer;
pub mod json;
mod out;
mod record;
pub mod reply;
mod request;
pub mod route_request;

pub use big_number::BigNumber;
pub use bytes::{BytesValue, Counter};
pub use date::{Date, Span};
pub use db::Db;
pub use event::{Event, EventParts, Properties};
pub use file_value::FileValue;
pub use handles::{CacheValue, Kv, LogValue, RealtimeValue};
pub use http_answer::{HttpAnswer, Parts as HttpParts};
pub use out::Out;
pub use record::{RecordParts, RecordState, RecordValue};
pub use reply::Reply;
pub use request::{Parameters, Request};
pub use route_request::{RouteParts, RouteRequest, Upload};
