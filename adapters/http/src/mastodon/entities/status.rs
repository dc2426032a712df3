//! Status.

use std::sync::Arc;

use koinon_engine::audience::{StatusView, ViewerMarks, Visible};
use koinon_engine::model::{Account, Mention as Named, Status as Record};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::account::visibility;
use super::rendered::{RenderedAccount, raw};
use super::{MediaAttachment, Renderer};

/// A post, or a reblog of one.
#[derive(Debug)]
pub(crate) struct Status<'a> {
    view: &'a Visible<StatusView>,
    /// Of the status itself; of a reblog, not of what it passes on.
    parts: Arc<StatusParts>,
    account: RenderedAccount,
    reblog: Option<Box<Self>>,
    text: Option<&'a str>,
}

/// What is the same for every viewer, and changes only with the status.
#[derive(Debug)]
pub(crate) struct StatusParts {
    id: Box<RawValue>,
    created_at: Box<RawValue>,
    in_reply_to_id: Box<RawValue>,
    in_reply_to_account_id: Box<RawValue>,
    spoiler_text: Box<RawValue>,
    language: Box<RawValue>,
    uri: Box<RawValue>,
    url: Box<RawValue>,
    content: Box<RawValue>,
    application: Box<RawValue>,
    media_attachments: Box<RawValue>,
    mentions: Box<RawValue>,
    tags: Box<RawValue>,
}

/// The fields, in the order of Mastodon's documentation.
#[derive(Debug, Serialize)]
struct Fields<'a> {
    id: &'a RawValue,
    created_at: &'a RawValue,
    in_reply_to_id: &'a RawValue,
    in_reply_to_account_id: &'a RawValue,
    sensitive: bool,
    spoiler_text: &'a RawValue,
    visibility: &'static str,
    language: &'a RawValue,
    uri: &'a RawValue,
    url: &'a RawValue,
    replies_count: u64,
    reblogs_count: u64,
    favourites_count: u64,
    quotes_count: u64,
    edited_at: Option<()>,
    // What the viewer did to it; left out for visitors. // R80
    #[serde(skip_serializing_if = "Option::is_none")]
    favourited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reblogged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmarked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered: Option<[(); 0]>,
    content: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    reblog: Option<&'a Status<'a>>,
    application: &'a RawValue,
    account: &'a RawValue,
    media_attachments: &'a RawValue,
    mentions: &'a RawValue,
    tags: &'a RawValue,
    emojis: [(); 0],
    tagged_collections: [(); 0],
    quote: Option<()>,
    quote_approval: QuoteApproval,
    card: Option<()>,
    poll: Option<()>,
}

#[derive(Debug, Serialize)]
struct Application<'a> {
    name: &'a str,
    website: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Mention<'a> {
    id: String,
    username: &'a str,
    url: String,
    acct: String,
}

#[derive(Debug, Serialize)]
struct Tag<'a> {
    name: &'a str,
    url: String,
}

#[derive(Debug, Serialize)]
struct QuoteApproval {
    automatic: [(); 0],
    manual: [(); 0],
    current_user: &'static str,
}

impl Serialize for Status<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields().serialize(serializer)
    }
}

impl<'a> Status<'a> {
    fn fields(&'a self) -> Fields<'a> {
        // What a reblog says is what it passes on.
        let shown = self.reblog.as_deref().unwrap_or(self);
        let (wrapper, parts) = (&*self.view.status, &*self.parts);
        let (status, said, stats) = (&*shown.view.status, &*shown.parts, &shown.view.stats);
        let marked = |mark: fn(&ViewerMarks) -> bool| self.view.marks.as_ref().map(mark);
        Fields {
            id: &parts.id,
            created_at: &parts.created_at,
            in_reply_to_id: &parts.in_reply_to_id,
            in_reply_to_account_id: &parts.in_reply_to_account_id,
            sensitive: status.sensitive,
            spoiler_text: &said.spoiler_text,
            visibility: visibility(wrapper.visibility),
            language: &said.language,
            uri: &parts.uri,
            url: &said.url,
            replies_count: stats.replies,
            reblogs_count: stats.reblogs,
            favourites_count: stats.favourites,
            quotes_count: 0,
            edited_at: None,
            favourited: marked(|marks| marks.favourited),
            reblogged: marked(|marks| marks.reblogged),
            muted: marked(|marks| marks.muted),
            bookmarked: marked(|marks| marks.bookmarked),
            pinned: self.view.marks.and_then(|marks| marks.pinned).filter(|_| self.reblog.is_none()),
            filtered: self.view.marks.map(|_| []),
            content: &said.content,
            text: self.text,
            reblog: self.reblog.as_deref(),
            application: &said.application,
            account: &self.account,
            media_attachments: &said.media_attachments,
            mentions: &said.mentions,
            tags: &said.tags,
            emojis: [],
            tagged_collections: [],
            quote: None,
            quote_approval: QuoteApproval { automatic: [], manual: [], current_user: "denied" },
            card: None,
            poll: None,
        }
    }
}

impl StatusParts {
    pub(super) fn new(renderer: &Renderer<'_>, status: &Record, author: &Account) -> Self {
        let settings = renderer.settings;
        let uri = settings.status_uri(&author.username, status.id);
        let id = |id| raw(&renderer.id(id));
        let none = || RawValue::NULL.to_owned();
        Self {
            id: id(status.id),
            created_at: raw(&status.created_at.to_string()),
            in_reply_to_id: status.in_reply_to.map_or_else(none, |parent| id(parent.status)),
            in_reply_to_account_id: status.in_reply_to.map_or_else(none, |parent| id(parent.author)),
            spoiler_text: raw(&status.spoiler_text),
            language: raw(&status.language),
            uri: raw(&if status.reblog_of.is_some() { format!("{uri}/activity") } else { uri }),
            url: raw(&settings.status_url(&author.username, status.id)),
            content: raw(status.html.as_str()),
            application: raw(&status.application.as_ref().map(|application| Application {
                name: &application.name,
                website: application.website.as_deref(),
            })),
            media_attachments: raw(&status
                .attachments
                .iter()
                .map(|attachment| renderer.attachment(attachment))
                .collect::<Vec<MediaAttachment<'_>>>()),
            mentions: raw(&status
                .mentions
                .iter()
                .map(|mention| renderer.mention(mention))
                .collect::<Vec<_>>()),
            tags: raw(&status
                .tags
                .iter()
                .map(|name| Tag { name, url: settings.tag_url(name) })
                .collect::<Vec<_>>()),
        }
    }
}

impl Renderer<'_> {
    /// A status.
    pub(crate) fn status<'a>(&self, view: &'a Visible<StatusView>) -> Status<'a> {
        Status {
            view,
            parts: self.status_parts(view),
            account: self.account(&view.author),
            reblog: view.reblog.as_deref().map(|original| Box::new(self.status(original))),
            text: None,
        }
    }

    /// A status that was just deleted, with its text as typed, to be written anew. // R77
    pub(crate) fn deleted_status<'a>(&self, view: &'a Visible<StatusView>) -> Status<'a> {
        Status { text: Some(&view.status.text), ..self.status(view) }
    }

    fn mention<'a>(&self, mention: &'a Named) -> Mention<'a> {
        let domain = mention.domain.as_deref();
        Mention {
            id: self.id(mention.account),
            username: &mention.username,
            url: self.acct_url(&mention.username, domain),
            acct: domain
                .map_or_else(|| mention.username.clone(), |domain| format!("{}@{domain}", mention.username)),
        }
    }
}
