//! Results kept in parts: one table for each value of a column. Where a query allows it, each part is computed from the
//! same part of what it reads, so that a change in one measure computes that measure anew and no other.
//!
//! A cell that can be computed so always is: the bytes of a part are then the same whether the others were known or not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::cache::{Part, Parts};
use super::front_matter::PartsNote;
use super::graph::Cell;
use super::run::{Draft, KeptTable, Run, not_kept, stopped_or};
use crate::diagnostic::{Diagnostic, Outcome};
use crate::duck::{InParts, PartFiles, PartRun, Session};

/// Most parts of a table: each is a file.
const MOST_PARTS: usize = 200;

/// Tables in parts by the same column, by name.
pub(super) type TablesInParts = BTreeMap<String, Parts>;

/// A part to compute: the value of the key, and the fingerprint of all that the part depends on.
struct Wanted {
    value: String,
    fingerprint: String,
}

impl Run<'_> {
    /// A result computed part by part; nothing if the cell's query, or what it reads, does not allow that.
    pub(super) fn compute_in_parts(
        &self,
        cell: &Cell,
        key: &str,
        contents: &BTreeMap<String, String>,
        session: &Session,
    ) -> Outcome<Option<KeptTable>> {
        let reads = cell.lineage.reads.iter().map(|read| &read.name);
        let tables = self.tables_in_parts(reads, key, contents);
        let separable = || session.separable(cell.sql(), &in_parts(key, &tables), true);
        if tables.is_empty() || !separable().map_err(|error| cell.problem(&error))? {
            return Ok(None);
        }
        let values: BTreeSet<&String> = tables.values().flat_map(|parts| parts.parts.keys()).collect();
        let whole = self.fingerprint_beside(cell, &tables, contents);
        let mut known: BTreeMap<String, KeptTable> = BTreeMap::new();
        let mut wanted = Vec::new();
        for value in values {
            let fingerprint = part_fingerprint(&whole, value, &tables);
            match self.known(&fingerprint) {
                Some(kept) => {
                    known.insert(value.clone(), kept);
                }
                None => wanted.push(Wanted { value: value.clone(), fingerprint }),
            }
        }
        known.extend(self.compute_wanted(cell, &wanted, &tables, session)?);
        let columns = known.values().next().map(|kept| kept.columns.clone()).unwrap_or_default();
        let parts = known.into_iter().map(|(value, kept)| (value, Part::of(&kept))).collect();
        Ok(Some(self.keep_in_parts(key, parts, columns)?))
    }

    /// Keeps a result that was computed whole in parts. One that has rows without a part is kept whole.
    pub(super) fn split(&self, cell: &Cell, by: &PartsNote, whole: Draft, session: &Session) -> Outcome<KeptTable> {
        let key = by.column.as_str();
        let problem = |words: String| {
            Diagnostic::fault("cell-parts", format!("`{}` cannot be kept in parts by `{key}`: {words}", cell.name))
                .at(by.place.clone())
                .help("take `parts` out of the front matter, or name another column, the first of `grain`")
        };
        // A column that is not there is reported with the grain.
        let Some((_, kind)) = whole.columns.iter().find(|(name, _)| name == key) else { return self.keep(whole) };
        if kind != "VARCHAR" {
            return Err(problem(format!("it holds values of type {kind} and not texts")).into());
        }
        let values = session.values_of(&whole.file, key).map_err(|error| stopped_or(cell, &error))?;
        let Some(mut values) = values else { return self.keep(whole) };
        // A table without rows is one part without rows: what reads it may still be computed part by part.
        if values.is_empty() {
            values.push(String::new());
        }
        if values.len() > MOST_PARTS {
            return Err(problem(format!("it has {} values, and {MOST_PARTS} are the most", values.len())).into());
        }
        let columns = whole.columns.clone();
        let parts = match &values[..] {
            [one] => BTreeMap::from([(one.clone(), Part::of(&self.keep(whole)?))]),
            _ => self.split_among(cell, key, &whole, values, session)?,
        };
        self.keep_in_parts(key, parts, columns)
    }

    fn split_among(
        &self,
        cell: &Cell,
        key: &str,
        whole: &Draft,
        values: Vec<String>,
        session: &Session,
    ) -> Outcome<BTreeMap<String, Part>> {
        let drafts = values.into_iter().map(|value| Ok((value, self.cache.draft(&cell.name)?)));
        let drafts = drafts.collect::<Outcome<Vec<_>>>()?;
        let rows = session.split(&whole.file, key, &drafts).map_err(|error| not_kept(cell, &error, &whole.file))?;
        let _ = std::fs::remove_file(&whole.file);
        let keep = |((value, draft), rows): ((String, PathBuf), u64)| {
            let (content, bytes) = self.cache.keep_table(&draft)?;
            Ok((value, Part { content, bytes, rows }))
        };
        drafts.into_iter().zip(rows).map(keep).collect()
    }

    /// Those of some tables that are kept in parts by a column.
    pub(super) fn tables_in_parts<'n>(
        &self,
        names: impl IntoIterator<Item = &'n String>,
        key: &str,
        contents: &BTreeMap<String, String>,
    ) -> TablesInParts {
        let parts = names.into_iter().filter_map(|name| Some((name.clone(), self.cache.parts(contents.get(name)?)?)));
        parts.filter(|(_, parts)| parts.key == key).collect()
    }

    /// Hash of what all parts of a cell depend on: as [`Run::fingerprint`], but for the tables that are in parts.
    fn fingerprint_beside(&self, cell: &Cell, tables: &TablesInParts, contents: &BTreeMap<String, String>) -> String {
        let same: BTreeMap<String, String> = contents
            .iter()
            .filter(|(name, _)| !tables.contains_key(*name))
            .map(|(n, c)| (n.clone(), c.clone()))
            .collect();
        self.fingerprint(cell, &same)
    }

    fn compute_wanted(
        &self,
        cell: &Cell,
        wanted: &[Wanted],
        tables: &TablesInParts,
        session: &Session,
    ) -> Outcome<Vec<(String, KeptTable)>> {
        let run = |wanted: &Wanted| {
            Ok(PartRun { tables: self.part_files(&[&wanted.value], tables), path: self.cache.draft(&cell.name)? })
        };
        let runs = wanted.iter().map(run).collect::<Outcome<Vec<PartRun>>>()?;
        let written = session.write_parts(cell.sql(), cell.order(), &runs);
        let first = runs.first().map(|run| run.path.as_path()).unwrap_or(Path::new(""));
        let (rows, columns) = written.map_err(|error| not_kept(cell, &error, first))?;
        let keep = |((wanted, run), rows): ((&Wanted, PartRun), u64)| {
            let kept = self.keep(Draft { file: run.path, rows, columns: columns.clone() })?;
            self.cache.keep_note("cells", &wanted.fingerprint, &kept)?;
            Ok((wanted.value.clone(), kept))
        };
        wanted.iter().zip(runs).zip(rows).map(keep).collect()
    }

    /// The files of some parts.
    pub(super) fn part_files(&self, values: &[&String], tables: &TablesInParts) -> Vec<PartFiles> {
        let file = |parts: &Parts, value: &&String| Some(self.cache.table(&parts.parts.get(*value)?.content));
        let files = |parts: &Parts| values.iter().filter_map(|value| file(parts, value)).collect();
        tables.iter().map(|(name, parts)| (name.clone(), files(parts))).collect()
    }

    fn keep_in_parts(
        &self,
        key: &str,
        parts: BTreeMap<String, Part>,
        columns: Vec<(String, String)>,
    ) -> Outcome<KeptTable> {
        let rows = parts.values().map(|part| part.rows).sum();
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        let (content, bytes) = self.cache.keep_parts(&Parts { key: key.to_string(), columns: names, parts })?;
        Ok(KeptTable { content, bytes, rows, columns })
    }
}

/// What is known of tables in parts, to ask whether a query may be run part by part.
pub(super) fn in_parts(key: &str, tables: &TablesInParts) -> InParts {
    let columns = tables.iter().map(|(name, parts)| (name.clone(), parts.columns.clone()));
    InParts { key: key.to_string(), tables: columns.collect() }
}

/// Hash of what one part depends on.
pub(super) fn part_fingerprint(whole: &str, value: &str, tables: &TablesInParts) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("candour part {whole}\n{value}\n"));
    for (name, parts) in tables {
        hash.update(format!("{name} {}\n", parts.parts.get(value).map_or("-", |part| part.content.as_str())));
    }
    crate::hex(&hash.finalize())
}
