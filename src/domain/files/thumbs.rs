//! Thumbnail sizes: their syntax, and what they mean for an image.

/// `100x50`, `100x50t`, `100x50b`, `100x50f`, `0x50` or `100x0`. A side of 0 follows from the image's proportions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThumbSize {
    width: u32,
    height: u32,
    fit: Fit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// Fills the size; the excess on both sides is cut off.
    Centre,
    Top,
    Bottom,
    /// The whole image, scaled to fit inside the size.
    Inside,
}

/// How to make the thumbnail: take this part of the image and scale it to this size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Left, top, width and height of the part, in pixels of the image.
    pub part: [f64; 4],
    pub width: u32,
    pub height: u32,
}

impl ThumbSize {
    /// Returns `None` if the text is not a size.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (numbers, fit) = match text.strip_suffix(['t', 'b', 'f']) {
            None => (text, Fit::Centre),
            Some(numbers) => (
                numbers,
                match text.as_bytes().last() {
                    Some(b't') => Fit::Top,
                    Some(b'b') => Fit::Bottom,
                    _ => Fit::Inside,
                },
            ),
        };
        let (width, height) = numbers.split_once('x')?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
        let (width, height) = (number(width)?, number(height)?);
        (width > 0 || height > 0).then_some(Self { width, height, fit })
    }

    /// The thumbnail of an image of this size, which must not be empty.
    #[must_use]
    pub fn cut(self, width: u32, height: u32) -> Cut {
        let (image_width, image_height) = (f64::from(width), f64::from(height));
        let whole = [0.0, 0.0, image_width, image_height];
        let (wanted_width, wanted_height) = (f64::from(self.width), f64::from(self.height));
        if self.width == 0 || self.height == 0 {
            let scale = if self.width == 0 { wanted_height / image_height } else { wanted_width / image_width };
            let [width, height] = [image_width * scale, image_height * scale].map(side);
            return Cut { part: whole, width, height };
        }
        let scales = (wanted_width / image_width, wanted_height / image_height);
        if self.fit == Fit::Inside {
            let scale = scales.0.min(scales.1).min(1.0);
            let [width, height] = [image_width * scale, image_height * scale].map(side);
            return Cut { part: whole, width, height };
        }
        let scale = scales.0.max(scales.1);
        let (part_width, part_height) = (wanted_width / scale, wanted_height / scale);
        let spare = image_height - part_height;
        let top = match self.fit {
            Fit::Top => 0.0,
            Fit::Bottom => spare,
            Fit::Centre | Fit::Inside => spare / 2.0,
        };
        let left = (image_width - part_width) / 2.0;
        Cut { part: [left.max(0.0), top.max(0.0), part_width, part_height], width: self.width, height: self.height }
    }
}

/// At least one pixel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number, which saturates")]
fn side(length: f64) -> u32 {
    length.round().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers_and_a_letter() {
        for text in ["100x50", "100x50t", "100x50b", "100x50f", "0x50", "100x0"] {
            assert!(ThumbSize::parse(text).is_some(), "{text}");
        }
        for text in ["", "x", "100", "100x", "x100", "0x0", "0x0f", "-1x5", "1x5c", "1 x5", "99999999999x1", "1x1x1"] {
            assert_eq!(ThumbSize::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_image_is_filled_cut_or_fitted() {
        let check = |size: &str, image: (u32, u32), part: [f64; 4], result: (u32, u32)| {
            let cut = ThumbSize::parse(size).unwrap().cut(image.0, image.1);
            assert_eq!((cut.part, (cut.width, cut.height)), (part, result), "{size} of {image:?}");
        };
        check("50x50", (200, 100), [50.0, 0.0, 100.0, 100.0], (50, 50));
        check("50x50", (100, 200), [0.0, 50.0, 100.0, 100.0], (50, 50));
        check("50x50t", (100, 200), [0.0, 0.0, 100.0, 100.0], (50, 50));
        check("50x50b", (100, 200), [0.0, 100.0, 100.0, 100.0], (50, 50));
        check("50x50f", (100, 200), [0.0, 0.0, 100.0, 200.0], (25, 50));
        check("500x500f", (100, 200), [0.0, 0.0, 100.0, 200.0], (100, 200));
        check("0x50", (100, 200), [0.0, 0.0, 100.0, 200.0], (25, 50));
        check("50x0", (100, 200), [0.0, 0.0, 100.0, 200.0], (50, 100));
        check("50x50", (10, 10), [0.0, 0.0, 10.0, 10.0], (50, 50));
        check("0x1", (10_000, 1), [0.0, 0.0, 10_000.0, 1.0], (10_000, 1));
        check("1x0", (1, 1), [0.0, 0.0, 1.0, 1.0], (1, 1));
        check("0x1", (1, 10_000), [0.0, 0.0, 1.0, 10_000.0], (1, 1));
    }
}
