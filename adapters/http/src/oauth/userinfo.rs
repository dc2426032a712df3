//! Who signed in, for programs that only want to know that: the userinfo endpoint of OpenID Connect.

use http::Method;
use serde::Serialize;

use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::refuse;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let access = Access::Account("profile");
    vec![
        route(Method::GET, "/oauth/userinfo", access, refuse, userinfo),
        route(Method::POST, "/oauth/userinfo", access, refuse, userinfo),
    ]
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    name: &'a str,
    preferred_username: &'a str,
    profile: String,
    picture: String,
}

async fn userinfo(call: Call) -> Answer {
    let account = call.account()?;
    let view = call.query(move |query| query.account(account)).await?;
    let settings = call.engine().settings();
    let (record, profile) = (&view.account, &view.account.profile);
    json(&Claims {
        iss: &settings.base_url,
        sub: settings.account_uri(&record.username),
        name: &profile.display_name,
        preferred_username: &record.username,
        profile: settings.profile_url(&record.username),
        picture: call.renderer().picture(profile.avatar.as_ref(), "avatars").0,
    })
}
