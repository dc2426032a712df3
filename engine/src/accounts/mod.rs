//! People: how they join, prove who they are, are found, and leave.
//!
//! Passwords are hashed on worker threads before the transaction; whatever the transaction decides is checked
//! again inside it. A change that takes rights away (password, suspension, deletion) ends the sessions it
//! concerns in the same transaction.

mod credentials;
mod email;
mod moderation;
mod names;
mod owner;
mod passwords;
mod queries;
mod register;
mod reserved;
mod search;
mod staff;
mod statistics;
mod words;

pub use moderation::Authority;
pub(crate) use register::insert_without_password;
pub use register::{NewAccount, Origin, Registration};
pub(crate) use staff::staff;
pub(crate) use statistics::{count_statuses, instance_stats};
pub(crate) use words::index_words;
