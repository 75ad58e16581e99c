//! Tests of imports and exports of files.

use super::*;
use crate::domain::testing::{TestTx, collection, record, seeded};
use crate::domain::tx::WriteTx;
use crate::domain::{Result, collections};
use serde_json::{Value, json};

fn into(name: &str) -> Options {
    Options { into: name.to_owned(), ..Options::default() }
}

fn relation(heading: &str, collection: &str, field: Option<&str>) -> RelationOption {
    let field = field.map(ToOwned::to_owned);
    RelationOption { heading: heading.to_owned(), collection: collection.to_owned(), field }
}

fn csv(tx: &WriteTx, text: &str, options: &Options) -> Result<Report> {
    import(tx, &table(text, Format::Csv, options)?, options, Extras::default(), &mut |_| true)
}

fn table(text: &str, format: Format, options: &Options) -> Result<Table> {
    Table::survey(Source::stream(text.as_bytes()).unwrap(), format, None, options)
}

fn imported(tx: &WriteTx, text: &str, options: &Options) -> Report {
    let report = csv(tx, text, options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.bad_rows, []);
    report
}

fn exported(tx: &WriteTx, name: &str, format: Format) -> String {
    let collection = collections::find(tx, name).unwrap();
    let mut out = Vec::new();
    let nobody = crate::domain::caller::RequestInfo::default();
    export(tx, &nobody, &collection, &ExportOptions::all(format), &mut out, &mut |_| true).unwrap();
    String::from_utf8(out).unwrap()
}

/// The records of a collection as JSON, without the dates that the server sets.
fn records(tx: &WriteTx, name: &str) -> Vec<Value> {
    let mut records: Vec<Value> = serde_json::from_str(&exported(tx, name, Format::Json)).unwrap();
    for record in &mut records {
        let record = record.as_object_mut().unwrap();
        record.remove("created");
        record.remove("updated");
    }
    records
}

/// `heading:field:type` of each column; `-` for one that is skipped.
fn summary(report: &Report) -> Vec<String> {
    let describe = |column: &Column| match &column.target {
        Target::Key => format!("{}:id", column.heading),
        Target::KeptKey { name, type_name, .. } => format!("{}:id+{name}:{type_name}", column.heading),
        Target::Ignored => format!("{}:-", column.heading),
        Target::Field { name, type_name, .. } => format!("{}:{name}:{type_name}", column.heading),
    };
    report.columns.iter().map(describe).collect()
}

