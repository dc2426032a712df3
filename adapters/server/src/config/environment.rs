//! Settings from environment variables.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Command, FromArgMatches};

use super::error::ConfigError;
use super::layer::Layer;

/// What the names of all variables start with.
const PREFIX: &str = "KOINON_";
/// Variables that are read elsewhere.
const OTHERS: [&str; 4] = ["KOINON_DATA", "KOINON_CONFIG", "KOINON_LOG", "KOINON_PASSWORD"];

/// The layer that `variables` make, and the names of those that look like settings but are none.
///
/// An empty value counts as none, since many tools that start programs cannot leave a variable out.
///
/// # Errors
/// [`ConfigError::Value`] for the first value that makes no sense.
pub fn from_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Layer, Vec<String>), ConfigError> {
    let mut layer = Layer::default();
    let mut unknown = Vec::new();
    let known = flags();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        if !name.starts_with(PREFIX) || OTHERS.contains(&name.as_str()) || value.is_empty() {
            continue;
        }
        let setting = known.get_arguments().find(|flag| variable(flag.get_id().as_str()) == name);
        match setting.and_then(clap::Arg::get_long) {
            Some(flag) => layer = layer.or(read(flag, &name, &value)?),
            None => unknown.push(name),
        }
    }
    Ok((layer, unknown))
}

/// The variable of a setting.
pub(crate) fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_ascii_uppercase())
}

fn flags() -> Command {
    Layer::augment_args(Command::new("environment").no_binary_name(true))
}

/// Reads a value as the flag of the same setting would.
fn read(flag: &str, name: &str, value: &OsString) -> Result<Layer, ConfigError> {
    let mut argument = OsString::from(format!("--{flag}="));
    argument.push(value);
    let refuse = |error: &clap::Error| ConfigError::Value {
        origin: name.to_owned(),
        value: value.to_string_lossy().into_owned(),
        reason: reason(error),
    };
    let matches = flags().try_get_matches_from([argument]).map_err(|error| refuse(&error))?;
    Layer::from_arg_matches(&matches).map_err(|error| refuse(&error))
}

fn reason(error: &clap::Error) -> String {
    match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(source), _) => source.to_string(),
        (None, Some(ContextValue::Strings(words))) => format!("expected {}", words.join(" or ")),
        _ => "not understood".into(),
    }
}
