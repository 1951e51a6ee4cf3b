//! A book opened with its data: sources read, cells found, results at hand.
//!
//! Every command that computes something works on a notebook, so that each sees the same tables,
//! the same functions and the same limits.

mod sources;
mod withheld;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::book::{Book, DataFolders, joined_notices};
use crate::cell::{Cache, CellPlan, Graph, Results, check_determinism, plan_cells, run_cells};
use crate::diagnostic::{Outcome, Problems};
use crate::duck::Session;
use crate::frame::{ColumnType, Scalar};
use crate::pack::{Library, TableNotes};
use crate::source::{self, SourceTable};

/// How to open a book.
#[derive(Clone, Debug)]
pub struct Options {
    /// The book's folder.
    pub book: PathBuf,
    /// The data folders, if not the book's own.
    pub data: Vec<PathBuf>,
    /// The folder for kept results; none to compute everything anew and keep nothing.
    pub cache: Option<PathBuf>,
    /// Whether any reject stops the work.
    pub strict: bool,
    /// Number of threads.
    pub threads: usize,
    /// The day whose knowledge counts, if not the edition's.
    pub as_of: Option<Date>,
}

/// Told of steps as they are done.
pub trait Watcher: Sync {
    /// So many steps of a kind are to come.
    fn begin(&self, what: &str, steps: usize);
    /// One step is done.
    fn step(&self, name: &str);
    /// The kind of step is done.
    fn end(&self);
}

/// A book opened with its data.
pub struct Notebook {
    /// The book.
    pub book: Book,
    /// The data folders.
    pub data: DataFolders,
    /// Sources, in the order of the book.
    pub sources: Vec<SourceTable>,
    /// Cells.
    pub graph: Graph,
    /// Results of the cells that have been run.
    pub results: Results,
    /// The database.
    pub session: Session,
    /// Kept results.
    pub cache: Cache,
    /// Warnings so far.
    pub warnings: Problems,
    /// Content hashes of every table that is not a cell's.
    outside: BTreeMap<String, String>,
    /// Hashes of what lies behind tables, once asked for.
    about: Mutex<BTreeMap<String, String>>,
    threads: usize,
}

impl Notebook {
    /// Opens a book: reads its settings, sources and cells. Runs nothing.
    pub fn open(options: &Options, watcher: &dyn Watcher) -> Outcome<Notebook> {
        let mut book = Book::open(&options.book)?;
        book.edition.as_of = options.as_of.unwrap_or(book.edition.date);
        let data = data_folders(&book, &options.data)?;
        let cache = options.cache.as_deref().map_or_else(Cache::temporary, Cache::open)?;
        let session = Session::open()?;
        session.keep_answers(Box::new(cache.clone()));
        let parses = parses_name(&session);
        session.parses().recall(cache.note("tests", &parses).unwrap_or_default());
        let mut problems = Problems::none();
        let graph = || Graph::read(&book, &session, options.threads);
        let read = || sources::read_all(&book, &data, &session, &cache, options, watcher);
        // One large file keeps one thread busy for long: meanwhile the others read the queries.
        let (graph, read) = match options.threads {
            1 => (graph(), read()),
            _ => std::thread::scope(|scope| {
                let graph = scope.spawn(graph);
                let read = read();
                (graph.join().unwrap_or_else(|panic| resume_unwind(panic)), read)
            }),
        };
        let (graph, read) = (problems.absorb(graph), problems.absorb(read));
        let (Some(graph), Some(read)) = (graph, read) else { return Err(problems) };
        let mut outside = register_book(&book, &session)?;
        let notes = source::register_notes(&read.tables, &session)?;
        outside.extend(notes.map(|(name, hash)| (name.to_string(), hash)));
        outside.extend(read.contents);
        let (sources, warnings) = (read.tables, read.warnings);
        session.seal(Some(cache.folder()))?;
        let results = Results::default();
        Ok(Notebook {
            book,
            data,
            sources,
            graph,
            results,
            session,
            cache,
            warnings,
            outside,
            about: Mutex::default(),
            threads: options.threads,
        })
    }

