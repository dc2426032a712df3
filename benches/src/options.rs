//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// What Koinon costs, beside the physical limit measured in the same run.
#[derive(Debug, Parser)]
#[command(name = "koinon-benches")]
pub(crate) struct Options {
    /// Seconds that each is measured, and about as long its limit
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    seconds: f64,
    /// Only what has this text in its name
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Also a million statuses and ten thousand follows, for which gigabytes have to be made first
    #[arg(long)]
    pub(crate) full: bool,
    /// The server [default: koinon, beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    pub(crate) fn read() -> Self {
        Self::parse()
    }

    /// How long each is measured.
    pub(crate) fn duration(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or(Duration::from_secs(2))
    }

    /// Whether something of this name is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|text| name.contains(text.as_str()))
    }

    /// Whether anything of these names is to be measured: then it has to be prepared.
    pub(crate) fn wants_any<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        names.into_iter().any(|name| self.wants(name))
    }
}
