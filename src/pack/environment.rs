//! The template environment: what templates can say, and how their mistakes are shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::data::Writer;
use super::escape::string_literal;
use super::figure::{Figure, FigureRecord, Recorder, Row, bare};
use super::format::NOT_AVAILABLE;
use super::library::{Library, Table};
use super::line_map::{LineMap, Marked, mark, unmark};
use super::lint::bare_comparisons;
use crate::book::naming::nearest;
use crate::book::{Book, TEMPLATES, list_files, read_within};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::{ColumnType, Scalar};

/// Steps that one template may take: enough for thousands of pages, an end to an endless loop.
const FUEL: u64 = 200_000_000;

/// What a template can see besides tables.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Named tables of scalars: parameters, brand, edition, book, pack.
    pub scalars: Vec<(String, Vec<(String, Scalar)>)>,
    /// The row that the pack is about: table and row number.
    pub row: Option<(String, usize)>,
}

/// A template filled in.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Typst source.
    pub source: String,
    /// The way back to the templates.
    pub map: LineMap,
    /// Values printed.
    pub figures: Vec<FigureRecord>,
    /// Tables read.
    pub reads: BTreeSet<String>,
}

/// All templates of a book.
pub struct Templates {
    environment: Environment<'static>,
    /// Template files in the order of their numbers in line maps.
    files: Vec<(String, String, Marked)>,
    library: Arc<Library>,
}

/// Whether some font can show a character.
pub type Printable = Arc<dyn Fn(char) -> bool + Send + Sync>;

impl Templates {
    /// Reads every template of a book.
    pub fn read(book: &Book, library: Arc<Library>, printable: Printable) -> Outcome<Templates> {
        let folder = book.root.join(TEMPLATES);
        let mut problems = Problems::none();
        let mut files = Vec::new();
        let names = list_files(&folder)?.into_iter().filter(|name| name.ends_with(".typ") && !name.starts_with("lib/"));
        for name in names {
            let read = read_within(&folder, &name).and_then(|file| file.text());
            if let Some(text) = problems.absorb(read) {
                let marked = mark(files.len(), &text);
                files.push((name, text, marked));
            }
        }
        problems.or(())?;
        let mut environment = Environment::new();
        configure(&mut environment, printable);
        add_functions(&mut environment, &library);
        let templates = Templates { environment, files, library };
        templates.compile()
    }

    /// Compiles every template, so that all syntax errors are reported at once.
    fn compile(mut self) -> Outcome<Templates> {
        let mut problems = Problems::none();
        for at in 0..self.files.len() {
            let (name, text, marked) = &self.files[at];
            for range in bare_comparisons(text) {
                let words = format!(
                    "`{}` is a value with an address, and is never equal to or less than a bare one",
                    &text[range.clone()]
                );
                let problem = Diagnostic::fault("template-comparison", words)
                    .at(Place::in_text(format!("{TEMPLATES}/{name}"), text, range.start, range.end))
                    .help(format!("compare `{}.raw`", &text[range]));
                problems.push(problem);
            }
            if let Err(error) = self.environment.add_template_owned(name.clone(), marked.text.clone()) {
                problems.push(self.problem(&error));
            }
        }
        problems.or(self)
    }

    /// Fills a template.
    pub fn render(&self, template: &str, context: &Context) -> Outcome<Rendered> {
        let root = self.context(context)?;
        let found = self.environment.get_template(template).map_err(|_| self.unknown(template))?;
        let captured = found.render_captured(root).map_err(|error| self.problem(&error))?;
        let (figures, reads) = captured.state().get_extension::<Recorder>().map(Recorder::noted).unwrap_or_default();
        let (source, map) = unmark(captured.output());
        Ok(Rendered { source, map, figures, reads })
    }

    /// File name and text of a template by its number in a line map.
    pub fn file(&self, number: usize) -> Option<(String, &str)> {
        self.files.get(number).map(|(name, text, _)| (format!("{TEMPLATES}/{name}"), text.as_str()))
    }

    fn context(&self, context: &Context) -> Outcome<Value> {
        let mut root: Vec<(String, Value)> = Vec::new();
        for (name, scalars) in &context.scalars {
            root.push((name.clone(), Value::from_pairs(scalars.iter().map(|(key, value)| (key.clone(), bare(value))))));
        }
        if let Some((table, row)) = &context.row {
            let table = self.library.table(table).map_err(|words| Diagnostic::fault("pack-table", words))?;
            root.push(("row".to_string(), Value::from_object(Row { table, row: *row })));
        }
        Ok(Value::from_pairs(root))
    }

