//! `/api/imports` and the export of a collection. What cells become is tested next to the code, the commands in
//! `transfer`.

use crate::server::{Answer, Client, TestServer, text};
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// As a German spreadsheet writes it: semicolons, decimal commas, points in dates, an encoding before UTF-8.
const CUSTOMERS: &[u8] =
    b"Kundennr;Name;Umsatz;Seit\r\n007;J\xfcrgen;1.234,50;31.12.2024\r\n008;Zo\xeb;3,00;1.2.2025\r\n";

fn upload(client: &Client, name: &str, bytes: &[u8], texts: &[(&str, &str)]) -> Answer {
    let file = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let form = texts
        .iter()
        .fold(Form::new().part("file", file), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    client.send(client.request(Method::POST, "/api/imports").multipart(form))
}

fn uploaded(client: &Client, name: &str, bytes: &[u8]) -> Value {
    let answer = upload(client, name, bytes, &[]);
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    answer.body
}

/// The events of a run: names and data.
fn run(client: &Client, id: &Value, body: &Value) -> Vec<(String, Value)> {
    let path = format!("/api/imports/{}/run", text(id));
    let response = client.request(Method::POST, &path).json(body).send().unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().unwrap());
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let events = response.text().unwrap();
    let parse = |event: &str| {
        let (name, data) = event.split_once('\n')?;
        let data = data.strip_prefix("data: ").unwrap();
        Some((name.strip_prefix("event: ")?.to_owned(), serde_json::from_str(data).unwrap()))
    };
    events.split("\n\n").filter_map(parse).collect()
}

fn result(client: &Client, id: &Value, body: &Value) -> Value {
    let (name, data) = run(client, id, body).pop().unwrap();
    assert_eq!(name, "result", "{data}");
    data
}

/// Uploads a file and carries out the plan that the server suggests, changed by `change`.
fn imported(client: &Client, name: &str, bytes: &[u8], change: impl FnOnce(&mut Value)) -> (Value, Value) {
    let import = uploaded(client, name, bytes);
    let mut plan = import["plan"].clone();
    change(&mut plan);
    let result = result(client, &import["id"], &json!({"plan": plan}));
    assert_eq!(result["isImported"], true, "{name}: {result}");
    (import["id"].clone(), result)
}

fn records(client: &Client, collection: &str, query: &str) -> Vec<Value> {
    let found = client.get(&format!("/api/collections/{collection}/records?perPage=500&skipTotal=1&{query}"));
    assert_eq!(found.status, 200, "{}", found.body);
    found.body["items"].as_array().unwrap().clone()
}

fn column<'a>(plan: &'a mut Value, name: &str) -> &'a mut Value {
    let columns = plan["columns"].as_array_mut().unwrap();
    columns.iter_mut().find(|column| column["column"] == name).unwrap_or_else(|| panic!("no column {name}"))
}

fn undo(client: &Client, id: &Value, body: &Value) -> Answer {
    client.post(&format!("/api/imports/{}/undo", text(id)), body)
}

