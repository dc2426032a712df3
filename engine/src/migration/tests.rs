//! Migrations of two made-up tables, on the in-memory store. What is interrupted or killed on a disk is tried elsewhere.

use std::sync::Arc;

use futures::executor::block_on;
use serde_json::{Value, json};

use super::rehearsal::Rehearsal;
use super::*;
use crate::media::MemoryBlobs;
use crate::memory::MemoryStore;
use crate::settings::Settings;
use crate::store::schema::{self, META, meta};
use crate::store::{Direction, KeyRange, ReadTx, Scan, Step, Store, StoreExt, Table};
use crate::{Engine, Error, Surroundings};

const PEOPLE: Table<u64, Value> = Table::new("people");
const BY_YEAR: Table<(u32, u64), ()> = Table::new("by_year");
const TABLES: &[TableDefinition] = &[META.definition(), PEOPLE.definition(), BY_YEAR.definition()];
const COUNT: u64 = 3 * BATCH_ROWS as u64 + 7;

/// Names in two parts, then who was born in which year.
const LIST: &[Migration] = &[
    Migration { to: 2, title: "parts names", table: PEOPLE.definition(), row: part_name },
    Migration { to: 3, title: "lists years", table: PEOPLE.definition(), row: list_year },
];

/// Fails on what it has done already.
fn part_name(tx: &mut dyn WriteTx, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let mut person: Value = serde_json::from_slice(value).unwrap();
    let name = person["name"].as_str().ok_or_else(|| StoreError::damaged("people", key, "parted twice"))?;
    let (given, family) = name.split_once(' ').unwrap();
    person["name"] = json!({ "given": given, "family": family });
    tx.put(PEOPLE.definition(), key, person.to_string().as_bytes())
}

fn list_year(tx: &mut dyn WriteTx, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let person: Value = serde_json::from_slice(value).unwrap();
    if !person["name"]["given"].is_string() {
        return Err(StoreError::damaged("people", key, "the migration before was not finished"));
    }
    let year = person["year"].as_u64().unwrap() as u32;
    BY_YEAR.put(tx, &(year, u64::from_be_bytes(key.try_into().unwrap())), &())
}

fn year(number: u64) -> u32 {
    1900 + (number * 7 % 100) as u32
}

/// A store as version 1 left it.
fn old() -> MemoryStore {
    let store = MemoryStore::new(TABLES);
    block_on(store.write(|tx| -> Result<(), StoreError> {
        (0..COUNT).try_for_each(|number| {
            let person = json!({ "name": format!("Ada{number} Lovelace"), "year": year(number) });
            PEOPLE.put(tx, &number, &person)
        })
    }))
    .unwrap();
    store
}

/// The same people, as version 3 would have stored them.
fn new() -> MemoryStore {
    let store = MemoryStore::new(TABLES);
    block_on(store.write(|tx| -> Result<(), StoreError> {
        META.put(tx, &meta::DATA_VERSION.to_owned(), &3.into())?;
        (0..COUNT).try_for_each(|number| {
            let name = json!({ "given": format!("Ada{number}"), "family": "Lovelace" });
            PEOPLE.put(tx, &number, &json!({ "name": name, "year": year(number) }))?;
            BY_YEAR.put(tx, &(year(number), number), &())
        })
    }))
    .unwrap();
    store
}

type Rows = Vec<(&'static str, Vec<u8>, Vec<u8>)>;

fn rows(tx: &dyn ReadTx) -> Result<Rows, StoreError> {
    let mut rows = Vec::new();
    for table in TABLES {
        tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
            rows.push((table.name, key.to_vec(), value.to_vec()));
            Ok(Step::Continue)
        })?;
    }
    Ok(rows)
}

fn dump(store: &dyn Store) -> Rows {
    block_on(store.read(rows)).unwrap()
}

fn set_fact(store: &dyn Store, name: &'static str, value: Value) {
    block_on(store.write(move |tx| META.put(tx, &name.to_owned(), &value))).unwrap();
}

#[test]
fn the_migrations_lead_to_the_version_that_the_schema_has() {
    assert!(MIGRATIONS.iter().zip(2..).all(|(migration, to)| migration.to == to));
    assert_eq!(version::known(MIGRATIONS), schema::DATA_VERSION);
}

