//! The instance entities of both versions.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::model::{Role, Visibility};
use koinon_engine::settings::{Limits, Registrations, Settings};
use koinon_http::{Options, Profile};
use serde_json::{Value, json};

use crate::support::{Instance, settings};

fn both(instance: &Instance) -> (Value, Value) {
    let ask = |path: &str| instance.get(path).expect(200).json();
    (ask("/api/v1/instance/"), ask("/api/v2/instance/"))
}

/// The value at a path like `configuration.statuses`.
#[track_caller]
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    value.pointer(&pointer).unwrap_or_else(|| panic!("no {path} in {value}"))
}

#[test]
#[rustfmt::skip]
fn every_field_that_mastodon_documents_is_there_with_its_type() {
    let instance = Instance::new();
    instance.account_with_role("owner", Role::Admin);
    let (v1, v2) = both(&instance);
    let is = |value: &Value, path: &str, kind: &str| {
        let found = at(value, path);
        let fits = match kind {
            "text" => found.is_string(),
            "number" => found.is_u64(),
            "boolean" => found.is_boolean(),
            "list" => found.is_array(),
            "object" => found.is_object(),
            "nothing" => found.is_null(),
            other => panic!("{other}"),
        };
        assert!(fits, "{path} is no {kind}: {found}");
    };
    for (path, kind) in [
        ("uri", "text"), ("title", "text"), ("short_description", "text"), ("description", "text"),
        ("email", "text"), ("version", "text"), ("urls.streaming_api", "text"), ("stats.user_count", "number"),
        ("stats.status_count", "number"), ("stats.domain_count", "number"), ("thumbnail", "text"),
        ("languages", "list"), ("registrations", "boolean"), ("approval_required", "boolean"),
        ("invites_enabled", "boolean"), ("contact_account", "object"), ("rules", "list"),
        // What Pleroma adds.
        ("max_toot_chars", "number"), ("max_media_attachments", "number"), ("chat_limit", "number"),
        ("description_limit", "number"), ("poll_limits.max_options", "number"),
        ("poll_limits.max_option_chars", "number"), ("poll_limits.min_expiration", "number"),
        ("poll_limits.max_expiration", "number"), ("shout_limit", "number"), ("upload_limit", "number"),
        ("avatar_upload_limit", "number"), ("background_upload_limit", "number"),
        ("banner_upload_limit", "number"), ("background_image", "text"),
    ] {
        is(&v1, path, kind);
    }
    for (path, kind) in [
        ("domain", "text"), ("title", "text"), ("version", "text"), ("source_url", "text"),
        ("description", "text"), ("wrapstodon", "nothing"), ("usage.users.active_month", "number"),
        ("thumbnail.url", "text"), ("thumbnail.description", "text"), ("icon", "list"), ("languages", "list"),
        ("configuration.urls.streaming", "text"), ("configuration.urls.status", "nothing"),
        ("configuration.urls.about", "text"), ("configuration.urls.privacy_policy", "nothing"),
        ("configuration.urls.terms_of_service", "nothing"), ("configuration.vapid.public_key", "text"),
        ("configuration.accounts.max_pinned_statuses", "number"),
        ("configuration.accounts.max_display_name_length", "number"),
        ("configuration.accounts.max_note_length", "number"),
        ("configuration.accounts.max_avatar_description_length", "number"),
        ("configuration.accounts.max_header_description_length", "number"),
        ("configuration.accounts.max_profile_fields", "number"),
        ("configuration.accounts.profile_field_name_limit", "number"),
        ("configuration.accounts.profile_field_value_limit", "number"),
        ("configuration.translation.enabled", "boolean"),
        ("configuration.timelines_access.live_feeds.local", "text"),
        ("configuration.timelines_access.hashtag_feeds.remote", "text"),
        ("configuration.timelines_access.trending_link_feeds.local", "text"),
        ("configuration.limited_federation", "boolean"), ("registrations.enabled", "boolean"),
        ("registrations.approval_required", "boolean"), ("registrations.reason_required", "boolean"),
        ("registrations.message", "nothing"), ("registrations.min_age", "nothing"),
        ("registrations.url", "nothing"), ("api_versions.mastodon", "number"), ("contact.email", "text"),
        ("contact.account", "object"), ("rules", "list"), ("pleroma.avatar_upload_limit", "number"),
        ("pleroma.vapid_public_key", "text"),
    ] {
        is(&v2, path, kind);
    }
    for (path, kind) in [
        ("configuration.accounts.max_featured_tags", "number"),
        ("configuration.statuses.max_characters", "number"),
        ("configuration.statuses.max_media_attachments", "number"),
        ("configuration.statuses.characters_reserved_per_url", "number"),
        ("configuration.media_attachments.supported_mime_types", "list"),
        ("configuration.media_attachments.description_limit", "number"),
        ("configuration.media_attachments.image_size_limit", "number"),
        ("configuration.media_attachments.image_matrix_limit", "number"),
        ("configuration.media_attachments.video_size_limit", "number"),
        ("configuration.media_attachments.video_frame_rate_limit", "number"),
        ("configuration.media_attachments.video_matrix_limit", "number"),
        ("configuration.polls.max_options", "number"),
        ("configuration.polls.max_characters_per_option", "number"),
        ("configuration.polls.min_expiration", "number"),
        ("configuration.polls.max_expiration", "number"),
        ("pleroma.metadata.account_activation_required", "boolean"),
        ("pleroma.metadata.birthday_required", "boolean"), ("pleroma.metadata.birthday_min_age", "number"),
        ("pleroma.metadata.features", "list"), ("pleroma.metadata.federation.exclusions", "boolean"),
        ("pleroma.metadata.fields_limits.max_fields", "number"),
        ("pleroma.metadata.post_formats", "list"), ("pleroma.stats.mau", "number"),
    ] {
        is(&v1, path, kind);
        is(&v2, path, kind);
    }
    for dropped in ["max_toot_chars", "poll_limits", "upload_limit"] {
        assert!(at(&v2, "pleroma").get(dropped).is_none(), "{dropped}");
    }
}

