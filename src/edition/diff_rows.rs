//! Two versions of a table side by side, row by row: which rows are new or gone, which values differ, and in which line
//! of which file they stand.

use std::path::PathBuf;

use serde::Serialize;

use crate::duck::{Session, SqlError, literal, parquet, quoted};
use crate::frame::{Frame, Scalar};

/// Rows that are shown; the others are counted.
const SHOWN: usize = 20;
/// Columns that say where a row was read, and nothing of what it holds.
const PLACE: [&str; 2] = ["_file", "_line"];

/// How a table differs from an earlier version of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TableChange {
    /// Columns by which rows were found again; without any, whole rows are compared.
    pub key: Vec<String>,
    /// Rows that are new.
    pub added: u64,
    /// Rows that are gone.
    pub gone: u64,
    /// Rows of which a value differs.
    pub changed: u64,
    /// Rows that are the same and only stand elsewhere in their file.
    pub moved: u64,
    /// Columns that are new.
    pub columns_added: Vec<String>,
    /// Columns that are gone.
    pub columns_gone: Vec<String>,
    /// In how many rows each column differs.
    pub columns: Vec<ColumnChange>,
    /// The first rows that differ: changed ones, then those that are new or gone.
    pub rows: Vec<RowChange>,
}

/// In how many rows a column differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnChange {
    /// Column.
    pub column: String,
    /// Rows.
    pub rows: u64,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowChange {
    /// `changed`, `added` or `gone`.
    pub what: String,
    /// What identifies it.
    pub key: Vec<(String, Option<String>)>,
    /// The file and line where it stands, or stood if it is gone.
    pub place: Option<(String, u64)>,
    /// Values that differ.
    pub values: Vec<ValueChange>,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueChange {
    /// Column.
    pub column: String,
    /// Value before; nothing if it was missing, or the row new.
    pub before: Option<String>,
    /// Value after; nothing if it is missing, or the row gone.
    pub after: Option<String>,
}

/// Which rows and columns to compare.
#[derive(Clone, Debug, Default)]
pub(super) struct Part<'a> {
    /// Columns that identify a row.
    pub key: &'a [String],
    /// Only these columns.
    pub columns: Option<&'a [String]>,
    /// Only rows that one of these selections asks for, as columns with tagged values.
    pub selections: &'a [Vec<(String, String)>],
}

/// Two kept tables, with what is compared of them.
struct Pair {
    before: String,
    after: String,
    key: Vec<String>,
    columns: Vec<(String, bool)>,
    placed: bool,
}

/// Compares two versions of a table, kept as Parquet.
pub(super) fn compare(
    session: &Session,
    before: &[PathBuf],
    after: &[PathBuf],
    part: &Part<'_>,
) -> Result<TableChange, SqlError> {
    let read = |files: &[PathBuf]| format!("SELECT * FROM {}", parquet(files));
    let (old, new) = (session.describe(&read(before))?, session.describe(&read(after))?);
    let wanted = |name: &str| {
        !PLACE.contains(&name) && part.columns.is_none_or(|columns| columns.iter().any(|column| column == name))
    };
    let in_both = |name: &String| [&old, &new].iter().all(|side| side.iter().any(|(column, _)| column == name));
    let key = if part.key.iter().all(in_both) { part.key.to_vec() } else { Vec::new() };
    let kind = |side: &[(String, String)], name: &str| {
        side.iter().find(|(column, _)| column == name).map(|(_, kind)| kind.clone())
    };
    let shared = new.iter().map(|(name, _)| name).filter(|name| in_both(name) && wanted(name) && !key.contains(name));
    let filter = filter(part.selections, &in_both);
    let pair = Pair {
        before: format!("{}{filter}", read(before)),
        after: format!("{}{filter}", read(after)),
        columns: shared.map(|name| (name.clone(), kind(&old, name) == kind(&new, name))).collect(),
        placed: PLACE.iter().all(|name| in_both(&(*name).to_string())),
        key,
    };
    let only = |one: &[(String, String)], other: &[(String, String)]| -> Vec<String> {
        let names = one.iter().map(|(name, _)| name).filter(|name| wanted(name) && kind(other, name).is_none());
        names.cloned().collect()
    };
    let columns =
        TableChange { columns_added: only(&new, &old), columns_gone: only(&old, &new), ..TableChange::default() };
    let found = if pair.is_keyed(session)? { pair.by_key(session)? } else { pair.whole_rows(session)? };
    Ok(TableChange { columns_added: columns.columns_added, columns_gone: columns.columns_gone, ..found })
}

