//! Renewing tokens.

use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::oauth::{AuthenticationError, OauthError, TokenRequest};
use koinon_engine::settings::Settings;
use koinon_engine::store::schema::{REFRESH_TOKENS, TOKEN_FAMILIES, TOKENS};

use crate::client::{Client, refresh_of, refused, session};
use crate::support::{Instance, race, settings};

#[test]
fn t24_r41_refreshing_gives_new_tokens_and_ends_the_old_ones() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let old = client.token(alice);
    let new = client.refresh(refresh_of(&old)).unwrap();
    assert!(session(&instance, &old).is_none());
    let session = session(&instance, &new).unwrap();
    assert_eq!(session.account, Some(alice));
    assert_eq!(session.scopes, old.token.scopes);
    assert_eq!(session.family, old.token.family);
    assert!(new.token.id != old.token.id && refresh_of(&new) != refresh_of(&old));
    assert!(client.refresh(refresh_of(&new)).is_ok(), "and so on");
}

#[test]
fn t25_e5_a_refresh_token_used_twice_ends_the_family() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let bystander = client.token(alice);
    let first = client.token(alice);
    let second = client.refresh(refresh_of(&first)).unwrap();
    let third = client.refresh(refresh_of(&second)).unwrap();
    assert_eq!(refused(client.refresh(refresh_of(&first))), "invalid_grant");
    assert!(session(&instance, &third).is_none());
    assert_eq!(refused(client.refresh(refresh_of(&third))), "invalid_grant");
    assert!(session(&instance, &bystander).is_some(), "another authorization is not concerned");
}

#[test]
fn t26_of_32_who_use_the_same_refresh_token_at_the_same_moment_one_wins() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    let request = client.refresh_request(refresh_of(&issued));
    let results = race(32, move |_| client.exchange(request.clone()));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for loser in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(loser, OauthError::InvalidGrant), "{loser:?}");
    }
    assert_eq!(instance.rows(TOKENS.definition()), 0, "what the winner got ended with the first loser");
}

#[test]
fn t27_e5_the_scope_may_shrink_and_come_back_but_never_widen() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    let asking = |token: &str, scope: &str| {
        client.exchange(TokenRequest { scope: Some(scope.into()), ..client.refresh_request(token) })
    };
    for scope in ["push", "read write push", "admin", "nonsense"] {
        assert_eq!(refused(asking(refresh_of(&issued), scope)), "invalid_scope", "{scope}");
    }
    let narrow = asking(refresh_of(&issued), "read:statuses").unwrap();
    assert_eq!(session(&instance, &narrow).unwrap().scopes.to_string(), "read:statuses");
    // RFC 6749, section 6: the new refresh token is as good as the old one.
    let wide = client.refresh(refresh_of(&narrow)).unwrap();
    assert_eq!(wide.token.scopes.to_string(), "read write");
}

#[test]
fn only_the_program_it_was_given_to_can_use_a_refresh_token() {
    let instance = Instance::new();
    let (client, other) = (Client::new(&instance), Client::new(&instance));
    let issued = client.token(instance.account("alice"));
    assert_eq!(refused(other.refresh(refresh_of(&issued))), "invalid_grant");
    let secretless = TokenRequest { client_secret: None, ..client.refresh_request(refresh_of(&issued)) };
    assert_eq!(refused(client.exchange(secretless)), "invalid_client");
    assert!(session(&instance, &issued).is_some());
    assert!(client.refresh(refresh_of(&issued)).is_ok());
}

#[test]
fn an_access_token_refreshes_nothing() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    assert_eq!(refused(client.refresh(issued.access.reveal())), "invalid_grant");
    let bearer = block_on(instance.engine.authenticate(refresh_of(&issued)));
    assert!(matches!(bearer, Err(AuthenticationError::InvalidToken)), "nor the other way round");
    let none = client.exchange(client.request("refresh_token"));
    assert_eq!(refused(none), "invalid_request");
}

#[test]
fn t36_a_token_with_an_end_ends_and_can_be_renewed() {
    let lifetime = Some(Duration::from_secs(3_600));
    let instance = Instance::with(Settings { access_token_lifetime: lifetime, ..settings() });
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    instance.advance(3_599);
    assert!(session(&instance, &issued).is_some());
    instance.advance(1);
    let late = block_on(instance.engine.authenticate(issued.access.reveal()));
    assert!(matches!(late, Err(AuthenticationError::Expired)), "{late:?}");
    assert!(session(&instance, &client.refresh(refresh_of(&issued)).unwrap()).is_some());
}

#[test]
fn used_refresh_tokens_do_not_pile_up() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let first = client.token(instance.account("alice"));
    let mut latest = first.clone();
    for _ in 0..100 {
        instance.advance(60);
        latest = client.refresh(refresh_of(&latest)).unwrap();
    }
    assert_eq!(instance.rows(TOKENS.definition()), 1);
    assert_eq!(instance.rows(REFRESH_TOKENS.definition()), 65);
    assert_eq!(instance.rows(TOKEN_FAMILIES.definition()), 66);
    assert_eq!(refused(client.refresh(refresh_of(&first))), "invalid_grant");
    assert!(session(&instance, &latest).is_some(), "what was forgotten is refused like what never was");
}

#[test]
fn a_suspended_accounts_refresh_token_is_gone() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let issued = client.token(alice);
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    block_on(instance.engine.unsuspend(Authority::Operator, alice)).unwrap();
    assert_eq!(refused(client.refresh(refresh_of(&issued))), "invalid_grant");
}
