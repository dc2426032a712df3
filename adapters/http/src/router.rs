//! From method and path to a route, by tables of data.
//!
//! A dialect is a list of [`Route`]s; the same list makes the router, the API description and the coverage
//! check.
//!
//! ```
//! use http::Method;
//! use koinon_http::router::{Lookup, Route, Router};
//!
//! let mut router = Router::new();
//! router.mount("", [
//!     Route::new(Method::GET, "/api/v1/statuses/{id}", "show"),
//!     Route::new(Method::DELETE, "/api/v1/statuses/{id}", "delete"),
//! ])?;
//! let Lookup::Found { route, params } = router.find(&Method::GET, "/api/v1/statuses/AbC/") else { panic!() };
//! assert_eq!(route.endpoint, "show");
//! assert_eq!(params, [("id", "AbC".to_owned())]);
//! # Ok::<(), koinon_http::router::RouteError>(())
//! ```
//!
//! - `{name}` stands for one whole segment, `{name}.json` and `img-{name}` for part of one, `{*name}` for
//!   the rest of the path.
//! - Literal text wins over parameters, for each method by itself: `GET /a/search` does not hide `DELETE
//!   /a/{id}` from the id `search`.
//! - One trailing slash means the same resource. `HEAD` is answered by the route for `GET`.
//! - Parameters are percent-decoded once; one that is not UTF-8 then names nothing, so the path is not
//!   found. `%2F` is part of a parameter, never a separator.
//! - The rest of a path never contains `.` or `..` segments, backslashes or NUL: such a path is not found.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;
use thiserror::Error;

/// One line of a route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<T> {
    /// The method; one route per method.
    pub method: Method,
    /// The path with its parameters in braces, mounted prefix included.
    pub template: String,
    /// What the table says about the route: handler, scope, documentation.
    pub endpoint: T,
}

impl<T> Route<T> {
    /// A route of a table that is still to be mounted.
    pub fn new(method: Method, template: impl Into<String>, endpoint: T) -> Self {
        Self { method, template: template.into(), endpoint }
    }
}

/// Why a route table is wrong. Found when the program starts, not when a request comes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RouteError {
    /// The method and path are taken by another route.
    #[error("{method} {template} is already served by {by}")]
    Duplicate {
        /// The method.
        method: Method,
        /// The path of the second route.
        template: String,
        /// The path of the first route.
        by: String,
    },
    /// Two paths could match the same request and neither is more literal.
    #[error("{template} cannot be told from {with}")]
    Ambiguous {
        /// The path of the second route.
        template: String,
        /// The path of the first route, with numbers for its parameter names.
        with: String,
    },
    /// The path does not start with a slash, or its braces are wrong.
    #[error("{template:?} is no path template")]
    InvalidTemplate {
        /// The path as given.
        template: String,
    },
    /// The prefix of a mount neither is empty nor starts with a slash, ends with one, or has braces.
    #[error("{prefix:?} is no path to mount routes under")]
    InvalidPrefix {
        /// The prefix as given.
        prefix: String,
    },
}

/// Decoded path parameters by name, in the order of the template.
pub type PathParams<'r> = Vec<(&'r str, String)>;

/// What a router knows about a method and a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup<'r, T> {
    /// A route serves this.
    Found {
        /// The route.
        route: &'r Route<T>,
        /// What stood in the places of its parameters.
        params: PathParams<'r>,
    },
    /// The path exists, but not for this method.
    MethodNotAllowed {
        /// What the header `Allow` has to list; never empty.
        allow: Vec<Method>,
    },
    /// No route has this path.
    NotFound,
}

/// All routes of a server, ready to be searched.
///
/// A search takes time in proportion to the length of the path; only a path that its method does not serve is
/// looked up for the other methods too.
#[derive(Debug, Clone)]
pub struct Router<T> {
    routes: Vec<Entry<T>>,
    by_method: Vec<(Method, matchit::Router<usize>)>,
}

#[derive(Debug, Clone)]
struct Entry<T> {
    route: Route<T>,
    param_names: Vec<String>,
    takes_rest: bool,
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Self { routes: Vec::new(), by_method: Vec::new() }
    }
}

impl<T> Router<T> {
    /// A router without routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table of routes below `prefix`: empty, or like `/diaspora`. After an error the routes before it
    /// are in.
    pub fn mount(
        &mut self,
        prefix: &str,
        table: impl IntoIterator<Item = Route<T>>,
    ) -> Result<(), RouteError> {
        let sound = prefix.is_empty()
            || (prefix.starts_with('/') && !prefix.ends_with('/') && !prefix.contains(['{', '}']));
        if !sound {
            return Err(RouteError::InvalidPrefix { prefix: prefix.to_owned() });
        }
        table.into_iter().try_for_each(|route| self.add(prefix, route))
    }

