//! Pages of every list: how long they are, how they lead to each other, and that nothing is lost between them.

use serde_json::{Value, json};

use koinon_engine::id::Flake;
use koinon_engine::store::schema::HOME;

use crate::client::{Answer, Client, id};
use crate::world::{BASE, World};

/// A list with more items than fit on its longest page.
struct List {
    client: Client,
    path: String,
    default: usize,
    maximum: usize,
    /// What is in it, newest first.
    items: Vec<String>,
}

const PEOPLE: usize = 83;
const POSTS: usize = 43;
const DOMAINS: usize = 203;

/// A world in which every list of the dialect is long.
fn crowd() -> (World, Vec<List>) {
    let world = World::new();
    let people: Vec<Client> = (0..PEOPLE).map(|number| world.person(&format!("person{number}"))).collect();
    let [anna, aloof] = world.people(["anna", "aloof"]);
    let strict = world.locked("strict");
    let list = id(&anna.post_json("/api/v1/lists", &json!({ "title": "all" })).ok());
    let popular = anna.say("popular");
    let mut reports = Vec::new();
    for person in &people {
        anna.relate("follow", person);
        let member = json!({ "account_ids": [person.id()] });
        anna.post_json(&format!("/api/v1/lists/{list}/accounts"), &member).ok();
        person.relate("follow", &anna);
        person.relate("follow", &strict);
        person.act("favourite", &popular);
        person.act("reblog", &popular);
        aloof.relate("block", person);
        strict.relate("mute", person);
        reports.push(id(&anna.post_json("/api/v1/reports", &json!({ "account_id": person.id() })).ok()));
    }
    let posts: Vec<String> = (0..POSTS).map(|number| aloof.say(&format!("#tag {number}"))).collect();
    for post in &posts {
        aloof.act("favourite", post);
        aloof.act("bookmark", post);
    }
    let domains: Vec<String> = (0..DOMAINS).map(|number| format!("domain{number}.example")).collect();
    for domain in &domains {
        anna.post_form("/api/v1/domain_blocks", &format!("domain={domain}")).ok();
    }
    let newest_first = |ids: Vec<String>| ids.into_iter().rev().collect::<Vec<_>>();
    let people = newest_first(people.iter().map(Client::id).collect());
    let (posts, reports, domains) = (newest_first(posts), newest_first(reports), newest_first(domains));
    let of = |client: &Client, path: &str, (default, maximum): (usize, usize), items: &[String]| List {
        client: client.clone(),
        path: path.to_owned(),
        default,
        maximum,
        items: items.to_vec(),
    };
    let (accounts, statuses) = ((40, 80), (20, 40)); // R12 R13
    let visitor = world.visitor();
    let of_anna = |part: &str| format!("/api/v1/accounts/{}/{part}", anna.id());
    let lists = vec![
        of(&visitor, &of_anna("followers"), accounts, &people),
        of(&visitor, &of_anna("following"), accounts, &people),
        of(&aloof, "/api/v1/blocks", accounts, &people),
        of(&strict, "/api/v1/mutes", accounts, &people),
        of(&strict, "/api/v1/follow_requests", accounts, &people),
        of(&visitor, &format!("/api/v1/statuses/{popular}/favourited_by"), accounts, &people),
        of(&visitor, &format!("/api/v1/statuses/{popular}/reblogged_by"), accounts, &people),
        of(&anna, &format!("/api/v1/lists/{list}/accounts"), accounts, &people),
        of(&anna, "/api/v1/reports", accounts, &reports),
        of(&anna, "/api/v1/domain_blocks", (100, 200), &domains),
        of(&visitor, &format!("/api/v1/accounts/{}/statuses", aloof.id()), statuses, &posts),
        of(&aloof, "/api/v1/timelines/home", statuses, &posts),
        of(&visitor, "/api/v1/timelines/tag/tag", statuses, &posts),
        of(&visitor, "/api/v1/timelines/tag/other?any[]=tag&any[]=third", statuses, &posts),
        of(&aloof, "/api/v1/favourites", statuses, &posts),
        of(&aloof, "/api/v1/bookmarks", statuses, &posts),
    ];
    (world, lists)
}

/// What tells the items of any list apart.
fn items(page: &Value) -> Vec<String> {
    let name = |item: &Value| item.as_str().map_or_else(|| id(item), str::to_owned);
    page.as_array().unwrap().iter().map(name).collect()
}

