//! Accounts: one's own, others', and what they posted.

use http::Method;
use koinon_engine::accounts::{Origin, Registration};
use koinon_engine::error::Invalid;
use koinon_engine::id::IdInput;
use koinon_engine::media::decode_data_uri;
use koinon_engine::model::AccountId;
use koinon_engine::page::PageRequest;
use koinon_engine::profiles::{PictureChange, ProfileChange};
use koinon_engine::statuses::AccountStatuses;
use serde::{Deserialize, Serialize};

use super::entities::RenderedAccount;
use super::timelines::visibilities;
use super::{rates, refuse};
use crate::answer::{self, json, page};
use crate::call::{Call, limit};
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let read = Access::Optional("read:accounts");
    let own = Access::Account("read:accounts");
    vec![
        route(Method::POST, "/api/v1/accounts", Access::Token("write:accounts"), refuse, register)
            .limited(rates::REGISTRATION),
        route(Method::GET, "/api/v1/accounts/verify_credentials", own, refuse, verify_credentials),
        route(
            Method::PATCH,
            "/api/v1/accounts/update_credentials",
            Access::Account("write:accounts"),
            refuse,
            update_credentials,
        )
        .with_files(),
        route(Method::GET, "/api/v1/accounts/search", read, refuse, search), // R37
        route(Method::GET, "/api/v1/accounts/lookup", read, refuse, lookup),
        route(
            Method::GET,
            "/api/v1/accounts/familiar_followers",
            Access::Account("read:follows"),
            refuse,
            familiar,
        ),
        route(Method::GET, "/api/v1/accounts/{id}", read, refuse, show),
        route(
            Method::GET,
            "/api/v1/accounts/{id}/statuses",
            Access::Optional("read:statuses"),
            refuse,
            statuses,
        ),
        route(Method::GET, "/api/v1/accounts/{id}/followers", read, refuse, followers),
        route(Method::GET, "/api/v1/accounts/{id}/following", read, refuse, following),
        route(Method::GET, "/api/v1/preferences", own, refuse, preferences),
    ]
}

impl Call {
    /// The id of the account called `name` in the path. Whether it exists, the engine will tell.
    pub(super) async fn account_id(&self, name: &str) -> Result<AccountId, Failure> {
        match self.id(name)? {
            IdInput::Exact(id) => Ok(id),
            number => self.query(move |query| Ok(query.account_by_id(number)?.account.id)).await,
        }
    }

    /// The ids that a list of texts means; what means nothing is left out.
    pub(super) fn ids(texts: &[String]) -> Vec<IdInput> {
        texts.iter().filter_map(|text| text.parse().ok()).collect()
    }
}

async fn show(call: Call) -> Answer {
    let input = call.params.text("id").unwrap_or_default().to_owned();
    let view = call.query(move |query| query.account_by_input(&input)).await?; // R6
    answer::entity(&call.renderer().account(&view))
}

async fn lookup(call: Call) -> Answer {
    let acct = call.params.text("acct").unwrap_or_default().to_owned();
    let view = call.query(move |query| query.account_by_name(&acct)).await?;
    answer::entity(&call.renderer().account(&view))
}

async fn verify_credentials(call: Call) -> Answer {
    let account = call.account()?;
    let (view, waiting) = call
        .query(move |query| {
            let waiting = query.follow_requests(&PageRequest::newest(80))?.items.len();
            Ok((query.account(account)?, waiting))
        })
        .await?;
    json(&call.renderer().credential_account(&view, waiting))
}

/// Parameters of a profile edit; pictures come beside them.
#[derive(Debug, Default, Deserialize)]
struct Edit {
    display_name: Option<String>,
    note: Option<String>,
    locked: Option<bool>,
    bot: Option<bool>,
    discoverable: Option<bool>,
    indexable: Option<bool>,
    hide_collections: Option<bool>,
    fields_attributes: Option<Vec<FieldEdit>>,
    source: Option<SourceEdit>,
}

#[derive(Debug, Default, Deserialize)]
struct FieldEdit {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Default, Deserialize)]
struct SourceEdit {
    privacy: Option<String>,
    sensitive: Option<bool>,
    language: Option<String>,
}

async fn update_credentials(call: Call) -> Answer {
    let account = call.account()?;
    let edit: Edit = call.read()?;
    let source = edit.source.unwrap_or_default();
    let privacy = source.privacy.filter(|text| !text.is_empty());
    let change = ProfileChange {
        display_name: edit.display_name,
        note: edit.note,
        fields: edit
            .fields_attributes
            .map(|fields| fields.into_iter().map(|field| (field.name, field.value)).collect()),
        avatar: picture(&call, "avatar")?,
        header: picture(&call, "header")?,
        locked: edit.locked,
        bot: edit.bot,
        discoverable: edit.discoverable,
        indexable: edit.indexable,
        hide_collections: edit.hide_collections,
        default_visibility: privacy
            .map(|text| text.parse().map_err(|_| Failure::from(Invalid::Malformed("Privacy"))))
            .transpose()?,
        default_sensitive: source.sensitive,
        default_language: source.language,
    };
    call.engine().change_profile(account, change).await?;
    verify_credentials(call).await
}

