//! Tables kept as Parquet: opened when a query needs them, and written from queries, whole or part by part.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::parts::{self, InParts, Whole};
use super::{Session, SqlError, literal, quoted};
use crate::frame::Scalar;

/// Tables kept as Parquet that no query has needed yet: each with its files.
pub(super) type Shelf = Arc<Mutex<Vec<(String, Vec<PathBuf>)>>>;

/// Types that are the same when they are read back from Parquet, and so are lists of them.
const ALIKE_IN_PARQUET: &[&str] =
    &["BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR", "DATE"];

/// A column of a result that is kept.
pub(super) struct StableColumn {
    pub name: String,
    /// The type that it is kept as.
    pub kept: String,
    /// Whether the query gives it as another type.
    pub is_cast: bool,
}

/// A table that is in parts, and the files of some of them; none where there is no such part.
pub type PartFiles = (String, Vec<PathBuf>);

/// A run of a query on one part of what it reads.
pub struct PartRun {
    /// The part of each table that is in parts.
    pub tables: Vec<PartFiles>,
    /// Where the result is written.
    pub path: PathBuf,
}

/// What was written: the number of rows of each result, and the names and types of the columns.
pub type Written = (Vec<u64>, Vec<(String, String)>);

/// An order by columns, missing values last.
pub(super) fn ordering(columns: &[String]) -> String {
    let terms: Vec<String> = columns.iter().map(|column| format!("{} NULLS LAST", quoted(column))).collect();
    if terms.is_empty() { String::new() } else { format!(" ORDER BY {}", terms.join(", ")) }
}

/// Columns as the terms of a `SELECT`.
pub(super) fn terms(columns: &[StableColumn]) -> String {
    let term = |column: &StableColumn| {
        let name = quoted(&column.name);
        if column.is_cast { format!("CAST({name} AS {}) AS {name}", column.kept) } else { name }
    };
    columns.iter().map(term).collect::<Vec<_>>().join(", ")
}

/// Files as a table that holds the rows of one after those of another.
pub fn parquet(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| literal(&file.to_string_lossy())).collect();
    format!("read_parquet([{}])", names.join(", "))
}

