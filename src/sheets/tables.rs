//! The sheets of tables of figures: which columns, under which headings, in which form.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::figures::{FigureColumn, FigureTable, FigureValue, Shown, humanised};
use super::form::Form;
use super::grid::{Cell, Grid, GridColumn, Names, Sheet};
use super::notes::{NOT_AVAILABLE, Notes, explained, is_shorthand};
use super::workbook::Sourced;
use super::{Source, Subject};
use crate::frame::{ColumnType, Scalar};
use crate::pack::date_words;

/// Longest meaning that still heads a column.
const LONGEST_HEADING: usize = 60;
/// Most sources that are listed above a table; more are counted there and listed on their own sheet.
const MOST_SOURCES: usize = 4;
/// Whole numbers up to here are held exactly by every program.
const EXACT: u64 = 1 << 53;

/// The sheet of a table; none where the pack shows only sentences of it.
pub(super) fn sheet(table: &FigureTable, subject: &Subject, names: &mut Names, notes: &mut Notes) -> Option<Sourced> {
    let wanted = wanted(table)?;
    let name = names.give(&humanised(&table.name));
    let mut marks = BTreeSet::new();
    let mut headings: Vec<String> = Vec::new();
    let (mut columns, mut rows) = (Vec::new(), vec![Vec::new(); table.rows.len()]);
    for at in wanted {
        let column = &table.columns[at];
        let heading = heading(column, &name, &headings, notes);
        headings.push(heading.clone());
        let form = common_form(table, at);
        for (row, filled) in table.rows.iter().zip(&mut rows) {
            let own = || Form::of(&row[at].text, column.unit.as_deref());
            filled.push(cell(&row[at], form.or_else(own), &mut marks));
        }
        columns.push(sized(&heading, column, rows.iter().filter_map(|row| row.last())));
    }
    notes.use_all(&marks);
    let behind = subject.behind.get(&table.name).cloned().unwrap_or_default();
    let lines = above(&table.description, &marks, &behind, subject);
    let grid = Grid::new(&table.name, columns, rows);
    Some((Sheet::with_table(name, &table.title, &table.description, lines, grid), behind))
}

/// The columns of a table that belong in a spreadsheet: sentences are read in the document. None where nothing else of
/// the table is shown than sentences and their labels.
fn wanted(table: &FigureTable) -> Option<Vec<usize>> {
    let all = || 0..table.columns.len();
    let shown = |at: &usize| table.rows.iter().any(|row| row[*at].shown != Shown::No);
    let columns: Vec<usize> = all().filter(|at| table.columns[*at].key || !table.columns[*at].prose).collect();
    let data: Vec<&FigureColumn> =
        columns.iter().filter(|at| !table.columns[**at].key && shown(at)).map(|at| &table.columns[*at]).collect();
    let numbers = data.iter().any(|column| column.kind != ColumnType::Text);
    let sentences = all().any(|at| table.columns[at].prose && shown(&at));
    (numbers || (!data.is_empty() && !sentences)).then_some(columns)
}

/// The lines between a title and its table: what is on the sheet, each sentence of what the table is, and where it
/// comes from.
pub(super) fn above(about: &str, marks: &BTreeSet<String>, behind: &[usize], subject: &Subject) -> Vec<String> {
    let first =
        format!("This sheet holds one table, with the rows of which the document shows a figure.{}", explained(marks));
    let mut lines = vec![first];
    lines.extend(sentences(about));
    lines.extend(source_lines(behind, subject));
    lines
}

/// The sentences of a text, each to stand on a line of its own: a line above a table does not wrap.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let mut rest = text.trim();
    while let Some(end) = rest.find(". ") {
        let (sentence, after) = (&rest[..=end], rest[end + 2..].trim_start());
        if let Some(last) = sentences.last_mut() {
            last.push_str(sentence);
        }
        match after.chars().next().is_some_and(char::is_uppercase) {
            true => sentences.push(String::new()),
            false => sentences.last_mut().into_iter().for_each(|last| last.push(' ')),
        }
        rest = after;
    }
    if let Some(last) = sentences.last_mut() {
        last.push_str(rest);
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Where the numbers of a table come from: each source with its period, status and date, or how many there are.
fn source_lines(sources: &[usize], subject: &Subject) -> Vec<String> {
    let sources: Vec<&Source> = sources.iter().filter_map(|at| subject.sources.get(*at)).collect();
    if sources.len() <= MOST_SOURCES {
        return sources.into_iter().map(source_line).collect();
    }
    let publishers: BTreeSet<&str> = sources.iter().map(|source| source.publisher.as_str()).collect();
    let statuses: BTreeSet<&str> = sources.iter().map(|source| source.status.as_str()).collect();
    let dates: BTreeSet<Date> = sources.iter().filter_map(|source| source.published).collect();
    let dates = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if first != last => {
            format!(". Dates: {} to {}", date_words(*first), date_words(*last))
        }
        (Some(day), _) => format!(". Date: {}", date_words(*day)),
        _ => String::new(),
    };
    vec![format!(
        "Sources: {} publications of {}. Status: {}{dates}. The sheet Sources lists them, each with its period, status \
         and date.",
        sources.len(),
        listed(&publishers, "and"),
        listed(&statuses, "or"),
    )]
}

