//! Many tests at once: adjusted p-values.
//!
//! State the family: metrics times units in a period is thousands of tests.

use super::error::{self, Result, StatsError};

/// What is controlled, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// False discovery rate, independent or positively dependent tests: Benjamini and Hochberg 1995, JRSS B 57:289.
    BenjaminiHochberg,
    /// False discovery rate under any dependence: Benjamini and Yekutieli 2001, Annals of Statistics 29:1165.
    BenjaminiYekutieli,
    /// Probability of any false claim, any dependence: Holm 1979, Scandinavian Journal of Statistics 6:65.
    Holm,
    /// Probability of any false claim, independent tests: Hochberg 1988, Biometrika 75:800.
    Hochberg,
    /// Probability of any false claim, any dependence; never better than Holm's.
    Bonferroni,
}

impl std::str::FromStr for Method {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "BH" | "bh" | "fdr" => Ok(Self::BenjaminiHochberg),
            "BY" | "by" => Ok(Self::BenjaminiYekutieli),
            "holm" => Ok(Self::Holm),
            "hochberg" => Ok(Self::Hochberg),
            "bonferroni" => Ok(Self::Bonferroni),
            _ => Err(StatsError::unknown("method", name, "'BH', 'BY', 'holm', 'hochberg' or 'bonferroni'")),
        }
    }
}

/// Adjusted p-values, in the order given: reject those at or below the rate or level wanted. Equal to R's `p.adjust`.
///
/// Errors: empty, a p-value outside [0, 1] or not a number.
pub fn false_discovery(p_values: &[f64], method: Method) -> Result<Vec<f64>> {
    error::all("p_values", p_values, |p| (0.0..=1.0).contains(&p), "between 0 and 1")?;
    let count = p_values.len() as f64;
    let mut smallest_first: Vec<usize> = (0..p_values.len()).collect();
    smallest_first.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let penalty: f64 = match method {
        Method::BenjaminiYekutieli => (1..=p_values.len()).map(|i| 1.0 / i as f64).sum(),
        _ => 1.0,
    };
    let factor = |place: usize| match method {
        Method::BenjaminiHochberg | Method::BenjaminiYekutieli => penalty * count / (place + 1) as f64,
        Method::Holm | Method::Hochberg => count - place as f64,
        Method::Bonferroni => count,
    };
    let mut adjusted = vec![0.0; p_values.len()];
    let places = smallest_first.iter().enumerate().map(|(place, &test)| (place, test));
    match method {
        Method::Holm => {
            // Down from the smallest, never falling.
            let mut so_far = 0.0f64;
            for (place, test) in places {
                so_far = so_far.max(p_values[test] * factor(place)).min(1.0);
                adjusted[test] = so_far;
            }
        }
        _ => {
            // Up from the largest, never rising. (Bonferroni's are in order as they stand.)
            let mut so_far = 1.0f64;
            for (place, test) in places.rev() {
                so_far = so_far.min(p_values[test] * factor(place));
                adjusted[test] = so_far;
            }
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Method; 5] =
        [Method::BenjaminiHochberg, Method::BenjaminiYekutieli, Method::Holm, Method::Hochberg, Method::Bonferroni];

    fn near(p: &[f64], method: Method, expected: &[f64]) {
        let adjusted = false_discovery(p, method).unwrap();
        assert!(adjusted.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-12), "{method:?} {adjusted:?}");
    }

    #[test]
    fn as_r_does() {
        let p = [0.01, 0.04, 0.03, 0.005];
        near(&p, Method::BenjaminiHochberg, &[0.02, 0.04, 0.04, 0.02]);
        near(
            &p,
            Method::BenjaminiYekutieli,
            &[0.02 * 25.0 / 12.0, 0.04 * 25.0 / 12.0, 0.04 * 25.0 / 12.0, 0.02 * 25.0 / 12.0],
        );
        near(&p, Method::Holm, &[0.03, 0.06, 0.06, 0.02]);
        near(&p, Method::Hochberg, &[0.03, 0.04, 0.04, 0.02]);
        near(&p, Method::Bonferroni, &[0.04, 0.16, 0.12, 0.02]);
    }

    #[test]
    fn edges() {
        for method in ALL {
            assert_eq!(false_discovery(&[0.3], method).unwrap(), [0.3]);
            assert_eq!(false_discovery(&[0.0, 1.0], method).unwrap(), [0.0, 1.0]);
            assert!(false_discovery(&[], method).is_err());
            assert!(false_discovery(&[0.1, f64::NAN], method).is_err());
            assert!(false_discovery(&[1.1], method).is_err());
        }
        assert_eq!("x".parse::<Method>().unwrap_err().argument, "method");
    }

    proptest! {
        #[test]
        fn adjusted_values_keep_the_order_and_never_fall(p in prop::collection::vec(0.0..=1.0f64, 1..40)) {
            let run = |method| false_discovery(&p, method).unwrap();
            for method in ALL {
                let adjusted = run(method);
                for (i, a) in adjusted.iter().enumerate() {
                    prop_assert!(*a >= p[i] && *a <= 1.0);
                    for (j, b) in adjusted.iter().enumerate() {
                        prop_assert!(p[i] > p[j] || a <= b);
                    }
                }
            }
            let below = |a: Method, b: Method| run(a).iter().zip(run(b)).all(|(a, b)| *a <= b + 1e-15);
            prop_assert!(below(Method::BenjaminiHochberg, Method::Hochberg));
            prop_assert!(below(Method::BenjaminiHochberg, Method::BenjaminiYekutieli));
            prop_assert!(below(Method::Hochberg, Method::Holm));
            prop_assert!(below(Method::Holm, Method::Bonferroni));
        }
    }
}
