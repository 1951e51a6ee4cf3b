//! OpenDocument spreadsheets (ODF 1.3): a small writer, because a workbook here is no more than words, numbers and days
//! in tables. Its parts are written in a fixed order with a fixed date, so that the bytes repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::form::Form;
use super::grid::{Cell, Grid, GridColumn, Properties, Sheet, Weight, Workbook};
use crate::pack::date_words;

const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// Speed matters more than the last fifth of size: there are hundreds of packs.
const COMPRESSION: i64 = 1;

/// The names of the parts of the format that are used here.
const NAMESPACES: &str = concat!(
    "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" ",
    "xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" ",
    "xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" ",
    "xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" ",
    "xmlns:number=\"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0\" ",
    "xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" ",
    "xmlns:meta=\"urn:oasis:names:tc:opendocument:xmlns:meta:1.0\" ",
    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ",
    "xmlns:xlink=\"http://www.w3.org/1999/xlink\" ",
    "office:version=\"1.3\"",
);

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

const PARTS: [(&str, &str); 4] =
    [("/", MEDIA_TYPE), ("content.xml", "text/xml"), ("styles.xml", "text/xml"), ("meta.xml", "text/xml")];

/// A workbook as the bytes of an .ods file.
pub(super) fn write(book: &Workbook) -> Result<Vec<u8>, String> {
    archive(book).map_err(|error| format!("the .ods spreadsheet cannot be written: {error}"))
}

