//! A program, as the tests play it.

use futures::executor::block_on;
use koinon_engine::Engine;
use koinon_engine::model::{AccountId, App};
use koinon_engine::oauth::{
    AuthorizationRequest, Issued, NewApp, OauthError, Revoker, Session, TokenRequest,
};

use crate::support::{Instance, PASSWORD};

pub(crate) const REDIRECT: &str = "https://client.example/cb";

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) engine: Engine,
    pub(crate) app: App,
    pub(crate) secret: String,
}

impl Client {
    pub(crate) fn new(instance: &Instance) -> Self {
        Self::with(instance, "read write follow push", REDIRECT)
    }

    pub(crate) fn with(instance: &Instance, scopes: &str, redirect_uri: &str) -> Self {
        let app = NewApp {
            name: "Client".into(),
            redirect_uris: vec![redirect_uri.into()],
            scopes: Some(scopes.into()),
            website: Some("https://client.example".into()),
        };
        let (app, secret) = block_on(instance.engine.register_app(app)).unwrap();
        Self { engine: instance.engine.clone(), app, secret: secret.reveal().into() }
    }

    /// A sound authorization request for `scope`.
    pub(crate) fn wish(&self, scope: &str) -> AuthorizationRequest {
        AuthorizationRequest {
            client_id: Some(self.app.client_id.clone()),
            redirect_uri: Some(self.app.redirect_uris[0].clone()),
            response_type: Some("code".into()),
            scope: Some(scope.into()),
            state: Some("the state".into()),
            ..AuthorizationRequest::default()
        }
    }

    /// The code that `account` gives for `scope`.
    pub(crate) fn code(&self, account: AccountId, scope: &str) -> String {
        block_on(self.engine.authorize(account, self.wish(scope))).unwrap().reveal().into()
    }

    /// A token request with this client's credentials.
    pub(crate) fn request(&self, grant_type: &str) -> TokenRequest {
        TokenRequest {
            grant_type: Some(grant_type.into()),
            client_id: Some(self.app.client_id.clone()),
            client_secret: Some(self.secret.clone()),
            ..TokenRequest::default()
        }
    }

    pub(crate) fn code_request(&self, code: &str) -> TokenRequest {
        TokenRequest {
            code: Some(code.into()),
            redirect_uri: Some(self.app.redirect_uris[0].clone()),
            ..self.request("authorization_code")
        }
    }

    pub(crate) fn refresh_request(&self, token: &str) -> TokenRequest {
        TokenRequest { refresh_token: Some(token.into()), ..self.request("refresh_token") }
    }

    pub(crate) fn password_request(&self, username: &str, password: &str) -> TokenRequest {
        TokenRequest {
            username: Some(username.into()),
            password: Some(password.into()),
            ..self.request("password")
        }
    }

    pub(crate) fn exchange(&self, request: TokenRequest) -> Result<Issued, OauthError> {
        block_on(self.engine.exchange(request))
    }

    /// The whole way from consent to token.
    pub(crate) fn token(&self, account: AccountId) -> Issued {
        self.exchange(self.code_request(&self.code(account, "read write"))).unwrap()
    }

    pub(crate) fn token_by_password(&self, username: &str) -> Issued {
        self.exchange(self.password_request(username, PASSWORD)).unwrap()
    }

    pub(crate) fn refresh(&self, token: &str) -> Result<Issued, OauthError> {
        self.exchange(self.refresh_request(token))
    }

    pub(crate) fn revoker(&self) -> Revoker {
        Revoker::Client { client_id: self.app.client_id.clone(), client_secret: self.secret.clone() }
    }
}

/// The session of an access token; none if it is not good.
pub(crate) fn session(instance: &Instance, issued: &Issued) -> Option<Session> {
    block_on(instance.engine.authenticate(issued.access.reveal())).ok()
}

pub(crate) fn refresh_of(issued: &Issued) -> &str {
    issued.refresh.as_ref().unwrap().reveal()
}

/// The protocol's name of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, OauthError>) -> &'static str {
    result.unwrap_err().code()
}