fn with(path: &str, parameter: &str) -> String {
    format!("{path}{}{parameter}", if path.contains('?') { "&" } else { "?" })
}

/// Follows a relation of the header `Link` from page to page.
fn walk(client: &Client, path: &str, relation: &str) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = client.get(&path);
        next = page.link(relation);
        pages.push(page);
        assert!(pages.len() < 1_000, "{path} does not end");
    }
    pages
}

#[test]
fn r12_r13_r16_limits_are_bent_to_what_the_list_allows() {
    let (_world, lists) = crowd();
    for List { client, path, default, maximum, items: all } in &lists {
        let length = |limit: &str| items(&client.get(&with(path, limit)).ok()).len();
        let beyond = (maximum + 1).to_string();
        for (limit, expected) in [
            ("", *default),
            ("limit=", *default),
            ("limit=abc", *default),
            ("limit=0", 0),
            ("limit=1", 1),
            ("limit=-5", 5),
            (&format!("limit={maximum}"), *maximum),
            (&format!("limit={beyond}"), *maximum),
            ("limit=1000000000", *maximum),
            ("limit=99999999999999999999999999999999", *maximum),
            ("limit=-99999999999999999999999999999999", *maximum),
        ] {
            assert!(all.len() > *maximum);
            assert_eq!(length(limit), expected, "{path} {limit}");
        }
    }
}

#[test]
fn r10_r11_next_leads_to_each_item_once_and_ends() {
    let (_world, lists) = crowd();
    for List { client, path, maximum, items: all, .. } in &lists {
        for limit in [7, *maximum] {
            let pages = walk(client, &with(path, &format!("limit={limit}")), "next");
            let walked: Vec<String> = pages.iter().flat_map(|page| items(&page.ok())).collect();
            assert_eq!(walked, *all, "{path} by {limit}");
            for page in &pages[..pages.len() - 1] {
                assert_eq!(items(&page.ok()).len(), limit, "{path}: only the last page is short");
            }
        }
    }
}

#[test]
fn r8_r11_prev_leads_back_from_the_last_page_to_the_first() {
    let (_world, lists) = crowd();
    for List { client, path, items: all, .. } in &lists {
        let last = walk(client, &with(path, "limit=9"), "next").pop().unwrap();
        let back = walk(client, &last.link("prev").unwrap(), "prev");
        let (end, pages) = back.split_last().unwrap();
        assert_eq!((end.ok(), end.header("link")), (json!([]), None), "{path}: an empty page leads nowhere");
        let mut walked: Vec<String> = pages.iter().rev().flat_map(|page| items(&page.ok())).collect();
        walked.extend(items(&last.ok()));
        assert_eq!(walked, *all, "{path}");
    }
}

#[test]
fn r14_notifications_have_pages_of_their_own_length() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    for number in 0..33 {
        ben.say(&format!("@anna {number}"));
    }
    let length = |limit: &str| anna.ids(&format!("/api/v1/notifications{limit}")).len();
    for (limit, expected) in [
        ("", 15),
        ("?limit=0", 0),
        ("?limit=-5", 5),
        ("?limit=31", 30),
        ("?limit=1000000000", 30),
        ("?limit=abc", 15),
    ] {
        assert_eq!(length(limit), expected, "{limit}");
    }
    let pages = walk(&anna, "/api/v1/notifications?limit=5", "next");
    let mut walked: Vec<String> = pages.iter().flat_map(|page| items(&page.ok())).collect();
    assert_eq!(walked.len(), 33);
    walked.dedup();
    assert!(walked.is_sorted_by(|newer, older| newer > older) && walked.len() == 33);
}

#[test]
fn r10_the_header_is_exactly_what_clients_take_apart() {
    let world = World::new();
    let anna = world.person("anna");
    let posts: Vec<String> = (0..4).map(|number| anna.say(&format!("{number}"))).collect();
    let path = "/api/v1/timelines/home";
    let filters = "exclude_visibilities[]=direct&limit=2&only_media=false";
    let page = anna.get(&format!("{path}?{filters}&max_id={}", posts[3]));
    let kept = "exclude_visibilities%5B%5D=direct&limit=2&only_media=false";
    let expected = format!(
        "<{BASE}{path}?{kept}&max_id={}>; rel=\"next\", <{BASE}{path}?{kept}&min_id={}>; rel=\"prev\"",
        posts[1], posts[2]
    );
    assert_eq!(page.header("link"), Some(expected.as_str()));
    let last = anna.get(&format!("{path}?limit=4"));
    let expected = format!("<{BASE}{path}?limit=4&min_id={}>; rel=\"prev\"", posts[3]);
    assert_eq!(last.header("link"), Some(expected.as_str()), "there is nothing older");
    assert_eq!(anna.get(&format!("{path}?max_id={}", posts[0])).header("link"), None);
}

