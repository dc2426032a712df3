//! Joining: by registration where that is open, and as the owner of an instance that is still empty.

use http::{Method, StatusCode};
use koinon_engine::accounts::{Origin, Registration};
use koinon_engine::error::Invalid;
use koinon_engine::settings::{Registrations, Settings};
use maud::{Markup, html};
use serde::Deserialize;

use super::browser::Browser;
use super::form::{Complaint, Field, complaint, password_field};
use super::page::{Page, go_to, hidden_token};
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::mastodon::rates;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/register", Access::Open, refuse, ask),
        route(Method::POST, "/register", Access::Open, refuse, register).limited(rates::REGISTRATION),
        route(Method::GET, "/setup/{secret}", Access::Open, refuse, ask_owner),
        route(Method::POST, "/setup/{secret}", Access::Open, refuse, create_owner).limited(rates::SIGN_IN),
    ]
}

/// Whether anybody may register.
pub(super) fn is_open(settings: &Settings) -> bool {
    settings.registrations != Registrations::Closed
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    username: String,
    email: String,
    password: String,
    reason: String,
    agreement: bool,
}

async fn ask(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    form(&call, &mut browser, &Form::default(), None)
}

fn form(call: &Call, browser: &mut Browser, given: &Form, wrong: Option<&Complaint>) -> Answer {
    let settings = call.engine().settings();
    if !is_open(settings) {
        let content = html! {
            h1 { "Registrations are closed" }
            p { "Nobody can join " (settings.title) " at the moment." }
        };
        let page = Page::new("Registrations are closed", content).with_status(StatusCode::FORBIDDEN);
        return page.show(call, browser);
    }
    let needs_approval = settings.registrations == Registrations::Approval;
    let content = html! {
        h1 { "Join " (settings.title) }
        form method="post" action="/register" {
            (complaint(wrong))
            (hidden_token(&browser.form_token(call)))
            (new_account_fields(given, true))
            @if needs_approval {
                label for="reason" { "Why do you want to join? Whoever runs the instance reads this." }
                textarea id="reason" name="reason" rows="4" { (given.reason) }
            }
            @if !settings.rules.is_empty() {
                h2 { "Rules" }
                ol { @for rule in &settings.rules { li { (rule) } } }
            }
            label.choice {
                input type="checkbox" name="agreement" value="true" checked[given.agreement] required;
                " I keep to the rules of this instance"
            }
            button type="submit" { "Register" }
        }
    };
    let status = wrong.map_or(StatusCode::OK, |complaint| complaint.status);
    Page::new("Register", content).with_status(status).show(call, browser)
}

fn new_account_fields(given: &Form, email_required: bool) -> Markup {
    let name = Field {
        name: "username",
        label: "Name (letters, digits and underscores)",
        kind: "text",
        autocomplete: "username",
        value: &given.username,
        required: true,
    };
    let email = Field {
        name: "email",
        label: if email_required { "E-mail address" } else { "E-mail address (may be left empty)" },
        kind: "email",
        autocomplete: "email",
        value: &given.email,
        required: email_required,
    };
    html! { (name.show()) (email.show()) (password_field("Password", "new-password")) }
}

async fn register(call: Call) -> Answer {
    let given: Form = call.read()?;
    let mut browser = Browser::of(&call).await?;
    match try_to_register(&call, &mut browser, &given).await {
        Ok(Joined::In) => Ok(go_to("/welcome", &browser)),
        Ok(Joined::Waiting) => {
            let content = html! {
                h1 { "Thank you" }
                p { "Your account waits for approval. You can sign in as soon as somebody has looked at it." }
            };
            Page::new("Thank you", content).show(&call, &mut browser)
        }
        Err(failure) => form(&call, &mut browser, &given, Some(&Complaint::about(failure)?)),
    }
}

/// How far someone has come who registered.
enum Joined {
    In,
    Waiting,
}

async fn try_to_register(call: &Call, browser: &mut Browser, given: &Form) -> Result<Joined, Failure> {
    let registrations = call.engine().settings().registrations;
    if registrations == Registrations::Closed {
        return Err(Invalid::RegistrationsClosed.into());
    }
    browser.check_form(call)?;
    let registration = Registration {
        username: given.username.clone(),
        email: given.email.clone(),
        password: given.password.clone(),
        agreement: given.agreement,
        reason: Some(given.reason.clone()),
        locale: None,
    };
    let account = call.engine().register(registration, Origin::Page).await?;
    if registrations == Registrations::Approval {
        return Ok(Joined::Waiting);
    }
    browser.sign_in(call, account).await?;
    Ok(Joined::In)
}

/// The page on which the first account is made. A wrong secret leads nowhere, as if there were no such page.
async fn ask_owner(call: Call) -> Answer {
    call.engine().check_owner_secret(secret(&call)).await?;
    let mut browser = Browser::of(&call).await?;
    owner_form(&call, &mut browser, &Form::default(), None)
}

fn owner_form(call: &Call, browser: &mut Browser, given: &Form, wrong: Option<&Complaint>) -> Answer {
    let title = &call.engine().settings().title;
    let content = html! {
        h1 { "Set up " (title) }
        p { "This is the first account of the instance. It runs it, and can do everything on it." }
        form method="post" action={ "/setup/" (secret(call)) } {
            (complaint(wrong))
            (hidden_token(&browser.form_token(call)))
            (new_account_fields(given, false))
            button type="submit" { "Create the account" }
        }
    };
    let status = wrong.map_or(StatusCode::OK, |complaint| complaint.status);
    Page::new("Set up", content).with_status(status).show(call, browser)
}

async fn create_owner(call: Call) -> Answer {
    call.engine().check_owner_secret(secret(&call)).await?;
    let given: Form = call.read()?;
    let mut browser = Browser::of(&call).await?;
    match try_to_create_owner(&call, &mut browser, &given).await {
        Ok(()) => Ok(go_to("/welcome", &browser)),
        Err(failure) => owner_form(&call, &mut browser, &given, Some(&Complaint::about(failure)?)),
    }
}

async fn try_to_create_owner(call: &Call, browser: &mut Browser, given: &Form) -> Result<(), Failure> {
    browser.check_form(call)?;
    let engine = call.engine();
    let account = engine.create_owner(secret(call), &given.username, &given.email, &given.password).await?;
    browser.sign_in(call, account).await
}

fn secret(call: &Call) -> &str {
    call.params.text("secret").unwrap_or_default()
}
