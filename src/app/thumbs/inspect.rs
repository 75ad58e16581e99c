//! Reads the properties of an image file from its headers alone. Nothing is decompressed, and only a few bytes are
//! held. The result bounds the memory for decoding.
//!
//! Decoders trust sizes in many places: a WebP file has one for its canvas and one for each frame, and a JPEG file may
//! have any number of scans. Files with inconsistent sizes are refused here.

use image::ImageFormat;
use memchr::memchr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Larger files get no thumbnail.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// The maximum number of scans in a progressive JPEG file. Encoders write about ten.
const MAX_SCANS: usize = 32;
/// The maximum number of chunks in a WebP file, or of segments in a JPEG file.
const MAX_CHUNKS: usize = 20_000;

/// What decoding an image will require.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub width: u32,
    pub height: u32,
    /// Memory during decoding in bytes, including the decoded image.
    pub bytes: u64,
}

impl Header {
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

pub fn refused(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Fails for a file that does not have the format, or is too large to be inspected.
pub fn inspect(path: &Path, format: ImageFormat) -> io::Result<Header> {
    let file = File::open(path)?;
    let file_bytes = file.metadata()?.len();
    if file_bytes > MAX_FILE_BYTES {
        return Err(refused("the file is too large"));
    }
    let mut file = BufReader::new(file);
    let header = match format {
        ImageFormat::Png => png(&mut file)?,
        ImageFormat::Gif => gif(&mut file, file_bytes)?,
        ImageFormat::Jpeg => jpeg(&mut file)?,
        ImageFormat::WebP => webp(&mut file, file_bytes)?,
        _ => return Err(refused("no thumbnails are made of this format")),
    };
    if header.pixels() == 0 {
        return Err(refused("the image is empty"));
    }
    Ok(header)
}

fn bytes<const N: usize>(file: &mut BufReader<File>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(file: &mut BufReader<File>, count: u64) -> io::Result<()> {
    file.seek_relative(i64::try_from(count).map_err(io::Error::other)?)
}

fn png(file: &mut BufReader<File>) -> io::Result<Header> {
    let head: [u8; 26] = bytes(file)?;
    if head[12..16] != *b"IHDR" {
        return Err(refused("the file is no PNG"));
    }
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (width, height) = (number(16), number(20));
    // Palettes may contain transparent colours. Deeper colours are reduced to eight bits during decoding.
    let channels = match head[25] {
        0 => 1,
        2 => 3,
        4 => 2,
        _ => 4,
    };
    let header = Header { width, height, bytes: 0 };
    Ok(Header { bytes: header.pixels().saturating_mul(channels), ..header })
}

/// Frames may not be larger than the canvas, see `decode`.
fn gif(file: &mut BufReader<File>, file_bytes: u64) -> io::Result<Header> {
    let head: [u8; 10] = bytes(file)?;
    let number = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let header = Header { width: number(6), height: number(8), bytes: 0 };
    Ok(Header { bytes: 8 * header.pixels() + file_bytes, ..header })
}

fn jpeg(file: &mut BufReader<File>) -> io::Result<Header> {
    if bytes(file)? != [0xff, 0xd8] {
        return Err(refused("the file is no JPEG"));
    }
    let (mut frame, mut metadata, mut scans) = (None, 0, 0);
    for _ in 0..MAX_CHUNKS {
        // Errors after the first scan are left to the decoder, which shows as much as there is.
        let marker = match next_marker(file) {
            Err(_) if scans > 0 => 0xd9,
            marker => marker?,
        };
        if marker == 0xd9 {
            let frame: JpegFrame = frame.ok_or_else(|| refused("the file has no image"))?;
            return frame.header(metadata, scans);
        }
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let length = u64::from(u16::from_be_bytes(match bytes(file) {
            Err(_) if scans > 0 => [0, 2],
            length => length?,
        }));
        let body = length.checked_sub(2).ok_or_else(|| refused("a segment has no length"))?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                if frame.is_some() {
                    return Err(refused("the file has two images"));
                }
                frame = Some(JpegFrame::read(file, marker, body)?);
            }
            0xda => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(refused("the file has too many scans"));
                }
                skip(file, body)?;
            }
            // The decoder keeps metadata of programs and cameras, and discards tables while it reads them.
            0xe0..=0xef | 0xfe => {
                metadata += body;
                skip(file, body)?;
            }
            _ => skip(file, body)?,
        }
    }
    Err(refused("the file has too many segments"))
}

/// Returns the next marker. In compressed data, 0xff is followed by a zero or a restart marker.
fn next_marker(file: &mut BufReader<File>) -> io::Result<u8> {
    loop {
        let buffer = file.fill_buf()?;
        if buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(at) = memchr(0xff, buffer) else {
            let length = buffer.len();
            file.consume(length);
            continue;
        };
        file.consume(at + 1);
        let mut marker = 0xff;
        while marker == 0xff {
            [marker] = bytes(file)?;
        }
        if marker != 0 && !matches!(marker, 0xd0..=0xd7) {
            return Ok(marker);
        }
    }
}

struct JpegFrame {
    width: u32,
    height: u32,
    is_progressive: bool,
    /// Horizontal and vertical samples of each component.
    components: Vec<(u64, u64)>,
}