fn source_line(source: &Source) -> String {
    let published = source.published.map(|day| format!(", {}", date_words(day))).unwrap_or_default();
    format!(
        "Source: {}, {}. Period: {}. Status: {}{published}.",
        source.publication, source.publisher, source.period, source.status
    )
}

/// Words in a list: a, b and c.
fn listed(words: &BTreeSet<&str>, last: &str) -> String {
    let words: Vec<&str> = words.iter().copied().collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The form of all numbers of a column that says in which unit they are; others differ from row to row.
fn common_form(table: &FigureTable, at: usize) -> Option<Form> {
    let column = &table.columns[at];
    if column.key || (column.unit.is_none() && column.decimals.is_none()) {
        return None;
    }
    let forms = |printed: bool| {
        let values = table.rows.iter().map(|row| &row[at]);
        let values = values.filter(|value| !printed || value.shown == Shown::Printed);
        values.filter_map(|value| Form::of(&value.text, column.unit.as_deref())).reduce(Form::with)
    };
    forms(true).or_else(|| forms(false))
}

/// A value as a cell. No cell is left empty: what is missing is said in shorthand.
pub(super) fn cell(value: &FigureValue, form: Option<Form>, marks: &mut BTreeSet<String>) -> Cell {
    let number = |number: f64| Cell::number(number, form.unwrap_or_default());
    let mut shorthand = |mark: &str| {
        marks.insert(mark.to_string());
        Cell::text(mark)
    };
    match &value.value {
        Scalar::Integer(whole) if whole.unsigned_abs() <= EXACT => number(*whole as f64),
        Scalar::Integer(whole) => Cell::Text(whole.to_string()),
        Scalar::Number(value) if value.is_finite() => number(*value),
        Scalar::Boolean(value) => Cell::text(if *value { "yes" } else { "no" }),
        Scalar::Date(day) if in_spreadsheets(*day) => Cell::Day(*day),
        Scalar::Date(day) => Cell::Text(date_words(*day)),
        Scalar::Text(words) if is_shorthand(words) => shorthand(words),
        Scalar::Text(words) if !words.trim().is_empty() => Cell::text(words),
        _ if is_shorthand(&value.text) => shorthand(&value.text),
        _ => shorthand(NOT_AVAILABLE),
    }
}

/// Days before 1 March 1900 are not the same in all programs, and years of five digits not in any.
fn in_spreadsheets(day: Date) -> bool {
    day >= jiff::civil::date(1900, 3, 1)
}

/// What a column is, in few words, with its unit; a longer meaning becomes a note. Headings of a table differ.
fn heading(column: &FigureColumn, sheet: &str, taken: &[String], notes: &mut Notes) -> String {
    let meaning = column.meaning.trim();
    let heads = |words: &str| {
        let short = (1..=LONGEST_HEADING).contains(&words.chars().count());
        short && words.chars().next().is_some_and(|first| !first.is_lowercase())
    };
    let clause = meaning.split([';', ':']).next().unwrap_or_default().trim();
    let named = humanised(&column.name);
    let (words, note) = match meaning {
        "" => (named, None),
        _ if heads(meaning) => (meaning.to_string(), None),
        _ if heads(clause) => (clause.to_string(), Some(format!("Sheet {sheet}: {meaning}."))),
        _ => (named.clone(), Some(format!("Sheet {sheet}, {named}: {meaning}."))),
    };
    let unit = unit_words(column).map(|unit| format!(" ({unit})")).unwrap_or_default();
    let marker = note.map(|note| format!(" {}", notes.note(note))).unwrap_or_default();
    let heading = format!("{words}{unit}{marker}");
    let free = !taken.iter().any(|other| other.to_lowercase() == heading.to_lowercase());
    if free { heading } else { format!("{words}, {}{unit}{marker}", column.name) }
}

/// The unit, where it says more than the heading and the cells do.
pub(super) fn unit_words(column: &FigureColumn) -> Option<&str> {
    let unit = column.unit.as_deref().map(str::trim).filter(|unit| !unit.is_empty())?;
    // Cells show the signs themselves; the others say no more than that it is a number.
    let silent = matches!(unit, "fraction" | "£" | "count" | "value");
    let said = column.meaning.to_lowercase().contains(unit.trim_end_matches('s').to_lowercase().as_str());
    (!silent && !said).then_some(unit)
}

/// A column wide enough for its words, or wrapped.
fn sized<'c>(heading: &str, column: &FigureColumn, cells: impl Iterator<Item = &'c Cell>) -> GridColumn {
    const WIDEST: usize = 50;
    let longest = cells.map(|cell| cell.words().chars().count()).max().unwrap_or_default();
    let word = heading.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    // A heading may take three lines.
    let wanted = longest.max(word).max(heading.chars().count().div_ceil(3)) + 2;
    GridColumn {
        right: matches!(column.kind, ColumnType::Integer | ColumnType::Number),
        wrap: longest + 2 > WIDEST,
        ..GridColumn::words(heading, wanted.clamp(9, WIDEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(meaning: &str, unit: Option<&str>) -> FigureColumn {
        FigureColumn {
            name: "net_gain".to_string(),
            meaning: meaning.to_string(),
            unit: unit.map(str::to_string),
            decimals: None,
            kind: ColumnType::Number,
            key: false,
            prose: false,
        }
    }

    #[test]
    fn a_heading_is_the_meaning_with_its_unit() {
        let mut notes = Notes::default();
        let mut given = |meaning: &str, unit, taken: &[String]| heading(&column(meaning, unit), "S", taken, &mut notes);
        assert_eq!(given("Gain", Some("kg"), &[]), "Gain (kg)");
        assert_eq!(given("Gain in points", Some("point"), &[]), "Gain in points");
        assert_eq!(given("Gain", Some("fraction"), &[]), "Gain");
        assert_eq!(given("", Some("kg"), &[]), "Net gain (kg)");
        assert_eq!(given("Gain", None, &["gain".to_string()]), "Gain, net_gain");
        assert_eq!(given("rose or fell", None, &[]), "Net gain [note 1]");
        let long = "Gain over the year; of plots that were kept by one gardener in both years";
        assert_eq!(given(long, Some("kg"), &[]), "Gain over the year (kg) [note 2]");
        assert_eq!(notes.rows()[0].1, "Sheet S, Net gain: rose or fell.");
        assert_eq!(notes.rows()[1].1, format!("Sheet S: {long}."));
    }

    #[test]
    fn sentences_stand_apart_and_names_stay_whole() {
        assert_eq!(sentences("One of 1.5. Two e.g. this. Three"), ["One of 1.5.", "Two e.g. this.", "Three"]);
        assert!(sentences(" ").is_empty());
    }

    #[test]
    fn no_cell_is_empty() {
        let value = |value: Scalar, text: &str| FigureValue { value, text: text.to_string(), shown: Shown::Printed };
        let mut marks = BTreeSet::new();
        let mut made = |scalar, text| cell(&value(scalar, text), None, &mut marks);
        assert_eq!(made(Scalar::Missing, "[x]"), Cell::text("[x]"));
        assert_eq!(made(Scalar::Missing, "not published"), Cell::text("[x]"));
        assert_eq!(made(Scalar::Missing, "[c]"), Cell::text("[c]"));
        assert_eq!(made(Scalar::Text(" ".to_string()), " "), Cell::text("[x]"));
        assert_eq!(made(Scalar::Text("[z]".to_string()), "[z]"), Cell::text("[z]"));
        assert_eq!(made(Scalar::Number(f64::NAN), "[x]"), Cell::text("[x]"));
        assert_eq!(made(Scalar::Integer(i64::MAX), ""), Cell::text("9223372036854775807"));
        assert_eq!(marks.into_iter().collect::<Vec<_>>(), ["[c]", "[x]", "[z]"]);
    }
}
