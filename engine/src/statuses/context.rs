//! The thread around a status.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::audience::{StatusView, Surface, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{Status, StatusId};
use crate::query::Query;
use crate::store::schema::{CONVERSATIONS, STATUSES};
use crate::store::{Scan, Step};

/// Rows of a thread looked at for one answer.
const SCAN_BUDGET: usize = 20_000;

/// What stands above and below a status, oldest first. // R94
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// From the first status of the thread to the one answered. // R95
    pub ancestors: Vec<Visible<StatusView>>,
    /// Answers, each followed by the answers to it.
    pub descendants: Vec<Visible<StatusView>>,
}

impl Query<'_> {
    /// The thread around a status, without what the viewer may not or does not want to see. // R95
    ///
    /// # Errors
    /// [`Error::NotFound`] if the viewer may not see the status itself. // R59
    pub fn context(&self, status: IdInput) -> Result<Context, Error> {
        let view = self.status_by_input(status)?;
        let status = view.reblog.as_ref().map_or(&view.stored, |original| &original.stored);
        Ok(Context { ancestors: self.ancestors(status)?, descendants: self.descendants(status)? })
    }

    fn ancestors(&self, status: &Status) -> Result<Vec<Visible<StatusView>>, Error> {
        let mut ancestors = Vec::new();
        let mut next = status.in_reply_to;
        // Hidden ones count too. What comes from elsewhere can claim anything, circles included.
        let mut seen = HashSet::from([status.id]);
        while let Some(parent) = next.filter(|parent| seen.insert(parent.status)) {
            if seen.len() > self.settings().limits.context + 1 {
                break;
            }
            let Some(record) = self.records().get(STATUSES, &parent.status)? else { break };
            next = record.in_reply_to;
            ancestors.extend(self.in_thread(record)?);
        }
        ancestors.reverse();
        Ok(ancestors)
    }

    fn descendants(&self, status: &Status) -> Result<Vec<Visible<StatusView>>, Error> {
        let mut answers: HashMap<StatusId, Vec<StatusId>> = HashMap::new();
        let mut rows = 0;
        // Answers are younger than what they answer.
        let scan = Scan::prefix(&(status.conversation,)).after(&(status.conversation, status.id));
        CONVERSATIONS.scan(self.tx(), &scan, |(_, id), parent| {
            rows += 1;
            if let Some(parent) = parent {
                answers.entry(parent).or_default().push(id);
            }
            Ok(if rows < SCAN_BUDGET { Step::Continue } else { Step::Stop })
        })?;
        // A stack of our own: threads of any depth must not exhaust the program's.
        let mut open: Vec<StatusId> =
            answers.remove(&status.id).unwrap_or_default().into_iter().rev().collect();
        let mut descendants = Vec::new();
        while descendants.len() < self.settings().limits.context {
            let Some(id) = open.pop() else { break };
            if let Some(record) = self.records().get(STATUSES, &id)? {
                descendants.extend(self.in_thread(record)?);
            }
            open.extend(answers.remove(&id).unwrap_or_default().into_iter().rev());
        }
        Ok(descendants)
    }

    fn in_thread(&self, status: Arc<Status>) -> Result<Option<Visible<StatusView>>, Error> {
        let Some(view) = self.reveal(status)? else { return Ok(None) };
        Ok(self.wants(Surface::Context, &view.author.account, false)?.then_some(view))
    }
}
