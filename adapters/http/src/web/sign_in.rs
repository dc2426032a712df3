//! Signing a browser in and out.

use http::{Method, StatusCode};
use maud::html;
use serde::Deserialize;

use super::browser::Browser;
use super::form::{Complaint, complaint, sign_in_fields};
use super::page::{Page, go_to, hidden_token};
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::mastodon::rates;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/login", Access::Open, refuse, ask),
        route(Method::POST, "/login", Access::Open, refuse, sign_in).limited(rates::SIGN_IN), // E7
        route(Method::GET, "/logout", Access::Open, refuse, ask_to_leave),
        route(Method::POST, "/logout", Access::Open, refuse, sign_out),
    ]
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    username: String,
    password: String,
}

async fn ask(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    if browser.account().is_some() {
        return Ok(go_to("/", &browser));
    }
    form(&call, &mut browser, "", None)
}

fn form(call: &Call, browser: &mut Browser, username: &str, wrong: Option<&Complaint>) -> Answer {
    let content = html! {
        h1 { "Sign in" }
        form method="post" action="/login" {
            (complaint(wrong))
            (hidden_token(&browser.form_token(call)))
            (sign_in_fields(username))
            button type="submit" { "Sign in" }
        }
    };
    let status = wrong.map_or(StatusCode::OK, |complaint| complaint.status);
    Page::new("Sign in", content).with_status(status).show(call, browser)
}

async fn sign_in(call: Call) -> Answer {
    let given: Form = call.read()?;
    let mut browser = Browser::of(&call).await?;
    match try_to_sign_in(&call, &mut browser, &given).await {
        Ok(()) => Ok(go_to("/", &browser)),
        Err(failure) => form(&call, &mut browser, &given.username, Some(&Complaint::about(failure)?)),
    }
}

async fn try_to_sign_in(call: &Call, browser: &mut Browser, given: &Form) -> Result<(), Failure> {
    browser.check_form(call)?;
    let account = call.engine().sign_in(&given.username, &given.password).await?;
    browser.sign_in(call, account).await
}

/// A link must not sign anybody out, so it leads to a button that does.
async fn ask_to_leave(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    if browser.account().is_none() {
        return Ok(go_to("/", &browser));
    }
    let content = html! {
        h1 { "Sign out?" }
        form method="post" action="/logout" {
            (hidden_token(&browser.form_token(&call)))
            button type="submit" { "Sign out" }
        }
    };
    Page::new("Sign out?", content).show(&call, &mut browser)
}

async fn sign_out(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    if browser.account().is_some() {
        browser.check_form(&call)?;
        browser.sign_out(&call).await?;
    }
    Ok(go_to("/", &browser))
}
