//! What an account tells about itself, and how it likes to post.

use std::sync::Arc;

use crate::accounts::index_words;
use crate::audience::{AccountView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::media::{BlobStore, EncodedImage, ImageLimits, ProfileImage, prepare_profile_image};
use crate::model::{
    Account, AccountId, PostingDefaults, Profile, ProfileField, ProfilePicture, StoredFile, Visibility,
};
use crate::settings::Limits;
use crate::statuses::{Places, is_language, mentioned};
use crate::store::StoreExt;
use crate::store::schema::ACCOUNTS;
use crate::text::{self, Format, Links, MentionName, SafeHtml};

/// Changes to a profile. What is none stays as it is. // R150
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// The name shown.
    pub display_name: Option<String>,
    /// The biography, plain text.
    pub note: Option<String>,
    /// All name-value pairs anew; pairs without name and value are left out.
    pub fields: Option<Vec<(String, String)>>,
    /// The picture of the account.
    pub avatar: Option<PictureChange>,
    /// The picture above the profile.
    pub header: Option<PictureChange>,
    /// Followers need approval.
    pub locked: Option<bool>,
    /// Posts are made by a program.
    pub bot: Option<bool>,
    /// May be shown in directories.
    pub discoverable: Option<bool>,
    /// May be found by outside search engines.
    pub indexable: Option<bool>,
    /// Followers and follows are shown to nobody else.
    pub hide_collections: Option<bool>,
    /// Visibility of a post that names none.
    pub default_visibility: Option<Visibility>,
    /// Whether media are hidden behind a warning.
    pub default_sensitive: Option<bool>,
    /// Language of a post that names none; empty for none.
    pub default_language: Option<String>,
}

/// A new picture, or none any more. // R146
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureChange {
    /// Back to the default picture.
    Remove,
    /// This file.
    Replace(Vec<u8>),
}

/// Pictures of a change that have been cut, cleaned and stored.
#[derive(Debug, Clone, Default)]
struct StoredPictures {
    avatar: Option<Option<ProfilePicture>>,
    header: Option<Option<ProfilePicture>>,
}

impl Engine {
    /// Changes the profile of `account`: all of it, or nothing if anything is refused.
    pub async fn change_profile(
        &self,
        account: AccountId,
        mut change: ProfileChange,
    ) -> Result<Visible<AccountView>, Error> {
        check(&change, &self.settings().limits)?;
        let pictures = self.store_pictures(&mut change).await?;
        let accounts = self.mentioned_in(&change).await?;
        self.command(move |command| {
            write(command, account, &change, &accounts, &pictures)?;
            command.query(Viewer::Local(account)).account(account)
        })
        .await
    }

    async fn store_pictures(&self, change: &mut ProfileChange) -> Result<StoredPictures, Error> {
        Ok(StoredPictures {
            avatar: self.store_picture(change.avatar.take(), ProfileImage::Avatar).await?,
            header: self.store_picture(change.header.take(), ProfileImage::Header).await?,
        })
    }

    async fn store_picture(
        &self,
        change: Option<PictureChange>,
        kind: ProfileImage,
    ) -> Result<Option<Option<ProfilePicture>>, Error> {
        match change {
            None => Ok(None),
            Some(PictureChange::Remove) => Ok(Some(None)),
            Some(PictureChange::Replace(bytes)) => {
                let blobs = Arc::clone(self.blobs());
                let limits: ImageLimits = self.settings().limits.media.image.clone();
                let picture = self.work(move || store_picture(&bytes, kind, &limits, &*blobs)).await??;
                Ok(Some(Some(picture)))
            }
        }
    }

    /// The accounts that biography and fields name.
    async fn mentioned_in(&self, change: &ProfileChange) -> Result<Vec<(MentionName, Account)>, Error> {
        let names = names_in(change, &self.settings().limits);
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let engine = self.clone();
        self.store().read(move |tx| mentioned(tx, &names, engine.settings())).await
    }
}

/// Changes what can be changed of a profile within one transaction, which is all but its pictures.
pub(crate) fn change_texts(
    command: &mut Command<'_>,
    account: AccountId,
    change: &ProfileChange,
) -> Result<(), Error> {
    if change.avatar.is_some() || change.header.is_some() {
        return Err(Invalid::Media("cannot be cut within a transaction".into()).into());
    }
    let limits = &command.settings().limits;
    check(change, limits)?;
    let accounts = mentioned(command.read(), &names_in(change, limits), command.settings())?;
    write(command, account, change, &accounts, &StoredPictures::default())
}

