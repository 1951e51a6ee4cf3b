//! Published numbers as whole hundredths, so that ranks, ties, medians and quartiles are exact.

/// A number with two decimals: 9.03 is 903.
pub type Hundredths = i64;

/// Rounds half away from zero. The published scores do the same: 2.325 appears as 2.33, where rounding half to even gives 2.32.
/// The nudge is far above the error of a double and far below any real difference.
pub fn round(x: f64) -> Hundredths {
    let size = libm::floor(libm::fabs(x) * 100.0 + 0.5 + 1e-7) as Hundredths;
    if x < 0.0 { -size } else { size }
}

pub fn real(x: Hundredths) -> f64 {
    x as f64 / 100.0
}

/// As the official files write a number: the shortest form with at least one decimal (9.03, 9.7, 33.0).
pub fn text(x: Hundredths) -> String {
    let sign = if x < 0 { "-" } else { "" };
    let (whole, part) = (x.abs() / 100, x.abs() % 100);
    if part % 10 == 0 { format!("{sign}{whole}.{}", part / 10) } else { format!("{sign}{whole}.{part:02}") }
}

pub fn whole(x: usize) -> String {
    format!("{x}.0")
}

/// The quartiles of a set by linear interpolation, in *quarter* hundredths, which is exactly as fine as they can be.
pub fn quartiles(values: &[Hundredths]) -> Option<[i64; 3]> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    Some([1, 2, 3].map(|quarter| {
        let place = quarter * (sorted.len() - 1);
        let (below, rest) = (sorted[place / 4], (place % 4) as i64);
        let above = sorted[(place / 4 + 1).min(sorted.len() - 1)];
        4 * below + rest * (above - below)
    }))
}

/// A quartile rounded to hundredths, half away from zero.
pub fn from_quarters(x: i64) -> Hundredths {
    let size = (x.abs() + 2) / 4;
    if x < 0 { -size } else { size }
}

/// Place in the order with ties sharing the best place: 1, 2, 2, 4.
pub fn rank<T: PartialOrd>(of: &T, among: &[T]) -> usize {
    1 + among.iter().filter(|other| *other < of).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_official_files_write_them() {
        assert_eq!([903, 970, 3300, 0, -5, -120].map(text), ["9.03", "9.7", "33.0", "0.0", "-0.05", "-1.2"]);
    }

    #[test]
    fn quartiles_interpolate() {
        assert_eq!(quartiles(&[100, 200, 300, 401]), Some([700, 1000, 1301]));
        assert_eq!(from_quarters(1301), 325);
        assert_eq!(from_quarters(-2), -1);
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!([2.325, 1.005, -0.125].map(round), [233, 101, -13]);
    }
}
