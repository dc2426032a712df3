//! The conformance suite of twitter-text: what counts as a mention, a hashtag, a URL. Where the fediverse
//! differs on purpose, the difference is listed with its reason and has to be exactly the listed one.

#![allow(clippy::unwrap_used)]

mod text_support;

use std::collections::BTreeMap;

use koinon_engine::text::{Format, extract};
use serde::Deserialize;

#[derive(Deserialize)]
struct Suite {
    tests: BTreeMap<String, Vec<Case>>,
}

#[derive(Deserialize)]
struct Case {
    description: String,
    text: String,
    expected: serde_json::Value,
}

/// A case in which this module finds something else.
struct Difference {
    section: &'static str,
    text: &'static str,
    found: &'static [&'static str],
    reason: &'static str,
}

const BARE_DOMAIN: &str = "without a scheme nothing is a link in the fediverse";
const ANY_SCRIPT: &str = "paths may be in any script, as titles in Wikipedia's are; and bare domains";
const SHORTENER: &str = "t.co is a host like any other";
const FEDERATED: &str = "@user@domain names an account of another server";
const RETWEET: &str = "a sign right after a letter is an e-mail address, and retweets are no text here";
const SAME_TAG: &str = "spellings of one tag are listed once";

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    Difference {
        section: "mentions", reason: FEDERATED,
        text: "@username email me @test@example.com",
        found: &["username", "test@example.com"],
    },
    Difference {
        section: "mentions", reason: RETWEET,
        text: "RT@username RT:@mention RT @test",
        found: &["mention", "test"],
    },
    Difference {
        section: "mentions", reason: RETWEET,
        text: "rt@username rt:@mention rt @test",
        found: &["mention", "test"],
    },
    Difference {
        section: "mentions", reason: RETWEET,
        text: "Rt@username Rt:@mention Rt @test",
        found: &["mention", "test"],
    },
    Difference {
        section: "mentions", reason: RETWEET,
        text: "rT@username rT:@mention rT @test",
        found: &["mention", "test"],
    },
    Difference {
        section: "hashtags", reason: SAME_TAG,
        text: "Here’s a test tweet for you: #İn #ın",
        found: &["İn"],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "foo.com foo.net foo.org foo.edu foo.gov",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "foo.baz foo.co.jp www.xxxxxxx.baz www.foo.co.uk wwwww.xxxxxxx foo.comm foo.somecom foo.govedu foo.jp",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "t.co/abcde bit.ly/abcde",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "@user Try http:// example.com/path",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "これは日本語です。example.com/path/index.html中国語example.com/path한국",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "twitter.comこれは日本語です。example.com中国語t.co/abcde한국twitter.com example2.comテストtwitter.com/abcde",
        found: &[],
    },
    Difference {
        section: "urls", reason: ANY_SCRIPT,
        text: "http://twitter.com/これは日本語です。example.com中国語http://t.co/abcde한국twitter.comテストexample2.comテストhttp://twitter.com/abcde",
        found: &["http://twitter.com/これは日本語です", "http://t.co/abcde한국twitter.comテストexample2.comテストhttp://twitter.com/abcde"],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "twitter.jp日本語it.so中国語foo.jp it.so foo.jp",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "Find my page at name.al-lastname.com",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "MLB.tv vine.co twitch.tv t.co",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "@user Try http://\u{a0}example.com/path",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "test ELPAÍS.com",
        found: &[],
    },
    Difference {
        section: "urls", reason: SHORTENER,
        text: "I really like http://t.co/pbY2NfTZ's website",
        found: &["http://t.co/pbY2NfTZ's"],
    },
    Difference {
        section: "urls", reason: SHORTENER,
        text: "Check this site out http://t.co/FNkPfmii- it's great",
        found: &["http://t.co/FNkPfmii-"],
    },
    Difference {
        section: "urls", reason: SHORTENER,
        text: "I really like http://t.co/abcdefghijklmnopqrstuvwxyz012345678901234",
        found: &["http://t.co/abcdefghijklmnopqrstuvwxyz012345678901234"],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "example.comてすとですtwitter.みんなです",
        found: &[],
    },
    Difference {
        section: "urls", reason: BARE_DOMAIN,
        text: "http://twitter.com\nhttp://example.com\nhttp://example.com/path\nexample.com/path\nit.so\nit.so/abcde",
        found: &["http://twitter.com", "http://example.com", "http://example.com/path"],
    },
    Difference {
        section: "urls_with_indices", reason: BARE_DOMAIN,
        text: "t.co/abcde bit.ly/abcde",
        found: &[],
    },
    Difference {
        section: "urls_with_indices", reason: BARE_DOMAIN,
        text: "twitter.comこれは日本語です。example.com中国語t.co/abcde한국twitter.com example2.comテストtwitter.com/abcde",
        found: &[],
    },
    Difference {
        section: "urls_with_indices", reason: ANY_SCRIPT,
        text: "http://twitter.com/これは日本語です。example.com中国語http://t.co/abcde한국twitter.comテストexample2.comテストhttp://twitter.com/abcde",
        found: &["http://twitter.com/これは日本語です", "http://t.co/abcde한국twitter.comテストexample2.comテストhttp://twitter.com/abcde"],
    },
    Difference {
        section: "urls_with_indices", reason: SHORTENER,
        text: "http://t.co/pbY2NfTZ's http://t.co/2vYHpAc5; http://t.co/ulYGBYSo: http://t.co/8MkmHU0k+c http://t.co/TKLp64dY.x http://t.co/8t7G3ddS#a http://t.co/FNkPfmii-",
        found: &["http://t.co/pbY2NfTZ's", "http://t.co/2vYHpAc5", "http://t.co/ulYGBYSo", "http://t.co/8MkmHU0k+c", "http://t.co/TKLp64dY.x", "http://t.co/8t7G3ddS#a", "http://t.co/FNkPfmii-"],
    },
    Difference {
        section: "urls_with_directional_markers", reason: BARE_DOMAIN,
        text: "\u{2066}\u{202a}test abcdef.com پاکستان http://twitter.com/\u{202c}\u{2069}",
        found: &["http://twitter.com/"],
    },
    Difference {
        section: "urls_with_directional_markers", reason: BARE_DOMAIN,
        text: "This is a test \u{2066}\u{202a}twitter.com\u{202c}\u{2069} \u{2066}\u{202a}http://foobar.پاکستان/\u{202c}\u{2069}\u{2069} قطر فلسطين عمان",
        found: &["http://foobar.پاکستان/"],
    },
];

