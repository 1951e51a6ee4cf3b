//! The oddities planted on purpose, so that the notes and the reconciliation have something true to report.
//! Most are things the official files have been seen to do; `data/README.md` tells the reader about each.

use crate::calendar::Month;
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
pub const LAST_MONTH: Month = Month::of(2026, 3);

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

// What follows is planted in the counts behind the metrics.

/// The eye and ear hospital: its department is of one specialty.
pub const EYES_AND_EARS: &str = FEW_METRICS.0;

/// Sends no diagnostics at all: it has none of the tests.
pub const FEW_TESTS: &str = FEW_METRICS.0;

/// Two trusts that tried another standard and published no four-hour figures.
const WITHOUT_FOUR_HOURS: ([&str; 2], Month) = (["ZC2", "ZD2"], Month::of(2023, 9));

/// Nobody waits over 12 hours for a bed here.
const NO_LONG_WAITS: &str = "ZA9";

/// One month far outside the limits of a chart: a flood closed a ward.
const ONE_BAD_MONTH: (&str, Month) = ("ZB4", Month::of(2025, 1));

/// A shift: a scanner was lost.
const SHIFT: (&str, Month) = ("ZB3", Month::of(2025, 6));

/// A shift for the better: handovers go straight to the ward.
const IMPROVEMENT: (&str, Month) = ("ZX2", Month::of(2025, 8));

/// A trend: from here the very long waits grow by a tenth each month.
const TREND: (&str, Month) = ("ZA3", Month::of(2025, 7));

/// Far outside the funnel.
const OUTLIER: (&str, f64) = ("ZA5", 0.80);

/// Sends no diagnostics from here on.
const SILENT: (&str, Month) = ("ZC6", Month::of(2025, 11));

/// Its system failed: no response times for a month.
const SYSTEM_DOWN: (&str, Month) = ("ZX6", Month::of(2025, 8));

/// No file of cancer waits is held for this month.
pub const MONTH_WITHOUT_CANCER: Month = Month::of(2024, 12);

/// A seventh of its patients have a commissioner outside England.
pub const ON_THE_BORDER: &str = "ZD2";

/// Full to the brim.
const FULL: (&str, f64) = ("ZD9", 0.987);

/// Deaths higher and lower than expected: code, observed over expected, published band.
const MORTALITY: [(&str, f64, u8); 3] = [("ZB8", 1.21, 1), ("ZD6", 1.19, 1), ("ZB1", 0.79, 3)];

pub fn has_no_four_hours(code: &str, month: Month) -> bool {
    WITHOUT_FOUR_HOURS.0.contains(&code) && month <= WITHOUT_FOUR_HOURS.1
}

pub fn long_waits(code: &str, month: Month, usual: f64) -> f64 {
    match code {
        NO_LONG_WAITS => 0.0,
        _ if (code, month) == ONE_BAD_MONTH => 2.6 * usual + 0.05,
        _ => usual,
    }
}

pub fn diagnostics_shift(code: &str, month: Month) -> f64 {
    if code == SHIFT.0 && month >= SHIFT.1 { 0.13 } else { 0.0 }
}

pub fn sends_no_diagnostics(code: &str, month: Month) -> bool {
    code == SILENT.0 && month >= SILENT.1
}

pub fn handover_shift(code: &str, month: Month) -> f64 {
    if code == IMPROVEMENT.0 && month >= IMPROVEMENT.1 { -0.09 } else { 0.0 }
}

pub fn has_no_response_times(code: &str, month: Month) -> bool {
    (code, month) == SYSTEM_DOWN
}

pub fn over_a_year(code: &str, month: Month, usual: f64) -> f64 {
    if code == TREND.0 && month > TREND.1 { usual * (1.0 + 0.1 * f64::from(month.since(TREND.1))) } else { usual }
}

pub fn cancer_level(code: &str) -> Option<f64> {
    (code == OUTLIER.0).then_some(OUTLIER.1)
}

pub fn occupancy(code: &str) -> Option<f64> {
    (code == FULL.0).then_some(FULL.1)
}

pub fn mortality(code: &str) -> Option<(f64, u8)> {
    MORTALITY.iter().find(|planted| planted.0 == code).map(|planted| (planted.1, planted.2))
}

/// A number of a monthly file of emergency departments that a revision changed, and by how much.
pub struct Restated {
    pub month: Month,
    pub code: &'static str,
    pub measure: &'static str,
    pub change: i64,
}

/// The month whose first and revised files are both here.
pub const RESTATED: Month = Month::of(2025, 10);

/// The first one takes a trust below the standing that it first reported; the others move nothing that is printed.
#[rustfmt::skip]
pub const RESTATEMENTS: [Restated; 5] = [
    Restated { month: RESTATED, code: "ZD6", measure: "attendances_over_4hrs_type_1", change: 610 },
    Restated { month: RESTATED, code: "ZD6", measure: "a_e_attendances_type_1", change: 45 },
    Restated { month: RESTATED, code: "ZN1", measure: "a_e_attendances_other_a_e_department", change: 2 },
    Restated { month: Month::of(2025, 6), code: "ZB6", measure: "patients_who_have_waited_12_hrs_from_dta_to_admission", change: 58 },
    Restated { month: Month::of(2025, 6), code: "ZB6", measure: "other_emergency_admissions", change: -12 },
];

/// Missing from the first file of a month altogether.
pub const LEFT_OUT_AT_FIRST: [(Month, &str); 1] = [(RESTATED, "ZT2")];
