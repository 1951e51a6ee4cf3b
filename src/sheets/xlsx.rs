//! Excel workbooks. The only room that names rust_xlsxwriter.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Table, TableColumn, TableStyle, Url, Worksheet,
    XlsxError,
};

use super::form::Form;
use super::grid::{Cell, Grid, GridColumn, Properties, Sheet, Weight, Workbook};

/// Speed matters more than the last fifth of size: there are hundreds of packs.
const COMPRESSION: u8 = 1;

/// A workbook as the bytes of an .xlsx file.
pub(super) fn write(book: &Workbook) -> Result<Vec<u8>, String> {
    let mut file = rust_xlsxwriter::Workbook::new();
    let written = fill(&mut file, book).and_then(|()| file.save_to_buffer());
    written.map_err(|error| format!("the .xlsx workbook cannot be written: {error}"))
}

fn fill(file: &mut rust_xlsxwriter::Workbook, book: &Workbook) -> Result<(), XlsxError> {
    file.set_zip_compression_level(COMPRESSION);
    file.set_properties(&properties(&book.properties)?);
    let mut formats = Formats::default();
    for sheet in &book.sheets {
        let page = file.add_worksheet();
        write_sheet(page, sheet, &mut formats)?;
    }
    Ok(())
}

fn properties(properties: &Properties) -> Result<DocProperties, XlsxError> {
    let date = properties.date;
    let year = u16::try_from(date.year()).unwrap_or(1900);
    let day = ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs())?;
    Ok(DocProperties::new()
        .set_title(&properties.title)
        .set_subject(&properties.about)
        .set_author(&properties.author)
        .set_comment(format!("Made with {}", properties.tool))
        .set_creation_datetime(&day)
        .set_custom_property("Language", properties.language.as_str()))
}

fn write_sheet(page: &mut Worksheet, sheet: &Sheet, formats: &mut Formats) -> Result<(), XlsxError> {
    page.set_name(&sheet.name)?;
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    if let Some(width) = sheet.width {
        page.set_column_width(0, width as f64)?;
    }
    for (row, line) in (0u32..).zip(&sheet.lines) {
        let format = formats.get(Look::Line(line.weight, sheet.width.is_some()));
        page.write_string_with_format(row, 0, &line.text, format)?;
        let letter = if line.weight == Weight::Plain { 1.0 } else { 1.5 };
        let lines = sheet.width.map_or(1, |width| wrapped(&line.text, width));
        set_height(page, row, lines as f64 * letter)?;
    }
    let first = u32::try_from(sheet.lines.len()).unwrap_or(u32::MAX);
    match &sheet.table {
        Some(table) => write_table(page, table, first, formats),
        None => Ok(()),
    }
}

fn write_table(page: &mut Worksheet, table: &Grid, first: u32, formats: &mut Formats) -> Result<(), XlsxError> {
    let mut columns = Vec::new();
    for (at, column) in (0u16..).zip(&table.columns) {
        page.set_column_width(at, column.width as f64)?;
        let format = formats.get(Look::Heading(column.right, column.indent)).clone();
        columns.push(TableColumn::new().set_header(&column.heading).set_header_format(format));
    }
    let last = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    let marked = Table::new()
        .set_name(&table.name)
        .set_columns(&columns)
        .set_autofilter(false)
        .set_banded_rows(false)
        .set_style(TableStyle::None);
    page.add_table(first, 0, first.saturating_add(rows), last, &marked)?;
    // Bold letters are wider.
    let heading = table.columns.iter().map(|column| wrapped(&column.heading, column.width * 9 / 10)).max();
    set_height(page, first, heading.unwrap_or(1) as f64)?;
    // Looking a format up costs more than writing the number: the cells of a column that look as most do need none.
    let mut usual = Vec::new();
    for (at, column) in (0u16..).zip(&table.columns) {
        let look = usual_look(table.rows.iter().filter_map(|row| row.get(usize::from(at))), column);
        page.set_column_format(at, formats.get(look))?;
        usual.push(look);
    }
    for (row, cells) in (first.saturating_add(1)..).zip(&table.rows) {
        let wrapping = table.columns.iter().zip(cells).filter(|(column, _)| column.wrap);
        let lines = wrapping.map(|(column, cell)| wrapped(&cell.words(), column.width)).max();
        set_height(page, row, lines.unwrap_or(1) as f64)?;
        for (((at, column), usual), cell) in (0u16..).zip(&table.columns).zip(&usual).zip(cells) {
            let look = Look::of(cell, column);
            let format = (look != *usual || look == Look::Link).then(|| formats.get(look));
            write_cell(page, (row, at), cell, format)?;
        }
    }
    Ok(())
}

/// Makes room for several lines. Programs differ in whether they do so themselves when they open a workbook.
fn set_height(page: &mut Worksheet, row: u32, lines: f64) -> Result<(), XlsxError> {
    const LINE: f64 = 15.0;
    const HIGHEST: f64 = 409.0;
    if lines > 1.0 {
        page.set_row_height(row, (lines * LINE).min(HIGHEST))?;
    }
    Ok(())
}

/// The lines that words take in a column of so many characters.
fn wrapped(text: &str, width: usize) -> usize {
    let (mut lines, mut filled) = (1, 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if filled > 0 && filled + 1 + length > width {
            lines += 1;
            filled = 0;
        }
        // A word that is longer than a line is broken.
        lines += length.saturating_sub(1) / width.max(1);
        // One that fills its line to the end leaves no room for the next.
        let on_last_line = if length == 0 { 0 } else { (length - 1) % width.max(1) + 1 };
        filled += on_last_line + 1;
    }
    lines
}

