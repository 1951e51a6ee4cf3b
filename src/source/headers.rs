//! The columns that a contract declares, found under the header of a file.

use super::record::{Field, Header, plain};
use super::sheet::{Cell, cell_name};
use super::{csv_reader, value};
use crate::book::naming::nearest;
use crate::book::{Contract, Origin, SourceColumn};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::frame::Scalar;

/// Where a declared column is found.
pub(super) enum Pick {
    /// Nowhere: the file lacks it, and may.
    Nothing,
    /// The same for the whole table.
    Constant(Scalar),
    /// The same text for the whole table.
    Text(String),
    /// One field.
    Field(usize),
    /// Several fields, joined.
    Join(Vec<usize>),
    /// Several fields, added.
    Sum(Vec<usize>),
}

/// Headers that become rows: the fields with the part of the header that is kept, and the columns they go to.
pub(super) struct Long {
    pub fields: Vec<(usize, String)>,
    pub name: usize,
    pub value: usize,
}

/// How the records of a table become rows.
pub(super) struct Plan {
    /// For each declared column where it is found.
    pub picks: Vec<Pick>,
    pub unpivot: Option<Long>,
    /// Names of columns that the contract does not declare.
    pub ignored: Vec<String>,
    pub part: Option<String>,
    /// The sheet's name and the column of the first field, from 0.
    sheet: Option<(String, u32)>,
}

impl Plan {
    /// The cell of a sheet in which a field stands, or in which its row begins.
    pub fn cell(&self, line: u64, field: Option<usize>) -> Option<String> {
        let (name, first) = self.sheet.as_ref()?;
        let column = first + field.unwrap_or(0) as u32;
        Some(format!("{name}!{}", cell_name(line.saturating_sub(1) as u32, column)))
    }
}

/// Headers as they are compared.
pub(super) struct Names(pub Vec<String>);

impl Names {
    pub fn of(names: &[String]) -> Self {
        Names(names.iter().map(|name| plain(name)).collect())
    }

    /// Places of a header.
    pub fn places(&self, header: &str) -> Vec<usize> {
        let wanted = plain(header);
        self.0.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(at, _)| at).collect()
    }
}

/// Finds all columns of a contract, or says what is missing.
pub(super) fn plan(contract: &Contract, file: &str, header: &Header<'_>) -> Outcome<Plan> {
    let names = Names::of(&header.names);
    let mut problems = Problems::none();
    let unpivot = contract.unpivot.as_ref().and_then(|_| problems.absorb(long(contract, file, header)));
    let long_columns = unpivot.as_ref().map_or([usize::MAX; 2], |long| [long.name, long.value]);
    let mut used: Vec<usize> = unpivot.iter().flat_map(|long| long.fields.iter().map(|(at, _)| *at)).collect();
    let mut picks = Vec::with_capacity(contract.columns.len());
    for (at, column) in contract.columns.iter().enumerate() {
        let found = match long_columns.contains(&at) || contract.unpivot.is_some() && unpivot.is_none() {
            true => Ok(Pick::Nothing),
            false => pick(contract, column, file, header, &names),
        };
        let found = problems.absorb(found).unwrap_or(Pick::Nothing);
        match &found {
            Pick::Field(field) => used.push(*field),
            Pick::Join(fields) | Pick::Sum(fields) => used.extend(fields),
            _ => {}
        }
        picks.push(found);
    }
    let unused = header.names.iter().enumerate().filter(|(at, name)| !name.is_empty() && !used.contains(at));
    let ignored = unused.map(|(_, name)| name.clone()).collect();
    let sheet = header.sheet.map(|(sheet, first)| (sheet.name.clone(), first));
    problems.or(Plan { picks, unpivot, ignored, part: header.part.clone(), sheet })
}

fn pick(contract: &Contract, column: &SourceColumn, file: &str, header: &Header<'_>, names: &Names) -> Outcome<Pick> {
    match &column.origin {
        Origin::Header => field(contract, column, &column.headers, file, header, names)
            .map(|found| found.map_or(Pick::Nothing, Pick::Field)),
        Origin::Join(parts) => {
            let mut problems = Problems::none();
            let find = |part: &String| field(contract, column, std::slice::from_ref(part), file, header, names);
            let found: Vec<Option<usize>> = parts.iter().filter_map(|part| problems.absorb(find(part))).collect();
            let found: Option<Vec<usize>> = found.into_iter().collect();
            problems.or(found.map_or(Pick::Nothing, Pick::Join))
        }
        Origin::Sum(pattern) => {
            let fits = |name: &&(usize, &String)| pattern.is_match(name.1);
            let found: Vec<usize> =
                header.names.iter().enumerate().collect::<Vec<_>>().iter().filter(fits).map(|(at, _)| *at).collect();
            if found.is_empty() && !column.optional {
                let words = format!("{} has no column that matches {pattern}", header.file_words(file));
                return Err(Diagnostic::check("source-missing-column", words)
                    .at(header.place(file, 0, header.text.chars().count()))
                    .note(format!("source `{}` adds them up as `{}`", contract.name, column.name))
                    .help("mend `sum` in candour.toml, or get the file again")
                    .into());
            }
            Ok(if found.is_empty() { Pick::Nothing } else { Pick::Sum(found) })
        }
        _ => constant(contract, column, file, header),
    }
}

