//! Nothing that lets anyone in can be read from the store or a log, or guessed.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::executor::block_on;
use koinon_engine::entropy::{Secret, SystemEntropy};
use koinon_engine::oauth::Revoker;

use crate::client::{Client, refresh_of};
use crate::support::{Instance, PASSWORD};

#[test]
fn t39_f5_the_store_has_no_token_code_secret_or_password() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let used = client.code(alice, "read");
    let issued = client.exchange(client.code_request(&used)).unwrap();
    let renewed = client.refresh(refresh_of(&issued)).unwrap();
    let own = client.exchange(client.request("client_credentials")).unwrap();
    let browser = block_on(instance.engine.start_web_session(alice)).unwrap();
    let secrets = [
        client.secret.clone(),
        client.code(alice, "read"),
        used,
        issued.access.reveal().into(),
        refresh_of(&issued).into(),
        renewed.access.reveal().into(),
        refresh_of(&renewed).into(),
        own.access.reveal().into(),
        browser.reveal().into(),
    ];
    assert!(instance.stores(client.app.client_id.as_bytes()), "the scan finds what is there");
    assert!(!instance.stores(PASSWORD.as_bytes()));
    for secret in secrets {
        assert!(!instance.stores(secret.as_bytes()));
        assert!(!instance.stores(&URL_SAFE_NO_PAD.decode(&secret).unwrap()), "nor its bytes");
    }
}

#[test]
fn t40_f7_what_may_be_logged_has_no_secret() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let issued = client.token(alice);
    let logged = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        client.code_request("canary-code"),
        client.refresh_request("canary-token"),
        client.password_request("alice", "canary-password"),
        client.revoker(),
        Revoker::Bearer("canary-bearer".into()),
        issued,
    );
    for secret in ["canary", client.secret.as_str(), issued.access.reveal(), refresh_of(&issued)] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

#[test]
fn t52_c1_a_million_secrets_differ_and_look_random() {
    let mut seen = HashSet::with_capacity(1_000_000);
    let mut ones: u64 = 0;
    for _ in 0..1_000_000 {
        let secret = Secret::generate(&SystemEntropy);
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(secret.reveal()).unwrap().try_into().unwrap();
        ones += bytes.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        assert!(seen.insert(u128::from_le_bytes(bytes[..16].try_into().unwrap())));
    }
    // 256 million fair bits: ten standard deviations are 80,000.
    assert!(ones.abs_diff(128_000_000) < 80_000, "{ones}");
}
