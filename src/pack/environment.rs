//! The template environment: what templates can say, and how their mistakes are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::claim::{Claim, ClaimRecord};
use super::data::Writer;
use super::escape::{plain_text, string_literal};
use super::figure::{Figure, FigureRecord, Named, Recorder, Row, Selection, TableRead, TableReads, bare};
use super::format::NOT_AVAILABLE;
use super::library::{Library, Table};
use super::line_map::{LineMap, Marked, figure_mark, mark, unmark};
use super::lint::bare_comparisons;
use super::text::tidy;
use crate::book::naming::nearest;
use crate::book::{Book, TEMPLATES, TEXT_ENDING, list_files, read_within};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::{ColumnType, Scalar};

/// Steps that one template may take: enough for thousands of pages, an end to an endless loop.
const FUEL: u64 = 200_000_000;

/// Values with names, in order.
pub type NamedValues = Vec<(String, Scalar)>;

/// What a template can see besides tables.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Named tables of scalars: parameters, brand, edition, book, pack.
    pub scalars: Vec<(String, NamedValues)>,
    /// Named lists of rows of scalars, for pages about the pack itself.
    pub lists: Vec<(String, Vec<NamedValues>)>,
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
    /// Claims printed.
    pub claims: Vec<ClaimRecord>,
    /// Byte offsets in the source at which figures begin, in order, with the figures' numbers.
    pub marks: Vec<(usize, usize)>,
    /// What was taken from each table.
    pub reads: BTreeMap<String, TableRead>,
    /// Parameters and other named values asked for, as `table.name`.
    pub scalars: BTreeMap<String, Scalar>,
    /// The plain text that is written beside the pages, where the pack has one.
    pub text: Option<String>,
}

impl Rendered {
    /// Puts code before the first line, on the same line, so that no line moves.
    pub fn begin_with(&mut self, code: &str) {
        self.source.insert_str(0, code);
        self.marks.iter_mut().for_each(|(offset, _)| *offset += code.len());
    }

    /// Adds a plain text, to be written beside the pages. A figure that pages and text print in the same words is one.
    pub fn set_text(&mut self, text: Rendered) {
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for figure in text.figures {
            let same = |known: &&mut FigureRecord| {
                (&known.cell, &known.key, &known.column, &known.text)
                    == (&figure.cell, &figure.key, &figure.column, &figure.text)
            };
            let id = match self.figures.iter_mut().find(same) {
                Some(known) => {
                    known.in_text = true;
                    known.id
                }
                None => {
                    let id = self.figures.len() + 1;
                    self.figures.push(FigureRecord { id, in_text: true, ..figure.clone() });
                    id
                }
            };
            numbers.insert(figure.id, id);
        }
        for claim in text.claims {
            let figure = numbers.get(&claim.figure).copied().unwrap_or(claim.figure);
            if !self.claims.iter().any(|known| known.figure == figure) {
                self.claims.push(ClaimRecord { figure, ..claim });
            }
        }
        for (name, read) in text.reads {
            self.reads.entry(name).or_default().merge(read);
        }
        self.scalars.extend(text.scalars);
        self.text = Some(text.source);
    }

    /// Adds what another template made, to stand after this one.
    pub fn append(&mut self, other: Rendered) {
        let (length, last) = (self.source.len(), self.figures.len());
        self.map.append(&self.source, other.map);
        self.source.push_str(&other.source);
        let later = |id: usize| id + last;
        self.figures.extend(other.figures.into_iter().map(|figure| FigureRecord { id: later(figure.id), ..figure }));
        self.claims.extend(other.claims.into_iter().map(|claim| ClaimRecord { figure: later(claim.figure), ..claim }));
        self.marks.extend(other.marks.into_iter().map(|(offset, id)| (offset + length, later(id))));
        for (name, read) in other.reads {
            self.reads.entry(name).or_default().merge(read);
        }
        self.scalars.extend(other.scalars);
    }
}

/// All templates of a book.
pub struct Templates {
    environment: Environment<'static>,
    /// Templates of plain text have an environment of their own: none of them can get into a page, where what they print
    /// would be code, nor a page's template into a text.
    plain: Environment<'static>,
    /// Template files in the order of their numbers in line maps.
    files: Vec<(String, String, Marked)>,
    /// For each template those that it includes or imports, itself among them.
    parts: BTreeMap<String, BTreeSet<String>>,
    library: Arc<Library>,
}

/// Whether some font can show a character.
pub type Printable = Arc<dyn Fn(char) -> bool + Send + Sync>;

