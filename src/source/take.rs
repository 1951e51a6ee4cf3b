//! Applies a contract to records as they are read: typed rows, or every rule that a record breaks.

use super::headers::{self, Pick, Plan};
use super::record::{Field, Header, Record};
use super::store::Rows;
use super::version::{self, Version};
use super::{MOST_REJECTS, Reject, csv_reader, reject_words, row_rules, value};
use crate::book::{Contract, SourceColumn};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::frame::Scalar;

/// Most columns of one table: past that it is no table of statistics.
const MOST_COLUMNS: usize = 4096;

/// Takes the tables of one file.
pub(super) struct Taker<'a> {
    contract: &'a Contract,
    file: &'a str,
    rows: &'a mut Rows,
    rejects: &'a mut Vec<Reject>,
    plan: Option<Plan>,
    /// Columns whose values may be withheld.
    withheld: Vec<usize>,
    /// The row before, for values that are written once for several rows.
    above: Vec<Scalar>,
    /// What the file is known as: its version, and what was ignored.
    pub version: Version,
    pub ignored: Vec<String>,
    pub kept: u64,
    pub refused: u64,
    pub footnotes: u64,
    pub warnings: Problems,
}

impl<'a> Taker<'a> {
    pub fn new(contract: &'a Contract, file: &'a str, rows: &'a mut Rows, rejects: &'a mut Vec<Reject>) -> Self {
        Taker {
            contract,
            file,
            rows,
            rejects,
            plan: None,
            withheld: contract.withheld().collect(),
            above: Vec::new(),
            version: version::of_file(contract, file),
            ignored: Vec::new(),
            kept: 0,
            refused: 0,
            footnotes: 0,
            warnings: Problems::none(),
        }
    }

    /// A table begins: finds its columns under the header.
    pub fn begin(&mut self, header: &Header<'_>) -> Outcome<()> {
        if header.names.len() > MOST_COLUMNS {
            let words = format!("{} has {} columns, more than {MOST_COLUMNS}", self.file, header.names.len());
            let problem = Diagnostic::check("source-too-wide", words).in_file(header.file_words(self.file));
            return Err(problem
                .help("check that it is the right file, and that its delimiter is the contract's")
                .into());
        }
        if let Some((sheet, _)) = header.sheet {
            self.version.read_printed(self.contract, self.file, sheet)?;
        }
        let plan = headers::plan(self.contract, self.file, header)?;
        self.above.clear();
        self.ignored
            .extend(plan.ignored.iter().filter(|name| !self.ignored.contains(name)).cloned().collect::<Vec<_>>());
        self.plan = Some(plan);
        Ok(())
    }

    /// A record that cannot be read as one.
    pub fn broken(&mut self, line: u64, text: &str, rule: &str) -> Outcome<()> {
        let reject = Reject { value: cut(text), rule: rule.to_string(), ..self.reject(line, None) };
        self.refuse(vec![reject])
    }

    /// A record of the table.
    pub fn take(&mut self, record: &Record<'_>) -> Outcome<()> {
        let Some(plan) = self.plan.take() else { return Ok(()) };
        let result = self.take_by(&plan, record);
        self.plan = Some(plan);
        result
    }

    fn take_by(&mut self, plan: &Plan, record: &Record<'_>) -> Outcome<()> {
        let Some(unpivot) = &plan.unpivot else {
            return self.keep(plan, record, self.values(plan, record, None));
        };
        for (at, name) in &unpivot.fields {
            let blank = match record.fields.get(*at) {
                Some(Field::Text(text)) => text.trim().is_empty(),
                Some(Field::Value(value)) => value.is_missing(),
                None => true,
            };
            if !blank {
                self.keep(plan, record, self.values(plan, record, Some((*at, name))))?;
            }
        }
        Ok(())
    }

    /// The typed values of a record, or what each column has against it.
    fn values(
        &self,
        plan: &Plan,
        record: &Record<'_>,
        long: Option<(usize, &String)>,
    ) -> Result<Vec<Scalar>, Vec<Reject>> {
        let mut row = Vec::with_capacity(self.contract.columns.len() + 5);
        let mut rejects = Vec::new();
        for (at, (column, pick)) in self.contract.columns.iter().zip(&plan.picks).enumerate() {
            let pick = match (&plan.unpivot, long) {
                (Some(unpivot), Some((_, name))) if unpivot.name == at => &Pick::Text(name.clone()),
                (Some(unpivot), Some((field, _))) if unpivot.value == at => &Pick::Field(field),
                _ => pick,
            };
            match self.value(column, pick, record) {
                Ok(Scalar::Missing) if column.fill_down => {
                    row.push(self.above.get(at).cloned().unwrap_or(Scalar::Missing))
                }
                Ok(value) => row.push(value),
                Err((field, value, rule)) => {
                    let reject = self.reject(record.line, Some((record, plan, field)));
                    rejects.push(Reject { column: column.name.clone(), value: cut(&value), rule, ..reject });
                    row.push(Scalar::Missing);
                }
            }
        }
        if rejects.is_empty() { Ok(row) } else { Err(rejects) }
    }

