//! The normal-normal model: estimates x_j ~ N(theta_j, s_j^2) of true values theta_j ~ N(mu, tau^2).
//!
//! tau^2 is how much the units truly differ. When it is nil there is nothing to rank, and the results say so. The model
//! takes the units as exchangeable (fit it within one type of unit) and the standard errors as known. Checked against
//! the R package `metafor`.

use super::error::{self, Result, StatsError};
use super::order;
use super::rank_distribution::{self, UnitRanks};

/// How tau^2 is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Restricted maximum likelihood: the one to prefer.
    Reml,
    /// Maximum likelihood.
    Ml,
    /// DerSimonian and Laird 1986: moments, no iteration.
    DerSimonianLaird,
    /// Paule and Mandel 1982: the tau^2 at which the weighted sum of squares equals its expectation.
    PauleMandel,
    /// Hedges 1983: moments, unweighted.
    Hedges,
}

impl std::str::FromStr for Method {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "REML" | "reml" => Ok(Self::Reml),
            "ML" | "ml" => Ok(Self::Ml),
            "DL" | "dl" => Ok(Self::DerSimonianLaird),
            "PM" | "pm" => Ok(Self::PauleMandel),
            "HE" | "he" => Ok(Self::Hedges),
            _ => Err(StatsError::unknown("method", name, "'REML', 'ML', 'DL', 'PM' or 'HE'")),
        }
    }
}

/// What is believed of one unit after seeing all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// Posterior mean, in the units of the estimates: the estimate drawn towards mu.
    pub mean: f64,
    /// Posterior standard deviation with mu and tau^2 taken as known; 0 if tau^2 is nil.
    pub sd: f64,
    /// Posterior standard deviation that also carries the uncertainty of mu.
    pub sd_with_mu: f64,
    /// Share of the way drawn towards mu: s^2 / (s^2 + tau^2).
    pub shrinkage: f64,
}

/// How far a table supports ranking (van Dishoeck and others 2011, BMJ Quality and Safety 20:869).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// No variance between units was found: no ranking is supported.
    None,
    /// Rankability below 0.5: do not rank.
    Poor,
    /// From 0.5 to 0.75.
    Moderate,
    /// Above 0.75.
    Good,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct EmpiricalBayes {
    /// Mean of the true values.
    pub mu: f64,
    /// Standard error of `mu`.
    pub se_mu: f64,
    /// Variance of the true values between units.
    pub tau2: f64,
    /// Cochran's Q: weighted squares about the mean with tau^2 nil.
    pub q: f64,
    /// Share of the variation that is real, in per cent (Higgins and Thompson 2002).
    pub i2: f64,
    /// Total over sampling variation.
    pub h2: f64,
    /// tau^2 / (tau^2 + median s^2), from 0 to 1.
    pub rankability: f64,
    /// Mean over units of tau^2 / (tau^2 + s^2), from 0 to 1.
    pub mean_reliability: f64,
    /// One posterior a unit, in the order given.
    pub units: Vec<Posterior>,
}

impl EmpiricalBayes {
    /// How far the table supports ranking.
    pub fn support(&self) -> Support {
        match self.rankability {
            _ if self.tau2 == 0.0 => Support::None,
            rho if rho < 0.5 => Support::Poor,
            rho if rho <= 0.75 => Support::Moderate,
            _ => Support::Good,
        }
    }

    /// Exact posterior law of each unit's rank, or none when no ranking is supported (tau^2 nil).
    ///
    /// Its mean is the posterior expected rank of Laird and Louis 1989; `p_top` and `p_bottom` with a quarter of the
    /// units are the probabilities of the best and worst quarter (Lin and others 2006, Bayesian Analysis 1:915).
    /// Errors: as [`rank_distribution`](rank_distribution::rank_distribution).
    pub fn ranks(&self, higher_is_better: bool, top: usize, bottom: usize) -> Result<Option<Vec<UnitRanks>>> {
        if self.units.iter().any(|unit| unit.sd == 0.0) {
            return Ok(None);
        }
        let (means, sds): (Vec<f64>, Vec<f64>) = self.units.iter().map(|unit| (unit.mean, unit.sd)).unzip();
        rank_distribution::rank_distribution(&means, &sds, higher_is_better, top, bottom).map(Some)
    }
}

