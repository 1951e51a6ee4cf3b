//! Values that are withheld: by the book's rule and by the publisher's mark, in tables, queries, templates and evidence.

use super::harness::Book;

/// Members of three clubs by hall and sex, with the totals of each hall and of all; a mark of the publisher's among them.
const MEMBERS: &str = "Hall,Club,Men,Women,All,Mean age\n\
    North,Chess,3,12,15,41.5\nNorth,Darts,20,31,51,39\nNorth,Total,23,43,66,40\n\
    South,Chess,0,9,9,52\nSouth,Darts,14,6,20,33\nSouth,Total,14,15,29,38\n\
    Both,Total,37,58,95,39\n";

/// The settings of a source of members under a rule.
fn settings(rule: &str) -> String {
    format!(
        "\n[sources.members]\nfiles = [\"members.csv\"]\nreader = \"csv\"\nkey = [\"hall\", \"club\"]\npublisher = \"Allotment Society\"\npublication = \"Members\"\nlicence = \"Open Government Licence v3.0\"\nstatus = \"published\"\nperiod = \"2025\"\n\
         [sources.members.columns]\n\
         hall = {{ header = \"Hall\", type = \"text\", required = true, meaning = \"Hall\" }}\n\
         club = {{ header = \"Club\", type = \"text\", required = true, meaning = \"Club\" }}\n\
         men = {{ header = \"Men\", type = \"integer\", min = 0, suppressed = [\"*\"], meaning = \"Men\" }}\n\
         women = {{ header = \"Women\", type = \"integer\", min = 0, meaning = \"Women\" }}\n\
         everyone = {{ header = \"All\", type = \"integer\", min = 0, meaning = \"All\" }}\n\
         mean_age = {{ header = \"Mean age\", type = \"number\", meaning = \"Mean age\" }}\n{rule}\n"
    )
}

const RULE: &str = "[sources.members.disclosure]\ncolumns = [\"men\", \"women\", \"everyone\"]\nsuppress = { from = 1, to = 7 }\nround_to = 5\nwith = [\"mean_age\"]\nexempt = { hall = [\"Both\"] }\n\
    [[sources.members.disclosure.totals]]\ncolumn = \"everyone\"\nis_sum_of = [\"men\", \"women\"]\n\
    [[sources.members.disclosure.totals]]\nrows = { club = [\"Total\"] }\nare_sums_of = { club = [\"Chess\", \"Darts\"] }\nwithin = [\"hall\"]\n\
    [[sources.members.disclosure.totals]]\nrows = { hall = [\"Both\"] }\nare_sums_of = { club = [\"Total\"], hall = [\"North\", \"South\"] }";

fn book(rule: &str) -> Book {
    let book = Book::fixture("base");
    book.write("data/members.csv", MEMBERS);
    book.append("candour.toml", &settings(rule));
    book
}

/// A cell over the members with these columns and this query.
fn with_cell(book: &Book, columns: &str, query: &str) {
    book.write(
        "queries/clubs.sql",
        format!("/*\ntitle = \"Clubs\"\ngrain = [\"hall\", \"club\"]\n[columns]\nhall = {{ meaning = \"H\" }}\nclub = {{ meaning = \"C\" }}\n{columns}\n*/\n{query}\n"),
    );
}

const PASSED_ON: &str = "SELECT hall, club, men, men_shorthand FROM members";

#[track_caller]
fn rows(book: &Book, sql: &str) -> String {
    book.run(&["sql", "--format", "csv", sql]).expect(0).text()
}

