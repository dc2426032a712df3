//! How often somebody may do something: counters in memory, with the rules as data and the time given from
//! outside.
//!
//! A window begins with the first request that a counter sees and ends after the rule's time; then the
//! counter starts anew. Counters do not survive a restart and are not shared by several processes.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};

use crate::client_address::client_network;

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRule {
    /// Tells the counters of this rule from those of others.
    pub name: &'static str,
    /// Requests allowed in one window. With 0 nothing ever is.
    pub limit: u32,
    /// Length of a window in milliseconds.
    pub window_ms: u64,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// A client without a name; use [`RateKey::address`].
    Network(IpAddr),
    /// Anything else with a name: an account, a token, an e-mail address at sign-in.
    Name(String),
}

impl RateKey {
    /// The key for requests from an address. All of an IPv6 /64 network are one, for its holder can use any
    /// of them.
    pub fn address(address: IpAddr) -> Self {
        Self::Network(client_network(address))
    }
}

/// What a rule says to a request, and what the answer tells about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests allowed in one window.
    pub limit: u32,
    /// Requests that remain in this window.
    pub remaining: u32,
    /// When the window ends, in milliseconds since 1970.
    pub reset_ms: i64,
    /// Milliseconds until then.
    pub wait_ms: u64,
}

impl RateDecision {
    /// The decision that the client should hear of when several rules apply: a refusal before consent, then
    /// the one with the fewest requests left.
    pub fn stricter(self, other: Self) -> Self {
        let strictness = |decision: &Self| (decision.allowed, decision.remaining);
        match strictness(&other).cmp(&strictness(&self)) {
            std::cmp::Ordering::Less => other,
            // Of two refusals the longer wait, so that a client that waits is not refused again.
            std::cmp::Ordering::Equal if !other.allowed && other.wait_ms > self.wait_ms => other,
            _ => self,
        }
    }

    /// Writes `X-RateLimit-Limit`, `-Remaining` and `-Reset` (ISO 8601, as Mastodon has it), and
    /// `Retry-After` (seconds) to a refusal.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        headers.insert("x-ratelimit-limit", self.limit.into());
        headers.insert("x-ratelimit-remaining", self.remaining.into());
        if let Some(reset) = DateTime::from_timestamp_millis(self.reset_ms) {
            let text = reset.to_rfc3339_opts(SecondsFormat::Millis, true);
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert("x-ratelimit-reset", value);
            }
        }
        if !self.allowed {
            headers.insert(RETRY_AFTER, self.wait_ms.div_ceil(1_000).max(1).into());
        }
    }
}

/// The counters of all rules.
///
/// Memory is bounded: `capacity` counters of some 40 bytes, whatever the keys look like. When they are used
/// up, those whose window has ended go first, then those with the fewest requests: whoever floods the
/// counters with fresh addresses frees nobody who was refused, unless they flood with as many requests each.
#[derive(Debug)]
pub struct RateLimiter {
    capacity: usize,
    hasher: RandomState,
    counters: Mutex<HashMap<u64, Counter>>,
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    begin_ms: i64,
    end_ms: i64,
    count: u32,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl RateLimiter {
    /// Without counters yet; at most `capacity` of them (at least one) at a time.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), hasher: RandomState::new(), counters: Mutex::new(HashMap::new()) }
    }

    /// Counts a request and decides about it. A refused request is not counted, so waiting always helps.
    pub fn hit(&self, rule: &RateRule, key: &RateKey, now_ms: i64) -> RateDecision {
        self.decide(rule, key, now_ms, true)
    }

    /// Decides about a request without counting it.
    pub fn peek(&self, rule: &RateRule, key: &RateKey, now_ms: i64) -> RateDecision {
        self.decide(rule, key, now_ms, false)
    }

    fn decide(&self, rule: &RateRule, key: &RateKey, now_ms: i64, counts: bool) -> RateDecision {
        let id = self.hasher.hash_one((rule.name, key));
        // A panic elsewhere cannot leave a counter half written.
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh =
            || Counter { begin_ms: now_ms, end_ms: now_ms.saturating_add_unsigned(rule.window_ms), count: 0 };
        let mut counter =
            counters.get(&id).copied().filter(|counter| counter.runs_at(now_ms)).unwrap_or_else(fresh);
        let allowed = counter.count < rule.limit;
        if counts && allowed {
            counter.count += 1;
            if counters.len() >= self.capacity && !counters.contains_key(&id) {
                make_room(&mut counters, self.capacity, now_ms);
            }
            counters.insert(id, counter);
        }
        RateDecision {
            allowed,
            limit: rule.limit,
            remaining: rule.limit.saturating_sub(counter.count),
            reset_ms: counter.end_ms,
            wait_ms: counter.end_ms.saturating_sub(now_ms).unsigned_abs(),
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.counters.lock().unwrap().len()
    }
}

impl Counter {
    /// A clock that was set back past the beginning starts a new window, or nobody could say how long a
    /// client has to wait.
    fn runs_at(&self, now_ms: i64) -> bool {
        (self.begin_ms..self.end_ms).contains(&now_ms)
    }
}

/// Drops at least an eighth of the counters, so that its cost is spread over as many new ones.
fn make_room(counters: &mut HashMap<u64, Counter>, capacity: usize, now_ms: i64) {
    counters.retain(|_, counter| counter.runs_at(now_ms));
    let keep = capacity - capacity.div_ceil(8);
    if counters.len() <= keep {
        return;
    }
    let excess = counters.len() - keep;
    let mut by_count: Vec<(u32, u64)> = counters.iter().map(|(id, counter)| (counter.count, *id)).collect();
    by_count.select_nth_unstable(excess - 1);
    for (_, id) in &by_count[..excess] {
        counters.remove(id);
    }
}

#[cfg(test)]
mod tests;
