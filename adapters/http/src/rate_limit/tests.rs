use super::*;

const RULE: RateRule = RateRule { name: "api", limit: 3, window_ms: 300_000 };
/// 2026-01-02T03:04:05.006Z
const NOW: i64 = 1_767_323_045_006;

fn account(name: &str) -> RateKey {
    RateKey::Name(name.to_owned())
}

fn address(text: &str) -> RateKey {
    RateKey::address(text.parse().unwrap())
}

#[test]
fn exactly_the_limit_passes_in_one_window() {
    let limiter = RateLimiter::default();
    let key = account("alice");
    for remaining in [2, 1, 0] {
        let decision = limiter.hit(&RULE, &key, NOW);
        assert_eq!((decision.allowed, decision.limit, decision.remaining), (true, 3, remaining));
    }
    for _ in 0..2 {
        let refused = limiter.hit(&RULE, &key, NOW + 1_000);
        assert_eq!((refused.allowed, refused.remaining), (false, 0));
        assert_eq!((refused.reset_ms, refused.wait_ms), (NOW + 300_000, 299_000));
    }
}

#[test]
fn the_counter_starts_anew_when_its_window_ends_and_not_before() {
    let limiter = RateLimiter::default();
    let key = account("alice");
    for _ in 0..3 {
        limiter.hit(&RULE, &key, NOW);
    }
    assert!(!limiter.hit(&RULE, &key, NOW + 299_999).allowed);
    let next = limiter.hit(&RULE, &key, NOW + 300_000);
    assert_eq!((next.allowed, next.remaining, next.reset_ms), (true, 2, NOW + 600_000));
}

#[test]
fn keys_and_rules_count_by_themselves() {
    let limiter = RateLimiter::default();
    let other_rule = RateRule { name: "media", ..RULE };
    for _ in 0..3 {
        limiter.hit(&RULE, &account("alice"), NOW);
    }
    assert!(!limiter.hit(&RULE, &account("alice"), NOW).allowed);
    assert_eq!(limiter.hit(&RULE, &account("bob"), NOW).remaining, 2);
    assert_eq!(limiter.hit(&other_rule, &account("alice"), NOW).remaining, 2);
    assert_eq!(limiter.hit(&RULE, &RateKey::Network([127, 0, 0, 1].into()), NOW).remaining, 2);
}

#[test]
fn a_peek_counts_nothing() {
    let limiter = RateLimiter::default();
    let key = account("alice");
    for _ in 0..10 {
        assert_eq!(limiter.peek(&RULE, &key, NOW).remaining, 3);
    }
    assert_eq!(limiter.len(), 0);
    limiter.hit(&RULE, &key, NOW);
    assert_eq!(limiter.peek(&RULE, &key, NOW).remaining, 2);
}

#[test]
fn a_whole_ipv6_64_network_shares_one_counter() {
    let limiter = RateLimiter::default();
    for host in ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff"] {
        assert!(limiter.hit(&RULE, &address(host), NOW).allowed);
    }
    assert!(!limiter.hit(&RULE, &address("2001:db8::3"), NOW).allowed);
    assert!(limiter.hit(&RULE, &address("2001:db8:0:1::3"), NOW).allowed);
}

#[test]
fn a_limit_of_zero_allows_nothing() {
    let limiter = RateLimiter::default();
    let never = RateRule { limit: 0, ..RULE };
    assert!(!limiter.hit(&never, &account("alice"), NOW).allowed);
    assert_eq!(limiter.len(), 0);
}

#[test]
fn a_clock_set_back_never_locks_anybody_out() {
    let limiter = RateLimiter::default();
    let key = account("alice");
    for _ in 0..3 {
        limiter.hit(&RULE, &key, NOW);
    }
    let earlier = limiter.hit(&RULE, &key, NOW - 86_400_000);
    assert!(earlier.allowed);
    assert_eq!(earlier.wait_ms, 300_000);
}

