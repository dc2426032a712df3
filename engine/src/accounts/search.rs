//! Finding accounts by what they call themselves.

use std::collections::HashSet;

use super::names::{find_account, fold};
use super::words::words_of;
use crate::audience::{AccountView, Surface, Visible};
use crate::error::Error;
use crate::model::AccountId;
use crate::query::Query;
use crate::store::schema::{ACCOUNT_WORDS, FOLLOWING};
use crate::store::{Key, ReadTx, Record, Scan, Table};
use crate::text::query_terms;

/// Rows looked at for one search at most.
const BUDGET: usize = 4_000;
/// Rows read at a time.
const BATCH: usize = 100;

impl Query<'_> {
    /// At most `limit` accounts that `text` finds: the one with exactly that name, then those with words in name or
    /// display name that start with the words of `text`. A domain after an `@` has to match too.
    ///
    /// `following_only` searches only accounts the viewer follows; nobody for anonymous viewers. Muted, blocked and
    /// limited accounts are left out. Cost: up to 4,000 rows for words that many accounts have.
    pub fn search_accounts(
        &self,
        text: &str,
        limit: usize,
        following_only: bool,
    ) -> Result<Vec<Visible<AccountView>>, Error> {
        let search = Terms::of(text);
        let mut found = Found {
            query: self,
            search: &search,
            following_only,
            limit,
            seen: HashSet::new(),
            accounts: Vec::new(),
        };
        if limit == 0 || search.name.is_empty() {
            return Ok(found.accounts);
        }
        if let Some(exact) = find_account(self.tx(), text.trim(), self.settings())? {
            found.consider(exact, true)?;
        }
        let Some(longest) = search.words.iter().max_by_key(|word| word.len()) else {
            return Ok(found.accounts);
        };
        if following_only {
            let Some(viewer) = self.viewer().account() else { return Ok(found.accounts) };
            let scan = Scan::prefix(&(viewer,));
            each(self.tx(), FOLLOWING, scan, |_, account| found.consider(account, false))?;
        } else {
            let scan = Scan::text_prefix(&(), longest);
            each(self.tx(), ACCOUNT_WORDS, scan, |(_, account), ()| found.consider(account, false))?;
        }
        Ok(found.accounts)
    }
}

/// What a search text asks for.
struct Terms {
    name: String,
    domain: Option<String>,
    words: Vec<String>,
}

impl Terms {
    fn of(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix('@').unwrap_or(text);
        let (name, domain) = match text.split_once('@') {
            Some((name, domain)) => (name, Some(fold(domain))),
            None => (text, None),
        };
        Self { name: name.to_owned(), domain, words: query_terms(name) }
    }
}

struct Found<'q, 'a> {
    query: &'q Query<'a>,
    search: &'q Terms,
    following_only: bool,
    limit: usize,
    seen: HashSet<AccountId>,
    accounts: Vec<Visible<AccountView>>,
}

impl Found<'_, '_> {
    /// Takes the account if it is searched for and to be shown; answers whether more are wanted.
    fn consider(&mut self, id: AccountId, exact: bool) -> Result<bool, Error> {
        if self.seen.insert(id)
            && (exact || self.matches(id)?)
            && let Some(view) = self.query.reveal_account(id)?
        {
            let relation = self.query.relation(&view.account)?;
            let shown = self.query.wants(Surface::Search, &view.account, false)?;
            if shown && (!self.following_only || relation.following.is_some()) {
                self.accounts.push(view);
            }
        }
        Ok(self.accounts.len() < self.limit)
    }

    fn matches(&self, id: AccountId) -> Result<bool, Error> {
        let Some(account) = self.query.account_record(id)? else { return Ok(false) };
        let domain = account.domain.as_deref().unwrap_or(&self.query.settings().domain);
        if self.search.domain.as_ref().is_some_and(|wanted| !fold(domain).starts_with(wanted)) {
            return Ok(false);
        }
        let has = words_of(&account);
        Ok(self.search.words.iter().all(|wanted| has.iter().any(|word| word.starts_with(wanted))))
    }
}

/// Visits rows in batches, because a visitor must not use the transaction that runs its scan.
fn each<K: Key, V: Record>(
    tx: &dyn ReadTx,
    table: Table<K, V>,
    mut scan: Scan,
    mut visit: impl FnMut(K, V) -> Result<bool, Error>,
) -> Result<(), Error> {
    for _ in 0..BUDGET / BATCH {
        let rows = table.page(tx, &scan, BATCH)?;
        let at_end = rows.len() < BATCH;
        if let Some((last, _)) = rows.last() {
            scan = scan.after(last);
        }
        for (key, value) in rows {
            if !visit(key, value)? {
                return Ok(());
            }
        }
        if at_end {
            break;
        }
    }
    Ok(())
}
