//! The repository's own book with its own data: what an edition holds, and that it is the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::durability::elsewhere;
use super::harness::{Book, Edition, assert_same, copy_all, project};
use super::pdf::{Pdf, squeezed};

/// The edition that these tests share: built once, with two threads, from an empty cache.
pub fn shared() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| {
        let book = Book::copy(&project());
        book.build(&["--threads", "2"]);
        book
    })
}

/// Every pack of the shared edition, read once.
fn packs() -> &'static BTreeMap<String, Pdf> {
    static PACKS: OnceLock<BTreeMap<String, Pdf>> = OnceLock::new();
    PACKS.get_or_init(|| {
        let edition = shared().edition();
        let files = edition.packs().iter().map(|pack| pack["file"].as_str().expect("a file").to_string());
        files.map(|file| (file.clone(), edition.pdf(&file))).collect()
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn notice() -> String {
    let text = shared().read("data/data.toml");
    let line =
        text.lines().find_map(|line| line.strip_prefix("notice = ")).expect("the data say that they are fictional");
    line.trim_matches('"').to_string()
}

#[test]
fn every_listed_pack_is_there_with_its_hash_and_nothing_else_is() {
    let edition = shared().edition();
    let mut files = edition.contents();
    files.remove("manifest.json").expect("a manifest");
    for pack in edition.packs() {
        let file = pack["file"].as_str().expect("a file");
        let bytes = files.remove(file).unwrap_or_else(|| panic!("{file} is listed and is not there"));
        assert_eq!(pack["sha256"], sha256(&bytes), "{file}");
        assert_eq!(pack["bytes"], bytes.len(), "{file}");
        for sheet in pack["beside"].as_array().into_iter().flatten() {
            let file = sheet["file"].as_str().expect("a file");
            let bytes = files.remove(file).unwrap_or_else(|| panic!("{file} is listed and is not there"));
            assert_eq!(sheet["sha256"], sha256(&bytes), "{file}");
        }
    }
    assert!(files.is_empty(), "not in the manifest: {:?}", files.keys());
    assert!(edition.files_of("board-pack").len() >= 60);
    assert_eq!(edition.files_of("ministerial-briefing"), ["ministerial-briefing.pdf"]);
}

#[test]
fn a_manifest_names_no_machine_and_no_clock() {
    let manifest = shared().edition().manifest.to_string();
    let root = shared().root().to_string_lossy().into_owned();
    for words in [root.as_str(), "/tmp", "/home", "/root", "T00:", "hostname"] {
        assert!(!manifest.contains(words), "the manifest contains {words}");
    }
}

#[test]
fn every_pack_is_an_accessible_archival_document() {
    let mut titles = BTreeSet::new();
    for (file, pdf) in packs() {
        let title = pdf.title().unwrap_or_default();
        assert!(title.len() > 10, "{file} has the title {title:?}");
        titles.insert(title);
        assert_eq!(pdf.language().as_deref(), Some("en-GB"), "{file}");
        assert!(pdf.marked() && pdf.shows_title(), "{file} is not tagged, or hides its title");
        let metadata = pdf.metadata();
        for claim in ["<pdfuaid:part>1<", "<pdfaid:part>3<", "<pdfaid:conformance>A<"] {
            assert!(metadata.contains(claim), "{file} does not claim {claim}");
        }
    }
    assert_eq!(titles.len(), packs().len(), "two packs have the same title");
}

#[test]
fn every_figure_has_alternative_text_and_every_table_header_cells() {
    let (mut figures, mut tables) = (0, 0);
    for (file, pdf) in packs() {
        let tags = pdf.tags();
        for figure in tags.of_kind("Figure") {
            let alt = figure.alt.as_deref().unwrap_or_default();
            assert!(alt.split_whitespace().count() >= 5, "{file}: a figure's alternative text is {alt:?}");
            figures += 1;
        }
        for table in tags.of_kind("Table") {
            let headers = table.of_kind("TH").len();
            assert!(headers > 0 && table.of_kind("TD").len() >= headers / 2, "{file}: a table without header cells");
            tables += 1;
        }
    }
    assert!(figures >= packs().len() && tables >= packs().len(), "{figures} figures and {tables} tables in all packs");
}

#[test]
fn headings_begin_at_level_one_and_skip_no_level() {
    for (file, pdf) in packs() {
        let tags = pdf.tags();
        let levels: Vec<u32> =
            tags.all().into_iter().filter_map(|tag| tag.kind.strip_prefix('H')?.parse().ok()).collect();
        assert_eq!(levels.first(), Some(&1), "{file}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{file}: level {} follows level {}", pair[1], pair[0]);
        }
    }
}

#[test]
fn the_notice_and_a_page_number_stand_on_every_page() {
    let notice = notice();
    for (file, pdf) in packs() {
        for page in 1..=pdf.pages() {
            let text = pdf.page_text(page);
            assert!(text.contains(&notice), "{file} page {page} does not say: {notice}");
            let number = format!("Page {page} of {}", pdf.pages());
            assert!(text.contains(&number), "{file} page {page} does not say: {number}");
        }
    }
}

#[test]
fn no_page_prints_what_only_a_mistake_would_print() {
    for (file, pdf) in packs() {
        let text = pdf.text();
        for words in ["{{", "{%", "\\u{", "NaN", "none%", "[object", "Undefined"] {
            assert!(!text.contains(words), "{file} prints {words}");
        }
    }
}

/// The evidence attached to a pack: figures and inputs.
fn evidence(pdf: &Pdf) -> (Value, Value) {
    let attached = pdf.attachments();
    assert_eq!(
        attached.keys().map(String::as_str).collect::<Vec<_>>(),
        ["claims.json", "figures.json", "manifest.json", "queries.sql"]
    );
    let json = |name: &str| serde_json::from_slice(&attached[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
    (json("figures.json"), json("manifest.json"))
}

#[test]
fn attached_figures_are_those_that_the_pack_prints() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for (file, pdf) in packs().iter().step_by(7) {
        let words = pdf.everything();
        for figure in evidence(pdf).0["figures"].as_array().expect("a list of figures") {
            let text = squeezed(figure["text"].as_str().expect("a figure has a text"));
            assert!(figure["cell"].is_string() && figure["column"].is_string() && figure["key"].is_array(), "{figure}");
            seen += 1;
            // What a chart draws may be rounded, or be a length: only what the template prints is there in words.
            let on_pages = figure["drawn"] != true && figure["in_text"] != true;
            if on_pages && !words.contains(&text) {
                missing.push(format!("{file}: {figure}"));
            }
        }
    }
    assert!(seen > 1000, "only {seen} figures");
    assert!(
        missing.is_empty(),
        "{} of {seen} figures are not printed, such as {:#?}",
        missing.len(),
        &missing[..missing.len().min(12)]
    );
}

#[test]
fn a_printed_figure_stands_on_the_page_that_its_record_names() {
    let (mut placed, mut elsewhere) = (0, Vec::new());
    for (file, pdf) in packs().iter().step_by(9) {
        let pages: Vec<String> = (1..=pdf.pages()).map(|page| squeezed(&pdf.page_text(page))).collect();
        for figure in evidence(pdf).0["figures"].as_array().expect("a list of figures") {
            let text = squeezed(figure["text"].as_str().expect("a figure has a text"));
            let named = figure["pages"].as_array().expect("pages");
            assert!(!named.is_empty() || figure["drawn"] != true, "{file}: {figure} has no page");
            for page in named.iter().filter(|_| figure["drawn"] != true) {
                let at = page.as_u64().expect("a page is a number") as usize;
                placed += 1;
                if !pages.get(at - 1).is_some_and(|words| words.contains(&text)) {
                    elsewhere.push(format!("{file}: {figure}"));
                }
            }
        }
    }
    assert!(placed > 1000, "only {placed} figures");
    // A name that is broken at a hyphen reads otherwise in one reader of PDF and in another.
    assert!(elsewhere.len() * 200 < placed, "{} of {placed}, such as {:#?}", elsewhere.len(), &elsewhere[..5]);
}

#[test]
fn the_attached_manifest_names_the_files_and_queries_behind_a_pack() {
    let edition = shared().edition();
    let list = |value: &Value, key: &str| value[key].as_array().expect("a list").clone();
    let files = list(&edition.manifest, "sources").iter().flat_map(|source| list(source, "files")).collect::<Vec<_>>();
    let known: BTreeSet<&str> = files.iter().map(|file| file["file"].as_str().expect("a name")).collect();
    let cells = list(&edition.manifest, "cells");
    for (file, pdf) in packs().iter().step_by(16) {
        let manifest = evidence(pdf).1;
        for source in list(&manifest, "sources") {
            for file in list(&source, "files") {
                assert!(known.contains(file.as_str().expect("a name")), "{file}");
            }
        }
        let queries = String::from_utf8_lossy(&pdf.attachments()["queries.sql"]).into_owned();
        for cell in list(&manifest, "cells") {
            let known = cells.iter().find(|known| known["name"] == cell["cell"]).expect("a cell of the edition");
            assert_eq!(known["query"], cell["query"], "{file}: {cell}");
            let name = cell["cell"].as_str().expect("a name");
            assert!(queries.contains(&format!("\n-- {name}: ")), "{file} does not carry the query of {name}");
        }
        for (name, hash) in manifest["attachments"].as_object().expect("attachments") {
            assert_eq!(hash.as_str().expect("a hash"), sha256(&pdf.attachments()[name]), "{file}: {name}");
        }
        assert_eq!(list(&manifest, "pages").len(), pdf.pages(), "{file}");
    }
}

#[test]
fn another_folder_order_of_files_year_time_zone_language_and_number_of_threads_give_the_same_bytes() {
    assert_same(&shared().edition().contents(), &elsewhere(&shared().root()));
}

/// Tests that build into the shared output folder take turns: one build at a time may write there.
fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn a_second_build_computes_nothing_and_is_the_same() {
    let _turn = turn();
    let first = shared().edition().contents();
    let run = shared().run(&["build"]).expect(0);
    let counts: Vec<Vec<&str>> = ["cells", "packs"].map(|what| summary_numbers(&run.stderr, what)).to_vec();
    for numbers in counts {
        assert_eq!(numbers[0], numbers[1], "not all was known already:\n{}", run.stderr);
    }
    assert_same(&first, &shared().edition().contents());
}

/// The first two numbers of a line of the closing summary: how many there are, and how many were known.
fn summary_numbers<'a>(words: &'a str, what: &str) -> Vec<&'a str> {
    let line =
        words.lines().rfind(|line| line.starts_with(what)).unwrap_or_else(|| panic!("no line on {what}:\n{words}"));
    let numbers = line.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    numbers.take(2).collect()
}

