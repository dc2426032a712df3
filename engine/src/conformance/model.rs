//! Random jobs against maps: the store must answer like a `BTreeMap`, whatever is done to it in which order.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::calls::{Row, collect, everything, panic_quietly, read};
use super::{Factory, OTHERS, ROWS};
use crate::store::{Direction, KeyRange, Outcome, ReadTx, Store, StoreError, TableDefinition};

/// Histories tried when `PROPTEST_CASES` does not say otherwise.
const CASES: u32 = 64;
const TABLES: [TableDefinition; 2] = [ROWS, OTHERS];

type Map = BTreeMap<Vec<u8>, Vec<u8>>;
type Maps = [Map; 2];

/// Random histories of jobs: every read inside and between them, and the rows at the end, equal the model's.
pub fn random_jobs_behave_like_maps(factory: &dyn Factory) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let history = vec(event(), 1..12);
    let outcome = TestRunner::new(config).run(&history, |history| {
        replay(factory, &history);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[derive(Debug, Clone)]
enum Event {
    Read(Vec<Question>),
    Write(Vec<Action>, Ending),
    Reopen,
}

#[derive(Debug, Clone)]
enum Action {
    Put(usize, Vec<u8>, Vec<u8>),
    Delete(usize, Vec<u8>),
    Ask(Question),
}

#[derive(Debug, Clone)]
enum Question {
    Get(usize, Vec<u8>),
    GetMany(usize, Vec<Vec<u8>>),
    Scan(usize, KeyRange, Direction, usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Commit,
    Abort,
    Panic,
}

/// What a question is answered with, by the store and by the model.
#[derive(Debug, PartialEq)]
enum Reply {
    Values(Vec<Option<Vec<u8>>>),
    Rows(Vec<Row>),
}

fn replay(factory: &dyn Factory, history: &[Event]) {
    let mut store = factory.open();
    let mut model = Maps::default();
    for event in history {
        match event {
            Event::Read(questions) => {
                let (questions, state) = (questions.clone(), model.clone());
                read(&*store, move |tx| {
                    questions.iter().try_for_each(|question| compare(tx, &state, question))
                })
                .unwrap();
            }
            Event::Write(actions, ending) => write(&*store, &mut model, actions, *ending),
            Event::Reopen => match factory.reopen(store) {
                Some(reopened) => store = reopened,
                None => return,
            },
        }
        for (table, map) in TABLES.into_iter().zip(&model) {
            let rows: Vec<Row> = map.clone().into_iter().collect();
            assert_eq!(everything(&*store, table), rows, "after {event:?}");
        }
    }
}

/// Runs a job on the store and its like on a copy of the model, which replaces the model on commit.
fn write(store: &dyn Store, model: &mut Maps, actions: &[Action], ending: Ending) {
    let (actions, before) = (actions.to_vec(), model.clone());
    let after = Arc::new(std::sync::Mutex::new(None));
    let left = Arc::clone(&after);
    let answer = block_on(store.run_write(Box::new(move |tx| {
        let mut state = before.clone();
        for action in &actions {
            match action {
                Action::Put(table, key, value) => {
                    tx.put(TABLES[*table], key, value).unwrap();
                    state[*table].insert(key.clone(), value.clone());
                }
                Action::Delete(table, key) => {
                    tx.delete(TABLES[*table], key).unwrap();
                    state[*table].remove(key);
                }
                Action::Ask(question) => compare(tx, &state, question).unwrap(),
            }
        }
        *left.lock().unwrap() = Some(state);
        match ending {
            Ending::Commit => Outcome::Commit,
            Ending::Abort => Outcome::Abort,
            Ending::Panic => panic_quietly(),
        }
    })));
    let after = after.lock().unwrap().take().expect("a comparison in the job failed, see its message");
    match ending {
        Ending::Panic => assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}"),
        _ => answer.unwrap(),
    }
    if ending == Ending::Commit {
        *model = after;
    }
}

fn compare(tx: &dyn ReadTx, model: &Maps, question: &Question) -> Result<(), StoreError> {
    assert_eq!(ask_store(tx, question)?, ask_model(model, question), "{question:?}");
    Ok(())
}

fn ask_store(tx: &dyn ReadTx, question: &Question) -> Result<Reply, StoreError> {
    Ok(match question {
        Question::Get(table, key) => Reply::Values(vec![tx.get(TABLES[*table], key)?]),
        Question::GetMany(table, keys) => Reply::Values(tx.get_many(TABLES[*table], keys)?),
        Question::Scan(table, range, direction, limit) => {
            Reply::Rows(collect(tx, TABLES[*table], range, *direction, *limit)?)
        }
    })
}

fn ask_model(model: &Maps, question: &Question) -> Reply {
    match question {
        Question::Get(table, key) => Reply::Values(vec![model[*table].get(key).cloned()]),
        Question::GetMany(table, keys) => {
            Reply::Values(keys.iter().map(|key| model[*table].get(key).cloned()).collect())
        }
        Question::Scan(table, range, direction, limit) => {
            let mut rows: Vec<Row> =
                model[*table].clone().into_iter().filter(|(key, _)| lies_in(key, range)).collect();
            if *direction == Direction::Descending {
                rows.reverse();
            }
            rows.truncate(*limit);
            Reply::Rows(rows)
        }
    }
}

fn lies_in(key: &[u8], range: &KeyRange) -> bool {
    let after_start = match &range.start {
        Bound::Included(start) => key >= &start[..],
        Bound::Excluded(start) => key > &start[..],
        Bound::Unbounded => true,
    };
    let before_end = match &range.end {
        Bound::Included(end) => key <= &end[..],
        Bound::Excluded(end) => key < &end[..],
        Bound::Unbounded => true,
    };
    after_start && before_end
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => vec(question(), 1..6).prop_map(Event::Read),
        8 => (vec(action(), 0..20), ending()).prop_map(|(actions, ending)| Event::Write(actions, ending)),
        1 => Just(Event::Reopen),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![6 => Just(Ending::Commit), 2 => Just(Ending::Abort), 1 => Just(Ending::Panic)]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (table(), key(), value()).prop_map(|(table, key, value)| Action::Put(table, key, value)),
        2 => (table(), key()).prop_map(|(table, key)| Action::Delete(table, key)),
        3 => question().prop_map(Action::Ask),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    prop_oneof![
        (table(), key()).prop_map(|(table, key)| Question::Get(table, key)),
        (table(), vec(key(), 0..5)).prop_map(|(table, keys)| Question::GetMany(table, keys)),
        (table(), range(), any::<bool>(), 0usize..8).prop_map(|(table, range, descending, limit)| {
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            Question::Scan(table, range, direction, limit)
        }),
    ]
}

fn table() -> impl Strategy<Value = usize> {
    0..TABLES.len()
}

/// Few and short, so that jobs meet at the same keys; of the bytes that are easily mistaken.
fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(prop::sample::select(&[0, 1, b'a', 0xff][..]), 0..4)
}

/// Mostly short; some empty, some longer than a page of a database.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => vec(any::<u8>(), 0..12),
        1 => (any::<u8>(), 0usize..20_000).prop_map(|(byte, length)| vec![byte; length]),
    ]
}

fn range() -> impl Strategy<Value = KeyRange> {
    prop_oneof![
        (bound(), bound()).prop_map(|(start, end)| KeyRange { start, end }),
        key().prop_map(|prefix| KeyRange::prefix(&prefix)),
    ]
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![key().prop_map(Bound::Included), key().prop_map(Bound::Excluded), Just(Bound::Unbounded),]
}
