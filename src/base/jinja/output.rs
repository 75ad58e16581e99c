//! The result of a template while it is written.

use super::Limits;
use minijinja::{Error, ErrorKind};
use std::cell::Cell;
use std::io::{self, Write};

/// What the first line of a mail begins with.
pub const SUBJECT: &str = "Subject:";

thread_local! {
    /// Whether what is being written is a value, and not a part of the template.
    static IS_VALUE: Cell<bool> = const { Cell::new(false) };
}

pub fn as_value<T>(write: impl FnOnce() -> T) -> T {
    IS_VALUE.set(true);
    let written = write();
    IS_VALUE.set(false);
    written
}

/// The result of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// Whether the template itself, and not a value in it, begins with [`SUBJECT`]. No value has ended that line then.
    pub has_subject: bool,
}

/// Takes the result, as long as it is not too large and there is time.
pub struct Output {
    bytes: Vec<u8>,
    limits: Limits,
    refusal: Option<String>,
    first_line: FirstLine,
}

/// What is known of the first line that is not blank.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstLine {
    /// The template has written less than [`SUBJECT`], and no value.
    Begins,
    /// The line of the subject has not ended.
    Subject,
    Over {
        had_subject: bool,
    },
}

impl Output {
    pub fn new(limits: Limits) -> Self {
        IS_VALUE.set(false);
        Self { bytes: Vec::new(), limits, refusal: None, first_line: FirstLine::Begins }
    }

    pub fn finish(self, rendered: Result<(), Error>) -> Result<Rendered, Error> {
        if let Some(refusal) = self.refusal {
            return Err(Error::new(ErrorKind::WriteFailure, refusal));
        }
        rendered?;
        let has_subject = matches!(self.first_line, FirstLine::Subject | FirstLine::Over { had_subject: true });
        let text = String::from_utf8(self.bytes);
        let text = text.map_err(|_| Error::new(ErrorKind::WriteFailure, "the result is not text"))?;
        Ok(Rendered { text, has_subject })
    }

    /// Takes a part of the result. A value in the line of the subject cannot end it: what a visitor typed would become the text of the
    /// mail.
    fn take(&mut self, bytes: &[u8]) {
        let is_value = IS_VALUE.get();
        if is_value && self.first_line == FirstLine::Subject {
            self.bytes.extend(bytes.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
            return;
        }
        self.bytes.extend_from_slice(bytes);
        if is_value {
            if self.first_line == FirstLine::Begins && !bytes.is_empty() {
                self.first_line = FirstLine::Over { had_subject: false };
            }
            return;
        }
        let written = self.bytes.trim_ascii_start();
        if self.first_line == FirstLine::Begins {
            if written.starts_with(SUBJECT.as_bytes()) {
                self.first_line = FirstLine::Subject;
            } else if !SUBJECT.as_bytes().starts_with(written) {
                self.first_line = FirstLine::Over { had_subject: false };
            }
        }
        if self.first_line == FirstLine::Subject && written.contains(&b'\n') {
            self.first_line = FirstLine::Over { had_subject: true };
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limits.max_bytes {
            self.refusal = Some(format!("the result is larger than {} bytes", self.limits.max_bytes));
        } else if (self.limits.is_time_up)() {
            self.refusal = Some("the template took too long".to_owned());
        }
        if self.refusal.is_some() {
            return Err(io::Error::other("stopped"));
        }
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
