//! The store's examination of itself: nothing to say about sound data, a line for each thing that is wrong.

use serde_json::json;

use koinon_engine::id::Flake;
use koinon_engine::model::{AccountStats, MarkKind, Notification, NotificationKind, StatusRef, StatusStats};
use koinon_engine::store::schema::{
    ACCOUNT_NAMES, ACCOUNT_STATS, ACCOUNTS, AuthorFeed, BLOB_USES, BLOCKED, BLOCKED_DOMAINS, BLOCKS,
    BY_AUTHOR, CIRCLE_MEMBERS, CIRCLES, CIRCLES_OF, CONVERSATIONS, CREDENTIALS, DOMAIN_BLOCKS, EMAILS,
    FOLLOW_REQUESTS, FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS, Form, HOME, IDEMPOTENCY_KEYS, MARKS,
    MARKS_BY, MARKS_OF, MEDIA, META, MUTED, MUTES, NOTIFICATION_CAUSES, NOTIFICATIONS, NOTIFICATIONS_OF,
    PUBLIC, PublicFeed, REBLOGS, REBLOGS_OF, REPORTS, REPORTS_BY, STATUS_STATS, STATUS_WORDS, STATUSES,
    SUBSCRIBERS, TAGGED, TOKENS, meta,
};
use koinon_engine::store::{Scan, StoreError, WriteTx};
use koinon_engine::time::Timestamp;

use crate::client::{Part, id};
use crate::world::World;

/// Ids of things in a world that has something of everything.
#[derive(Debug, Clone, Copy)]
struct Ids {
    anna: Flake,
    ben: Flake,
    blocked: Flake,
    locked: Flake,
    post: Flake,
    answer: Flake,
    wrapper: Flake,
    picture: Flake,
    list: Flake,
    /// Names nothing.
    nothing: Flake,
}

fn sound() -> (World, Ids) {
    let world = World::new();
    let [anna, ben, blocked] = world.people(["anna", "ben", "blocked"]);
    let locked = world.locked("locked");
    anna.relate("follow", &ben);
    ben.post_form(&format!("/api/v1/accounts/{}/follow", anna.id()), "notify=1").ok();
    ben.relate("follow", &locked);
    anna.relate("block", &blocked);
    anna.relate("mute", &locked);
    anna.post_form("/api/v1/domain_blocks", "domain=far.example").ok();
    let list = id(&anna.post_json("/api/v1/lists", &json!({ "title": "list" })).ok());
    anna.post_json(&format!("/api/v1/lists/{list}/accounts"), &json!({ "account_ids": [ben.id()] })).ok();
    let file = crate::pictures::png(8, 8);
    let upload = [Part::File("file", "a.png", "image/png", &file)];
    let picture = id(&anna.post_multipart("/api/v1/media", &upload).ok());
    let draft = serde_json::to_vec(&json!({ "status": "words @ben #tag", "media_ids": [picture] })).unwrap();
    let headers = [("content-type", "application/json"), ("idempotency-key", "key")];
    let post = id(&anna.send(http::Method::POST, "/api/v1/statuses", &headers, draft).ok());
    let answer = ben.reply(&post, "@anna answer");
    let wrapper = id(&ben.act("reblog", &post));
    for action in ["favourite", "bookmark"] {
        ben.act(action, &post);
    }
    anna.act("pin", &post);
    ben.post_json("/api/v1/reports", &json!({ "account_id": anna.id() })).ok();
    let avatar = [Part::File("avatar", "a.png", "image/png", &file)];
    anna.send_multipart(http::Method::PATCH, "/api/v1/accounts/update_credentials", &avatar).ok();
    let [post, answer, wrapper, picture, list] =
        [post, answer, wrapper, picture, list].map(|id| id.parse().unwrap());
    let ids = Ids {
        anna: anna.account,
        ben: ben.account,
        blocked: blocked.account,
        locked: locked.account,
        post,
        answer,
        wrapper,
        picture,
        list,
        nothing: Flake::from_parts(1_700_000_000_000, 0, 0),
    };
    (world, ids)
}

type Plant = fn(Ids, &mut dyn WriteTx) -> Result<(), StoreError>;

/// A defect: the table in which it is to be found, what is to be said about it, and how it is made.
type Defective = (&'static str, &'static str, Plant);

#[test]
fn sound_data_have_no_defects() {
    let (world, _) = sound();
    assert_eq!(world.defects(), []);
}

#[track_caller]
fn assert_found(defects: &[Defective]) {
    for (number, (table, words, plant)) in defects.iter().enumerate() {
        let (world, ids) = sound();
        let plant = *plant;
        world.write(move |tx| plant(ids, tx));
        world.is_damaged();
        let found = world.defects();
        let is_it = |defect: &&koinon_engine::store::Defect| defect.table == *table;
        let told = found.iter().filter(is_it).any(|defect| defect.description.contains(words));
        assert!(told, "{number}: {words:?} in {table} is not among {found:#?}");
    }
}