/// The condition of the rows that selections ask for; none where they ask for all, or in too many ways to be worth it.
fn filter(selections: &[Vec<(String, String)>], known: &impl Fn(&String) -> bool) -> String {
    const MOST: usize = 200;
    let term = |(column, value): &(String, String)| {
        let value = match Scalar::from_tagged(value)? {
            Scalar::Text(text) => literal(&text),
            Scalar::Date(day) => format!("DATE {}", literal(&day.to_string())),
            Scalar::Missing | Scalar::Suppressed(_) => "NULL".to_string(),
            value => value.to_string(),
        };
        known(column).then(|| format!("{} IS NOT DISTINCT FROM {value}", quoted(column)))
    };
    let all: Option<Vec<String>> = selections
        .iter()
        .map(|selection| {
            let terms: Option<Vec<String>> = selection.iter().map(term).collect();
            terms.filter(|terms| !terms.is_empty()).map(|terms| format!("({})", terms.join(" AND ")))
        })
        .collect();
    match all {
        Some(terms) if !terms.is_empty() && terms.len() <= MOST => format!(" WHERE {}", terms.join(" OR ")),
        _ => String::new(),
    }
}

impl Pair {
    /// Whether the key tells all rows apart, before and after.
    fn is_keyed(&self, session: &Session) -> Result<bool, SqlError> {
        if self.key.is_empty() {
            return Ok(false);
        }
        let packed: Vec<String> =
            self.key.iter().enumerate().map(|(at, name)| format!("k{at} := {}", quoted(name))).collect();
        let unique = |side: &str| {
            format!("(SELECT count(*) = count(DISTINCT struct_pack({})) FROM ({side}))", packed.join(", "))
        };
        let frame = session.frame(&format!("SELECT {} AND {} AS keyed", unique(&self.before), unique(&self.after)))?;
        Ok(frame.value(0, 0) == Scalar::Boolean(true))
    }

    /// Rows found again by their key.
    fn by_key(&self, session: &Session) -> Result<TableChange, SqlError> {
        let differs: Vec<String> = self.columns.iter().map(|(name, same)| differs(name, *same)).collect();
        let any = if differs.is_empty() { "FALSE".to_string() } else { format!("({})", differs.join(" OR ")) };
        let both = "o._there AND n._there";
        let elsewhere = match self.placed {
            true => "(o._file IS DISTINCT FROM n._file OR o._line IS DISTINCT FROM n._line)",
            false => "FALSE",
        };
        let mut counts = vec![
            "count(*) FILTER (o._there IS NULL)".to_string(),
            "count(*) FILTER (n._there IS NULL)".to_string(),
            format!("count(*) FILTER ({both} AND {any})"),
            format!("count(*) FILTER ({both} AND NOT {any} AND {elsewhere})"),
        ];
        counts.extend(differs.iter().map(|differs| format!("count(*) FILTER ({both} AND {differs})")));
        let named = counts.iter().enumerate().map(|(at, count)| format!("{count} AS c{at}"));
        let counted = session.frame(&self.joined(&named.collect::<Vec<_>>().join(", "), ""))?;
        let count = |at: usize| whole(&counted, 0, at);
        let columns = self.columns.iter().enumerate().map(|(at, (name, _))| (name, count(at + 4)));
        Ok(TableChange {
            key: self.key.clone(),
            added: count(0),
            gone: count(1),
            changed: count(2),
            moved: count(3),
            columns: columns
                .filter(|(_, rows)| *rows > 0)
                .map(|(name, rows)| ColumnChange { column: name.clone(), rows })
                .collect(),
            rows: self.rows(session, &any)?,
            ..TableChange::default()
        })
    }

