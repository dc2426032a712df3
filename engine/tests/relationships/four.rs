//! Four accounts, and everything they can do to each other.

use std::fmt::Debug;
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::circles::NewCircle;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, StatusId, Visibility};
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Direction, KeyRange, Step as Go};
use koinon_engine::timelines::TimelineFilter;

use crate::world::{World, exact, whole};

/// Where the account from elsewhere lives.
pub(crate) const DOMAIN: &str = "far.example";
const HOUR: Duration = Duration::from_secs(3_600);

/// Something one of the accounts does, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Follow(usize, usize, bool),
    Unfollow(usize, usize),
    RemoveFollower(usize, usize),
    Authorize(usize, usize),
    Reject(usize, usize),
    Block(usize, usize),
    Unblock(usize, usize),
    Mute(usize, usize, u32),
    Unmute(usize, usize),
    BlockDomain(usize),
    UnblockDomain(usize),
    Add(usize, usize),
    Remove(usize, usize),
    MuteThread(usize, usize),
    UnmuteThread(usize, usize),
    Post(usize),
    PostToCircle(usize),
    PostPrivately(usize),
    Wait,
}

/// Four accounts: an open one, a locked one, another open one, and one from elsewhere. Each has a circle and a post.
pub(crate) struct Four {
    pub(crate) world: World,
    pub(crate) accounts: [AccountId; 4],
    pub(crate) circles: [IdInput; 4],
    pub(crate) posts: [StatusId; 4],
}

impl Four {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let accounts = [
            world.account("open"),
            world.locked("locked"),
            world.account("other"),
            world.remote("remote", DOMAIN),
        ];
        let circles = accounts.map(|owner| {
            let new = NewCircle { title: "near".into(), ..NewCircle::default() };
            exact(block_on(world.engine.create_circle(owner, new)).unwrap().id)
        });
        let posts = accounts.map(|author| world.post(author));
        Self { world, accounts, circles, posts }
    }

    pub(crate) fn run(&self, step: &Step) -> Result<(), Error> {
        let engine = &self.world.engine;
        let of = |number: usize| self.accounts[number];
        self.world.advance(Duration::from_millis(10));
        match *step {
            Step::Follow(a, b, notify) => {
                let change = FollowOptionsChange { notify: Some(notify), ..FollowOptionsChange::default() };
                block_on(engine.follow(of(a), of(b), change)).map(drop)
            }
            Step::Unfollow(a, b) => block_on(engine.unfollow(of(a), of(b))).map(drop),
            Step::RemoveFollower(a, b) => block_on(engine.remove_from_followers(of(a), of(b))).map(drop),
            Step::Authorize(a, b) => block_on(engine.authorize_follow_request(of(a), of(b))).map(drop),
            Step::Reject(a, b) => block_on(engine.reject_follow_request(of(a), of(b))).map(drop),
            Step::Block(a, b) => block_on(engine.block(of(a), of(b))).map(drop),
            Step::Unblock(a, b) => block_on(engine.unblock(of(a), of(b))).map(drop),
            Step::Mute(a, b, hours) => {
                let options = MuteOptions { notifications: hours != 1, duration: Some(HOUR * hours) };
                block_on(engine.mute(of(a), of(b), options)).map(drop)
            }
            Step::Unmute(a, b) => block_on(engine.unmute(of(a), of(b))).map(drop),
            Step::BlockDomain(a) => block_on(engine.block_domain(of(a), DOMAIN)),
            Step::UnblockDomain(a) => block_on(engine.unblock_domain(of(a), DOMAIN)),
            Step::Add(a, b) => block_on(engine.add_to_circle(of(a), self.circles[a], vec![of(b)])),
            Step::Remove(a, b) => block_on(engine.remove_from_circle(of(a), self.circles[a], vec![of(b)])),
            Step::MuteThread(a, b) => {
                block_on(engine.mute_conversation(of(a), exact(self.posts[b]), Some(HOUR))).map(drop)
            }
            Step::UnmuteThread(a, b) => {
                block_on(engine.unmute_conversation(of(a), exact(self.posts[b]))).map(drop)
            }
            Step::Post(a) => block_on(engine.post(of(a), draft(None))).map(drop),
            Step::PostToCircle(a) => {
                block_on(engine.post(of(a), draft(Some(Audience::Circle(self.circles[a]))))).map(drop)
            }
            Step::PostPrivately(a) => {
                let audience = Audience::Visibility(Visibility::Private);
                block_on(engine.post(of(a), draft(Some(audience)))).map(drop)
            }
            Step::Wait => {
                self.world.advance(HOUR);
                Ok(())
            }
        }
    }

    /// Everything these accounts are told about each other, by every question there is.
    pub(crate) fn answers(&self) -> Vec<String> {
        let (accounts, circles) = (self.accounts, self.circles);
        let mut answers = Vec::new();
        for (number, viewer) in accounts.into_iter().enumerate() {
            let posts = self.posts;
            let told = self.world.ask(viewer, move |query| {
                let mut told = vec![
                    text(&query.relationships(&accounts.map(exact))),
                    text(&query.follow_requests(&whole())),
                    text(&query.blocks(&whole())),
                    text(&query.mutes(&whole())),
                    text(&query.domain_blocks(&whole())),
                    text(&query.familiar_followers(&accounts.map(exact))),
                    text(&query.circle_members(circles[number], &whole())),
                    text(&query.notifications(&Default::default(), &whole())),
                    text(&query.home_timeline(&TimelineFilter::default(), &whole())),
                ];
                for of in accounts {
                    told.push(text(&query.account(of)));
                    told.push(text(&query.followers(of, &whole())));
                    told.push(text(&query.following(of, &whole())));
                    told.push(text(&query.circles_with(of)));
                }
                told.extend(posts.map(|post| text(&query.status(post))));
                Ok(told)
            });
            answers.extend(told.unwrap());
        }
        answers
    }

    /// Every byte in the store.
    pub(crate) fn dump(&self) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
        self.world.read(|tx| {
            let mut rows = Vec::new();
            for table in TABLES {
                tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                    rows.push((table.name, key.to_vec(), value.to_vec()));
                    Ok(Go::Continue)
                })?;
            }
            Ok(rows)
        })
    }
}

fn draft(audience: Option<Audience>) -> Draft {
    Draft { text: "hello".into(), audience, ..Draft::default() }
}

fn text(answer: &impl Debug) -> String {
    format!("{answer:?}")
}
