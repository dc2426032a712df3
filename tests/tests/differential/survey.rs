//! Which questions are asked after a step.

use koinon_engine::audience::Viewer;
use koinon_engine::id::IdInput;
use koinon_engine::model::{MarkKind, NotificationKind, Visibility};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::page::PageRequest;
use koinon_engine::statuses::AccountStatuses;
use koinon_engine::timelines::{Origin, Replies, TagFilter, TimelineFilter};

use super::perform::{TAGS, WORDS};
use super::question::{Answered, Question};
use super::random::Random;
use super::world::{NAMES, NOBODY, World};

/// Long enough for everything.
const ALL: PageRequest = PageRequest::newest(500);

/// Every question about everything there is, without cursors.
pub(crate) fn whole(world: &World) -> Vec<Question> {
    let plain = TimelineFilter::default;
    let mut questions = vec![
        Question::Home(plain(), ALL),
        Question::Public(plain(), ALL),
        Question::Tag(TAGS[0], TagFilter::default(), plain(), ALL),
        Question::Notifications(NotificationFilter::default(), ALL),
        Question::Marks(MarkKind::Favourite, ALL),
        Question::Marks(MarkKind::Bookmark, ALL),
        Question::FollowRequests(ALL),
        Question::Blocks(ALL),
        Question::Mutes(ALL),
        Question::DomainBlocks(ALL),
        Question::Relationships(accounts(world)),
        Question::Circles,
        Question::Markers,
        Question::Reports(ALL),
        Question::Staff,
        Question::InstanceStats,
        Question::FindTags("g"),
        Question::FindAccounts("a", false),
    ];
    for account in world.accounts.iter().flatten() {
        questions.push(Question::Account(*account));
        questions.push(Question::AccountStatuses(*account, AccountStatuses::default(), ALL));
        let pinned = AccountStatuses { pinned: true, ..AccountStatuses::default() };
        questions.push(Question::AccountStatuses(*account, pinned, ALL));
        questions.push(Question::Followers(*account, ALL));
        questions.push(Question::Following(*account, ALL));
        questions.push(Question::CirclesWith(*account));
    }
    for status in &world.statuses {
        questions.push(Question::Status(*status));
        questions.push(Question::Explain(*status));
    }
    for (_, circle) in &world.circles {
        let circle = IdInput::Exact(*circle);
        questions.push(Question::CircleMembers(circle, ALL));
        questions.push(Question::CircleTimeline(circle, plain(), ALL));
    }
    questions.extend(WORDS.map(|word| Question::FindStatuses(word, ALL)));
    questions.extend(world.reports.iter().map(|id| Question::Report(IdInput::Exact(*id))));
    questions.extend(world.uploads.iter().map(|(_, id)| Question::Upload(IdInput::Exact(*id))));
    questions
}

/// What a viewer was answered to which questions.
pub(crate) type Observed = (Viewer, Vec<Question>, Vec<Answered>);

/// What everyone is answered to everything in a world.
pub(crate) fn observe(world: &World) -> Result<Vec<Observed>, String> {
    let questions = whole(world);
    let ask = |viewer| Ok((viewer, questions.clone(), ask(world, viewer, &questions)?));
    world.viewers().into_iter().map(ask).collect()
}

/// Some questions with random pages, filters and subjects.
pub(crate) fn sample(world: &World, random: &mut Random, count: usize) -> Vec<Question> {
    (0..count).map(|_| question(world, random)).collect()
}

/// What the viewer is answered to each question, from one snapshot.
pub(crate) fn ask(world: &World, viewer: Viewer, questions: &[Question]) -> Result<Vec<Answered>, String> {
    let questions = questions.to_vec();
    let asked = world.ask(viewer, move |query| {
        Ok(questions.iter().map(|question| question.ask(query)).collect::<Result<Vec<_>, _>>())
    });
    asked.map_err(|error| format!("{error:?}"))?
}

