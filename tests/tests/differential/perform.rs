//! Doing what a step says.

use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::accounts::Authority;
use koinon_engine::audience::Viewer;
use koinon_engine::circles::{CircleChange, NewCircle};
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::markers::MarkedTimeline;
use koinon_engine::model::{AccountId, ReportCategory, Role};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::page::PageRequest;
use koinon_engine::profiles::ProfileChange;
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};
use koinon_engine::reports::NewReport;
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::time::Timestamp;
use koinon_engine::uploads::Caption;

use super::answer::{Reply, answered};
use super::step::{Post, Profile, Step, To};
use super::world::{ELSEWHERE, NAMES, NOBODY, REMOTE, World};

/// A picture of one pixel.
const PICTURE: [u8; 69] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00,
    0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x38, 0xe0, 0xa0, 0x00, 0x00, 0x02, 0xe4,
    0x01, 0x21, 0x81, 0x25, 0xc8, 0xc8, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60,
    0x82,
];

/// Words that posts are made of and searched by.
pub(crate) const WORDS: [&str; 5] = ["harbour", "lantern", "meadow", "Straße", "東京"];
/// Hashtags, some of which are the same.
pub(crate) const TAGS: [&str; 4] = ["Garden", "garden", "river", "GÄRTEN"];

const DOMAINS: [&str; 4] = [ELSEWHERE, "REMOTE.Example.", "koinon.example", "no domain"];

/// Does the same in every world; it has to have the same end.
pub(crate) fn everywhere(worlds: &mut [World], step: &Step) -> Result<Reply, String> {
    let mut first: Option<Reply> = None;
    for world in worlds {
        let reply = perform(world, step).map_err(|problem| format!("{:?}: {problem}", world.backend))?;
        match &first {
            Some(first) if *first != reply => {
                return Err(format!("{:?} replies\n{reply:#?}\nand not\n{first:#?}", world.backend));
            }
            Some(_) => {}
            None => first = Some(reply),
        }
    }
    first.ok_or_else(|| "there is no world".to_owned())
}

/// Does what `step` says.
fn perform(world: &mut World, step: &Step) -> Result<Reply, String> {
    match step {
        Step::Post(post) => publish(world, post),
        Step::Delete { .. }
        | Step::Reblog { .. }
        | Step::Unreblog { .. }
        | Step::Mark { .. }
        | Step::Unmark { .. }
        | Step::MuteThread { .. }
        | Step::UnmuteThread { .. }
        | Step::SetMarker { .. } => with_status(world, step),
        Step::Follow { .. }
        | Step::Unfollow { .. }
        | Step::RemoveFollower { .. }
        | Step::Accept { .. }
        | Step::Reject { .. }
        | Step::Block { .. }
        | Step::Unblock { .. }
        | Step::Mute { .. }
        | Step::Unmute { .. } => between(world, step),
        Step::NewCircle { .. }
        | Step::ChangeCircle { .. }
        | Step::DeleteCircle { .. }
        | Step::AddToCircle { .. }
        | Step::RemoveFromCircle { .. } => with_circle(world, step),
        _ => alone(world, step),
    }
}

fn publish(world: &mut World, post: &Post) -> Result<Reply, String> {
    let author = world.account(post.by);
    let mut text = WORDS[usize::from(post.word)].to_owned();
    for mention in &post.mentions {
        text += &format!(" @{}", NAMES[usize::from(*mention)]);
        if *mention == REMOTE {
            text += &format!("@{ELSEWHERE}");
        }
    }
    for tag in &post.tags {
        text += &format!(" #{}", TAGS[usize::from(*tag)]);
    }
    let audience = match post.to {
        To::Usual => None,
        To::These(visibility) => Some(Audience::Visibility(visibility)),
        To::Circle(number) => Some(Audience::Circle(exact(owned(&world.circles, author, number)))),
    };
    let draft = Draft {
        text,
        spoiler_text: if post.spoiler { "careful".into() } else { String::new() },
        audience,
        local_only: post.local_only,
        in_reply_to: post.answers.map(|ago| exact(world.status(ago))),
        media: post.upload.map(|number| exact(owned(&world.uploads, author, number))).into_iter().collect(),
        language: post.german.then(|| "de".into()),
        idempotency_key: post.key.map(|key| format!("key {key}")),
        ..Draft::default()
    };
    let posted = block_on(world.engine().post(author, draft));
    if let Ok(posted) = &posted
        && !world.statuses.contains(&posted.status.id)
    {
        world.statuses.push(posted.status.id);
    }
    answered(posted)
}

