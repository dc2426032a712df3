//! How an instance is configured: flags before environment before file before defaults.

mod address;
mod choices;
mod environment;
mod error;
mod file;
mod layer;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use koinon_engine::settings::{Registrations, Settings};
use koinon_http::client_address::Network;
use koinon_http::limits::RequestLimits;
use koinon_http::{IdFormat, Options, Profile};

pub use address::{AddressError, BaseUrl, Domain};
pub use choices::{IdFormatChoice, ProfileChoice, RegistrationsChoice, Switch};
pub use environment::from_environment;
pub(crate) use environment::variable;
pub use error::ConfigError;
pub use file::{read_file, read_file_if_present};
pub use layer::Layer;

use crate::store_kind::StoreKind;

/// The data folder where none is named.
pub const DEFAULT_DATA: &str = "koinon-data";
/// The configuration in the data folder.
pub const FILE_NAME: &str = "koinon.toml";
/// What a request that uploads a file may have beside the file, in bytes.
const BESIDE_AN_UPLOAD: u64 = 1 << 20;

/// The flags that say where an instance is.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Place {
    /// Folder with all data of the instance [default: ./koinon-data] [env: KOINON_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration, if it is not koinon.toml in that folder [env: KOINON_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The flags of commands that need nothing but the data of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Data {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// What keeps the records [default: what the data folder holds, else sqlite] [env: KOINON_STORE]
    #[arg(long, value_name = "STORE")]
    pub store: Option<StoreKind>,
}

/// The configuration of an instance, with every default filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Folder with all its data.
    pub data: PathBuf,
    /// What keeps its records; what the folder holds when none, and SQLite in a new one.
    pub store: Option<StoreKind>,
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The domain of its accounts.
    pub domain: Domain,
    /// Where it is reached; derived from the other two when none.
    pub base_url: Option<BaseUrl>,
    /// Who may register.
    pub registrations: Registrations,
    /// Which server clients take it for.
    pub profile: Profile,
    /// How ids are written.
    pub id_format: IdFormat,
    /// Whether clients are held to the rates of the routes.
    pub rate_limits: bool,
    /// Its name.
    pub title: String,
    /// One or two sentences about it.
    pub description: String,
    /// Whom to write to about it; may be empty.
    pub contact_email: String,
    /// Languages it is meant for.
    pub languages: Vec<String>,
    /// Rules that people agree to when they join.
    pub rules: Vec<String>,
    /// Reverse proxies that are believed.
    pub trusted_proxies: Vec<Network>,
    /// Longest status, in characters.
    pub status_characters: u32,
    /// Largest upload, in bytes.
    pub upload_bytes: u64,
    /// Largest uploaded picture, in bytes; never more than `upload_bytes`.
    pub image_bytes: u64,
    /// Most connections at a time.
    pub connections: u32,
    /// How long clients are waited for.
    pub patience: Patience,
}

