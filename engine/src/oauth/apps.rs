//! Programs that registered themselves.

use subtle::ConstantTimeEq;

use super::error::OauthError;
use super::redirect::{self, RedirectUriError};
use crate::engine::Engine;
use crate::entropy::{HashSecret, Secret, SecretHash};
use crate::error::Error;
use crate::id::Flake;
use crate::model::App;
use crate::scope::Scopes;
use crate::store::schema::{APP_IDS, APPS};
use crate::store::{ReadTx, StoreExt};

/// Characters of a program's name at most. // A6
const NAME_CHARACTERS: usize = 60;
/// Bytes of a program's home page, and of all its redirect URIs together, at most. // A6
const URI_BYTES: usize = 2_000;
/// What a program gets that asks for nothing in particular. // A1
const DEFAULT_SCOPE: &str = "read";

/// What a program says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewApp {
    /// Its name, shown to people; at most 60 characters.
    pub name: String,
    /// Where browsers may be sent back to; at least one, at most 2,000 bytes together.
    pub redirect_uris: Vec<String>,
    /// The most it will ask for, separated by spaces or commas; `read` when left out. // R38
    pub scopes: Option<String>,
    /// Its home page.
    pub website: Option<String>,
}

impl Engine {
    /// Registers a program; answers it with its secret, which is not to be had again. // R46 A7
    ///
    /// # Errors
    /// [`OauthError::ClientName`], [`OauthError::RedirectUri`], [`OauthError::InvalidScope`], [`OauthError::Website`].
    pub async fn register_app(&self, app: NewApp) -> Result<(App, Secret), OauthError> {
        let name = app.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
            return Err(OauthError::ClientName);
        }
        check_redirect_uris(&app.redirect_uris)?;
        let scopes = scopes(app.scopes.as_deref())?.unwrap_or(default_scopes()?);
        let website = app.website.filter(|website| !website.is_empty());
        if website.as_deref().is_some_and(|website| !is_website(website)) {
            return Err(OauthError::Website);
        }
        self.oauth_command(move |command| {
            let secret = Secret::generate(command.entropy());
            let app = App {
                id: command.new_id(),
                client_id: Secret::generate(command.entropy()).reveal().to_owned(),
                client_secret: secret.hash(),
                name: name.clone(),
                website: website.clone(),
                redirect_uris: app.redirect_uris.clone(),
                scopes: scopes.clone(),
                created_at: command.now(),
            };
            APPS.put(command.tx(), &app.client_id, &app)?;
            APP_IDS.put(command.tx(), &app.id, &app.client_id)?;
            Ok((app, secret))
        })
        .await
    }

    /// The program with a client id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn app(&self, client_id: &str) -> Result<App, Error> {
        let client_id = client_id.to_owned();
        self.store().read(move |tx| APPS.get(tx, &client_id)?.ok_or(Error::NotFound)).await
    }

    /// The program with an id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn app_by_id(&self, id: Flake) -> Result<App, Error> {
        self.store()
            .read(move |tx| {
                let client_id = APP_IDS.get(tx, &id)?.ok_or(Error::NotFound)?;
                APPS.get(tx, &client_id)?.ok_or(Error::NotFound)
            })
            .await
    }

    /// The program that proves with its secret who it is.
    ///
    /// # Errors
    /// [`OauthError::InvalidClient`].
    pub async fn authenticate_app(&self, client_id: &str, secret: &str) -> Result<App, OauthError> {
        let client = (client_id.to_owned(), secret.to_owned());
        self.store().read(move |tx| authenticate(tx, Some(&client.0), Some(&client.1))).await
    }
}

/// The program that proves with its secret who it is.
pub(super) fn authenticate(
    tx: &dyn ReadTx,
    client_id: Option<&String>,
    secret: Option<&String>,
) -> Result<App, OauthError> {
    let (Some(client_id), Some(secret)) = (client_id, secret) else { return Err(OauthError::InvalidClient) };
    let app = APPS.get(tx, client_id)?.ok_or(OauthError::InvalidClient)?;
    if SecretHash::of(secret).ct_eq(&app.client_secret).into() {
        Ok(app)
    } else {
        Err(OauthError::InvalidClient)
    }
}

/// The scopes a program asks for with `text`, if `granted` allows them. Without a text: `read`, or all of `granted`
/// where that is something else.
pub(super) fn requested_scopes(text: Option<&str>, granted: &Scopes) -> Result<Scopes, OauthError> {
    match scopes(text)? {
        Some(wanted) if granted.contains(&wanted) => Ok(wanted),
        Some(_) => Err(OauthError::InvalidScope),
        None => Ok(Some(default_scopes()?)
            .filter(|read| granted.contains(read))
            .unwrap_or_else(|| granted.clone())),
    }
}

/// The scopes in `text`; none where it is left out or blank.
pub(super) fn scopes(text: Option<&str>) -> Result<Option<Scopes>, OauthError> {
    let scopes = Scopes::parse(text.unwrap_or_default()).map_err(|_| OauthError::InvalidScope)?;
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

fn default_scopes() -> Result<Scopes, OauthError> {
    Scopes::parse(DEFAULT_SCOPE).map_err(|_| OauthError::InvalidScope)
}

fn check_redirect_uris(uris: &[String]) -> Result<(), RedirectUriError> {
    if uris.is_empty() {
        return Err(RedirectUriError::None);
    }
    if uris.iter().map(|uri| uri.len() + 1).sum::<usize>() > URI_BYTES + 1 {
        return Err(RedirectUriError::TooLong);
    }
    uris.iter().try_for_each(|uri| redirect::check(uri))
}

fn is_website(website: &str) -> bool {
    let Some((scheme, rest)) = website.split_once("://") else { return false };
    website.len() <= URI_BYTES
        && ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web))
        && !rest.is_empty()
        && !rest.starts_with(['/', '?', '#', ':'])
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "\\\"<>`".contains(c))
}
