//! Funnels: limits under chance alone and with over-dispersion, and quantile groups.

use std::str::FromStr;

use super::Type::{Flag, Number, Numbers, Text, Texts, Whole};
use super::counts::{INTERVAL, interval, unless_empty};
use super::{Answer, Arguments, Field, Function, Gives, Named, number, text, whole, words};
use crate::stats::error::StatsError;
use crate::stats::overdispersion::{self, Funnel, Measure};
use crate::stats::{funnel, order};

/// The share held back at each end unless given.
const TRIM: f64 = 0.1;

const TABLE: &[&[Named]] = &[
    &[("ids", Texts), ("numerators", Numbers), ("denominators", Numbers), ("kind", Text)],
    &[("ids", Texts), ("numerators", Numbers), ("denominators", Numbers), ("kind", Text), ("trim", Number)],
];
const LIMITS: Gives = Gives::List(&[
    ("id", Text),
    ("value", Number),
    ("target", Number),
    ("lower_95", Number),
    ("upper_95", Number),
    ("lower_998", Number),
    ("upper_998", Number),
    ("phi", Number),
    ("tau2", Number),
    ("p_value", Number),
    ("flag", Text),
    ("z", Number),
    ("used_z", Number),
    ("adjusted_z", Number),
    ("chance_lower_95", Number),
    ("chance_upper_95", Number),
    ("chance_lower_998", Number),
    ("chance_upper_998", Number),
]);

fn funnel_limits(a: &Arguments<'_>) -> Result<Answer, String> {
    let (numerators, denominators) = (a.numbers("numerators")?, a.numbers("denominators")?);
    let ids = a.ids("ids", numerators.len())?;
    let measure =
        Measure::from_str(a.text("kind")?).map_err(|error| words(StatsError { argument: "kind", ..error }))?;
    let trim = if a.has("trim") { a.number("trim")? } else { TRIM };
    let found = overdispersion::funnel(measure, &numerators, &denominators, trim).map_err(words)?;
    let rows = ids.into_iter().enumerate().map(|(at, id)| unit(&found, at, id).map_err(words));
    rows.collect::<Result<Vec<_>, String>>().map(Answer::Rows)
}

fn unit(found: &Funnel, at: usize, id: String) -> Result<Vec<Field>, StatsError> {
    let (inner, outer) = (found.limits(at, 0.95)?, found.limits(at, 0.998)?);
    let (chance_inner, chance_outer) = (found.chance_limits(at, 0.95)?, found.chance_limits(at, 0.998)?);
    let unit = &found.units[at];
    let limits = [inner.lower, inner.upper, outer.lower, outer.upper];
    let chance = [chance_inner.lower, chance_inner.upper, chance_outer.lower, chance_outer.upper];
    let scores = [unit.z, unit.used_z.unwrap_or(f64::NAN), unit.adjusted_z];
    let place = place_words(funnel::position(unit.value, inner, outer));
    let numbers = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>();
    Ok([
        vec![text(id)],
        numbers(&[unit.value, found.target]),
        numbers(&limits),
        numbers(&[found.phi, found.tau2, unit.p_value()]),
        vec![text(place)],
        numbers(&scores),
        numbers(&chance),
    ]
    .concat())
}

fn place_words(position: funnel::Position) -> &'static str {
    match position {
        funnel::Position::LowOuter => "below the 99.8% limit",
        funnel::Position::HighOuter => "above the 99.8% limit",
        funnel::Position::LowInner => "below the 95% limit",
        funnel::Position::HighInner => "above the 95% limit",
        funnel::Position::Within => "within the limits",
    }
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "funnel_limits",
        takes: TABLE,
        gives: LIMITS,
        about: "Funnel limits that allow for over-dispersion (additive), for a table. kind 'proportion', 'ratio' (observed over expected, log scale, outer tenths dropped: SHMI), 'ratio_sqrt' (CQC) or 'ratio_of_counts'. trim is the share held back at each end, 0.1 unless given. z is the distance from the target in standard errors, used_z that behind phi (NULL if dropped), adjusted_z and p_value with tau2; the chance limits leave tau2 out. Spiegelhalter 2005, 2012.",
        example: "SELECT unnest(funnel_limits(['a', 'b', 'c', 'd'], [40, 52, 61, 90], [100, 110, 120, 130], 'proportion'), recursive := true)",
        call: funnel_limits,
    },
    Function {
        name: "proportion_limits",
        takes: &[&[("average", Number), ("n", Number), ("level", Number)]],
        gives: INTERVAL,
        about: "Funnel limits for a proportion out of n about an average, under chance alone: where a Wilson interval would just touch it. Not cut at 0 and 1. NULL where n is 0. The method of Fingertips.",
        example: "SELECT unnest(proportion_limits(0.8, 120, 0.95))",
        call: |a| {
            unless_empty(a, ["n", "n"], || {
                interval(funnel::proportion_limits(a.number("average")?, a.number("n")?, a.number("level")?))
            })
        },
    },
    Function {
        name: "binomial_limits",
        takes: &[&[("target", Number), ("n", Whole), ("level", Number)]],
        gives: INTERVAL,
        about: "Exact binomial funnel limits for a proportion out of n about a target, smooth in n. Spiegelhalter 2005, appendix.",
        example: "SELECT unnest(binomial_limits(0.8, 120, 0.95))",
        call: |a| interval(funnel::exact_binomial_limits(a.number("target")?, a.whole("n")?, a.number("level")?)),
    },
    Function {
        name: "quantile_groups",
        takes: &[&[("ids", Texts), ("values", Numbers), ("groups", Whole), ("highest_first", Flag)]],
        gives: Gives::List(&[("id", Text), ("quantile", Whole)]),
        about: "Quantile groups by the rule of the Office for Health Improvement and Disparities; tied values share a group. Group 1 holds the smallest values, or the largest if highest_first.",
        example: "SELECT unnest(quantile_groups(['a', 'b', 'c', 'd'], [5, 3, 8, 1], 2, true), recursive := true)",
        call: |a| {
            let values = a.numbers("values")?;
            let ids = a.ids("ids", values.len())?;
            let groups = usize::try_from(a.whole("groups")?).map_err(|_| "`groups` is too large".to_string())?;
            let found = order::quantile_groups(&values, groups, a.flag("highest_first")?).map_err(words)?;
            let rows = ids.into_iter().zip(found).map(|(id, group)| vec![text(id), whole(group)]);
            Ok(Answer::Rows(rows.collect()))
        },
    },
];
