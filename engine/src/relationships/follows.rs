//! Following, asking to follow, and the answers to that.

use crate::audience::{Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::model::{AccountId, Follow, FollowOptions};
use crate::statuses::is_language;
use crate::store::schema::FOLLOW_REQUESTS;

use super::queries::{after_undoing, now_standing};
use super::{RelationshipView, rules};

/// Languages a follow can be limited to.
const LANGUAGES: usize = 100;

/// What to change about a follow; what is none stays as it is, or as it begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FollowOptionsChange {
    /// Reblogs appear in the home timeline; they do when a follow begins.
    pub show_reblogs: Option<bool>,
    /// Each new post makes a notification. // R130
    pub notify: Option<bool>,
    /// Only posts in these languages (at most 100 codes); all when empty.
    pub languages: Option<Vec<String>>,
}

impl Engine {
    /// Makes `actor` follow `target`, or ask to where `target` is locked; changes the options where that is done
    /// already. // R116 R118
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, be it because it blocks `actor` (R124);
    /// [`Error::Forbidden`] for one that `actor` blocks, and where one of the two blocks the domain of the other;
    /// [`Error::Invalid`] for oneself and for malformed languages.
    pub async fn follow(
        &self,
        actor: AccountId,
        target: AccountId,
        change: FollowOptionsChange,
    ) -> Result<Visible<RelationshipView>, Error> {
        let change = change.checked()?;
        self.command(move |command| {
            follow(command, actor, target, &change)?;
            now_standing(command, actor, target)
        })
        .await
    }

    /// Makes `actor` follow `target` no more, nor ask to; `target` leaves the circles of `actor`. // R116
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, unless there was something to undo.
    pub async fn unfollow(
        &self,
        actor: AccountId,
        target: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let followed = rules::end_follow(command, actor, target)?;
            let asked = rules::end_request(command, actor, target)?.is_some();
            after_undoing(command, actor, target, followed || asked)
        })
        .await
    }

    /// Makes `follower` follow `actor` no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a follower that is not visible, unless there was something to undo.
    pub async fn remove_from_followers(
        &self,
        actor: AccountId,
        follower: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let followed = rules::end_follow(command, follower, actor)?;
            after_undoing(command, actor, follower, followed)
        })
        .await
    }

    /// Lets `requester` follow `actor`, as they asked. // R119 R120
    ///
    /// # Errors
    /// [`Error::NotFound`] where `requester` does not ask, or is not visible.
    pub async fn authorize_follow_request(
        &self,
        actor: AccountId,
        requester: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            accept(command, requester, actor, |_| {})?;
            now_standing(command, actor, requester)
        })
        .await
    }

    /// Does not let `requester` follow `actor`. They are not told. // R119 R120
    ///
    /// # Errors
    /// [`Error::NotFound`] where `requester` does not ask.
    pub async fn reject_follow_request(
        &self,
        actor: AccountId,
        requester: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            rules::end_request(command, requester, actor)?.ok_or(Error::NotFound)?;
            after_undoing(command, actor, requester, true)
        })
        .await
    }
}

pub(crate) fn follow(
    command: &mut Command<'_>,
    actor: AccountId,
    target: AccountId,
    change: &FollowOptionsChange,
) -> Result<(), Error> {
    let follower = command.acting(actor)?;
    if actor == target {
        return Err(Invalid::Oneself("follow").into());
    }
    let (locked, relation) = {
        let query = command.query(Viewer::Local(actor));
        let view = query.account(target)?; // R124
        (view.account.profile.locked, query.relation(&view.account)?)
    };
    if relation.blocking || relation.domain_blocking || relation.domain_blocked_by {
        return Err(Error::Forbidden);
    }
    let pair = (actor, target);
    if let Some(follow) = &relation.following {
        return rules::put_follow(command, actor, target, &change.applied_to(follow.clone()));
    }
    match FOLLOW_REQUESTS.get(command.read(), &pair)? {
        Some(request) if locked => {
            Ok(FOLLOW_REQUESTS.put(command.tx(), &pair, &change.applied_to(request))?)
        }
        // There is nobody left to wait for: the account was unlocked since.
        Some(_) => accept(command, actor, target, |options| change.apply(options)),
        None => {
            let mut options = FollowOptions::default();
            change.apply(&mut options);
            if locked {
                rules::begin_request(command, actor, target, options)
            } else {
                rules::begin_follow(command, &follower, target, options)
            }
        }
    }
}

/// Turns the request of `requester` into a follow.
pub(crate) fn accept(
    command: &mut Command<'_>,
    requester: AccountId,
    target: AccountId,
    change: impl FnOnce(&mut FollowOptions),
) -> Result<(), Error> {
    let view = command.query(Viewer::Local(target)).account(requester)?;
    let mut request = rules::end_request(command, requester, target)?.ok_or(Error::NotFound)?;
    change(&mut request.options);
    rules::begin_follow(command, &view.account, target, request.options)
}

impl FollowOptionsChange {
    fn apply(&self, options: &mut FollowOptions) {
        if let Some(show_reblogs) = self.show_reblogs {
            options.show_reblogs = show_reblogs;
        }
        if let Some(notify) = self.notify {
            options.notify = notify;
        }
        if let Some(languages) = &self.languages {
            options.languages.clone_from(languages);
        }
    }

    fn applied_to(&self, mut follow: Follow) -> Follow {
        self.apply(&mut follow.options);
        follow
    }

    /// The same with each language once, and none that is empty (as forms send to clear a list).
    fn checked(mut self) -> Result<Self, Error> {
        let Some(languages) = &mut self.languages else { return Ok(self) };
        let mut kept: Vec<String> = Vec::with_capacity(languages.len().min(LANGUAGES));
        for language in languages.drain(..) {
            let language = language.trim();
            if language.is_empty() || kept.iter().any(|known| known == language) {
                continue;
            }
            if !is_language(language) {
                return Err(Invalid::Malformed("Languages").into());
            }
            if kept.len() == LANGUAGES {
                return Err(Invalid::TooMany { what: "languages", maximum: LANGUAGES }.into());
            }
            kept.push(language.to_owned());
        }
        *languages = kept;
        Ok(self)
    }
}