#[test]
fn counts_are_withheld_and_rounded_before_any_query_sees_them() {
    let book = book(RULE);
    let shown = rows(&book, "SELECT hall, club, men, women, everyone, mean_age FROM members ORDER BY hall, club");
    // Each count by the rule; the exempt row as it was; the means of the rows with a withheld count.
    for row in
        ["North,Darts,20,30,50,39", "North,Total,25,45,65,40", "Both,Total,37,58,95,39", "South,Chess,0,10,10,52"]
    {
        assert!(shown.contains(row), "no {row}: {shown}");
    }
    let beside = rows(
        &book,
        "SELECT hall, club, men_shorthand AS m, women_shorthand AS w, mean_age_shorthand AS a FROM members WHERE men IS NULL OR women IS NULL ORDER BY hall",
    );
    assert_eq!(beside.lines().skip(1).collect::<Vec<_>>(), ["North,Chess,[c],,[c]", "South,Darts,,[c],[c]"]);
    assert_eq!(rows(&book, "SELECT count(mean_age) AS n FROM members").lines().last(), Some("5"));
}

#[test]
fn an_exact_total_makes_a_second_count_withheld() {
    let exact = RULE.replace("round_to = 5\n", "");
    let book = book(&exact);
    let shown = rows(&book, "SELECT hall, club, men, women, everyone FROM members ORDER BY hall, club");
    // North chess: 3 of 15 men; with 12 women shown it would be known.
    for row in
        ["North,Chess,,,15", "North,Darts,,,51", "North,Total,23,43,66", "South,Darts,,,20", "Both,Total,37,58,95"]
    {
        assert!(shown.contains(row), "no {row}: {shown}");
    }
}

#[test]
fn nothing_that_is_left_out_tells_a_withheld_count() {
    let book = book(RULE);
    book.edit("data/members.csv", "North,Chess,3,", "North,Chess,3x,");
    let run = book.run(&["sql", "--format", "csv", "SELECT column_name, value FROM source_rejects"]).expect(0);
    assert!(run.text().contains("men,[c]") && !run.stderr.contains("3x"), "{}{}", run.text(), run.stderr);
}

#[test]
fn a_publishers_own_mark_is_read_as_withheld_and_not_as_missing() {
    let book = book("");
    book.edit("data/members.csv", "North,Chess,3,", "North,Chess,*,");
    book.edit("data/members.csv", "South,Chess,0,", "South,Chess,,");
    let shown = rows(&book, "SELECT club, men, men_shorthand FROM members WHERE club = 'Chess' ORDER BY hall");
    assert_eq!(shown.lines().skip(1).collect::<Vec<_>>(), ["Chess,[c],[c]", "Chess,,"]);
}

#[test]
fn a_template_says_that_it_knows_of_withheld_values_or_stops() {
    let book = book(RULE);
    with_cell(&book, "men = { unit = \"count\", meaning = \"M\" }", PASSED_ON);
    let end = "{% for c in cell(\"clubs\", hall=\"North\") %}\n";
    let template = |words: &str| {
        let book = Book::copy(&book.root());
        book.append("report-templates/overview.typ", &format!("\n{end}{words}\n{{% endfor %}}\n"));
        book
    };
    for words in [
        "#{{ c.men }}",
        "#{{ c.men | fixed(1) }}",
        "#{{ c.men | or(\"none\") }}",
        "#let x = {{ c | data(\"men\") }}",
        "{% if c.men.raw > 2 %}many{% endif %}",
        "{% if c.men is missing %}none{% else %}#{{ c.men }}{% endif %}",
    ] {
        let run = template(words).run(&["build", "--pack", "overview"]).expect(2);
        let said = "`clubs.men` is withheld (hall = North, club = Chess)";
        assert!(run.stderr.contains(said) && run.stderr.contains("overview.typ:22:"), "{words}: {}", run.stderr);
    }
    for words in [
        "#{{ c.men | fixed(0) | shown }} of them.",
        "{% if c.men is suppressed %}#{{ c.men | shown }} of them.{% else %}#{{ c.men }} of them.{% endif %}",
        "#let x = {{ c.men | shown | data }}\n#if x == \"[c]\" [[c] of them.]",
    ] {
        let book = template(words);
        let edition = book.build(&["--pack", "overview"]);
        let pdf = edition.pdf("overview.pdf");
        assert!(pdf.text().contains("[c] of them."), "{words}: {}", pdf.text());
        let figures = String::from_utf8(pdf.attachments()["figures.json"].clone()).unwrap();
        let line = figures.lines().find(|line| line.contains("\"Chess\"") && line.contains("\"men\"")).unwrap();
        assert!(line.contains("\"value\":\"[c]\"") && line.contains("\"text\":\"[c]\""), "{line}");
    }
}

