//! Upgrades the made-up data in a folder, for someone else to kill. Writes a line for each transaction that is durable.
//!
//! ```text
//! upgrade-scenario DISK FOLDER
//! ```

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use futures::executor::block_on;
use koinon_engine::migration::run_batch;
use koinon_tests::upgrades::{Disk, MIGRATIONS};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [disk, folder] => disk.parse().and_then(|disk| upgrade(disk, Path::new(folder))),
        _ => Err("usage: upgrade-scenario DISK FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upgrade-scenario: {error}");
            ExitCode::FAILURE
        }
    }
}

fn upgrade(disk: Disk, folder: &Path) -> Result<(), String> {
    let store = disk.open(folder).map_err(|error| error.to_string())?;
    let mut output = io::stdout();
    while let Some(progress) = block_on(run_batch(&*store, MIGRATIONS)).map_err(|error| error.to_string())? {
        writeln!(output, "{} {}", progress.to, progress.rows).map_err(|error| error.to_string())?;
    }
    Ok(())
}
