//! The only place that talks to DuckDB.
//!
//! A [`Session`] is one in-memory database with no network, no extensions to load, and, once its
//! inputs are in, no files but those of the build's own cache. Every query runs on one thread, so
//! that floating-point sums do not depend on scheduling; independent queries run side by side on
//! connections of their own.

mod canonical;
mod cells;
mod columns;
mod error;
mod functions;
mod lineage;
mod order;
mod parses;
mod parts;
mod rows;
mod shelf;
mod tree;

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use duckdb::{Config, Connection, InterruptHandle};
use regex::Regex;

pub use cells::Cells;
pub use columns::{Base, ColumnsOf, Held, How, Origin, Origins};
pub use error::SqlError;
pub use functions::{Answers, Function, Type, functions};
pub use lineage::{Lineage, Reference};
pub use order::{Catalogue, Hazard, HazardKind, Known};
pub use parses::{KeptParses, Parses};
pub use parts::{InParts, Whole};
pub use shelf::{PartFiles, PartRun, parquet};
use shelf::{Shelf, ordering, terms};

use crate::diagnostic::{Diagnostic, Outcome};
use crate::frame::{ColumnType, Frame, Scalar};

/// A connection to the session's database. Threads that share one take turns; see [`Session::another`].
pub struct Session {
    connection: Mutex<Connection>,
    interrupt: Interrupt,
    volatile: OnceLock<BTreeSet<String>>,
    shelf: Shelf,
    parses: Arc<Parses>,
    memory: functions::Memory,
}

/// Stops the work of every connection of a session. Cheap to clone.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Running>);

#[derive(Default)]
struct Running {
    handles: Mutex<Vec<Arc<InterruptHandle>>>,
    stopped: AtomicBool,
}

impl Interrupt {
    /// Stops the queries that are running and asks for no more. Says whether that had been asked before.
    pub fn stop(&self) -> bool {
        let before = self.0.stopped.swap(true, Ordering::Relaxed);
        if let Ok(handles) = self.0.handles.lock() {
            handles.iter().for_each(|handle| handle.interrupt());
        }
        before
    }

    fn watch(&self, connection: &Connection) {
        if let Ok(mut handles) = self.0.handles.lock() {
            handles.push(connection.interrupt_handle());
        }
    }
}

fn internal(doing: &str, error: &duckdb::Error) -> Diagnostic {
    Diagnostic::fault("database", format!("could not {doing}: {}", SqlError::from_duckdb(error, 0).message))
}

/// A name as a quoted SQL identifier.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A query without the semicolon that may end it, and what may follow that: places in it stay as they are.
pub fn statement(sql: &str) -> &str {
    static END: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s);(?:\s|;|--[^\n]*|/\*.*?\*/)*\z").ok());
    let end = END.as_ref().and_then(|end| end.find(sql));
    end.map_or(sql.trim_end(), |end| &sql[..end.start()])
}

/// A column of [`Origins`] as SQL: by name, or as the expression that it stands for.
pub fn term(base: &str) -> String {
    columns::term(base)
}

/// A text as an SQL string.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The statement that makes a table.
fn declaration(name: &str, columns: &[(String, ColumnType)]) -> String {
    let declared: Vec<String> =
        columns.iter().map(|(name, kind)| format!("{} {}", quoted(name), sql_type(*kind))).collect();
    format!("CREATE OR REPLACE TABLE {} ({})", quoted(name), declared.join(", "))
}

fn sql_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Integer => "BIGINT",
        ColumnType::Number => "DOUBLE",
        ColumnType::Text => "VARCHAR",
        ColumnType::Date => "DATE",
    }
}