fn question(world: &World, random: &mut Random) -> Question {
    let account = world.account(u8::try_from(random.below(NAMES.len())).expect("there are eight"));
    let status = random.pick(&world.statuses).copied().unwrap_or(NOBODY);
    let circle = random.pick(&world.circles).map_or(NOBODY, |(_, circle)| *circle);
    let page = page(world, random);
    match random.below(29) {
        0..3 => Question::Home(filter(random), page),
        3..5 => Question::Public(filter(random), page),
        5 => Question::Tag(tag(random), tags(random), filter(random), page),
        6..9 => Question::AccountStatuses(account, account_statuses(random), page),
        9 => Question::Status(status),
        10 => Question::Statuses(random_ids(world, random)),
        11 => Question::Explain(status),
        12..14 => Question::Context(id(random, status)),
        14 => Question::FavouritedBy(id(random, status), page),
        15 => Question::RebloggedBy(id(random, status), page),
        16 => Question::Notifications(notifications(random, account), page),
        17 => Question::Notification(id(random, status)),
        18 => {
            Question::Marks([MarkKind::Favourite, MarkKind::Bookmark, MarkKind::Pin][random.below(3)], page)
        }
        19 => Question::AccountNamed(NAMES[random.below(NAMES.len())]),
        20 => Question::Followers(account, page),
        21 => Question::Following(account, page),
        22 => [Question::FollowRequests(page), Question::Blocks(page), Question::Mutes(page)]
            [random.below(3)]
        .clone(),
        23 => Question::FamiliarFollowers(accounts(world)),
        24 => Question::CircleMembers(id(random, circle), page),
        25 => Question::CircleTimeline(id(random, circle), filter(random), page),
        26 => Question::FindAccounts(
            ["a", "ada", "close fr", "fay@remote", "str"][random.below(5)],
            random.one_in(2),
        ),
        27 => Question::FindStatuses(
            ["harbour", "lantern garden", "strasse", "東京", "ada"][random.below(5)],
            page,
        ),
        _ => Question::Relationships(accounts(world)),
    }
}

/// A page that may begin anywhere: at an id of the list, of another list, or as a number.
fn page(world: &World, random: &mut Random) -> PageRequest {
    let mut cursor = || {
        let status = random.pick(&world.statuses).copied()?;
        if random.one_in(2) { Some(id(random, status)) } else { None }
    };
    let (max, since, min) = (cursor(), cursor(), cursor());
    PageRequest { max, since, min, limit: [0, 1, 2, 3, 5, 20][random.below(6)] }
}

fn filter(random: &mut Random) -> TimelineFilter {
    let hidden = Visibility::ALL[random.below(Visibility::ALL.len())];
    TimelineFilter {
        only_media: random.one_in(6),
        origin: [Origin::Everywhere, Origin::Everywhere, Origin::Here, Origin::Elsewhere][random.below(4)],
        with_muted: random.one_in(4),
        replies: [Replies::All, Replies::All, Replies::Following, Replies::Own][random.below(4)],
        exclude_visibilities: if random.one_in(4) { vec![hidden] } else { Vec::new() },
    }
}

/// Mostly nothing.
fn hidden(random: &mut Random) -> Vec<Visibility> {
    if random.one_in(6) { vec![Visibility::ALL[random.below(Visibility::ALL.len())]] } else { Vec::new() }
}

fn account_statuses(random: &mut Random) -> AccountStatuses {
    AccountStatuses {
        only_media: random.one_in(5),
        exclude_replies: random.one_in(3),
        exclude_reblogs: random.one_in(3),
        pinned: random.one_in(5),
        tagged: if random.one_in(4) { Some(tag(random).into()) } else { None },
        exclude_visibilities: hidden(random),
    }
}

fn notifications(random: &mut Random, from: koinon_engine::model::AccountId) -> NotificationFilter {
    let kind = NotificationKind::ALL[random.below(NotificationKind::ALL.len())];
    NotificationFilter {
        kinds: if random.one_in(3) { vec![kind] } else { Vec::new() },
        without: if random.one_in(3) { vec![kind] } else { Vec::new() },
        from: if random.one_in(4) { Some(from) } else { None },
        exclude_visibilities: hidden(random),
    }
}

fn tag(random: &mut Random) -> &'static str {
    TAGS[random.below(TAGS.len())]
}

fn tags(random: &mut Random) -> TagFilter {
    let wanted = |random: &mut Random| if random.one_in(4) { vec![tag(random).into()] } else { Vec::new() };
    TagFilter { any: wanted(random), all: wanted(random), none: wanted(random) }
}

fn id(random: &mut Random, id: koinon_engine::id::Flake) -> IdInput {
    if random.one_in(3) { IdInput::Number(id.number()) } else { IdInput::Exact(id) }
}

fn random_ids(world: &World, random: &mut Random) -> Vec<IdInput> {
    let mut ids = Vec::new();
    for _ in 0..random.below(6) {
        let picked = random.pick(&world.statuses).copied().unwrap_or(NOBODY);
        ids.push(id(random, picked));
    }
    ids
}

fn accounts(world: &World) -> Vec<IdInput> {
    world.accounts.iter().map(|account| IdInput::Exact(account.unwrap_or(NOBODY))).collect()
}
