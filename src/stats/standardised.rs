//! Directly and indirectly standardised rates with their intervals.
//!
//! Formulae of the Public Health England technical guide *Confidence Intervals* (2018); checked against the R package
//! PHEindicatormethods.

use super::error::{self, Result};
use super::intervals::{self, Interval};

/// Below this many events a directly standardised rate is not published.
pub const FEWEST_EVENTS: f64 = 10.0;

/// A directly standardised rate, or the reason there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StandardisedRate {
    /// Fewer than [`FEWEST_EVENTS`]: the rate and its interval would mislead.
    Suppressed {
        /// Events in all groups.
        events: f64,
    },
    /// The rate.
    Rate {
        /// Events in all groups.
        events: f64,
        /// Events per unit of population (multiply by 100,000 for "per 100,000").
        value: f64,
        /// Dobson's interval, in the same units.
        interval: Interval,
    },
}

/// A directly standardised rate over groups (usually ages): events, populations and standard weights, one a group.
///
/// Dobson, Kuulasmaa, Eberle and Scherer 1991, Statistics in Medicine 10:457: rate + sqrt(var / X)(Byar_X - X), X all
/// events. Errors: empty, unequal lengths, an event count below 0, a population of 0 or less, a weight below 0 or none
/// above 0, `level` outside (0, 1).
pub fn direct_rate(events: &[f64], populations: &[f64], weights: &[f64], level: f64) -> Result<StandardisedRate> {
    check("events", events, populations, weights, level)?;
    Ok(dobson(events, variance(events, populations, weights), populations, weights, level))
}

/// A directly standardised rate for events that may befall one person repeatedly.
///
/// `people[f - 1]` holds, group by group, how many people had exactly f events. The variance is the sum over f of f^2
/// times the variance of the rate of people with f events, so that clustering widens the interval.
/// Errors: as [`direct_rate`]; no `people`.
pub fn direct_rate_repeated(
    people: &[&[f64]],
    populations: &[f64],
    weights: &[f64],
    level: f64,
) -> Result<StandardisedRate> {
    error::at_least("people", people.len(), 1)?;
    let mut events = vec![0.0; populations.len()];
    let mut total_variance = 0.0;
    for (times, people) in (1..).zip(people) {
        check("people", people, populations, weights, level)?;
        let times = f64::from(times);
        events.iter_mut().zip(*people).for_each(|(sum, x)| *sum += times * x);
        total_variance += times * times * variance(people, populations, weights);
    }
    Ok(dobson(&events, total_variance, populations, weights, level))
}

fn check(name: &'static str, events: &[f64], populations: &[f64], weights: &[f64], level: f64) -> Result<()> {
    error::level(level)?;
    error::all_non_negative(name, events)?;
    error::length("populations", populations.len(), events.len())?;
    error::all_positive("populations", populations)?;
    error::length("weights", weights.len(), events.len())?;
    error::all_non_negative("weights", weights)?;
    error::positive("weights", weights.iter().sum())
}

fn variance(events: &[f64], populations: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let groups = events.iter().zip(populations).zip(weights);
    groups.map(|((x, n), w)| (w / total) * (w / total) * x / (n * n)).sum()
}

fn dobson(events: &[f64], variance: f64, populations: &[f64], weights: &[f64], level: f64) -> StandardisedRate {
    let total: f64 = events.iter().sum();
    if total < FEWEST_EVENTS {
        return StandardisedRate::Suppressed { events: total };
    }
    let weight: f64 = weights.iter().sum();
    let groups = events.iter().zip(populations).zip(weights);
    let value = groups.map(|((x, n), w)| w * x / n).sum::<f64>() / weight;
    let scale = (variance / total).sqrt();
    // The arguments were checked by the callers.
    let byar = intervals::byar_interval(total, level).unwrap_or(Interval { lower: f64::NAN, upper: f64::NAN });
    let interval =
        Interval { lower: value + scale * (byar.lower - total), upper: value + scale * (byar.upper - total) };
    StandardisedRate::Rate { events: total, value, interval }
}

