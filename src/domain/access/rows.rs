//! The rows that a query joins. Each is identified by the path that leads to it, so the same path in a rule, a filter
//! and a sort means the same row.
//!
//! Row 0 is the record itself. A row is *inner* if there may be several of it for one record. Inner rows are joined
//! inside an EXISTS (see `exists`), so that no record is returned twice. The others are LEFT JOINs of the statement.

use crate::db::{Dialect, Sql};
use crate::domain::filter::{Join, Lookup, RowSet};
use crate::domain::model::{Collection, Record};
use std::collections::HashMap;
use std::sync::Arc;

use super::BASE;

/// Maximum number of rows in one query: the capacity of a [`RowSet`].
const MAX_ROWS: usize = RowSet::CAPACITY - 1;
/// Maximum number of rows in one FROM clause, in addition to the record itself. SQLite joins at most 64 tables.
const MAX_JOINS: usize = 60;

/// The current end of a path.
#[derive(Clone, Debug)]
pub struct Place {
    pub source: Source,
    /// The rows on the path to this place, including its own. The record itself always exists and is not included.
    pub rows: RowSet,
}

/// What the values at a place are read from.
#[derive(Clone, Debug)]
pub enum Source {
    Row {
        alias: String,
        collection: Arc<Collection>,
    },
    /// An element of a list.
    Element {
        alias: String,
    },
    /// A record whose values are known, so that nothing needs to be joined.
    Known(Arc<Record>),
}

/// One step of a path.
#[derive(Clone, Debug)]
pub struct Step {
    pub link: Link,
    /// The collection it leads to, or `None` for elements of a list.
    pub target: Option<Arc<Collection>>,
    /// The path so far.
    pub key: String,
    /// The step may lead to several rows by its meaning.
    pub is_multiple: bool,
}

/// How the next row is found from the previous one.
#[derive(Clone, Debug)]
pub enum Link {
    /// The elements of a list field.
    Elements(String),
    /// The elements of a given JSON array.
    ElementsOf(String),
    /// The row whose id is the previous element.
    Element,
    /// The row whose id is in a field of the previous row.
    One(String),
    /// The row with this id.
    Id(String),
    /// The rows whose ids are in a JSON array.
    Ids(String),
    /// The rows with a field that contains the id of the previous row.
    Back(String),
    /// The rows with a list field that contains the id of the previous row.
    BackList(String),
    /// Every row of the collection.
    Every,
}

impl Source {
    pub fn collection(&self) -> Option<&Arc<Collection>> {
        match self {
            Self::Row { collection, .. } => Some(collection),
            Self::Element { .. } | Self::Known(_) => None,
        }
    }

    /// The column of a row. Empty for an element or a known record: paths never read a column of them.
    pub fn column(&self, name: &str) -> Sql {
        let mut sql = Sql::default();
        if let Self::Row { alias, .. } = self {
            sql.column(alias, name);
        }
        sql
    }

    /// The id of the row, or the element itself.
    pub fn id(&self, dialect: &dyn Dialect) -> Sql {
        let mut sql = Sql::default();
        match self {
            Self::Row { alias, .. } => sql.column(alias, "id"),
            Self::Element { alias } => sql.column(alias, dialect.json_each_value()),
            Self::Known(record) => sql.bind(record.id()),
        };
        sql
    }
}

impl Step {
    /// Whether the existence of the row is known only from the row itself, because the previous row does not name it.
    pub fn is_back(&self) -> bool {
        matches!(self.link, Link::Back(_) | Link::BackList(_))
    }

    /// Whether the database, too, guarantees that there is at most one such row.
    pub fn is_certainly_one(&self) -> bool {
        let Some(target) = &self.target else { return false };
        if target.is_view() {
            return false;
        }
        match &self.link {
            Link::One(_) | Link::Id(_) | Link::Element => true,
            Link::Back(column) => {
                // A partial index does not cover the other rows.
                target.unique_index_on(column).is_some_and(|index| index.condition.is_empty())
            }
            Link::Elements(_) | Link::ElementsOf(_) | Link::Ids(_) | Link::BackList(_) | Link::Every => false,
        }
    }

    /// The place it leads to, under `alias`.
    pub fn source(&self, alias: String) -> Source {
        match &self.target {
            Some(collection) => Source::Row { alias, collection: Arc::clone(collection) },
            None => Source::Element { alias },
        }
    }

    pub fn join(&self, from: &Source, alias: &str, dialect: &dyn Dialect) -> Join {
        let mut table = Sql::default();
        match (&self.link, &self.target) {
            (Link::Elements(column), _) => dialect.json_each(&mut table, &from.column(column)),
            (Link::ElementsOf(document), _) => dialect.json_each(&mut table, &bound(document)),
            (_, Some(target)) => _ = table.ident(&target.name),
            (_, None) => {}
        }
        table.raw(" AS ").ident(alias);
        let on = match &self.link {
            Link::Elements(_) | Link::ElementsOf(_) | Link::Every => None,
            Link::Element => Some(equal(alias, "id", &from.id(dialect))),
            Link::One(column) => Some(equal(alias, "id", &from.column(column))),
            Link::Id(id) => Some(equal(alias, "id", &bound(id))),
            Link::Ids(ids) => {
                let mut id = Sql::default();
                id.column(alias, "id");
                Some(among(&id, &bound(ids), dialect))
            }
            Link::Back(column) => Some(equal(alias, column, &from.id(dialect))),
            Link::BackList(column) => {
                let mut list = Sql::default();
                list.column(alias, column);
                Some(among(&from.id(dialect), &list, dialect))
            }
        };
        Join { table, on, visible: None, lookup: self.lookup(from, alias, dialect) }
    }

