//! The store contract as tests that every backend runs.
//!
//! A backend says how it is opened ([`Factory`]) and gets one `#[test]` per case:
//!
//! ```
//! use std::sync::Arc;
//!
//! use koinon_engine::conformance::{Factory, TABLES};
//! use koinon_engine::memory::MemoryStore;
//! use koinon_engine::store::Store;
//!
//! #[derive(Debug)]
//! struct InMemory;
//!
//! impl Factory for InMemory {
//!     fn open(&self) -> Arc<dyn Store> {
//!         Arc::new(MemoryStore::new(TABLES))
//!     }
//! }
//!
//! mod conformance {
//!     koinon_engine::store_conformance!(super::InMemory);
//! }
//!
//! // A single case can be called as well.
//! koinon_engine::conformance::scans::rows_come_in_byte_order(&InMemory);
//! ```
//!
//! Cases are plain functions that panic when the backend breaks the contract; each opens a store of its own.
//! [`model`] compares random jobs with maps and prints the smallest history that differs; the environment
//! variable `PROPTEST_CASES` sets how many it tries.
#![allow(clippy::unwrap_used, reason = "cases are tests: they fail by panicking")]

mod calls;
pub mod concurrency;
pub mod model;
pub mod persistence;
pub mod rows;
pub mod scans;
pub mod transactions;
pub mod typed;

use std::sync::Arc;

use crate::store::{Store, TableDefinition};

/// How a backend is opened.
///
/// Made anew for each case; it may hold a temporary directory that lives as long as it.
pub trait Factory: Sync {
    /// A new store with [`TABLES`] and no rows. It may be called several times in one case.
    fn open(&self) -> Arc<dyn Store>;

    /// Closes the store opened last and opens the same data again; `None` when data does not outlive its
    /// store. No other reference to `store` exists.
    fn reopen(&self, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        None
    }

    /// Whether a write resolves while a read job of before still runs. Where it does not, readers and
    /// writers wait for each other.
    fn commits_while_reading(&self) -> bool {
        false
    }
}

/// Table most cases use.
const ROWS: TableDefinition = TableDefinition { name: "rows" };
/// A second table, for what holds across tables.
const OTHERS: TableDefinition = TableDefinition { name: "others" };
/// A table that no store of a [`Factory`] is opened with.
const UNKNOWN: TableDefinition = TableDefinition { name: "unknown" };

/// The tables a [`Factory`] opens its stores with.
pub const TABLES: &[TableDefinition] =
    &[ROWS, OTHERS, typed::EVENTS.definition(), typed::MEMBERS.definition(), typed::BYTES.definition()];

