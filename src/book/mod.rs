//! A book: a folder with `candour.toml`, `queries/`, `report-templates/` and `data/`.
//!
//! This module reads what the book declares. It does not read data, run queries or fill templates.

mod contract;
mod data;
mod diff_rule;
mod fetch_rule;
mod files;
mod lints;
pub mod naming;
mod pre_release;
pub mod settings;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

pub use contract::{
    CONFIDENTIAL, Comparison, Contract, Disclosure, Encoding, Every, Layout, Origin, PackDisclosure, Reader, RowRule,
    RowsWhere, STATUSES, Series, SourceColumn, Total, Unpivot, VersionRule,
};
pub use data::{DataFolder, DataFolders, DataNotice, joined_notices};
pub use diff_rule::DiffRule;
pub use fetch_rule::{FetchFrom, FetchRule, Take, address_problem, file_name_problem, is_loopback};
pub use files::{BookFile, list_files, read_within, resolve_within};
pub use lints::{Answer, Forbidden, Lints, Need, Within};
use naming::{is_folder_name, is_table_name};
pub use pre_release::PreReleaseRule;
use settings::{Document, Table};

use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};
use crate::frame::Scalar;

/// The file that makes a folder a book.
pub const BOOK_FILE: &str = "candour.toml";
/// The folder of SQL cells.
pub const QUERIES: &str = "queries";
/// The folder of templates.
pub const TEMPLATES: &str = "report-templates";

/// The ending of templates of plain text, and of what they give.
pub const TEXT_ENDING: &str = ".txt";

/// Tables that the engine makes for every book.
pub const ENGINE_TABLES: [&str; 3] = ["parameters", "source_files", "source_rejects"];

/// Columns that the engine adds to the table of parameters.
pub const ENGINE_PARAMETERS: [&str; 4] = ["edition_name", "edition_date", "seed", "as_of"];

/// The edition that a build of the book makes.
#[derive(Clone, Debug, Serialize)]
pub struct Edition {
    /// Folder name under the output folder.
    pub name: String,
    /// The edition's date: the only date a build knows.
    #[serde(serialize_with = "as_text")]
    pub date: Date,
    /// The day whose knowledge counts: what was published later is left out by queries that ask. The edition's date,
    /// unless the person who builds says otherwise.
    #[serde(serialize_with = "as_text")]
    pub as_of: Date,
    /// Seed of everything random.
    pub seed: u64,
    /// The day after which the packs should not be used.
    #[serde(serialize_with = "maybe_as_text", skip_serializing_if = "Option::is_none")]
    pub use_until: Option<Date>,
}

/// A rule table declared in the book: a table in SQL.
#[derive(Clone, Debug)]
pub struct RuleTable {
    /// Table name.
    pub name: String,
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Scalar>>,
}

/// A pack: one template applied to one row of a cell, or once.
#[derive(Clone, Debug)]
pub struct PackRule {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Template file under `report-templates/`.
    pub template: String,
    /// The cell that has one row for each pack; a pack without it is made once.
    pub for_each: Option<String>,
    /// The column that names each pack.
    pub key: Option<String>,
    /// File name under the edition's folder, with `{column}` for values of the row.
    pub file: String,
    /// What the pack is for.
    pub about: String,
    /// Template under `report-templates/` of a plain text that is written beside the PDF.
    pub text: Option<String>,
    /// Whether it is made only where it is asked for by its name.
    pub on_request: bool,
    /// Whether its figures have been given in public: one that is restated needs a correction.
    pub published_answer: bool,
    /// Whether it is in order that its cell has no rows, and so no pack of it is made.
    pub may_be_empty: bool,
    /// Whether its tables are also made as spreadsheets and as CSV, beside the PDF.
    pub sheets: bool,
    /// Which counts of people it may show.
    pub disclosure: Option<PackDisclosure>,
}

/// What a book declares.
#[derive(Clone, Debug)]
pub struct Book {
    /// The folder.
    pub root: PathBuf,
    /// Title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Language tag, such as `en-GB`.
    pub language: String,
    /// Names printed as authors.
    pub authors: Vec<String>,
    /// The template of the page that ends every pack and says how it was made.
    pub evidence: Option<String>,
    /// Words at the head of every page that say how it is to be handled; empty for none.
    pub marking: String,
    /// How copies are marked that are given out before publication.
    pub pre_release: Option<PreReleaseRule>,
    /// The edition to build.
    pub edition: Edition,
    /// Parameters, in the order of the file.
    pub parameters: Vec<(String, Scalar)>,
    /// Rule tables.
    pub tables: Vec<RuleTable>,
    /// Sources.
    pub sources: Vec<Contract>,
    /// Packs.
    pub packs: Vec<PackRule>,
    /// Brand: passed to templates.
    pub brand: Vec<(String, Scalar)>,
    /// What the lints of templates and pages look for.
    pub lints: Lints,
    /// How editions are compared.
    pub diff: DiffRule,
}

fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

fn maybe_as_text<S: serde::Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

impl Book {
    /// Reads `candour.toml` of the book in a folder.
    pub fn open(root: &Path) -> Outcome<Book> {
        let path = root.join(BOOK_FILE);
        if !path.is_file() {
            return Err(Diagnostic::fault("book-not-found", format!("no {BOOK_FILE} in {}", root.display()))
                .help("run the command in a book's folder, or name one with --book")
                .help("`candour new DIR` makes a small working book")
                .into());
        }
        let text = read_within(root, BOOK_FILE)?.text()?;
        let root = root.canonicalize().map_err(|error| io_problem("open", root, &error))?;
        Document::whole(BOOK_FILE, text).read(|table| read_book(root, table))
    }

    /// A pack by name.
    pub fn pack(&self, name: &str) -> Outcome<&PackRule> {
        let names: Vec<&str> = self.packs.iter().map(|pack| pack.name.as_str()).collect();
        self.packs.iter().find(|pack| pack.name == name).ok_or_else(|| {
            let problem = Diagnostic::fault("pack-unknown", format!("the book has no pack `{name}`"));
            match naming::nearest(name, &names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("its packs are: {}", names.join(", "))),
            }
            .into()
        })
    }
}

fn read_book(root: PathBuf, table: &Table<'_>) -> Option<Book> {
    let about = required_table(table, "book")?;
    let title = about.text("title");
    let description = about.optional_text("description").unwrap_or_default();
    let language = about.optional_text("language").unwrap_or_else(|| "en-GB".to_string());
    let authors = about.texts("authors");
    let evidence = about.optional_text("evidence");
    let marking = about.optional_text("marking").unwrap_or_default();
    about.finish();
    let edition = read_edition(table);
    let parameters = read_scalars(table, "parameters");
    let tables = read_rule_tables(table);
    let sources = named_tables(table, "sources", contract::read_contract);
    let packs = named_tables(table, "packs", read_pack);
    let brand = read_scalars(table, "brand");
    let lints = table.optional_table("lints").map(|table| lints::read_lints(&table)).unwrap_or_default();
    let pre_release = table.optional_table("pre_release").and_then(|rule| pre_release::read(&rule));
    let diff = table.optional_table("diff").map(|diff| diff_rule::read(&diff)).unwrap_or_default();
    report_clashes(table, &tables, &sources);
    Some(Book {
        root,
        title: title?,
        description,
        language,
        authors,
        evidence,
        marking,
        pre_release,
        edition: edition?,
        parameters,
        tables,
        sources,
        packs,
        brand,
        lints,
        diff,
    })
}

fn required_table<'a>(table: &Table<'a>, key: &str) -> Option<Table<'a>> {
    let found = table.optional_table(key);
    if found.is_none() {
        table.report(
            Diagnostic::fault("settings-missing-key", format!("table `[{key}]` is missing")).in_file(BOOK_FILE),
        );
    }
    found
}

fn read_edition(table: &Table<'_>) -> Option<Edition> {
    let edition = required_table(table, "edition")?;
    let name = edition.text("name");
    for (ending, what) in
        [("-part", "builds of single packs"), ("-draft", "drafts"), ("-pre-release", "copies before release")]
    {
        if name.as_deref().is_some_and(|name| name.ends_with(ending)) {
            edition.problem_at("name", "edition-name", format!("names that end in {ending} are for {what}"));
        }
    }
    if name.as_deref().is_some_and(|name| !is_folder_name(name)) {
        edition.problem_at(
            "name",
            "edition-name",
            "an edition's name is a folder's name: use letters, digits, dots and hyphens",
        );
    }
    let date = edition.optional_date("date");
    if date.is_none() && !edition.has("date") {
        edition.problem_at(
            "date",
            "edition-date",
            "`edition.date` is missing: a day such as 2026-06-21, without quotes",
        );
    }
    let seed = edition.optional_integer("seed").unwrap_or(0);
    if seed < 0 {
        edition.problem_at("seed", "edition-seed", "`edition.seed` must not be negative");
    }
    let use_until = edition.optional_date("use_until");
    if use_until.zip(date).is_some_and(|(until, date)| until <= date) {
        edition.problem_at("use_until", "edition-date", "`edition.use_until` must be after the edition's date");
    }
    edition.finish();
    Some(Edition { name: name?, date: date?, as_of: date?, seed: seed.unsigned_abs(), use_until })
}

fn read_scalars(table: &Table<'_>, key: &str) -> Vec<(String, Scalar)> {
    let Some(scalars) = table.optional_table(key) else { return Vec::new() };
    let read = scalars.keys().into_iter().filter_map(|name| {
        if !is_table_name(&name) {
            scalars.problem_at(
                &name,
                "parameter-name",
                format!("`{name}`: use lower-case letters, digits and underscores"),
            );
        }
        if key == "parameters" && ENGINE_PARAMETERS.contains(&name.as_str()) {
            scalars.problem_at(
                &name,
                "parameter-name",
                format!("`{name}` is given by the edition: choose another name"),
            );
        }
        let value = scalars.scalar(&name)?;
        Some((name, value))
    });
    read.collect()
}

