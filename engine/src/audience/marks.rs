//! What the viewer did to the statuses of a page, found out in few reads.
//!
//! A page walks through ids in one direction, and of what it shows a viewer has marked little. So one scan from a
//! status onwards answers for many that follow.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use super::ViewerMarks;
use crate::cache::RECENT_MARKS;
use crate::error::Error;
use crate::model::{AccountId, ConversationId, MarkKind, Status, StatusId, Visibility};
use crate::query::Query;
use crate::store::schema::{CONVERSATION_MUTES, MARKS, REBLOGS};
use crate::store::{ReadTx, Scan, StoreError};
use crate::time::Timestamp;

/// Rows of the first scan; each further one reads twice as many.
const FIRST_ROWS: usize = 2;
/// Muted threads that are read at once; a viewer with more is asked about one by one.
const MUTED_THREADS: usize = 8;

/// Marks of each kind that are kept in memory for a viewer.
const RECENT: usize = 32;

/// What a viewer marked among the newest statuses; enough for most pages, and for all of most people.
#[derive(Debug)]
struct RecentMarks {
    favourites: Recent,
    bookmarks: Recent,
    pins: Recent,
    reblogs: Recent,
    /// Every muted thread and when that ends; none if there are many.
    muted: Option<Vec<MutedThread>>,
}

/// The newest statuses with a mark, newest first.
#[derive(Debug)]
struct Recent {
    marked: Vec<StatusId>,
    /// There are no older ones.
    complete: bool,
}

/// What is known of a viewer's marks.
#[derive(Debug, Default)]
pub(crate) struct KnownMarks {
    favourites: RefCell<Run>,
    bookmarks: RefCell<Run>,
    pins: RefCell<Run>,
    reblogs: RefCell<Run>,
    recent: OnceCell<Arc<RecentMarks>>,
    /// Every muted thread and when that ends; none if there are too many.
    muted: RefCell<Option<Option<Vec<MutedThread>>>>,
}

type MutedThread = (ConversationId, Option<Timestamp>);

/// Ids between which it is known which are marked.
#[derive(Debug, Default)]
struct Run {
    last: Option<StatusId>,
    /// The smallest and the largest id that is known about.
    known: Option<(StatusId, StatusId)>,
    marked: Vec<StatusId>,
    rows: usize,
}

