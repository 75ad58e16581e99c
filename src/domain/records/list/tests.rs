//! Every plan for a page and its total gives the same rows, in the same order, and the same total.

use super::*;
use crate::db::testing::like_calls;
use crate::domain::testing::{TestTx, collection, guest, record, seeded};
use crate::domain::tx::WriteTx;
use crate::domain::{collections, records};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::time::Duration;

const POSTS: usize = 160;
const WORDS: [&str; 6] = ["alpha", "beta", "Gamma", "delta", "", "zeta"];

/// A post as the test expects it.
#[derive(Clone, Debug)]
struct Post {
    id: String,
    number: i64,
    title: &'static str,
    views: i64,
    score: i64,
    day: String,
    /// The author's name, and whether they are verified.
    author: Option<(&'static str, bool)>,
}

struct Fixture {
    tx: TestTx,
    posts: Vec<Post>,
}

/// Many rows are equal in their sort keys, and some rows were deleted.
fn fixture() -> Fixture {
    let tx = seeded();
    collection(
        &tx,
        json!({"name": "people", "listRule": "", "fields": [
        {"name": "name", "type": "text"}, {"name": "verified", "type": "bool"}]}),
    );
    let people = collections::find(&tx, "people").unwrap();
    collection(
        &tx,
        json!({"name": "posts", "listRule": "", "fields": [
        {"name": "title", "type": "text", "max": 50}, {"name": "views", "type": "number"},
        {"name": "score", "type": "number"}, {"name": "day", "type": "text", "max": 20},
        {"name": "author", "type": "relation", "collectionId": people.id, "maxSelect": 1}],
        "indexes": ["CREATE INDEX i_views ON posts (views)", "CREATE INDEX i_day ON posts (day DESC, score)"]}),
    );
    let authors: Vec<(String, &str, bool)> = [("Ann", true), ("Bob", false), ("Cid", true)]
        .map(|(name, verified)| {
            let person = record(&tx, "people", json!({"name": name, "verified": verified}));
            (person.id().to_owned(), name, verified)
        })
        .into();
    let mut posts = Vec::new();
    for at in 0..POSTS {
        let roll = |salt: usize, faces: usize| at.wrapping_mul(2_654_435_761 + salt * 40_503) / 64 % faces;
        let (title, views, score) = (WORDS[roll(1, 6)], roll(2, 40) as i64, roll(3, 4) as i64);
        let day = format!("2026-01-{:02}", 1 + roll(4, 9));
        let author = authors.get(roll(5, 4));
        let post = record(
            &tx,
            "posts",
            json!({"title": title, "views": views, "score": score, "day": day,
            "author": author.map(|(id, ..)| id)}),
        );
        if at % 11 == 3 {
            records::delete_unchecked(&tx, (*post).clone()).unwrap();
        } else {
            let author = author.map(|(_, name, verified)| (*name, *verified));
            posts.push(Post { id: post.id().to_owned(), number: 0, title, views, score, day, author });
        }
    }
    let tx = tx.next();
    let numbers = tx.query_all(&Sql::new("SELECT _rowid_ FROM posts ORDER BY _rowid_"), |row| row.integer(0)).unwrap();
    posts.iter_mut().zip(numbers).for_each(|(post, number)| post.number = number);
    Fixture { tx, posts }
}

/// A part of a filter, and what it means.
#[derive(Clone, Debug)]
enum Part {
    ViewsOver(i64),
    ViewsUpTo(i64),
    Views(i64),
    Day(usize),
    TitleHas(&'static str),
    ScoreNot(i64),
    Author(&'static str),
}

impl Part {
    fn text(&self) -> String {
        match self {
            Self::ViewsOver(views) => format!("views > {views}"),
            Self::ViewsUpTo(views) => format!("{views} >= views"),
            Self::Views(views) => format!("views = {views}"),
            Self::Day(day) => format!("day >= '2026-01-{day:02}'"),
            Self::TitleHas(text) => format!("title ~ '{text}'"),
            Self::ScoreNot(score) => format!("score != {score}"),
            Self::Author(name) => format!("author.name = '{name}'"),
        }
    }

    fn holds(&self, post: &Post) -> bool {
        match self {
            Self::ViewsOver(views) => post.views > *views,
            Self::ViewsUpTo(views) => post.views <= *views,
            Self::Views(views) => post.views == *views,
            Self::Day(day) => post.day >= format!("2026-01-{day:02}"),
            Self::TitleHas(text) => post.title.to_lowercase().contains(text),
            Self::ScoreNot(score) => post.score != *score,
            Self::Author(name) => post.author.is_some_and(|(author, _)| author == *name),
        }
    }
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        3 => (0_i64..41).prop_map(Part::ViewsOver),
        3 => (0_i64..41).prop_map(Part::ViewsUpTo),
        1 => (0_i64..40).prop_map(Part::Views),
        2 => (0_usize..12).prop_map(Part::Day),
        2 => prop_oneof![Just("a"), Just("lta"), Just("nothing")].prop_map(Part::TitleHas),
        1 => (0_i64..4).prop_map(Part::ScoreNot),
        1 => prop_oneof![Just("Ann"), Just("Bob"), Just("Nobody")].prop_map(Part::Author),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Views,
    Score,
    Day,
    Title,
    Author,
    Id,
    Number,
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Score => "score",
            Self::Day => "day",
            Self::Title => "title",
            Self::Author => "author.name",
            Self::Id => "id",
            Self::Number => "@rowid",
        }
    }