#[test]
fn a_query_passes_on_that_a_value_is_withheld_or_says_why_it_need_not() {
    let sum = "SELECT hall, 'all' AS club, sum(men) AS men";
    let grouped = "FROM members WHERE club <> 'Total' GROUP BY hall";
    let cases = [
        ("men = { meaning = \"M\" }", format!("{sum} {grouped}"), false),
        ("men = { meaning = \"M\", withheld = \"a lower bound\" }", format!("{sum} {grouped}"), true),
        ("men = { meaning = \"M\" }", format!("{sum}, max(men_shorthand) AS men_shorthand {grouped}"), true),
        (
            "share = { meaning = \"S\" }",
            "SELECT hall, club, CASE WHEN men > 9 THEN 'many' ELSE 'few' END AS share FROM members".to_string(),
            false,
        ),
        ("n = { meaning = \"N\" }", "SELECT hall, club, length(hall) AS n FROM members".to_string(), true),
    ];
    for (columns, query, sound) in &cases {
        let book = book(RULE);
        with_cell(&book, columns, query);
        let run = book.run(&["run", "clubs"]);
        assert_eq!(run.stderr.contains("error[cell-withheld]"), !sound, "{query}: {}", run.stderr);
        run.expect(if *sound { 0 } else { 2 });
    }
    // The sum of a group with a withheld count is withheld; through another cell too.
    let book = book(RULE);
    with_cell(&book, cases[2].0, &cases[2].1);
    let sums = book.run(&["run", "clubs", "--format", "csv"]).expect(0).text();
    assert!(sums.contains("North,all,[c]") && sums.contains("South,all,15"), "{sums}");
    book.write(
        "queries/halls.sql",
        "/*\ntitle = \"T\"\ngrain = [\"hall\"]\n[columns]\nhall = { meaning = \"H\" }\nmore = { meaning = \"M\" }\n*/\nSELECT hall, men + 1 AS more FROM clubs\n",
    );
    let words = book.run(&["check"]).expect(2).stderr;
    assert!(words.contains("`halls.more` is computed from `clubs.men`, of which values may be withheld"), "{words}");
}

/// A book whose overview prints the women of one club, in a unit of people, under a rule of the pack.
fn book_of_women(club: &str, pack: &str) -> Book {
    let book = book("");
    let columns = "everyone = { unit = \"people\", meaning = \"E\" }\nwomen = { unit = \"people\", meaning = \"W\" }";
    with_cell(&book, columns, "SELECT hall, club, women, everyone FROM members");
    let words = format!("\n#{{{{ one(\"clubs\", hall=\"South\", club=\"{club}\").women }}}} women.\n");
    book.append("report-templates/overview.typ", &words);
    book.append("candour.toml", &format!("\n[packs.overview.disclosure]\n{pack}\n"));
    book
}

const PACK_RULE: &str = "units = [\"people\"]\nsuppress = { from = 1, to = 7 }";

#[test]
fn a_pack_shows_no_count_that_its_rule_forbids() {
    // South has 9 women in chess and 6 in darts.
    book_of_women("Chess", PACK_RULE).build(&["--pack", "overview"]);
    let book = book_of_women("Darts", PACK_RULE);
    for command in [&["build"][..], &["build", "--draft"], &["check"]] {
        let run = book.run(command).expect(1);
        assert!(run.stderr.contains("error[pack-disclosure]: `clubs.women` would show a count that is to be withheld"));
        assert!(run.stderr.contains("[packs.overview.disclosure] does not allow it"), "{}", run.stderr);
    }
    assert!(!book.root().join("output/2025").exists());
    // Another unit, or another rule, and it is shown.
    book_of_women("Darts", &PACK_RULE.replace("people", "plots")).build(&["--pack", "overview"]);
    book_of_women("Darts", &PACK_RULE.replace("to = 7", "to = 5")).build(&["--pack", "overview"]);
}

