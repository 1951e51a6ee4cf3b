//! Ranks: how they would fall, what stands behind them, and what tells two units apart.

use std::str::FromStr;

use super::Type::{Flag, Number, Numbers, Text, Texts, Whole};
use super::{Answer, Arguments, Field, Function, Gives, Named, flag, number, text, whole, words};
use crate::stats::empirical_bayes::{self, EmpiricalBayes, Support};
use crate::stats::multiplicity;
use crate::stats::rank_distribution::{UnitRanks, rank_distribution};
use crate::stats::{correlation, grades, pairwise, volatility};

/// A table of estimates, as most functions here take it.
pub(super) struct Table {
    pub(super) ids: Vec<String>,
    pub(super) estimates: Vec<f64>,
    pub(super) errors: Vec<f64>,
}

impl Table {
    pub(super) fn read(a: &Arguments<'_>) -> Result<Table, String> {
        let estimates = a.numbers("estimates")?;
        let errors = a.numbers("standard_errors")?;
        Ok(Table { ids: a.ids("ids", estimates.len())?, estimates, errors })
    }
}

pub(super) fn per_unit(ids: Vec<String>, rest: impl Fn(usize) -> Vec<Field>) -> Answer {
    let rows = ids.into_iter().enumerate().map(|(at, id)| {
        let mut row = vec![text(id)];
        row.extend(rest(at));
        row
    });
    Answer::Rows(rows.collect())
}

fn distribution(units: &[UnitRanks], ids: Vec<String>) -> Answer {
    per_unit(ids, |at| {
        let unit = &units[at];
        vec![
            number(unit.expected_rank),
            number(unit.sd_rank),
            whole(unit.q025),
            whole(unit.q50),
            whole(unit.q975),
            number(unit.p_top),
            number(unit.p_bottom),
        ]
    })
}

pub(super) fn size(a: &Arguments<'_>, name: &str) -> Result<usize, String> {
    usize::try_from(a.whole(name)?).map_err(|_| format!("{name}: too large"))
}

fn fit(estimates: &[f64], errors: &[f64], a: &Arguments<'_>) -> Result<EmpiricalBayes, String> {
    let method = empirical_bayes::Method::from_str(a.text("method")?).map_err(words)?;
    empirical_bayes::empirical_bayes(estimates, errors, method).map_err(words)
}

fn fitted(a: &Arguments<'_>) -> Result<(Vec<String>, EmpiricalBayes), String> {
    let table = Table::read(a)?;
    let found = fit(&table.estimates, &table.errors, a)?;
    Ok((table.ids, found))
}

