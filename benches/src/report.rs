//! The table.

use crate::load::Measured;

/// Something measured, beside what limits it.
#[derive(Debug)]
pub(crate) struct Comparison {
    name: &'static str,
    connections: usize,
    measured: Measured,
    limit_name: &'static str,
    limit: Measured,
}

impl Comparison {
    pub(crate) fn new(
        name: &'static str,
        connections: usize,
        measured: Measured,
        limit_name: &'static str,
        limit: Measured,
    ) -> Self {
        Self { name, connections, measured, limit_name, limit }
    }

    fn ratio(&self) -> f64 {
        self.measured.per_second / self.limit.per_second
    }
}

/// Prints all comparisons as a Markdown table.
pub(crate) fn print(comparisons: &[Comparison]) {
    println!("| what | at once | per second | median | p99 | CPU each | limit | limit per second | ratio |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for comparison in comparisons {
        let Comparison { name, connections, measured, limit_name, limit } = comparison;
        println!(
            "| {name} | {connections} | {:.0} | {} µs | {} µs | {} µs | {limit_name} | {:.0} | {:.2} |",
            measured.per_second,
            measured.median.as_micros(),
            measured.p99.as_micros(),
            measured.processor.as_micros(),
            limit.per_second,
            comparison.ratio(),
        );
    }
}
