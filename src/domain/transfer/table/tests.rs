use super::*;
use proptest::prelude::*;

fn read(bytes: &[u8], format: Format) -> Result<Table> {
    Table::survey(Source::stream(bytes).unwrap(), format, None, &Options::default())
}

fn items(table: &Table) -> Vec<Item> {
    let mut items = Vec::new();
    table
        .visit(&mut |item| {
            items.push(item);
            Ok(true)
        })
        .unwrap();
    items
}

fn text(cell: &str) -> Cell {
    Cell::Text(cell.to_owned())
}

#[test]
fn csv_cells_come_with_the_line_their_row_starts_in() {
    let file = "Name,Note\n\"Ann, \"\"A\"\"\",\"two\nlines\"\n\n0171,\nx\n'=1,'tis";
    let expected = |lines: [u64; 4]| {
        [
            Ok(Row { line: lines[0], cells: vec![text("Ann, \"A\""), text("two\nlines")] }),
            Ok(Row { line: lines[1], cells: vec![text("0171"), Cell::Empty] }),
            Err(BadRow { cells: Some(vec!["x".to_owned()]), ..BadRow::new(lines[2], "1 cell, but the heading has 2") }),
            Ok(Row { line: lines[3], cells: vec![Cell::EscapedText("=1".to_owned()), text("'tis")] }),
        ]
    };
    let table = read(file.as_bytes(), Format::Csv).unwrap();
    assert_eq!((&*table.headings, table.rows), (&["Name".to_owned(), "Note".to_owned()][..], 4));
    assert_eq!(items(&table), expected([2, 5, 6, 7]));
    let with_returns = file.replace('\n', "\r\n").replace("two\r\n", "two\n");
    assert_eq!(items(&read(with_returns.as_bytes(), Format::Csv).unwrap()), expected([2, 5, 6, 7]));
}

#[test]
fn lines_are_right_far_into_a_file() {
    let row = "\"a\n\nb\",x\n\n";
    let file = format!("Name,Note\n{}bad\n", row.repeat(20_000));
    let last = items(&read(file.as_bytes(), Format::Csv).unwrap()).pop().unwrap();
    assert_eq!(last.unwrap_err().line, 80_002);
}

#[test]
fn the_delimiter_is_found_out() {
    for (file, expected) in
        [("a;b;c,d\n1", b';'), ("a\tb", b'\t'), ("\"a;b;c\",d", b','), ("a|b|c", b'|'), ("a", b','), ("", b',')]
    {
        let source = Source::stream(file.as_bytes()).unwrap();
        assert_eq!(csv_rows::guess_delimiter(&source).unwrap(), expected, "{file}");
    }
}

#[test]
fn json_arrays_and_lines_give_the_same_columns() {
    let array = br#"[{"a":1,"b":"x"},{"b":null,"c":[1]},5]"#;
    let lines = b"{\"a\":1,\"b\":\"x\"}\n{\"b\":null,\"c\":[1]}\n5\n";
    let (array, lines) = (read(array, Format::Json).unwrap(), read(lines, Format::JsonLines).unwrap());
    assert_eq!(array.headings, ["a", "b", "c"]);
    let rows = |table: &Table| -> Vec<Vec<Cell>> {
        items(table).into_iter().filter_map(std::result::Result::ok).map(|row| row.cells).collect()
    };
    assert_eq!(rows(&array), rows(&lines));
    assert_eq!(rows(&array)[1], [Cell::Empty, Cell::Empty, Cell::Json(serde_json::json!([1]))]);
    assert_eq!((items(&array).len(), items(&lines).len()), (3, 3));
    assert!(items(&array)[2].is_err() && items(&lines)[2].is_err());
}

#[test]
fn a_file_that_is_broken_further_on_is_refused() {
    for (file, format) in
        [("[{\"a\":1},{\"a\":2,\"a\":3}]", Format::Json), ("[{\"a\":1}", Format::Json), ("[{\"a\":1}] x", Format::Json)]
    {
        let error = read(file.as_bytes(), format).unwrap_err();
        assert!(error.to_string().contains("not JSON"), "{file}: {error}");
    }
}

#[test]
fn files_without_columns_are_refused() {
    for (file, format) in
        [("", Format::Csv), ("{}", Format::Json), ("[", Format::Json), ("[]", Format::Json), ("", Format::JsonLines)]
    {
        assert!(read(file.as_bytes(), format).is_err(), "{file}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for format in [Format::Csv, Format::Json, Format::JsonLines] {
            if let Ok(table) = read(&bytes, format) {
                let items = items(&table);
                prop_assert!(items.iter().flatten().all(|row| row.cells.len() == table.headings.len()));
                prop_assert_eq!(items.len() as u64, table.rows);
            }
        }
    }
}
