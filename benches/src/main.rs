//! What Koinon costs, beside the physical limit measured in the same run.
//!
//! `cargo run --release -p koinon-benches` prints a table: each request beside a static response of the same bytes
//! through the same HTTP stack, each engine call beside the raw reads or commits of the store that it needs at least.
//! Ratios are what counts: both sides of each ran on the same machine, the limit directly before and directly after. The
//! same figures are written to `target/benches/results.json` and `target/benches/results.svg`.
//!
//! | in | what is measured |
//! |---|---|
//! | `over_http` | requests, one at a time and sixteen |
//! | `engine_calls` | the engine alone, on each store |
//! | `growth` | what becomes dearer with more data, more follows, more followers |
//! | `process` | the real server: memory, start, disk |

mod data;
mod engine_calls;
mod growth;
mod load;
mod measured;
mod options;
mod over_http;
mod people;
mod process;
mod raw;
mod report;
mod served;
mod stores;

use options::Options;
use report::Report;

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever keeps a run from being finished.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let options = Options::read();
    let mut report = Report::new(&options);
    data::remove_outdated()?;
    over_http::measure(&options, &mut report)?;
    engine_calls::measure(&options, &mut report)?;
    growth::measure(&options, &mut report)?;
    process::measure(&options, &mut report)?;
    report.publish(&data::folder()?)
}
