//! Who follows whom: most follow 20 to 200 accounts, and a few are followed by very many.

use std::collections::HashSet;

use fastrand::Rng;

/// Follows of nearly everybody.
const USUAL: (u32, u32) = (20, 200);
/// Follows of the few who follow many.
const MANY: (u32, u32) = (200, 1_000);
/// One of so many follows many.
const ONE_FOLLOWS_MANY: u32 = 50;
/// One of so many lets nobody follow without asking.
const ONE_IS_LOCKED: u32 = 20;
/// One of so many who ask is not answered.
const ONE_IS_LEFT_WAITING: u32 = 5;

/// The accounts, by their numbers.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Those who answer requests to follow.
    pub(crate) locked: Vec<bool>,
    /// Whom each asks to follow, in that order.
    pub(crate) follows: Vec<Vec<Wish>>,
    /// Who follows each.
    pub(crate) followers: Vec<Vec<u32>>,
    /// All, the most active first.
    active: Vec<u32>,
}

/// A follow, or a request to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) target: u32,
    /// A request that the target has not answered.
    pub(crate) waits: bool,
}

impl Graph {
    pub(crate) fn new(accounts: u32, rng: &mut Rng) -> Self {
        let locked: Vec<bool> = (0..accounts).map(|_| rng.u32(..ONE_IS_LOCKED) == 0).collect();
        let (mut popular, mut active): (Vec<u32>, Vec<u32>) =
            ((0..accounts).collect(), (0..accounts).collect());
        rng.shuffle(&mut popular);
        rng.shuffle(&mut active);
        let mut follows = Vec::new();
        let mut followers = vec![Vec::new(); accounts as usize];
        for account in 0..accounts {
            let targets = targets(account, &popular, rng);
            follows.push(
                targets
                    .into_iter()
                    .map(|target| {
                        let waits = locked[target as usize] && rng.u32(..ONE_IS_LEFT_WAITING) == 0;
                        if !waits {
                            followers[target as usize].push(account);
                        }
                        Wish { target, waits }
                    })
                    .collect(),
            );
        }
        Self { locked, follows, followers, active }
    }

    /// Someone, the active ones more often.
    pub(crate) fn someone(&self, rng: &mut Rng) -> u32 {
        self.active[skewed(self.active.len(), 2, rng)]
    }

    /// Someone who follows `account`, if anybody does.
    pub(crate) fn follower(&self, account: u32, rng: &mut Rng) -> Option<u32> {
        rng.choice(&self.followers[account as usize]).copied()
    }

    /// How many follow `account`.
    pub(crate) fn popularity(&self, account: u32) -> usize {
        self.followers[account as usize].len()
    }
}

fn targets(account: u32, popular: &[u32], rng: &mut Rng) -> Vec<u32> {
    let (from, to) = if rng.u32(..ONE_FOLLOWS_MANY) == 0 { MANY } else { USUAL };
    // Where there are few, nobody knows everybody.
    let most = popular.len().saturating_sub(1).div_ceil(2);
    let count = (from as usize + skewed((to - from) as usize, 5, rng)).min(most);
    let mut seen = HashSet::from([account]);
    let mut targets = Vec::with_capacity(count);
    while targets.len() < count {
        let target = popular[skewed(popular.len(), 2, rng)];
        if seen.insert(target) {
            targets.push(target);
        }
    }
    targets
}

/// A number below `count`, small ones more often: the more so, the higher `power` is.
///
/// Multiplications alone, whose results are the same on every machine.
pub(crate) fn skewed(count: usize, power: u32, rng: &mut Rng) -> usize {
    let number = rng.f64();
    let share = (1..power).fold(number, |share, _| share * number);
    ((share * count as f64) as usize).min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_follow_twenty_to_two_hundred_and_a_few_are_followed_by_very_many() {
        let graph = Graph::new(5_000, &mut Rng::with_seed(1));
        let usual = graph.follows.iter().filter(|follows| (20..=200).contains(&follows.len())).count();
        assert!(usual > 4_800, "{usual}");
        let mut followers: Vec<usize> = graph.followers.iter().map(Vec::len).collect();
        followers.sort_unstable();
        let (most, median) = (followers[4_999], followers[2_500]);
        assert!(most > 1_000 && median < 60, "{most} {median}");
    }

    #[test]
    fn nobody_follows_themself_or_anyone_twice() {
        for accounts in [0, 1, 2, 3, 50] {
            let graph = Graph::new(accounts, &mut Rng::with_seed(2));
            for (account, follows) in graph.follows.iter().enumerate() {
                let targets: HashSet<u32> = follows.iter().map(|wish| wish.target).collect();
                assert_eq!(targets.len(), follows.len());
                assert!(!targets.contains(&(account as u32)));
            }
        }
    }
}
