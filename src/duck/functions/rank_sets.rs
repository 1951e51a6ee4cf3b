//! Confidence sets for ranks, and ranges without draws.

use std::str::FromStr;

use super::Type::{Flag, Number, Numbers, Table as Matrix, Text, Texts, Whole};
use super::{Answer, Arguments, Function, Gives, Named, flag, number, text, whole, words};
use super::{Field, ranks};
use crate::frame::Scalar;
use crate::stats::joint_region::{self, Adjustment, joint_region};
use crate::stats::rank_sets::{Kind, RankInput, RankOptions, RankSet, RankSets, Side, Uncertainty, rank_confidence};

const IDS: Named = ("ids", Texts);
const ESTIMATES: Named = ("estimates", Numbers);
const ERRORS: Named = ("standard_errors", Numbers);
const COVARIANCE: Named = ("covariance", Matrix);
const HIGHER: Named = ("higher_is_better", Flag);
const LEVEL: Named = ("level", Number);
const KIND: Named = ("kind", Text);
const TAU: Named = ("tau", Whole);
const DRAWS: Named = ("draws", Whole);
const SEED: Named = ("seed", Whole);
const SIDE: Named = ("side", Text);

/// The argument lists of the sets: as short as can be, with draws and seed, and with the side wanted.
const CONFIDENCE: &[&[Named]] = &[
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, KIND],
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, KIND, DRAWS, SEED],
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, KIND, DRAWS, SEED, SIDE],
];
const JOINT: &[&[Named]] = &[
    &[IDS, ESTIMATES, COVARIANCE, HIGHER, LEVEL, KIND],
    &[IDS, ESTIMATES, COVARIANCE, HIGHER, LEVEL, KIND, DRAWS, SEED],
    &[IDS, ESTIMATES, COVARIANCE, HIGHER, LEVEL, KIND, DRAWS, SEED, SIDE],
];
const BEST: &[&[Named]] =
    &[&[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, TAU], &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, TAU, DRAWS, SEED]];
const REGION: &[&[Named]] = &[
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL],
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, ("adjustment", Text)],
    &[IDS, ESTIMATES, ERRORS, HIGHER, LEVEL, ("adjustment", Text), ("decimals", Whole)],
];
const SETS: Gives = Gives::List(&[("id", Text), ("rank", Whole), ("lower", Whole), ("upper", Whole)]);

/// Options that the argument list has, and defaults for the rest.
fn options(a: &Arguments<'_>, kind: Kind, side: Side) -> Result<RankOptions, String> {
    let default = RankOptions::default();
    let draws = usize::try_from(a.whole_or("draws", default.draws as u64)?).map_err(|error| error.to_string())?;
    Ok(RankOptions { level: a.number("level")?, kind, side, draws, seed: a.whole_or("seed", default.seed)?, ..default })
}

/// The options behind `kind` and `side`.
fn named_options(a: &Arguments<'_>) -> Result<RankOptions, String> {
    let (kind, stepdown) = match a.text("kind")?.strip_suffix(" single step") {
        Some(kind) => (kind, false),
        None => (a.text("kind")?, true),
    };
    let side = match a.has("side").then(|| a.text("side")).transpose()? {
        None | Some("both") => Side::Both,
        Some("lower") => Side::Lower,
        Some("upper") => Side::Upper,
        Some(other) => return Err(format!("`side` must be one of 'both', 'lower' or 'upper', but is '{other}'")),
    };
    Ok(RankOptions { stepdown, ..options(a, Kind::from_str(kind).map_err(words)?, side)? })
}

fn independent(a: &Arguments<'_>, options: &RankOptions) -> Result<(Vec<String>, RankSets), String> {
    let table = ranks::Table::read(a)?;
    let input = RankInput {
        estimates: &table.estimates,
        uncertainty: Uncertainty::StandardErrors(&table.errors),
        higher_is_better: a.flag("higher_is_better")?,
    };
    Ok((table.ids, rank_confidence(&input, options).map_err(words)?))
}

fn joint(a: &Arguments<'_>, options: &RankOptions) -> Result<(Vec<String>, RankSets), String> {
    let (estimates, rows) = (a.numbers("estimates")?, a.table("covariance")?);
    let ids = a.ids("ids", estimates.len())?;
    if let Some(at) = rows.iter().position(|row| row.len() != estimates.len()) {
        let (got, wanted) = (rows[at].len(), estimates.len());
        return Err(format!("`covariance`: list {} has {got} items where there are {wanted} estimates", at + 1));
    }
    if rows.len() != estimates.len() {
        return Err(format!("`covariance` has {} lists where there are {} estimates", rows.len(), estimates.len()));
    }
    let input = RankInput {
        estimates: &estimates,
        uncertainty: Uncertainty::Covariance(&rows.concat()),
        higher_is_better: a.flag("higher_is_better")?,
    };
    Ok((ids, rank_confidence(&input, options).map_err(words)?))
}