#[test]
fn a_file_is_looked_at_tried_carried_out_and_undone() {
    let server = TestServer::start();
    let owner = server.superuser();
    let import = uploaded(&owner, "Kunden 2025.csv", CUSTOMERS);
    assert_eq!((&import["state"], &import["rows"]), (&json!("ready"), &json!(2)));
    let file = &import["file"];
    assert_eq!(
        (&file["encoding"], &file["delimiter"], &file["size"]),
        (&json!("windows-1252"), &json!(";"), &json!(CUSTOMERS.len()))
    );
    assert_eq!(
        import["preview"][0],
        json!({"line": 2, "cells": ["007", "Jürgen", "1.234,50", "31.12.2024"], "error": null})
    );
    assert_eq!(import["warnings"][0]["code"], "encoding");
    let plan = &import["plan"];
    assert_eq!((&plan["collection"], &plan["isNew"]), (&json!("Kunden_2025"), &json!(true)));
    let types: Vec<&Value> = plan["columns"].as_array().unwrap().iter().map(|column| &column["type"]).collect();
    assert_eq!(types, ["text", "text", "number", "date"]);
    assert_eq!(plan["columns"][2]["decimal"], ",");

    let mut plan = plan.clone();
    plan["collection"] = "customers".into();
    let tried = result(&owner, &import["id"], &json!({"plan": plan, "dryRun": true}));
    assert_eq!((&tried["isDryRun"], &tried["isImported"], &tried["created"]), (&json!(true), &json!(false), &json!(2)));
    assert_eq!(owner.get("/api/collections/customers").status, 404);

    let events = run(&owner, &import["id"], &json!({"plan": plan}));
    assert_eq!(events[0], ("progress".to_owned(), json!({"done": 0, "total": 2})));
    let (name, result) = events.last().unwrap();
    assert_eq!((name.as_str(), &result["created"], &result["isNew"]), ("result", &json!(2), &json!(true)));
    assert_eq!(result["newFields"], json!(["kundennr", "name", "umsatz", "seit", "created", "updated"]));
    let stored = records(&owner, "customers", "sort=kundennr&fields=kundennr,name,umsatz,seit");
    assert_eq!(
        stored[0],
        json!({"kundennr": "007", "name": "Jürgen", "umsatz": 1234.5, "seit": "2024-12-31 00:00:00.000Z"})
    );

    let path = format!("/api/imports/{}", text(&import["id"]));
    let shown = owner.get(&path).body;
    assert_eq!((&shown["state"], &shown["result"]), (&json!("done"), result));
    let again = owner.post(&format!("{path}/run"), &json!({"plan": plan}));
    assert_eq!((again.status, again.message()), (400, "This import has been carried out already."));

    let would = owner.get(&format!("{path}/undo")).body;
    assert_eq!(
        (&would["isUntouched"], &would["deletes"], &would["deletesCollection"]),
        (&json!(true), &json!(2), &json!(true))
    );
    let undone = undo(&owner, &import["id"], &json!({}));
    assert_eq!((undone.status, &undone.body["deleted"]), (200, &json!(2)));
    assert_eq!(owner.get("/api/collections/customers").status, 404);
    assert_eq!(owner.get(&path).body["state"], "ready");
    assert_eq!(owner.delete(&path).status, 204);
    assert_eq!(owner.get(&path).status, 404);
    assert_eq!(std::fs::read_dir(server.data_dir().join("staging")).unwrap().count(), 0);
}

#[test]
fn bad_rows_are_told_by_line_and_column_and_stop_it_or_are_left_out() {
    let server = TestServer::start();
    let owner = server.superuser();
    let file = b"Title,Pages\nDune,412\nMomo,many\nEmma\nIt,1138\n";
    let import = uploaded(&owner, "books.csv", file);
    assert_eq!(import["preview"][2], json!({"line": 4, "cells": [], "error": "1 cell, but the heading has 2"}));
    let mut plan = import["plan"].clone();
    column(&mut plan, "Pages")["type"] = "number".into();
    let refused = result(&owner, &import["id"], &json!({"plan": plan}));
    assert_eq!((&refused["isImported"], &refused["badRowCount"]), (&json!(false), &json!(2)));
    let expected = json!([
        {"line": 3, "column": "Pages", "field": "pages", "value": "many", "reason": "not a number: \"many\"",
         "cells": ["Momo", "many"]},
        {"line": 4, "column": null, "field": null, "value": null, "reason": "1 cell, but the heading has 2",
         "cells": ["Emma"]},
    ]);
    assert_eq!(refused["badRows"], expected);
    assert_eq!(owner.get("/api/collections/books").status, 404);
    plan["badRows"] = "skip".into();
    let kept = result(&owner, &import["id"], &json!({"plan": plan}));
    assert_eq!((&kept["isImported"], &kept["created"], &kept["badRows"]), (&json!(true), &json!(2), &expected));
    assert_eq!(records(&owner, "books", "").len(), 2);
}

