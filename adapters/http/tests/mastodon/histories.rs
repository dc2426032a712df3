//! Whatever four people do to each other in whatever order: nobody is shown what they may not see, home timelines are
//! what they would be if they were made anew, numbers are right, and a restart changes nothing.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use proptest::prelude::*;

use koinon_engine::accounts::Authority;
use koinon_engine::audience::Viewer;
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::model::{MarkKind, Status, StatusId, Visibility};
use koinon_engine::profiles::ProfileChange;
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};
use koinon_engine::reports::NewReport;
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::store::ReadTx;
use koinon_engine::store::schema::{BLOCKS, FOLLOWS, MUTES, STATUSES};
use koinon_engine::{Engine, Error, Surroundings};
use koinon_http::{Api, Options};

use crate::client::{Answer, Client};
use crate::surfaces::{Things, allowed, surfaces};
use crate::world::World;

const NAMES: [&str; 4] = ["anna", "ben", "carla", "dora"];

/// What somebody does. People and statuses are named by numbers, which stand for whatever is there by then.
#[derive(Debug, Clone)]
enum Act {
    Post { visibility: usize, names: Option<usize>, answers: Option<usize> },
    PostToList(usize),
    Reblog(usize, usize),
    Unreblog(usize),
    Mark(usize, usize),
    Unmark(usize, usize),
    Delete(usize),
    MuteThread(usize),
    UnmuteThread(usize),
    Follow(usize, bool, bool),
    Unfollow(usize),
    RemoveFollower(usize),
    Lock(bool),
    Authorize(usize),
    Reject(usize),
    Block(usize),
    Unblock(usize),
    Mute(usize, u64),
    Unmute(usize),
    AddToList(usize, usize),
    RemoveFromList(usize, usize),
    Report(usize, usize),
    HideCollections(bool),
    Suspend(usize),
    Unsuspend(usize),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, status, list) = (0..4_usize, 0..40_usize, 0..4_usize);
    let post = (0..7_usize, proptest::option::of(0..4_usize), proptest::option::of(0..40_usize));
    prop_oneof![
        8 => post.prop_map(|(visibility, names, answers)| Act::Post { visibility, names, answers }),
        1 => list.clone().prop_map(Act::PostToList),
        3 => (status.clone(), 0..7_usize).prop_map(|(status, visibility)| Act::Reblog(status, visibility)),
        1 => status.clone().prop_map(Act::Unreblog),
        3 => (0..3_usize, status.clone()).prop_map(|(kind, status)| Act::Mark(kind, status)),
        1 => (0..3_usize, status.clone()).prop_map(|(kind, status)| Act::Unmark(kind, status)),
        2 => status.clone().prop_map(Act::Delete),
        1 => status.clone().prop_map(Act::MuteThread),
        1 => status.clone().prop_map(Act::UnmuteThread),
        6 => (who.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(who, reblogs, notify)| Act::Follow(who, reblogs, notify)),
        1 => who.clone().prop_map(Act::Unfollow),
        1 => who.clone().prop_map(Act::RemoveFollower),
        1 => any::<bool>().prop_map(Act::Lock),
        1 => who.clone().prop_map(Act::Authorize),
        1 => who.clone().prop_map(Act::Reject),
        1 => who.clone().prop_map(Act::Block),
        1 => who.clone().prop_map(Act::Unblock),
        1 => (who.clone(), 0..100_u64).prop_map(|(who, seconds)| Act::Mute(who, seconds)),
        1 => who.clone().prop_map(Act::Unmute),
        2 => (list.clone(), who.clone()).prop_map(|(list, who)| Act::AddToList(list, who)),
        1 => (list, who.clone()).prop_map(|(list, who)| Act::RemoveFromList(list, who)),
        1 => (who.clone(), status).prop_map(|(who, status)| Act::Report(who, status)),
        1 => any::<bool>().prop_map(Act::HideCollections),
        1 => who.clone().prop_map(Act::Suspend),
        1 => who.prop_map(Act::Unsuspend),
        1 => (1..60_u64).prop_map(Act::Wait),
    ]
}

