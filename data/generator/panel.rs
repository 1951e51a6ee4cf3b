//! The metric panel: the same counts as in the files, by metric, organisation and period. The book tests that they agree.

use std::fs;
use std::path::Path;

use crate::calendar::Month;
use crate::counts::Reporter;
use crate::parquet;
use crate::writer::{self, Failure, Style};

const HEADER: [&str; 8] =
    ["metric_id", "frequency", "period", "org_code", "numerator", "denominator", "status", "is_nhs_trust"];

#[derive(Default)]
pub struct Panel {
    rows: Vec<Vec<String>>,
}

impl Panel {
    /// Numbers are given as the files write them, so that both are read as the same number.
    pub fn monthly(&mut self, metric: &str, month: Month, reporter: &Reporter, of: [String; 2], status: &str) {
        self.push(metric, "month", month.first_day(), reporter, of, status);
    }

    pub fn quarterly(&mut self, metric: &str, last_month: Month, reporter: &Reporter, of: [String; 2]) {
        self.push(metric, "quarter", last_month.last_day(), reporter, of, "published");
    }

    fn push(&mut self, metric: &str, every: &str, period: String, reporter: &Reporter, of: [String; 2], status: &str) {
        let [numerator, denominator] = of;
        let is_trust = reporter.is_trust().to_string();
        let mut row = [metric, every].map(String::from).to_vec();
        row.extend([period, reporter.code.to_owned(), numerator, denominator, status.to_owned(), is_trust]);
        self.rows.push(row);
    }

    /// By metric, then by period, then by organisation.
    pub fn write(mut self, folder: &Path) -> Result<(), Failure> {
        self.rows.sort_by(|a, b| (&a[0], &a[2], &a[3]).cmp(&(&b[0], &b[2], &b[3])));
        // The Parquet file is made from a CSV that nobody needs afterwards.
        let csv = folder.join("metric_panel.csv");
        writer::write(&csv, Style::Plain, &HEADER, &self.rows)?;
        parquet::write(&folder.join("metric_panel.parquet"), &csv)?;
        fs::remove_file(&csv)?;
        Ok(())
    }
}
