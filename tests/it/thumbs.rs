//! Thumbnails: their content, and robustness against hostile pictures.

use crate::files::{docs, eventually, file, stored};
use crate::meter::Meter;
use crate::server::{TestServer, text};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use reqwest::blocking::multipart::Form;
use std::io::Cursor;

/// The left half red and the right half blue; or, if the picture is upright, the upper and the lower half.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let is_first = if width >= height { x < width / 2 } else { y < height / 2 };
        if is_first { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }
    })
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image.clone()).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn is_red(image: &DynamicImage, x: u32, y: u32) -> bool {
    let pixel = image.to_rgb8().get_pixel(x, y).0;
    pixel[0] > 200 && pixel[2] < 60
}

#[test]
fn thumbnails_have_the_sizes_of_their_field() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let wide = encoded(&picture(80, 20), ImageFormat::Png);
    let upright = encoded(&picture(20, 80), ImageFormat::Jpeg);
    let record = guest.upload(
        "docs",
        Form::new().part("pictures", file("w.png", wide.clone())).part("pictures", file("u.jpg", upright)),
    );
    let path = |at: usize| format!("/api/files/docs/{}/{}", text(&record["id"]), text(&record["pictures"][at]));
    let thumb = |at: usize, size: &str| {
        let (status, bytes) = guest.download(&format!("{}?thumb={size}", path(at)));
        assert_eq!(status, 200, "{size}");
        image::load_from_memory(&bytes).unwrap()
    };
    for (size, expected) in
        [("20x10", (20, 10)), ("20x10f", (20, 5)), ("0x10", (40, 10)), ("20x0", (20, 5)), ("100x100", (100, 100))]
    {
        let image = thumb(0, size);
        assert_eq!((image.width(), image.height()), expected, "{size}");
        assert!(is_red(&image, 1, 1) && !is_red(&image, image.width() - 2, 1), "{size}");
    }
    // The top of an upright picture is red and the bottom blue, so the three ways to crop differ.
    let (top, bottom, centre) = (thumb(1, "20x10t"), thumb(1, "20x10b"), thumb(1, "20x10"));
    assert!(is_red(&top, 10, 8) && !is_red(&bottom, 10, 1));
    assert!(is_red(&centre, 10, 1) && !is_red(&centre, 10, 8));
    // A size that is not offered, an invalid size, and a file that is not a picture give the original file.
    for size in ["70x70", "nonsense", "0x0", "9999x9999", ""] {
        assert_eq!(guest.download(&format!("{}?thumb={size}", path(0))), (200, wide.clone()), "{size}");
    }
    let answer = guest.get(&format!("{}?thumb=20x10", path(0)));
    let named = format!("inline; filename=\"20x10_{}\"", text(&record["pictures"][0]));
    assert_eq!(
        (&answer.headers["content-disposition"], &answer.headers["content-type"]),
        (&named.parse().unwrap(), &"image/png".parse().unwrap())
    );
    let thumbs = || stored(&server).iter().filter(|path| path.contains("/thumbs_")).count();
    assert_eq!(thumbs(), 8);
    assert_eq!(guest.delete(&format!("/api/collections/docs/records/{}", text(&record["id"]))).status, 204);
    eventually("thumbnails go with their original", || stored(&server).is_empty());
}

#[test]
fn every_picture_format_has_thumbnails_and_stands_upright() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let show = |name: &str, content: Vec<u8>| {
        let record = guest.upload("docs", Form::new().part("m", file(name, content)));
        let path = format!("/api/files/docs/{}/{}?thumb=100x100", text(&record["id"]), text(&record["m"][0]));
        let (_, bytes) = guest.download(&path);
        (image::guess_format(&bytes).unwrap(), image::load_from_memory(&bytes).unwrap())
    };
    let source = picture(200, 100);
    for (name, format, expected) in [
        ("a.gif", ImageFormat::Gif, ImageFormat::Gif),
        ("a.webp", ImageFormat::WebP, ImageFormat::Png),
        ("a.jpg", ImageFormat::Jpeg, ImageFormat::Jpeg),
        // The content decides, whatever the name says.
        ("a.txt", ImageFormat::Png, ImageFormat::Png),
    ] {
        let (found, image) = show(name, encoded(&source, format));
        assert_eq!((found, image.width(), image.height()), (expected, 100, 100), "{name}");
        assert!(is_red(&image, 10, 50) && !is_red(&image, 90, 50), "{name}");
    }
    // A camera held sideways records a rotation: here a quarter turn to the right.
    let plain = encoded(&source, ImageFormat::Jpeg);
    let mut exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let mut turned = plain[..2].to_vec();
    turned.append(&mut exif);
    turned.extend_from_slice(&plain[2..]);
    let (_, image) = show("turned.jpg", turned);
    assert!(is_red(&image, 50, 10) && !is_red(&image, 50, 90), "the left side has become the top");
}

#[test]
fn hostile_pictures_are_served_as_they_are() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let small = encoded(&picture(8, 8), ImageFormat::Png);
    // Claims to be 60,000 pixels wide and high: 14 GB when decoded.
    let mut bomb = small.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32fast::hash(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&checksum);
    let jpeg = encoded(&picture(64, 64), ImageFormat::Jpeg);
    let gif = encoded(&picture(64, 64), ImageFormat::Gif);
    let meter = Meter::start(&server);
    for content in [
        bomb,
        small[..small.len() / 2].to_vec(),
        small[..9].to_vec(),
        jpeg[..30].to_vec(),
        [&gif[..10], &[0xff; 400][..]].concat(),
        b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff".to_vec(),
        Vec::new(),
    ] {
        let record = guest.upload("docs", Form::new().part("m", file("x.png", content.clone())));
        let path = format!("/api/files/docs/{}/{}", text(&record["id"]), text(&record["m"][0]));
        assert_eq!(guest.download(&format!("{path}?thumb=100x100")), (200, content));
    }
    if let Some(meter) = meter {
        let cost = meter.finish();
        assert!(cost.memory_kib < 60_000, "a bomb went off: {cost:?}");
    }
    assert!(stored(&server).iter().all(|path| !path.contains("/thumbs_")));
    assert_eq!(guest.get("/api/health").status, 200);
}

#[test]
fn a_thumbnail_is_made_once_however_many_ask() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let record =
        guest.upload("docs", Form::new().part("m", file("a.png", encoded(&picture(900, 900), ImageFormat::Png))));
    let path = format!("/api/files/docs/{}/{}?thumb=100x100", text(&record["id"]), text(&record["m"][0]));
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let (guest, path) = (guest.clone(), path.clone());
            std::thread::spawn(move || {
                let answer = guest.request(Method::GET, &path).send().unwrap();
                (answer.headers()["etag"].to_str().unwrap().to_owned(), answer.bytes().unwrap())
            })
        })
        .collect();
    let answers: Vec<_> = asking.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all get the same one");
    assert_eq!(image::load_from_memory(&answers[0].1).unwrap().width(), 100);
}