impl Session {
    /// Opens an empty database. It may use files until [`Session::seal`] is called.
    pub fn open() -> Outcome<Session> {
        let connection = Config::default()
            .enable_autoload_extension(false)
            .and_then(|config| config.threads(1))
            .and_then(|config| config.max_memory("1400MB"))
            .and_then(|config| config.with("temp_directory", ""))
            .and_then(|config| config.with("errors_as_json", "true"))
            .and_then(Connection::open_in_memory_with_flags)
            .map_err(|error| internal("open the database", &error))?;
        let memory = functions::Memory::default();
        functions::register_all(&connection, &memory).map_err(|error| internal("register the functions", &error))?;
        let interrupt = Interrupt::default();
        interrupt.watch(&connection);
        Ok(Session {
            connection: Mutex::new(connection),
            interrupt,
            volatile: OnceLock::new(),
            shelf: Shelf::default(),
            parses: Arc::default(),
            memory,
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another connection to the same database, for another thread.
    pub fn another(&self) -> Outcome<Session> {
        let connection = self.connection().try_clone().map_err(|error| internal("open a connection", &error))?;
        self.interrupt.watch(&connection);
        Ok(Session {
            connection: Mutex::new(connection),
            interrupt: self.interrupt.clone(),
            volatile: self.volatile.clone(),
            shelf: Arc::clone(&self.shelf),
            parses: Arc::clone(&self.parses),
            memory: self.memory.clone(),
        })
    }

    /// Does the same work for several items on so many threads, each with a connection of its own. The results are in
    /// the order of the items.
    pub fn side_by_side<I: Sync, T: Send>(
        &self,
        items: &[I],
        threads: usize,
        work: &(dyn Fn(&I, &Session) -> Outcome<T> + Sync),
    ) -> Outcome<Vec<Outcome<T>>> {
        let next = AtomicUsize::new(0);
        let sessions: Vec<Session> =
            (0..threads.clamp(1, items.len().max(1))).map(|_| self.another()).collect::<Outcome<_>>()?;
        let take = |session: Session| {
            let taken = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < items.len());
            std::iter::from_fn(taken).map(|at| (at, work(&items[at], &session))).collect::<Vec<_>>()
        };
        let mut done: Vec<(usize, Outcome<T>)> = std::thread::scope(|scope| {
            let workers: Vec<_> = sessions.into_iter().map(|session| scope.spawn(|| take(session))).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        });
        done.sort_unstable_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }

    /// A handle that stops this session's work.
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// The problem to report if the work has been stopped.
    pub fn unless_stopped(&self) -> Outcome<()> {
        match self.interrupt.0.stopped.load(Ordering::Relaxed) {
            true => Err(Diagnostic::fault("interrupted", "stopped; nothing was published").into()),
            false => Ok(()),
        }
    }

    /// From here on no query may touch a file outside the folder given, nor change the settings.
    pub fn seal(&self, allowed: Option<&Path>) -> Outcome<()> {
        let folders = allowed.map(|folder| literal(&folder.to_string_lossy())).unwrap_or_default();
        let sql = format!(
            "SET allowed_directories=[{folders}]; SET enable_external_access=false; SET lock_configuration=true;"
        );
        Ok(self.connection().execute_batch(&sql).map_err(|error| internal("lock the database", &error))?)
    }

    /// The version of DuckDB.
    pub fn version(&self) -> String {
        self.connection().version().unwrap_or_else(|_| "unknown".into())
    }

    /// Makes a table and fills it. Each row is as long as `columns`.
    pub fn create_table<'r>(
        &self,
        name: &str,
        columns: &[(String, ColumnType)],
        rows: impl IntoIterator<Item = &'r [Scalar]>,
    ) -> Outcome<()> {
        let rows = rows.into_iter().map(|row| row.iter().map(rows::parameter).collect());
        self.fill(name, columns, rows)
    }

    /// Makes a table and fills it, column by column, with as many rows as each column has values.
    pub fn create_table_of(&self, name: &str, columns: &[(String, Cells<'_>)]) -> Outcome<()> {
        /// How many rows are handed over together.
        const TOGETHER: usize = 16 * 2048;
        let kinds: Vec<(String, ColumnType)> =
            columns.iter().map(|(name, cells)| (name.clone(), cells.kind())).collect();
        let doing = format!("fill the table {name}");
        let connection = self.connection();
        connection.execute_batch(&declaration(name, &kinds)).map_err(|error| internal(&doing, &error))?;
        let mut appender = connection.appender(name).map_err(|error| internal(&doing, &error))?;
        let height = columns.iter().map(|(_, cells)| cells.len()).min().unwrap_or(0);
        for start in (0..height).step_by(TOGETHER) {
            let batch = cells::batch(columns, start..height.min(start + TOGETHER))
                .map_err(|error| Diagnostic::fault("database", format!("could not {doing}: {error}")))?;
            appender.append_record_batch(batch).map_err(|error| internal(&doing, &error))?;
        }
        Ok(appender.flush().map_err(|error| internal(&doing, &error))?)
    }

    fn fill(
        &self,
        name: &str,
        columns: &[(String, ColumnType)],
        rows: impl Iterator<Item = Vec<duckdb::types::Value>>,
    ) -> Outcome<()> {
        let doing = format!("fill the table {name}");
        let connection = self.connection();
        connection.execute_batch(&declaration(name, columns)).map_err(|error| internal(&doing, &error))?;
        let mut appender = connection.appender(name).map_err(|error| internal(&doing, &error))?;
        for row in rows {
            let values = duckdb::appender_params_from_iter(row);
            appender.append_row(values).map_err(|error| internal(&doing, &error))?;
        }
        Ok(appender.flush().map_err(|error| internal(&doing, &error))?)
    }

    /// What a query reads, from DuckDB's own parser. Refuses anything but one `SELECT`.
    pub fn lineage(&self, sql: &str) -> Result<Lineage, SqlError> {
        let known = self.parses.known(sql);
        match known {
            Some(known) => Ok(known),
            None => {
                let lineage = self.parse(sql)?;
                self.parses.note(sql, &lineage);
                Ok(lineage)
            }
        }
    }

    /// From here on, answers of functions that draw at random are kept here.
    pub fn keep_answers(&self, answers: Box<dyn Answers>) {
        self.memory.keep_in(answers);
    }

    /// Queries that have been parsed before, so that they need not be again.
    pub fn parses(&self) -> &Parses {
        &self.parses
    }

    fn parse(&self, sql: &str) -> Result<Lineage, SqlError> {
        let parsed = self.parsed(sql)?;
        let mut lineage = lineage::read(&parsed, &self.volatile()?)?;
        // From the tree and not from the text, which would be parsed once more.
        let canonical: String = self
            .connection()
            .query_row("SELECT json_deserialize_sql(?::JSON)", [&parsed], |row| row.get(0))
            .map_err(|error| SqlError::from_duckdb(&error, 0))?;
        lineage.canonical = canonical::lay_out(&canonical);
        Ok(lineage)
    }

    /// Where the columns of a query's result, named in order, come from.
    pub fn origins(&self, sql: &str, outputs: &[String], columns_of: ColumnsOf<'_>) -> Result<Origins, SqlError> {
        let answer = serde_json::from_str(&self.parsed(sql)?)
            .map_err(|error| SqlError::plain(format!("the query cannot be read: {error}")))?;
        Ok(columns::read(sql, &answer, outputs, columns_of))
    }

    /// Where a query's answer hangs on the order in which rows happen to come. Each of `keys` identifies a row of its
    /// result.
    pub fn hazards(&self, sql: &str, catalogue: &Catalogue, keys: &[Vec<String>]) -> Result<Vec<Hazard>, SqlError> {
        order::hazards(&self.parsed(sql)?, catalogue, keys)
    }

    /// A query as DuckDB's parser sees it, in JSON.
    fn parsed(&self, sql: &str) -> Result<String, SqlError> {
        self.connection()
            .query_row("SELECT json_serialize_sql(?::VARCHAR)", [sql], |row| row.get(0))
            .map_err(|error| SqlError::from_duckdb(&error, 0))
    }

    /// Names of functions whose answer changes from run to run, such as `random` and `now`, as DuckDB declares them.
    fn volatile(&self) -> Result<BTreeSet<String>, SqlError> {
        if let Some(known) = self.volatile.get() {
            return Ok(known.clone());
        }
        let sql = "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')";
        let run = || -> duckdb::Result<BTreeSet<String>> {
            let connection = self.connection();
            let mut statement = connection.prepare(sql)?;
            let names = statement.query_map([], |row| row.get(0))?;
            names.collect()
        };
        let names = run().map_err(|error| SqlError::from_duckdb(&error, 0))?;
        Ok(self.volatile.get_or_init(|| names).clone())
    }

    /// Writes a table as Parquet and drops it. Gives the number of rows, and the names and types of the columns.
    pub fn export(&self, table: &str, path: &Path) -> Result<(u64, Vec<(String, String)>), SqlError> {
        self.save_parquet(table, path)?;
        let counted = self.height(table)?;
        let columns = self.describe(&format!("SELECT * FROM {}", quoted(table)))?;
        self.connection()
            .execute_batch(&format!("DROP TABLE {}", quoted(table)))
            .map_err(|error| SqlError::from_duckdb(&error, 0))?;
        Ok((counted, columns))
    }

    /// Runs a query and keeps its result as a table, in the order of the named columns, or as the query orders it.
    pub fn materialise(&self, name: &str, sql: &str, order: &[String]) -> Result<u64, SqlError> {
        let before =
            format!("CREATE OR REPLACE TABLE {} AS SELECT {} FROM (", quoted(name), terms(&self.stable_columns(sql)?));
        let statement = format!("{before}{sql}\n){}", ordering(order));
        self.connection().execute_batch(&statement).map_err(|error| SqlError::from_duckdb(&error, before.len()))?;
        self.height(name)
    }

    /// Number of rows of a query's result.
    pub fn count(&self, sql: &str) -> Result<u64, SqlError> {
        self.unshelve()?;
        let before = "SELECT count(*) FROM (";
        self.connection()
            .query_row(&format!("{before}{sql}\n)"), [], |row| row.get(0))
            .map_err(|error| SqlError::from_duckdb(&error, before.len()))
    }

    /// Number of rows of a table.
    fn height(&self, table: &str) -> Result<u64, SqlError> {
        self.count(&format!("SELECT * FROM {}", quoted(table)))
    }

    /// The names and DuckDB types of a query's columns.
    pub fn describe(&self, sql: &str) -> Result<Vec<(String, String)>, SqlError> {
        self.unshelve()?;
        let before = "DESCRIBE SELECT * FROM (";
        let run = || -> duckdb::Result<Vec<(String, String)>> {
            let connection = self.connection();
            let mut statement = connection.prepare(&format!("{before}{sql}\n)"))?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        run().map_err(|error| SqlError::from_duckdb(&error, before.len()))
    }

    /// The result of a query as a frame.
    pub fn frame(&self, sql: &str) -> Result<Frame, SqlError> {
        self.unshelve()?;
        self.read(sql)
    }

    /// The result of a query whose tables are open.
    fn read(&self, sql: &str) -> Result<Frame, SqlError> {
        if let Some(frame) = rows::read_plain(&self.connection(), sql)? {
            return Ok(frame);
        }
        let columns = self.describe(sql)?;
        rows::read(&self.connection(), sql, &columns)
    }

    /// A whole table as a frame, in its own order.
    pub fn table(&self, name: &str) -> Result<Frame, SqlError> {
        self.unshelve_where(|known| known.eq_ignore_ascii_case(name))?;
        self.read(&format!("SELECT * FROM {}", quoted(name)))
    }

    /// Writes a table as Parquet.
    pub fn save_parquet(&self, table: &str, path: &Path) -> Result<(), SqlError> {
        let target = literal(&path.to_string_lossy());
        let sql = format!("COPY (SELECT * FROM {}) TO {target} (FORMAT parquet, COMPRESSION zstd)", quoted(table));
        self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0))
    }

    /// Makes a table from a Parquet file.
    pub fn load_parquet(&self, table: &str, path: &Path) -> Result<u64, SqlError> {
        let source = literal(&path.to_string_lossy());
        let sql = format!("CREATE OR REPLACE TABLE {} AS SELECT * FROM read_parquet({source})", quoted(table));
        self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0))?;
        self.height(table)
    }

