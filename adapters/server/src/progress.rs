//! What is told on standard error meanwhile: a bar on a terminal, now and then a line elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// One of the passes over the data.
#[derive(Debug)]
pub(crate) struct Progress {
    action: &'static str,
    /// 0 when it is not known.
    total: u64,
    done: u64,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Lines { next: Instant },
}

impl Progress {
    /// A pass over `total` rows, or over any number if that is 0, of which `done` are behind it.
    pub(crate) fn start(action: &'static str, total: u64, done: u64) -> Self {
        let shown = if io::stderr().is_terminal() {
            Shown::Bar(bar(action, total, done))
        } else {
            Shown::Lines { next: Instant::now() + BETWEEN_LINES }
        };
        Self { action, total, done, shown }
    }

    /// Some more are behind it, of the table or kind `of`.
    pub(crate) fn advance(&mut self, of: &'static str, count: u64) {
        self.done += count;
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.inc(count);
                // Not for each row: the name would be copied as often.
                if bar.position().is_multiple_of(1024) || count > 1 {
                    bar.set_message(of);
                }
            }
            Shown::Lines { next } => {
                let now = Instant::now();
                if now >= *next {
                    *next = now + BETWEEN_LINES;
                    eprintln!("koinon: {}: {}", self.action, amount(of, self.done, self.total));
                }
            }
        }
    }

    /// The pass is over.
    pub(crate) fn finish(self) {
        if let Shown::Bar(bar) = self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(action: &'static str, total: u64, done: u64) -> ProgressBar {
    let bar = if total == 0 { ProgressBar::no_length() } else { ProgressBar::new(total) };
    let template = if total == 0 {
        "{prefix} {human_pos} {msg}"
    } else {
        "{prefix} [{bar:30}] {percent}% of {human_len}, {eta} left  {msg}"
    };
    // A style that is not understood leaves the usual one.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_prefix(action).with_position(done)
}

fn amount(of: &str, done: u64, total: u64) -> String {
    if total == 0 { format!("{done} ({of})") } else { format!("{done} of {total} ({of})") }
}
