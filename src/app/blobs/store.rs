//! One store of blobs, on disk or in a bucket.
//!
//! A blob appears under its key completely or not at all, and never changes: on disk, [`Store::put_file`] moves a
//! finished file into place; an upload to a bucket becomes visible when it is complete.

use super::local::{LocalFile, is_no_file, plain_path};
use super::{BlobError, blocking, is_disk_full, s3};
use crate::base::clock::Timestamp;
use crate::domain::model::{BlobKey, S3};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    PutMultipartOptions, PutOptions, WriteMultipart,
};
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;

/// How much is passed to an upload at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// A file up to this size is uploaded in one request, a larger one in parts of this size.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// How many parts of one upload are in memory and in transfer at the same time.
const MAX_CONCURRENT_PARTS: usize = 3;
/// How many deletions run at the same time.
const MAX_CONCURRENT_DELETIONS: usize = 8;
/// How often a move is tried: its target folder may be removed concurrently.
const MOVE_TRIES: u32 = 5;

/// The bytes of a blob, in chunks.
pub type BlobStream = BoxStream<'static, io::Result<Bytes>>;

/// A store of blobs. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Place>);

enum Place {
    Local(Local),
    S3(AmazonS3),
}

struct Local {
    folder: PathBuf,
    files: LocalFileSystem,
}

