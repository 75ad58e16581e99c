//! Thumbnails: made when they are first asked for, stored beside the original, made once however many ask.
//!
//! An image is a program that says how much memory to take. Its size is read first, and the work then waits for its share
//! of a fixed budget; what is too large, broken or too late is served as it is.

use super::App;
use super::blobs::{BlobError, Store, blocking};
use crate::domain::files::{Cut, ThumbSize};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use futures_util::TryStreamExt as _;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, RgbaImage};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempPath;
use tokio::sync::{OnceCell, Semaphore};

/// An image may have so many million pixels, and so may all that are being worked on.
const MOST_MEGAPIXELS: u32 = 64;
/// Of one pixel while it is worked on: decoded, and widened for the resizing.
const BYTES_PER_PIXEL: u64 = 8;
/// Someone is waiting; the original is better than nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// Beyond so many different ones at a time nobody is kept waiting.
const MOST_WAITING: usize = 64;
const REMEMBERED_FAILURES: usize = 2_000;
const JPEG_QUALITY: u8 = 85;

pub(super) struct Thumbs {
    /// Those being made, by key; who asks for one joins it.
    pending: Mutex<HashMap<String, Arc<OnceCell<bool>>>>,
    /// Those that cannot be made: an image does not get better by being asked for again.
    hopeless: Cache<String, ()>,
    /// In megapixels.
    budget: Arc<Semaphore>,
    /// The least an image counts: so that small ones do not take every core.
    least: u32,
}

impl Default for Thumbs {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let least = MOST_MEGAPIXELS / u32::try_from(cores).unwrap_or(1).clamp(1, MOST_MEGAPIXELS);
        Self {
            pending: Mutex::default(),
            hopeless: Cache::new(REMEMBERED_FAILURES),
            budget: Arc::new(Semaphore::new(MOST_MEGAPIXELS as usize)),
            least,
        }
    }
}

/// What a thumbnail is made from and becomes.
#[derive(Clone, Debug)]
pub struct ThumbRequest {
    /// Of the original.
    pub key: String,
    /// Of the original, by its content.
    pub mime: String,
    pub thumb_key: String,
    pub size: ThumbSize,
}

impl App {
    /// Whether the thumbnail, which was not there a moment ago, is there now.
    pub async fn thumb(&self, request: ThumbRequest) -> bool {
        let thumbs = &self.0.thumbs;
        let Some(format) = format_of(&request.mime) else { return false };
        if thumbs.hopeless.get(&request.thumb_key).is_some() {
            return false;
        }
        // The original is shown instead.
        if !self.0.shared.disk.has_room() {
            return false;
        }
        let Some(turn) = thumbs.join(&request.thumb_key) else { return false };
        *turn.cell.get_or_init(|| self.try_thumb(&request, format)).await
    }

    async fn try_thumb(&self, request: &ThumbRequest, format: ImageFormat) -> bool {
        match tokio::time::timeout(PATIENCE, self.make_thumb(request, format)).await {
            Ok(Ok(())) => true,
            Ok(Err(Failure::Image(error))) => {
                tracing::debug!(%error, thumb = request.thumb_key, "no thumbnail can be made");
                self.0.thumbs.hopeless.insert(request.thumb_key.clone(), ());
                false
            }
            Ok(Err(Failure::Store(error))) => {
                tracing::warn!(%error, thumb = request.thumb_key, "a thumbnail could not be stored");
                false
            }
            Err(_) => false,
        }
    }

    async fn make_thumb(&self, request: &ThumbRequest, format: ImageFormat) -> Result<(), Failure> {
        let thumbs = &self.0.thumbs;
        let store = self.blobs().files()?;
        // Whoever joined before us may have been done just now.
        if store.head(&request.thumb_key).await?.is_some() {
            return Ok(());
        }
        let source = self.source(&store, &request.key).await?;
        let path = source.path().to_owned();
        let megapixels = blocking(move || megapixels(&path, format)).await.map_err(Failure::Image)?;
        let permits = megapixels.max(thumbs.least);
        let share = Arc::clone(&thumbs.budget).acquire_many_owned(permits).await.map_err(failed)?;
        let staging = self.stage(u64::MAX).await.map_err(failed)?;
        let made = staging.into_path().await.map_err(failed)?;
        let (to, size) = (made.to_path_buf(), request.size);
        // A panic in a decoder ends the blocking task, and comes back from it as an error.
        let rendering = blocking(move || {
            // The work goes on when nobody waits for it any more, and until then it has its share.
            let _share = share;
            render(source.path(), format, size, &to)
        });
        let mime = rendering.await.map_err(Failure::Image)?;
        store.put_file(&request.thumb_key, &made, mime).await?;
        // Removed in the meantime: then this came too late to be removed with it.
        if store.head(&request.key).await?.is_none() {
            store.delete(vec![request.thumb_key.clone()]).await?;
            return Err(failed("the original is gone").into());
        }
        Ok(())
    }

    /// The original as a file on disk.
    async fn source(&self, store: &Store, key: &str) -> Result<Source, BlobError> {
        if let Some(path) = store.local_path(key) {
            return Ok(Source::Stored(path));
        }
        let gone = || BlobError::Other(format!("{key}: there is no such file"));
        let mut blob = store.get(key, None).await?.ok_or_else(gone)?;
        let mut staging = self.stage(u64::MAX).await.map_err(failed)?;
        while let Some(chunk) = blob.stream.try_next().await.map_err(failed)? {
            staging.write(&chunk).await.map_err(failed)?;
        }
        Ok(Source::Fetched(staging.into_path().await.map_err(failed)?))
    }
}