struct History {
    world: World,
    people: [Client; 4],
    things: Things,
}

impl History {
    fn new() -> Self {
        let world = World::new();
        let people = NAMES.map(|name| world.person(name));
        let lists = people.each_ref().map(|person| {
            let list = serde_json::json!({ "title": "list" });
            crate::client::id(&person.post_json("/api/v1/lists", &list).ok())
        });
        let accounts = people.each_ref().map(|person| person.account);
        Self { world, people, things: Things { accounts, lists, statuses: Vec::new() } }
    }

    /// A status that was made some time ago, if there is one.
    fn status(&self, number: usize) -> IdInput {
        let statuses = &self.things.statuses;
        let status = statuses.get(number % statuses.len().max(1));
        IdInput::Exact(status.copied().unwrap_or(Flake::MIN))
    }

    fn list(&self, number: usize) -> IdInput {
        self.things.lists[number].parse().unwrap()
    }

    /// Does something in the name of one of the four. Whether it is allowed is the engine's to say, and refusals are as
    /// good as anything.
    fn act(&mut self, who: usize, act: &Act) {
        let made = self.make(who, act);
        self.things.statuses.extend(made);
        block_on(self.do_otherwise(who, act)).ok();
    }

    /// The status that an act makes, if it makes one.
    fn make(&self, who: usize, act: &Act) -> Option<StatusId> {
        let (engine, me) = (&self.world.engine, self.things.accounts[who]);
        let to = |visibility: usize| Visibility::ALL.get(visibility).copied();
        let made = match *act {
            Act::Post { visibility, names, answers } => {
                let named = names.map(|name| format!("@{} ", NAMES[name])).unwrap_or_default();
                let draft = Draft {
                    text: format!("{named}word #tag"),
                    audience: to(visibility).map(Audience::Visibility),
                    in_reply_to: answers.map(|number| self.status(number)),
                    ..Draft::default()
                };
                block_on(engine.post(me, draft))
            }
            Act::PostToList(list) => {
                let audience = Some(Audience::Circle(self.list(list)));
                block_on(engine.post(me, Draft { text: "word".into(), audience, ..Draft::default() }))
            }
            Act::Reblog(number, visibility) => {
                block_on(engine.reblog(me, self.status(number), to(visibility)))
            }
            _ => return None,
        };
        made.ok().map(|view| view.status.id)
    }

