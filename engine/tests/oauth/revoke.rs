//! Taking tokens back.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::audience::Viewer;
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::oauth::{OauthError, Revoker};
use koinon_engine::page::PageRequest;
use koinon_engine::store::schema::{REFRESH_TOKENS, TOKENS};

use crate::client::{Client, refresh_of, refused, session};
use crate::support::Instance;

fn revoke(instance: &Instance, by: Revoker, token: &str) -> Result<(), OauthError> {
    block_on(instance.engine.revoke(by, token))
}

#[test]
fn h1_h4_h6_t30_a_revoked_token_is_dead_at_once_and_revoking_again_is_no_error() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    for _ in 0..2 {
        revoke(&instance, client.revoker(), issued.access.reveal()).unwrap();
        assert!(session(&instance, &issued).is_none());
    }
    revoke(&instance, client.revoker(), "never given").unwrap();
    assert_eq!(refused(client.refresh(refresh_of(&issued))), "invalid_grant");
    assert_eq!(instance.rows(REFRESH_TOKENS.definition()), 0);
}

#[test]
fn h3_revoking_a_refresh_token_ends_the_access_token() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    revoke(&instance, client.revoker(), refresh_of(&issued)).unwrap();
    assert!(session(&instance, &issued).is_none());
}

#[test]
fn h2_a_program_revokes_only_what_it_was_given() {
    let instance = Instance::new();
    let (client, other) = (Client::new(&instance), Client::new(&instance));
    let issued = client.token(instance.account("alice"));
    let stolen = revoke(&instance, other.revoker(), issued.access.reveal());
    assert!(matches!(stolen, Err(OauthError::UnauthorizedClient)), "{stolen:?}");
    let unproven = Revoker::Client { client_id: client.app.client_id, client_secret: "wrong".into() };
    for token in [issued.access.reveal(), "never given"] {
        assert!(matches!(revoke(&instance, unproven.clone(), token), Err(OauthError::InvalidClient)));
    }
    assert!(session(&instance, &issued).is_some());
}

#[test]
fn h2_whoever_bears_a_token_can_revoke_it_and_no_other() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let (one, other) = (client.token(alice), client.token(alice));
    let bearer = |token: &str| Revoker::Bearer(token.into());
    for stranger in [other.access.reveal(), refresh_of(&other), "never given"] {
        let result = revoke(&instance, bearer(stranger), one.access.reveal());
        assert!(matches!(result, Err(OauthError::UnauthorizedClient)), "{result:?}");
    }
    revoke(&instance, bearer(one.access.reveal()), refresh_of(&one)).unwrap();
    assert!(session(&instance, &one).is_none());
    revoke(&instance, bearer(other.access.reveal()), other.access.reveal()).unwrap();
    assert!(session(&instance, &other).is_none());
}

#[test]
fn a_programs_own_token_can_be_revoked() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.exchange(client.request("client_credentials")).unwrap();
    revoke(&instance, client.revoker(), issued.access.reveal()).unwrap();
    assert!(session(&instance, &issued).is_none());
    assert_eq!(instance.rows(TOKENS.definition()), 0);
}

#[test]
fn r45_h5_people_see_and_end_their_own_sessions_and_no_others() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let (alice, bob) = (instance.account("alice"), instance.account("bob"));
    let (first, second, bobs) = (client.token(alice), client.token(alice), client.token(bob));
    let ids = |account| -> Vec<Flake> {
        let tokens =
            instance.ask(Viewer::Local(account), |query| query.tokens(&PageRequest::newest(40))).unwrap();
        tokens.items.iter().map(|token| token.id).collect()
    };
    assert_eq!(ids(alice), [second.token.id, first.token.id]);
    assert!(matches!(
        instance.ask(Viewer::Anonymous, |query| query.tokens(&PageRequest::newest(40))),
        Err(Error::NotSignedIn)
    ));

    let end = |account, id| block_on(instance.engine.revoke_token_by_id(account, id));
    assert!(matches!(end(alice, IdInput::Exact(bobs.token.id)), Err(Error::NotFound)));
    end(alice, IdInput::Number(first.token.id.number())).unwrap();
    assert!(session(&instance, &first).is_none() && session(&instance, &second).is_some());
    assert!(session(&instance, &bobs).is_some());
    assert_eq!(refused(client.refresh(refresh_of(&first))), "invalid_grant");
    assert_eq!(ids(alice), [second.token.id]);
    assert!(matches!(end(alice, IdInput::Exact(first.token.id)), Err(Error::NotFound)));
}