fn archive(book: &Workbook) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let packed = stored.compression_method(CompressionMethod::Deflated).compression_level(Some(COMPRESSION));
    // By this part, first and as it is, programs know what the file is.
    archive.start_file("mimetype", stored)?;
    archive.write_all(MEDIA_TYPE.as_bytes())?;
    let parts = [
        ("content.xml", content(book)),
        ("styles.xml", styles(&book.properties)),
        ("meta.xml", meta(&book.properties)),
        ("META-INF/manifest.xml", manifest()),
    ];
    for (name, text) in parts {
        archive.start_file(name, packed)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn manifest() -> String {
    let mut xml = format!(
        "{HEAD}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" \
         manifest:version=\"1.3\">"
    );
    for (path, kind) in PARTS {
        add(
            &mut xml,
            format_args!("<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"{kind}\"/>"),
        );
    }
    xml + "</manifest:manifest>"
}

fn meta(properties: &Properties) -> String {
    let day = format!("{}T00:00:00", properties.date);
    let mut xml = format!("{HEAD}<office:document-meta {NAMESPACES}><office:meta>");
    for (name, words) in [
        ("meta:generator", properties.tool.as_str()),
        ("dc:title", &properties.title),
        ("dc:subject", &properties.about),
        ("meta:initial-creator", &properties.author),
        ("dc:creator", &properties.author),
        ("meta:creation-date", &day),
        ("dc:date", &day),
        ("dc:language", &properties.language),
    ] {
        add(&mut xml, format_args!("<{name}>{}</{name}>", escaped(words)));
    }
    xml + "</office:meta></office:document-meta>"
}

/// The styles that all cells have: language and letters.
fn styles(properties: &Properties) -> String {
    let (language, country) = properties.language.split_once('-').unwrap_or((&properties.language, "none"));
    format!(
        "{HEAD}<office:document-styles {NAMESPACES}><office:styles><style:default-style style:family=\"table-cell\">\
         <style:text-properties fo:language=\"{}\" fo:country=\"{}\" fo:font-family=\"Arial\" fo:font-size=\"11pt\"/>\
         </style:default-style></office:styles><office:automatic-styles><style:page-layout style:name=\"page\">\
         <style:page-layout-properties fo:page-width=\"297mm\" fo:page-height=\"210mm\" \
         style:print-orientation=\"landscape\" style:scale-to-X=\"1\" style:scale-to-Y=\"0\"/></style:page-layout>\
         </office:automatic-styles><office:master-styles><style:master-page style:name=\"Default\" \
         style:page-layout-name=\"page\"/></office:master-styles></office:document-styles>",
        escaped(language),
        escaped(country)
    )
}

// ------------------------------------------------------------------------------------------------ content

fn content(book: &Workbook) -> String {
    let mut body = String::new();
    let mut looks = Looks::default();
    for sheet in &book.sheets {
        write_sheet(&mut body, sheet, &mut looks);
    }
    let mut xml = format!("{HEAD}<office:document-content {NAMESPACES}><office:automatic-styles>");
    looks.write(&mut xml);
    xml.push_str("</office:automatic-styles><office:body><office:spreadsheet>");
    xml.push_str(&body);
    xml.push_str("<table:database-ranges>");
    for (sheet, table) in book.sheets.iter().filter_map(|sheet| Some((sheet, sheet.table.as_ref()?))) {
        let (first, last) = (sheet.lines.len() + 1, sheet.lines.len() + 1 + table.rows.len());
        let name = sheet.name.replace('\'', "''");
        let end = column_letters(table.columns.len().saturating_sub(1));
        add(
            &mut xml,
            format_args!(
                "<table:database-range table:name=\"{}\" table:target-range-address=\"{}\" \
             table:display-filter-buttons=\"false\" table:contains-header=\"true\"/>",
                escaped(&table.name),
                escaped(&format!("'{name}'.A{first}:'{name}'.{end}{last}"))
            ),
        );
    }
    xml.push_str("</table:database-ranges></office:spreadsheet></office:body></office:document-content>");
    xml
}

fn write_sheet(xml: &mut String, sheet: &Sheet, looks: &mut Looks) {
    add(xml, format_args!("<table:table table:name=\"{}\" table:style-name=\"sheet\">", escaped(&sheet.name)));
    let own = sheet.width.into_iter().collect::<Vec<_>>();
    let widths = sheet.table.as_ref().map_or(own, |table| table.columns.iter().map(|column| column.width).collect());
    for width in widths {
        add(xml, format_args!("<table:table-column table:style-name=\"{}\"/>", looks.column(width)));
    }
    for line in &sheet.lines {
        let look = looks.cell(Look::Line(line.weight, sheet.width.is_some()));
        xml.push_str("<table:table-row table:style-name=\"row\">");
        words(xml, look, &line.text);
        xml.push_str("</table:table-row>");
    }
    if let Some(table) = &sheet.table {
        write_table(xml, table, looks);
    }
    xml.push_str("</table:table>");
}

fn write_table(xml: &mut String, table: &Grid, looks: &mut Looks) {
    xml.push_str("<table:table-header-rows><table:table-row table:style-name=\"row\">");
    for column in &table.columns {
        words(xml, looks.cell(Look::Heading(column.right, column.indent)), &column.heading);
    }
    xml.push_str("</table:table-row></table:table-header-rows>");
    for cells in &table.rows {
        xml.push_str("<table:table-row table:style-name=\"row\">");
        for (cell, column) in cells.iter().zip(&table.columns) {
            write_cell(xml, cell, column, looks);
        }
        xml.push_str("</table:table-row>");
    }
}

fn write_cell(xml: &mut String, cell: &Cell, column: &GridColumn, looks: &mut Looks) {
    let look = match cell {
        Cell::Number(_, form, _) => Look::Number(*form),
        Cell::Day(_) => Look::Day(column.right),
        Cell::Text(_) | Cell::Link(_) => Look::Words(column.right, column.wrap, column.indent),
    };
    let look = looks.cell(look);
    match cell {
        Cell::Number(value, form, words) => {
            let kind = if form.percent { "percentage" } else { "float" };
            begin(xml, look, kind);
            add(xml, format_args!(" office:value=\"{value}\"><text:p>"));
            escape(xml, words);
        }
        Cell::Day(day) => {
            begin(xml, look, "date");
            add(xml, format_args!(" office:date-value=\"{day}\"><text:p>{}", date_words(*day)));
        }
        // A formula would be an attribute: words are never one, whatever they begin with.
        Cell::Text(text) => {
            begin(xml, look, "string");
            xml.push_str("><text:p>");
            space(xml, text);
        }
        Cell::Link(sheet) => {
            begin(xml, look, "string");
            xml.push_str("><text:p><text:a xlink:type=\"simple\" xlink:href=\"");
            escape(xml, &format!("#'{}'.A1", sheet.replace('\'', "''")));
            xml.push_str("\">");
            space(xml, sheet);
            xml.push_str("</text:a>");
        }
    }
    xml.push_str("</text:p></table:table-cell>");
}

/// A cell up to what its kind of value needs.
fn begin(xml: &mut String, look: &str, kind: &str) {
    for part in ["<table:table-cell table:style-name=\"", look, "\" office:value-type=\"", kind, "\""] {
        xml.push_str(part);
    }
}

fn words(xml: &mut String, look: &str, text: &str) {
    begin(xml, look, "string");
    xml.push_str("><text:p>");
    space(xml, text);
    xml.push_str("</text:p></table:table-cell>");
}

// ------------------------------------------------------------------------------------------------ styles

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Line(Weight, bool),
    Heading(bool, bool),
    Words(bool, bool, bool),
    Day(bool),
    Number(Form),
}