#[test]
fn rows_change_the_records_that_a_field_finds_and_undo_gives_the_old_values_back() {
    let server = TestServer::start();
    let owner = server.superuser();
    imported(&owner, "stock.csv", b"SKU,Count\na,1\nb,2\n", |plan| {
        column(plan, "SKU")["field"] = "sku".into();
    });
    let values = "sort=sku&fields=id,sku,count,created";
    let before = records(&owner, "stock", values);
    let change = |plan: &mut Value| {
        plan["mode"] = "upsert".into();
        plan["key"] = "SKU".into();
        *column(plan, "Shelf") = json!({"column": "Shelf", "action": "field", "field": "shelf", "type": "text"});
    };
    let (id, result) = imported(&owner, "stock.csv", b"SKU,Count,Shelf\nb,20,A\nc,30,B\n", change);
    assert_eq!(
        (&result["created"], &result["updated"], &result["newFields"]),
        (&json!(1), &json!(1), &json!(["shelf"]))
    );
    let rows: Vec<(Value, Value)> =
        records(&owner, "stock", "sort=sku").iter().map(|row| (row["sku"].clone(), row["count"].clone())).collect();
    assert_eq!(rows, [(json!("a"), json!(1)), (json!("b"), json!(20)), (json!("c"), json!(30))]);
    let undone = undo(&owner, &id, &json!({})).body;
    assert_eq!(undone, json!({"deleted": 1, "restored": 1, "collectionDeleted": false, "fieldsRemoved": ["shelf"]}));
    assert_eq!(records(&owner, "stock", values), before);

    let missing = uploaded(&owner, "stock.csv", b"SKU,Count\nz,1\n");
    let mut plan = missing["plan"].clone();
    plan["mode"] = "update".into();
    plan["key"] = "SKU".into();
    let refused = self::result(&owner, &missing["id"], &json!({"plan": plan}));
    assert_eq!((&refused["badRows"][0]["column"], &refused["created"]), (&json!("SKU"), &json!(0)));
}

#[test]
fn what_others_built_on_an_import_is_not_undone_unless_asked() {
    let server = TestServer::start();
    let owner = server.superuser();
    let (id, _) = imported(&owner, "artists.csv", b"Id,Name\n1,AC/DC\n2,Accept\n", |plan| {
        column(plan, "Id")["action"] = "id".into();
    });
    let (_, albums) = imported(&owner, "albums.csv", b"Title,By\nBack,1\n", |plan| {
        column(plan, "By")["relation"] = json!({"collection": "artists"});
        column(plan, "By")["type"] = "relation".into();
    });
    assert_eq!(albums["created"], 1);
    owner.patch("/api/collections/artists/records/000000000000002", &json!({"name": "changed"}));
    owner.create("/api/collections/artists/records", &json!({"name": "later"}));
    let would = owner.get(&format!("/api/imports/{}/undo", text(&id))).body;
    let loses =
        json!({"changedRecords": 1, "references": 1, "otherRecords": 1, "otherValues": 0, "collectionChanged": false});
    assert_eq!((&would["isUntouched"], &would["loses"]), (&json!(false), &loses));
    let refused = undo(&owner, &id, &json!({}));
    assert_eq!((refused.status, refused.message()), (400, text(&would["message"]).as_str()));
    assert_eq!(records(&owner, "artists", "").len(), 3);
    // A collection that another one refers to cannot be deleted at all.
    assert_eq!(undo(&owner, &id, &json!({"force": true})).status, 400);
    assert_eq!(owner.delete("/api/collections/albums").status, 204);
    assert_eq!(undo(&owner, &id, &json!({"force": true})).status, 200);
    assert_eq!(owner.get("/api/collections/artists").status, 404);
}

#[test]
fn an_import_is_its_uploaders_own() {
    let server = TestServer::start();
    let owner = server.superuser();
    let import = uploaded(&owner, "a.csv", b"A\n1\n");
    let made = server.command(&["superuser", "create", "other@example.com", "another long password"]);
    assert!(made.status.success());
    let other = server.sign_in("_superusers", "other@example.com", "another long password");
    let path = format!("/api/imports/{}", text(&import["id"]));
    assert_eq!(other.get("/api/imports").body["items"], json!([]));
    assert_eq!(owner.get("/api/imports").body["items"][0]["id"], import["id"]);
    for answer in [
        other.get(&path),
        other.patch(&path, &json!({})),
        other.post(&format!("{path}/run"), &json!({"plan": import["plan"]})),
        other.get(&format!("{path}/undo")),
        other.post(&format!("{path}/undo"), &json!({})),
        other.delete(&path),
    ] {
        assert_eq!((answer.status, answer.message()), (404, "The requested resource wasn't found."));
    }
    assert_eq!(owner.get(&path).status, 200);
}