    fn compare(self, a: &Post, b: &Post) -> Ordering {
        match self {
            Self::Views => a.views.cmp(&b.views),
            Self::Score => a.score.cmp(&b.score),
            Self::Day => a.day.cmp(&b.day),
            Self::Title => a.title.cmp(b.title),
            Self::Author => a.author.map(|(name, _)| name).cmp(&b.author.map(|(name, _)| name)),
            Self::Id => a.id.cmp(&b.id),
            Self::Number => a.number.cmp(&b.number),
        }
    }
}

fn sort() -> impl Strategy<Value = Vec<(Key, bool)>> {
    use Key::{Author, Day, Id, Number, Score, Title, Views};
    let key = prop_oneof![Just(Views), Just(Score), Just(Day), Just(Title), Just(Author), Just(Id), Just(Number)];
    proptest::collection::vec((key, any::<bool>()), 0..3)
}

type Holds = fn(&Post) -> bool;

/// The rules, and what they mean.
const RULES: [(&str, Holds); 5] = [
    ("", |_| true),
    ("author.verified = true", |post| post.author.is_some_and(|(_, verified)| verified)),
    ("author.verified = true && score < 3", |post| post.author.is_some_and(|(_, verified)| verified) && post.score < 3),
    ("author.verified = true || score = 1", |post| {
        post.author.is_some_and(|(_, verified)| verified) || post.score == 1
    }),
    ("score < 3 && views < 30", |post| post.score < 3 && post.views < 30),
];

/// The expected ids, in order.
fn expected(posts: &[Post], rule: Holds, filter: &[Part], sort: &[(Key, bool)]) -> Vec<String> {
    let mut found: Vec<&Post> =
        posts.iter().filter(|post| rule(post) && filter.iter().all(|part| part.holds(post))).collect();
    // Equal rows are ordered as in an index of the first key.
    let is_backwards = match sort.first() {
        Some((Key::Views, is_descending)) => *is_descending,
        Some((Key::Day, is_descending)) => !*is_descending,
        _ => false,
    };
    found.sort_by(|a, b| {
        let directed = |order: Ordering, is_descending: bool| if is_descending { order.reverse() } else { order };
        let keys = sort.iter().map(|(key, is_descending)| directed(key.compare(a, b), *is_descending));
        keys.chain([directed(a.number.cmp(&b.number), is_backwards)]).find(|order| order.is_ne()).unwrap()
    });
    found.into_iter().map(|post| post.id.clone()).collect()
}

fn listed(tx: &ReadTx, input: &ListInput) -> Result<(Vec<String>, Totals)> {
    let mut out = b"[".to_vec();
    let posts = collections::find(tx, "posts")?;
    let totals = list(tx, &guest(), &posts, input, &mut out)?;
    out.push(b']');
    let rows: Vec<Value> = serde_json::from_slice(&out).unwrap();
    Ok((rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect(), totals))
}

fn set_rule(tx: &WriteTx, rule: &str) {
    let posts = collections::find(tx, "posts").unwrap();
    let change = crate::domain::testing::object(json!({"listRule": rule}));
    collections::update(tx, &posts, &change).unwrap();
}

#[test]
fn every_way_gives_the_same_page_and_total() {
    let Fixture { mut tx, posts } = fixture();
    for (rule, holds) in RULES {
        set_rule(&tx, rule);
        tx = tx.next();
        let strategy = (proptest::collection::vec(part(), 0..4), sort(), 1_i64..8, 1_i64..40);
        proptest!(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() }, |((parts, sort, page, per_page) in strategy)| {
            let filter = parts.iter().map(Part::text).collect::<Vec<_>>().join(" && ");
            let names = sort.iter().map(|(key, down)| format!("{}{}", if *down { "-" } else { "" }, key.name()));
            let sort_text = names.collect::<Vec<_>>().join(",");
            let all = expected(&posts, holds, &parts, &sort);
            let from = ((page - 1) * per_page).min(all.len() as i64) as usize;
            let wanted = &all[from..(from + per_page as usize).min(all.len())];
            let input = |skip_total| ListInput {
                page, per_page, skip_total, filter: filter.clone(), sort: sort_text.clone(), ..ListInput::default()
            };
            let what = format!("{filter:?} sorted by {sort_text:?} under {rule:?}");

            // With little time left, an error about the lack of time is allowed, but not a different result.
            match tx.savepoint(|| tx.within(Duration::from_millis(4), || listed(&tx, &input(false)))) {
                Err(Error::Db(DbError::Interrupted)) => {}
                other => prop_assert_eq!(&other.unwrap().0[..], wanted, "in little time: {}", what),
            }
            prop_assert_eq!(&listed(&tx, &input(true)).unwrap().0[..], wanted, "without total: {}", what);
            for time in ["first", "remembered"] {
                let (ids, totals) = listed(&tx, &input(false)).unwrap();
                prop_assert_eq!(&ids[..], wanted, "{}: {}", time, what);
                prop_assert_eq!(totals.total_items, all.len() as i64, "{}: {}", time, what);
            }
            for numbers in by_every_plan(&tx, &input(false)) {
                let ids: Vec<&String> = numbers
                    .iter()
                    .map(|number| &posts.iter().find(|post| post.number == *number).unwrap().id)
                    .collect();
                prop_assert_eq!(&ids, &all.iter().take(ids.len()).collect::<Vec<_>>(), "{}", what);
                prop_assert!(ids.len() >= all.len().min((page * per_page) as usize), "{}", what);
            }
        });
    }
}