impl JpegFrame {
    fn read(file: &mut BufReader<File>, marker: u8, length: u64) -> io::Result<Self> {
        let [_, h1, h0, w1, w0, count]: [u8; 6] = bytes(file)?;
        if count == 0 || count > 4 || length != 6 + 3 * u64::from(count) {
            return Err(refused("the image has a strange number of components"));
        }
        let mut components = Vec::new();
        for _ in 0..count {
            let [_, sampling, _]: [u8; 3] = bytes(file)?;
            components.push((u64::from(sampling >> 4).max(1), u64::from(sampling & 15).max(1)));
        }
        let number = |high, low| u32::from(u16::from_be_bytes([high, low]));
        Ok(Self { width: number(w1, w0), height: number(h1, h0), is_progressive: marker == 0xc2, components })
    }

    fn header(&self, metadata: u64, scans: usize) -> io::Result<Header> {
        let (width, height) = (self.width, self.height);
        let header = Header { width, height, bytes: 0 };
        let channels = if self.components.len() == 1 { 1 } else { 3 };
        // An image in several scans is kept as coefficients of two bytes until the last scan is read.
        let max = |side: fn(&(u64, u64)) -> u64| self.components.iter().map(side).max().unwrap_or(1);
        let (max_across, max_down) = (max(|sampling| sampling.0), max(|sampling| sampling.1));
        if max_across > 4 || max_down > 4 {
            return Err(refused("the image has a strange sampling"));
        }
        let units = u64::from(width).div_ceil(8 * max_across) * u64::from(height).div_ceil(8 * max_down);
        let samples: u64 = self.components.iter().map(|(across, down)| units * 64 * across * down).sum();
        let coefficients = if self.is_progressive || scans > 1 { 2 * samples } else { 0 };
        Ok(Header { bytes: header.pixels() * channels + coefficients + 2 * metadata, ..header })
    }
}

fn webp(file: &mut BufReader<File>, file_bytes: u64) -> io::Result<Header> {
    let head: [u8; 12] = bytes(file)?;
    if head[..4] != *b"RIFF" || head[8..] != *b"WEBP" {
        return Err(refused("the file is no WebP"));
    }
    let (name, length) = chunk(file)?;
    if name != *b"VP8X" {
        let (width, height) = frame_size(file, name)?;
        return Ok(webp_header(width, height, name == *b"VP8L", false, file_bytes));
    }
    let info: [u8; 10] = bytes(file)?;
    let side = |at: usize| u32::from_le_bytes([info[at], info[at + 1], info[at + 2], 0]) + 1;
    let (width, height) = (side(4), side(7));
    skip(file, length.checked_sub(10).ok_or_else(|| refused("the first chunk is too short"))?)?;
    let mut is_animated = false;
    for _ in 0..MAX_CHUNKS {
        // Chunks after the end of the file do not exist for the decoder either.
        let Ok((name, length)) = chunk(file) else {
            return Ok(webp_header(width, height, false, is_animated, file_bytes));
        };
        let start = file.stream_position()?;
        match &name {
            b"VP8 " | b"VP8L" if frame_size(file, name)? != (width, height) => {
                return Err(refused("the image is of another size than its canvas"));
            }
            b"ANMF" => {
                is_animated = true;
                animation_frame(file, (width, height))?;
            }
            _ => {}
        }
        file.seek(SeekFrom::Start(start.saturating_add(length)))?;
    }
    Err(refused("the file has too many chunks"))
}

/// Reads a frame of an animation, up to its image.
fn animation_frame(file: &mut BufReader<File>, canvas: (u32, u32)) -> io::Result<()> {
    let info: [u8; 16] = bytes(file)?;
    let side = |at: usize| u32::from_le_bytes([info[at], info[at + 1], info[at + 2], 0]) + 1;
    let of_frame = (side(6), side(9));
    if of_frame.0 > canvas.0 || of_frame.1 > canvas.1 {
        return Err(refused("a frame is larger than the canvas"));
    }
    // The image may follow its transparency data.
    for _ in 0..2 {
        let (name, length) = chunk(file)?;
        let start = file.stream_position()?;
        if matches!(&name, b"VP8 " | b"VP8L") {
            let is_same = frame_size(file, name)? == of_frame;
            return if is_same { Ok(()) } else { Err(refused("a frame has two sizes")) };
        }
        file.seek(SeekFrom::Start(start.saturating_add(length)))?;
    }
    Err(refused("a frame has no image"))
}

/// Returns the name and the padded length of a chunk.
fn chunk(file: &mut BufReader<File>) -> io::Result<([u8; 4], u64)> {
    let [a, b, c, d, length @ ..]: [u8; 8] = bytes(file)?;
    let length = u64::from(u32::from_le_bytes(length));
    Ok(([a, b, c, d], length + length % 2))
}

/// Returns width and height from the first bytes of an image chunk.
fn frame_size(file: &mut BufReader<File>, name: [u8; 4]) -> io::Result<(u32, u32)> {
    match &name {
        b"VP8 " => {
            let head: [u8; 10] = bytes(file)?;
            let side = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]) & 0x3fff);
            Ok((side(6), side(8)))
        }
        b"VP8L" => {
            let head: [u8; 5] = bytes(file)?;
            let packed = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
            Ok(((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1))
        }
        _ => Err(refused("the file has no image")),
    }
}

/// Computes bytes per pixel: the image, its planes or a copy of it, and, where possible, transparency and a canvas.
fn webp_header(width: u32, height: u32, is_lossless: bool, is_animated: bool, file_bytes: u64) -> Header {
    let header = Header { width, height, bytes: 0 };
    let per_pixel = match (is_lossless, is_animated) {
        (true, _) => 8,
        (false, false) => 11,
        (false, true) => 19,
    };
    Header { bytes: header.pixels() * per_pixel + file_bytes, ..header }
}