/// The styles that a document uses, each named once.
#[derive(Default)]
struct Looks {
    cells: BTreeMap<Look, String>,
    columns: BTreeSet<usize>,
}

impl Looks {
    /// The name of the style of a look.
    fn cell(&mut self, look: Look) -> &str {
        self.cells.entry(look).or_insert_with(|| look.name())
    }

    fn column(&mut self, width: usize) -> String {
        self.columns.insert(width);
        format!("w{width}")
    }

    fn write(&self, xml: &mut String) {
        xml.push_str(
            "<style:style style:name=\"sheet\" style:family=\"table\" style:master-page-name=\"Default\">\
             <style:table-properties table:display=\"true\"/></style:style>\
             <style:style style:name=\"row\" style:family=\"table-row\">\
             <style:table-row-properties style:use-optimal-row-height=\"true\"/></style:style>\
             <number:date-style style:name=\"day\"><number:day/><number:text> </number:text>\
             <number:month number:style=\"long\" number:textual=\"true\"/><number:text> </number:text>\
             <number:year number:style=\"long\"/></number:date-style>",
        );
        for width in &self.columns {
            // A letter is about two millimetres wide.
            add(
                xml,
                format_args!(
                    "<style:style style:name=\"w{width}\" style:family=\"table-column\"><style:table-column-properties \
                 style:column-width=\"{}mm\"/></style:style>",
                    width * 2 + 2
                ),
            );
        }
        for look in self.cells.keys() {
            look.write(xml);
        }
    }
}

impl Look {
    fn name(self) -> String {
        let flag = |flag: bool| if flag { "y" } else { "n" };
        match self {
            Look::Line(weight, wrap) => format!("line-{weight:?}-{}", flag(wrap)).to_lowercase(),
            Look::Heading(right, indent) => format!("heading-{}{}", flag(right), flag(indent)),
            Look::Words(right, wrap, indent) => format!("words-{}{}{}", flag(right), flag(wrap), flag(indent)),
            Look::Day(right) => format!("day-{}", flag(right)),
            Look::Number(form) => format!(
                "number-{}{}{}{}{}",
                form.decimals,
                flag(form.grouped),
                flag(form.percent),
                flag(form.pounds),
                flag(form.signed)
            ),
        }
    }

    fn write(self, xml: &mut String) {
        let name = self.name();
        let (right, wrap, top) = match self {
            Look::Line(_, wrap) => (false, wrap, wrap),
            Look::Heading(right, _) => (right, true, false),
            Look::Words(right, wrap, _) => (right, wrap, true),
            Look::Day(right) => (right, false, true),
            Look::Number(_) => (true, false, true),
        };
        let data = match self {
            Look::Number(form) => {
                number_style(xml, &name, form);
                format!(" style:data-style-name=\"n-{name}\"")
            }
            Look::Day(_) => " style:data-style-name=\"day\"".to_string(),
            _ => String::new(),
        };
        let weight = match self {
            Look::Line(Weight::Title, _) => " fo:font-weight=\"bold\" fo:font-size=\"16pt\"",
            Look::Line(Weight::Strong, _) => " fo:font-weight=\"bold\" fo:font-size=\"12pt\"",
            Look::Heading(..) => " fo:font-weight=\"bold\"",
            _ => "",
        };
        let indent = match self {
            Look::Heading(_, true) | Look::Words(_, _, true) => " fo:margin-left=\"3mm\"",
            _ => "",
        };
        let border = if matches!(self, Look::Heading(..)) { " fo:border-bottom=\"0.5pt solid #000000\"" } else { "" };
        add(
            xml,
            format_args!(
                "<style:style style:name=\"{name}\" style:family=\"table-cell\"{data}><style:table-cell-properties \
             fo:wrap-option=\"{}\" style:vertical-align=\"{}\" style:text-align-source=\"fix\"{border}/>\
             <style:paragraph-properties fo:text-align=\"{}\"{indent}/><style:text-properties{weight}/></style:style>",
                if wrap { "wrap" } else { "no-wrap" },
                if top { "top" } else { "bottom" },
                if right { "end" } else { "start" },
            ),
        );
    }
}

