//! Pages of a list that is ordered by id.

use std::collections::VecDeque;

use crate::error::Error;
use crate::id::{Flake, IdInput};
use crate::store::{Key, ReadTx, Record, Scan, Table};

/// Rows looked at for one page at most. A page that ends here says where it goes on, however few items it has.
const SCAN_BUDGET: usize = 4_000;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only items older than this id.
    pub max: Option<IdInput>,
    /// Only items newer than this id; the newest of them.
    pub since: Option<IdInput>,
    /// Only items newer than this id; the ones directly above it.
    pub min: Option<IdInput>,
    /// Items wanted.
    pub limit: usize,
}

impl PageRequest {
    /// The newest `limit` items.
    pub const fn newest(limit: usize) -> Self {
        Self { max: None, since: None, min: None, limit }
    }

    /// The same with its limit lowered to `maximum` where it is above. // R16
    #[must_use]
    pub const fn at_most(mut self, maximum: usize) -> Self {
        if self.limit > maximum {
            self.limit = maximum;
        }
        self
    }
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// `max_id` of the following (older) page; none at the end of the list. // R11
    pub next: Option<Flake>,
    /// `min_id` of the preceding (newer) page; none when the page is empty.
    pub prev: Option<Flake>,
}

impl<T> Page<T> {
    /// A page without items, at the end of its list.
    pub const fn empty() -> Self {
        Self { items: Vec::new(), next: None, prev: None }
    }

    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next, prev: self.prev }
    }
}

/// A key that ends with the id its list is ordered by.
pub trait OrderedById: Key {
    /// What comes before the id.
    type List: Key;
    /// The id.
    fn id(&self) -> Flake;
    /// The key of `id` in `list`.
    fn at(list: &Self::List, id: Flake) -> Self;
}

impl<A: Key + Clone> OrderedById for (A, Flake) {
    type List = (A,);
    fn id(&self) -> Flake {
        self.1
    }
    fn at(list: &Self::List, id: Flake) -> Self {
        (list.0.clone(), id)
    }
}

impl<A: Key + Clone, B: Key + Clone> OrderedById for (A, B, Flake) {
    type List = (A, B);
    fn id(&self) -> Flake {
        self.2
    }
    fn at(list: &Self::List, id: Flake) -> Self {
        (list.0.clone(), list.1.clone(), id)
    }
}

/// Reads one page of `list`, keeping what `accept` turns into an item. Cost: `O(page + rows left out)`, bounded.
pub(crate) fn read_page<K: OrderedById, V: Record, T>(
    tx: &dyn ReadTx,
    table: Table<K, V>,
    list: &K::List,
    request: &PageRequest,
    accept: impl FnMut(Flake, V) -> Result<Option<T>, Error>,
) -> Result<Page<T>, Error> {
    read_merged_page(tx, table, std::slice::from_ref(list), request, accept)
}

/// Reads one page of what stands in any of `lists`, each id once. Cost: as [`read_page`], for each list.
pub(crate) fn read_merged_page<K: OrderedById, V: Record, T>(
    tx: &dyn ReadTx,
    table: Table<K, V>,
    lists: &[K::List],
    request: &PageRequest,
    mut accept: impl FnMut(Flake, V) -> Result<Option<T>, Error>,
) -> Result<Page<T>, Error> {
    if request.limit == 0 {
        return Ok(Page::empty());
    }
    let upward = request.min.is_some();
    let mut sources: Vec<Source<K, V>> = lists.iter().map(|list| Source::new(table, list, request)).collect();
    let mut items: Vec<(Flake, T)> = Vec::with_capacity(request.limit.min(SCAN_BUDGET));
    let mut looked_at = 0;
    let mut reached = None;
    let more = loop {
        // One row more than is missing tells whether the list goes on behind the page.
        let wanted = (request.limit - items.len() + 1).clamp(8, SCAN_BUDGET);
        let mut nearest: Option<Flake> = None;
        for source in &mut sources {
            if let Some(id) = source.head(tx, wanted)? {
                let is_nearer = |other: Flake| if upward { id < other } else { id > other };
                nearest = Some(nearest.filter(|other| !is_nearer(*other)).unwrap_or(id));
            }
        }
        let Some(id) = nearest else { break false };
        if items.len() == request.limit || looked_at == SCAN_BUDGET {
            break true;
        }
        looked_at += 1;
        reached = Some(id);
        let mut row = None;
        for source in &mut sources {
            row = source.take(id).or(row);
        }
        if let Some(value) = row
            && let Some(item) = accept(id, value)?
        {
            items.push((id, item));
        }
    };
    if upward {
        items.reverse();
        let next = items.last().map(|(id, _)| *id).or(reached);
        let prev = items.first().map(|(id, _)| *id).or(reached.filter(|_| more));
        return Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next, prev });
    }
    let prev = items.first().map(|(id, _)| *id);
    // A page that ran out of rows to look at goes on where it stopped, whatever it found.
    let last = items.last().map(|(id, _)| *id).filter(|_| items.len() == request.limit);
    let next = last.or(reached).filter(|_| more);
    Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next, prev })
}

/// One list on its way into a page.
struct Source<K, V> {
    table: Table<K, V>,
    scan: Scan,
    upward: bool,
    rows: VecDeque<(K, V)>,
    at_end: bool,
}

impl<K: OrderedById, V: Record> Source<K, V> {
    fn new(table: Table<K, V>, list: &K::List, request: &PageRequest) -> Self {
        let upward = request.min.is_some();
        let mut scan = Scan::prefix(list);
        if let Some(id) = request.min.or(request.since) {
            scan = scan.after(&K::at(list, id.range().1));
        }
        if let Some(id) = request.max {
            scan = scan.before(&K::at(list, id.range().0));
        }
        if !upward {
            scan = scan.descending();
        }
        Self { table, scan, upward, rows: VecDeque::new(), at_end: false }
    }

    /// The id of the next row; where none is at hand, `wanted` rows are read.
    fn head(&mut self, tx: &dyn ReadTx, wanted: usize) -> Result<Option<Flake>, Error> {
        if self.rows.is_empty() && !self.at_end {
            self.rows = self.table.page(tx, &self.scan, wanted)?.into();
            self.at_end = self.rows.len() < wanted;
            if let Some((key, _)) = self.rows.back() {
                let scan = self.scan.clone();
                self.scan = if self.upward { scan.after(key) } else { scan.before(key) };
            }
        }
        Ok(self.rows.front().map(|(key, _)| key.id()))
    }

    /// The next row, if it has this id.
    fn take(&mut self, id: Flake) -> Option<V> {
        let is_it = self.rows.front().is_some_and(|(key, _)| key.id() == id);
        if is_it { self.rows.pop_front().map(|(_, value)| value) } else { None }
    }
}