    fn unknown(&self, template: &str) -> Diagnostic {
        let names: Vec<&String> = self.files.iter().map(|(name, ..)| name).collect();
        let problem = Diagnostic::fault("template-not-found", format!("no template {TEMPLATES}/{template}"))
            .in_file(crate::book::BOOK_FILE);
        match nearest(template, &names) {
            Some(near) => problem.help(format!("did you mean {near}?")),
            None => problem,
        }
    }

    /// A template error at its place in the template, with the error that caused it.
    fn problem(&self, error: &Error) -> Diagnostic {
        let mut deepest = error;
        let mut outer: Vec<&Error> = Vec::new();
        while let Some(inner) = std::error::Error::source(deepest).and_then(|source| source.downcast_ref::<Error>()) {
            outer.push(deepest);
            deepest = inner;
        }
        let words = deepest.detail().map_or_else(|| deepest.kind().to_string(), str::to_string);
        let mut problem = Diagnostic::fault("template", words.lines().next().unwrap_or_default().to_string());
        problem.place = self.place(deepest).or_else(|| outer.last().and_then(|error| self.place(error)));
        if deepest.kind() == ErrorKind::UndefinedError && deepest.detail().is_none() {
            problem = problem.help(
                "a template sees: row, parameters, brand, book, edition, pack, and the functions cell, one and maybe",
            );
        }
        if deepest.kind() == ErrorKind::OutOfFuel {
            problem = problem.help("does a loop in the template never end?");
        }
        for error in outer {
            if let Some(place) = self.place(error).filter(|place| Some(place) != problem.place.as_ref()) {
                problem = problem.note(format!("from {} at line {}", place.file, place.line));
            }
        }
        problem
    }

    fn place(&self, error: &Error) -> Option<Place> {
        let (name, text, marked) = self.files.iter().find(|(name, ..)| Some(name.as_str()) == error.name())?;
        let file = format!("{TEMPLATES}/{name}");
        match (error.range(), error.line()) {
            (Some(range), _) => {
                Some(Place::in_text(file, text, marked.original(range.start), marked.original(range.end)))
            }
            (None, Some(line)) => Some(Place::at(file, text, line, 1, 1)),
            (None, None) => Some(Place::file(file)),
        }
    }
}

/// Printing: every value becomes a Typst string literal, except what a macro of the template wrote.
fn configure(environment: &mut Environment<'static>, printable: Printable) {
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("typst".into()));
    // A line that holds only a tag leaves no line behind.
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    for unsafe_filter in ["safe", "escape", "e", "tojson", "urlencode"] {
        environment.remove_filter(unsafe_filter);
    }
    let literal = Arc::clone(&printable);
    environment.set_formatter(move |out: &mut Output, state: &mut State, value: &Value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let text = match value.downcast_object_ref::<Figure>() {
            Some(figure) => {
                state.get_or_insert_extension_with(Recorder::default).print(figure);
                figure.words()
            }
            None if value.is_safe() => return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from),
            // A block that the template captured and prints as text carries the marks of its lines.
            None => unmark(&plain_words(value)?).0,
        };
        out.write_str(&string_literal(&text, &*literal)).map_err(Error::from)
    });
    environment.add_filter("data", move |state: &mut State, value: Value, columns: Rest<String>| {
        let recorder = state.get_or_insert_extension_with(Recorder::default);
        let mut writer = Writer { printable: &*printable, recorder, columns: &columns };
        writer.code(&value).map(Value::from_safe_string)
    });
    add_formats(environment);
}

fn plain_words(value: &Value) -> Result<String, Error> {
    if value.downcast_object_ref::<Row>().is_some() {
        return Err(Error::new(ErrorKind::BadEscape, "a whole row cannot be printed; print one of its columns"));
    }
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map) {
        return Err(Error::new(
            ErrorKind::BadEscape,
            "a list cannot be printed; loop over it, or pass it on with `| data`",
        ));
    }
    if value.is_none() {
        return Ok(NOT_AVAILABLE.to_string());
    }
    match bool::try_from(value.clone()) {
        Ok(flag) if value.kind() == ValueKind::Bool => Ok(if flag { "yes" } else { "no" }.to_string()),
        _ => Ok(value.to_string()),
    }
}

fn figure(value: &Value) -> Result<Arc<Figure>, Error> {
    value.downcast_object::<Figure>().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidOperation,
            "this filter formats a value of a cell, such as row.score; it was given a bare value",
        )
    })
}

