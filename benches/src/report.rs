//! The table, and the same figures as JSON and as a chart.

mod chart;

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Failure;
use crate::measured::Measured;
use crate::options::Options;

/// Something measured, beside what limits it.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) name: String,
    pub(crate) at_once: usize,
    pub(crate) measured: Measured,
    pub(crate) limit_name: &'static str,
    pub(crate) limit: Measured,
}

impl Comparison {
    /// Answers per answer of the limit; 1 is as fast.
    fn ratio(&self) -> f64 {
        self.measured.per_second / self.limit.per_second
    }

    /// Processor time per that of the limit; 1 is as cheap.
    fn processor_ratio(&self) -> f64 {
        self.measured.processor.as_secs_f64() / self.limit.processor.as_secs_f64().max(1e-9)
    }
}

/// A single number.
#[derive(Debug)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
}

impl Figure {
    pub(crate) fn number(name: String, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit }
    }

    pub(crate) fn microseconds(name: String, time: Duration) -> Self {
        Self { name, value: time.as_secs_f64() * 1e6, unit: "µs" }
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    seconds: f64,
    comparisons: Vec<Comparison>,
    figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        let seconds = options.duration().as_secs_f64();
        Self { seconds, comparisons: Vec::new(), figures: Vec::new() }
    }

    pub(crate) fn add(&mut self, comparison: Comparison) {
        let Comparison { name, at_once, measured, .. } = &comparison;
        eprintln!(
            "{name}, {at_once} at once: {:.0} per second, {:.3}",
            measured.per_second,
            comparison.ratio()
        );
        self.comparisons.push(comparison);
    }

    pub(crate) fn note(&mut self, figure: Figure) {
        eprintln!("{}: {:.1} {}", figure.name, figure.value, figure.unit);
        self.figures.push(figure);
    }

    /// Prints the tables and writes the files.
    pub(crate) fn publish(&self, folder: &Path) -> Result<(), Failure> {
        self.print();
        fs::write(folder.join("results.json"), serde_json::to_vec_pretty(&self.json())?)?;
        fs::write(folder.join("results.svg"), chart::draw(&self.bars()))?;
        Ok(())
    }

    fn print(&self) {
        if !self.comparisons.is_empty() {
            println!(
                "| what | at once | per second | median | p99 | CPU each | of it afterwards | beside | per second | CPU each | ratio | CPU ratio |"
            );
            println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
        }
        for comparison in &self.comparisons {
            let Comparison { name, at_once, measured, limit_name, limit } = comparison;
            println!(
                "| {name} | {at_once} | {:.0} | {} µs | {} µs | {} µs | {} µs | {limit_name} | {:.0} | {} µs | {:.3} | {:.1} |",
                measured.per_second,
                measured.median.as_micros(),
                measured.p99.as_micros(),
                measured.processor.as_micros(),
                measured.afterwards.as_micros(),
                limit.per_second,
                limit.processor.as_micros(),
                comparison.ratio(),
                comparison.processor_ratio(),
            );
        }
        if !self.figures.is_empty() {
            println!("\n| what | |\n|---|---|");
        }
        for Figure { name, value, unit } in &self.figures {
            println!("| {name} | {value:.1} {unit} |");
        }
    }

    fn json(&self) -> Value {
        let side = |measured: &Measured| {
            json!({
                "per_second": measured.per_second,
                "median_us": measured.median.as_secs_f64() * 1e6,
                "p99_us": measured.p99.as_secs_f64() * 1e6,
                "processor_us": measured.processor.as_secs_f64() * 1e6,
                "processor_afterwards_us": measured.afterwards.as_secs_f64() * 1e6,
            })
        };
        let comparisons: Vec<Value> = self
            .comparisons
            .iter()
            .map(|comparison| {
                json!({
                    "name": comparison.name,
                    "at_once": comparison.at_once,
                    "measured": side(&comparison.measured),
                    "limit_name": comparison.limit_name,
                    "limit": side(&comparison.limit),
                    "ratio": comparison.ratio(),
                    "processor_ratio": comparison.processor_ratio(),
                })
            })
            .collect();
        let figures: Vec<Value> = self
            .figures
            .iter()
            .map(|Figure { name, value, unit }| json!({ "name": name, "value": value, "unit": unit }))
            .collect();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "seconds": self.seconds,
            "comparisons": comparisons,
            "figures": figures,
        })
    }

    fn bars(&self) -> Vec<chart::Bar> {
        let bar = |comparison: &Comparison| chart::Bar {
            label: format!("{}, {} at once", comparison.name, comparison.at_once),
            value: comparison.ratio(),
        };
        self.comparisons.iter().map(bar).collect()
    }
}