#[test]
fn wrong_numbers_are_found() {
    fn stats(ids: Ids, tx: &mut dyn WriteTx, change: fn(&mut AccountStats)) -> Result<(), StoreError> {
        let mut stats = ACCOUNT_STATS.get(tx, &ids.anna)?.unwrap();
        change(&mut stats);
        ACCOUNT_STATS.put(tx, &ids.anna, &stats)
    }
    fn numbers(ids: Ids, tx: &mut dyn WriteTx, change: fn(&mut StatusStats)) -> Result<(), StoreError> {
        let mut stats = STATUS_STATS.get(tx, &ids.post)?.unwrap();
        change(&mut stats);
        STATUS_STATS.put(tx, &ids.post, &stats)
    }
    assert_found(&[
        ("meta", "says 5 users, there are 4", |_, tx| {
            META.put(tx, &meta::INSTANCE_STATS.to_owned(), &json!({ "users": 5, "statuses": 3 }))
        }),
        ("meta", "says 9 statuses, there are 3", |_, tx| {
            META.put(tx, &meta::INSTANCE_STATS.to_owned(), &json!({ "users": 4, "statuses": 9 }))
        }),
        ("account_stats", "says 2 statuses, there are 1", |ids, tx| {
            stats(ids, tx, |stats| stats.statuses += 1)
        }),
        ("account_stats", "says 0 followers, there are 1", |ids, tx| {
            stats(ids, tx, |stats| stats.followers = 0)
        }),
        ("account_stats", "says 3 following, there are 1", |ids, tx| {
            stats(ids, tx, |stats| stats.following = 3)
        }),
        ("status_stats", "says 0 replies, there are 1", |ids, tx| {
            numbers(ids, tx, |stats| stats.replies = 0)
        }),
        ("status_stats", "says 2 reblogs, there are 1", |ids, tx| {
            numbers(ids, tx, |stats| stats.reblogs = 2)
        }),
        ("status_stats", "says 7 favourites, there are 1", |ids, tx| {
            numbers(ids, tx, |stats| stats.favourites = 7)
        }),
    ]);
}

#[test]
fn accounts_that_are_not_there_or_not_found_are_found() {
    assert_found(&[
        ("accounts", "not found by its name", |_, tx| {
            ACCOUNT_NAMES.delete(tx, &("anna".into(), String::new()))
        }),
        ("account_names", "does not exist", |ids, tx| {
            ACCOUNT_NAMES.put(tx, &("nobody".into(), String::new()), &ids.nothing)
        }),
        ("credentials", "does not exist", |ids, tx| {
            let credentials = CREDENTIALS.get(tx, &ids.anna)?.unwrap();
            CREDENTIALS.put(tx, &ids.nothing, &credentials)
        }),
        ("emails", "cannot sign in", |ids, tx| EMAILS.put(tx, &"x@mail.example".into(), &ids.nothing)),
        ("statuses", "has no author", |ids, tx| {
            let status = STATUSES.get(tx, &ids.answer)?.unwrap();
            let orphan = koinon_engine::model::Status { author: ids.nothing, ..status };
            STATUSES.put(tx, &ids.answer, &orphan)
        }),
        ("reports", "does not exist", |_, tx| {
            let (id, report) = REPORTS.first(tx, &Scan::all())?.unwrap();
            REPORTS.put(tx, &id, &koinon_engine::model::Report { target: Flake::MIN, ..report })
        }),
        ("tokens", "does not exist", |_, tx| {
            let (hash, token) = TOKENS.first(tx, &Scan::all())?.unwrap();
            TOKENS.put(tx, &hash, &koinon_engine::model::Token { account: Some(Flake::MIN), ..token })
        }),
        ("accounts", "picture whose file is missing", |ids, tx| {
            let mut account = ACCOUNTS.get(tx, &ids.anna)?.unwrap();
            account.profile.avatar.as_mut().unwrap().still.blob = koinon_engine::media::BlobId::of(b"other");
            ACCOUNTS.put(tx, &ids.anna, &account)
        }),
    ]);
}