fn places(ids: Vec<String>, sets: &[RankSet]) -> Answer {
    ranks::per_unit(ids, |at| vec![whole(sets[at].rank), whole(sets[at].lower), whole(sets[at].upper)])
}

/// The steps of each family: one family without a name for simultaneous sets, one a unit for marginal ones.
fn steps(ids: &[String], sets: &RankSets, marginal: bool) -> Answer {
    let mut rows: Vec<Vec<Field>> = Vec::new();
    for (family, steps) in sets.families.iter().enumerate() {
        for (at, step) in steps.iter().enumerate() {
            let id = if marginal { text(ids[family].as_str()) } else { Field::One(Scalar::Missing) };
            let numbers = [step.critical_value, step.smallest_gap].map(number);
            let counts = [step.tested, step.rejected].map(whole);
            rows.push([vec![id, whole(at + 1)], numbers.to_vec(), counts.to_vec()].concat());
        }
    }
    Answer::Rows(rows)
}

/// The units that could be among the best, or the worst: simultaneous sets with the one end that matters.
fn extremes(a: &Arguments<'_>, side: Side) -> Result<Answer, String> {
    let (ids, sets) = independent(a, &options(a, Kind::Simultaneous, side)?)?;
    let tau = ranks::size(a, "tau")?;
    if tau == 0 || tau > ids.len() {
        return Err(format!("`tau` must be from 1 to the number of units, {}, but is {tau}", ids.len()));
    }
    let members = if side == Side::Lower { sets.tau_best(tau) } else { sets.tau_worst(tau) };
    let end = |set: &RankSet| if side == Side::Lower { set.lower } else { set.upper };
    Ok(ranks::per_unit(ids, |at| vec![whole(sets.ranks[at].rank), whole(end(&sets.ranks[at])), flag(members[at])]))
}