    /// Runs cells: all of them, or those wanted and what they read.
    pub fn run(&mut self, wanted: Option<&BTreeSet<String>>, watcher: &dyn Watcher) -> Outcome<()> {
        let steps = wanted.map_or(self.graph.cells.len(), BTreeSet::len);
        watcher.begin("cells", steps);
        let progress = |name: &str| watcher.step(name);
        let results = run_cells(
            &self.graph,
            &self.session,
            &self.outside,
            &self.cache,
            self.book.edition.date,
            wanted,
            self.threads,
            &progress,
        );
        watcher.end();
        self.results = results?;
        withheld::check(self).or(())?;
        if let Some(parses) = self.session.parses().to_keep().filter(|_| wanted.is_none()) {
            self.cache.keep_note("tests", &parses_name(&self.session), &parses)?;
        }
        Ok(())
    }

    /// Warnings about cells whose answer hangs on the order in which rows happen to come. Run the cells first.
    pub fn check_determinism(&self) -> Problems {
        check_determinism(&self.book, &self.graph, &self.session)
    }

    /// The words that a page must carry that shows values of some tables: what the folders say whose files are behind
    /// them. Where nothing says which files are, and of one folder always, all that is said.
    pub fn notice(&self, tables: &BTreeSet<String>) -> String {
        let all = self.data.notices();
        if self.data.folders().len() == 1 || all.is_empty() {
            return joined_notices(&all);
        }
        let upstream = self.upstream(tables);
        let behind = self.sources.iter().filter(|source| upstream.contains(&source.contract.name));
        let files: Vec<_> = behind.flat_map(|source| &source.files).collect();
        match files.is_empty() {
            true => joined_notices(&all),
            false => joined_notices(&files.iter().filter_map(|file| file.notice.as_deref()).collect()),
        }
    }

    /// Which cells a run would compute.
    pub fn plan(&self) -> CellPlan {
        plan_cells(&self.graph, &self.session, &self.outside, &self.cache)
    }

    /// Everything that templates can read.
    pub fn library(&self) -> Outcome<Arc<Library>> {
        let mut notes: BTreeMap<String, TableNotes> = BTreeMap::new();
        for name in self.outside.keys() {
            let grain: &[&str] = match name.as_str() {
                "source_files" => &["source", "file"],
                "source_rejects" => &["source", "file", "line", "column_name", "rule"],
                _ => &[],
            };
            let grain = grain.iter().map(|column| (*column).to_string()).collect();
            notes.insert(name.clone(), TableNotes { grain, ..TableNotes::default() });
        }
        for source in &self.sources {
            notes.insert(source.contract.name.clone(), source_notes(source));
        }
        for name in self.results.cells.keys() {
            let front = &self.graph.cells[name].front;
            let own = TableNotes {
                grain: front.grain.clone(),
                columns: front.columns.clone(),
                claim: front.claim.clone(),
                title: front.title.clone(),
                description: front.description.clone(),
            };
            notes.insert(name.clone(), own);
        }
        Ok(Arc::new(Library::new(self.session.another()?, notes)))
    }

    /// The content hash of a cell's, source's or other table.
    pub fn content(&self, name: &str) -> Option<&str> {
        let cell = self.results.cells.get(name).map(|result| result.kept.content.as_str());
        cell.or_else(|| self.outside.get(name).map(String::as_str))
    }

    /// The content hashes of the tables that are neither cells nor sources: rule tables, parameters, and what is known
    /// of the sources.
    pub fn rule_contents(&self) -> BTreeMap<String, String> {
        let source = |name: &str| self.sources.iter().any(|source| source.contract.name == name);
        self.outside.iter().filter(|(name, _)| !source(name)).map(|(name, hash)| (name.clone(), hash.clone())).collect()
    }

    /// Versions of the program and of what it is made of.
    pub fn tool(&self) -> BTreeMap<String, String> {
        let versions = [
            ("candour", env!("CARGO_PKG_VERSION").to_string()),
            ("duckdb", self.session.version()),
            ("typst", crate::typeset::TYPST_VERSION.to_string()),
        ];
        versions.map(|(name, version)| (name.to_string(), version)).into()
    }

