//! Who may ask which route: every route of the dialect, with every kind of token.

use http::Method;
use serde_json::json;

use crate::client::{Answer, Client};
use crate::world::World;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Access {
    /// Anyone; a token needs the scope to count.
    Anyone(&'static str),
    /// A signed-in account whose token has the scope.
    Account(&'static str),
    /// Any token with the scope, of a program too.
    Program(&'static str),
}

use Access::{Account, Anyone, Program};

/// Every route of the dialect, and who may ask it. A route without a line here makes the first test fail.
const ROUTES: &[(&str, &str, Access)] = &[
    ("POST", "/api/v1/accounts", Program("write:accounts")),
    ("GET", "/api/v1/accounts/verify_credentials", Account("read:accounts")),
    ("PATCH", "/api/v1/accounts/update_credentials", Account("write:accounts")),
    ("GET", "/api/v1/accounts/search", Anyone("read:accounts")),
    ("GET", "/api/v1/accounts/lookup", Anyone("read:accounts")),
    ("GET", "/api/v1/accounts/familiar_followers", Account("read:follows")),
    ("GET", "/api/v1/accounts/relationships", Account("read:follows")),
    ("GET", "/api/v1/accounts/{id}", Anyone("read:accounts")),
    ("GET", "/api/v1/accounts/{id}/statuses", Anyone("read:statuses")),
    ("GET", "/api/v1/accounts/{id}/followers", Anyone("read:accounts")),
    ("GET", "/api/v1/accounts/{id}/following", Anyone("read:accounts")),
    ("GET", "/api/v1/accounts/{id}/lists", Account("read:lists")),
    ("POST", "/api/v1/accounts/{id}/follow", Account("write:follows")),
    ("POST", "/api/v1/accounts/{id}/unfollow", Account("write:follows")),
    ("POST", "/api/v1/accounts/{id}/remove_from_followers", Account("write:follows")),
    ("POST", "/api/v1/accounts/{id}/block", Account("write:blocks")),
    ("POST", "/api/v1/accounts/{id}/unblock", Account("write:blocks")),
    ("POST", "/api/v1/accounts/{id}/mute", Account("write:mutes")),
    ("POST", "/api/v1/accounts/{id}/unmute", Account("write:mutes")),
    ("GET", "/api/v1/preferences", Account("read:accounts")),
    ("POST", "/api/v1/follows", Account("write:follows")),
    ("GET", "/api/v1/follow_requests", Account("read:follows")),
    ("POST", "/api/v1/follow_requests/{id}/authorize", Account("write:follows")),
    ("POST", "/api/v1/follow_requests/{id}/reject", Account("write:follows")),
    ("GET", "/api/v1/blocks", Account("read:blocks")),
    ("GET", "/api/v1/domain_blocks", Account("read:blocks")),
    ("POST", "/api/v1/domain_blocks", Account("write:blocks")),
    ("DELETE", "/api/v1/domain_blocks", Account("write:blocks")),
    ("GET", "/api/v1/mutes", Account("read:mutes")),
    ("GET", "/api/v1/statuses", Anyone("read:statuses")),
    ("POST", "/api/v1/statuses", Account("write:statuses")),
    ("GET", "/api/v1/statuses/{id}", Anyone("read:statuses")),
    ("DELETE", "/api/v1/statuses/{id}", Account("write:statuses")),
    ("GET", "/api/v1/statuses/{id}/context", Anyone("read:statuses")),
    ("GET", "/api/v1/statuses/{id}/card", Anyone("read:statuses")),
    ("GET", "/api/v1/statuses/{id}/source", Account("read:statuses")),
    ("GET", "/api/v1/statuses/{id}/reblogged_by", Anyone("read:statuses")),
    ("GET", "/api/v1/statuses/{id}/favourited_by", Anyone("read:statuses")),
    ("POST", "/api/v1/statuses/{id}/reblog", Account("write:statuses")),
    ("POST", "/api/v1/statuses/{id}/unreblog", Account("write:statuses")),
    ("POST", "/api/v1/statuses/{id}/favourite", Account("write:favourites")),
    ("POST", "/api/v1/statuses/{id}/unfavourite", Account("write:favourites")),
    ("POST", "/api/v1/statuses/{id}/bookmark", Account("write:bookmarks")),
    ("POST", "/api/v1/statuses/{id}/unbookmark", Account("write:bookmarks")),
    ("POST", "/api/v1/statuses/{id}/pin", Account("write:accounts")),
    ("POST", "/api/v1/statuses/{id}/unpin", Account("write:accounts")),
    ("POST", "/api/v1/statuses/{id}/mute", Account("write:mutes")),
    ("POST", "/api/v1/statuses/{id}/unmute", Account("write:mutes")),
    ("GET", "/api/v1/favourites", Account("read:favourites")),
    ("GET", "/api/v1/bookmarks", Account("read:bookmarks")),
    ("GET", "/api/v1/timelines/home", Account("read:statuses")),
    ("GET", "/api/v1/timelines/public", Anyone("read:statuses")),
    ("GET", "/api/v1/timelines/list/{id}", Account("read:lists")),
    ("GET", "/api/v1/timelines/tag/{hashtag}", Anyone("read:statuses")),
    ("GET", "/api/v1/notifications", Account("read:notifications")),
    ("GET", "/api/v1/notifications/{id}", Account("read:notifications")),
    ("POST", "/api/v1/notifications/clear", Account("write:notifications")),
    ("POST", "/api/v1/notifications/dismiss", Account("write:notifications")),
    ("POST", "/api/v1/notifications/{id}/dismiss", Account("write:notifications")),
    ("DELETE", "/api/v1/notifications/destroy_multiple", Account("write:notifications")),
    ("GET", "/api/v1/markers", Account("read:statuses")),
    ("POST", "/api/v1/markers", Account("write:statuses")),
    ("GET", "/api/v1/search", Anyone("read:search")),
    ("GET", "/api/v2/search", Anyone("read:search")),
    ("GET", "/api/v1/reports", Account("read:reports")),
    ("POST", "/api/v1/reports", Account("write:reports")),
    ("POST", "/api/v1/media", Account("write:media")),
    ("POST", "/api/v2/media", Account("write:media")),
    ("GET", "/api/v1/media/{id}", Account("write:media")),
    ("PUT", "/api/v1/media/{id}", Account("write:media")),
    ("GET", "/api/v1/lists", Account("read:lists")),
    ("POST", "/api/v1/lists", Account("write:lists")),
    ("GET", "/api/v1/lists/{id}", Account("read:lists")),
    ("PUT", "/api/v1/lists/{id}", Account("write:lists")),
    ("DELETE", "/api/v1/lists/{id}", Account("write:lists")),
    ("GET", "/api/v1/lists/{id}/accounts", Account("read:lists")),
    ("POST", "/api/v1/lists/{id}/accounts", Account("write:lists")),
    ("DELETE", "/api/v1/lists/{id}/accounts", Account("write:lists")),
    ("GET", "/api/v1/apps/verify_credentials", Program("")),
    ("GET", "/api/v1/announcements", Anyone("")),
    ("GET", "/api/v1/trends", Anyone("")),
    ("GET", "/api/v1/trends/tags", Anyone("")),
    ("GET", "/api/v1/trends/statuses", Anyone("")),
    ("GET", "/api/v1/trends/links", Anyone("")),
    ("GET", "/api/v1/suggestions", Account("read")),
    ("GET", "/api/v2/suggestions", Anyone("read")),
    ("GET", "/api/v1/filters", Account("read:filters")),
    ("GET", "/api/v2/filters", Account("read:filters")),
    ("GET", "/api/v1/followed_tags", Account("read:follows")),
    ("GET", "/api/v1/featured_tags", Account("read:accounts")),
    ("GET", "/api/v1/endorsements", Account("read:accounts")),
    ("GET", "/api/v1/scheduled_statuses", Account("read:statuses")),
];

/// Routes that look at no token, or have tests of their own: programs, tokens, and what the instance tells of itself.
const ELSEWHERE: &[&str] =
    &["/api/v1/apps", "/api/oauth_tokens", "/api/v1/instance", "/api/v2/instance", "/api/v1/custom_emojis"];

/// The path of a route with something in the place of its parameters.
fn concrete(template: &str, id: &str) -> String {
    template.replace("{id}", id).replace("{hashtag}", "tag")
}

fn ask(client: &Client, method: &str, path: &str) -> Answer {
    client.ask(Method::from_bytes(method.as_bytes()).unwrap(), path)
}

/// Asks every route with a client made for it.
fn each(world: &World, client: impl Fn(Access) -> Client, judge: impl Fn(&str, &str, Access, Answer)) {
    let id = world.visitor().id();
    for (method, template, access) in ROUTES {
        let answer = ask(&client(*access), method, &concrete(template, &id));
        judge(method, template, *access, answer);
    }
}

#[test]
fn every_route_of_the_dialect_is_tried_here() {
    let world = World::new();
    for (method, template) in world.api.routes() {
        let listed = ROUTES.iter().any(|(name, path, _)| *name == method.as_str() && *path == template);
        let elsewhere = ELSEWHERE.iter().any(|prefix| template.starts_with(prefix));
        assert!(listed || elsewhere || !template.starts_with("/api/"), "{method} {template} is not tried");
    }
    for (method, template, _) in ROUTES {
        let served = world.api.routes().any(|(served, path)| served.as_str() == *method && path == *template);
        assert!(served, "{method} {template} is not served");
    }
}

#[test]
fn r36_without_a_token_only_open_routes_answer() {
    let world = World::new();
    each(
        &world,
        |_| world.visitor(),
        |method, path, access, answer| match access {
            Anyone(_) => assert!([200, 404].contains(&answer.status), "{method} {path}: {answer:?}"),
            Account(_) | Program(_) => {
                assert_eq!(answer.refused(401), "The access token is invalid", "{method} {path}");
                let challenge = answer.header("www-authenticate").unwrap();
                assert!(challenge.starts_with("Bearer "), "{method} {path}: {challenge}");
            }
        },
    );
}

#[test]
fn a_token_nobody_gave_is_refused_on_every_route() {
    let world = World::new();
    for token in ["unknown", "a.b.c", &"x".repeat(43)] {
        each(
            &world,
            |_| world.visitor().with_token(token),
            |_, _, _, answer| {
                answer.refused(401);
            },
        );
    }
}

#[test]
fn a_revoked_token_and_one_of_a_suspended_account_open_nothing() {
    let world = World::new();
    let suspended = world.person("suspended");
    world.suspend(&suspended);
    each(
        &world,
        |_| suspended.clone(),
        |_, _, _, answer| {
            answer.refused(401);
        },
    );
}

#[test]
fn a_token_without_the_scope_is_refused_or_counts_as_none() {
    let world = World::new();
    let anna = world.person("anna");
    let private = anna.say_to("private", "for followers");
    // `push` is the scope of none of these routes.
    let narrow = anna.with_token(world.token(anna.account, "push"));
    each(
        &world,
        |_| narrow.clone(),
        |method, path, access, answer| match access {
            Anyone(_) => assert!([200, 404].contains(&answer.status), "{method} {path}: {answer:?}"),
            // Whose program it is may be asked with any token.
            Program("") => assert_eq!(answer.status, 200, "{method} {path}: {answer:?}"),
            Account(_) | Program(_) => {
                let text = answer.refused(403);
                assert_eq!(text, "This action is outside the authorized scopes", "{method} {path}");
            }
        },
    );
    narrow.see(&private).refused(404);
    anna.see(&private).ok();
}

#[test]
fn each_scope_opens_its_routes_and_a_sibling_does_not() {
    let world = World::new();
    let anna = world.person("anna");
    let narrow = |scope: &str| anna.with_token(world.token(anna.account, scope));
    let scope_of = |access: Access| match access {
        Anyone(scope) | Account(scope) | Program(scope) => scope,
    };
    each(
        &world,
        |access| narrow(scope_of(access)),
        |method, path, _, answer| {
            assert!(![401, 403].contains(&answer.status), "{method} {path}: {answer:?}");
        },
    );
    each(
        &world,
        |access| narrow(if scope_of(access).starts_with("read") { "write" } else { "read" }),
        |method, path, access, answer| {
            let anyone = matches!(access, Anyone(_) | Program(""));
            let expected: &[u16] = if anyone { &[200, 404] } else { &[403] };
            assert!(expected.contains(&answer.status), "{method} {path}: {answer:?}");
        },
    );
}

#[test]
fn a_programs_own_token_is_no_account() {
    let world = World::new();
    let token = world.app_token("read write follow");
    each(
        &world,
        |_| world.visitor().with_token(token.clone()),
        |method, path, access, answer| match access {
            Anyone(_) => assert!([200, 404].contains(&answer.status), "{method} {path}: {answer:?}"),
            Account(_) => {
                let text = answer.refused(422);
                assert_eq!(text, "This method requires an authenticated user", "{method} {path}");
            }
            Program(_) => assert!([200, 422].contains(&answer.status), "{method} {path}: {answer:?}"),
        },
    );
}

#[test]
fn r40_old_scopes_stand_for_the_finer_ones() {
    let world = World::new();
    let anna = world.person("anna");
    let follow = anna.with_token(world.token(anna.account, "follow"));
    for (method, template, access) in ROUTES {
        let path = concrete(template, &world.visitor().id());
        let Account(scope) = access else { continue };
        let stands_for = ["follows", "blocks", "mutes"].iter().any(|leaf| scope.ends_with(leaf));
        let answer = ask(&follow, method, &path);
        assert_eq!(answer.status != 403, stands_for, "{method} {path}: {answer:?}");
    }
}

#[test]
fn a_token_in_the_body_counts_and_one_in_the_address_does_not() {
    let world = World::new();
    let anna = world.person("anna");
    let token = anna.token.unwrap();
    let body = json!({ "access_token": token, "status": "with the token in the body" });
    world.visitor().post_json("/api/v1/statuses", &body).ok();
    world.visitor().get(&format!("/api/v1/timelines/home?access_token={token}")).refused(401);
}

#[test]
fn names_and_passwords_are_no_tokens() {
    let world = World::new();
    let basic = [("authorization", "Basic YW5uYTpjb3JyZWN0")];
    world.visitor().send(Method::GET, "/api/v1/timelines/home", &basic, Vec::new()).refused(401);
    world.visitor().send(Method::GET, "/api/v1/timelines/public", &basic, Vec::new()).refused(401);
}
