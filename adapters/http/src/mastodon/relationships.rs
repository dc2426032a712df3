//! Follows, requests to follow, blocks and mutes.

use std::time::Duration;

use http::Method;
use koinon_engine::audience::Visible;
use koinon_engine::error::{Error, Invalid};
use koinon_engine::model::AccountId;
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions, RelationshipView};
use serde::Deserialize;

use super::refuse;
use crate::answer::{self, empty_object, json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::json::Plain;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let follows = Access::Account("write:follows");
    let blocks = Access::Account("write:blocks");
    let mutes = Access::Account("write:mutes");
    vec![
        route(
            Method::GET,
            "/api/v1/accounts/relationships",
            Access::Account("read:follows"),
            refuse,
            relationships,
        ),
        route(Method::POST, "/api/v1/accounts/{id}/follow", follows, refuse, follow),
        route(Method::POST, "/api/v1/accounts/{id}/unfollow", follows, refuse, unfollow),
        route(Method::POST, "/api/v1/accounts/{id}/remove_from_followers", follows, refuse, remove_follower),
        route(Method::POST, "/api/v1/follows", follows, refuse, follow_by_name),
        route(
            Method::GET,
            "/api/v1/follow_requests",
            Access::Account("read:follows"),
            refuse,
            follow_requests,
        ),
        route(Method::POST, "/api/v1/follow_requests/{id}/authorize", follows, refuse, authorize),
        route(Method::POST, "/api/v1/follow_requests/{id}/reject", follows, refuse, reject),
        route(Method::POST, "/api/v1/accounts/{id}/block", blocks, refuse, block),
        route(Method::POST, "/api/v1/accounts/{id}/unblock", blocks, refuse, unblock),
        route(Method::GET, "/api/v1/blocks", Access::Account("read:blocks"), refuse, blocked),
        route(Method::GET, "/api/v1/domain_blocks", Access::Account("read:blocks"), refuse, blocked_domains),
        route(Method::POST, "/api/v1/domain_blocks", blocks, refuse, block_domain),
        route(Method::DELETE, "/api/v1/domain_blocks", blocks, refuse, unblock_domain),
        route(Method::POST, "/api/v1/accounts/{id}/mute", mutes, refuse, mute),
        route(Method::POST, "/api/v1/accounts/{id}/unmute", mutes, refuse, unmute),
        route(Method::GET, "/api/v1/mutes", Access::Account("read:mutes"), refuse, muted),
        route(Method::POST, "/api/v1/statuses/{id}/mute", mutes, refuse, mute_thread),
        route(Method::POST, "/api/v1/statuses/{id}/unmute", mutes, refuse, unmute_thread),
    ]
}

fn relationship(call: &Call, view: &Visible<RelationshipView>) -> Answer {
    json(&call.renderer().relationship(view))
}

async fn relationships(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        id: Vec<String>,
    }
    let wanted: Wanted = call.read()?;
    let ids = Call::ids(&wanted.id);
    let views = call.query(move |query| query.relationships(&ids)).await?; // R117
    json(&views.iter().map(|view| call.renderer().relationship(view)).collect::<Vec<_>>())
}

/// Parameters of a follow.
#[derive(Debug, Deserialize)]
struct FollowWish {
    reblogs: Option<bool>,
    notify: Option<bool>,
    languages: Option<Vec<String>>,
}

async fn follow(call: Call) -> Answer {
    let wish: FollowWish = call.read()?;
    let change =
        FollowOptionsChange { show_reblogs: wish.reblogs, notify: wish.notify, languages: wish.languages };
    let view = call.engine().follow(call.account()?, call.account_id("id").await?, change).await?;
    relationship(&call, &view)
}

async fn unfollow(call: Call) -> Answer {
    let view = call.engine().unfollow(call.account()?, call.account_id("id").await?).await?;
    relationship(&call, &view)
}

async fn remove_follower(call: Call) -> Answer {
    let view = call.engine().remove_from_followers(call.account()?, call.account_id("id").await?).await?;
    relationship(&call, &view)
}

