//! Account and CredentialAccount.

use koinon_engine::audience::AccountView;
use koinon_engine::audience::Visible;
use koinon_engine::model::{Account as Record, ProfileField, ProfilePicture, Role, Visibility};
use serde::Serialize;

use super::Renderer;

/// An account as others see it.
#[derive(Debug, Serialize)]
pub(crate) struct Account<'a> {
    id: String,
    username: &'a str,
    acct: String,
    display_name: &'a str,
    locked: bool,
    bot: bool,
    discoverable: bool,
    indexable: bool,
    noindex: bool,
    group: bool,
    created_at: String,
    note: &'a str,
    url: String,
    uri: String,
    avatar: String,
    avatar_static: String,
    avatar_description: &'static str,
    header: String,
    header_static: String,
    header_description: &'static str,
    followers_count: u64,
    following_count: u64,
    statuses_count: u64,
    last_status_at: Option<String>,
    hide_collections: bool,
    show_media: bool,
    show_media_replies: bool,
    show_featured: bool,
    emojis: [(); 0],
    roles: Vec<AccountRole>,
    fields: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mute_expires_at: Option<Option<String>>,
}

#[derive(Debug, Serialize)]
struct AccountRole {
    id: &'static str,
    name: &'static str,
    color: &'static str,
}

#[derive(Debug, Serialize)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    verified_at: Option<String>,
}

/// An account as its owner sees it.
#[derive(Debug, Serialize)]
pub(crate) struct CredentialAccount<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    source: Source<'a>,
    role: OwnRole,
}

#[derive(Debug, Serialize)]
struct Source<'a> {
    privacy: &'static str,
    sensitive: bool,
    language: Option<&'a str>,
    note: &'a str,
    fields: Vec<Field<'a>>,
    follow_requests_count: usize,
    hide_collections: bool,
    discoverable: bool,
    indexable: bool,
    attribution_domains: [(); 0],
    quote_policy: &'static str,
}

#[derive(Debug, Serialize)]
struct OwnRole {
    id: &'static str,
    name: &'static str,
    permissions: &'static str,
    color: &'static str,
    highlighted: bool,
}

impl<'r> Renderer<'r> {
    /// An account as others see it.
    pub(super) fn account_entity<'a>(&self, view: &'a Visible<AccountView>) -> Account<'a> {
        let account = &*view.account;
        let profile = &account.profile;
        let (avatar, avatar_static) = self.picture(profile.avatar.as_ref(), "avatars");
        let (header, header_static) = self.picture(profile.header.as_ref(), "headers");
        Account {
            id: self.id(account.id),
            username: &account.username,
            acct: account.acct(),
            display_name: &profile.display_name,
            locked: profile.locked,
            bot: profile.bot,
            discoverable: profile.discoverable,
            indexable: profile.indexable,
            noindex: !profile.indexable,
            group: false,
            created_at: account.created_at.to_string(),
            note: profile.note_html.as_str(),
            url: self.profile_url(account),
            uri: account.uri.clone().unwrap_or_else(|| self.settings.account_uri(&account.username)),
            avatar,
            avatar_static,
            avatar_description: "",
            header,
            header_static,
            header_description: "",
            followers_count: view.stats.followers,
            following_count: view.stats.following,
            statuses_count: view.stats.statuses,
            last_status_at: view.stats.last_status_at.map(|moment| moment.date()),
            hide_collections: profile.hide_collections,
            show_media: true,
            show_media_replies: true,
            show_featured: true,
            emojis: [],
            roles: role(account.role)
                .map(|(id, name, _)| AccountRole { id, name, color: "" })
                .into_iter()
                .collect(),
            fields: fields(&profile.fields, |field| field.value_html.as_str()),
            limited: account.limited.then_some(true),
            mute_expires_at: None,
        }
    }

    /// An account in the list of muted ones, with the end of its mute.
    pub(crate) fn muted_account<'a>(
        &self,
        view: &'a Visible<AccountView>,
        until: Option<koinon_engine::time::Timestamp>,
    ) -> Account<'a> {
        Account { mute_expires_at: Some(until.map(|moment| moment.to_string())), ..self.account_entity(view) }
    }

    /// An account as its owner sees it.
    pub(crate) fn credential_account<'a>(
        &self,
        view: &'a Visible<AccountView>,
        follow_requests: usize,
    ) -> CredentialAccount<'a> {
        let account = &*view.account;
        let (id, name, permissions) = role(account.role).unwrap_or(("-99", "", "65536"));
        CredentialAccount {
            account: self.account_entity(view),
            source: Source {
                privacy: visibility(account.posting.visibility),
                sensitive: account.posting.sensitive,
                language: account.posting.language.as_deref(),
                note: &account.profile.note,
                fields: fields(&account.profile.fields, |field| &field.value),
                follow_requests_count: follow_requests,
                hide_collections: account.profile.hide_collections,
                discoverable: account.profile.discoverable,
                indexable: account.profile.indexable,
                attribution_domains: [],
                quote_policy: "nobody",
            },
            role: OwnRole { id, name, permissions, color: "", highlighted: account.role > Role::User },
        }
    }

    pub(super) fn profile_url(&self, account: &Record) -> String {
        self.acct_url(&account.username, account.domain.as_deref())
    }

    pub(super) fn acct_url(&self, username: &str, domain: Option<&str>) -> String {
        match domain {
            None => self.settings.profile_url(username),
            Some(domain) => format!("https://{domain}/@{username}"),
        }
    }

    /// URL of a picture, and of the same picture not moving.
    pub(crate) fn picture(&self, picture: Option<&ProfilePicture>, kind: &str) -> (String, String) {
        match picture {
            None => {
                let missing = format!("{}/{kind}/original/missing.png", self.settings.base_url);
                (missing.clone(), missing)
            }
            Some(picture) => {
                let moving = picture.animation.as_ref().unwrap_or(&picture.still);
                (self.file_url(moving), self.file_url(&picture.still))
            }
        }
    }
}

/// The name clients know a visibility by.
pub(crate) fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        // No client knows it; followers-only is what comes closest.
        Visibility::Mutuals => Visibility::Private.as_str(),
        other => other.as_str(),
    }
}

/// Id, name and permission bits of a role, where it is one worth showing.
fn role(role: Role) -> Option<(&'static str, &'static str, &'static str)> {
    match role {
        Role::User => None,
        Role::Moderator => Some(("2", "Moderator", "1308")),
        Role::Admin => Some(("3", "Admin", "1")),
    }
}

fn fields<'a>(fields: &'a [ProfileField], value: impl Fn(&'a ProfileField) -> &'a str) -> Vec<Field<'a>> {
    fields.iter().map(|field| Field { name: &field.name, value: value(field), verified_at: None }).collect()
}