#[test]
fn a_wrong_plan_says_where_it_is_wrong() {
    let server = TestServer::start();
    let owner = server.superuser();
    let import = uploaded(&owner, "a.csv", b"A,B\n1,2\n");
    let path = format!("/api/imports/{}/run", text(&import["id"]));
    let check = |change: &dyn Fn(&mut Value), place: &str| {
        let mut plan = import["plan"].clone();
        change(&mut plan);
        let answer = owner.post(&path, &json!({"plan": plan}));
        assert_eq!((answer.status, answer.message()), (400, "The plan has mistakes."), "{place}: {}", answer.body);
        assert!(answer.body.pointer(&format!("/data/{place}/code")).is_some(), "{place}: {}", answer.body);
    };
    check(&|plan| *plan = json!(null), "plan");
    check(&|plan| *plan = json!([]), "plan");
    check(&|plan| plan["collection"] = json!(5), "collection");
    check(&|plan| plan["collection"] = json!(""), "collection");
    check(&|plan| plan["mode"] = json!("merge"), "mode");
    check(&|plan| plan["mode"] = json!("upsert"), "key");
    check(&|plan| (plan["mode"], plan["key"]) = (json!("update"), json!("C")), "key");
    check(&|plan| plan["badRows"] = json!(true), "badRows");
    check(&|plan| plan["columns"] = json!(null), "columns");
    check(&|plan| plan["columns"] = json!([]), "columns");
    check(&|plan| plan["columns"][1] = json!("B"), "columns/1/column");
    check(&|plan| plan["columns"][1]["column"] = json!("C"), "columns/1/column");
    check(&|plan| plan["columns"][1]["action"] = json!("eat"), "columns/1/action");
    check(&|plan| plan["columns"][1]["action"] = json!(null), "columns/1/action");
    check(&|plan| plan["columns"][1]["field"] = json!(null), "columns/1/field");
    check(&|plan| plan["columns"][1]["field"] = json!("a"), "columns/1/field");
    check(&|plan| plan["columns"][1]["field"] = json!("no field"), "columns/1/field");
    check(&|plan| plan["columns"][1]["type"] = json!("password"), "columns/1/type");
    check(&|plan| plan["columns"][1]["type"] = json!("relation"), "columns/1/relation");
    check(&|plan| plan["columns"][1]["relation"] = json!({"field": "x"}), "columns/1/relation/collection");
    check(&|plan| plan["columns"][1]["decimal"] = json!(";"), "columns/1/decimal");
    check(&|plan| plan["columns"][1]["dates"] = json!("ydm"), "columns/1/dates");
    check(&|plan| plan["columns"][1]["options"] = json!(7), "columns/1/options");
    let mut plan = import["plan"].clone();
    column(&mut plan, "B")["relation"] = json!({"collection": "nowhere"});
    column(&mut plan, "B")["type"] = json!("relation");
    let answer = owner.post(&path, &json!({"plan": plan}));
    assert_eq!((answer.status, answer.message()), (400, "There is no collection \"nowhere\" to relate to."));
    for body in [json!({"plan": import["plan"], "dryRun": "yes"}), json!({})] {
        assert_eq!(owner.post(&path, &body).status, 400, "{body}");
    }
    assert_eq!(owner.get("/api/collections/a").status, 404);
    assert_eq!(result(&owner, &import["id"], &json!({"plan": import["plan"]}))["isImported"], true);
}

