//! Rows that claim the same key.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Reject, SourceTable, take};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::frame::Scalar;

/// Columns that every source has after its own.
const FILE: usize = 0;
const LINE: usize = 1;
const VINTAGE: usize = 3;
const STATUS: usize = 4;

/// Rows with the same key: if they are the same in every column the first stays, otherwise none does, because nothing
/// says which is right. Where the files that they come from say that they are different versions, the table may keep
/// both, told apart by vintage and status, if its contract says so; otherwise the files are the problem, not the rows.
pub(super) fn reject(table: &mut SourceTable) -> Outcome<()> {
    if table.contract.key.is_empty() {
        return Ok(());
    }
    let own = table.contract.columns.len();
    let mut key: Vec<usize> =
        table.contract.key.iter().filter_map(|key| table.columns.iter().position(|(name, _)| name == key)).collect();
    if table.contract.keep_versions {
        key.extend([own + VINTAGE, own + STATUS]);
    }
    let groups = groups(table, &key);
    report_versions(table, &groups)?;
    let mut dropped: BTreeMap<usize, String> = BTreeMap::new();
    for rows in &groups {
        let same =
            |one: usize, other: usize| (0..own).all(|column| table.rows.compare(column, one, other) == Ordering::Equal);
        let alike = rows.iter().all(|at| same(*at, rows[0]));
        let place = format!("{} line {}", table.rows.value(rows[0], own + FILE), table.rows.value(rows[0], own + LINE));
        for at in rows.iter().skip(usize::from(alike)) {
            let rule = match alike {
                true => format!("repeats {place}"),
                false => format!("duplicate key, with other values than {place}: none of the rows is kept"),
            };
            dropped.insert(*at, rule);
        }
    }
    drop_rows(table, &dropped);
    Ok(())
}

/// Rows that share a key, in order of the first of them.
fn groups(table: &SourceTable, key: &[usize]) -> Vec<Vec<usize>> {
    let compare = |one: usize, other: usize| {
        key.iter().map(|column| table.rows.compare(*column, one, other)).find(|order| order.is_ne())
    };
    let mut order: Vec<usize> = (0..table.rows.len()).collect();
    order.sort_by(|one, other| compare(*one, *other).unwrap_or_else(|| one.cmp(other)));
    let mut groups: Vec<Vec<usize>> = order
        .chunk_by(|one, other| compare(*one, *other).is_none())
        .filter(|rows| rows.len() > 1)
        .map(<[usize]>::to_vec)
        .collect();
    groups.sort();
    groups
}

fn key_words(table: &SourceTable, row: usize) -> String {
    let values = table.contract.key.iter().filter_map(|key| {
        let column = table.columns.iter().position(|(name, _)| name == key)?;
        Some(table.rows.value(row, column).to_string())
    });
    format!("{} = {}", table.contract.key.join(", "), values.collect::<Vec<_>>().join(", "))
}

/// Two files of different versions with the same keys, where the contract keeps one version.
fn report_versions(table: &SourceTable, groups: &[Vec<usize>]) -> Outcome<()> {
    let own = table.contract.columns.len();
    let mut pairs: BTreeMap<(String, String), (usize, usize, usize)> = BTreeMap::new();
    for rows in groups {
        let first = rows[0];
        for at in &rows[1..] {
            let other_version =
                [VINTAGE, STATUS].iter().any(|column| table.rows.compare(own + column, first, *at) != Ordering::Equal);
            let file = |row: usize| table.rows.value(row, own + FILE).to_string();
            if other_version && file(first) != file(*at) {
                pairs.entry((file(first), file(*at))).or_insert((first, *at, 0)).2 += 1;
            }
        }
    }
    let mut problems = Problems::none();
    for ((one, other), (first, second, count)) in pairs {
        let words = format!("{one} and {other} hold two versions of the same figures ({count} keys in both)");
        let version = |row: usize| {
            let vintage = match table.rows.value(row, own + VINTAGE) {
                Scalar::Missing => "vintage not known".to_string(),
                vintage => format!("vintage {vintage}"),
            };
            format!("{}, {vintage}", table.rows.value(row, own + STATUS))
        };
        problems.push(
            Diagnostic::check("source-two-versions", words)
                .in_file(one.as_str())
                .note(format!("{one}: {}", version(first)))
                .note(format!("{other}: {}", version(second)))
                .note(format!("for example {}", key_words(table, first)))
                .help("take out the file that has been superseded")
                .help(format!(
                    "or set `keep_versions = true` for source `{}` to keep both, told apart by _vintage and _status",
                    table.contract.name
                )),
        );
    }
    problems.or(())
}

fn drop_rows(table: &mut SourceTable, dropped: &BTreeMap<usize, String>) {
    let own = table.contract.columns.len();
    for (at, rule) in dropped {
        let (file, value) = (table.rows.value(*at, own + FILE).to_string(), take::cut(&key_words(table, *at)));
        let line = table.rows.value(*at, own + LINE).number().unwrap_or(0.0) as u64;
        table.rejects.push(Reject {
            source: table.contract.name.clone(),
            file: file.clone(),
            line,
            at: 0,
            cell: None,
            column: table.contract.key.join(", "),
            value,
            rule: rule.clone(),
        });
        if let Some(counted) = table.files.iter_mut().find(|counted| counted.file == file) {
            counted.rows -= 1;
            counted.rejects += 1;
        }
    }
    let keep: Vec<bool> = (0..table.rows.len()).map(|at| !dropped.contains_key(&at)).collect();
    table.rows.retain(&keep);
    table.rejects.sort_by(|a, b| (&a.file, a.line, a.at).cmp(&(&b.file, b.line, b.at)));
}