/// The first rows of the list by each plan, whether or not it would be chosen.
fn by_every_plan(tx: &ReadTx, input: &ListInput) -> Vec<Vec<i64>> {
    let (schema, request) = (tx.schema(), guest());
    let posts = collections::find(tx, "posts").unwrap();
    let mut query = ruled_query(&schema, tx, &request, &posts, RuleKind::List).unwrap();
    query.client_filter(&input.filter).unwrap();
    query.client_sort(&input.sort).unwrap();
    let (conditions, reach) = query.finish_list(true).unwrap();
    if conditions.is_impossible {
        return Vec::new();
    }
    let frame = Totals::new(input.page, input.per_page, None);
    let search = Search::new(tx, &posts, &conditions, &reach, input, &frame);
    let end = input.page * input.per_page;
    let mut ways = vec![search.in_order(end).unwrap().numbers.clone()];
    let mut accesses = vec![Access::Any, Access::Table];
    for (column, index) in [("views", "i_views"), ("day", "i_day")] {
        if reach.bounds.iter().any(|bound| bound.column == column) {
            accesses.push(Access::Index(index.to_owned()));
        }
    }
    for access in accesses {
        let found = search.in_one_pass(&access, end).unwrap();
        let first = tx.first_rows(&search.everything, conditions.depends_on.as_ref().unwrap()).unwrap();
        assert!(first.numbers.len() as i64 <= found.total.unwrap());
        ways.push(first.numbers.clone());
    }
    ways
}

