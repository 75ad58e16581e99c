//! The cost limit of one request: at most 64 MiB of memory, for any picture, body or answer. Memory is read from
//! `/proc`; without `/proc`, only the answers are checked.

use super::files::{docs, file};
use super::meter::Meter;
use super::server::{Answer, Client, TestServer, text};
use image::{DynamicImage, ImageFormat, RgbImage};
use reqwest::Method;
use reqwest::blocking::multipart::Form;
use serde_json::json;
use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const MIB: usize = 1024 * 1024;
/// The limit in KiB. The process returns memory only in part, so tests add a margin for what that may hide.
const MAX_KIB: u64 = 64 * 1024;

/// Runs `work` and returns the growth of the process's peak memory in KiB; 0 if it cannot be measured.
fn growth_kib(server: &TestServer, work: impl FnOnce()) -> u64 {
    let meter = Meter::start(server);
    work();
    meter.map_or(0, |meter| meter.finish().memory_kib)
}

fn check_growth(server: &TestServer, what: &str, work: impl FnOnce()) {
    let growth = growth_kib(server, work);
    assert!(growth < MAX_KIB, "{what}: {growth} KiB");
}

/// Zeros as a zlib stream in which one byte stands for 158.
fn zeros(count: usize) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut bits, mut length) = (0_u32, 0);
    let mut put = |value: u32, count: u32| {
        bits |= value << length;
        length += count;
        while length >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            length -= 8;
        }
    };
    // The last block, with fixed codes: a zero, and then copies of 258 bytes at distance 1.
    put(0b011, 3);
    put(0b0000_1100, 8);
    let copies = count / 258;
    for _ in 0..copies {
        put(0b1010_0011, 8);
        put(0, 5);
    }
    put(0, 7);
    put(0, 7);
    let total = copies * 258 + 1;
    out.extend_from_slice(&[((total % 65_521) >> 8) as u8, (total % 65_521) as u8, 0, 1]);
    out
}

