//! What a token may do: the scope tree.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Every scope an app may ask for, roots and leaves.
pub const KNOWN: &[&str] = &[
    "read",
    "read:accounts",
    "read:backups",
    "read:blocks",
    "read:bookmarks",
    "read:chats",
    "read:favourites",
    "read:filters",
    "read:follows",
    "read:lists",
    "read:media",
    "read:mutes",
    "read:notifications",
    "read:reports",
    "read:search",
    "read:security",
    "read:statuses",
    "write",
    "write:accounts",
    "write:backups",
    "write:blocks",
    "write:bookmarks",
    "write:chats",
    "write:conversations",
    "write:favourites",
    "write:filters",
    "write:follows",
    "write:lists",
    "write:media",
    "write:mutes",
    "write:notifications",
    "write:reports",
    "write:security",
    "write:statuses",
    "follow",
    "push",
    "profile",
    "admin",
    "admin:read",
    "admin:read:accounts",
    "admin:read:reports",
    "admin:write",
    "admin:write:accounts",
    "admin:write:reports",
];

/// What the old scope `follow` stands for.
const FOLLOW: &[&str] =
    &["read:follows", "write:follows", "read:blocks", "write:blocks", "read:mutes", "write:mutes"];

/// A set of granted or requested scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads scopes separated by white space or commas; duplicates count once.
    ///
    /// # Errors
    /// The first scope that is not [`KNOWN`]; text over 2,000 bytes counts as one.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        if text.len() > 2_000 {
            return Err(UnknownScope("(too long)".into()));
        }
        text.split(|c: char| c.is_whitespace() || c == ',' || c == '+')
            .filter(|scope| !scope.is_empty())
            .map(|scope| {
                if KNOWN.contains(&scope) {
                    Ok(scope.to_owned())
                } else {
                    Err(UnknownScope(scope.to_owned()))
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `wanted` is granted: by itself, by one of its parents, or by `follow`. // R40
    pub fn grants(&self, wanted: &str) -> bool {
        self.0
            .iter()
            .any(|granted| covers(granted, wanted) || (granted == "follow" && FOLLOW.contains(&wanted)))
            || (wanted == "follow"
                && FOLLOW.iter().all(|leaf| self.0.iter().any(|granted| covers(granted, leaf))))
    }

    /// Whether everything in `wanted` is granted.
    pub fn contains(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|scope| self.grants(scope))
    }

    /// The scopes, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Separated by single spaces, in alphabetical order.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

/// `read` covers `read:accounts` but not `readers`.
fn covers(granted: &str, wanted: &str) -> bool {
    wanted.strip_prefix(granted).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// A scope no app may ask for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope: {0}")]
pub struct UnknownScope(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    #[test]
    fn r40_a_parent_grants_its_leaves_and_nothing_that_merely_starts_alike() {
        assert!(scopes("read").grants("read:accounts"));
        assert!(scopes("admin").grants("admin:read:accounts"));
        assert!(!scopes("read:accounts").grants("read"));
        assert!(!scopes("write").grants("admin:write"));
        assert!(!covers("read", "readfoo") && !covers("admin:read", "admin:readx"));
    }

    #[test]
    fn follow_works_both_ways() {
        assert!(scopes("follow").grants("write:follows"));
        assert!(scopes("follow").grants("read:mutes"));
        assert!(!scopes("follow").grants("write:statuses"));
        assert!(scopes("read write").grants("follow"));
        assert!(!scopes("write").grants("follow"));
    }

    #[test]
    fn commas_duplicates_and_order_do_not_matter() {
        assert_eq!(scopes("read, write,follow").to_string(), "follow read write");
        assert_eq!(scopes("write read read"), scopes("read write"));
    }

    #[test]
    fn unknown_scopes_are_named() {
        assert_eq!(Scopes::parse("read readfoo"), Err(UnknownScope("readfoo".into())));
        assert!(Scopes::parse(&"read ".repeat(2_000)).is_err());
    }
}
