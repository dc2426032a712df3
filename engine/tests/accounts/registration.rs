//! Joining.

use futures::executor::block_on;
use koinon_engine::accounts::{NewAccount, Origin, Registration};
use koinon_engine::audience::Viewer;
use koinon_engine::error::{Disabled, Invalid};
use koinon_engine::model::{AccountState, NotificationKind, Role};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::page::PageRequest;
use koinon_engine::settings::{Registrations, Settings};
use koinon_engine::store::StoreExt;
use koinon_engine::store::schema::{ACCOUNTS, CREDENTIALS};
use koinon_engine::{Engine, Error};

use crate::support::{Instance, PASSWORD, race, settings};

fn registration(username: &str) -> Registration {
    Registration {
        username: username.into(),
        email: format!("{username}@mail.example"),
        password: PASSWORD.into(),
        agreement: true,
        ..Registration::default()
    }
}

fn register(engine: &Engine, registration: Registration) -> Result<koinon_engine::model::AccountId, Error> {
    block_on(engine.register(registration, Origin::Page))
}

fn refusal(instance: &Instance, registration: Registration) -> Invalid {
    match register(&instance.engine, registration) {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("not refused as invalid: {other:?}"),
    }
}

fn instance(registrations: Registrations) -> Instance {
    Instance::with(Settings { registrations, ..settings() })
}

#[test]
fn r47_nobody_registers_where_registrations_are_closed() {
    let instance = instance(Registrations::Closed);
    assert_eq!(refusal(&instance, registration("alice")), Invalid::RegistrationsClosed);
    assert_eq!(instance.rows(ACCOUNTS.definition()), 0);
}

#[test]
fn whoever_registers_where_it_is_open_can_sign_in_and_is_seen() {
    let instance = instance(Registrations::Open);
    let wanted = Registration { locale: Some("pt-BR".into()), ..registration("Alice") };
    let alice = register(&instance.engine, wanted).unwrap();
    assert_eq!(block_on(instance.engine.sign_in("alice", PASSWORD)).unwrap(), alice);
    let seen = instance.see(Viewer::Anonymous, alice).unwrap();
    assert_eq!((seen.account.username.as_str(), seen.account.role), ("Alice", Role::User));
    assert_eq!(seen.account.posting.language.as_deref(), Some("pt"), "R316");
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 1);
}

#[test]
fn an_applicant_waits_until_someone_approves() {
    let instance = instance(Registrations::Approval);
    let admin = instance.account_with_role("boss", Role::Admin);
    let wanted = Registration { reason: Some("I like it here".into()), ..registration("alice") };
    let alice = register(&instance.engine, wanted).unwrap();

    let stranger = instance.account("stranger");
    for viewer in [Viewer::Anonymous, Viewer::Local(stranger)] {
        assert!(matches!(instance.see(viewer, alice), Err(Error::NotFound)));
    }
    let signed_in = block_on(instance.engine.sign_in("alice", PASSWORD));
    assert!(matches!(signed_in, Err(Error::Disabled(Disabled::Pending))), "T38: {signed_in:?}");
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 2);

    block_on(instance.engine.approve(admin, alice)).unwrap();
    assert_eq!(block_on(instance.engine.sign_in("alice", PASSWORD)).unwrap(), alice);
    assert_eq!(instance.see(Viewer::Anonymous, alice).unwrap().account.state, AccountState::Active);
    assert_eq!(instance.ask(Viewer::Anonymous, |query| query.instance_stats()).unwrap().users, 3);
}

#[test]
fn staff_is_told_of_applicants_and_sees_them() {
    let instance = instance(Registrations::Approval);
    let staff = [
        instance.account_with_role("boss", Role::Admin),
        instance.account_with_role("helper", Role::Moderator),
    ];
    let other = instance.account("other");
    let alice = register(&instance.engine, registration("alice")).unwrap();
    let told = |account| {
        instance
            .ask(Viewer::Local(account), |query| {
                query.notifications(&NotificationFilter::default(), &PageRequest::newest(10))
            })
            .unwrap()
            .items
    };
    for member in staff {
        let notifications = told(member);
        assert_eq!(notifications.len(), 1);
        assert_eq!(notifications[0].kind, NotificationKind::SignUp);
        assert_eq!(notifications[0].from.account.id, alice);
    }
    assert!(told(other).is_empty());

    block_on(instance.engine.reject(staff[0], alice)).unwrap();
    assert!(
        staff.into_iter().all(|member| told(member).is_empty()),
        "nothing is left of a rejected applicant"
    );
}

#[test]
fn whoever_is_rejected_leaves_no_trace() {
    let instance = instance(Registrations::Approval);
    let admin = instance.account_with_role("boss", Role::Admin);
    let before = instance.bytes().len();
    let alice = register(&instance.engine, registration("alice")).unwrap();
    block_on(instance.engine.reject(admin, alice)).unwrap();
    assert_eq!(instance.bytes().len(), before);
    let again = register(&instance.engine, registration("alice"));
    assert!(again.is_ok(), "name and address are free again: {again:?}");
}

