//! Who sits at a browser, and whether a form really comes from them.

use http::header::{HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response};
use koinon_engine::audience::{AccountView, Viewer, Visible};
use koinon_engine::entropy::Secret;
use koinon_engine::model::AccountId;
use koinon_engine::oauth::{WEB_SESSION_LIFETIME, csrf_token, csrf_token_matches};

use super::cookies::Cookie;
use crate::body::Body;
use crate::call::Call;
use crate::failure::Failure;

/// The name of the field that holds the token of a form.
pub(crate) const FORM_TOKEN: &str = "form_token";

/// A browser, as its cookies describe it.
///
/// Every form carries a token made from a secret in a cookie, which no other site can read or guess: the secret of
/// the session or, before anybody is signed in, one of its own. // B8
pub(crate) struct Browser {
    session: Option<Session>,
    visitor: Option<String>,
    /// Lines of `Set-Cookie` that the answer needs.
    changes: Vec<HeaderValue>,
    secure: bool,
}

struct Session {
    secret: String,
    account: Visible<AccountView>,
}

/// Without the secrets.
impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Browser").field("account", &self.account_id()).finish_non_exhaustive()
    }
}

/// What the token of a form proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormProof {
    /// The form was shown to whoever is signed in.
    SignedIn,
    /// The form was shown to this browser.
    SameBrowser,
}

impl Browser {
    /// The browser a request comes from. An unknown or ended session is none.
    pub(crate) async fn of(call: &Call) -> Result<Self, Failure> {
        let secure = is_secure(call);
        let session = match Cookie::Session.read(call.headers(), secure) {
            Some(secret) => session(call, secret).await?,
            None => None,
        };
        let visitor = Cookie::Visitor.read(call.headers(), secure);
        let visitor = visitor.filter(|secret| !secret.is_empty()).map(str::to_owned);
        Ok(Self { session, visitor, changes: Vec::new(), secure })
    }

    /// Who is signed in.
    pub(crate) fn account(&self) -> Option<&Visible<AccountView>> {
        self.session.as_ref().map(|session| &session.account)
    }

    /// Id of the account that is signed in.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account().map(|view| view.account.id)
    }

    /// As whom the browser sees the instance.
    pub(crate) fn viewer(&self) -> Viewer {
        self.account_id().map_or(Viewer::Anonymous, Viewer::Local)
    }

    /// The token for forms of a page. A browser without any cookie gets one.
    pub(crate) fn form_token(&mut self, call: &Call) -> String {
        let secret = match (&self.session, &self.visitor) {
            (Some(session), _) => &session.secret,
            (None, Some(secret)) => secret,
            (None, None) => {
                let secret = call.engine().visitor_secret();
                self.changes.push(Cookie::Visitor.set(secret.reveal(), None, self.secure));
                self.visitor.insert(secret.reveal().to_owned())
            }
        };
        csrf_token(secret)
    }

    /// What the form of a request proves.
    ///
    /// # Errors
    /// [`Failure::StaleForm`] for a form of another site, and for one that was shown before the cookies changed.
    pub(crate) fn check_form(&self, call: &Call) -> Result<FormProof, Failure> {
        let token = call.params.text(FORM_TOKEN).unwrap_or_default();
        let proves = |secret: &str| csrf_token_matches(secret, token);
        if !is_own_origin(call.headers(), &call.engine().settings().base_url) {
            return Err(Failure::StaleForm);
        }
        if self.session.as_ref().is_some_and(|session| proves(&session.secret)) {
            Ok(FormProof::SignedIn)
        } else if self.visitor.as_deref().is_some_and(proves) {
            Ok(FormProof::SameBrowser)
        } else {
            Err(Failure::StaleForm)
        }
    }

    /// Signs `account` in at this browser, instead of whoever was.
    pub(crate) async fn sign_in(&mut self, call: &Call, account: AccountId) -> Result<(), Failure> {
        let secret: Secret = call.engine().start_web_session(account).await?;
        if let Some(before) = self.session.take() {
            call.engine().end_web_session(&before.secret).await?;
        }
        self.changes.push(Cookie::Session.set(secret.reveal(), Some(WEB_SESSION_LIFETIME), self.secure));
        self.session = session(call, secret.reveal()).await?;
        Ok(())
    }

    /// Signs whoever is signed in out.
    pub(crate) async fn sign_out(&mut self, call: &Call) -> Result<(), Failure> {
        if let Some(session) = self.session.take() {
            call.engine().end_web_session(&session.secret).await?;
        }
        self.changes.push(Cookie::Session.forget(self.secure));
        Ok(())
    }

    /// Puts the cookies that changed into an answer.
    pub(crate) fn remember(&self, response: &mut Response<Body>) {
        for line in &self.changes {
            response.headers_mut().append(SET_COOKIE, line.clone());
        }
    }
}

async fn session(call: &Call, secret: &str) -> Result<Option<Session>, Failure> {
    let Some(account) = call.engine().web_session(secret).await? else { return Ok(None) };
    let account = call.engine().query(Viewer::Local(account), move |query| query.account(account)).await?;
    Ok(Some(Session { secret: secret.to_owned(), account }))
}

fn is_secure(call: &Call) -> bool {
    call.engine().settings().base_url.starts_with("https:")
}

/// Whether the headers agree that a form comes from a page of this instance. Browsers that are told to send no
/// referrer say `null`; what decides is the token.
fn is_own_origin(headers: &HeaderMap, base_url: &str) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin == "null" || origin.eq_ignore_ascii_case(base_url) || (authority.is_some() && authority == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_told_by_their_origin() {
        let check = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:4000"));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            is_own_origin(&headers, "http://localhost:4000")
        };
        for own in [None, Some("null"), Some("http://localhost:4000"), Some("http://127.0.0.1:4000")] {
            assert!(check(own), "{own:?}");
        }
        for other in ["http://evil.example", "http://localhost:4001", "127.0.0.1:4000", ""] {
            assert!(!check(Some(other)), "{other}");
        }
    }
}
