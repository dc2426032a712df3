//! Letting people in and keeping them out.

use super::names::{fold, local_name};
use super::staff::{index_role, staff};
use super::statistics::count_users;
use super::words::index_words;
use crate::command::Command;
use crate::engine::Engine;
use crate::error::Error;
use crate::model::{Account, AccountId, AccountState, PostingDefaults, Profile, Role};
use crate::notifications::forget_between;
use crate::oauth::end_access;
use crate::store::schema::{ACCOUNT_NAMES, ACCOUNTS, CREDENTIALS, EMAILS};

/// In whose name something is done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Whoever runs the instance, at its command line.
    Operator,
    /// An account; it has to be staff, and of a higher rank than the account it concerns.
    Account(AccountId),
}

impl From<AccountId> for Authority {
    fn from(account: AccountId) -> Self {
        Self::Account(account)
    }
}

/// All of these fail with [`Error::Forbidden`] for someone who has no say in it, and then with [`Error::NotFound`] if
/// there is no such account, or not any more.
impl Engine {
    /// Lets a pending account in; one that is in already stays in.
    ///
    /// # Errors
    /// [`Error::Forbidden`] also for a suspended account.
    pub async fn approve(&self, by: impl Into<Authority>, account: AccountId) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let account = subject(command, by, account)?;
            match account.state {
                AccountState::Pending => change_state(command, account, AccountState::Active),
                AccountState::Active => Ok(()),
                AccountState::Suspended | AccountState::Deleted => Err(Error::Forbidden),
            }
        })
        .await
    }

    /// Turns a pending account away. Nothing stays of it; name and address are free again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] also for an account that is not pending.
    pub async fn reject(&self, by: impl Into<Authority>, account: AccountId) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let account = subject(command, by, account)?;
            if account.state != AccountState::Pending {
                return Err(Error::Forbidden);
            }
            for member in staff(command.read())? {
                forget_between(command, member, account.id)?;
            }
            remove_person(command, &account)?;
            ACCOUNT_NAMES.delete(command.tx(), &local_name(&account.username))?;
            ACCOUNTS.delete(command.tx(), &account.id)?;
            Ok(())
        })
        .await
    }

    /// Shuts an account out: it cannot act, nobody sees it, and its sessions end.
    pub async fn suspend(&self, by: impl Into<Authority>, account: AccountId) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let account = subject(command, by, account)?;
            end_access(command, account.id, None)?;
            change_state(command, account, AccountState::Suspended)
        })
        .await
    }

    /// Takes a suspension back. An account that was not suspended stays as it is.
    pub async fn unsuspend(&self, by: impl Into<Authority>, account: AccountId) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let account = subject(command, by, account)?;
            match account.state {
                AccountState::Suspended => change_state(command, account, AccountState::Active),
                AccountState::Active | AccountState::Pending | AccountState::Deleted => Ok(()),
            }
        })
        .await
    }

    /// Makes an account somebody, or nobody in particular. Only admins give roles.
    pub async fn set_role(
        &self,
        by: impl Into<Authority>,
        account: AccountId,
        role: Role,
    ) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let mut account = subject(command, by, account)?;
            if rank(command, by)?.is_some_and(|rank| rank < Role::Admin) {
                return Err(Error::Forbidden);
            }
            account.role = role;
            ACCOUNTS.put(command.tx(), &account.id, &account)?;
            index_role(command, &account)
        })
        .await
    }

    /// Deletes an account, by itself or by staff. Its posts vanish with it; its name stays taken. There is no way back.
    pub async fn delete_account(&self, by: impl Into<Authority>, account: AccountId) -> Result<(), Error> {
        let by = by.into();
        self.command(move |command| {
            let before = match by {
                Authority::Account(own) if own == account => command.acting(account)?,
                _ => subject(command, by, account)?,
            };
            remove_person(command, &before)?;
            let after = Account {
                limited: false,
                role: Role::User,
                profile: Profile::default(),
                posting: PostingDefaults::default(),
                ..before
            };
            change_state(command, after, AccountState::Deleted)
        })
        .await
    }
}

/// The account called `target`, if `by` has a say over it.
fn subject(command: &Command<'_>, by: Authority, target: AccountId) -> Result<Account, Error> {
    let rank = rank(command, by)?;
    let account = ACCOUNTS.get(command.read(), &target)?;
    let account = account.filter(|account| account.state != AccountState::Deleted).ok_or(Error::NotFound)?;
    match rank {
        Some(rank) if rank <= account.role => Err(Error::Forbidden),
        _ => Ok(account),
    }
}

/// The role `by` acts in; none for the operator, who stands above all.
fn rank(command: &Command<'_>, by: Authority) -> Result<Option<Role>, Error> {
    match by {
        Authority::Operator => Ok(None),
        Authority::Account(account) => match command.acting(account)?.role {
            Role::User => Err(Error::Forbidden),
            rank => Ok(Some(rank)),
        },
    }
}

/// Stores `account` in `state` and keeps the number of users right.
fn change_state(command: &mut Command<'_>, mut account: Account, state: AccountState) -> Result<(), Error> {
    let used = |state| i64::from(account.is_local() && state == AccountState::Active);
    let change = used(state) - used(account.state);
    account.state = state;
    ACCOUNTS.put(command.tx(), &account.id, &account)?;
    if change == 0 { Ok(()) } else { count_users(command, change) }
}

/// Removes what belongs to the person behind an account: how they sign in, where they are signed in, what they are
/// found by.
fn remove_person(command: &mut Command<'_>, account: &Account) -> Result<(), Error> {
    end_access(command, account.id, None)?;
    if let Some(credentials) = CREDENTIALS.get(command.read(), &account.id)? {
        CREDENTIALS.delete(command.tx(), &account.id)?;
        EMAILS.delete(command.tx(), &fold(&credentials.email))?;
    }
    let gone = Account { state: AccountState::Deleted, role: Role::User, ..account.clone() };
    index_words(command, Some(account), &gone)?;
    index_role(command, &gone)
}
