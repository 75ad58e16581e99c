//! Creates a thumbnail file from an image file.
//!
//! An image much larger than its thumbnail is first reduced by an integer factor, which takes one pass and no extra
//! memory, and then resized with a good filter from at least twice the target size.

use super::decode::{Pixels, decode};
use super::inspect::{Header, refused};
use crate::domain::files::{Cut, ThumbSize};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, RgbaImage};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

const JPEG_QUALITY: u8 = 85;

/// Returns the peak memory for creating the thumbnail, in bytes.
pub fn bytes_to_render(header: Header, size: ThumbSize) -> u64 {
    let upright = size.cut(header.width, header.height);
    let turned = size.cut(header.height, header.width);
    let bytes_of = |cut: &Cut| {
        let factor = u64::from(shrinking(cut));
        // Pixels before and after resizing, an intermediate image, and the encoder's input.
        let before = 4 * header.pixels() / (factor * factor);
        let after = 4 * u64::from(cut.width) * u64::from(cut.height);
        before.saturating_add(after.saturating_mul(3))
    };
    header.bytes.saturating_add(bytes_of(&upright).max(bytes_of(&turned)))
}

/// Creates at `to` the thumbnail of the image at `from`, and returns its type.
pub fn render(
    from: &Path,
    format: ImageFormat,
    header: Header,
    size: ThumbSize,
    to: &Path,
) -> io::Result<&'static str> {
    let pixels = decode(from, format, header)?;
    let is_opaque = !pixels.has_alpha();
    let orientation = pixels.orientation;
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let cut = if is_turned { size.cut(pixels.height, pixels.width) } else { size.cut(pixels.width, pixels.height) };
    let factor = shrinking(&cut);
    let mut image = DynamicImage::ImageRgba8(shrunk(&pixels, factor as usize)?);
    drop(pixels);
    image.apply_orientation(orientation);
    let cut = Cut { part: cut.part.map(|length| length / f64::from(factor)), ..cut };
    write(resized(&image.into_rgba8(), cut, is_opaque)?, format, is_opaque, to)
}

/// Returns the integer factor by which an image can be reduced first: the result is at least twice the target size.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number, which saturates")]
fn shrinking(cut: &Cut) -> u32 {
    let [_, _, width, height] = cut.part;
    let scale = (width / f64::from(cut.width)).min(height / f64::from(cut.height));
    ((scale / 2.0) as u32).max(1)
}

/// Returns the image as RGBA, where each pixel is the mean of a square of `factor` × `factor` pixels.
fn shrunk(image: &Pixels, factor: usize) -> io::Result<RgbaImage> {
    let (width, height, channels) = (image.width as usize, image.height as usize, image.channels);
    if image.bytes.len() != width * height * channels {
        return Err(refused("the image is of another size than it says"));
    }
    let (new_width, new_height) = (width.div_ceil(factor), height.div_ceil(factor));
    let mut out = Vec::with_capacity(new_width * new_height * 4);
    let mut sums = vec![[0_u32; 5]; new_width];
    for rows in image.bytes.chunks(width * channels * factor) {
        if factor == 1 {
            widen(rows, channels, &mut out);
            continue;
        }
        sums.fill([0; 5]);
        for row in rows.chunks_exact(width * channels) {
            for (sum, square) in sums.iter_mut().zip(row.chunks(channels * factor)) {
                add(sum, square, channels);
            }
        }
        for [red, green, blue, alpha, count] in &sums {
            // Colours are weighted by their alpha.
            let weight = (*alpha).max(1);
            let mean = |sum: u32| u8::try_from((sum + weight / 2) / weight).unwrap_or(u8::MAX);
            let seen = u8::try_from(alpha / count.max(&1)).unwrap_or(u8::MAX);
            out.extend_from_slice(&[mean(*red), mean(*green), mean(*blue), seen]);
        }
    }
    let (new_width, new_height) = (new_width as u32, new_height as u32);
    RgbaImage::from_raw(new_width, new_height, out).ok_or_else(|| refused("no image was made"))
}