#[test]
fn an_upgrade_makes_what_the_newest_version_would_have_stored() {
    let store = old();
    let mut seen = Vec::new();
    block_on(upgrade(&store, LIST, |progress| seen.push(*progress))).unwrap();
    assert!(dump(&store) == dump(&new()));
    let finished: Vec<_> = seen.iter().filter(|progress| progress.is_finished).collect();
    assert!(finished.iter().map(|progress| (progress.to, progress.rows)).eq([(2, COUNT), (3, COUNT)]));
    assert_eq!(seen.len(), 8, "four transactions each: {seen:?}");
    block_on(upgrade(&store, LIST, |progress| panic!("{progress:?}"))).unwrap();
}

/// C4
#[test]
fn each_transaction_leaves_all_that_the_next_one_needs() {
    let store = old();
    let mut rows = 0;
    // Nothing outlives a call but the store.
    while let Some(progress) = block_on(run_batch(&store, LIST)).unwrap() {
        rows += 1;
        assert!(rows <= 8, "{progress:?}");
        assert!(!dump(&store).is_empty());
    }
    assert_eq!(rows, 8);
    assert!(dump(&store) == dump(&new()));
}

#[test]
fn two_may_run_it_at_a_time() {
    let store = Arc::new(old());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| block_on(upgrade(&*store, LIST, |_| std::thread::yield_now())).unwrap());
        }
    });
    assert!(dump(&*store) == dump(&new()));
}

#[test]
fn an_empty_store_comes_to_the_newest_version_at_once() {
    let store = MemoryStore::new(TABLES);
    block_on(upgrade(&store, LIST, |_| {})).unwrap();
    assert_eq!(dump(&store).len(), 1);
    assert!(dump(&store) == dump(&new())[..1]);
}

#[test]
fn a_row_that_cannot_be_migrated_stops_it_there_and_can_be_mended() {
    let store = old();
    let bad = BATCH_ROWS as u64 + 3;
    let before = block_on(store.read(move |tx| PEOPLE.get(tx, &bad))).unwrap().unwrap();
    block_on(store.write(move |tx| PEOPLE.put(tx, &bad, &json!({ "year": year(bad) })))).unwrap();
    let refused = block_on(upgrade(&store, LIST, |_| {})).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    let stopped = block_on(plan(&store, LIST)).unwrap_err();
    assert!(matches!(stopped, StoreError::Damaged { .. }), "{stopped}");
    block_on(store.write(move |tx| PEOPLE.put(tx, &bad, &before))).unwrap();
    assert_eq!(block_on(plan(&store, LIST)).unwrap().steps[0].done, BATCH_ROWS as u64);
    block_on(upgrade(&store, LIST, |_| {})).unwrap();
    assert!(dump(&store) == dump(&new()));
}

#[test]
fn a_plan_says_what_is_to_come_and_changes_nothing() {
    let store = old();
    let before = dump(&store);
    let whole = block_on(plan(&store, LIST)).unwrap();
    assert_eq!((whole.found, whole.known), (1, 3));
    let steps: Vec<_> = whole.steps.iter().map(|step| (step.to, step.title, step.done, step.rows)).collect();
    assert_eq!(steps, [(2, "parts names", 0, COUNT), (3, "lists years", 0, COUNT)]);
    assert!(whole.steps.iter().all(|step| step.likely > std::time::Duration::ZERO));
    assert!(dump(&store) == before);

    let visited = BATCH_ROWS as u64;
    block_on(run_batch(&store, LIST)).unwrap();
    let rest = block_on(plan(&store, LIST)).unwrap();
    assert_eq!((rest.found, rest.steps[0].done, rest.steps[0].rows), (1, visited, COUNT - visited));
    block_on(upgrade(&store, LIST, |_| {})).unwrap();
    let nothing = block_on(plan(&store, LIST)).unwrap();
    assert_eq!((nothing.found, nothing.steps.len()), (3, 0));
    assert_eq!(nothing.likely(), std::time::Duration::ZERO);
}

/// B2
#[test]
fn newer_data_are_refused_and_not_touched_also_half_way() {
    let half = old();
    block_on(run_batch(&half, LIST)).unwrap();
    let newer = old();
    set_fact(&newer, meta::DATA_VERSION, 2.into());
    for (store, known) in [(&half, 1), (&newer, 1)] {
        let before = dump(store);
        let is_refused = |error: StoreError| {
            assert!(matches!(error, StoreError::NewerData { found: 2, known: 1 }), "{error}");
        };
        assert_eq!(version::known(&LIST[..0]), known);
        is_refused(block_on(upgrade(store, &LIST[..0], |_| {})).unwrap_err());
        is_refused(block_on(run_batch(store, &LIST[..0])).unwrap_err());
        is_refused(block_on(plan(store, &LIST[..0])).unwrap_err());
        is_refused(block_on(needs_upgrade(store, &LIST[..0])).unwrap_err());
        assert!(dump(store) == before);
        assert!(block_on(needs_upgrade(store, LIST)).unwrap());
    }
}

