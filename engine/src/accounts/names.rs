//! Names of accounts: which are allowed, when two are the same, whose a name is.

use std::str::FromStr;

use super::reserved;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::AccountId;
use crate::settings::Settings;
use crate::store::ReadTx;
use crate::store::schema::ACCOUNT_NAMES;

/// The form in which names and addresses are compared.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The row of a local username in [`ACCOUNT_NAMES`].
pub(super) fn local_name(username: &str) -> (String, String) {
    (fold(username), String::new())
}

/// Whose name `acct` is: `alice`, `@alice`, `alice@domain`; without regard to case. Cost: one point read.
pub(crate) fn find_account(
    tx: &dyn ReadTx,
    acct: &str,
    settings: &Settings,
) -> Result<Option<AccountId>, Error> {
    let acct = acct.strip_prefix('@').unwrap_or(acct);
    let (username, domain) = acct.split_once('@').unwrap_or((acct, ""));
    let domain = fold(domain);
    let domain = if domain == fold(&settings.domain) { String::new() } else { domain };
    Ok(ACCOUNT_NAMES.get(tx, &(fold(username), domain))?)
}

/// Who chooses a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chooser {
    /// Anyone who registers.
    Public,
    /// Whoever runs the instance: may use the names that speak for it.
    Operator,
}

/// Whether a new local account may be called `username`: letters, digits and underscores of ASCII, and nothing that
/// could be taken for a path, an id or the instance itself.
pub(super) fn check_username(username: &str, chooser: Chooser, settings: &Settings) -> Result<(), Invalid> {
    let maximum = settings.limits.username_characters;
    if username.is_empty() {
        return Err(Invalid::Blank("Username"));
    }
    if username.len() > maximum {
        return Err(Invalid::TooLong { field: "Username", maximum });
    }
    if !username.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Invalid::Malformed("Username"));
    }
    let folded = fold(username);
    let official = chooser == Chooser::Public && reserved::OFFICIAL.contains(&folded.as_str());
    if official || reserved::PATHS.contains(&folded.as_str()) || reads_as_id(username) {
        return Err(Invalid::Reserved("Username"));
    }
    Ok(())
}

/// Whether a name could be an account's id in one of its spellings. Someone would choose another's id as a name, to be
/// found in their place. Numbers of ids have 16 digits from 1997 to 2059.
fn reads_as_id(username: &str) -> bool {
    [username.to_owned(), username.to_ascii_uppercase(), username.to_ascii_lowercase()].iter().any(|name| {
        match IdInput::from_str(name) {
            Ok(IdInput::Exact(_)) => true,
            Ok(IdInput::Number(_)) => name.len() == 16,
            Err(_) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Flake;

    fn check(username: &str) -> Result<(), Invalid> {
        check_username(username, Chooser::Public, &Settings::default())
    }

    #[test]
    fn ordinary_names_are_allowed() {
        for name in ["alice", "Alice_2", "_", "7of9", "1984", "a", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_do_not_fit_into_a_mention_are_refused() {
        for name in ["al ice", "alice.b", "alice-b", "@alice", "alíce", "alice@host", "a/b", "a\n", "аlice"]
        {
            assert_eq!(check(name), Err(Invalid::Malformed("Username")), "{name}");
        }
        assert_eq!(check(""), Err(Invalid::Blank("Username")));
        assert_eq!(check(&"a".repeat(31)), Err(Invalid::TooLong { field: "Username", maximum: 30 }));
    }

    #[test]
    fn paths_are_nobodys_name_and_official_names_are_the_operators() {
        for name in ["verify_credentials", "Relationships", "API", "search", "oauth"] {
            assert_eq!(check(name), Err(Invalid::Reserved("Username")), "{name}");
            assert!(check_username(name, Chooser::Operator, &Settings::default()).is_err(), "{name}");
        }
        for name in ["admin", "Root", "postmaster"] {
            assert_eq!(check(name), Err(Invalid::Reserved("Username")), "{name}");
            assert_eq!(check_username(name, Chooser::Operator, &Settings::default()), Ok(()), "{name}");
        }
    }

    #[test]
    fn an_id_is_nobodys_name() {
        let id = Flake::from_parts(1_790_000_000_000, 7, 42);
        for name in [id.to_string(), id.to_string().to_lowercase(), id.number().to_string()] {
            assert_eq!(check(&name), Err(Invalid::Reserved("Username")), "{name}");
        }
    }
}
