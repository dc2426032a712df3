//! A request on its way through a handler.

use std::net::IpAddr;
use std::num::IntErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use http::{HeaderMap, Uri};
use koinon_engine::audience::Viewer;
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::model::AccountId;
use koinon_engine::oauth::Session;
use koinon_engine::page::{Page, PageRequest};
use koinon_engine::query::Query;
use koinon_engine::{Engine, Error};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::Api;
use crate::failure::Failure;
use crate::options::IdFormat;
use crate::paging::{PageUrl, link_header};
use crate::params::{Params, RequestParams};

/// A request whose route, parameters and authority are known.
#[derive(Debug)]
pub struct Call {
    api: Api,
    head: Parts,
    session: Option<Arc<Session>>,
    /// Whether the store was asked about the session.
    confirmed: Arc<AtomicBool>,
    address: IpAddr,
    /// All parameters: of the query, the body and the path.
    pub params: Params,
}

impl Call {
    pub(crate) fn new(
        api: Api,
        head: Parts,
        params: RequestParams,
        path: Vec<(String, String)>,
        session: Option<Arc<Session>>,
        confirmed: Arc<AtomicBool>,
        address: IpAddr,
    ) -> Self {
        Self { api, head, session, confirmed, address, params: params.merge(path) }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.api.engine()
    }

    /// The instance.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The request's address.
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// Where the request comes from.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The token the request came with, if its route looks at tokens.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Who looks.
    pub fn viewer(&self) -> Viewer {
        self.session.as_ref().and_then(|session| session.account).map_or(Viewer::Anonymous, Viewer::Local)
    }

    /// The account in whose name the request is made.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] where there is none; routes with [`Access::Account`](crate::endpoint::Access) rule that out.
    pub fn account(&self) -> Result<AccountId, Failure> {
        self.viewer().account().ok_or(Failure::Engine(Error::NotSignedIn))
    }

    /// Asks the engine, in the name of whoever made the request.
    pub async fn query<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(session) = &self.session else {
            return Ok(self.engine().query(Viewer::Anonymous, question).await?);
        };
        let answer = self.engine().query_in(session, question).await?;
        self.confirmed.store(true, Ordering::Relaxed);
        Ok(answer)
    }

    /// The parameters, as the type a route reads them into.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(self.params.read()?)
    }

    /// The id called `name`, usually of the path. What is no id names nothing. // R59
    pub fn id(&self, name: &str) -> Result<IdInput, Failure> {
        let text = self.params.text(name).unwrap_or_default();
        text.parse().map_err(|_| Failure::Engine(Error::NotFound))
    }

    /// The page that is asked for: `limit` is cut at `maximum`. // R16
    pub fn page(&self, default: usize, maximum: usize) -> Result<PageRequest, Failure> {
        #[derive(Deserialize)]
        struct Wanted {
            max_id: Option<String>,
            since_id: Option<String>,
            min_id: Option<String>,
            limit: Option<String>,
        }
        let wanted: Wanted = self.read()?;
        let id = |text: Option<String>| text.and_then(|text| text.parse::<IdInput>().ok());
        Ok(PageRequest {
            max: id(wanted.max_id),
            since: id(wanted.since_id),
            min: id(wanted.min_id),
            limit: limit(wanted.limit.as_deref(), default, maximum),
        })
    }

    /// `Link` to the pages before and after this one; none for a page at both ends.
    pub fn link<T>(&self, page: &Page<T>) -> Option<http::HeaderValue> {
        let here = PageUrl {
            public_base: &self.engine().settings().base_url,
            path: self.head.uri.path(),
            query: self.head.uri.query().unwrap_or_default(),
        };
        let text = |id: Option<Flake>| id.map(|id| self.api.options().id_format.render(id));
        link_header(&here, text(page.next).as_deref(), text(page.prev).as_deref())
    }

    /// How ids are written.
    pub fn id_format(&self) -> IdFormat {
        self.api.options().id_format
    }
}

/// The number of items asked for: what is no number is the default, what is too large or negative is bent. // R16
pub(crate) fn limit(text: Option<&str>, default: usize, maximum: usize) -> usize {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => default,
        Some(text) => match text.parse::<i64>() {
            Ok(number) => usize::try_from(number.unsigned_abs()).unwrap_or(maximum).min(maximum),
            Err(error) if matches!(error.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => {
                maximum
            }
            Err(_) => default,
        },
    }
}