#[test]
fn memory_is_bounded_and_a_flood_of_fresh_keys_does_not_free_the_refused() {
    let limiter = RateLimiter::new(100);
    let rude = account("rude");
    for _ in 0..3 {
        limiter.hit(&RULE, &rude, NOW);
    }
    for number in 0..10_000 {
        limiter.hit(&RULE, &account(&number.to_string()), NOW + 1);
        assert!(limiter.len() <= 100);
    }
    assert!(!limiter.hit(&RULE, &rude, NOW + 2).allowed);
}

#[test]
fn counters_whose_window_ended_make_room_first() {
    let limiter = RateLimiter::new(8);
    let short = RateRule { name: "short", limit: 9, window_ms: 1 };
    for number in 0..7 {
        for _ in 0..5 {
            limiter.hit(&short, &account(&number.to_string()), NOW);
        }
    }
    limiter.hit(&RULE, &account("kept"), NOW);
    limiter.hit(&RULE, &account("fresh"), NOW + 1);
    assert_eq!(limiter.len(), 2);
    assert_eq!(limiter.peek(&RULE, &account("kept"), NOW + 1).remaining, 2);
}

#[test]
fn the_smallest_capacity_still_counts() {
    let limiter = RateLimiter::new(0);
    for (name, remaining) in [("a", 2), ("a", 1), ("b", 2), ("a", 2)] {
        assert_eq!(limiter.hit(&RULE, &account(name), NOW).remaining, remaining);
        assert_eq!(limiter.len(), 1);
    }
}

#[test]
fn extreme_times_and_windows_do_not_overflow() {
    let limiter = RateLimiter::default();
    let forever = RateRule { window_ms: u64::MAX, ..RULE };
    for now in [i64::MIN, 0, i64::MAX] {
        let mut headers = HeaderMap::new();
        limiter.hit(&forever, &account("alice"), now).write_headers(&mut headers);
        assert_eq!(headers["x-ratelimit-limit"], "3");
    }
}

#[test]
fn headers_tell_limit_remaining_and_an_iso_8601_reset() {
    let limiter = RateLimiter::default();
    let mut headers = HeaderMap::new();
    limiter.hit(&RULE, &account("alice"), NOW).write_headers(&mut headers);
    assert_eq!(headers["x-ratelimit-limit"], "3");
    assert_eq!(headers["x-ratelimit-remaining"], "2");
    assert_eq!(headers["x-ratelimit-reset"], "2026-01-02T03:09:05.006Z");
    assert!(!headers.contains_key(RETRY_AFTER));
}

#[test]
fn a_refusal_tells_how_many_seconds_to_wait_rounded_up() {
    let limiter = RateLimiter::default();
    let once = RateRule { limit: 1, ..RULE };
    limiter.hit(&once, &account("alice"), NOW);
    for (later, seconds) in [(0, "300"), (1, "300"), (1_000, "299"), (299_999, "1")] {
        let mut headers = HeaderMap::new();
        limiter.hit(&once, &account("alice"), NOW + later).write_headers(&mut headers);
        assert_eq!(headers[RETRY_AFTER], seconds);
    }
}

#[test]
fn of_several_decisions_the_strictest_is_told() {
    let decision =
        |allowed, remaining, wait_ms| RateDecision { allowed, limit: 9, remaining, reset_ms: NOW, wait_ms };
    let (plenty, few) = (decision(true, 8, 1), decision(true, 2, 1));
    let (short, long) = (decision(false, 0, 5), decision(false, 0, 9));
    for (one, other, stricter) in
        [(plenty, few, few), (few, short, short), (short, long, long), (few, few, few)]
    {
        assert_eq!(one.stricter(other), stricter);
        assert_eq!(other.stricter(one), stricter);
    }
}

#[test]
fn a_limiter_can_be_shared_between_threads() {
    let limiter = RateLimiter::default();
    let rule = RateRule { limit: 100, ..RULE };
    let allowed: usize = std::thread::scope(|scope| {
        let count = || (0..50).filter(|_| limiter.hit(&rule, &account("alice"), NOW).allowed).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(allowed, 100);
}
