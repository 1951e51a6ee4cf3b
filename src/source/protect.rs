//! Which further counts must be withheld so that no total gives away one that is.
//!
//! Pure: counts, what is shown of each, and the sums between them. A withheld count is safe if a second set of values
//! agrees with all that is shown, in which it is another. Such a set is looked for: the count is moved by one, and the
//! sums that it stands in are put right by moving other counts by one, within what is shown of them, until all hold.
//! Where there is none, the smallest count in one of its sums is withheld too, and the search begins again.

use std::collections::BTreeSet;

/// A count in a table, and the counts that a reader could take it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// The count.
    pub value: i64,
    /// The least and the largest count that would be shown in the same way.
    pub range: (i64, i64),
    /// Whether it is withheld.
    pub withheld: bool,
    /// Whether the rule leaves it as it is.
    pub exempt: bool,
}

/// A sum: the total, and its parts, as numbers of counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub total: usize,
    pub parts: Vec<usize>,
}

/// Moves that one set of values may differ from another by. More are not tried: a count is withheld instead.
const MOST_MOVES: usize = 24;
/// Sets that are tried for one count.
const MOST_TRIES: usize = 20_000;

/// Withholds further counts until none that is withheld can be worked out. Gives those that still can.
pub(super) fn protect(counts: &mut [Count], sums: &[Sum]) -> Vec<usize> {
    let mut of_count: Vec<Vec<usize>> = vec![Vec::new(); counts.len()];
    for (at, sum) in sums.iter().enumerate() {
        sum.parts.iter().chain([&sum.total]).for_each(|count| of_count[*count].push(at));
    }
    let mut open: Vec<usize> = (0..counts.len()).rev().filter(|at| counts[*at].withheld).collect();
    let mut given_away = Vec::new();
    while let Some(at) = open.pop() {
        let search =
            |counts: &[Count]| Search { counts, sums, of_count: &of_count, moved: Vec::new(), tries: 0 }.is_safe(at);
        while !search(counts) {
            let Some(next) = next_to_withhold(counts, sums, &of_count, at) else {
                given_away.push(at);
                break;
            };
            counts[next].withheld = true;
            counts[next].range = (0, i64::MAX);
            open.push(next);
        }
    }
    given_away
}

/// The count to withhold beside another, among those of its sums and of the sums that withheld ones stand in: a part
/// rather than a total, a near one rather than a far one, a small one; a nought or an exempt one only at need.
fn next_to_withhold(counts: &[Count], sums: &[Sum], of_count: &[Vec<usize>], at: usize) -> Option<usize> {
    let (mut reached, mut seen) = (vec![at], BTreeSet::from([at]));
    let mut best = None;
    for far in 0.. {
        let around = reached.iter().flat_map(|count| &of_count[*count]);
        let beside = around.flat_map(|sum| sums[*sum].parts.iter().chain([&sums[*sum].total]));
        let new: Vec<usize> = beside.copied().filter(|other| seen.insert(*other)).collect();
        let (withheld, free): (Vec<usize>, Vec<usize>) = new.into_iter().partition(|other| counts[*other].withheld);
        let need = |other: usize| {
            let Count { value, exempt, .. } = counts[other];
            let total = of_count[other].iter().any(|sum| sums[*sum].total == other);
            (exempt, total, value == 0, far, value, other)
        };
        best = free.into_iter().map(need).chain(best).min();
        if withheld.is_empty() {
            break;
        }
        reached = withheld;
    }
    best.map(|(.., other)| other)
}

struct Search<'a> {
    counts: &'a [Count],
    sums: &'a [Sum],
    of_count: &'a [Vec<usize>],
    /// Counts that have been moved, with the direction.
    moved: Vec<(usize, i64)>,
    tries: usize,
}

