//! Quantiles of the chi-squared and Student laws, and the binomial law, on the distributions of `statrs`.
//!
//! `statrs` calls the `exp` and `ln` of the standard library, whose last digit may differ by platform, so a quantile
//! from here may too. Nothing drawn at random and no rank passes through here: those rest on [`normal`], which calls
//! `libm` alone. What does pass through are the ends of exact intervals and limits, which no sensible number of
//! decimals tells apart.
//!
//! Distribution functions and densities are those of `statrs`. Its own quantiles (0.19.1) are not used, for reasons
//! measured against this module and mpmath:
//!
//! - gamma and chi-squared: they know the lower tail only, so that the upper one loses the digits of 1 - q (6e-11 at
//!   q = 0.0005, all of them below 1e-16); and with less than one degree of freedom they stop early (at half a degree
//!   and p = 0.001 the result is 700 times too large);
//! - Student: 3e-6 off at q = 0.025 with 100,000 degrees of freedom, and a panic far out in the tail;
//! - beta: 1e-8 off with one parameter of a half and the other of 250,000.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF, StudentsT};
use statrs::function::beta::beta_reg;

use super::normal;

/// From so many degrees of freedom on, expansions replace integrals: they are then better than 1e-12 and quicker
/// (`statrs` takes time that grows with the square root of the degrees).
const MANY: f64 = 1e6;

/// The x a chi-squared variable stays below with probability `p`, from 0 to 1; `freedom` above 0 need not be whole.
pub(super) fn chi_squared_lower(p: f64, freedom: f64) -> f64 {
    chi_squared(p, 1.0 - p, freedom)
}

/// The x a chi-squared variable exceeds with probability `q`, from 0 to 1: loses no digits when `q` is tiny.
pub(super) fn chi_squared_upper(q: f64, freedom: f64) -> f64 {
    chi_squared(1.0 - q, q, freedom)
}

/// The x with P(X <= x) = p and P(X > x) = q.
fn chi_squared(p: f64, q: f64, freedom: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    let z = if p < q { normal::quantile(p) } else { -normal::quantile(q) };
    if freedom >= MANY {
        return cornish_fisher(z, freedom);
    }
    let Ok(law) = ChiSquared::new(freedom) else { return f64::NAN };
    // Wilson and Hilferty's cube root as a start, kept positive.
    let spread = 2.0 / (9.0 * freedom);
    let root = 1.0 - spread + z * spread.sqrt();
    let start = (freedom * root * root * root).max(freedom * 1e-3).max(1e-10);
    // Work with the smaller tail, so that neither end loses digits.
    let excess = |x: f64| if p < q { law.cdf(x) - p } else { q - law.sf(x) };
    solve_increasing(start, excess, |x| law.ln_pdf(x))
}

/// The chi-squared quantile at normal quantile `z` for many degrees of freedom (Cornish and Fisher's
/// expansion; terms as in Goldberg and Levine 1946).
fn cornish_fisher(z: f64, freedom: f64) -> f64 {
    let (z2, root) = (z * z, (2.0 * freedom).sqrt());
    freedom + root * z + (2.0 / 3.0) * (z2 - 1.0) + z * (z2 - 7.0) / (9.0 * root)
        - (6.0 * z2 * z2 + 14.0 * z2 - 32.0) / (405.0 * freedom)
}

/// The t that a Student variable exceeds with probability `q` between 0 and one half; `freedom` above 0.
pub(super) fn student_upper(q: f64, freedom: f64) -> f64 {
    let z = -normal::quantile(q);
    if freedom >= MANY {
        return z + z * (z * z + 1.0) / (4.0 * freedom);
    }
    let Ok(law) = StudentsT::new(0.0, 1.0, freedom) else { return f64::NAN };
    solve_increasing(z, |t| q - law.sf(t), |t| law.ln_pdf(t))
}

/// Newton's method for the positive root of an increasing function, held inside a bracket that only shrinks. Takes the
/// logarithm of the slope, because the densities of `statrs` overflow where their logarithms do not.
fn solve_increasing(start: f64, excess: impl Fn(f64) -> f64, log_slope: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high, mut x) = (0.0, f64::INFINITY, start);
    for _ in 0..2000 {
        let value = excess(x);
        if value == 0.0 {
            return x;
        }
        if value > 0.0 {
            high = x
        } else {
            low = x
        }
        let mut next = x - value / libm::exp(log_slope(x));
        if !(next > low && next < high) {
            next = if high.is_infinite() { 2.0 * x } else { 0.5 * (low + high) };
        }
        if (next - x).abs() <= 2.0 * f64::EPSILON * x {
            return next;
        }
        x = next;
    }
    x
}