fn write_cell(
    page: &mut Worksheet,
    (row, at): (u32, u16),
    cell: &Cell,
    format: Option<&Format>,
) -> Result<(), XlsxError> {
    match (cell, format) {
        (Cell::Number(value, ..), Some(format)) => page.write_number_with_format(row, at, *value, format)?,
        (Cell::Number(value, ..), None) => page.write_number(row, at, *value)?,
        (Cell::Day(day), format) => {
            let year = u16::try_from(day.year()).unwrap_or(1900);
            let day = ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs())?;
            match format {
                Some(format) => page.write_datetime_with_format(row, at, &day, format)?,
                None => page.write_datetime(row, at, &day)?,
            }
        }
        // Written as text, whatever it begins with: nothing here is ever a formula.
        (Cell::Text(text), Some(format)) => page.write_string_with_format(row, at, text, format)?,
        (Cell::Text(text), None) => page.write_string(row, at, text)?,
        (Cell::Link(sheet), format) => {
            let url = Url::new(format!("internal:'{}'!A1", sheet.replace('\'', "''"))).set_text(sheet);
            match format {
                Some(format) => page.write_url_with_format(row, at, url, format)?,
                None => page.write_url(row, at, url)?,
            }
        }
    };
    Ok(())
}

/// The look that most cells of a column have.
fn usual_look<'c>(cells: impl Iterator<Item = &'c Cell>, column: &GridColumn) -> Look {
    let mut counts: BTreeMap<Look, usize> = BTreeMap::new();
    for cell in cells {
        *counts.entry(Look::of(cell, column)).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(Look::Words(column.right, column.wrap, column.indent), |(look, _)| look)
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Line(Weight, bool),
    Heading(bool, bool),
    Words(bool, bool, bool),
    Day(bool),
    Number(Form),
    Link,
}

impl Look {
    fn of(cell: &Cell, column: &GridColumn) -> Look {
        match cell {
            Cell::Number(_, form, _) => Look::Number(*form),
            Cell::Day(_) => Look::Day(column.right),
            Cell::Text(_) => Look::Words(column.right, column.wrap, column.indent),
            Cell::Link(_) => Look::Link,
        }
    }
}

/// The formats of a workbook, each made once.
#[derive(Default)]
struct Formats {
    made: BTreeMap<Look, Format>,
}

impl Formats {
    fn get(&mut self, look: Look) -> &Format {
        self.made.entry(look).or_insert_with(|| format(look))
    }
}

fn format(look: Look) -> Format {
    let side = |format: Format, right: bool| match right {
        true => format.set_align(FormatAlign::Right),
        false => format.set_align(FormatAlign::Left),
    };
    let inside = |format: Format, indent: bool| if indent { format.set_indent(1) } else { format };
    let base = Format::new().set_align(FormatAlign::Top);
    match look {
        Look::Line(weight, wrap) => {
            let format = match weight {
                Weight::Title => Format::new().set_bold().set_font_size(16),
                Weight::Strong => Format::new().set_bold().set_font_size(12),
                Weight::Plain => Format::new().set_font_size(11),
            };
            // Said even where it is the default: a cell without a look of its own takes that of its column.
            let format = format.set_align(FormatAlign::Left);
            if wrap { format.set_text_wrap().set_align(FormatAlign::Top) } else { format }
        }
        Look::Heading(right, indent) => {
            let format = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Bottom);
            inside(side(format.set_border_bottom(FormatBorder::Thin), right), indent)
        }
        Look::Words(right, wrap, indent) => inside(side(if wrap { base.set_text_wrap() } else { base }, right), indent),
        Look::Day(right) => side(base.set_num_format("d mmmm yyyy"), right),
        Look::Number(form) => side(base.set_num_format(number_format(form)), true),
        Look::Link => base.set_hyperlink().set_text_wrap(),
    }
}

/// A form in Excel's own language. The minus sign is the hyphen: programs put it there themselves.
fn number_format(form: Form) -> String {
    let whole = if form.grouped { "#,##0" } else { "0" };
    let places = if form.decimals > 0 { format!(".{}", "0".repeat(form.decimals)) } else { String::new() };
    let pounds = if form.pounds { "£" } else { "" };
    let number = format!("{pounds}{whole}{places}{}", if form.percent { "%" } else { "" });
    if form.signed { format!("+{number};-{number};{number}") } else { format!("{number};-{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_take_the_lines_that_they_need() {
        assert_eq!(wrapped("", 10), 1);
        assert_eq!(wrapped("one two", 10), 1);
        assert_eq!(wrapped("one two three", 10), 2);
        assert_eq!(wrapped("Statement number", 9), 2);
        assert_eq!(wrapped(&"a".repeat(25), 10), 3);
    }

    #[test]
    fn forms_are_in_the_language_of_excel() {
        let form = Form { decimals: 1, grouped: true, percent: true, signed: true, pounds: false };
        assert_eq!(number_format(form), "+#,##0.0%;-#,##0.0%;#,##0.0%");
        assert_eq!(number_format(Form { pounds: true, grouped: true, ..Form::default() }), "£#,##0;-£#,##0");
    }
}
