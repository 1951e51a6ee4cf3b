//! Copies given out before publication: whose each is, who may have one, and that nothing else is marked. And the words
//! that say how a document is to be handled.

use std::fs;

use serde_json::Value;

use super::harness::{Book, Edition, Run, assert_same, contents, entries, shown_entries};
use super::hostile_data::assert_message;
use super::pdf::Pdf;

const PEOPLE: &str = "\
name,role,organisation,email,access_from
Ada Marsh,Minister,\"Allotments, Ministry of\",ada@example.org,
Ben Okoro,Private secretary,Cabinet,,2026-02-02T17:00
Cleo Quill,Chief statistician,Allotment Society,,
";

const BANNER: &str = "\n[pre_release]\nbanner = \"PRE-RELEASE: copy {copy} of {copies} for {name}, {role}, {organisation}. Not to be shared before {release}.\"\n";

/// The fixture with a banner, a list of people, and an overview of two pages.
fn book() -> Book {
    let book = Book::fixture("base");
    book.append("candour.toml", BANNER);
    book.append("report-templates/overview.typ", "\n#pagebreak()\nThe end.\n");
    book.write("people.csv", PEOPLE);
    book
}

/// Makes copies for the people on the list, released at half past nine on 3 February 2026.
fn copies(book: &Book, arguments: &[&str]) -> Run {
    let list = book.path("people.csv").to_string_lossy().into_owned();
    let given = |option: &str| arguments.contains(&option);
    let mut all = vec!["build", "--pre-release", &list];
    for (option, value) in [("--release", "2026-02-03T09:30"), ("--access-from", "2026-02-02T09:30")] {
        if !given(option) {
            all.extend([option, value]);
        }
    }
    if !given("--pack") {
        all.extend(["--pack", "overview"]);
    }
    book.run(&[&all, arguments].concat())
}

fn made(book: &Book) -> Edition {
    copies(book, &[]).expect(0);
    Edition::open(&book.output().join("year-pre-release"))
}

const COPY: &str = "copy-2-Ben-Okoro/overview.pdf";
const WORDS: &str = "PRE-RELEASE: copy 2 of 3 for Ben Okoro, Private secretary, Cabinet. Not to be shared before 9.30am on 3 February 2026.";

#[test]
fn each_person_has_a_numbered_copy_that_says_whose_it_is_on_every_page() {
    let book = book();
    let edition = made(&book);
    assert_eq!(shown_entries(&book.output()), ["year-pre-release"], "copies are not an edition");
    let wanted = ["copy-1-Ada-Marsh/overview.pdf", COPY, "copy-3-Cleo-Quill/overview.pdf"];
    assert_eq!(edition.files_of("overview"), wanted);
    assert_eq!(edition.manifest["whole"], false);
    let pdf = edition.pdf(COPY);
    assert_eq!(pdf.pages(), 2);
    for page in [1, 2] {
        assert!(pdf.page_text(page).contains(WORDS), "page {page}: {}", pdf.page_text(page));
    }
    assert!(edition.pdf(wanted[0]).text().contains("copy 1 of 3 for Ada Marsh, Minister, Allotments, Ministry of."));
    // On page one the banner is words like others; on later pages only to be seen.
    assert_eq!(pdf.tags().of_kind("P").len(), book_without_banner().tags().of_kind("P").len() + 1);
    assert_eq!(pdf.property(b"Keywords").as_deref(), Some("Pre-release copy 2 of 3, For Ben Okoro"));
    let own: Value = serde_json::from_slice(&pdf.attachments()["manifest.json"]).expect("JSON");
    let copy = &own["copy"];
    assert_eq!((&copy["number"], &copy["of"], &copy["name"]), (&2.into(), &3.into(), &"Ben Okoro".into()));
    assert_eq!((&copy["access_from"], &copy["release"]), (&"2026-02-02T17:00".into(), &"2026-02-03T09:30".into()));
}

