//! The message of a mail: its headers, and its body as HTML and as plain text.

use super::SendError;
use crate::base::{ids, plain_text};
use crate::domain::model::{Attachment, Mail, Meta};
use lettre::Address;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

/// Marks a mail that must not be answered automatically, for example by vacation responders.
const AUTOMATIC: &str = "auto-generated";
/// The maximum length of a subject or name, in characters.
const MAX_LINE: usize = 500;

pub(super) fn build(meta: &Meta, mail: &Mail) -> Result<Message, SendError> {
    let sender = address(&meta.sender_address, "the sender's address in the settings")?;
    let reader = address(&mail.to, "the address")?;
    let id = format!("<{}@{}>", ids::random(24, ids::LOWER_ALPHANUMERIC), sender.domain());
    let name = one_line(&meta.sender_name);
    let from = Mailbox::new((!name.is_empty()).then_some(name), sender);
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), AUTOMATIC.to_owned());
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, reader))
        .subject(one_line(&mail.subject))
        .message_id(Some(id))
        .raw_header(automatic);
    if !mail.reply_to.is_empty() {
        message = message.reply_to(Mailbox::new(None, address(&mail.reply_to, "the address for answers")?));
    }
    message.multipart(body(mail)).map_err(SendError::lasting)
}

fn body(mail: &Mail) -> MultiPart {
    let text = MultiPart::alternative_plain_html(plain_text::lines(&mail.html), mail.html.clone());
    if mail.attachments.is_empty() {
        return text;
    }
    mail.attachments.iter().map(attached).fold(MultiPart::mixed().multipart(text), MultiPart::singlepart)
}

fn attached(attachment: &Attachment) -> SinglePart {
    let content_type = ContentType::parse(&attachment.content_type)
        .or_else(|_| ContentType::parse("application/octet-stream"))
        .expect("the type is valid");
    lettre::message::Attachment::new(one_line(&attachment.name)).body(attachment.content.clone(), content_type)
}

fn address(text: &str, what: &str) -> Result<Address, SendError> {
    text.parse().map_err(|_| SendError::lasting(format!("{what} is not a valid e-mail address")))
}

/// Cuts a text at the first line break. The rest would be read as further headers, written by the author of the text.
fn one_line(text: &str) -> String {
    let letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let text: String = letters.take(MAX_LINE).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Settings;

    fn written(name: &str, subject: &str, to: &str) -> Result<String, SendError> {
        let meta = Meta { sender_name: name.to_owned(), ..Settings::initial().meta };
        let html = "<p>Hello <b>Ünal</b></p>".to_owned();
        let mail = Mail { to: to.to_owned(), subject: subject.to_owned(), html, ..Mail::default() };
        written_as(&meta, &mail)
    }

    fn written_as(meta: &Meta, mail: &Mail) -> Result<String, SendError> {
        build(meta, mail).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    /// Returns the lines before the first empty one.
    fn headers(text: &str) -> Vec<&str> {
        text.split("\r\n\r\n").next().unwrap().split("\r\n").collect()
    }

    #[test]
    fn a_mail_has_the_headers_it_needs_and_both_bodies() {
        let text = written("Support", "Hello", "ana@example.com").unwrap();
        let headers = headers(&text);
        for expected in [
            "From: Support <support@example.com>",
            "To: ana@example.com",
            "Subject: Hello",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(headers.contains(&expected), "{expected} in {headers:#?}");
        }
        for name in ["Date: ", "Message-ID: <", "Content-Type: multipart/alternative;"] {
            assert!(headers.iter().any(|line| line.starts_with(name)), "{name} in {headers:#?}");
        }
        let (plain, html) = (text.find("text/plain").unwrap(), text.find("text/html").unwrap());
        assert!(plain < html, "readers show the last they understand");
    }

    #[test]
    fn no_text_can_add_a_header_or_a_body() {
        for evil in ["a\r\nBcc: x@evil.com", "a\nBcc: x@evil.com", "a\r\n\r\nbody", "a\rBcc: x@evil.com", "a\0b\u{85}c"]
        {
            let text = written(evil, evil, "ana@example.com").unwrap();
            let names: Vec<_> = headers(&text)
                .iter()
                .filter(|line| !line.starts_with(' '))
                .map(|l| l.split(':').next().unwrap())
                .collect();
            let expected =
                ["From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Date", "Content-Type"];
            assert!(names.iter().all(|name| expected.contains(name)), "{names:?}");
            assert_eq!(names.len(), expected.len(), "{text}");
        }
        for evil in ["a@b.com\r\nBcc: x@evil.com", "a@b.com, x@evil.com", "A <a@b.com>", "a@b.com>", ""] {
            assert!(written("x", "x", evil).is_err_and(|error| error.is_final), "{evil}");
        }
    }

    #[test]
    fn names_and_subjects_of_any_script_survive() {
        let text = written("Müller, \"Jo\" <x@y.z>", "Grüße 日本", "ana@example.com").unwrap();
        assert!(text.is_ascii(), "{text}");
        assert!(headers(&text).iter().any(|line| line.contains("<support@example.com>")), "{text}");
    }

    #[test]
    fn answers_go_elsewhere_and_files_are_attached() {
        let file = |name: &str, content_type: &str| Attachment {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            content: "a;é\r\n".repeat(50).into_bytes(),
        };
        let mail = Mail {
            to: "ana@example.com".to_owned(),
            html: "<p>x</p>".to_owned(),
            reply_to: "ben@example.com".to_owned(),
            attachments: vec![file("a.csv", "text/csv; charset=utf-8"), file("x\r\nBcc: y@example.com", "no type")],
            ..Mail::default()
        };
        let text = written_as(&Settings::initial().meta, &mail).unwrap();
        assert!(headers(&text).contains(&"Reply-To: ben@example.com"), "{text}");
        let disposition = "Content-Disposition: attachment; filename=\"a.csv\"\r\n";
        let part = text.split(disposition).nth(1).expect(&text);
        assert!(part.starts_with("Content-Type: text/csv; charset=utf-8\r\n"), "{part}");
        let encoded = part.split("\r\n\r\n").nth(1).unwrap().split("--").next().unwrap().replace("\r\n", "");
        assert_eq!(data_encoding::BASE64.decode(encoded.as_bytes()).unwrap(), mail.attachments[0].content);
        assert!(text.contains("Content-Type: application/octet-stream"), "{text}");
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert!(text.find("text/html").unwrap() < text.find("text/csv").unwrap(), "the text comes first");
        let stored: Mail = serde_json::from_str(&serde_json::to_string(&mail).unwrap()).unwrap();
        assert!(stored == mail, "the outbox keeps all of it");
    }
}