    /// Makes a table from a CSV file, its types found by DuckDB.
    pub fn load_csv(&self, table: &str, path: &Path) -> Result<u64, SqlError> {
        let source = literal(&path.to_string_lossy());
        let sql = format!("CREATE OR REPLACE TABLE {} AS SELECT * FROM read_csv({source})", quoted(table));
        self.connection().execute_batch(&sql).map_err(|error| SqlError::from_duckdb(&error, 0))?;
        self.height(table)
    }

    /// A table as the bytes of a Parquet file. Needs no folder that the session may write to: another
    /// session, which holds nothing but this table, writes it to a temporary file.
    pub fn parquet_bytes(&self, table: &str) -> Result<Vec<u8>, SqlError> {
        let plain = |words: String| SqlError::plain(format!("could not write Parquet: {words}"));
        let frame = self.table(table)?;
        let other = Session::open().map_err(|problems| plain(problems.to_string()))?;
        let names = frame.names();
        let columns: Vec<(String, ColumnType)> =
            names.iter().enumerate().map(|(at, name)| ((*name).to_string(), frame.column_type(at))).collect();
        let rows: Vec<Vec<Scalar>> =
            (0..frame.height()).map(|row| (0..names.len()).map(|column| frame.value(row, column)).collect()).collect();
        other
            .create_table(table, &columns, rows.iter().map(Vec::as_slice))
            .map_err(|problems| plain(problems.to_string()))?;
        let folder = tempfile::tempdir().map_err(|error| plain(error.to_string()))?;
        let path = folder.path().join("result.parquet");
        other.save_parquet(table, &path)?;
        std::fs::read(&path).map_err(|error| plain(error.to_string()))
    }

