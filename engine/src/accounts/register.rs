//! Joining.

use std::fmt;

use super::email::check_email;
use super::names::{Chooser, check_username, fold, local_name};
use super::passwords::{HASH_OF_NO_PASSWORD, check_password};
use super::staff::{index_role, staff};
use super::statistics::count_users;
use super::words::index_words;
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::Flake;
use crate::model::{
    Account, AccountId, AccountState, Credentials, NotificationKind, PostingDefaults, Profile, Role,
};
use crate::notifications::notify;
use crate::settings::Registrations;
use crate::store::schema::{ACCOUNT_NAMES, ACCOUNTS, CREDENTIALS, EMAILS, META, meta};
use crate::store::{ReadTx, Scan, StoreExt};

/// What someone who wants to join fills in.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Registration {
    /// The name wanted: ASCII letters, digits and underscores.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Whether the rules of the instance were agreed to.
    pub agreement: bool,
    /// Why they want to join; for moderators, where registrations need approval.
    pub reason: Option<String>,
    /// The language they read, as a locale like `pt-BR`. Their posts are in it unless they say otherwise. // R316
    pub locale: Option<String>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Where a registration came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The instance's own page.
    #[default]
    Page,
    /// A registered program, by its id.
    App(Flake),
}

/// An account made by whoever runs the instance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// Its name: ASCII letters, digits and underscores.
    pub username: String,
    /// Its e-mail address; may be empty.
    pub email: String,
    /// Its password.
    pub password: String,
    /// What it may do.
    pub role: Role,
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccount")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Registers someone, as far as the settings let them: where registrations need approval, the account is
    /// pending and those who run the instance are told.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the first thing that is wrong. One password hash is worked on, and only for a
    /// registration that is sound otherwise.
    pub async fn register(&self, registration: Registration, origin: Origin) -> Result<AccountId, Error> {
        let settings = self.settings();
        let state = match settings.registrations {
            Registrations::Open => AccountState::Active,
            Registrations::Approval => AccountState::Pending,
            Registrations::Closed => return Err(Invalid::RegistrationsClosed.into()),
        };
        let Registration { username, email, password, agreement, reason, locale } = registration;
        let (username, email) = (username.trim().to_owned(), email.trim().to_owned());
        check_username(&username, Chooser::Public, settings)?;
        check_email(&email, settings)?;
        check_password(&password, settings)?;
        let maximum = settings.limits.reason_characters;
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > maximum) {
            return Err(Invalid::TooLong { field: "Reason", maximum }.into());
        }
        if !agreement {
            return Err(Invalid::NotAgreed.into());
        }
        let applicant = Applicant {
            username,
            email,
            password_hash: String::new(),
            role: Role::User,
            state,
            language: locale.as_deref().and_then(language_of),
            registered_with: match origin {
                Origin::Page => None,
                Origin::App(app) => Some(app),
            },
            reason: reason.filter(|reason| !reason.trim().is_empty()),
        };
        let applicant = self.prepare_applicant(applicant, password).await?;
        self.command(move |command| insert(command, &applicant)).await
    }

    /// Makes an account, whoever may register. For the command line and imports.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the first thing that is wrong.
    pub async fn create_account(&self, account: NewAccount) -> Result<AccountId, Error> {
        let (applicant, password) = self.check_new_account(account)?;
        let applicant = self.prepare_applicant(applicant, password).await?;
        self.command(move |command| insert(command, &applicant)).await
    }

    /// What is to be inserted for `account`, still without password hash, and the password.
    pub(super) fn check_new_account(&self, account: NewAccount) -> Result<(Applicant, String), Error> {
        let NewAccount { username, email, password, role } = account;
        let (username, email) = (username.trim().to_owned(), email.trim().to_owned());
        check_username(&username, Chooser::Operator, self.settings())?;
        if !email.is_empty() {
            check_email(&email, self.settings())?;
        }
        check_password(&password, self.settings())?;
        Ok((Applicant::new(username, email, role), password))
    }

    /// Hashes the password, unless name or address are taken already.
    pub(super) async fn prepare_applicant(
        &self,
        mut applicant: Applicant,
        password: String,
    ) -> Result<Applicant, Error> {
        let (username, email) = (applicant.username.clone(), applicant.email.clone());
        self.store().read(move |tx| check_free(tx, &username, &email)).await?;
        applicant.password_hash = self.hash_password(password).await?;
        Ok(applicant)
    }
}