/// Adds the pixels of a part of a row: colours weighted by alpha, alpha, and the number of pixels. A square of more
/// than 257 pixels a side would overflow, so further pixels are ignored.
fn add(sum: &mut [u32; 5], part: &[u8], channels: usize) {
    const MAX_COUNT: u32 = u32::MAX / (255 * 255);
    for pixel in part.chunks_exact(channels) {
        if sum[4] >= MAX_COUNT {
            return;
        }
        let (color, alpha) = match *pixel {
            [grey] => ([grey; 3], 255),
            [grey, alpha] => ([grey; 3], u32::from(alpha)),
            [red, green, blue] => ([red, green, blue], 255),
            [red, green, blue, alpha] => ([red, green, blue], u32::from(alpha)),
            _ => return,
        };
        for (sum, channel) in sum.iter_mut().zip(color) {
            *sum += u32::from(channel) * alpha;
        }
        sum[3] += alpha;
        sum[4] += 1;
    }
}

fn widen(bytes: &[u8], channels: usize, out: &mut Vec<u8>) {
    match channels {
        1 => bytes.iter().for_each(|grey| out.extend_from_slice(&[*grey, *grey, *grey, u8::MAX])),
        2 => bytes.chunks_exact(2).for_each(|pixel| out.extend_from_slice(&[pixel[0], pixel[0], pixel[0], pixel[1]])),
        3 => bytes.chunks_exact(3).for_each(|pixel| out.extend_from_slice(&[pixel[0], pixel[1], pixel[2], u8::MAX])),
        _ => out.extend_from_slice(bytes),
    }
}

fn resized(image: &RgbaImage, cut: Cut, is_opaque: bool) -> io::Result<RgbaImage> {
    let (width, height) = image.dimensions();
    let source = ImageRef::new(width, height, image.as_raw(), PixelType::U8x4).map_err(io::Error::other)?;
    let mut target = Image::new(cut.width, cut.height, PixelType::U8x4);
    let [left, top, part_width, part_height] = cut.part;
    let options = ResizeOptions::new().crop(left, top, part_width, part_height).use_alpha(!is_opaque);
    Resizer::new().resize(&source, &mut target, &options).map_err(io::Error::other)?;
    RgbaImage::from_raw(cut.width, cut.height, target.into_vec()).ok_or_else(|| refused("no image was made"))
}

/// Writes the image in the format of the original. WebP becomes PNG, because we could only write lossless WebP.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(width: u32, channels: usize, bytes: &[u8]) -> Pixels {
        let height = (bytes.len() / channels) as u32 / width;
        Pixels { width, height, channels, bytes: bytes.to_vec(), orientation: Orientation::NoTransforms }
    }

    #[test]
    fn squares_become_their_mean_and_what_is_not_seen_does_not_count() {
        let check = |image: Pixels, factor, expected: &[u8]| {
            assert_eq!(shrunk(&image, factor).unwrap().into_raw(), expected, "{} channels", image.channels);
        };
        check(pixels(2, 1, &[10, 20, 30, 40]), 2, &[25, 25, 25, 255]);
        check(pixels(2, 1, &[10, 20]), 1, &[10, 10, 10, 255, 20, 20, 20, 255]);
        check(pixels(2, 2, &[200, 255, 0, 0]), 2, &[200, 200, 200, 127]);
        check(pixels(2, 3, &[255, 0, 0, 0, 0, 255]), 2, &[128, 0, 128, 255]);
        check(pixels(1, 4, &[1, 2, 3, 0]), 2, &[0, 0, 0, 0]);
        // The last column is narrower.
        check(pixels(3, 1, &[10, 30, 50]), 2, &[20, 20, 20, 255, 50, 50, 50, 255]);
        assert!(shrunk(&pixels(1, 3, &[1, 2, 3, 4, 5, 6]), 500).is_ok());
    }
}