impl Templates {
    /// Reads every template of a book. In a draft, claims that do not hold are printed struck through.
    pub fn read(book: &Book, library: Arc<Library>, printable: Printable, draft: bool) -> Outcome<Templates> {
        let folder = book.root.join(TEMPLATES);
        let mut problems = Problems::none();
        let mut files = Vec::new();
        let own = |name: &String| [".typ", TEXT_ENDING].iter().any(|ending| name.ends_with(ending));
        let names = list_files(&folder)?.into_iter().filter(|name| own(name) && !name.starts_with("lib/"));
        for name in names {
            let read = read_within(&folder, &name).and_then(|file| file.text());
            if let Some(text) = problems.absorb(read) {
                let marked = mark(files.len(), &text);
                files.push((name, text, marked));
            }
        }
        problems.or(())?;
        let mut environment = new_environment(&library);
        print_code(&mut environment, printable, draft);
        let mut plain = new_environment(&library);
        print_text(&mut plain, draft);
        let parts = parts(files.iter().map(|(name, text, _)| (name.as_str(), text.as_str())));
        let templates = Templates { environment, plain, files, parts, library };
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
            let environment = if is_text(name) { &mut self.plain } else { &mut self.environment };
            if let Err(error) = environment.add_template_owned(name.clone(), marked.text.clone()) {
                problems.push(self.problem(&error));
            }
        }
        problems.or(self)
    }

    /// Fills a template. One of plain text gives text with tidy lines; any other gives Typst code.
    pub fn render(&self, template: &str, context: &Context) -> Outcome<Rendered> {
        let root = self.root(context)?;
        let environment = if is_text(template) { &self.plain } else { &self.environment };
        let found = environment.get_template(template).map_err(|_| self.unknown(template))?;
        let mut captured = found.render_captured(root.values).map_err(|error| self.problem(&error))?;
        let (figures, claims, mut reads) = captured
            .with_state_mut(|state| state.get_extension_mut::<Recorder>().map(Recorder::take))
            .unwrap_or_default();
        if let Some((table, row)) = root.row {
            reads.entry(table.name.clone()).or_default().merge(row.noted(&table));
        }
        let unmarked = unmark(captured.output());
        let asked = root.named.iter().flat_map(|(table, named)| {
            named.asked().into_iter().map(move |(name, value)| (format!("{table}.{name}"), value))
        });
        Ok(Rendered {
            source: if is_text(template) { tidy(&unmarked.text) } else { unmarked.text },
            text: None,
            map: unmarked.map,
            figures,
            claims,
            marks: unmarked.figures,
            reads,
            scalars: asked.collect(),
        })
    }

    /// The templates that a template may be made of, itself among them.
    pub fn parts(&self, template: &str) -> BTreeSet<String> {
        self.parts.get(template).cloned().unwrap_or_default()
    }

    /// The text of a template.
    pub fn text(&self, template: &str) -> Option<&str> {
        self.files.iter().find(|(name, ..)| name == template).map(|(_, text, _)| text.as_str())
    }

    /// File name and text of a template by its number in a line map.
    pub fn file(&self, number: usize) -> Option<(String, &str)> {
        self.files.get(number).map(|(name, text, _)| (format!("{TEMPLATES}/{name}"), text.as_str()))
    }

    fn root(&self, context: &Context) -> Outcome<Root> {
        let named: Vec<(String, Arc<Named>)> =
            context.scalars.iter().map(|(name, scalars)| (name.clone(), Arc::new(Named::new(scalars)))).collect();
        let mut values: Vec<(String, Value)> =
            named.iter().map(|(name, scalars)| (name.clone(), Value::from_dyn_object(Arc::clone(scalars)))).collect();
        values.extend(context.lists.iter().map(|(name, rows)| (name.clone(), plain_list(rows))));
        let mut row = None;
        if let Some((table, number)) = &context.row {
            let table = self.library.table(table).map_err(|words| Diagnostic::fault("pack-table", words))?;
            let reads = Arc::new(TableReads::default());
            reads.selection(table.key(*number));
            let value = Row { table: Arc::clone(&table), row: *number, reads: Arc::clone(&reads) };
            values.push(("row".to_string(), Value::from_object(value)));
            row = Some((table, reads));
        }
        Ok(Root { values: Value::from_pairs(values), named, row })
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
                "a template sees: row, parameters, brand, book, edition, pack, and the functions cell, one, maybe and claim",
            );
        }
        if deepest.kind() == ErrorKind::TemplateNotFound
            && let Some((name, ..)) = self.files.iter().find(|(name, ..)| words.contains(&format!("'{name}'")))
        {
            let kind = if is_text(name) { "plain text" } else { "pages" };
            problem.message = format!("{name} is a template of {kind}, and belongs to no other kind");
            problem = problem.help("what pages and a text share can stand in a cell, or in a macro of each");
        }
        if deepest.kind() == ErrorKind::UnknownFilter && deepest.name().is_some_and(is_text) {
            problem = problem.help("a text prints its values one by one: `data` is for charts and tables of pages");
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

/// What a template sees, and what notes which of it was asked for.
struct Root {
    values: Value,
    named: Vec<(String, Arc<Named>)>,
    row: Option<(Arc<Table>, Arc<TableReads>)>,
}

/// Rows of bare values as a list of maps.
fn plain_list(rows: &[Vec<(String, Scalar)>]) -> Value {
    let map =
        |row: &Vec<(String, Scalar)>| Value::from_pairs(row.iter().map(|(name, value)| (name.clone(), bare(value))));
    rows.iter().map(map).collect()
}

/// For each template those that it includes, imports or extends, directly or not, itself among them. One that names
/// such a template by an expression may be made of any.
fn parts<'t>(files: impl Iterator<Item = (&'t str, &'t str)> + Clone) -> BTreeMap<String, BTreeSet<String>> {
    let own: BTreeMap<&str, Option<Vec<String>>> = files.map(|(name, text)| (name, named_parts(text))).collect();
    let all: BTreeSet<String> = own.keys().map(|name| (*name).to_string()).collect();
    let found = own.keys().map(|name| {
        let (mut found, mut open) = (BTreeSet::new(), vec![(*name).to_string()]);
        while let Some(next) = open.pop() {
            match own.get(next.as_str()) {
                Some(None) => return ((*name).to_string(), all.clone()),
                Some(Some(named)) if found.insert(next.clone()) => open.extend(named.iter().cloned()),
                _ => {}
            }
        }
        ((*name).to_string(), found)
    });
    found.collect()
}

