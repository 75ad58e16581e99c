//! Texts: what the standard functions of rhai lack, or do differently from what owners expect.
//!
//! The functions return a new text and leave the text that they are called on as it is.

use super::input::bytes_of;
use crate::base::plain_text;
use crate::scripts::error::{Outcome, problem};
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Module, NativeCallContext};

/// What stands at the end of a text that `shorten` has cut.
const ELLIPSIS: char = '…';

pub fn add(module: &mut Module) {
    combine_with_exported_module!(module, "text", text_functions);
}

#[export_module]
mod text_functions {
    /// The text without white space at its ends.
    pub fn trim(text: &str) -> ImmutableString {
        text.trim().into()
    }

    /// The text without white space at its beginning.
    pub fn trim_start(text: &str) -> ImmutableString {
        text.trim_start().into()
    }

    /// The text without white space at its end.
    pub fn trim_end(text: &str) -> ImmutableString {
        text.trim_end().into()
    }

    /// The text with every `old` replaced by `new`. The text itself stays as it is.
    #[rhai_fn(return_raw)]
    pub fn replace(context: NativeCallContext<'_>, text: &str, old: &str, new: &str) -> Outcome<ImmutableString> {
        replaced(&context, text, old, new)
    }

    /// The same for letters.
    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace_letter(
        context: NativeCallContext<'_>,
        text: &str,
        old: char,
        new: char,
    ) -> Outcome<ImmutableString> {
        replaced(&context, text, old.encode_utf8(&mut [0; 4]), new.encode_utf8(&mut [0; 4]))
    }

    /// The same for letters.
    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace_letter_by_text(
        context: NativeCallContext<'_>,
        text: &str,
        old: char,
        new: &str,
    ) -> Outcome<ImmutableString> {
        replaced(&context, text, old.encode_utf8(&mut [0; 4]), new)
    }

    /// The same for letters.
    #[rhai_fn(name = "replace", return_raw)]
    pub fn replace_text_by_letter(
        context: NativeCallContext<'_>,
        text: &str,
        old: &str,
        new: char,
    ) -> Outcome<ImmutableString> {
        replaced(&context, text, old, new.encode_utf8(&mut [0; 4]))
    }

    /// The text, filled up at its beginning to `length` characters: `"7".pad_start(3, "0")` is `"007"`.
    #[rhai_fn(return_raw)]
    pub fn pad_start(context: NativeCallContext<'_>, text: &str, length: INT, filling: &str) -> Outcome<String> {
        Ok(filling_of(&context, text, length, filling)? + text)
    }

    /// The text, filled up at its end to `length` characters.
    #[rhai_fn(return_raw)]
    pub fn pad_end(context: NativeCallContext<'_>, text: &str, length: INT, filling: &str) -> Outcome<String> {
        Ok(text.to_owned() + filling_of(&context, text, length, filling)?.as_str())
    }

    /// The text several times: `"ab".repeat(3)` is `"ababab"`.
    #[rhai_fn(return_raw)]
    pub fn repeat(context: NativeCallContext<'_>, text: &str, times: INT) -> Outcome<String> {
        let times = usize::try_from(times).map_err(|_| problem("repeat takes a number from 0"))?;
        check_length(&context, text.len().saturating_mul(times))?;
        Ok(text.repeat(times))
    }

    /// The first letter in upper case, and the rest as it is.
    pub fn capitalize(text: &str) -> String {
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    }

    /// The first `length` characters. If the text is longer, it ends in `…`, which counts as one of them.
    #[rhai_fn(return_raw)]
    pub fn shorten(text: &str, length: INT) -> Outcome<String> {
        let length = usize::try_from(length).map_err(|_| problem("shorten takes a number from 0"))?;
        if text.chars().nth(length).is_none() {
            return Ok(text.to_owned());
        }
        let mut short: String = text.chars().take(length.saturating_sub(1)).collect();
        short.truncate(short.trim_end().len());
        if length > 0 {
            short.push(ELLIPSIS);
        }
        Ok(short)
    }

    /// The lines of a text, without their ends.
    #[rhai_fn(return_raw)]
    pub fn lines(context: NativeCallContext<'_>, text: &str) -> Outcome<Array> {
        bounded(&context, text.lines())
    }