/// The field of a column: the first of its names that the file has.
fn field(
    contract: &Contract,
    column: &SourceColumn,
    wanted: &[String],
    file: &str,
    header: &Header<'_>,
    names: &Names,
) -> Outcome<Option<usize>> {
    let found = wanted.iter().map(|name| (name, names.places(name))).find(|(_, places)| !places.is_empty());
    let Some((name, places)) = found else {
        return match column.optional {
            true => Ok(None),
            false => Err(missing_column(contract, column, wanted, file, header).into()),
        };
    };
    let exact: Vec<usize> = places.iter().copied().filter(|at| header.names[*at] == *name).collect();
    let (place, count) = match (column.occurrence, &exact[..], &places[..]) {
        (Some(which), ..) => (places.get(which - 1), which),
        (None, [one], _) | (None, [], [one]) => (Some(one), 1),
        (None, _, [_, second, ..]) => return Err(twice(contract, file, header, *second).into()),
        _ => (places.first(), 1),
    };
    place.copied().map(Some).ok_or_else(|| {
        let words = format!("{} has no {count}. column \"{name}\", only {}", header.file_words(file), places.len());
        Diagnostic::check("source-missing-column", words).at(header.place(file, 0, 1)).into()
    })
}

fn twice(contract: &Contract, file: &str, header: &Header<'_>, at: usize) -> Diagnostic {
    let name = &header.names[at];
    let start = csv_reader::field_column(&header.text, at, contract.delimiter).saturating_sub(1);
    Diagnostic::check(
        "source-duplicate-column",
        format!("{} has two columns named \"{name}\"", header.file_words(file)),
    )
    .at(header.place(file, start, name.chars().count()))
}

fn missing_column(
    contract: &Contract,
    column: &SourceColumn,
    wanted: &[String],
    file: &str,
    header: &Header<'_>,
) -> Diagnostic {
    let shown = wanted.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
    let problem =
        Diagnostic::check("source-missing-column", format!("{} has no column {shown}", header.file_words(file)))
            .at(header.place(file, 0, header.text.chars().count()))
            .note(format!("source `{}` declares it as `{}`", contract.name, column.name));
    let known =
        |name: &String| contract.columns.iter().any(|other| other.headers.iter().any(|own| plain(own) == plain(name)));
    let unclaimed: Vec<&String> = header.names.iter().filter(|name| !name.is_empty() && !known(name)).collect();
    match nearest(&wanted[0], &unclaimed) {
        Some(near) => {
            problem.help(format!("if \"{near}\" is its new name, add it: header = [\"{}\", \"{near}\"]", wanted[0]))
        }
        None => problem.help("get the file again, or mend the contract in candour.toml"),
    }
}

/// A column that is the same for the whole table: from a cell, a label, or the name of the file, sheet or table.
fn constant(contract: &Contract, column: &SourceColumn, file: &str, header: &Header<'_>) -> Outcome<Pick> {
    let cell_field = |cell: Option<&Cell>| match cell {
        Some(Cell::Text(text)) => Field::Text(text.clone().into()),
        Some(Cell::Number(number)) => Field::Value(Scalar::Number(*number)),
        Some(Cell::Boolean(value)) => Field::Value(Scalar::Boolean(*value)),
        Some(Cell::Date(date)) => Field::Value(Scalar::Date(*date)),
        None => Field::Value(Scalar::Missing),
    };
    let text =
        |text: Option<&String>| text.map_or(Field::Value(Scalar::Missing), |text| Field::Text(text.clone().into()));
    let (field, origin) = match (&column.origin, header.sheet) {
        (Origin::Cell(row, at, name), Some((sheet, _))) => (cell_field(sheet.cell(*row, *at)), format!("cell {name}")),
        (Origin::Label(label), Some((sheet, _))) => match sheet.right_of(label) {
            Some((row, at, cell)) => (cell_field(cell), format!("cell {}, right of \"{label}\"", cell_name(row, at))),
            None => (Field::Value(Scalar::Missing), format!("the cell right of \"{label}\", which is not there")),
        },
        (Origin::Sheet, _) => (text(header.part.as_ref()), "the name of the sheet".to_string()),
        (Origin::Title, _) => (text(header.title.as_ref()), "the title above the table".to_string()),
        _ => (text(file.rsplit('/').next().map(str::to_string).as_ref()), "the name of the file".to_string()),
    };
    value::read(Some(&field), column, &contract.missing).map(Pick::Constant).map_err(|(value, rule)| {
        let words = format!("{}: `{}` is not right: \"{value}\": {rule}", header.file_words(file), column.name);
        Diagnostic::check("source-constant", words)
            .in_file(header.file_words(file))
            .note(format!("source `{}` takes it from {origin}", contract.name))
            .help("mend the contract in candour.toml, or get the file again")
            .into()
    })
}

/// The headers that become rows.
fn long(contract: &Contract, file: &str, header: &Header<'_>) -> Outcome<Long> {
    let position = |name: &str| contract.columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX);
    let Some(unpivot) = &contract.unpivot else {
        return Ok(Long { fields: Vec::new(), name: usize::MAX, value: usize::MAX });
    };
    let captured = |name: &String| Some(unpivot.headers.captures(name)?.get(1)?.as_str().to_string());
    let fields: Vec<(usize, String)> =
        header.names.iter().enumerate().filter_map(|(at, name)| Some((at, captured(name)?))).collect();
    if fields.is_empty() {
        let words = format!("{} has no column that matches {}", header.file_words(file), unpivot.headers);
        return Err(Diagnostic::check("source-missing-column", words)
            .at(header.place(file, 0, header.text.chars().count()))
            .note(format!("source `{}` makes rows of them", contract.name))
            .help("mend `unpivot.headers` in candour.toml, or get the file again")
            .into());
    }
    Ok(Long { fields, name: position(&unpivot.name), value: position(&unpivot.value) })
}
