//! The readable text of a piece of HTML: no tags, no scripts, white space collapsed. For excerpts and for mails, not for
//! safety: the result is text and still has to be escaped where it is put into a page.

/// What is cut out with its content, because it is not text or not shown.
const DROPPED: [&str; 11] =
    ["script", "style", "svg", "template", "noscript", "iframe", "object", "textarea", "title", "select", "button"];
/// Tags that leave the words on both sides of them joined; all others part them.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "label",
    "mark", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// At most `max` characters of the text of `html`, trimmed, and whether something was left out. Takes time linear in
/// the input, however broken it is.
#[must_use]
pub fn excerpt(html: &str, max: usize) -> (String, bool) {
    let mut out = Collapsed { text: String::new(), count: 0, max, has_space: false };
    let mut rest = html;
    while let Some(letter) = rest.chars().next() {
        if letter == '<'
            && let Some(tag) = Tag::parse(rest)
        {
            out.has_space |= !tag.is_inline();
            rest = tag.after();
            continue;
        }
        let reference = if letter == '&' { entity(rest) } else { None };
        let (letter, length) = reference.unwrap_or((letter, letter.len_utf8()));
        if out.push(letter) {
            return out.finish(true);
        }
        rest = &rest[length..];
    }
    out.finish(false)
}

/// The text of `html` in lines, each followed by the addresses of its links, on lines of their own: what a mail program
/// shows that shows no HTML.
#[must_use]
pub fn lines(html: &str) -> String {
    let mut out = Lines::default();
    let mut rest = html;
    while let Some(letter) = rest.chars().next() {
        if letter == '<'
            && let Some(tag) = Tag::parse(rest)
        {
            out.tag(&tag);
            rest = tag.after();
            continue;
        }
        let reference = if letter == '&' { entity(rest) } else { None };
        let (letter, length) = reference.unwrap_or((letter, letter.len_utf8()));
        out.push(letter);
        rest = &rest[length..];
    }
    out.finish()
}

/// Lines in the making: white space collapses within one, and at most one line between two is empty.
#[derive(Default)]
struct Lines {
    text: String,
    has_space: bool,
    /// How many line ends are due before the next letter.
    breaks: usize,
    /// Where the open link leads, and where its words begin.
    link: Option<(String, usize)>,
    /// Where the links of the current line lead.
    targets: Vec<String>,
}

impl Lines {
    fn push(&mut self, letter: char) {
        if letter.is_whitespace() {
            self.has_space = true;
            return;
        }
        if self.breaks > 0 {
            self.end_line();
        }
        if !self.text.is_empty() {
            if self.breaks > 0 {
                self.text.extend(std::iter::repeat_n('\n', self.breaks.min(2)));
            } else if self.has_space {
                self.text.push(' ');
            }
        }
        (self.breaks, self.has_space) = (0, false);
        self.text.push(letter);
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        if tag.name.eq_ignore_ascii_case("br") {
            self.breaks += 1;
        } else if tag.name.eq_ignore_ascii_case("p") || tag.name.eq_ignore_ascii_case("table") {
            self.breaks = 2;
        } else if !tag.is_inline() {
            self.breaks = self.breaks.max(1);
        } else if tag.name.eq_ignore_ascii_case("a") {
            self.end_link();
            if !tag.is_closing {
                self.link = tag.attribute("href").map(|target| (target, self.text.len()));
            }
        }
    }

    fn end_link(&mut self) {
        let Some((target, start)) = self.link.take() else { return };
        let words = self.text[start..].trim();
        if !target.is_empty() && words != target {
            self.targets.push(target);
        }
    }

    /// Puts the addresses of the line's links below it.
    fn end_line(&mut self) {
        for target in self.targets.drain(..) {
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.text.push_str(&target);
        }
    }

    fn finish(mut self) -> String {
        self.end_link();
        self.end_line();
        self.text
    }
}

/// Text in the making: runs of white space become one space, none at the ends.
struct Collapsed {
    text: String,
    count: usize,
    max: usize,
    has_space: bool,
}

impl Collapsed {
    /// Whether there was no room for `letter`.
    fn push(&mut self, letter: char) -> bool {
        if letter.is_whitespace() {
            self.has_space = true;
            return false;
        }
        if std::mem::take(&mut self.has_space) && !self.text.is_empty() {
            self.text.push(' ');
            self.count += 1;
        }
        if self.count >= self.max {
            return true;
        }
        self.text.push(letter);
        self.count += 1;
        false
    }

    fn finish(mut self, is_cut: bool) -> (String, bool) {
        self.text.truncate(self.text.trim_end().len());
        (self.text, is_cut)
    }
}

