//! The reference of `docs/scripting.md`, written from the functions that are registered.

/// Returns the reference as Markdown.
#[must_use]
pub fn reference() -> String {
    String::new()
}
