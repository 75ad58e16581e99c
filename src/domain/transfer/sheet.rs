//! Writes rows as the sheet of an XLSX file.
//!
//! Rows go to a temporary file as they come, so memory use does not grow with their number. Texts are text cells: a
//! spreadsheet does not run them as formulas. Those that look like one get the spreadsheet's own mark for texts as well,
//! which keeps them texts when somebody edits the cell.

use super::export::{Out, cannot_write, plain_cell};
use super::{Scratch, cut, escape};
use crate::db::{DbError, RowRef};
use crate::domain::fields::{Field, FieldKind};
use crate::domain::{Error, Result};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

/// The limits of the format: rows below the heading, and characters of a cell and of a sheet's name.
pub const MAX_RECORDS: u64 = 1_048_575;
const MAX_CELL_CHARS: usize = 32_767;
const MAX_NAME_CHARS: usize = 31;
/// The width of columns, in characters.
const WIDTH: f64 = 18.0;

pub struct SheetWriter<'a> {
    out: Out<'a>,
    workbook: Workbook,
    fields: &'a [&'a Field],
    next_row: u32,
    day: Format,
    time: Format,
    quoted: Format,
}

impl<'a> SheetWriter<'a> {
    pub fn start(out: Out<'a>, name: &str, fields: &'a [&'a Field], scratch: &Scratch) -> Result<Self> {
        let mut workbook = Workbook::new();
        if let Some(folder) = scratch.folder() {
            workbook.set_tempdir(folder).map_err(failed)?;
        }
        let sheet = workbook.add_worksheet_with_constant_memory();
        let sheet = sheet.map_err(failed)?;
        let name: String = name.chars().take(MAX_NAME_CHARS).collect();
        sheet.set_name(name).map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        let heading = Format::new().set_bold();
        for (column, field) in (0..).zip(fields) {
            sheet.set_column_width(column, WIDTH).map_err(failed)?;
            sheet.write_string_with_format(0, column, &field.name, &heading).map_err(failed)?;
        }
        Ok(Self {
            out,
            workbook,
            fields,
            next_row: 1,
            day: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            quoted: Format::new().set_quote_prefix(),
        })
    }

    pub fn row(&mut self, row: RowRef<'_>) -> std::result::Result<(), DbError> {
        for (column, field) in (0..).zip(self.fields) {
            let value = field.from_db(row.get(usize::from(column)));
            self.cell(column, field, &value)
                .map_err(|error| DbError::Other(format!("cannot write a cell: {error}")))?;
        }
        self.next_row += 1;
        Ok(())
    }

    fn cell(&mut self, column: u16, field: &Field, value: &Value) -> std::result::Result<(), XlsxError> {
        let row = self.next_row;
        let sheet: &mut Worksheet = self.workbook.worksheet_from_index(0)?;
        match (&field.kind, value) {
            (FieldKind::Number(_), Value::Number(number)) => {
                sheet.write_number(row, column, number.as_f64().unwrap_or(0.0))?;
            }
            (FieldKind::Bool, Value::Bool(value)) => {
                sheet.write_boolean(row, column, *value)?;
            }
            (FieldKind::Date(_) | FieldKind::Autodate(_), Value::String(text)) if time_of(text).is_some() => {
                let (time, has_clock) = time_of(text).unwrap_or_default();
                let format = if has_clock { &self.time } else { &self.day };
                sheet.write_datetime_with_format(row, column, &time, format)?;
            }
            (_, value) => {
                let text = plain_cell(field, value);
                // Import removes an apostrophe before a formula.
                let text = if escape::unescape(&text).is_some() { escape::escape(&text).into_owned() } else { text };
                let text = cut(&text, MAX_CELL_CHARS - 1);
                if matches!(escape::escape(&text), std::borrow::Cow::Owned(_)) {
                    sheet.write_string_with_format(row, column, text, &self.quoted)?;
                } else if !text.is_empty() {
                    sheet.write_string(row, column, text)?;
                }
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<()> {
        self.workbook.save_to_writer(&mut *self.out).map_err(failed)?;
        Ok(self.out.flush().map_err(|error| cannot_write(&error))?)
    }
}

/// Parses a stored date, which is in UTC, and tells whether it has a time of day. `None` for dates that sheets cannot
/// hold.
fn time_of(text: &str) -> Option<(ExcelDateTime, bool)> {
    let (day, clock) = text.strip_suffix('Z')?.split_once(' ')?;
    let mut day = day.splitn(3, '-');
    let (year, month, day) = (day.next()?.parse().ok()?, day.next()?.parse().ok()?, day.next()?.parse().ok()?);
    let mut clock = clock.split([':', '.']).map(|part| part.parse::<u16>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let milli = clock.next().flatten().unwrap_or(0);
    let time = ExcelDateTime::from_ymd(year, month, day).ok()?;
    let time = time.and_hms_milli(hour, u8::try_from(minute).ok()?, u8::try_from(second).ok()?, milli).ok()?;
    (year >= 1900).then_some((time, (hour, minute, second, milli) != (0, 0, 0, 0)))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn failed(error: XlsxError) -> Error {
    match &error {
        XlsxError::IoError(cause) => cannot_write(cause).into(),
        _ => Error::Internal(format!("cannot write the sheet: {error}")),
    }
}
