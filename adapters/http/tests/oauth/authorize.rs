//! The page on which a person lets a program in, and what comes of it.

use crate::support::{
    App, Browser, CALLBACK, Instance, PASSWORD, Reply, bare, form_request, form_token, settings, url,
};
use http::header::ORIGIN;
use http::{Method, Request};
use koinon_http::Options;

const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// Who fills in the form.
const ALICE: &[(&str, &str)] = &[("username", "alice"), ("password", PASSWORD)];

fn request_of<'a>(app: &'a App, redirect_uri: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", &app.id),
        ("redirect_uri", redirect_uri),
        ("scope", "read write"),
    ]
}

fn authorize_url(app: &App, redirect_uri: &str, more: &[(&str, &str)]) -> String {
    let mut fields: Vec<(&str, &str)> = request_of(app, redirect_uri);
    fields.extend(more);
    url("/oauth/authorize", &fields)
}

fn exchange(instance: &Instance, app: &App, code: &str, redirect_uri: &str) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", &app.id),
        ("client_secret", &app.secret),
        ("code", code),
        ("redirect_uri", redirect_uri),
    ];
    instance.post_form("/oauth/token", &fields)
}

/// A browser in which alice is signed in.
fn signed_in(instance: &Instance) -> Browser<'_> {
    let mut browser = Browser::new(instance);
    let page = browser.get("/login").expect(200);
    browser.submit(&page, ALICE).expect(303);
    browser
}

#[test]
fn signing_in_and_consenting_are_one_form_and_the_code_buys_a_token() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let mut browser = Browser::new(&instance);
    let page = browser.get(&authorize_url(&app, CALLBACK, &[])).expect(200);
    assert!(page.text().contains("Test client") && page.text().contains("https://client.example"));
    let answer = browser.submit(&page, ALICE).expect(303);
    assert!(answer.header("location").starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(answer.redirect_parameter("iss").as_deref(), Some("https://koinon.example")); // B13
    assert_eq!(answer.redirect_parameter("state"), None);
    let code = answer.redirect_parameter("code").unwrap();
    let token = exchange(&instance, &app, &code, CALLBACK).expect(200).json();
    assert_eq!(token["scope"], "read write");
    let bearer = token["access_token"].as_str().unwrap();
    let account = instance.get_as("/api/v1/accounts/verify_credentials", bearer).expect(200).json();
    assert_eq!(account["username"], "alice");
    // The browser stays signed in: the next program needs no password.
    let page = browser.get(&authorize_url(&app, CALLBACK, &[])).expect(200);
    assert!(page.text().contains("@alice") && !page.text().contains("type=\"password\""));
    browser.submit(&page, &[("decision", "allow")]).expect(303).redirect_parameter("code").unwrap();
}

#[test]
fn t1_t2_b2_b3_a_redirect_uri_that_is_not_registered_leads_to_a_page_and_nowhere_else() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let mut browser = signed_in(&instance);
    for uri in [
        "",
        "https://client.example",
        "https://client.example/",
        "https://client.example/callback/",
        "https://client.example/callback?x=y",
        "https://client.example/callback#x",
        "https://client.example/callback/../evil",
        "https://client.example/CALLBACK",
        "https://CLIENT.example/callback",
        "https://client.example:443/callback",
        "https://client.example:8443/callback",
        "https://client.example.evil.example/callback",
        "https://client.example@evil.example/callback",
        "https://evil.example/callback",
        "https://evil.example/https://client.example/callback",
        "http://client.example/callback",
        "//evil.example/callback",
        "/\\evil.example",
        "/callback",
        " https://client.example/callback",
        "https://client.example/callback\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        OUT_OF_BAND,
    ] {
        // A second mistake must not make it a redirect either.
        for more in [&[][..], &[("scope", "nonsense")], &[("response_type", "token")]] {
            let address = authorize_url(&app, uri, more);
            for reply in [browser.get(&address), browser.post(&address, &[("decision", "deny")])] {
                assert!(!reply.has_header("location"), "{uri:?}");
                assert_eq!(reply.status, 400, "{uri:?}");
                assert!(reply.header("content-type").starts_with("text/html"));
            }
        }
    }
}