/// P(R <= r) for R binomial, `r` whole and any size, `target` strictly between 0 and 1. Good to 1e-8 beyond two
/// standard deviations even for ten million trials; `statrs` stops after 140 terms, which in the middle of the law is
/// too few from about a million (2e-3).
pub(super) fn binomial_cdf(r: f64, trials: f64, target: f64) -> f64 {
    match r {
        _ if r < 0.0 => 0.0,
        _ if r >= trials => 1.0,
        _ => beta_reg(trials - r, r + 1.0, 1.0 - target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64, relative: f64) -> bool {
        (left - right).abs() <= relative * right.abs()
    }

    /// Degrees of freedom, probability, lower and upper quantile, from mpmath with 40 digits.
    const CHI_SQUARED: [(f64, f64, f64, f64); 14] = [
        (0.2, 0.0005, 1.1861422582827896e-33, 7.876_758_513_949_611),
        (0.2, 0.025, 1.1583420491042867e-16, 1.955_809_598_837_707),
        (0.9, 0.0005, 7.050581243471884e-8, 11.742_702_514_763_12),
        (0.9, 0.7, 0.934_827_926_813_769_5, 0.109_173_886_687_135_22),
        (1.0, 0.0005, 3.926991331029225e-7, 12.115_665_146_397_175),
        (1.0, 0.025, 0.000_982_069_117_175_256, 5.023_886_187_314_889),
        (2.0, 0.025, 0.050_635_615_968_579_75, 7.377_758_908_227_873),
        (7.0, 0.0005, 0.484_874_991_026_935_9, 26.017_767_709_014_763),
        (18.8, 0.025, 8.770_661_519_408_563, 32.587_853_243_020_79),
        (18.8, 0.7, 21.471_766_571_719_02, 15.169_102_416_473_157),
        (300.0, 0.0005, 225.886_369_755_699_63, 387.203_485_621_471),
        (300.0, 0.7, 312.346_026_910_462_2, 286.687_757_905_004_7),
        (20_000.0, 0.0005, 19_348.439_265_239_69, 20_664.663_953_106_294),
        (20_000.0, 0.025, 19_609.904_934_520_368, 20_393.883_649_999_767),
    ];

    #[test]
    fn chi_squared_quantiles_agree_with_many_digits() {
        for (freedom, p, lower, upper) in CHI_SQUARED {
            let (got, other) = (chi_squared_lower(p, freedom), chi_squared_upper(p, freedom));
            assert!(close(got, lower, 1e-12), "{freedom} {p}: {got}, {lower}");
            assert!(close(other, upper, 1e-12), "{freedom} {p}: {other}, {upper}");
        }
    }

    #[test]
    fn the_tails_meet() {
        for freedom in [0.9, 1.0, 2.0, 3.0, 18.0, 101.0, 150.0, 290.0, 1e3, 2e4, 2e6] {
            for p in [0.0005, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 0.9995] {
                let (lower, upper) = (chi_squared_lower(p, freedom), chi_squared_upper(1.0 - p, freedom));
                assert!(close(lower, upper, 1e-12), "{freedom} {p}: {lower} {upper}");
            }
        }
    }

    #[test]
    fn the_expansion_takes_over_smoothly() {
        for z in [-6.0, -3.090_232, -1.96, 0.0, 1.0, 1.96, 3.090_232, 6.0] {
            let (p, q) = (normal::cdf(z), normal::cdf(-z));
            let integral = chi_squared(p, q, MANY - 1.0);
            assert!(close(integral, cornish_fisher(z, MANY - 1.0), 4e-12), "{z} {integral}");
        }
    }

    #[test]
    fn chi_squared_with_two_degrees_is_exponential() {
        for p in [1e-9, 0.001, 0.5, 0.999, 0.999_999] {
            assert!(close(chi_squared_lower(p, 2.0), -2.0 * libm::log1p(-p), 1e-10), "{p}");
            assert!(close(chi_squared_upper(p, 2.0), -2.0 * libm::log(p), 1e-12), "{p}");
        }
    }

    #[test]
    fn extremes_end_and_are_defined() {
        assert_eq!(chi_squared_lower(0.0, 4.0), 0.0);
        assert_eq!(chi_squared_upper(0.0, 4.0), f64::INFINITY);
        assert!(close(chi_squared_upper(5e-17, 2.0), -2.0 * libm::log(5e-17), 1e-12));
        for freedom in [1e8, 1e15, 1e300] {
            assert!(close(chi_squared_lower(0.025, freedom), freedom, 1e-3));
        }
        assert!(student_upper(5e-17, 3.0) > 1e4 && student_upper(5e-17, 3.0).is_finite());
        assert_eq!((binomial_cdf(-1.0, 5.0, 0.5), binomial_cdf(5.0, 5.0, 0.5)), (0.0, 1.0));
    }

    #[test]
    fn student_quantiles_agree_with_many_digits() {
        // Degrees of freedom, upper tail and quantile, from mpmath with 40 digits.
        for (freedom, q, t) in [
            (1.0, 1e-9, 318_309_886.183_790_7),
            (1.0, 0.025, 12.706_204_736_174_705),
            (2.0, 0.001, 22.327_124_770_119_877),
            (2.0, 0.3, 0.617_213_399_848_367_6),
            (7.0, 1e-9, 38.705_980_643_231_61),
            (7.0, 0.025, 2.364_624_251_592_785),
            (120.0, 0.001, 3.159_538_743_317_110_5),
            (120.0, 0.3, 0.525_796_390_607_105_4),
            (5000.0, 0.025, 1.960_438_551_706_508),
            (100_000.0, 0.025, 1.959_987_707_534_609_5),
            (100_000.0, 0.3, 0.524_402_184_233_545_7),
        ] {
            assert!(close(student_upper(q, freedom), t, 1e-10), "{freedom} {q}: {}", student_upper(q, freedom));
        }
        let (below, above) = (student_upper(0.001, MANY - 1.0), student_upper(0.001, MANY));
        assert!(close(below, above, 1e-9));
    }
}