impl Local {
    fn path(&self, key: &BlobKey) -> object_store::Result<PathBuf> {
        match plain_path(&self.folder, key.as_str()) {
            Some(path) => Ok(path),
            None => self.files.path_to_filesystem(&to_key(key)),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    pub key: BlobKey,
    /// In bytes.
    pub size: u64,
    pub modified: Timestamp,
}

/// A blob that exists.
pub struct Found {
    pub meta: BlobMeta,
    /// The type recorded when it was stored; the local disk records none.
    pub content_type: Option<String>,
    /// The file, if the blob is on disk.
    pub file: Option<LocalFile>,
}

/// A blob to be read.
pub struct Blob {
    pub meta: BlobMeta,
    /// The type recorded when it was stored; the local disk records none.
    pub content_type: Option<String>,
    /// The requested bytes.
    pub stream: BlobStream,
}

impl Store {
    /// Opens a folder on disk, which is created if it is missing.
    pub fn local(folder: &Path) -> Result<Self, BlobError> {
        let failed =
            |error: &dyn Display| BlobError::Other(format!("cannot use the folder {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?;
        let folder = folder.canonicalize().map_err(|error| failed(&error))?;
        Ok(Self(Arc::new(Place::Local(Local { folder, files: files.with_automatic_cleanup(true).with_fsync(true) }))))
    }

    /// Opens a bucket.
    pub fn s3(settings: &S3) -> Result<Self, BlobError> {
        Ok(Self(Arc::new(Place::S3(s3::client(settings)?))))
    }

    /// Returns the file that holds a blob, if it is on disk.
    #[must_use]
    pub fn local_path(&self, key: &BlobKey) -> Option<PathBuf> {
        match &*self.0 {
            Place::Local(local) => local.path(key).ok(),
            Place::S3(_) => None,
        }
    }

    fn any(&self) -> &dyn ObjectStore {
        match &*self.0 {
            Place::Local(local) => &local.files,
            Place::S3(bucket) => bucket,
        }
    }

    /// Stores the finished file at `path` under `key`, and removes it from `path`. On disk this is a move, which is
    /// durable when this returns.
    pub async fn put_file(&self, key: &BlobKey, path: &Path, content_type: &str) -> Result<(), BlobError> {
        let from = path.to_owned();
        match &*self.0 {
            Place::Local(local) => {
                let to = local.path(key).map_err(|error| of_store(key, &error))?;
                blocking(move || move_into_place(&from, &to)).await.map_err(|error| of_disk(key, &error))
            }
            Place::S3(bucket) => {
                upload(bucket, key, &from, content_type).await?;
                blocking(move || fs::remove_file(&from)).await.map_err(|error| of_disk(key, &error))
            }
        }
    }

    /// Stores bytes in memory, for small blobs.
    pub async fn put_bytes(&self, key: &BlobKey, bytes: &[u8], content_type: &str) -> Result<(), BlobError> {
        let attributes = match &*self.0 {
            Place::Local(_) => Attributes::default(),
            Place::S3(_) => typed(content_type),
        };
        let options = PutOptions { attributes, ..PutOptions::default() };
        let payload = Bytes::copy_from_slice(bytes).into();
        self.any().put_opts(&to_key(key), payload, options).await.map(drop).map_err(|error| of_store(key, &error))
    }

    /// Returns the metadata of a blob; `None` if it does not exist.
    pub async fn head(&self, key: &BlobKey) -> Result<Option<BlobMeta>, BlobError> {
        found(key, self.any().head(&to_key(key)).await).map(|meta| meta.map(|meta| meta_of(key.clone(), &meta)))
    }

    /// Returns the bytes of a blob, or those of `range`, which must be inside it; `None` if the blob does not exist.
    pub async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<Option<Blob>, BlobError> {
        match &*self.0 {
            Place::Local(local) => {
                let Some(file) = open(local, key).await? else { return Ok(None) };
                let meta = meta_of_file(key, &file);
                let range = range.unwrap_or(0..meta.size);
                Ok(Some(Blob { meta, content_type: None, stream: file.stream(range) }))
            }
            Place::S3(bucket) => {
                let range = range.map(GetRange::Bounded);
                let result = bucket.get_opts(&to_key(key), GetOptions { range, ..GetOptions::default() }).await;
                Ok(found(key, result)?.map(|result| blob_of(key.clone(), result)))
            }
        }
    }

    /// Returns the metadata of a blob, and the open file if it is on disk; `None` if it does not exist.
    pub async fn find(&self, key: &BlobKey) -> Result<Option<Found>, BlobError> {
        match &*self.0 {
            Place::Local(local) => {
                let file = open(local, key).await?;
                Ok(file.map(|file| Found { meta: meta_of_file(key, &file), content_type: None, file: Some(file) }))
            }
            Place::S3(bucket) => {
                let result = bucket.get_opts(&to_key(key), GetOptions { head: true, ..GetOptions::default() }).await;
                Ok(found(key, result)?.map(|result| Found {
                    meta: meta_of(key.clone(), &result.meta),
                    content_type: type_of(&result.attributes),
                    file: None,
                }))
            }
        }
    }

    /// Lists every blob under `prefix`, which consists of whole parts of a key. An empty prefix lists everything.
    pub async fn list(&self, prefix: &str) -> Result<Vec<BlobMeta>, BlobError> {
        let prefix_key = encoded(prefix);
        let listed = self.any().list((!prefix.is_empty()).then_some(&prefix_key));
        let metas =
            listed.try_filter_map(|meta| async move { Ok(from_key(&meta.location).map(|key| meta_of(key, &meta))) });
        metas.try_collect().await.map_err(|error| of_store(&prefix, &error))
    }

    /// Deletes blobs. A blob that does not exist is not an error.
    pub async fn delete(&self, keys: Vec<BlobKey>) -> Result<(), BlobError> {
        let deletions = keys.into_iter().map(|key| async move {
            let outcome = self.any().delete(&to_key(&key)).await;
            found(&key, outcome).map(drop)
        });
        // Single requests instead of the bulk one, which not every S3-compatible store supports. All are tried.
        let outcomes: Vec<_> =
            futures_util::stream::iter(deletions).buffer_unordered(MAX_CONCURRENT_DELETIONS).collect().await;
        outcomes.into_iter().collect()
    }
}

/// Encodes every part separately, so that an unusual record id cannot lead to another folder.
fn encoded(key: &str) -> Key {
    key.split('/').collect()
}

fn to_key(key: &BlobKey) -> Key {
    encoded(key.as_str())
}

fn from_key(key: &Key) -> Option<BlobKey> {
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    BlobKey::parse(&key.as_ref().split('/').map(decode).collect::<Vec<_>>().join("/"))
}

fn meta_of(key: BlobKey, meta: &ObjectMeta) -> BlobMeta {
    let modified = Timestamp::from_millis(meta.last_modified.timestamp_millis());
    BlobMeta { key, size: meta.size, modified }
}

fn blob_of(key: BlobKey, result: GetResult) -> Blob {
    let meta = meta_of(key, &result.meta);
    let content_type = type_of(&result.attributes);
    Blob { meta, content_type, stream: result.into_stream().map_err(io::Error::other).boxed() }
}

fn type_of(attributes: &Attributes) -> Option<String> {
    attributes.get(&Attribute::ContentType).map(|value| value.as_ref().to_owned())
}

fn typed(content_type: &str) -> Attributes {
    Attributes::from_iter([(Attribute::ContentType, content_type.to_owned())])
}

/// Returns `None` if the blob does not exist.
fn found<T>(key: &BlobKey, outcome: object_store::Result<T>) -> Result<Option<T>, BlobError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(of_store(key, &error)),
    }
}

/// Whether there is no such blob. Includes a key with a part that is a file or too long.
fn is_missing(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(object_store::Error::NotFound { .. }) = error.downcast_ref() {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return is_no_file(error);
        }
        cause = error.source();
    }
    false
}

fn of_store(key: &dyn Display, error: &object_store::Error) -> BlobError {
    BlobError::Other(format!("{key}: {error}"))
}

fn of_disk(key: &BlobKey, error: &io::Error) -> BlobError {
    if is_disk_full(error) {
        return BlobError::DiskFull(key.to_string());
    }
    BlobError::Other(format!("{key}: {error}"))
}

/// Moves a file into place. The file and its name are durable when this returns, so a record that was reported as
/// stored has its files.
fn move_into_place(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or(ErrorKind::InvalidInput)?;
    File::open(from)?.sync_all()?;
    let mut is_new = !folder.exists();
    let mut tries_left = MOVE_TRIES;
    loop {
        fs::create_dir_all(folder)?;
        tries_left -= 1;
        match fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => copy_across(from, to)?,
            // A concurrent deletion has removed the folder, which was empty.
            Err(error) if error.kind() == ErrorKind::NotFound && tries_left > 0 => {
                is_new = true;
                continue;
            }
            outcome => outcome?,
        }
        break;
    }
    sync_folder(folder)?;
    if is_new {
        // The folder and its parent may be new.
        for outer in folder.ancestors().skip(1).take(2) {
            sync_folder(outer)?;
        }
    }
    Ok(())
}