fn with_status(world: &mut World, step: &Step) -> Result<Reply, String> {
    let engine = world.engine();
    match *step {
        Step::Delete { by, status } => {
            answered(block_on(engine.delete_status(world.account(by), exact(world.status(status)))))
        }
        Step::Reblog { by, status, visibility } => {
            let reblog = block_on(engine.reblog(world.account(by), exact(world.status(status)), visibility));
            if let Ok(reblog) = &reblog
                && !world.statuses.contains(&reblog.status.id)
            {
                world.statuses.push(reblog.status.id);
            }
            answered(reblog)
        }
        Step::Unreblog { by, status } => {
            answered(block_on(engine.unreblog(world.account(by), exact(world.status(status)))))
        }
        Step::Mark { by, kind, status } => {
            answered(block_on(engine.mark(world.account(by), kind, exact(world.status(status)))))
        }
        Step::Unmark { by, kind, status } => {
            answered(block_on(engine.unmark(world.account(by), kind, exact(world.status(status)))))
        }
        Step::MuteThread { by, status, seconds } => {
            let status = exact(world.status(status));
            answered(block_on(engine.mute_conversation(world.account(by), status, lasting(seconds))))
        }
        Step::UnmuteThread { by, status } => {
            answered(block_on(engine.unmute_conversation(world.account(by), exact(world.status(status)))))
        }
        Step::SetMarker { by, home, status } => {
            let timeline = if home { MarkedTimeline::Home } else { MarkedTimeline::Notifications };
            let read = IdInput::Number(world.status(status).number());
            answered(block_on(engine.set_markers(world.account(by), vec![(timeline, read)])))
        }
        _ => unreachable!("{step:?} is not about a status"),
    }
}

fn between(world: &World, step: &Step) -> Result<Reply, String> {
    let engine = world.engine();
    let both = |by, target| (world.account(by), world.account(target));
    answered(match *step {
        Step::Follow { by, target, reblogs, notify, only_german } => {
            let languages = only_german.then(|| vec!["de".into()]);
            let change = FollowOptionsChange { show_reblogs: reblogs, notify, languages };
            block_on(engine.follow(world.account(by), world.account(target), change))
        }
        Step::Unfollow { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.unfollow(by, target))
        }
        Step::RemoveFollower { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.remove_from_followers(by, target))
        }
        Step::Accept { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.authorize_follow_request(by, target))
        }
        Step::Reject { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.reject_follow_request(by, target))
        }
        Step::Block { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.block(by, target))
        }
        Step::Unblock { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.unblock(by, target))
        }
        Step::Mute { by, target, notifications, seconds } => {
            let options = MuteOptions { notifications, duration: lasting(seconds) };
            block_on(engine.mute(world.account(by), world.account(target), options))
        }
        Step::Unmute { by, target } => {
            let (by, target) = both(by, target);
            block_on(engine.unmute(by, target))
        }
        _ => unreachable!("{step:?} is not between two accounts"),
    })
}

fn with_circle(world: &mut World, step: &Step) -> Result<Reply, String> {
    let circle = |by, number| (world.account(by), exact(owned(&world.circles, world.account(by), number)));
    match step {
        Step::NewCircle { by, title, replies, exclusive } => {
            let circle = NewCircle { title: title_of(*title), replies: *replies, exclusive: *exclusive };
            let owner = world.account(*by);
            let made = block_on(world.engine().create_circle(owner, circle));
            world.circles.extend(made.as_ref().ok().map(|circle| (owner, circle.id)));
            answered(made)
        }
        Step::ChangeCircle { by, circle: number, title, exclusive } => {
            let (by, circle) = circle(*by, *number);
            let change = CircleChange { title: title.map(title_of), replies: None, exclusive: *exclusive };
            answered(block_on(world.engine().change_circle(by, circle, change)))
        }
        Step::DeleteCircle { by, circle: number } => {
            let (by, circle) = circle(*by, *number);
            answered(block_on(world.engine().delete_circle(by, circle)))
        }
        Step::AddToCircle { by, circle: number, targets } => {
            let (by, circle) = circle(*by, *number);
            let targets = targets.iter().map(|target| world.account(*target)).collect();
            answered(block_on(world.engine().add_to_circle(by, circle, targets)))
        }
        Step::RemoveFromCircle { by, circle: number, target } => {
            let (by, circle) = circle(*by, *number);
            let targets = vec![world.account(*target)];
            answered(block_on(world.engine().remove_from_circle(by, circle, targets)))
        }
        _ => unreachable!("{step:?} is not about a circle"),
    }
}