    /// The words of a text, which are separated by white space.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split_words(context: NativeCallContext<'_>, text: &str) -> Outcome<Array> {
        bounded(&context, text.split_whitespace())
    }

    /// The parts of a text between separators: `"a,b".split(",")` is `["a", "b"]`. With a number instead, the texts before and from that
    /// position.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split(context: NativeCallContext<'_>, text: &str, separator: &str) -> Outcome<Array> {
        bounded(&context, text.split(separator))
    }

    /// The same with so many parts at most. The last holds the rest.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split_times(context: NativeCallContext<'_>, text: &str, separator: &str, parts: INT) -> Outcome<Array> {
        bounded(&context, text.splitn(number_of(parts), separator))
    }

    /// The same with a letter.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split_letter(context: NativeCallContext<'_>, text: &str, separator: char) -> Outcome<Array> {
        bounded(&context, text.split(separator))
    }

    /// The same with so many parts at most. The last holds the rest.
    #[rhai_fn(name = "split", return_raw)]
    pub fn split_letter_times(
        context: NativeCallContext<'_>,
        text: &str,
        separator: char,
        parts: INT,
    ) -> Outcome<Array> {
        bounded(&context, text.splitn(number_of(parts), separator))
    }

    /// The parts of a text between separators, the last one first.
    #[rhai_fn(name = "split_rev", return_raw)]
    pub fn split_back(context: NativeCallContext<'_>, text: &str, separator: &str) -> Outcome<Array> {
        bounded(&context, text.rsplit(separator))
    }

    /// The same with so many parts at most. The last holds the rest.
    #[rhai_fn(name = "split_rev", return_raw)]
    pub fn split_back_times(context: NativeCallContext<'_>, text: &str, separator: &str, parts: INT) -> Outcome<Array> {
        bounded(&context, text.rsplitn(number_of(parts), separator))
    }

    /// The same with a letter.
    #[rhai_fn(name = "split_rev", return_raw)]
    pub fn split_letter_back(context: NativeCallContext<'_>, text: &str, separator: char) -> Outcome<Array> {
        bounded(&context, text.rsplit(separator))
    }

    /// The same with so many parts at most. The last holds the rest.
    #[rhai_fn(name = "split_rev", return_raw)]
    pub fn split_letter_back_times(
        context: NativeCallContext<'_>,
        text: &str,
        separator: char,
        parts: INT,
    ) -> Outcome<Array> {
        bounded(&context, text.rsplitn(number_of(parts), separator))
    }

    /// The characters of a text.
    #[rhai_fn(return_raw)]
    pub fn to_chars(context: NativeCallContext<'_>, text: &str) -> Outcome<Array> {
        bounded(&context, text.chars())
    }

    /// The text for use in an address: `slug("Über uns!")` is `"ueber-uns"`. Letters of other alphabets stay.
    pub fn slug(text: &str) -> String {
        let mut slug = String::with_capacity(text.len());
        for letter in text.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                match plain(letter) {
                    "" => slug.push(letter),
                    plain => slug.push_str(plain),
                }
            } else if !slug.ends_with('-') && !slug.is_empty() && !is_mark(letter) {
                slug.push('-');
            }
        }
        slug.truncate(slug.trim_end_matches('-').len());
        slug
    }

    /// The text for use in HTML: `<`, `>`, `&`, `"` and `'` are escaped. Pages escape by themselves.
    pub fn escape_html(text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '&' => escaped.push_str("&amp;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        escaped
    }

    /// The text of HTML without markup, in lines.
    pub fn html_to_text(html: &str) -> String {
        plain_text::lines(html)
    }

    /// The length in bytes. `len()` counts characters.
    #[rhai_fn(return_raw)]
    pub fn byte_length(data: Dynamic) -> Outcome<INT> {
        Ok(bytes_of(&data)?.len() as INT)
    }
}

/// The parts as a list. Ends with an error once there are more than a list may have: the engine's own functions make the whole list before its
/// size is checked.
fn bounded<T: Into<Dynamic>>(context: &NativeCallContext<'_>, parts: impl Iterator<Item = T>) -> Outcome<Array> {
    let max = context.engine().max_array_size();
    let mut list = Array::new();
    for part in parts {
        if max > 0 && list.len() >= max {
            return Err(problem(format!("the list would have more than {max} elements")));
        }
        list.push(part.into());
    }
    Ok(list)
}

/// At least one part, as the engine counts.
fn number_of(parts: INT) -> usize {
    usize::try_from(parts).unwrap_or(1).max(1)
}

/// Fails for a text that would be longer than texts may be, before it is made.
pub fn check_length(context: &NativeCallContext<'_>, bytes: usize) -> Outcome<()> {
    let max = context.engine().max_string_size();
    if max > 0 && bytes > max {
        return Err(problem(format!("the text would be longer than {max} bytes")));
    }
    Ok(())
}

fn replaced(context: &NativeCallContext<'_>, text: &str, old: &str, new: &str) -> Outcome<ImmutableString> {
    if old.is_empty() {
        return Err(problem("replace needs a text that it looks for"));
    }
    if new.len() > old.len() {
        let more = text.matches(old).count().saturating_mul(new.len() - old.len());
        check_length(context, text.len().saturating_add(more))?;
    }
    Ok(text.replace(old, new).into())
}

fn filling_of(context: &NativeCallContext<'_>, text: &str, length: INT, filling: &str) -> Outcome<String> {
    let missing = usize::try_from(length).unwrap_or(0).saturating_sub(text.chars().count());
    if missing > 0 && filling.is_empty() {
        return Err(problem("the text to fill up with is empty"));
    }
    check_length(context, missing)?;
    let filling: String = filling.chars().cycle().take(missing).collect();
    check_length(context, text.len() + filling.len())?;
    Ok(filling)
}

/// An accent that stands by itself after its letter.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// A letter with an accent in the letters of English, as it is spelt where it is common. Empty for others.
fn plain(letter: char) -> &'static str {
    match letter {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' | 'ă' | 'ą' | 'ā' => "a",
        'å' => "aa",
        'ç' | 'ć' | 'č' | 'ĉ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ē' | 'ė' => "e",
        'ğ' | 'ģ' | 'ĝ' => "g",
        'ĥ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ı' | 'ī' | 'į' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ł' | 'ľ' | 'ĺ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ő' | 'ō' => "o",
        'ř' | 'ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' | 'ŝ' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ű' | 'ů' | 'ū' | 'ų' | 'ŭ' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}
