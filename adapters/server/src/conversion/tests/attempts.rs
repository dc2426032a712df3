//! Whole conversions, finished at once or after interruptions.

use std::fs;

use futures::executor::block_on;
use koinon_engine::store::StoreExt;

use super::super::copy;
use super::super::draft::Draft;
use super::super::place::Sides;
use super::super::publish::{Stage, kept, stage};
use super::{Place, contents, definition, has_draft, rows};
use crate::error::ServerError;
use crate::instance::close_store;
use crate::store_kind::StoreKind::{self, Sled, Sqlite};

#[test]
fn from_folder_to_folder_and_back_nothing_changes() {
    let place = Place::with(Sqlite);
    let before = place.dump(Sqlite, "a");
    assert_eq!(before.len(), rows().len());
    for (from, to) in
        [((Sqlite, "a"), (Sled, "b")), ((Sled, "b"), (Sqlite, "c")), ((Sqlite, "c"), (Sqlite, "d"))]
    {
        let converted = place.convert(from, to).unwrap();
        assert_eq!(converted.rows.unwrap().rows, before.len() as u64);
        assert_eq!((converted.media.files, converted.kept), (3, None));
        assert!(place.dump(to.0, to.1) == before, "{to:?}");
        assert_eq!(contents(&place.folder(to.1).open_blobs().unwrap()).len(), 3);
        assert_eq!(place.configuration(to.1), format!("title = \"Kept\"\nstore = \"{}\"\n", to.0));
        assert_eq!(place.names(to.1), [to.0.place(), "koinon.toml", "media"]);
    }
    assert!(place.dump(Sqlite, "a") == before, "the source has changed");
    assert_eq!(place.configuration("a"), "title = \"Kept\"\nstore = \"sqlite\"\n");
}

#[test]
fn in_one_folder_the_old_store_is_kept_under_another_name() {
    let place = Place::with(Sqlite);
    let before = place.dump(Sqlite, "a");
    let converted = place.convert((Sqlite, "a"), (Sled, "a")).unwrap();
    assert!(converted.kept.unwrap().ends_with("koinon.sqlite.converted"));
    assert!(place.dump(Sled, "a") == before);
    assert_eq!(place.names("a"), ["koinon.sled", "koinon.sqlite.converted", "koinon.toml", "media"]);
    assert_eq!(place.configuration("a"), "title = \"Kept\"\nstore = \"sled\"\n");
    place.convert((Sled, "a"), (Sqlite, "a")).unwrap();
    assert!(place.dump(Sqlite, "a") == before);
    assert_eq!(contents(&place.folder("a").open_blobs().unwrap()).len(), 3);
    // The kept one is a whole store.
    fs::rename(place.folder("a").path().join("koinon.sled.converted"), place.folder("z").database(Sled))
        .unwrap();
    assert!(place.dump(Sled, "z") == before);
}

/// Everything up to what a conversion does when both stores are found equal.
fn copied(place: &Place, from: (StoreKind, &str), to: (StoreKind, &str)) -> (Sides, Draft) {
    let sides = Sides::lock(&place.at(from.0, from.1), &place.at(to.0, to.1)).unwrap();
    let draft = Draft::begin_or_resume(&sides).unwrap();
    copy(&sides, &draft).unwrap();
    (sides, draft)
}

#[test]
fn killed_between_any_two_renames_it_is_finished_by_the_next_attempt() {
    for last_step in 0..=3 {
        let place = Place::with(Sqlite);
        let before = place.dump(Sqlite, "a");
        let (sides, draft) = copied(&place, (Sqlite, "a"), (Sled, "a"));
        let (store, target) = (draft.store(), sides.target.database(Sled));
        if last_step >= 1 {
            fs::rename(sides.source.database(Sqlite), kept(&sides)).unwrap();
            assert_eq!(stage(&sides, &draft).unwrap(), Stage::Renaming);
        }
        if last_step >= 2 {
            fs::rename(store, target).unwrap();
            assert_eq!(stage(&sides, &draft).unwrap(), Stage::Published);
        }
        if last_step >= 3 {
            fs::remove_file(draft.path().join("conversion.json")).unwrap();
        }
        drop((sides, draft));
        let folder = place.folder("a");
        if last_step < 3 {
            for refused in [folder.kind(None), folder.kind(Some(Sled)), folder.kind(Some(Sqlite))] {
                assert!(matches!(refused, Err(ServerError::Unfinished(_))), "{last_step}: {refused:?}");
            }
            place.convert((Sqlite, "a"), (Sled, "a")).unwrap();
            assert!(!has_draft(folder.path()), "{last_step}");
        }
        assert!(place.dump(Sled, "a") == before, "{last_step}");
    }
}

#[test]
fn killed_before_or_after_the_new_store_of_another_folder_got_its_name_it_is_finished() {
    for renamed in [false, true] {
        let place = Place::with(Sled);
        let before = place.dump(Sled, "a");
        let (sides, draft) = copied(&place, (Sled, "a"), (Sqlite, "b"));
        if renamed {
            fs::rename(draft.store(), sides.target.database(Sqlite)).unwrap();
        }
        drop((sides, draft));
        assert!(matches!(place.folder("b").kind(None), Err(ServerError::Unfinished(_))));
        place.convert((Sled, "a"), (Sqlite, "b")).unwrap();
        assert!(place.dump(Sqlite, "b") == before);
        assert!(!has_draft(place.folder("b").path()));
    }
}

#[test]
fn a_source_that_changed_between_two_attempts_is_copied_as_it_is_now() {
    let place = Place::with(Sqlite);
    drop(copied(&place, (Sqlite, "a"), (Sled, "b")));
    let store = place.folder("a").open_store(Sqlite).unwrap();
    let changed = rows()[5].clone();
    let gone = rows()[6].clone();
    let change = block_on(store.write(move |tx| {
        tx.put(definition(changed.0), &changed.1, b"changed")?;
        tx.put(definition(changed.0), b"new", b"new")?;
        tx.delete(definition(gone.0), &gone.1)
    }));
    change.unwrap();
    assert!(close_store(store));
    let now = place.dump(Sqlite, "a");
    place.convert((Sqlite, "a"), (Sled, "b")).unwrap();
    assert!(place.dump(Sled, "b") == now);
    assert!(now.iter().any(|(_, _, value)| value == b"changed"));
}

#[test]
fn a_draft_that_was_damaged_is_made_anew() {
    let place = Place::with(Sqlite);
    let (sides, draft) = copied(&place, (Sqlite, "a"), (Sled, "b"));
    fs::write(draft.store().join("koinon.store"), "something else").unwrap();
    drop((sides, draft));
    place.convert((Sqlite, "a"), (Sled, "b")).unwrap();
    assert!(place.dump(Sled, "b") == place.dump(Sqlite, "a"));
}

#[test]
fn a_configuration_that_was_put_there_for_the_new_instance_stays() {
    let place = Place::with(Sqlite);
    fs::write(place.folder("b").path().join("koinon.toml"), "title = \"Other\"\n").unwrap();
    place.convert((Sqlite, "a"), (Sled, "b")).unwrap();
    assert_eq!(place.configuration("b"), "title = \"Other\"\n");
}
