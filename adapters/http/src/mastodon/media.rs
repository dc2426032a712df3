//! Uploads.

use http::Method;
use koinon_engine::error::Invalid;
use koinon_engine::model::Focus;
use koinon_engine::uploads::Caption;

use super::{rates, refuse};
use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let write = Access::Account("write:media");
    vec![
        route(Method::POST, "/api/v1/media", write, refuse, upload).with_files().limited(rates::UPLOADS),
        route(Method::POST, "/api/v2/media", write, refuse, upload).with_files().limited(rates::UPLOADS),
        route(Method::GET, "/api/v1/media/{id}", write, refuse, show),
        route(Method::PUT, "/api/v1/media/{id}", write, refuse, update),
    ]
}

async fn upload(call: Call) -> Answer {
    let owner = call.account()?;
    let file = call.params.upload("file").ok_or(Invalid::Blank("File"))?;
    let attachment = call.engine().upload(owner, file.bytes.to_vec(), caption(&call)?).await?;
    json(&call.renderer().attachment(&attachment))
}

async fn show(call: Call) -> Answer {
    let id = call.id("id")?;
    let attachment = call.query(move |query| query.upload(id)).await?;
    json(&call.renderer().attachment(&attachment))
}

async fn update(call: Call) -> Answer {
    let attachment = call.engine().caption(call.account()?, call.id("id")?, caption(&call)?).await?;
    json(&call.renderer().attachment(&attachment))
}

fn caption(call: &Call) -> Result<Caption, Failure> {
    Ok(Caption {
        description: call.params.text("description").map(str::to_owned),
        focus: call.params.text("focus").filter(|text| !text.is_empty()).map(focus).transpose()?,
    })
}

/// Two numbers from -1 to 1, separated by a comma.
fn focus(text: &str) -> Result<Focus, Failure> {
    let part = |text: &str| {
        let number: f64 = text.trim().parse().ok()?;
        #[allow(clippy::cast_possible_truncation, reason = "at most 1000 after the check")]
        (-1.0..=1.0).contains(&number).then(|| (number * 1000.0).round() as i16)
    };
    let parsed = text.split_once(',').and_then(|(x, y)| Some(Focus { x: part(x)?, y: part(y)? }));
    Ok(parsed.ok_or(Invalid::Malformed("Focus"))?)
}
