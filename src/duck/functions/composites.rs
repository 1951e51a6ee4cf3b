//! Composites: weighted means of metric scores, in bands and league tables, and how sure anyone can be of them.
//!
//! Scores and composites are better when low. Lists `pair_*` have one item for each score that enters a composite, lists
//! `ids`, `tables`, `held_at` one for each unit, `metrics` and those after it one for each metric. Draws are given out in
//! the order of the lists: always say ORDER BY inside `list()`.

use std::str::FromStr;

use super::Type::{Flags, Number, Numbers, Text, Texts, Whole, Wholes};
use super::{Answer, Arguments, Field, Function, Gives, Named, number, numbers, text, texts, whole, words};
use crate::stats::composite::{Banding, LeagueRules, PairScores, positions};
use crate::stats::composite_bootstrap::{BootstrapOptions, composite_bootstrap};
use crate::stats::composite_change::{MovementOptions, composite_change, null_movement};
use crate::stats::composite_scoring::{Edge, EdgeKind, MetricRule, ScoreBand, Scoring};
use crate::stats::composite_simulation::{SimulationInput, SimulationOptions, composite_simulation};
use crate::stats::composite_weights::{WeightOptions, random_weight_ranks};
use crate::stats::league_confidence::{LeagueOptions, LeagueSets, LeagueUncertainty, league_confidence};
use crate::stats::rank_sets::Verdict;

/// Groups of units when bands are taken afresh from each draw.
const QUANTILE_BANDS: usize = 4;

/// The units of a league and its rules.
struct Units {
    ids: Vec<String>,
    tables: Vec<usize>,
    held_at: Vec<usize>,
    cuts: Vec<f64>,
    decimals: u32,
}

impl Units {
    fn read(a: &Arguments<'_>, decimals: u32) -> Result<Units, String> {
        let names = a.texts("tables")?;
        let mut known: Vec<&String> = names.iter().collect();
        known.sort();
        known.dedup();
        let tables: Vec<usize> =
            names.iter().filter_map(|name| known.iter().position(|other| *other == name)).collect();
        Ok(Units {
            ids: a.ids("ids", tables.len())?,
            tables,
            held_at: a.wholes("held_at")?,
            cuts: a.numbers("cuts")?,
            decimals,
        })
    }

    /// With `decimals` read from the arguments.
    fn rounded(a: &Arguments<'_>) -> Result<Units, String> {
        let decimals = u32::try_from(a.whole("decimals")?).map_err(|_| "decimals: too many".to_string())?;
        Self::read(a, decimals)
    }

    /// Fixed cuts, or quartiles taken afresh where none are given and that means something.
    fn rules(&self, afresh: bool) -> LeagueRules<'_> {
        let banding =
            if self.cuts.is_empty() && afresh { Banding::Quantiles(QUANTILE_BANDS) } else { Banding::Cuts(&self.cuts) };
        LeagueRules { tables: &self.tables, held_at: &self.held_at, banding, decimals: Some(self.decimals) }
    }

    fn rows(self, rest: impl Fn(usize) -> Vec<Field>) -> Answer {
        let rows = self.ids.into_iter().enumerate().map(|(at, id)| [vec![text(id)], rest(at)].concat());
        Answer::Rows(rows.collect())
    }
}

fn borrowed(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// The scores of a league in long form.
struct Pairs {
    units: Vec<usize>,
    metrics: Vec<usize>,
    scores: Vec<f64>,
    weights: Vec<f64>,
}

impl Pairs {
    /// `metrics` are the names that the pairs' metrics may have; where a function knows none, they number themselves.
    fn read(a: &Arguments<'_>, ids: &[String], metrics: Option<&[String]>) -> Result<Pairs, String> {
        let units = positions("pair_units", &borrowed(ids), &borrowed(&a.texts("pair_units")?)).map_err(words)?;
        let metrics = match metrics {
            Some(known) => {
                positions("pair_metrics", &borrowed(known), &borrowed(&a.texts("pair_metrics")?)).map_err(words)?
            }
            None => (0..units.len()).collect(),
        };
        Ok(Pairs { units, metrics, scores: a.numbers("pair_scores")?, weights: a.numbers("pair_weights")? })
    }

    fn scores(&self) -> PairScores<'_> {
        PairScores { units: &self.units, metrics: &self.metrics, scores: &self.scores, weights: &self.weights }
    }
}

