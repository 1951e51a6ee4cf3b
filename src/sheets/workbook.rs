//! A workbook: cover, contents, notes, sources, statements, and a table a sheet.

use std::collections::BTreeSet;

use super::Subject;
use super::figures::{FigureTable, Statement};
use super::grid::{Cell, Grid, GridColumn, Line, Names, Properties, Sheet, Weight, Workbook};
use super::notes::{NOT_AVAILABLE, Notes};
use super::{statements, tables};
use crate::pack::date_words;

/// A sheet with the sources behind it.
pub(super) type Sourced = (Sheet, Vec<usize>);

/// Lays out tables and statements as sheets.
pub(super) fn lay_out(figures: &[FigureTable], made: &[Statement], subject: &Subject) -> Workbook {
    let mut notes = Notes::default();
    let in_full = notes.note(
        "Cells hold numbers in full and show as many decimals as the document prints. Select a cell, or use the CSV \
         file beside this workbook, to see the whole number."
            .to_string(),
    );
    let mut names = Names::new();
    let mut sheets: Vec<Sourced> = statements::sheets(made, subject, &mut names, &mut notes);
    for table in figures {
        sheets.extend(tables::sheet(table, subject, &mut names, &mut notes));
    }
    let sources = sources_sheet(&sheets, subject, &mut notes);
    let sheets: Vec<Sheet> = sources.into_iter().chain(sheets.into_iter().map(|(sheet, _)| sheet)).collect();
    let notes = notes_sheet(&notes);
    let contents = contents(std::iter::once(&notes).chain(&sheets));
    let first = [cover(subject, &in_full), contents, notes];
    Workbook { properties: properties(subject), sheets: first.into_iter().chain(sheets).collect() }
}

fn properties(subject: &Subject) -> Properties {
    Properties {
        title: subject.title.clone(),
        about: subject.about.clone(),
        author: subject.author.clone(),
        date: subject.date,
        language: subject.language.clone(),
        tool: subject.tool.clone(),
    }
}

fn cover(subject: &Subject, in_full: &str) -> Sheet {
    let mut lines = vec![Line::new(Weight::Title, &subject.title)];
    lines.extend(subject.notices.iter().map(|notice| Line::new(Weight::Strong, notice)));
    let behind = format!(
        "These are the tables behind {}, the document that this workbook goes with: each number here is one that the \
         document prints or draws, or stands in the same row of the same table. {in_full}",
        subject.file
    );
    let edition = format!("{}, edition {}, {}", subject.book, subject.edition, date_words(subject.date));
    let identifier = format!("Identifier of the document: {}", subject.identifier);
    let author = format!("Made by {}", subject.author);
    let author = if subject.author.is_empty() { "" } else { author.as_str() };
    let plain = [subject.about.as_str(), &behind, &edition, &identifier, author];
    lines.extend(plain.iter().filter(|text| !text.is_empty()).map(|text| Line::new(Weight::Plain, text)));
    Sheet { name: "Cover".to_string(), lines, about: String::new(), width: Some(90), table: None }
}

fn contents<'s>(sheets: impl Iterator<Item = &'s Sheet>) -> Sheet {
    let rows = sheets.map(|sheet| {
        let title = sheet.lines.first().map(|line| line.text.as_str()).unwrap_or_default();
        let about = if sheet.about.is_empty() { title } else { &sheet.about };
        let rows = sheet.table.as_ref().map_or(0, |table| table.rows.len());
        vec![Cell::Link(sheet.name.clone()), Cell::text(title), Cell::text(about), Cell::count(rows)]
    });
    let columns = vec![
        GridColumn::words("Sheet", 32),
        GridColumn::words("Title", 40),
        GridColumn::words("What it holds", 90),
        GridColumn::numbers("Rows", 9),
    ];
    let lines = vec!["This sheet holds one table: the other sheets, with a link to each.".to_string()];
    let table = Grid::new("contents", columns, rows.collect());
    Sheet::with_table("Contents".to_string(), "Contents", "", lines, table)
}

fn notes_sheet(notes: &Notes) -> Sheet {
    let columns = vec![GridColumn::words("Marker", 12), GridColumn::words("What it means", 100)];
    let rows = notes.rows().into_iter().map(|(mark, words)| vec![Cell::text(&mark), Cell::text(&words)]);
    let about = "What the notes mean, and the shorthand in brackets that tables use.";
    let lines = vec![format!("This sheet holds one table. {about}")];
    Sheet::with_table("Notes".to_string(), "Notes", about, lines, Grid::new("notes", columns, rows.collect()))
}

/// The sources behind the sheets, each with the sheets that it is behind.
fn sources_sheet(sheets: &[Sourced], subject: &Subject, notes: &mut Notes) -> Option<Sheet> {
    let behind: BTreeSet<usize> = sheets.iter().flat_map(|(_, sources)| sources.iter().copied()).collect();
    let mut text = |text: &str| {
        if !text.trim().is_empty() {
            return Cell::text(text);
        }
        notes.uses(NOT_AVAILABLE);
        Cell::text(NOT_AVAILABLE)
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (at, source) in behind.iter().filter_map(|at| Some((at, subject.sources.get(*at)?))) {
        let tables: Vec<&str> =
            sheets.iter().filter(|(_, sources)| sources.contains(at)).map(|(sheet, _)| sheet.name.as_str()).collect();
        rows.push(vec![
            text(&source.publication),
            text(&source.publisher),
            text(&source.period),
            text(&source.status),
            source.published.map_or_else(|| text(""), Cell::Day),
            text(&source.licence),
            text(source.address.as_deref().unwrap_or_default()),
            text(&tables.join("; ")),
        ]);
    }
    let columns = [
        ("Publication", 50),
        ("Publisher", 20),
        ("Period", 30),
        ("Status", 16),
        ("Published on", 18),
        ("Licence", 30),
        ("Address", 50),
        ("Sheets", 60),
    ];
    let columns = columns.into_iter().map(|(heading, width)| GridColumn::words(heading, width)).collect();
    let about = "The publications that the tables come from, with period, status and date.";
    let lines = vec![format!("This sheet holds one table. {about}")];
    let table = Grid::new("sources", columns, rows);
    let filled = !table.rows.is_empty();
    filled.then(|| Sheet::with_table("Sources".to_string(), "Sources", about, lines, table))
}
