//! What Koinon costs, beside the physical limit measured in the same run.
//!
//! `cargo run --release -p koinon-benches` prints a table: each request beside a static response of the same bytes
//! through the same HTTP stack, each engine call beside the raw reads or commits of the store. Ratios are what counts:
//! both sides of each ran on the same machine within the same minute. `--seconds N` sets how long each is measured.

mod load;
mod raw;
mod report;
mod served;
mod world;

use std::error::Error;
use std::time::Duration;

use load::{Request, measure};
use report::{Comparison, print};
use served::Served;
use world::World;

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections of the two kinds of load: one patient client, and a busy instance.
const CONNECTIONS: [usize; 2] = [1, 16];

fn main() -> Result<(), Box<dyn Error>> {
    let duration = Duration::from_secs_f64(seconds()?);
    eprintln!("making the world: 60 accounts, 3000 statuses, on SQLite with synchronous=FULL");
    let world = World::make()?;
    let served = Served::start(&world)?;
    let mut comparisons = Vec::new();
    for connections in CONNECTIONS {
        comparisons.extend(over_http(&world, &served, connections, duration)?);
    }
    comparisons.extend(raw::compare(&world, duration)?);
    print(&comparisons);
    Ok(())
}

/// Requests beside a static response of the same bytes.
fn over_http(
    world: &World,
    served: &Served,
    connections: usize,
    duration: Duration,
) -> Result<Vec<Comparison>, Box<dyn Error>> {
    let token = &world.reader_token;
    let home = Request::get("/api/v1/timelines/home?limit=20", token);
    let old = Request::get_each(
        world.old_cursors.iter().map(|id| format!("/api/v1/timelines/home?limit=20&max_id={id}")),
        token,
    );
    let one = Request::get(&format!("/api/v1/statuses/{}", world.a_status), token);
    let me = Request::get("/api/v1/accounts/verify_credentials", token);
    let public = Request::get("/api/v1/timelines/public?limit=20", token);
    let mut comparisons = Vec::new();
    for (name, request) in [
        ("home timeline of 20", &home),
        ("home timeline of 20 at old cursors", &old),
        ("public timeline of 20", &public),
        ("one status", &one),
        ("verify_credentials", &me),
    ] {
        let bytes = load::answer_to(served.address, request)?;
        served.answer_with(bytes);
        let limit = measure(served.address, &Request::get("/static", token), connections, duration)?;
        let measured = measure(served.address, request, connections, duration)?;
        comparisons.push(Comparison::new(
            name,
            connections,
            measured,
            "static response of the same bytes",
            limit,
        ));
    }
    let post =
        Request::post("/api/v1/statuses", &world.poster_token, "status=A+short+post+about+nothing+much");
    served.answer_with(load::answer_to(served.address, &post)?);
    let limit = measure(served.address, &Request::get("/static", token), connections, duration)?;
    let measured = measure(served.address, &post, connections, duration)?;
    comparisons.push(Comparison::new(
        "post, 50 followers",
        connections,
        measured,
        "static response of the same bytes",
        limit,
    ));
    Ok(comparisons)
}

/// How long each is measured.
fn seconds() -> Result<f64, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--seconds"), Some(number)) => Ok(number.parse()?),
        (None, _) | (Some("--bench"), _) => Ok(3.0),
        _ => Err("usage: koinon-benches [--seconds N]".into()),
    }
}