fn png_with_chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(10, 10)).write_to(&mut out, ImageFormat::Png).unwrap();
    let plain = out.into_inner();
    let body = [name.as_slice(), content].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&plain[..33], &length, &body, &crc32fast::hash(&body).to_be_bytes(), &plain[33..]].concat()
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([(x / 16) as u8, (y / 16) as u8, 99]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn riff(chunks: &[(&[u8; 4], u32, &[u8])]) -> Vec<u8> {
    let body: Vec<u8> = chunks
        .iter()
        .flat_map(|(name, length, content)| [&name[..], &length.to_le_bytes(), content].concat())
        .collect();
    [b"RIFF".as_slice(), &(body.len() as u32 + 4).to_le_bytes(), b"WEBP", &body].concat()
}

/// Uploads `content` as a picture and requests a thumbnail.
fn ask_for_thumb(guest: &Client, content: Vec<u8>) -> (u16, Vec<u8>) {
    let record = guest.upload("docs", Form::new().part("m", file("x.png", content)));
    guest.download(&format!("/api/files/docs/{}/{}?thumb=100x100", text(&record["id"]), text(&record["m"][0])))
}

#[test]
fn an_image_takes_no_more_memory_than_computed_from_any_header() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    // The first picture leaves decoders and threads in memory.
    ask_for_thumb(&guest, encoded(50, 50, ImageFormat::Png));
    let bomb = zeros(500_000_000);
    let jpeg = encoded(64, 64, ImageFormat::Jpeg);
    let segment = |marker: u8, name: &[u8], length: usize| {
        let content = [name, &vec![b'x'; length - name.len()]].concat();
        [&[0xff, marker], (length as u16 + 2).to_be_bytes().as_slice(), &content].concat()
    };
    let profile = segment(0xe2, b"ICC_PROFILE\0\x01\xff", 65_000).repeat(60);
    let gif = encoded(10, 10, ImageFormat::Gif);
    // An application block before the image.
    let gif_head = 13 + 3 * (2 << (gif[10] & 7));
    let xmp =
        [b"\x21\xff\x0bXMP DataXMP".as_slice(), &[&[255][..], &[b'x'; 255]].concat().repeat(15_000), &[0]].concat();
    let canvas = [0x08, 0, 0, 0, 9, 0, 0, 9, 0, 0];
    let frame = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f];
    let animated = [0x02, 0, 0, 0, 9, 0, 0, 9, 0, 0];
    let animation_frame =
        [&[0, 0, 0, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 0, 0, 0], b"VP8 \x0a\0\0\0".as_slice(), &frame].concat();
    let mut wide_gif = gif.clone();
    let descriptor = gif_head + gif[gif_head..].iter().position(|byte| *byte == 0x2c).unwrap();
    wide_gif[descriptor + 5..descriptor + 9].fill(0xff);
    let scans = [&[0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0][..], &[0x55; 40]].concat().repeat(40);
    let many_scans = [b"\xff\xd8\xff\xc2\0\x0b\x08\x0f\xa0\x0f\xa0\x01\x01\x11\0".as_slice(), &scans].concat();
    for (what, content, has_thumb) in [
        ("a profile", png_with_chunk(*b"iCCP", &[b"x\0\0".as_slice(), &bomb].concat()), true),
        ("a text", png_with_chunk(*b"zTXt", &[b"x\0\0".as_slice(), &bomb].concat()), true),
        ("an international text", png_with_chunk(*b"iTXt", &[b"x\0\x01\0\0\0".as_slice(), &bomb].concat()), true),
        ("EXIF in a PNG", png_with_chunk(*b"eXIf", &vec![b'x'; 4_000_000]), false),
        ("segments of a JPEG", [&jpeg[..2], &profile, &jpeg[2..]].concat(), true),
        ("segments behind the image", [&jpeg[..jpeg.len() - 2], &profile, &[0xff, 0xd9]].concat(), true),
        ("many scans", many_scans, false),
        ("a block of a GIF", [&gif[..gif_head], &xmp, &gif[gif_head..]].concat(), false),
        ("a frame beyond the canvas", wide_gif, false),
        ("EXIF in a WebP", riff(&[(b"VP8X", 10, &canvas), (b"EXIF", 0xc000_0000, b"x"), (b"VP8 ", 10, &frame)]), false),
        ("a WebP of two sizes", riff(&[(b"VP8X", 10, &canvas), (b"VP8 ", 10, &frame)]), false),
        (
            "a frame of two sizes",
            riff(&[(b"VP8X", 10, &animated), (b"ANIM", 6, &[0; 6]), (b"ANMF", 34, &animation_frame)]),
            false,
        ),
    ] {
        check_growth(&server, what, || {
            let (status, answer) = ask_for_thumb(&guest, content.clone());
            assert_eq!((status, answer != content), (200, has_thumb), "{what}");
        });
    }
    // Several at the same time use no more than two.
    let content = png_with_chunk(*b"iCCP", &[b"y\0\0".as_slice(), &bomb].concat());
    check_growth(&server, "four at once", || {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let (guest, content) = (guest.clone(), content.clone());
                std::thread::spawn(move || ask_for_thumb(&guest, content).0)
            })
            .collect();
        assert!(asking.into_iter().all(|thread| thread.join().unwrap() == 200));
    });
}

#[test]
fn the_largest_picture_with_a_thumbnail_fits_the_promise() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    ask_for_thumb(&guest, encoded(50, 50, ImageFormat::Png));
    for (what, content, has_thumb) in [
        ("a photo of 12 megapixels", encoded(4032, 3024, ImageFormat::Jpeg), true),
        ("a PNG of 20 megapixels", encoded(5000, 4000, ImageFormat::Png), true),
        ("a PNG of 25 megapixels", encoded(5000, 5000, ImageFormat::Png), false),
        ("a WebP of 4 megapixels", encoded(2000, 2000, ImageFormat::WebP), true),
    ] {
        check_growth(&server, what, || {
            let (status, answer) = ask_for_thumb(&guest, content.clone());
            assert_eq!(status, 200);
            let size = image::load_from_memory(&answer).map(|image| (image.width(), image.height())).unwrap();
            assert_eq!(size == (100, 100), has_thumb, "{what}");
        });
    }
}

/// `open`, on which everyone may write.
fn open_collection(superuser: &Client) {
    superuser.create(
        "/api/collections",
        &json!({"name": "open", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
            "fields": [{"name": "title", "type": "text"}, {"name": "body", "type": "editor"},
                {"name": "meta", "type": "json"}, {"name": "f", "type": "file"}]}),
    );
}