impl Thumbs {
    /// `None` when too many are waiting already.
    fn join(&self, key: &str) -> Option<Turn<'_>> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = pending.len() >= MOST_WAITING;
        let cell = match pending.get(key) {
            Some(cell) => Arc::clone(cell),
            None if is_full => return None,
            None => {
                let cell = Arc::<OnceCell<bool>>::default();
                pending.insert(key.to_owned(), Arc::clone(&cell));
                cell
            }
        };
        Some(Turn { thumbs: self, key: key.to_owned(), cell })
    }
}

/// Someone waits for a thumbnail. When they have it, or have gone away, the next who asks finds it in its place or begins
/// anew; those who joined go on.
struct Turn<'a> {
    thumbs: &'a Thumbs,
    key: String,
    cell: Arc<OnceCell<bool>>,
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
    /// The image is to blame, and will be the next time.
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
    /// Removed when it is dropped.
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

fn reader(path: &Path, format: ImageFormat) -> io::Result<ImageReader<BufReader<File>>> {
    let mut reader = ImageReader::with_format(BufReader::new(File::open(path)?), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(u64::from(MOST_MEGAPIXELS) * 1_000_000 * BYTES_PER_PIXEL);
    reader.limits(limits);
    Ok(reader)
}

/// What the image says of its size; an error where that is too much. Looks at its first bytes alone.
fn megapixels(path: &Path, format: ImageFormat) -> io::Result<u32> {
    let decoder = reader(path, format)?.into_decoder().map_err(io::Error::other)?;
    let (width, height) = decoder.dimensions();
    // Deep colours take more, as if there were more pixels.
    let pixels = (u64::from(width) * u64::from(height)).max(decoder.total_bytes() / 4);
    let megapixels = u32::try_from(pixels.div_ceil(1_000_000)).unwrap_or(u32::MAX);
    if pixels == 0 || megapixels > MOST_MEGAPIXELS {
        return Err(io::Error::other(format!("{width}×{height} pixels are out of bounds")));
    }
    Ok(megapixels.max(1))
}

/// Makes the thumbnail of the image at `from` at `to`, and gives its type.
fn render(from: &Path, format: ImageFormat, size: ThumbSize, to: &Path) -> io::Result<&'static str> {
    let mut decoder = reader(from, format)?.into_decoder().map_err(io::Error::other)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(io::Error::other)?;
    image.apply_orientation(orientation);
    let is_opaque = !image.color().has_alpha();
    let cut = size.cut(image.width(), image.height());
    if u64::from(cut.width) * u64::from(cut.height) > u64::from(MOST_MEGAPIXELS) * 1_000_000 {
        return Err(io::Error::other("the thumbnail would be out of bounds"));
    }
    write(resized(image, cut, is_opaque)?, format, is_opaque, to)
}

fn resized(image: DynamicImage, cut: Cut, is_opaque: bool) -> io::Result<RgbaImage> {
    let (width, height) = (image.width(), image.height());
    let pixels = widened(image);
    let source = ImageRef::new(width, height, &pixels, PixelType::U8x4).map_err(io::Error::other)?;
    let mut target = Image::new(cut.width, cut.height, PixelType::U8x4);
    let [left, top, part_width, part_height] = cut.part;
    let options = ResizeOptions::new().crop(left, top, part_width, part_height).use_alpha(!is_opaque);
    Resizer::new().resize(&source, &mut target, &options).map_err(io::Error::other)?;
    RgbaImage::from_raw(cut.width, cut.height, target.into_vec()).ok_or_else(|| io::Error::other("no image was made"))
}

/// Four bytes per pixel. Most images have three, and a plain loop is many times faster than the general conversion.
fn widened(image: DynamicImage) -> Vec<u8> {
    match image {
        DynamicImage::ImageRgb8(rgb) => {
            let mut pixels = Vec::with_capacity(rgb.as_raw().len() / 3 * 4);
            for pixel in rgb.as_raw().chunks_exact(3) {
                pixels.extend_from_slice(&[pixel[0], pixel[1], pixel[2], u8::MAX]);
            }
            pixels
        }
        other => other.into_rgba8().into_raw(),
    }
}

/// In the format of the original; of WebP, which we could only write without loss, a PNG.
fn write(image: RgbaImage, format: ImageFormat, is_opaque: bool, to: &Path) -> io::Result<&'static str> {
    let mut out = BufWriter::new(File::create(to)?);
    let image = DynamicImage::ImageRgba8(image);
    let mime = match format {
        ImageFormat::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
            image.into_rgb8().write_with_encoder(encoder).map_err(io::Error::other)?;
            "image/jpeg"
        }
        ImageFormat::Gif => {
            image.write_to(&mut out, ImageFormat::Gif).map_err(io::Error::other)?;
            "image/gif"
        }
        _ => {
            let image = if is_opaque { DynamicImage::ImageRgb8(image.into_rgb8()) } else { image };
            image.write_to(&mut out, ImageFormat::Png).map_err(io::Error::other)?;
            "image/png"
        }
    };
    out.flush()?;
    Ok(mime)
}