    /// All routes in the order they were added.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = &Route<T>> {
        self.routes.iter().map(|entry| &entry.route)
    }

    /// The route for a method and the raw, still percent-encoded path of a request.
    pub fn find(&self, method: &Method, path: &str) -> Lookup<'_, T> {
        let path = normalized(path);
        let served = self.find_exact(method, &path);
        let served = if method == Method::HEAD {
            served.or_else(|| self.find_exact(&Method::GET, &path))
        } else {
            served
        };
        if let Some((route, params)) = served {
            return Lookup::Found { route, params };
        }
        let allow = self.methods_of(&path);
        if allow.is_empty() { Lookup::NotFound } else { Lookup::MethodNotAllowed { allow } }
    }

    /// The methods a path can be asked with, for `Allow`: those of its routes, `HEAD` where there is `GET`,
    /// and `OPTIONS`. Empty if there is no such path.
    pub fn allowed(&self, path: &str) -> Vec<Method> {
        self.methods_of(&normalized(path))
    }

    fn add(&mut self, prefix: &str, route: Route<T>) -> Result<(), RouteError> {
        let template = format!("{prefix}{}", route.template);
        let Some(shape) = Shape::of(&template) else {
            return Err(RouteError::InvalidTemplate { template });
        };
        let index = self.routes.len();
        let known = self.by_method.iter().position(|(method, _)| *method == route.method);
        let position = known.unwrap_or_else(|| {
            self.by_method.push((route.method.clone(), matchit::Router::new()));
            self.by_method.len() - 1
        });
        if let Err(error) = self.by_method[position].1.insert(&shape.pattern, index) {
            return Err(match error {
                matchit::InsertError::Conflict { with } => self.conflict(route.method, template, with),
                _ => RouteError::InvalidTemplate { template },
            });
        }
        self.routes.push(Entry {
            route: Route { template, ..route },
            param_names: shape.param_names,
            takes_rest: shape.takes_rest,
        });
        Ok(())
    }

    fn conflict(&self, method: Method, template: String, with: String) -> RouteError {
        let same = self.routes.iter().find(|entry| {
            entry.route.method == method && Shape::of(&entry.route.template) == Shape::of(&template)
        });
        match same {
            Some(entry) => RouteError::Duplicate { method, template, by: entry.route.template.clone() },
            None => RouteError::Ambiguous { template, with },
        }
    }

    fn find_exact(&self, method: &Method, path: &str) -> Option<(&Route<T>, PathParams<'_>)> {
        let (_, paths) = self.by_method.iter().find(|(served, _)| served == method)?;
        let found = paths.at(path).ok()?;
        let entry = &self.routes[*found.value];
        let mut params = Vec::with_capacity(entry.param_names.len());
        for (name, (_, raw)) in entry.param_names.iter().zip(found.params.iter()) {
            params.push((name.as_str(), percent_decode_str(raw).decode_utf8().ok()?.into_owned()));
        }
        match params.last() {
            Some((_, rest)) if entry.takes_rest && !is_plain_rest(rest) => None,
            _ => Some((&entry.route, params)),
        }
    }

    fn methods_of(&self, path: &str) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for (method, _) in &self.by_method {
            if self.find_exact(method, path).is_some() {
                methods.push(method.clone());
            }
        }
        if methods.contains(&Method::GET) && !methods.contains(&Method::HEAD) {
            methods.push(Method::HEAD);
        }
        if !methods.is_empty() && !methods.contains(&Method::OPTIONS) {
            methods.push(Method::OPTIONS);
        }
        methods
    }
}

/// A template with its parameter names taken out, so that two routes may name the same place differently.
#[derive(Debug)]
struct Shape {
    pattern: String,
    param_names: Vec<String>,
    takes_rest: bool,
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Shape {
    fn of(template: &str) -> Option<Self> {
        if !template.starts_with('/') {
            return None;
        }
        let mut shape = Self { pattern: String::new(), param_names: Vec::new(), takes_rest: false };
        let mut remaining = without_trailing_slash(template);
        while let Some(open) = remaining.find(['{', '}']) {
            let (literal, from_brace) = remaining.split_at(open);
            let (name, after) = from_brace.strip_prefix('{')?.split_once('}')?;
            let (star, name) = name.strip_prefix('*').map_or(("", name), |name| ("*", name));
            if name.is_empty() || name.contains(['{', '*', '/']) {
                return None;
            }
            shape.pattern.push_str(&format!("{literal}{{{star}{}}}", shape.param_names.len()));
            shape.param_names.push(name.to_owned());
            shape.takes_rest = !star.is_empty();
            remaining = after;
        }
        shape.pattern.push_str(remaining);
        Some(shape)
    }
}

/// The path as it is matched: without one trailing slash, and with needless percent-encoding undone
/// (`/%40alice` is `/@alice`). Nothing that separates or encodes is decoded, so decoding a parameter
/// afterwards decodes it once.
fn normalized(path: &str) -> Cow<'_, str> {
    let path = without_trailing_slash(path);
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut plain = String::with_capacity(path.len());
    let mut remaining = path;
    while let Some(percent) = remaining.find('%') {
        plain.push_str(&remaining[..percent]);
        remaining = &remaining[percent..];
        match remaining.get(1..3).and_then(decoded_byte).filter(|byte| is_segment_character(*byte)) {
            Some(byte) => {
                plain.push(char::from(byte));
                remaining = &remaining[3..];
            }
            None => {
                plain.push('%');
                remaining = &remaining[1..];
            }
        }
    }
    plain.push_str(remaining);
    Cow::Owned(plain)
}

fn decoded_byte(hex: &str) -> Option<u8> {
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(hex, 16).ok()).flatten()
}

/// `pchar` of RFC 3986 without the percent sign.
fn is_segment_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte)
}

fn without_trailing_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    }
}

fn is_plain_rest(rest: &str) -> bool {
    !rest.contains(['\\', '\0']) && !rest.split('/').any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests;
