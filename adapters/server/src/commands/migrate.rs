//! `koinon migrate`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use koinon_engine::migration::{MIGRATIONS, Plan, PlannedStep, Progress, plan, upgrade};

use super::tell;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::lock::{FolderLock, FolderUse};

/// Time between two lines about the same migration.
const PACE: Duration = Duration::from_secs(1);

/// Brings the data of a folder that no server runs on up to date, or says what that would be.
pub(super) fn migrate(config: &Config, dry_run: bool) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::existing(&config.data)?;
    let _use = FolderUse::share(folder.path())?;
    let _lock = if dry_run { None } else { Some(FolderLock::take(folder.path())?) };
    let kind = folder.kind(config.store)?;
    let looking = folder.open_store_for_reading(kind)?;
    let plan = block_on(plan(&*looking, MIGRATIONS))?;
    drop(looking);
    let place = folder.path().display();
    for line in describe(&plan) {
        tell(format_args!("{place}: {line}"))?;
    }
    if dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    // Even where nothing is to be done with the data, the store may have to make room for new tables.
    let store = folder.open_store(kind)?;
    let mut told = Instant::now();
    block_on(upgrade(&*store, MIGRATIONS, |progress| {
        if progress.is_finished || told.elapsed() >= PACE {
            told = Instant::now();
            eprintln!("koinon: {}", describe_progress(progress, &plan));
        }
    }))?;
    if !plan.steps.is_empty() {
        tell(format_args!("{place}: the data have version {} now", plan.known))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each thing to know.
fn describe(plan: &Plan) -> Vec<String> {
    let Plan { found, known, steps } = plan;
    if steps.is_empty() {
        return vec![format!(
            "the data have version {found}, the newest that this program knows; there is nothing to do"
        )];
    }
    let mut lines = vec![format!("the data have version {found}, the newest is {known}; to be done:")];
    for PlannedStep { to, title, done, rows, likely } in steps {
        let before =
            if *done > 0 { format!(" more, after {done} before it was interrupted") } else { String::new() };
        lines.push(format!("version {to}: {title}; {rows} rows{before}, likely {}", rough(*likely)));
    }
    lines.push(format!(
        "that is likely to take {}; it can be interrupted, but not undone: make a backup first with koinon backup",
        rough(plan.likely())
    ));
    lines
}

fn describe_progress(progress: &Progress, plan: &Plan) -> String {
    let Progress { to, title, rows, is_finished } = progress;
    match plan.steps.iter().find(|step| step.to == *to) {
        Some(step) if !is_finished => {
            format!("version {to}: {title}; {rows} of {} rows", (step.done + step.rows).max(*rows))
        }
        _ => format!("version {to}: {title}; {rows} rows, done"),
    }
}

/// A time as people say it.
fn rough(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    match seconds {
        0..=1 => "a second".into(),
        2..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(steps: Vec<PlannedStep>) -> Plan {
        Plan { found: 1, known: 1 + steps.len() as u32, steps }
    }

    fn step(to: u32, done: u64, rows: u64, seconds: u64) -> PlannedStep {
        PlannedStep { to, title: "sorts shelves", done, rows, likely: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_plan_is_told_with_what_it_takes() {
        let told = describe(&plan_of(vec![step(2, 500, 4_000, 90), step(3, 0, 10, 0)]));
        assert_eq!(
            told,
            [
                "the data have version 1, the newest is 3; to be done:",
                "version 2: sorts shelves; 4000 rows more, after 500 before it was interrupted, likely 90 seconds",
                "version 3: sorts shelves; 10 rows, likely a second",
                "that is likely to take 90 seconds; it can be interrupted, but not undone: make a backup first with koinon backup",
            ]
        );
        let told = describe(&plan_of(Vec::new()));
        assert_eq!(
            told,
            ["the data have version 1, the newest that this program knows; there is nothing to do"]
        );
    }

    #[test]
    fn progress_is_told_with_how_much_there_is() {
        let plan = plan_of(vec![step(2, 500, 4_000, 90)]);
        let mut progress = Progress { to: 2, title: "sorts shelves", rows: 1_000, is_finished: false };
        assert_eq!(describe_progress(&progress, &plan), "version 2: sorts shelves; 1000 of 4500 rows");
        progress.rows = 4_600;
        assert_eq!(describe_progress(&progress, &plan), "version 2: sorts shelves; 4600 of 4600 rows");
        progress.is_finished = true;
        assert_eq!(describe_progress(&progress, &plan), "version 2: sorts shelves; 4600 rows, done");
    }

    #[test]
    fn times_are_rounded_up() {
        for (milliseconds, said) in [
            (0, "a second"),
            (999, "a second"),
            (1_001, "2 seconds"),
            (119_000, "119 seconds"),
            (120_001, "3 minutes"),
            (7_200_000, "2 hours"),
            (90_000_000, "25 hours"),
        ] {
            assert_eq!(rough(Duration::from_millis(milliseconds)), said);
        }
    }
}
