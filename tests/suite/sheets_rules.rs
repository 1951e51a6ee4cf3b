//! The rules for accessible spreadsheets, held against the parts of an .xlsx or .ods file by another reader than ours.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use regex::Regex;

/// The parts of a file by name.
pub type Parts = BTreeMap<String, String>;

/// The parts of an archive.
pub fn parts(bytes: &[u8]) -> Parts {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut parts = Parts::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("a name").to_string();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("text");
        parts.insert(name, text);
    }
    parts
}

/// Every part of a pattern that is found in a text.
fn found(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found.get(1).expect("a group").as_str().to_string()).collect()
}

fn has(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).expect("a pattern").is_match(text)
}

/// The rules that both formats have: names, and the order of the first sheets.
fn names(names: &[String], broken: &mut BTreeSet<&'static str>) {
    if names.get(..3) != Some(&["Cover".to_string(), "Contents".to_string(), "Notes".to_string()][..]) {
        broken.insert("cover, contents and notes come first");
    }
    let unique: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    if unique.len() != names.len() {
        broken.insert("sheets have names of their own");
    }
    if names.iter().any(|name| name.chars().count() > 31 || name.contains(['[', ']', ':', '*', '?', '/', '\\'])) {
        broken.insert("names are such as programs take");
    }
}

/// The rules that an .xlsx file breaks.
pub fn broken_in_xlsx(parts: &Parts) -> BTreeSet<&'static str> {
    let mut broken = BTreeSet::new();
    let book = &parts["xl/workbook.xml"];
    let given = found("<sheet name=\"([^\"]*)\"", book);
    names(&given, &mut broken);
    if has("activeTab|firstSheet", book) {
        broken.insert("it opens on the cover");
    }
    if has("state=\"(very)?[hH]idden", book) {
        broken.insert("nothing is hidden");
    }
    if parts.keys().any(|name| name.contains("vba") || name.contains("media/") || name.contains("drawing")) {
        broken.insert("no macros and no images");
    }
    let core = &parts["docProps/core.xml"];
    if !has("<dc:title>[^<]", core) || !has("<dc:creator>[^<]", core) {
        broken.insert("it has a title and an author");
    }
    if !parts.get("docProps/custom.xml").is_some_and(|custom| has("name=\"Language\".*en-GB", custom)) {
        broken.insert("it says its language");
    }
    let mut tables = BTreeSet::new();
    for (at, name) in given.iter().enumerate() {
        let relations = parts.get(&format!("xl/worksheets/_rels/sheet{}.xml.rels", at + 1));
        let tables_here: Vec<&String> =
            found("Target=\"\\.\\./(tables/table\\d+\\.xml)\"", relations.map_or("", |r| r))
                .iter()
                .map(|table| &parts[&format!("xl/{table}")])
                .collect();
        let sheet = &parts[&format!("xl/worksheets/sheet{}.xml", at + 1)];
        xlsx_sheet(sheet, &parts["xl/styles.xml"], &parts["xl/sharedStrings.xml"], &tables_here, &mut broken);
        if tables_here.len() != usize::from(name != "Cover") {
            broken.insert("one marked-up table a sheet");
        }
        for table in tables_here {
            if !found("<table [^>]*?displayName=\"([^\"]+)\"", table).into_iter().all(|name| tables.insert(name)) {
                broken.insert("tables have names of their own");
            }
        }
    }
    broken
}

