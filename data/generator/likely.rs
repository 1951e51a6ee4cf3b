//! The likely ranges of the league table: how far the score and the rank depend on the choice of metrics.
//!
//! A trust's metrics are drawn again with replacement, as many as it has, and averaged. The rank is taken over the draws of all
//! trusts of the type together, with the cut points of the real quarter and the override. The range is the middle 95%.

use crate::figure::{self, Hundredths};
use crate::random::Stream;
use crate::roster::{Kind, Trust};
use crate::scoring::{self, Results, weighted};

const REPLICATES: usize = 4_000;

pub struct Range {
    pub score: (Hundredths, Hundredths),
    pub rank: (usize, usize),
}

/// A range for each trust of the type, in order.
pub fn ranges(trusts: &[Trust], results: &Results, kind: Kind) -> Vec<Range> {
    let mut draw = Stream::of(&format!("likely ranges {}", kind.label()));
    let scores: Vec<Vec<(f64, f64)>> = scoring::of_kind(trusts, kind, &results.scored)
        .iter()
        .map(|scored| weighted(scored).map(|(metric, score)| (score, metric.thirds as f64)).collect())
        .collect();
    let deficits: Vec<bool> = results.standings.iter().map(|standing| standing.deficit).collect();
    let deficits = scoring::of_kind(trusts, kind, &deficits);

    let mut means = vec![Vec::with_capacity(REPLICATES); scores.len()];
    let mut ranks = vec![Vec::with_capacity(REPLICATES); scores.len()];
    for _ in 0..REPLICATES {
        let places: Vec<(i64, f64)> = scores
            .iter()
            .zip(&deficits)
            .map(|(scores, deficit)| {
                let mean = resampled_mean(scores, &mut draw);
                (scoring::overridden(segment_of(mean, &results.cuts), *deficit), mean)
            })
            .collect();
        for (trust, place) in places.iter().enumerate() {
            means[trust].push(place.1);
            ranks[trust].push(figure::rank(place, &places));
        }
    }
    means
        .into_iter()
        .zip(ranks)
        .map(|(means, ranks)| Range { score: middle_of_scores(means), rank: middle_of_ranks(ranks) })
        .collect()
}

/// A metric's weight travels with it.
fn resampled_mean(scores: &[(f64, f64)], draw: &mut Stream) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for _ in scores {
        let (score, thirds) = scores[draw.index(scores.len())];
        sum += score * thirds;
        weight += thirds;
    }
    sum / weight
}

fn segment_of(mean: f64, cuts: &[i64; 3]) -> i64 {
    1 + cuts.iter().filter(|cut| mean * 400.0 > **cut as f64).count() as i64
}

fn middle_of_scores(mut means: Vec<f64>) -> (Hundredths, Hundredths) {
    means.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (means.len() - 1) as f64;
        let below = place as usize;
        means[below] + (place - below as f64) * (means[below + 1] - means[below])
    };
    (figure::round(at(0.025)), figure::round(at(0.975)))
}

/// A rank is a whole number, so its range is of ranks that occurred.
fn middle_of_ranks(mut ranks: Vec<usize>) -> (usize, usize) {
    ranks.sort_unstable();
    (ranks[ranks.len() / 40], ranks[ranks.len() - 1 - ranks.len() / 40])
}