/// A picture sent as a file or as a data URI; an empty text takes the old one away. // R146
fn picture(call: &Call, name: &str) -> Result<Option<PictureChange>, Failure> {
    if let Some(upload) = call.params.upload(name) {
        return Ok(Some(PictureChange::Replace(upload.bytes.to_vec())));
    }
    match call.params.text(name) {
        None => Ok(None),
        Some("") => Ok(Some(PictureChange::Remove)),
        Some(text) => {
            let data = decode_data_uri(text).map_err(|error| Invalid::Media(error.to_string()))?;
            Ok(Some(PictureChange::Replace(data.bytes)))
        }
    }
}

async fn search(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        q: String,
        limit: Option<String>,
        #[serde(default)]
        following: bool,
    }
    let wanted: Wanted = call.read()?;
    let limit = limit(wanted.limit.as_deref(), 40, 80); // R15
    let views = call.query(move |query| query.search_accounts(&wanted.q, limit, wanted.following)).await?;
    answer::entity(&views.iter().map(|view| call.renderer().account(view)).collect::<Vec<_>>())
}

/// Parameters of an account's timeline.
#[derive(Debug, Deserialize)]
struct Filters {
    #[serde(default)]
    only_media: bool,
    #[serde(default)]
    exclude_replies: bool,
    #[serde(default)]
    exclude_reblogs: bool,
    #[serde(default)]
    pinned: bool,
    tagged: Option<String>,
    #[serde(default)]
    exclude_visibilities: Vec<String>,
}

async fn statuses(call: Call) -> Answer {
    let input = call.params.text("id").unwrap_or_default().to_owned();
    let request = call.page(20, 40)?; // R13
    let wanted: Filters = call.read()?;
    let filter = AccountStatuses {
        only_media: wanted.only_media,
        exclude_replies: wanted.exclude_replies,
        exclude_reblogs: wanted.exclude_reblogs,
        pinned: wanted.pinned,
        tagged: wanted.tagged.filter(|tag| !tag.is_empty()),
        exclude_visibilities: visibilities(&wanted.exclude_visibilities),
    };
    let statuses = call
        .query(move |query| {
            let account = query.account_by_input(&input)?.account.id;
            query.account_statuses(account, &filter, &request)
        })
        .await?;
    page(&call, &statuses, |view| call.renderer().status(view))
}

async fn followers(call: Call) -> Answer {
    let (id, request) = (call.account_id("id").await?, call.page(40, 80)?); // R12
    let accounts = call.query(move |query| query.followers(id, &request)).await?;
    page(&call, &accounts, |view| call.renderer().account(view))
}

async fn following(call: Call) -> Answer {
    let (id, request) = (call.account_id("id").await?, call.page(40, 80)?);
    let accounts = call.query(move |query| query.following(id, &request)).await?;
    page(&call, &accounts, |view| call.renderer().account(view))
}

#[derive(Serialize)]
struct FamiliarFollowers {
    id: String,
    accounts: Vec<RenderedAccount>,
}

async fn familiar(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        id: Vec<String>,
    }
    let wanted: Wanted = call.read()?;
    let ids = Call::ids(&wanted.id);
    let found = call.query(move |query| query.familiar_followers(&ids)).await?;
    let renderer = call.renderer();
    let entities = found.iter().map(|found| FamiliarFollowers {
        id: renderer.id(found.of),
        accounts: found.accounts.iter().map(|view| renderer.account(view)).collect(),
    });
    json(&entities.collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Preferences<'a> {
    #[serde(rename = "posting:default:visibility")]
    visibility: &'static str,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: Option<&'a str>,
    #[serde(rename = "reading:expand:media")]
    media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    spoilers: bool,
}

async fn preferences(call: Call) -> Answer {
    let account = call.account()?;
    let view = call.query(move |query| query.account(account)).await?;
    let posting = &view.account.posting;
    json(&Preferences {
        visibility: posting.visibility.as_str(),
        sensitive: posting.sensitive,
        language: posting.language.as_deref(),
        media: "default",
        spoilers: false,
    })
}

/// Parameters of a registration.
#[derive(Deserialize)]
struct Application {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    agreement: bool,
    reason: Option<String>,
    locale: Option<String>,
}

#[derive(Serialize)]
struct Token<'a> {
    access_token: &'a str,
    token_type: &'static str,
    scope: String,
    created_at: i64,
}

/// Registers someone through a program, and gives the program a token for them.
async fn register(call: Call) -> Answer {
    let session = call.session().ok_or(Failure::InvalidToken)?;
    let application: Application = call.read()?;
    let registration = Registration {
        username: application.username,
        email: application.email,
        password: application.password,
        agreement: application.agreement,
        reason: application.reason,
        locale: application.locale,
    };
    let account = call.engine().register(registration, Origin::App(session.app)).await?;
    let issued = call.engine().issue_token(session.app, account, session.scopes.clone()).await?;
    json(&Token {
        access_token: issued.access.reveal(),
        token_type: "Bearer",
        scope: issued.token.scopes.to_string(),
        created_at: issued.token.created_at.seconds(),
    })
}