#[test]
fn what_is_wrong_with_a_registration_is_said() {
    let instance = Instance::new();
    let good = registration("alice");
    for (wrong, expected) in [
        (Registration { username: String::new(), ..good.clone() }, Invalid::Blank("Username")),
        (Registration { username: "al ice".into(), ..good.clone() }, Invalid::Malformed("Username")),
        (
            Registration { username: "a".repeat(31), ..good.clone() },
            Invalid::TooLong { field: "Username", maximum: 30 },
        ),
        (
            Registration { username: "Verify_Credentials".into(), ..good.clone() },
            Invalid::Reserved("Username"),
        ),
        (Registration { username: "admin".into(), ..good.clone() }, Invalid::Reserved("Username")),
        (Registration { email: String::new(), ..good.clone() }, Invalid::Blank("Email")),
        (Registration { email: "alice".into(), ..good.clone() }, Invalid::Malformed("Email")),
        (Registration { password: String::new(), ..good.clone() }, Invalid::Blank("Password")),
        (
            Registration { password: "sevench".into(), ..good.clone() },
            Invalid::TooShort { field: "Password", minimum: 8 },
        ),
        (
            Registration { password: "x".repeat(4_097), ..good.clone() },
            Invalid::TooLong { field: "Password", maximum: 4_096 },
        ),
        (
            Registration { reason: Some("x".repeat(2_001)), ..good.clone() },
            Invalid::TooLong { field: "Reason", maximum: 2_000 },
        ),
        (Registration { agreement: false, ..good }, Invalid::NotAgreed),
    ] {
        assert_eq!(refusal(&instance, wrong), expected);
    }
    assert_eq!(instance.rows(ACCOUNTS.definition()), 0);
}

#[test]
fn a_name_or_address_belongs_to_one_account_without_regard_to_case() {
    let instance = Instance::new();
    instance.account("Alice");
    let same_name = Registration { email: "other@mail.example".into(), ..registration("aLICE") };
    assert_eq!(refusal(&instance, same_name), Invalid::Taken("Username"));
    let same_address = Registration { email: "ALICE@Mail.Example".into(), ..registration("bob") };
    assert_eq!(refusal(&instance, same_address), Invalid::Taken("Email"));
}

#[test]
fn of_32_who_want_the_same_name_at_the_same_moment_one_gets_it() {
    let instance = Instance::new();
    let engine = instance.engine.clone();
    let results = race(32, move |number| {
        let username = if number % 2 == 0 { "alice" } else { "ALICE" };
        let wanted = Registration { email: format!("{number}@mail.example"), ..registration(username) };
        register(&engine, wanted)
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let taken =
        |result: &&Result<_, Error>| matches!(result, Err(Error::Invalid(Invalid::Taken("Username"))));
    assert_eq!(results.iter().filter(taken).count(), 31);
    assert_eq!(instance.rows(CREDENTIALS.definition()), 1);
}

#[test]
fn the_number_of_an_account_is_its_own_even_with_two_processes_in_the_same_millisecond() {
    let instance = Instance::new();
    let other = instance.another(2);
    let mut numbers = Vec::new();
    for (number, engine) in [&instance.engine, &other, &instance.engine, &other].into_iter().enumerate() {
        let account = NewAccount {
            username: format!("user{number}"),
            password: PASSWORD.into(),
            ..NewAccount::default()
        };
        numbers.push(block_on(engine.create_account(account)).unwrap().number());
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
}

#[test]
fn the_program_that_registered_an_account_is_remembered() {
    let instance = Instance::new();
    let app = koinon_engine::id::Flake::from_parts(1_790_000_000_000, 1, 1);
    let alice = block_on(instance.engine.register(registration("alice"), Origin::App(app))).unwrap();
    let credentials = block_on(instance.store.read(move |tx| CREDENTIALS.get(tx, &alice))).unwrap().unwrap();
    assert_eq!(credentials.registered_with, Some(app));
}

#[test]
fn whoever_runs_the_instance_makes_accounts_though_registrations_are_closed() {
    let instance = instance(Registrations::Closed);
    let account = NewAccount {
        username: "admin".into(),
        email: String::new(),
        password: PASSWORD.into(),
        role: Role::Admin,
    };
    let admin = block_on(instance.engine.create_account(account.clone())).unwrap();
    assert_eq!(instance.see(Viewer::Anonymous, admin).unwrap().account.role, Role::Admin);
    let nameless = NewAccount { username: "second".into(), ..account };
    assert!(block_on(instance.engine.create_account(nameless)).is_ok(), "two accounts without an address");
}

#[test]
fn same_seed_and_clock_and_calls_make_the_same_bytes() {
    let store = |name| {
        let instance = Instance::new();
        register(&instance.engine, registration(name)).unwrap();
        instance.bytes()
    };
    assert_eq!(store("alice"), store("alice"));
    assert_ne!(store("alice"), store("bobby"));
}

#[test]
fn t39_neither_the_store_nor_a_log_has_a_password() {
    let instance = Instance::new();
    let canary = "canary-9f8e7d6c5b4a";
    let wanted = Registration { password: canary.into(), ..registration("alice") };
    assert!(!format!("{wanted:?}").contains(canary));
    register(&instance.engine, wanted).unwrap();
    assert!(!instance.stores(canary.as_bytes()));
}
