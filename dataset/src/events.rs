//! Who posts, answers, passes on and marks, in the order of time.

use std::collections::VecDeque;
use std::time::Duration;

use fastrand::Rng;
use koinon_engine::model::{MarkKind, Visibility};
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::time::Timestamp;

use crate::graph::{Graph, skewed};
use crate::text::{body, username, warning};

/// How far back people answer and mark, in statuses.
pub(crate) const MEMORY: usize = 4_096;
/// Statuses that are looked at for one that is worth an answer or a mark.
const CANDIDATES: usize = 3;

/// Something that happens. Accounts and statuses are called by their numbers, in the order of their making.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) action: Action,
}

/// What happens.
#[derive(Debug)]
pub(crate) enum Action {
    Post { author: u32, draft: Box<Draft>, in_reply_to: Option<u32> },
    Reblog { actor: u32, status: u32 },
    Mark { actor: u32, kind: MarkKind, status: u32 },
}

/// All events of a data set.
#[derive(Debug)]
pub(crate) struct Events<'a> {
    graph: &'a Graph,
    rng: Rng,
    begin: Timestamp,
    span: Duration,
    statuses: u32,
    /// Statuses made so far.
    made: u32,
    recent: VecDeque<Sketch>,
    /// What happened and was not told yet.
    pending: VecDeque<Event>,
}

/// What has to be known of a status for others to react to it.
#[derive(Debug)]
struct Sketch {
    number: u32,
    author: u32,
    reach: Reach,
    reblogged_by: Vec<u32>,
    marked_by: Vec<(MarkKind, u32)>,
}

/// Whom a status reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Everyone,
    Followers,
    /// One other account alone.
    One(u32),
    /// Nobody reacts to a reblog itself.
    Reblog,
}

impl<'a> Events<'a> {
    /// Statuses of the accounts of `graph` and what is done to them, evenly spread over `span`.
    pub(crate) fn new(graph: &'a Graph, statuses: u32, begin: Timestamp, span: Duration, rng: Rng) -> Self {
        Self {
            graph,
            rng,
            begin,
            span,
            statuses: if graph.follows.is_empty() { 0 } else { statuses },
            made: 0,
            recent: VecDeque::new(),
            pending: VecDeque::new(),
        }
    }

    /// The moment at which the status `number` is made, or after it `part` hundredths of the time until the next one.
    fn moment(&self, number: u32, part: u32) -> Timestamp {
        let (place, places) = (u128::from(number) * 100 + u128::from(part), u128::from(self.statuses) * 100);
        let offset = self.span.as_millis() * place / places.max(1);
        self.begin + Duration::from_millis(u64::try_from(offset).unwrap_or(u64::MAX))
    }

    fn make_status(&mut self) {
        let number = self.made;
        self.made += 1;
        let part = self.rng.u32(..50);
        let at = self.moment(number, part);
        let action = match self.rng.u32(..100) {
            0..10 => self.reblog(),
            10..43 => self.reply(number),
            _ => None,
        };
        let action = action.unwrap_or_else(|| self.original(number));
        if let Action::Reblog { actor, .. } = action {
            self.remember(number, actor, Reach::Reblog);
        }
        self.pending.push_back(Event { at, action });
        for part in [60, 70, 80, 90] {
            if let Some(action) = self.mark() {
                self.pending.push_back(Event { at: self.moment(number, part), action });
            }
        }
    }

    fn original(&mut self, number: u32) -> Action {
        let author = self.graph.someone(&mut self.rng);
        let mut text = body(&mut self.rng);
        let (visibility, reach) = match self.rng.u32(..100) {
            0..4 => match self.graph.follower(author, &mut self.rng) {
                Some(friend) => {
                    text = format!("@{} {text}", username(friend));
                    (Visibility::Direct, Reach::One(friend))
                }
                None => (Visibility::Public, Reach::Everyone),
            },
            4..12 => (Visibility::Private, Reach::Followers),
            12..22 => (Visibility::Unlisted, Reach::Everyone),
            _ => (Visibility::Public, Reach::Everyone),
        };
        let warned = self.rng.u32(..30) == 0;
        let draft = Draft {
            text,
            spoiler_text: if warned { warning(&mut self.rng) } else { String::new() },
            audience: Some(Audience::Visibility(visibility)),
            language: Some("en".into()),
            ..Draft::default()
        };
        self.remember(number, author, reach);
        Action::Post { author, draft: Box::new(draft), in_reply_to: None }
    }

