//! Series over time, funnels and index numbers.

use std::str::FromStr;

use super::Type::{Flag, Number, Numbers, Text, Texts, Whole};
use super::{Answer, Arguments, Function, Gives, Named, flag, number, text, whole, words};
use crate::stats::control_chart::{ChartOptions, Signal, xmr_chart};
use crate::stats::index_numbers::{self, Period};
use crate::stats::overdispersion::{Measure, funnel};

const TWO_PERIODS: &[Named] =
    &[("volumes_1", Numbers), ("costs_1", Numbers), ("volumes_2", Numbers), ("costs_2", Numbers)];

fn index(
    a: &Arguments<'_>,
    formula: fn(Period<'_>, Period<'_>) -> crate::stats::error::Result<f64>,
) -> Result<Answer, String> {
    let (x1, c1, x2, c2) =
        (a.numbers("volumes_1")?, a.numbers("costs_1")?, a.numbers("volumes_2")?, a.numbers("costs_2")?);
    let (first, second) = (Period { volumes: &x1, unit_costs: &c1 }, Period { volumes: &x2, unit_costs: &c2 });
    formula(first, second).map(Answer::Number).map_err(words)
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

fn control_chart(a: &Arguments<'_>) -> Result<Answer, String> {
    let points = xmr_chart(&a.numbers("values")?, &[], &ChartOptions::default()).map_err(words)?;
    let rows = points.iter().enumerate().map(|(at, point)| {
        vec![
            whole(at + 1),
            number(point.value),
            number(point.mean),
            number(point.lower),
            number(point.upper),
            text(signal_words(point.signal)),
            flag(point.signal != Signal::CommonCause),
        ]
    });
    Ok(Answer::Rows(rows.collect()))
}

fn funnel_limits(a: &Arguments<'_>) -> Result<Answer, String> {
    let (numerators, denominators) = (a.numbers("numerators")?, a.numbers("denominators")?);
    let ids = a.ids("ids", numerators.len())?;
    let measure = Measure::from_str(a.text("kind")?).map_err(words)?;
    let found = funnel(measure, &numerators, &denominators, 0.1).map_err(words)?;
    let row = |(at, id): (usize, String)| {
        let inner = found.limits(at, 0.95).map_err(words)?;
        let outer = found.limits(at, 0.998).map_err(words)?;
        let value = found.units[at].value;
        let place = match (outer.contains(value), inner.contains(value), value < found.target) {
            (false, _, true) => "below the 99.8% limit",
            (false, _, false) => "above the 99.8% limit",
            (_, false, true) => "below the 95% limit",
            (_, false, false) => "above the 95% limit",
            _ => "within the limits",
        };
        let numbers = [value, found.target, inner.lower, inner.upper, outer.lower, outer.upper, found.phi, found.tau2]
            .map(number);
        let p_value = number(found.units[at].p_value());
        Ok([vec![text(id)], numbers.to_vec(), vec![p_value, text(place)]].concat())
    };
    ids.into_iter().enumerate().map(row).collect::<Result<Vec<_>, String>>().map(Answer::Rows)
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "control_chart",
        takes: &[&[("values", Numbers)]],
        gives: Gives::List(&[
            ("point", Whole),
            ("value", Number),
            ("mean", Number),
            ("lower", Number),
            ("upper", Number),
            ("signal", Text),
            ("special_cause", Flag),
        ]),
        about: "XmR control chart of values in order of time: mean, limits at 2.66 mean moving ranges (ranges of 3.267 times their mean screened once), and what each point shows by the rules of Making Data Count.",
        example: "SELECT unnest(control_chart([10, 12, 11, 13, 12, 11, 10, 12, 13, 11, 12, 25]), recursive := true)",
        call: control_chart,
    },
    Function {
        name: "funnel_limits",
        takes: &[&[("ids", Texts), ("numerators", Numbers), ("denominators", Numbers), ("kind", Text)]],
        gives: Gives::List(&[
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
        ]),
        about: "Funnel limits that allow for over-dispersion (additive). kind 'proportion', 'ratio' (observed over expected, log scale), 'ratio_sqrt' or 'ratio_of_counts'. Spiegelhalter 2005.",
        example: "SELECT unnest(funnel_limits(['a', 'b', 'c', 'd'], [40, 52, 61, 90], [100, 110, 120, 130], 'proportion'), recursive := true)",
        call: funnel_limits,
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