/// The overview of an ordinary build.
fn book_without_banner() -> Pdf {
    let book = book();
    book.build(&[]).pdf("overview.pdf")
}

#[test]
fn the_register_says_who_was_given_what_from_when() {
    let book = book();
    let edition = made(&book);
    let register = String::from_utf8(edition.bytes("register.csv")).expect("UTF-8");
    let lines: Vec<&str> = register.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "copy,copies,name,role,organisation,access_from,release,hours_of_access,file,sha256");
    let hash = edition.packs()[1]["sha256"].as_str().expect("a hash");
    let wanted =
        format!("2,3,Ben Okoro,Private secretary,Cabinet,2026-02-02T17:00,2026-02-03T09:30,16.5,{COPY},{hash}");
    assert_eq!(lines[2], wanted);
    assert!(lines[1].starts_with("1,3,Ada Marsh,Minister,\"Allotments, Ministry of\",2026-02-02T09:30,"), "{register}");
    assert!(lines[1].contains(",24,copy-1-Ada-Marsh/overview.pdf,") && !register.contains("example.org"), "{register}");
}

#[test]
fn copies_can_be_verified_and_made_again() {
    let book = book();
    let edition = made(&book);
    let folder = edition.folder.to_string_lossy().into_owned();
    book.run(&["verify", &folder, "--no-rebuild"]).expect(0);
    let pdf = edition.folder.join(COPY).to_string_lossy().into_owned();
    assert!(book.run(&["verify", &pdf]).expect(0).stderr.contains("identical"));
    let register = edition.folder.join("register.csv");
    let text = fs::read_to_string(&register).expect("the register");
    fs::write(&register, text.replace("16.5", "15.5")).expect("a changed register");
    let run = book.run(&["verify", &folder, "--no-rebuild"]).expect(1);
    assert!(run.stderr.contains("register.csv is not the file that the manifest names"), "{}", run.stderr);
}

#[test]
fn copies_are_the_same_wherever_and_whenever_they_are_made() {
    let (one, other) = (book(), book());
    let first = made(&one).contents();
    copies(&other, &["--threads", "1"]).expect(0);
    let again = Edition::open(&other.output().join("year-pre-release"));
    assert_same(&first, &again.contents());
    let run = copies(&one, &[]).expect(0);
    assert!(run.stderr.contains("as it was already"), "{}", run.stderr);
}

#[test]
fn a_copy_says_what_is_published_and_nothing_of_it_stays_behind() {
    let book = book();
    let before = book.build(&[]).contents();
    let kept = entries(&book.output().join(".cache/packs"));
    let copy = made(&book);
    assert_same(&before, &contents(&book.output().join("year")));
    let published = Edition::open(&book.output().join("year"));
    let identifier = |edition: &Edition| {
        edition.packs().iter().find(|pack| pack["pack"] == "overview").map(|pack| pack["identifier"].clone())
    };
    assert_eq!(identifier(&copy), identifier(&published));
    let (early, late) = (copy.pdf(COPY), published.pdf("overview.pdf"));
    assert_eq!((early.pages(), early.page_text(1).replace(WORDS, "").trim()), (late.pages(), late.page_text(1).trim()));
    assert_eq!(entries(&book.output().join(".cache/packs")), kept, "a copy was kept");
    book.append("report-templates/overview.typ", "\nOnce more.\n");
    book.run(&["build"]).expect(0);
    let again = Edition::open(&book.output().join("year")).pdf("overview.pdf").text();
    assert!(again.contains("Once more.") && !again.contains("PRE-RELEASE"), "{again}");
}

