//! Multipart bodies with files: each file is streamed to a staging file; only small files are held in memory
//! completely.

use super::ApiError;
use super::body::{FormValues, budget_of, stream_error};
use super::extract::RequestContext;
use super::limited_body::BodyBudget;
use crate::app::App;
use crate::app::blobs::{StagedFile, UploadShare};
use crate::domain::Error;
use crate::domain::fields::{FieldKind, Modifier};
use crate::domain::model::Collection;
use crate::scripts::Upload;
use axum::extract::multipart::Field as Part;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::future::poll_fn;
use std::task::Poll;

/// The maximum number of parts of one body.
const MAX_PARTS: usize = 1000;
/// The maximum size of what comes before a part: its headers, and data sent with them.
const MAX_HEAD_BYTES: u64 = 1024 * 1024;
/// A file is stored up to this many bytes beyond its limit, so that it is refused for its size instead of being
/// truncated.
const BEYOND_LIMIT: u64 = 1;
/// The size in bytes above which a body is assumed to contain files.
const MAX_TEXTS_ONLY: u64 = 256 * 1024;

/// A body that may contain files.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub values: Map<String, Value>,
    pub files: Vec<FilePart>,
}

#[derive(Debug)]
pub(super) struct FilePart {
    /// The part's name: a field, with or without a modifier.
    pub key: String,
    pub staged: StagedFile,
}

/// Reads a multipart body. `max_file_bytes` returns the maximum size of a file under a part's name, or `None` if no file is
/// accepted there. All texts together may have `text_bytes`.
pub(super) async fn read(
    app: &App,
    mut request: Request,
    text_bytes: u64,
    max_file_bytes: impl Fn(&str) -> Option<u64>,
) -> Result<Form, ApiError> {
    // Refused before any byte is stored, unless it may be a form of texts only.
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut no_room = match length.filter(|length| *length > MAX_TEXTS_ONLY) {
        Some(length) => app.check_room_for_upload(length).err(),
        None => None,
    };
    let budget = budget_of(&request);
    let share = UploadShare::new(match request.extensions().get::<RequestContext>() {
        Some(context) if !context.caller.is_superuser() => app.budgets().uploads.of(context.client),
        _ => app.budgets().uploads.unlimited(),
    });
    // axum's limit of 2 MB is a default for servers without one; the edge has its own.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|error| ApiError::bad_request("").because(format!("the multipart body cannot be read: {error}")))?;
    let mut values = FormValues::new(budget.max_values);
    let mut files = Vec::new();
    let mut text_left = text_bytes;
    let mut is_too_large = false;
    let mut count = 0;
    while let Some(part) = next_part(&mut parts, &budget).await? {
        // The body is read to its end, because a client whose connection is closed would not see the response.
        if no_room.is_some() {
            skip(part).await?;
            continue;
        }
        count += 1;
        if count > MAX_PARTS {
            return Err(ApiError::bad_request(format!(
                "The form has too many parts: at most {MAX_PARTS} are accepted."
            )));
        }
        let key = part.name().unwrap_or_default().to_owned();
        match file_name(&part) {
            None => match text_of(part, &mut text_left, &budget).await? {
                Some(text) => values.add(&key, &text)?,
                // The rest is read as well, because a client whose connection is closed would not see the response.
                None => is_too_large = true,
            },
            Some(original) => match max_file_bytes(&key) {
                Some(most) => match stage(app, part, &original, most.saturating_add(BEYOND_LIMIT), &share).await? {
                    Ok(staged) => files.push(FilePart { key, staged }),
                    Err(error) => no_room = Some(error),
                },
                None => skip(part).await?,
            },
        }
    }
    if let Some(error) = no_room {
        return Err(error.into());
    }
    if is_too_large {
        return Err(ApiError::larger_than(text_bytes));
    }
    Ok(Form { values: values.finish(), files })
}

/// Does the same as [`read`] for forms that accept no files.
pub(super) async fn read_texts(mut parts: Multipart, budget: &BodyBudget) -> Result<FormValues, ApiError> {
    let mut values = FormValues::new(budget.max_values);
    let mut text_left = u64::MAX;
    while let Some(part) = next_part(&mut parts, budget).await? {
        let key = part.name().unwrap_or_default().to_owned();
        if file_name(&part).is_some() {
            skip(part).await?;
        } else if let Some(text) = text_of(part, &mut text_left, budget).await? {
            values.add(&key, &text)?;
        }
    }
    Ok(values)
}

/// The texts of a form, and its files.
pub(super) type InMemory = (Vec<(String, String)>, Vec<Upload>);

