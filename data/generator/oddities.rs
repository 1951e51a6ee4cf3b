//! The oddities planted on purpose, so that the notes and the reconciliation have something true to report.
//! Most are things the official files have been seen to do; `data/README.md` tells the reader about each.

use crate::roster::Trust;

/// Reports few of the metrics of its type: an eye and ear hospital.
const FEW_METRICS: (&str, [&str; 6]) = ("ZD4", ["023", "061", "079", "081", "082", "084"]);

/// Too few patients to publish: the value is `*`, the score 0, and neither counts.
const SUPPRESSED: (&str, &str, usize) = ("ZN7", "063", 2);

/// In receipt of support all year, so flagged as in deficit, though its plan and variance are in surplus.
const SUPPORTED: &str = "ZM1";

/// Dissolved at the end of the year: in the data file, not in the league table.
const NOT_IN_LEAGUE_TABLE: &str = "ZC7";
pub const LAST_DAY: &str = "2026-03-31";

/// Its average was taken over scores already rounded, so it is 0.01 from the mean of the unrounded ones.
const ROUNDED_FIRST: (&str, usize) = ("ZM9", 3);

/// Kept its first segment when a late correction moved its average just past the cut point.
const SEGMENT_KEPT: (&str, usize, i64) = ("ZM2", 2, 2);

/// A count that is not a number: a question somebody left in a cell.
const NOT_A_NUMBER: (&str, &str, usize) = ("ZB5", "048", 3);

/// Productivity that grew by over a tenth while its staff grew too.
pub const HIGH_PRODUCTIVITY: &str = "ZC3";

pub fn reports(trust: &Trust, metric: &str) -> bool {
    trust.code != FEW_METRICS.0 || FEW_METRICS.1.contains(&metric)
}

pub fn is_suppressed(trust: &Trust, metric: &str, quarter: usize) -> bool {
    (trust.code, metric, quarter) == SUPPRESSED
}

/// The community trust whose few beds lead to the suppressed figure.
pub fn has_few_beds(trust: &Trust, metric: &str) -> bool {
    (trust.code, metric) == (SUPPRESSED.0, SUPPRESSED.1)
}

pub fn is_supported(trust: &Trust) -> bool {
    trust.code == SUPPORTED
}

pub fn is_in_league_table(trust: &Trust) -> bool {
    trust.code != NOT_IN_LEAGUE_TABLE
}

pub fn is_rounded_first(trust: &Trust, quarter: usize) -> bool {
    (trust.code, quarter) == ROUNDED_FIRST
}

pub fn kept_segment(trust: &Trust, quarter: usize) -> Option<i64> {
    ((trust.code, quarter) == (SEGMENT_KEPT.0, SEGMENT_KEPT.1)).then_some(SEGMENT_KEPT.2)
}

pub fn is_not_a_number(trust: &Trust, metric: &str, quarter: usize) -> bool {
    (trust.code, metric, quarter) == NOT_A_NUMBER
}