    async fn do_otherwise(&self, who: usize, act: &Act) -> Result<(), Error> {
        let (engine, me) = (&self.world.engine, self.things.accounts[who]);
        let other = |number: usize| self.things.accounts[number];
        match *act {
            Act::Post { .. } | Act::PostToList(_) | Act::Reblog(..) => {}
            Act::Unreblog(number) => drop(engine.unreblog(me, self.status(number)).await?),
            Act::Mark(kind, number) => drop(engine.mark(me, KINDS[kind], self.status(number)).await?),
            Act::Unmark(kind, number) => drop(engine.unmark(me, KINDS[kind], self.status(number)).await?),
            Act::Delete(number) => drop(engine.delete_status(me, self.status(number)).await?),
            Act::MuteThread(number) => drop(engine.mute_conversation(me, self.status(number), None).await?),
            Act::UnmuteThread(number) => drop(engine.unmute_conversation(me, self.status(number)).await?),
            Act::Follow(number, reblogs, notify) => {
                let (show_reblogs, notify) = (Some(reblogs), Some(notify));
                let change = FollowOptionsChange { show_reblogs, notify, languages: None };
                engine.follow(me, other(number), change).await?;
            }
            Act::Unfollow(number) => drop(engine.unfollow(me, other(number)).await?),
            Act::RemoveFollower(number) => drop(engine.remove_from_followers(me, other(number)).await?),
            Act::Authorize(number) => drop(engine.authorize_follow_request(me, other(number)).await?),
            Act::Reject(number) => drop(engine.reject_follow_request(me, other(number)).await?),
            Act::Block(number) => drop(engine.block(me, other(number)).await?),
            Act::Unblock(number) => drop(engine.unblock(me, other(number)).await?),
            Act::Mute(number, seconds) => {
                let duration = Some(Duration::from_secs(seconds));
                let options = MuteOptions { notifications: seconds % 2 == 0, duration };
                engine.mute(me, other(number), options).await?;
            }
            Act::Unmute(number) => drop(engine.unmute(me, other(number)).await?),
            Act::AddToList(list, who) => engine.add_to_circle(me, self.list(list), vec![other(who)]).await?,
            Act::RemoveFromList(list, who) => {
                engine.remove_from_circle(me, self.list(list), vec![other(who)]).await?;
            }
            Act::Report(number, about) => {
                let statuses = self.things.statuses.get(about).copied().into_iter().collect();
                let (comment, category) = (String::new(), Default::default());
                let report = NewReport { target: other(number), statuses, comment, category, forward: false };
                engine.report(me, report).await?;
            }
            Act::Lock(locked) => {
                let change = ProfileChange { locked: Some(locked), ..ProfileChange::default() };
                engine.change_profile(me, change).await?;
            }
            Act::HideCollections(hidden) => {
                let change = ProfileChange { hide_collections: Some(hidden), ..ProfileChange::default() };
                engine.change_profile(me, change).await?;
            }
            Act::Suspend(number) => engine.suspend(Authority::Operator, other(number)).await?,
            Act::Unsuspend(number) => engine.unsuspend(Authority::Operator, other(number)).await?,
            Act::Wait(seconds) => self.world.advance(Duration::from_secs(seconds)),
        }
        Ok(())
    }

    /// Suspension ends sessions, so everyone who may act signs in anew.
    fn sign_in(&mut self) {
        for person in &mut self.people {
            let state = block_on(self.world.engine.query(Viewer::Local(person.account), {
                let account = person.account;
                move |query| Ok(query.account(account)?.account.state)
            }));
            person.token = match state.map(|state| state.may_act()) {
                Ok(Ok(())) => Some(self.world.token(person.account, crate::world::SCOPES)),
                _ => None,
            };
        }
    }

    /// Those who look: the signed-in ones, and a visitor.
    fn viewers(&self) -> Vec<(Viewer, Client)> {
        let signed_in = self.people.iter().filter(|person| person.token.is_some());
        let mut viewers: Vec<_> =
            signed_in.map(|person| (Viewer::Local(person.account), person.clone())).collect();
        viewers.push((Viewer::Anonymous, self.world.visitor()));
        viewers
    }

    /// Asks every surface for every viewer; answers what was said.
    fn assert_nobody_sees_too_much(&self) -> Vec<(Client, String, Answer)> {
        let mut answers = Vec::new();
        for (viewer, client) in self.viewers() {
            let allowed = allowed(&self.world.engine, viewer, &self.things);
            for path in surfaces(viewer, &self.things) {
                let answer = client.get(&path);
                let text = answer.text();
                // The address of a page may stand in it.
                let is_page = !path.starts_with("/api/");
                for (id, may) in &allowed {
                    let told = text.contains(id.as_str()) && !(is_page && path.contains(id.as_str()));
                    assert!(*may || !told, "{viewer:?} {path} tells of {id}: {text}");
                    if path == format!("/api/v1/statuses/{id}") {
                        assert_eq!(answer.status, if *may { 200 } else { 404 }, "{viewer:?} {path}: {text}");
                    }
                }
                answers.push((client.clone(), path, answer));
            }
        }
        answers
    }