/// A sound account to be, except that others may be faster.
#[derive(Debug)]
pub(super) struct Applicant {
    username: String,
    email: String,
    password_hash: String,
    role: Role,
    state: AccountState,
    language: Option<String>,
    registered_with: Option<Flake>,
    reason: Option<String>,
}

impl Applicant {
    /// Someone whom whoever runs the instance lets in; still without password hash.
    fn new(username: String, email: String, role: Role) -> Self {
        Self {
            username,
            email,
            password_hash: String::new(),
            role,
            state: AccountState::Active,
            language: None,
            registered_with: None,
            reason: None,
        }
    }
}

/// Stores a new local account to which nobody can sign in before it gets a password.
pub(crate) fn insert_without_password(command: &mut Command<'_>, username: &str) -> Result<AccountId, Error> {
    check_username(username, Chooser::Operator, command.settings())?;
    let mut applicant = Applicant::new(username.to_owned(), String::new(), Role::User);
    applicant.password_hash = HASH_OF_NO_PASSWORD.to_owned();
    insert(command, &applicant)
}

/// Stores a new local account with everything that belongs to it.
pub(super) fn insert(command: &mut Command<'_>, applicant: &Applicant) -> Result<AccountId, Error> {
    check_free(command.read(), &applicant.username, &applicant.email)?;
    let id = new_account_id(command)?;
    let account = Account {
        id,
        username: applicant.username.clone(),
        domain: None,
        uri: None,
        created_at: command.now(),
        state: applicant.state,
        limited: false,
        role: applicant.role,
        profile: Profile::default(),
        posting: PostingDefaults { language: applicant.language.clone(), ..PostingDefaults::default() },
    };
    let credentials = Credentials {
        email: applicant.email.clone(),
        password_hash: applicant.password_hash.clone(),
        registered_with: applicant.registered_with,
        reason: applicant.reason.clone(),
    };
    ACCOUNTS.put(command.tx(), &id, &account)?;
    ACCOUNT_NAMES.put(command.tx(), &local_name(&account.username), &id)?;
    CREDENTIALS.put(command.tx(), &id, &credentials)?;
    if !credentials.email.is_empty() {
        EMAILS.put(command.tx(), &fold(&credentials.email), &id)?;
    }
    index_words(command, None, &account)?;
    index_role(command, &account)?;
    META.delete(command.tx(), &meta::OWNER_SETUP.to_owned())?;
    match account.state {
        AccountState::Active => count_users(command, 1)?,
        AccountState::Pending => {
            for member in staff(command.read())? {
                notify(command, member, NotificationKind::SignUp, id, None)?;
            }
        }
        AccountState::Suspended | AccountState::Deleted => {}
    }
    Ok(id)
}

fn check_free(tx: &dyn ReadTx, username: &str, email: &str) -> Result<(), Error> {
    if ACCOUNT_NAMES.contains(tx, &local_name(username))? {
        return Err(Invalid::Taken("Username").into());
    }
    if !email.is_empty() && EMAILS.contains(tx, &fold(email))? {
        return Err(Invalid::Taken("Email").into());
    }
    Ok(())
}

/// An id whose number no other account has, even when another process makes ids in the same millisecond.
fn new_account_id(command: &mut Command<'_>) -> Result<AccountId, Error> {
    loop {
        let id = command.new_id();
        let (milliseconds, sequence) = (id.milliseconds(), id.sequence());
        let alike = Scan::all()
            .from(&Flake::from_parts(milliseconds, sequence, 0))
            .through(&Flake::from_parts(milliseconds, sequence, u128::MAX));
        if ACCOUNTS.first(command.read(), &alike)?.is_none() {
            return Ok(id);
        }
    }
}

/// The ISO 639 code at the start of a locale.
fn language_of(locale: &str) -> Option<String> {
    let code = locale.split(['-', '_']).next()?;
    let plausible = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    plausible.then(|| code.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r316_the_language_of_a_locale_is_its_code() {
        assert_eq!(language_of("pt-BR").as_deref(), Some("pt"));
        assert_eq!(language_of("de").as_deref(), Some("de"));
        assert_eq!(language_of("EN_us").as_deref(), Some("en"));
        assert_eq!(language_of("*"), None);
        assert_eq!(language_of(""), None);
    }
}
