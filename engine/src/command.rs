//! Changing: one transaction in which a rule reads, checks and writes.

use crate::audience::Viewer;
use crate::cache::Records;
use crate::entropy::Entropy;
use crate::error::Error;
use crate::id::Flake;
use crate::ids::IdSource;
use crate::model::{Account, AccountId};
use crate::query::Query;
use crate::settings::Settings;
use crate::store::schema::{ACCOUNTS, META, meta};
use crate::store::{ReadTx, WriteTx};
use crate::time::Timestamp;

/// Ids are promised to the store this far ahead, so that not every command has to write the promise.
const IDS_AHEAD: std::time::Duration = std::time::Duration::from_secs(1);

/// A running command: a transaction and what a rule needs beside it.
///
/// It may run more than once; whatever it did in a run that does not count is gone.
pub(crate) struct Command<'a> {
    tx: &'a mut dyn WriteTx,
    now: Timestamp,
    ids: &'a dyn IdSource,
    entropy: &'a dyn Entropy,
    settings: &'a Settings,
    last_id: Option<Flake>,
}

impl<'a> Command<'a> {
    pub(crate) fn new(
        tx: &'a mut dyn WriteTx,
        now: Timestamp,
        ids: &'a dyn IdSource,
        entropy: &'a dyn Entropy,
        settings: &'a Settings,
    ) -> Self {
        Self { tx, now, ids, entropy, settings, last_id: None }
    }

    /// The moment the command happens at.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(crate) fn entropy(&self) -> &'a dyn Entropy {
        self.entropy
    }

    /// A new id. Made inside the transaction, so that ids become visible in their order.
    pub(crate) fn new_id(&mut self) -> Flake {
        let id = self.ids.next(self.now);
        self.last_id = Some(id);
        id
    }

    /// The transaction, for reading.
    pub(crate) fn read(&self) -> &dyn ReadTx {
        &*self.tx
    }

    /// The transaction, for writing.
    pub(crate) fn tx(&mut self) -> &mut dyn WriteTx {
        &mut *self.tx
    }

    /// What `viewer` may see of the state this command has reached.
    pub(crate) fn query(&self, viewer: Viewer) -> Query<'_> {
        Query::new(Records::of_transaction(&*self.tx), viewer, self.now, self.settings)
    }

    /// The account in whose name the command runs.
    ///
    /// # Errors
    /// [`Error::Disabled`] if it may not act.
    pub(crate) fn acting(&self, id: AccountId) -> Result<Account, Error> {
        let account = ACCOUNTS.get(self.read(), &id)?.ok_or(Error::NotSignedIn)?;
        account.state.may_act()?;
        Ok(account)
    }

    /// Promises the ids of this command to the store, so that a restart never gives them out again.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let Some(last) = self.last_id else { return Ok(()) };
        let issued = Timestamp::from_milliseconds(i64::try_from(last.milliseconds()).unwrap_or(i64::MAX));
        let key = meta::IDS_ISSUED_UNTIL.to_owned();
        let promised = META.get(self.read(), &key)?.and_then(|value| value.as_i64()).unwrap_or(0);
        if issued.milliseconds() > promised {
            let until = issued + IDS_AHEAD;
            META.put(self.tx(), &key, &until.milliseconds().into())?;
        }
        Ok(())
    }
}
