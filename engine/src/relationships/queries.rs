//! How the viewer and an account stand to each other.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::audience::{Relation, Viewer, Visible};
use crate::command::Command;
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, FollowOptions};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::{ACCOUNTS, FOLLOW_REQUESTS};
use crate::time::Timestamp;

/// Accounts that can be asked about at once; more are not answered.
const AT_ONCE: usize = 100;

/// How the viewer and an account stand to each other, seen from the viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationshipView {
    /// The account.
    pub id: AccountId,
    /// The viewer follows it.
    pub following: bool,
    /// The viewer sees its reblogs; of a request too, as it will be.
    pub showing_reblogs: bool,
    /// The viewer is told of each of its posts. // R129
    pub notifying: bool,
    /// The viewer sees only its posts in these languages; all when empty.
    pub languages: Vec<String>,
    /// It follows the viewer.
    pub followed_by: bool,
    /// The viewer blocks it.
    pub blocking: bool,
    /// It blocks the viewer. Clients expect the field, but it is never true: an account that blocks the viewer
    /// is not visible to them, and so has no relationship to show.
    pub blocked_by: bool,
    /// The viewer mutes it at this moment.
    pub muting: bool,
    /// That mute holds back notifications too. // R128
    pub muting_notifications: bool,
    /// When that mute ends by itself.
    pub muting_expires_at: Option<Timestamp>,
    /// The viewer asks to follow it. // R118
    pub requested: bool,
    /// It asks to follow the viewer.
    pub requested_by: bool,
    /// The viewer blocks its domain.
    pub domain_blocking: bool,
    /// The viewer recommends it on their profile; not offered yet.
    pub endorsed: bool,
    /// What the viewer noted about it for themself; not offered yet.
    pub note: String,
}

impl Query<'_> {
    /// How the viewer and `target` stand to each other.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is not visible, [`Error::NotSignedIn`] for anonymous viewers.
    pub fn relationship(&self, target: AccountId) -> Result<Visible<RelationshipView>, Error> {
        self.asking()?;
        self.reveal_relationship(target)?.ok_or(Error::NotFound)
    }

    /// How the viewer and each of these accounts stand to each other, in the order asked. Repeated ids are answered
    /// once, ids of accounts that are not visible are left out; the first 100 ids count. // R117
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for anonymous viewers.
    pub fn relationships(&self, ids: &[IdInput]) -> Result<Vec<Visible<RelationshipView>>, Error> {
        self.asking()?;
        let mut relationships = Vec::with_capacity(ids.len().min(AT_ONCE));
        for id in self.asked_accounts(ids, AT_ONCE)? {
            relationships.extend(self.reveal_relationship(id)?);
        }
        Ok(relationships)
    }

    /// The ids that are meant, each once, in the order asked; whether there are such accounts is another question.
    pub(super) fn asked_accounts(&self, ids: &[IdInput], at_most: usize) -> Result<Vec<AccountId>, Error> {
        let mut seen = BTreeSet::new();
        let mut asked = Vec::with_capacity(ids.len().min(at_most));
        for input in ids.iter().take(at_most) {
            let id = match input {
                IdInput::Exact(id) => Some(*id),
                IdInput::Number(_) => {
                    let (low, high) = input.range();
                    let named = Scan::all().from(&low).through(&high);
                    ACCOUNTS.first(self.tx(), &named)?.map(|(id, _)| id)
                }
            };
            asked.extend(id.filter(|id| seen.insert(*id)));
        }
        Ok(asked)
    }

    fn reveal_relationship(&self, target: AccountId) -> Result<Option<Visible<RelationshipView>>, Error> {
        let Some(account) = self.reveal_account(target)? else { return Ok(None) };
        let relation = self.relation(&account.account)?;
        let view = RelationshipView {
            followed_by: relation.followed_by,
            blocked_by: relation.blocked_by,
            requested_by: relation.requested_by,
            domain_blocking: relation.domain_blocking,
            ..self.own_side(target, &relation)?
        };
        Ok(Some(account.with(|_| view)))
    }

    /// What the viewer did about `target`, and nothing that `target` did or is.
    fn own_side(&self, target: AccountId, relation: &Relation) -> Result<RelationshipView, Error> {
        let request = match self.viewer().account() {
            Some(viewer) if relation.requested => FOLLOW_REQUESTS.get(self.tx(), &(viewer, target))?,
            _ => None,
        };
        let follow = relation.following.as_ref().or(request.as_ref());
        let FollowOptions { show_reblogs, notify, languages } = follow
            .map(|follow| follow.options.clone())
            .unwrap_or(FollowOptions { show_reblogs: false, notify: false, languages: Vec::new() });
        Ok(RelationshipView {
            id: target,
            following: relation.following.is_some(),
            showing_reblogs: show_reblogs,
            notifying: notify,
            languages,
            followed_by: false,
            blocking: relation.blocking,
            blocked_by: false,
            muting: relation.mute.is_some(),
            muting_notifications: relation.mute.as_ref().is_some_and(|mute| mute.notifications),
            muting_expires_at: relation.mute.as_ref().and_then(|mute| mute.expires_at),
            requested: relation.requested,
            requested_by: false,
            domain_blocking: false,
            endorsed: false,
            note: String::new(),
        })
    }
}

/// How `actor` and `target` stand to each other after what the command did. // R116
pub(super) fn now_standing(
    command: &Command<'_>,
    actor: AccountId,
    target: AccountId,
) -> Result<Visible<RelationshipView>, Error> {
    command.query(Viewer::Local(actor)).relationship(target)
}

/// The same after an undo, which works when `actor` may not see `target` any more; it then says only what `actor` did.
/// Where nothing was `undone` either, `target` might as well not exist.
pub(super) fn after_undoing(
    command: &Command<'_>,
    actor: AccountId,
    target: AccountId,
    undone: bool,
) -> Result<Visible<RelationshipView>, Error> {
    let query = command.query(Viewer::Local(actor));
    match query.relationship(target) {
        Err(Error::NotFound) if undone => {
            let relation = match query.account_record(target)? {
                Some(account) => query.relation(&account)?,
                None => Arc::default(),
            };
            let view = query.own_side(target, &relation)?;
            // What the actor did is the actor's own to see.
            Ok(query.account(actor)?.with(|_| view))
        }
        result => result,
    }
}
