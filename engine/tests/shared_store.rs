//! Several engines on one store: each keeps records in memory, and none is ever behind the others.

#![allow(clippy::unwrap_used)]

mod support;

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, MarkKind, StatusId};
use koinon_engine::oauth::{AuthenticationError, NewApp};
use koinon_engine::page::PageRequest;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::relationships::MuteOptions;
use koinon_engine::scope::Scopes;
use koinon_engine::statuses::Draft;
use koinon_engine::timelines::TimelineFilter;
use koinon_engine::{Engine, Error};
use proptest::prelude::*;

use support::Instance;

/// Everything that is kept in memory shows somewhere in here.
fn seen(engine: &Engine, viewer: AccountId, people: &[AccountId], statuses: &[StatusId]) -> String {
    let (people, statuses) = (people.to_vec(), statuses.to_vec());
    let answer = block_on(engine.query(Viewer::Local(viewer), move |query| {
        let home = query.home_timeline(&TimelineFilter::default(), &PageRequest::newest(40))?;
        let mut text = format!("{home:?}\n");
        for id in statuses {
            text.push_str(&format!("{:?}\n", query.status(id).ok()));
        }
        for id in people {
            text.push_str(&format!("{:?} {:?}\n", query.account(id).ok(), query.relationship(id).ok()));
        }
        Ok(text)
    }));
    answer.unwrap()
}

fn change(engine: &Engine, what: u8, who: AccountId, whom: AccountId, statuses: &mut Vec<StatusId>) {
    let status = statuses.get(usize::from(what) * 7 % statuses.len().max(1)).copied();
    let on = |status: Option<StatusId>| status.map(IdInput::Exact);
    let done: Result<(), Error> = match (what % 12, on(status)) {
        (1, Some(status)) => block_on(engine.mark(who, MarkKind::Favourite, status)).map(drop),
        (2, Some(status)) => block_on(engine.mark(who, MarkKind::Bookmark, status)).map(drop),
        (3, Some(status)) => block_on(engine.unmark(who, MarkKind::Favourite, status)).map(drop),
        (4, Some(status)) => block_on(engine.mute_conversation(who, status, None)).map(drop),
        (5, Some(status)) => block_on(engine.reblog(who, status, None)).map(drop),
        (6, Some(status)) => block_on(engine.delete_status(who, status)).map(drop),
        (7, _) => block_on(engine.follow(who, whom, FollowOptionsChange::default())).map(drop),
        (8, _) => block_on(engine.mute(who, whom, MuteOptions::default())).map(drop),
        (9, _) => block_on(engine.block(who, whom)).map(drop),
        (10, _) => block_on(engine.unblock(who, whom)).map(drop),
        (_, in_reply_to) => {
            let draft = Draft { text: format!("number {what}"), in_reply_to, ..Draft::default() };
            block_on(engine.post(who, draft)).map(|view| statuses.push(view.status.id))
        }
    };
    // Much of what is tried is refused by the rules.
    if let Err(Error::Store(error)) = done {
        panic!("{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn engines_on_one_store_answer_alike_whoever_wrote(
        changes in prop::collection::vec((any::<u8>(), 0_usize..3, 0_usize..3, any::<bool>()), 1..40),
    ) {
        let instance = Instance::new();
        let (engines, forgetful) = ([instance.another(2), instance.another(3)], instance.forgetful());
        let people: Vec<AccountId> = ["ada", "bob", "cy"].map(|name| instance.account(name)).into();
        let mut statuses = Vec::new();
        for (what, who, whom, first) in changes {
            change(&engines[usize::from(first)], what, people[who], people[whom], &mut statuses);
            instance.advance(1);
            for viewer in &people {
                let expected = seen(&forgetful, *viewer, &people, &statuses);
                for engine in &engines {
                    prop_assert_eq!(&seen(engine, *viewer, &people, &statuses), &expected);
                }
            }
        }
    }
}

#[test]
fn a_session_that_is_remembered_ends_when_another_engine_revokes_its_token() {
    let instance = Instance::new();
    let another = instance.another(2);
    let ada = instance.account("ada");
    let scopes = Scopes::parse("read").unwrap();
    let app = NewApp {
        name: "app".into(),
        redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
        scopes: Some("read".into()),
        website: None,
    };
    let (app, _) = block_on(instance.engine.register_app(app)).unwrap();
    let issued = block_on(instance.engine.issue_token(app.id, ada, scopes)).unwrap();
    let token = issued.access.reveal();
    assert_eq!(instance.engine.recall(token), None, "nobody has asked yet");
    let session = block_on(instance.engine.authenticate(token)).unwrap();
    assert_eq!(instance.engine.recall(token), Some(session.clone()));
    assert_eq!(instance.engine.recall("another token"), None);
    let me = || block_on(instance.engine.query_in(&session, |query| query.asking()));
    assert_eq!(me().unwrap(), ada);
    block_on(another.revoke_token_by_id(ada, IdInput::Exact(session.token_id))).unwrap();
    assert!(matches!(me(), Err(AuthenticationError::InvalidToken)));
    assert_eq!(instance.engine.recall(token), None);
}