#[test]
fn the_same_file_can_be_read_in_another_way() {
    let server = TestServer::start();
    let owner = server.superuser();
    owner.create(
        "/api/collections",
        &json!({"name": "people", "type": "base", "fields": [{"type": "text", "name": "name"}]}),
    );
    let import = uploaded(&owner, "list.txt", b"Name|Day|Day|\nAnn|01/02/2025|n/a|\n");
    let names: Vec<&Value> = import["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["Name", "Day", "Day (2)", "Column 4"]);
    let codes: Vec<&Value> = import["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
    assert!(codes.contains(&&json!("ambiguous_dates")) && codes.contains(&&json!("renamed_column")), "{codes:?}");
    let path = format!("/api/imports/{}", text(&import["id"]));
    let read = owner.patch(&path, &json!({"collection": "people", "nulls": ["n/a"], "delimiter": "|"}));
    assert_eq!(read.status, 200, "{}", read.body);
    let plan = &read.body["plan"];
    assert_eq!((&plan["isNew"], &plan["columns"][0]["field"]), (&json!(false), &json!("name")));
    assert_eq!(plan["columns"][1]["action"], "skip");
    assert_eq!(read.body["preview"][0]["cells"], json!(["Ann", "01/02/2025", null, null]));
    let wrong = owner.patch(&path, &json!({"delimiter": "", "format": "pdf"}));
    assert_eq!((wrong.status, wrong.body.pointer("/data/format/code").is_some()), (400, true));
    let mut plan = plan.clone();
    *column(&mut plan, "Day") =
        json!({"column": "Day", "action": "field", "field": "day", "type": "date", "dates": "mdy"});
    assert_eq!(result(&owner, &import["id"], &json!({"plan": plan}))["created"], 1);
    assert_eq!(records(&owner, "people", "")[0]["day"], "2025-01-02 00:00:00.000Z");
}

#[test]
fn a_sheet_comes_in_and_goes_out_without_loss() {
    let server = TestServer::start();
    let owner = server.superuser();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().set_name("Notes").unwrap().write_string(0, 0, "nothing here").unwrap();
    let sheet = workbook.add_worksheet().set_name("Orders").unwrap();
    for (at, heading) in ["No", "Paid", "Day", "Note"].iter().enumerate() {
        sheet.write_string(1, u16::try_from(at).unwrap(), *heading).unwrap();
    }
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2025, 12, 31).unwrap();
    let format = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    sheet.write_number(2, 0, 1.5).unwrap().write_boolean(2, 1, true).unwrap();
    sheet.write_datetime_with_format(2, 2, &day, &format).unwrap().write_string(2, 3, "=1+1").unwrap();
    sheet.write_number(4, 0, -2).unwrap().write_boolean(4, 1, false).unwrap();
    sheet.write_datetime_with_format(4, 2, &day, &format).unwrap().write_string(4, 3, "two\nlines").unwrap();
    let import = uploaded(&owner, "book.xlsx", &workbook.save_to_buffer().unwrap());
    assert_eq!((&import["file"]["sheet"], &import["file"]["sheets"]), (&json!("Notes"), &json!(["Notes", "Orders"])));
    let path = format!("/api/imports/{}", text(&import["id"]));
    let refused = owner.patch(&path, &json!({"sheet": "Nope"}));
    assert_eq!((refused.status, refused.message()), (400, "The file has no sheet \"Nope\". It has: Notes, Orders."));
    let read = owner.patch(&path, &json!({"sheet": "Orders", "collection": "orders"})).body;
    assert_eq!(read["preview"][1]["line"], 5);
    let types: Vec<&Value> = read["columns"].as_array().unwrap().iter().map(|column| &column["type"]).collect();
    assert_eq!(types, ["number", "bool", "date", "text"]);
    assert_eq!(result(&owner, &import["id"], &json!({"plan": read["plan"]}))["created"], 2);
    let query = "sort=-no&fields=no,paid,day,note";
    let stored = records(&owner, "orders", query);
    let day = "2025-12-31 00:00:00.000Z";
    assert_eq!(
        stored,
        [
            json!({"no": 1.5, "paid": true, "day": day, "note": "=1+1"}),
            json!({"no": -2, "paid": false, "day": day, "note": "two\nlines"}),
        ]
    );
    for (at, format) in ["xlsx", "csv", "json", "jsonl"].iter().enumerate() {
        let exported = export(&owner, "orders", &format!("format={format}"));
        let name = format!("copy{at}.{format}");
        imported(&owner, &name, &exported, |_| ());
        assert_eq!(records(&owner, &format!("copy{at}"), query), stored, "{format}");
    }
}

fn export(client: &Client, collection: &str, query: &str) -> Vec<u8> {
    let response =
        client.request(Method::GET, &format!("/api/collections/{collection}/export?{query}")).send().unwrap();
    assert_eq!(response.status(), 200, "{query}");
    response.bytes().unwrap().to_vec()
}

#[test]
fn an_export_heeds_the_query_and_takes_formulas_their_force() {
    let server = TestServer::start();
    let owner = server.superuser();
    imported(
        &owner,
        "items.json",
        br#"[{"name":"=cmd()","n":-5},{"name":"plain","n":2},{"name":"@sum","n":9}]"#,
        |_| (),
    );
    let csv = String::from_utf8(export(&owner, "items", "filter=n<5&sort=n&fields=n,name&bom=true")).unwrap();
    assert_eq!(csv, "\u{feff}n,name\n-5,'=cmd()\n2,plain\n");
    let json: Value = serde_json::from_slice(&export(&owner, "items", "format=json&fields=name&sort=-n")).unwrap();
    assert_eq!(json, json!([{"name": "@sum"}, {"name": "plain"}, {"name": "=cmd()"}]));
    // No cell of the sheet is a formula.
    let sheet = export(&owner, "items", "format=xlsx");
    let mut archive = zip::ZipArchive::new(Cursor::new(&sheet)).unwrap();
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut xml).unwrap();
    assert!(xml.contains("=cmd()") && !xml.contains("<f>"), "{xml}");

    let answer = owner.get("/api/collections/items/export?format=xlsx");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"items-20") && disposition.ends_with(".xlsx\""),
        "{disposition}"
    );
    assert_eq!(answer.headers["content-length"].to_str().unwrap(), sheet.len().to_string());
    for (query, status) in [
        ("format=pdf", 400),
        ("fields=name,nope", 400),
        ("filter=nope%3D1", 400),
        ("filter=n%3D", 400),
        ("sort=nope", 400),
    ] {
        let answer = owner.get(&format!("/api/collections/items/export?{query}"));
        assert_eq!(answer.status, status, "{query}");
        answer.message();
    }
    assert_eq!(owner.get("/api/collections/none/export").status, 404);
    let secret = export(&owner, "users", "");
    assert!(!String::from_utf8(secret).unwrap().contains("tokenKey"));

    let token = text(&owner.create("/api/files/token", &json!({}))["token"]);
    let path = |token: &str| format!("/api/collections/items/export?token={token}");
    assert_eq!(server.anonymous().get(&path(&token)).status, 200);
    let user = server.user("ana");
    let token = text(&user.create("/api/files/token", &json!({}))["token"]);
    assert_eq!(server.anonymous().get(&path(&token)).status, 403);
    assert_eq!(user.get("/api/collections/items/export").status, 403);
}

