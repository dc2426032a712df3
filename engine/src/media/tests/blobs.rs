//! Both blob stores keep the same promises; the folder keeps them across crashes and damage.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use crate::media::{BlobError, BlobId, BlobStore, DirectoryBlobs, InvalidBlobId, MemoryBlobs};

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn both_stores_keep_find_list_and_delete() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn BlobStore>; 2] =
        [Box::new(MemoryBlobs::new()), Box::new(DirectoryBlobs::open(folder.path()).unwrap())];
    for store in stores {
        let hello = store.put(b"hello").unwrap();
        assert_eq!(hello.to_string(), HELLO);
        assert_eq!(store.put(b"hello").unwrap(), hello);
        let empty = store.put(b"").unwrap();
        let unknown = BlobId::of(b"unknown");

        assert_eq!(store.get(&hello).unwrap(), Some(b"hello".to_vec()));
        assert_eq!(store.get(&empty).unwrap(), Some(Vec::new()));
        assert_eq!(store.get(&unknown).unwrap(), None);
        assert!(store.contains(&hello).unwrap());
        assert!(!store.contains(&unknown).unwrap());

        assert!(store.delete(&hello).unwrap());
        assert!(!store.delete(&hello).unwrap());
        assert_eq!(store.get(&hello).unwrap(), None);
        assert_eq!(ids(&*store), [empty]);
    }
}

#[test]
fn ids_come_in_ascending_order() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn BlobStore>; 2] =
        [Box::new(MemoryBlobs::new()), Box::new(DirectoryBlobs::open(folder.path()).unwrap())];
    for store in stores {
        let mut expected: Vec<BlobId> = (0..40_u8).map(|byte| store.put(&[byte]).unwrap()).collect();
        expected.sort_unstable();
        assert_eq!(ids(&*store), expected);
    }
}

#[test]
fn a_blob_lies_two_folders_deep_under_its_own_name() {
    let (folder, store) = directory();
    store.put(b"hello").unwrap();
    let file = folder.path().join("2c").join("f2").join(HELLO);
    assert_eq!(fs::read(file).unwrap(), b"hello");
}

#[test]
fn a_folder_opened_again_has_what_was_put() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/yet/there");
    let id = DirectoryBlobs::open(&root).unwrap().put(b"hello").unwrap();
    let again = DirectoryBlobs::open(&root).unwrap();
    assert_eq!(again.get(&id).unwrap(), Some(b"hello".to_vec()));
}

#[test]
fn damaged_content_is_an_error_of_its_own_and_putting_it_again_mends_it() {
    let (folder, store) = directory();
    let id = store.put(b"hello").unwrap();
    for damaged in [b"hellO".as_slice(), b"hell", b"", b"hello!"] {
        fs::write(file_of(folder.path(), &id), damaged).unwrap();
        let refused = store.get(&id);
        assert!(matches!(&refused, Err(BlobError::Corrupt { id: damaged }) if *damaged == id));
        assert_eq!(refused.unwrap_err().io_kind(), None);
        store.put(b"hello").unwrap();
        assert_eq!(store.get(&id).unwrap(), Some(b"hello".to_vec()));
    }
}

#[test]
fn files_of_a_crash_and_of_others_are_neither_listed_nor_served() {
    let (folder, store) = directory();
    let id = store.put(b"hello").unwrap();
    let file = file_of(folder.path(), &id);
    let leaf = file.parent().unwrap();
    fs::write(leaf.join(format!("{HELLO}.1-1.tmp")), b"hel").unwrap();
    fs::write(leaf.join("README"), b"").unwrap();
    fs::write(folder.path().join("README"), b"").unwrap();
    fs::create_dir(folder.path().join("lost+found")).unwrap();
    // A hash in a folder that is not its own.
    fs::write(leaf.join(BlobId::of(b"other").to_string()), b"other").unwrap();
    assert_eq!(ids(&store), [id]);
    assert_eq!(store.get(&BlobId::of(b"other")).unwrap(), None);
}

#[test]
fn leftovers_of_a_crash_are_removed_but_not_those_of_a_put_under_way() {
    let (folder, store) = directory();
    let id = store.put(b"hello").unwrap();
    let leftover = file_of(folder.path(), &id).with_extension("1-1.tmp");
    fs::write(&leftover, b"hel").unwrap();
    let hour = Duration::from_secs(3600);

    assert_eq!(store.remove_leftovers(SystemTime::now() - hour).unwrap(), 0);
    assert!(leftover.exists());
    assert_eq!(store.remove_leftovers(SystemTime::now() + hour).unwrap(), 1);
    assert!(!leftover.exists());
    assert_eq!(store.get(&id).unwrap(), Some(b"hello".to_vec()));
}

