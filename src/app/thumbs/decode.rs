//! Image decoders, configured to use no more memory than [`inspect`](super::inspect) has computed: metadata is ignored
//! or limited.

use super::inspect::{Header, refused};
use gif::{ColorOutput, MemoryLimit};
use image::ImageFormat;
use image::metadata::Orientation;
use std::fs::File;
use std::io::{self, BufReader};
use std::num::NonZeroU64;
use std::path::Path;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The maximum size of colour profiles, texts and other metadata.
const MAX_METADATA_BYTES: usize = 1024 * 1024;
/// Width and height of a JPEG image are 16-bit numbers.
const MAX_JPEG_SIDE: usize = 65_535;

/// A decoded image with eight bits per channel, in rows.
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    /// 1: grey, 2: grey and alpha, 3: RGB, 4: RGBA.
    pub channels: usize,
    pub bytes: Vec<u8>,
    /// The rotation to apply.
    pub orientation: Orientation,
}

impl Pixels {
    pub fn has_alpha(&self) -> bool {
        self.channels.is_multiple_of(2)
    }
}

/// Decodes the first image of a file. `header` is the result of inspecting it.
pub fn decode(path: &Path, format: ImageFormat, header: Header) -> io::Result<Pixels> {
    let file = BufReader::new(File::open(path)?);
    let pixels = match format {
        ImageFormat::Png => png(file, header)?,
        ImageFormat::Jpeg => jpeg(file, header)?,
        ImageFormat::Gif => gif(file, header)?,
        ImageFormat::WebP => webp(file, header)?,
        _ => return Err(refused("no thumbnails are made of this format")),
    };
    Ok(pixels)
}

/// Allocates a buffer for the image, unless it is larger than the header announced.
fn buffer(size: Option<usize>, header: Header) -> io::Result<Vec<u8>> {
    match size {
        Some(size) if size as u64 <= header.bytes => Ok(vec![0; size]),
        _ => Err(refused("the image is larger than it says")),
    }
}

fn turned(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

fn png(file: BufReader<File>, header: Header) -> io::Result<Pixels> {
    let line_bytes = header.width as usize * 8;
    let limits = png::Limits { bytes: MAX_METADATA_BYTES + line_bytes };
    let mut decoder = png::Decoder::new_with_limits(file, limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(io::Error::other)?;
    let mut bytes = buffer(reader.output_buffer_size(), header)?;
    reader.next_frame(&mut bytes).map_err(io::Error::other)?;
    let orientation = turned(reader.info().exif_metadata.as_deref());
    let channels = reader.output_color_type().0.samples();
    Ok(Pixels { width: header.width, height: header.height, channels, bytes, orientation })
}

fn jpeg(file: BufReader<File>, header: Header) -> io::Result<Pixels> {
    let options =
        DecoderOptions::default().set_strict_mode(false).set_max_width(MAX_JPEG_SIDE).set_max_height(MAX_JPEG_SIDE);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(file, options);
    decoder.decode_headers().map_err(io::Error::other)?;
    let (color, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(color));
    let mut bytes = buffer(decoder.output_buffer_size(), header)?;
    decoder.decode_into(&mut bytes).map_err(io::Error::other)?;
    let orientation = turned(decoder.exif().map(Vec::as_slice));
    Ok(Pixels { width: header.width, height: header.height, channels, bytes, orientation })
}

fn gif(file: BufReader<File>, header: Header) -> io::Result<Pixels> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let canvas_bytes = 4 * header.pixels();
    if let Some(limit) = NonZeroU64::new(canvas_bytes + MAX_METADATA_BYTES as u64) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    let mut decoder = options.read_info(file).map_err(io::Error::other)?;
    let frame = decoder.next_frame_info().map_err(io::Error::other)?.ok_or_else(|| refused("the image is empty"))?;
    let (left, top, width, height) =
        (usize::from(frame.left), usize::from(frame.top), usize::from(frame.width), usize::from(frame.height));
    if 4 * width as u64 * height as u64 > canvas_bytes {
        return Err(refused("a frame is larger than the canvas"));
    }
    let mut part = vec![0; 4 * width * height];
    decoder.read_into_buffer(&mut part).map_err(io::Error::other)?;
    let (canvas_width, canvas_height) = (header.width as usize, header.height as usize);
    let bytes = if (left, top, width, height) == (0, 0, canvas_width, canvas_height) {
        part
    } else {
        let mut canvas = vec![0; 4 * canvas_width * canvas_height];
        let shown = 4 * width.min(canvas_width.saturating_sub(left));
        for (at, row) in part.chunks_exact(4 * width).enumerate().take(canvas_height.saturating_sub(top)) {
            let start = 4 * ((top + at) * canvas_width + left);
            if shown > 0 {
                canvas[start..start + shown].copy_from_slice(&row[..shown]);
            }
        }
        canvas
    };
    let orientation = Orientation::NoTransforms;
    Ok(Pixels { width: header.width, height: header.height, channels: 4, bytes, orientation })
}

fn webp(file: BufReader<File>, header: Header) -> io::Result<Pixels> {
    let mut decoder = image_webp::WebPDecoder::new(file).map_err(io::Error::other)?;
    decoder.set_memory_limit(MAX_METADATA_BYTES);
    if decoder.dimensions() != (header.width, header.height) {
        return Err(refused("the image has two sizes"));
    }
    let orientation = turned(decoder.exif_metadata().ok().flatten().as_deref());
    let mut bytes = buffer(decoder.output_buffer_size(), header)?;
    decoder.read_image(&mut bytes).map_err(io::Error::other)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    Ok(Pixels { width: header.width, height: header.height, channels, bytes, orientation })
}
