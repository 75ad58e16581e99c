//! Exports a collection to a temporary file, which is then sent.
//!
//! The file is written first because a client may read slowly, and a snapshot of the database must not stay open that
//! long. It also means that an error is answered as one.

use crate::app::App;
use crate::app::disk::no_room_for_files;
use crate::app::reads::Requester;
use crate::domain::caller::RequestInfo;
use crate::domain::transfer::{ExportOptions, export};
use crate::domain::{Error, Result, collections};
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// After this many bytes the free space is checked.
const LOOK_EVERY_BYTES: u64 = 1024 * 1024;

/// A finished export.
#[derive(Debug)]
pub struct Export {
    /// Positioned at its start. Has no name: nothing has to remove it.
    pub file: File,
    pub bytes: u64,
    /// The collection's name.
    pub collection: String,
}

impl App {
    /// Writes the records of a collection that the options select. The caller of `request` must be a superuser.
    pub async fn export(&self, request: RequestInfo, collection: &str, options: ExportOptions) -> Result<Export> {
        let scratch = self.scratch()?;
        let closed = |_| Error::TooBusy;
        let _permit = self.0.imports.exports.acquire().await.map_err(closed)?;
        // A whole collection takes longer than the turn of a request.
        let app = Self(Arc::clone(&self.0), Requester::System);
        let (system, name) = (app.clone(), collection.to_owned());
        let cancel = CancellationToken::new();
        let wanted = cancel.clone();
        // Ends the work when the client is gone.
        let _guard = cancel.drop_guard();
        let options = ExportOptions { scratch, ..options };
        system
            .read_in_turn(move |tx| {
                let collection = collections::find(tx, &name)?;
                let file = options.scratch.file().map_err(|error| failed(&error))?;
                let mut out = BufWriter::new(Watched { app: &app, file, bytes: 0, unchecked: 0 });
                tx.without_limit(|| {
                    export(tx, &request, &collection, &options, &mut out, &mut |_| !wanted.is_cancelled())
                })?;
                let Watched { mut file, bytes, .. } = out.into_inner().map_err(|error| failed(&error.into_error()))?;
                file.rewind().map_err(|error| failed(&error))?;
                Ok(Export { file, bytes, collection: collection.name.clone() })
            })
            .await
    }
}

/// Refuses to fill the disk.
struct Watched<'a> {
    app: &'a App,
    file: File,
    bytes: u64,
    unchecked: u64,
}

impl Write for Watched<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.unchecked == 0 || self.unchecked >= LOOK_EVERY_BYTES {
            self.unchecked = 0;
            self.app.check_room_for_upload(0).map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        }
        let count = self.file.write(buffer)?;
        self.bytes += count as u64;
        self.unchecked += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn failed(error: &io::Error) -> Error {
    if crate::app::disk::is_disk_full(error) {
        return no_room_for_files();
    }
    Error::Internal(format!("an export could not be written: {error}"))
}
