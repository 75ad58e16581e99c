//! An aggregate that counts rows and finds the first of them in one pass.
//!
//! A page of a sorted list and its total read the same rows. Asked in two statements, every row is read twice, and the
//! engine's sorter copies it once more.

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use std::cmp::Ordering;
use std::fmt::Write as _;

/// `first_rows(form, key, …, row)`: a JSON array of how many rows there are, followed by the row numbers of the first ones.
///
/// `form` is how many row numbers are wanted, then a sign for each key and for `row`: `+` where small values come first, `-`
/// where large ones do, such as `30-+`. Values are ordered as the engine orders them without a collation.
pub const FUNCTION: &str = "first_rows";

/// What it gives over no rows.
const NOTHING: &str = "[0]";

pub fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_aggregate_function(FUNCTION, -1, flags, FirstRows)
}

struct FirstRows;

impl Aggregate<State, String> for FirstRows {
    fn init(&self, context: &mut Context<'_>) -> Result<State> {
        State::parse(context).ok_or_else(|| Error::UserFunctionError("first_rows: malformed arguments".into()))
    }

    fn step(&self, context: &mut Context<'_>, state: &mut State) -> Result<()> {
        state.step(context);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<State>) -> Result<String> {
        Ok(state.map_or_else(|| NOTHING.to_owned(), State::finish))
    }
}

struct State {
    most: usize,
    /// Whether large values come first, for each key.
    is_descending: Vec<bool>,
    is_row_descending: bool,
    total: u64,
    /// Up to twice as many as are wanted, in no order.
    kept: Vec<Row>,
    /// There are enough, and that at `most - 1` is the last of them: later rows must come before it.
    is_full: bool,
}

struct Row {
    keys: Keys,
    number: i64,
}

/// Most lists are sorted by one key, for which nothing is allocated.
enum Keys {
    None,
    One(Key),
    Several(Box<[Key]>),
}

#[derive(Debug)]
enum Key {
    Null,
    Integer(i64),
    Real(f64),
    Text(Box<[u8]>),
    Blob(Box<[u8]>),
}

impl State {
    fn parse(context: &Context<'_>) -> Option<Self> {
        let form = context.get_raw(0).as_str().ok()?;
        let signs = form.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let most = form[..form.len() - signs.len()].parse().ok()?;
        let mut is_descending: Vec<bool> = signs.bytes().map(|sign| sign == b'-').collect();
        let is_row_descending = is_descending.pop()?;
        (context.len() == is_descending.len() + 2).then_some(Self {
            most,
            is_descending,
            is_row_descending,
            total: 0,
            kept: Vec::new(),
            is_full: false,
        })
    }

    fn step(&mut self, context: &Context<'_>) {
        self.total += 1;
        if self.is_full && !self.comes_before_last(context) || self.most == 0 {
            return;
        }
        let key = |at| Key::of(context.get_raw(at + 1));
        let keys = match self.is_descending.len() {
            0 => Keys::None,
            1 => Keys::One(key(0)),
            count => Keys::Several((0..count).map(key).collect()),
        };
        self.kept.push(Row { keys, number: self.number(context) });
        if self.kept.len() == self.most.saturating_mul(2) {
            self.cut();
        }
    }

    fn number(&self, context: &Context<'_>) -> i64 {
        context.get_raw(self.is_descending.len() + 1).as_i64().unwrap_or(0)
    }

    fn comes_before_last(&self, context: &Context<'_>) -> bool {
        let Some(last) = self.kept.get(self.most - 1) else { return true };
        for (at, (key, is_descending)) in last.keys.as_slice().iter().zip(&self.is_descending).enumerate() {
            match directed(key.compare(context.get_raw(at + 1)), *is_descending) {
                Ordering::Greater => return true,
                Ordering::Less => return false,
                Ordering::Equal => {}
            }
        }
        directed(last.number.cmp(&self.number(context)), self.is_row_descending) == Ordering::Greater
    }

    /// Leaves the first rows, the last of them at the end.
    fn cut(&mut self) {
        let (is_descending, is_row_descending) = (&self.is_descending, self.is_row_descending);
        self.kept.select_nth_unstable_by(self.most - 1, |a, b| order(a, b, is_descending, is_row_descending));
        self.kept.truncate(self.most);
        self.is_full = true;
    }

    fn finish(mut self) -> String {
        let (is_descending, is_row_descending) = (&self.is_descending, self.is_row_descending);
        self.kept.sort_unstable_by(|a, b| order(a, b, is_descending, is_row_descending));
        let mut json = String::with_capacity(16 + 8 * self.kept.len().min(self.most));
        write!(json, "[{}", self.total).expect("writing into memory cannot fail");
        for row in self.kept.iter().take(self.most) {
            write!(json, ",{}", row.number).expect("writing into memory cannot fail");
        }
        json.push(']');
        json
    }
}

