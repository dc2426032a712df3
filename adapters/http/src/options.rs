//! How an instance is served: what the engine need not know.

use koinon_engine::id::Flake;

use crate::client_address::Network;
use crate::limits::RequestLimits;
use crate::params::ParamLimits;

/// How an instance is served.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which server clients take it for.
    pub profile: Profile,
    /// How ids are written in the Mastodon and Pleroma dialects.
    pub id_format: IdFormat,
    /// Whether clients are held to the rates of the routes.
    pub rate_limits: bool,
    /// Sizes of requests.
    pub limits: RequestLimits,
    /// Numbers and depths of parameters.
    pub param_limits: ParamLimits,
    /// Proxies whose word about a client's address is believed.
    pub trusted_proxies: Vec<Network>,
}

/// Which server clients take it for. Fields and routes are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Pleroma: its version marker, and its ways where the two differ.
    #[default]
    Pleroma,
    /// Mastodon, without a marker.
    Mastodon,
}

/// How ids are written. All forms are understood, whatever is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdFormat {
    /// 26 characters whose order is the order of time.
    #[default]
    Flake,
    /// A decimal number, for clients that insist on one.
    Snowflake,
}

impl IdFormat {
    /// The id as text.
    pub fn render(self, id: Flake) -> String {
        match self {
            Self::Flake => id.to_string(),
            Self::Snowflake => id.number().to_string(),
        }
    }
}