#[test]
fn statuses_that_never_were_are_found_wherever_they_are_named() {
    assert_found(&[
        ("statuses", "answers or passes on a status that never was", |ids, tx| {
            let mut status = STATUSES.get(tx, &ids.answer)?.unwrap();
            status.in_reply_to = Some(StatusRef { status: ids.nothing, author: ids.anna });
            STATUSES.put(tx, &ids.answer, &status)
        }),
        ("statuses", "answers or passes on a status that never was", |ids, tx| {
            let mut status = STATUSES.get(tx, &ids.wrapper)?.unwrap();
            status.reblog_of = Some(StatusRef { status: ids.nothing, author: ids.anna });
            STATUSES.put(tx, &ids.wrapper, &status)
        }),
        ("idempotency_keys", "never was", |ids, tx| {
            IDEMPOTENCY_KEYS.put(tx, &(ids.anna, [7; 32]), &(ids.nothing, Timestamp::default()))
        }),
        ("home", "never was", |ids, tx| HOME.put(tx, &(ids.anna, ids.nothing), &())),
        ("by_author", "not the author's", |ids, tx| {
            BY_AUTHOR.put(tx, &(ids.ben, AuthorFeed::All, ids.post), &Form::Original)
        }),
        ("public_timelines", "does not exist", |ids, tx| {
            PUBLIC.put(tx, &(PublicFeed::All, ids.nothing), &())
        }),
        ("tagged", "does not exist", |ids, tx| {
            TAGGED.put(tx, &("tag".into(), PublicFeed::All, ids.nothing), &())
        }),
        ("status_words", "does not exist", |ids, tx| {
            STATUS_WORDS.put(tx, &("word".into(), ids.nothing), &())
        }),
        ("conversations", "does not exist", |ids, tx| CONVERSATIONS.put(tx, &(ids.post, ids.nothing), &None)),
        ("notifications", "about something that does not exist", |ids, tx| {
            let notification = Notification {
                id: ids.nothing,
                kind: NotificationKind::Mention,
                from: ids.ben,
                status: Some(ids.nothing),
                report: None,
                created_at: Timestamp::default(),
            };
            NOTIFICATIONS.put(tx, &(ids.anna, ids.nothing), &notification)
        }),
    ]);
}

#[test]
fn statuses_that_miss_in_their_feeds_are_found() {
    assert_found(&[
        ("statuses", "missing from a feed", |ids, tx| {
            BY_AUTHOR.delete(tx, &(ids.anna, AuthorFeed::Media, ids.post))
        }),
        ("statuses", "missing from a feed", |ids, tx| PUBLIC.delete(tx, &(PublicFeed::Local, ids.post))),
        ("statuses", "missing from a feed", |ids, tx| {
            TAGGED.delete(tx, &("tag".into(), PublicFeed::LocalMedia, ids.post))
        }),
        ("statuses", "missing from a feed", |ids, tx| CONVERSATIONS.delete(tx, &(ids.post, ids.answer))),
    ]);
}

#[test]
fn files_and_attachments_that_do_not_fit_are_found() {
    assert_found(&[
        ("statuses", "attachment that is not attached", |ids, tx| MEDIA.delete(tx, &ids.picture)),
        ("media", "attached to a status that does not show it", |ids, tx| {
            let mut media = MEDIA.get(tx, &ids.picture)?.unwrap();
            media.status = Some(ids.answer);
            MEDIA.put(tx, &ids.picture, &media)
        }),
        ("media", "file that is missing", |ids, tx| {
            let mut media = MEDIA.get(tx, &ids.picture)?.unwrap();
            media.attachment.file.blob = koinon_engine::media::BlobId::of(b"other");
            MEDIA.put(tx, &ids.picture, &media)
        }),
        ("media", "not marked as used", |ids, tx| {
            let media = MEDIA.get(tx, &ids.picture)?.unwrap();
            BLOB_USES.delete(tx, &(*media.attachment.file.blob.as_bytes(), ids.picture))
        }),
    ]);
}

