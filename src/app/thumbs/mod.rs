//! Thumbnails: created on the first request, stored next to the original, and created only once for concurrent
//! requests.
//!
//! An image file decides how much memory its decoding takes. [`inspect`] computes this from its headers, the work waits
//! for that much of a fixed budget, and [`decode`] holds the decoders to it. If an image is too large or broken, or
//! takes too long, the original is served.

mod decode;
mod inspect;
mod render;

use super::App;
use super::blobs::{BlobError, Store, blocking};
use super::limits::{Client, Share, Shares};
use crate::domain::files::ThumbSize;
use crate::domain::model::BlobKey;
use futures_util::TryStreamExt as _;
use image::ImageFormat;
use inspect::{Header, MAX_FILE_BYTES, inspect};
use quick_cache::sync::Cache;
use render::{bytes_to_render, render};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tempfile::TempPath;
use tokio::sync::{OnceCell, Semaphore};

const KIB: u64 = 1024;
/// The maximum memory for creating one thumbnail. Larger images are served unchanged.
const MAX_IMAGE_KIB: u32 = 60 * 1024;
/// The maximum memory for all thumbnails in progress.
const MAX_TOTAL_KIB: u32 = 2 * MAX_IMAGE_KIB;
/// How long a request waits for its thumbnail before it gets the original.
const THUMB_TIMEOUT: Duration = Duration::from_secs(20);
/// The maximum number of distinct thumbnails that requests wait for. Further requests get the original.
const MAX_WAITING: u64 = 64;
/// The same limit per client network.
const MAX_WAITING_PER_NETWORK: u64 = 32;
const REMEMBERED_FAILURES: usize = 2_000;

pub(super) struct Thumbs {
    /// Thumbnails in progress, by key; further requests for the same one join it.
    pending: Mutex<HashMap<BlobKey, Arc<OnceCell<bool>>>>,
    /// Thumbnails that cannot be created. The image does not change, so they are not tried again.
    failed: Cache<BlobKey, ()>,
    /// The memory budget in KiB.
    budget: Arc<Semaphore>,
    /// The minimum charge per image, so that small ones do not occupy every core.
    min_kib: u32,
    waiting: Shares,
    /// How many thumbnails a client network may have in progress at the same time: all cores but one.
    per_network: usize,
    networks: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

impl Default for Thumbs {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let min_kib = MAX_TOTAL_KIB / u32::try_from(cores).unwrap_or(1).clamp(1, MAX_TOTAL_KIB);
        Self {
            pending: Mutex::default(),
            failed: Cache::new(REMEMBERED_FAILURES),
            budget: Arc::new(Semaphore::new(MAX_TOTAL_KIB as usize)),
            min_kib,
            waiting: Shares::new(MAX_WAITING, MAX_WAITING_PER_NETWORK),
            per_network: cores.saturating_sub(1).max(1),
            networks: Mutex::default(),
        }
    }
}

/// The source and the result of a thumbnail.
#[derive(Clone, Debug)]
pub(super) struct ThumbRequest {
    /// The key of the original.
    pub key: BlobKey,
    /// The type of the original, by its content.
    pub mime: String,
    pub thumb_key: BlobKey,
    pub size: ThumbSize,
    /// The client that sends the request.
    pub client: Client,
}

impl App {
    /// Creates the thumbnail, which did not exist a moment ago. Returns whether it exists now.
    pub(super) async fn thumb(&self, request: ThumbRequest) -> bool {
        let thumbs = &self.0.thumbs;
        let Some(format) = format_of(&request.mime) else { return false };
        if thumbs.failed.get(&request.thumb_key).is_some() {
            return false;
        }
        // The original is served instead.
        if !self.0.shared.disk.has_room() {
            return false;
        }
        let Some(turn) = thumbs.join(&request) else { return false };
        *turn.cell.get_or_init(|| self.try_thumb(&request, format)).await
    }

    async fn try_thumb(&self, request: &ThumbRequest, format: ImageFormat) -> bool {
        match tokio::time::timeout(THUMB_TIMEOUT, self.make_thumb(request, format)).await {
            Ok(Ok(())) => true,
            Ok(Err(Failure::Image(error))) => {
                tracing::debug!(%error, thumb = %request.thumb_key, "no thumbnail can be made");
                self.0.thumbs.failed.insert(request.thumb_key.clone(), ());
                false
            }
            Ok(Err(Failure::Store(error))) => {
                tracing::warn!(%error, thumb = %request.thumb_key, "a thumbnail could not be stored");
                false
            }
            Err(_) => false,
        }
    }

