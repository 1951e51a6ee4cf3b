//! Warnings of queries that leave ties open and of words that no figure stands behind: each kind where it is meant, at
//! its place, and none on a sound book.

use super::harness::Book;

/// A cell over the fixture's plots, whose grain is `plot`.
fn cell(query: &str, more: &str) -> String {
    format!(
        "/*\ntitle = \"T\"\ngrain = [\"k\"]\n[columns]\nk = {{ meaning = \"K\" }}\nv = {{ meaning = \"V\" }}\n{more}*/\n{query}\n"
    )
}

/// What `check` says of a book, which it finds fit to build.
#[track_caller]
fn checked(book: &Book) -> String {
    book.run(&["check"]).expect(0).stderr
}

#[test]
fn a_sound_book_has_no_warnings() {
    let words = checked(&Book::fixture("base"));
    assert!(!words.contains("[determinism-") && !words.contains("[words-"), "{words}");
}

#[test]
fn each_way_of_leaving_ties_open_is_a_warning_at_its_place() {
    let one = "(SELECT * FROM harvests";
    let cases = [
        ("limit", "SELECT plot AS k, kilos AS v FROM harvests ORDER BY kilos LIMIT 1".to_string()),
        ("order", "SELECT plot AS k, gardener AS v FROM plots ORDER BY gardener".to_string()),
        ("distinct-on", "SELECT DISTINCT ON (plot) plot AS k, kilos AS v FROM harvests".to_string()),
        ("window", "SELECT plot AS k, row_number() OVER (ORDER BY gardener) AS v FROM plots".to_string()),
        ("list", "SELECT plot AS k, list(kilos) AS v FROM harvests GROUP BY plot".to_string()),
        ("first", "SELECT plot AS k, first(kilos) AS v FROM harvests GROUP BY plot".to_string()),
        ("ties", "SELECT plot AS k, arg_max(season, kilos) AS v FROM harvests GROUP BY plot".to_string()),
        ("float", "SELECT plot AS k, round(avg(kilos), 1) AS v FROM harvests GROUP BY plot".to_string()),
        ("hash", "SELECT plot AS k, hash(plot) % 7 AS v FROM plots".to_string()),
        ("approximate", "SELECT plot AS k, approx_quantile(kilos, 0.5) AS v FROM harvests GROUP BY plot".to_string()),
        ("positional", format!("SELECT plots.plot AS k, a.kilos AS v FROM plots POSITIONAL JOIN {one} LIMIT 0) AS a")),
    ];
    let book = Book::fixture("base");
    for (kind, query) in &cases {
        book.write(&format!("queries/ties/{}.sql", kind.replace('-', "_")), cell(query, ""));
    }
    let words = checked(&book);
    for (kind, _) in &cases {
        let file = format!("queries/ties/{}.sql:8:", kind.replace('-', "_"));
        let at = words.find(&format!("warning[determinism-{kind}]")).unwrap_or_else(|| panic!("no {kind}: {words}"));
        let warning: Vec<&str> = words[at..].lines().take(8).collect();
        assert!(warning[1].contains(&file), "{kind} is not at {file}: {warning:#?}");
        assert!(warning.iter().any(|line| line.contains("= help:")), "{kind} has no mend: {warning:#?}");
    }
}

#[test]
fn a_reason_in_the_front_matter_answers_a_warning_and_none_too_many() {
    let book = Book::fixture("base");
    let query = "SELECT plot AS k, first(kilos) AS v FROM harvests GROUP BY plot";
    book.write("queries/ties/answered.sql", cell(query, "[determinism]\nfirst = \"one is as good as another\"\n"));
    assert!(!checked(&book).contains("[determinism-"));
    book.write(
        "queries/ties/answered.sql",
        cell("SELECT plot AS k, 1 AS v FROM plots", "[determinism]\nfirst = \"x\"\n"),
    );
    let words = checked(&book);
    assert!(words.contains("warning[determinism-unneeded]") && words.contains("answered.sql:8:"), "{words}");
}

#[test]
fn a_reason_must_be_given_and_its_kind_be_known() {
    let book = Book::fixture("base");
    let query = "SELECT plot AS k, first(kilos) AS v FROM harvests GROUP BY plot";
    book.write("queries/ties/answered.sql", cell(query, "[determinism]\nfirst = \" \"\nfrist = \"x\"\n"));
    let words = book.run(&["check"]).expect(2).stderr;
    assert!(words.contains("needs a reason") && words.contains("did you mean `first`?"), "{words}");
}

#[test]
fn words_of_a_template_are_looked_at_with_the_books_own_lists() {
    let book = Book::fixture("base");
    book.append(
        "report-templates/overview.typ",
        "\nAbout 12 marrows rose beside #{{ totals.plots }} plots, 5-10 of them.\n",
    );
    let words = checked(&book);
    assert!(!words.contains("[words-no-address]") && !words.contains("[words-comparative]"), "{words}");
    assert!(words.contains("warning[words-style]: a range is written with \"to\": 5-10"), "{words}");
    book.append("candour.toml", "\n[lints]\nunits = [\"marrows\"]\ncomparative = [\"rose\"]\n");
    let words = checked(&book);
    assert!(words.contains("warning[words-no-address]: this number has no address: 12 marrows"), "{words}");
    assert!(words.contains("warning[words-comparative]: \"rose\""), "{words}");
    assert!(words.contains("report-templates/overview.typ:21:"), "{words}");
}