/// An indirectly standardised ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardisedRatio {
    /// Events observed.
    pub observed: f64,
    /// Events expected at the reference rates.
    pub expected: f64,
    /// Observed over expected.
    pub value: f64,
    /// Interval for the ratio: exact below 10 observed events, Byar's from 10; the expected number is taken as known.
    pub interval: Interval,
}

/// An indirectly standardised ratio from observed and expected events.
///
/// Errors: `observed` below 0, `expected` not above 0, `level` outside (0, 1).
pub fn indirect_ratio(observed: f64, expected: f64, level: f64) -> Result<StandardisedRatio> {
    error::non_negative("observed", observed)?;
    error::positive("expected", expected)?;
    let interval = intervals::count_interval(observed, level)?.scaled(1.0 / expected);
    Ok(StandardisedRatio { observed, expected, value: observed / expected, interval })
}

/// Events expected in a population at the rates of a reference population, group by group:
/// the sum of population x reference events / reference population.
///
/// Errors: empty, unequal lengths, a number below 0, a reference population of 0 or less.
pub fn expected_events(populations: &[f64], reference_events: &[f64], reference_populations: &[f64]) -> Result<f64> {
    error::all_non_negative("populations", populations)?;
    error::length("reference_events", reference_events.len(), populations.len())?;
    error::all_non_negative("reference_events", reference_events)?;
    error::length("reference_populations", reference_populations.len(), populations.len())?;
    error::all_positive("reference_populations", reference_populations)?;
    let groups = populations.iter().zip(reference_events).zip(reference_populations);
    Ok(groups.map(|((n, x), m)| n * x / m).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_is_a_crude_rate_with_byars_interval() {
        let rate = direct_rate(&[50.0], &[1000.0], &[3.0], 0.95).unwrap();
        let byar = intervals::byar_interval(50.0, 0.95).unwrap().scaled(0.001);
        let StandardisedRate::Rate { value, interval, .. } = rate else { panic!("suppressed") };
        assert!((value - 0.05).abs() < 1e-15);
        assert!((interval.lower - byar.lower).abs() < 1e-15 && (interval.upper - byar.upper).abs() < 1e-15);
    }

    #[test]
    fn suppression_starts_below_ten() {
        let rate = |x: f64| direct_rate(&[x, 1.0], &[100.0, 100.0], &[1.0, 2.0], 0.95).unwrap();
        assert_eq!(rate(8.0), StandardisedRate::Suppressed { events: 9.0 });
        assert!(matches!(rate(9.0), StandardisedRate::Rate { .. }));
    }

    #[test]
    fn repeated_events_widen_the_interval_and_keep_the_rate() {
        let once = direct_rate(&[40.0], &[1000.0], &[1.0], 0.95).unwrap();
        let twice = direct_rate_repeated(&[&[0.0], &[20.0]], &[1000.0], &[1.0], 0.95).unwrap();
        let (
            StandardisedRate::Rate { value: a, interval: i, .. },
            StandardisedRate::Rate { value: b, interval: j, .. },
        ) = (once, twice)
        else {
            panic!("suppressed")
        };
        assert_eq!(a, b);
        assert!(j.lower < i.lower && j.upper > i.upper);
    }

    #[test]
    fn faults_are_named() {
        let fault = |x: &[f64], n: &[f64], w: &[f64]| direct_rate(x, n, w, 0.95).unwrap_err().argument;
        assert_eq!(fault(&[], &[], &[]), "events");
        assert_eq!(fault(&[1.0], &[0.0], &[1.0]), "populations");
        assert_eq!(fault(&[1.0], &[1.0], &[0.0]), "weights");
        assert_eq!(fault(&[1.0], &[1.0], &[1.0, 2.0]), "weights");
        assert_eq!(indirect_ratio(1.0, 0.0, 0.95).unwrap_err().argument, "expected");
        assert_eq!(expected_events(&[1.0], &[1.0], &[0.0]).unwrap_err().argument, "reference_populations");
    }
}
