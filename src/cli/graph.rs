//! `candour graph`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, put};
use crate::cell;
use crate::diagnostic::{Outcome, Problems};

/// Show which cell reads which
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour graph
  candour graph --format dot | dot -Tsvg > graph.svg")]
pub(super) struct Graph {
    #[command(flatten)]
    book: BookOptions,
    /// How to print it
    #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
    format: GraphFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GraphFormat {
    /// Cells in the order in which they run
    Text,
    /// Graphviz
    Dot,
    /// JSON
    Json,
}

impl Graph {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let notebook = self.book.open(false, &Progress::new())?;
        let text = match self.format {
            GraphFormat::Text => text(&notebook.graph),
            GraphFormat::Dot => dot(&notebook.graph),
            GraphFormat::Json => json(&notebook.graph),
        };
        put(text.as_bytes())?;
        Ok(Problems::none())
    }
}

fn text(graph: &cell::Graph) -> String {
    let mut text = String::new();
    for (number, wave) in graph.waves.iter().enumerate() {
        let _ = writeln!(text, "wave {}", number + 1);
        for name in wave {
            let cell = &graph.cells[name];
            let _ = writeln!(text, "  {name}  {}", cell.front.title);
            let reads = graph.reads(name);
            if !reads.is_empty() {
                let _ = writeln!(text, "      reads {}", reads.join(", "));
            }
        }
    }
    text
}

fn dot(graph: &cell::Graph) -> String {
    let mut text = String::from("digraph cells {\n  rankdir=LR;\n  node [shape=box];\n");
    let outside: BTreeSet<&str> =
        graph.cells.keys().flat_map(|name| graph.reads(name)).filter(|read| !graph.cells.contains_key(*read)).collect();
    for name in outside {
        let _ = writeln!(text, "  \"{name}\" [shape=ellipse];");
    }
    for name in graph.cells.keys() {
        let _ = writeln!(text, "  \"{name}\";");
        for read in graph.reads(name) {
            let _ = writeln!(text, "  \"{read}\" -> \"{name}\";");
        }
    }
    text.push_str("}\n");
    text
}

fn json(graph: &cell::Graph) -> String {
    let cells: Vec<serde_json::Value> = graph
        .waves
        .iter()
        .enumerate()
        .flat_map(|(number, wave)| wave.iter().map(move |name| (number + 1, name)))
        .map(|(wave, name)| {
            let cell = &graph.cells[name];
            serde_json::json!({
                "cell": name, "title": cell.front.title, "stage": cell.stage, "file": cell.file, "wave": wave,
                "grain": cell.front.grain, "reads": graph.reads(name),
            })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&cells).unwrap_or_default();
    text.push('\n');
    text
}
