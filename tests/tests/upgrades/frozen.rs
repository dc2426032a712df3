//! Data that a version left behind, as files of each backend, read by the present program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_engine::media::{DirectoryBlobs, MemoryBlobs};
use koinon_engine::memory::MemoryStore;
use koinon_engine::page::PageRequest;
use koinon_engine::settings::{PasswordHashing, Settings};
use koinon_engine::statuses::Draft;
use koinon_engine::store::Store;
use koinon_engine::store::schema::{DATA_VERSION, TABLES};
use koinon_engine::timelines::TimelineFilter;
use koinon_engine::{Engine, Surroundings};
use koinon_tests::fixture::{DUMP, MEDIA, SLED, SQLITE, archive, frozen, live, open, text, thaw};
use koinon_tests::histories::dump;
use koinon_tests::koinon;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// A data folder of an old version, not opened yet.
fn thawed(version: u32, name: &str) -> TempDir {
    let data = tempfile::tempdir().unwrap();
    thaw(&archive(&frozen(version), name), data.path()).unwrap();
    data
}

fn open_engine(name: &str, data: &Path) -> (Arc<dyn Store>, Engine) {
    let store = open(name, data).unwrap();
    let blobs = Arc::new(DirectoryBlobs::open(data.join(MEDIA)).unwrap());
    let settings = Settings {
        password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
        ..Settings::default()
    };
    let engine = block_on(Engine::open(Arc::clone(&store), blobs, settings, Surroundings::default()));
    (store, engine.unwrap())
}

fn dump_text(store: &dyn Store) -> String {
    text(&dump(store).unwrap()).unwrap()
}

fn assert_same_lines(found: &str, expected: &str, what: &str) {
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert_eq!(differs, None, "{what}");
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// B1
#[test]
fn data_of_every_version_are_read_upgraded_and_sound() {
    for version in 1..=DATA_VERSION {
        let as_frozen = fs::read_to_string(frozen(version).join(DUMP)).unwrap();
        let upgraded = [SQLITE, SLED].map(|name| {
            let data = thawed(version, name);
            let what = format!("version {version} in {name}");
            assert_same_lines(&dump_text(&*open(name, data.path()).unwrap()), &as_frozen, &what);
            let (store, engine) = open_engine(name, data.path());
            assert_eq!(block_on(engine.check()).unwrap(), [], "{what}");
            dump_text(&*store)
        });
        assert_same_lines(&upgraded[0], &upgraded[1], "both backends");
        if version == DATA_VERSION {
            assert_same_lines(&upgraded[0], &as_frozen, "nothing was to be done");
        }
    }
}

/// B1
#[test]
fn a_database_of_every_version_comes_to_have_the_schema_of_a_new_one() {
    let new = tempfile::tempdir().unwrap();
    drop(open(SQLITE, new.path()).unwrap());
    for version in 1..=DATA_VERSION {
        let data = thawed(version, SQLITE);
        drop(open_engine(SQLITE, data.path()));
        assert_eq!(schema(data.path()), schema(new.path()), "version {version}");
    }
}

fn schema(data: &Path) -> Vec<[Option<String>; 4]> {
    let connection = Connection::open(data.join(SQLITE)).unwrap();
    let mut statement = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
        .unwrap();
    let rows = statement.query_map((), |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Old passwords, timelines and deferred work are as good as new ones.
#[test]
fn life_goes_on_with_data_of_every_version() {
    for version in 1..=DATA_VERSION {
        for name in [SQLITE, SLED] {
            let data = thawed(version, name);
            let (_store, engine) = open_engine(name, data.path());
            let bob = block_on(engine.sign_in("bob", "correct horse battery")).unwrap();
            while block_on(engine.run_due(10)).unwrap() > 0 {}
            let draft = Draft { text: "Good morning, @ada".into(), ..Draft::default() };
            let posted = block_on(engine.post(bob, draft)).unwrap().status.id;
            let page = block_on(engine.query(Viewer::Local(bob), |query| {
                query.home_timeline(&TimelineFilter::default(), &PageRequest::newest(40))
            }));
            let shown: Vec<_> = page.unwrap().items.iter().map(|view| view.status.id).collect();
            assert!(shown.first() == Some(&posted) && shown.len() > 5, "{name}: {shown:?}");
            assert_eq!(block_on(engine.check()).unwrap(), [], "version {version} in {name}");
        }
    }
}

#[test]
fn the_program_finds_data_of_every_version_sound() {
    for version in 1..=DATA_VERSION {
        for name in [SQLITE, SLED] {
            let data = thawed(version, name);
            let planned = koinon(&["migrate", "--dry-run"], data.path());
            let found = format!("the data have version {version}, the newest ");
            assert!(planned.succeeded && planned.output.contains(&found), "{planned:?}");
            let migrated = koinon(&["migrate"], data.path());
            assert!(migrated.succeeded, "{migrated:?}");
            let checked = koinon(&["check"], data.path());
            assert!(checked.succeeded && checked.output.contains("6 uploaded files"), "{checked:?}");
        }
    }
}

/// Whoever changes what records are made of is told here that this takes a migration. As long as the version was not
/// released, it takes the program `freeze-fixture`.
#[test]
fn records_of_today_have_every_field_that_was_frozen() {
    let store = Arc::new(MemoryStore::new(TABLES));
    block_on(live(Arc::clone(&store) as _, Arc::new(MemoryBlobs::new()))).unwrap();
    let today = fields(&dump_text(&*store));
    let frozen = fields(&fs::read_to_string(frozen(DATA_VERSION).join(DUMP)).unwrap());
    let missing: Vec<_> = frozen.difference(&today).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Each field of each table with its type: `statuses .mentions[].username string`.
fn fields(dump: &str) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for line in dump.lines() {
        let [table, _, value] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let value = if value.is_empty() { Value::Null } else { serde_json::from_str(value).unwrap() };
        add_fields(&value, &format!("{table} "), &mut fields);
    }
    fields
}

fn add_fields(value: &Value, place: &str, fields: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(values) => {
            values.iter().for_each(|value| add_fields(value, &format!("{place}[]"), fields));
            "array"
        }
        Value::Object(values) => {
            values.iter().for_each(|(name, value)| add_fields(value, &format!("{place}.{name}"), fields));
            "object"
        }
    };
    fields.insert(format!("{place} {kind}"));
}
