//! Funnel limits that allow for real differences between units.
//!
//! Spiegelhalter 2005 (Statistics in Medicine 24:1185) and 2012 (JRSS A 175:1): values are transformed so that their
//! standard error depends on size alone, the spread phi of their z-scores is measured with the extremes held back, and
//! any excess becomes a variance tau^2 between units, added to every unit's own. Large units keep a floor of allowed
//! variation. Checked against the R package FunnelPlotR, whose back-transformation of square-root ratios and whose
//! standard errors for ratios of counts are *not* followed (they are on another scale than the values).

use super::error::{self, Result, StatsError};
use super::intervals::Interval;
use super::{normal, order, special};

/// What is compared, and so which transformation is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Observed over expected on the log scale, outer tenths dropped, as the English mortality indicator SHMI does. Target 1.
    RatioLog,
    /// Observed over expected on the square-root scale, extremes winsorised: the Care Quality Commission. Target 1.
    RatioSquareRoot,
    /// A proportion on the arcsine scale, extremes winsorised. Target: the overall proportion.
    Proportion,
    /// A ratio of two counts on the log scale, extremes winsorised. Target: the overall ratio.
    RatioOfCounts,
}

impl std::str::FromStr for Measure {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "ratio" => Ok(Self::RatioLog),
            "ratio_sqrt" => Ok(Self::RatioSquareRoot),
            "proportion" => Ok(Self::Proportion),
            "ratio_of_counts" => Ok(Self::RatioOfCounts),
            _ => {
                let expected = "'ratio', 'ratio_sqrt', 'proportion' or 'ratio_of_counts'";
                Err(StatsError::unknown("measure", name, expected))
            }
        }
    }
}

/// One unit in a funnel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelUnit {
    /// Numerator over denominator.
    pub value: f64,
    /// Standard error on the transformed scale.
    pub standard_error: f64,
    /// Distance from the target in standard errors, chance alone allowed for.
    pub z: f64,
    /// Distance from the target in standard errors that include tau^2.
    pub adjusted_z: f64,
    /// z as used for phi: none if the unit was dropped, pulled in if winsorised.
    pub used_z: Option<f64>,
    /// The denominator used.
    denominator: f64,
}

impl FunnelUnit {
    /// Two-sided p-value of the adjusted z-score, for false discovery control.
    pub fn p_value(&self) -> f64 {
        normal::two_sided_p(self.adjusted_z)
    }
}

/// A funnel with its measured spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// What is compared.
    pub measure: Measure,
    /// The target on the scale of the values.
    pub target: f64,
    /// Mean squared z of the units used; 1 if chance alone is at work.
    pub phi: f64,
    /// Variance between units on the transformed scale; 0 if chance explains the spread.
    pub tau2: f64,
    /// Units used for phi.
    pub used: usize,
    /// One a unit, in the order given.
    pub units: Vec<FunnelUnit>,
    transformed_target: f64,
}

/// Measures the spread of a table. `trim` is the share held back at each end, 0.1 by custom.
///
/// Numerators are events; denominators are the expected number ([`Measure::RatioLog`],
/// [`Measure::RatioSquareRoot`]), the number at risk ([`Measure::Proportion`]) or the other count.
/// Errors: fewer than 2 units, unequal lengths, a numerator below 0 (0 for [`Measure::RatioLog`], whose logarithm does not
/// exist) or above its denominator (proportions), a denominator of 0 or less, `trim` outside [0, 0.5), nothing left
/// after trimming, an overall proportion or ratio of 0.
pub fn funnel(measure: Measure, numerators: &[f64], denominators: &[f64], trim: f64) -> Result<Funnel> {
    check(measure, numerators, denominators, trim)?;
    let target = match measure {
        Measure::RatioLog | Measure::RatioSquareRoot => 1.0,
        _ => numerators.iter().sum::<f64>() / denominators.iter().sum::<f64>(),
    };
    error::positive("numerators", target)?;
    let transformed_target = match measure {
        Measure::RatioLog | Measure::RatioOfCounts => libm::log(target),
        Measure::RatioSquareRoot => 1.0,
        Measure::Proportion => libm::asin(target.sqrt()),
    };
    let unit = |(&x, &n): (&f64, &f64)| {
        let (y, standard_error) = transform(measure, x, n);
        let z = (y - transformed_target) / standard_error;
        FunnelUnit { value: x / n, standard_error, z, adjusted_z: z, used_z: None, denominator: n }
    };
    let mut units: Vec<FunnelUnit> = numerators.iter().zip(denominators).map(unit).collect();
    hold_back(measure, &mut units, trim)?;
    let used = units.iter().filter(|unit| unit.used_z.is_some()).count();
    if used < 2 {
        return Err(StatsError::undefined("trim", "fewer than 2 units are left after trimming"));
    }
    let phi = units.iter().filter_map(|unit| unit.used_z).map(|z| z * z).sum::<f64>() / used as f64;
    let tau2 = between(&units, phi, used);
    for unit in &mut units {
        unit.adjusted_z = unit.z * unit.standard_error / libm::hypot(unit.standard_error, tau2.sqrt());
    }
    Ok(Funnel { measure, target, phi, tau2, used, units, transformed_target })
}