#[test]
fn b3_an_unknown_or_missing_client_leads_to_a_page() {
    let instance = Instance::new();
    let app = App { id: "unknown".into(), secret: String::new() };
    for address in [
        authorize_url(&app, CALLBACK, &[]),
        url("/oauth/authorize", &[("redirect_uri", CALLBACK), ("response_type", "code")]),
        "/oauth/authorize".to_owned(),
    ] {
        assert!(!instance.get(&address).expect(400).has_header("location"), "{address}");
    }
}

#[test]
fn b4_other_mistakes_are_told_to_the_program_with_its_state() {
    let instance = Instance::new();
    let app = instance.app_with("read", CALLBACK);
    for (more, error) in [
        (&[("scope", "read")][..], None),
        (&[("response_type", "token")], Some("unsupported_response_type")), // B1
        (&[("response_type", "")], Some("unsupported_response_type")),
        (&[("scope", "write")], Some("invalid_scope")), // B6
        (&[("scope", "readfoo")], Some("invalid_scope")),
        (
            &[("scope", "read"), ("code_challenge", "x"), ("code_challenge_method", "plain")],
            Some("invalid_request"),
        ), // T10
        (&[("scope", "read"), ("code_challenge", "x")], Some("invalid_request")),
        (&[("scope", "read"), ("code_challenge_method", "S256")], Some("invalid_request")),
    ] {
        let mut fields = vec![("state", "s&=#\u{e9}")];
        fields.extend(more);
        let reply = instance.get(&authorize_url(&app, CALLBACK, &fields));
        let Some(error) = error else {
            assert_eq!(reply.status, 200);
            continue;
        };
        let reply = reply.expect(303);
        assert!(reply.header("location").starts_with(&format!("{CALLBACK}?")));
        assert_eq!(reply.redirect_parameter("error").as_deref(), Some(error), "{more:?}");
        assert_eq!(reply.redirect_parameter("state").as_deref(), Some("s&=#\u{e9}"));
        assert!(reply.redirect_parameter("error_description").is_some());
        assert_eq!(reply.redirect_parameter("iss").as_deref(), Some("https://koinon.example"));
    }
}

#[test]
fn denying_tells_the_program_and_gives_no_code() {
    let instance = Instance::new();
    let app = instance.app();
    let mut browser = Browser::new(&instance);
    let page = browser.get(&authorize_url(&app, CALLBACK, &[("state", "7")])).expect(200);
    let answer =
        browser.submit(&page, &[("decision", "deny"), ("username", ""), ("password", "")]).expect(303);
    assert_eq!(answer.redirect_parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(answer.redirect_parameter("state").as_deref(), Some("7"));
    assert_eq!(answer.redirect_parameter("code"), None);
}

#[test]
fn t44_b5_the_state_comes_back_byte_for_byte() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let long = "Zürich ☕ 𝄞 ".repeat(60);
    for state in [
        "",
        " ",
        "a b+c%20d",
        "\"><script>&quot;'",
        "one\ntwo\r\nthree\rfour\t",
        "\u{0}\u{7f}",
        long.as_str(),
    ] {
        let mut browser = Browser::new(&instance);
        let page = browser.get(&authorize_url(&app, CALLBACK, &[("state", state)])).expect(200);
        let answer = browser.submit(&page, ALICE).expect(303);
        assert_eq!(answer.redirect_parameter("state").as_deref(), Some(state), "{state:?}");
    }
}

#[test]
fn t42_b14_a_program_without_a_browser_shows_its_code_for_copying() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app_with("read write", OUT_OF_BAND);
    let mut browser = Browser::new(&instance);
    let page = browser.get(&authorize_url(&app, OUT_OF_BAND, &[])).expect(200);
    let answer = browser.submit(&page, ALICE).expect(303);
    let location = answer.header("location").to_owned();
    let (path, code) = location.split_once("?code=").unwrap();
    assert_eq!(path, "/oauth/authorize/native");
    let shown = browser.get(&location).expect(200);
    assert!(shown.text().contains(&format!("<code class=\"copy\">{code}</code>")));
    exchange(&instance, &app, code, OUT_OF_BAND).expect(200);
    // Mistakes and a denial stay on this instance too.
    assert!(
        !browser.get(&authorize_url(&app, OUT_OF_BAND, &[("scope", "x")])).expect(400).has_header("location")
    );
    let page = browser.get(&authorize_url(&app, OUT_OF_BAND, &[]));
    assert!(!browser.submit(&page, &[("decision", "deny")]).expect(200).has_header("location"));
    for code in ["", "x", "<script>alert(1)</script>"] {
        instance.get(&url("/oauth/authorize/native", &[("code", code)])).expect(404);
    }
}

