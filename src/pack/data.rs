//! Values as Typst code, for charts and tables that a library function draws.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::escape::string_literal;
use super::figure::{Figure, Recorder, Row};
use super::line_map::{figure_mark, unmark};
use crate::frame::Scalar;

/// Writes values as Typst code and notes the figures among them.
pub(super) struct Writer<'a> {
    pub printable: &'a dyn Fn(char) -> bool,
    pub recorder: &'a mut Recorder,
    /// Columns to write of each row; all if empty.
    pub columns: &'a [String],
}

impl Writer<'_> {
    /// A value as Typst code: a row is a dictionary, a list an array, a missing value `none`.
    pub fn code(&mut self, value: &Value) -> Result<String, Error> {
        if let Some(figure) = value.downcast_object_ref::<Figure>() {
            return self.marked(figure);
        }
        if let Some(row) = value.downcast_object_ref::<Row>() {
            return self.row(row);
        }
        match value.kind() {
            ValueKind::None => Ok("none".to_string()),
            ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.to_string()),
            ValueKind::Number => number(value),
            ValueKind::String => Ok(string_literal(&unmark(value.as_str().unwrap_or_default()).text, self.printable)),
            ValueKind::Seq | ValueKind::Iterable => self.list(value),
            ValueKind::Map => self.dictionary(value),
            ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
            kind => Err(Error::new(ErrorKind::InvalidOperation, format!("a {kind} cannot be passed as data"))),
        }
    }

    fn list(&mut self, value: &Value) -> Result<String, Error> {
        let mut code = String::from("(");
        for item in value.try_iter()? {
            code.push_str(&self.code(&item)?);
            code.push(',');
        }
        code.push(')');
        Ok(code)
    }

    fn dictionary(&mut self, value: &Value) -> Result<String, Error> {
        let mut code = String::from("(");
        for key in value.try_iter()? {
            let name = key.as_str().unwrap_or_default().to_string();
            let inner = self.code(&value.get_item(&key)?)?;
            code.push_str(&format!("{}: {inner},", string_literal(&name, self.printable)));
        }
        code.push_str(if code == "(" { ":)" } else { ")" });
        Ok(code)
    }

    fn row(&mut self, row: &Row) -> Result<String, Error> {
        let mut code = String::from("(");
        let columns: Vec<usize> = match self.columns {
            [] => (0..row.table.names.len()).collect(),
            names => names
                .iter()
                .map(|name| {
                    row.table.frame.position(name).ok_or_else(|| {
                        Error::new(ErrorKind::UndefinedError, format!("`{}` has no column `{name}`", row.table.name))
                    })
                })
                .collect::<Result<_, _>>()?,
        };
        for column in columns {
            let value = self.marked(&row.figure(column))?;
            let name = string_literal(&row.table.names[column], self.printable);
            code.push_str(&format!("{name}: {value},"));
        }
        code.push(')');
        Ok(code)
    }

    /// A figure as code, behind a mark that says where it stands.
    fn marked(&mut self, figure: &Figure) -> Result<String, Error> {
        figure.check_shown()?;
        let id = self.recorder.draw(figure);
        Ok(format!("{}{}", figure_mark(id), self.scalar(&figure.scalar())))
    }

    fn scalar(&self, value: &Scalar) -> String {
        match value {
            Scalar::Missing => "none".to_string(),
            Scalar::Boolean(value) => value.to_string(),
            Scalar::Integer(value) => bracketed(value.to_string()),
            Scalar::Number(value) if value.is_finite() => float(*value),
            Scalar::Number(_) => "none".to_string(),
            Scalar::Text(text) | Scalar::Suppressed(text) => string_literal(text, self.printable),
            Scalar::Date(date) => string_literal(&super::date_words(*date), self.printable),
        }
    }
}

/// A finite number as Typst code, always read back as a float.
fn float(value: f64) -> String {
    let text = value.to_string();
    bracketed(if text.contains('.') { text } else { format!("{text}.0") })
}

/// A negative number in brackets, so that it also stands after a `#` in markup.
fn bracketed(number: String) -> String {
    if number.starts_with('-') { format!("({number})") } else { number }
}

fn number(value: &Value) -> Result<String, Error> {
    if let Some(whole) = value.as_i64() {
        return Ok(bracketed(whole.to_string()));
    }
    match f64::try_from(value.clone()) {
        Ok(number) if number.is_finite() => Ok(float(number)),
        _ => Ok("none".to_string()),
    }
}