#[test]
fn files_that_are_made_to_harm_are_refused() {
    let server = TestServer::start();
    let owner = server.superuser();
    let zipped = |parts: &[(&str, &[u8])]| {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            for chunk in bytes.chunks(1 << 20) {
                archive.write_all(chunk).unwrap();
            }
        }
        archive.finish().unwrap().into_inner()
    };
    let shared = |text: &[u8]| zipped(&[("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", text)]);
    let bomb = shared(&[b"<si><t>".as_slice(), &[b'a'; 1000], b"</t></si>"].concat().repeat(100_000));
    assert!(bomb.len() < 1 << 20, "it is no bomb");
    let nested = "[".repeat(5000);
    let long_line = [b"A,B\n1,\"".as_slice(), &b"x".repeat(40 << 20), b"\"\n"].concat();
    let long_json = [b"[{\"a\":\"".as_slice(), &b"x".repeat(40 << 20), b"\"}]"].concat();
    let wide = "a,".repeat(5000);
    for (name, bytes, expected) in [
        ("bomb.xlsx", bomb, "unpacks to more than is accepted"),
        ("count.xlsx", shared(b"<sst uniqueCount=\"99999999999999\"><si><t>a</t></si></sst>"), "too many texts"),
        ("long.xlsx", shared(&[b"<si><t>".as_slice(), &b"a".repeat(2 << 20)].concat()), "a text in it is too long"),
        ("entity.xlsx", shared(b"<!DOCTYPE a [<!ENTITY b \"c\">]><sst/>"), "comments or a document type"),
        ("text.xlsx", b"A,B\n1,2\n".to_vec(), "no ZIP archive"),
        ("other.xlsx", zipped(&[("a.txt", b"hello")]), "not an XLSX file"),
        ("cut.xlsx", b"PK\x03\x04".to_vec(), "not an XLSX file"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "Save it as .xlsx"),
        (
            "document.pdf",
            b"%PDF-1.7\n1 0 obj\n<< >>\n".to_vec(),
            "The file is a PDF document. Files that can be imported are CSV",
        ),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "The file is an image."),
        ("program", b"\x7fELF\x02\x01\x01\0\0\0\0".to_vec(), "neither text nor a workbook"),
        ("page.txt", b"<!DOCTYPE html><title>Sign in</title>".to_vec(), "The file is a web page."),
        ("line.csv", long_line, "a row is longer than 16 MiB"),
        ("item.json", long_json, "a row is longer than 16 MiB"),
        ("deep.json", nested.into_bytes(), "not JSON"),
        ("wide.csv", wide.into_bytes(), "more than 1000 columns"),
        ("empty.csv", Vec::new(), "no columns"),
    ] {
        let answer = upload(&owner, name, &bytes, &[]);
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
        assert!(answer.message().contains(expected), "{name}: {}", answer.message());
    }
    let missing = owner.send(owner.request(Method::POST, "/api/imports").multipart(Form::new().text("sheet", "x")));
    assert_eq!((missing.status, missing.body.pointer("/data/file/code").is_some()), (400, true));
    assert_eq!(upload(&owner, "a.csv", b"A\n1\n", &[("collection", "no good")]).status, 400);
    assert_eq!(upload(&owner, "a.csv", b"A\n1\n", &[("encoding", "latin")]).status, 400);
    assert_eq!(owner.get("/api/imports").body["items"], json!([]));
    assert_eq!(owner.get("/api/health").status, 200);
    assert_eq!(std::fs::read_dir(server.data_dir().join("staging")).unwrap().count(), 0);
}