/// Fits the model.
///
/// Errors: fewer than 2 units, unequal lengths, a number that is not finite, a standard error of 0 or less.
pub fn empirical_bayes(estimates: &[f64], standard_errors: &[f64], method: Method) -> Result<EmpiricalBayes> {
    error::estimates_and_errors(estimates, standard_errors)?;
    error::at_least("estimates", estimates.len(), 2)?;
    let variances: Vec<f64> = standard_errors.iter().map(|s| s * s).collect();
    let data = Data { x: estimates, v: &variances };
    let tau2 = match method {
        Method::DerSimonianLaird => data.dersimonian_laird(),
        Method::Hedges => data.hedges(),
        Method::PauleMandel => data.paule_mandel(),
        Method::Reml | Method::Ml => data.likelihood(method),
    };
    Ok(describe(data, tau2))
}

fn describe(data: Data, tau2: f64) -> EmpiricalBayes {
    let k = data.x.len() as f64;
    let (fixed, sums) = (data.sums(0.0), data.sums(tau2));
    let typical = (k - 1.0) * fixed.w / (fixed.w * fixed.w - fixed.w2);
    let reliability = |v: f64| tau2 / (tau2 + v);
    let posterior = |(&x, &v): (&f64, &f64)| {
        let shrinkage = v / (v + tau2);
        let sd = (tau2 * shrinkage).sqrt();
        let mean = sums.mean + (1.0 - shrinkage) * (x - sums.mean);
        let sd_with_mu = (tau2 * shrinkage + shrinkage * shrinkage / sums.w).sqrt();
        Posterior { mean, sd, sd_with_mu, shrinkage }
    };
    EmpiricalBayes {
        mu: sums.mean,
        se_mu: 1.0 / sums.w.sqrt(),
        tau2,
        q: fixed.q,
        i2: 100.0 * tau2 / (tau2 + typical),
        h2: tau2 / typical + 1.0,
        rankability: reliability(order::median(data.v)),
        mean_reliability: data.v.iter().map(|&v| reliability(v)).sum::<f64>() / k,
        units: data.x.iter().zip(data.v).map(posterior).collect(),
    }
}

/// Estimates and their sampling variances.
#[derive(Clone, Copy)]
struct Data<'a> {
    x: &'a [f64],
    v: &'a [f64],
}

/// Sums at one value of tau^2, with weights w = 1 / (v + tau^2).
struct Sums {
    /// Sum of w, of w^2 and of w^3.
    w: f64,
    w2: f64,
    w3: f64,
    /// Weighted mean.
    mean: f64,
    /// Sum of w (x - mean)^2 and of w^2 (x - mean)^2.
    q: f64,
    q2: f64,
}