/// The templates that a text names in its tags, or none if a tag does not name one in quotes.
fn named_parts(text: &str) -> Option<Vec<String>> {
    let tags = text.split("{%").skip(1).filter_map(|rest| rest.split("%}").next());
    let mut named = Vec::new();
    for tag in tags {
        let words = tag.trim_matches(['-', '+', ' ', '\t', '\n', '\r']);
        if !["include", "import", "extends", "from"].iter().any(|keyword| words.starts_with(keyword)) {
            continue;
        }
        let quote = words.find(['"', '\''])?;
        let mark = words[quote..].chars().next()?;
        named.push(words[quote + 1..].split(mark).next()?.to_string());
    }
    Some(named)
}

/// Whether a template is one of plain text.
fn is_text(template: &str) -> bool {
    template.ends_with(TEXT_ENDING)
}

/// An environment with all that templates of every kind have in common.
fn new_environment(library: &Arc<Library>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("candour".into()));
    // A line that holds only a tag leaves no line behind.
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    for unsafe_filter in ["safe", "escape", "e", "tojson", "urlencode"] {
        environment.remove_filter(unsafe_filter);
    }
    add_formats(&mut environment);
    add_functions(&mut environment, library);
    environment
}

/// How a kind of template prints words of the data, and claims.
#[derive(Clone)]
struct Printer {
    /// Words as they are written.
    words: Arc<dyn Fn(&str) -> String + Send + Sync>,
    /// A claim's statement, marked and written; and the same where it may not be said, in a draft.
    refused: fn(&str, &str) -> String,
    draft: bool,
}

/// Printing into Typst: every value becomes a string literal, except what a macro of the template wrote.
fn print_code(environment: &mut Environment<'static>, printable: Printable, draft: bool) {
    let literal = Arc::clone(&printable);
    let words = Arc::new(move |text: &str| string_literal(text, &*literal));
    let refused = |statement: &str, reason: &str| format!("[#strike({statement})#{reason}]");
    print_with(environment, Printer { words, refused, draft });
    environment.add_filter("data", move |state: &mut State, value: Value, columns: Rest<String>| {
        let recorder = state.get_or_insert_extension_with(Recorder::default);
        let mut writer = Writer { printable: &*printable, recorder, columns: &columns };
        writer.code(&value).map(Value::from_safe_string)
    });
}

/// Printing into plain text: every value becomes words on one line.
fn print_text(environment: &mut Environment<'static>, draft: bool) {
    let refused = |statement: &str, reason: &str| format!("[{statement}{reason}]");
    print_with(environment, Printer { words: Arc::new(plain_text), refused, draft });
}

fn print_with(environment: &mut Environment<'static>, printer: Printer) {
    environment.set_formatter(move |out: &mut Output, state: &mut State, value: &Value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        if let Some(claim) = value.downcast_object_ref::<Claim>() {
            return print_claim(out, state, claim, &printer);
        }
        let text = match value.downcast_object_ref::<Figure>() {
            Some(figure) => {
                figure.check_shown()?;
                let id = state.get_or_insert_extension_with(Recorder::default).print(figure);
                out.write_str(&figure_mark(id))?;
                figure.words()
            }
            None if value.is_safe() => return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from),
            // A block that the template captured and prints as text carries the marks of its lines.
            None => unmark(&plain_words(value)?).text,
        };
        out.write_str(&(printer.words)(&text)).map_err(Error::from)
    });
}

