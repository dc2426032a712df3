//! The page that asks a person whether to let a program in.

use form_urlencoded::Serializer;
use koinon_engine::oauth::{AuthorizationRequest, Checked, OUT_OF_BAND};
use maud::{Markup, html};

use super::redirect::policy_source;
use crate::call::Call;
use crate::web::browser::Browser;
use crate::web::form::{Complaint, complaint, sign_in_fields};
use crate::web::page::{Page, hidden_token};

/// What the page asks about, and how far that has got.
pub(super) struct Consent<'a> {
    /// The request as it came.
    pub(super) request: &'a AuthorizationRequest,
    /// What is known of it.
    pub(super) checked: &'a Checked,
    /// The password is asked for even if somebody is signed in. // B9
    pub(super) force_login: bool,
    /// The name that was typed last time.
    pub(super) username: &'a str,
    /// What was wrong last time.
    pub(super) complaint: Option<&'a Complaint>,
}

impl Consent<'_> {
    /// The page: who asks, for what, and a form that answers. Whoever is not signed in does that in the same form.
    pub(super) fn page(&self, call: &Call, browser: &mut Browser) -> Page {
        let token = browser.form_token(call);
        let app = &self.checked.app;
        let signed_in = browser.account().filter(|_| !self.force_login);
        let content = html! {
            h1 { "Let " (app.name) " in?" }
            @if let Some(website) = &app.website {
                p.quiet { a href=(website) rel="nofollow noreferrer" { (website) } }
            }
            p { (app.name) " asks for permission to:" }
            ul { @for scope in self.checked.scopes.iter() { li { (describe(scope)) } } }
            p.quiet { (destination(&self.checked.redirect_uri)) }
            form method="post" action=(self.action(self.force_login)) {
                (complaint(self.complaint))
                (hidden_token(&token))
                @match signed_in {
                    Some(view) => {
                        p {
                            "You are signed in as " strong { "@" (view.account.username) } ". "
                            a href=(self.action(true)) { "Sign in as somebody else" }
                        }
                    }
                    None => (sign_in_fields(self.username))
                }
                div.choices {
                    button type="submit" name="decision" value="allow" {
                        @if signed_in.is_some() { "Allow" } @else { "Sign in and allow" }
                    }
                    button.quiet type="submit" name="decision" value="deny" formnovalidate { "Deny" }
                }
            }
        };
        let mut page = Page::new(format!("Let {} in?", app.name), content);
        page.form_target = policy_source(&self.checked.redirect_uri);
        if let Some(complaint) = self.complaint {
            page.status = complaint.status;
        }
        page
    }

    /// Where the form goes. The request stands in the query, because browsers change line breaks in fields, and
    /// programs want their `state` back as it was. // B5
    fn action(&self, force_login: bool) -> String {
        let AuthorizationRequest {
            client_id,
            redirect_uri,
            response_type,
            scope,
            state,
            code_challenge,
            code_challenge_method,
        } = self.request;
        let given = [
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("response_type", response_type),
            ("scope", scope),
            ("state", state),
            ("code_challenge", code_challenge),
            ("code_challenge_method", code_challenge_method),
        ];
        const PATH: &str = "/oauth/authorize?";
        let mut query = Serializer::for_suffix(PATH.to_owned(), PATH.len());
        for (name, value) in given {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        if force_login {
            query.append_pair("force_login", "true");
        }
        query.finish()
    }
}

/// Where the answer goes, for people to look at.
fn destination(redirect_uri: &str) -> Markup {
    html! {
        @if redirect_uri == OUT_OF_BAND {
            "You will be shown a code to copy into it."
        } @else {
            "You will be sent to " (policy_source(redirect_uri).unwrap_or_default()) "."
        }
    }
}

/// A scope in words.
fn describe(scope: &str) -> String {
    let spelt = |leaf: &str| leaf.replace(':', " ");
    match scope.split_once(':') {
        Some(("read", leaf)) => format!("read your {}", spelt(leaf)),
        Some(("write", leaf)) => format!("change your {}", spelt(leaf)),
        Some(("admin", leaf)) => format!("run the instance in your name ({})", spelt(leaf)),
        _ => match scope {
            "read" => "read everything you can read, private posts included".to_owned(),
            "write" => "post and change everything in your name".to_owned(),
            "follow" => "follow, mute and block in your name".to_owned(),
            "push" => "send you notifications".to_owned(),
            "profile" => "learn who you are".to_owned(),
            "admin" => "run the instance in your name".to_owned(),
            other => other.to_owned(),
        },
    }
}