/// How many texts are searched for a list in order of insertion, with its total.
fn searched(tx: &ReadTx, filter: &str) -> u64 {
    let before = like_calls();
    listed(tx, &ListInput { filter: filter.to_owned(), per_page: 3, ..ListInput::default() }).unwrap();
    like_calls() - before
}

#[test]
fn an_index_is_used_where_it_finds_few_rows_and_each_row_is_read_once() {
    let Fixture { mut tx, posts } = fixture();
    set_rule(&tx, "");
    tx = tx.next();
    let over = |views: i64| posts.iter().filter(|post| post.views > views).count() as u64;
    // Each filter differs, so that nothing is remembered.
    for (views, text) in [(37, "q1"), (38, "a"), (36, "e")] {
        assert!(over(views) * 10 <= posts.len() as u64);
        assert_eq!(searched(&tx, &format!("views > {views} && title ~ '{text}'")), over(views), "{views}");
    }
    for (views, text) in [(3, "q2"), (0, "e")] {
        // The engine may test the title or the number first.
        let searched = searched(&tx, &format!("views > {views} && title ~ '{text}'"));
        assert!(searched <= posts.len() as u64, "{searched} of {} texts", posts.len());
    }
}

#[test]
fn under_a_rule_the_plan_does_not_depend_on_how_many_rows_an_index_finds() {
    let Fixture { mut tx, .. } = fixture();
    set_rule(&tx, "score < 3");
    tx = tx.next();
    let plan = |filter: &str| {
        let (schema, request) = (tx.schema(), guest());
        let posts = collections::find(&tx, "posts").unwrap();
        let mut query = ruled_query(&schema, &tx, &request, &posts, RuleKind::List).unwrap();
        query.client_filter(filter).unwrap();
        let (conditions, reach) = query.finish_list(true).unwrap();
        let input = ListInput { filter: filter.to_owned(), ..ListInput::default() };
        let frame = Totals::new(1, 30, None);
        [true, false]
            .map(|needs_total| Search::new(&tx, &posts, &conditions, &reach, &input, &frame).plan(needs_total).unwrap())
    };
    assert_eq!(plan("views > 38 && title ~ 'a'"), plan("views > 0 && title ~ 'a'"));
}

/// The changes to posts that may happen between two lists.
#[derive(Clone, Debug)]
enum Write {
    Create,
    Update(usize),
    Delete(usize),
    /// Together with the posts that refer to the author.
    DeleteAuthor,
    /// A write that is rolled back.
    Fail,
    /// Rows that were written without their number being noted.
    ByHand,
    Nothing,
}

