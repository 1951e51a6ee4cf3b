//! Data tests of results in parts: a test that asks nothing across parts is run on those alone that it has not passed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::checks::{CheckResult, DataTest, run_checks};
use super::graph::Cell;
use super::parts::{TablesInParts, in_parts, part_fingerprint};
use super::run::Run;
use crate::diagnostic::Outcome;
use crate::duck::{Session, SqlError};

/// The tests of a cell that can be run part by part, and what they have passed on.
struct Apart<'c> {
    tests: Vec<&'c DataTest>,
    tables: TablesInParts,
    /// The fingerprint of each part, by value of the key.
    parts: BTreeMap<String, String>,
    /// The fingerprints of the parts on which all of them have passed.
    passed: BTreeSet<String>,
}

impl Run<'_> {
    /// Runs a cell's tests: on the parts that have changed where these are few, and otherwise on the whole. A test that
    /// fails on a part is run on the whole, to tell all its rows.
    pub(super) fn run_checks(
        &self,
        cell: &Cell,
        contents: &BTreeMap<String, String>,
        session: &Session,
        edition: Date,
    ) -> Outcome<Vec<CheckResult>> {
        let all: Vec<&DataTest> = cell.front.tests.iter().collect();
        let Some(apart) = self.apart(cell, contents, session, edition) else {
            return Ok(run_checks(cell, &all, session, edition));
        };
        let checks = if self.pass_on_parts(cell, &apart, session, edition) {
            let rest: Vec<&DataTest> = all.iter().filter(|test| !apart.tests.contains(test)).copied().collect();
            let mut rest = run_checks(cell, &rest, session, edition).into_iter();
            let passed = |test: &&DataTest| apart.tests.contains(test).then(|| CheckResult::passed(cell, test));
            all.iter().filter_map(|test| passed(test).or_else(|| rest.next())).collect()
        } else {
            run_checks(cell, &all, session, edition)
        };
        let failed = |(test, check): (&&DataTest, &CheckResult)| apart.tests.contains(test) && check.problem.is_some();
        if !all.iter().zip(&checks).any(failed) {
            let passed: BTreeSet<&String> = apart.parts.values().collect();
            self.cache.keep_note("tests", &passed_on(cell), &passed)?;
        }
        Ok(checks)
    }

    /// Whether few parts have changed, and all tests that can be run on them alone pass.
    fn pass_on_parts(&self, cell: &Cell, apart: &Apart<'_>, session: &Session, edition: Date) -> bool {
        let changed: Vec<&String> = apart
            .parts
            .iter()
            .filter(|(_, fingerprint)| !apart.passed.contains(*fingerprint))
            .map(|(value, _)| value)
            .collect();
        // What asks nothing across parts asks the same of several at once.
        let pass = || {
            let run = || Ok(run_checks(cell, &apart.tests, session, edition));
            let checks = session.on_parts(&self.part_files(&changed, &apart.tables), &run);
            checks.is_ok_and(|checks| checks.iter().all(|check| check.problem.is_none()))
        };
        2 * changed.len() <= apart.parts.len() && (changed.is_empty() || pass())
    }

    /// The tests of a cell that can be run part by part, if there are any.
    fn apart<'c>(
        &self,
        cell: &'c Cell,
        contents: &BTreeMap<String, String>,
        session: &Session,
        edition: Date,
    ) -> Option<Apart<'c>> {
        let key = &cell.front.parts.as_ref()?.column;
        let reads = cell.test_reads.iter().chain([&cell.name]);
        let tables = self.tables_in_parts(reads.clone(), key, contents);
        let known = in_parts(key, &tables);
        let query = |test: &DataTest| test.failing_rows(&cell.name, edition);
        let separable = |test: &&DataTest| -> Result<bool, SqlError> { session.separable(&query(test), &known, false) };
        let tests: Vec<&DataTest> = cell.front.tests.iter().filter(|test| separable(test).unwrap_or(false)).collect();
        if tables.is_empty() || tests.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(format!("candour tests {} duckdb {} {}\n", crate::SOURCE_HASH, self.version, cell.name));
        for name in reads.filter(|name| !tables.contains_key(*name)) {
            hash.update(format!("{name} {}\n", contents.get(name).map(String::as_str).unwrap_or_default()));
        }
        tests.iter().for_each(|test| hash.update(format!("{}\n{}\n", test.words(), query(test))));
        let whole = crate::hex(&hash.finalize());
        let values: BTreeSet<&String> = tables.values().flat_map(|parts| parts.parts.keys()).collect();
        let parts = values.into_iter().map(|value| (value.clone(), part_fingerprint(&whole, value, &tables))).collect();
        let passed = self.cache.note("tests", &passed_on(cell)).unwrap_or_default();
        Some(Apart { tests, tables, parts, passed })
    }
}

/// The name under which it is kept on which parts a cell's tests have passed.
fn passed_on(cell: &Cell) -> String {
    crate::sha256(format!("parts of {}", cell.name).as_bytes())
}
