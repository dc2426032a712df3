//! Which address a request comes from, seen through reverse proxies that are trusted, and only through those.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::ParseIntError;
use std::str::FromStr;

use http::HeaderMap;
use thiserror::Error;

/// The header in which each proxy notes the address it was asked from, at the end of the list.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// What stands before the slash is no address.
    #[error("not an IP address")]
    Address,
    /// What stands after the slash is no number.
    #[error("not a prefix length")]
    Prefix(#[from] ParseIntError),
    /// The prefix has more bits than the address.
    #[error("an address of this kind has {bits} bits")]
    PrefixTooLong {
        /// The bits of the address.
        bits: u8,
    },
}

impl Network {
    /// Whether an address lies in the range. An IPv4 address in IPv6 clothes is an IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse)?;
        if prefix > bits {
            return Err(NetworkError::PrefixTooLong { bits });
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The address a request comes from.
///
/// `peer` is the other end of the connection. If it is one of the `trusted` proxies, the header
/// `X-Forwarded-For` is read from its end, where the nearest proxy wrote, until an address that is no trusted
/// proxy: everything before that one may be invented by the client. Without trusted proxies, headers change
/// nothing. No other header is looked at.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        for hop in line.to_str().unwrap_or_default().rsplit(',') {
            if !is_trusted(client) {
                return client;
            }
            let Some(address) = parse_hop(hop.trim()) else {
                return client;
            };
            client = address;
        }
    }
    client
}

/// An address as proxies write it: bare, in brackets, with or without a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

/// The part of an address that stands for one client: IPv4 whole, IPv6 without the 64 bits that a client
/// chooses itself.
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn forwarded(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn without_trusted_proxies_no_header_changes_the_address() {
        let mut headers = forwarded(&["198.51.100.7"]);
        for name in ["forwarded", "x-real-ip", "client-ip", "true-client-ip", "cf-connecting-ip"] {
            headers.insert(name, "198.51.100.7".parse().unwrap());
        }
        assert_eq!(client_address(ip("203.0.113.1"), &headers, &[]), ip("203.0.113.1"));
    }

    #[test]
    fn with_trusted_proxies_a_peer_that_is_none_changes_nothing() {
        let headers = forwarded(&["198.51.100.7"]);
        let trusted = networks(&["127.0.0.0/8"]);
        assert_eq!(client_address(ip("203.0.113.1"), &headers, &trusted), ip("203.0.113.1"));
    }

    #[test]
    fn a_trusted_proxy_tells_the_address_and_what_the_client_wrote_before_is_ignored() {
        let trusted = networks(&["127.0.0.0/8", "::1"]);
        for lines in [&["203.0.113.9"][..], &["1.1.1.1, 203.0.113.9"], &["1.1.1.1", "127.0.0.1,203.0.113.9"]]
        {
            assert_eq!(client_address(ip("127.0.0.1"), &forwarded(lines), &trusted), ip("203.0.113.9"));
        }
        assert_eq!(client_address(ip("::1"), &forwarded(&["203.0.113.9"]), &trusted), ip("203.0.113.9"));
        assert_eq!(
            client_address(ip("::ffff:127.0.0.1"), &forwarded(&["203.0.113.9"]), &trusted),
            ip("203.0.113.9")
        );
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_end() {
        let trusted = networks(&["10.0.0.0/8"]);
        let headers = forwarded(&["8.8.8.8, 203.0.113.9, 10.0.0.3", "10.0.0.2"]);
        assert_eq!(client_address(ip("10.0.0.1"), &headers, &trusted), ip("203.0.113.9"));
        let only_proxies = forwarded(&["10.0.0.3, 10.0.0.2"]);
        assert_eq!(client_address(ip("10.0.0.1"), &only_proxies, &trusted), ip("10.0.0.3"));
    }

    #[test]
    fn garbage_in_the_header_ends_the_chain_at_the_last_known_hop() {
        let trusted = networks(&["10.0.0.0/8"]);
        for lines in [&["1.2.3.4, unknown"][..], &[""], &["1.2.3.4,"], &["1.2.3.4, ☕"], &[]] {
            assert_eq!(
                client_address(ip("10.0.0.1"), &forwarded(lines), &trusted),
                ip("10.0.0.1"),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        for (hop, address) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(parse_hop(hop), Some(ip(address)), "{hop}");
        }
    }

    #[test]
    fn addresses_of_one_64_network_are_one_client() {
        assert_eq!(client_network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_eq!(client_network(ip("2001:db8:1:2:ffff::1")), client_network(ip("2001:db8:1:2::")));
        assert_ne!(client_network(ip("2001:db8:1:3::")), client_network(ip("2001:db8:1:2::")));
        assert_eq!(client_network(ip("203.0.113.9")), ip("203.0.113.9"));
        assert_eq!(client_network(ip("::ffff:203.0.113.9")), ip("203.0.113.9"));
    }

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.128/25", "192.0.2.255", "192.0.2.127"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert!(parsed.contains(ip(inside)), "{network} {inside}");
            assert!(!parsed.contains(ip(outside)), "{network} {outside}");
        }
        assert_eq!("10.0.0.0/8".parse::<Network>().unwrap().to_string(), "10.0.0.0/8");
        assert_eq!("10.0.0.0/33".parse::<Network>(), Err(NetworkError::PrefixTooLong { bits: 32 }));
        assert_eq!("local/8".parse::<Network>(), Err(NetworkError::Address));
        assert!(matches!("::1/x".parse::<Network>(), Err(NetworkError::Prefix(_))));
        assert!(matches!("::1/".parse::<Network>(), Err(NetworkError::Prefix(_))));
    }
}
