//! Reads files of the local disk. Data in the kernel's page cache is opened and read on the calling thread; only data
//! that has to come from the disk is handed to a blocking thread. Most requested files have been requested before, and
//! handing work to another thread and back takes longer than reading them.

use super::{BlobStream, blocking};
use crate::base::clock::Timestamp;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{StreamExt as _, once, try_unfold};
use std::fs::File;
use std::future::ready;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is read at a time, and so the most that is buffered for a slow client. A file up to this size is sent
/// without a stream.
const CHUNK_BYTES: u64 = 128 * 1024;

/// An open regular file. It stays the same file until it is dropped, even if its name is reused or removed.
#[derive(Clone, Debug)]
pub struct LocalFile {
    file: Arc<File>,
    pub size: u64,
    pub modified: Timestamp,
}

/// The bytes of a blob.
pub enum Content {
    /// The complete content, in memory.
    Whole(Bytes),
    Stream(BlobStream),
}

impl Content {
    #[must_use]
    pub fn into_stream(self) -> BlobStream {
        match self {
            Self::Whole(bytes) => once(ready(Ok(bytes))).boxed(),
            Self::Stream(stream) => stream,
        }
    }
}

impl LocalFile {
    /// Returns `None` if there is no regular file.
    pub async fn open(path: &Path) -> io::Result<Option<Self>> {
        let opened = if let Some(outcome) = open_at_once(path) {
            outcome.and_then(Self::of)
        } else {
            let path = path.to_owned();
            blocking(move || open(&path).and_then(Self::of)).await
        };
        match opened {
            Err(error) if is_no_file(&error) => Ok(None),
            outcome => outcome,
        }
    }

    /// Returns `None` for anything but a regular file.
    pub fn of(file: File) -> io::Result<Option<Self>> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let modified = Timestamp::from_system(metadata.modified()?);
        Ok(Some(Self { file: Arc::new(file), size: metadata.len(), modified }))
    }

    /// Returns a handle for work on a blocking thread. It shares its position with other handles, but the reads here do
    /// not use one.
    pub fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Returns the bytes of `range`, which must be inside the file.
    pub async fn content(&self, range: Range<u64>) -> io::Result<Content> {
        if range.end - range.start > CHUNK_BYTES {
            return Ok(Content::Stream(self.stream(range)));
        }
        Ok(Content::Whole(self.read(range).await?))
    }

    /// Returns the bytes of `range` in chunks. Fails with [`ErrorKind::UnexpectedEof`] if the file has become shorter.
    #[must_use]
    pub fn stream(&self, range: Range<u64>) -> BlobStream {
        let file = self.clone();
        let pieces = try_unfold((file, range), |(file, Range { start, end })| async move {
            if start == end {
                return Ok(None);
            }
            let next = end.min(start + CHUNK_BYTES);
            let bytes = file.read(start..next).await?;
            Ok(Some((bytes, (file, next..end))))
        });
        pieces.boxed()
    }

    /// Reads all bytes of `range` into memory.
    async fn read(&self, Range { start, end }: Range<u64>) -> io::Result<Bytes> {
        let mut bytes = BytesMut::zeroed(usize::try_from(end - start).map_err(io::Error::other)?);
        let done = read_at_once(&self.file, &mut bytes, start);
        if done == bytes.len() {
            return Ok(bytes.freeze());
        }
        let file = Arc::clone(&self.file);
        let reading = blocking(move || {
            read_exact_at(&file, &mut bytes[done..], start + done as u64)?;
            Ok(bytes)
        });
        Ok(reading.await?.freeze())
    }
}

/// Whether there is no such file. Includes a path with a component that is a file or too long.
pub fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

/// Opens the file if its name is cached. Returns `None` if that would block.
#[cfg(target_os = "linux")]
fn open_at_once(path: &Path) -> Option<io::Result<File>> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    use rustix::io::Errno;
    match openat2(CWD, path, READ_FLAGS, Mode::empty(), ResolveFlags::CACHED) {
        Ok(file) => Some(Ok(file.into())),
        Err(error @ (Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG)) => Some(Err(error.into())),
        // Not cached, or the kernel or the container's sandbox does not support this call.
        Err(_) => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_at_once(_: &Path) -> Option<io::Result<File>> {
    None
}

/// Opens a pipe without waiting for a writer.
#[cfg(target_os = "linux")]
const READ_FLAGS: rustix::fs::OFlags =
    rustix::fs::OFlags::RDONLY.union(rustix::fs::OFlags::CLOEXEC).union(rustix::fs::OFlags::NONBLOCK);

#[cfg(target_os = "linux")]
fn open(path: &Path) -> io::Result<File> {
    Ok(rustix::fs::open(path, READ_FLAGS, rustix::fs::Mode::empty())?.into())
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads what is cached, and returns the number of bytes.
#[cfg(target_os = "linux")]
fn read_at_once(file: &File, into: &mut [u8], at: u64) -> usize {
    use rustix::io::{ReadWriteFlags, preadv2};
    preadv2(file, &mut [io::IoSliceMut::new(into)], at, ReadWriteFlags::NOWAIT).unwrap_or(0)
}

#[cfg(not(target_os = "linux"))]
fn read_at_once(_: &File, _: &mut [u8], _: u64) -> usize {
    0
}

#[cfg(unix)]
fn read_exact_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _};
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(into)
}

/// Returns the path below `folder` for a key whose parts need no encoding; `None` for any other key.
pub fn plain_path(folder: &Path, key: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_known)
    };
    key.split('/').all(is_plain).then(|| folder.join(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt as _;

    async fn bytes(file: &LocalFile, range: Range<u64>) -> io::Result<Vec<u8>> {
        Ok(match file.content(range).await? {
            Content::Whole(bytes) => bytes.to_vec(),
            Content::Stream(stream) => stream.try_collect::<Vec<_>>().await?.concat(),
        })
    }

    #[tokio::test]
    async fn every_range_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let size = 3 * CHUNK_BYTES + 17;
        let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let file = LocalFile::open(&path).await.unwrap().unwrap();
        assert_eq!(file.size, size);
        for range in [0..0, 0..1, 0..CHUNK_BYTES, 0..size, 5..size - 5, size - 1..size, size..size] {
            let wanted = &content[range.start as usize..range.end as usize];
            assert_eq!(bytes(&file, range.clone()).await.unwrap(), wanted, "{range:?}");
        }
        // A truncated file ends in an error, and an unlinked one can still be read.
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(CHUNK_BYTES).unwrap();
        for range in [0..size, CHUNK_BYTES..CHUNK_BYTES + 1] {
            assert_eq!(bytes(&file, range).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(bytes(&file, 0..9).await.unwrap(), &content[..9]);
        assert!(LocalFile::open(&path).await.unwrap().is_none());
        assert!(LocalFile::open(folder.path()).await.unwrap().is_none(), "a folder is no file");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_pipe_is_not_a_file_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert!(LocalFile::open(&path).await.unwrap().is_none());
    }

    #[test]
    fn only_plain_keys_are_paths_as_they_are() {
        let check = |key: &str, is_plain: bool| {
            assert_eq!(plain_path(Path::new("/s"), key), is_plain.then(|| Path::new("/s").join(key)), "{key}");
        };
        check("c/r/a_1-2.txt", true);
        check("c/r/thumbs_a.png/1x1_a.png", true);
        for key in ["", "/", "/c", "c//a", "c/", "c/../a", "c/./a", "c/%2e%2e/a", "c/a#1", "c/é", "c\\a", "c/a b"] {
            check(key, false);
        }
    }
}