    /// Hash of what lies behind a table besides its values: the queries and their tests, and what is known of the
    /// sources.
    pub fn about(&self, name: &str) -> String {
        let mut known = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known.get(name) {
            return hash.clone();
        }
        let tables = self.upstream(&BTreeSet::from([name.to_string()]));
        let behind = (crate::edition::sources(self, &tables), crate::edition::cells(self, &tables));
        let hash = crate::sha256(&serde_json::to_vec(&behind).unwrap_or_default());
        known.insert(name.to_string(), hash.clone());
        hash
    }

    /// Tables that some tables depend on, themselves among them.
    pub fn upstream(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = names.iter().cloned().collect();
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                open.extend(self.graph.reads(&name).into_iter().map(str::to_string));
            }
        }
        found
    }
}

/// The name under which parsed queries are kept: another version of the parser may say other things.
fn parses_name(session: &Session) -> String {
    format!("parses-{}-{}", session.version(), crate::SOURCE_HASH.get(..16).unwrap_or_default())
}

/// The data folders: those given, or the book's own.
pub fn data_folders(book: &Book, given: &[PathBuf]) -> Outcome<DataFolders> {
    match given {
        [] => DataFolders::open(&[book.root.join("data")]),
        given => DataFolders::open(given),
    }
}

fn source_notes(source: &SourceTable) -> TableNotes {
    let columns = source.contract.columns.iter().map(|column| crate::cell::ColumnNote {
        name: column.name.clone(),
        unit: column.unit.clone(),
        meaning: column.meaning.clone(),
        decimals: None,
        withheld: None,
    });
    let mut grain = source.contract.key.clone();
    if source.contract.keep_versions {
        grain.extend(["_vintage".to_string(), "_status".to_string()]);
    }
    let title = source.contract.publication.clone();
    TableNotes { grain, columns: columns.collect(), title, ..TableNotes::default() }
}

/// Puts parameters and rule tables into the database. Returns their fingerprints.
fn register_book(book: &Book, session: &Session) -> Outcome<BTreeMap<String, String>> {
    let mut fingerprints = BTreeMap::new();
    let own = [
        ("edition_name".to_string(), Scalar::Text(book.edition.name.clone())),
        ("edition_date".to_string(), Scalar::Date(book.edition.date)),
        ("as_of".to_string(), Scalar::Date(book.edition.as_of)),
        ("seed".to_string(), Scalar::Integer(i64::try_from(book.edition.seed).unwrap_or(i64::MAX))),
    ];
    let (names, values): (Vec<String>, Vec<Scalar>) = book.parameters.iter().cloned().chain(own).unzip();
    let tables = book.tables.iter().map(|rules| (&*rules.name, rules.columns.clone(), rules.rows.clone()));
    for (name, columns, rows) in tables.chain([("parameters", names, vec![values])]) {
        fingerprints.insert(name.to_string(), register_rows(name, &columns, &rows, session)?);
    }
    Ok(fingerprints)
}

fn register_rows(name: &str, columns: &[String], rows: &[Vec<Scalar>], session: &Session) -> Outcome<String> {
    let typed: Vec<(String, ColumnType)> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| (column.clone(), column_type(rows.iter().map(|row| &row[at]))))
        .collect();
    session.create_table(name, &typed, rows.iter().map(Vec::as_slice))?;
    Ok(crate::hex(&Sha256::digest(format!("{columns:?}\n{rows:?}"))))
}

/// The type that holds all values of a column.
fn column_type<'v>(values: impl Iterator<Item = &'v Scalar>) -> ColumnType {
    let mut found = None;
    for value in values {
        let kind = match value {
            Scalar::Missing | Scalar::Suppressed(_) => continue,
            Scalar::Boolean(_) => ColumnType::Boolean,
            Scalar::Integer(_) if found == Some(ColumnType::Number) => ColumnType::Number,
            Scalar::Integer(_) => ColumnType::Integer,
            Scalar::Number(_) => ColumnType::Number,
            Scalar::Text(_) => ColumnType::Text,
            Scalar::Date(_) => ColumnType::Date,
        };
        found = Some(kind);
    }
    found.unwrap_or(ColumnType::Text)
}
