//! The index that accounts are searched by.

use std::collections::BTreeSet;

use crate::command::Command;
use crate::error::Error;
use crate::model::{Account, AccountState};
use crate::store::schema::ACCOUNT_WORDS;
use crate::text::search_terms;

/// Brings the index of words from the account as it was to the account as it is. Every command that changes a name,
/// display name or state to or from deleted calls it.
pub(crate) fn index_words(
    command: &mut Command<'_>,
    before: Option<&Account>,
    after: &Account,
) -> Result<(), Error> {
    let (old, new) = (before.map(words_of).unwrap_or_default(), words_of(after));
    for word in old.difference(&new) {
        ACCOUNT_WORDS.delete(command.tx(), &(word.clone(), after.id))?;
    }
    for word in new.difference(&old) {
        ACCOUNT_WORDS.put(command.tx(), &(word.clone(), after.id), &())?;
    }
    Ok(())
}

/// The words an account is found by; none for a deleted one.
pub(super) fn words_of(account: &Account) -> BTreeSet<String> {
    if account.state == AccountState::Deleted {
        return BTreeSet::new();
    }
    let mut words: BTreeSet<String> = search_terms(&account.username).into_iter().collect();
    words.extend(search_terms(&account.profile.display_name));
    words
}
