//! Which server clients take this one for, and in what words.
//!
//! Clients switch features on by these words, each by its own pattern:
//! - Soapbox wants the exact name of a server it knows and a semantic version inside the brackets; our own name
//!   therefore is the build part of that version, where every reader of semantic versions allows it.
//! - Ice Cubes, Mastodon.py and toot want a Mastodon version at the beginning.
//! - Detectors like megalodon's know a list of names in NodeInfo and refuse all others.

use crate::options::Profile;

macro_rules! pleroma {
    () => {
        concat!("2.9.0+koinon.", env!("CARGO_PKG_VERSION"))
    };
}

macro_rules! mastodon {
    () => {
        "4.5.0"
    };
}

/// The version in the instance entities.
pub(crate) const fn version(profile: Profile) -> &'static str {
    match profile {
        Profile::Pleroma => concat!(mastodon!(), " (compatible; Pleroma ", pleroma!(), ")"),
        Profile::Mastodon => mastodon!(),
    }
}

/// Name and version of the software in NodeInfo.
pub(crate) const fn software(profile: Profile) -> (&'static str, &'static str) {
    match profile {
        Profile::Pleroma => ("pleroma", pleroma!()),
        Profile::Mastodon => ("mastodon", mastodon!()),
    }
}