/// A tag, comment or declaration, and what follows it.
struct Tag<'a> {
    /// Empty for comments and declarations.
    name: &'a str,
    is_closing: bool,
    /// What stands between the name and the end of the tag.
    attributes: &'a str,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// `text` starts with `<`. `None` where that is just a character.
    fn parse(text: &'a str) -> Option<Self> {
        let inner = &text[1..];
        if let Some(comment) = inner.strip_prefix("!--") {
            let rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            return Some(Self { name: "", is_closing: false, attributes: "", rest });
        }
        if inner.starts_with(['!', '?']) {
            return Some(Self { name: "", is_closing: false, attributes: "", rest: after_tag(inner) });
        }
        let is_closing = inner.starts_with('/');
        let inner = inner.strip_prefix('/').unwrap_or(inner);
        if !inner.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            return None;
        }
        let end = inner.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/');
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let after = after_tag(rest);
        let attributes = rest[..rest.len() - after.len()].trim_end_matches('>');
        Some(Self { name, is_closing, attributes, rest: after })
    }

    /// The value of a quoted attribute, with its references decoded.
    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
            let (value, after) = after[1..].split_once(quote)?;
            if key.trim().eq_ignore_ascii_case(name) {
                return Some(decode(value));
            }
            rest = after;
        }
    }

    fn is_inline(&self) -> bool {
        self.name.is_empty() || self.is_dropped() || INLINE.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    fn is_dropped(&self) -> bool {
        DROPPED.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// What follows the tag, its content included where that is no text.
    fn after(&self) -> &'a str {
        if self.is_closing || !self.is_dropped() {
            return self.rest;
        }
        let bytes = self.rest.as_bytes();
        let name = self.name.as_bytes();
        let mut at = 0;
        // Each step moves past one `<`, so a text full of them is still read once.
        while let Some(found) = self.rest[at..].find("</") {
            let start = at + found + 2;
            let end = start + name.len();
            if bytes.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
                return after_tag(&self.rest[end..]);
            }
            at = start;
        }
        ""
    }
}

/// `text` with its references replaced by what they stand for.
fn decode(text: &str) -> String {
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

/// Past the next `>` outside quotes; empty where the tag never ends.
fn after_tag(text: &str) -> &str {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), close) if open == close => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The character that the reference at the start of `text` (`&…`) stands for, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
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

/// The names that editors write. Only the oldest four are known without their semicolon.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(excerpt(html, 200), (expected.to_owned(), false), "{html}");
    }

    #[test]
    fn tags_go_and_words_stay_apart() {
        check("<p>Hello <b>bold</b>&nbsp;&amp; x</p>", "Hello bold & x");
        check("<p>a</p><p>b</p>", "a b");
        check("<div>a</div>b", "a b");
        check("a<b>b</b>c<br>d", "abcd");
        check("<ul><li>a</li><li>b</li></ul>", "a b");
        check("a<hr>b", "a b");
        check("<pre>a  b\nc</pre>", "a b c");
        check(" a \u{a0}\u{2003} b ", "a b");
        check("<p title=\"a>b\">x</p>", "x");
        check("<p title='<script>'>x</p>", "x");
    }

    #[test]
    fn what_is_no_text_is_dropped() {
        check("<script>if(a<b){}</script>z", "z");
        check("<SCRIPT>x</Script >y", "y");
        check("<p>a<script>b</script>c</p>", "ac");
        check("<style><p>x</p></style>y", "y");
        check("a<!-- <p>c</p> -->b", "ab");
        check("<!DOCTYPE html><?php x ?>y", "y");
        check("<svg><title>a</title></svg>b", "b");
        check("</script>x", "x");
    }

    #[test]
    fn references_are_decoded_once() {
        check("&lt;b&gt;", "<b>");
        check("&amp;lt;", "&lt;");
        check("&copy;&eacute;&#65;&#x42;&yuml;&hellip;", "©éABÿ…");
        check("&nope; &amp &lt &copy a&b &#; &#xg;", "&nope; & < &copy a&b &#; &#xg;");
        check("&#0;&#xD800;&#99999999999;x", "\u{fffd}\u{fffd}\u{fffd}x");
    }

    #[test]
    fn broken_html_is_survived() {
        check("a < b", "a < b");
        check("<>", "<>");
        check("a</", "a</");
        check("a <b", "a");
        check("<a b='", "");
        check("<script>a", "");
        check("<!-- a", "");
        check("<ü>a", "<ü>a");
    }

    #[test]
    fn the_cut_counts_characters_and_trims() {
        let cases = [(5, "Hello", true), (6, "Hello", true), (7, "Hello w", true), (11, "Hello world", false)];
        for (max, expected, is_cut) in cases {
            assert_eq!(excerpt("Hello world", max), (expected.to_owned(), is_cut), "{max}");
        }
        assert_eq!(excerpt("<p>ééé</p> <p>abc</p>", 6), ("ééé ab".to_owned(), true));
        assert_eq!(excerpt("abc<p></p> ", 3), ("abc".to_owned(), false));
    }

    #[test]
    fn mails_keep_their_lines_and_say_where_links_lead() {
        let check = |html: &str, expected: &str| assert_eq!(lines(html), expected, "{html}");
        check("<p>Hello,</p>\n<p>a <b>b</b>  c<br>d</p><div>e</div><div>f</div>", "Hello,\n\na b c\nd\n\ne\nf");
        check(
            "<p><a class=\"btn\" href=\"https://a.b/?x=1&amp;y=2#/t\">Go on</a>.</p>",
            "Go on.\nhttps://a.b/?x=1&y=2#/t",
        );
        check("<a href='https://a.b'>https://a.b</a>", "https://a.b");
        check("<a href=\"https://a.b\"><img src=x></a>", "https://a.b");
        check("<a title=\"a > b\" HREF=\"/x\">y</a> z", "y z\n/x");
        check("<p><a href='/1'>a</a> or <a href='/2'>b</a></p><p>c</p>", "a or b\n/1\n/2\n\nc");
        check("<a>x</a> <a href=y>z</a>", "x z");
        check("<html><head><style>p { }</style><title>t</title></head><body>\n<p>a</p>\n</body></html>", "a");
        check("", "");
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        for piece in ["<", "</", "<a ", "&", "<script>", "</script", "<!--", "<a '", "&#", "<svg></sv"] {
            let _ = excerpt(&piece.repeat(200_000), usize::MAX);
            let _ = lines(&piece.repeat(200_000));
        }
    }
}
