//! The metric panel: numerators and denominators by month, two years of them, around the quarterly values.

use std::fs;
use std::path::Path;

use crate::figure;
use crate::metrics;
use crate::parquet;
use crate::random::Stream;
use crate::roster::Trust;
use crate::values::Quarter;
use crate::writer::{self, Failure, Style};

/// One metric of the panel and the oversight metric whose level it follows.
struct Series {
    id: &'static str,
    follows: &'static str,
    status: &'static str,
    /// The denominator of a month for each member of staff.
    volume: f64,
    /// From the oversight metric to numerator over denominator: per cent to a share, minutes to seconds.
    unit: f64,
    /// Standard deviation of a month about its level, as a share of the level.
    noise: f64,
    /// How much worse (positive) the level was two years earlier, as a share of it.
    earlier: f64,
}

#[rustfmt::skip]
const SERIES: [Series; 6] = [
    Series { id: "ae_4hr_all_types", follows: "013", status: "published", volume: 1.9, unit: 0.01, noise: 0.015, earlier: -0.04 },
    Series { id: "amb_c2_mean_seconds", follows: "911", status: "published", volume: 7.5, unit: 60.0, noise: 0.07, earlier: 0.15 },
    Series { id: "cancer_28d_fds", follows: "010", status: "final", volume: 0.28, unit: 0.01, noise: 0.02, earlier: -0.03 },
    Series { id: "cancer_62d", follows: "011", status: "final", volume: 0.035, unit: 0.01, noise: 0.03, earlier: -0.05 },
    Series { id: "rtt_within_18wk", follows: "023", status: "published", volume: 6.0, unit: 0.01, noise: 0.006, earlier: -0.05 },
    Series { id: "sickness_absence", follows: "082", status: "published", volume: 30.4, unit: 0.01, noise: 0.04, earlier: 0.05 },
];

const HEADER: [&str; 8] =
    ["metric_id", "frequency", "period", "org_code", "numerator", "denominator", "status", "is_nhs_trust"];

pub fn write(folder: &Path, trusts: &[Trust], quarters: &[Quarter; 4]) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for series in &SERIES {
        let mut of_series = Vec::new();
        for (i, trust) in trusts.iter().enumerate() {
            let level = |quarter: usize| quarters[quarter][i][metrics::index(series.follows)].get().map(figure::real);
            if let [Some(a), Some(b), Some(c), Some(d)] = [0, 1, 2, 3].map(level) {
                of_series.extend(months(series, trust, [a, b, c, d]));
            }
        }
        // By month, then by trust, as the panel of published figures is.
        of_series.sort_by(|a, b| (&a[2], &a[3]).cmp(&(&b[2], &b[3])));
        rows.extend(of_series);
    }
    // The Parquet file is made from a CSV that nobody needs afterwards.
    let csv = folder.join("metric_panel.csv");
    writer::write(&csv, Style::Plain, &HEADER, &rows)?;
    parquet::write(&folder.join("metric_panel.parquet"), &csv)?;
    fs::remove_file(&csv)?;
    Ok(())
}

/// April 2024 to March 2026.
fn months(series: &Series, trust: &Trust, level: [f64; 4]) -> Vec<Vec<String>> {
    let mut draw = Stream::of(&format!("panel {} {}", series.id, trust.code));
    (0..24)
        .map(|month| {
            let (year, of_year) = (2024 + (month + 3) / 12, (month + 3) % 12 + 1);
            let now = level[if month < 12 { 0 } else { (month - 12) / 3 }];
            let past = series.earlier * (24 - month) as f64 / 24.0 * if month < 12 { 1.0 } else { 0.0 };
            let winter = if matches!(of_year, 11 | 12 | 1 | 2) { worse(series) * 0.02 } else { 0.0 };
            let mean = now * series.unit * (1.0 + past + winter + series.noise * draw.normal());
            let denominator = libm::round(trust.staff * series.volume * (1.0 + 0.03 * draw.normal()));
            let is_share = series.unit < 1.0;
            let numerator = libm::round(denominator * if is_share { mean.clamp(0.0, 1.0) } else { mean });
            let period = format!("{year}-{of_year:02}-01");
            let mut fields: Vec<String> = [series.id, "month", &period, trust.code].map(String::from).to_vec();
            fields.extend([
                format!("{numerator}.0"),
                format!("{denominator}.0"),
                series.status.to_owned(),
                "true".to_owned(),
            ]);
            fields
        })
        .collect()
}

/// Which way winter moves the level.
fn worse(series: &Series) -> f64 {
    if series.earlier > 0.0 { 1.0 } else { -1.0 }
}
