//! Intervals for counts, rates, means, differences and ratios.

use super::Type::{Number, Numbers, Text};
use super::{Answer, Arguments, Function, Gives, Named, number, text, words};
use crate::stats::error::StatsError;
use crate::stats::intervals::{self, Interval};
use crate::stats::standardised::{self, StandardisedRate};

const INTERVAL: Gives = Gives::Struct(&[("lower", Number), ("upper", Number)]);
const X_OF_N: &[Named] = &[("x", Number), ("n", Number), ("level", Number)];
const COUNT: &[Named] = &[("count", Number), ("level", Number)];
const TWO_SHARES: &[Named] = &[("x1", Number), ("n1", Number), ("x2", Number), ("n2", Number), ("level", Number)];
const TWO_RATES: &[Named] = &[("x1", Number), ("t1", Number), ("x2", Number), ("t2", Number), ("level", Number)];

fn interval(found: Result<Interval, StatsError>) -> Result<Answer, String> {
    found.map(|found| Answer::Row(vec![number(found.lower), number(found.upper)])).map_err(words)
}

/// NULL where nothing was counted, for functions of shares: there is no rate to put an interval around.
fn unless_empty(
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

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "wilson_interval",
        takes: &[X_OF_N],
        gives: INTERVAL,
        about: "Wilson's score interval for a proportion x / n. NULL where n is 0. Wilson 1927.",
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
        about: "Byar's approximation to the interval of a Poisson count. Breslow and Day 1987.",
        example: "SELECT unnest(byar_interval(12, 0.95))",
        call: |a| interval(intervals::byar_interval(a.number("count")?, a.number("level")?)),
    },
    Function {
        name: "poisson_interval",
        takes: &[COUNT],
        gives: INTERVAL,
        about: "The exact interval of a Poisson count. Garwood 1936.",
        example: "SELECT unnest(poisson_interval(4, 0.95))",
        call: |a| interval(intervals::poisson_interval(a.number("count")?, a.number("level")?)),
    },
    Function {
        name: "newcombe_interval",
        takes: &[TWO_SHARES],
        gives: INTERVAL,
        about: "Newcombe's interval for a difference of proportions, x1 / n1 less x2 / n2. NULL where n1 or n2 is 0. Newcombe 1998, method 10.",
        example: "SELECT unnest(newcombe_interval(45, 60, 30, 55, 0.95))",
        call: |a| {
            unless_empty(a, ["n1", "n2"], || {
                interval(intervals::newcombe_interval(
                    a.number("x1")?,
                    a.number("n1")?,
                    a.number("x2")?,
                    a.number("n2")?,
                    a.number("level")?,
                ))
            })
        },
    },
    Function {
        name: "risk_ratio_interval",
        takes: &[TWO_SHARES],
        gives: INTERVAL,
        about: "Log-normal interval for a ratio of proportions. Katz and others 1978. NULL where n1 or n2 is 0, or an end has no value.",
        example: "SELECT unnest(risk_ratio_interval(45, 60, 30, 55, 0.95))",
        call: |a| {
            unless_empty(a, ["n1", "n2"], || {
                interval(intervals::risk_ratio_interval(
                    a.number("x1")?,
                    a.number("n1")?,
                    a.number("x2")?,
                    a.number("n2")?,
                    a.number("level")?,
                ))
            })
        },
    },
    Function {
        name: "rate_ratio_interval",
        takes: &[TWO_RATES],
        gives: INTERVAL,
        about: "Log-normal interval for a ratio of rates of events x over exposures t. NULL where an exposure is 0.",
        example: "SELECT unnest(rate_ratio_interval(40, 1000, 25, 900, 0.95))",
        call: |a| {
            unless_empty(a, ["t1", "t2"], || {
                interval(intervals::rate_ratio_interval(
                    a.number("x1")?,
                    a.number("t1")?,
                    a.number("x2")?,
                    a.number("t2")?,
                    a.number("level")?,
                ))
            })
        },
    },
    Function {
        name: "mean_interval",
        takes: &[&[("values", Numbers), ("level", Number)]],
        gives: Gives::Struct(&[("mean", Number), ("standard_deviation", Number), ("lower", Number), ("upper", Number)]),
        about: "Mean of a sample with Student's interval.",
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
        gives: Gives::Struct(&[
            ("value", Number),
            ("lower", Number),
            ("upper", Number),
            ("events", Number),
            ("note", Text),
        ]),
        about: "Directly standardised rate over groups, with Dobson's interval, per unit of population. Suppressed below 10 events, and says so. Dobson and others 1991.",
        example: "SELECT unnest(standardised_rate([5, 20, 60], [1000, 1200, 800], [0.3, 0.4, 0.3], 0.95))",
        call: |a| {
            let (events, populations, weights) =
                (a.numbers("events")?, a.numbers("populations")?, a.numbers("weights")?);
            let found =
                standardised::direct_rate(&events, &populations, &weights, a.number("level")?).map_err(words)?;
            Ok(Answer::Row(match found {
                StandardisedRate::Suppressed { events } => {
                    let none = || number(f64::NAN);
                    vec![none(), none(), none(), number(events), text("suppressed: fewer than 10 events")]
                }
                StandardisedRate::Rate { events, value, interval } => {
                    vec![number(value), number(interval.lower), number(interval.upper), number(events), text("")]
                }
            }))
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