impl Data<'_> {
    fn sums(self, tau2: f64) -> Sums {
        let pairs = || self.x.iter().zip(self.v).map(|(x, v)| (x, 1.0 / (v + tau2)));
        let w: f64 = pairs().map(|(_, w)| w).sum();
        // About the first value, so that a large common level costs no digits.
        let origin = self.x[0];
        let mean = origin + pairs().map(|(x, w)| w * (x - origin)).sum::<f64>() / w;
        let mut sums = Sums { w, w2: 0.0, w3: 0.0, mean, q: 0.0, q2: 0.0 };
        for (x, w) in pairs() {
            let square = w * (x - mean) * (x - mean);
            sums.w2 += w * w;
            sums.w3 += w * w * w;
            sums.q += square;
            sums.q2 += w * square;
        }
        sums
    }

    fn freedom(self) -> f64 {
        (self.x.len() - 1) as f64
    }

    fn dersimonian_laird(self) -> f64 {
        let sums = self.sums(0.0);
        ((sums.q - self.freedom()) / (sums.w - sums.w2 / sums.w)).max(0.0)
    }

    fn hedges(self) -> f64 {
        let k = self.x.len() as f64;
        let mean = self.x[0] + self.x.iter().map(|x| x - self.x[0]).sum::<f64>() / k;
        let squares: f64 = self.x.iter().map(|x| (x - mean) * (x - mean)).sum();
        (squares / self.freedom() - self.v.iter().sum::<f64>() / k).max(0.0)
    }

    /// Newton's method on Q(tau^2) = k - 1; Q is convex and decreasing, so from the left it never overshoots.
    fn paule_mandel(self) -> f64 {
        let mut tau2 = 0.0;
        for _ in 0..500 {
            let sums = self.sums(tau2);
            let step = (sums.q - self.freedom()) / sums.q2;
            if step <= tau2 * 1e-15 {
                break;
            }
            tau2 += step;
        }
        tau2
    }

    /// Fisher scoring for the (restricted) likelihood, from Hedges' estimate; a step below 0 goes to 0.
    fn likelihood(self, method: Method) -> f64 {
        let mut tau2 = self.hedges().max(self.dersimonian_laird());
        for _ in 0..1000 {
            let s = self.sums(tau2);
            let step = match method {
                Method::Ml => (s.q2 - s.w) / s.w2,
                _ => {
                    let share = s.w2 / s.w;
                    (s.q2 - (s.w - share)) / (s.w2 - 2.0 * s.w3 / s.w + share * share)
                }
            };
            let next = (tau2 + step).max(0.0);
            if (next - tau2).abs() <= 1e-14 * next {
                return next;
            }
            tau2 = next;
        }
        tau2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCHOOLS: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
    const SCHOOL_ERRORS: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];
    const METHODS: [Method; 5] =
        [Method::Reml, Method::Ml, Method::DerSimonianLaird, Method::PauleMandel, Method::Hedges];

    #[test]
    fn eight_schools_support_no_ranking() {
        for method in METHODS {
            let fit = empirical_bayes(&SCHOOLS, &SCHOOL_ERRORS, method).unwrap();
            assert_eq!((fit.tau2, fit.rankability), (0.0, 0.0), "{method:?}");
            assert_eq!(fit.support(), Support::None);
            assert!(fit.units.iter().all(|unit| unit.sd == 0.0 && unit.mean == fit.mu));
            assert_eq!(fit.ranks(true, 2, 2).unwrap(), None);
        }
    }

    #[test]
    fn equal_errors_have_a_closed_form() {
        let x = [1.0, 2.0, 4.0, 9.0];
        for method in [Method::Reml, Method::DerSimonianLaird, Method::PauleMandel, Method::Hedges] {
            let fit = empirical_bayes(&x, &[1.0; 4], method).unwrap();
            assert!((fit.tau2 - (38.0 / 3.0 - 1.0)).abs() < 1e-9, "{method:?} {}", fit.tau2);
            assert!((fit.mu - 4.0).abs() < 1e-12);
        }
        let fit = empirical_bayes(&x, &[1.0; 4], Method::Ml).unwrap();
        assert!((fit.tau2 - 8.5).abs() < 1e-9);
    }

    #[test]
    fn faults_are_named() {
        assert!(empirical_bayes(&[1.0], &[1.0], Method::Reml).is_err());
        assert_eq!(empirical_bayes(&[1.0, 2.0], &[1.0, 0.0], Method::Reml).unwrap_err().argument, "standard_errors");
        assert_eq!("XX".parse::<Method>().unwrap_err().argument, "method");
    }

    proptest! {
        #[test]
        fn fits_scale_shift_and_shrink(
            units in prop::collection::vec((-3.0..3.0f64, 0.1..2.0f64), 2..20),
            scale in 0.1..10.0f64,
            shift in -100.0..100.0f64,
        ) {
            let (x, s): (Vec<f64>, Vec<f64>) = units.iter().copied().unzip();
            let moved: Vec<f64> = x.iter().map(|x| x * scale + shift).collect();
            let wider: Vec<f64> = s.iter().map(|s| s * scale).collect();
            for method in METHODS {
                let fit = empirical_bayes(&x, &s, method).unwrap();
                let other = empirical_bayes(&moved, &wider, method).unwrap();
                prop_assert!((fit.tau2 * scale * scale - other.tau2).abs() <= 1e-6 * (other.tau2 + scale * scale));
                prop_assert!((fit.mu * scale + shift - other.mu).abs() <= 1e-6 * (1.0 + shift.abs()));
                for (unit, x) in fit.units.iter().zip(&x) {
                    let (low, high) = (x.min(fit.mu), x.max(fit.mu));
                    prop_assert!(low - 1e-9 <= unit.mean && unit.mean <= high + 1e-9);
                    prop_assert!(unit.sd <= unit.sd_with_mu);
                }
            }
        }
    }
}
