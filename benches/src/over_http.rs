//! Requests, one at a time and sixteen, beside a static response of the same bytes.

use futures::executor::block_on;
use koinon_engine::Engine;
use koinon_engine::audience::Viewer;
use koinon_engine::model::StatusId;
use koinon_engine::page::PageRequest;
use koinon_engine::timelines::TimelineFilter;

use crate::Failure;
use crate::data::DataSet;
use crate::load::Requests;
use crate::measured::beside;
use crate::options::Options;
use crate::people::{account, home_ids, keenest, token};
use crate::report::{Comparison, Report};
use crate::served::Served;
use crate::stores::{Backend, engine};

/// What is measured on.
pub(crate) const DATA: DataSet = DataSet { accounts: 2_000, statuses: 100_000, backend: Backend::Sqlite };

/// Connections of the two kinds of load: one patient client, and a busy instance.
const CONNECTIONS: [usize; 2] = [1, 16];
/// Cursors of a timeline, and statuses to mark.
const MANY: usize = 60_000;

const HOME: &str = "GET home timeline of 20";
const OLD: &str = "GET home timeline of 20, old pages";
const PUBLIC: &str = "GET public timeline of 20";
const STATUS: &str = "GET one status";
const CONTEXT: &str = "GET context of 50 replies";
const NOTIFICATIONS: &str = "GET notifications";
const ME: &str = "GET verify_credentials";
const POST: &str = "POST status, 50 followers";
const FAVOURITE: &str = "POST favourite";

/// Measures all requests.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    if !options.wants_any([HOME, OLD, PUBLIC, STATUS, CONTEXT, NOTIFICATIONS, ME, POST, FAVOURITE]) {
        return Ok(());
    }
    let folder = DATA.copy()?;
    let engine = engine(DATA.backend.open(folder.path())?)?;
    let served = Served::start(&engine)?;
    let requests = requests(&engine)?;
    for connections in CONNECTIONS {
        for (name, requests) in &requests {
            if !options.wants(name) {
                continue;
            }
            served.answer_with(requests.ask_once(served.address)?);
            let limit = Requests::get("/static", "").work(served.address);
            let work = requests.work(served.address);
            let (measured, limit) = beside(connections, options.duration(), &work, &limit)?;
            if requests.len() > 1 && requests.taken() > requests.len() {
                eprintln!("{name}: only {} differ of {} that were asked", requests.len(), requests.taken());
            }
            report.add(Comparison {
                name: (*name).to_owned(),
                at_once: connections,
                measured,
                limit_name: "static response of the same bytes",
                limit,
            });
        }
    }
    Ok(())
}

fn requests(engine: &Engine) -> Result<Vec<(&'static str, Requests)>, Failure> {
    let reader = keenest(engine)?;
    let author = account(engine, "author")?;
    let (mine, authors) = (token(engine, reader)?, token(engine, author)?);
    let mut rng = fastrand::Rng::with_seed(1);
    let mut cursors = home_ids(engine, reader, MANY)?;
    rng.shuffle(&mut cursors);
    let mut marked = public_ids(engine)?;
    let status = marked[marked.len() / 2];
    rng.shuffle(&mut marked);
    let root = thread_of(engine, author)?;
    let old = |id| format!("/api/v1/timelines/home?limit=20&max_id={id}");
    let favourite = |id| format!("/api/v1/statuses/{id}/favourite");
    Ok(vec![
        (HOME, Requests::get("/api/v1/timelines/home?limit=20", &mine)),
        (OLD, Requests::get_each(cursors.into_iter().map(old), &mine)),
        (PUBLIC, Requests::get("/api/v1/timelines/public?limit=20", &mine)),
        (STATUS, Requests::get(&format!("/api/v1/statuses/{status}"), &mine)),
        (CONTEXT, Requests::get(&format!("/api/v1/statuses/{root}/context"), &mine)),
        (NOTIFICATIONS, Requests::get("/api/v1/notifications?limit=20", &mine)),
        (ME, Requests::get("/api/v1/accounts/verify_credentials", &mine)),
        (FAVOURITE, Requests::post_each(marked.into_iter().map(favourite), &authors, "")),
        (POST, Requests::post("/api/v1/statuses", &authors, "status=A+short+post+about+nothing+much")),
    ])
}

/// Statuses that everyone may see, without reblogs.
fn public_ids(engine: &Engine) -> Result<Vec<StatusId>, Failure> {
    let mut ids = Vec::new();
    let mut request = PageRequest::newest(400);
    while ids.len() < MANY {
        let page = block_on(engine.query(Viewer::Anonymous, move |query| {
            query.public_timeline(&TimelineFilter::default(), &request)
        }))?;
        ids.extend(page.items.iter().map(|view| view.status.id));
        match page.next {
            Some(next) => request.max = Some(koinon_engine::id::IdInput::Exact(next)),
            None => break,
        }
    }
    Ok(ids)
}

/// The status of `author` that fifty answer.
fn thread_of(engine: &Engine, author: koinon_engine::model::AccountId) -> Result<StatusId, Failure> {
    home_ids(engine, author, 400)?.last().copied().ok_or_else(|| "the author has posted nothing".into())
}