fn refusal(outcome: Result<Report>) -> String {
    match outcome {
        Err(crate::domain::Error::Invalid { message, .. }) => message.into_owned(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn shop() -> TestTx {
    let tx = seeded();
    imported(&tx, "ArtistId,Name\n1,AC/DC\n2,Accept\n", &Options { key: Some("ArtistId".into()), ..into("artist") });
    tx
}

#[test]
fn a_new_collection_gets_a_field_for_each_column() {
    let tx = seeded();
    let file = "Name,Zip,Price,Since,Mail,Active,Note\nÄnne,01234,1.50,2021-01-02,a@example.com,true,\nBob,9,2,2022-03-04 05:06:07,b@example.com,false,x\n";
    let report = imported(&tx, file, &into("things"));
    assert!(report.is_new);
    assert_eq!((report.created, report.updated), (2, 0));
    let expected = [
        "Name:name:text",
        "Zip:zip:text",
        "Price:price:number",
        "Since:since:date",
        "Mail:mail:email",
        "Active:active:bool",
        "Note:note:text",
    ];
    assert_eq!(summary(&report), expected);
    let first = &records(&tx, "things")[0];
    assert_eq!(first["zip"], "01234");
    assert_eq!(first["price"], 1.5);
    assert_eq!(first["since"], "2021-01-02 00:00:00.000Z");
    let things = collections::find(&tx, "things").unwrap();
    let last: Vec<&str> = things.fields.iter().rev().take(2).map(|field| field.name.as_str()).collect();
    assert_eq!(last, ["updated", "created"]);
}

#[test]
fn keys_that_are_no_ids_say_what_becomes_of_them_and_can_be_kept() {
    let tx = seeded();
    let by_slug = |into_name: &str| Options { key: Some("slug".into()), ..into(into_name) };
    let report = imported(&tx, "slug,title\ndune,Dune\nabcdefghijklmno,x\n", &by_slug("books"));
    assert_eq!(
        report.columns[0].reason,
        "the record's id; an id has 15 letters and digits, so \"dune\" becomes 00000000000dune (to keep the column too, add \
         --field slug=slug)"
    );
    assert_eq!(records(&tx, "books")[0], json!({"id": "00000000000dune", "title": "Dune"}));
    let keep = FieldOption { heading: "slug".into(), name: "slug".into(), type_name: None, ..FieldOption::default() };
    let kept = Options { fields: vec![keep], ..by_slug("kept") };
    let report = imported(&tx, "slug,title\ndune,Dune\n", &kept);
    assert_eq!(summary(&report), ["slug:id+slug:text", "title:title:text"]);
    assert_eq!(records(&tx, "kept")[0], json!({"id": "00000000000dune", "slug": "dune", "title": "Dune"}));
    let report = imported(&tx, "slug,title\nabcdefghijklmno,x\n", &by_slug("ids"));
    assert_eq!(report.columns[0].reason, "the record's id");
}

#[test]
fn a_bad_name_is_answered_with_a_good_one() {
    let tx = seeded();
    let message = refusal(csv(&tx, "a\n1\n", &into("order-details")));
    assert!(
        message.contains("letters from a to z, digits and _") && message.ends_with("Try order_details."),
        "{message}"
    );
    assert!(!refusal(csv(&tx, "a\n1\n", &into("价格"))).contains("Try"));
}

#[test]
fn texts_that_stand_for_nothing_are_nothing() {
    let tx = seeded();
    let price = FieldOption {
        heading: "price".into(),
        name: "price".into(),
        type_name: Some("number".into()),
        ..FieldOption::default()
    };
    let nulls = vec!["NULL".to_owned(), "N/A".to_owned()];
    let options = Options { fields: vec![price], nulls: nulls.clone(), ..into("things") };
    let report = csv(&tx, "name,price\na,NULL\nN/A,2\nnull,3\n", &options).unwrap();
    assert_eq!((report.bad_rows.len(), report.created), (0, 3));
    let found: Vec<Value> = records(&tx, "things").iter().map(|one| json!([one["name"], one["price"]])).collect();
    assert_eq!(found, [json!(["a", 0]), json!(["", 2]), json!(["null", 3])]);
    // The remaining values determine the type.
    let report = csv(&tx, "day\nNULL\n2026-01-31\n", &Options { nulls: nulls.clone(), ..into("days") }).unwrap();
    assert_eq!(summary(&report), ["day:day:date"]);
    let file = "{\"a\":\"N/A\"}\n{\"a\":\"x\"}\n";
    let lines = table(file, Format::JsonLines, &Options { nulls, ..into("lines") }).unwrap();
    let mut cells = Vec::new();
    let visited = lines.visit(&mut |item| {
        cells.extend(item.unwrap().cells);
        Ok(true)
    });
    assert!(visited.is_ok());
    assert_eq!(cells, [Cell::Empty, Cell::EscapedText("x".to_owned())]);
}

#[test]
fn what_a_trigger_of_the_owner_says_is_the_reason_of_a_bad_row() {
    let tx = seeded();
    imported(&tx, "name\na\n", &into("things"));
    let mut sql = crate::db::Sql::default();
    sql.raw_from_superuser(
        "CREATE TRIGGER no_b BEFORE INSERT ON things WHEN NEW.name = 'b' BEGIN SELECT RAISE(ABORT, 'b is sold out'); END",
    );
    tx.execute(&sql).unwrap();
    let report = csv(&tx, "name\nb\n", &into("things")).unwrap();
    assert_eq!(report.bad_rows[0].reason, "a constraint or trigger of the table \"things\" refused it: b is sold out");
}

#[test]
fn a_spreadsheet_with_semicolons_may_use_decimal_commas() {
    let tx = seeded();
    imported(&tx, "Preis;Tag\n1.234,50;31.12.2024\n-2,00;1.2.2025\n", &into("kasse"));
    let expected = [
        json!({"preis": 1234.5, "tag": "2024-12-31 00:00:00.000Z"}),
        json!({"preis": -2, "tag": "2025-02-01 00:00:00.000Z"}),
    ];
    for (mut found, expected) in records(&tx, "kasse").into_iter().zip(expected) {
        found.as_object_mut().unwrap().remove("id");
        assert_eq!(found, expected);
    }
}

#[test]
fn relations_find_their_records_by_key_or_by_a_field() {
    let tx = shop();
    let by_key =
        Options { key: Some("AlbumId".into()), relations: vec![relation("ArtistId", "artist", None)], ..into("album") };
    let report = imported(&tx, "AlbumId,Title,ArtistId\n7,Balls to the Wall,2\n8,Untitled,\n", &by_key);
    assert_eq!(summary(&report), ["AlbumId:id", "Title:title:text", "ArtistId:artist:relation"]);
    assert_eq!(
        records(&tx, "album"),
        [
            json!({"id": "000000000000007", "title": "Balls to the Wall", "artist": "000000000000002"}),
            json!({"id": "000000000000008", "title": "Untitled", "artist": ""}),
        ]
    );

    let by_name = Options { relations: vec![relation("By", "artist", Some("name"))], ..into("single") };
    imported(&tx, "Title,By\nThunderstruck,AC/DC\n", &by_name);
    assert_eq!(records(&tx, "single")[0]["by"], "000000000000001");
}

#[test]
fn a_relation_within_the_file_may_point_forward() {
    let tx = seeded();
    let options = Options { key: Some("Id".into()), relations: vec![relation("Boss", "staff", None)], ..into("staff") };
    imported(&tx, "Id,Name,Boss\n1,Ann,3\n2,Bob,1\n3,Cid,\n", &options);
    let bosses: Vec<Value> = records(&tx, "staff").iter().map(|record| record["boss"].clone()).collect();
    assert_eq!(bosses, ["000000000000003", "000000000000001", ""]);
}

#[test]
fn rows_of_an_update_add_up_in_lists() {
    let tx = shop();
    imported(&tx, "ListId,Name\n1,Loud\n2,Quiet\n", &Options { key: Some("ListId".into()), ..into("playlist") });
    let mut links = Options {
        key: Some("ListId".into()),
        relations: vec![relation("ArtistId", "artist", None)],
        fields: vec![FieldOption {
            heading: "ArtistId".into(),
            name: "artists".into(),
            type_name: None,
            ..FieldOption::default()
        }],
        mode: Mode::Update,
        unmatched: Unmatched::Add,
        ..into("playlist")
    };
    let report = imported(&tx, "ListId,ArtistId\n1,2\n1,1\n", &links);
    assert_eq!((report.created, report.updated), (0, 1));
    let lists: Vec<Value> = records(&tx, "playlist").iter().map(|record| record["artists"].clone()).collect();
    assert_eq!(lists, [json!(["000000000000002", "000000000000001"]), json!([])]);

    links.skips_bad_rows = true;
    let report = csv(&tx, "ListId,ArtistId\n2,9\n2,1\n5,1\n,1\n", &links).unwrap();
    let reasons: Vec<(u64, String)> = report.bad_rows.iter().map(|row| (row.line, row.text())).collect();
    let reasons: Vec<(u64, &str)> = reasons.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (2, "ArtistId: there is no record \"9\" in artist"),
            (4, "there is no record with the id 000000000000005"),
            (5, "the cell of the id column is empty"),
        ]
    );
    assert_eq!(records(&tx, "playlist")[1]["artists"], json!(["000000000000001"]));
}

#[test]
fn bad_rows_are_reported_with_their_lines_and_reasons() {
    let tx = seeded();
    let kinds = json!({"name": "kind", "type": "select", "values": ["a", "b"], "maxSelect": 1});
    collection(
        &tx,
        json!({"name": "posts", "fields": [
            {"name": "title", "type": "text", "required": true}, {"name": "views", "type": "number"},
            {"name": "day", "type": "date"}, {"name": "ok", "type": "bool"}, kinds,
        ]}),
    );
    let file =
        "title,views,day,ok,kind\nfine,1,2021-01-01,yes,a\n,1,,,\nx,many,,,\nx,,01/02/2021,,\nx,,,maybe,\nx,,,,c\nx\n";
    let report = csv(&tx, file, &into("posts")).unwrap();
    let reasons: Vec<(u64, String)> = report.bad_rows.iter().map(|row| (row.line, row.text())).collect();
    let reasons: Vec<(u64, &str)> = reasons.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (3, "title: Cannot be blank."),
            (4, "views: not a number: \"many\""),
            (5, "day: not a date: \"01/02/2021\" (write it like 2024-12-31 or 2024-12-31 18:30:00)"),
            (6, "ok: not true or false: \"maybe\""),
            (7, "kind: Invalid value c."),
            (8, "1 cell, but the heading has 5"),
        ]
    );
    assert!(report.is_refused());
    let report = csv(&tx, file, &Options { skips_bad_rows: true, ..into("posts") }).unwrap();
    assert!(!report.is_refused());
    assert_eq!(report.created, 1);
}