impl Query<'_> {
    /// What the viewer did to `status`; none for anonymous viewers.
    pub(super) fn marks(&self, status: &Status) -> Result<Option<ViewerMarks>, Error> {
        let Some(viewer) = self.viewer().account() else { return Ok(None) };
        let (tx, known, id) = (self.tx(), self.known_marks(), status.id);
        let recent = self.recent_marks(viewer)?;
        let by_kind = |recent: Option<&Recent>, run: &RefCell<Run>, kind| match recent_answer(recent, id) {
            Some(marked) => Ok(marked),
            None => run.borrow_mut().contains(id, |onwards, limit| marked(tx, viewer, kind, onwards, limit)),
        };
        let pinnable = status.author == viewer && status.visibility != Visibility::Direct;
        Ok(Some(ViewerMarks {
            favourited: by_kind(
                recent.map(|recent| &recent.favourites),
                &known.favourites,
                MarkKind::Favourite,
            )?,
            reblogged: match recent_answer(recent.map(|recent| &recent.reblogs), id) {
                Some(marked) => marked,
                None => known
                    .reblogs
                    .borrow_mut()
                    .contains(id, |onwards, limit| reblogged(tx, viewer, onwards, limit))?,
            },
            bookmarked: by_kind(
                recent.map(|recent| &recent.bookmarks),
                &known.bookmarks,
                MarkKind::Bookmark,
            )?,
            muted: self.mutes_thread(viewer, status.conversation, recent)?,
            pinned: if pinnable {
                Some(by_kind(recent.map(|recent| &recent.pins), &known.pins, MarkKind::Pin)?)
            } else {
                None
            },
        }))
    }

    /// What is kept in memory of the viewer's marks; none inside a transaction that writes.
    fn recent_marks(&self, viewer: AccountId) -> Result<Option<&RecentMarks>, Error> {
        let (records, known) = (self.records(), &self.known_marks().recent);
        if known.get().is_none() && records.keeps() {
            let tx = self.tx();
            let recent = records.derived(RECENT_MARKS, &viewer.to_bytes(), RecentMarks::bytes, || {
                let newest = Onwards::Down(StatusId::MAX);
                let marks = |kind| marked(tx, viewer, kind, newest, RECENT).map(Recent::of);
                Ok::<_, Error>(RecentMarks {
                    favourites: marks(MarkKind::Favourite)?,
                    bookmarks: marks(MarkKind::Bookmark)?,
                    pins: marks(MarkKind::Pin)?,
                    reblogs: Recent::of(reblogged(tx, viewer, newest, RECENT)?),
                    muted: muted_threads(tx, viewer)?,
                })
            })?;
            // Nobody else can have set it: a query belongs to one thread.
            let _ = known.set(recent);
        }
        Ok(known.get().map(|recent| &**recent))
    }

    fn mutes_thread(
        &self,
        viewer: AccountId,
        thread: ConversationId,
        recent: Option<&RecentMarks>,
    ) -> Result<bool, Error> {
        let mut known = self.known_marks().muted.borrow_mut();
        let all = match recent {
            Some(recent) => recent.muted.as_ref(),
            None => {
                if known.is_none() {
                    *known = Some(muted_threads(self.tx(), viewer)?);
                }
                known.as_ref().and_then(|known| known.as_ref())
            }
        };
        let until = match all {
            Some(all) => all.iter().find(|(id, _)| *id == thread).map(|(_, until)| *until),
            None => CONVERSATION_MUTES.get(self.tx(), &(viewer, thread))?,
        };
        Ok(until.is_some_and(|until| until.is_none_or(|until| self.now() < until)))
    }
}

/// Statuses that `viewer` marked in one way.
fn marked(
    tx: &dyn ReadTx,
    viewer: AccountId,
    kind: MarkKind,
    onwards: Onwards,
    limit: usize,
) -> Result<Vec<StatusId>, StoreError> {
    let scan = onwards.over(&(viewer, kind), |id| (viewer, kind, id));
    Ok(MARKS.page(tx, &scan, limit)?.into_iter().map(|((_, _, id), _)| id).collect())
}

/// Statuses that `viewer` reblogged.
fn reblogged(
    tx: &dyn ReadTx,
    viewer: AccountId,
    onwards: Onwards,
    limit: usize,
) -> Result<Vec<StatusId>, StoreError> {
    let scan = onwards.over(&(viewer,), |id| (viewer, id));
    Ok(REBLOGS.page(tx, &scan, limit)?.into_iter().map(|((_, id), _)| id).collect())
}

impl RecentMarks {
    /// What it takes beside itself.
    fn bytes(&self) -> usize {
        let marks = [&self.favourites, &self.bookmarks, &self.pins, &self.reblogs];
        let ids: usize = marks.iter().map(|recent| recent.marked.len()).sum();
        ids * size_of::<StatusId>() + self.muted.as_ref().map_or(0, Vec::len) * size_of::<MutedThread>()
    }
}

impl Recent {
    /// From the newest [`RECENT`] marks, or all if there are fewer.
    fn of(marked: Vec<StatusId>) -> Self {
        Self { complete: marked.len() < RECENT, marked }
    }

    /// Whether `id` is marked, if that is known.
    fn contains(&self, id: StatusId) -> Option<bool> {
        let known = self.complete || self.marked.last().is_some_and(|oldest| *oldest <= id);
        known.then(|| self.marked.binary_search_by(|other| id.cmp(other)).is_ok())
    }
}

fn recent_answer(recent: Option<&Recent>, id: StatusId) -> Option<bool> {
    recent.and_then(|recent| recent.contains(id))
}

