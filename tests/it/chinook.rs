//! The demo with real data: a record shop of 15,607 rows from a public sample, loaded with the import command and read
//! through the API. All expectations are computed from the CSV files.

use crate::server::{Client, TestServer, steading, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each file and the collection for its rows. The rows of `PlaylistTrack` become the tracks of playlists.
const FILES: [(&str, &str); 10] = [
    ("Album", "album"),
    ("Artist", "artist"),
    ("Customer", "customer"),
    ("Employee", "employee"),
    ("Genre", "genre"),
    ("Invoice", "invoice"),
    ("InvoiceLine", "invoiceLine"),
    ("MediaType", "mediaType"),
    ("Playlist", "playlist"),
    ("Track", "track"),
];

#[test]
fn the_record_shop_loads_and_answers() {
    let files = files();
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/load.sh");
    let loaded = Command::new(script)
        .args([Path::new(env!("CARGO_BIN_EXE_steading")), &folder.path().join("data")])
        .output()
        .unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    assert!(String::from_utf8_lossy(&loaded.stdout).contains("The record shop is open."));

    let server = TestServer::start_in(folder, &[]);
    let shop = server.superuser();
    every_row_is_there(&shop, &files);
    sales_per_country_add_up(&shop, &files);
    lines_expand_to_their_artists(&shop, &files);
    filters_reach_through_relations(&shop, &files);
    filters_reach_through_back_relations(&shop, &files);
    asked_again_a_list_is_the_same_until_a_write(&shop);
    lists_and_relations_within_a_collection_hold(&shop, &files);
    texts_survive_export_and_import(&server, &files);
}

fn every_row_is_there(shop: &Client, files: &Path) {
    let mut total = 0;
    for (file, collection) in FILES {
        let found = list(shop, collection, "perPage=1")["totalItems"].as_u64().unwrap();
        assert_eq!(found, rows(files, file).len() as u64, "{collection}");
        total += found;
    }
    let playlists = all(shop, "playlist", "");
    let links: usize = playlists.iter().map(|playlist| playlist["tracks"].as_array().unwrap().len()).sum();
    assert_eq!(links, rows(files, "PlaylistTrack").len());
    assert_eq!(total + links as u64, 15_607);
}

/// In cents, so that sums are exact.
fn sales_per_country_add_up(shop: &Client, files: &Path) {
    let cents = |amount: f64| (amount * 100.0).round() as i64;
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for invoice in rows(files, "Invoice") {
        *expected.entry(invoice["BillingCountry"].clone()).or_default() += cents(invoice["Total"].parse().unwrap());
    }
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for invoice in pages(shop, "invoice", "sort=-invoiceDate,id", 100) {
        *found.entry(text(&invoice["billingCountry"])).or_default() += cents(invoice["total"].as_f64().unwrap());
    }
    assert_eq!(found, expected);
    assert!(expected.len() > 20, "the files hold many countries");
}

fn lines_expand_to_their_artists(shop: &Client, files: &Path) {
    let (tracks, albums, artists) = (by_key(files, "Track"), by_key(files, "Album"), by_key(files, "Artist"));
    let lines = rows(files, "InvoiceLine");
    let found = pages(shop, "invoiceLine", "expand=track.album.artist&sort=id", 500);
    assert_eq!(found.len(), lines.len());
    for (line, found) in lines.iter().zip(&found) {
        let track = &tracks[&line["TrackId"]];
        let album = &albums[&track["AlbumId"]];
        let artist = &artists[&album["ArtistId"]];
        assert_eq!(found["id"], id(&line["InvoiceLineId"]));
        let expanded = &found["expand"]["track"];
        assert_eq!(expanded["name"], track["Name"]);
        assert_eq!(expanded["expand"]["album"]["title"], album["Title"]);
        assert_eq!(expanded["expand"]["album"]["expand"]["artist"]["name"], artist["Name"]);
    }
}

fn filters_reach_through_relations(shop: &Client, files: &Path) {
    let (albums, artists) = (by_key(files, "Album"), by_key(files, "Artist"));
    let by_maiden = |track: &&Row| artists[&albums[&track["AlbumId"]]["ArtistId"]]["Name"] == "Iron Maiden";
    let tracks = rows(files, "Track");
    let expected: BTreeSet<String> = tracks.iter().filter(by_maiden).map(|track| id(&track["TrackId"])).collect();
    assert!(expected.len() > 100, "the files hold many of their tracks");
    assert_eq!(ids(shop, "track", "album.artist.name = \"Iron Maiden\""), expected);

    let boss =
        by_key(files, "Employee").values().find(|employee| employee["ReportsTo"].is_empty()).unwrap()["LastName"]
            .clone();
    let employees = by_key(files, "Employee");
    let expected: BTreeSet<String> = rows(files, "Customer")
        .iter()
        .filter(|customer| {
            let manager = &employees[&employees[&customer["SupportRepId"]]["ReportsTo"]];
            employees[&manager["ReportsTo"]]["LastName"] == boss
        })
        .map(|customer| id(&customer["CustomerId"]))
        .collect();
    assert_eq!(ids(shop, "customer", &format!("supportRep.reportsTo.reportsTo.lastName = \"{boss}\"")), expected);
}

fn filters_reach_through_back_relations(shop: &Client, files: &Path) {
    let spent = |invoice: &&Row| invoice["Total"].parse::<f64>().unwrap() > 15.0;
    let expected: BTreeSet<String> =
        rows(files, "Invoice").iter().filter(spent).map(|invoice| id(&invoice["CustomerId"])).collect();
    assert_eq!(ids(shop, "customer", "invoice_via_customer.total ?> 15"), expected);

    let sold: BTreeSet<String> = rows(files, "InvoiceLine").iter().map(|line| line["TrackId"].clone()).collect();
    let never_sold: BTreeSet<String> = rows(files, "Track")
        .iter()
        .filter(|track| track["AlbumId"] == "1" && !sold.contains(&track["TrackId"]))
        .map(|track| id(&track["TrackId"]))
        .collect();
    let filter = format!("album = \"{}\" && invoiceLine_via_track.id = \"\"", id("1"));
    assert_eq!(ids(shop, "track", &filter), never_sold);

    let album = &shop.get(&format!("/api/collections/album/records/{}?expand=track_via_album", id("1"))).body;
    let tracks = rows(files, "Track").into_iter().filter(|track| track["AlbumId"] == "1").count();
    assert_eq!(album["expand"]["track_via_album"].as_array().unwrap().len(), tracks);
}

/// The total of a list is counted the first time, remembered the second time, and read from memory the third time.
fn asked_again_a_list_is_the_same_until_a_write(shop: &Client) {
    let by_maiden = "filter=album.artist.name%3D%22Iron%20Maiden%22&sort=-milliseconds,name";
    let titles = || {
        let pages = pages(shop, "track", by_maiden, 30);
        pages.iter().map(|track| text(&track["name"])).collect::<Vec<_>>()
    };
    let first = titles();
    assert!(first.len() > 100, "{} tracks make several pages", first.len());
    assert_eq!([titles(), titles()], [first.clone(), first.clone()]);

    let longest = list(shop, "track", by_maiden)["items"][0].clone();
    let album = list(shop, "album", "filter=artist.name!%3D%22Iron%20Maiden%22&perPage=1")["items"][0]["id"].clone();
    let path = format!("/api/collections/track/records/{}", text(&longest["id"]));
    assert_eq!(shop.patch(&path, &json!({"album": album})).status, 200);
    assert_eq!([titles(), titles()], [first[1..].to_vec(), first[1..].to_vec()]);
    assert_eq!(shop.patch(&path, &json!({"album": longest["album"]})).status, 200);
    assert_eq!([titles(), titles()], [first.clone(), first]);
}

fn lists_and_relations_within_a_collection_hold(shop: &Client, files: &Path) {
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for link in rows(files, "PlaylistTrack") {
        expected.entry(id(&link["PlaylistId"])).or_default().push(id(&link["TrackId"]));
    }
    for playlist in all(shop, "playlist", "") {
        let tracks: Vec<String> = playlist["tracks"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(tracks, expected.remove(&text(&playlist["id"])).unwrap_or_default());
    }

    for (employee, found) in rows(files, "Employee").iter().zip(all(shop, "employee", "sort=id")) {
        let boss = &employee["ReportsTo"];
        assert_eq!(found["reportsTo"], if boss.is_empty() { String::new() } else { id(boss) });
    }
}

/// Exports from one server, imports into another and exports again: every cell must equal the original file.
fn texts_survive_export_and_import(server: &TestServer, files: &Path) {
    let second = tempfile::tempdir().unwrap();
    let run = |folder: &Path, arguments: &[&str]| {
        let output = steading(folder, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let relations: [(&str, &[&str]); 5] = [
        ("employee", &["reportsTo=employee"]),
        ("customer", &["supportRep=employee"]),
        ("invoice", &["customer=customer"]),
        ("artist", &[]),
        ("album", &["artist=artist"]),
    ];
    let mut cells = 0;
    for (collection, relations) in relations {
        let file = server.folder().join(format!("{collection}.csv"));
        let file = file.to_str().unwrap();
        run(server.folder(), &["export", collection, "--out", file]);
        let mut arguments = vec!["import", file, "--into", collection];
        arguments.extend(relations.iter().flat_map(|relation| ["--relation", relation]));
        run(second.path(), &arguments);
        run(second.path(), &["export", collection, "--out", &format!("{collection}.csv")]);
        let exported = read_csv(&second.path().join(format!("{collection}.csv")));
        let (original, _) = FILES.iter().find(|(_, name)| *name == collection).unwrap();
        cells += compare(&rows(files, original), &exported, collection);
    }
    assert!(cells > 6_000, "only {cells} cells were compared");
}

/// The number of cells compared.
fn compare(originals: &[Row], exported: &[Row], collection: &str) -> usize {
    assert_eq!(originals.len(), exported.len(), "{collection}");
    let mut cells = 0;
    for (original, exported) in originals.iter().zip(exported) {
        for (heading, expected) in original {
            let found =
                exported.get(&field_name(heading, collection)).unwrap_or_else(|| panic!("{collection} lost {heading}"));
            assert!(!found.starts_with(['=', '+', '@']), "a formula got out: {found}");
            let found = found.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(found);
            let expected = match heading.as_str() {
                _ if expected.is_empty() => String::new(),
                name if name.ends_with("Id") || name == "ReportsTo" => id(expected),
                name if name.ends_with("Date") => format!("{expected}.000Z"),
                _ => expected.clone(),
            };
            assert_eq!(found, expected, "{collection}.{heading}");
            cells += 1;
        }
    }
    cells
}

fn field_name(heading: &str, collection: &str) -> String {
    let own_key = format!("{collection}Id");
    let name = heading[..1].to_lowercase() + &heading[1..];
    if name == own_key { "id".to_owned() } else { name.strip_suffix("Id").map(ToOwned::to_owned).unwrap_or(name) }
}

type Row = BTreeMap<String, String>;

/// The folder of the files.
fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/chinook")
}

fn rows(files: &Path, name: &str) -> Vec<Row> {
    read_csv(&files.join(format!("{name}.csv")))
}

fn by_key(files: &Path, name: &str) -> BTreeMap<String, Row> {
    rows(files, name).into_iter().map(|row| (row[&format!("{name}Id")].clone(), row)).collect()
}

fn read_csv(file: &Path) -> Vec<Row> {
    csv::Reader::from_path(file).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The record id that the import derives from a key.
fn id(key: &str) -> String {
    format!("{key:0>15}")
}

fn list(shop: &Client, collection: &str, query: &str) -> Value {
    let answer = shop.get(&format!("/api/collections/{collection}/records?{query}"));
    assert_eq!(answer.status, 200, "{collection}?{query}: {}", answer.body);
    answer.body
}

/// All records, page by page.
fn pages(shop: &Client, collection: &str, query: &str, per_page: usize) -> Vec<Value> {
    let mut records = Vec::new();
    for page in 1.. {
        let answer = list(shop, collection, &format!("{query}&perPage={per_page}&page={page}"));
        let items = answer["items"].as_array().unwrap();
        records.extend(items.iter().cloned());
        if items.len() < per_page {
            assert_eq!(answer["totalItems"], records.len());
            break;
        }
    }
    records
}

fn all(shop: &Client, collection: &str, query: &str) -> Vec<Value> {
    pages(shop, collection, query, 1000)
}

fn ids(shop: &Client, collection: &str, filter: &str) -> BTreeSet<String> {
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    all(shop, collection, &format!("filter={filter}")).iter().map(|record| text(&record["id"])).collect()
}
