//! Forms: their fields, and what people are told when one was not accepted.

use http::StatusCode;
use koinon_engine::Error;
use maud::{Markup, html};

use crate::failure::Failure;

/// What is wrong with a form that was sent.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// The status code of the page that shows the form again.
    pub(crate) status: StatusCode,
    text: String,
}

impl Complaint {
    /// The failures that the person at the form can do something about.
    ///
    /// # Errors
    /// All others, unchanged.
    pub(crate) fn about(failure: Failure) -> Result<Self, Failure> {
        let status = match &failure {
            Failure::StaleForm => StatusCode::FORBIDDEN,
            Failure::Engine(Error::Disabled(_)) => StatusCode::FORBIDDEN,
            Failure::Engine(Error::WrongCredentials | Error::Invalid(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => return Err(failure),
        };
        let text = match &failure {
            Failure::StaleForm => "This form had expired. Please send it again.".to_owned(),
            other => {
                let text = other.to_string();
                text.strip_prefix("Validation failed: ").unwrap_or(&text).to_owned()
            }
        };
        Ok(Self { status, text })
    }
}

/// The place of a form where it says what is wrong.
pub(crate) fn complaint(complaint: Option<&Complaint>) -> Markup {
    html! {
        @if let Some(complaint) = complaint { p.complaint role="alert" { (complaint.text) } }
    }
}

/// A line to be filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// What it asks for.
    pub(crate) label: &'static str,
    /// `text`, `email` or `password`.
    pub(crate) kind: &'static str,
    /// What password managers take it for.
    pub(crate) autocomplete: &'static str,
    /// What it holds already.
    pub(crate) value: &'a str,
    /// Whether it has to be filled in.
    pub(crate) required: bool,
}

impl Field<'_> {
    /// A field with its label.
    pub(crate) fn show(&self) -> Markup {
        html! {
            label for=(self.name) { (self.label) }
            input id=(self.name) name=(self.name) type=(self.kind) value=(self.value)
                autocomplete=(self.autocomplete) autocapitalize="none" spellcheck="false"
                required[self.required];
        }
    }
}

/// Who one is, and the password that proves it.
pub(crate) fn sign_in_fields(username: &str) -> Markup {
    let name = Field {
        name: "username",
        label: "Name or e-mail address",
        kind: "text",
        autocomplete: "username",
        value: username,
        required: true,
    };
    html! { (name.show()) (password_field("Password", "current-password")) }
}

/// A password, which is never filled in again.
pub(crate) fn password_field(label: &'static str, autocomplete: &'static str) -> Markup {
    Field { name: "password", label, kind: "password", autocomplete, value: "", required: true }.show()
}