    fn reply(&mut self, number: u32) -> Option<Action> {
        let parent = self.noticed(2, |reach| reach != Reach::Reblog)?;
        let Sketch { number: parent, author: answered, reach, .. } = self.recent[parent];
        let author = match reach {
            Reach::One(friend) => friend,
            Reach::Followers => self.graph.follower(answered, &mut self.rng)?,
            _ => self.reader_of(answered),
        };
        let mut text = body(&mut self.rng);
        if author != answered {
            text = format!("@{} {text}", username(answered));
        }
        let reach = match reach {
            Reach::One(_) => Reach::One(answered),
            // Only those who follow both could go on.
            Reach::Followers => Reach::One(answered),
            reach => reach,
        };
        self.remember(number, author, reach);
        let draft = Draft { text, language: Some("en".into()), ..Draft::default() };
        Some(Action::Post { author, draft: Box::new(draft), in_reply_to: Some(parent) })
    }

    fn reblog(&mut self) -> Option<Action> {
        let place = self.noticed(3, |reach| reach == Reach::Everyone)?;
        let actor = self.reader_of(self.recent[place].author);
        let sketch = &mut self.recent[place];
        if sketch.author == actor || sketch.reblogged_by.contains(&actor) {
            return None;
        }
        sketch.reblogged_by.push(actor);
        Some(Action::Reblog { actor, status: sketch.number })
    }

    fn mark(&mut self) -> Option<Action> {
        let kind = match self.rng.u32(..80) {
            0..15 => MarkKind::Favourite,
            15 => MarkKind::Bookmark,
            _ => return None,
        };
        let place = self.noticed(3, |reach| matches!(reach, Reach::Everyone | Reach::Followers))?;
        let Sketch { author, reach, .. } = self.recent[place];
        let actor = match reach {
            Reach::Everyone => self.reader_of(author),
            _ => self.graph.follower(author, &mut self.rng)?,
        };
        let sketch = &mut self.recent[place];
        if sketch.author == actor || sketch.marked_by.contains(&(kind, actor)) {
            return None;
        }
        sketch.marked_by.push((kind, actor));
        Some(Action::Mark { actor, kind, status: sketch.number })
    }

    /// The place of a recent status; younger ones, and those of people with many followers, are noticed more.
    fn noticed(&mut self, power: u32, wanted: impl Fn(Reach) -> bool) -> Option<usize> {
        let length = self.recent.len();
        let places: Vec<usize> = (0..CANDIDATES)
            .filter(|_| length > 0)
            .map(|_| length - 1 - skewed(length, power, &mut self.rng))
            .collect();
        places
            .into_iter()
            .filter(|place| wanted(self.recent[*place].reach))
            .max_by_key(|place| self.graph.popularity(self.recent[*place].author))
    }

    /// Mostly someone who follows `author`.
    fn reader_of(&mut self, author: u32) -> u32 {
        match self.graph.follower(author, &mut self.rng) {
            Some(follower) if self.rng.u32(..4) > 0 => follower,
            _ => self.graph.someone(&mut self.rng),
        }
    }

    fn remember(&mut self, number: u32, author: u32, reach: Reach) {
        if self.recent.len() == MEMORY {
            self.recent.pop_front();
        }
        let (reblogged_by, marked_by) = (Vec::new(), Vec::new());
        self.recent.push_back(Sketch { number, author, reach, reblogged_by, marked_by });
    }
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.pending.is_empty() && self.made < self.statuses {
            self.make_status();
        }
        self.pending.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BEGIN, SPAN};

    #[test]
    fn events_come_in_the_order_of_time_within_the_span_and_are_of_every_kind() {
        let graph = Graph::new(300, &mut Rng::with_seed(3));
        let events: Vec<Event> = Events::new(&graph, 3_000, BEGIN, SPAN, Rng::with_seed(4)).collect();
        assert!(events.is_sorted_by_key(|event| event.at));
        assert!(events[0].at >= BEGIN && events[events.len() - 1].at < BEGIN + SPAN);
        let count = |wanted: fn(&Action) -> bool| events.iter().filter(|event| wanted(&event.action)).count();
        let replies = count(|action| matches!(action, Action::Post { in_reply_to: Some(_), .. }));
        let reblogs = count(|action| matches!(action, Action::Reblog { .. }));
        let posts = count(|action| matches!(action, Action::Post { .. }));
        let marks = count(|action| matches!(action, Action::Mark { .. }));
        assert_eq!(posts + reblogs, 3_000);
        assert!((800..1_200).contains(&replies), "{replies}");
        assert!((150..400).contains(&reblogs) && (1_000..3_500).contains(&marks), "{reblogs} {marks}");
    }
}