/// A copy of the shared book with the results of its cells, but with no pack that was made before.
pub fn copy_with_cells() -> Book {
    let book = Book::copy(&shared().root());
    for kind in ["cells", "sources", "tables", "tests"] {
        let kept = format!(".cache/{kind}");
        copy_all(&shared().output().join(&kept), &book.output().join(&kept));
    }
    book
}

#[test]
fn one_pack_alone_has_the_bytes_that_it_has_in_the_whole() {
    let whole = shared().edition();
    let entry = whole.packs().iter().find(|pack| pack["key"].is_string()).expect("a pack with a key");
    let (key, file) = (entry["key"].as_str().expect("a key"), entry["file"].as_str().expect("a file"));
    let alone = copy_with_cells();
    alone.run(&["build", "--only", key]).expect(0);
    let part = Edition::open(&alone.output().join("2025-26-q4-part"));
    assert_eq!(part.packs().len(), 1);
    assert_eq!(part.manifest["whole"], false);
    assert!(part.bytes(file) == whole.bytes(file), "{file} differs");
}

#[test]
fn qpdf_finds_no_fault() {
    let edition = shared().edition();
    for file in ["ministerial-briefing.pdf", edition.files_of("board-pack")[0]] {
        let Ok(output) = std::process::Command::new("qpdf").arg("--check").arg(edition.folder.join(file)).output()
        else {
            eprintln!("passed over: qpdf is not installed");
            return;
        };
        let words = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && words.contains("No syntax or stream encoding errors"), "{file}: {words}");
    }
}