#[test]
fn several_packs_for_one_person_keep_their_numbers() {
    let book = book();
    book.edit(
        "candour.toml",
        "template = \"sheet.typ\"",
        "template = \"sheet.typ\"\ntext = \"sheet.txt\"\non_request = true",
    );
    book.write("report-templates/sheet.txt", "Plot {{ row.plot }}\n");
    let arguments = ["--pack", "overview", "--pack", "sheet", "--for", "Ben Okoro"];
    copies(&book, &arguments).expect(0);
    assert_eq!(shown_entries(&book.output()), ["year-copy-2-pre-release"]);
    let edition = Edition::open(&book.output().join("year-copy-2-pre-release"));
    assert_eq!(edition.packs().len(), 4);
    assert!(edition.pdf(COPY).text().contains(WORDS));
    let text = String::from_utf8(edition.bytes("copy-2-Ben-Okoro/sheets/P1.txt")).expect("UTF-8");
    assert_eq!(text, format!("{WORDS}\n\nPlot P1\n"));
    let register = String::from_utf8(edition.bytes("register.csv")).expect("UTF-8");
    assert_eq!(register.lines().count(), 1 + 4 + 3, "{register}");
}

#[test]
fn a_name_that_is_code_is_words() {
    let book = book();
    book.edit("people.csv", "Cleo Quill", "\"#panic(\"\"x\"\") {name} *Quill*\"");
    let edition = made(&book);
    let file = "copy-3--panic--x----name---Quill-/overview.pdf";
    let text = edition.pdf(file).text();
    assert!(text.contains("copy 3 of 3 for #panic(\"x\") {name} *Quill*, Chief statistician"), "{text}");
}

// Refusals.

#[test]
fn whoever_is_not_on_the_list_gets_no_copy() {
    let book = book();
    assert_message("pre-release-not-listed", &copies(&book, &["--for", "Ada March"]).expect(1));
    assert!(shown_entries(&book.output()).is_empty());
    book.write("people.csv", PEOPLE.replace("Ada Marsh", "Ben Okoro"));
    let run = copies(&book, &["--for", "Ben Okoro"]).expect(1);
    assert!(run.stderr.contains("2 people on the list are called Ben Okoro"), "{}", run.stderr);
}

#[test]
fn nobody_has_access_for_longer_than_the_book_allows() {
    let book = book();
    assert_message("pre-release-early", &copies(&book, &["--access-from", "2026-02-02T09:29"]).expect(1));
    copies(&book, &["--access-from", "2026-02-02T09:30"]).expect(0);
    book.edit("candour.toml", "[pre_release]", "[pre_release]\nhours = 3");
    assert_message("pre-release-early-each", &copies(&book, &["--access-from", "2026-02-03T06:30"]).expect(1));
    book.edit("candour.toml", "hours = 3", "hours = 48");
    assert_message("pre-release-hours", &copies(&book, &[]).expect(2));
}

#[test]
fn access_ends_with_release_and_release_is_not_before_the_edition() {
    let book = book();
    assert_message("pre-release-late", &copies(&book, &["--access-from", "2026-02-03T09:30"]).expect(1));
    let arguments = ["--release", "2026-01-30T09:30", "--access-from", "2026-01-29T17:00"];
    assert_message("pre-release-past", &copies(&book, &arguments).expect(1));
}

#[test]
fn the_list_is_held_to_its_rules_line_by_line() {
    let book = book();
    book.write(
        "people.csv",
        "name,role,organisation,access_from\n\
         Ada Marsh,,Ministry,2026-02-02T10:00\n\
         Ben Okoro,Secretary,Cabinet\n\
         =Cleo,Chief,\"Society\",2 February\n\
         Dora\u{202e} Finch,Chief,Society,\n\
         Eve Lark,Chief,Society,2026-02-02T10:00\n\
         Finn Wren,Clerk,Society,\n\
         EVE LARK,Deputy,society,2026-02-02T10:00\n",
    );
    let list = book.path("people.csv").to_string_lossy().into_owned();
    let run =
        book.run(&["build", "--pre-release", &list, "--release", "2026-02-03T09:30", "--pack", "overview"]).expect(1);
    assert_message("pre-release-list", &run);
    assert!(shown_entries(&book.output()).is_empty());
    book.write("people.csv", "\u{feff}nmae;role,organisation,role\n");
    assert_message("pre-release-header", &copies(&book, &[]).expect(1));
    book.write("people.csv", "name,role,organisation\n\n");
    assert!(copies(&book, &[]).expect(1).stderr.contains("names nobody"));
    book.write("people.csv", b"name,role,organisation\nA,B,\xff\n");
    let run = copies(&book, &[]).expect(1);
    assert!(run.stderr.contains("people.csv at line 2") && run.stderr.contains("is not UTF-8"), "{}", run.stderr);
    fs::remove_file(book.path("people.csv")).expect("the list");
    assert!(copies(&book, &[]).expect(2).stderr.contains("could not read [BOOK]/people.csv"));
}

