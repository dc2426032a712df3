//! Asking: one snapshot, one viewer, any number of questions.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use crate::audience::{KnownMarks, Relation, Viewer};
use crate::cache::Records;
use crate::error::Error;
use crate::model::{Account, AccountId, AccountState, Circle, Role, StatusId};
use crate::settings::Settings;
use crate::store::ReadTx;
use crate::store::schema::ACCOUNTS;
use crate::time::Timestamp;

/// By ids, which nobody chooses: a quick hash does.
type FlakeMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Questions of one viewer about one snapshot of the store.
///
/// Made by [`Engine::query`](crate::Engine::query); the questions stand with their subjects: `status`, `context`,
/// `home_timeline`, `notifications`, … Everything it answers has passed the [`audience`](crate::audience).
pub struct Query<'a> {
    records: Records<'a>,
    viewer: Viewer,
    now: Timestamp,
    settings: &'a Settings,
    viewer_account: OnceCell<Option<Arc<Account>>>,
    accounts: RefCell<FlakeMap<AccountId, Option<Arc<Account>>>>,
    relations: RefCell<FlakeMap<AccountId, Arc<Relation>>>,
    shown: RefCell<FlakeMap<StatusId, bool>>,
    marks: KnownMarks,
    exclusive_circles: OnceCell<Arc<Vec<Circle>>>,
}

impl std::fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query").field("viewer", &self.viewer).field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'a> Query<'a> {
    pub(crate) fn new(records: Records<'a>, viewer: Viewer, now: Timestamp, settings: &'a Settings) -> Self {
        Self {
            records,
            viewer,
            now,
            settings,
            viewer_account: OnceCell::new(),
            accounts: RefCell::default(),
            relations: RefCell::default(),
            shown: RefCell::default(),
            marks: KnownMarks::default(),
            exclusive_circles: OnceCell::new(),
        }
    }

    /// Who asks.
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// The moment the questions are asked at; mutes and the like have ended by it or not.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The settings of the instance.
    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// The account that asks.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for anonymous viewers.
    pub fn asking(&self) -> Result<AccountId, Error> {
        self.viewer.account().ok_or(Error::NotSignedIn)
    }

    pub(crate) fn tx(&self) -> &'a dyn ReadTx {
        self.records.tx()
    }

    pub(crate) fn records(&self) -> Records<'a> {
        self.records
    }

    /// The account as stored, whether or not the viewer may see it. Read once per query.
    pub(crate) fn account_record(&self, id: AccountId) -> Result<Option<Arc<Account>>, Error> {
        if let Some(account) = self.accounts.borrow().get(&id) {
            return Ok(account.clone());
        }
        let account = self.records.get(ACCOUNTS, &id)?;
        self.accounts.borrow_mut().insert(id, account.clone());
        Ok(account)
    }

    /// How the viewer stands to `author`. Read once per query.
    pub(crate) fn relation(&self, author: &Account) -> Result<Arc<Relation>, Error> {
        if let Some(relation) = self.relations.borrow().get(&author.id) {
            return Ok(Arc::clone(relation));
        }
        let relation = match self.viewer_account()? {
            Some(viewer) if viewer.id != author.id => {
                Relation::between(self.records, &viewer, author, self.now)?
            }
            _ => Arc::default(),
        };
        self.relations.borrow_mut().insert(author.id, Arc::clone(&relation));
        Ok(relation)
    }

    /// How the viewer stands to the account called `id`; none if there is no such account.
    pub(crate) fn relation_to(&self, id: AccountId) -> Result<Option<Arc<Relation>>, Error> {
        match self.account_record(id)? {
            Some(account) => self.relation(&account).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn known_exclusive_circles(&self) -> &OnceCell<Arc<Vec<Circle>>> {
        &self.exclusive_circles
    }

    pub(crate) fn known_marks(&self) -> &KnownMarks {
        &self.marks
    }

    /// Whether the viewer may see a status. Decided once per query.
    pub(crate) fn is_shown(&self, id: StatusId) -> Result<bool, Error> {
        if let Some(shown) = self.shown.borrow().get(&id) {
            return Ok(*shown);
        }
        let shown = self.explain(id)?.is_shown();
        self.shown.borrow_mut().insert(id, shown);
        Ok(shown)
    }

    /// Remembers what [`is_shown`](Self::is_shown) would find out.
    pub(crate) fn remember_shown(&self, id: StatusId, shown: bool) {
        self.shown.borrow_mut().insert(id, shown);
    }

    /// Whether the viewer is in a state to see anything. True for anonymous viewers.
    pub(crate) fn viewer_is_available(&self) -> Result<bool, Error> {
        match self.viewer {
            Viewer::Anonymous => Ok(true),
            _ => Ok(self.viewer_account()?.is_some_and(|account| account.state == AccountState::Active)),
        }
    }

    /// Whether the viewer helps to run the instance.
    pub(crate) fn viewer_is_staff(&self) -> Result<bool, Error> {
        Ok(self.viewer_account()?.is_some_and(|account| account.role >= Role::Moderator))
    }

    fn viewer_account(&self) -> Result<Option<Arc<Account>>, Error> {
        if let Some(account) = self.viewer_account.get() {
            return Ok(account.clone());
        }
        let account = match self.viewer.account() {
            Some(id) => self.account_record(id)?,
            None => None,
        };
        Ok(self.viewer_account.get_or_init(|| account).clone())
    }
}
