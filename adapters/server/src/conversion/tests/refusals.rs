//! What is refused, and what it leaves behind.

use std::fs;
use std::path::Path;

use futures::executor::block_on;
use koinon_engine::migration::Migration;
use koinon_engine::store::schema::{META, meta};
use koinon_engine::store::{StoreError, StoreExt};

use super::super::place::Sides;
use super::super::{ConversionError, StoreAt, convert};
use super::{Place, has_draft};
use crate::error::ServerError;
use crate::lock::{FolderLock, FolderUse, LockError};
use crate::store_kind::StoreKind::{self, Sled, Sqlite};

/// Changes these bytes in a file to something else, wherever they are: some places may not be in use.
fn damage(file: &Path, bytes: &[u8]) {
    let mut content = fs::read(file).unwrap();
    let places: Vec<usize> =
        (0..content.len() - bytes.len()).filter(|place| content[*place..].starts_with(bytes)).collect();
    assert!(!places.is_empty());
    for place in places {
        content[place + bytes.len() / 2] ^= 1;
    }
    fs::write(file, content).unwrap();
}

#[test]
fn a_damaged_row_of_the_source_is_told_and_nothing_is_there_afterwards() {
    for kind in StoreKind::ALL {
        let place = Place::with(kind);
        let file = match kind {
            Sqlite => place.folder("a").database(kind),
            Sled => place.folder("a").database(kind).join("db"),
        };
        damage(&file, b"{\"number\":1234}");
        let other = if kind == Sled { Sqlite } else { Sled };
        for target in ["a", "b"] {
            let refused = place.convert((kind, "a"), (other, target)).unwrap_err();
            assert!(
                matches!(
                    refused,
                    ServerError::Conversion(ConversionError::Source(
                        StoreError::Damaged { .. } | StoreError::Unusable(_)
                    ))
                ),
                "{refused}"
            );
            assert!(refused.hint().is_some());
        }
        assert!(place.names("b").is_empty());
        assert_eq!(place.names("a"), [kind.place(), "koinon.toml", "media"]);
    }
}

/// Neither could the present program tell what they mean, nor is it asked to migrate them.
#[test]
fn data_of_a_newer_version_are_refused_and_left_alone() {
    for kind in StoreKind::ALL {
        let place = Place::with(kind);
        let store = place.folder("a").open_store(kind).unwrap();
        block_on(store.write(|tx| META.put(tx, &meta::DATA_VERSION.to_owned(), &9.into()))).unwrap();
        drop(store);
        let content = || fs::read(place.folder("a").database(Sqlite)).unwrap_or_default();
        let before = content();
        let other = if kind == Sled { Sqlite } else { Sled };
        for target in ["a", "b"] {
            let refused = place.convert((kind, "a"), (other, target)).unwrap_err();
            assert!(
                matches!(
                    refused,
                    ServerError::Conversion(ConversionError::Source(StoreError::NewerData { found: 9, .. }))
                ),
                "{refused}"
            );
            assert!(refused.hint().unwrap().contains("use the newer program"));
        }
        assert!(content() == before);
        assert!(place.names("b").is_empty());
        assert_eq!(place.names("a"), [kind.place(), "koinon.toml", "media"]);
    }
}

#[test]
fn data_of_an_older_version_are_to_be_migrated_first() {
    let table = META.definition();
    let later = Migration { to: 2, title: "does nothing", table, row: |_, _, _| Ok(()) };
    for kind in StoreKind::ALL {
        let place = Place::with(kind);
        let sides = Sides::lock(&place.at(kind, "a"), &place.at(kind, "b")).unwrap();
        let store = sides.open_source().unwrap();
        let refused = sides.refuse_older(&*store, &[later]).unwrap_err();
        assert!(matches!(refused, ServerError::Conversion(ConversionError::Older(_))), "{refused}");
        assert!(refused.hint().unwrap().contains("koinon migrate"));
    }
}

#[test]
fn a_target_with_data_is_refused_and_left_alone() {
    for kind in StoreKind::ALL {
        let place = Place::with(kind);
        let other = if kind == Sled { Sqlite } else { Sled };
        drop(place.folder("b").open_store(kind).unwrap());
        place.folder("c").open_blobs().unwrap().put(b"somebody's").unwrap();
        drop(place.folder("a").open_store(other).unwrap());
        for target in ["a", "b", "c"] {
            let before = place.names(target);
            let refused = place.convert((kind, "a"), (other, target)).unwrap_err();
            assert!(matches!(refused, ServerError::HoldsData(_)), "{target}: {refused}");
            assert_eq!(place.names(target), before);
        }
    }
}

