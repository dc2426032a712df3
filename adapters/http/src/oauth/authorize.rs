//! The page on which a person lets a program in.

use http::{Method, StatusCode};
use koinon_engine::Error;
use koinon_engine::entropy::Secret;
use koinon_engine::oauth::{AuthorizationError, AuthorizationRequest, Checked, OUT_OF_BAND};
use maud::html;
use serde::Deserialize;

use super::consent::Consent;
use super::redirect::to_program;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::mastodon::rates;
use crate::router::Route;
use crate::web::browser::{Browser, FormProof};
use crate::web::form::Complaint;
use crate::web::page::{Page, go_to};
use crate::web::refuse;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/oauth/authorize", Access::Open, refuse, ask),
        route(Method::POST, "/oauth/authorize", Access::Open, refuse, decide).limited(rates::SIGN_IN), // E7
        route(Method::GET, "/oauth/authorize/native", Access::Open, refuse, show_code),
    ]
}

/// What belongs to the page rather than to the request.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    username: String,
    password: String,
    decision: String,
    force_login: bool,
}

async fn ask(call: Call) -> Answer {
    let request: AuthorizationRequest = call.read()?;
    let form: Form = call.read()?;
    let mut browser = Browser::of(&call).await?;
    match call.engine().check_authorization(&request).await {
        Ok(checked) => {
            consent(&request, &checked, &form, None).page(&call, &mut browser).show(&call, &mut browser)
        }
        Err(error) => turn_away(&call, &mut browser, error),
    }
}

async fn decide(call: Call) -> Answer {
    let request: AuthorizationRequest = call.read()?;
    let form: Form = call.read()?;
    let mut browser = Browser::of(&call).await?;
    let checked = match call.engine().check_authorization(&request).await {
        Ok(checked) => checked,
        Err(error) => return turn_away(&call, &mut browser, error),
    };
    match decision(&call, &mut browser, &request, &form).await {
        Ok(Decision::Allowed(code)) => let_in(&call, &browser, &request, &checked, &code),
        Ok(Decision::Denied) => shut_out(&call, &mut browser, &request, &checked),
        Ok(Decision::Impossible(error)) => turn_away(&call, &mut browser, error),
        Err(failure) => {
            let complaint = Complaint::about(failure)?;
            let page = consent(&request, &checked, &form, Some(&complaint)).page(&call, &mut browser);
            page.show(&call, &mut browser)
        }
    }
}

fn consent<'a>(
    request: &'a AuthorizationRequest,
    checked: &'a Checked,
    form: &'a Form,
    complaint: Option<&'a Complaint>,
) -> Consent<'a> {
    Consent { request, checked, force_login: form.force_login, username: &form.username, complaint }
}

/// What came of a form.
enum Decision {
    Allowed(Secret),
    Denied,
    Impossible(AuthorizationError),
}

async fn decision(
    call: &Call,
    browser: &mut Browser,
    request: &AuthorizationRequest,
    form: &Form,
) -> Result<Decision, Failure> {
    let proof = browser.check_form(call)?;
    if form.decision == "deny" {
        return Ok(Decision::Denied);
    }
    let account = match browser.account_id().filter(|_| form.password.is_empty() && !form.force_login) {
        Some(account) if proof == FormProof::SignedIn => account,
        Some(_) => return Err(Failure::StaleForm),
        None => {
            let account = call.engine().sign_in(&form.username, &form.password).await?;
            browser.sign_in(call, account).await?;
            account
        }
    };
    match call.engine().authorize(account, request.clone()).await {
        Ok(code) => Ok(Decision::Allowed(code)),
        Err(error) => Ok(Decision::Impossible(error)),
    }
}

/// Sends the code where the program wants it; shows it if there is no such place.
fn let_in(
    call: &Call,
    browser: &Browser,
    request: &AuthorizationRequest,
    checked: &Checked,
    code: &Secret,
) -> Answer {
    if checked.redirect_uri == OUT_OF_BAND {
        return Ok(go_to(&format!("/oauth/authorize/native?code={}", code.reveal()), browser)); // B14
    }
    let state = request.state.as_deref();
    tell(call, browser, &checked.redirect_uri, state, &[("code", code.reveal())])
}

/// Tells the program that it is not let in.
fn shut_out(call: &Call, browser: &mut Browser, request: &AuthorizationRequest, checked: &Checked) -> Answer {
    if checked.redirect_uri == OUT_OF_BAND {
        let content = html! { h1 { "Denied" } p { (checked.app.name) " was not let in." } };
        return Page::new("Denied", content).show(call, browser);
    }
    let error = [
        ("error", "access_denied"),
        ("error_description", "The person who was asked did not let the program in"),
    ];
    tell(call, browser, &checked.redirect_uri, request.state.as_deref(), &error)
}

/// Says why nobody can be asked: to the program, or on a page if it is not certain whose address that is. // B3 B4
fn turn_away(call: &Call, browser: &mut Browser, error: AuthorizationError) -> Answer {
    match error {
        AuthorizationError::Redirect { redirect_uri, state, error } => {
            let text = error.to_string();
            let parameters = [("error", error.code()), ("error_description", text.as_str())];
            tell(call, browser, &redirect_uri, state.as_deref(), &parameters)
        }
        AuthorizationError::Page(error) => match Failure::from(error) {
            failure @ Failure::Oauth(_) => {
                let content = html! {
                    h1 { "This program cannot be let in" }
                    p { "It asked in a way that does not make sense: " (failure.to_string()) "." }
                };
                let page = Page::new("This program cannot be let in", content);
                page.with_status(StatusCode::BAD_REQUEST).show(call, browser)
            }
            failure => Err(failure),
        },
    }
}

/// Sends the browser back with `parameters`, its `state` and who answers. // B5 B13
fn tell(
    call: &Call,
    browser: &Browser,
    redirect_uri: &str,
    state: Option<&str>,
    parameters: &[(&str, &str)],
) -> Answer {
    let mut parameters = parameters.to_vec();
    parameters.extend(state.map(|state| ("state", state)));
    parameters.push(("iss", &call.engine().settings().base_url));
    let mut response = to_program(redirect_uri, &parameters)?;
    browser.remember(&mut response);
    Ok(response)
}

/// The code of a program without a browser of its own, to be copied. // B14
async fn show_code(call: Call) -> Answer {
    let code = call.params.text("code").unwrap_or_default();
    let is_code =
        code.len() == 43 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_code {
        return Err(Failure::Engine(Error::NotFound));
    }
    let mut browser = Browser::of(&call).await?;
    let content = html! {
        h1 { "Copy this code" }
        p { "Paste it into the program that asked for it. It works once, for ten minutes." }
        code.copy { (code) }
    };
    Page::new("Copy this code", content).show(&call, &mut browser)
}