/// B2
#[test]
fn the_engine_does_not_open_newer_data() {
    let store = Arc::new(MemoryStore::new(schema::TABLES));
    set_fact(&*store, meta::DATA_VERSION, 7.into());
    let opened = block_on(Engine::open(
        Arc::<MemoryStore>::clone(&store),
        Arc::new(MemoryBlobs::new()),
        Settings::default(),
        Surroundings::default(),
    ));
    let known = schema::DATA_VERSION;
    assert!(
        matches!(opened, Err(Error::Store(StoreError::NewerData { found: 7, known: k })) if k == known),
        "{opened:?}"
    );
}

#[test]
fn a_version_that_is_none_is_damage() {
    for (name, value) in [
        (meta::DATA_VERSION, json!("two")),
        (meta::DATA_VERSION, json!(0)),
        (meta::DATA_VERSION, json!(1_u64 << 40)),
        (meta::MIGRATION, json!({ "to": 2 })),
    ] {
        let store = old();
        set_fact(&store, name, value.clone());
        let refused = block_on(needs_upgrade(&store, LIST)).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{value}: {refused}");
    }
}

#[test]
fn a_rehearsal_reads_what_it_wrote_and_leaves_no_trace() {
    const ROWS: TableDefinition = PEOPLE.definition();
    let store = MemoryStore::new(TABLES);
    let write = |tx: &mut dyn WriteTx, keys: [u8; 4]| -> Result<(), StoreError> {
        keys.iter().try_for_each(|key| tx.put(ROWS, &[*key], &keys))
    };
    let change = move |tx: &mut dyn WriteTx| -> Result<(), StoreError> {
        write(tx, [1, 4, 5, 9])?;
        [2, 5, 7].iter().try_for_each(|key| tx.delete(ROWS, &[*key]))
    };
    block_on(store.write(move |tx| write(tx, [2, 4, 6, 8]))).unwrap();
    let rehearsed = block_on(store.read(move |tx| -> Result<_, StoreError> {
        let mut rehearsal = Rehearsal::new(tx);
        change(&mut rehearsal)?;
        assert_eq!(rehearsal.writes, 7);
        Ok(scans(&rehearsal))
    }));
    let before = block_on(store.read(|tx| Ok::<_, StoreError>(scans(tx)))).unwrap();
    block_on(store.write(change)).unwrap();
    let after = block_on(store.read(|tx| Ok::<_, StoreError>(scans(tx)))).unwrap();
    assert_ne!(before, after);
    assert_eq!(rehearsed.unwrap(), after);
}

/// Every row and every range, in both directions, whole and cut off after each number of rows.
fn scans(tx: &dyn ReadTx) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut scans = Vec::new();
    for key in 0..10u8 {
        scans.extend(tx.get(PEOPLE.definition(), &[key]).unwrap().map(|value| vec![(vec![key], value)]));
        for (direction, limit) in [Direction::Ascending, Direction::Descending]
            .into_iter()
            .flat_map(|d| (1..6).map(move |n| (d, n)))
        {
            for range in [KeyRange::all(), remaining_after(key), KeyRange::prefix(&[key])] {
                let mut rows = Vec::new();
                tx.scan(PEOPLE.definition(), &range, direction, &mut |key, value| {
                    rows.push((key.to_vec(), value.to_vec()));
                    Ok(if rows.len() < limit { Step::Continue } else { Step::Stop })
                })
                .unwrap();
                scans.push(rows);
            }
        }
    }
    scans
}

fn remaining_after(key: u8) -> KeyRange {
    KeyRange { start: std::ops::Bound::Excluded(vec![key]), end: std::ops::Bound::Unbounded }
}

#[test]
fn a_transaction_visits_a_bounded_number_of_bytes() {
    let store = MemoryStore::new(TABLES);
    let long = "x".repeat(BATCH_BYTES / 4);
    block_on(store.write(move |tx| -> Result<(), StoreError> {
        (0..10).try_for_each(|number| {
            PEOPLE.put(tx, &number, &json!({ "name": format!("Ada {long}"), "year": 1815 }))
        })
    }))
    .unwrap();
    let first = block_on(run_batch(&store, LIST)).unwrap().unwrap();
    assert_eq!((first.rows, first.is_finished), (4, false));
    block_on(upgrade(&store, LIST, |_| {})).unwrap();
    let listed = block_on(store.read(|tx| BY_YEAR.page(tx, &Scan::all(), 100))).unwrap();
    assert_eq!(listed.len(), 10);
}
