//! What can be set, in one of the three places it can be set in.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use koinon_http::client_address::Network;
use serde::{Deserialize, Deserializer};

use super::address::{BaseUrl, Domain};
use super::choices::{IdFormatChoice, ProfileChoice, RegistrationsChoice, Switch};
use crate::store_kind::StoreKind;

/// Longest status that can be allowed, in characters: what takes its bytes still fits into a request.
const MOST_STATUS_CHARACTERS: u32 = 100_000;

/// Every setting, each of which may be left out: flags, environment and file are one such layer each.
///
/// `--status-characters 500`, `KOINON_STATUS_CHARACTERS=500` and `status_characters = 500` are the same setting.
#[derive(Debug, Clone, Default, PartialEq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The data folder, seen from the folder of the file. In the file only, since flag and variable are not
    /// only for serving.
    #[arg(skip)]
    pub data: Option<PathBuf>,
    /// What keeps the records [default: what the data folder holds, else sqlite]
    #[arg(long, value_name = "STORE")]
    pub store: Option<StoreKind>,
    /// Address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDR", value_parser = socket_address)]
    #[serde(default, deserialize_with = "socket_address_in_file")]
    pub listen: Option<SocketAddr>,
    /// Domain of the accounts; never change it once there are any [default: localhost]
    #[arg(long, value_name = "NAME")]
    #[serde(default, deserialize_with = "in_file")]
    pub domain: Option<Domain>,
    /// Where browsers and clients reach the instance, if it is not https://DOMAIN
    #[arg(long, value_name = "URL")]
    #[serde(default, deserialize_with = "in_file")]
    pub base_url: Option<BaseUrl>,
    /// Who may register [default: closed]
    #[arg(long, value_name = "WHO")]
    pub registrations: Option<RegistrationsChoice>,
    /// Which server clients take it for [default: pleroma]
    #[arg(long, value_name = "SERVER")]
    pub profile: Option<ProfileChoice>,
    /// How ids are written [default: flake]
    #[arg(long, value_name = "FORM")]
    pub id_format: Option<IdFormatChoice>,
    /// Whether clients are held to the rates of the routes [default: on]
    #[arg(long, value_name = "SWITCH")]
    pub rate_limits: Option<Switch>,
    /// Name of the instance [default: Koinon]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// One or two sentences about it
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Whom to write to about it
    #[arg(long, value_name = "ADDRESS")]
    pub contact_email: Option<String>,
    /// Languages it is meant for, ISO 639 codes [default: en]
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub languages: Option<Vec<String>>,
    /// Rules that people agree to when they join. In the file only.
    #[arg(skip)]
    pub rules: Option<Vec<String>>,
    /// Reverse proxies whose X-Forwarded-For is believed: addresses or ranges such as 10.0.0.0/8
    #[arg(long, value_name = "RANGE", value_delimiter = ',')]
    #[serde(default, deserialize_with = "list_in_file")]
    pub trusted_proxies: Option<Vec<Network>>,
    /// Longest status, in characters [default: 5000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_STATUS_CHARACTERS)))]
    #[serde(default, deserialize_with = "status_characters_in_file")]
    pub status_characters: Option<u32>,
    /// Largest upload, in bytes [default: 41943040]
    #[arg(long, value_name = "BYTES")]
    pub upload_bytes: Option<u64>,
    /// Largest uploaded picture, in bytes [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    pub image_bytes: Option<u64>,
    /// Most connections at a time; more wait to be accepted [default: 4096]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    #[serde(default, deserialize_with = "connections_in_file")]
    pub connections: Option<u32>,
}

impl Layer {
    /// These settings, and those of `other` where this layer has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            data: self.data.or(other.data),
            store: self.store.or(other.store),
            listen: self.listen.or(other.listen),
            domain: self.domain.or(other.domain),
            base_url: self.base_url.or(other.base_url),
            registrations: self.registrations.or(other.registrations),
            profile: self.profile.or(other.profile),
            id_format: self.id_format.or(other.id_format),
            rate_limits: self.rate_limits.or(other.rate_limits),
            title: self.title.or(other.title),
            description: self.description.or(other.description),
            contact_email: self.contact_email.or(other.contact_email),
            languages: self.languages.or(other.languages),
            rules: self.rules.or(other.rules),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            status_characters: self.status_characters.or(other.status_characters),
            upload_bytes: self.upload_bytes.or(other.upload_bytes),
            image_bytes: self.image_bytes.or(other.image_bytes),
            connections: self.connections.or(other.connections),
        }
    }
}

fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an IP address with a port is needed, such as 127.0.0.1:3000")
}

fn socket_address_in_file<'de, D: Deserializer<'de>>(file: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(file)?;
    socket_address(&text).map(Some).map_err(serde::de::Error::custom)
}

fn in_file<'de, D, T>(file: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(file)?.parse().map(Some).map_err(serde::de::Error::custom)
}

fn list_in_file<'de, D, T>(file: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let parse =
        |text: &String| text.parse().map_err(|error| serde::de::Error::custom(format!("{text}: {error}")));
    Vec::<String>::deserialize(file)?.iter().map(parse).collect::<Result<_, _>>().map(Some)
}

fn status_characters_in_file<'de, D: Deserializer<'de>>(file: D) -> Result<Option<u32>, D::Error> {
    count_in_file(file, MOST_STATUS_CHARACTERS)
}

fn connections_in_file<'de, D: Deserializer<'de>>(file: D) -> Result<Option<u32>, D::Error> {
    count_in_file(file, u32::MAX)
}

fn count_in_file<'de, D: Deserializer<'de>>(file: D, maximum: u32) -> Result<Option<u32>, D::Error> {
    let number = i64::deserialize(file)?;
    u32::try_from(number)
        .ok()
        .filter(|count| (1..=maximum).contains(count))
        .map(Some)
        .ok_or_else(|| serde::de::Error::custom(format!("{number} is not in 1..={maximum}")))
}
