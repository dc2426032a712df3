//! What can be asked of an instance on the command line, and what comes back.

use std::fmt;
use std::path::PathBuf;

use koinon_engine::store::Defect;
use serde::{Deserialize, Serialize};

use crate::archive::Written;
use crate::error::ServerError;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Make an account.
    CreateAccount {
        name: String,
        email: String,
        password: String,
        /// Whether it may run the instance.
        admin: bool,
    },
    /// Make an access token.
    CreateToken {
        /// Of the account.
        name: String,
        /// Separated by spaces.
        scopes: String,
    },
    /// Verify all data.
    Check,
    /// Write everything into one file.
    Backup {
        /// Absolute.
        file: PathBuf,
    },
}

impl Order {
    /// What it is called in the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::CreateAccount { .. } => "account create",
            Self::CreateToken { .. } => "token create",
            Self::Check => "check",
            Self::Backup { .. } => "backup",
        }
    }

    /// Whether it takes so long that a server that ends does not wait for it.
    pub(crate) const fn is_long(&self) -> bool {
        matches!(self, Self::Check | Self::Backup { .. })
    }
}

/// Without what is secret.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Order({})", self.name())
    }
}

/// What came of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    /// There is an account of this name, with the domain.
    Account { name: String },
    /// There is such a token.
    Token { secret: String },
    /// Everything was looked at.
    Checked(Findings),
    /// There is a backup.
    Backup { file: PathBuf, written: Written },
}

/// Without what is secret.
impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account { .. } => "Account",
            Self::Token { .. } => "Token",
            Self::Checked(_) => "Checked",
            Self::Backup { .. } => "Backup",
        })
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Findings {
    /// One line each.
    pub(crate) defects: Vec<String>,
    /// Uploaded files that are sound.
    pub(crate) sound_files: u64,
}

impl Findings {
    /// Notes a defect.
    pub(crate) fn add(&mut self, defect: &Defect) {
        let parts = [&defect.table, &defect.key, &defect.description];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        self.defects.push(parts.join(": "));
    }
}

/// Why an order was not carried out, on its way to whoever gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl From<&ServerError> for Refusal {
    fn from(error: &ServerError) -> Self {
        Self { message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<Refusal> for ServerError {
    fn from(Refusal { message, hint }: Refusal) -> Self {
        Self::Refused { message, hint }
    }
}
