//! `candour verify` and claims: what was published is whole, can be made again, and says nothing that does not hold.

use std::fs;
use std::path::Path;

use lopdf::content::Content;
use lopdf::{Document, Object, Stream};
use serde_json::Value;

use super::harness::{Book, Run};

/// The fixture, built.
fn built() -> Book {
    let book = Book::fixture("base");
    book.build(&[]);
    book
}

fn verify(book: &Book, arguments: &[&str]) -> Run {
    book.run(&[&["verify"], arguments].concat())
}

/// Changes a PDF through a library and writes it back.
fn change_pdf(path: &Path, change: impl Fn(&mut Document)) {
    let mut document = Document::load(path).expect("a PDF");
    change(&mut document);
    document.save(path).expect("a changed PDF");
}

/// Changes the first embedded file that contains some words.
fn change_attachment(document: &mut Document, from: &str, to: &str) {
    let embedded =
        |stream: &Stream| stream.dict.get(b"Type").is_ok_and(|kind| kind.as_name().is_ok_and(|n| n == b"EmbeddedFile"));
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && embedded(stream)
        {
            let text = String::from_utf8_lossy(&stream.get_plain_content().expect("content")).into_owned();
            if text.contains(from) {
                stream.dict.remove(b"Filter");
                stream.set_plain_content(text.replacen(from, to, 1).into_bytes());
                return;
            }
        }
    }
    panic!("no attachment holds {from}");
}