/// Prints a claim that may be said; in a draft one that may not is struck through, with the reason.
fn print_claim(out: &mut Output, state: &mut State, claim: &Claim, printer: &Printer) -> Result<(), Error> {
    let recorder = state.get_or_insert_extension_with(Recorder::default);
    let id = recorder.print(&claim.figure());
    let record = claim.record(id);
    recorder.claim(record.clone());
    let statement = format!("{}{}", figure_mark(id), (printer.words)(&record.statement));
    let code = match record.refused {
        None => statement,
        Some(reason) if printer.draft => {
            (printer.refused)(&statement, &(printer.words)(&format!(" (not to be said: {reason})")))
        }
        Some(reason) => {
            let key: Vec<String> = record.key.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let words = format!("the claim `{}` may not be printed: {reason}", record.cell);
            let words = format!("{words}\nits statement: {} ({})", record.statement, key.join(", "));
            return Err(Error::new(ErrorKind::InvalidOperation, words));
        }
    };
    out.write_str(&code).map_err(Error::from)
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
    environment.add_filter("shown", |value: Value| Ok::<_, Error>(figure(&value)?.styled(|style| style.shown = true)));
    environment.add_filter("or", |value: Value, words: String| {
        Ok::<_, Error>(figure(&value)?.styled(|style| style.missing = Some(words)))
    });
    environment.add_test("holding", |value: Value| match value.downcast_object_ref::<Claim>() {
        Some(claim) => Ok(claim.record(0).refused.is_none()),
        None if value.is_none() => Ok(false),
        None => Err(Error::new(ErrorKind::InvalidOperation, "`is holding` asks a claim: claim(\"name\", …)")),
    });
    environment.add_test("suppressed", |value: Value| {
        value.downcast_object_ref::<Figure>().is_some_and(|figure| figure.scalar().is_suppressed())
    });
    environment.add_test("missing", |value: Value| match value.downcast_object_ref::<Figure>() {
        Some(figure) => figure.scalar().is_missing(),
        None => value.is_none(),
    });
}

/// `cell`, `one`, `maybe` and `claim`: the ways to read a table.
fn add_functions(environment: &mut Environment<'static>, library: &Arc<Library>) {
    let shared = Arc::clone(library);
    environment.add_function("cell", move |state: &mut State, name: String, wanted: Kwargs| {
        Ok::<_, Error>(select(&shared, state, &name, &wanted)?.into_iter().map(Value::from_object).collect::<Vec<_>>())
    });
    let shared = Arc::clone(library);
    environment.add_function("one", move |state: &mut State, name: String, wanted: Kwargs| {
        one_row(select(&shared, state, &name, &wanted)?, &name).map(Value::from_object)
    });
    let shared = Arc::clone(library);
    environment.add_function("maybe", move |state: &mut State, name: String, wanted: Kwargs| {
        let mut rows = select(&shared, state, &name, &wanted)?;
        match rows.len() {
            0 => Ok(Value::from(())),
            1 => Ok(rows.pop().map(Value::from_object).unwrap_or_default()),
            found => Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("at most one row of `{name}` expected, {found} found"),
            )),
        }
    });
    let shared = Arc::clone(library);
    environment.add_function("claim", move |state: &mut State, name: String, wanted: Kwargs| {
        let row = one_row(select(&shared, state, &name, &wanted)?, &name)?;
        let (holds, statement) = row.table.claim.ok_or_else(|| {
            let words = format!("`{name}` is not a cell of claims: its front matter has no [claim]");
            Error::new(ErrorKind::InvalidOperation, words)
        })?;
        Ok::<_, Error>(Value::from_object(Claim { row, holds, statement }))
    });
}

fn one_row(mut rows: Vec<Row>, name: &str) -> Result<Row, Error> {
    let found = rows.len();
    let row = rows.pop().filter(|_| found == 1);
    row.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("one row of `{name}` expected, {found} found")))
}

fn select(library: &Library, state: &mut State, name: &str, wanted: &Kwargs) -> Result<Vec<Row>, Error> {
    let table = library.table(name).map_err(|words| Error::new(ErrorKind::InvalidOperation, words))?;
    let reads = state.get_or_insert_extension_with(Recorder::default).read(&table);
    let mut selection = Selection::new();
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
        selection.push((column.to_string(), day.unwrap_or(value)));
    }
    let rows = table.selected(&selection);
    reads.selection(selection);
    Ok(rows.into_iter().map(|row| Row { table: Arc::clone(&table), row, reads: Arc::clone(&reads) }).collect())
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