#[test]
fn the_version_is_one_that_each_clients_own_pattern_reads() {
    let instance = Instance::new();
    let (v1, v2) = both(&instance);
    let version = v1["version"].as_str().unwrap();
    assert_eq!(v2["version"], version);
    let (mastodon, rest) = version.split_once(" (compatible; ").unwrap();
    assert_eq!(mastodon, "4.5.0");
    let (name, compatible) = rest.strip_suffix(')').unwrap().split_once(' ').unwrap();
    assert_eq!(name, "Pleroma");
    // Soapbox reads a semantic version with an optional build part, and nothing after it.
    let (numbers, build) = compatible.split_once('+').unwrap();
    assert!(numbers.split('.').count() == 3 && numbers.split('.').all(|part| part.parse::<u32>().is_ok()));
    assert_eq!(build, format!("koinon.{}", env!("CARGO_PKG_VERSION")));
    let options = Options { profile: Profile::Mastodon, ..Options::default() };
    let (v1, v2) = both(&Instance::with(settings(), options));
    assert_eq!((&v1["version"], &v2["version"]), (&json!("4.5.0"), &json!("4.5.0")));
}

#[test]
fn the_streaming_address_is_plain_where_the_instance_is() {
    for (base, streaming) in
        [("https://koinon.example", "wss://koinon.example"), ("http://127.0.0.1:4000", "ws://127.0.0.1:4000")]
    {
        let settings = Settings { base_url: base.into(), ..settings() };
        let (v1, v2) = both(&Instance::with(settings, Options::default()));
        assert_eq!(at(&v1, "urls.streaming_api"), streaming);
        assert_eq!(at(&v2, "configuration.urls.streaming"), streaming);
    }
}

#[test]
fn settings_and_limits_are_the_ones_that_hold() {
    let settings = Settings {
        rules: vec!["Be kind".into(), "No <b>spam</b>".into()],
        languages: vec!["de".into(), "en".into()],
        contact_email: "post@koinon.example".into(),
        limits: Limits { status_characters: 700, attachments: Some(4), pins: 3, ..Limits::default() },
        ..settings()
    };
    let (v1, v2) = both(&Instance::with(settings, Options::default()));
    assert_eq!(v1["uri"], "koinon.example");
    assert_eq!(v2["domain"], "koinon.example");
    assert_eq!(v1["short_description"], "A place & its people");
    assert_eq!(v1["description"], "<p>A place &amp; its people</p>");
    assert_eq!((&v1["max_toot_chars"], &v1["max_media_attachments"]), (&json!(700), &json!(4)));
    assert_eq!(at(&v2, "contact.email"), "post@koinon.example");
    for value in [&v1, &v2] {
        assert_eq!(at(value, "configuration.statuses.max_characters"), 700);
        assert_eq!(at(value, "configuration.statuses.max_media_attachments"), 4);
        assert_eq!(at(value, "configuration.statuses.characters_reserved_per_url"), 23);
        assert_eq!(at(value, "configuration.accounts.max_pinned_statuses"), 3);
        assert_eq!(value["languages"], json!(["de", "en"]));
        assert_eq!(
            value["rules"][1],
            json!({ "id": "2", "text": "No <b>spam</b>", "hint": "", "translations": {} })
        );
        let types = at(value, "configuration.media_attachments.supported_mime_types").as_array().unwrap();
        assert!(types.contains(&json!("image/png")) && !types.contains(&json!("image/svg+xml")));
        assert_eq!(at(value, "pleroma.metadata.post_formats")[1], "text/markdown");
    }
    let unlimited = both(&Instance::new()).1;
    assert!(at(&unlimited, "configuration.statuses.max_media_attachments").as_u64().unwrap() >= 100);
}