fn draws(a: &Arguments<'_>) -> Result<(usize, u64), String> {
    Ok((usize::try_from(a.whole("draws")?).map_err(|_| "draws: too many".to_string())?, a.whole("seed")?))
}

fn bootstrap(a: &Arguments<'_>) -> Result<Answer, String> {
    let units = Units::rounded(a)?;
    let pairs = Pairs::read(a, &units.ids, None)?;
    let (draws, seed) = draws(a)?;
    let options = BootstrapOptions { level: a.number("level")?, draws, seed };
    let found = composite_bootstrap(&pairs.scores(), &units.rules(false), &options).map_err(words)?;
    Ok(units.rows(|at| {
        let unit = &found[at];
        vec![
            number(unit.standing.score),
            whole(unit.standing.band),
            whole(unit.standing.rank),
            number(unit.score_lower),
            number(unit.score_upper),
            whole(unit.rank_lower),
            whole(unit.rank_upper),
            numbers(unit.band_probabilities.clone()),
        ]
    }))
}

/// The rules of metrics, from one list for each of their parts.
fn metric_rules(a: &Arguments<'_>, metrics: &[String]) -> Result<Vec<MetricRule>, String> {
    let (scoring, better) = (a.texts("scoring")?, a.flags("higher_is_better")?);
    let (lowest, highest) = (a.maybe_numbers("lowest")?, a.maybe_numbers("highest")?);
    let (best, worst) = (a.maybe_numbers("best")?, a.maybe_numbers("worst")?);
    let (edge, level, score) = (a.maybe_texts("edge")?, a.maybe_numbers("edge_level")?, a.maybe_numbers("edge_score")?);
    let lengths = [
        scoring.len(),
        better.len(),
        lowest.len(),
        highest.len(),
        best.len(),
        worst.len(),
        edge.len(),
        level.len(),
        score.len(),
    ];
    if lengths.iter().any(|length| *length != metrics.len()) {
        return Err(format!("metrics: {} items where the lists that describe them have {lengths:?}", metrics.len()));
    }
    let rule = |at: usize| {
        let needed = |value: Option<f64>, name: &str| {
            value.ok_or_else(|| format!("{name}: item {} is needed for \"{}\"", at + 1, metrics[at]))
        };
        let edge = match &edge[at] {
            None => None,
            Some(kind) => Some(Edge {
                kind: EdgeKind::from_str(kind).map_err(words)?,
                level: needed(level[at], "edge_level")?,
                score: needed(score[at], "edge_score")?,
            }),
        };
        let scoring = match scoring[at].as_str() {
            "fixed" => Scoring::Fixed,
            "curve" => Scoring::Curve { edge },
            "rank" => Scoring::Rank { best: needed(best[at], "best")?, worst: needed(worst[at], "worst")?, edge },
            "bands" => Scoring::Bands(score_bands(a, &metrics[at])?),
            other => return Err(format!("scoring: must be 'rank', 'curve', 'bands' or 'fixed', not '{other}'")),
        };
        Ok(MetricRule { higher_is_better: better[at], lowest: lowest[at], highest: highest[at], scoring })
    };
    (0..metrics.len()).map(rule).collect()
}

fn score_bands(a: &Arguments<'_>, metric: &str) -> Result<Vec<ScoreBand>, String> {
    let (of, from) = (a.texts("band_metrics")?, a.maybe_numbers("band_from")?);
    let (included, scores) = (a.flags("band_included")?, a.numbers("band_scores")?);
    if [from.len(), included.len(), scores.len()].iter().any(|length| *length != of.len()) {
        return Err("band_metrics: the lists that describe bands differ in length".to_string());
    }
    let mine = (0..of.len()).filter(|at| of[*at] == metric);
    Ok(mine
        .map(|at| ScoreBand { from: from[at].unwrap_or(f64::NEG_INFINITY), included: included[at], score: scores[at] })
        .collect())
}

