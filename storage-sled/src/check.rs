//! Every row, every checksum, every count.

use std::collections::HashMap;
use std::path::Path;

use koinon_engine::store::{Defect, Direction, Step, StoreError};

use crate::catalog::{Catalog, NUMBER, Tally};
use crate::tables::{Span, Table, split_place};
use crate::view::View;

/// Defects after which the search ends.
const MOST_DEFECTS: usize = 1000;
/// Rows between two looks at whether anybody still wants the answer.
const ROWS_PER_LOOK: u64 = 1024;

/// The rows of one table, as they are found.
struct Found {
    table: Table,
    expected: Tally,
    tally: Tally,
}

/// What is wrong with one state of the store at `path`, which ought to have the tables `expected`.
///
/// # Errors
/// Only what keeps it from finding out; rows that sled cannot deliver are a defect. [`StoreError::Busy`] when
/// nobody wants the answer any more.
pub(crate) fn defects(
    view: View<'_>,
    path: &Path,
    expected: &[&str],
    given_up: &dyn Fn() -> bool,
) -> Result<Vec<Defect>, StoreError> {
    let mut defects = Vec::new();
    match Catalog::read(view, path) {
        Ok(catalog) => {
            for name in expected.iter().filter(|name| !catalog.tables.contains_key(**name)) {
                defects.push(defect(name, "the table is missing"));
            }
            check_rows(view, &catalog, given_up, &mut defects)?;
        }
        Err(StoreError::Unusable(reason)) => defects.push(defect("", &reason)),
        Err(error) => return Err(error),
    }
    defects.truncate(MOST_DEFECTS);
    Ok(defects)
}

fn check_rows(
    view: View<'_>,
    catalog: &Catalog,
    given_up: &dyn Fn() -> bool,
    defects: &mut Vec<Defect>,
) -> Result<(), StoreError> {
    let mut tables: HashMap<u16, Found> = HashMap::new();
    for (name, entry) in &catalog.tables {
        let table = Table::new(name, entry.number);
        tables.insert(entry.number, Found { table, expected: entry.tally, tally: Tally::default() });
    }
    let names: HashMap<u16, &str> =
        catalog.tables.iter().map(|(name, entry)| (entry.number, name.as_str())).collect();
    let name = |number: u16| names.get(&number).copied().unwrap_or_default();
    let everything = Span { start: (NUMBER + 1).to_be_bytes().to_vec(), end: vec![u8::MAX; 3] };
    let mut seen = 0;
    let walked = view.walk(&name, everything, Direction::Ascending, &mut |place, stored| {
        seen += 1;
        if seen % ROWS_PER_LOOK == 0 && given_up() {
            return Err(StoreError::Busy("nobody waits for the check any more".into()));
        }
        match split_place(place).and_then(|(number, key)| Some((tables.get_mut(&number)?, key))) {
            Some((found, key)) => {
                found.tally.add(stored);
                note_damage(found.table.verified(key, stored).map(drop), defects)?;
            }
            None => note_damage(Err(StoreError::damaged("", place, "a row of no table")), defects)?,
        }
        Ok(if defects.len() < MOST_DEFECTS { Step::Continue } else { Step::Stop })
    });
    let is_complete = walked.is_ok() && defects.len() < MOST_DEFECTS;
    note_damage(walked, defects)?;
    // After a walk that ended early every count is wrong.
    if is_complete {
        let mut wrong: Vec<&Found> = tables.values().filter(|found| found.tally != found.expected).collect();
        wrong.sort_by(|one, other| one.table.name.cmp(&other.table.name));
        for Found { table, expected, tally } in wrong {
            let text = if tally.rows == expected.rows {
                format!("its {} rows are not those that were stored last", tally.rows)
            } else {
                format!("{} rows were stored, {} are there", expected.rows, tally.rows)
            };
            defects.push(defect(&table.name, &text));
        }
    }
    Ok(())
}

/// Turns damage, which is the very thing looked for, into entries of the list.
fn note_damage(checked: Result<(), StoreError>, defects: &mut Vec<Defect>) -> Result<(), StoreError> {
    if let Err(StoreError::Damaged { table, key, reason }) = &checked {
        defects.push(Defect {
            table: table.to_string(),
            key: key.to_string(),
            description: reason.to_string(),
        });
        return Ok(());
    }
    checked
}

fn defect(table: &str, description: &str) -> Defect {
    Defect { table: table.to_owned(), key: String::new(), description: description.to_owned() }
}