#[test]
fn relations_that_stand_in_one_order_only_are_found() {
    assert_found(&[
        ("follows", "no counterpart", |ids, tx| {
            let follow = FOLLOWS.get(tx, &(ids.anna, ids.ben))?.unwrap();
            FOLLOWING.delete(tx, &(ids.anna, follow.id))
        }),
        ("follows", "no counterpart", |ids, tx| {
            let follow = FOLLOWS.get(tx, &(ids.anna, ids.ben))?.unwrap();
            FOLLOWERS.delete(tx, &(ids.ben, follow.id))
        }),
        ("following", "no counterpart", |ids, tx| FOLLOWING.put(tx, &(ids.anna, ids.nothing), &ids.locked)),
        ("followers", "no counterpart", |ids, tx| FOLLOWERS.put(tx, &(ids.anna, ids.nothing), &ids.locked)),
        ("subscribers", "no counterpart", |ids, tx| SUBSCRIBERS.put(tx, &(ids.ben, ids.anna), &())),
        ("follow_requests", "no counterpart", |ids, tx| {
            let request = FOLLOW_REQUESTS.get(tx, &(ids.ben, ids.locked))?.unwrap();
            FOLLOW_REQUESTS_TO.delete(tx, &(ids.locked, request.id))
        }),
        ("follow_requests", "beside a follow", |ids, tx| {
            let follow = FOLLOWS.get(tx, &(ids.anna, ids.ben))?.unwrap();
            FOLLOW_REQUESTS.put(tx, &(ids.anna, ids.ben), &follow)
        }),
        ("follow_requests_to", "no counterpart", |ids, tx| {
            FOLLOW_REQUESTS_TO.put(tx, &(ids.anna, ids.nothing), &ids.locked)
        }),
        ("blocks", "no counterpart", |ids, tx| {
            let block = BLOCKS.get(tx, &(ids.anna, ids.blocked))?.unwrap();
            BLOCKED.delete(tx, &(ids.anna, block.id))
        }),
        ("blocks", "beside a follow", |ids, tx| {
            let block = BLOCKS.get(tx, &(ids.anna, ids.blocked))?.unwrap();
            BLOCKED.put(tx, &(ids.ben, block.id), &ids.anna)?;
            BLOCKS.put(tx, &(ids.ben, ids.anna), &block)
        }),
        ("blocked", "no counterpart", |ids, tx| BLOCKED.put(tx, &(ids.anna, ids.nothing), &ids.locked)),
        ("domain_blocks", "no counterpart", |ids, tx| {
            DOMAIN_BLOCKS.put(tx, &(ids.anna, "other.example".into()), &ids.nothing)
        }),
        ("blocked_domains", "no counterpart", |ids, tx| {
            BLOCKED_DOMAINS.put(tx, &(ids.anna, ids.nothing), &"other.example".into())
        }),
        ("mutes", "no counterpart", |ids, tx| {
            let mute = MUTES.get(tx, &(ids.anna, ids.locked))?.unwrap();
            MUTED.delete(tx, &(ids.anna, mute.id))
        }),
        ("muted", "no counterpart", |ids, tx| MUTED.put(tx, &(ids.anna, ids.nothing), &ids.ben)),
        ("circles_of", "no counterpart", |ids, tx| {
            CIRCLES_OF.put(tx, &(ids.ben, ids.anna, ids.list), &ids.nothing)
        }),
        ("circles_of", "circle that does not exist", |ids, tx| CIRCLES.delete(tx, &(ids.anna, ids.list))),
        ("circles_of", "does not follow", |ids, tx| {
            CIRCLE_MEMBERS.put(tx, &(ids.list, ids.nothing), &ids.locked)?;
            CIRCLES_OF.put(tx, &(ids.locked, ids.anna, ids.list), &ids.nothing)
        }),
        ("circle_members", "no counterpart", |ids, tx| {
            CIRCLE_MEMBERS.put(tx, &(ids.list, ids.nothing), &ids.ben)
        }),
    ]);
}

#[test]
fn marks_reblogs_and_notifications_that_stand_in_one_order_only_are_found() {
    const KIND: MarkKind = MarkKind::Favourite;
    assert_found(&[
        ("marks", "no counterpart", |ids, tx| MARKS.put(tx, &(ids.anna, KIND, ids.post), &ids.nothing)),
        ("marks_by", "no counterpart", |ids, tx| MARKS_BY.put(tx, &(ids.anna, KIND, ids.nothing), &ids.post)),
        ("marks_of", "no counterpart", |ids, tx| MARKS_OF.put(tx, &(ids.post, KIND, ids.nothing), &ids.anna)),
        ("reblogs", "no counterpart", |ids, tx| REBLOGS.put(tx, &(ids.anna, ids.post), &ids.wrapper)),
        ("reblogs_of", "no counterpart", |ids, tx| REBLOGS_OF.put(tx, &(ids.answer, ids.wrapper), &ids.ben)),
        ("notifications", "no counterpart", |ids, tx| {
            NOTIFICATION_CAUSES.delete(tx, &(ids.anna, NotificationKind::Follow, ids.ben, Flake::MIN))
        }),
        ("notifications", "no counterpart", |_, tx| {
            let (key, ()) = NOTIFICATIONS_OF.first(tx, &Scan::all())?.unwrap();
            NOTIFICATIONS_OF.delete(tx, &key)
        }),
        ("notification_causes", "no counterpart", |ids, tx| {
            let cause = (ids.anna, NotificationKind::Mention, ids.ben, ids.nothing);
            NOTIFICATION_CAUSES.put(tx, &cause, &ids.nothing)
        }),
        ("notifications_of", "no counterpart", |ids, tx| {
            NOTIFICATIONS_OF.put(tx, &(ids.post, ids.anna, ids.nothing), &())
        }),
        ("reports_by", "no counterpart", |ids, tx| REPORTS_BY.put(tx, &(ids.anna, ids.nothing), &())),
    ]);
}
