//! The text of pages, from what their content draws.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Object};

use super::font::Font;
use super::{Allowance, DEEPEST, File, Read};

/// The most operations that the pages of one document may have together.
const MOST_OPERATIONS: usize = 5_000_000;
/// A gap wider than this, in units of the type size, is a space between words.
const WORD_GAP: f64 = 0.1;
/// A step across the line larger than this is another line.
const LINE_STEP: f64 = 0.5;
/// A step back along the line larger than this begins a line, or another cell of a table.
const BACK_STEP: f64 = 0.3;

/// The text of each page.
pub(super) fn page_texts(file: &File) -> Read<Vec<String>> {
    let mut reading =
        Reading { file, allowance: Allowance::new(), operations: MOST_OPERATIONS, fonts: BTreeMap::new() };
    let pages = file.pages()?;
    pages.into_iter().enumerate().map(|(number, page)| reading.page(page, number + 1)).collect()
}

/// What is shared by the pages of a document.
struct Reading<'a> {
    file: &'a File,
    allowance: Allowance,
    operations: usize,
    /// Fonts by the object that they are.
    fonts: BTreeMap<lopdf::ObjectId, Font>,
}

/// A change of coordinates: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const UNIT: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This change, and then the other.
    fn then(self, other: Matrix) -> Matrix {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, other.0);
        Matrix([a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l])
    }

    fn moved(self, x: f64, y: f64) -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }

    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn from_operands(operands: &[Object]) -> Option<Matrix> {
        let numbers: Vec<f64> = operands.iter().map_while(|one| number(Some(one))).collect();
        numbers.try_into().ok().map(Matrix)
    }
}

fn number(object: Option<&Object>) -> Option<f64> {
    object?.as_float().ok().map(f64::from)
}