fn simulation(a: &Arguments<'_>) -> Result<Answer, String> {
    let units = Units::rounded(a)?;
    let metrics = a.texts("metrics")?;
    let pairs = Pairs::read(a, &units.ids, Some(&metrics))?;
    let rules = metric_rules(a, &metrics)?;
    let published = a.numbers("published")?;
    let values: Vec<f64> = a.maybe_numbers("pair_values")?.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    let deviations: Vec<f64> = a.maybe_numbers("pair_sds")?.into_iter().map(|sd| sd.unwrap_or(0.0)).collect();
    let input = SimulationInput {
        rules: units.rules(true),
        published: &published,
        pairs: pairs.scores(),
        values: &values,
        deviations: &deviations,
        metrics: &rules,
        correlation: a.number("correlation")?,
    };
    let (draws, seed) = draws(a)?;
    let found = composite_simulation(&input, &SimulationOptions { draws, seed }).map_err(words)?;
    let count = units.ids.len();
    Ok(units.rows(|at| {
        let unit = &found.units[at];
        let own: Vec<usize> = (0..pairs.units.len()).filter(|pair| pairs.units[*pair] == at).collect();
        let driver = unit.top_driver.map(|(metric, share)| (metrics[metric].clone(), share));
        vec![
            number(unit.standing.score),
            whole(unit.standing.band),
            whole(unit.standing.rank),
            number(unit.bias),
            number(unit.sd),
            numbers(unit.band_probabilities.clone()),
            number(unit.p_best_quarter),
            number(unit.p_worst_quarter),
            number(unit.expected_rank),
            number(unit.modelled_weight),
            driver.as_ref().map_or_else(|| number(f64::NAN), |(metric, _)| text(metric.clone())),
            number(driver.map_or(f64::NAN, |(_, share)| share)),
            texts(own.iter().map(|pair| metrics[pairs.metrics[*pair]].clone()).collect()),
            numbers(own.iter().map(|pair| found.shares[*pair]).collect()),
            numbers(found.covariance[at * count..(at + 1) * count].to_vec()),
        ]
    }))
}

/// n standard deviations, or an n x n covariance matrix row by row.
fn uncertainty(covariance: &[f64], units: usize) -> LeagueUncertainty<'_> {
    if covariance.len() == units && units != 1 {
        LeagueUncertainty::Deviations(covariance)
    } else {
        LeagueUncertainty::Covariance(covariance)
    }
}

fn league(a: &Arguments<'_>) -> Result<(Units, LeagueSets), String> {
    let units = Units::read(a, 9)?;
    let (scores, covariance) = (a.numbers("scores")?, a.numbers("covariance")?);
    let simultaneous = match a.text("kind")? {
        "marginal" => false,
        "simultaneous" => true,
        other => return Err(format!("kind: must be 'marginal' or 'simultaneous', not '{other}'")),
    };
    let (draws, seed) = draws(a)?;
    let options = LeagueOptions { level: a.number("level")?, simultaneous, draws, seed, ..LeagueOptions::default() };
    let sets = league_confidence(&scores, uncertainty(&covariance, units.ids.len()), &units.rules(false), &options)
        .map_err(words)?;
    Ok((units, sets))
}

fn league_sets(a: &Arguments<'_>) -> Result<Answer, String> {
    let (units, sets) = league(a)?;
    Ok(units.rows(|at| {
        let set = &sets.ranks[at];
        let counts = [set.rank, set.lower, set.upper, set.unclear, set.others].map(whole);
        counts.into_iter().chain([number(sets.stability)]).collect()
    }))
}

fn league_pairs(a: &Arguments<'_>) -> Result<Answer, String> {
    let (units, sets) = league(a)?;
    let rows = sets.pairs().map(|(one, other, verdict)| {
        let verdict = match verdict {
            Verdict::Above => "ahead",
            Verdict::Below => "behind",
            Verdict::Unclear => "unclear",
        };
        vec![text(units.ids[one].clone()), text(units.ids[other].clone()), text(verdict)]
    });
    Ok(Answer::Rows(rows.collect()))
}