fn write(
    command: &mut Command<'_>,
    account: AccountId,
    change: &ProfileChange,
    accounts: &[(MentionName, Account)],
    pictures: &StoredPictures,
) -> Result<(), Error> {
    let before = command.acting(account)?;
    let mut after = before.clone();
    apply(&mut after, change, &Places::new(accounts, command.settings()));
    apply_pictures(&mut after.profile, pictures);
    ACCOUNTS.put(command.tx(), &account, &after)?;
    index_words(command, Some(&before), &after)
}

/// Whom biography and fields name.
fn names_in(change: &ProfileChange, limits: &Limits) -> Vec<MentionName> {
    let mut names = Vec::new();
    let values = change.fields.iter().flatten().map(|(_, value)| value);
    for text in change.note.iter().chain(values) {
        names.extend(text::extract(text, Format::Plain).mentions);
    }
    names.truncate(limits.mentions);
    names
}

fn store_picture(
    bytes: &[u8],
    kind: ProfileImage,
    limits: &ImageLimits,
    blobs: &dyn BlobStore,
) -> Result<ProfilePicture, Error> {
    let stored = |image: &EncodedImage| {
        Ok::<_, Error>(StoredFile {
            blob: crate::uploads::put(blobs, &image.bytes)?,
            file_type: image.file_type,
            bytes: image.bytes.len() as u64,
            dimensions: Some((image.width, image.height)),
        })
    };
    let image =
        prepare_profile_image(bytes, kind, limits).map_err(|error| Invalid::Media(error.to_string()))?;
    Ok(ProfilePicture {
        still: stored(&image.still)?,
        animation: image.animation.as_ref().map(stored).transpose()?,
    })
}

fn check(change: &ProfileChange, limits: &Limits) -> Result<(), Error> {
    let too_long = |text: &str, maximum: usize, field| {
        if text.chars().count() > maximum { Err(Invalid::TooLong { field, maximum }) } else { Ok(()) }
    };
    if let Some(name) = &change.display_name {
        too_long(name, limits.display_name_characters, "Display name")?;
    }
    if let Some(note) = &change.note {
        too_long(note, limits.note_characters, "Note")?;
    }
    if let Some(fields) = &change.fields {
        if fields.len() > limits.profile_fields {
            return Err(Invalid::TooMany { what: "profile fields", maximum: limits.profile_fields }.into());
        }
        for (name, value) in fields {
            too_long(name, limits.profile_field_characters, "Field name")?;
            too_long(value, limits.profile_field_characters, "Field value")?;
        }
    }
    if change.default_language.as_ref().is_some_and(|code| !code.is_empty() && !is_language(code)) {
        return Err(Invalid::Malformed("Language").into());
    }
    if change.default_visibility == Some(Visibility::Circle) {
        return Err(Invalid::Malformed("Privacy").into());
    }
    Ok(())
}

fn apply(account: &mut Account, change: &ProfileChange, links: &dyn Links) {
    fn set<T: Clone>(field: &mut T, change: &Option<T>) {
        if let Some(value) = change {
            field.clone_from(value);
        }
    }
    let profile = &mut account.profile;
    if let Some(name) = &change.display_name {
        profile.display_name = single_line(name);
    }
    if let Some(note) = &change.note {
        profile.note.clone_from(note);
        profile.note_html = html(note, links);
    }
    if let Some(fields) = &change.fields {
        profile.fields = fields
            .iter()
            .filter(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty())
            .map(|(name, value)| ProfileField {
                name: single_line(name),
                value: value.clone(),
                value_html: html(value, links),
            })
            .collect();
    }
    set(&mut profile.locked, &change.locked);
    set(&mut profile.bot, &change.bot);
    set(&mut profile.discoverable, &change.discoverable);
    set(&mut profile.indexable, &change.indexable);
    set(&mut profile.hide_collections, &change.hide_collections);
    let posting: &mut PostingDefaults = &mut account.posting;
    set(&mut posting.visibility, &change.default_visibility);
    set(&mut posting.sensitive, &change.default_sensitive);
    if let Some(language) = &change.default_language {
        posting.language = Some(language.clone()).filter(|code| !code.is_empty());
    }
}

fn apply_pictures(profile: &mut Profile, pictures: &StoredPictures) {
    if let Some(avatar) = &pictures.avatar {
        profile.avatar.clone_from(avatar);
    }
    if let Some(header) = &pictures.header {
        profile.header.clone_from(header);
    }
}

/// The text on one line, without control characters and spaces at its ends.
fn single_line(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    words.trim().to_owned()
}

fn html(text: &str, links: &dyn Links) -> SafeHtml {
    text::render(text, Format::Plain, links)
}
