//! The beginning of a text, for the `excerpt` modifier of the `fields` parameter.

use super::entities::entity;
use super::tags::Tag;

/// The first `max` characters of the text of `html`, trimmed, and whether something was cut off. Takes linear time for
/// any input.
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
        let (has_room, length) = match if letter == '&' { entity(rest) } else { None } {
            Some((decoded, length)) => (decoded.chars().all(|letter| out.push(letter)), length),
            None => (out.push(letter), letter.len_utf8()),
        };
        if !has_room {
            return out.finish(true);
        }
        rest = &rest[length..];
    }
    out.finish(false)
}

/// Builds a text in which runs of white space become one space, with none at the ends.
struct Collapsed {
    text: String,
    count: usize,
    max: usize,
    has_space: bool,
}

impl Collapsed {
    /// Returns whether there was room for `letter`.
    fn push(&mut self, letter: char) -> bool {
        if letter.is_whitespace() {
            self.has_space = true;
            return true;
        }
        if std::mem::take(&mut self.has_space) && !self.text.is_empty() {
            self.text.push(' ');
            self.count += 1;
        }
        if self.count >= self.max {
            return false;
        }
        self.text.push(letter);
        self.count += 1;
        true
    }

    fn finish(mut self, is_cut: bool) -> (String, bool) {
        self.text.truncate(self.text.trim_end().len());
        (self.text, is_cut)
    }
}

#[cfg(test)]
mod tests {
    use super::super::HOSTILE;
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
        check("&nope; &amp &lt &copy a&b &#; &#xg;", "&nope; & < © a&b &#; &#xg;");
        // Names and numbers of the standard, of which some stand for two characters.
        check("&Sigma;&check;&rarr;&lbrace;&NotEqualTilde;&#128;&#x1F600;", "Σ✓→{≂\u{338}€😀");
        check("&CounterClockwiseContourIntegral;&ouml&auml;x&amp", "∳öäx&");
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
    fn hostile_input_takes_linear_time() {
        for piece in HOSTILE {
            let _ = excerpt(&piece.repeat(200_000), usize::MAX);
        }
    }
}
