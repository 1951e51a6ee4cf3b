//! Whether a change is signal: what a cell of the book says of figures.
//!
//! The cell has the columns `cell` (table), `figure_column`, `is_signal` and `words`; every other column is a key column
//! of the figures it speaks of. A value that is missing speaks of all: a row with only `is_signal` and `words` is about
//! every figure. Of several rows that fit, the one that says most about which figure it means counts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::frame::{ColumnType, Frame, Scalar};

/// Columns of the cell that are not key columns of figures.
const OWN: [&str; 4] = ["cell", "figure_column", "is_signal", "words"];

/// What is said of a figure's change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// Whether it is more than chance explains; nothing where that could not be judged.
    pub is_signal: Option<bool>,
    /// Why, in words.
    pub words: String,
}

/// What a cell says of figures.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Rows by table and column that they speak of.
    rows: BTreeMap<(Option<String>, Option<String>), Vec<Row>>,
}

#[derive(Clone, Debug)]
struct Row {
    key: Vec<(String, Scalar)>,
    judgement: Judgement,
}

impl Signals {
    /// Reads the result of the cell of this name.
    pub fn read(name: &str, file: &str, frame: &Frame) -> Outcome<Signals> {
        let mut problems = Problems::none();
        for (column, kind) in
            OWN.iter().zip([ColumnType::Text, ColumnType::Text, ColumnType::Boolean, ColumnType::Text])
        {
            let given = frame.position(column).map(|at| frame.column_type(at));
            if given != Some(kind) {
                let kind = if kind == ColumnType::Text { "text" } else { "true or false" };
                let words = format!("`{name}` says whether changes are signal, and has no column `{column}` of {kind}");
                problems.push(Diagnostic::fault("diff-signal", words).in_file(file).help(
                    "it needs `cell`, `figure_column`, `is_signal` and `words`; all other columns are keys of figures",
                ));
            }
        }
        problems.or(())?;
        let names: Vec<String> = frame.names().into_iter().map(str::to_string).collect();
        let mut signals = Signals::default();
        for row in 0..frame.height() {
            let value = |name: &str| frame.position(name).map_or(Scalar::Missing, |at| frame.value(row, at));
            let text = |name: &str| match value(name) {
                Scalar::Text(text) => Some(text),
                _ => None,
            };
            let key = names.iter().filter(|name| !OWN.contains(&name.as_str())).map(|name| (name.clone(), value(name)));
            let is_signal = match value("is_signal") {
                Scalar::Boolean(is_signal) => Some(is_signal),
                _ => None,
            };
            let judgement = Judgement { is_signal, words: text("words").unwrap_or_default() };
            let key = key.filter(|(_, value)| !value.is_missing()).collect();
            signals.rows.entry((text("cell"), text("figure_column"))).or_default().push(Row { key, judgement });
        }
        Ok(signals)
    }

    /// What is said of the change of a figure.
    pub fn judge(&self, cell: &str, key: &[(String, Value)], column: &str) -> Option<&Judgement> {
        let (cell, column) = (Some(cell.to_string()), Some(column.to_string()));
        let asked = [(&cell, &column, 2), (&cell, &None, 1), (&None, &column, 1), (&None, &None, 0)];
        let mut best: Option<(usize, &Judgement)> = None;
        for (cell, column, said) in asked {
            let rows = self.rows.get(&(cell.clone(), column.clone())).into_iter().flatten();
            for row in rows.filter(|row| row.speaks_of(key)) {
                let said = said + row.key.len();
                if best.is_none_or(|(most, _)| said > most) {
                    best = Some((said, &row.judgement));
                }
            }
        }
        best.map(|(_, judgement)| judgement)
    }
}

impl Row {
    fn speaks_of(&self, key: &[(String, Value)]) -> bool {
        self.key.iter().all(|(name, wanted)| key.iter().any(|(column, value)| column == name && same(value, wanted)))
    }
}

/// Whether a value as it was published is a value of a cell.
fn same(published: &Value, value: &Scalar) -> bool {
    match (published, value.number()) {
        (Value::Number(number), Some(wanted)) => number.as_f64() == Some(wanted),
        (Value::String(text), _) => *text == value.to_string(),
        (Value::Bool(flag), _) => *value == Scalar::Boolean(*flag),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[&str]) -> Vec<Scalar> {
        values.iter().map(|word| if word.is_empty() { Scalar::Missing } else { Scalar::Text((*word).into()) }).collect()
    }

    fn signals() -> Signals {
        let frame = Frame::from_columns(vec![
            ("cell".into(), ColumnType::Text, text(&["", "scores", "scores"])),
            ("figure_column".into(), ColumnType::Text, text(&["", "", "score"])),
            ("unit".into(), ColumnType::Text, text(&["", "A", "A"])),
            (
                "is_signal".into(),
                ColumnType::Boolean,
                vec![Scalar::Missing, Scalar::Boolean(false), Scalar::Boolean(true)],
            ),
            ("words".into(), ColumnType::Text, text(&["all", "all of A", "the score of A"])),
        ]);
        Signals::read("signal", "queries/signal.sql", &frame).unwrap()
    }

    #[test]
    fn the_row_that_says_most_counts() {
        let signals = signals();
        let key = |unit: &str| vec![("unit".to_string(), Value::from(unit)), ("year".to_string(), Value::from(1))];
        let words = |cell, unit: &str, column| signals.judge(cell, &key(unit), column).map(|found| found.words.clone());
        assert_eq!(words("scores", "A", "score").as_deref(), Some("the score of A"));
        assert_eq!(words("scores", "A", "rank").as_deref(), Some("all of A"));
        assert_eq!(words("scores", "B", "score").as_deref(), Some("all"));
        assert_eq!(words("other", "A", "score").as_deref(), Some("all"));
        assert_eq!(Signals::default().judge("scores", &[], "score"), None);
    }

    #[test]
    fn a_cell_without_the_columns_is_refused_with_all_that_lack() {
        let frame = Frame::from_columns(vec![("cell".into(), ColumnType::Integer, vec![])]);
        let problems = Signals::read("signal", "queries/signal.sql", &frame).unwrap_err();
        assert_eq!(problems.0.len(), 4, "{problems}");
    }
}
