//! `candour trace`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, put, put_json};
use crate::book::BOOK_FILE;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::edition::{PrintedFigure, QUERIES};
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::trace::{Evidence, Step, Tracer, figure_list, figure_words, key_of, recorded_as, scalar, step_words};

/// Figures that are traced when several have the same words; more are listed.
const FEW: usize = 3;

/// Go from a number on a page to the line of the file it came from
///
/// With a PDF alone, lists the figures that it prints. With a figure's id, or its words, shows the cell, the
/// lines of SQL, the rows, and at the end the file, line and column. Where there is no book, shows what the
/// PDF itself says.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour trace output/2026-q1/packs/X01.pdf             every figure of the pack
  candour trace X01.pdf 17                               the figure with the id 17
  candour trace X01.pdf \"11.3%\" --page 4                 the figure with these words on page 4
  candour trace X01.pdf 17 --data ../published           with the data that the pack was made from
  candour trace scores.score unit_code=X01 quarter=Q1    a value of a cell, without a PDF")]
pub(super) struct Trace {
    #[command(flatten)]
    book: BookOptions,
    /// A PDF, or CELL.COLUMN
    #[arg(value_name = "PDF|CELL.COLUMN")]
    what: String,
    /// For a PDF a figure: its id, or its words; for a cell the row: COLUMN=VALUE, …
    #[arg(value_name = "FIGURE|COLUMN=VALUE")]
    which: Vec<String>,
    /// Only figures on this page
    #[arg(long, value_name = "N")]
    page: Option<usize>,
    /// Take the figure as words, even where it could be an id
    #[arg(long)]
    text: bool,
    /// How many tables deep to go, if not down to the files
    #[arg(long, value_name = "N", default_value_t = 30, hide_default_value = true)]
    depth: usize,
    /// How to print it
    #[arg(long, value_enum, default_value_t = TraceFormat::Text)]
    format: TraceFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum TraceFormat {
    /// An indented tree
    Text,
    /// JSON
    Json,
}

impl Trace {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let path = Path::new(&self.what);
        let pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf")) || path.is_file();
        if pdf { self.pdf(path) } else { self.cell() }
    }

    /// A value of a cell.
    fn cell(&self) -> Outcome<Problems> {
        let Some((cell, column)) = self.what.split_once('.') else {
            return Err(Diagnostic::fault("trace-what", format!("`{}` is neither a PDF nor CELL.COLUMN", self.what))
                .help("for a value of a cell write its column too: scores.score")
                .into());
        };
        let pairs = self.which.iter().map(|pair| pair.split_once('=').ok_or(pair));
        let mut problems = Problems::none();
        let mut key = Vec::new();
        for pair in pairs {
            match pair {
                Ok((name, value)) => key.push((name.trim().to_string(), Scalar::Text(value.to_string()))),
                Err(other) => problems.push(
                    Diagnostic::fault("trace-key", format!("`{other}` does not name a row"))
                        .help("write it as COLUMN=VALUE"),
                ),
            }
        }
        problems.or(())?;
        let notebook = self.notebook(&BTreeSet::from([cell.to_string()]), true)?;
        let step = Tracer::new(&notebook, BTreeMap::new(), self.depth).trace(cell, &key, column)?;
        match self.format {
            TraceFormat::Text => put(step_words(&step, 0).as_bytes())?,
            TraceFormat::Json => put_json(&json!({ "trace": step }))?,
        }
        Ok(Problems::none())
    }

    fn pdf(&self, path: &Path) -> Outcome<Problems> {
        let evidence = Evidence::open(path)?;
        let wanted = self.which.join(" ");
        let found: Vec<&PrintedFigure> = match self.which.is_empty() {
            true => evidence.on(self.page).collect(),
            false => evidence.find(&wanted, self.page, self.text),
        };
        if found.is_empty() && !(self.which.is_empty() && self.page.is_none()) {
            return Err(not_found(path, &wanted, self.page).into());
        }
        if self.which.is_empty() || found.len() > FEW {
            return self.list(&found);
        }
        self.traces(&evidence, &found)
    }

    fn list(&self, found: &[&PrintedFigure]) -> Outcome<Problems> {
        match self.format {
            TraceFormat::Text => put(figure_list(found.iter().copied()).as_bytes())?,
            TraceFormat::Json => put_json(&json!({ "figures": found }))?,
        }
        let mut problems = Problems::none();
        if !self.which.is_empty() {
            let words = format!("{} figures have these words", found.len());
            problems
                .push(Diagnostic::warning("trace-several", words).help("name one by its id, or narrow with --page N"));
        }
        Ok(problems)
    }

