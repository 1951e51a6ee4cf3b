//! Intervals for counts, rates, means, differences and ratios.

use super::Type::{Number, Numbers, Table, Text};
use super::{Answer, Arguments, Function, Gives, Named, number, text, words};
use crate::stats::error::StatsError;
use crate::stats::intervals::{self, Interval};
use crate::stats::standardised::{self, StandardisedRate};

pub(super) const INTERVAL: Gives = Gives::Struct(&[("lower", Number), ("upper", Number)]);
const X_OF_N: &[Named] = &[("x", Number), ("n", Number), ("level", Number)];
const COUNT: &[Named] = &[("count", Number), ("level", Number)];
const TWO_SHARES: &[Named] = &[("x1", Number), ("n1", Number), ("x2", Number), ("n2", Number), ("level", Number)];
const TWO_RATES: &[Named] = &[("x1", Number), ("t1", Number), ("x2", Number), ("t2", Number), ("level", Number)];

pub(super) fn interval(found: Result<Interval, StatsError>) -> Result<Answer, String> {
    found.map(|found| Answer::Row(vec![number(found.lower), number(found.upper)])).map_err(words)
}

/// NULL where nothing was counted, for functions of shares: there is no rate to put an interval around.
pub(super) fn unless_empty(
    arguments: &Arguments<'_>,
    totals: [&str; 2],
    make: impl Fn() -> Result<Answer, String>,
) -> Result<Answer, String> {
    for total in totals {
        if arguments.number(total)? == 0.0 {
            return Ok(Answer::Missing);
        }
    }
    make()
}

const STANDARDISED: Gives =
    Gives::Struct(&[("value", Number), ("lower", Number), ("upper", Number), ("events", Number), ("note", Text)]);

fn standardised_rate(found: Result<StandardisedRate, StatsError>) -> Result<Answer, String> {
    Ok(Answer::Row(match found.map_err(words)? {
        StandardisedRate::Suppressed { events } => {
            let none = || number(f64::NAN);
            vec![none(), none(), none(), number(events), text("suppressed: fewer than 10 events")]
        }
        StandardisedRate::Rate { events, value, interval } => {
            vec![number(value), number(interval.lower), number(interval.upper), number(events), text("")]
        }
    }))
}

type OfTwo = fn(f64, f64, f64, f64, f64) -> Result<Interval, StatsError>;

