//! The lowest floor: time, randomness, hashing, tokens, texts and JSON. Depends on no other floor.

pub mod address;
pub mod base64;
pub mod causes;
pub mod certificates;
pub mod clock;
pub mod cron;
pub mod crypto;
pub mod dates;
pub mod id_token;
pub mod ids;
pub mod ip;
pub mod jinja;
pub mod json;
pub mod jwt;
pub mod password;
pub mod picker;
pub mod plain_text;
pub mod seal;
pub mod token;