/// Copies to another file system: the storage may be a mount of its own. Listings skip the temporary name.
fn copy_across(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.as_os_str().to_owned();
    name.push("#1");
    let beside = PathBuf::from(name);
    fs::copy(from, &beside)?;
    File::open(&beside)?.sync_all()?;
    fs::rename(&beside, to)?;
    fs::remove_file(from)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where folders can be synced")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

async fn open(local: &Local, key: &BlobKey) -> Result<Option<LocalFile>, BlobError> {
    let path = local.path(key).map_err(|error| of_store(key, &error))?;
    LocalFile::open(&path).await.map_err(|error| of_disk(key, &error))
}

fn meta_of_file(key: &BlobKey, file: &LocalFile) -> BlobMeta {
    BlobMeta { key: key.clone(), size: file.size, modified: file.modified }
}

async fn upload(bucket: &AmazonS3, key: &BlobKey, path: &Path, content_type: &str) -> Result<(), BlobError> {
    let place = to_key(key);
    let disk = |error: io::Error| of_disk(key, &error);
    let mut file = tokio::fs::File::open(path).await.map_err(disk)?;
    let length = file.metadata().await.map_err(disk)?.len();
    if length <= PART_BYTES as u64 {
        let mut bytes = Vec::with_capacity(length as usize);
        file.read_to_end(&mut bytes).await.map_err(disk)?;
        let options = PutOptions { attributes: typed(content_type), ..PutOptions::default() };
        return bucket.put_opts(&place, bytes.into(), options).await.map(drop).map_err(|error| of_store(key, &error));
    }
    let options = PutMultipartOptions { attributes: typed(content_type), ..PutMultipartOptions::default() };
    let parts = bucket.put_multipart_opts(&place, options).await.map_err(|error| of_store(key, &error))?;
    let mut writer = WriteMultipart::new_with_chunk_size(parts, PART_BYTES);
    match send(&mut writer, &mut file).await {
        Ok(()) => writer.finish().await.map(drop).map_err(|error| of_store(key, &error)),
        Err(error) => {
            // Parts of an incomplete upload would cost the owner money.
            let _ = writer.abort().await;
            Err(BlobError::Other(format!("{key}: {error}")))
        }
    }
}

async fn send(writer: &mut WriteMultipart, file: &mut tokio::fs::File) -> io::Result<()> {
    loop {
        writer.wait_for_capacity(MAX_CONCURRENT_PARTS).await.map_err(io::Error::other)?;
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        if file.read_buf(&mut chunk).await? == 0 {
            return Ok(());
        }
        writer.put(chunk.freeze());
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &*self.0 {
            Place::Local(_) => "Store(local)",
            Place::S3(_) => "Store(s3)",
        })
    }
}