/// What `q` saves and `Q` brings back.
#[derive(Clone)]
struct State {
    page: Matrix,
    font: Option<lopdf::ObjectId>,
    size: f64,
    between_signs: f64,
    between_words: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl State {
    fn new(page: Matrix) -> State {
        State {
            page,
            font: None,
            size: 0.0,
            between_signs: 0.0,
            between_words: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Text as it is put together.
#[derive(Default)]
struct Words {
    text: String,
    /// Where the last sign ended, and the size and direction it had.
    last: Option<Stroke>,
    /// Marked content that is open: how it reads, where it says so.
    marks: Vec<Option<String>>,
    /// The open mark that says how it reads, and whether that has still to be written.
    spoken: Option<(usize, bool)>,
}

/// One sign on the page.
#[derive(Clone, Copy)]
struct Stroke {
    start: (f64, f64),
    end: (f64, f64),
    along: (f64, f64),
    size: f64,
}

impl Words {
    fn open(&mut self, reads: Option<String>) {
        if reads.is_some() && self.spoken.is_none() {
            self.spoken = Some((self.marks.len(), true));
        }
        self.marks.push(reads);
    }

    fn close(&mut self) {
        self.marks.pop();
        if self.spoken.is_some_and(|(at, _)| at >= self.marks.len()) {
            self.spoken = None;
        }
    }

    fn sign(&mut self, meaning: &str, stroke: Stroke) {
        let Some((at, pending)) = self.spoken else { return self.write(meaning, stroke) };
        if pending {
            let reads = self.marks.get(at).cloned().flatten().unwrap_or_default();
            self.write(&reads, stroke);
            self.spoken = Some((at, false));
        }
        self.last = Some(stroke);
    }

    fn write(&mut self, meaning: &str, stroke: Stroke) {
        if !meaning.is_empty() {
            let between = self.last.map_or("", |last| between(last, stroke));
            let spaced = self.text.is_empty() || self.text.ends_with(char::is_whitespace);
            match between {
                "\n" if self.text.ends_with(' ') => {
                    self.text.pop();
                    self.text.push('\n');
                }
                " " if spaced || meaning.starts_with(char::is_whitespace) => {}
                "\n" if self.text.ends_with('\n') => {}
                words => self.text.push_str(words),
            }
            self.text.push_str(meaning);
        }
        self.last = Some(stroke);
    }
}

/// What stands between two signs: nothing, a space or the end of a line.
fn between(last: Stroke, next: Stroke) -> &'static str {
    let (x, y) = (next.start.0 - last.end.0, next.start.1 - last.end.1);
    let (along, across) = (x * next.along.0 + y * next.along.1, x * next.along.1 - y * next.along.0);
    let turned = last.along.0 * next.along.0 + last.along.1 * next.along.1 < 0.99;
    let size = last.size.max(next.size).max(f64::MIN_POSITIVE);
    if turned || across.abs() > LINE_STEP * size || along < -BACK_STEP * size {
        "\n"
    } else if along > WORD_GAP * last.size.min(next.size) {
        " "
    } else {
        ""
    }
}

impl<'a> Reading<'a> {
    fn page(&mut self, page: lopdf::ObjectId, number: usize) -> Read<String> {
        let file = self.file;
        let (own, others) = file.document.get_page_resources(page).unwrap_or_default();
        let shared = || others.iter().find_map(|id| file.document.get_dictionary(*id).ok());
        let nothing = Dictionary::new();
        let resources = own.or_else(shared).unwrap_or(&nothing);
        let mut content = Vec::new();
        for id in file.document.get_page_contents(page) {
            let Ok(stream) = file.document.get_object(id).and_then(Object::as_stream) else { continue };
            let part = self.allowance.unpack(stream)?.ok_or_else(|| format!("its page {number} is damaged"))?;
            content.extend(part);
            content.push(b'\n');
        }
        let mut words = Words::default();
        self.content(&content, resources, Matrix::UNIT, DEEPEST, &mut words)?;
        Ok(words.text)
    }

    fn content(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        page: Matrix,
        depth: usize,
        words: &mut Words,
    ) -> Read<()> {
        let mut drawing =
            Drawing { state: State::new(page), saved: Vec::new(), text: Matrix::UNIT, line: Matrix::UNIT };
        for operation in Content::decode_iter(content) {
            let operation = operation.map_err(|error| error.to_string())?;
            self.operations = self.operations.checked_sub(1).ok_or("it draws too much to be read")?;
            match operation.operator.as_str() {
                "Do" => self.form(&operation, resources, drawing.state.page, depth, words)?,
                "Tf" => {
                    drawing.state.font = self.font(operation.operands.first(), resources)?;
                    drawing.state.size = number(operation.operands.get(1)).unwrap_or(0.0);
                }
                "BDC" => words.open(self.reads(operation.operands.get(1), resources)),
                "BMC" => words.open(None),
                "EMC" => words.close(),
                _ => drawing.apply(&operation, &self.fonts, words),
            }
        }
        Ok(())
    }

    /// Draws a form, a piece of content with resources of its own.
    fn form(
        &mut self,
        operation: &Operation,
        resources: &Dictionary,
        page: Matrix,
        depth: usize,
        words: &mut Words,
    ) -> Read<()> {
        let file = self.file;
        let name = operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
        let forms = file.child_dictionary(resources, "XObject");
        let form = forms.and_then(|forms| forms.get(name).ok()).map(|form| file.real(form));
        let Some(Object::Stream(form)) = form else { return Ok(()) };
        let drawn = form.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form");
        if !drawn || depth == 0 {
            return Ok(());
        }
        let own = Matrix::from_operands(file.child_array(&form.dict, "Matrix")).unwrap_or(Matrix::UNIT);
        let inside = file.child_dictionary(&form.dict, "Resources").unwrap_or(resources);
        let content = self.allowance.unpack(form)?.unwrap_or_default();
        self.content(&content, inside, own.then(page), depth - 1, words)
    }

    /// The font that a name stands for, read when it is first used.
    fn font(&mut self, name: Option<&Object>, resources: &Dictionary) -> Read<Option<lopdf::ObjectId>> {
        let file = self.file;
        let found = name
            .and_then(|name| name.as_name().ok())
            .zip(file.child_dictionary(resources, "Font"))
            .and_then(|(name, fonts)| fonts.get(name).ok()?.as_reference().ok());
        let Some(id) = found else { return Ok(None) };
        if !self.fonts.contains_key(&id) {
            let Ok(dictionary) = file.document.get_dictionary(id) else { return Ok(None) };
            let font = Font::read(file, dictionary, &mut self.allowance)?;
            self.fonts.insert(id, font);
        }
        Ok(Some(id))
    }

    /// How marked content reads, where its properties say so.
    fn reads(&self, properties: Option<&Object>, resources: &Dictionary) -> Option<String> {
        let properties = match properties? {
            Object::Name(name) => {
                let named = self.file.child_dictionary(resources, "Properties")?;
                self.file.dictionary(named.get(name).ok()?)?
            }
            object => self.file.dictionary(object)?,
        };
        self.file.words(properties, "ActualText")
    }
}

/// Where content stands as it is read.
struct Drawing {
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
}

impl Drawing {
    fn apply(&mut self, operation: &Operation, fonts: &BTreeMap<lopdf::ObjectId, Font>, words: &mut Words) {
        let operands = operation.operands.as_slice();
        let given = |at: usize| number(operands.get(at)).unwrap_or(0.0);
        match operation.operator.as_str() {
            // A document that only ever saves is no document.
            "q" if self.saved.len() < 1000 => self.saved.push(self.state.clone()),
            "Q" => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            "cm" => {
                let change = Matrix::from_operands(operands).unwrap_or(Matrix::UNIT);
                self.state.page = change.then(self.state.page);
            }
            "BT" => self.begin(Matrix::UNIT),
            "Tm" => self.begin(Matrix::from_operands(operands).unwrap_or(Matrix::UNIT)),
            "Td" => self.next_line(given(0), given(1)),
            "TD" => {
                self.state.leading = -given(1);
                self.next_line(given(0), given(1));
            }
            "T*" => self.next_line(0.0, -self.state.leading),
            "Tc" => self.state.between_signs = given(0),
            "Tw" => self.state.between_words = given(0),
            "Tz" => self.state.stretch = given(0) / 100.0,
            "TL" => self.state.leading = given(0),
            "Ts" => self.state.rise = given(0),
            "Tj" => self.show(operands.first(), fonts, words),
            "'" => {
                self.next_line(0.0, -self.state.leading);
                self.show(operands.first(), fonts, words);
            }
            "\"" => {
                (self.state.between_words, self.state.between_signs) = (given(0), given(1));
                self.next_line(0.0, -self.state.leading);
                self.show(operands.get(2), fonts, words);
            }
            "TJ" => {
                for part in operands.first().and_then(|parts| parts.as_array().ok()).into_iter().flatten() {
                    match number(Some(part)) {
                        Some(back) => self.advance(-back / 1000.0 * self.state.size),
                        None => self.show(Some(part), fonts, words),
                    }
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, matrix: Matrix) {
        (self.text, self.line) = (matrix, matrix);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        let matrix = self.line.moved(x, y);
        self.begin(matrix);
    }

    fn advance(&mut self, by: f64) {
        self.text = self.text.moved(by * self.state.stretch, 0.0);
    }

    fn show(&mut self, text: Option<&Object>, fonts: &BTreeMap<lopdf::ObjectId, Font>, words: &mut Words) {
        let font = self.state.font.and_then(|font| fonts.get(&font));
        let (Some(Object::String(bytes, _)), Some(font)) = (text, font) else { return };
        for sign in font.signs(bytes) {
            let place = self.text.then(self.state.page);
            let width = sign.width * self.state.size;
            let (start, end) =
                (place.point(0.0, self.state.rise), place.point(width * self.state.stretch, self.state.rise));
            let [a, b, ..] = place.0;
            // The root is exact on every platform; `hypot` is not.
            let scale = (a * a + b * b).sqrt();
            if scale.is_finite() && scale > 0.0 {
                let along = (a / scale, b / scale);
                words.sign(sign.meaning, Stroke { start, end, along, size: (self.state.size * scale).abs() });
            }
            let word = if sign.space { self.state.between_words } else { 0.0 };
            self.advance(width + self.state.between_signs + word);
        }
    }
}