fn xlsx_sheet(sheet: &str, styles: &str, strings: &str, tables: &[&String], broken: &mut BTreeSet<&'static str>) {
    for (pattern, rule) in [
        ("<mergeCell", "no merged cells"),
        ("<pane", "no frozen panes"),
        ("<autoFilter", "no filters"),
        ("hidden=\"1\"", "nothing is hidden"),
        ("<drawing|<picture", "no macros and no images"),
        ("<f[ >]", "no formulae"),
    ] {
        if has(pattern, sheet) || tables.iter().any(|table| has(pattern, table)) {
            broken.insert(rule);
        }
    }
    if found("<selection [^>]*activeCell=\"([A-Z0-9]+)\"", sheet).iter().any(|cell| cell != "A1") {
        broken.insert("the cursor is in A1");
    }
    let rows: Vec<usize> = found("<row r=\"(\\d+)\"", sheet).iter().map(|row| row.parse().expect("a row")).collect();
    if rows != (1..=rows.len()).collect::<Vec<_>>() {
        broken.insert("no blank rows");
    }
    let Some(table) = tables.first() else { return };
    let range = found("<table [^>]*?ref=\"([A-Z0-9:]+)\"", table).concat();
    let ends = Regex::new(r"^A(\d+):([A-Z]+)(\d+)$").expect("a pattern");
    let Some(ends) = ends.captures(&range) else {
        broken.insert("a table begins in column A");
        return;
    };
    let (first, last): (usize, usize) = (ends[1].parse().expect("a row"), ends[3].parse().expect("a row"));
    if rows.last() != Some(&last) {
        broken.insert("nothing stands below a table");
    }
    let headings = found("<tableColumn [^>]*?name=\"([^\"]*)\"", table);
    let unique: BTreeSet<String> = headings.iter().map(|heading| heading.to_lowercase()).collect();
    if has("headerRowCount=\"0\"", table) || unique.len() != headings.len() {
        broken.insert("one header row of different headings");
    }
    xlsx_cells(sheet, styles, strings, first + 1..last + 1, headings.len(), broken);
    xlsx_lines(sheet, styles, first, broken);
}

/// The formats of cells, in the order of their numbers.
fn xlsx_formats(styles: &str) -> Vec<String> {
    let formats = found("(?s)<cellXfs.*?>(.*)</cellXfs>", styles).concat();
    found("(?s)(<xf .*?(?:/>|</xf>))", &formats.replace("/></xf>", "></xf>"))
}

/// Lines above a table stand left and run on over the columns beside them, whatever looks the first column has.
fn xlsx_lines(sheet: &str, styles: &str, table: usize, broken: &mut BTreeSet<&'static str>) {
    let formats = xlsx_formats(styles);
    let cell = Regex::new("<c r=\"[A-Z]+(\\d+)\"(?: s=\"(\\d+)\")?").expect("a pattern");
    for found in cell.captures_iter(sheet).filter(|found| found[1].parse::<usize>().is_ok_and(|row| row < table)) {
        let format = found.get(2).map_or("", |at| &formats[at.as_str().parse::<usize>().expect("a style")]);
        if !format.contains("horizontal=\"left\"") || format.contains("wrapText") {
            broken.insert("lines above a table stand left and run on");
        }
    }
}

/// Cells of a table: none empty; numbers stand right, and all that stands in a column with them.
fn xlsx_cells(
    sheet: &str,
    styles: &str,
    strings: &str,
    rows: std::ops::Range<usize>,
    width: usize,
    broken: &mut BTreeSet<&'static str>,
) {
    let formats = xlsx_formats(styles);
    let strings: Vec<String> = found("(?s)<si><t[^>]*>(.*?)</t></si>|<si><t/></si>", strings);
    let cell = Regex::new("(?s)<c r=\"([A-Z]+)(\\d+)\"(?: s=\"(\\d+)\")?( t=\"s\")?(?:/>|>(?:<v>(.*?)</v>)?</c>)")
        .expect("a pattern");
    let mut full = 0;
    let mut numeric: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for found in cell.captures_iter(sheet) {
        let row: usize = found[2].parse().expect("a row");
        if !rows.contains(&row) {
            continue;
        }
        let value = found.get(5).map_or("", |value| value.as_str());
        let words = found.get(4).map(|_| strings[value.parse::<usize>().expect("a string")].as_str());
        full += usize::from(!words.unwrap_or(value).trim().is_empty());
        let format = found.get(3).map_or("", |at| &formats[at.as_str().parse::<usize>().expect("a style")]);
        // Days are numbers with a format of their own.
        let is_number = words.is_none() && format.contains("horizontal=\"right\"");
        let column = numeric.entry(found[1].to_string()).or_insert((false, true));
        column.0 |= is_number || (words.is_none() && !format.contains("horizontal"));
        column.1 &= format.contains("horizontal=\"right\"");
    }
    if full != rows.len() * width {
        broken.insert("no cell is empty");
    }
    if numeric.values().any(|(number, right)| *number && !*right) {
        broken.insert("numbers stand right, and shorthand among them");
    }
}

