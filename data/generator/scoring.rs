//! The rules of the framework year: from values to ranks, scores, averages, segments and league ranks.
//!
//! Ranks are taken on values as published. (The official ranks use unrounded values, so that some cannot be recomputed from
//! the files; here all can, and any that cannot is a planted oddity.)

use crate::figure::{self, Hundredths};
use crate::metrics::{Domain, METRICS, Metric, Rule};
use crate::oddities;
use crate::roster::{Kind, Trust};
use crate::values::{self, Quarter, Value};

/// One metric of one trust in one quarter.
#[derive(Clone, Copy)]
pub struct Scored {
    pub value: Value,
    /// Within the trust's type, 1 for the best.
    pub rank: Option<usize>,
    /// Unrounded; nothing where the metric was not reported or was suppressed.
    pub score: Option<f64>,
}

pub struct DomainStanding {
    pub score: Hundredths,
    pub rank: usize,
    pub segment: i64,
}

pub struct Standing {
    pub average: Hundredths,
    pub unadjusted: i64,
    pub deficit: bool,
    pub adjusted: i64,
    /// By average alone, which is not the league rank.
    pub average_rank: usize,
    pub league_rank: usize,
    /// In the order of `Domain::ALL`; nothing where no metric of the domain has a score.
    pub domains: Vec<Option<DomainStanding>>,
}

pub struct Results {
    /// By trust, then by metric.
    pub scored: Vec<Vec<Scored>>,
    /// By trust.
    pub standings: Vec<Standing>,
    /// Between segments 1 and 2, 2 and 3, 3 and 4, in quarter hundredths.
    pub cuts: [i64; 3],
}

pub fn score(trusts: &[Trust], values: &Quarter, quarter: usize) -> Results {
    let scored = score_metrics(trusts, values);
    let averages: Vec<Hundredths> = (trusts.iter().zip(&scored))
        .map(|(trust, scored)| {
            let rounds_first = oddities::is_rounded_first(trust, quarter);
            published_average(scored, rounds_first)
        })
        .collect();
    let cuts = figure::quartiles(&averages).expect("there are trusts");
    let mut domains = standings_in_domains(trusts, &scored);

    let deficits: Vec<bool> =
        trusts.iter().zip(values).map(|(trust, values)| values::in_deficit(trust, values)).collect();
    let unadjusted: Vec<i64> = (0..trusts.len())
        .map(|i| oddities::kept_segment(&trusts[i], quarter).unwrap_or_else(|| segment(averages[i], &cuts)))
        .collect();
    let place: Vec<(i64, Hundredths)> =
        (0..trusts.len()).map(|i| (overridden(unadjusted[i], deficits[i]), averages[i])).collect();

    let standings = (0..trusts.len())
        .map(|i| Standing {
            average: averages[i],
            unadjusted: unadjusted[i],
            deficit: deficits[i],
            adjusted: place[i].0,
            average_rank: figure::rank(&averages[i], &of_kind(trusts, trusts[i].kind, &averages)),
            league_rank: figure::rank(&place[i], &of_kind(trusts, trusts[i].kind, &place)),
            domains: std::mem::take(&mut domains[i]),
        })
        .collect();
    Results { scored, standings, cuts }
}

/// A trust in deficit is no better than segment 3.
pub fn overridden(segment: i64, deficit: bool) -> i64 {
    if deficit { segment.max(3) } else { segment }
}

/// The segment of an average by the cut points; an average at a cut point has the better segment.
pub fn segment(average: Hundredths, cuts: &[i64; 3]) -> i64 {
    1 + cuts.iter().filter(|cut| 4 * average > **cut).count() as i64
}

/// The items that belong to trusts of one type.
pub fn of_kind<T: Clone>(trusts: &[Trust], kind: Kind, items: &[T]) -> Vec<T> {
    trusts.iter().zip(items).filter(|(trust, _)| trust.kind == kind).map(|(_, item)| item.clone()).collect()
}

fn score_metrics(trusts: &[Trust], values: &Quarter) -> Vec<Vec<Scored>> {
    let mut scored: Vec<Vec<Scored>> = vec![Vec::new(); trusts.len()];
    for (place, metric) in METRICS.iter().enumerate() {
        // Turned so that less is better, whatever the metric.
        let turned: Vec<Option<Hundredths>> = values.iter().map(|v| v[place].get().map(|x| turn(metric, x))).collect();
        for (i, trust) in trusts.iter().enumerate() {
            let within: Vec<Hundredths> = of_kind(trusts, trust.kind, &turned).into_iter().flatten().collect();
            let pool = if metric.pooled { turned.iter().flatten().copied().collect() } else { within.clone() };
            let rank = turned[i].filter(|_| metric.has_value()).map(|x| figure::rank(&x, &within));
            let score = turned[i].map(|x| score_by_rule(metric, x, &pool));
            scored[i].push(Scored { value: values[i][place], rank, score });
        }
    }
    scored
}