fn region(a: &Arguments<'_>) -> Result<Answer, String> {
    let table = ranks::Table::read(a)?;
    let adjustment = match a.has("adjustment").then(|| a.text("adjustment")).transpose()? {
        None | Some("independence") => Adjustment::Independence,
        Some("bonferroni") => Adjustment::Bonferroni,
        Some(other) => {
            return Err(format!("`adjustment` must be one of 'independence' or 'bonferroni', but is '{other}'"));
        }
    };
    let decimals = a.has("decimals").then(|| a.whole("decimals")).transpose()?;
    let decimals = decimals.map(u8::try_from).transpose().map_err(|_| "`decimals` is too large".to_string())?;
    let higher = a.flag("higher_is_better")?;
    let region = joint_region(&table.estimates, &table.errors, higher, a.number("level")?, adjustment, decimals)
        .map_err(words)?;
    Ok(ranks::per_unit(table.ids, |at| {
        let (set, interval) = (&region.ranks[at], region.intervals[at]);
        let ends = [region.z, interval.lower, interval.upper].map(number);
        [vec![whole(set.rank), whole(set.lower), whole(set.upper)], ends.to_vec()].concat()
    }))
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "rank_confidence",
        takes: CONFIDENCE,
        gives: SETS,
        about: "Confidence sets for ranks. kind 'marginal' covers one unit named in advance, 'simultaneous' covers all at once; both step down, and with ' single step' added do not. side 'lower' asks only how good a rank could be, 'upper' how bad. Mogstad, Romano, Shaikh and Wilhelm 2024. 100,000 draws and a fixed seed unless given; marginal sets are integrated without draws. One unit has the set 1 to 1; tied units share their best rank and are never told apart; a standard error of 0 is refused.",
        example: "SELECT unnest(rank_confidence(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95, 'simultaneous'), recursive := true)",
        call: |a| {
            let (ids, sets) = independent(a, &named_options(a)?)?;
            Ok(places(ids, &sets.ranks))
        },
    },
    Function {
        name: "rank_confidence_joint",
        takes: JOINT,
        gives: SETS,
        about: "rank_confidence for estimates that are not independent: covariance has one list a unit, in the order of ids, as from list(list(covar_samp(...))). A singular covariance is accepted; two units whose difference has no variance are told apart exactly when they differ. Always drawn, never integrated.",
        example: "SELECT unnest(rank_confidence_joint(['a', 'b', 'c'], [3.1, 2.0, 1.9], [[0.04, 0.01, 0], [0.01, 0.09, 0], [0, 0, 0.04]], true, 0.95, 'simultaneous'), recursive := true)",
        call: |a| {
            let (ids, sets) = joint(a, &named_options(a)?)?;
            Ok(places(ids, &sets.ranks))
        },
    },
    Function {
        name: "rank_pairs",
        takes: CONFIDENCE,
        gives: Gives::List(&[
            ("id", Text),
            ("told_apart_from", Whole),
            ("not_told_apart_from", Whole),
            ("stability", Number),
        ]),
        about: "How many others each unit can and cannot be told apart from, by the tests behind rank_confidence. stability is the smallest distance of any test from its critical value: under 0.01, another seed could move a bound by a place. NULL where nothing was tested (one unit).",
        example: "SELECT unnest(rank_pairs(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95, 'simultaneous'), recursive := true)",
        call: |a| {
            let (ids, sets) = independent(a, &named_options(a)?)?;
            let others = ids.len() - 1;
            Ok(ranks::per_unit(ids, |at| {
                vec![whole(others - sets.unclear(at)), whole(sets.unclear(at)), number(sets.stability)]
            }))
        },
    },
    Function {
        name: "rank_steps",
        takes: CONFIDENCE,
        gives: Gives::List(&[
            ("id", Text),
            ("step", Whole),
            ("critical_value", Number),
            ("smallest_gap", Number),
            ("tested", Whole),
            ("rejected", Whole),
        ]),
        about: "The steps behind rank_confidence: the critical value of each, the smallest distance of any |t| from it, hypotheses tested and rejected. id is the unit for marginal sets and NULL for simultaneous ones. No rows where nothing was tested (one unit).",
        example: "SELECT unnest(rank_steps(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95, 'marginal'), recursive := true)",
        call: |a| {
            let options = named_options(a)?;
            let (ids, sets) = independent(a, &options)?;
            Ok(steps(&ids, &sets, options.kind == Kind::Marginal))
        },
    },
    Function {
        name: "tau_best",
        takes: BEST,
        gives: Gives::List(&[("id", Text), ("rank", Whole), ("lower", Whole), ("member", Flag)]),
        about: "Which units could truly be among the tau best: at the stated level all of those that are, are members. From one-sided simultaneous sets, lower being how good each rank could be. Mogstad, Romano, Shaikh and Wilhelm 2024.",
        example: "SELECT unnest(tau_best(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95, 1), recursive := true)",
        call: |a| extremes(a, Side::Lower),
    },
    Function {
        name: "tau_worst",
        takes: BEST,
        gives: Gives::List(&[("id", Text), ("rank", Whole), ("upper", Whole), ("member", Flag)]),
        about: "Which units could truly be among the tau worst; see tau_best. upper is how bad each rank could be.",
        example: "SELECT unnest(tau_worst(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95, 1), recursive := true)",
        call: |a| extremes(a, Side::Upper),
    },
    Function {
        name: "rank_region",
        takes: REGION,
        gives: Gives::List(&[
            ("id", Text),
            ("rank", Whole),
            ("lower", Whole),
            ("upper", Whole),
            ("multiplier", Number),
            ("interval_lower", Number),
            ("interval_upper", Number),
        ]),
        about: "Joint confidence region for all ranks from simple intervals (estimate and multiplier times standard error), without draws; wider than rank_confidence. adjustment 'independence' (the default) or 'bonferroni' (any dependence). decimals rounds the ends before they are compared; intervals that only touch count as apart. Klein, Wright and Wieczorek 2020.",
        example: "SELECT unnest(rank_region(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 0.95), recursive := true)",
        call: region,
    },
    Function {
        name: "tukey_ranks",
        takes: &[&[IDS, ESTIMATES, ("standard_error", Number), HIGHER, LEVEL]],
        gives: SETS,
        about: "Simultaneous ranges of ranks for independent estimates with one standard error, by Tukey's method, without draws: rank_confidence in a single step. Al Mohamad, Goeman and van Zwet, arXiv 1812.05507.",
        example: "SELECT unnest(tukey_ranks(['a', 'b', 'c'], [3.1, 2.0, 1.9], 0.2, true, 0.95), recursive := true)",
        call: |a| {
            let estimates = a.numbers("estimates")?;
            let ids = a.ids("ids", estimates.len())?;
            let (error, higher) = (a.number("standard_error")?, a.flag("higher_is_better")?);
            let sets = joint_region::tukey_ranges(&estimates, error, higher, a.number("level")?).map_err(words)?;
            Ok(places(ids, &sets))
        },
    },
    Function {
        name: "tukey_critical_value",
        takes: &[&[("units", Whole), LEVEL]],
        gives: Gives::Number,
        about: "How many standard errors of a difference two of so many equally precise units must lie apart, so that all pairs hold at once: the studentised range over the square root of 2. Tukey 1953.",
        example: "SELECT tukey_critical_value(134, 0.95)",
        call: |a| {
            let found = joint_region::tukey_critical_value(ranks::size(a, "units")?, a.number("level")?);
            found.map(Answer::Number).map_err(words)
        },
    },
    Function {
        name: "goldstein_healy_level",
        takes: &[&[ERRORS, LEVEL]],
        gives: Gives::Number,
        about: "The level of single intervals whose overlap shows, on average over pairs, a difference at the stated level; about 0.834 for 0.95 with equal errors. For drawing only: nothing is adjusted for many comparisons. Goldstein and Healy 1995.",
        example: "SELECT goldstein_healy_level([0.2, 0.3, 0.2], 0.95)",
        call: |a| {
            let found = joint_region::goldstein_healy_level(&a.numbers("standard_errors")?, a.number("level")?);
            found.map(Answer::Number).map_err(words)
        },
    },
];
