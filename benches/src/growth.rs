//! What becomes dearer with more data, more follows and more followers; and what happens while others write.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use koinon_engine::Engine;
use koinon_engine::id::IdInput;
use koinon_engine::page::PageRequest;

use crate::Failure;
use crate::data::DataSet;
use crate::engine_calls::read_home;
use crate::load::{Connection, Requests};
use crate::measured::{Measured, Step, Work, repeat};
use crate::options::Options;
use crate::over_http::DATA;
use crate::people::{FOLLOWS, account, add_accounts, add_author, draft, home_ids, keenest, token};
use crate::report::{Figure, Report};
use crate::served::Served;
use crate::stores::{Backend, engine};

/// Connections that post while others read.
const POSTING: usize = 16;
/// Connections that read meanwhile.
const READING: usize = 4;

/// Measures all of it.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    by_statuses(options, report)?;
    by_follows(options, report)?;
    by_followers(options, report)?;
    while_posting(options, report)
}

/// The home timeline of someone with 100 follows, among more and more statuses.
fn by_statuses(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let sizes = [1_000, 10_000, 100_000, 1_000_000];
    for statuses in &sizes[..if options.full { 4 } else { 3 }] {
        let name = format!("home timeline among {statuses} statuses");
        if options.wants(&name) {
            let folder = DataSet { statuses: *statuses, ..DATA }.folder()?;
            let engine = engine(DATA.backend.open(&folder)?)?;
            read(&engine, &name, "reader100", options, report)?;
        }
    }
    Ok(())
}

/// The home timeline of those who follow few and many, and of one whose friends have fallen silent.
fn by_follows(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let names = FOLLOWS.map(|follows| (format!("home timeline with {follows} follows"), follows));
    let stale = "home timeline of those who fell silent long ago";
    let small = FOLLOWS[3];
    if options.wants(stale) || names.iter().any(|(name, follows)| *follows < small && options.wants(name)) {
        let engine = engine(DATA.backend.open(&DATA.folder()?)?)?;
        for (name, follows) in names.iter().filter(|(name, follows)| *follows < small && options.wants(name))
        {
            read(&engine, name, &format!("reader{follows}"), options, report)?;
        }
        if options.wants(stale) {
            read(&engine, stale, "stale", options, report)?;
        }
    }
    let (name, follows) = &names[3];
    if options.full && options.wants(name) {
        let data = DataSet { accounts: 12_000, statuses: 20_000, backend: Backend::Sqlite };
        let engine = engine(data.backend.open(&data.folder()?)?)?;
        read(&engine, name, &format!("reader{follows}"), options, report)?;
    }
    Ok(())
}

