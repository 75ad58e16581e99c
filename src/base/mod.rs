//! The ground floor: time, randomness, hashing, tokens, texts and JSON. Knows nothing of what stands above.

pub mod address;
pub mod clock;
pub mod dates;
pub mod id_token;
pub mod ids;
pub mod ip;
pub mod json;
pub mod password;
pub mod picker;
pub mod plain_text;
pub mod seal;
pub mod token;
