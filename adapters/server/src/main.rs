//! The `koinon` binary.

use std::process::ExitCode;

/// Many small allocations from several threads are what a server does; it does them faster than the system's, and gives
/// memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    koinon_server::main(std::env::args_os())
}