/// Reads a whole multipart body into memory, for routes of scripts. The edge limits its size and counts it.
pub(super) async fn read_in_memory(mut request: Request) -> Result<InMemory, ApiError> {
    let budget = budget_of(&request);
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|error| ApiError::bad_request("").because(format!("the multipart body cannot be read: {error}")))?;
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    while let Some(mut part) = next_part(&mut parts, &budget).await? {
        if texts.len() + files.len() >= MAX_PARTS {
            let message = format!("The form has too many parts: at most {MAX_PARTS} are accepted.");
            return Err(ApiError::bad_request(message));
        }
        let field = part.name().unwrap_or_default().to_owned();
        let name = file_name(&part);
        let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(|error| stream_error(&error))? {
            bytes.extend_from_slice(&chunk);
        }
        match name {
            Some(name) => files.push(Upload { field, name, content_type, bytes: bytes.into() }),
            None => texts.push((field, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok((texts, files))
}

/// Returns the next part. Its headers are kept in memory until they are complete, so their size is limited.
async fn next_part<'a>(parts: &'a mut Multipart, budget: &BodyBudget) -> Result<Option<Part<'a>>, ApiError> {
    let before = budget.received();
    let mut next = Box::pin(parts.next_field());
    poll_fn(|context| match next.as_mut().poll(context) {
        Poll::Ready(part) => Poll::Ready(part.map_err(|error| stream_error(&error))),
        Poll::Pending if budget.received() - before > MAX_HEAD_BYTES => {
            Poll::Ready(Err(ApiError::bad_request("The headers of a part are too long.")))
        }
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Returns the file name that the client sent; `None` for a text. An empty file input sends an empty name.
fn file_name(part: &Part<'_>) -> Option<String> {
    let header = part.headers().get(CONTENT_DISPOSITION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let extended = header.and_then(|header| extended_name(&header));
    extended.or_else(|| part.file_name().map(ToOwned::to_owned)).filter(|name| !name.is_empty())
}

/// Returns the name in `filename*=UTF-8''n%C3%A4me.txt`. Some clients encode names beyond ASCII this way, with or
/// without a plain `filename`.
fn extended_name(header: &str) -> Option<String> {
    let value = header.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("filename*").then(|| value.trim().trim_matches('"'))
    })?;
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    charset.eq_ignore_ascii_case("utf-8").then(|| percent_decode_str(encoded).decode_utf8_lossy().into_owned())
}

/// Returns the maximum size of a file under this part's name; `None` if the collection accepts no file there.
pub(super) fn max_file_bytes(collection: &Collection, is_superuser: bool, key: &str) -> Option<u64> {
    collection.fields.iter().find_map(|field| match &field.kind {
        FieldKind::File(options)
            if (is_superuser || !field.is_hidden)
                && matches!(field.modifier_of(key), Some(Modifier::Set | Modifier::Append | Modifier::Prepend)) =>
        {
            u64::try_from(options.effective_max_size()).ok()
        }
        _ => None,
    })
}

/// Adds the names of staged files to the values of a record, in addition to existing names.
pub(super) fn add_names<'a>(values: &mut Map<String, Value>, files: impl Iterator<Item = (&'a str, &'a StagedFile)>) {
    for (key, staged) in files {
        let name = Value::String(staged.name.clone());
        match values.get_mut(key) {
            Some(Value::Array(names)) => names.push(name),
            Some(Value::Null) | None => {
                values.insert(key.to_owned(), Value::Array(vec![name]));
            }
            Some(kept) => *kept = Value::Array(vec![kept.take(), name]),
        }
    }
}

/// Returns `None` if the text is longer than what is left.
async fn text_of(mut part: Part<'_>, bytes_left: &mut u64, budget: &BodyBudget) -> Result<Option<String>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| stream_error(&error))? {
        let Some(left) = bytes_left.checked_sub(chunk.len() as u64) else {
            *bytes_left = 0;
            drop(bytes);
            skip(part).await?;
            return Ok(None);
        };
        *bytes_left = left;
        budget.keep(chunk.len() as u64).map_err(|error| stream_error(&error))?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())))
}

/// The inner error is that the disk is full.
async fn stage(
    app: &App,
    mut part: Part<'_>,
    original: &str,
    max_bytes: u64,
    share: &UploadShare,
) -> Result<Result<StagedFile, Error>, ApiError> {
    let mut staging = match app.stage_upload(max_bytes, share.clone()) {
        Err(error @ Error::NoRoom(_)) => return Ok(Err(error)),
        outcome => outcome?,
    };
    while let Some(chunk) = part.chunk().await.map_err(|error| stream_error(&error))? {
        match staging.write(&chunk).await {
            Err(error @ Error::NoRoom(_)) => return Ok(Err(error)),
            outcome => outcome?,
        }
    }
    match staging.finish(original).await {
        Err(error @ Error::NoRoom(_)) => Ok(Err(error)),
        outcome => Ok(Ok(outcome?)),
    }
}

async fn skip(mut part: Part<'_>) -> Result<(), ApiError> {
    while part.chunk().await.map_err(|error| stream_error(&error))?.is_some() {}
    Ok(())
}
