//! Many commands in one transaction: for imports and data sets.
//!
//! Each runs by the rules of the single command, at a moment of its own, and sees what those before it did. What they
//! write is gathered in memory and stored in the order of the keys when all are done.

mod buffer;
#[cfg(test)]
mod tests;

use crate::accounts::insert_without_password;
use crate::command::Command;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::id::IdInput;
use crate::ids::IdSource;
use crate::jobs;
use crate::model::{AccountId, MarkKind, StatusId, Visibility};
use crate::profiles::{self, ProfileChange};
use crate::relationships::{self, FollowOptionsChange};
use crate::settings::Settings;
use crate::statuses::{self, Prepared};
use crate::store::WriteTx;
use crate::time::Timestamp;

use buffer::Buffer;

/// Bytes of keys and values after which a transaction should take no further command.
const ENOUGH_BYTES: usize = 32 << 20;

/// A transaction of many commands, see [`Engine::bulk`](crate::Engine::bulk).
///
/// Once a command has failed, nothing of the transaction is stored.
pub struct Bulk<'a> {
    buffer: Buffer<'a>,
    now: Timestamp,
    ids: &'a dyn IdSource,
    entropy: &'a dyn Entropy,
    settings: &'a Settings,
    failure: Option<Error>,
}

impl<'a> Bulk<'a> {
    pub(crate) fn new(
        tx: &'a mut dyn WriteTx,
        now: Timestamp,
        ids: &'a dyn IdSource,
        entropy: &'a dyn Entropy,
        settings: &'a Settings,
    ) -> Self {
        Self { buffer: Buffer::new(tx), now, ids, entropy, settings, failure: None }
    }

    /// The commands that follow happen at `moment`; before the first call they happen now.
    ///
    /// Moments have to ascend, also over several transactions: an id is never smaller than one that was made before, so
    /// what is older than that gets an id that is too young for it.
    pub fn set_time(&mut self, moment: Timestamp) {
        self.now = moment;
    }

    /// Whether another command may join. Without regard to it a transaction grows as far as the memory does, which
    /// takes about three times the 32 MiB of keys and values that are enough.
    pub fn has_room(&self) -> bool {
        self.buffer.bytes() < ENOUGH_BYTES
    }

    /// Makes an account without e-mail address, which nobody can sign in to before it gets a password.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is not allowed or taken.
    pub fn create_account(&mut self, username: &str) -> Result<AccountId, Error> {
        self.run(|command| insert_without_password(command, username))
    }

    /// Changes a profile, except for its pictures.
    ///
    /// # Errors
    /// As [`Engine::change_profile`](crate::Engine::change_profile); [`Error::Invalid`] for pictures.
    pub fn change_profile(&mut self, account: AccountId, change: &ProfileChange) -> Result<(), Error> {
        self.run(|command| profiles::change_texts(command, account, change))
    }

    /// Makes `actor` follow `target`, or ask to where that is locked. Errors as
    /// [`Engine::follow`](crate::Engine::follow).
    pub fn follow(&mut self, actor: AccountId, target: AccountId) -> Result<(), Error> {
        self.run(|command| relationships::follow(command, actor, target, &FollowOptionsChange::default()))
    }

    /// Lets `requester` follow `actor`, as they asked. Errors as
    /// [`Engine::authorize_follow_request`](crate::Engine::authorize_follow_request).
    pub fn authorize_follow_request(&mut self, actor: AccountId, requester: AccountId) -> Result<(), Error> {
        self.run(|command| {
            command.acting(actor)?;
            relationships::accept(command, requester, actor, |_| {})
        })
    }

    /// Posts what [`Engine::prepare_post`](crate::Engine::prepare_post) made, as an answer to `in_reply_to`, or to what
    /// the draft says if there is none. Errors as [`Engine::post`](crate::Engine::post).
    pub fn post(
        &mut self,
        author: AccountId,
        prepared: &Prepared,
        in_reply_to: Option<StatusId>,
    ) -> Result<StatusId, Error> {
        let parent = in_reply_to.map(IdInput::Exact).or_else(|| prepared.parent());
        self.run(|command| statuses::post(command, author, prepared, parent))
    }

    /// Passes a status on. Errors as [`Engine::reblog`](crate::Engine::reblog).
    pub fn reblog(
        &mut self,
        actor: AccountId,
        status: StatusId,
        visibility: Option<Visibility>,
    ) -> Result<StatusId, Error> {
        self.run(|command| statuses::reblog(command, actor, IdInput::Exact(status), visibility))
    }

    /// Puts a mark on a status. Errors as [`Engine::mark`](crate::Engine::mark).
    pub fn mark(&mut self, actor: AccountId, kind: MarkKind, status: StatusId) -> Result<(), Error> {
        self.run(|command| statuses::mark(command, actor, kind, IdInput::Exact(status)).map(drop))
    }

    /// Does up to `limit` of the deferred jobs that are due, as [`Engine::run_due`](crate::Engine::run_due); answers how
    /// many.
    pub fn run_due(&mut self, limit: usize) -> Result<usize, Error> {
        self.run(|command| jobs::run_due(command, limit))
    }

    fn run<T>(&mut self, change: impl FnOnce(&mut Command<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut command = Command::new(&mut self.buffer, self.now, self.ids, self.entropy, self.settings);
        let result = change(&mut command).and_then(|result| command.finish().map(|()| result));
        if let Err(error) = &result {
            // What it had written until then cannot be told from the rest.
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// Stores everything.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.buffer.store()?),
        }
    }
}

impl std::fmt::Debug for Bulk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bulk")
            .field("now", &self.now)
            .field("bytes", &self.buffer.bytes())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