fn write(tx: &WriteTx, change: &Write) {
    let posts = collections::find(tx, "posts").unwrap();
    let nth = |at: usize| {
        let ids = tx.query_all(&Sql::new("SELECT id FROM posts"), |row| Ok(row.text(0))).unwrap();
        let id = ids.get(at % ids.len().max(1))?;
        records::find(tx, &posts, id).unwrap()
    };
    match change {
        Write::Create => {
            let author = record(tx, "people", json!({"name": "New"}));
            record(tx, "posts", json!({"title": "new", "author": author.id()}));
        }
        Write::Update(at) => {
            if let Some(post) = nth(*at) {
                let change = records::Submitted::new(crate::domain::testing::object(json!({"views+": 1})));
                records::update_unchecked(tx, &post, &change).unwrap();
            }
        }
        Write::Delete(at) => nth(*at).into_iter().for_each(|post| records::delete_unchecked(tx, post).unwrap()),
        Write::DeleteAuthor => {
            let people = collections::find(tx, "people").unwrap();
            let ids = tx.query_all(&Sql::new("SELECT id FROM people LIMIT 1"), |row| Ok(row.text(0))).unwrap();
            for id in ids {
                let person = records::find(tx, &people, &id).unwrap().unwrap();
                records::delete_unchecked(tx, person).unwrap();
            }
        }
        Write::Fail => {
            let failed = tx.savepoint(|| -> Result<()> {
                write(tx, &Write::Create);
                write(tx, &Write::Delete(0));
                write(tx, &Write::Create);
                Err(Error::generic())
            });
            failed.unwrap_err();
        }
        Write::ByHand => {
            tx.execute(&Sql::new("INSERT INTO posts (title) VALUES ('by hand')")).unwrap();
            tx.touch(&posts.id);
        }
        Write::Nothing => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_number_of_all_records_stays_exact(
        commits in proptest::collection::vec(proptest::collection::vec(prop_oneof![
            3 => Just(Write::Create), 1 => (0_usize..50).prop_map(Write::Update),
            2 => (0_usize..50).prop_map(Write::Delete), 1 => Just(Write::DeleteAuthor), 1 => Just(Write::Fail),
            1 => Just(Write::ByHand), 1 => Just(Write::Nothing),
        ], 0..4), 1..12),
    ) {
        let tx = seeded();
        collection(&tx, json!({"name": "people", "fields": [{"name": "name", "type": "text"}]}));
        let people = collections::find(&tx, "people").unwrap();
        let posts = collection(&tx, json!({"name": "posts", "listRule": "", "fields": [
            {"name": "title", "type": "text"}, {"name": "views", "type": "number"},
            {"name": "author", "type": "relation", "collectionId": people.id, "maxSelect": 1, "cascadeDelete": true}]}));
        let mut tx = tx.next();
        for commit in &commits {
            for change in commit {
                write(&tx, change);
            }
            let is_told = commit.iter().all(|change| !matches!(change, Write::ByHand));
            let known_before = tx.row_count(&posts.id);
            tx = tx.next();
            let count = integer(&tx, &Sql::new("SELECT COUNT(*) FROM posts")).unwrap();
            prop_assert!(is_told || tx.row_count(&posts.id).is_none());
            prop_assert!(known_before.is_none() || !is_told || tx.row_count(&posts.id) == Some(count));
            let (_, totals) = listed(&tx, &ListInput { per_page: 1, ..ListInput::default() }).unwrap();
            prop_assert_eq!(totals.total_items, count);
        }
    }
}

#[test]
fn a_count_is_kept_right_by_writes_instead_of_being_made_again() {
    let Fixture { mut tx, posts } = fixture();
    let id = collections::find(&tx, "posts").unwrap().id.clone();
    assert_eq!(tx.row_count(&id), None);
    listed(&tx, &ListInput { per_page: 1, ..ListInput::default() }).unwrap();
    let counted = posts.len() as i64;
    assert_eq!(tx.row_count(&id), Some(counted));
    for change in [Write::Create, Write::Create, Write::Delete(5), Write::Fail] {
        write(&tx, &change);
    }
    tx = tx.next();
    assert_eq!(tx.row_count(&id), Some(counted + 1));
    tx.execute(&Sql::new("CREATE TRIGGER t AFTER INSERT ON people BEGIN DELETE FROM posts; END")).unwrap();
    write(&tx, &Write::ByHand);
    tx = tx.next();
    listed(&tx, &ListInput { per_page: 1, ..ListInput::default() }).unwrap();
    assert_eq!(tx.row_count(&id), None, "a trigger may change rows that nobody tells of");
}