#[test]
fn a_banner_says_whose_copy_it_is_and_until_when() {
    let book = book();
    book.edit("candour.toml", "copy {copy} of {copies} for {name}", "copy for {nmae}");
    assert_message("pre-release-banner", &book.run(&["check"]).expect(2));
    let book = Book::fixture("base");
    book.write("people.csv", PEOPLE);
    assert_message("pre-release-none", &copies(&book, &[]).expect(2));
    book.edit("candour.toml", "name = \"year\"", "name = \"year-pre-release\"");
    let run = book.run(&["check"]).expect(2);
    assert!(run.stderr.contains("names that end in -pre-release are for copies before release"), "{}", run.stderr);
}

#[test]
fn times_are_a_day_and_a_minute_and_copies_are_of_packs() {
    let book = book();
    for time in ["2026-02-03", "2026-02-03T09:30Z", "2026-02-03 09:30", "9.30am", "2026-02-30T09:30"] {
        let run = copies(&book, &["--release", time]).expect(2);
        assert!(run.stderr.contains("write it as a day and a time, such as"), "{time}: {}", run.stderr);
    }
    let list = book.path("people.csv").to_string_lossy().into_owned();
    for arguments in [
        &["build", "--pre-release", &list, "--release", "2026-02-03T09:30"][..],
        &["build", "--pre-release", &list, "--pack", "overview"],
        &["build", "--release", "2026-02-03T09:30"],
        &["build", "--for", "Ada Marsh"],
        &["build", "--pre-release", &list, "--release", "2026-02-03T09:30", "--pack", "overview", "--draft"],
    ] {
        book.run(arguments).expect(2);
    }
    let run = copies(&book, &["--pack", "overveiw"]).expect(2);
    assert!(run.stderr.contains("did you mean `overview`?"), "{}", run.stderr);
    assert!(shown_entries(&book.output()).is_empty());
}

// How a document is to be handled.

#[test]
fn a_marking_stands_on_every_page_and_is_said_once() {
    let book = book();
    let plain = book.build(&[]).pdf("overview.pdf");
    book.edit("candour.toml", "language =", "marking = \"For plot holders' eyes\"\nlanguage =");
    let run = book.run(&["build"]).expect(0);
    assert!(run.stderr.contains("packs    4, of which 0 already known"), "{}", run.stderr);
    let pdf = book.edition().pdf("overview.pdf");
    for page in [1, 2] {
        assert!(pdf.page_text(page).contains("For plot holders' eyes"), "{}", pdf.page_text(page));
    }
    assert_eq!(pdf.tags().of_kind("P").len(), plain.tags().of_kind("P").len() + 1);
    assert_eq!(pdf.pages(), plain.pages());
    book.run(&["check"]).expect(0);
    // With a banner, and in a draft, both are there.
    let copy = made(&book).pdf(COPY).page_text(2);
    assert!(copy.contains("For plot holders' eyes") && copy.contains(WORDS), "{copy}");
    book.run(&["build", "--draft"]).expect(0);
    let draft = Edition::open(&book.output().join("year-draft")).pdf("overview.pdf").page_text(2);
    assert!(draft.contains("For plot holders' eyes") && draft.contains("DRAFT: claims"), "{draft}");
}