    /// One value, or the field it stands in (past all fields where it is of none), its text and the rule it breaks.
    fn value(
        &self,
        column: &SourceColumn,
        pick: &Pick,
        record: &Record<'_>,
    ) -> Result<Scalar, (usize, String, String)> {
        let missing = &self.contract.missing;
        let at = |at: usize| move |(value, rule): (String, String)| (at, value, rule);
        match pick {
            Pick::Nothing => value::read(None, column, missing).map_err(at(usize::MAX)),
            Pick::Constant(value) => Ok(value.clone()),
            Pick::Field(field) => value::read(record.fields.get(*field), column, missing).map_err(at(*field)),
            Pick::Text(text) => {
                let field = Field::Text(text.as_str().into());
                value::read(Some(&field), column, missing).map_err(at(usize::MAX))
            }
            Pick::Join(fields) => {
                let joined = value::join(fields.iter().map(|field| record.fields.get(*field)));
                let first = fields.first().copied().unwrap_or(usize::MAX);
                value::read(Some(&joined), column, missing).map_err(at(first))
            }
            Pick::Sum(fields) => {
                let found = fields.iter().filter_map(|at| Some((*at, record.fields.get(*at)?)));
                value::sum(found, column, missing)
            }
        }
    }

    fn keep(&mut self, plan: &Plan, record: &Record<'_>, values: Result<Vec<Scalar>, Vec<Reject>>) -> Outcome<()> {
        let mut row = match values {
            Ok(row) => row,
            Err(rejects) => return self.refuse(rejects),
        };
        if self.contract.columns.iter().any(|column| column.fill_down) {
            self.above.clone_from(&row);
        }
        let shorthands = self.take_shorthands(&mut row);
        let broken = row_rules::broken(self.contract, &row);
        if !broken.is_empty() {
            let rejects = broken.into_iter().map(|found| {
                let field = match plan.picks.get(found.column) {
                    Some(Pick::Field(field)) => *field,
                    _ => usize::MAX,
                };
                let column = self.contract.columns.get(found.column).map_or_else(String::new, |c| c.name.clone());
                let reject = self.reject(record.line, Some((record, plan, field)));
                Reject { column, value: found.value, rule: found.rule, ..reject }
            });
            let rejects = rejects.collect();
            return self.refuse(rejects);
        }
        row.push(Scalar::Text(self.file.to_string()));
        row.push(Scalar::Integer(record.line as i64));
        row.push(plan.part.clone().map_or(Scalar::Missing, Scalar::Text));
        row.push(self.version.vintage().map_or(Scalar::Missing, Scalar::Date));
        row.push(Scalar::Text(self.version.status.clone()));
        row.extend(shorthands);
        self.rows.push(&row);
        self.kept += 1;
        Ok(())
    }

    /// What stands in place of each value that may be withheld; where it is, the value itself becomes missing.
    fn take_shorthands(&self, row: &mut [Scalar]) -> Vec<Scalar> {
        let take = |at: &usize| match row.get_mut(*at) {
            Some(value @ Scalar::Suppressed(_)) => Scalar::Text(std::mem::replace(value, Scalar::Missing).to_string()),
            _ => Scalar::Missing,
        };
        self.withheld.iter().map(take).collect()
    }

    fn reject(&self, line: u64, found: Option<(&Record<'_>, &Plan, usize)>) -> Reject {
        let (at, cell) = match found {
            Some((record, plan, field)) => (
                csv_reader::field_column(record.raw, field, self.contract.delimiter),
                plan.cell(line, Some(field).filter(|field| *field < record.fields.len())),
            ),
            None => (0, self.plan.as_ref().and_then(|plan| plan.cell(line, None))),
        };
        Reject {
            source: self.contract.name.clone(),
            file: self.file.to_string(),
            line,
            at,
            cell,
            column: String::new(),
            value: String::new(),
            rule: String::new(),
        }
    }

    fn refuse(&mut self, mut rejects: Vec<Reject>) -> Outcome<()> {
        self.refused += 1;
        self.rejects.append(&mut rejects);
        if self.rejects.len() <= MOST_REJECTS {
            return Ok(());
        }
        Err(Diagnostic::check("source-rejects", format!("{} has over {MOST_REJECTS} rejects", self.file))
            .in_file(self.file)
            .note(format!("the first: {}", reject_words(&self.rejects[0])))
            .help("the file or the contract is wrong, not a row")
            .into())
    }
}

/// A value as rejects keep it.
pub(super) fn cut(value: &str) -> String {
    value.chars().take(200).collect()
}
