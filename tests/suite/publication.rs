//! Publication: the last edition stays whole whatever happens to the next.

use std::time::{Duration, Instant};

use super::demonstration;
use super::harness::{Book, assert_same, contents, copy_all, entries, start};

#[test]
fn a_failed_build_leaves_the_last_edition_as_it_was() {
    let book = Book::fixture("base");
    let first = book.build(&[]).contents();
    book.edit("queries/yields/totals.sql", "count(*)", "count(nothing)");
    book.run(&["build"]).expect(2);
    assert_same(&first, &book.edition().contents());
    book.edit("queries/yields/totals.sql", "count(nothing)", "10 * count(*)");
    let second = book.build(&[]);
    assert!(second.contents() != first, "the mended book gives a new edition");
    assert!(second.pdf("overview.pdf").text().contains("30 plots"));
}

#[test]
fn a_pack_that_fails_keeps_all_packs_from_being_published() {
    let book = Book::fixture("base");
    let first = book.build(&[]).contents();
    book.append(
        "report-templates/sheet.typ",
        "{% if row.plot.raw == \"P3\" %}\n#panic(\"no third plot\")\n{% endif %}\n",
    );
    let run = book.run(&["build"]).expect(2);
    assert!(run.stderr.contains("no third plot") && run.stderr.contains("for P3"), "{}", run.stderr);
    assert_same(&first, &book.edition().contents());
}

#[test]
fn a_pack_that_is_no_longer_made_leaves_the_edition() {
    let book = Book::fixture("base");
    assert_eq!(book.build(&[]).files_of("sheet").len(), 3);
    book.edit("data/plots.csv", "P3,Cleo Quill\n", "");
    let second = book.build(&[]);
    assert_eq!(second.files_of("sheet"), ["sheets/P1.pdf", "sheets/P2.pdf"]);
    assert!(!second.folder.join("sheets/P3.pdf").exists());
}

#[test]
fn a_build_that_is_killed_leaves_the_last_edition_and_the_next_cleans_up() {
    let book = demonstration::copy_with_cells();
    let last = demonstration::shared().edition();
    let place = book.output().join(last.folder.file_name().expect("an edition has a name"));
    copy_all(&last.folder, &place);
    let before = contents(&place);

    let mut child = start(&mut book.command(&["build", "--threads", "1"]));
    let staged = wait_for_staged_pack(&book);
    child.kill().expect("the build is still running");
    let status = child.wait().expect("the build ends");
    assert!(!status.success(), "the build was over before it could be killed");
    assert_same(&before, &contents(&place));
    assert!(entries(&book.output()).contains(&staged), "a killed build cannot clean up after itself");

    book.run(&["build", "--pack", "ministerial-briefing"]).expect(0);
    let left: Vec<String> = entries(&book.output()).into_iter().filter(|name| name.starts_with(".staging")).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert_same(&before, &contents(&place));
}

/// Waits until a build has made some packs; the name of its staging folder.
fn wait_for_staged_pack(book: &Book) -> String {
    let made = || entries(&book.output().join(".cache/packs")).iter().filter(|name| name.ends_with(".pdf")).count();
    let before = made();
    let end = Instant::now() + Duration::from_secs(120);
    while Instant::now() < end {
        let staging = entries(&book.output()).into_iter().find(|name| name.starts_with(".staging"));
        if let Some(name) = staging.filter(|_| made() >= before + 2) {
            return name;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no pack was made in two minutes");
}

#[test]
fn two_builds_do_not_write_to_one_folder_at_once() {
    let book = Book::fixture("base");
    book.build(&[]);
    let lock = std::fs::File::create(book.output().join(".lock")).expect("the lock");
    lock.lock().expect("the lock is free");
    let run = book.run(&["build"]).expect(2);
    assert!(run.stderr.contains("another build is writing to [OUT]"), "{}", run.stderr);
    lock.unlock().expect("the lock is ours");
    book.run(&["build"]).expect(0);
}

#[test]
fn a_spoilt_cache_is_not_trusted() {
    let book = Book::fixture("base");
    let first = book.build(&[]).contents();
    for part in ["cells", "packs", "sources", "tables", "tests", "traces"] {
        let folder = book.output().join(".cache").join(part);
        for name in entries(&folder) {
            std::fs::write(folder.join(name), b"not what was kept").expect("a spoilt file");
        }
    }
    book.run(&["build"]).expect(0);
    assert_same(&first, &book.edition().contents());
}