    /// The content of a Parquet file.
    pub fn read_parquet(&self, path: &Path) -> Result<Frame, SqlError> {
        self.frame(&format!("SELECT * FROM read_parquet({})", literal(&path.to_string_lossy())))
    }
}

/// Rewrites a CSV file as Parquet, types found by DuckDB. For generators of demonstration data.
pub fn csv_to_parquet(csv: &Path, parquet: &Path) -> Outcome<()> {
    let session = Session::open()?;
    let sql = format!(
        "COPY (SELECT * FROM read_csv({})) TO {} (FORMAT parquet, COMPRESSION zstd)",
        literal(&csv.to_string_lossy()),
        literal(&parquet.to_string_lossy())
    );
    Ok(session.connection().execute_batch(&sql).map_err(|error| internal("write Parquet", &error))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_statement_is_cut_and_a_semicolon_in_a_text_is_not() {
        assert_eq!(statement("SELECT 1; -- done\n;\n/* x */ "), "SELECT 1");
        assert_eq!(statement("SELECT ';' AS a"), "SELECT ';' AS a");
        assert_eq!(statement("SELECT 1; SELECT 2"), "SELECT 1; SELECT 2");
        assert_eq!(statement("SELECT 1 -- a;b\n"), "SELECT 1 -- a;b");
    }

    #[test]
    fn a_result_has_the_same_types_kept_and_fresh() {
        let session = Session::open().unwrap();
        session.materialise("t", "SELECT sum(x) AS total FROM range(4) AS r(x)", &[]).unwrap();
        assert_eq!(session.describe("SELECT * FROM t").unwrap(), [("total".to_string(), "BIGINT".to_string())]);
    }

    #[test]
    fn a_frame_of_plain_columns_is_the_same_as_one_of_cast_ones() {
        let session = Session::open().unwrap();
        let plain =
            "SELECT true a, 1::INTEGER b, 2::BIGINT c, 0.1::DOUBLE d, 'e' e, DATE '2026-01-01' f, NULL::VARCHAR g";
        let columns = session.describe(plain).unwrap();
        let cast = rows::read(&session.connection(), plain, &columns).unwrap();
        let read = rows::read_plain(&session.connection(), plain).unwrap().unwrap();
        assert_eq!(read.names(), cast.names());
        for at in 0..columns.len() {
            assert_eq!(
                (read.column_type(at), read.value(0, at)),
                (cast.column_type(at), cast.value(0, at)),
                "column {at}"
            );
        }
        assert!(rows::read_plain(&session.connection(), "SELECT 1::DECIMAL(9, 2) a").unwrap().is_none());
        assert!(rows::read_plain(&session.connection(), "SELECT nothing FROM nowhere").is_err());
    }
}