fn turn(metric: &Metric, x: Hundredths) -> Hundredths {
    if metric.higher_is_better { -x } else { x }
}

/// The score of a value among its pool, all turned so that less is better.
fn score_by_rule(metric: &Metric, x: Hundredths, pool: &[Hundredths]) -> f64 {
    let passes = |limit: Hundredths| move |x: &Hundredths| *x <= turn(metric, limit);
    match metric.rule {
        Rule::Spread => spread(1.0, 4.0, x, pool),
        Rule::Floor(floor) => {
            let above: Vec<Hundredths> = pool.iter().copied().filter(passes(floor)).collect();
            if passes(floor)(&x) { spread(1.0, 3.0, x, &above) } else { 4.0 }
        }
        Rule::Standard(standard) => {
            let below: Vec<Hundredths> = pool.iter().copied().filter(|other| !passes(standard)(other)).collect();
            if passes(standard)(&x) { 1.0 } else { spread(2.0, 4.0, x, &below) }
        }
        Rule::Band | Rule::Combined => figure::real(x),
        Rule::Plan => values::plan_band(turn(metric, x)) as f64,
        Rule::Variance => values::variance_band(turn(metric, x)) as f64,
    }
}

/// Evenly from `best` to `worst` by rank; the tied share the best of their places.
fn spread(best: f64, worst: f64, x: Hundredths, pool: &[Hundredths]) -> f64 {
    let steps = (pool.len() - 1).max(1) as f64;
    best + (worst - best) * (figure::rank(&x, pool) - 1) as f64 / steps
}

/// The mean of the scores that count, by their weights.
fn average(scored: &[Scored], wanted: impl Fn(&Metric) -> bool) -> Option<f64> {
    let (sum, weight) = weighted(scored)
        .filter(|(metric, _)| wanted(metric))
        .fold((0.0, 0), |(sum, weight), (metric, score)| (sum + metric.thirds as f64 * score, weight + metric.thirds));
    (weight > 0).then(|| sum / weight as f64)
}

/// The metrics that count in the average, with their scores.
pub fn weighted(scored: &[Scored]) -> impl Iterator<Item = (&'static Metric, f64)> {
    METRICS
        .iter()
        .zip(scored)
        .filter(|(metric, _)| metric.counts())
        .filter_map(|(metric, one)| Some((metric, one.score?)))
}

/// Over unrounded scores, as a rule.
fn published_average(scored: &[Scored], rounds_first: bool) -> Hundredths {
    let mean = if rounds_first { average(&rounded(scored), |_| true) } else { average(scored, |_| true) };
    figure::round(mean.expect("every trust has a score"))
}

fn rounded(scored: &[Scored]) -> Vec<Scored> {
    let rounded = |one: &Scored| Scored { score: one.score.map(|x| figure::real(figure::round(x))), ..*one };
    scored.iter().map(rounded).collect()
}

fn standings_in_domains(trusts: &[Trust], scored: &[Vec<Scored>]) -> Vec<Vec<Option<DomainStanding>>> {
    let mut standings: Vec<Vec<Option<DomainStanding>>> = trusts.iter().map(|_| Vec::new()).collect();
    for domain in Domain::ALL {
        let score = |scored: &Vec<Scored>| average(scored, |metric| metric.domain == domain).map(figure::round);
        let scores: Vec<Option<Hundredths>> = scored.iter().map(score).collect();
        // Domain segments, like the overall one, come from quartiles over trusts of every type.
        let cuts =
            figure::quartiles(&scores.iter().flatten().copied().collect::<Vec<_>>()).expect("some trust has a score");
        for (i, trust) in trusts.iter().enumerate() {
            let among: Vec<Hundredths> = of_kind(trusts, trust.kind, &scores).into_iter().flatten().collect();
            standings[i].push(scores[i].map(|score| DomainStanding {
                score,
                rank: figure::rank(&score, &among),
                segment: segment(score, &cuts),
            }));
        }
    }
    standings
}
