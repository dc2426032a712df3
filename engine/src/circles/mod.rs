//! Circles: named sets of accounts that their owner reads or addresses together (lists, groups, aspects).
//!
//! A circle is its owner's alone: for everyone else it does not exist, the members included. Whoever is in it is
//! followed by the owner, or is the owner; ending the follow ends the membership.

mod queries;
mod rules;

pub(crate) use rules::{leave_circles_of, members_of};

use crate::audience::Viewer;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{AccountId, Circle, RepliesPolicy};
use crate::store::Scan;
use crate::store::schema::{CIRCLE_MEMBERS, CIRCLES, CIRCLES_OF, FOLLOWS};

/// A circle to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCircle {
    /// Its name.
    pub title: String,
    /// Which replies of members its timeline shows.
    pub replies: RepliesPolicy,
    /// Members' posts are left out of the owner's home timeline.
    pub exclusive: bool,
}

/// What to change about a circle; what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CircleChange {
    /// Its name.
    pub title: Option<String>,
    /// Which replies of members its timeline shows.
    pub replies: Option<RepliesPolicy>,
    /// Members' posts are left out of the owner's home timeline.
    pub exclusive: Option<bool>,
}

impl Engine {
    /// Makes an empty circle of `owner`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a title that is blank or too long, and when `owner` has as many as
    /// [`Limits::circles`](crate::settings::Limits::circles).
    pub async fn create_circle(&self, owner: AccountId, circle: NewCircle) -> Result<Circle, Error> {
        let maximum = self.settings().limits.circles;
        let NewCircle { title, replies, exclusive } = circle;
        let title = self.circle_title(&title)?;
        self.command(move |command| {
            command.acting(owner)?;
            if CIRCLES.page(command.read(), &Scan::prefix(&(owner,)), maximum)?.len() >= maximum {
                return Err(Invalid::TooMany { what: "lists", maximum }.into());
            }
            let id = command.new_id();
            let circle = Circle { id, owner, title: title.clone(), replies, exclusive };
            CIRCLES.put(command.tx(), &(owner, id), &circle)?;
            Ok(circle)
        })
        .await
    }

    /// Changes a circle of `owner`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not `owner`'s, [`Error::Invalid`] for a title that is blank or too
    /// long.
    pub async fn change_circle(
        &self,
        owner: AccountId,
        circle: IdInput,
        change: CircleChange,
    ) -> Result<Circle, Error> {
        let title = change.title.as_deref().map(|title| self.circle_title(title)).transpose()?;
        self.command(move |command| {
            command.acting(owner)?;
            let mut circle = rules::owned(command.read(), owner, circle)?;
            if let Some(title) = &title {
                circle.title.clone_from(title);
            }
            circle.replies = change.replies.unwrap_or(circle.replies);
            circle.exclusive = change.exclusive.unwrap_or(circle.exclusive);
            CIRCLES.put(command.tx(), &(owner, circle.id), &circle)?;
            Ok(circle)
        })
        .await
    }

    /// Removes a circle of `owner`; whoever was in it stays followed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not `owner`'s.
    pub async fn delete_circle(&self, owner: AccountId, circle: IdInput) -> Result<(), Error> {
        self.command(move |command| {
            command.acting(owner)?;
            let circle = rules::owned(command.read(), owner, circle)?.id;
            let members = CIRCLE_MEMBERS.page(command.read(), &Scan::prefix(&(circle,)), usize::MAX)?;
            for (membership, member) in members {
                CIRCLE_MEMBERS.delete(command.tx(), &membership)?;
                CIRCLES_OF.delete(command.tx(), &(member, owner, circle))?;
            }
            CIRCLES.delete(command.tx(), &(owner, circle))?;
            Ok(())
        })
        .await
    }

    /// Puts accounts into a circle of `owner`, all of them or none; who is in it already stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not `owner`'s, and for an account that is not visible to `owner` or
    /// that they neither follow nor are.
    pub async fn add_to_circle(
        &self,
        owner: AccountId,
        circle: IdInput,
        accounts: Vec<AccountId>,
    ) -> Result<(), Error> {
        self.command(move |command| {
            command.acting(owner)?;
            let circle = rules::owned(command.read(), owner, circle)?.id;
            for &account in &accounts {
                command.query(Viewer::Local(owner)).account(account)?;
                if account != owner && !FOLLOWS.contains(command.read(), &(owner, account))? {
                    return Err(Error::NotFound);
                }
                if CIRCLES_OF.contains(command.read(), &(account, owner, circle))? {
                    continue;
                }
                let id = command.new_id();
                CIRCLE_MEMBERS.put(command.tx(), &(circle, id), &account)?;
                CIRCLES_OF.put(command.tx(), &(account, owner, circle), &id)?;
            }
            Ok(())
        })
        .await
    }

    /// Takes accounts out of a circle of `owner`; those that are not in it change nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not `owner`'s.
    pub async fn remove_from_circle(
        &self,
        owner: AccountId,
        circle: IdInput,
        accounts: Vec<AccountId>,
    ) -> Result<(), Error> {
        self.command(move |command| {
            command.acting(owner)?;
            let circle = rules::owned(command.read(), owner, circle)?.id;
            for &account in &accounts {
                rules::leave(command, owner, circle, account)?;
            }
            Ok(())
        })
        .await
    }

    fn circle_title(&self, title: &str) -> Result<String, Error> {
        let maximum = self.settings().limits.circle_title_characters;
        let title = title.trim();
        if title.is_empty() {
            return Err(Invalid::Blank("Title").into());
        }
        if title.chars().nth(maximum).is_some() {
            return Err(Invalid::TooLong { field: "Title", maximum }.into());
        }
        Ok(title.to_owned())
    }
}
