//! Index numbers of quantities, and productivity as one index over another.
//!
//! Volumes x and unit costs c in two periods, product by product, in the same order. Every index is 1 when nothing
//! changes. The usual formulae, with the roles of prices and quantities exchanged where a text gives price indices;
//! checked against the R package IndexNumR.

use super::error::{self, Result};

/// Volumes and unit costs of one period, product by product.
#[derive(Debug, Clone, Copy)]
pub struct Period<'a> {
    /// Volumes, at least 0 (above 0 for the Törnqvist index).
    pub volumes: &'a [f64],
    /// Unit costs or prices, at least 0.
    pub unit_costs: &'a [f64],
}

/// Laspeyres quantity index: volumes at the first period's unit costs.
///
/// Errors (all four indices): no products, unequal lengths, a number below 0 or not finite, nothing to compare with in
/// the first period.
pub fn laspeyres(first: Period, second: Period) -> Result<f64> {
    check(first, second)?;
    ratio(value(second.volumes, first.unit_costs), value(first.volumes, first.unit_costs))
}

/// Paasche quantity index: volumes at the second period's unit costs. Errors: as [`laspeyres`].
pub fn paasche(first: Period, second: Period) -> Result<f64> {
    check(first, second)?;
    ratio(value(second.volumes, second.unit_costs), value(first.volumes, second.unit_costs))
}

/// Fisher quantity index: the geometric mean of [`laspeyres`] and [`paasche`].
pub fn fisher(first: Period, second: Period) -> Result<f64> {
    Ok((laspeyres(first, second)? * paasche(first, second)?).sqrt())
}

/// Törnqvist quantity index: growth of each volume weighted by its mean share of cost in the two periods.
///
/// Errors: as [`laspeyres`], and a volume of 0, whose growth has no logarithm.
pub fn tornqvist(first: Period, second: Period) -> Result<f64> {
    check(first, second)?;
    error::all_positive("first", first.volumes)?;
    error::all_positive("second", second.volumes)?;
    let totals = [first, second].map(|period| value(period.volumes, period.unit_costs));
    totals.iter().try_for_each(|total| error::positive("unit_costs", *total))?;
    let share = |period: Period, at: usize, total: f64| period.volumes[at] * period.unit_costs[at] / total;
    let growth = |at: usize| {
        let weight = 0.5 * (share(first, at, totals[0]) + share(second, at, totals[1]));
        weight * libm::log(second.volumes[at] / first.volumes[at])
    };
    Ok(libm::exp((0..first.volumes.len()).map(growth).sum()))
}

/// Laspeyres index with volumes adjusted for quality: `quality` is the second period's over the first's, product by
/// product. Errors: as [`laspeyres`].
pub fn quality_adjusted_laspeyres(first: Period, second: Period, quality: &[f64]) -> Result<f64> {
    check(first, second)?;
    error::length("quality", quality.len(), first.volumes.len())?;
    error::all_non_negative("quality", quality)?;
    let adjusted: Vec<f64> = second.volumes.iter().zip(quality).map(|(x, q)| x * q).collect();
    ratio(value(&adjusted, first.unit_costs), value(first.volumes, first.unit_costs))
}

/// Links from one period to the next, chained: the first entry is 1, each next the last times its link.
///
/// Errors: a link of 0 or less. No links give the one entry.
pub fn chain(links: &[f64]) -> Result<Vec<f64>> {
    let mut index = vec![1.0];
    for &link in links {
        error::positive("links", link)?;
        index.push(index[index.len() - 1] * link);
    }
    Ok(index)
}

/// Input index by deflating spending: (second / first) / deflator, the deflator being 1.045 for prices up 4.5%.
///
/// Errors: a number of 0 or less.
pub fn deflated_input(first_spend: f64, second_spend: f64, deflator: f64) -> Result<f64> {
    error::positive("first_spend", first_spend)?;
    error::positive("second_spend", second_spend)?;
    error::positive("deflator", deflator)?;
    Ok(second_spend / first_spend / deflator)
}

/// Growth of productivity: output index over input index, less 1. (The difference of the growths is only near it.)
///
/// Errors: an index of 0 or less.
pub fn productivity_growth(output_index: f64, input_index: f64) -> Result<f64> {
    error::positive("output_index", output_index)?;
    error::positive("input_index", input_index)?;
    Ok(output_index / input_index - 1.0)
}

fn check(first: Period, second: Period) -> Result<()> {
    let products = first.volumes.len();
    for (name, period) in [("first", first), ("second", second)] {
        error::all_non_negative(name, period.volumes)?;
        error::length(name, period.volumes.len(), products)?;
        error::length("unit_costs", period.unit_costs.len(), products)?;
        error::all_non_negative("unit_costs", period.unit_costs)?;
    }
    Ok(())
}

fn value(volumes: &[f64], unit_costs: &[f64]) -> f64 {
    volumes.iter().zip(unit_costs).map(|(x, c)| x * c).sum()
}

fn ratio(top: f64, bottom: f64) -> Result<f64> {
    error::positive("first", bottom)?;
    Ok(top / bottom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Period = Period { volumes: &[1000.0, 2000.0, 5000.0], unit_costs: &[3500.0, 800.0, 120.0] };
    const SECOND: Period = Period { volumes: &[1080.0, 2100.0, 5400.0], unit_costs: &[3600.0, 790.0, 125.0] };

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-12, "{left} {right}");
    }

    #[test]
    fn the_worked_example_of_the_productivity_guide() {
        near(laspeyres(FIRST, SECOND).unwrap(), 1.071_578_947_368_421);
        near(paasche(FIRST, SECOND).unwrap(), 1.071_834_625_322_997_3);
        near(fisher(FIRST, SECOND).unwrap(), 1.071_706_778_721_047);
        near(tornqvist(FIRST, SECOND).unwrap(), 1.071_705_783_915_409_4);
        let input = deflated_input(100.0, 108.0, 1.045).unwrap();
        near(input, 1.033_492_822_966_507_2);
        near(productivity_growth(laspeyres(FIRST, SECOND).unwrap(), input).unwrap(), 0.036_851_851_851_851_9);
    }

    #[test]
    fn york_chain_of_output_over_input() {
        assert!((productivity_growth(1.8896, 1.8158).unwrap() - 0.040_643).abs() < 1e-6);
        assert_eq!(chain(&[2.0, 0.5, 3.0]).unwrap(), [1.0, 2.0, 1.0, 3.0]);
        assert!(chain(&[0.0]).is_err());
    }

    #[test]
    fn quality_multiplies_volume() {
        let plain = laspeyres(FIRST, SECOND).unwrap();
        near(quality_adjusted_laspeyres(FIRST, SECOND, &[1.0; 3]).unwrap(), plain);
        near(quality_adjusted_laspeyres(FIRST, SECOND, &[1.1; 3]).unwrap(), plain * 1.1);
    }

    #[test]
    fn a_product_that_vanishes_has_no_tornqvist() {
        let gone = Period { volumes: &[0.0, 2100.0, 5400.0], ..SECOND };
        assert!(laspeyres(FIRST, gone).is_ok());
        assert_eq!(tornqvist(FIRST, gone).unwrap_err().argument, "second");
        assert_eq!(laspeyres(Period { volumes: &[0.0; 3], ..FIRST }, SECOND).unwrap_err().argument, "first");
        assert!(laspeyres(Period { volumes: &[], unit_costs: &[] }, SECOND).is_err());
    }
}
