use super::*;
use proptest::prelude::*;

fn router(table: &[(Method, &str)]) -> Router<usize> {
    let mut router = Router::new();
    let routes =
        table.iter().enumerate().map(|(index, (method, path))| Route::new(method.clone(), *path, index));
    router.mount("", routes).unwrap();
    router
}

/// The index of the route and its parameters.
fn found(router: &Router<usize>, method: Method, path: &str) -> Option<(usize, Vec<(String, String)>)> {
    match router.find(&method, path) {
        Lookup::Found { route, params } => {
            Some((route.endpoint, params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
        }
        _ => None,
    }
}

fn one(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[test]
fn literal_text_wins_over_a_parameter() {
    let router = router(&[
        (Method::GET, "/api/v1/accounts/{id}"),
        (Method::GET, "/api/v1/accounts/search"),
        (Method::GET, "/api/v1/accounts/{id}/statuses"),
    ]);
    assert_eq!(found(&router, Method::GET, "/api/v1/accounts/search").unwrap().0, 1);
    assert_eq!(found(&router, Method::GET, "/api/v1/accounts/searcher"), Some((0, one("id", "searcher"))));
    assert_eq!(
        found(&router, Method::GET, "/api/v1/accounts/search/statuses"),
        Some((2, one("id", "search")))
    );
}

#[test]
fn a_literal_of_one_method_does_not_hide_a_parameter_of_another() {
    let router = router(&[(Method::GET, "/a/search"), (Method::DELETE, "/a/{id}")]);
    assert_eq!(found(&router, Method::DELETE, "/a/search"), Some((1, one("id", "search"))));
    assert_eq!(router.allowed("/a/search"), [Method::GET, Method::DELETE, Method::HEAD, Method::OPTIONS]);
}

#[test]
fn a_trailing_slash_is_the_same_resource_in_request_and_table() {
    let router =
        router(&[(Method::POST, "/api/v1/reports"), (Method::GET, "/api/v1/instance/"), (Method::GET, "/")]);
    for path in ["/api/v1/reports", "/api/v1/reports/"] {
        assert_eq!(found(&router, Method::POST, path).unwrap().0, 0);
    }
    for path in ["/api/v1/instance", "/api/v1/instance/"] {
        assert_eq!(found(&router, Method::GET, path).unwrap().0, 1);
    }
    assert_eq!(found(&router, Method::GET, "/").unwrap().0, 2);
    assert_eq!(router.find(&Method::POST, "/api/v1/reports//"), Lookup::NotFound);
}

#[test]
fn a_parameter_is_never_empty() {
    let router = router(&[(Method::GET, "/statuses/{id}"), (Method::GET, "/statuses/{id}/context")]);
    for path in ["/statuses/", "/statuses", "/statuses//context", "/statuses//"] {
        assert_eq!(router.find(&Method::GET, path), Lookup::NotFound, "{path}");
    }
}

#[test]
fn head_is_answered_by_get_unless_it_has_its_own_route() {
    let router =
        router(&[(Method::GET, "/a"), (Method::GET, "/b"), (Method::HEAD, "/b"), (Method::POST, "/c")]);
    assert_eq!(found(&router, Method::HEAD, "/a").unwrap().0, 0);
    assert_eq!(found(&router, Method::HEAD, "/b").unwrap().0, 2);
    assert!(matches!(router.find(&Method::HEAD, "/c"), Lookup::MethodNotAllowed { .. }));
}

#[test]
fn a_known_path_with_another_method_tells_what_is_allowed() {
    let router = router(&[(Method::GET, "/a/{id}"), (Method::PUT, "/a/{name}"), (Method::POST, "/b")]);
    let allow = vec![Method::GET, Method::PUT, Method::HEAD, Method::OPTIONS];
    assert_eq!(router.find(&Method::DELETE, "/a/1"), Lookup::MethodNotAllowed { allow: allow.clone() });
    assert_eq!(router.find(&Method::OPTIONS, "/a/1/"), Lookup::MethodNotAllowed { allow });
    assert_eq!(router.allowed("/b"), [Method::POST, Method::OPTIONS]);
    assert!(router.allowed("/nowhere").is_empty());
    assert_eq!(router.find(&Method::GET, "/nowhere"), Lookup::NotFound);
}

#[test]
fn two_methods_may_name_the_same_place_differently() {
    let router = router(&[(Method::GET, "/accounts/{id}"), (Method::DELETE, "/accounts/{nickname}")]);
    assert_eq!(found(&router, Method::GET, "/accounts/x").unwrap().1, one("id", "x"));
    assert_eq!(found(&router, Method::DELETE, "/accounts/x").unwrap().1, one("nickname", "x"));
}

#[test]
fn suffixes_and_bare_parameters_live_side_by_side() {
    let router = router(&[
        (Method::GET, "/statuses/show/{id}"),
        (Method::GET, "/statuses/show/{id}.json"),
        (Method::GET, "/statuses/show/{id}.xml"),
        (Method::GET, "/@{name}"),
    ]);
    assert_eq!(found(&router, Method::GET, "/statuses/show/7"), Some((0, one("id", "7"))));
    assert_eq!(found(&router, Method::GET, "/statuses/show/7.json"), Some((1, one("id", "7"))));
    assert_eq!(found(&router, Method::GET, "/statuses/show/7.xml"), Some((2, one("id", "7"))));
    assert_eq!(found(&router, Method::GET, "/statuses/show/7.png"), Some((0, one("id", "7.png"))));
    assert_eq!(found(&router, Method::GET, "/@alice"), Some((3, one("name", "alice"))));
}

#[test]
fn parameters_are_percent_decoded_once() {
    let router = router(&[(Method::GET, "/reactions/{emoji}"), (Method::GET, "/@{name}")]);
    for (path, value) in [
        ("/reactions/%E2%98%95", "☕"),
        ("/reactions/☕", "☕"),
        ("/reactions/%2540", "%40"),
        ("/reactions/a%2Fb", "a/b"),
        ("/reactions/a+b", "a+b"),
        ("/reactions/%3Ablobcat%3A", ":blobcat:"),
        ("/reactions/100%", "100%"),
        ("/reactions/%zz", "%zz"),
        ("/reactions/%2", "%2"),
        ("/reactions/%+1", "%+1"),
    ] {
        assert_eq!(found(&router, Method::GET, path).unwrap().1, one("emoji", value), "{path}");
    }
    assert_eq!(found(&router, Method::GET, "/%40alice"), Some((1, one("name", "alice"))));
}

#[test]
fn needless_encoding_reaches_the_same_route_and_no_other() {
    let router = router(&[(Method::GET, "/api/admin"), (Method::GET, "/api/{name}")]);
    assert_eq!(found(&router, Method::GET, "/%61pi/%61dmin").unwrap().0, 0);
    assert_eq!(router.find(&Method::GET, "/api%2Fadmin"), Lookup::NotFound);
    assert_eq!(router.find(&Method::GET, "//api/admin"), Lookup::NotFound);
    assert_eq!(router.find(&Method::GET, "/API/admin"), Lookup::NotFound);
    assert_eq!(found(&router, Method::GET, "/api/admin;x"), Some((1, one("name", "admin;x"))));
}

#[test]
fn a_parameter_that_is_not_utf8_names_nothing() {
    let router = router(&[(Method::GET, "/a/{id}")]);
    assert_eq!(router.find(&Method::GET, "/a/%FF"), Lookup::NotFound);
    assert_eq!(router.find(&Method::GET, "/a/%E2%98"), Lookup::NotFound);
    assert!(router.allowed("/a/%FF").is_empty());
}

#[test]
fn the_rest_of_a_path_cannot_climb() {
    let router = router(&[(Method::GET, "/static/{*file}")]);
    assert_eq!(found(&router, Method::GET, "/static/css/a.css"), Some((0, one("file", "css/a.css"))));
    assert_eq!(found(&router, Method::GET, "/static/..hidden"), Some((0, one("file", "..hidden"))));
    for path in
        ["/static/../key", "/static/a/%2e%2E/key", "/static/a%2F..%2Fkey", "/static/a%5Ckey", "/static/%00"]
    {
        assert_eq!(router.find(&Method::GET, path), Lookup::NotFound, "{path}");
    }
}

#[test]
fn routes_can_be_mounted_under_a_prefix() {
    let mut router = Router::new();
    router.mount("/diaspora", [Route::new(Method::GET, "/api/v1/streams/{name}", 0)]).unwrap();
    router.mount("", [Route::new(Method::GET, "/api/v1/streams/{name}", 1)]).unwrap();
    assert_eq!(found(&router, Method::GET, "/diaspora/api/v1/streams/main").unwrap().0, 0);
    assert_eq!(found(&router, Method::GET, "/api/v1/streams/main").unwrap().0, 1);
    let templates: Vec<_> = router.routes().map(|route| route.template.as_str()).collect();
    assert_eq!(templates, ["/diaspora/api/v1/streams/{name}", "/api/v1/streams/{name}"]);
    for prefix in ["diaspora", "/", "/diaspora/", "/{host}"] {
        let refused = router.mount(prefix, [Route::new(Method::GET, "/x", 2)]);
        assert_eq!(refused, Err(RouteError::InvalidPrefix { prefix: prefix.to_owned() }));
    }
}

#[test]
fn a_second_route_for_the_same_method_and_path_is_an_error() {
    let mut router = router(&[(Method::GET, "/a/{id}")]);
    for template in ["/a/{id}", "/a/{other}", "/a/{id}/"] {
        let refused = router.mount("", [Route::new(Method::GET, template, 1)]);
        assert_eq!(
            refused,
            Err(RouteError::Duplicate {
                method: Method::GET,
                template: template.to_owned(),
                by: "/a/{id}".to_owned()
            })
        );
    }
    assert_eq!(router.routes().len(), 1);
    assert_eq!(found(&router, Method::GET, "/a/1"), Some((0, one("id", "1"))));
}

#[test]
fn ambiguous_and_malformed_templates_are_errors() {
    let mut router = router(&[(Method::GET, "/a/{*rest}")]);
    let ambiguous = router.mount("", [Route::new(Method::GET, "/a/{id}", 1)]);
    assert!(matches!(ambiguous, Err(RouteError::Ambiguous { .. })), "{ambiguous:?}");
    for template in ["", "a", "/{", "/}", "/{}", "/{*}", "/{a}{b}", "/{*a}/b", "/{{a}}", "/{a/b}"] {
        let refused = router.mount("", [Route::new(Method::GET, template, 1)]);
        assert_eq!(refused, Err(RouteError::InvalidTemplate { template: template.to_owned() }));
    }
}

proptest! {
    #[test]
    fn no_path_makes_the_router_panic(path in "\\PC*", slashed in "(/|%|[a-f0-9]|\\.|☕){0,40}") {
        let router = router(&[
            (Method::GET, "/a/{id}"),
            (Method::GET, "/a/{id}.json"),
            (Method::PUT, "/{x}/{y}"),
            (Method::GET, "/s/{*rest}"),
        ]);
        for path in [path, slashed] {
            router.find(&Method::GET, &path);
            router.find(&Method::HEAD, &path);
            router.allowed(&path);
        }
    }

    #[test]
    fn an_encoded_parameter_arrives_as_it_was(value in "\\PC{1,20}") {
        let router = router(&[(Method::GET, "/a/{id}/b")]);
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/a/{encoded}/b");
        prop_assert_eq!(found(&router, Method::GET, &path), Some((0, one("id", &value))));
    }
}