    fn traces(&self, evidence: &Evidence, found: &[&PrintedFigure]) -> Outcome<Problems> {
        if !self.book.book.join(BOOK_FILE).is_file() {
            return self.recorded(evidence, found);
        }
        let cells = found.iter().map(|figure| figure.cell.clone()).collect();
        let notebook = self.notebook(&cells, false)?;
        let mut tracer = Tracer::new(&notebook, evidence.hashes.clone(), self.depth);
        let mut problems = Problems::none();
        let mut traced = Vec::new();
        for figure in found {
            let Some(step) = problems.absorb(tracer.trace(&figure.cell, &key_of(figure), &figure.column)) else {
                continue;
            };
            if !recorded_as(&step.value, &scalar(&figure.value)) {
                problems.push(changed(figure, &step));
            }
            if let Some(file) = other_file(&step) {
                let words = format!("{file} is not the file that the PDF was made from: its SHA-256 differs");
                problems.push(Diagnostic::check("trace-file", words).help("name the data of that edition with --data"));
            }
            traced.push((*figure, step));
        }
        match self.format {
            TraceFormat::Text => {
                let words = traced.iter().map(|(figure, step)| figure_words(figure) + &step_words(step, 1));
                put(words.collect::<Vec<_>>().join("\n").as_bytes())?;
            }
            TraceFormat::Json => {
                let all: Vec<_> =
                    traced.iter().map(|(figure, step)| json!({ "figure": figure, "trace": step })).collect();
                put_json(&json!({ "figures": all }))?;
            }
        }
        if problems.stop() { Err(problems) } else { Ok(problems) }
    }

    /// What the PDF itself says, where there is no book.
    fn recorded(&self, evidence: &Evidence, found: &[&PrintedFigure]) -> Outcome<Problems> {
        match self.format {
            TraceFormat::Text => {
                let words = found.iter().map(|figure| figure_words(figure) + &recorded_words(evidence, figure));
                put(words.collect::<Vec<_>>().join("\n").as_bytes())?;
            }
            TraceFormat::Json => {
                let all = found.iter().map(|figure| {
                    let cell = evidence.pack.manifest.cells.iter().find(|cell| cell.cell == figure.cell);
                    json!({ "figure": figure, "cell": cell, "sources": evidence.pack.manifest.sources })
                });
                put_json(&json!({ "figures": all.collect::<Vec<_>>() }))?;
            }
        }
        let words = format!("no book in {}: shown is what the PDF says of itself", self.book.book.display());
        Ok(Diagnostic::warning("trace-pdf-alone", words)
            .help("give --book, and --data if the data are not the book's own, to go on to rows and lines")
            .into())
    }

    /// The book with the cells run that are needed for some tables. A table that is no cell needs none to be run.
    fn notebook(&self, tables: &BTreeSet<String>, checked: bool) -> Outcome<Notebook> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        for table in tables {
            if checked && notebook.content(table).is_none() {
                notebook.graph.cell(table)?;
            }
        }
        let wanted: BTreeSet<String> = tables.iter().flat_map(|table| notebook.graph.needed_for(table)).collect();
        notebook.run(Some(&wanted), &progress)?;
        Ok(notebook)
    }
}

fn not_found(path: &Path, wanted: &str, page: Option<usize>) -> Diagnostic {
    let path: PathBuf = path.to_path_buf();
    let on = page.map_or_else(String::new, |page| format!(" on page {page}"));
    let what = if wanted.is_empty() { "no figure".to_string() } else { format!("no figure \"{wanted}\"") };
    Diagnostic::check("trace-figure", format!("{} prints {what}{on}", path.display()))
        .help(format!("`candour trace {}` lists its figures", path.display()))
}

fn changed(figure: &PrintedFigure, step: &Step) -> Diagnostic {
    let words = format!(
        "the PDF has {} for {}.{}, and the cell now gives {}",
        scalar(&figure.value),
        figure.cell,
        figure.column,
        step.value
    );
    Diagnostic::check("trace-changed", words).help("the book or its data are not those that the PDF was made from")
}

/// The first file in a trace that is not the one that the evidence names.
fn other_file(step: &Step) -> Option<String> {
    let own = step.source.as_ref().filter(|cell| cell.as_in_edition == Some(false)).map(|cell| cell.file.clone());
    own.or_else(|| step.inputs.iter().flat_map(|input| &input.steps).find_map(other_file))
}

fn recorded_words(evidence: &Evidence, figure: &PrintedFigure) -> String {
    let manifest = &evidence.pack.manifest;
    let mut lines = Vec::new();
    if let Some(cell) = manifest.cells.iter().find(|cell| cell.cell == figure.cell) {
        lines.push(format!("  cell \"{}\": {}", cell.title, cell.file));
        let mentions = evidence.mentions(&figure.cell, &figure.column);
        lines.extend(mentions.iter().map(|(line, words)| format!("    {QUERIES} in the PDF, line {line} | {words}")));
    }
    lines.push("  sources that the document rests on:".to_string());
    for source in &manifest.sources {
        let head = format!("    {}: {}, {} ({})", source.source, source.publisher, source.publication, source.period);
        lines.push(head);
        lines.extend(source.files.iter().map(|file| format!("      {file}")));
    }
    lines.join("\n") + "\n"
}
