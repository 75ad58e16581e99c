//! The name under which a file is stored: readable, safe in a URL without escaping, and unguessable.

use crate::base::ids;

const RANDOM_LETTERS: usize = 10;
/// A shorter name is meaningless and is extended with random letters.
const MIN_BASE_LENGTH: usize = 3;
const MAX_BASE_LENGTH: usize = 100;
const MAX_EXTENSION_LENGTH: usize = 20;
/// Of the inner of two extensions, such as `.tar` in `.tar.gz`.
const MAX_INNER_EXTENSION_LENGTH: usize = 10;

/// `My Photo (1).PNG` becomes `my_photo_1_im8wvt3h4j.PNG`. `detected` is the extension, without a dot, that fits the
/// content; it is used if the name has none.
#[must_use]
pub fn stored_name(original: &str, detected: &str) -> String {
    let name = original.rsplit(['/', '\\']).next().unwrap_or_default();
    let (base, extension) = split(name);
    let mut base = snake(base);
    if base.len() < MIN_BASE_LENGTH {
        base.push_str(&random());
    }
    base.truncate(MAX_BASE_LENGTH);
    let mut extension = clean(extension);
    if extension.is_empty() && !detected.is_empty() {
        extension = format!(".{detected}");
    }
    format!("{base}_{}{extension}", random())
}

fn random() -> String {
    ids::random(RANDOM_LETTERS, ids::LOWER_ALPHANUMERIC)
}

/// Splits into base and extension, which includes its dot. The extension has two parts if the inner one looks like an
/// extension.
fn split(name: &str) -> (&str, &str) {
    let Some(last) = name.rfind('.') else { return (name, "") };
    let inner = name[..last].rfind('.').filter(|at| {
        let inner = &name[at + 1..last];
        (1..=MAX_INNER_EXTENSION_LENGTH).contains(&inner.len())
            && inner.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    name.split_at(inner.unwrap_or(last))
}

fn clean(extension: &str) -> String {
    let is_kept = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let kept: String = extension.chars().filter(is_kept).collect();
    let kept = kept.trim_end_matches('.');
    match kept.len() {
        0 | 1 => String::new(),
        length if length > MAX_EXTENSION_LENGTH => format!(".{}", &kept[length - MAX_EXTENSION_LENGTH..]),
        _ => kept.to_owned(),
    }
}

/// Lower case with `_` between words, ASCII only: `HelloWorld (1)` becomes `hello_world_1`.
#[must_use]
pub fn snake(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut was_lower = false;
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() {
            was_lower = false;
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        if letter.is_ascii_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = !letter.is_ascii_uppercase();
        out.push(letter.to_ascii_lowercase());
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `*` in `expected` stands for the random letters.
    fn check(original: &str, detected: &str, expected: &str) {
        let name = stored_name(original, detected);
        let pattern = regex::escape(expected).replace("\\*", "[a-z0-9]{10}");
        assert!(regex::Regex::new(&format!("^{pattern}$")).unwrap().is_match(&name), "{original:?}: {name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)), "{name}");
    }

    #[test]
    fn names_are_readable_and_safe() {
        for (original, expected) in [
            ("My Photo (1).PNG", "my_photo_1_*.PNG"),
            ("HelloWorld.txt", "hello_world_*.txt"),
            ("héllo wörld.txt", "h_llo_w_rld_*.txt"),
            ("ab.tar.gz", "ab*_*.tar.gz"),
            (".txt", "*_*.txt"),
            ("..", "*_*.bin"),
            ("", "*_*.bin"),
            ("noext", "noext_*.bin"),
            ("file.", "file_*.bin"),
            ("a/b/../c d e.txt", "c_d_e_*.txt"),
            ("C:\\x\\photo.jpg", "photo_*.jpg"),
            ("дом.txt", "*_*.txt"),
            ("__x__-yz.t x#?t", "x_yz_*.txt"),
            ("q\"uo\nte.txt", "q_uo_te_*.txt"),
            ("photo of 3. something long.jpg", "photo_of_3_something_long_*.jpg"),
            ("%2e%2e%2fpasswd", "2e_2e_2fpasswd_*.bin"),
            ("photo.eeeeeeeeeeeeeeeeeeeeeeeeeeee", "photo_*.eeeeeeeeeeeeeeeeeeee"),
        ] {
            check(original, "bin", expected);
        }
        check("noext", "", "noext_*");
        assert!(stored_name(&"x".repeat(500), "").len() < 150);
        assert_ne!(stored_name("a.txt", ""), stored_name("a.txt", ""));
    }
}
