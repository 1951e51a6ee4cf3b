//! The tables of a sheet: where each begins, what stands above it, and where it ends.
//!
//! A table begins under the first row that holds every declared header; where the contract says in which row that is and
//! it is elsewhere, a warning says so. It ends at the row that the contract names, at the next table, or after the last
//! row that is filled like data: what follows is footnotes.

use std::borrow::Cow;

use super::headers::Names;
use super::record::{Field, Header, Record, plain};
use super::sheet::{Cell, Sheet, SheetRow, cell_in, cell_name};
use super::take::Taker;
use super::workbook::{self, Workbook};
use crate::book::naming::nearest;
use crate::book::{Contract, Origin};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};

/// Rows in which the first header is looked for.
const SEARCHED: u32 = 200;

/// Reads the sheets of a workbook that the contract names.
pub(super) fn read(contract: &Contract, file: &str, bytes: &[u8], taker: &mut Taker<'_>) -> Outcome<()> {
    let mut book = workbook::open(file, bytes)?;
    let mut problems = Problems::none();
    for wanted in &contract.layout.sheets {
        let result = find_sheet(contract, file, wanted, &book)
            .and_then(|name| read_sheet(contract, file, &name, &mut book, taker));
        problems.absorb(result);
    }
    problems.or(())
}

/// The one sheet that an entry of the contract names: a name or pattern, or several with `|` between them.
fn find_sheet(contract: &Contract, file: &str, wanted: &str, book: &Workbook<'_>) -> Outcome<String> {
    let mut found: Vec<&String> = Vec::new();
    for alternative in wanted.split('|').map(plain) {
        let glob = globset::Glob::new(&alternative).map(|glob| glob.compile_matcher());
        let fits =
            |name: &&String| plain(name) == alternative || glob.as_ref().is_ok_and(|glob| glob.is_match(plain(name)));
        found = book.names.iter().filter(fits).collect();
        if !found.is_empty() {
            break;
        }
    }
    if let [name] = found[..] {
        return Ok(name.clone());
    }
    let words = match found.len() {
        0 => format!("{file} has no sheet \"{wanted}\""),
        count => format!("{file} has {count} sheets that match \"{wanted}\""),
    };
    let quoted: Vec<String> = book.names.iter().map(|name| format!("\"{name}\"")).collect();
    let problem = Diagnostic::check("source-sheet", words)
        .in_file(file)
        .note(format!("its sheets are: {}", quoted.join(", ")))
        .note(format!("source `{}` reads it", contract.name));
    Err(match nearest(wanted, &book.names) {
        Some(near) => problem.help(format!("if \"{near}\" is its new name, write \"{wanted}|{near}\" in `sheets`")),
        None => problem.help("mend `sheets` in candour.toml, or get the file again"),
    }
    .into())
}

fn read_sheet(
    contract: &Contract,
    file: &str,
    name: &str,
    book: &mut Workbook<'_>,
    taker: &mut Taker<'_>,
) -> Outcome<()> {
    let sheet = book.sheet(file, name)?;
    let starts = starts(contract, &sheet);
    let Some(first) = starts.first() else { return Err(no_header(contract, file, &sheet).into()) };
    let expected = contract.layout.header_row.filter(|row| *row != sheet.rows[*first].0 + 1);
    if let Some(expected) = expected {
        let found = sheet.rows[*first].0 + 1;
        taker.warnings.push(
            Diagnostic::warning(
                "source-header-moved",
                format!("{file}, {name}: the header is in row {found}, not in row {expected}"),
            )
            .at(Place { line: found as usize, ..Place::file(format!("{file}, {name}")) })
            .note("every declared column was found there, and it was read from there")
            .help(format!(
                "look whether anything else has moved; if this is its new place, set `header_row = {found}`"
            )),
        );
    }
    let (kept, refused) = (taker.kept, taker.refused);
    for (at, start) in starts.iter().enumerate() {
        let above = if at == 0 { 0 } else { starts[at - 1] + 1 };
        let end = starts.get(at + 1).copied().unwrap_or(sheet.rows.len());
        read_table(contract, &sheet, above, *start, end, taker)?;
    }
    if (kept, refused) == (taker.kept, taker.refused) {
        return Err(Diagnostic::check("source-no-rows", format!("{file}, {name} has a header and no rows"))
            .in_file(file)
            .help("publish-and-empty is not the same as not published: remove the file, or get it again")
            .into());
    }
    Ok(())
}

