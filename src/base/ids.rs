//! Identifiers: random text, and the checksums in collection and field ids.

use rand::RngExt as _;

/// The alphabet of record ids.
pub const LOWER_ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
/// The alphabet of token keys and realtime client ids.
pub const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters of `alphabet` (ASCII, not empty), drawn without bias from a cryptographic generator.
#[must_use]
pub fn random(length: usize, alphabet: &str) -> String {
    let letters = alphabet.as_bytes();
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(letters[rng.random_range(0..letters.len())])).collect()
}

/// A record id: 15 characters of `[a-z0-9]`.
#[must_use]
pub fn record_id() -> String {
    random(15, LOWER_ALPHANUMERIC)
}

/// CRC-32 (IEEE) in decimal, as used in collection and field ids.
#[must_use]
pub fn checksum(text: &str) -> String {
    crc32fast::hash(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_superusers_collection_has_the_id_sdks_know() {
        assert_eq!(format!("pbc_{}", checksum("auth_superusers")), "pbc_3142635823");
    }

    #[test]
    fn field_ids_are_those_of_migration_files() {
        assert_eq!(format!("text{}", checksum("id")), "text3208210256");
        assert_eq!(format!("autodate{}", checksum("created")), "autodate2990389176");
    }
}