#[test]
fn no_upload_is_promised_that_the_request_limits_refuse() {
    let mut options = Options::default();
    options.limits.upload_bytes = 1 << 20;
    let (v1, v2) = both(&Instance::with(settings(), options));
    for size in [
        &v1["upload_limit"],
        &v1["avatar_upload_limit"],
        at(&v2, "configuration.media_attachments.image_size_limit"),
        at(&v2, "configuration.media_attachments.video_size_limit"),
    ] {
        assert!(size.as_u64().unwrap() < 1 << 20, "{size}");
    }
}

#[test]
fn registrations_are_a_boolean_once_and_an_object_then() {
    for (registrations, enabled, approval) in [
        (Registrations::Open, true, false),
        (Registrations::Approval, true, true),
        (Registrations::Closed, false, false),
    ] {
        let settings = Settings { registrations, ..settings() };
        let (v1, v2) = both(&Instance::with(settings, Options::default()));
        assert_eq!((&v1["registrations"], &v1["approval_required"]), (&json!(enabled), &json!(approval)));
        assert_eq!(at(&v2, "registrations.enabled"), enabled);
        assert_eq!(at(&v2, "registrations.approval_required"), approval);
    }
}

#[test]
fn the_contact_is_the_first_admin_whom_visitors_may_see() {
    let instance = Instance::new();
    assert!(both(&instance).0["contact_account"].is_null());
    instance.account_with_role("helper", Role::Moderator);
    assert!(both(&instance).1["contact"]["account"].is_null());
    let owner = instance.account_with_role("owner", Role::Admin);
    instance.account_with_role("second", Role::Admin);
    let (v1, v2) = both(&instance);
    assert_eq!(v1["contact_account"]["username"], "owner");
    assert_eq!(v2["contact"]["account"]["username"], "owner");
    block_on(instance.engine().suspend(Authority::Operator, owner)).unwrap();
    assert_eq!(both(&instance).0["contact_account"]["username"], "second");
}

#[test]
fn numbers_count_who_is_here_and_what_was_posted() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    instance.account("bob");
    instance.post_as(alice, "hello", Visibility::Public);
    let (v1, v2) = both(&instance);
    assert_eq!(v1["stats"], json!({ "user_count": 2, "status_count": 1, "domain_count": 0 }));
    assert_eq!(at(&v2, "usage.users.active_month"), 1);
    assert_eq!(at(&v1, "pleroma.stats.mau"), 1);
    // Counted once an hour.
    let bob = instance.account("carol");
    instance.post_as(bob, "me too", Visibility::Public);
    assert_eq!(at(&both(&instance).1, "usage.users.active_month"), 1);
    instance.advance(3600);
    assert_eq!(at(&both(&instance).1, "usage.users.active_month"), 2);
    instance.advance(28 * 24 * 3600 + 1);
    assert_eq!(at(&both(&instance).1, "usage.users.active_month"), 0);
}

#[test]
fn an_instance_without_visitors_says_so_and_still_answers() {
    let settings = Settings { open_to_visitors: false, ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account_with_role("owner", Role::Admin);
    let (v1, v2) = both(&instance);
    assert!(v1["contact_account"].is_null());
    assert_eq!(at(&v2, "configuration.timelines_access.live_feeds.local"), "authenticated");
}

#[test]
fn r36_what_is_said_about_the_instance_needs_no_token_and_minds_no_bad_one() {
    let instance = Instance::new();
    for path in ["/api/v1/instance", "/api/v2/instance", "/api/v1/custom_emojis", "/nodeinfo/2.0"] {
        let reply = instance.get_as(path, "revoked").expect(200);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
}

#[test]
fn the_smaller_questions_about_the_instance_have_honest_answers() {
    let settings = Settings { rules: vec!["Be kind".into()], ..settings() };
    let instance = Instance::with(settings, Options::default());
    for path in ["peers", "domain_blocks", "activity"] {
        assert_eq!(instance.get(&format!("/api/v1/instance/{path}")).expect(200).json(), json!([]));
    }
    assert_eq!(instance.get("/api/v1/instance/rules").expect(200).json()[0]["text"], "Be kind");
    let description = instance.get("/api/v1/instance/extended_description").expect(200).json();
    assert_eq!(description["content"], "<p>A place &amp; its people</p>");
    assert_eq!(instance.get("/api/v1/instance/translation_languages").expect(200).json(), json!({}));
    for path in ["privacy_policy", "terms_of_service"] {
        assert_eq!(instance.get(&format!("/api/v1/instance/{path}")).expect(404).error(), "Record not found");
    }
}
