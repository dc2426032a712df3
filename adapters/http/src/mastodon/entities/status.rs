//! Status.

use koinon_engine::audience::{StatusView, Visible};
use koinon_engine::model::Mention as Named;
use serde::Serialize;

use super::account::visibility;
use super::{Account, MediaAttachment, Renderer};

/// A post, or a reblog of one.
#[derive(Debug, Serialize)]
pub(crate) struct Status<'a> {
    id: String,
    created_at: String,
    in_reply_to_id: Option<String>,
    in_reply_to_account_id: Option<String>,
    sensitive: bool,
    spoiler_text: &'a str,
    visibility: &'static str,
    language: Option<&'a str>,
    uri: String,
    url: String,
    replies_count: u64,
    reblogs_count: u64,
    favourites_count: u64,
    quotes_count: u64,
    edited_at: Option<String>,
    #[serde(flatten)]
    marks: Option<Marks>,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    reblog: Option<Box<Self>>,
    application: Option<Application<'a>>,
    account: Account<'a>,
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

/// What the viewer did to it; left out for visitors. // R80
#[derive(Debug, Serialize)]
struct Marks {
    favourited: bool,
    reblogged: bool,
    muted: bool,
    bookmarked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    filtered: [(); 0],
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

impl Renderer<'_> {
    /// A status.
    pub(crate) fn status<'a>(&self, view: &'a Visible<StatusView>) -> Status<'a> {
        let wrapper = &*view.status;
        // What a reblog says is what it passes on.
        let shown = view.reblog.as_deref().unwrap_or(view);
        let status = &*shown.status;
        let author = &*shown.author.account;
        let url = self.status_url(&author.username, status.id);
        Status {
            id: self.id(wrapper.id),
            created_at: wrapper.created_at.to_string(),
            in_reply_to_id: wrapper.in_reply_to.map(|parent| self.id(parent.status)),
            in_reply_to_account_id: wrapper.in_reply_to.map(|parent| self.id(parent.author)),
            sensitive: status.sensitive,
            spoiler_text: &status.spoiler_text,
            visibility: visibility(wrapper.visibility),
            language: status.language.as_deref(),
            uri: match &view.reblog {
                None => self.settings.status_uri(&author.username, status.id),
                Some(_) => {
                    let passed_on_by = &view.author.account.username;
                    format!("{}/activity", self.settings.status_uri(passed_on_by, wrapper.id))
                }
            },
            url,
            replies_count: shown.stats.replies,
            reblogs_count: shown.stats.reblogs,
            favourites_count: shown.stats.favourites,
            quotes_count: 0,
            edited_at: None,
            marks: view.marks.map(|marks| Marks {
                favourited: marks.favourited,
                reblogged: marks.reblogged,
                muted: marks.muted,
                bookmarked: marks.bookmarked,
                pinned: marks.pinned.filter(|_| view.reblog.is_none()),
                filtered: [],
            }),
            content: status.html.as_str(),
            text: None,
            reblog: view.reblog.as_deref().map(|original| Box::new(self.status(original))),
            application: status.application.as_ref().map(|application| Application {
                name: &application.name,
                website: application.website.as_deref(),
            }),
            account: self.account(&view.author),
            media_attachments: status
                .attachments
                .iter()
                .map(|attachment| self.attachment(attachment))
                .collect(),
            mentions: status.mentions.iter().map(|mention| self.mention(mention)).collect(),
            tags: status.tags.iter().map(|name| Tag { name, url: self.settings.tag_url(name) }).collect(),
            emojis: [],
            tagged_collections: [],
            quote: None,
            quote_approval: QuoteApproval { automatic: [], manual: [], current_user: "denied" },
            card: None,
            poll: None,
        }
    }

    /// A status that was just deleted, with its text as typed, to be written anew. // R77
    pub(crate) fn deleted_status<'a>(&self, view: &'a Visible<StatusView>) -> Status<'a> {
        Status { text: Some(&view.status.text), ..self.status(view) }
    }

    fn status_url(&self, username: &str, id: koinon_engine::id::Flake) -> String {
        self.settings.status_url(username, id)
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