#[test]
fn a_client_that_goes_away_cancels_its_import() {
    let server = TestServer::start();
    let owner = server.superuser();
    let mut file = b"A,B\n".to_vec();
    for row in 0..150_000 {
        writeln!(file, "{row},text").unwrap();
    }
    let import = uploaded(&owner, "many.csv", &file);
    let path = format!("/api/imports/{}", text(&import["id"]));
    let request = owner.request(Method::POST, &format!("{path}/run")).json(&json!({"plan": import["plan"]}));
    let mut lines = BufReader::new(request.send().unwrap()).lines();
    // Its rows are being written.
    while !lines.next().unwrap().unwrap().starts_with("data: {\"done\":0,") {}
    while !lines.next().unwrap().unwrap().starts_with("data: {\"done\":") {}
    let busy = owner.post(&format!("{path}/run"), &json!({"plan": import["plan"]}));
    assert_eq!(busy.status, 400, "{}", busy.body);
    drop(lines);
    let deadline = Instant::now() + PATIENCE;
    while owner.get(&path).body["state"] == "running" {
        assert!(Instant::now() < deadline, "it goes on");
    }
    assert_eq!(owner.get(&path).body["state"], "ready");
    assert_eq!(owner.get("/api/collections/many").status, 404);
}

#[test]
fn a_crash_leaves_no_uploads_behind() {
    let mut server = TestServer::start();
    uploaded(&server.superuser(), "a.csv", b"A\n1\n");
    let staging = server.data_dir().join("staging");
    assert_eq!(std::fs::read_dir(&staging).unwrap().count(), 1);
    server.kill();
    server.restart();
    let deadline = Instant::now() + PATIENCE;
    while std::fs::read_dir(&staging).is_ok_and(|entries| entries.count() > 0) {
        assert!(Instant::now() < deadline, "the upload stays");
    }
    assert_eq!(server.superuser().get("/api/imports").body["items"], json!([]));
}