#[test]
fn r8_r9_positions_exclude_the_item_they_name() {
    let world = World::new();
    let anna = world.person("anna");
    let posts: Vec<String> = (0..6).map(|number| anna.say(&format!("{number}"))).collect();
    let page = |query: &str| anna.ids(&format!("/api/v1/timelines/home?limit=2&{query}"));
    assert_eq!(page(&format!("max_id={}", posts[3])), [&posts[2], &posts[1]]);
    assert_eq!(page(&format!("since_id={}", posts[1])), [&posts[5], &posts[4]], "the newest");
    assert_eq!(page(&format!("min_id={}", posts[1])), [&posts[3], &posts[2]], "the nearest");
    let between = format!("max_id={}&since_id={}", posts[4], posts[1]);
    assert_eq!(page(&between), [&posts[3], &posts[2]]);
    assert_eq!(page(&format!("max_id={}&min_id={}", posts[4], posts[2])), [&posts[3]]);
    assert_eq!(page(&format!("max_id={}&min_id={}", posts[1], posts[4])), [""; 0]);
    assert_eq!(
        page("max_id=nonsense&since_id=&min_id="),
        [&posts[5], &posts[4]],
        "what is no id is no position"
    );
}

#[test]
fn nothing_is_lost_or_doubled_while_others_post_and_delete() {
    let world = World::new();
    let anna = world.person("anna");
    let posts: Vec<String> = (0..12).map(|number| anna.say(&format!("{number}"))).collect();
    let mut walked = Vec::new();
    let mut next = Some("/api/v1/timelines/home?limit=3".to_owned());
    while let Some(path) = next {
        let page = anna.get(&path);
        let ids = items(&page.ok());
        next = page.link("next");
        // Something new above, and the position itself is gone.
        anna.say("meanwhile");
        anna.delete(&format!("/api/v1/statuses/{}", ids.last().unwrap())).ok();
        walked.extend(ids);
    }
    walked.reverse();
    assert_eq!(walked, posts);
}

#[test]
fn what_is_hidden_makes_no_page_short() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let mut visible = Vec::new();
    for number in 0..8 {
        visible.push(anna.say(&format!("open {number}")));
        for _ in 0..25 {
            anna.say_to("private", "hidden words");
        }
    }
    visible.reverse();
    let path = format!("/api/v1/accounts/{}/statuses?limit=3", anna.id());
    let pages = walk(&ben, &path, "next");
    let lengths: Vec<usize> = pages.iter().map(|page| items(&page.ok()).len()).collect();
    assert_eq!(lengths, [3, 3, 2]);
    let walked: Vec<String> = pages.iter().flat_map(|page| items(&page.ok())).collect();
    assert_eq!(walked, visible);
    assert_eq!(ben.get("/api/v2/search?q=hidden").ok()["statuses"], json!([]));
}

#[test]
fn a_page_looks_at_a_bounded_number_of_rows_and_says_where_it_goes_on() {
    let world = World::new();
    let anna = world.person("anna");
    let old = anna.say("old");
    let start: Flake = old.parse().unwrap();
    let reader = anna.account;
    // More rows than any page looks at, all of statuses that are not there.
    world.write(move |tx| {
        for number in 1..=9_000_u64 {
            let gone = Flake::from_parts(start.milliseconds() + number, 0, 0);
            HOME.put(tx, &(reader, gone), &())?;
        }
        Ok(())
    });
    world.is_damaged();
    world.advance(std::time::Duration::from_secs(60));
    let new = anna.say("new");
    let pages = walk(&anna, "/api/v1/timelines/home", "next");
    let walked: Vec<String> = pages.iter().flat_map(|page| items(&page.ok())).collect();
    assert_eq!(walked, [new.clone(), old.clone()]);
    assert!((3..6).contains(&pages.len()), "{} pages", pages.len());

    let back = walk(&anna, &format!("/api/v1/timelines/home?min_id={old}"), "prev");
    assert_eq!(back.iter().flat_map(|page| items(&page.ok())).collect::<Vec<_>>(), [new]);
}
