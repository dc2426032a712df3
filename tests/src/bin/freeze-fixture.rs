//! Freezes data of the present version, so that every later version can be held to reading them. In one command:
//!
//! ```text
//! cargo run -p koinon-tests --bin freeze-fixture
//! ```
//!
//! They go to `tests/fixtures/v1`, where 1 is the version of the data. Run it when that version is about to be released
//! for the first time, and as long as it was not; what was released stays as it is for ever.

use std::process::ExitCode;

use koinon_engine::store::schema::DATA_VERSION;
use koinon_tests::fixture::{freeze, frozen};

fn main() -> ExitCode {
    let folder = frozen(DATA_VERSION);
    match freeze(&folder) {
        Ok(()) => {
            println!("{}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("freeze-fixture: {error}");
            ExitCode::FAILURE
        }
    }
}