impl Session {
    /// Makes a kept table known under a name. It is opened when a query of any connection first needs a table: where
    /// nothing has changed, none is.
    pub fn shelve(&self, name: &str, files: Vec<PathBuf>) {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_string(), files));
    }

    /// Opens the tables on the shelf as views over their files.
    pub(super) fn unshelve(&self) -> Result<(), SqlError> {
        self.unshelve_where(|_| true)
    }

    /// Opens those of the tables on the shelf that are wanted.
    pub(super) fn unshelve_where(&self, wanted: impl Fn(&str) -> bool) -> Result<(), SqlError> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let views = shelf.iter().filter(|(name, _)| wanted(name)).map(|(name, files)| {
            format!("CREATE OR REPLACE VIEW {} AS SELECT * FROM {};", quoted(name), parquet(files))
        });
        let sql: String = views.collect();
        if !sql.is_empty() {
            self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0))?;
            shelf.retain(|(name, _)| !wanted(name));
        }
        Ok(())
    }

    /// Runs a query and writes its result as Parquet, in the order of the named columns, or as the query orders it.
    /// Gives the number of rows, and the names and types of the columns.
    pub fn write_query(
        &self,
        sql: &str,
        order: &[String],
        path: &Path,
    ) -> Result<(u64, Vec<(String, String)>), SqlError> {
        let columns = self.stable_columns(sql)?;
        let rows = self.copy(sql, &columns, order, path)?;
        Ok((rows, self.columns_written(columns, path)?))
    }

    /// Runs a query on one part after another of the tables that are in parts, and writes each result as
    /// [`write_query`](Self::write_query) does. Gives their numbers of rows.
    pub fn write_parts(&self, sql: &str, order: &[String], runs: &[PartRun]) -> Result<Written, SqlError> {
        let Some(first) = runs.first() else { return Ok((Vec::new(), Vec::new())) };
        let columns = self.stable_columns(sql)?;
        let write = |run: &PartRun| self.on_parts(&run.tables, &|| self.copy(sql, &columns, order, &run.path));
        let rows = runs.iter().map(write).collect::<Result<_, SqlError>>()?;
        Ok((rows, self.columns_written(columns, &first.path)?))
    }

    /// Does some work while tables are hidden behind some parts of them, or behind nothing where there are no such parts. Other
    /// connections see the whole tables meanwhile: what is temporary is this connection's own, and found first.
    pub fn on_parts<T>(&self, tables: &[PartFiles], work: &dyn Fn() -> Result<T, SqlError>) -> Result<T, SqlError> {
        self.unshelve()?;
        let hide = |(name, files): &PartFiles| {
            let name = quoted(name);
            let rows = match files.is_empty() {
                true => format!("memory.main.{name} WHERE false"),
                false => parquet(files),
            };
            format!("CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {rows};")
        };
        let show = |(name, _): &PartFiles| format!("DROP VIEW IF EXISTS temp.{};", quoted(name));
        let run = |sql: String| self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0));
        let done = run(tables.iter().map(hide).collect()).and_then(|()| work());
        run(tables.iter().map(show).collect())?;
        done
    }

    /// Splits a kept table by a column of texts, one file for each as `path` names it, its rows in the same order. Gives the
    /// number of rows of each.
    pub fn split(&self, file: &Path, column: &str, parts: &[(String, PathBuf)]) -> Result<Vec<u64>, SqlError> {
        let whole = parquet(&[file.to_path_buf()]);
        let write = |(value, path): &(String, PathBuf)| {
            let rows = format!("SELECT * FROM {whole} WHERE {} = {}", quoted(column), literal(value));
            let target = literal(&path.to_string_lossy());
            let sql = format!("COPY ({rows}) TO {target} (FORMAT parquet, COMPRESSION zstd)");
            self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0))?;
            self.count(&rows)
        };
        parts.iter().map(write).collect()
    }

    /// The values of a column of texts in a kept table, in order, each once; nothing if one is missing.
    pub fn values_of(&self, file: &Path, column: &str) -> Result<Option<Vec<String>>, SqlError> {
        let column = quoted(column);
        let whole = parquet(&[file.to_path_buf()]);
        let frame = self.frame(&format!("SELECT DISTINCT {column} FROM {whole} ORDER BY {column}"))?;
        let values = (0..frame.height()).map(|row| match frame.value(row, 0) {
            Scalar::Text(value) => Some(value),
            _ => None,
        });
        Ok(values.collect())
    }

    /// Whether running a query on one part after another of these tables, which are in parts by the column `key`, and putting
    /// the rows together gives what it gives on the whole. `holds_key` asks that the result has that column too.
    pub fn separable(&self, sql: &str, tables: &InParts, holds_key: bool) -> Result<bool, SqlError> {
        let asked = crate::sha256(format!("{holds_key} {tables:?}\n{sql}").as_bytes());
        if let Some(known) = self.parses().separable(&asked) {
            return Ok(known);
        }
        let separable = self.why_whole(sql, tables, holds_key)?.is_none();
        self.parses().note_separable(asked, separable);
        Ok(separable)
    }

    /// Why a query is run on the whole, and not on one part after another; nothing if it may be.
    pub fn why_whole(&self, sql: &str, tables: &InParts, holds_key: bool) -> Result<Option<Whole>, SqlError> {
        parts::why_whole(&self.parsed(sql)?, tables, holds_key)
    }

    /// Writes the rows of a query, and counts them.
    fn copy(&self, sql: &str, columns: &[StableColumn], order: &[String], path: &Path) -> Result<u64, SqlError> {
        let before = format!("COPY (SELECT {} FROM (", terms(columns));
        let target = literal(&path.to_string_lossy());
        let statement = format!("{before}{sql}\n){}) TO {target} (FORMAT parquet, COMPRESSION zstd)", ordering(order));
        self.connection().execute_batch(&statement).map_err(|error| SqlError::from_duckdb(&error, before.len()))?;
        self.count(&format!("SELECT * FROM {}", parquet(&[path.to_path_buf()])))
    }

    /// The names and types of columns that were written to a file.
    fn columns_written(&self, columns: Vec<StableColumn>, path: &Path) -> Result<Vec<(String, String)>, SqlError> {
        let columns: Vec<(String, String)> = columns.into_iter().map(|column| (column.name, column.kept)).collect();
        if columns.iter().all(|(_, kind)| ALIKE_IN_PARQUET.contains(&kind.trim_end_matches("[]"))) {
            return Ok(columns);
        }
        self.describe(&format!("SELECT * FROM {}", parquet(&[path.to_path_buf()])))
    }

    /// The columns of a query, those of types that Parquet does not keep cast to ones that it does, so that a result
    /// is the same whether or not it was kept. A sum of whole numbers is such a column: HUGEINT in DuckDB.
    pub(super) fn stable_columns(&self, sql: &str) -> Result<Vec<StableColumn>, SqlError> {
        let columns = self.describe(sql)?.into_iter().map(|(name, kind)| {
            let kept = match kind.as_str() {
                "HUGEINT" | "UHUGEINT" | "UBIGINT" => "BIGINT",
                "BIGNUM" => "DOUBLE",
                kind if kind.starts_with("ENUM") => "VARCHAR",
                kind => kind,
            };
            StableColumn { name, kept: kept.to_string(), is_cast: kept != kind }
        });
        Ok(columns.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_kept_result_is_what_its_file_holds() {
        let session = Session::open().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        for columns in [
            "1::TINYINT a, 2::SMALLINT b, 3::INTEGER c, 4::BIGINT d, 5::FLOAT e, 6::DOUBLE f, 'g' g, DATE '2026-01-01' h, true i",
            "[1::TINYINT] a, [2, 3] b, [[4::BIGINT]] c, [5::FLOAT] d, [[6::DOUBLE]] e, ['f'] f, [DATE '2026-01-01'] g, [false] h",
            "sum(x) a, avg(x) b, count(*) c, [sum(x)] d, 'y'::ENUM('x', 'y') e, 1.5::DECIMAL(9, 2) f FROM range(9) AS r(x)",
            "TIMESTAMP '2026-01-01 10:00:00' a, {'b': 1} b, [{'c': 'd'}] c, NULL d, '1'::JSON e, 7::UTINYINT f",
        ] {
            let (rows, said) = session.write_query(&format!("SELECT {columns}"), &[], &path).unwrap();
            let file = format!("SELECT * FROM read_parquet({})", literal(&path.to_string_lossy()));
            assert_eq!(said, session.describe(&file).unwrap(), "{columns}");
            assert_eq!((rows, session.count(&file).unwrap()), (1, 1), "{columns}");
        }
        let (rows, _) = session.write_query("SELECT * FROM range(5000)", &[], &path).unwrap();
        assert_eq!(rows, 5000);
    }
}
