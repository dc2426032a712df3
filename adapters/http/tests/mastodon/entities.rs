//! What clients insist on in an entity: fields that are always there, never null and of the right kind. A strict client
//! throws the whole page away for one that is not. // R307

use koinon_engine::id::IdInput;
use serde_json::Value;

/// What a field holds.
#[derive(Clone, Copy)]
enum Kind {
    /// Any text.
    Text,
    /// A text that is not empty.
    Name,
    Id,
    Bool,
    /// A whole number, not negative.
    Count,
    /// `2026-11-24T13:10:37.000Z`. // client rule 14
    Moment,
    /// An absolute address.
    Url,
    /// An object whose fields do not matter here.
    Object,
    /// Any list.
    List,
    ListOf(&'static str),
    Entity(&'static str),
    OneOf(&'static [&'static str]),
}

use Kind::{Bool, Count, Entity, Id, List, ListOf, Moment, Name, Object, OneOf, Text, Url};

const VISIBILITIES: &[&str] = &["public", "unlisted", "private", "direct", "local", "list"];

/// Fields that are never null.
fn required(entity: &str) -> &'static [(&'static str, Kind)] {
    match entity {
        "Account" => &[
            ("id", Id),
            ("username", Name),
            ("acct", Name),
            ("url", Url),
            ("uri", Url),
            ("display_name", Text),
            ("note", Text),
            ("avatar", Url),
            ("avatar_static", Url),
            ("header", Url),
            ("header_static", Url),
            ("locked", Bool),
            ("bot", Bool),
            ("group", Bool),
            ("discoverable", Bool),
            ("indexable", Bool),
            ("fields", ListOf("Field")),
            ("emojis", List),
            ("roles", List),
            ("created_at", Moment),
            ("statuses_count", Count),
            ("followers_count", Count),
            ("following_count", Count),
        ],
        "Field" => &[("name", Text), ("value", Text)],
        "CredentialAccount" => &[("source", Entity("Source")), ("role", Entity("Role"))],
        "Source" => &[
            ("note", Text),
            ("fields", ListOf("Field")),
            ("privacy", OneOf(VISIBILITIES)),
            ("sensitive", Bool),
            ("follow_requests_count", Count),
        ],
        "Role" => &[("id", Name), ("name", Text), ("color", Text), ("permissions", Name)],
        "Relationship" => &[
            ("id", Id),
            ("following", Bool),
            ("showing_reblogs", Bool),
            ("notifying", Bool),
            ("followed_by", Bool),
            ("blocking", Bool),
            ("blocked_by", Bool),
            ("muting", Bool),
            ("muting_notifications", Bool),
            ("requested", Bool),
            ("requested_by", Bool),
            ("domain_blocking", Bool),
            ("endorsed", Bool),
            ("note", Text),
        ],
        "Status" => &[
            ("id", Id),
            ("uri", Url),
            ("url", Url),
            ("created_at", Moment),
            ("account", Entity("Account")),
            ("content", Text),
            ("visibility", OneOf(VISIBILITIES)),
            ("sensitive", Bool),
            ("spoiler_text", Text),
            ("media_attachments", ListOf("MediaAttachment")),
            ("mentions", ListOf("Mention")),
            ("tags", ListOf("Tag")),
            ("emojis", List),
            ("reblogs_count", Count),
            ("favourites_count", Count),
            ("replies_count", Count),
            ("quotes_count", Count),
        ],
        "Mention" => &[("id", Id), ("username", Name), ("acct", Name), ("url", Url)],
        "Tag" => &[("name", Name), ("url", Url)],
        "MediaAttachment" => &[
            ("id", Id),
            ("type", OneOf(&["unknown", "image", "gifv", "video", "audio"])),
            ("url", Url),
            ("meta", Object),
        ],
        "Context" => &[("ancestors", ListOf("Status")), ("descendants", ListOf("Status"))],
        "Notification" => &[
            ("id", Id),
            (
                "type",
                OneOf(&[
                    "mention",
                    "status",
                    "reblog",
                    "favourite",
                    "follow",
                    "follow_request",
                    "admin.report",
                    "admin.sign_up",
                ]),
            ),
            ("created_at", Moment),
            ("group_key", Name),
            ("account", Entity("Account")),
        ],
        "Marker" => &[("last_read_id", Id), ("version", Count), ("updated_at", Moment)],
        "List" => &[
            ("id", Id),
            ("title", Name),
            ("replies_policy", OneOf(&["followed", "list", "none"])),
            ("exclusive", Bool),
        ],
        "Report" => &[
            ("id", Id),
            ("action_taken", Bool),
            ("category", OneOf(&["spam", "legal", "violation", "other"])),
            ("comment", Text),
            ("created_at", Moment),
            ("target_account", Entity("Account")),
        ],
        "Results" => {
            &[("accounts", ListOf("Account")), ("statuses", ListOf("Status")), ("hashtags", ListOf("Tag"))]
        }
        other => panic!("{other} is no entity"),
    }
}

