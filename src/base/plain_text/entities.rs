//! Character references of HTML, such as `&amp;` and `&#65;`.

/// `text` with its character references replaced by the characters.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let reference = if letter == '&' { entity(rest) } else { None };
        let (letter, length) = reference.unwrap_or((letter, letter.len_utf8()));
        decoded.push(letter);
        rest = &rest[length..];
    }
    decoded
}

/// The character that the reference at the start of `text` (`&…`) stands for, and the length of the reference in bytes.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let body = &text[1..];
    let length = body.bytes().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    let name = &body[..length];
    let is_closed = body[length..].starts_with(';');
    let letter = match name.strip_prefix('#') {
        Some(number) => numeric(number)?,
        None => named(name, is_closed)?,
    };
    Some((letter, 1 + length + usize::from(is_closed)))
}

fn numeric(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).unwrap_or(0);
    Some(char::from_u32(code).filter(|letter| *letter != '\0').unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The names that editors write. Only the first four are accepted without their semicolon.
fn named(name: &str, is_closed: bool) -> Option<char> {
    let basic = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        _ if !is_closed => return None,
        "apos" => '\'',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "sbquo" => '‚',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "lsaquo" => '‹',
        "rsaquo" => '›',
        "bull" => '•',
        "dagger" => '†',
        "euro" => '€',
        "trade" => '™',
        "minus" => '−',
        "larr" => '←',
        "rarr" => '→',
        "ensp" | "emsp" | "thinsp" => ' ',
        "OElig" => 'Œ',
        "oelig" => 'œ',
        "Scaron" => 'Š',
        "scaron" => 'š',
        _ => {
            let at = LATIN_1.split_ascii_whitespace().position(|known| known == name)?;
            char::from_u32(0xA0 + at as u32)?
        }
    };
    Some(basic)
}

/// The names of U+00A0 to U+00FF, in order.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
    AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times \
    Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
    ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
    uuml yacute thorn yuml";
