//! `candour why`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, put, put_json};
use crate::book::naming::nearest;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::edition::{BuildOptions, Published, why_packs, why_table, why_words};
use crate::notebook::Notebook;

/// Say which input moved since the edition that is published
///
/// For a cell: its query, or what it reads, back to the file of a source and, where its older table is kept, the line.
/// For a pack: templates, parameters, and the rows and columns of tables that it takes.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour why scores                   a cell, or a source
  candour why board:X01                one pack
  candour why board                    every pack of a kind
  candour why scores --edition DIR     compared with an edition in another folder
  candour why board:X01 --format json")]
pub(super) struct Why {
    #[command(flatten)]
    book: BookOptions,
    /// A cell, a source or a table of the book; or a pack, with the key of one
    #[arg(value_name = "CELL|PACK[:KEY]")]
    what: String,
    /// The edition to compare with, if not the one that the book names in the output folder
    #[arg(long, value_name = "DIR")]
    edition: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = WhyFormat::Text)]
    format: WhyFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum WhyFormat {
    /// Words
    Text,
    /// JSON
    Json,
}

impl Why {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        let folder = self.edition.clone();
        let folder =
            folder.unwrap_or_else(|| self.book.output().join(BuildOptions::default().folder(&notebook.book.edition)));
        let published = Published::open(&folder)?;
        let why = match self.pack(&notebook) {
            None => {
                if notebook.content(&self.what).is_none() && !notebook.graph.cells.contains_key(&self.what) {
                    return Err(self.unknown(&notebook).into());
                }
                let wanted = notebook.graph.needed_for(&self.what);
                notebook.run(Some(&wanted), &progress)?;
                why_table(&notebook, &published, &self.what)?
            }
            Some((pack, key)) => {
                notebook.book.pack(&pack)?;
                notebook.run(None, &progress)?;
                why_packs(&notebook, &published, &pack, key.as_deref())?
            }
        };
        match self.format {
            WhyFormat::Text => put(why_words(&why).as_bytes())?,
            WhyFormat::Json => put_json(&why)?,
        }
        Ok(Problems::none())
    }

    /// The pack that is meant, unless it is a table. `NAME:` is always a pack.
    fn pack(&self, notebook: &Notebook) -> Option<(String, Option<String>)> {
        if let Some((pack, key)) = self.what.split_once(':') {
            return Some((pack.to_string(), Some(key.to_string()).filter(|key| !key.is_empty())));
        }
        let table = notebook.graph.cells.contains_key(&self.what) || notebook.content(&self.what).is_some();
        let pack = notebook.book.packs.iter().any(|pack| pack.name == self.what);
        (pack && !table).then(|| (self.what.clone(), None))
    }

    fn unknown(&self, notebook: &Notebook) -> Diagnostic {
        let packs = notebook.book.packs.iter().map(|pack| &pack.name);
        let sources = notebook.sources.iter().map(|source| &source.contract.name);
        let names: Vec<&String> = notebook.graph.cells.keys().chain(packs).chain(sources).collect();
        let problem = Diagnostic::fault("why-unknown", format!("the book has no cell, source or pack `{}`", self.what));
        match nearest(&self.what, &names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("`candour graph` lists the cells; candour.toml the packs"),
        }
    }
}