const DISTRIBUTION: Gives = Gives::List(&[
    ("id", Text),
    ("expected_rank", Number),
    ("sd_rank", Number),
    ("q025", Whole),
    ("q50", Whole),
    ("q975", Whole),
    ("p_top", Number),
    ("p_bottom", Number),
]);
const CORRELATION: Gives = Gives::Struct(&[("coefficient", Number), ("lower", Number), ("upper", Number)]);
const TWO_LISTS: &[Named] = &[("first", Numbers), ("second", Numbers), ("level", Number)];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "rank_distribution",
        takes: &[&[
            ("ids", Texts),
            ("estimates", Numbers),
            ("standard_errors", Numbers),
            ("higher_is_better", Flag),
            ("top", Whole),
            ("bottom", Whole),
        ]],
        gives: DISTRIBUTION,
        about: "Exact distribution of simulated ranks, without simulation; top and bottom are numbers of units. A distribution under a flat prior, not a confidence interval. Marshall and Spiegelhalter 1998.",
        example: "SELECT unnest(rank_distribution(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 1, 1), recursive := true)",
        call: |a| {
            let table = Table::read(a)?;
            let higher = a.flag("higher_is_better")?;
            let units = rank_distribution(&table.estimates, &table.errors, higher, size(a, "top")?, size(a, "bottom")?)
                .map_err(words)?;
            Ok(distribution(&units, table.ids))
        },
    },
    Function {
        name: "rank_probabilities",
        takes: &[&[("ids", Texts), ("estimates", Numbers), ("standard_errors", Numbers), ("higher_is_better", Flag)]],
        gives: Gives::List(&[("id", Text), ("rank", Whole), ("probability", Number)]),
        about: "The law behind rank_distribution: the probability of each rank of each unit, a row for each. With the posterior means and standard deviations of empirical_bayes it is a posterior; with raw estimates it is no confidence statement.",
        example: "SELECT unnest(rank_probabilities(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true), recursive := true)",
        call: |a| {
            let table = Table::read(a)?;
            let units =
                rank_distribution(&table.estimates, &table.errors, a.flag("higher_is_better")?, 0, 0).map_err(words)?;
            let row = |id: &str, at: usize, p: f64| vec![text(id), whole(at + 1), number(p)];
            let unit = |(unit, id): (&UnitRanks, &String)| -> Vec<Vec<Field>> {
                unit.probabilities.iter().enumerate().map(|(at, p)| row(id, at, *p)).collect()
            };
            Ok(Answer::Rows(units.iter().zip(&table.ids).flat_map(unit).collect()))
        },
    },
    Function {
        name: "rank_volatility",
        takes: &[&[
            ("ids", Texts),
            ("estimates", Numbers),
            ("standard_errors", Numbers),
            ("higher_is_better", Flag),
            ("groups", Whole),
        ]],
        gives: Gives::List(&[
            ("id", Text),
            ("expected_change", Number),
            ("p_rank_changes", Number),
            ("p_group_changes", Number),
        ]),
        about: "How far each rank moves between two independent periods in which nothing has changed: mean places moved, and the probability that the rank, or the group out of so many equal groups, differs.",
        example: "SELECT unnest(rank_volatility(['a', 'b', 'c', 'd'], [3.1, 2.0, 1.9, 1.0], [0.2, 0.3, 0.2, 0.4], true, 4), recursive := true)",
        call: |a| {
            let table = Table::read(a)?;
            let units =
                rank_distribution(&table.estimates, &table.errors, a.flag("higher_is_better")?, 0, 0).map_err(words)?;
            let moves = volatility::null_volatility(&units, size(a, "groups")?).map_err(words)?;
            Ok(per_unit(table.ids, |at| {
                vec![
                    number(moves[at].expected_change),
                    number(moves[at].p_rank_changes),
                    number(moves[at].p_group_changes),
                ]
            }))
        },
    },
    Function {
        name: "expected_kendall",
        takes: &[&[("estimates", Numbers), ("standard_errors", Numbers)]],
        gives: Gives::Number,
        about: "Mean Kendall correlation between the orders of two independent periods in which nothing has changed. An observed correlation near it shows no more change than chance.",
        example: "SELECT expected_kendall([3.1, 2.0, 1.9, 1.0], [0.2, 0.3, 0.2, 0.4])",
        call: |a| {
            let found = volatility::null_kendall(&a.numbers("estimates")?, &a.numbers("standard_errors")?);
            found.map(Answer::Number).map_err(words)
        },
    },
    Function {
        name: "empirical_bayes",
        takes: &[&[("ids", Texts), ("estimates", Numbers), ("standard_errors", Numbers), ("method", Text)]],
        gives: Gives::List(&[
            ("id", Text),
            ("posterior_mean", Number),
            ("posterior_sd", Number),
            ("mu", Number),
            ("tau2", Number),
            ("rankability", Number),
        ]),
        about: "Empirical Bayes: each estimate drawn towards the mean of all as far as chance explains their spread. method 'REML' (preferred), 'DL', 'ML', 'PM' or 'HE'. tau2 of 0: no ranking is supported. Rankability under 0.5 conventionally means do not rank. van Dishoeck and others 2011.",
        example: "SELECT unnest(empirical_bayes(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], 'REML'), recursive := true)",
        call: |a| {
            let (ids, found) = fitted(a)?;
            Ok(per_unit(ids, |at| {
                let unit = &found.units[at];
                vec![
                    number(unit.mean),
                    number(unit.sd),
                    number(found.mu),
                    number(found.tau2),
                    number(found.rankability),
                ]
            }))
        },
    },
    Function {
        name: "empirical_bayes_fit",
        takes: &[&[("estimates", Numbers), ("standard_errors", Numbers), ("method", Text)]],
        gives: Gives::Struct(&[
            ("mu", Number),
            ("se_mu", Number),
            ("tau2", Number),
            ("q", Number),
            ("i2", Number),
            ("h2", Number),
            ("rankability", Number),
            ("mean_reliability", Number),
            ("support", Text),
        ]),
        about: "The model behind empirical_bayes: mean of all and its standard error, variance between units, Cochran's Q, I2 (per cent), H2, rankability (tau2 over tau2 and the median squared error), mean reliability, and how far the table supports ranking: 'none' (tau2 is 0), 'poor' (rankability under 0.5), 'moderate' (to 0.75) or 'good'.",
        example: "SELECT unnest(empirical_bayes_fit([3.1, 2.0, 1.9], [0.2, 0.3, 0.2], 'REML'))",
        call: |a| {
            let found = fit(&a.numbers("estimates")?, &a.numbers("standard_errors")?, a)?;
            let support = match found.support() {
                Support::None => "none",
                Support::Poor => "poor",
                Support::Moderate => "moderate",
                Support::Good => "good",
            };
            let variation = [found.q, found.i2, found.h2, found.rankability, found.mean_reliability];
            let numbers = [found.mu, found.se_mu, found.tau2].into_iter().chain(variation).map(number);
            Ok(Answer::Row(numbers.chain([text(support)]).collect()))
        },
    },
    Function {
        name: "empirical_bayes_units",
        takes: &[&[("ids", Texts), ("estimates", Numbers), ("standard_errors", Numbers), ("method", Text)]],
        gives: Gives::List(&[
            ("id", Text),
            ("shrinkage", Number),
            ("posterior_mean", Number),
            ("posterior_sd", Number),
            ("posterior_sd_with_mu", Number),
        ]),
        about: "What empirical_bayes does to each unit: the share of the way it is drawn towards the mean, its posterior mean, and its posterior standard deviation without and with the uncertainty of the mean.",
        example: "SELECT unnest(empirical_bayes_units(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], 'REML'), recursive := true)",
        call: |a| {
            let (ids, found) = fitted(a)?;
            Ok(per_unit(ids, |at| {
                let unit = &found.units[at];
                [unit.shrinkage, unit.mean, unit.sd, unit.sd_with_mu].map(number).to_vec()
            }))
        },
    },
    Function {
        name: "posterior_ranks",
        takes: &[&[
            ("ids", Texts),
            ("estimates", Numbers),
            ("standard_errors", Numbers),
            ("higher_is_better", Flag),
            ("top", Whole),
            ("bottom", Whole),
            ("method", Text),
        ]],
        gives: DISTRIBUTION,
        about: "Exact posterior law of each rank under empirical Bayes: expected rank and the probabilities of the top and bottom. No rows' figures (NULL) where no ranking is supported. Laird and Louis 1989; Lin and others 2006.",
        example: "SELECT unnest(posterior_ranks(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 1, 1, 'REML'), recursive := true)",
        call: |a| {
            let (ids, found) = fitted(a)?;
            match found.ranks(a.flag("higher_is_better")?, size(a, "top")?, size(a, "bottom")?).map_err(words)? {
                Some(units) => Ok(distribution(&units, ids)),
                None => Ok(per_unit(ids, |_| (0..7).map(|_| number(f64::NAN)).collect())),
            }
        },
    },
    Function {
        name: "grades",
        takes: &[&[("ids", Texts), ("posterior_means", Numbers), ("posterior_sds", Numbers), ("lambda", Number)]],
        gives: Gives::List(&[("id", Text), ("grade", Whole)]),
        about: "As many bands as the data can carry, 1 the highest values; two units alone are parted only if one beats the other with probability above 1 / (1 + lambda). Exact to 7 units, bands unbroken in posterior-mean order beyond. Kline, Rose and Walters 2024.",
        example: "SELECT unnest(grades(['a', 'b', 'c'], [3.0, 2.0, 1.9], [0.2, 0.2, 0.2], 0.25), recursive := true)",
        call: |a| {
            let (means, sds) = (a.numbers("posterior_means")?, a.numbers("posterior_sds")?);
            let ids = a.ids("ids", means.len())?;
            let found = grades::grades(&means, &sds, a.number("lambda")?).map_err(words)?;
            Ok(per_unit(ids, |at| vec![whole(found.grades[at])]))
        },
    },
    Function {
        name: "false_discovery",
        takes: &[&[("ids", Texts), ("p_values", Numbers), ("method", Text)]],
        gives: Gives::List(&[("id", Text), ("adjusted", Number)]),
        about: "p-values adjusted for many tests: method 'BH' (false discovery rate), 'BY', 'holm', 'hochberg' or 'bonferroni'.",
        example: "SELECT unnest(false_discovery(['a', 'b', 'c'], [0.01, 0.04, 0.2], 'BH'), recursive := true)",
        call: |a| {
            let values = a.numbers("p_values")?;
            let ids = a.ids("ids", values.len())?;
            let method = multiplicity::Method::from_str(a.text("method")?).map_err(words)?;
            let adjusted = multiplicity::false_discovery(&values, method).map_err(words)?;
            Ok(per_unit(ids, |at| vec![number(adjusted[at])]))
        },
    },
    Function {
        name: "top_set",
        takes: &[&[
            ("ids", Texts),
            ("estimates", Numbers),
            ("standard_errors", Numbers),
            ("higher_is_better", Flag),
            ("size", Whole),
            ("level", Number),
        ]],
        gives: Gives::Struct(&[("verified", Flag), ("smallest_z", Number), ("p_value", Number), ("members", Text)]),
        about: "Whether the observed best group of so many is shown to be the true best group. For the worst group turn higher_is_better round. arXiv 2503.01065.",
        example: "SELECT unnest(top_set(['a', 'b', 'c'], [3.1, 2.0, 1.9], [0.2, 0.3, 0.2], true, 1, 0.95))",
        call: |a| {
            let table = Table::read(a)?;
            let higher = a.flag("higher_is_better")?;
            let found =
                pairwise::verify_top_set(&table.estimates, &table.errors, higher, size(a, "size")?, a.number("level")?)
                    .map_err(words)?;
            let members =
                table.ids.iter().zip(&found.members).filter(|(_, inside)| **inside).map(|(id, _)| id.as_str());
            let members = members.collect::<Vec<_>>().join(", ");
            Ok(Answer::Row(vec![flag(found.verified), number(found.smallest_z), number(found.p_value), text(members)]))
        },
    },
    Function {
        name: "difference_interval",
        takes: &[&[
            ("first", Number),
            ("first_error", Number),
            ("second", Number),
            ("second_error", Number),
            ("correlation", Number),
            ("level", Number),
        ]],
        gives: Gives::Struct(&[
            ("difference", Number),
            ("lower", Number),
            ("upper", Number),
            ("p_value", Number),
            ("told_apart", Flag),
        ]),
        about: "Second less first, with its interval: can these two be told apart? correlation is 0 if the two share nothing, or the share of time that two periods of one unit overlap. For one pair chosen in advance.",
        example: "SELECT unnest(difference_interval(2.0, 0.1, 2.4, 0.1, 0, 0.95))",
        call: |a| {
            let first = (a.number("first")?, a.number("first_error")?);
            let second = (a.number("second")?, a.number("second_error")?);
            let found =
                pairwise::compare_pair(first, second, a.number("correlation")?, a.number("level")?).map_err(words)?;
            let ends = [found.difference, found.interval.lower, found.interval.upper, found.p_value].map(number);
            Ok(Answer::Row(ends.into_iter().chain([flag(found.distinct)]).collect()))
        },
    },
    Function {
        name: "kendall",
        takes: &[TWO_LISTS],
        gives: CORRELATION,
        about: "Kendall's tau-b of two lists with its interval.",
        example: "SELECT unnest(kendall([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.95))",
        call: |a| correlated(correlation::kendall(&a.numbers("first")?, &a.numbers("second")?, a.number("level")?)),
    },
    Function {
        name: "spearman",
        takes: &[TWO_LISTS],
        gives: CORRELATION,
        about: "Spearman's rank correlation of two lists with its interval.",
        example: "SELECT unnest(spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.95))",
        call: |a| correlated(correlation::spearman(&a.numbers("first")?, &a.numbers("second")?, a.number("level")?)),
    },
];

fn correlated(found: crate::stats::error::Result<correlation::Correlation>) -> Result<Answer, String> {
    let found = found.map_err(words)?;
    Ok(Answer::Row(vec![number(found.coefficient), number(found.interval.lower), number(found.interval.upper)]))
}