#[test]
fn t43_the_port_of_a_loopback_address_may_vary_and_nothing_else() {
    let instance = Instance::new();
    let app = instance.app_with("read write", "http://127.0.0.1/cb http://localhost:1/cb");
    for (uri, status) in [
        ("http://127.0.0.1:51234/cb", 200),
        ("http://127.0.0.1/cb", 200),
        ("http://127.0.0.1:51234/other", 400),
        ("http://127.0.0.2:51234/cb", 400),
        ("http://127.0.0.1:51234@evil.example/cb", 400),
        ("http://localhost:2/cb", 400),
    ] {
        instance.get(&authorize_url(&app, uri, &[])).expect(status);
    }
}

#[test]
fn t45_b8_a_form_without_the_token_of_this_browser_gives_no_code() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let address = authorize_url(&app, CALLBACK, &[]);
    let mut stranger = Browser::new(&instance);
    let strange = stranger.get(&address).expect(200);
    let token = form_token(&strange);
    for mut browser in [Browser::new(&instance), signed_in(&instance)] {
        for fields in [
            vec![("decision", "allow")],
            vec![("decision", "allow"), ("form_token", "")],
            vec![("decision", "allow"), ("form_token", token.as_str())],
            vec![("decision", "allow"), ("form_token", token.as_str()), ALICE[0], ALICE[1]],
            vec![ALICE[0], ALICE[1]],
        ] {
            let reply = browser.post(&address, &fields);
            assert!(!reply.has_header("location"), "{fields:?}");
            assert_eq!(reply.status, 403, "{fields:?}");
        }
    }
    // What comes back is the form again, with a token that is good.
    let mut browser = Browser::new(&instance);
    let again = browser.post(&address, ALICE).expect(403);
    browser.submit(&again, ALICE).expect(303);
}

#[test]
fn b8_the_token_of_a_visitor_does_not_consent_for_whoever_is_signed_in() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let address = authorize_url(&app, CALLBACK, &[]);
    let mut browser = Browser::new(&instance);
    let before = browser.get(&address).expect(200);
    let login = browser.get("/login").expect(200);
    browser.submit(&login, ALICE).expect(303);
    browser.submit(&before, &[("decision", "allow")]).expect(403);
    browser.submit(&before, ALICE).expect(303);
}

#[test]
fn b8_a_form_that_says_it_comes_from_elsewhere_is_refused() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let address = authorize_url(&app, CALLBACK, &[]);
    let mut browser = signed_in(&instance);
    let token = form_token(&browser.get(&address));
    for (origin, status) in [("https://evil.example", 403), ("https://koinon.example", 303), ("null", 303)] {
        let request = browser.with_cookies(Request::post(&address)).header(ORIGIN, origin);
        browser.send(form_request(request, &[("form_token", &token)])).expect(status);
    }
}

#[test]
fn b9_force_login_asks_for_the_password_again() {
    let instance = Instance::new();
    instance.account("alice");
    instance.account("bob");
    let app = instance.app();
    let mut browser = signed_in(&instance);
    let page = browser.get(&authorize_url(&app, CALLBACK, &[("force_login", "true")])).expect(200);
    assert!(page.text().contains("type=\"password\""));
    let refused = browser.submit(&page, &[("decision", "allow")]).expect(422);
    assert!(refused.text().contains("role=\"alert\""));
    let answer = browser.submit(&page, &[("username", "bob"), ("password", PASSWORD)]).expect(303);
    let code = answer.redirect_parameter("code").unwrap();
    let token = exchange(&instance, &app, &code, CALLBACK).expect(200).json();
    assert_eq!(token["me"], "https://koinon.example/users/bob");
}