    fn assert_home_is_what_it_would_be_made_anew(&self) {
        for (viewer, client) in self.viewers() {
            let Some(me) = viewer.account() else { continue };
            let allowed = allowed(&self.world.engine, viewer, &self.things);
            let (things, now) = (self.things.clone(), self.world.engine.now());
            let mut expected = self.world.read(move |tx| {
                let mut expected = Vec::new();
                for id in things.statuses {
                    let may = allowed.iter().any(|(known, may)| *known == id.to_string() && *may);
                    if let Some(status) = STATUSES.get(tx, &id)?.filter(|_| may)
                        && belongs_home(tx, me, &status, now)?
                    {
                        expected.push(id.to_string());
                    }
                }
                Ok(expected)
            });
            expected.sort_unstable_by(|one, other| other.cmp(one));
            expected.dedup();
            expected.truncate(40);
            assert_eq!(client.ids("/api/v1/timelines/home?limit=40"), expected, "{viewer:?}");
        }
    }

    fn assert_a_restart_changes_nothing(&self, before: Vec<(Client, String, Answer)>) {
        let engine = &self.world.engine;
        let surroundings =
            Surroundings { clock: Arc::clone(&self.world.clock) as _, ..Surroundings::default() };
        let (store, blobs) = (Arc::clone(engine.store()), Arc::clone(engine.blobs()));
        let settings = engine.settings().clone();
        let reopened = block_on(Engine::open(store, blobs, settings, surroundings)).unwrap();
        let api = Api::new(reopened, Options::default()).unwrap();
        // Pages have secrets in their forms, and single statuses are asked for a thousand times already.
        let is_list = |path: &str| path.starts_with("/api/") && !path.starts_with("/api/v1/statuses/");
        for (client, path, answer) in before.into_iter().filter(|(_, path, _)| is_list(path)) {
            let again = Client { api: api.clone(), ..client }.get(&path);
            assert_eq!(again.appearance(), answer.appearance(), "{path}");
        }
    }
}

const KINDS: [MarkKind; 3] = [MarkKind::Favourite, MarkKind::Bookmark, MarkKind::Pin];

/// The rule of the home timeline, a second time and straight from the tables. That the reader may see the status at all
/// is known already.
fn belongs_home(
    tx: &dyn ReadTx,
    me: Flake,
    status: &Status,
    now: koinon_engine::time::Timestamp,
) -> Result<bool, koinon_engine::store::StoreError> {
    let unwanted = |who: Flake| -> Result<bool, koinon_engine::store::StoreError> {
        let muted = MUTES.get(tx, &(me, who))?.is_some_and(|mute| mute.holds(now));
        Ok(who != me && (muted || BLOCKS.contains(tx, &(me, who))?))
    };
    let names_unwanted = |status: &Status| {
        status.mentions.iter().try_fold(false, |found, mention| Ok(found || unwanted(mention.account)?))
    };
    if status.author == me {
        return Ok(true);
    }
    let Some(follow) = FOLLOWS.get(tx, &(me, status.author))? else { return Ok(false) };
    if unwanted(status.author)? {
        return Ok(false);
    }
    match status.reblog_of {
        None => Ok(!names_unwanted(status)?),
        Some(original) => {
            let Some(shown) = STATUSES.get(tx, &original.status)? else { return Ok(false) };
            Ok(follow.options.show_reblogs && !unwanted(original.author)? && !names_unwanted(&shown)?)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn nothing_leaks_drifts_or_depends_on_a_restart(
        history in proptest::collection::vec((0..4_usize, act()), 1..50),
    ) {
        let mut world = History::new();
        for (who, act) in &history {
            world.act(*who, act);
        }
        world.world.run_due();
        world.sign_in();
        let answers = world.assert_nobody_sees_too_much();
        world.assert_home_is_what_it_would_be_made_anew();
        world.assert_a_restart_changes_nothing(answers);
        // The world itself counts everything anew when it is dropped.
    }
}
