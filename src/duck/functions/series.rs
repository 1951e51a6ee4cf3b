//! Series over time and index numbers.

use std::str::FromStr;

use super::Type::{Flag, Number, Numbers, Text, Whole, Wholes};
use super::{Answer, Arguments, Field, Function, Gives, Named, flag, number, text, whole, words};
use crate::frame::Scalar;
use crate::stats::control_chart::{Assurance, ChartOptions, ChartPoint, Direction, Signal, Variation};
use crate::stats::control_chart::{process_sigma, xmr_chart};
use crate::stats::error::StatsError;
use crate::stats::index_numbers::{self, Period};

const TWO_PERIODS: &[Named] =
    &[("volumes_1", Numbers), ("costs_1", Numbers), ("volumes_2", Numbers), ("costs_2", Numbers)];

fn index(
    a: &Arguments<'_>,
    formula: fn(Period<'_>, Period<'_>) -> crate::stats::error::Result<f64>,
) -> Result<Answer, String> {
    let (x1, c1, x2, c2) =
        (a.numbers("volumes_1")?, a.numbers("costs_1")?, a.numbers("volumes_2")?, a.numbers("costs_2")?);
    let (first, second) = (Period { volumes: &x1, unit_costs: &c1 }, Period { volumes: &x2, unit_costs: &c2 });
    let named = |error: StatsError| {
        // The library speaks of two periods; here each has two lists.
        let argument = match error.argument {
            "first" => "volumes_1",
            "second" => "volumes_2",
            "unit_costs" => "costs_1 or costs_2",
            other => other,
        };
        words(StatsError { argument, ..error })
    };
    formula(first, second).map(Answer::Number).map_err(named)
}

fn signal_words(signal: Signal) -> &'static str {
    match signal {
        Signal::CommonCause => "common cause",
        Signal::AboveLimit => "above the upper limit",
        Signal::BelowLimit => "below the lower limit",
        Signal::Rising => "rising",
        Signal::Falling => "falling",
        Signal::TwoInThreeAbove => "two in three near the upper limit",
        Signal::TwoInThreeBelow => "two in three near the lower limit",
        Signal::ShiftAbove => "shift above the mean",
        Signal::ShiftBelow => "shift below the mean",
    }
}

fn variation_words(variation: Variation) -> &'static str {
    match variation {
        Variation::CommonCause => "common cause",
        Variation::Improvement => "improvement",
        Variation::Concern => "concern",
        Variation::NeutralHigh => "high",
        Variation::NeutralLow => "low",
    }
}

fn assurance_words(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Passes => "passes",
        Assurance::Fails => "fails",
        Assurance::HitAndMiss => "hit and miss",
    }
}

const VALUES: Named = ("values", Numbers);
const DIRECTION: Named = ("direction", Text);
const TARGET: Named = ("target", Number);
const BASELINE: Named = ("baseline", Whole);
const REBASE: Named = ("rebase", Wholes);
const SCREEN: Named = ("screen", Flag);
const SHIFT: Named = ("shift", Whole);
const TREND: Named = ("trend", Whole);

const CHART: &[&[Named]] = &[
    &[VALUES],
    &[VALUES, DIRECTION],
    &[VALUES, DIRECTION, TARGET],
    &[VALUES, DIRECTION, BASELINE, REBASE, SCREEN],
    &[VALUES, DIRECTION, TARGET, BASELINE, REBASE, SCREEN],
    &[VALUES, DIRECTION, BASELINE, REBASE, SCREEN, SHIFT, TREND],
    &[VALUES, DIRECTION, TARGET, BASELINE, REBASE, SCREEN, SHIFT, TREND],
];

fn chart_options(a: &Arguments<'_>) -> Result<ChartOptions, String> {
    let default = ChartOptions::default();
    let size =
        |name: &str, default: usize| usize::try_from(a.whole_or(name, default as u64)?).map_err(|e| e.to_string());
    Ok(ChartOptions {
        screen: if a.has("screen") { a.flag("screen")? } else { default.screen },
        baseline: Some(size("baseline", 0)?).filter(|points| *points > 0),
        shift: size("shift", default.shift)?,
        trend: size("trend", default.trend)?,
    })
}

/// Positions from 0 of the points at which a new phase starts, given as numbers of points from 1.
fn rebase(a: &Arguments<'_>, points: usize) -> Result<Vec<usize>, String> {
    let starts = if a.has("rebase") { a.wholes("rebase")? } else { Vec::new() };
    let mut last = 0;
    for &start in &starts {
        if start <= last || start > points {
            return Err(format!("`rebase` must be numbers of points from 1 to {points}, in order, but has {start}"));
        }
        last = start;
    }
    Ok(starts.iter().map(|start| start - 1).collect())
}