fn read_rule_tables(table: &Table<'_>) -> Vec<RuleTable> {
    let Some(tables) = table.optional_table("tables") else { return Vec::new() };
    tables.keys().iter().map(|name| read_rule_table(name, &tables)).collect()
}

fn read_rule_table(name: &str, tables: &Table<'_>) -> RuleTable {
    if !is_table_name(name) {
        tables.problem_at(name, "table-name", format!("`{name}` cannot name a table"));
    }
    let items = tables.tables(name);
    if items.is_empty() && tables.has(name) {
        tables.problem_at(name, "table-rows", format!("table `{name}` has no rows, and so no columns"));
    }
    let mut columns: Vec<String> = Vec::new();
    for key in items.iter().flat_map(Table::keys) {
        if !columns.contains(&key) {
            columns.push(key);
        }
    }
    let rows = items
        .iter()
        .map(|item| columns.iter().map(|column| item.scalar(column).unwrap_or(Scalar::Missing)).collect())
        .collect();
    let rules = RuleTable { name: name.to_string(), columns, rows };
    report_mixed_types(&rules, tables);
    rules
}

fn report_mixed_types(rules: &RuleTable, tables: &Table<'_>) {
    for (at, column) in rules.columns.iter().enumerate() {
        let mut kinds: Vec<&str> =
            rules.rows.iter().map(|row| &row[at]).filter(|value| !value.is_missing()).map(Scalar::type_name).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > 1 && kinds != ["integer", "number"] {
            let words = format!("column `{column}` of table `{}` mixes {}", rules.name, kinds.join(" and "));
            tables.problem_at(&rules.name, "table-types", words);
        }
    }
}

fn named_tables<T>(table: &Table<'_>, key: &str, read: impl Fn(&str, &Table<'_>) -> Option<T>) -> Vec<T> {
    let Some(all) = table.optional_table(key) else { return Vec::new() };
    all.keys().iter().filter_map(|name| read(name, &all.optional_table(name)?)).collect()
}

fn read_pack(name: &str, table: &Table<'_>) -> Option<PackRule> {
    let title = table.text("title");
    let template = table.text("template");
    let file = table.text("file");
    let pack = PackRule {
        name: name.to_string(),
        title: title?,
        template: template?,
        for_each: table.optional_text("for_each"),
        key: table.optional_text("key"),
        file: file?,
        about: table.optional_text("about").unwrap_or_default(),
        text: table.optional_text("text"),
        on_request: table.flag("on_request"),
        published_answer: table.flag("published_answer"),
        may_be_empty: table.flag("may_be_empty"),
        sheets: table.flag("sheets"),
        disclosure: contract::read_pack_disclosure(table),
    };
    table.finish();
    if pack.text.as_ref().is_some_and(|text| !text.ends_with(TEXT_ENDING)) {
        table.problem_at("text", "pack-text", format!("the template of the text of pack `{name}` must end in .txt"));
    }
    if pack.for_each.is_some() != pack.key.is_some() {
        table.problem_at("for_each", "pack-key", format!("pack `{name}`: `for_each` and `key` go together"));
    }
    if let Some(key) = pack.key.as_deref().filter(|key| !pack.file.contains(&format!("{{{key}}}"))) {
        let words =
            format!("the file name of pack `{name}` must contain {{{key}}}, or each pack would overwrite the last");
        table.problem_at("file", "pack-file", words);
    }
    if !pack.file.ends_with(".pdf") {
        table.problem_at("file", "pack-file", format!("the file name of pack `{name}` must end in .pdf"));
    }
    if pack.file.split(['/', '\\']).any(|part| part == ".." || part == "." || part.is_empty())
        || pack.file.starts_with('.')
    {
        table.problem_at("file", "pack-file", format!("pack `{name}`: the file must lie in the edition's folder"));
    }
    Some(pack)
}

/// Tables, sources and the engine's own tables share one set of names.
fn report_clashes(table: &Table<'_>, tables: &[RuleTable], sources: &[Contract]) {
    let mut seen = ENGINE_TABLES.map(str::to_string).to_vec();
    let names = tables.iter().map(|t| ("tables", &t.name)).chain(sources.iter().map(|s| ("sources", &s.name)));
    let mut problems = Problems::none();
    for (key, name) in names {
        if seen.contains(name) {
            let problem = Diagnostic::fault("name-clash", format!("`{name}` is the name of two tables"));
            problems.push(problem.at(table.place(key)).help("rename one of them"));
        }
        seen.push(name.clone());
    }
    problems.0.into_iter().for_each(|problem| table.report(problem));
}