#[test]
fn what_is_not_there_or_is_the_same_is_refused() {
    let place = Place::with(Sqlite);
    fs::create_dir(place.root.path().join("empty")).unwrap();
    for from in [(Sled, "a"), (Sqlite, "empty"), (Sqlite, "nowhere")] {
        let refused = place.convert(from, (Sled, "b")).unwrap_err();
        assert!(matches!(refused, ServerError::Conversion(ConversionError::NoSource(_))), "{refused}");
    }
    let roundabout = StoreAt { kind: Sqlite, data: place.root.path().join("a/../a/.") };
    let refused = convert(&place.at(Sqlite, "a"), &roundabout).unwrap_err();
    assert!(matches!(refused, ServerError::Conversion(ConversionError::SameStore(_))), "{refused}");
    assert_eq!(place.names("a"), ["koinon.sqlite", "koinon.toml", "media"]);
}

#[test]
fn a_folder_that_is_in_use_is_refused_on_either_side() {
    let place = Place::with(Sqlite);
    for used in ["a", "b"] {
        let folder = place.folder(used);
        let lock = FolderLock::take(folder.path()).unwrap();
        let refused = place.convert((Sqlite, "a"), (Sled, "b")).unwrap_err();
        assert!(matches!(refused, ServerError::Lock(LockError::Taken { .. })), "{refused}");
        drop(lock);
        let work = FolderUse::share(folder.path()).unwrap();
        let refused = place.convert((Sqlite, "a"), (Sled, "b")).unwrap_err();
        assert!(matches!(refused, ServerError::Lock(LockError::Commands(_))), "{refused}");
        drop(work);
    }
    assert!(!has_draft(place.folder("b").path()));
    place.convert((Sqlite, "a"), (Sled, "b")).unwrap();
}

#[test]
fn a_conversion_of_something_else_is_not_gone_on_with() {
    let (place, other) = (Place::with(Sqlite), Place::with(Sqlite));
    let sides = Sides::lock(&place.at(Sqlite, "a"), &other.at(Sled, "b")).unwrap();
    drop(super::super::draft::Draft::begin_or_resume(&sides).unwrap());
    drop(sides);
    let refused = other.convert((Sqlite, "a"), (Sled, "b")).unwrap_err();
    assert!(matches!(refused, ServerError::Conversion(ConversionError::OtherConversion { .. })), "{refused}");
    convert(&place.at(Sqlite, "a"), &other.at(Sled, "b")).unwrap();
}

#[test]
fn what_an_earlier_conversion_kept_is_never_overwritten() {
    let place = Place::with(Sqlite);
    fs::write(place.folder("a").path().join("koinon.sqlite.converted"), "old").unwrap();
    let refused = place.convert((Sqlite, "a"), (Sled, "a")).unwrap_err();
    assert!(matches!(refused, ServerError::Conversion(ConversionError::KeptBefore(_))), "{refused}");
    assert_eq!(place.names("a"), ["koinon.sqlite", "koinon.sqlite.converted", "koinon.toml", "media"]);
}

#[test]
fn a_damaged_upload_is_left_out_and_told() {
    let place = Place::with(Sqlite);
    let folder = place.folder("a");
    let id = folder.open_blobs().unwrap().put(b"to be damaged").unwrap();
    let name = id.to_string();
    fs::write(folder.media().join(&name[..2]).join(&name[2..4]).join(&name), "damaged").unwrap();
    let converted = place.convert((Sqlite, "a"), (Sled, "b")).unwrap();
    assert_eq!((converted.media.files, converted.media.damaged), (3, vec![id]));
}

#[test]
fn a_store_is_named_by_its_kind_and_its_folder() {
    let read = "sled:some/folder:with a colon".parse::<StoreAt>().unwrap();
    assert_eq!(read, StoreAt { kind: Sled, data: "some/folder:with a colon".into() });
    assert_eq!(read.to_string(), "sled:some/folder:with a colon");
    for text in ["", "sled", "sled:", "mysql:folder", ":folder", "some/folder"] {
        assert!(text.parse::<StoreAt>().is_err(), "{text}");
    }
}
