//! What keeps the records of an instance.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What keeps the records of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// One SQLite file, for people's data.
    #[default]
    Sqlite,
    /// A folder of sled, for research.
    Sled,
}

impl StoreKind {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Sled];

    /// The word for it on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Sled => "sled",
        }
    }

    /// What the file or folder with the records is called in a data folder.
    pub const fn place(self) -> &'static str {
        match self {
            Self::Sqlite => "koinon.sqlite",
            Self::Sled => "koinon.sled",
        }
    }

    /// What the file with the records is called in a backup.
    pub const fn backup_entry(self) -> &'static str {
        match self {
            Self::Sqlite => "koinon.sqlite",
            Self::Sled => "koinon.sled-backup",
        }
    }

    /// Whether several processes can have it open at a time.
    pub const fn is_shared(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Sled => false,
        }
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