fn alone(world: &mut World, step: &Step) -> Result<Reply, String> {
    let account = |number: &u8| world.account(*number);
    let authority = |by: &Option<u8>| by.map_or(Authority::Operator, |by| account(&by).into());
    match step {
        Step::Register { who } => {
            let made = world.register(*who, Role::User);
            if let Ok(made) = made {
                world.accounts[usize::from(*who)] = Some(made);
            }
            answered(made)
        }
        Step::BlockDomain { by, domain } => {
            answered(block_on(world.engine().block_domain(account(by), DOMAINS[usize::from(*domain)])))
        }
        Step::UnblockDomain { by, domain } => {
            answered(block_on(world.engine().unblock_domain(account(by), DOMAINS[usize::from(*domain)])))
        }
        Step::ChangeProfile { by, change } => {
            answered(block_on(world.engine().change_profile(account(by), profile(*change))))
        }
        Step::Suspend { by, target } => {
            answered(block_on(world.engine().suspend(authority(by), account(target))))
        }
        Step::Unsuspend { by, target } => {
            answered(block_on(world.engine().unsuspend(authority(by), account(target))))
        }
        Step::DeleteAccount { by, target } => {
            answered(block_on(world.engine().delete_account(authority(by), account(target))))
        }
        Step::ClearNotifications { by } => {
            answered(block_on(world.engine().clear_notifications(account(by))))
        }
        Step::Dismiss { by, notification } => {
            let id = exact(notification_of(world, account(by), *notification)?);
            answered(block_on(world.engine().dismiss_notifications(account(by), vec![id])))
        }
        Step::Report { by, target, statuses } => {
            let report = NewReport {
                target: account(target),
                statuses: statuses.iter().map(|ago| world.status(*ago)).collect(),
                comment: "please look".into(),
                category: ReportCategory::Spam,
                forward: false,
            };
            let made = block_on(world.engine().report(account(by), report));
            world.reports.extend(made.as_ref().ok().map(|made| made.report.id));
            answered(made)
        }
        Step::Upload { by, described } => {
            let caption = Caption { description: described.then(|| "a pixel".into()), focus: None };
            let owner = account(by);
            let made = block_on(world.engine().upload(owner, PICTURE.to_vec(), caption));
            world.uploads.extend(made.as_ref().ok().map(|made| (owner, made.id)));
            answered(made)
        }
        Step::Caption { by, upload } => {
            let upload = exact(owned(&world.uploads, account(by), *upload));
            let caption = Caption { description: Some("another pixel".into()), focus: None };
            answered(block_on(world.engine().caption(account(by), upload, caption)))
        }
        Step::Advance { seconds } => {
            world.clock.advance(Duration::from_secs(u64::from(*seconds)));
            answered(Ok(()))
        }
        Step::TurnBack { seconds } => {
            let now = world.engine().now().milliseconds();
            world.clock.set(Timestamp::from_milliseconds(now - 1_000 * i64::from(*seconds)));
            answered(Ok(()))
        }
        Step::RunDue { limit } => answered(block_on(world.engine().run_due(usize::from(*limit)))),
        Step::Reopen => answered(world.reopen()),
        _ => unreachable!("{step:?} concerns somebody or something else"),
    }
}

fn profile(change: Profile) -> ProfileChange {
    let mut changes = ProfileChange::default();
    match change {
        Profile::Locked(locked) => changes.locked = Some(locked),
        Profile::Name(number) => changes.display_name = Some(title_of(number)),
        Profile::Note(number) => changes.note = Some(format!("friend of @{}", NAMES[usize::from(number)])),
        Profile::HideCollections(hide) => changes.hide_collections = Some(hide),
        Profile::Usual(visibility) => changes.default_visibility = Some(visibility),
    }
    changes
}

/// The first is blank, and refused where a title is needed.
fn title_of(number: u8) -> String {
    [" ", "Close friends", "Ada & Straße", "Neighbours"][usize::from(number)].into()
}

fn notification_of(world: &World, owner: AccountId, number: u8) -> Result<Flake, String> {
    let asked = world.ask(Viewer::Local(owner), move |query| {
        query.notifications(&NotificationFilter::default(), &PageRequest::newest(20))
    });
    match asked {
        Ok(page) => Ok(page.items.get(usize::from(number)).map_or(NOBODY, |told| told.id)),
        Err(Error::Store(error)) => Err(format!("{error:?}")),
        Err(_) => Ok(NOBODY),
    }
}

/// What `owner` made, by its number; beyond them what others made, which is tried all the same.
fn owned(made: &[(AccountId, Flake)], owner: AccountId, number: u8) -> Flake {
    let own = made.iter().filter(|(by, _)| *by == owner).rev();
    let others = made.iter().filter(|(by, _)| *by != owner).rev();
    own.chain(others).nth(usize::from(number)).map_or(NOBODY, |(_, id)| *id)
}

fn lasting(seconds: Option<u32>) -> Option<Duration> {
    seconds.map(|seconds| Duration::from_secs(u64::from(seconds)))
}

fn exact(id: Flake) -> IdInput {
    IdInput::Exact(id)
}
