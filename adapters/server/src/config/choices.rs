//! Settings that are one of a few words.

use clap::ValueEnum;
use koinon_engine::settings::Registrations;
use koinon_http::{IdFormat, Profile};
use serde::Deserialize;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationsChoice {
    /// Anyone.
    Open,
    /// Anyone, but a moderator has to agree.
    Approval,
    /// Nobody.
    Closed,
}

impl From<RegistrationsChoice> for Registrations {
    fn from(choice: RegistrationsChoice) -> Self {
        match choice {
            RegistrationsChoice::Open => Self::Open,
            RegistrationsChoice::Approval => Self::Approval,
            RegistrationsChoice::Closed => Self::Closed,
        }
    }
}

/// Which server clients take it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileChoice {
    /// Pleroma.
    Pleroma,
    /// Mastodon.
    Mastodon,
}

impl From<ProfileChoice> for Profile {
    fn from(choice: ProfileChoice) -> Self {
        match choice {
            ProfileChoice::Pleroma => Self::Pleroma,
            ProfileChoice::Mastodon => Self::Mastodon,
        }
    }
}

/// How ids are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdFormatChoice {
    /// 26 characters.
    Flake,
    /// A decimal number.
    Snowflake,
}

impl From<IdFormatChoice> for IdFormat {
    fn from(choice: IdFormatChoice) -> Self {
        match choice {
            IdFormatChoice::Flake => Self::Flake,
            IdFormatChoice::Snowflake => Self::Snowflake,
        }
    }
}

/// On or off. In a file `true` and `false` will do too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(try_from = "SwitchInFile")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected \"on\", \"off\", true or false")]
enum SwitchInFile {
    Truth(bool),
    Word(String),
}

impl TryFrom<SwitchInFile> for Switch {
    type Error = &'static str;

    fn try_from(written: SwitchInFile) -> Result<Self, &'static str> {
        match written {
            SwitchInFile::Truth(true) => Ok(Self::On),
            SwitchInFile::Truth(false) => Ok(Self::Off),
            SwitchInFile::Word(word) if word == "on" => Ok(Self::On),
            SwitchInFile::Word(word) if word == "off" => Ok(Self::Off),
            SwitchInFile::Word(_) => Err("expected \"on\", \"off\", true or false"),
        }
    }
}
