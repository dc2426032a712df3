//! The first account.

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_engine::error::Invalid;
use koinon_engine::model::Role;
use koinon_engine::store::schema::ACCOUNTS;
use koinon_engine::{Engine, Error};

use crate::support::{Instance, PASSWORD, race};

fn create(engine: &Engine, secret: &str, name: &str) -> Result<koinon_engine::model::AccountId, Error> {
    block_on(engine.create_owner(secret, name, &format!("{name}@mail.example"), PASSWORD))
}

#[test]
fn the_secret_makes_the_owner_once() {
    let instance = Instance::new();
    let secret = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    assert!(!instance.stores(secret.reveal().as_bytes()));
    for wrong in ["", "wrong", &secret.reveal()[1..]] {
        assert!(matches!(create(&instance.engine, wrong, "owner"), Err(Error::NotFound)), "{wrong}");
    }
    let owner = create(&instance.engine, secret.reveal(), "owner").unwrap();
    assert_eq!(instance.see(Viewer::Anonymous, owner).unwrap().account.role, Role::Admin);
    assert!(matches!(create(&instance.engine, secret.reveal(), "second"), Err(Error::NotFound)));
    assert!(block_on(instance.engine.owner_setup_secret()).unwrap().is_none());
}

#[test]
fn whether_the_secret_is_right_can_be_asked_without_using_it_up() {
    let instance = Instance::new();
    let secret = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    let check = |secret: &str| block_on(instance.engine.check_owner_secret(secret));
    assert!(matches!(check("wrong"), Err(Error::NotFound)));
    assert!(check(secret.reveal()).is_ok() && check(secret.reveal()).is_ok());
    create(&instance.engine, secret.reveal(), "owner").unwrap();
    assert!(matches!(check(secret.reveal()), Err(Error::NotFound)));
}

#[test]
fn a_new_secret_replaces_the_old_one() {
    let instance = Instance::new();
    let old = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    let new = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    assert!(matches!(create(&instance.engine, old.reveal(), "owner"), Err(Error::NotFound)));
    assert!(create(&instance.engine, new.reveal(), "owner").is_ok());
}

#[test]
fn a_bad_name_does_not_use_the_secret_up() {
    let instance = Instance::new();
    let secret = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    let bad = create(&instance.engine, secret.reveal(), "no good");
    assert!(matches!(bad, Err(Error::Invalid(Invalid::Malformed("Username")))), "{bad:?}");
    assert!(create(&instance.engine, secret.reveal(), "admin").is_ok(), "an owner may be called that");
}

#[test]
fn there_is_no_owner_to_make_once_somebody_can_sign_in() {
    let instance = Instance::new();
    let secret = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    instance.account("alice");
    assert!(matches!(create(&instance.engine, secret.reveal(), "owner"), Err(Error::NotFound)));
    assert!(block_on(instance.engine.owner_setup_secret()).unwrap().is_none());
}

#[test]
fn of_32_with_the_secret_one_becomes_the_owner() {
    let instance = Instance::new();
    let secret = block_on(instance.engine.owner_setup_secret()).unwrap().unwrap();
    let engine = instance.engine.clone();
    let results = race(32, move |number| create(&engine, secret.reveal(), &format!("owner{number}")));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(instance.rows(ACCOUNTS.definition()), 1);
}
