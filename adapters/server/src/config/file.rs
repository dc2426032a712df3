//! Settings from a file.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::error::ConfigError;
use super::layer::Layer;

/// Reads a file that has to be there.
///
/// # Errors
/// [`ConfigError::Unreadable`] and [`ConfigError::File`].
pub fn read_file(path: &Path) -> Result<Layer, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) => Err(ConfigError::Unreadable { file: path.to_owned(), source: error }),
    }
}

/// Reads a file that may be there. Same errors as [`read_file`].
pub fn read_file_if_present(path: &Path) -> Result<Layer, ConfigError> {
    match read_file(path) {
        // A data folder that is a file is told by whoever uses it.
        Err(ConfigError::Unreadable { source, .. })
            if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            Ok(Layer::default())
        }
        read => read,
    }
}

fn parse(path: &Path, text: &str) -> Result<Layer, ConfigError> {
    let mut layer: Layer = toml::from_str(text).map_err(|error| ConfigError::File {
        file: path.to_owned(),
        line: error.span().map(|span| 1 + text[..span.start].matches('\n').count()),
        reason: error.message().lines().collect::<Vec<_>>().join(" "),
    })?;
    if let (Some(data), Some(folder)) = (&mut layer.data, path.parent()) {
        *data = folder.join(&data);
    }
    Ok(layer)
}