/// Every thread that `viewer` muted; none if there are many.
fn muted_threads(tx: &dyn ReadTx, viewer: AccountId) -> Result<Option<Vec<MutedThread>>, StoreError> {
    let rows = CONVERSATION_MUTES.page(tx, &Scan::prefix(&(viewer,)), MUTED_THREADS + 1)?;
    let all = rows.len() <= MUTED_THREADS;
    Ok(all.then(|| rows.into_iter().map(|((_, thread), until)| (thread, until)).collect()))
}

/// From which id onwards marks are to be read.
#[derive(Debug, Clone, Copy)]
enum Onwards {
    Down(StatusId),
    Up(StatusId),
}

impl Onwards {
    /// The rows of a list whose keys are `list` and an id.
    fn over<L: crate::store::Key, K: crate::store::Key>(self, list: &L, key: impl Fn(StatusId) -> K) -> Scan {
        match self {
            Self::Down(id) => Scan::prefix(list).through(&key(id)).descending(),
            Self::Up(id) => Scan::prefix(list).from(&key(id)),
        }
    }
}

impl Run {
    /// Whether `id` is marked. `read` answers the marked ids from one on.
    fn contains(
        &mut self,
        id: StatusId,
        read: impl FnOnce(Onwards, usize) -> Result<Vec<StatusId>, StoreError>,
    ) -> Result<bool, StoreError> {
        if !self.known.is_some_and(|(least, greatest)| least <= id && id <= greatest) {
            self.rows = if self.rows == 0 { FIRST_ROWS } else { self.rows * 2 };
            let from = match self.last {
                Some(last) if id > last => Onwards::Up(id),
                _ => Onwards::Down(id),
            };
            self.marked = read(from, self.rows)?;
            // Where rows are missing, the list has ended.
            let end = self.marked.last().copied().filter(|_| self.marked.len() == self.rows);
            self.known = Some(match from {
                Onwards::Down(_) => (end.unwrap_or(StatusId::MIN), id),
                Onwards::Up(_) => (id, end.unwrap_or(StatusId::MAX)),
            });
        }
        self.last = Some(id);
        Ok(self.marked.contains(&id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_run_knows_just_what_is_marked(
            marked in prop::collection::btree_set(0_u64..60, 0..40),
            asked in prop::collection::vec(0_u64..60, 1..60),
        ) {
            let id = |number: u64| StatusId::from_parts(number, 0, 0);
            let mut run = Run::default();
            for number in asked {
                let found = run.contains(id(number), |from, limit| {
                    let ids: Vec<StatusId> = marked.iter().copied().map(id).collect();
                    Ok(match from {
                        Onwards::Down(from) => ids.into_iter().rev().filter(|id| *id <= from).take(limit).collect(),
                        Onwards::Up(from) => ids.into_iter().filter(|id| *id >= from).take(limit).collect(),
                    })
                });
                prop_assert_eq!(found.unwrap(), marked.contains(&number), "{}", number);
            }
        }
    }

    #[test]
    fn recent_marks_answer_for_what_they_reach() {
        let id = |number: u64| StatusId::from_parts(number, 0, 0);
        let few = Recent::of(vec![id(9), id(4)]);
        assert_eq!(
            [10, 9, 5, 4, 1].map(|number| few.contains(id(number))),
            [false, true, false, true, false].map(Some)
        );
        let many = Recent::of((100..100 + RECENT as u64).rev().map(id).collect());
        assert_eq!(many.contains(id(101)), Some(true));
        assert_eq!(many.contains(id(1_000)), Some(false));
        assert_eq!(many.contains(id(99)), None);
    }

    #[test]
    fn a_page_of_what_is_not_marked_is_read_once() {
        let mut run = Run::default();
        let mut reads = 0;
        for number in (0..20).rev() {
            let marked = run.contains(StatusId::from_parts(number, 0, 0), |_, _| {
                reads += 1;
                Ok(Vec::new())
            });
            assert!(!marked.unwrap());
        }
        assert_eq!(reads, 1);
    }
}
