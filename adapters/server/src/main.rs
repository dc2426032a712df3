//! The `koinon` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    koinon_server::main(std::env::args_os())
}