fn change(a: &Arguments<'_>) -> Result<Answer, String> {
    let before = (a.numbers("before")?, a.numbers("before_sds")?);
    let after = (a.numbers("after")?, a.numbers("after_sds")?);
    let ids = a.ids("ids", before.0.len())?;
    let found =
        composite_change((&before.0, &before.1), (&after.0, &after.1), &a.numbers("overlap")?, a.number("level")?)
            .map_err(words)?;
    let rows = ids.into_iter().zip(&found).map(|(id, change)| {
        let difference = &change.difference;
        let ends =
            [difference.difference, difference.standard_error, difference.interval.lower, difference.interval.upper];
        let p_values = [difference.p_value, change.adjusted_p];
        [vec![text(id)], ends.map(number).to_vec(), p_values.map(number).to_vec(), vec![text(change.verdict.words())]]
            .concat()
    });
    Ok(Answer::Rows(rows.collect()))
}

fn movement(a: &Arguments<'_>) -> Result<Answer, String> {
    let units = Units::rounded(a)?;
    let (scores, covariance, overlap) = (a.numbers("scores")?, a.numbers("covariance")?, a.numbers("overlap")?);
    let (draws, seed) = draws(a)?;
    let options = MovementOptions { draws, seed };
    let found =
        null_movement(&scores, uncertainty(&covariance, units.ids.len()), &overlap, &units.rules(true), &options)
            .map_err(words)?;
    let tables = units.tables.clone();
    Ok(units.rows(|at| {
        let unit = &found.units[at];
        let table = found.tables.iter().find(|table| table.table == tables[at]);
        vec![
            number(unit.expected),
            whole(unit.at_most_95),
            number(unit.p_at_least(1)),
            number(unit.p_band_changes),
            number(table.map_or(f64::NAN, |table| table.mean_movement)),
            number(table.map_or(f64::NAN, |table| table.mean_movement_95)),
            number(table.map_or(f64::NAN, |table| table.band_changes)),
            number(table.map_or(f64::NAN, |table| table.band_changes_95)),
        ]
    }))
}

fn random_weights(a: &Arguments<'_>) -> Result<Answer, String> {
    let units = Units::rounded(a)?;
    let mut metrics = a.texts("pair_metrics")?;
    metrics.sort();
    metrics.dedup();
    let pairs = Pairs::read(a, &units.ids, Some(&metrics))?;
    let (draws, seed) = draws(a)?;
    let options = WeightOptions { concentration: a.number("concentration")?, level: a.number("level")?, draws, seed };
    let found = random_weight_ranks(&pairs.scores(), &units.rules(false), &options).map_err(words)?;
    Ok(units.rows(|at| {
        let unit = &found[at];
        vec![
            whole(unit.standing.rank),
            whole(unit.lower),
            whole(unit.upper),
            number(unit.mean_rank),
            number(unit.mean_shift),
        ]
    }))
}