#[test]
fn t46_b7_the_page_is_neither_framed_nor_cached_nor_told_to_others() {
    let instance = Instance::new();
    let app = instance.app();
    let page = instance.get(&authorize_url(&app, CALLBACK, &[])).expect(200);
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("cache-control").contains("no-store"));
    assert!(!page.has_header("access-control-allow-origin"));
    let policy = page.header("content-security-policy");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.split("; ").any(|part| part == directive), "{policy}");
    }
    assert!(policy.contains("form-action 'self' https://client.example;"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let cookie = page.header("set-cookie");
    for attribute in ["__Host-", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[test]
fn cookies_are_secure_only_where_the_instance_is_reached_by_https() {
    let settings =
        koinon_engine::settings::Settings { base_url: "http://localhost:4000".into(), ..settings() };
    let instance = Instance::with(settings, Options::default());
    let page = instance.get("/login").expect(200);
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("koinon-visitor=") && !cookie.contains("Secure"), "{cookie}");
}

#[test]
fn what_a_program_says_of_itself_is_shown_as_text() {
    let instance = Instance::new();
    let wanted = serde_json::json!({
        "client_name": "<script>alert(1)</script>", "redirect_uris": CALLBACK, "scopes": "read write",
    });
    let app = instance.post_json("/api/v1/apps", &wanted).expect(200).json();
    let app = App { id: app["client_id"].as_str().unwrap().into(), secret: String::new() };
    let page = instance.get(&authorize_url(&app, CALLBACK, &[("username", "\"><b>")])).expect(200).text();
    assert!(!page.contains("<script") && !page.contains("<b>"));
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn t19_a_wrong_password_and_an_unknown_name_look_alike() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let address = authorize_url(&app, CALLBACK, &[]);
    let try_as = |username: &str, password: &str| {
        let mut browser = Browser::new(&instance);
        browser.cookies.insert("__Host-koinon-visitor".into(), "the same".into());
        let page = browser.get(&address);
        let fields = [("username", username), ("password", password)];
        let reply = browser.submit(&page, &fields).expect(422);
        assert!(!reply.has_header("location"));
        reply.text().replace(username, "NAME")
    };
    assert_eq!(try_as("alice", "wrong password"), try_as("nobody", PASSWORD));
}

#[test]
fn b10_t37_who_may_not_act_gets_no_code() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let app = instance.app();
    let address = authorize_url(&app, CALLBACK, &[]);
    let mut browser = signed_in(&instance);
    let page = browser.get(&address).expect(200);
    let suspend = instance.engine().suspend(koinon_engine::accounts::Authority::Operator, alice);
    futures::executor::block_on(suspend).unwrap();
    assert!(!browser.submit(&page, &[("decision", "allow")]).expect(403).has_header("location"));
    let mut fresh = Browser::new(&instance);
    let page = fresh.get(&address).expect(200);
    let refused = fresh.submit(&page, ALICE).expect(403);
    assert!(refused.text().contains("Your login is currently disabled"));
}

#[test]
fn the_form_may_carry_the_whole_request_as_clients_that_bring_their_own_do() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let mut browser = Browser::new(&instance);
    let token = form_token(&browser.get(&authorize_url(&app, CALLBACK, &[])));
    let mut fields = request_of(&app, CALLBACK);
    fields.extend([ALICE[0], ALICE[1], ("form_token", &token)]);
    let answer = browser.post("/oauth/authorize/", &fields).expect(303);
    assert!(answer.redirect_parameter("code").is_some());
}

#[test]
fn t47_e7_passwords_are_tried_25_times_in_five_minutes_at_most() {
    let options = Options { rate_limits: true, ..Options::default() };
    let instance = Instance::with(settings(), options);
    instance.account("alice");
    let app = instance.app();
    let mut browser = Browser::new(&instance);
    let page = browser.get(&authorize_url(&app, CALLBACK, &[]));
    let wrong = [("username", "alice"), ("password", "wrong password")];
    for _ in 0..25 {
        browser.submit(&page, &wrong).expect(422);
    }
    let refused = browser.submit(&page, ALICE).expect(429);
    assert_eq!(refused.header("retry-after"), "300");
    assert!(refused.header("content-type").starts_with("text/html"));
    // The other doors are shut as well, and spoofed addresses open none. // T48
    instance.password_grant(&app, "alice", PASSWORD, "read").expect(429);
    let spoofed = Request::post("/oauth/token").header("x-forwarded-for", "203.0.113.9");
    instance.send(form_request(spoofed, &[("grant_type", "password")])).expect(429);
    instance.advance(300);
    browser.submit(&page, ALICE).expect(303);
}

#[test]
fn options_and_head_work_without_asking_anybody() {
    let instance = Instance::new();
    let app = instance.app();
    let options = instance.send(bare(Method::OPTIONS, "/oauth/authorize")).expect(204);
    assert!(options.header("allow").contains("POST"));
    let head = instance.send(bare(Method::HEAD, &authorize_url(&app, CALLBACK, &[]))).expect(200);
    assert!(head.body.is_empty());
}