/// Turns round the letters of the first text on the first page that has several.
fn change_page(document: &mut Document) {
    let page = document.page_iter().next().expect("a page");
    let mut content = Content::decode(&document.get_page_content(page)).expect("operators");
    let text =
        content.operations.iter_mut().flat_map(|operation| &mut operation.operands).flat_map(|operand| match operand {
            Object::String(bytes, _) => vec![bytes],
            Object::Array(parts) => parts
                .iter_mut()
                .filter_map(|part| match part {
                    Object::String(bytes, _) => Some(bytes),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        });
    // Glyphs are numbers of two bytes.
    let several =
        text.into_iter().find(|bytes| bytes.len() >= 8 && bytes[..2] != bytes[2..4]).expect("a text of several glyphs");
    several.swap(0, 2);
    several.swap(1, 3);
    let encoded = content.encode().expect("operators");
    document.change_page_content(page, encoded).expect("a changed page");
}

#[test]
fn an_edition_as_published_is_whole_and_made_again_is_the_same() {
    let book = built();
    let said = verify(&book, &[]).expect(0).stderr;
    assert!(said.contains("whole: 4 packs") || said.contains("whole: "), "{said}");
    assert!(said.contains("identical: edition "), "{said}");
    let pack = book.output().join("year/overview.pdf");
    let said = verify(&book, &[&pack.to_string_lossy()]).expect(0).stderr;
    assert!(said.contains("agree with each other") && said.contains("identical: overview.pdf"), "{said}");
}

#[test]
fn a_pack_without_its_book_is_checked_by_itself() {
    let book = built();
    let alone = book.path("alone/overview.pdf");
    fs::create_dir_all(alone.parent().expect("a folder")).expect("a folder");
    fs::copy(book.output().join("year/overview.pdf"), &alone).expect("a copy");
    let mut command = super::harness::program(&["verify"]);
    command.arg(&alone).current_dir(book.path("alone"));
    let said = book.finish(&mut command).expect(0).stderr;
    assert!(said.contains("agree with each other") && said.contains("not made again: no book here"), "{said}");
}

#[test]
fn a_number_changed_on_a_page_is_told_with_its_page() {
    let book = built();
    let pack = book.output().join("year/overview.pdf");
    change_pdf(&pack, change_page);
    let said = verify(&book, &[&pack.to_string_lossy(), "--no-rebuild"]).expect(1).stderr;
    assert!(said.contains("error[verify-page]: the text of page 1 has been changed"), "{said}");
    let said = verify(&book, &["--no-rebuild"]).expect(1).stderr;
    assert!(said.contains("error[verify-changed]") && said.contains("error[verify-page]"), "{said}");
}

#[test]
fn a_changed_attachment_is_told_by_name() {
    let book = built();
    let pack = book.output().join("year/overview.pdf");
    change_pdf(&pack, |document| change_attachment(document, "\"column\":\"kilos\"", "\"column\":\"grams\""));
    let said = verify(&book, &[&pack.to_string_lossy(), "--no-rebuild"]).expect(1).stderr;
    assert!(said.contains("error[verify-attachment]: the attachment figures.json"), "{said}");
    assert!(!said.contains("verify-page"), "{said}");
}

#[test]
fn a_changed_manifest_is_told() {
    let book = built();
    let path = book.output().join("year/manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest");
    fs::write(&path, text.replace("\"seed\": 1", "\"seed\": 2")).expect("a changed manifest");
    let said = verify(&book, &["--no-rebuild"]).expect(1).stderr;
    assert!(said.contains("error[verify-manifest]"), "{said}");
}

#[test]
fn a_missing_and_a_foreign_file_are_told() {
    let book = built();
    fs::remove_file(book.output().join("year/sheets/P1.pdf")).expect("a pack");
    fs::write(book.output().join("year/note.txt"), "x").expect("a note");
    let said = verify(&book, &["--no-rebuild"]).expect(1).stderr;
    assert!(
        said.contains("error[verify-missing]: sheets/P1.pdf") && said.contains("note.txt is not part of the edition"),
        "{said}"
    );
}

#[test]
fn a_changed_source_is_followed_to_its_figures_and_pages() {
    let book = built();
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,41");
    let said = verify(&book, &[]).expect(1).stderr;
    for wanted in [
        "error[verify-source]: the source file has changed: harvests: harvests.csv",
        "error[verify-cell]: the cell gives another result: plot_years",
        "error[verify-pack]: the pack comes out differently: sheets/P1.pdf",
        "page 1: plot_years (plot = P1), kilos: was 52.5, is 53.5",
    ] {
        assert!(said.contains(wanted), "no {wanted:?} in {said}");
    }
    assert!(!said.contains("sheets/P2.pdf"), "{said}");
}

/// The manifest with the hash of a source put right, and its own identifier too: only making it again tells.
#[test]
fn a_source_edited_with_its_hash_updated_everywhere_is_found_by_making_the_edition_again() {
    let book = built();
    let before = fs::read(book.path("data/harvests.csv")).expect("a file");
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,41");
    let after = fs::read(book.path("data/harvests.csv")).expect("a file");
    let path = book.output().join("year/manifest.json");
    let text = fs::read_to_string(&path).expect("a manifest").replace(&hash(&before), &hash(&after));
    let mut manifest: Value = serde_json::from_str(&text).expect("JSON");
    manifest["identifier"] = Value::String(String::new());
    let bare = serde_json::to_string_pretty(&manifest).expect("JSON") + "\n";
    manifest["identifier"] = Value::String(hash(bare.as_bytes()));
    fs::write(&path, serde_json::to_string_pretty(&manifest).expect("JSON") + "\n").expect("a manifest");
    verify(&book, &["--no-rebuild"]).expect(0);
    let said = verify(&book, &[]).expect(1).stderr;
    assert!(!said.contains("verify-source") && said.contains("kilos: was 52.5, is 53.5"), "{said}");
}

fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The fixture with a cell of claims about the best plot, printed in the overview.
fn claiming(statement: &str, holds: &str) -> Book {
    let book = Book::fixture("base");
    let front = "/*\ntitle = \"Best plot\"\ngrain = [\"plot\"]\n[claim]\n[columns]\nplot = { meaning = \"Plot\" }\nkilos = { meaning = \"Harvest\" }\nholds = { meaning = \"Holds\" }\nstatement = { meaning = \"Statement\" }\n*/\n";
    let query =
        format!("SELECT plot, kilos, {holds} AS holds, {statement} AS statement FROM plot_years WHERE plot = 'P1'\n");
    book.write("queries/yields/best_plot.sql", format!("{front}{query}"));
    book.append("report-templates/overview.typ", "\n#{{ claim(\"best_plot\", plot=\"P1\") }}\n");
    book
}

const HEAVIER: &str = "'Plot P1 gave more than 50 kg: 52.5 kg.'";

#[test]
fn a_claim_that_holds_is_printed_and_carried() {
    let statement = "printf('Plot %s gave %.1f kg.', plot, kilos)";
    let book = claiming(statement, "kilos > 50");
    let pdf = book.build(&[]).pdf("overview.pdf");
    assert!(pdf.text().contains("Plot P1 gave 52.5 kg."), "{}", pdf.text());
    let claims: Value = serde_json::from_slice(&pdf.attachments()["claims.json"]).expect("JSON");
    let claim = &claims["claims"][0];
    assert_eq!((claim["holds"].as_bool(), claim["cell"].as_str()), (Some(true), Some("best_plot")));
    assert!(claim["numbers"].as_array().expect("numbers").iter().any(|number| number["value"] == 52.5), "{claim}");
}

#[test]
fn a_claim_that_does_not_hold_stops_publication_and_is_struck_through_in_a_draft() {
    let book = claiming("printf('Plot %s gave %.1f kg.', plot, kilos)", "kilos > 60");
    let said = book.run(&["build"]).expect(2).stderr;
    assert!(said.contains("the claim `best_plot` may not be printed: it does not hold"), "{said}");
    book.run(&["build", "--draft"]).expect(0);
    let draft = super::harness::Edition::open(&book.output().join("year-draft"));
    let text = draft.pdf("overview.pdf").text();
    assert!(text.contains("DRAFT") && text.contains("not to be said: it does not hold"), "{text}");
    assert!(!book.output().join("year").exists(), "a draft took the edition's place");
}

#[test]
fn a_claim_whose_inputs_are_missing_is_refused() {
    let said = claiming("printf('Plot %s.', plot)", "CAST(NULL AS BOOLEAN)").run(&["build"]).expect(2).stderr;
    assert!(said.contains("what it rests on is missing"), "{said}");
}

#[test]
fn a_number_in_a_statement_must_be_behind_it() {
    let said = claiming(HEAVIER, "kilos > 50").run(&["build"]).expect(2).stderr;
    assert!(said.contains("no column behind it has the value 50, rounded as it is written"), "{said}");
}

#[test]
fn a_cell_of_claims_needs_its_columns_and_only_such_a_cell_can_claim() {
    let book = claiming("42", "kilos > 50");
    let said = book.run(&["check"]).expect(2).stderr;
    assert!(said.contains("error[cell-claim]") && said.contains("VARCHAR column `statement`"), "{said}");
    let book = Book::fixture("base");
    book.append("report-templates/overview.typ", "\n#{{ claim(\"totals\") }}\n");
    let said = book.run(&["check"]).expect(2).stderr;
    assert!(said.contains("`totals` is not a cell of claims"), "{said}");
}

#[test]
fn a_template_may_ask_whether_a_claim_holds() {
    let book = claiming("printf('Plot %s gave %.1f kg.', plot, kilos)", "kilos > 60");
    book.edit(
        "report-templates/overview.typ",
        "#{{ claim(\"best_plot\", plot=\"P1\") }}",
        "{% set c = claim(\"best_plot\", plot=\"P1\") %}{% if c is holding %}#{{ c }}{% else %}Nothing to say.{% endif %}",
    );
    assert!(book.build(&[]).pdf("overview.pdf").text().contains("Nothing to say."));
}

#[test]
fn a_plan_says_what_would_be_made_and_makes_nothing() {
    let book = built();
    let plan = |book: &Book| book.run(&["build", "--plan"]).expect(0).text();
    assert!(plan(&book).contains(" 0 to compute"), "{}", plan(&book));
    let before = book.edition().contents();
    book.append("report-templates/sheet.typ", "\nOne line more.\n");
    let said = plan(&book);
    assert!(said.contains("packs  1 as they are, 3 to make") || said.contains("to make"), "{said}");
    assert!(said.contains("make sheets/P1.pdf: the template sheet.typ") && !said.contains("overview.pdf"), "{said}");
    super::harness::assert_same(&before, &book.edition().contents());
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,41");
    assert!(plan(&book).contains("compute plot_years"), "{}", plan(&book));
}

#[test]
fn a_comment_in_a_query_makes_nothing_anew() {
    let book = built();
    book.edit("queries/yields/totals.sql", "SELECT", "-- a comment\nSELECT  ");
    let said = book.run(&["build"]).expect(0).stderr;
    assert!(said.contains("cells    2, of which 2 already known") && said.contains("packs    4, of which 4"), "{said}");
}