#[test]
fn a_leftover_with_the_name_a_put_would_choose_is_no_obstacle() {
    let (folder, store) = directory();
    let id = BlobId::of(b"hello");
    let file = file_of(folder.path(), &id);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    for serial in 0..200 {
        let name = format!("{HELLO}.{}-{serial}.tmp", std::process::id());
        fs::write(file.with_file_name(name), b"left behind").unwrap();
    }
    store.put(b"hello").unwrap();
    assert_eq!(store.get(&id).unwrap(), Some(b"hello".to_vec()));
}

#[test]
fn many_threads_that_put_the_same_leave_one_file_and_nothing_else() {
    let (folder, store) = directory();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| store.put(b"hello").unwrap());
        }
    });
    let id = BlobId::of(b"hello");
    let leaf = file_of(folder.path(), &id).parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(leaf).unwrap().count(), 1);
    assert_eq!(store.get(&id).unwrap(), Some(b"hello".to_vec()));
}

#[test]
fn a_failing_medium_is_told_by_kind_and_leaves_nothing() {
    let (folder, store) = directory();
    fs::write(folder.path().join("2c"), b"a file where a folder belongs").unwrap();
    let failed = store.put(b"hello").unwrap_err();
    assert!(
        matches!(failed.io_kind(), Some(ErrorKind::NotADirectory | ErrorKind::AlreadyExists)),
        "{failed:?}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_get_its_name_leaves_no_temporary_file() {
    let (folder, store) = directory();
    let id = BlobId::of(b"hello");
    // A folder in place of the blob: reading it fails, and so would renaming onto it.
    fs::create_dir_all(file_of(folder.path(), &id).join("full")).unwrap();
    assert!(store.put(b"hello").is_err());
    assert!(store.get(&id).is_err());
    let leaf = file_of(folder.path(), &id).parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(leaf).unwrap().count(), 1);
}

#[test]
fn a_full_medium_and_a_forbidden_one_are_told_apart() {
    let failed = |kind: ErrorKind| BlobError::Io {
        action: "write",
        path: PathBuf::from("x"),
        source: io::Error::from(kind),
    };
    assert!(failed(ErrorKind::StorageFull).is_out_of_space());
    assert!(failed(ErrorKind::QuotaExceeded).is_out_of_space());
    assert!(!failed(ErrorKind::PermissionDenied).is_out_of_space());
    assert!(failed(ErrorKind::PermissionDenied).is_permission_denied());
    assert!(failed(ErrorKind::ReadOnlyFilesystem).is_permission_denied());
    assert!(!failed(ErrorKind::StorageFull).is_permission_denied());
}

#[test]
fn a_root_that_is_a_file_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(DirectoryBlobs::open(file).is_err());
}

// CVE-2023-36460: no input ever becomes a path
#[test]
fn an_id_is_read_only_from_its_one_spelling() {
    let upper = HELLO.to_uppercase();
    let refused = [
        "",
        "../../../../etc/passwd",
        "2c",
        &HELLO[1..],
        &format!("{HELLO}0"),
        &format!("{HELLO}/"),
        &format!(" {HELLO}"),
        &upper,
        &HELLO.replace("2c", "./"),
        &HELLO.replace("2c", "é"),
        &"é".repeat(32),
        &"0".repeat(63),
    ];
    for text in refused {
        assert_eq!(text.parse::<BlobId>(), Err(InvalidBlobId), "{text}");
        let json = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<BlobId>(&json).is_err());
    }
    let id: BlobId = HELLO.parse().unwrap();
    assert_eq!(id, BlobId::of(b"hello"));
    assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{HELLO}\""));
    assert_eq!(format!("{id:?}"), format!("BlobId({HELLO})"));
}

proptest! {
    #[test]
    fn an_id_survives_text_and_json(content in any::<Vec<u8>>()) {
        let id = BlobId::of(&content);
        prop_assert_eq!(id.to_string().parse::<BlobId>(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        prop_assert_eq!(serde_json::from_str::<BlobId>(&json).unwrap(), id);
    }

    #[test]
    fn any_text_that_is_an_id_is_its_own_spelling(text in "[0-9a-fA-F./]{60,66}|[0-9a-f]{64}|.{0,80}") {
        if let Ok(id) = text.parse::<BlobId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }
}

fn directory() -> (tempfile::TempDir, DirectoryBlobs) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryBlobs::open(folder.path()).unwrap();
    (folder, store)
}

fn ids(store: &dyn BlobStore) -> Vec<BlobId> {
    store.ids().unwrap().collect::<Result<_, _>>().unwrap()
}

fn file_of(root: &Path, id: &BlobId) -> PathBuf {
    let name = id.to_string();
    root.join(&name[..2]).join(&name[2..4]).join(name)
}