/// The newest page and old ones, of the engine alone with one reader.
fn read(
    engine: &Engine,
    name: &str,
    reader: &str,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failure> {
    let reader = account(engine, reader)?;
    let newest = repeat(1, options.duration() / 2, &read_home(engine, reader, PageRequest::newest(20)))?;
    let mut cursors = home_ids(engine, reader, 60_000)?;
    fastrand::Rng::with_seed(2).shuffle(&mut cursors);
    let old = repeat(1, options.duration() / 2, &old_pages(engine, reader, cursors))?;
    for (which, measured) in [("newest page", newest), ("old pages", old)] {
        report.note(Figure::microseconds(format!("{name}, {which}, median"), measured.median));
        report.note(Figure::microseconds(format!("{name}, {which}, CPU each"), measured.processor));
    }
    Ok(())
}

fn old_pages(
    engine: &Engine,
    reader: koinon_engine::model::AccountId,
    cursors: Vec<koinon_engine::model::StatusId>,
) -> Work {
    let (engine, cursors) = (engine.clone(), Arc::new(cursors));
    Arc::new(move || {
        let (engine, cursors) = (engine.clone(), Arc::clone(&cursors));
        let step: Step = Box::new(move |number| {
            // Behind those that the warm-up asked for.
            let place = (number >> 40) as usize * (cursors.len() / 4) + (number & 0xFFFF_FFFF) as usize;
            let Some(cursor) = cursors.get(place % cursors.len().max(1)) else { return Ok(()) };
            let request = PageRequest { max: Some(IdInput::Exact(*cursor)), ..PageRequest::newest(20) };
            block_on(engine.query(koinon_engine::audience::Viewer::Local(reader), move |query| {
                query.home_timeline(&koinon_engine::timelines::TimelineFilter::default(), &request)
            }))?;
            Ok(())
        });
        Ok(step)
    })
}

/// One post to more and more followers, until it stands in the home timeline of the last of them.
fn by_followers(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let sizes = [10, 1_000, 10_000];
    let names =
        sizes.map(|followers| (format!("post to {followers} followers, all of them reached"), followers));
    let wanted: Vec<_> =
        names[..if options.full { 3 } else { 2 }].iter().filter(|(name, _)| options.wants(name)).collect();
    let Some(most) = wanted.iter().map(|(_, followers)| *followers).max() else { return Ok(()) };
    let folder = DataSet { statuses: 10_000, ..DATA }.copy()?;
    let engine = engine(DATA.backend.open(folder.path())?)?;
    let fans = add_accounts(&engine, "fan", most)?;
    for (name, followers) in wanted {
        let author = add_author(&engine, &format!("author{followers}"), fans[..*followers].to_vec())?;
        let posting = engine.clone();
        let work: Work = Arc::new(move || {
            let engine = posting.clone();
            let step: Step = Box::new(move |_| {
                block_on(async {
                    engine.post(author, draft("A short post about nothing much", None)).await?;
                    while engine.run_due(64).await? > 0 {}
                    Ok(())
                })
            });
            Ok(step)
        });
        let measured = repeat(1, options.duration(), &work)?;
        report.note(Figure::microseconds(format!("{name}, median"), measured.median));
        report.note(Figure::microseconds(format!("{name}, p99"), measured.p99));
        report.note(Figure::microseconds(format!("{name}, CPU each"), measured.processor));
    }
    Ok(())
}

/// The home timeline over HTTP while posts stream in at half the rate that there is at most.
fn while_posting(options: &Options, report: &mut Report) -> Result<(), Failure> {
    let name = "home timeline while others post";
    if !options.wants(name) {
        return Ok(());
    }
    let folder = DATA.copy()?;
    let engine = engine(DATA.backend.open(folder.path())?)?;
    let served = Served::start(&engine)?;
    let author = token(&engine, account(&engine, "author")?)?;
    let post = Requests::post("/api/v1/statuses", &author, "status=A+short+post+about+nothing+much");
    let reader = keenest(&engine)?;
    let home = Requests::get("/api/v1/timelines/home?limit=20", &token(&engine, reader)?);
    let read = |duration| repeat(READING, duration, &home.work(served.address));
    let quiet = read(options.duration())?;
    let most = repeat(POSTING, options.duration(), &post.work(served.address))?.per_second;
    let duration = options.duration() * 3 / 2;
    let pause = Duration::from_secs_f64(POSTING as f64 / (most / 2.0));
    let (busy, posted) = thread::scope(|scope| -> Result<(Measured, usize), Failure> {
        let begun = Instant::now();
        let posting: Vec<_> = (0..POSTING as u32)
            .map(|number| {
                let post = post.clone();
                scope.spawn(move || -> Result<usize, Failure> {
                    let mut connection = Connection::open(served.address)?;
                    let mut due = begun + pause * number / POSTING as u32;
                    let mut posted = 0;
                    while begun.elapsed() < duration {
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        connection.ask(post.take())?;
                        posted += 1;
                        due += pause;
                    }
                    Ok(posted)
                })
            })
            .collect();
        let busy = read(options.duration());
        let mut posted = 0;
        for thread in posting {
            posted += thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok((busy?, posted))
    })?;
    report.note(Figure::number("posts per second, at most".into(), most, "per second"));
    report.note(Figure::number(
        "posts per second while others read".into(),
        posted as f64 / duration.as_secs_f64(),
        "per second",
    ));
    for (which, measured) in [("home timeline while nobody posts", quiet), (name, busy)] {
        report.note(Figure::microseconds(format!("{which}, {READING} at once, median"), measured.median));
        report.note(Figure::microseconds(format!("{which}, {READING} at once, p99"), measured.p99));
    }
    Ok(())
}
