//! Why the engine refuses, by what a caller can do about it.

use crate::store::StoreError;

/// The error of every command and query.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing, or the asker may not know of it; the two are never told apart. // R59
    #[error("Record not found")]
    NotFound,
    /// Only someone who is signed in can do that.
    #[error("This method requires an authenticated user")]
    NotSignedIn,
    /// The account exists but may not act.
    #[error(transparent)]
    Disabled(#[from] Disabled),
    /// The asker may see it but not do that.
    #[error("This action is not allowed")]
    Forbidden,
    /// What was sent is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// User name, e-mail address or password is wrong; it is not said which.
    #[error("Invalid username or password")]
    WrongCredentials,
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blob store failed.
    #[error("the media storage failed: {0}")]
    Blob(std::sync::Arc<crate::media::BlobError>),
}

/// Why an account may not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disabled {
    /// A moderator has not approved it yet.
    #[error("Your login is currently pending approval")]
    Pending,
    /// It is suspended or deleted.
    #[error("Your login is currently disabled")]
    Suspended,
}

/// What is wrong with what was sent. The texts are meant for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A status without text and media.
    #[error("Validation failed: Text can't be blank")]
    EmptyStatus,
    /// A text longer than its limit.
    #[error("Validation failed: {field} is too long (maximum is {maximum} characters)")]
    TooLong {
        /// The parameter.
        field: &'static str,
        /// The limit.
        maximum: usize,
    },
    /// A text shorter than its limit.
    #[error("Validation failed: {field} is too short (minimum is {minimum} characters)")]
    TooShort {
        /// The parameter.
        field: &'static str,
        /// The limit.
        minimum: usize,
    },
    /// A parameter that has to be there.
    #[error("Validation failed: {0} can't be blank")]
    Blank(&'static str),
    /// A parameter that makes no sense.
    #[error("Validation failed: {0} is invalid")]
    Malformed(&'static str),
    /// A name or address that someone else has.
    #[error("Validation failed: {0} has already been taken")]
    Taken(&'static str),
    /// A name that no account may have.
    #[error("Validation failed: {0} is reserved")]
    Reserved(&'static str),
    /// The terms were not agreed to.
    #[error("Validation failed: Agreement must be accepted")]
    NotAgreed,
    /// Nobody can register.
    #[error("Registrations are closed")]
    RegistrationsClosed,
    /// Too many of something.
    #[error("Validation failed: Cannot have more than {maximum} {what}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        maximum: usize,
    },
    /// Media that do not exist, belong to someone else or are attached already. // R207
    #[error("Validation failed: Media could not be found or were attached to another status already")]
    UnknownMedia,
    /// A circle that does not exist or belongs to someone else. // R53
    #[error("Validation failed: the list does not exist")]
    UnknownCircle,
    /// The status answered to does not exist for the author.
    #[error("The status you are trying to reply to does not appear to exist.")]
    UnknownParent,
    /// A status that cannot be reblogged by this account. // R82
    #[error("Validation failed: this status cannot be reblogged")]
    NotReblogged,
    /// A status that cannot be pinned.
    #[error("Validation failed: {0}")]
    NotPinnable(&'static str),
    /// Something an account cannot do to itself.
    #[error("Validation failed: you cannot {0} yourself")]
    Oneself(&'static str),
    /// A file that is no acceptable picture, video or sound.
    #[error("Validation failed: File {0}")]
    Media(String),
    /// The same idempotency key is being used for a different post of this moment.
    #[error("Validation failed: {0}")]
    Other(&'static str),
}

impl Error {
    /// The error for a thing of which nothing may be said.
    pub(crate) fn not_found<T>() -> Result<T, Self> {
        Err(Self::NotFound)
    }
}