    fn joined(&self, terms: &str, rest: &str) -> String {
        let on: Vec<String> =
            self.key.iter().map(|name| format!("o.{0} IS NOT DISTINCT FROM n.{0}", quoted(name))).collect();
        format!(
            "SELECT {terms} FROM (SELECT *, TRUE AS _there FROM ({})) AS o FULL JOIN (SELECT *, TRUE AS _there FROM ({})) AS n ON {} {rest}",
            self.before,
            self.after,
            on.join(" AND ")
        )
    }

    /// The first rows that differ.
    fn rows(&self, session: &Session, any: &str) -> Result<Vec<RowChange>, SqlError> {
        let what = "CASE WHEN o._there IS NULL THEN 'added' WHEN n._there IS NULL THEN 'gone' ELSE 'changed' END";
        let (file, line) = match self.placed {
            true => (
                "CASE WHEN n._there IS NULL THEN o._file ELSE n._file END",
                "CASE WHEN n._there IS NULL THEN o._line ELSE n._line END",
            ),
            false => ("NULL::VARCHAR", "NULL::BIGINT"),
        };
        let mut terms = vec![format!("{what} AS what"), format!("{file} AS file"), format!("{line} AS line")];
        for (at, name) in self.key.iter().enumerate() {
            let name = quoted(name);
            terms
                .push(format!("CASE WHEN n._there IS NULL THEN o.{name}::VARCHAR ELSE n.{name}::VARCHAR END AS k{at}"));
        }
        for (at, (name, _)) in self.columns.iter().enumerate() {
            let name = quoted(name);
            terms.push(format!("o.{name}::VARCHAR AS o{at}, n.{name}::VARCHAR AS n{at}"));
        }
        // Rows that are new or gone after those of which a value differs; then in the order of the key.
        let order: Vec<String> = std::iter::once("what <> 'changed'".to_string())
            .chain((0..self.key.len()).map(|at| format!("k{at} NULLS LAST")))
            .collect();
        let rest =
            format!("WHERE o._there IS NULL OR n._there IS NULL OR {any} ORDER BY {} LIMIT {SHOWN}", order.join(", "));
        let frame = session.frame(&self.joined(&terms.join(", "), &rest))?;
        Ok((0..frame.height()).map(|row| self.row(&frame, row)).collect())
    }

    fn row(&self, frame: &Frame, row: usize) -> RowChange {
        let text = |column: usize| match frame.value(row, column) {
            Scalar::Missing => None,
            value => Some(value.to_string()),
        };
        let first = 3 + self.key.len();
        let values = self.columns.iter().enumerate().map(|(at, (name, _))| ValueChange {
            column: name.clone(),
            before: text(first + 2 * at),
            after: text(first + 2 * at + 1),
        });
        RowChange {
            what: text(0).unwrap_or_default(),
            key: self.key.iter().enumerate().map(|(at, name)| (name.clone(), text(3 + at))).collect(),
            place: text(1).map(|file| (file, whole(frame, row, 2))),
            values: values.filter(|value| value.before != value.after).collect(),
        }
    }

    /// Rows compared as a whole, where no key tells them apart.
    fn whole_rows(&self, session: &Session) -> Result<TableChange, SqlError> {
        let names: Vec<&String> = self.key.iter().chain(self.columns.iter().map(|(name, _)| name)).collect();
        if names.is_empty() {
            return Ok(TableChange::default());
        }
        let terms: Vec<String> = names.iter().map(|name| format!("{0}::VARCHAR AS {0}", quoted(name))).collect();
        let terms = terms.join(", ");
        let mut change = TableChange::default();
        for (what, one, other) in [("added", &self.after, &self.before), ("gone", &self.before, &self.after)] {
            let rows = format!("SELECT {terms} FROM ({one}) EXCEPT ALL SELECT {terms} FROM ({other})");
            let count = whole(&session.frame(&format!("SELECT count(*) AS n FROM ({rows})"))?, 0, 0);
            let frame = session.frame(&format!("SELECT * FROM ({rows}) ORDER BY ALL LIMIT {}", SHOWN / 2))?;
            for row in 0..frame.height() {
                let value = |column: usize| Some(frame.value(row, column).to_string()).filter(|text| !text.is_empty());
                let values = names.iter().enumerate().map(|(at, name)| ValueChange {
                    column: (*name).clone(),
                    before: value(at).filter(|_| what == "gone"),
                    after: value(at).filter(|_| what == "added"),
                });
                let values = values.filter(|value| value.before != value.after).collect();
                change.rows.push(RowChange { what: what.to_string(), key: Vec::new(), place: None, values });
            }
            *(if what == "added" { &mut change.added } else { &mut change.gone }) = count;
        }
        Ok(change)
    }
}

