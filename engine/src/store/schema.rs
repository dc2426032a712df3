//! Every table of the engine, with the question it answers.

use super::TableDefinition;

/// All tables, in the order of this file. Backends are opened with it.
pub const TABLES: &[TableDefinition] = &[];