/// How long clients are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the head of a request, for the answer to be taken, and for the whole request beyond the time that its
    /// body takes at [`body_bytes_per_second`](Self::body_bytes_per_second).
    pub request: Duration,
    /// The slowest pace at which a body may arrive.
    pub body_bytes_per_second: u64,
    /// For requests that are being answered when the server shuts down.
    pub shutdown: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            body_bytes_per_second: 8 << 10,
            shutdown: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// The configuration that flags, environment variables and the file they name make together, and the names of
    /// variables that look like settings but are none.
    ///
    /// # Errors
    /// When a value makes no sense, or a file cannot be read.
    pub fn load(
        place: Place,
        flags: Layer,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, Vec<String>), ConfigError> {
        let variables: Vec<(OsString, OsString)> = variables.into_iter().collect();
        let path = |name: &str| {
            let found = variables.iter().find(|(key, value)| key == OsStr::new(name) && !value.is_empty());
            found.map(|(_, value)| PathBuf::from(value))
        };
        let data = place.data.or_else(|| path("KOINON_DATA"));
        let (data, file) = match place.config.or_else(|| path("KOINON_CONFIG")) {
            Some(config) => {
                let file = read_file(&config)?;
                (data.or_else(|| file.data.clone()).unwrap_or_else(|| DEFAULT_DATA.into()), file)
            }
            None => {
                let data = data.unwrap_or_else(|| DEFAULT_DATA.into());
                let config = data.join(FILE_NAME);
                let file = read_file_if_present(&config)?;
                if file.data.is_some() {
                    return Err(ConfigError::DataInDataFolder(config));
                }
                (data, file)
            }
        };
        let (environment, unknown) = from_environment(variables)?;
        Ok((Self::new(data, flags.or(environment).or(file)), unknown))
    }

    /// The configuration of an instance in the folder `data`; what `layer` lacks is the default.
    pub fn new(data: PathBuf, layer: Layer) -> Self {
        let settings = Settings::default();
        let upload_bytes = layer.upload_bytes.unwrap_or(RequestLimits::default().upload_bytes);
        let image_bytes = layer.image_bytes.unwrap_or(settings.limits.media.image.max_bytes);
        Self {
            data,
            store: layer.store,
            listen: layer.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 3000))),
            domain: layer.domain.unwrap_or_default(),
            base_url: layer.base_url,
            registrations: layer.registrations.map_or(settings.registrations, Into::into),
            profile: layer.profile.map_or_else(Profile::default, Into::into),
            id_format: layer.id_format.map_or_else(IdFormat::default, Into::into),
            rate_limits: layer.rate_limits.is_none_or(Switch::is_on),
            title: layer.title.unwrap_or(settings.title),
            description: layer.description.unwrap_or(settings.description),
            contact_email: layer.contact_email.unwrap_or(settings.contact_email),
            languages: layer.languages.unwrap_or(settings.languages),
            rules: layer.rules.unwrap_or(settings.rules),
            trusted_proxies: layer.trusted_proxies.unwrap_or_default(),
            status_characters: layer.status_characters.unwrap_or(5_000),
            upload_bytes,
            image_bytes: image_bytes.min(upload_bytes),
            connections: layer.connections.unwrap_or(4_096),
            patience: Patience::default(),
        }
    }

    /// Where an instance that listens on `local` is reached, without a slash at the end.
    pub fn public_url(&self, local: SocketAddr) -> String {
        match &self.base_url {
            Some(url) => url.as_str().to_owned(),
            None if self.domain.is_loopback() => format!("http://{}", reachable(local)),
            None => format!("https://{}", self.domain),
        }
    }

    /// What the engine has to know when the server listens on `local`.
    pub fn settings(&self, local: SocketAddr) -> Settings {
        let mut settings = Settings {
            domain: self.domain.to_string(),
            base_url: self.public_url(local),
            title: self.title.clone(),
            description: self.description.clone(),
            contact_email: self.contact_email.clone(),
            rules: self.rules.clone(),
            languages: self.languages.clone(),
            registrations: self.registrations,
            ..Settings::default()
        };
        let limits = &mut settings.limits;
        limits.status_characters = self.status_characters as usize;
        // Twice what characters take at most, since links count less than they are long.
        limits.status_bytes = limits.status_bytes.max(8 * self.status_characters as usize);
        limits.media.image.max_bytes = self.image_bytes;
        limits.media.max_audio_video_bytes = self.upload_bytes;
        settings
    }

    /// What the HTTP layer has to know.
    pub fn options(&self) -> Options {
        let limits = RequestLimits {
            upload_bytes: self.upload_bytes.saturating_add(BESIDE_AN_UPLOAD),
            ..RequestLimits::default()
        };
        Options {
            profile: self.profile,
            id_format: self.id_format,
            rate_limits: self.rate_limits,
            limits,
            trusted_proxies: self.trusted_proxies.clone(),
            ..Options::default()
        }
    }
}

/// The address under which this machine reaches a socket: one that listens everywhere is reached at home.
pub(crate) fn reachable(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}