fn check(measure: Measure, numerators: &[f64], denominators: &[f64], trim: f64) -> Result<()> {
    error::at_least("numerators", numerators.len(), 2)?;
    match measure {
        Measure::RatioLog => error::all_positive("numerators", numerators)?,
        _ => error::all_non_negative("numerators", numerators)?,
    }
    error::length("denominators", denominators.len(), numerators.len())?;
    error::all_positive("denominators", denominators)?;
    if measure == Measure::Proportion
        && let Some(at) = numerators.iter().zip(denominators).position(|(x, n)| x > n)
    {
        let requirement = "no greater than the denominator";
        let problem = error::Problem::Value { index: Some(at), value: numerators[at], requirement };
        return Err(StatsError::new("numerators", problem));
    }
    error::require("trim", trim, (0.0..0.5).contains(&trim), "at least 0 and below 0.5")
}

/// The transformed value and its standard error.
fn transform(measure: Measure, x: f64, n: f64) -> (f64, f64) {
    match measure {
        Measure::RatioLog => (libm::log(x / n), 1.0 / n.sqrt()),
        Measure::RatioSquareRoot => ((x / n).sqrt(), 0.5 / n.sqrt()),
        Measure::Proportion => (libm::asin((x / n).sqrt()), 0.5 / n.sqrt()),
        Measure::RatioOfCounts => {
            let (a, b) = (x + 0.5, n + 0.5);
            (libm::log(a / b), (x / (a * a) + n / (b * b)).sqrt())
        }
    }
}

/// Sets the z-scores that phi is measured from.
fn hold_back(measure: Measure, units: &mut [FunnelUnit], trim: f64) -> Result<()> {
    let z: Vec<f64> = units.iter().map(|unit| unit.z).collect();
    if measure != Measure::RatioLog {
        let (low, high) = (order::sample_quantile(&z, trim)?, order::sample_quantile(&z, 1.0 - trim)?);
        units.iter_mut().for_each(|unit| unit.used_z = Some(unit.z.clamp(low, high)));
        return Ok(());
    }
    if trim == 0.0 {
        units.iter_mut().for_each(|unit| unit.used_z = Some(unit.z));
        return Ok(());
    }
    let groups = 1.0 / trim;
    let (ranks, count) = (order::mid_ranks(&z)?, z.len() as f64);
    for (unit, rank) in units.iter_mut().zip(ranks) {
        // The small addition keeps a group edge such as 0.1 x 10 from falling just short.
        let group = libm::floor(rank * groups / (count + 1.0) + 1e-9);
        unit.used_z = (group > 0.0 && group < groups - 1.0).then_some(unit.z);
    }
    Ok(())
}

fn between(units: &[FunnelUnit], phi: f64, used: usize) -> f64 {
    let weight = |unit: &FunnelUnit| 1.0 / (unit.standard_error * unit.standard_error);
    let weights: Vec<f64> = units.iter().filter(|unit| unit.used_z.is_some()).map(weight).collect();
    let (sum, squares) = (weights.iter().sum::<f64>(), weights.iter().map(|w| w * w).sum::<f64>());
    let excess = used as f64 * phi - (used as f64 - 1.0);
    (excess / (sum - squares / sum)).max(0.0)
}

impl Funnel {
    /// Limits for one unit (position from 0) that allow for tau^2, on the scale of the values. A limit that the
    /// transformation would carry past the end of the scale is that end.
    ///
    /// Errors: `level` outside (0, 1), an unknown unit.
    pub fn limits(&self, unit: usize, level: f64) -> Result<Interval> {
        self.limits_with(unit, level, self.tau2)
    }

    /// Limits for one unit that allow for chance alone; for [`Measure::RatioLog`] the exact Poisson ones,
    /// chi2_p(2E) / 2E and chi2_(1-p)(2E + 2) / 2E. Errors: as [`Funnel::limits`].
    pub fn chance_limits(&self, unit: usize, level: f64) -> Result<Interval> {
        if self.measure != Measure::RatioLog {
            return self.limits_with(unit, level, 0.0);
        }
        error::level(level)?;
        let expected = self.unit(unit)?.denominator;
        let tail = (1.0 - level) / 2.0;
        Ok(Interval {
            lower: special::chi_squared_lower(tail, 2.0 * expected) / 2.0 / expected,
            upper: special::chi_squared_upper(tail, 2.0 * expected + 2.0) / 2.0 / expected,
        })
    }

