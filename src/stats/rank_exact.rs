//! Critical values of marginal sets without simulation, for independent estimates.
//!
//! Given the own noise of the one unit that all comparisons share, its comparisons are independent, so that the law of
//! their maximum is a one-dimensional integral of a product. Integrating removes the Monte Carlo error, and with it
//! the dependence of a borderline bound on the seed.

use super::normal;

/// One comparison of the unit: the other's standard error, the standard error of the difference, and the directions.
pub(super) struct Comparison {
    /// Standard error of the other unit.
    pub other: f64,
    /// Standard error of the difference.
    pub difference: f64,
    /// Whether "the unit is above the other" is tested.
    pub above: bool,
    /// Whether "the other is above the unit" is tested.
    pub below: bool,
}

/// Half the width of the integration, in standard errors of the unit: what is left out is 2e-9.
const REACH: f64 = 6.0;
/// Steps when all are equally precise. The trapezium rule converges exponentially on a smooth peak, so that these are
/// good to about 1e-9; with sharper others, steps shorten in proportion. Where another is more than 80 times as precise
/// the limit is reached, and the critical value is good to about 5e-4.
const STEPS: f64 = 48.0;
const MOST_STEPS: f64 = 4_000.0;

/// The c with P(every tested (Z_j - Z_k) / s_jk <= c) = level, for a unit of standard error `own`.
pub(super) fn critical_value(own: f64, comparisons: &[Comparison], level: f64) -> f64 {
    let sharpest = comparisons.iter().map(|k| k.other / own).fold(1.0, f64::min);
    let steps = libm::ceil((STEPS / sharpest).min(MOST_STEPS));
    let width = 2.0 * REACH / steps;
    let nodes: Vec<(f64, f64)> =
        (0..=steps as usize).map(|i| i as f64 * width - REACH).map(|z| (z * own, normal::density(z) * width)).collect();
    // The logarithm of the excess is nearly straight in c, which suits a secant.
    let excess = |c: f64| libm::log((1.0 - level) / (1.0 - probability(&nodes, comparisons, c)).max(1e-300));
    let hypotheses = comparisons.iter().map(|k| u32::from(k.above) + u32::from(k.below)).sum::<u32>();
    // Between the value for one comparison alone and Bonferroni's for all; the excess increases with c.
    let low = normal::quantile(level) - 1e-6;
    let high = -normal::quantile((1.0 - level) / f64::from(hypotheses)) + 1e-6;
    root(low, high, excess)
}

/// Root of an increasing function between two points, by the Illinois variant of false position.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut at_low, mut at_high) = (f(low), f(high));
    for _ in 0..100 {
        let secant = (low * at_high - high * at_low) / (at_high - at_low);
        let middle = if secant > low && secant < high { secant } else { 0.5 * (low + high) };
        let value = f(middle);
        if value.abs() < 1e-10 || high - low < 1e-11 {
            return middle;
        }
        if value < 0.0 {
            (low, at_low, at_high) = (middle, value, 0.5 * at_high);
        } else {
            (high, at_high, at_low) = (middle, value, 0.5 * at_low);
        }
    }
    0.5 * (low + high)
}

/// P(every tested difference is at most c).
fn probability(nodes: &[(f64, f64)], comparisons: &[Comparison], c: f64) -> f64 {
    let all_hold = |own: f64| {
        let mut product = 1.0;
        for k in comparisons {
            let limit = c * k.difference;
            // The other unit must lie above own - limit, and below own + limit.
            let below = if k.below { normal::quick_cdf((own + limit) / k.other) } else { 1.0 };
            let above = if k.above { normal::quick_cdf((own - limit) / k.other) } else { 0.0 };
            product *= (below - above).max(0.0);
            if product < 1e-16 {
                return 0.0;
            }
        }
        product
    };
    nodes.iter().map(|(own, weight)| weight * all_hold(*own)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(other: f64, own: f64, above: bool, below: bool) -> Comparison {
        Comparison { other, difference: libm::hypot(own, other), above, below }
    }

    #[test]
    fn one_comparison_is_the_normal_quantile() {
        for other in [0.01, 1.0, 30.0] {
            let both = critical_value(1.0, &[compare(other, 1.0, true, true)], 0.95);
            assert!((both - 1.959_963_984_540_054).abs() < 1e-7, "{other} {both}");
            let one = critical_value(1.0, &[compare(other, 1.0, true, false)], 0.95);
            assert!((one - 1.644_853_626_951_472_6).abs() < 1e-7, "{other} {one}");
            let one = critical_value(1.0, &[compare(other, 1.0, false, true)], 0.95);
            assert!((one - 1.644_853_626_951_472_6).abs() < 1e-7, "{other} {one}");
        }
    }

    #[test]
    fn comparisons_with_known_values_are_one_comparison() {
        // Others without noise of their own: every difference is the unit's own noise.
        let many: Vec<Comparison> = (0..20).map(|_| compare(0.002, 1.0, true, true)).collect();
        let value = critical_value(1.0, &many, 0.95);
        assert!((value - 1.96).abs() < 0.01, "{value}");
    }

    #[test]
    fn dunnetts_many_to_one_value() {
        // Dunnett 1964, infinite degrees of freedom, two-sided 5%, 9 comparisons with a control: 2.69.
        let many: Vec<Comparison> = (0..9).map(|_| compare(1.0, 1.0, true, true)).collect();
        let value = critical_value(1.0, &many, 0.95);
        assert!((value - 2.69).abs() < 0.006, "{value}");
    }
}
