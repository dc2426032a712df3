//! One line of a route table: what a path does, for whom, and within which limits.

use std::pin::Pin;

use http::{Method, Response};

use crate::body::Body;
use crate::call::Call;
use crate::failure::Failure;
use crate::limits::BodyKind;
use crate::rate_limit::RateRule;
use crate::router::Route;

/// What a handler answers.
pub type Answer = Result<Response<Body>, Failure>;

/// A handler, whatever function it is.
pub type Handler = Box<dyn Fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// What a path does, for whom, and within which limits.
pub struct Endpoint {
    /// Who may ask.
    pub access: Access,
    /// Whether files may come with the request.
    pub body: BodyKind,
    /// How often one client may ask.
    pub rates: &'static [RateRule],
    /// How the dialect words a refusal.
    pub refuse: fn(&Failure) -> Response<Body>,
    /// What answers.
    pub handler: Handler,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone; tokens are not looked at.
    Open,
    /// Anyone; with a token that has the scope, in the name of its account.
    Optional(&'static str),
    /// An account, through a token that has the scope.
    Account(&'static str),
    /// A program or an account, through a token that has the scope; an empty scope asks for none.
    Token(&'static str),
}

/// A route of a dialect.
pub fn route<F>(
    method: Method,
    path: &'static str,
    access: Access,
    refuse: fn(&Failure) -> Response<Body>,
    handler: impl Fn(Call) -> F + Send + Sync + 'static,
) -> Route<Endpoint>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let handler: Handler = Box::new(move |call| Box::pin(handler(call)));
    Route::new(method, path, Endpoint { access, body: BodyKind::Parameters, rates: &[], refuse, handler })
}

impl Route<Endpoint> {
    /// The same route, taking files too.
    #[must_use]
    pub fn with_files(mut self) -> Self {
        self.endpoint.body = BodyKind::Files;
        self
    }

    /// The same route, within these rates.
    #[must_use]
    pub fn limited(mut self, rates: &'static [RateRule]) -> Self {
        self.endpoint.rates = rates;
        self
    }
}