    /// Whether a unit lies outside its limits. Errors: as [`Funnel::limits`].
    pub fn is_outlier(&self, unit: usize, level: f64) -> Result<bool> {
        Ok(!self.limits(unit, level)?.contains(self.unit(unit)?.value))
    }

    fn unit(&self, unit: usize) -> Result<&FunnelUnit> {
        let missing = || StatsError::value("unit", unit as f64, "a position in the table");
        self.units.get(unit).ok_or_else(missing)
    }

    fn limits_with(&self, unit: usize, level: f64, tau2: f64) -> Result<Interval> {
        error::level(level)?;
        let unit = self.unit(unit)?;
        // Multipliers to six decimals, 1.959964 and 3.090232, as the published methods print them.
        let c = libm::round(normal::two_sided_z(level) * 1e6) / 1e6;
        let target = self.transformed_target;
        if self.measure == Measure::Proportion {
            return Ok(arcsine_limits(target, unit.denominator, c, tau2));
        }
        let reach = c * (unit.standard_error * unit.standard_error + tau2).sqrt();
        let back = |y: f64| match self.measure {
            Measure::RatioSquareRoot => y.max(0.0) * y.max(0.0),
            _ => libm::exp(y),
        };
        Ok(Interval { lower: back(target - reach), upper: back(target + reach) })
    }
}

/// sin^2 of the target +- c s. For a handful at risk the angle runs past 0 or a right angle and the limit turns back
/// towards the target. The lower limit is then 0; the upper is 1 from where it is no longer monotone in the number at
/// risk (which is how FunnelPlotR draws them, and differs from cutting at a right angle only for one or two at risk).
fn arcsine_limits(target: f64, n: f64, c: f64, tau2: f64) -> Interval {
    let reach = |n: f64| c * (0.25 / n + tau2).sqrt();
    let square_of_sine = |angle: f64| libm::sin(angle) * libm::sin(angle);
    let (upper, next) = (square_of_sine(target + reach(n)), square_of_sine(target + reach(n + 1.0)));
    Interval { lower: square_of_sine((target - reach(n)).max(0.0)), upper: if upper < next { 1.0 } else { upper } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_alone_needs_no_tau() {
        let funnel = funnel(Measure::RatioSquareRoot, &[100.0, 101.0, 99.0, 100.0], &[100.0; 4], 0.1).unwrap();
        assert_eq!(funnel.tau2, 0.0);
        assert!(funnel.phi < 1.0);
        assert_eq!(funnel.limits(0, 0.95).unwrap(), funnel.chance_limits(0, 0.95).unwrap());
        assert!(!funnel.is_outlier(0, 0.95).unwrap());
        assert!(funnel.limits(9, 0.95).is_err());
    }

    #[test]
    fn real_differences_widen_the_limits() {
        for measure in [Measure::RatioLog, Measure::RatioSquareRoot, Measure::RatioOfCounts, Measure::Proportion] {
            let x = [50.0, 150.0, 60.0, 140.0, 90.0, 110.0, 70.0, 130.0, 80.0, 120.0, 40.0, 160.0];
            let funnel = funnel(measure, &x, &[200.0; 12], 0.1).unwrap();
            assert!(funnel.tau2 > 0.0 && funnel.phi > 1.0, "{measure:?}");
            let (wide, narrow) = (funnel.limits(0, 0.95).unwrap(), funnel.chance_limits(0, 0.95).unwrap());
            assert!(wide.lower < narrow.lower && narrow.upper < wide.upper, "{measure:?}");
            assert!(funnel.units[0].adjusted_z.abs() < funnel.units[0].z.abs());
            assert!(wide.contains(funnel.target));
        }
    }

    #[test]
    fn faults_are_named() {
        let fault = |measure, x: &[f64], n: &[f64]| funnel(measure, x, n, 0.1).unwrap_err().argument;
        assert_eq!(fault(Measure::RatioLog, &[0.0, 1.0], &[1.0, 1.0]), "numerators");
        assert_eq!(fault(Measure::Proportion, &[2.0, 1.0], &[1.0, 1.0]), "numerators");
        assert_eq!(fault(Measure::Proportion, &[0.0, 0.0], &[1.0, 1.0]), "numerators");
        assert_eq!(fault(Measure::Proportion, &[1.0, 1.0], &[1.0, 0.0]), "denominators");
        assert_eq!(fault(Measure::Proportion, &[1.0], &[1.0]), "numerators");
        assert_eq!(funnel(Measure::Proportion, &[1.0; 2], &[2.0; 2], 0.5).unwrap_err().argument, "trim");
    }
}
