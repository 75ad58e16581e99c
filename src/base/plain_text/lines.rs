//! The plain text part of a mail.

use super::entities::entity;
use super::tags::Tag;

/// The text of `html` in lines. The addresses of the links in a line follow it, one per line. For mail programs that
/// show no HTML.
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
        let length = if let Some((decoded, length)) = if letter == '&' { entity(rest) } else { None } {
            decoded.chars().for_each(|letter| out.push(letter));
            length
        } else {
            out.push(letter);
            letter.len_utf8()
        };
        rest = &rest[length..];
    }
    out.finish()
}

/// Builds lines: white space within a line collapses, and there is at most one empty line between two others.
#[derive(Default)]
struct Lines {
    text: String,
    has_space: bool,
    /// Number of line ends to write before the next letter.
    breaks: usize,
    /// The target of the open link, and the offset at which its words begin.
    link: Option<(String, usize)>,
    /// The targets of the links in the current line.
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

    /// Writes the targets of the line's links below it.
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

#[cfg(test)]
mod tests {
    use super::super::HOSTILE;
    use super::*;

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
        for piece in HOSTILE {
            let _ = lines(&piece.repeat(200_000));
        }
    }
}
