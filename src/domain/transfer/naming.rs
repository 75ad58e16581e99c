//! Converts headings of a file to field names, and keys of another system to record ids.

use crate::domain::collections::check_field_name;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

const MAX_NAME_CHARS: usize = 60;
const ID_CHARS: usize = 15;

/// Returns a field name for a heading: `First Name` and `FirstName` become `firstName`, `Straße` becomes `strasse`. A
/// heading that is a valid name, such as `first_name`, is kept. `position` counts from 0 and names a heading without
/// letters.
pub fn field_name(heading: &str, position: usize) -> String {
    let plain: String = heading.chars().map(plain).collect::<Vec<_>>().concat();
    let mut name = String::new();
    for word in
        plain.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
    {
        if name.is_empty() {
            name.push_str(&lower_start(word));
        } else {
            let (first, rest) = word.split_at(1);
            name.push_str(&first.to_ascii_uppercase());
            name.push_str(rest);
        }
    }
    name.truncate(MAX_NAME_CHARS);
    if name.is_empty() {
        name = format!("column{}", position + 1);
    }
    while name.contains("_via_") {
        name = name.replace("_via_", "_");
    }
    if check_field_name(&name).is_err() {
        name.push('_');
    }
    name
}

/// Returns a valid collection name close to `text`: `order-details` becomes `order_details`. May be empty if the text
/// has no letter or digit.
pub fn collection_name(text: &str) -> String {
    let plain: String = text.chars().map(plain).collect();
    let words = plain.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut name = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
    name.truncate(MAX_NAME_CHARS);
    while name.contains("_via_") {
        name = name.replace("_via_", "_");
    }
    name
}

/// Returns `name`, or `name2`, `name3` and so on if it is taken. Names that differ only in letter case count as the
/// same.
pub fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut count = 1;
    while !taken.insert(candidate.to_ascii_lowercase()) {
        count += 1;
        candidate = format!("{name}{count}");
    }
    candidate
}

/// Lowercases the capitals that start a word: `ID` and `URL` become `id` and `url`. The last capital stays if it starts
/// a second word: `IDNumber` becomes `idNumber`.
fn lower_start(word: &str) -> String {
    let capitals = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let is_followed_by_letter = word.as_bytes().get(capitals).is_some_and(u8::is_ascii_lowercase);
    let lowered = if capitals > 1 && is_followed_by_letter { capitals - 1 } else { capitals };
    word[..lowered].to_ascii_lowercase() + &word[lowered..]
}

/// Returns the letter without a common accent. Any other character beyond ASCII becomes a gap.
fn plain(letter: char) -> &'static str {
    const ACCENTED: [(&str, &str); 26] = [
        ("àáâãåāăą", "a"),
        ("ÀÁÂÃÅĀĂĄ", "A"),
        ("çćč", "c"),
        ("ÇĆČ", "C"),
        ("ďđ", "d"),
        ("ĎĐ", "D"),
        ("èéêëēęě", "e"),
        ("ÈÉÊËĒĘĚ", "E"),
        ("ìíîïī", "i"),
        ("ÌÍÎÏĪ", "I"),
        ("ñńň", "n"),
        ("ÑŃŇ", "N"),
        ("òóôõøō", "o"),
        ("ÒÓÔÕØŌ", "O"),
        ("ùúûůū", "u"),
        ("ÙÚÛŮŪ", "U"),
        ("śšş", "s"),
        ("ŚŠŞ", "S"),
        ("ýÿ", "y"),
        ("źżž", "z"),
        ("ŹŻŽ", "Z"),
        ("ł", "l"),
        ("řŕ", "r"),
        ("ťţ", "t"),
        ("ğ", "g"),
        ("ß", "ss"),
    ];
    const UMLAUTS: [(char, &str); 8] =
        [('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('Ä', "Ae"), ('Ö', "Oe"), ('Ü', "Ue"), ('æ', "ae"), ('œ', "oe")];
    const ASCII: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if let Some(at) = ASCII.find(letter) {
        return &ASCII[at..=at];
    }
    let umlaut = UMLAUTS.iter().find(|(umlaut, _)| *umlaut == letter).map(|(_, text)| *text);
    umlaut
        .or_else(|| ACCENTED.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, text)| *text))
        .unwrap_or(" ")
}

/// Returns the record id for a key of another system. The same key always gives the same id: a key of up to 15
/// lower-case letters and digits is padded with zeros on the left (`7` becomes `000000000000007`), any other is hashed.
#[must_use]
pub fn record_id(key: &str) -> String {
    let is_short = (1..=ID_CHARS).contains(&key.len());
    let is_plain = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    // Padded, `07` would be the same as `7`.
    let is_distinct = key.len() == ID_CHARS || key == "0" || !key.starts_with('0');
    if is_short && is_plain && is_distinct {
        return format!("{key:0>ID_CHARS$}");
    }
    let letters = crate::base::ids::LOWER_ALPHANUMERIC.as_bytes();
    let hash = Sha256::digest(key.as_bytes());
    hash.iter().take(ID_CHARS).map(|byte| char::from(letters[usize::from(*byte) % letters.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headings_become_names() {
        let check = |heading: &str, expected: &str| assert_eq!(field_name(heading, 2), expected, "{heading}");
        check("title", "title");
        check("first_name", "first_name");
        check("FirstName", "firstName");
        check("First Name", "firstName");
        check("E-Mail", "eMail");
        check("ID", "id");
        check("URL", "url");
        check("IDNumber", "idNumber");
        check("Straße / Größe (cm)", "strasseGroesseCm");
        check("Prénom", "prenom");
        check("2023", "2023");
        check("", "column3");
        check("价格", "column3");
        check("expand", "expand_");
        check("Null", "null_");
        check("a_via_b", "a_b");
    }

    #[test]
    fn collections_are_offered_a_name() {
        let check = |text: &str, expected: &str| assert_eq!(collection_name(text), expected, "{text}");
        check("order-details", "order_details");
        check("Größe (cm)", "Groesse_cm");
        check(" 2024 orders.csv", "2024_orders_csv");
        check("a_via_b", "a_b");
        check("价格", "");
    }

    #[test]
    fn names_that_repeat_get_a_number() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> = ["a", "A", "a", "b"].iter().map(|name| unique(name, &mut taken)).collect();
        assert_eq!(names, ["a", "A2", "a3", "b"]);
    }

    #[test]
    fn keys_become_ids_that_can_still_be_read_where_possible() {
        assert_eq!(record_id("7"), "000000000000007");
        assert_eq!(record_id("abc"), "000000000000abc");
        assert_eq!(record_id("qs8tkyemi7c58zj"), "qs8tkyemi7c58zj");
        assert_ne!(record_id("07"), record_id("7"));
        assert_ne!(record_id("ABC"), record_id("abc"));
    }

    proptest! {
        #[test]
        fn every_heading_gives_a_valid_name_and_every_key_a_valid_id(text in "\\PC{0,80}") {
            prop_assert!(check_field_name(&field_name(&text, 0)).is_ok());
            let id = record_id(&text);
            prop_assert!(id.len() == 15 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        }
    }
}