/// Makes one `#[test]` per case of [`conformance`](crate::conformance) for the store that the
/// [`Factory`](crate::conformance::Factory) expression opens. Call it in a module of its own.
#[macro_export]
macro_rules! store_conformance {
    ($factory:expr) => {
        $crate::store_conformance! { @cases $factory;
            rows {
                an_absent_key_has_no_value
                a_stored_value_is_read_back
                a_second_put_replaces_the_first
                a_deleted_key_has_no_value
                deleting_an_absent_key_is_no_error
                a_deleted_key_can_be_stored_again
                an_empty_value_is_not_an_absent_one
                the_empty_key_is_a_key
                keys_with_nul_and_ff_bytes_are_distinct
                values_of_any_bytes_are_read_back
                a_value_of_one_mebibyte_is_read_back
                a_key_of_one_kibibyte_is_read_back
                tables_do_not_share_keys
                get_many_answers_in_the_order_asked
                get_many_of_no_keys_answers_nothing
                get_of_an_unknown_table_is_an_error
                get_many_of_an_unknown_table_is_an_error
                scan_of_an_unknown_table_is_an_error
                put_to_an_unknown_table_is_an_error
                delete_from_an_unknown_table_is_an_error
            }
            scans {
                an_empty_table_has_no_rows
                rows_come_in_byte_order
                descending_is_the_exact_reverse
                every_kind_of_bounds_finds_what_lies_between
                a_range_whose_start_lies_behind_its_end_is_empty
                an_empty_range_visits_nothing
                a_prefix_finds_exactly_what_starts_with_it
                a_prefix_of_ff_bytes_reaches_to_the_end
                a_stopped_scan_visits_no_further_row
                a_scan_can_follow_a_stopped_one
                an_error_of_the_visitor_ends_the_scan_and_reaches_the_caller
                a_scan_delivers_empty_and_large_values
                a_deleted_row_is_not_visited
                a_scan_stays_in_its_table
                pages_by_cursor_visit_every_row_once
            }
            typed {
                tuples_sort_like_their_values
                cursors_bound_a_scan_on_the_right_side
                a_bound_never_leaves_the_prefix
                bounds_narrow_in_any_order
                nothing_comes_after_the_largest_key
                a_prefix_of_a_tuple_finds_its_rows
                a_text_prefix_finds_the_texts_that_start_with_it
                a_page_ends_at_its_limit
                first_is_the_first_in_the_direction_asked
                a_unit_value_is_stored_as_an_empty_one
                typed_get_many_answers_in_the_order_asked
                contains_tells_whether_a_key_is_there
                an_undecodable_value_is_reported_as_damaged
                an_undecodable_key_is_reported_as_damaged
                a_key_with_bytes_left_over_is_reported_as_damaged
            }
            transactions {
                the_result_of_a_job_reaches_its_caller
                a_job_reads_its_own_writes
                a_job_scans_its_own_writes
                the_last_write_of_a_job_wins
                an_aborted_job_leaves_nothing
                an_aborted_job_brings_back_what_it_changed
                an_error_of_a_job_reaches_its_caller_and_undoes_it
                a_job_that_ignores_a_failed_write_is_rolled_back
                a_job_may_survive_a_failed_read
                a_panicking_write_job_is_rolled_back_and_the_store_goes_on
                a_panicking_read_job_does_not_stop_the_store
                tables_commit_together
                tables_are_undone_together
                a_job_of_ten_thousand_rows_is_one_transaction
                a_job_that_writes_nothing_commits
                each_commit_makes_the_version_it_announced
            }
            concurrency {
                a_read_job_does_not_see_a_commit_that_happens_meanwhile
                a_reader_never_sees_half_a_transaction
                a_resolved_write_is_seen_by_every_later_job
                sixteen_writers_increment_a_counter_exactly
                writes_queued_together_run_one_after_another
                a_failing_job_does_not_touch_the_jobs_beside_it
                every_caller_gets_the_answer_to_its_own_job
                readers_and_writers_work_side_by_side
                a_dropped_future_leaves_all_or_nothing
            }
            persistence {
                a_durable_store_can_be_reopened
                reopening_keeps_every_committed_row
                reopening_does_not_bring_back_what_was_undone
                a_write_whose_future_was_dropped_is_reopened_whole_or_not_at_all
                reopening_again_and_again_changes_nothing
                a_sound_store_has_no_defects
            }
            model {
                random_jobs_behave_like_maps
            }
        }
    };
    (@cases $factory:expr; $($subject:ident { $($case:ident)* })*) => {
        $(mod $subject {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $case() {
                    $crate::conformance::$subject::$case(&$factory);
                }
            )*
        })*
    };
}

#[cfg(test)]
mod tests {
    /// A case that is missing from the list of the macro would never run.
    #[test]
    fn every_case_is_listed() {
        let list = include_str!("mod.rs");
        let sources = [
            include_str!("concurrency.rs"),
            include_str!("model.rs"),
            include_str!("persistence.rs"),
            include_str!("rows.rs"),
            include_str!("scans.rs"),
            include_str!("transactions.rs"),
            include_str!("typed.rs"),
        ];
        for line in sources.iter().flat_map(|source| source.lines()) {
            if let Some(case) = line.strip_prefix("pub fn ").and_then(|rest| rest.split('(').next()) {
                assert!(list.lines().any(|line| line.trim() == case), "{case} is not in the list");
            }
        }
    }
}
