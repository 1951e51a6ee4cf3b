//! Whether what has arrived is what the book expects, before it replaces anything.

use std::path::Path;

use super::{page, page_text};
use crate::book::{Contract, DataFolders, DataNotice};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::duck::Session;
use crate::source::{self, read_source};

/// How the kinds of file begin.
const MARKS: [(&[u8], &str); 7] = [
    (b"PK\x03\x04", "a zip archive or workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook in the old form"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"{\\rtf", "a word processor's document"),
];

/// The marks with which a file may begin, by the ending of its name; none for text, which has no mark.
fn expected(ending: &str) -> Option<&'static [usize]> {
    match ending {
        "zip" => Some(&[0]),
        // Workbooks with a password, and those saved under the other form's ending, are for the reader to judge.
        "xlsx" | "xlsm" | "xlsb" | "ods" | "xls" => Some(&[0, 1]),
        "parquet" => Some(&[2]),
        _ => None,
    }
}

/// Refuses a file that is plainly of another kind than its name says: above all a page that says why there is no file.
pub(super) fn check_kind(file: &str, url: &str, bytes: &[u8]) -> Outcome<()> {
    let ending = file.rsplit('.').next().unwrap_or_default().to_lowercase();
    let refused = |words: String| {
        let problem = Diagnostic::check("fetch-not-the-file", words).note(format!("it came from {url}"));
        let help = "look at the address in a browser: the publisher may have moved the file, or ask for a sign-in";
        Problems::from(problem.help(help))
    };
    if bytes.is_empty() {
        return Err(refused(format!("{file} arrived empty")));
    }
    if !matches!(&*ending, "htm" | "html") && is_html(bytes) {
        let title = page::title(&page_text(&bytes[..bytes.len().min(200_000)]));
        let called = title.map_or_else(String::new, |title| format!(" with the title \"{title}\""));
        return Err(refused(format!("{file} is not what arrived, but an HTML page{called}")));
    }
    let mark = MARKS.iter().position(|(mark, _)| bytes.starts_with(mark));
    let fits = match (expected(&ending), mark) {
        (Some(allowed), Some(mark)) => allowed.contains(&mark),
        (Some(_), None) => false,
        (None, Some(_)) => !matches!(&*ending, "csv" | "tsv" | "txt" | "json"),
        (None, None) => true,
    };
    if fits {
        return Ok(());
    }
    let found = mark.map_or("of no kind that is known by its first bytes", |mark| MARKS[mark].1);
    Err(refused(format!("what arrived as {file} is {found}")))
}

fn is_html(bytes: &[u8]) -> bool {
    let head = page_text(&bytes[..bytes.len().min(2_000)]).to_lowercase();
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    while let Some((_, after)) = rest.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        rest = after.trim_start();
    }
    ["<!doctype html", "<html", "<head", "<body", "<title", "<script"].iter().any(|mark| rest.starts_with(mark))
        || (rest.starts_with("<?xml") && rest.contains("<html"))
}

/// Reads a file by the contract of every source that would read it in its place. It lies alone in a folder, under the
/// name that it will have. Returns warnings about rows.
pub(super) fn check_contracts(
    own: &Contract,
    all: &[Contract],
    folder: &Path,
    file: &str,
    notice: &DataNotice,
    session: &Session,
) -> Outcome<Problems> {
    let (mut problems, mut warnings) = (Problems::none(), Problems::none());
    let data = DataFolders::one(folder, notice.clone())?;
    for contract in all {
        let alone = Contract { optional: true, ..contract.clone() };
        let Some(table) = problems.absorb(read_source(&alone, &data, session)) else { continue };
        if table.files.is_empty() {
            if contract.name == own.name {
                problems.push(never_read(own, file));
            }
            continue;
        }
        match table.files.iter().all(|file| file.rows == 0) {
            true => problems.0.extend(source::reject_problem(&table, true)),
            false => warnings.0.extend(source::reject_problem(&table, false)),
        }
    }
    problems.or(warnings)
}

fn never_read(contract: &Contract, file: &str) -> Diagnostic {
    let words = format!("{file} would never be read: source `{}` reads {}", contract.name, contract.files.join(" or "));
    Diagnostic::check("fetch-never-read", words)
        .help("add a pattern to `files` of the source, or choose `into` and `save_as` to fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_of_another_kind_is_refused() {
        let words = |file: &str, bytes: &[u8]| {
            check_kind(file, "https://a.org/x", bytes).err().map(|problems| problems.0[0].message.clone())
        };
        for (file, bytes, said) in [
            (
                "a.csv",
                &b"\xef\xbb\xbf \n<!-- x --><!DOCTYPE html><title>Sign in</title>"[..],
                "with the title \"Sign in\"",
            ),
            ("a.zip", b"<html><h1>Gone</h1>", "an HTML page with the title \"Gone\""),
            ("a.xls", b"<?xml version=\"1.0\"?><html xmlns=\"x\">", "an HTML page"),
            ("a.csv", b"", "arrived empty"),
            ("a.csv", b"PK\x03\x04", "is a zip archive"),
            ("a.csv", b"%PDF-1.7", "is a PDF file"),
            ("a.zip", b"\x1f\x8b\x08", "is a gzip archive"),
            ("a.xlsx", b"a,b\n1,2\n", "of no kind that is known"),
            ("a.parquet", b"PK\x03\x04", "is a zip archive"),
        ] {
            let found = words(file, bytes).unwrap_or_default();
            assert!(found.contains(said), "{file}: {found}");
        }
        for (file, bytes) in [
            ("a.csv", &b"<5,>5\n1,2\n"[..]),
            ("a.xlsx", b"PK\x03\x04"),
            ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ] {
            assert_eq!(words(file, bytes), None, "{file}");
        }
    }
}