/// Places in `sheet.rows` of the rows that hold every declared header (the lower line, where the header has two).
fn starts(contract: &Contract, sheet: &Sheet) -> Vec<usize> {
    let mut found = Vec::new();
    for at in 0..sheet.rows.len() {
        let searched = !found.is_empty() || sheet.rows[at].0 < SEARCHED;
        if !searched || !found.is_empty() && !contract.layout.stacked {
            break;
        }
        let (_, names) = names_at(contract, sheet, at);
        if missing_headers(contract, &names).is_empty() {
            found.push(at);
        }
    }
    found
}

/// The names in a header row, and the column of the first of them.
fn names_at(contract: &Contract, sheet: &Sheet, at: usize) -> (u32, Vec<String>) {
    let (row, cells) = &sheet.rows[at];
    let (first, last) = (cells.first().map_or(0, |cell| cell.0), cells.last().map_or(0, |cell| cell.0));
    let above = match contract.layout.header_rows {
        2 => at.checked_sub(1).map(|above| &sheet.rows[above]).filter(|(above, _)| above + 1 == *row),
        _ => None,
    };
    let mut group: Option<String> = None;
    let mut names = Vec::new();
    for column in first..=last {
        let lower = cell_in(cells, column).map(|cell| cell.text().trim().to_string());
        if let Some(cell) = above.and_then(|(_, cells)| cell_in(cells, column)) {
            group = Some(cell.text().trim().to_string());
        } else if lower.is_none() {
            group = None; // An empty column parts two groups.
        }
        names.push(match (&group, lower) {
            (Some(group), Some(lower)) => format!("{group} / {lower}"),
            (None, Some(lower)) => lower,
            (_, None) => String::new(),
        });
    }
    (first, names)
}

/// Declared headers that a row does not hold.
fn missing_headers(contract: &Contract, names: &[String]) -> Vec<String> {
    let known = Names::of(names);
    let has = |header: &String| !known.places(header).is_empty();
    let mut missing = Vec::new();
    for column in contract.columns.iter().filter(|column| !column.optional) {
        let is_long =
            contract.unpivot.as_ref().is_some_and(|long| long.name == column.name || long.value == column.name);
        match &column.origin {
            Origin::Header if !is_long && !column.headers.iter().any(has) => missing.push(column.headers[0].clone()),
            Origin::Join(parts) => missing.extend(parts.iter().filter(|part| !has(part)).cloned()),
            Origin::Sum(pattern) if !names.iter().any(|name| pattern.is_match(name)) => {
                missing.push(pattern.to_string())
            }
            _ => {}
        }
    }
    if let Some(long) = contract.unpivot.as_ref().filter(|long| !names.iter().any(|name| long.headers.is_match(name))) {
        missing.push(long.headers.to_string());
    }
    missing
}

/// No row holds all declared headers: which comes nearest, and what it lacks.
fn no_header(contract: &Contract, file: &str, sheet: &Sheet) -> Diagnostic {
    let expected = match contract.layout.header_row {
        Some(row) => format!("its header was expected in row {row}"),
        None => format!("its header was looked for in rows 1 to {SEARCHED}"),
    };
    let words = format!("{file}, {} has no row with all declared columns; {expected}", sheet.name);
    let problem = Diagnostic::check("source-header", words).in_file(format!("{file}, {}", sheet.name));
    let searched = (0..sheet.rows.len()).take_while(|at| sheet.rows[*at].0 < SEARCHED);
    let nearest_row = searched
        .map(|at| (missing_headers(contract, &names_at(contract, sheet, at).1).len(), at))
        .min_by_key(|(missing, at)| (*missing, *at));
    let Some((_, at)) = nearest_row else { return problem.note("the sheet is empty").help("get the file again") };
    let names = names_at(contract, sheet, at).1;
    let lacks = missing_headers(contract, &names);
    let shown: Vec<String> = lacks.iter().take(6).map(|name| format!("\"{name}\"")).collect();
    let more = if lacks.len() > 6 { format!(" and {} more", lacks.len() - 6) } else { String::new() };
    let problem =
        problem.note(format!("row {} comes nearest; it lacks {}{more}", sheet.rows[at].0 + 1, shown.join(", ")));
    let filled: Vec<&String> = names.iter().filter(|name| !name.is_empty()).collect();
    match lacks.first().and_then(|lacking| Some((lacking, nearest(lacking, &filled)?))) {
        Some((lacking, near)) => {
            problem.help(format!("if \"{near}\" is its new name, add it: header = [\"{lacking}\", \"{near}\"]"))
        }
        None => problem.help("get the file again, or mend the contract in candour.toml"),
    }
}

