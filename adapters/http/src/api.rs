//! Koinon behind HTTP: one function from request to response.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Buf;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use koinon_engine::Engine;

use crate::access;
use crate::activity::{ActiveAccounts, Activity};
use crate::body::{Body, BoxError};
use crate::call::Call;
use crate::client_address::client_address;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::mastodon::Renderings;
use crate::options::Options;
use crate::params::read_request;
use crate::rate_limit::{RateKey, RateLimiter};
use crate::router::{Lookup, RouteError, Router};
use crate::{cors, mastodon, oauth, web};

/// The address of the client's end of the connection. An adapter puts it into the extensions of a request; without
/// it, all clients count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The whole surface of an instance. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Api {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    options: Options,
    router: Router<Endpoint>,
    rates: RateLimiter,
    activity: Activity,
    renderings: Renderings,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

impl Api {
    /// An instance over `engine` with the Mastodon dialect, OAuth and the pages a browser needs.
    ///
    /// # Errors
    /// When two routes cannot be told apart, which a test of this crate rules out.
    pub fn new(engine: Engine, options: Options) -> Result<Self, RouteError> {
        let mut router = Router::new();
        router.mount("", mastodon::routes())?;
        router.mount("", oauth::routes())?;
        router.mount("", web::routes())?;
        let shared = Shared {
            engine,
            options,
            router,
            rates: RateLimiter::default(),
            activity: Activity::default(),
            renderings: Renderings::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The engine behind it.
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// How it was set up.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Method and path template of every route, in the order of the tables.
    pub fn routes(&self) -> impl Iterator<Item = (&Method, &str)> {
        self.shared.router.routes().map(|route| (&route.method, route.template.as_str()))
    }

    /// What was written for clients of Mastodon lately.
    pub(crate) fn renderings(&self) -> &Renderings {
        &self.shared.renderings
    }

    /// How many accounts were active lately; up to an hour old.
    pub(crate) async fn active_accounts(&self) -> Result<ActiveAccounts, koinon_engine::Error> {
        self.shared.activity.active_accounts(self.engine()).await
    }

    /// Answers a request. Never fails: what goes wrong is an answer too, in the format of the dialect that was asked.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send,
        B::Data: Buf + Send,
        B::Error: Into<BoxError>,
    {
        let is_head = request.method() == Method::HEAD;
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let mut response = match self.answer(head, body).await {
            Ok(response) => response,
            Err(refusal) => refusal,
        };
        decorate(&path, &mut response);
        if is_head {
            response = without_body(response);
        }
        response
    }

    async fn answer<B>(&self, head: http::request::Parts, body: B) -> Result<Response<Body>, Response<Body>>
    where
        B: http_body::Body + Send,
        B::Data: Buf + Send,
        B::Error: Into<BoxError>,
    {
        let Shared { options, router, .. } = &*self.shared;
        let outside = |failure: Failure| unrouted(head.uri.path(), &failure);
        if head.method == Method::OPTIONS {
            return Ok(self.options_of(&head));
        }
        options.limits.check_head(&head).map_err(|error| outside(error.into()))?;
        let (route, path) = match router.find(&head.method, head.uri.path()) {
            Lookup::Found { route, params } => (route, params),
            Lookup::MethodNotAllowed { allow } => return Err(outside(Failure::MethodNotAllowed(allow))),
            Lookup::NotFound => return Err(outside(Failure::NoSuchPath)),
        };
        let endpoint = &route.endpoint;
        let refuse = |failure: Failure| (endpoint.refuse)(&failure);
        let peer = head.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
        let address = client_address(peer, &head.headers, &options.trusted_proxies);
        let limited = self.count(endpoint, address).map_err(|decision| refuse(Failure::TooMany(decision)))?;
        let params = read_request(&head, body, endpoint.body, &options.limits, &options.param_limits)
            .await
            .map_err(|error| refuse(error.into()))?;
        let only_reads = head.method.is_safe();
        let authority = access::authorize(self.engine(), &head.headers, &params, endpoint, only_reads)
            .await
            .map_err(refuse)?;
        let confirmed = Arc::new(AtomicBool::new(!authority.recalled));
        // A handler that asks the engine nothing shows nothing but what the session says.
        let unconfirmed = authority.session.clone().filter(|_| authority.recalled);
        let path: Vec<(String, String)> =
            path.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let session = authority.session;
        let call = Call::new(self.clone(), head, params, path, session, Arc::clone(&confirmed), address);
        let mut response = (endpoint.handler)(call).await.unwrap_or_else(refuse);
        if let Some(session) = unconfirmed.filter(|_| !confirmed.load(Ordering::Relaxed)) {
            let confirmation = self.engine().query_in(&session, |_| Ok(())).await;
            confirmation.map_err(|error| refuse(error.into()))?;
        }
        if let Some(decision) = limited {
            decision.write_headers(response.headers_mut());
        }
        Ok(response)
    }

    /// Counts a request against the rules of its route; the answer tells the client where it stands.
    fn count(
        &self,
        endpoint: &Endpoint,
        address: IpAddr,
    ) -> Result<Option<crate::rate_limit::RateDecision>, crate::rate_limit::RateDecision> {
        if !self.shared.options.rate_limits {
            return Ok(None);
        }
        let now = self.engine().now().milliseconds();
        let key = RateKey::address(address);
        let mut strictest = None;
        for rule in endpoint.rates {
            let decision = self.shared.rates.hit(rule, &key, now);
            if !decision.allowed {
                return Err(decision);
            }
            strictest = Some(match strictest {
                None => decision,
                Some(other) => decision.stricter(other),
            });
        }
        Ok(strictest)
    }

    fn options_of(&self, head: &http::request::Parts) -> Response<Body> {
        let allow = self.shared.router.allowed(head.uri.path());
        let is_preflight = cors::is_preflight(&head.method, &head.headers);
        if allow.is_empty() {
            // A browser that is refused here hides the 404 from the program that could make sense of it.
            let is_api = is_preflight && is_open_to_scripts(head.uri.path());
            return if is_api { cors::preflight() } else { unrouted(head.uri.path(), &Failure::NoSuchPath) };
        }
        let mut response = if is_preflight {
            cors::preflight()
        } else {
            let mut response = Response::new(Body::default());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        };
        response.headers_mut().insert(ALLOW, methods(&allow));
        response
    }
}

/// A refusal before any route was found: in JSON for programs, as a page for people.
fn unrouted(path: &str, failure: &Failure) -> Response<Body> {
    let for_programs = ["/api/", "/oauth/", "/.well-known/", "/nodeinfo"];
    if for_programs.iter().any(|prefix| path.starts_with(prefix)) {
        mastodon::refuse(failure)
    } else {
        web::refuse(failure)
    }
}

/// The value of an `Allow` header.
pub(crate) fn methods(allow: &[Method]) -> HeaderValue {
    let text = allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// Headers that belong on every answer of their kind.
fn decorate(path: &str, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if is_open_to_scripts(path) {
        cors::open(headers);
    }
    // What depends on who asks must not stay in any cache on the way.
    if !headers.contains_key(http::header::CACHE_CONTROL) {
        headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(http::header::VARY, HeaderValue::from_static("Authorization, Origin"));
    }
}

/// Paths that scripts of other origins may ask: interfaces and files, but no pages with forms.
fn is_open_to_scripts(path: &str) -> bool {
    let pages = ["/oauth/authorize", "/setup", "/login", "/logout", "/register"];
    !pages.iter().any(|page| path.starts_with(page))
}

fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    if let Some(bytes) = body.as_bytes() {
        head.headers.insert(CONTENT_LENGTH, bytes.len().into());
    }
    head.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
    Response::from_parts(head, Body::default())
}