    /// The same back-relation as `from IN (SELECT value FROM table …)`, where that is faster: without an index for the
    /// join, each record would cost a scan of the whole table. Only for ids that cannot be NULL: with NULL, NOT IN
    /// would be neither true nor false.
    fn lookup(&self, from: &Source, alias: &str, dialect: &dyn Dialect) -> Option<Box<Lookup>> {
        let is_record = matches!(from, Source::Row { alias, collection } if alias == BASE && !collection.is_view());
        let target = self.target.as_ref().filter(|_| is_record)?;
        let mut value = Sql::default();
        let mut table = Sql::default();
        table.ident(&target.name).raw(" AS ").ident(alias);
        match &self.link {
            Link::Back(column) if !target.is_indexed(column) => _ = value.column(alias, column),
            Link::BackList(column) => {
                let elements = format!("{alias}_list");
                let mut list = Sql::default();
                list.column(alias, column);
                table.raw(" JOIN ");
                dialect.json_each(&mut table, &list);
                table.raw(" AS ").ident(&elements).raw(" ON TRUE");
                value.column(&elements, dialect.json_each_value());
            }
            _ => return None,
        }
        Some(Box::new(Lookup { from: from.id(dialect), table, value }))
    }
}

fn bound(text: &str) -> Sql {
    let mut sql = Sql::default();
    sql.bind(text);
    sql
}

fn equal(alias: &str, column: &str, value: &Sql) -> Sql {
    let mut sql = Sql::default();
    sql.column(alias, column).raw(" = ").append(value);
    sql
}

fn among(value: &Sql, list: &Sql, dialect: &dyn Dialect) -> Sql {
    let mut sql = value.clone();
    sql.raw(" IN (SELECT ").raw(dialect.json_each_value()).raw(" FROM ");
    dialect.json_each(&mut sql, list);
    sql.raw(")");
    sql
}

/// All rows of a query.
#[derive(Clone, Debug)]
pub struct Rows {
    joined: Vec<Joined>,
    by_key: HashMap<String, usize>,
    inner: RowSet,
    /// The number of rows of the statement itself, and of inner rows that are not nested.
    counts: [usize; 2],
    /// How many unique numbers were given out.
    fresh: usize,
}

#[derive(Clone, Debug)]
struct Joined {
    join: Join,
    place: Place,
    /// The column of the record that names the row, if the row is found by one.
    named_by: Option<String>,
}

impl Rows {
    pub fn new(collection: &Arc<Collection>) -> Self {
        let source = Source::Row { alias: BASE.to_owned(), collection: Arc::clone(collection) };
        let base = Joined {
            join: Join { table: Sql::default(), on: None, visible: None, lookup: None },
            place: Place { source, rows: RowSet::EMPTY },
            named_by: None,
        };
        Self { joined: vec![base], by_key: HashMap::new(), inner: RowSet::EMPTY, counts: [0, 0], fresh: 0 }
    }

    /// The place of the record itself.
    pub fn base(&self) -> Place {
        self.joined[0].place.clone()
    }

    /// Returns the row that `step` leads to, and joins it if it is not joined yet. With `is_nested` it is always inner.
    pub fn follow(
        &mut self,
        from: &Place,
        step: &Step,
        namespace: &str,
        is_nested: bool,
        dialect: &dyn Dialect,
    ) -> Result<Place, String> {
        let key = format!("{namespace}{}", step.key);
        if let Some(row) = self.by_key.get(&key) {
            return Ok(self.joined[*row].place.clone());
        }
        let row = self.joined.len();
        let alias = format!("j{row}");
        // A row that does not start at the previous row does not depend on it.
        let start = if matches!(step.link, Link::Every) { RowSet::EMPTY } else { from.rows };
        let is_inner = is_nested || !step.is_certainly_one() || start.intersects(self.inner);
        let count = &mut self.counts[usize::from(is_inner)];
        *count += usize::from(!is_nested);
        if row > MAX_ROWS || *count > MAX_JOINS {
            return Err(format!("more than {MAX_JOINS} relations"));
        }
        let rows = start | RowSet::of(row);
        if is_inner {
            self.inner = self.inner | RowSet::of(row);
        }
        let join = step.join(&from.source, &alias, dialect);
        let place = Place { source: step.source(alias), rows };
        let named_by = match &step.link {
            Link::One(column) if !is_inner && from.rows.is_empty() => Some(column.clone()),
            _ => None,
        };
        self.joined.push(Joined { join, place: place.clone(), named_by });
        self.by_key.insert(key, row);
        Ok(place)
    }

    /// Returns a number that is unique within the query.
    pub fn fresh(&mut self) -> usize {
        self.fresh += 1;
        self.fresh
    }

    /// Those of `rows` of which there may be several.
    pub fn inner(&self, rows: RowSet) -> RowSet {
        rows.and(self.inner)
    }

    pub fn join(&self, row: usize) -> &Join {
        &self.joined[row].join
    }

    pub fn join_mut(&mut self, row: usize) -> &mut Join {
        &mut self.joined[row].join
    }

    /// The column of the record that names `row`, if there is one.
    pub fn named_by(&self, row: usize) -> Option<&str> {
        self.joined[row].named_by.as_deref()
    }

    pub fn source(&self, row: usize) -> &Source {
        &self.joined[row].place.source
    }

    /// The rows whose path leads through `row`, including `row`.
    pub fn beyond(&self, row: usize) -> RowSet {
        let all = (0..self.joined.len()).filter(|other| self.path(*other).contains_all(RowSet::of(row)));
        all.fold(RowSet::EMPTY, |rows, other| rows | RowSet::of(other))
    }

    /// The rows on the path to `row`, including `row`.
    pub fn path(&self, row: usize) -> RowSet {
        self.joined[row].place.rows
    }
}