#[test]
fn a_body_takes_no_more_memory_than_promised_whatever_it_holds() {
    let server = TestServer::start();
    let superuser = server.superuser();
    open_collection(&superuser);
    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    let guest = server.anonymous();
    let send = |path: &str, kind: &str, body: Vec<u8>| -> Answer {
        guest.send(guest.request(Method::POST, path).header("content-type", kind).body(body))
    };
    let list = |item: &str, bytes: usize| {
        [b"{\"meta\":[", item.as_bytes(), format!(",{item}").repeat(bytes / (item.len() + 1)).as_bytes(), b"]}"]
            .concat()
    };
    let keys = |bytes: usize| (0..bytes / 12).flat_map(|at| format!("k{at:07}=1&").into_bytes()).collect::<Vec<u8>>();
    let parts = |bytes: usize, head: &str| {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n{head}\r\n{{\"a\":0}}\r\n");
        [part.repeat(bytes / part.len()).as_bytes(), b"--x--\r\n"].concat()
    };
    let (json, form, multipart) =
        ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x");
    let records = "/api/collections/open/records";
    let sign_in = "/api/collections/users/auth-with-password";
    let batch_of = |body: String| {
        let request = format!(r#"{{"method":"POST","url":"/api/collections/open/records","body":{body}}}"#);
        format!(r#"{{"requests":[{}]}}"#, vec![request; 50].join(",")).into_bytes()
    };
    let zeros_of = |count: usize| format!(r#"{{"meta":[0{}]}}"#, ",0".repeat(count));
    let large_text = format!(r#"{{"body":"{}"}}"#, "x".repeat(5 * MIB));
    let escaped = format!(r#"{{"body":"{}"}}"#, "\\u00e9".repeat(MIB));
    for (what, path, kind, body, status) in [
        ("numbers in a form of fixed shape", sign_in, json, list("0", 30 * MIB), 413),
        ("keys of a form of fixed shape", sign_in, form, keys(30 * MIB), 413),
        ("numbers in a record", records, json, list("0", 6 * MIB), 413),
        ("objects in a record", records, json, list("{\"a\":0}", 6 * MIB), 413),
        ("empty lists in a record", records, json, list("[]", 6 * MIB), 413),
        ("keys in a record", records, form, keys(6 * MIB), 413),
        ("a text in a record", records, json, large_text.into_bytes(), 200),
        ("escapes in a record", records, json, escaped.into_bytes(), 200),
        (
            "a text that no field takes",
            records,
            json,
            format!(r#"{{"x":"{}"}}"#, "x".repeat(11 * MIB)).into_bytes(),
            200,
        ),
        ("payloads", records, multipart, parts(6 * MIB, ""), 400),
        ("headers of parts", records, multipart, parts(6 * MIB, &format!("X: {}\r\n", "y".repeat(3 * MIB))), 400),
        ("JSON in a text", records, form, format!("meta=[{}0]", "{},".repeat(MIB / 4)).into_bytes(), 400),
        (
            "subscriptions",
            "/api/realtime",
            json,
            format!(r#"{{"subscriptions":[0{}]}}"#, ",0".repeat(MIB)).into_bytes(),
            413,
        ),
        ("numbers in a batch", "/api/batch", json, batch_of(zeros_of(100_000)), 413),
        (
            "a batch that is too large",
            "/api/batch",
            json,
            batch_of(format!(r#"{{"body":"{}"}}"#, "x".repeat(400_000))),
            413,
        ),
        ("texts in a batch", "/api/batch", json, batch_of(format!(r#"{{"body":"{}"}}"#, "x".repeat(200_000))), 200),
    ] {
        check_growth(&server, what, || {
            let answer = send(path, kind, body);
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
            if status == 413 {
                assert!(answer.message().contains("too"), "{what}: {}", answer.body);
            }
        });
    }
    // Requests of ordinary size still work, and superusers may send more.
    let meta = json!({"list": vec![json!({"id": 1, "name": "abc"}); 5_000]});
    assert_eq!(guest.post(records, &json!({"title": "x", "meta": meta})).status, 200);
    let wide = json!({"meta": vec![0; 500_000]});
    assert_eq!((guest.post(records, &wide).status, superuser.post(records, &wide).status), (413, 200));
}

fn connect(server: &TestServer) -> TcpStream {
    let stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

fn first_line(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|count| count == 1) && byte[0] != b'\n' {
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

#[test]
fn bodies_that_do_not_end_share_a_budget() {
    let server = TestServer::start();
    open_collection(&server.superuser());
    let head = format!(
        "POST /api/collections/open/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        6 * MIB
    );
    let growth = growth_kib(&server, || {
        let mut slow: Vec<TcpStream> = (0..12)
            .map(|_| {
                let mut stream = connect(&server);
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&vec![b' '; 5 * MIB]).unwrap();
                stream
            })
            .collect();
        // Four fit into the share of one network. The others are refused immediately, before their bodies end.
        let refused = slow.split_off(4).into_iter().map(|mut stream| first_line(&mut stream));
        let refused = refused.filter(|line| line == "HTTP/1.1 429 Too Many Requests").count();
        assert!(refused >= 7, "only {refused} of 8 were refused");
        // Small bodies are not counted.
        let record = json!({"title": "small"});
        assert_eq!(server.anonymous().post("/api/collections/open/records", &record).status, 200);
        drop(slow);
    });
    assert!(growth < 2 * MAX_KIB, "{growth} KiB");
}

#[test]
fn a_list_is_bounded_in_bytes_and_says_what_to_do() {
    let server = TestServer::start();
    let superuser = server.superuser();
    open_collection(&superuser);
    let body = "x".repeat(4_900_000);
    for at in 0..8 {
        superuser.create("/api/collections/open/records", &json!({"title": at.to_string(), "body": body}));
    }
    let guest = server.anonymous();
    let list = |query: &str| guest.get(&format!("/api/collections/open/records?{query}"));
    let refused = list("perPage=30");
    assert_eq!(refused.status, 400);
    assert!(["16 MiB", "perPage", "fields"].iter().all(|part| refused.message().contains(part)), "{}", refused.body);
    assert_eq!(list("perPage=30&fields=id,title").body["items"].as_array().unwrap().len(), 8);
    assert_eq!(list("perPage=30&fields=id,body:excerpt(10)").status, 200);
    for page in 1..=3 {
        assert_eq!(superuser.get(&format!("/api/collections/open/records?perPage=3&page={page}")).status, 200);
    }
    let size = body.len() * 3;
    check_growth(&server, "the largest page", || {
        assert_eq!(guest.download("/api/collections/open/records?perPage=3&skipTotal=1").1.len() / size, 1);
    });

    // Clients that do not read use little memory, and get the whole answer when they read.
    let mut streams = Vec::new();
    let growth = growth_kib(&server, || {
        for _ in 0..6 {
            let mut stream = connect(&server);
            let request =
                "GET /api/collections/open/records?perPage=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            assert_eq!(first_line(&mut stream), "HTTP/1.1 200 OK");
            streams.push(stream);
        }
    });
    assert!(growth < 2 * MAX_KIB, "six answers that nobody reads: {growth} KiB");
    for mut stream in streams {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.len() > size && rest.ends_with(b"\"totalPages\":3}"), "{} bytes", rest.len());
    }
    let left = std::fs::read_dir(server.data_dir().join("staging")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "files of answers stayed");
}

#[test]
fn an_expansion_and_a_batch_are_bounded_likewise() {
    let server = TestServer::start();
    let superuser = server.superuser();
    open_collection(&superuser);
    let open = superuser.get("/api/collections/open").body;
    superuser.create(
        "/api/collections",
        &json!({"name": "links", "type": "base", "listRule": "", "viewRule": "",
            "fields": [{"name": "to", "type": "relation", "collectionId": open["id"], "maxSelect": 20}]}),
    );
    let record = json!({"title": "x", "body": "x".repeat(4_900_000)});
    let ids: Vec<String> =
        (0..8).map(|_| text(&superuser.create("/api/collections/open/records", &record)["id"])).collect();
    let link = superuser.create("/api/collections/links/records", &json!({"to": ids}));
    let guest = server.anonymous();
    let path = format!("/api/collections/links/records/{}?expand=to", text(&link["id"]));
    let refused = guest.get(&path);
    assert!(refused.status == 400 && refused.message().contains("fields"), "{}", refused.body);
    assert_eq!(guest.get(&format!("{path}&fields=id,expand.to.title")).status, 200);

    assert_eq!(superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})).status, 200);
    let changes = |query: &str| {
        let change = |id: &String| json!({"method": "PATCH", "url": format!("/api/collections/open/records/{id}{query}"), "body": {"title": "y"}});
        guest.post("/api/batch", &json!({"requests": ids.iter().map(change).collect::<Vec<_>>()}))
    };
    let refused = changes("");
    assert!(refused.status == 400 && refused.message().contains("fields"), "{}", refused.body);
    assert_eq!(superuser.get(&format!("/api/collections/open/records/{}?fields=title", ids[0])).body["title"], "x");
    assert_eq!(changes("?fields=id").status, 200);
}

#[test]
fn who_is_refused_by_the_rule_is_refused_before_the_body() {
    let server = TestServer::start();
    let superuser = server.superuser();
    superuser.create(
        "/api/collections",
        &json!({"name": "closed", "type": "base", "listRule": "", "viewRule": "",
            "createRule": "@request.auth.id != '' && title != 'forbidden'",
            "updateRule": "title = 'open' && @request.body.title:isset = false",
            "fields": [{"name": "title", "type": "text"}, {"name": "f", "type": "file", "maxSize": 50_000_000}]}),
    );
    let create = "/api/collections/closed/records";
    let fixed = superuser.create(create, &json!({"title": "fixed"}));
    let open = superuser.create(create, &json!({"title": "open"}));
    let path_of = |record: &serde_json::Value| format!("{create}/{}", text(&record["id"]));
    let missing = format!("{create}/missing12345678");
    let staged = || std::fs::read_dir(server.data_dir().join("staging")).map_or(0, Iterator::count);
    for (method, path, status) in [
        ("POST", create, "HTTP/1.1 400 Bad Request"),
        ("PATCH", &path_of(&fixed), "HTTP/1.1 404 Not Found"),
        ("PATCH", &missing, "HTTP/1.1 404 Not Found"),
    ] {
        let mut stream = connect(&server);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 36000000\r\n\r\n\
             --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b'x'; 100_000]).unwrap();
        // The rest of the body is never sent.
        assert_eq!(first_line(&mut stream), status, "{method} {path}");
        assert_eq!(staged(), 0);
    }
    // A body that might be allowed is read; then the complete rule is checked.
    let content = vec![7; 200_000];
    let form = |title: Option<&str>| {
        let form = Form::new().part("f", file("a.bin", content.clone()));
        title
            .map_or(Form::new().part("f", file("a.bin", content.clone())), |title| form.text("title", title.to_owned()))
    };
    let user = server.user("ann");
    assert_eq!(user.send_form(Method::POST, create, form(Some("fine"))).status, 200);
    assert_eq!(user.send_form(Method::POST, create, form(Some("forbidden"))).status, 400);
    assert_eq!(user.send_form(Method::PATCH, &path_of(&open), form(Some("x"))).status, 404);
    assert_eq!(user.send_form(Method::PATCH, &path_of(&open), form(None)).status, 200);
    assert_eq!(superuser.send_form(Method::PATCH, &path_of(&fixed), form(None)).status, 200);
}

#[test]
fn many_ranges_and_unknown_sizes_cost_nothing() {
    let server = TestServer::start();
    docs(&server.superuser());
    let guest = server.anonymous();
    let record = guest.upload("docs", Form::new().part("m", file("a.bin", vec![7; 5 * MIB])));
    let path = format!("/api/files/docs/{}/{}", text(&record["id"]), text(&record["m"][0]));
    for (what, range) in [
        ("many", vec!["0-4000000"; 5_000].join(",")),
        ("overlapping", vec!["0-"; 16].join(",")),
        ("single bytes", (0..16).map(|at| format!("{at}-{at}")).collect::<Vec<_>>().join(",")),
    ] {
        check_growth(&server, what, || {
            let request = guest.request(Method::GET, &path).header("range", format!("bytes={range}"));
            let length = request.send().unwrap().bytes().unwrap().len();
            assert!(length <= 5 * MIB, "{what}: {length}");
        });
    }
    for size in ["9999x9999", "0x1", "4294967295x4294967295", &"9".repeat(5_000)] {
        assert_eq!(guest.download(&format!("{path}?thumb={size}")).1.len(), 5 * MIB, "{size}");
    }
}