fn control_chart(a: &Arguments<'_>) -> Result<Answer, String> {
    let values = a.numbers("values")?;
    let direction = match a.has("direction") {
        true => Direction::from_str(a.text("direction")?).map_err(words)?,
        false => Direction::Neutral,
    };
    let target = a.has("target").then(|| a.number("target")).transpose()?;
    if target.is_some_and(|target| !target.is_finite()) {
        return Err("`target` must be a finite number".to_string());
    }
    let points = xmr_chart(&values, &rebase(a, values.len())?, &chart_options(a)?).map_err(words)?;
    let rows = points.iter().enumerate().map(|(at, point)| chart_row(at, point, direction, target));
    Ok(Answer::Rows(rows.collect()))
}

fn chart_row(at: usize, point: &ChartPoint, direction: Direction, target: Option<f64>) -> Vec<Field> {
    let assurance = target.and_then(|target| point.assurance(target, direction));
    vec![
        whole(at + 1),
        number(point.value),
        number(point.mean),
        number(point.lower),
        number(point.upper),
        text(signal_words(point.signal)),
        flag(point.signal != Signal::CommonCause),
        whole(point.group + 1),
        flag(point.outside),
        flag(point.near),
        Field::One(Scalar::Integer(point.side.into())),
        number(point.process_sigma()),
        text(variation_words(point.signal.variation(direction))),
        assurance.map_or(Field::One(Scalar::Missing), |assurance| text(assurance_words(assurance))),
    ]
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "control_chart",
        takes: CHART,
        gives: Gives::List(&[
            ("point", Whole),
            ("value", Number),
            ("mean", Number),
            ("lower", Number),
            ("upper", Number),
            ("signal", Text),
            ("special_cause", Flag),
            ("phase", Whole),
            ("outside", Flag),
            ("near", Flag),
            ("side", Whole),
            ("sigma", Number),
            ("variation", Text),
            ("assurance", Text),
        ]),
        about: "XmR control chart of values in order of time: mean, limits at 2.66 mean moving ranges (ranges of 3.267 times their mean screened once), and what each point shows by the rules of Making Data Count. direction 'increase', 'decrease' or 'neutral' says which way is better, and with a target what the limits promise: 'passes', 'fails' or 'hit and miss' (NULL without one; a series without a target leaves the argument out). baseline takes mean and limits from so many first points, 0 from all; rebase lists the numbers of the points at which a new phase starts, [] for none; screen false keeps every range; shift and trend are the points that make one, 7 unless given. Values all the same are common cause; fewer than 2 are refused.",
        example: "SELECT unnest(control_chart([10, 12, 11, 13, 12, 11, 10, 12, 13, 11, 12, 25]), recursive := true)",
        call: control_chart,
    },
    Function {
        name: "process_sigma",
        takes: &[&[VALUES]],
        gives: Gives::Number,
        about: "Mean moving range over 1.128, screened as in control_chart: the standard error of one period's value about the underlying level, for a metric with no sampling model.",
        example: "SELECT process_sigma([10, 12, 11, 13, 12, 11, 10, 12])",
        call: |a| process_sigma(&a.numbers("values")?).map(Answer::Number).map_err(words),
    },
    Function {
        name: "laspeyres",
        takes: &[TWO_PERIODS],
        gives: Gives::Number,
        about: "Laspeyres quantity index: volumes at the first period's unit costs.",
        example: "SELECT laspeyres([1000, 2000, 5000], [3500, 800, 120], [1080, 2100, 5400], [3600, 790, 125])",
        call: |a| index(a, index_numbers::laspeyres),
    },
    Function {
        name: "paasche",
        takes: &[TWO_PERIODS],
        gives: Gives::Number,
        about: "Paasche quantity index: volumes at the second period's unit costs.",
        example: "SELECT paasche([1000, 2000, 5000], [3500, 800, 120], [1080, 2100, 5400], [3600, 790, 125])",
        call: |a| index(a, index_numbers::paasche),
    },
    Function {
        name: "fisher",
        takes: &[TWO_PERIODS],
        gives: Gives::Number,
        about: "Fisher quantity index: the geometric mean of laspeyres and paasche.",
        example: "SELECT fisher([1000, 2000, 5000], [3500, 800, 120], [1080, 2100, 5400], [3600, 790, 125])",
        call: |a| index(a, index_numbers::fisher),
    },
    Function {
        name: "tornqvist",
        takes: &[TWO_PERIODS],
        gives: Gives::Number,
        about: "Törnqvist quantity index: growth of each volume weighted by its mean share of cost.",
        example: "SELECT tornqvist([1000, 2000, 5000], [3500, 800, 120], [1080, 2100, 5400], [3600, 790, 125])",
        call: |a| index(a, index_numbers::tornqvist),
    },
];