/// Fields that are always there, with null where there is nothing to say.
fn nullable(entity: &str) -> &'static [(&'static str, Kind)] {
    match entity {
        "Account" => &[("last_status_at", Text)],
        "Field" => &[("verified_at", Moment)],
        "Relationship" => &[("languages", List), ("muting_expires_at", Moment)],
        "Source" => &[("language", Text)],
        "Status" => &[
            ("in_reply_to_id", Id),
            ("in_reply_to_account_id", Id),
            ("reblog", Entity("Status")),
            ("poll", Object),
            ("card", Object),
            ("language", Text),
            ("edited_at", Moment),
            ("quote", Object),
        ],
        "MediaAttachment" => {
            &[("preview_url", Url), ("remote_url", Url), ("description", Text), ("blurhash", Text)]
        }
        "Report" => &[("action_taken_at", Moment)],
        _ => &[],
    }
}

/// What the entity is besides.
fn base(entity: &str) -> Option<&'static str> {
    (entity == "CredentialAccount").then_some("Account")
}

/// What a signed-in viewer did to a status; nothing for visitors. // R80
const MARKS: [&str; 4] = ["favourited", "reblogged", "muted", "bookmarked"];

/// Asserts that `value` has everything that strict clients require of an `entity`.
#[track_caller]
pub(crate) fn assert_entity(entity: &str, value: &Value) {
    if let Err(complaint) = check(entity, value) {
        panic!("{complaint} in {value:#}");
    }
}

#[track_caller]
pub(crate) fn assert_entities(entity: &str, values: &Value) {
    let values = values.as_array().unwrap_or_else(|| panic!("no list of {entity}: {values}"));
    assert!(!values.is_empty(), "no {entity} to look at");
    values.iter().for_each(|value| assert_entity(entity, value));
}

fn check(entity: &str, value: &Value) -> Result<(), String> {
    if let Some(base) = base(entity) {
        check(base, value)?;
    }
    let object = value.as_object().ok_or_else(|| format!("{entity} is no object"))?;
    for (name, kind) in required(entity) {
        let field = object.get(*name).ok_or_else(|| format!("{entity}.{name} is missing"))?;
        check_kind(*kind, field).map_err(|complaint| format!("{entity}.{name} {complaint}"))?;
    }
    for (name, kind) in nullable(entity) {
        let field = object.get(*name).ok_or_else(|| format!("{entity}.{name} is missing"))?;
        if !field.is_null() {
            check_kind(*kind, field).map_err(|complaint| format!("{entity}.{name} {complaint}"))?;
        }
    }
    if entity == "Status" {
        let marks = MARKS.map(|name| object.get(name).map(Value::is_boolean));
        if marks != [None; 4] && marks != [Some(true); 4] {
            return Err(format!("Status has only some of {MARKS:?}, or not as booleans"));
        }
    }
    Ok(())
}

fn check_kind(kind: Kind, field: &Value) -> Result<(), String> {
    let is_right = match kind {
        Text => field.is_string(),
        Name => field.as_str().is_some_and(|text| !text.is_empty()),
        Id => field.as_str().is_some_and(|text| text.parse::<IdInput>().is_ok()),
        Bool => field.is_boolean(),
        Count => field.is_u64(),
        Moment => field.as_str().is_some_and(is_moment),
        Url => field.as_str().is_some_and(|text| text.starts_with("https://") && text.len() > 10),
        Object => field.is_object(),
        List => field.is_array(),
        OneOf(words) => field.as_str().is_some_and(|text| words.contains(&text)),
        Entity(entity) => return check(entity, field),
        ListOf(entity) => {
            let list = field.as_array().ok_or("is no list")?;
            return list.iter().try_for_each(|value| check(entity, value));
        }
    };
    if is_right { Ok(()) } else { Err(format!("is {field}")) }
}

/// Whether the text has the one form of a moment that every client reads.
fn is_moment(text: &str) -> bool {
    let form = "0000-00-00T00:00:00.000Z";
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            sign => byte == sign,
        })
}
