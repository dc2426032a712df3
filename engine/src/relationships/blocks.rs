//! Wanting to have nothing to do with an account, or with a whole domain.

use std::collections::BTreeSet;

use crate::audience::{Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::model::{AccountId, Block};
use crate::store::Scan;
use crate::store::schema::{
    ACCOUNTS, BLOCKED, BLOCKED_DOMAINS, BLOCKS, DOMAIN_BLOCKS, FOLLOW_REQUESTS, FOLLOW_REQUESTS_TO,
    FOLLOWERS, FOLLOWING,
};

use super::queries::{after_undoing, now_standing};
use super::{RelationshipView, domain, rules};

impl Engine {
    /// Makes `actor` block `target`, which ends everything between the two at once and for good: follows and
    /// requests both ways, membership in each other's circles, posts in each other's home timelines, and what
    /// `actor` was told of `target`. // R116 R123
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, [`Error::Invalid`] for oneself.
    pub async fn block(
        &self,
        actor: AccountId,
        target: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            if actor == target {
                return Err(Invalid::Oneself("block").into());
            }
            command.query(Viewer::Local(actor)).account(target)?;
            if !BLOCKS.contains(command.read(), &(actor, target))? {
                let block = Block { id: command.new_id(), created_at: command.now() };
                BLOCKS.put(command.tx(), &(actor, target), &block)?;
                BLOCKED.put(command.tx(), &(actor, block.id), &target)?;
            }
            rules::sever(command, actor, target)?;
            now_standing(command, actor, target)
        })
        .await
    }

    /// Makes `actor` block `target` no more. Nothing that the block ended comes back.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, unless it was blocked.
    pub async fn unblock(
        &self,
        actor: AccountId,
        target: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let blocked = rules::end_block(command, actor, target)?;
            after_undoing(command, actor, target, blocked)
        })
        .await
    }

    /// Makes `actor` block everyone on `domain`, and ends the follows and requests between them and `actor`.
    ///
    /// The domain may be written in any case, in Unicode or in ASCII. Cost: `O(follows and followers of actor)`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no domain, and for the instance's own.
    pub async fn block_domain(&self, actor: AccountId, domain: &str) -> Result<(), Error> {
        let domain = domain::normalised(domain)?;
        self.command(move |command| {
            command.acting(actor)?;
            if domain::normalised(&command.settings().domain).is_ok_and(|own| own == domain) {
                return Err(Invalid::Other("you cannot block the domain you are on").into());
            }
            if !DOMAIN_BLOCKS.contains(command.read(), &(actor, domain.clone()))? {
                let id = command.new_id();
                DOMAIN_BLOCKS.put(command.tx(), &(actor, domain.clone()), &id)?;
                BLOCKED_DOMAINS.put(command.tx(), &(actor, id), &domain)?;
            }
            for other in related_on(command, actor, &domain)? {
                rules::part(command, actor, other)?;
            }
            Ok(())
        })
        .await
    }

    /// Makes `actor` block `domain` no more; unblocking what is not blocked changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no domain.
    pub async fn unblock_domain(&self, actor: AccountId, domain: &str) -> Result<(), Error> {
        let domain = domain::normalised(domain)?;
        self.command(move |command| {
            command.acting(actor)?;
            let Some(id) = DOMAIN_BLOCKS.get(command.read(), &(actor, domain.clone()))? else {
                return Ok(());
            };
            DOMAIN_BLOCKS.delete(command.tx(), &(actor, domain.clone()))?;
            BLOCKED_DOMAINS.delete(command.tx(), &(actor, id))?;
            Ok(())
        })
        .await
    }
}

/// The accounts of `domain` that follow `actor` or are followed, or ask or are asked.
fn related_on(command: &Command<'_>, actor: AccountId, domain: &str) -> Result<BTreeSet<AccountId>, Error> {
    let own = Scan::prefix(&(actor,));
    let mut related = BTreeSet::new();
    for list in [FOLLOWING, FOLLOWERS, FOLLOW_REQUESTS_TO] {
        related.extend(list.page(command.read(), &own, usize::MAX)?.into_iter().map(|(_, other)| other));
    }
    let asked = FOLLOW_REQUESTS.page(command.read(), &own, usize::MAX)?;
    related.extend(asked.into_iter().map(|((_, other), _)| other));
    let mut there = BTreeSet::new();
    for other in related {
        let account = ACCOUNTS.get(command.read(), &other)?;
        if account.is_some_and(|account| account.domain.as_deref() == Some(domain)) {
            there.insert(other);
        }
    }
    Ok(there)
}
