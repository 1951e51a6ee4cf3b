//! `candour sql`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::BookOptions;
use super::progress::Progress;
use super::table::{Format, write_frame};
use super::{Done, print_problems, put};
use crate::book::BOOK_FILE;
use crate::book::naming::is_table_name;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::duck::{Session, SqlError, statement};

/// Run a query of your own
///
/// The query sees the same functions and keeps to the same limits as the book's cells. With --table it
/// reads files that you name, and no book is needed; otherwise it sees the cells and sources of the book.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour sql \"SELECT region, avg(score) FROM scores GROUP BY ALL ORDER BY ALL\"
  candour sql \"SELECT * FROM t ORDER BY ALL LIMIT 3\" --table t=units.csv
  candour sql - < query.sql")]
pub(super) struct Sql {
    #[command(flatten)]
    book: BookOptions,
    /// One SELECT, or - to read it from standard input
    #[arg(value_name = "QUERY")]
    query: String,
    /// A CSV or Parquet file to read as a table
    #[arg(long, value_name = "NAME=FILE", value_parser = named_file)]
    table: Vec<(String, PathBuf)>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if is_table_name(name) && !file.is_empty() => Ok((name.to_string(), PathBuf::from(file))),
        Some((name, _)) if !is_table_name(name) => {
            Err(format!("`{name}` cannot name a table: use lower-case letters, digits and underscores"))
        }
        _ => Err("write it as NAME=FILE".to_string()),
    }
}

/// The table that holds the result.
const RESULT: &str = "result_of_query";

impl Sql {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let query = self.text()?;
        let problem = |error: &SqlError| sql_problem(&query, error);
        let session = if self.table.is_empty() && self.book.book.join(BOOK_FILE).is_file() {
            self.book_session(&query)?
        } else {
            self.file_session()?
        };
        session.lineage(&query).map_err(|error| problem(&error))?;
        session.materialise(RESULT, statement(&query), &[]).map_err(|error| problem(&error))?;
        put(&write_frame(&session, RESULT, self.format, &[]).map_err(|error| problem(&error))?)?;
        Ok(Problems::none())
    }

    fn text(&self) -> Outcome<String> {
        if self.query != "-" {
            return Ok(self.query.clone());
        }
        std::io::read_to_string(std::io::stdin())
            .map_err(|error| Diagnostic::fault("io", format!("could not read standard input: {error}")).into())
    }

    /// The book's own session, with the cells that the query reads.
    fn book_session(&self, query: &str) -> Outcome<Session> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        let lineage = notebook.session.lineage(query).map_err(|error| sql_problem(query, &error))?;
        let wanted = lineage.reads.iter().flat_map(|read| notebook.graph.needed_for(&read.name)).collect();
        notebook.run(Some(&wanted), &progress)?;
        Ok(notebook.session)
    }

    /// A session with the files that were named, and nothing else.
    fn file_session(&self) -> Outcome<Session> {
        let session = Session::open()?;
        for (name, file) in &self.table {
            load(&session, name, file)?;
        }
        session.seal(None)?;
        Ok(session)
    }
}

fn load(session: &Session, name: &str, file: &Path) -> Outcome<()> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let loaded = match ending.as_deref() {
        Some("parquet") => session.load_parquet(name, file),
        Some("csv" | "tsv" | "txt") => session.load_csv(name, file),
        _ => Err(SqlError::plain("a table's file must end in .csv, .tsv, .txt or .parquet")),
    };
    loaded.map(drop).map_err(|error| {
        let words = format!("could not read {} as table `{name}`: {}", file.display(), error.message);
        error.hinting(Diagnostic::fault("sql-table", words)).into()
    })
}

fn sql_problem(query: &str, error: &SqlError) -> Problems {
    error.problem("the query", query).into()
}
