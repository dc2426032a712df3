//! Log lines on standard error.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Writes log lines from `default` upwards to standard error, or what `KOINON_LOG`, else `RUST_LOG`, asks for.
///
/// What is wrong with those variables is told in a log line. Only the first call counts.
pub(crate) fn start_logging(default: LevelFilter) {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let wanted = variable("KOINON_LOG").or_else(|| variable("RUST_LOG")).unwrap_or_default();
    let builder = EnvFilter::builder().with_default_directive(default.into());
    let (filter, problem) = match builder.clone().parse(&wanted) {
        Ok(filter) => (filter, None),
        Err(error) => (builder.parse_lossy(""), Some(error)),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
    if let (Ok(()), Some(error)) = (started, problem) {
        tracing::warn!(%error, "KOINON_LOG or RUST_LOG is not understood");
    }
}
