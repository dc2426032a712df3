//! What an author sends, and whether it is acceptable.

use std::collections::HashMap;

use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{Account, AccountState, ApplicationName, Mention, Visibility};
use crate::settings::Settings;
use crate::store::ReadTx;
use crate::store::schema::{ACCOUNT_NAMES, ACCOUNTS};
use crate::text::{self, Entities, Format, Links, MentionName, ProfileLink, SafeHtml};

/// A status as its author sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The text as typed.
    pub text: String,
    /// How it was typed.
    pub format: Format,
    /// A warning shown before the text, plain.
    pub spoiler_text: String,
    /// Whether media are hidden until asked for; the author's default when none.
    pub sensitive: Option<bool>,
    /// Whom it is for; the author's default when none, but never wider than what it answers.
    pub audience: Option<Audience>,
    /// Never leaves this instance.
    pub local_only: bool,
    /// The status it answers.
    pub in_reply_to: Option<IdInput>,
    /// Uploads to attach.
    pub media: Vec<IdInput>,
    /// ISO 639 code; the author's default when none.
    pub language: Option<String>,
    /// The program it is posted with.
    pub application: Option<ApplicationName>,
    /// The same key makes one status, however often it is sent within an hour.
    pub idempotency_key: Option<String>,
}

/// Whom a draft is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The usual circles of readers.
    Visibility(Visibility),
    /// The members of one of the author's circles. // R52
    Circle(IdInput),
}

/// A draft whose text has been checked and rendered. What it refers to is checked in the transaction.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) draft: Draft,
    pub(super) html: SafeHtml,
    pub(super) mentions: Vec<Mention>,
    pub(super) tags: Vec<String>,
    pub(super) words: Vec<String>,
}

impl Prepared {
    /// The status that its draft answers.
    pub(crate) fn parent(&self) -> Option<IdInput> {
        self.draft.in_reply_to
    }
}

/// Checks what can be known of a draft without the store. Every text has its limit.
pub(super) fn check(draft: &Draft, settings: &Settings) -> Result<Entities, Error> {
    let limits = &settings.limits;
    if draft.text.trim().is_empty() && draft.media.is_empty() {
        return Err(Invalid::EmptyStatus.into()); // R64
    }
    let maximum = limits.status_characters;
    let too_long = Invalid::TooLong { field: "Text", maximum };
    if draft.text.len() + draft.spoiler_text.len() > limits.status_bytes {
        return Err(too_long.into());
    }
    if text::count_characters(&draft.text) + text::count_characters(&draft.spoiler_text) > maximum {
        return Err(too_long.into());
    }
    if let Some(maximum) = limits.attachments.filter(|maximum| draft.media.len() > *maximum) {
        return Err(Invalid::TooMany { what: "media attachments", maximum }.into()); // R65
    }
    if draft.language.as_ref().is_some_and(|language| !is_language(language)) {
        return Err(Invalid::Malformed("Language").into());
    }
    let entities = text::extract(&draft.text, draft.format);
    for (what, found, maximum) in [
        ("mentions", entities.mentions.len(), limits.mentions),
        ("hashtags", entities.hashtags.len(), limits.tags),
    ] {
        if found > maximum {
            return Err(Invalid::TooMany { what, maximum }.into());
        }
    }
    Ok(entities)
}

/// Renders a checked draft, `accounts` being the accounts it names.
pub(super) fn prepare(
    draft: Draft,
    entities: &Entities,
    accounts: &[(MentionName, Account)],
    settings: &Settings,
) -> Prepared {
    let html = text::render(&draft.text, draft.format, &Places::new(accounts, settings));
    let mut mentions: Vec<Mention> = Vec::new();
    for (_, account) in accounts {
        if !mentions.iter().any(|mention| mention.account == account.id) {
            mentions.push(Mention {
                account: account.id,
                username: account.username.clone(),
                domain: account.domain.clone(),
            });
        }
    }
    let tags = entities.hashtags.iter().map(|tag| text::tag_key(tag)).collect();
    let readable = format!("{} {}", draft.spoiler_text, text::plain(&html));
    Prepared { words: text::search_terms(&readable), draft, html, mentions, tags }
}

/// The accounts that `names` mean, without those that mean nobody.
pub(crate) fn mentioned(
    tx: &dyn ReadTx,
    names: &[MentionName],
    settings: &Settings,
) -> Result<Vec<(MentionName, Account)>, Error> {
    let mut found = Vec::new();
    for name in names {
        let domain =
            name.domain.as_deref().map(str::to_lowercase).filter(|domain| *domain != settings.domain);
        let key = (name.username.to_lowercase(), domain.unwrap_or_default());
        let Some(id) = ACCOUNT_NAMES.get(tx, &key)? else { continue };
        match ACCOUNTS.get(tx, &id)? {
            Some(account) if account.state == AccountState::Active => found.push((name.clone(), account)),
            _ => {}
        }
    }
    Ok(found)
}

/// Where the names in a text lead, on this instance.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    accounts: HashMap<(String, Option<String>), &'a Account>,
    settings: &'a Settings,
}

impl<'a> Places<'a> {
    pub(crate) fn new(accounts: &'a [(MentionName, Account)], settings: &'a Settings) -> Self {
        Self { accounts: accounts.iter().map(|(name, account)| (folded(name), account)).collect(), settings }
    }
}

impl Links for Places<'_> {
    fn profile(&self, name: &MentionName) -> Option<ProfileLink> {
        let account = self.accounts.get(&folded(name))?;
        let url = match &account.domain {
            None => self.settings.profile_url(&account.username),
            Some(domain) => format!("https://{domain}/@{}", account.username),
        };
        Some(ProfileLink { url, name: account.username.clone() })
    }

    fn hashtag(&self, tag: &str) -> String {
        self.settings.tag_url(&text::tag_key(tag))
    }
}

fn folded(name: &MentionName) -> (String, Option<String>) {
    (name.username.to_lowercase(), name.domain.as_deref().map(str::to_lowercase))
}

/// Whether the text looks like an ISO 639 code, with or without a region.
pub(crate) fn is_language(code: &str) -> bool {
    let mut parts = code.split(['-', '_']);
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