#[test]
fn a_file_larger_than_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[limits]\nimport_mib = 1\n").unwrap();
    let server = TestServer::start_in(folder, &["--config", "config.toml"]);
    let owner = server.superuser();
    let answer = upload(&owner, "a.csv", &b"A\n1\n".repeat(300_000), &[]);
    assert_eq!((answer.status, answer.message()), (413, "The file is too large: at most 1 MiB are accepted."));
    assert_eq!(upload(&owner, "a.csv", &b"A\n1\n".repeat(200_000), &[]).status, 200);
}

/// A file, its collection, the column of ids, and the columns that refer to other collections.
type Step = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The demo's eleven files, with their relations.
#[test]
fn the_record_shop_goes_in_through_the_api_alone() {
    let server = TestServer::start();
    let shop = server.superuser();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/chinook");
    let plans: [Step; 11] = [
        ("Artist", "artist", "ArtistId", &[]),
        ("Album", "album", "AlbumId", &[("ArtistId", "artist")]),
        ("Genre", "genre", "GenreId", &[]),
        ("MediaType", "mediaType", "MediaTypeId", &[]),
        ("Track", "track", "TrackId", &[("AlbumId", "album"), ("MediaTypeId", "mediaType"), ("GenreId", "genre")]),
        ("Employee", "employee", "EmployeeId", &[("ReportsTo", "employee")]),
        ("Customer", "customer", "CustomerId", &[("SupportRepId", "employee")]),
        ("Invoice", "invoice", "InvoiceId", &[("CustomerId", "customer")]),
        ("InvoiceLine", "invoiceLine", "InvoiceLineId", &[("InvoiceId", "invoice"), ("TrackId", "track")]),
        ("Playlist", "playlist", "PlaylistId", &[]),
        ("PlaylistTrack", "playlist", "PlaylistId", &[("TrackId", "track")]),
    ];
    let mut rows = BTreeMap::new();
    for (file, collection, key, relations) in plans {
        let bytes = std::fs::read(files.join(format!("{file}.csv"))).unwrap();
        let import = upload(&shop, &format!("{file}.csv"), &bytes, &[("collection", collection)]).body;
        let mut plan = import["plan"].clone();
        *column(&mut plan, key) = json!({"column": key, "action": "id"});
        for (name, target) in relations {
            let field = if file == "PlaylistTrack" { "tracks" } else { name.strip_suffix("Id").unwrap_or(name) };
            let field = format!("{}{}", field[..1].to_lowercase(), &field[1..]);
            *column(&mut plan, name) = json!({
                "column": name, "action": "field", "field": field, "type": "relation",
                "relation": {"collection": target},
            });
        }
        if file == "PlaylistTrack" {
            (plan["mode"], plan["key"]) = (json!("update"), json!("PlaylistId"));
        }
        let result = result(&shop, &import["id"], &json!({"plan": plan}));
        assert_eq!((&result["isImported"], &result["badRows"]), (&json!(true), &json!([])), "{file}: {result}");
        rows.insert(file, import["rows"].as_u64().unwrap());
    }
    assert_eq!(rows.values().sum::<u64>(), 15_607);
    let found = shop.get("/api/collections/invoiceLine/records?perPage=1&sort=id&expand=track.album.artist").body;
    assert_eq!(found["totalItems"], rows["InvoiceLine"]);
    assert!(found["items"][0]["expand"]["track"]["expand"]["album"]["expand"]["artist"]["name"].is_string());
    let playlists = records(&shop, "playlist", "");
    let links: usize = playlists.iter().map(|playlist| playlist["tracks"].as_array().unwrap().len()).sum();
    assert_eq!(links as u64, rows["PlaylistTrack"]);
    let filter = "filter=reportsTo.reportsTo.id!=''&fields=id";
    assert_eq!(records(&shop, "employee", filter).len(), 5);
}