/// The condition that a column differs; columns of two types are compared as they are written.
fn differs(name: &str, same_type: bool) -> String {
    let (name, cast) = (quoted(name), if same_type { "" } else { "::VARCHAR" });
    format!("o.{name}{cast} IS DISTINCT FROM n.{name}{cast}")
}

fn whole(frame: &Frame, row: usize, column: usize) -> u64 {
    match frame.value(row, column) {
        Scalar::Integer(count) => u64::try_from(count).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two tables given as SQL, compared by some key.
    fn compared(before: &str, after: &str, key: &[&str], selections: &[Vec<(String, String)>]) -> TableChange {
        let (session, folder) = (Session::open().unwrap(), tempfile::tempdir().unwrap());
        let paths = [before, after].map(|sql| {
            let path = folder.path().join(crate::sha256(sql.as_bytes()));
            session.write_query(sql, &[], &path).unwrap();
            path
        });
        let key: Vec<String> = key.iter().map(|name| (*name).to_string()).collect();
        compare(&session, &paths[..1], &paths[1..], &Part { key: &key, columns: None, selections }).unwrap()
    }

    const BEFORE: &str =
        "SELECT * FROM (VALUES ('a', 1, 'f', 2), ('b', 2, 'f', 3), (NULL, 3, 'f', 4)) AS t(k, v, _file, _line)";

    #[test]
    fn rows_are_found_again_by_their_key_and_lines_alone_are_no_change() {
        let after =
            "SELECT * FROM (VALUES ('b', NULL, 'f', 2), (NULL, 3, 'f', 5), ('c', 9, 'f', 4)) AS t(k, v, _file, _line)";
        let change = compared(BEFORE, after, &["k"], &[]);
        assert_eq!((change.added, change.gone, change.changed, change.moved), (1, 1, 1, 1));
        assert_eq!(change.columns, [ColumnChange { column: "v".into(), rows: 1 }]);
        let first = &change.rows[0];
        assert_eq!((first.what.as_str(), &first.place), ("changed", &Some(("f".to_string(), 2))));
        let value = ValueChange { column: "v".into(), before: Some("2".into()), after: None };
        assert_eq!((first.key[0].1.as_deref(), &first.values[..]), (Some("b"), &[value][..]));
        assert_eq!(change.rows[1..].iter().map(|row| row.what.as_str()).collect::<Vec<_>>(), ["gone", "added"]);
        assert_eq!(compared(BEFORE, BEFORE, &["k"], &[]).rows, []);
    }

    #[test]
    fn without_a_key_that_tells_rows_apart_whole_rows_are_compared() {
        let twice = "SELECT * FROM (VALUES ('a', 1), ('a', 1), ('a', 2)) AS t(k, v)";
        let after = "SELECT * FROM (VALUES ('a', 1), ('a', 3)) AS t(k, v)";
        for key in [&["k"][..], &[]] {
            let change = compared(twice, after, key, &[]);
            assert_eq!((change.added, change.gone, change.changed, change.rows.len()), (1, 2, 0, 3));
        }
    }

    #[test]
    fn only_the_rows_asked_for_are_compared_and_columns_may_come_and_go() {
        let after = "SELECT k, v + 1 AS v, 0 AS new FROM (VALUES ('a', 1), ('b', 2), (NULL, 3)) AS t(k, v)";
        let selection = vec![("k".to_string(), "text:b".to_string())];
        let change = compared(BEFORE, after, &["k"], &[selection]);
        assert_eq!((change.changed, change.rows.len()), (1, 1));
        assert_eq!(change.columns_added, ["new"]);
        let change = compared(BEFORE, "SELECT 'a' AS k, 1.5 AS v", &["k"], &[]);
        assert_eq!((change.changed, change.gone), (1, 2));
    }
}
