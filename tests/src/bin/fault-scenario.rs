//! Runs a scenario over a store, for someone else to kill, and looks at what is left of it.
//!
//! ```text
//! fault-scenario run BACKEND FOLDER SEED COMMANDS       # writes the number of each acknowledged command, a line each
//! fault-scenario wait BACKEND FOLDER SEED COMMANDS      # the same; writes 0 when the store is open, and waits for a line
//! fault-scenario verify BACKEND FOLDER SEED FILE AHEAD  # FILE: what `run` wrote; AHEAD: commands that may be there beyond
//! ```

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::media::DirectoryBlobs;
use koinon_tests::backend::Backend;
use koinon_tests::scenario::{Scenario, close, verify};
use koinon_tests::trace::acknowledged;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match act(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fault-scenario: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(arguments: &[&str]) -> Result<(), String> {
    match *arguments {
        [how @ ("run" | "wait"), backend, folder, seed, commands] => {
            let commands = number(commands)? as usize;
            run(backend.parse()?, Path::new(folder), number(seed)?, commands, how == "wait")
        }
        ["verify", backend, folder, seed, file, ahead] => {
            let acknowledged = acknowledged(Path::new(file)).map_err(|error| format!("{file}: {error}"))?;
            let at_most = acknowledged + number(ahead)? as usize;
            let folder = Path::new(folder);
            let found = block_on(verify(backend.parse()?, folder, number(seed)?, acknowledged, at_most))?;
            println!("{acknowledged} acknowledged, {found} found");
            Ok(())
        }
        _ => {
            Err("usage: run|wait BACKEND FOLDER SEED COMMANDS | verify BACKEND FOLDER SEED FILE AHEAD".into())
        }
    }
}

fn run(backend: Backend, folder: &Path, seed: u64, commands: usize, wait: bool) -> Result<(), String> {
    let store = backend.open(folder).map_err(|error| error.to_string())?;
    let blobs = DirectoryBlobs::open(folder.join("media")).map_err(|error| error.to_string())?;
    let done: Result<(), String> = block_on(async {
        let mut scenario = Scenario::begin(Arc::clone(&store), Arc::new(blobs), seed)
            .await
            .map_err(|error| error.to_string())?;
        // One call for each line, past the buffer of the standard output.
        let mut output = File::from(
            std::os::fd::AsFd::as_fd(&io::stdout())
                .try_clone_to_owned()
                .map_err(|error| error.to_string())?,
        );
        let mut tell =
            |step: usize| output.write_all(format!("{step}\n").as_bytes()).map_err(|error| error.to_string());
        if wait {
            tell(0)?;
            io::stdin().read_line(&mut String::new()).map_err(|error| error.to_string())?;
        }
        while scenario.step() < commands {
            scenario.advance().await.map_err(|error| format!("command {}: {error}", scenario.step() + 1))?;
            tell(scenario.step())?;
        }
        Ok(())
    });
    close(store);
    done
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}