/// Reads the table whose header stands at a place in `sheet.rows`; rows from `above` may be its title.
fn read_table(
    contract: &Contract,
    sheet: &Sheet,
    above: usize,
    start: usize,
    end: usize,
    taker: &mut Taker<'_>,
) -> Outcome<()> {
    let (first, names) = names_at(contract, sheet, start);
    let text = names.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(" | ");
    let width = names.len() as u32;
    let header = Header {
        text,
        line: u64::from(sheet.rows[start].0) + 1,
        part: Some(sheet.name.clone()),
        title: title(contract, &sheet.rows[above..start]),
        sheet: Some((sheet, first)),
        names,
    };
    taker.begin(&header)?;
    let shape = Shape::of(contract, &header, first);
    let rows = &sheet.rows[start + 1..end];
    let stated = rows.iter().position(|(_, cells)| ends(contract, cells)).unwrap_or(rows.len());
    let last = rows[..stated].iter().rposition(|(_, cells)| shape.is_data(cells)).map_or(0, |last| last + 1);
    // The title of the next table stands behind this one, and is none of its footnotes.
    let is_title = |(_, cells): &&SheetRow| title_of(contract, cells).is_some();
    taker.footnotes += rows[last..].iter().filter(|row| !is_title(row)).count() as u64;
    for (row, cells) in &rows[..last] {
        let line = u64::from(*row) + 1;
        let fields: Vec<Field<'_>> = (first..first + width)
            .map(|column| cell_in(cells, column).map_or(Field::Text(Cow::Borrowed("")), Cell::field))
            .collect();
        if !shape.is_data(cells) && cells.len() == 1 {
            let cell = cell_name(*row, cells[0].0);
            let rule = format!("only {cell} is filled, between rows of data: is it a footnote or a heading?");
            taker.broken(line, &cells[0].1.text(), &rule)?;
        } else if cells.iter().any(|(column, _)| (first..first + width).contains(column)) {
            taker.take(&Record { line, raw: "", fields })?;
        }
    }
    Ok(())
}

/// The nearest title above a table.
fn title(contract: &Contract, above: &[SheetRow]) -> Option<String> {
    above.iter().rev().find_map(|(_, cells)| title_of(contract, cells))
}

fn title_of(contract: &Contract, cells: &[(u32, Cell)]) -> Option<String> {
    let text = cells.first()?.1.text();
    let found = contract.layout.title.as_ref()?.captures(text.trim())?;
    found.get(1).map(|part| part.as_str().trim().to_string())
}

fn ends(contract: &Contract, cells: &[(u32, Cell)]) -> bool {
    let first = cells.first().map(|(_, cell)| cell.text());
    contract.layout.ends_at.as_ref().zip(first).is_some_and(|(pattern, first)| pattern.is_match(first.trim()))
}

/// How a row of data is filled: two declared columns, one of them a column of numbers that holds a number, or a word
/// that stands for none.
struct Shape<'c> {
    declared: Vec<u32>,
    numbers: Vec<u32>,
    /// Words that stand for no number.
    missing: Vec<&'c String>,
}

impl<'c> Shape<'c> {
    fn of(contract: &'c Contract, header: &Header<'_>, first: u32) -> Self {
        let known = Names::of(&header.names);
        let (mut declared, mut numbers) = (Vec::new(), Vec::new());
        let long = contract.unpivot.as_ref();
        for column in &contract.columns {
            let places: Vec<usize> = match &column.origin {
                _ if long.is_some_and(|long| long.value == column.name) => {
                    let fits = |at: &usize| long.is_some_and(|long| long.headers.is_match(&header.names[*at]));
                    (0..header.names.len()).filter(fits).collect()
                }
                Origin::Header => column.headers.iter().flat_map(|name| known.places(name)).collect(),
                Origin::Join(parts) => parts.iter().flat_map(|name| known.places(name)).collect(),
                Origin::Sum(pattern) => {
                    (0..header.names.len()).filter(|at| pattern.is_match(&header.names[*at])).collect()
                }
                _ => Vec::new(),
            };
            let places = places.iter().map(|at| first + *at as u32);
            if column.is_number() {
                numbers.extend(places.clone());
            }
            declared.extend(places);
        }
        {
            let suppressed = contract.columns.iter().flat_map(|column| &column.suppressed);
            Shape { declared, numbers, missing: contract.missing.iter().chain(suppressed).collect() }
        }
    }

    fn is_data(&self, cells: &[(u32, Cell)]) -> bool {
        let is_value = |cell: &Cell| match cell {
            Cell::Text(text) => {
                self.missing.iter().any(|word| *word == text.trim()) || text.trim().parse::<f64>().is_ok()
            }
            Cell::Number(_) => true,
            Cell::Boolean(_) | Cell::Date(_) => false,
        };
        let filled = cells.iter().filter(|(column, _)| self.declared.contains(column)).count();
        let counted = cells.iter().any(|(column, cell)| self.numbers.contains(column) && is_value(cell));
        filled >= 2 && (counted || self.numbers.is_empty())
    }
}
