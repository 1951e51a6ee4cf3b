//! Quantiles of the chi-squared and Student laws, and the incomplete gamma and beta integrals behind them.
//!
//! `statrs` has these too, but calls the standard library's `ln` and `exp`, whose last digits differ by platform.
//! The tests use `statrs` as an independent check.

use super::normal;

const TINY: f64 = 1e-300;
const EPSILON: f64 = 1e-16;

/// From so many degrees of freedom on, expansions replace integrals: they are then better than 1e-12 and quicker.
const MANY: f64 = 1e6;

/// The x a chi-squared variable stays below with probability `p`, from 0 to 1; `freedom` above 0 need not be whole.
pub(super) fn chi_squared_lower(p: f64, freedom: f64) -> f64 {
    2.0 * gamma_quantile(p, 1.0 - p, freedom / 2.0)
}

/// The x a chi-squared variable exceeds with probability `q`, from 0 to 1: loses no digits when `q` is tiny.
pub(super) fn chi_squared_upper(q: f64, freedom: f64) -> f64 {
    2.0 * gamma_quantile(1.0 - q, q, freedom / 2.0)
}

/// The x with P(a, x) = p and Q(a, x) = q.
fn gamma_quantile(p: f64, q: f64, a: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    let z = if p < q { normal::quantile(p) } else { -normal::quantile(q) };
    if 2.0 * a >= MANY {
        return 0.5 * cornish_fisher(z, 2.0 * a);
    }
    // Wilson and Hilferty's cube root as a start, kept positive.
    let spread = 1.0 / (9.0 * a);
    let root = 1.0 - spread + z * spread.sqrt();
    let start = (a * root * root * root).max(a * 1e-3).max(1e-10);
    let log_scale = libm::lgamma(a);
    let density = |x: f64| libm::exp((a - 1.0) * libm::log(x) - x - log_scale);
    // Work with the smaller tail, so that neither end loses digits.
    let excess = |x: f64| if p < q { lower_gamma(a, x) - p } else { q - upper_gamma(a, x) };
    solve_increasing(start, excess, density)
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
    let log_scale = libm::lgamma((freedom + 1.0) / 2.0)
        - libm::lgamma(freedom / 2.0)
        - 0.5 * libm::log(freedom * std::f64::consts::PI);
    let density = |t: f64| libm::exp(log_scale - 0.5 * (freedom + 1.0) * libm::log1p(t * t / freedom));
    let excess = |t: f64| q - 0.5 * incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5);
    solve_increasing(z, excess, density)
}

/// Newton's method for the positive root of an increasing function, held inside a bracket that only shrinks.
fn solve_increasing(start: f64, excess: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64) -> f64 {
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
        let mut next = x - value / slope(x);
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

/// The regularised lower incomplete gamma integral P(a, x).
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < a + 1.0 { gamma_series(a, x) } else { 1.0 - gamma_fraction(a, x) }
}

/// The regularised upper incomplete gamma integral Q(a, x) = 1 - P(a, x).
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x < a + 1.0 { 1.0 - gamma_series(a, x) } else { gamma_fraction(a, x) }
}

fn gamma_front(a: f64, x: f64) -> f64 {
    libm::exp(a * libm::log(x) - x - libm::lgamma(a))
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    while term > sum * EPSILON {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum * gamma_front(a, x)
}

/// Lentz's method for the continued fraction (Abramowitz and Stegun 6.5.31).
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    let mut i = 1.0;
    loop {
        let an = -i * (i - a);
        b += 2.0;
        d = 1.0 / nudge(an * d + b);
        c = nudge(b + an / c);
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() <= 2.0 * EPSILON || i > 1e7 {
            return h * gamma_front(a, x);
        }
        i += 1.0;
    }
}

/// The regularised incomplete beta integral I_x(a, b), 0 <= x <= 1, a and b above 0.
pub(super) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front =
        libm::exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

/// Lentz's method for the continued fraction (Abramowitz and Stegun 26.5.8).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nudge(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    let mut m = 1.0;
    loop {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nudge(1.0 + even * d);
        c = nudge(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nudge(1.0 + odd * d);
        c = nudge(1.0 + odd / c);
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() <= 2.0 * EPSILON || m > 1e6 {
            return h;
        }
        m += 1.0;
    }
}

fn nudge(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

    fn close(left: f64, right: f64, relative: f64) -> bool {
        (left - right).abs() <= relative * right.abs().max(1e-12)
    }

    #[test]
    fn chi_squared_quantiles_agree_with_statrs() {
        for freedom in [0.9, 1.0, 2.0, 3.0, 18.0, 20.0, 101.0, 1e3, 2e4, 2e6] {
            let other = ChiSquared::new(freedom).unwrap();
            for p in [0.0005, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 0.9995] {
                let ours = chi_squared_lower(p, freedom);
                assert!(close(other.cdf(ours), p, 1e-8), "cdf {freedom} {p}: {ours}");
                assert!(close(chi_squared_upper(1.0 - p, freedom), ours, 1e-12), "{freedom} {p}: {ours}");
                // statrs is itself wrong far below for less than one degree of freedom.
                if freedom >= 1.0 {
                    assert!(close(ours, other.inverse_cdf(p), 1e-9), "{freedom} {p}: {ours}");
                }
            }
        }
    }

    #[test]
    fn the_expansion_takes_over_smoothly() {
        for z in [-6.0, -3.090_232, -1.96, 0.0, 1.0, 1.96, 3.090_232, 6.0] {
            let (p, q) = (normal::cdf(z), normal::cdf(-z));
            let integral = 2.0 * gamma_quantile(p, q, 0.5 * (MANY - 1.0));
            assert!(close(integral, cornish_fisher(z, MANY - 1.0), 2e-12), "{z} {integral}");
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
    }

    #[test]
    fn student_quantiles_agree_with_statrs_and_tables() {
        for freedom in [1.0, 2.0, 5.0, 17.0, 120.0, 5000.0, 2e6] {
            let other = StudentsT::new(0.0, 1.0, freedom).unwrap();
            for q in [0.001, 0.025, 0.3] {
                let ours = student_upper(q, freedom);
                assert!(close(other.cdf(-ours), q, 1e-8), "{freedom} {q}: {ours}");
            }
        }
        assert!(close(student_upper(0.025, 1.0), 12.706_204_736_174_705, 1e-12));
        assert!(close(student_upper(0.025, 7.0), 2.364_624_251_592_784_3, 1e-12));
        let (below, above) = (student_upper(0.001, MANY - 1.0), student_upper(0.001, MANY));
        assert!(close(below, above, 1e-9));
    }
}
