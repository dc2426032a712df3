//! Tokens, made and ended. All tokens that came from one authorization form a family.

use super::authorize::forget_codes;
use super::web::end_web_sessions;
use crate::command::Command;
use crate::entropy::{Secret, SecretHash};
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, App, RefreshToken, Token};
use crate::scope::Scopes;
use crate::store::Scan;
use crate::store::schema::{REFRESH_TOKENS, TOKEN_FAMILIES, TOKENS, TOKENS_OF};
use crate::time::Timestamp;

/// Used refresh tokens remembered per family at most. The use of an older one is refused without ending the family.
const USED_REMEMBERED: usize = 64;

/// What a program gets for a grant.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The access token. It is not to be had again.
    pub access: Secret,
    /// What renews it; none for a program's own token. It is not to be had again.
    pub refresh: Option<Secret>,
    /// What the access token is good for.
    pub token: Token,
}

/// What a new token is to be good for.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) app: &'a App,
    pub(super) account: Option<AccountId>,
    pub(super) scopes: Scopes,
    /// What refreshing can renew; may be more than this token's `scopes`.
    pub(super) renewable: Scopes,
    /// The family it belongs to; a new one when none.
    pub(super) family: Option<Flake>,
}

/// Makes an access token and, where it acts for an account, a refresh token.
pub(super) fn issue(command: &mut Command<'_>, grant: Grant<'_>) -> Result<Issued, Error> {
    let Grant { app, account, scopes, renewable, family } = grant;
    let access = Secret::generate(command.entropy());
    let id = command.new_id();
    let family = family.unwrap_or(id);
    let token = Token {
        id,
        app: app.id,
        app_name: app.name.clone(),
        app_website: app.website.clone(),
        account,
        scopes,
        created_at: command.now(),
        expires_at: command.settings().access_token_lifetime.map(|lifetime| command.now() + lifetime),
        family,
    };
    TOKENS.put(command.tx(), &access.hash(), &token)?;
    TOKEN_FAMILIES.put(command.tx(), &(family, access.hash()), &())?;
    let Some(account) = account else { return Ok(Issued { access, refresh: None, token }) };
    TOKENS_OF.put(command.tx(), &(account, id), &access.hash())?;
    let refresh = Secret::generate(command.entropy());
    let renewal = RefreshToken {
        app: app.id,
        account,
        scopes: renewable,
        family,
        created_at: command.now(),
        used: false,
    };
    REFRESH_TOKENS.put(command.tx(), &refresh.hash(), &renewal)?;
    TOKEN_FAMILIES.put(command.tx(), &(family, refresh.hash()), &())?;
    Ok(Issued { access, refresh: Some(refresh), token })
}

/// Ends every token of a family. // C4 E5 H3
pub(super) fn end_family(command: &mut Command<'_>, family: Flake) -> Result<(), Error> {
    for hash in members(command, family)? {
        end_access_token(command, family, &hash)?;
        end_refresh_token(command, family, &hash)?;
    }
    Ok(())
}

/// Makes room for the successor of the family's access token: the old one ends, and of the used refresh tokens the
/// oldest are forgotten where there are too many.
pub(super) fn renew_family(command: &mut Command<'_>, family: Flake) -> Result<(), Error> {
    let mut used: Vec<(Timestamp, SecretHash)> = Vec::new();
    for hash in members(command, family)? {
        match REFRESH_TOKENS.get(command.read(), &hash)? {
            Some(refresh) if refresh.used => used.push((refresh.created_at, hash)),
            Some(_) => {}
            None => end_access_token(command, family, &hash)?,
        }
    }
    used.sort_unstable();
    for (_, hash) in used.iter().rev().skip(USED_REMEMBERED) {
        end_refresh_token(command, family, hash)?;
    }
    Ok(())
}

/// Ends whatever lets anyone act for `account`: tokens, codes, browser sessions. Only the access token called `keep`
/// stays, without the refresh token that would renew it. // C7 H7
pub(crate) fn end_access(
    command: &mut Command<'_>,
    account: AccountId,
    keep: Option<Flake>,
) -> Result<(), Error> {
    for ((_, id), access) in TOKENS_OF.page(command.read(), &Scan::prefix(&(account,)), usize::MAX)? {
        let Some(token) = TOKENS.get(command.read(), &access)? else { continue };
        for hash in members(command, token.family)? {
            if keep != Some(id) || hash != access {
                end_access_token(command, token.family, &hash)?;
                end_refresh_token(command, token.family, &hash)?;
            }
        }
    }
    forget_codes(command, account, |_, _| true)?;
    end_web_sessions(command, account)
}

/// Hashes of a family's access and refresh tokens.
fn members(command: &Command<'_>, family: Flake) -> Result<Vec<SecretHash>, Error> {
    let rows = TOKEN_FAMILIES.page(command.read(), &Scan::prefix(&(family,)), usize::MAX)?;
    Ok(rows.into_iter().map(|((_, hash), ())| hash).collect())
}

fn end_access_token(command: &mut Command<'_>, family: Flake, hash: &SecretHash) -> Result<(), Error> {
    let Some(token) = TOKENS.get(command.read(), hash)? else { return Ok(()) };
    TOKENS.delete(command.tx(), hash)?;
    TOKEN_FAMILIES.delete(command.tx(), &(family, *hash))?;
    if let Some(account) = token.account {
        TOKENS_OF.delete(command.tx(), &(account, token.id))?;
    }
    Ok(())
}

fn end_refresh_token(command: &mut Command<'_>, family: Flake, hash: &SecretHash) -> Result<(), Error> {
    if REFRESH_TOKENS.contains(command.read(), hash)? {
        REFRESH_TOKENS.delete(command.tx(), hash)?;
        TOKEN_FAMILIES.delete(command.tx(), &(family, *hash))?;
    }
    Ok(())
}