#[test]
fn cells_of_bad_rows_are_kept_up_to_a_size_and_without_passwords() {
    let tx = seeded();
    collection(&tx, json!({"name": "posts", "fields": [{"name": "views", "type": "number"}]}));
    let long = "x".repeat(1_500_000);
    let report = csv(&tx, &format!("views\n{long}\n{long}\n{long}\nmany\n"), &into("posts")).unwrap();
    let lengths: Vec<Option<usize>> =
        report.bad_rows.iter().map(|row| row.cells.as_ref().map(|cells| cells[0].len())).collect();
    assert_eq!(lengths, [Some(1_500_000), Some(1_500_000), None, Some(4)]);

    let report = csv(&tx, &format!("views\n1{}\n1,2\n", ",".repeat(1_500_000)), &into("posts")).unwrap();
    let counts: Vec<Option<usize>> = report.bad_rows.iter().map(|row| row.cells.as_ref().map(Vec::len)).collect();
    assert_eq!(counts, [None, Some(2)], "cells beyond the columns that a file may have are not kept");

    let file = "email,password\nnobody,a good password\n";
    let report = csv(&tx, file, &into("users")).unwrap();
    assert_eq!((report.bad_rows.len(), &report.bad_rows[0].cells), (1, &None));
}

#[test]
fn columns_without_a_field_are_refused_unless_it_is_said_what_to_do() {
    let tx = seeded();
    collection(&tx, json!({"name": "posts", "fields": [{"name": "title", "type": "text"}]}));
    let file = "Title,Extra\na,b\n";
    assert!(refusal(csv(&tx, file, &into("posts"))).starts_with("posts has no field for: Extra."));
    imported(&tx, file, &Options { ignored: vec!["Extra".into()], ..into("posts") });
    imported(&tx, file, &Options { unmatched: Unmatched::Add, ..into("posts") });
    let stored: Vec<Value> = records(&tx, "posts").iter().map(|record| record["extra"].clone()).collect();
    assert_eq!(stored, ["", "b"]);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_done() {
    let tx = shop();
    collection(&tx, json!({"name": "seen", "type": "view", "viewQuery": "select id, name from artist"}));
    let check = |options: Options, expected: &str| {
        let reason = refusal(csv(&tx, "Name,By\na,b\n", &options));
        assert!(reason.starts_with(expected), "{reason}");
    };
    check(into("seen"), "\"seen\" is a view");
    check(
        Options { key: Some("Nope".into()), ..into("x") },
        "The file has no column \"Nope\". Its columns are: Name, By.",
    );
    check(
        Options { relations: vec![relation("By", "nobody", None)], ..into("x") },
        "There is no collection \"nobody\"",
    );
    check(
        Options { relations: vec![relation("By", "artist", Some("nope"))], ..into("x") },
        "artist has no field \"nope\".",
    );
    check(Options { mode: Mode::Update, ..into("x") }, "There is no collection \"x\" to update.");
    check(Options { mode: Mode::Update, ..into("artist") }, "artist has no field for: By.");
    assert!(collections::find(&tx, "x").is_err());
}

#[test]
fn texts_survive_the_way_out_and_in_again() {
    let tx = seeded();
    collection(
        &tx,
        json!({"name": "a", "fields": [
            {"name": "text", "type": "text"}, {"name": "number", "type": "number"}, {"name": "flag", "type": "bool"},
            {"name": "day", "type": "date"}, {"name": "any", "type": "json"}, {"name": "place", "type": "geoPoint"},
            {"name": "kinds", "type": "select", "values": ["x", "y", "z,"], "maxSelect": 3},
            {"name": "secret", "type": "password"},
        ]}),
    );
    for text in
        ["=1+1", "'=1", "+49 30", "-5", "@x", "", "0171", "Köhler", "say \"hi\", you", "two\r\nlines", " x ", "'", "\t"]
    {
        record(&tx, "a", json!({"text": text}));
    }
    for any in
        [json!("5"), json!(5), json!("[1"), json!(""), json!(null), json!({"a": [1, "="]}), json!(-1.5), json!("=1")]
    {
        let sent = if let Value::String(_) = any { Value::from(any.to_string()) } else { any };
        record(&tx, "a", json!({"any": sent}));
    }
    record(
        &tx,
        "a",
        json!({"number": -0.25, "flag": true, "day": "2021-01-02 03:04:05.678Z", "place": {"lon": -1.5, "lat": 2},
               "kinds": ["z,", "x"], "secret": "12345678"}),
    );
    record(&tx, "a", json!({"number": -5, "kinds": ["y"]}));

    for format in [Format::Csv, Format::JsonLines, Format::Json] {
        let file = exported(&tx, "a", format);
        assert!(!file.contains("secret"), "{file}");
        tx.savepoint(|| -> Result<()> {
            let before = records(&tx, "a");
            let a = collections::find(&tx, "a").unwrap();
            tx.execute(crate::db::Sql::new("DELETE FROM ").ident(&a.name)).unwrap();
            let report = import(&tx, &table(&file, format, &into("a"))?, &into("a"), Extras::default(), &mut |_| true)?;
            assert_eq!(report.bad_rows, [], "{format:?}");
            assert_eq!(records(&tx, "a"), before, "{format:?}");
            Err(crate::domain::Error::generic())
        })
        .unwrap_err();
    }
}

#[test]
fn formulas_never_leave_as_formulas() {
    let tx = seeded();
    collection(
        &tx,
        json!({"name": "a", "fields": [{"name": "text", "type": "text"}, {"name": "n", "type": "number"}]}),
    );
    record(&tx, "a", json!({"text": "=cmd()", "n": -5}));
    let line = exported(&tx, "a", Format::Csv).lines().nth(1).unwrap().to_owned();
    assert!(line.ends_with(",'=cmd(),-5"), "{line}");
}

#[test]
fn files_without_a_row_still_say_what_they_are() {
    let tx = seeded();
    collection(&tx, json!({"name": "a", "fields": [{"name": "x", "type": "text"}]}));
    assert_eq!(exported(&tx, "a", Format::Csv), "id,x\n");
    assert_eq!(exported(&tx, "a", Format::Json), "[]\n");
    assert_eq!(exported(&tx, "a", Format::JsonLines), "");
    let report = imported(&tx, "x,y\n", &into("b"));
    assert_eq!(summary(&report), ["x:x:text", "y:y:text"]);
}

#[test]
fn what_the_list_endpoint_answers_can_be_imported() {
    let tx = seeded();
    let page = r#"{"items":[{"collectionId":"c","collectionName":"x","id":"qs8tkyemi7c58zj","n":1,"tags":["a"],"z":null}],"page":1}"#;
    let table = table(page, Format::Json, &into("copy")).unwrap();
    let report = import(&tx, &table, &into("copy"), Extras::default(), &mut |_| true).unwrap();
    assert_eq!(
        summary(&report),
        ["collectionId:-", "collectionName:-", "id:id", "n:n:number", "tags:tags:json", "z:z:text"]
    );
    assert_eq!(records(&tx, "copy"), [json!({"id": "qs8tkyemi7c58zj", "n": 1, "tags": ["a"], "z": ""})]);
}

#[test]
fn passwords_of_a_file_are_hashed_before_it_is_imported() {
    let tx = seeded();
    let file = "email,password\nann@example.com,12345678\nben@example.com,12345678\ncy@example.com,short\n\
                dee@example.com,\n";
    let options = into("users");
    let read = table(file, Format::Csv, &options).unwrap();
    let plain = plain_passwords(&tx.schema(), &read, &options).unwrap();
    assert_eq!(plain, ["12345678", "12345678"], "what the field refuses is not hashed");
    let mut passwords = Passwords::default();
    plain.into_iter().zip(["first", "second"]).for_each(|(plain, hash)| passwords.add(plain, hash.into()));
    let report = import(&tx, &read, &options, Extras { passwords, journal: None }, &mut |_| true).unwrap();
    assert_eq!((report.created, report.bad_rows.len()), (2, 2));
    let users = collections::find(&tx, "users").unwrap();
    let hash = |name: &str| {
        let email = format!("{name}@example.com");
        let found = crate::domain::records::find_first_by(&tx, &users, "email", &email).unwrap();
        found.unwrap().text("password").to_owned()
    };
    let mut hashes = [hash("ann"), hash("ben")];
    hashes.sort();
    assert_eq!(hashes, ["first", "second"], "equal passwords have hashes of their own");
}

#[test]
fn rows_of_blank_cells_are_left_out() {
    let tx = seeded();
    let report = imported(&tx, "name;city\nAna;Oslo\n;\n ; ; ;\nBen;\n;;;;\n", &into("people"));
    assert_eq!(report.created, 2);
    // With a single column a blank cell may be a record.
    assert_eq!(imported(&tx, "word\na\n\"\"\n", &into("words")).created, 2);
}