fn order(a: &Row, b: &Row, is_descending: &[bool], is_row_descending: bool) -> Ordering {
    let keys = a.keys.as_slice().iter().zip(b.keys.as_slice()).zip(is_descending);
    keys.map(|((a, b), is_descending)| directed(a.compare(b.as_value()), *is_descending))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| directed(a.number.cmp(&b.number), is_row_descending))
}

fn directed(order: Ordering, is_descending: bool) -> Ordering {
    if is_descending { order.reverse() } else { order }
}

impl Keys {
    fn as_slice(&self) -> &[Key] {
        match self {
            Self::None => &[],
            Self::One(key) => std::slice::from_ref(key),
            Self::Several(keys) => keys,
        }
    }
}

impl Key {
    fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(text.into()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.into()),
        }
    }

    fn as_value(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }

    /// The engine's order: NULL, numbers, texts by their bytes, blobs.
    fn compare(&self, other: ValueRef<'_>) -> Ordering {
        match (self, other) {
            (Self::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
            (Self::Real(a), ValueRef::Real(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            (Self::Integer(a), ValueRef::Real(b)) => compare_mixed(*a, b),
            (Self::Real(a), ValueRef::Integer(b)) => compare_mixed(b, *a).reverse(),
            (Self::Text(a), ValueRef::Text(b)) | (Self::Blob(a), ValueRef::Blob(b)) => (**a).cmp(b),
            (a, b) => rank(a.as_value()).cmp(&rank(b)),
        }
    }
}

fn rank(value: ValueRef<'_>) -> u8 {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 1,
        ValueRef::Text(_) => 2,
        ValueRef::Blob(_) => 3,
    }
}

/// Without rounding the integer, which may have more digits than a float holds.
fn compare_mixed(integer: i64, real: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if real >= BEYOND {
        return Ordering::Less;
    }
    if real < -BEYOND {
        return Ordering::Greater;
    }
    let whole = real.trunc();
    integer.cmp(&(whole as i64)).then_with(|| 0.0_f64.partial_cmp(&(real - whole)).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rusqlite::types::Value;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection
    }

    fn first_rows(connection: &Connection, arguments: &str) -> Result<String> {
        connection.query_row(&format!("SELECT first_rows({arguments}) FROM t"), [], |row| row.get(0))
    }

    /// Values that are easily taken for each other.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            (-3_i64..3).prop_map(Value::Integer),
            prop_oneof![Just(i64::MAX), Just(i64::MIN), Just(1 << 53), Just((1 << 53) + 1)].prop_map(Value::Integer),
            prop_oneof![Just(-0.5), Just(0.0), Just(1.5), Just(9.2e18), Just(9_007_199_254_740_992.0), Just(-1e300)]
                .prop_map(Value::Real),
            "[a-cA-Cé]{0,3}".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..2).prop_map(Value::Blob),
        ]
    }

    proptest! {
        #[test]
        fn it_orders_and_counts_as_the_engine_does(
            rows in proptest::collection::vec((value(), value()), 0..60),
            most in 0_usize..30,
            signs in "[-+]{3}",
        ) {
            let connection = connection();
            connection.execute_batch("CREATE TABLE t (a, b)").unwrap();
            for (a, b) in &rows {
                connection.execute("INSERT INTO t VALUES (?1, ?2)", [a, b]).unwrap();
            }
            let direction = |at: usize| if signs.as_bytes()[at] == b'-' { "DESC" } else { "ASC" };
            let sorted = format!(
                "SELECT json_group_array(rowid) FROM (SELECT rowid FROM t ORDER BY a {}, b {}, rowid {} LIMIT {most})",
                direction(0), direction(1), direction(2),
            );
            let expected: String = connection.query_row(&sorted, [], |row| row.get(0)).unwrap();
            let mut expected: Vec<i64> = serde_json::from_str(&expected).unwrap();
            expected.insert(0, rows.len() as i64);
            let found = first_rows(&connection, &format!("'{most}{signs}', a, b, rowid")).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<i64>>(&found).unwrap(), expected);
        }
    }

    #[test]
    fn arguments_that_do_not_fit_their_form_are_refused() {
        let connection = connection();
        connection.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)").unwrap();
        let found = |arguments: &str| first_rows(&connection, arguments);
        assert_eq!(found("'9+', rowid").unwrap(), "[2,1,2]");
        assert_eq!(found("'1-', rowid").unwrap(), "[2,2]");
        for wrong in ["'9', rowid", "'9++', rowid", "'+', rowid", "'', rowid", "9, rowid", "NULL, rowid"] {
            assert!(found(wrong).is_err(), "{wrong}");
        }
    }
}