impl Search<'_> {
    /// Whether a count may be one more or one less, for all that is shown.
    fn is_safe(&mut self, at: usize) -> bool {
        [1, -1].into_iter().any(|by| {
            self.moved.clear();
            self.can_move(at, by) && self.moves(at, by)
        })
    }

    fn can_move(&self, at: usize, by: i64) -> bool {
        let Count { value, range: (least, most), .. } = self.counts[at];
        let moved = value.saturating_add(by);
        self.moved.iter().all(|(known, _)| *known != at) && (least..=most).contains(&moved)
    }

    /// Moves a count, and then whatever the sums ask for.
    fn moves(&mut self, at: usize, by: i64) -> bool {
        self.moved.push((at, by));
        let holds = self.put_right();
        if !holds {
            self.moved.pop();
        }
        holds
    }

    /// Puts right the first sum that does not hold, in some way that lets all others be put right too.
    fn put_right(&mut self) -> bool {
        self.tries += 1;
        let Some((sum, off)) = self.first_broken() else { return true };
        if self.moved.len() >= MOST_MOVES || self.tries > MOST_TRIES {
            return false;
        }
        let Sum { total, parts } = &self.sums[sum];
        // The total less its parts is `off` too large.
        let mut ways: Vec<(usize, i64)> = parts.iter().map(|part| (*part, off.signum())).collect();
        ways.push((*total, -off.signum()));
        ways.retain(|(at, by)| self.can_move(*at, *by));
        // Those that stand in no other sum end the search at once.
        ways.sort_by_key(|(at, _)| (self.of_count[*at].len(), *at));
        ways.into_iter().any(|(at, by)| self.moves(at, by))
    }

    /// The first sum that the moves have broken, and by how much its total is too large.
    fn first_broken(&self) -> Option<(usize, i64)> {
        let touched = self.moved.iter().flat_map(|(at, _)| &self.of_count[*at]);
        touched.copied().find_map(|sum| {
            let Sum { total, parts } = &self.sums[sum];
            let moved = |at: &usize| self.moved.iter().find(|(known, _)| known == at).map_or(0, |(_, by)| *by);
            let off = moved(total) - parts.iter().map(moved).sum::<i64>();
            (off != 0).then_some((sum, off))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::disclosure::shown_range;

    const RULE: (Option<(i64, i64)>, Option<i64>) = (Some((1, 7)), Some(5));

    /// Numbers that look as if by chance and are the same each time.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }
    }

    fn count(value: i64, (suppress, round): (Option<(i64, i64)>, Option<i64>), exempt: bool) -> Count {
        let withheld = !exempt && suppress.is_some_and(|(from, to)| (from..=to).contains(&value));
        let range = if exempt { (value, value) } else { shown_range(value, suppress, round) };
        Count { value, range, withheld, exempt }
    }

    /// Every set of values that agrees with all that is shown, by its free counts: the first `free` of `counts`, of
    /// which the others are sums, in order.
    fn sets(counts: &[Count], sums: &[Sum], free: usize) -> Vec<Vec<i64>> {
        let mut found: Vec<Vec<i64>> = vec![Vec::new()];
        for count in &counts[..free] {
            // A reader does not know of a count that is withheld beside another more than that it is no less than nought.
            let (least, most) = (count.range.0, count.range.1.min(count.value + 9));
            found = found.iter().flat_map(|set| (least..=most).map(|value| [&set[..], &[value]].concat())).collect();
        }
        found.retain_mut(|set| {
            sums.iter().all(|sum| {
                let total: i64 = sum.parts.iter().map(|part| set[*part]).sum();
                match set.get(sum.total) {
                    Some(known) => *known == total,
                    None => {
                        set.push(total);
                        true
                    }
                }
            }) && set.iter().zip(counts).all(|(value, count)| (count.range.0..=count.range.1).contains(value))
        });
        found
    }

    #[track_caller]
    fn assert_safe(counts: &[Count], sums: &[Sum], free: usize) {
        let sets = sets(counts, sums, free);
        for (at, _) in counts.iter().enumerate().filter(|(_, count)| count.withheld) {
            let first = sets.first().map(|set| set[at]);
            assert!(sets.iter().any(|set| Some(set[at]) != first), "count {at} is given away: {counts:?}");
        }
    }

    #[test]
    fn a_part_is_given_away_by_an_exact_total_until_another_is_withheld() {
        let rule = (Some((1, 7)), None);
        let table = |values: [i64; 3]| values.map(|value| count(value, rule, false)).to_vec();
        let sums = [Sum { total: 2, parts: vec![0, 1] }];
        let mut counts = table([3, 20, 23]);
        assert_eq!(sets(&counts, &sums, 2).len(), 1, "the test's own search finds what a reader would");
        assert_eq!(protect(&mut counts, &sums), Vec::<usize>::new());
        assert!(counts[0].withheld && counts[1].withheld && !counts[2].withheld);
        assert_safe(&counts, &sums, 2);
    }

    #[test]
    fn four_counts_of_a_table_are_withheld_and_its_totals_are_not() {
        let rule = (Some((1, 7)), None);
        let mut counts = [3, 12, 20, 31, 15, 51, 23, 43, 66].map(|value| count(value, rule, false)).to_vec();
        let sum = |total: usize, parts: [usize; 2]| Sum { total, parts: parts.to_vec() };
        let sums = [sum(4, [0, 1]), sum(5, [2, 3]), sum(6, [0, 2]), sum(7, [1, 3]), sum(8, [4, 5]), sum(8, [6, 7])];
        assert_eq!(protect(&mut counts, &sums), Vec::<usize>::new());
        let withheld: Vec<bool> = counts.iter().map(|count| count.withheld).collect();
        assert_eq!(withheld, [true, true, true, true, false, false, false, false, false]);
        assert_safe(&counts, &sums, 4);
    }

    #[test]
    fn rounding_is_enough_where_it_leaves_two_values() {
        let mut counts = [3, 21, 24].map(|value| count(value, RULE, false)).to_vec();
        let before = counts.clone();
        protect(&mut counts, &[Sum { total: 2, parts: vec![0, 1] }]);
        assert_eq!(counts, before);
    }

    #[test]
    fn an_exempt_total_is_withheld_only_where_nothing_else_helps() {
        let mut counts = vec![count(3, RULE, false), count(0, RULE, false), count(3, RULE, true)];
        protect(&mut counts, &[Sum { total: 2, parts: vec![0, 1] }]);
        assert_eq!(counts.iter().map(|count| count.withheld).collect::<Vec<_>>(), [true, true, false]);
        let mut counts = vec![count(1, RULE, false), count(0, RULE, false), count(1, RULE, true)];
        let sums = [Sum { total: 2, parts: vec![0, 1] }];
        assert_eq!(protect(&mut counts, &sums), Vec::<usize>::new());
        assert!(counts[2].withheld);
    }

    #[test]
    fn no_total_of_any_list_gives_a_withheld_count_away() {
        let mut chance = Chance(1);
        for round in 0..3_000 {
            let rule = [RULE, (Some((1, 7)), None), (Some((1, 4)), Some(3))][round % 3];
            let mut values: Vec<i64> = (0..4).map(|_| chance.below(13) as i64 * (chance.below(4) > 0) as i64).collect();
            values.push(values.iter().sum());
            let exempt = chance.below(2) == 0;
            let mut counts: Vec<Count> =
                values.iter().enumerate().map(|(at, value)| count(*value, rule, exempt && at == 4)).collect();
            let sums = [Sum { total: 4, parts: vec![0, 1, 2, 3] }];
            assert_eq!(protect(&mut counts, &sums), Vec::<usize>::new(), "{values:?}");
            assert_safe(&counts, &sums, 4);
        }
    }

    #[test]
    fn no_total_of_any_table_of_two_ways_gives_a_withheld_count_away() {
        // Counts 0 to 3 are two rows of two columns; 4 and 5 the rows' totals, 6 and 7 the columns', 8 that of all.
        let sum = |total: usize, parts: [usize; 2]| Sum { total, parts: parts.to_vec() };
        let sums = [sum(4, [0, 1]), sum(5, [2, 3]), sum(6, [0, 2]), sum(7, [1, 3]), sum(8, [4, 5]), sum(8, [6, 7])];
        let mut chance = Chance(2);
        for round in 0..1_500 {
            let rule = [RULE, (Some((1, 7)), None)][round % 2];
            let mut v: Vec<i64> = (0..4).map(|_| chance.below(12) as i64 * (chance.below(4) > 0) as i64).collect();
            v.extend([v[0] + v[1], v[2] + v[3], v[0] + v[2], v[1] + v[3], v[0] + v[1] + v[2] + v[3]]);
            let exempt = chance.below(3) as usize;
            let mut counts: Vec<Count> = v
                .iter()
                .enumerate()
                .map(|(at, value)| count(*value, rule, exempt == 1 && at == 8 || exempt == 2 && at > 3))
                .collect();
            assert_eq!(protect(&mut counts, &sums), Vec::<usize>::new(), "{v:?}");
            assert_safe(&counts, &sums, 4);
        }
    }
}
