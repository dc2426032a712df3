//! Letting people in and keeping them out.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::accounts::{Authority, NewAccount};
use koinon_engine::audience::Viewer;
use koinon_engine::error::{Disabled, Invalid};
use koinon_engine::id::Flake;
use koinon_engine::model::{AccountState, Role};
use koinon_engine::store::StoreExt;
use koinon_engine::store::schema::{
    ACCOUNT_WORDS, ACCOUNTS, CREDENTIALS, EMAILS, STAFF, WEB_SESSIONS, WEB_SESSIONS_OF,
};

use crate::support::{Instance, PASSWORD};

#[test]
fn only_a_higher_rank_has_a_say() {
    let instance = Instance::new();
    let admin = instance.account_with_role("boss", Role::Admin);
    let second_admin = instance.account_with_role("boss2", Role::Admin);
    let moderator = instance.account_with_role("helper", Role::Moderator);
    let second_moderator = instance.account_with_role("helper2", Role::Moderator);
    let (alice, bob) = (instance.account("alice"), instance.account("bob"));
    let suspend = |by: Authority, account| block_on(instance.engine.suspend(by, account));
    for (by, account) in [
        (alice, bob),
        (alice, admin),
        (alice, Flake::MAX),
        (moderator, second_moderator),
        (moderator, admin),
        (moderator, moderator),
        (admin, second_admin),
    ] {
        let result = suspend(by.into(), account);
        assert!(matches!(result, Err(Error::Forbidden)), "{by} {account} {result:?}");
    }
    assert!(matches!(suspend(moderator.into(), Flake::MAX), Err(Error::NotFound)));
    suspend(moderator.into(), bob).unwrap();
    suspend(admin.into(), moderator).unwrap();
    suspend(Authority::Operator, admin).unwrap();
    let gone = suspend(admin.into(), alice);
    assert!(matches!(gone, Err(Error::Disabled(Disabled::Suspended))), "{gone:?}");
}

#[test]
fn h7_a_suspended_account_is_gone_at_once_and_comes_back_without_its_sessions() {
    let instance = Instance::new();
    let admin = instance.account_with_role("boss", Role::Admin);
    let alice = instance.account("alice");
    let browser = block_on(instance.engine.start_web_session(alice)).unwrap();
    block_on(instance.engine.suspend(admin, alice)).unwrap();
    assert!(matches!(instance.see(Viewer::Local(admin), alice), Err(Error::NotFound)));
    assert_eq!(block_on(instance.engine.web_session(browser.reveal())).unwrap(), None);
    let again = block_on(instance.engine.start_web_session(alice));
    assert!(matches!(again, Err(Error::Disabled(Disabled::Suspended))), "{again:?}");
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 1);

    block_on(instance.engine.suspend(admin, alice)).unwrap();
    block_on(instance.engine.unsuspend(admin, alice)).unwrap();
    block_on(instance.engine.unsuspend(admin, alice)).unwrap();
    assert!(instance.see(Viewer::Anonymous, alice).is_ok());
    assert_eq!(block_on(instance.engine.web_session(browser.reveal())).unwrap(), None);
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 2);
}

#[test]
fn only_a_pending_account_can_be_rejected_and_a_suspended_one_is_not_approved() {
    let instance = Instance::new();
    let admin = instance.account_with_role("boss", Role::Admin);
    let alice = instance.account("alice");
    assert!(matches!(block_on(instance.engine.reject(admin, alice)), Err(Error::Forbidden)));
    block_on(instance.engine.approve(admin, alice)).unwrap();
    block_on(instance.engine.suspend(admin, alice)).unwrap();
    assert!(matches!(block_on(instance.engine.approve(admin, alice)), Err(Error::Forbidden)));
}

#[test]
fn a_dropped_role_is_powerless_at_once() {
    let instance = Instance::new();
    let admin = instance.account_with_role("boss", Role::Admin);
    let helper = instance.account("helper");
    let alice = instance.account("alice");
    block_on(instance.engine.set_role(admin, helper, Role::Moderator)).unwrap();
    block_on(instance.engine.suspend(helper, alice)).unwrap();
    let promoted = block_on(instance.engine.set_role(helper, alice, Role::Moderator));
    assert!(matches!(promoted, Err(Error::Forbidden)), "only admins give roles: {promoted:?}");
    block_on(instance.engine.set_role(admin, helper, Role::User)).unwrap();
    assert!(matches!(block_on(instance.engine.unsuspend(helper, alice)), Err(Error::Forbidden)));
    assert_eq!(instance.rows(STAFF.definition()), 1);
}

#[test]
fn a_deleted_account_leaves_its_name_and_nothing_of_the_person() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    block_on(instance.engine.start_web_session(alice)).unwrap();
    block_on(instance.engine.delete_account(alice, alice)).unwrap();

    assert!(matches!(instance.see(Viewer::Local(alice), alice), Err(Error::NotFound)));
    assert!(matches!(block_on(instance.engine.sign_in("alice", PASSWORD)), Err(Error::WrongCredentials)));
    for table in [
        CREDENTIALS.definition(),
        EMAILS.definition(),
        ACCOUNT_WORDS.definition(),
        WEB_SESSIONS.definition(),
        WEB_SESSIONS_OF.definition(),
    ] {
        assert_eq!(instance.rows(table), 0, "{}", table.name);
    }
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 0);
    let stored = block_on(instance.store.read(move |tx| ACCOUNTS.get(tx, &alice))).unwrap().unwrap();
    assert_eq!(stored.state, AccountState::Deleted);

    let account = |username: &str| NewAccount {
        username: username.into(),
        email: "alice@mail.example".into(),
        password: PASSWORD.into(),
        role: Role::User,
    };
    let again = block_on(instance.engine.create_account(account("ALICE")));
    assert!(matches!(again, Err(Error::Invalid(Invalid::Taken("Username")))), "{again:?}");
    assert!(block_on(instance.engine.create_account(account("alice2"))).is_ok(), "the address is free");
}

#[test]
fn staff_can_delete_accounts_and_a_deleted_one_stays_deleted() {
    let instance = Instance::new();
    let admin = instance.account_with_role("boss", Role::Admin);
    let (alice, bob) = (instance.account("alice"), instance.account("bob"));
    assert!(matches!(block_on(instance.engine.delete_account(alice, bob)), Err(Error::Forbidden)));
    block_on(instance.engine.delete_account(admin, alice)).unwrap();
    for result in [
        block_on(instance.engine.unsuspend(admin, alice)),
        block_on(instance.engine.approve(admin, alice)),
        block_on(instance.engine.suspend(admin, alice)),
        block_on(instance.engine.delete_account(admin, alice)),
    ] {
        assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
    }
    assert!(matches!(block_on(instance.engine.delete_account(alice, alice)), Err(Error::Disabled(_))));
}