/// Follows whoever has the name; answers the account. // R122
async fn follow_by_name(call: Call) -> Answer {
    let name =
        call.params.text("uri").filter(|name| !name.is_empty()).ok_or(Invalid::Blank("Uri"))?.to_owned();
    let target = call.query(move |query| Ok(query.account_by_name(&name)?.account.id)).await?;
    call.engine().follow(call.account()?, target, FollowOptionsChange::default()).await?;
    let view = call.query(move |query| query.account(target)).await?;
    answer::entity(&call.renderer().account(&view))
}

async fn follow_requests(call: Call) -> Answer {
    let request = call.page(40, 80)?; // R12
    let accounts = call.query(move |query| query.follow_requests(&request)).await?;
    page(&call, &accounts, |view| call.renderer().account(view))
}

async fn authorize(call: Call) -> Answer {
    let requester = call.account_id("id").await?;
    call.engine().authorize_follow_request(call.account()?, requester).await?;
    standing(&call, requester).await
}

async fn reject(call: Call) -> Answer {
    let requester = call.account_id("id").await?;
    call.engine().reject_follow_request(call.account()?, requester).await?;
    standing(&call, requester).await
}

/// How the account now stands to `other`; nothing of one that is out of sight. // R119
async fn standing(call: &Call, other: AccountId) -> Answer {
    match call.query(move |query| query.relationship(other)).await {
        Ok(view) => relationship(call, &view),
        Err(Failure::Engine(Error::NotFound)) => empty_object(),
        Err(failure) => Err(failure),
    }
}

async fn block(call: Call) -> Answer {
    let view = call.engine().block(call.account()?, call.account_id("id").await?).await?;
    relationship(&call, &view)
}

async fn unblock(call: Call) -> Answer {
    let view = call.engine().unblock(call.account()?, call.account_id("id").await?).await?;
    relationship(&call, &view)
}

async fn blocked(call: Call) -> Answer {
    let request = call.page(40, 80)?;
    let accounts = call.query(move |query| query.blocks(&request)).await?; // R310
    page(&call, &accounts, |view| call.renderer().account(view))
}

async fn blocked_domains(call: Call) -> Answer {
    let request = call.page(100, 200)?;
    let domains = call.query(move |query| query.domain_blocks(&request)).await?;
    page(&call, &domains, Plain)
}

async fn block_domain(call: Call) -> Answer {
    call.engine().block_domain(call.account()?, domain(&call)?).await?;
    empty_object()
}

async fn unblock_domain(call: Call) -> Answer {
    call.engine().unblock_domain(call.account()?, domain(&call)?).await?;
    empty_object()
}

fn domain(call: &Call) -> Result<&str, Failure> {
    Ok(call.params.text("domain").filter(|text| !text.is_empty()).ok_or(Invalid::Blank("Domain"))?)
}

/// Parameters of a mute. Mastodon calls its length `duration`, Pleroma `expires_in`; both are seconds. // R125
#[derive(Debug, Deserialize)]
struct MuteWish {
    notifications: Option<bool>,
    duration: Option<u64>,
    expires_in: Option<u64>,
}

impl MuteWish {
    fn length(&self) -> Option<Duration> {
        self.duration.or(self.expires_in).map(Duration::from_secs)
    }
}

async fn mute(call: Call) -> Answer {
    let wish: MuteWish = call.read()?;
    let options = MuteOptions { notifications: wish.notifications.unwrap_or(true), duration: wish.length() };
    let view = call.engine().mute(call.account()?, call.account_id("id").await?, options).await?;
    relationship(&call, &view)
}

async fn unmute(call: Call) -> Answer {
    let view = call.engine().unmute(call.account()?, call.account_id("id").await?).await?;
    relationship(&call, &view)
}

async fn muted(call: Call) -> Answer {
    let request = call.page(40, 80)?;
    let accounts = call.query(move |query| query.mutes(&request)).await?; // R310
    page(&call, &accounts, |muted| Plain(call.renderer().muted_account(&muted.account, muted.expires_at)))
}

async fn mute_thread(call: Call) -> Answer {
    let wish: MuteWish = call.read()?;
    let view = call.engine().mute_conversation(call.account()?, call.id("id")?, wish.length()).await?;
    answer::entity(&call.renderer().status(&view))
}

async fn unmute_thread(call: Call) -> Answer {
    let view = call.engine().unmute_conversation(call.account()?, call.id("id")?).await?;
    super::statuses::undone(&call, view)
}