#[test]
fn mentions_are_found_as_in_twitter_text() {
    check(&["mentions", "mentions_with_indices"], |text| {
        let mentions = extract(text, Format::Plain).mentions;
        mentions
            .into_iter()
            .map(|name| match name.domain {
                Some(domain) => format!("{}@{domain}", name.username),
                None => name.username,
            })
            .collect()
    });
}

#[test]
fn hashtags_are_found_as_in_twitter_text() {
    check(&["hashtags", "hashtags_from_astral", "hashtags_with_indices"], |text| {
        extract(text, Format::Plain).hashtags
    });
}

#[test]
fn urls_are_found_as_in_twitter_text() {
    check(&["urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params"], |text| {
        extract(text, Format::Plain).links
    });
}

fn check(sections: &[&str], find: impl Fn(&str) -> Vec<String>) {
    let Some(yaml) = text_support::shared_file("twitter-text/extract.yml") else { return };
    let suite: Suite = serde_saphyr::from_str(&yaml).unwrap();
    let mut wrong = Vec::new();
    let mut used = 0;
    for &section in sections {
        let cases = &suite.tests[section];
        assert!(!cases.is_empty(), "{section} is empty");
        for case in cases {
            let found = find(&case.text);
            let difference = DIFFERENCES.iter().find(|it| it.section == section && it.text == case.text);
            let expected = match difference {
                Some(difference) => difference.found.iter().map(|&it| it.to_owned()).collect(),
                None => case.distinct(),
            };
            used += usize::from(difference.is_some());
            if difference.is_some() && expected == case.distinct() {
                wrong.push(format!("{section}: no difference any more: {}", case.text));
            }
            if found != expected {
                let reason = difference.map_or("", |difference| difference.reason);
                wrong.push(format!(
                    "{section}: {}\n  text     {:?}\n  expected {expected:?} {reason}\n  found    {found:?}",
                    case.description, case.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let listed = DIFFERENCES.iter().filter(|it| sections.contains(&it.section)).count();
    assert_eq!(used, listed, "a listed difference belongs to no case");
}

impl Case {
    /// What is expected, repetitions dropped as [`extract`] does. An entity is a name, or an object with it.
    fn distinct(&self) -> Vec<String> {
        let mut distinct: Vec<String> = Vec::new();
        for entity in self.expected.as_array().unwrap() {
            let name = ["screen_name", "hashtag", "url"]
                .iter()
                .find_map(|key| entity.get(key))
                .unwrap_or(entity)
                .as_str()
                .unwrap()
                .to_owned();
            if !distinct.contains(&name) {
                distinct.push(name);
            }
        }
        distinct
    }
}