/// Filters that change how a value is printed and keep its address.
fn add_formats(environment: &mut Environment<'static>) {
    environment.add_filter("fixed", |value: Value, places: usize| {
        Ok::<_, Error>(figure(&value)?.styled(|style| style.decimals = Some(places.min(15))))
    });
    environment.add_filter("percent", |value: Value, places: Option<usize>| {
        Ok::<_, Error>(figure(&value)?.styled(|style| {
            style.percent = true;
            style.decimals = places.map(|places| places.min(15)).or(style.decimals);
        }))
    });
    environment.add_filter("signed", |value: Value, places: Option<usize>| {
        Ok::<_, Error>(figure(&value)?.styled(|style| {
            style.signed = true;
            style.decimals = places.map(|places| places.min(15)).or(style.decimals);
        }))
    });
    environment
        .add_filter("ordinal", |value: Value| Ok::<_, Error>(figure(&value)?.styled(|style| style.ordinal = true)));
    environment.add_filter("number", |value: Value| Ok::<_, Error>(figure(&value)?.styled(|style| style.plain = true)));
    environment.add_filter("plain", |value: Value| Ok::<_, Error>(figure(&value)?.styled(|style| style.plain = true)));
    environment.add_filter("or", |value: Value, words: String| {
        Ok::<_, Error>(figure(&value)?.styled(|style| style.missing = Some(words)))
    });
    environment.add_test("missing", |value: Value| match value.downcast_object_ref::<Figure>() {
        Some(figure) => figure.scalar().is_missing(),
        None => value.is_none(),
    });
}

/// `cell`, `one` and `maybe`: the ways to read a table.
fn add_functions(environment: &mut Environment<'static>, library: &Arc<Library>) {
    let shared = Arc::clone(library);
    environment.add_function("cell", move |state: &mut State, name: String, wanted: Kwargs| {
        let (table, rows) = select(&shared, state, &name, &wanted)?;
        Ok::<_, Error>(
            rows.into_iter()
                .map(|row| Value::from_object(Row { table: Arc::clone(&table), row }))
                .collect::<Vec<Value>>(),
        )
    });
    let shared = Arc::clone(library);
    environment.add_function("one", move |state: &mut State, name: String, wanted: Kwargs| {
        let (table, rows) = select(&shared, state, &name, &wanted)?;
        match rows[..] {
            [row] => Ok(Value::from_object(Row { table, row })),
            _ => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("one row of `{name}` expected, {} found", rows.len()),
            )),
        }
    });
    let shared = Arc::clone(library);
    environment.add_function("maybe", move |state: &mut State, name: String, wanted: Kwargs| {
        let (table, rows) = select(&shared, state, &name, &wanted)?;
        match rows[..] {
            [] => Ok(Value::from(())),
            [row] => Ok(Value::from_object(Row { table, row })),
            _ => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("at most one row of `{name}` expected, {} found", rows.len()),
            )),
        }
    });
}

fn select(
    library: &Library,
    state: &mut State,
    name: &str,
    wanted: &Kwargs,
) -> Result<(Arc<Table>, Vec<usize>), Error> {
    let table = library.table(name).map_err(|words| Error::new(ErrorKind::InvalidOperation, words))?;
    state.get_or_insert_extension_with(Recorder::default).read(name);
    let mut conditions = Vec::new();
    for column in wanted.args() {
        let at = table.frame.position(column).ok_or_else(|| {
            let near =
                nearest(column, &table.names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Error::new(ErrorKind::InvalidOperation, format!("`{name}` has no column `{column}`{near}"))
        })?;
        let value = scalar(&wanted.get::<Value>(column)?);
        let day = match (&value, table.frame.column_type(at)) {
            (Scalar::Text(text), ColumnType::Date) => text.parse().ok().map(Scalar::Date),
            _ => None,
        };
        conditions.push((at, day.unwrap_or(value)));
    }
    let rows = table.matching(&conditions);
    Ok((table, rows))
}

/// A template value as a scalar to look for.
fn scalar(value: &Value) -> Scalar {
    if let Some(figure) = value.downcast_object_ref::<Figure>() {
        return figure.scalar();
    }
    match value.kind() {
        ValueKind::Bool => Scalar::Boolean(value.is_true()),
        ValueKind::Number => match value.as_i64() {
            Some(whole) => Scalar::Integer(whole),
            None => f64::try_from(value.clone()).map_or(Scalar::Missing, Scalar::Number),
        },
        ValueKind::String => Scalar::Text(value.to_string()),
        _ => Scalar::Missing,
    }
}
