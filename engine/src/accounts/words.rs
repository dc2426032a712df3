//! The index that accounts are searched by.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::names::fold;
use crate::command::Command;
use crate::error::Error;
use crate::model::{Account, AccountState};
use crate::store::schema::ACCOUNT_WORDS;

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
    let mut words = words(&account.username);
    words.append(&mut self::words(&account.profile.display_name));
    words
}

/// The folded words of a text; `snake_case` also counts as its parts.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let mut words = BTreeSet::new();
    for word in folded.unicode_words() {
        words.extend(word.split('_').filter(|part| !part.is_empty()).map(str::to_owned));
        words.insert(word.to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_names_fall_into_parts() {
        let found: Vec<String> = words("Ada_Lovelace, Gräfin 山田").into_iter().collect();
        assert_eq!(found, ["ada", "ada_lovelace", "gräfin", "lovelace", "山", "田"]);
        assert!(words(" :-) __ ").iter().all(|word| word == "__"));
    }
}