/// The style of numbers of a form; signs that depend on the number are styles of their own, chosen by its value.
fn number_style(xml: &mut String, name: &str, form: Form) {
    let kind = if form.percent { "percentage" } else { "number" };
    let number = format!(
        "<number:number number:decimal-places=\"{0}\" number:min-decimal-places=\"{0}\" \
         number:min-integer-digits=\"1\"{1}/>",
        form.decimals,
        if form.grouped { " number:grouping=\"true\"" } else { "" }
    );
    let text = |text: &str| format!("<number:text>{text}</number:text>");
    let after = if form.percent { text("%") } else { String::new() };
    let pounds = if form.pounds { "£" } else { "" };
    let signed = |sign: &str| {
        let before = format!("{sign}{pounds}");
        format!("{}{number}{after}", if before.is_empty() { String::new() } else { text(&before) })
    };
    let mut styled = |ending: &str, inside: &str| {
        add(xml, format_args!("<number:{kind}-style style:name=\"n-{name}{ending}\">{inside}</number:{kind}-style>"));
    };
    let map = |condition: &str, ending: &str| {
        format!("<style:map style:condition=\"value(){condition}\" style:apply-style-name=\"n-{name}{ending}\"/>")
    };
    styled("-below", &signed("-"));
    if form.signed {
        styled("-above", &signed("+"));
        styled("", &format!("{}{}{}", signed(""), map("&lt;0", "-below"), map("&gt;0", "-above")));
    } else {
        styled("", &format!("{}{}", signed(""), map("&lt;0", "-below")));
    }
}

// ------------------------------------------------------------------------------------------------ XML

fn add(xml: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = xml.write_fmt(text);
}

/// Text in which nothing is markup, and without the characters that XML does not allow.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    escape(&mut xml, text);
    xml
}

/// Writes text in which nothing is markup.
fn escape(xml: &mut String, text: &str) {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}') || c.is_control();
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        xml.push_str(&rest[..at]);
        let c = rest[at..].chars().next().unwrap_or(' ');
        xml.push_str(match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\u{fffe}' | '\u{ffff}' => "",
            _ => " ",
        });
        rest = &rest[at + c.len_utf8()..];
    }
    xml.push_str(rest);
}

/// Writes text whose blanks stay as they are: in a paragraph several would be one, and one at an end none.
fn space(xml: &mut String, text: &str) {
    if !text.contains("  ") && !text.starts_with(' ') {
        return escape(xml, text);
    }
    let mut blank = true;
    for part in text.split_inclusive(' ') {
        let word = part.trim_end_matches(' ');
        escape(xml, word);
        blank &= word.is_empty();
        if part.ends_with(' ') {
            xml.push_str(if blank { "<text:s/>" } else { " " });
            blank = true;
        }
    }
}

/// The letters of a column, from 0.
fn column_letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.insert(0, letter(rest - 1));
        rest = (rest - 1) / 26;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_that_spreadsheets_give_them() {
        let letters: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(column_letters).to_vec();
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn words_are_never_markup_and_keep_their_blanks() {
        let spaced = |text: &str| {
            let mut xml = String::new();
            space(&mut xml, text);
            xml
        };
        assert_eq!(spaced("a  <b> & \"c\"\u{1}"), "a <text:s/>&lt;b&gt; &amp; &quot;c&quot; ");
        assert_eq!(spaced(" a   b"), "<text:s/>a <text:s/><text:s/>b");
        assert_eq!(spaced("a b"), "a b");
    }
}