#[test]
fn a_pack_whose_counts_must_be_rounded_shows_no_other() {
    let rule = "units = [\"people\"]\nround_to = 5";
    let words = book_of_women("Chess", rule).run(&["build"]).expect(1).stderr;
    assert!(words.contains("`clubs.women` would show a count that is not rounded"), "{words}");
    book_of_women("Total", rule).build(&["--pack", "overview"]);
}

#[test]
fn what_only_completes_a_row_of_the_sheets_is_looked_at_too() {
    // Printed are the 15 women of all and the 20 people of darts: the sheet has both columns in both rows, and so the 6
    // women of darts.
    let book = book_of_women("Total", PACK_RULE);
    let people = "\n#{{ one(\"clubs\", hall=\"South\", club=\"Darts\").everyone }} people.\n";
    book.append("report-templates/overview.typ", people);
    book.build(&["--pack", "overview"]);
    book.edit("candour.toml", "[packs.overview]\n", "[packs.overview]\nsheets = true\n");
    let words = book.run(&["build"]).expect(1).stderr;
    assert!(words.contains("`clubs.women` would show a count that is to be withheld"), "{words}");
}

#[test]
fn mistakes_in_the_rule_of_a_pack_are_told_together() {
    let words =
        book_of_women("Chess", "suppress = { from = 0, to = 7 }\nround_to = 1\nrows = 3").run(&["check"]).expect(2);
    for part in [
        "`units` is missing",
        "`suppress` needs `from`",
        "`round_to` must be 2 or more",
        "unknown key `packs.overview.disclosure.rows`",
    ] {
        assert!(words.stderr.contains(part), "no {part}: {}", words.stderr);
    }
    let words = book_of_women("Chess", "units = [\"people\"]").run(&["check"]).expect(2).stderr;
    assert!(words.contains("the rule allows everything"), "{words}");
}

#[test]
fn mistakes_in_a_rule_are_told_together() {
    let rule = "[sources.members.disclosure]\ncolumns = [\"men\", \"mean_age\", \"boys\"]\nsuppress = { from = 3, to = 3 }\nround_to = 1\n\
        [[sources.members.disclosure.totals]]\ncolumn = \"everyone\"\nis_sum_of = [\"men\", \"women\"]\n\
        [[sources.members.disclosure.totals]]\nrows = { club = [\"Total\"] }\n";
    let words = book(rule).run(&["check"]).expect(2).stderr;
    for part in [
        "`boys` is not a column of the source",
        "`mean_age` is no column of whole numbers",
        "`suppress` needs `from`",
        "`round_to` must be 2 or more",
        "`women` is part of a sum and is not controlled",
        "a total needs `rows` and `are_sums_of`",
    ] {
        assert!(words.contains(part), "no {part}: {words}");
    }
    let book = book("");
    book.edit("candour.toml", "women = { header = \"Women\"", "men_shorthand = { header = \"Women\"");
    let words = book.run(&["check"]).expect(2).stderr;
    assert!(words.contains("`men_shorthand` is given by the engine"), "{words}");
}

#[test]
fn tracing_a_withheld_value_names_its_line_and_does_not_show_it() {
    let book = book(RULE);
    with_cell(&book, "men = { unit = \"count\", meaning = \"M\" }", PASSED_ON);
    let words = "\n#{{ one(\"clubs\", hall=\"North\", club=\"Chess\").men | shown }} of them.\n";
    book.append("report-templates/overview.typ", words);
    let pdf = book.build(&[]).folder.join("overview.pdf");
    let told = book.run(&["trace", &pdf.to_string_lossy(), "[c]"]).expect(0).text();
    assert!(told.contains("members.csv:2") && !told.contains("3,12,15"), "{told}");
}