/// The rules that an .ods file breaks.
pub fn broken_in_ods(parts: &Parts) -> BTreeSet<&'static str> {
    let mut broken = BTreeSet::new();
    let content = &parts["content.xml"];
    names(&found("<table:table table:name=\"([^\"]*)\"", content), &mut broken);
    for (pattern, rule) in [
        ("-spanned=|covered-table-cell", "no merged cells"),
        ("table:visibility|table:display=\"false\"", "nothing is hidden"),
        ("<draw:|office:scripts", "no macros and no images"),
        ("table:formula", "no formulae"),
        ("display-filter-buttons=\"true\"", "no filters"),
        ("<table:table-cell[^>]*/>|<text:p></text:p>|<text:p/>", "no cell is empty"),
        ("number-(rows|columns)-repeated", "no blank rows"),
    ] {
        if has(pattern, content) {
            broken.insert(rule);
        }
    }
    if parts.contains_key("settings.xml") {
        broken.insert("the cursor is in A1");
    }
    let meta = &parts["meta.xml"];
    if !has("<dc:title>[^<]", meta) || !has("<dc:creator>[^<]", meta) {
        broken.insert("it has a title and an author");
    }
    if !has("<dc:language>en-GB<", meta) || !has("fo:language=\"en\" fo:country=\"GB\"", &parts["styles.xml"]) {
        broken.insert("it says its language");
    }
    let ranges = found("(<table:database-range [^>]*>)", content);
    let tables = found("<table:database-range table:name=\"([^\"]*)\"", content);
    if tables.iter().collect::<BTreeSet<_>>().len() != tables.len() {
        broken.insert("tables have names of their own");
    }
    for sheet in found("(?s)(<table:table .*?</table:table>)", content) {
        let name = found("^<table:table table:name=\"([^\"]*)\"", &sheet).concat();
        let rows = found("(<table:table-row)", &sheet).len();
        let headers = found("(?s)<table:table-header-rows>(.*?)</table:table-header-rows>", &sheet);
        if headers.len() != usize::from(name != "Cover") {
            broken.insert("one marked-up table a sheet");
        }
        let Some(header) = headers.first() else { continue };
        let headings = found("<text:p>([^<]*)", header);
        if headings.iter().map(|heading| heading.to_lowercase()).collect::<BTreeSet<_>>().len() != headings.len()
            || found("(<table:table-row)", header).len() != 1
        {
            broken.insert("one header row of different headings");
        }
        let first =
            found("(<table:table-row)", &sheet[..sheet.find("<table:table-header-rows>").expect("a header")]).len();
        let end = char::from(b'A' + u8::try_from(headings.len() - 1).expect("few columns in a test"));
        let wanted = format!("'{name}'.A{}:'{name}'.{end}{rows}\"", first + 1);
        if !ranges.iter().any(|range| range.contains(&wanted) && range.contains("contains-header=\"true\"")) {
            broken.insert("nothing stands below a table");
        }
        ods_sides(content, &sheet, &mut broken);
    }
    broken
}

/// Numbers stand right, and shorthand in a column with them.
fn ods_sides(content: &str, sheet: &str, broken: &mut BTreeSet<&'static str>) {
    let right: BTreeSet<String> =
        found("<style:style style:name=\"([^\"]*)\" style:family=\"table-cell\"[^>]*>(?:<style:table-cell-properties [^>]*>)<style:paragraph-properties fo:text-align=\"end\"", content)
            .into_iter()
            .collect();
    let mut columns: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
    let body = sheet.split("</table:table-header-rows>").nth(1).unwrap_or_default();
    let cell = Regex::new("table:style-name=\"([^\"]*)\" office:value-type=\"([^\"]*)\"").expect("a pattern");
    for row in body.split("</table:table-row>") {
        for (at, found) in cell.captures_iter(row).enumerate() {
            let column = columns.entry(at).or_insert((false, true));
            column.0 |= matches!(&found[2], "float" | "percentage");
            column.1 &= right.contains(&found[1]);
        }
    }
    if columns.values().any(|(number, right)| *number && !*right) {
        broken.insert("numbers stand right, and shorthand among them");
    }
}