/// An interval that compares two shares or rates: a count and what it is out of, twice.
fn of_two(a: &Arguments<'_>, [x1, n1, x2, n2]: [&str; 4], formula: OfTwo) -> Result<Answer, String> {
    unless_empty(a, [n1, n2], || {
        interval(formula(a.number(x1)?, a.number(n1)?, a.number(x2)?, a.number(n2)?, a.number("level")?))
    })
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "wilson_interval",
        takes: &[X_OF_N],
        gives: INTERVAL,
        about: "Wilson's score interval for a proportion x / n, always within 0 and 1. NULL where n is 0; x below 0 or above n is refused. Wilson 1927.",
        example: "SELECT unnest(wilson_interval(45, 60, 0.95))",
        call: |a| {
            unless_empty(a, ["n", "n"], || {
                interval(intervals::wilson_interval(a.number("x")?, a.number("n")?, a.number("level")?))
            })
        },
    },
    Function {
        name: "byar_interval",
        takes: &[COUNT],
        gives: INTERVAL,
        about: "Byar's approximation to the interval of a Poisson count; the lower end is 0 for a count of 0. Breslow and Day 1987.",
        example: "SELECT unnest(byar_interval(12, 0.95))",
        call: |a| interval(intervals::byar_interval(a.number("count")?, a.number("level")?)),
    },
    Function {
        name: "poisson_interval",
        takes: &[COUNT],
        gives: INTERVAL,
        about: "The exact interval of a Poisson count; the lower end is 0 for a count of 0. Garwood 1936.",
        example: "SELECT unnest(poisson_interval(4, 0.95))",
        call: |a| interval(intervals::poisson_interval(a.number("count")?, a.number("level")?)),
    },
    Function {
        name: "rate_interval",
        takes: &[&[("count", Number), ("exposure", Number), ("level", Number)]],
        gives: INTERVAL,
        about: "Interval for a rate, events per unit of exposure: exact below 10 events, Byar's from 10, as English public health does. NULL where the exposure is 0.",
        example: "SELECT unnest(rate_interval(12, 4800, 0.95))",
        call: |a| {
            unless_empty(a, ["exposure", "exposure"], || {
                interval(intervals::rate_interval(a.number("count")?, a.number("exposure")?, a.number("level")?))
            })
        },
    },
    Function {
        name: "newcombe_interval",
        takes: &[TWO_SHARES],
        gives: INTERVAL,
        about: "Newcombe's interval for a difference of proportions, x1 / n1 less x2 / n2. NULL where n1 or n2 is 0. Newcombe 1998, method 10.",
        example: "SELECT unnest(newcombe_interval(45, 60, 30, 55, 0.95))",
        call: |a| of_two(a, ["x1", "n1", "x2", "n2"], intervals::newcombe_interval),
    },
    Function {
        name: "risk_ratio_interval",
        takes: &[TWO_SHARES],
        gives: INTERVAL,
        about: "Log-normal interval for a ratio of proportions. Katz and others 1978. NULL where n1 or n2 is 0. Where x1 is 0 the lower end is 0, where x2 is 0 the upper end is infinite and given as NULL; one half is then added to the counts (Agresti 2013).",
        example: "SELECT unnest(risk_ratio_interval(45, 60, 30, 55, 0.95))",
        call: |a| of_two(a, ["x1", "n1", "x2", "n2"], intervals::risk_ratio_interval),
    },
    Function {
        name: "rate_ratio_interval",
        takes: &[TWO_RATES],
        gives: INTERVAL,
        about: "Log-normal interval for a ratio of rates of events x over exposures t. NULL where an exposure is 0. Zero counts as in risk_ratio_interval: an infinite upper end is given as NULL.",
        example: "SELECT unnest(rate_ratio_interval(40, 1000, 25, 900, 0.95))",
        call: |a| of_two(a, ["x1", "t1", "x2", "t2"], intervals::rate_ratio_interval),
    },
    Function {
        name: "mean_interval",
        takes: &[&[("values", Numbers), ("level", Number)]],
        gives: Gives::Struct(&[("mean", Number), ("standard_deviation", Number), ("lower", Number), ("upper", Number)]),
        about: "Mean of a sample with Student's interval. Needs two values or more.",
        example: "SELECT unnest(mean_interval([4.1, 5.0, 3.8, 4.6], 0.95))",
        call: |a| {
            let found = intervals::mean_interval(&a.numbers("values")?, a.number("level")?).map_err(words)?;
            Ok(Answer::Row(vec![
                number(found.mean),
                number(found.standard_deviation),
                number(found.interval.lower),
                number(found.interval.upper),
            ]))
        },
    },
    Function {
        name: "ratio_interval",
        takes: &[&[
            ("x1", Number),
            ("s1", Number),
            ("x2", Number),
            ("s2", Number),
            ("covariance", Number),
            ("level", Number),
        ]],
        gives: Gives::Struct(&[
            ("ratio", Number),
            ("lower", Number),
            ("upper", Number),
            ("reliable", super::Type::Flag),
        ]),
        about: "A ratio of two positive estimates with standard errors s1 and s2, by the delta method on the log scale. Not reliable where x2 lies within three standard errors of 0.",
        example: "SELECT unnest(ratio_interval(1.07, 0.01, 0.96, 0.01, 0, 0.95))",
        call: |a| {
            let (x1, s1, x2, s2) = (a.number("x1")?, a.number("s1")?, a.number("x2")?, a.number("s2")?);
            let found =
                intervals::delta_ratio(x1, s1, x2, s2, a.number("covariance")?, a.number("level")?).map_err(words)?;
            Ok(Answer::Row(vec![
                number(found.ratio),
                number(found.interval.lower),
                number(found.interval.upper),
                super::flag(found.reliable),
            ]))
        },
    },
    Function {
        name: "standardised_rate",
        takes: &[&[("events", Numbers), ("populations", Numbers), ("weights", Numbers), ("level", Number)]],
        gives: STANDARDISED,
        about: "Directly standardised rate over groups, with Dobson's interval, per unit of population. Suppressed below 10 events, and says so. Dobson and others 1991.",
        example: "SELECT unnest(standardised_rate([5, 20, 60], [1000, 1200, 800], [0.3, 0.4, 0.3], 0.95))",
        call: |a| {
            let (events, populations, weights) =
                (a.numbers("events")?, a.numbers("populations")?, a.numbers("weights")?);
            standardised_rate(standardised::direct_rate(&events, &populations, &weights, a.number("level")?))
        },
    },
    Function {
        name: "standardised_rate_repeated",
        takes: &[&[("people", Table), ("populations", Numbers), ("weights", Numbers), ("level", Number)]],
        gives: STANDARDISED,
        about: "standardised_rate for events that may befall one person repeatedly, which widens the interval: people has one list for each number of events (first those with one event, then with two, and so on), each with one item a group. Suppressed below 10 events.",
        example: "SELECT unnest(standardised_rate_repeated([[5, 20, 60], [1, 4, 9]], [1000, 1200, 800], [0.3, 0.4, 0.3], 0.95))",
        call: |a| {
            let (people, populations, weights) = (a.table("people")?, a.numbers("populations")?, a.numbers("weights")?);
            let people: Vec<&[f64]> = people.iter().map(Vec::as_slice).collect();
            let level = a.number("level")?;
            standardised_rate(standardised::direct_rate_repeated(&people, &populations, &weights, level))
        },
    },
    Function {
        name: "expected_events",
        takes: &[&[("populations", Numbers), ("reference_events", Numbers), ("reference_populations", Numbers)]],
        gives: Gives::Number,
        about: "Events expected in a population at the rates of a reference population, group by group; for standardised_ratio.",
        example: "SELECT expected_events([1000, 1200], [50, 90], [20000, 18000])",
        call: |a| {
            let (events, populations) = (a.numbers("reference_events")?, a.numbers("reference_populations")?);
            let found = standardised::expected_events(&a.numbers("populations")?, &events, &populations);
            found.map(Answer::Number).map_err(words)
        },
    },
    Function {
        name: "standardised_ratio",
        takes: &[&[("observed", Number), ("expected", Number), ("level", Number)]],
        gives: Gives::Struct(&[("value", Number), ("lower", Number), ("upper", Number)]),
        about: "Indirectly standardised ratio, observed over expected; exact interval below 10 observed, Byar's from 10.",
        example: "SELECT unnest(standardised_ratio(120, 100, 0.95))",
        call: |a| {
            let found = standardised::indirect_ratio(a.number("observed")?, a.number("expected")?, a.number("level")?)
                .map_err(words)?;
            Ok(Answer::Row(vec![number(found.value), number(found.interval.lower), number(found.interval.upper)]))
        },
    },
];
