//! The files every server hands out and takes: [`COUNT`] documents, each with a file of 100 KB and a picture whose
//! thumbnail has been made.

use crate::folder::{Api, text};
use anyhow::{Context as _, Result, ensure};
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::multipart::{Form, Part};
use rusqlite::{Connection, params};
use serde_json::json;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

pub const COUNT: u64 = 100;
pub const FILE_BYTES: usize = 100_000;
const THUMB: &str = "100x100";

/// Paths to be asked for.
#[derive(Default)]
pub struct Documents {
    pub files: Vec<String>,
    pub thumbs: Vec<String>,
}

/// Makes the collection and its documents through the API, and has each thumbnail made.
pub async fn make(api: &Api) -> Result<Documents> {
    let collection = json!({
        "name": "docs", "type": "base",
        "listRule": "", "viewRule": "", "createRule": "@request.auth.id != ''",
        "fields": [
            {"name": "title", "type": "text"},
            {"name": "file", "type": "file", "maxSelect": 1, "maxSize": 1_000_000},
            {"name": "image", "type": "file", "maxSelect": 1, "maxSize": 1_000_000},
        ],
    });
    api.send(reqwest::Method::POST, "/api/collections", collection).await?;
    let picture = picture()?;
    let mut made = Documents::default();
    for serial in 0..COUNT {
        let form = Form::new()
            .text("title", text(serial, 30))
            .part("file", Part::bytes(content(serial)).file_name("report.pdf"))
            .part("image", Part::bytes(picture.clone()).file_name("picture.jpg"));
        let record = api.send_form("/api/collections/docs/records", form).await?;
        let field = |name: &str| record[name].as_str().with_context(|| format!("no {name} in {record}"));
        let folder = format!("/api/files/docs/{}", field("id")?);
        let thumb = format!("{folder}/{}?thumb={THUMB}", field("image")?);
        let bytes = api.download(&thumb).await?;
        ensure!(bytes.len() < picture.len(), "{thumb} is no thumbnail");
        made.files.push(format!("{folder}/{}", field("file")?));
        made.thumbs.push(thumb);
    }
    Ok(made)
}

/// The same for the bare handler, which knows no thumbnails.
pub fn make_bare(connection: &Connection, data: &Path) -> Result<Documents> {
    connection.execute_batch("CREATE TABLE docs (id TEXT PRIMARY KEY NOT NULL, file TEXT NOT NULL)")?;
    fs::create_dir_all(data.join("files"))?;
    let mut made = Documents::default();
    for serial in 0..COUNT {
        let (id, name) = (format!("doc{serial:012}"), format!("report_{serial}.pdf"));
        fs::write(data.join("files").join(&name), content(serial))?;
        connection.execute("INSERT INTO docs VALUES (?1, ?2)", params![id, name])?;
        made.files.push(format!("/api/files/docs/{id}/{name}"));
    }
    Ok(made)
}

/// A PDF file by its first bytes, of [`FILE_BYTES`], that differs with `serial`.
pub fn content(serial: u64) -> Vec<u8> {
    static REST: OnceLock<Vec<u8>> = OnceLock::new();
    let rest = REST.get_or_init(|| text(0, FILE_BYTES).into_bytes());
    let mut content = format!("%PDF-1.4\n%\u{e2}\u{e3} {serial}\n").into_bytes();
    let missing = FILE_BYTES - content.len();
    content.extend_from_slice(&rest[..missing]);
    content
}

fn picture() -> Result<Vec<u8>> {
    let pixel = |x, y| Rgb([(x / 3) as u8, (y / 2) as u8, ((x * y) / 400) as u8]);
    let mut bytes = Vec::new();
    RgbImage::from_fn(640, 480, pixel).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg)?;
    Ok(bytes)
}
