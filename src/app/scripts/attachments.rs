//! Files of records, for scripts: read, made, stored with a record.

use crate::app::App;
use crate::app::blobs::{Placement, StagedFile};
use crate::domain::records::StoredFile;
use crate::domain::{Error, Result};
use crate::scripts::{NewFile, Staged, Work};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use std::net::{IpAddr, Ipv4Addr};

/// The largest file that scripts read, in bytes.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Writes a staging file, under a name made from `original`.
pub(super) async fn stage(app: &App, original: &str, content: Bytes) -> Result<Staged> {
    let mut staging = app.stage()?;
    staging.write(&content).await?;
    let staged = staging.finish(original).await?;
    Ok(Staged { name: staged.name.clone(), upload: staged.upload.clone(), held: Box::new(staged) })
}

/// Moves the files into place and writes. The files are removed if that fails.
pub(super) async fn write(app: &App, files: Vec<NewFile>, work: Work) -> Result<()> {
    let place = |file: NewFile| {
        let staged = file.staged.held.downcast::<StagedFile>();
        let staged = staged.map_err(|_| Error::Internal("a file of a script was staged elsewhere".to_owned()))?;
        Ok(Placement::new(&file.collection_id, &file.record_id, *staged))
    };
    let files = files.into_iter().map(place).collect::<Result<Vec<_>>>()?;
    app.write_with_files(files, work).await
}

/// Reads a file, or its thumbnail of a size. `None` if it does not exist.
pub(super) async fn read(app: &App, file: &StoredFile, thumb: &str) -> Result<Option<Bytes>> {
    let own = IpAddr::V4(Ipv4Addr::LOCALHOST).into();
    let Some(served) = app.served(file, thumb, own).await? else { return Ok(None) };
    if served.meta.size > MAX_BYTES {
        return Err(too_large());
    }
    let Some(content) = served.content(None).await? else { return Ok(None) };
    let unreadable = |error: std::io::Error| Error::Internal(format!("a file cannot be read: {error}"));
    let mut stream = content.into_stream();
    let mut content = BytesMut::new();
    while let Some(chunk) = stream.try_next().await.map_err(unreadable)? {
        // A bucket may send more than it has announced.
        if (content.len() + chunk.len()) as u64 > MAX_BYTES {
            return Err(too_large());
        }
        content.extend_from_slice(&chunk);
    }
    Ok(Some(content.freeze()))
}

fn too_large() -> Error {
    Error::bad_request(format!(
        "the file is larger than {} MiB, which is the most that scripts read",
        MAX_BYTES / 1024 / 1024
    ))
}