const LEAGUE: &[Named] = &[
    ("ids", Texts),
    ("tables", Texts),
    ("held_at", Wholes),
    ("scores", Numbers),
    ("covariance", Numbers),
    ("cuts", Numbers),
    ("level", Number),
    ("kind", Text),
    ("draws", Whole),
    ("seed", Whole),
];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "composite_bootstrap",
        takes: &[&[
            ("ids", Texts),
            ("tables", Texts),
            ("held_at", Wholes),
            ("pair_units", Texts),
            ("pair_scores", Numbers),
            ("pair_weights", Numbers),
            ("cuts", Numbers),
            ("decimals", Whole),
            ("level", Number),
            ("draws", Whole),
            ("seed", Whole),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("score", Number),
            ("band", Whole),
            ("rank", Whole),
            ("score_lower", Number),
            ("score_upper", Number),
            ("rank_lower", Whole),
            ("rank_upper", Whole),
            ("band_probabilities", Numbers),
        ]),
        about: "How much a composite and its league place depend on which metrics are counted: each unit's own scores resampled with replacement, bands by fixed cuts, caps and ranks in every draw; percentiles of scores and places. Low scores are better; held_at is the best band a unit can have (1: no cap). It says nothing of chance in the metrics.",
        example: "SELECT unnest(composite_bootstrap(['a', 'b'], ['t', 't'], [1, 1], ['a', 'a', 'b', 'b'], [1.0, 2.0, 3.0, 4.0], [1, 1, 1, 1], [2.0], 2, 0.95, 1000, 1), recursive := true)",
        call: bootstrap,
    },
    Function {
        name: "composite_simulation",
        takes: &[&[
            ("ids", Texts),
            ("tables", Texts),
            ("held_at", Wholes),
            ("published", Numbers),
            ("pair_units", Texts),
            ("pair_metrics", Texts),
            ("pair_values", Numbers),
            ("pair_scores", Numbers),
            ("pair_sds", Numbers),
            ("pair_weights", Numbers),
            ("metrics", Texts),
            ("scoring", Texts),
            ("higher_is_better", Flags),
            ("lowest", Numbers),
            ("highest", Numbers),
            ("best", Numbers),
            ("worst", Numbers),
            ("edge", Texts),
            ("edge_level", Numbers),
            ("edge_score", Numbers),
            ("band_metrics", Texts),
            ("band_from", Numbers),
            ("band_included", Flags),
            ("band_scores", Numbers),
            ("cuts", Numbers),
            ("decimals", Whole),
            ("correlation", Number),
            ("draws", Whole),
            ("seed", Whole),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("score", Number),
            ("band", Whole),
            ("rank", Whole),
            ("bias", Number),
            ("sd", Number),
            ("band_probabilities", Numbers),
            ("p_best_quarter", Number),
            ("p_worst_quarter", Number),
            ("expected_rank", Number),
            ("modelled_weight", Number),
            ("top_metric", Text),
            ("top_share", Number),
            ("metric_ids", Texts),
            ("metric_shares", Numbers),
            ("covariance", Numbers),
        ]),
        about: "How much of a composite, its band and its place is chance and volatility in the metrics: every value drawn about the published one, every unit scored, averaged, banded, capped and ranked again in each draw. scoring is 'rank' (the whole pool is here), 'curve' (part of it is), 'bands' or 'fixed'; pair_sds of NULL or 0 hold a value still; no cuts means quartiles taken afresh in each draw. Without noise it gives the published standing. The result is only as good as the standard deviations.",
        example: "SELECT unnest(composite_simulation(['a', 'b'], ['t', 't'], [1, 1], [1.0, 4.0], ['a', 'b'], ['m', 'm'], [10.0, 20.0], [1.0, 4.0], [3.0, 3.0], [1, 1], ['m'], ['rank'], [false], [0.0], [NULL]::DOUBLE[], [1.0], [4.0], [NULL]::VARCHAR[], [NULL]::DOUBLE[], [NULL]::DOUBLE[], []::VARCHAR[], []::DOUBLE[], []::BOOLEAN[], []::DOUBLE[], [2.0], 2, 0.0, 1000, 1), recursive := true)",
        call: simulation,
    },
    Function {
        name: "league_confidence",
        takes: &[LEAGUE],
        gives: Gives::List(&[
            ("id", Text),
            ("rank", Whole),
            ("lower", Whole),
            ("upper", Whole),
            ("unclear", Whole),
            ("others", Whole),
            ("stability", Number),
        ]),
        about: "Confidence sets for places in a league that is sorted by band after caps, then by composite: rank_confidence carried over to that order, each table a family of its own. covariance is n standard deviations or an n x n matrix row by row. unclear is how many others of its table a unit cannot be told apart from.",
        example: "SELECT unnest(league_confidence(['a', 'b', 'c'], ['t', 't', 't'], [1, 3, 1], [1.5, 1.6, 2.6], [0.1, 0.1, 0.1], [2.0, 2.3, 2.7], 0.95, 'marginal', 10000, 1), recursive := true)",
        call: league_sets,
    },
    Function {
        name: "league_pairs",
        takes: &[LEAGUE],
        gives: Gives::List(&[("id", Text), ("other", Text), ("verdict", Text)]),
        about: "Every ordered pair of units of a table, told apart or not by the tests behind league_confidence: 'ahead', 'behind' or 'unclear'.",
        example: "SELECT unnest(league_pairs(['a', 'b', 'c'], ['t', 't', 't'], [1, 3, 1], [1.5, 1.6, 2.6], [0.1, 0.1, 0.1], [2.0, 2.3, 2.7], 0.95, 'simultaneous', 10000, 1), recursive := true)",
        call: league_pairs,
    },
    Function {
        name: "composite_change",
        takes: &[&[
            ("ids", Texts),
            ("before", Numbers),
            ("after", Numbers),
            ("before_sds", Numbers),
            ("after_sds", Numbers),
            ("overlap", Numbers),
            ("level", Number),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("change", Number),
            ("standard_error", Number),
            ("lower", Number),
            ("upper", Number),
            ("p_value", Number),
            ("adjusted_p", Number),
            ("verdict", Text),
        ]),
        about: "Change of each unit between two periods that share a part of their data (overlap, 0 to 1), with its interval. verdict 'real change' where the p-value adjusted for the number of units (Benjamini-Hochberg) is at most 1 - level, else 'no clear change', or 'not modelled' without standard deviations.",
        example: "SELECT unnest(composite_change(['a', 'b'], [2.0, 2.5], [2.6, 2.5], [0.1, 0.1], [0.1, 0.1], [0.5, 0.5], 0.95), recursive := true)",
        call: change,
    },
    Function {
        name: "null_movement",
        takes: &[&[
            ("ids", Texts),
            ("tables", Texts),
            ("held_at", Wholes),
            ("scores", Numbers),
            ("covariance", Numbers),
            ("overlap", Numbers),
            ("cuts", Numbers),
            ("decimals", Whole),
            ("draws", Whole),
            ("seed", Whole),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("expected_movement", Number),
            ("movement_95", Whole),
            ("p_rank_changes", Number),
            ("p_band_changes", Number),
            ("table_mean_movement", Number),
            ("table_mean_movement_95", Number),
            ("table_band_changes", Number),
            ("table_band_changes_95", Number),
        ]),
        about: "How far places and bands would move between two periods if nothing had changed, for each unit and, on each of its rows, for its whole table.",
        example: "SELECT unnest(null_movement(['a', 'b', 'c'], ['t', 't', 't'], [1, 1, 1], [1.5, 1.6, 2.6], [0.1, 0.1, 0.1], [0.5, 0.5, 0.5], [2.0], 2, 1000, 1), recursive := true)",
        call: movement,
    },
    Function {
        name: "random_weight_ranks",
        takes: &[&[
            ("ids", Texts),
            ("tables", Texts),
            ("held_at", Wholes),
            ("pair_units", Texts),
            ("pair_metrics", Texts),
            ("pair_scores", Numbers),
            ("pair_weights", Numbers),
            ("cuts", Numbers),
            ("decimals", Whole),
            ("concentration", Number),
            ("level", Number),
            ("draws", Whole),
            ("seed", Whole),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("rank", Whole),
            ("lower", Whole),
            ("upper", Whole),
            ("mean_rank", Number),
            ("mean_shift", Number),
        ]),
        about: "Places under random weights about those given (Dirichlet; a concentration of 1 makes all weights alike likely): a question of method, not of chance. OECD/JRC 2008.",
        example: "SELECT unnest(random_weight_ranks(['a', 'b'], ['t', 't'], [1, 1], ['a', 'a', 'b', 'b'], ['m', 'n', 'm', 'n'], [1.0, 4.0, 3.0, 1.0], [1, 1, 1, 1], [2.0], 2, 1.0, 0.9, 1000, 1), recursive := true)",
        call: random_weights,
    },
];
