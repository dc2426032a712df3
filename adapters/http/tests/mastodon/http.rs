//! What HTTP itself promises: methods, slashes, headers, formats of refusals.

use http::Method;
use serde_json::json;

use crate::client::Answer;
use crate::world::World;

/// Every path of the API with something in the place of its parameters, once.
fn paths(world: &World) -> Vec<String> {
    let mut paths: Vec<String> = world
        .api
        .routes()
        .map(|(_, template)| template)
        .filter(|template| template.starts_with("/api/"))
        .map(|template| template.replace("{id}", "1").replace("{hashtag}", "tag"))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

fn methods_of(world: &World, path: &str) -> Vec<String> {
    let mut methods: Vec<String> = world
        .api
        .routes()
        .filter(|(_, template)| template.replace("{id}", "1").replace("{hashtag}", "tag") == path)
        .map(|(method, _)| method.to_string())
        .collect();
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".into());
    }
    methods.push("OPTIONS".into());
    methods.sort();
    methods
}

fn allow(answer: &Answer) -> Vec<String> {
    let mut methods: Vec<String> = answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
    methods.sort();
    methods
}

#[test]
fn options_tells_the_methods_of_every_path_without_a_token() {
    let world = World::new();
    for path in paths(&world) {
        let answer = world.visitor().ask(Method::OPTIONS, &path);
        assert_eq!(answer.status, 204, "{path}");
        let told = allow(&answer);
        for method in methods_of(&world, &path) {
            assert!(told.contains(&method), "{path} is served for {method}, told are {told:?}");
        }
    }
}

#[test]
fn a_preflight_is_granted_on_every_path() {
    let world = World::new();
    // Programs try paths that are not there, and have to be able to read that they are not.
    for path in paths(&world).into_iter().chain(["/api/v1/no/such/path".into()]) {
        let asks = [
            ("origin", "https://client.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type,idempotency-key"),
        ];
        let answer = world.visitor().send(Method::OPTIONS, &path, &asks, Vec::new());
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        let headers = answer.header("access-control-allow-headers").unwrap().to_lowercase();
        for name in ["authorization", "content-type", "idempotency-key"] {
            assert!(headers.contains(name), "{path}: {headers}");
        }
        assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"), "{path}");
    }
}

#[test]
fn answers_and_refusals_alike_are_open_to_scripts_and_closed_to_caches() {
    let world = World::new();
    let anna = world.person("anna");
    let answers = [
        anna.get("/api/v1/timelines/home"),
        world.visitor().get("/api/v1/timelines/home"),
        anna.get("/api/v1/statuses/1"),
        anna.get("/api/v1/no/such/path"),
        anna.ask(Method::PUT, "/api/v1/timelines/home"),
        anna.post_json("/api/v1/statuses", &json!({})),
    ];
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{answer:?}");
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("Link"), "{answer:?}");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{answer:?}");
    }
}

#[test]
fn a_slash_at_the_end_means_the_same() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("hello");
    for path in [
        "/api/v1/timelines/home".to_owned(),
        "/api/v1/timelines/public".into(),
        "/api/v1/blocks".into(),
        "/api/v1/accounts/verify_credentials".into(),
        format!("/api/v1/accounts/relationships?id={}", anna.id()),
        format!("/api/v1/statuses/{post}"),
        format!("/api/v1/statuses/{post}/context"),
    ] {
        let (plain, query) = path.split_once('?').unwrap_or((&path, ""));
        let slashed = anna.get(&format!("{plain}/?{query}"));
        assert_eq!(slashed.ok(), anna.get(&path).ok(), "{path}");
    }
    let posted = anna.post_form("/api/v1/statuses/", "status=with+a+slash").ok();
    assert_eq!(posted["content"], "<p>with a slash</p>");
    let report = json!({ "account_id": world.person("ben").id() });
    anna.post_json("/api/v1/reports/", &report).ok();
}

#[test]
fn head_tells_what_get_would_without_the_body() {
    let world = World::new();
    let anna = world.person("anna");
    anna.say("hello");
    for path in ["/api/v1/timelines/home?limit=1", "/api/v1/statuses/1", "/api/v1/accounts/anna"] {
        let (get, head) = (anna.get(path), anna.ask(Method::HEAD, path));
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-length"), Some(get.bytes.len().to_string().as_str()), "{path}");
        for name in ["content-type", "link", "access-control-allow-origin"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[test]
fn r26_every_refusal_is_an_object_with_a_text() {
    let world = World::new();
    let anna = world.person("anna");
    world.visitor().get("/api/v1/timelines/home").refused(401);
    anna.get("/api/v1/no/such/path").refused(404);
    anna.get("/api/v9").refused(404);
    anna.see("nonsense").refused(404);
    anna.get("/api/v1/accounts/nobody").refused(404);
    anna.post_json("/api/v1/statuses", &json!({})).refused(422);
    anna.post_json("/api/v1/statuses", &json!({ "status": "x", "visibility": "everyone" })).refused(422);
    anna.post_json("/api/v1/statuses", &json!({ "status": "x", "sensitive": "perhaps" })).refused(422);
    anna.post_json("/api/v1/statuses", &json!([])).refused(400);
    let json = [("content-type", "application/json")];
    anna.send(Method::POST, "/api/v1/statuses", &json, b"{".to_vec()).refused(400);
    let image = [("content-type", "image/png")];
    anna.send(Method::POST, "/api/v1/statuses", &image, b"x".to_vec()).refused(415);
    let large = format!("status={}", "a".repeat(2 << 20));
    anna.post_form("/api/v1/statuses", &large).refused(413);
    anna.get(&format!("/api/v1/timelines/tag/{}", "a".repeat(9_000))).refused(414);
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    let world = World::new();
    let anna = world.person("anna");
    let answer = anna.delete("/api/v1/timelines/home");
    answer.refused(405);
    assert_eq!(allow(&answer), ["GET", "HEAD", "OPTIONS"]);
    let answer = anna.ask(Method::PUT, "/api/v1/statuses/1");
    answer.refused(405);
    assert_eq!(allow(&answer), ["DELETE", "GET", "HEAD", "OPTIONS"]);
}

#[test]
fn parameters_nobody_knows_are_ignored() {
    let world = World::new();
    let anna = world.person("anna");
    anna.publish(
        &json!({ "status": "x", "unheard_of": { "deep": [1, 2] }, "poll": null, "scheduled_at": null }),
    );
    anna.get("/api/v1/timelines/home?unheard_of[]=1&with_relationships=1").ok();
}