    async fn make_thumb(&self, request: &ThumbRequest, format: ImageFormat) -> Result<(), Failure> {
        let thumbs = &self.0.thumbs;
        let store = self.blobs().files()?;
        // A request that was joined before may have completed just now.
        if store.head(&request.thumb_key).await?.is_some() {
            return Ok(());
        }
        let own = thumbs.of_network(request.client).acquire_owned().await.map_err(failed)?;
        let source = self.source(&store, &request.key).await?;
        let (path, size) = (source.path().to_owned(), request.size);
        let (header, kib) = blocking(move || measured(&path, format, size)).await.map_err(Failure::Image)?;
        let share = Arc::clone(&thumbs.budget).acquire_many_owned(kib.max(thumbs.min_kib)).await.map_err(failed)?;
        let staging = self.stage().map_err(failed)?;
        let made = staging.into_path().await.map_err(failed)?;
        let to = made.to_path_buf();
        // A panic in a decoder ends the blocking task, and is returned from it as an error.
        let rendering = blocking(move || {
            // The work continues when no request waits for it any more, and keeps its share until it ends.
            let _shares = (own, share);
            render(source.path(), format, header, size, &to)
        });
        let mime = rendering.await.map_err(Failure::Image)?;
        store.put_file(&request.thumb_key, &made, mime).await?;
        // If the original was removed in the meantime, this thumbnail was stored too late to be removed with it.
        if store.head(&request.key).await?.is_none() {
            store.delete(vec![request.thumb_key.clone()]).await?;
            return Err(failed("the original is gone").into());
        }
        Ok(())
    }

    /// Returns the original as a file on disk.
    async fn source(&self, store: &Store, key: &BlobKey) -> Result<Source, Failure> {
        if let Some(path) = store.local_path(key) {
            return Ok(Source::Stored(path));
        }
        let gone = || BlobError::Other(format!("{key}: there is no such file"));
        let mut blob = store.get(key, None).await?.ok_or_else(gone)?;
        if blob.meta.size > MAX_FILE_BYTES {
            return Err(Failure::Image(inspect::refused("the file is too large")));
        }
        let mut staging = self.stage().map_err(failed)?;
        while let Some(chunk) = blob.stream.try_next().await.map_err(failed)? {
            staging.write(&chunk).await.map_err(failed)?;
        }
        Ok(Source::Fetched(staging.into_path().await.map_err(failed)?))
    }
}

impl Thumbs {
    /// Returns `None` if too many requests are waiting already.
    fn join(&self, request: &ThumbRequest) -> Option<Turn<'_>> {
        let key = &request.thumb_key;
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = self.waiting.of(request.client);
        let cell = if let Some(cell) = pending.get(key) {
            Arc::clone(cell)
        } else {
            place.grow(1).ok()?;
            let cell = Arc::<OnceCell<bool>>::default();
            pending.insert(key.clone(), Arc::clone(&cell));
            cell
        };
        Some(Turn { thumbs: self, key: key.clone(), cell, _place: place })
    }

    fn of_network(&self, client: Client) -> Arc<Semaphore> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|_, semaphore| semaphore.strong_count() > 0);
        let network = client.network();
        if let Some(present) = networks.get(&network).and_then(Weak::upgrade) {
            return present;
        }
        let semaphore =
            Arc::new(Semaphore::new(if client.is_shared { self.per_network + 1 } else { self.per_network }));
        networks.insert(network, Arc::downgrade(&semaphore));
        semaphore
    }
}

/// Creates a thumbnail of an image in memory. `None` if there can be none. Blocks the calling thread.
pub(super) fn thumb_of(content: &[u8], mime: &str, size: ThumbSize) -> Option<Vec<u8>> {
    let format = format_of(mime)?;
    let made = || -> io::Result<Vec<u8>> {
        let (from, to) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
        std::fs::write(from.path(), content)?;
        let (header, _) = measured(from.path(), format, size)?;
        render(from.path(), format, header, size, to.path())?;
        std::fs::read(to.path())
    };
    made().ok()
}

/// Returns the header of the image at `path`, and the memory in KiB for its thumbnail. Fails if that is too much.
fn measured(path: &Path, format: ImageFormat, size: ThumbSize) -> io::Result<(Header, u32)> {
    let header = inspect(path, format)?;
    match u32::try_from(bytes_to_render(header, size).div_ceil(KIB)) {
        Ok(kib) if kib <= MAX_IMAGE_KIB => Ok((header, kib.max(1))),
        _ => Err(inspect::refused(format!("{}×{} pixels take too much memory", header.width, header.height))),
    }
}

/// A request that waits for a thumbnail. When it has the thumbnail or is cancelled, the next request finds the stored
/// file or starts again; requests that have joined continue.
struct Turn<'a> {
    thumbs: &'a Thumbs,
    key: BlobKey,
    cell: Arc<OnceCell<bool>>,
    _place: Share,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut pending = self.thumbs.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.get(&self.key).is_some_and(|present| Arc::ptr_eq(present, &self.cell)) {
            pending.remove(&self.key);
        }
    }
}

/// Why there is no thumbnail.
enum Failure {
    /// The image is at fault, so retrying would not help.
    Image(io::Error),
    Store(BlobError),
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        Self::Store(error)
    }
}

enum Source {
    Stored(PathBuf),
    /// Deleted when it is dropped.
    Fetched(TempPath),
}

impl Source {
    fn path(&self) -> &Path {
        match self {
            Self::Stored(path) => path,
            Self::Fetched(path) => path,
        }
    }
}

fn failed(error: impl std::fmt::Display) -> BlobError {
    BlobError::Other(error.to_string())
}

fn format_of(mime: &str) -> Option<ImageFormat> {
    match mime {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}
