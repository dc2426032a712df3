//! Status.

use std::sync::Arc;

use koinon_engine::audience::{StatusView, ViewerMarks, Visible};
use koinon_engine::model::{Account, Mention as Named, Status as Record};
use serde::Serialize;

use super::account::visibility;
use super::{MediaAttachment, RenderedAccount, Renderer};
use crate::json::{FieldsText, Object, WriteJson};

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
    /// What a reblog says of itself.
    own: FieldsText,
    /// What a reblog says of what it passes on.
    said: FieldsText,
}

#[derive(Debug, Serialize)]
struct Own {
    id: String,
    created_at: String,
    in_reply_to_id: Option<String>,
    in_reply_to_account_id: Option<String>,
    visibility: &'static str,
    uri: String,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    sensitive: bool,
    spoiler_text: &'a str,
    language: Option<&'a str>,
    url: String,
    quotes_count: u64,
    edited_at: Option<()>,
    content: &'a str,
    application: Option<Application<'a>>,
    media_attachments: Vec<MediaAttachment<'a>>,
    mentions: Vec<Mention<'a>>,
    tags: Vec<Tag<'a>>,
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

impl WriteJson for Status<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        // What a reblog says is what it passes on.
        let shown = self.reblog.as_deref().unwrap_or(self);
        let stats = &shown.view.stats;
        let object = Object::begin(out)
            .fields(&self.parts.own)
            .fields(&shown.parts.said)
            .field("replies_count", &stats.replies)
            .field("reblogs_count", &stats.reblogs)
            .field("favourites_count", &stats.favourites);
        let object = match self.view.marks {
            Some(marks) => marked(object, &marks, self.reblog.is_none()),
            None => object,
        };
        object
            .field("account", &self.account)
            .field("reblog", &self.reblog)
            .field_if_some("text", self.text.as_ref())
            .end();
    }
}

/// What the viewer did to it; left out for visitors. // R80
fn marked<'o>(object: Object<'o>, marks: &ViewerMarks, can_be_pinned: bool) -> Object<'o> {
    object
        .field("favourited", &marks.favourited)
        .field("reblogged", &marks.reblogged)
        .field("muted", &marks.muted)
        .field("bookmarked", &marks.bookmarked)
        .field_if_some("pinned", marks.pinned.filter(|_| can_be_pinned).as_ref())
        .field("filtered", &Vec::<bool>::new())
}

impl StatusParts {
    pub(super) fn new(renderer: &Renderer<'_>, status: &Record, author: &Account) -> Self {
        let settings = renderer.settings;
        let uri = settings.status_uri(&author.username, status.id);
        let own = Own {
            id: renderer.id(status.id),
            created_at: status.created_at.to_string(),
            in_reply_to_id: status.in_reply_to.map(|parent| renderer.id(parent.status)),
            in_reply_to_account_id: status.in_reply_to.map(|parent| renderer.id(parent.author)),
            visibility: visibility(status.visibility),
            uri: if status.reblog_of.is_some() { format!("{uri}/activity") } else { uri },
        };
        let said = Said {
            sensitive: status.sensitive,
            spoiler_text: &status.spoiler_text,
            language: status.language.as_deref(),
            url: settings.status_url(&author.username, status.id),
            quotes_count: 0,
            edited_at: None,
            content: status.html.as_str(),
            application: status.application.as_ref().map(|application| Application {
                name: &application.name,
                website: application.website.as_deref(),
            }),
            media_attachments: status
                .attachments
                .iter()
                .map(|attachment| renderer.attachment(attachment))
                .collect(),
            mentions: status.mentions.iter().map(|mention| renderer.mention(mention)).collect(),
            tags: status.tags.iter().map(|name| Tag { name, url: settings.tag_url(name) }).collect(),
            emojis: [],
            tagged_collections: [],
            quote: None,
            quote_approval: QuoteApproval { automatic: [], manual: [], current_user: "denied" },
            card: None,
            poll: None,
        };
        Self { own: FieldsText::of(&own), said: FieldsText::of(&said) }
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
