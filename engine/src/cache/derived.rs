//! Which records are kept, and what depends on a record beside itself.

use super::Place;
use crate::store::TableDefinition;
use crate::store::schema::{
    ACCOUNT_STATS, ACCOUNTS, APPS, BLOCKS, CIRCLES, CONVERSATION_MUTES, FOLLOW_REQUESTS, FOLLOWS, MARKS,
    MEDIA, MUTES, REBLOGS, STATUS_STATS, STATUSES, TOKENS,
};

/// Bytes of an id at the front of a key.
const ID: usize = 16;

/// How two accounts stand to each other, as seen from the first: the two ids.
pub(crate) const RELATIONS: &str = "relation";

/// What an account marked lately: its id.
pub(crate) const RECENT_MARKS: &str = "recent marks";

/// The circles of an account whose members stay out of its home timeline: its id.
pub(crate) const EXCLUSIVE_CIRCLES: &str = "exclusive circles";

/// Tables whose records are kept. Those of other tables are few, or read in ranges.
const KEPT: [TableDefinition; 7] = [
    ACCOUNTS.definition(),
    ACCOUNT_STATS.definition(),
    STATUSES.definition(),
    STATUS_STATS.definition(),
    MEDIA.definition(),
    TOKENS.definition(),
    APPS.definition(),
];

/// Tables that say how two accounts stand to each other; their keys are the two ids.
const BETWEEN_TWO: [TableDefinition; 4] =
    [FOLLOWS.definition(), FOLLOW_REQUESTS.definition(), BLOCKS.definition(), MUTES.definition()];

/// Tables of what an account marked; their keys begin with its id.
const MARKED: [TableDefinition; 3] =
    [MARKS.definition(), REBLOGS.definition(), CONVERSATION_MUTES.definition()];

/// Whether records of `table` are kept.
pub(super) fn is_kept(table: TableDefinition) -> bool {
    KEPT.contains(&table)
}

/// What stops to be true when a record changes.
pub(super) fn depending_on(table: TableDefinition, key: &[u8]) -> Vec<Place> {
    if is_kept(table) {
        return vec![Place { table: table.name, key: key.into() }];
    }
    let first_id = |name| Place { table: name, key: key.get(..ID).unwrap_or(key).into() };
    if MARKED.contains(&table) {
        return vec![first_id(RECENT_MARKS)];
    }
    if table == CIRCLES.definition() {
        return vec![first_id(EXCLUSIVE_CIRCLES)];
    }
    if !BETWEEN_TWO.contains(&table) {
        return Vec::new();
    }
    let (one, other) = key.split_at(key.len() / 2);
    [[one, other], [other, one]].map(|pair| Place { table: RELATIONS, key: pair.concat().into() }).into()
}
