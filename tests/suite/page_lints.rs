//! What `check` finds on the pages as they are laid out: each kind where it is meant, and none on a sound book.

use super::harness::Book;

/// The fixture's overview with something more at its end.
fn with(words: &str) -> Book {
    let book = Book::fixture("base");
    book.append("report-templates/overview.typ", &format!("\n{words}\n"));
    book
}

/// What `check` says of a book, whatever it thinks of it.
#[track_caller]
fn said(book: &Book) -> String {
    let run = book.run(&["check"]);
    assert!(run.code < 2, "check could not do its work:\n{}", run.stderr);
    run.stderr
}

/// Asserts that `check` says no more than a code, at a line of the overview where one is given.
#[track_caller]
fn finds(book: &Book, code: &str, place: &str) {
    let words = said(book);
    assert!(words.contains(&format!("[{code}]")), "no {code}: {words}");
    assert!(words.contains(place), "not at {place}: {words}");
    assert_eq!(words.matches("error[").count() + words.matches("warning[").count(), 1, "{words}");
}

#[track_caller]
fn finds_nothing(book: &Book) {
    let words = said(book);
    assert!(!words.contains("error[") && !words.contains("warning["), "{words}");
}

#[test]
fn what_hinders_a_reader_is_found_on_the_page() {
    let circles = "circle(radius: 2pt) + circle(radius: 2pt) + circle(radius: 2pt)";
    let mark =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect width=\"9\" height=\"9\"/></svg>";
    let image = "#figure(image(\"/mark.svg\"), alt: \"The mark of some other body\")";
    let cases = [
        ("page-alt", "#figure(circle(radius: 9pt))".to_string()),
        ("page-alt", "#figure(circle(radius: 9pt), alt: \"Kilos by plot\", caption: [Kilos  by plot])".to_string()),
        ("page-alt", format!("#{{{circles}}}")),
        ("page-table-header", "#table(columns: 2, [a], [b])".to_string()),
        ("page-note", "A word#footnote[A note].".to_string()),
        ("page-note", "#(\"Kilos\" + \"*\")".to_string()),
        ("page-contrast", "#text(fill: rgb(\"#8a8a8a\"))[pale words]".to_string()),
        ("page-contrast", "#block(fill: rgb(\"#12436d\"))[words in black]".to_string()),
        ("page-contrast", "#rotate(90deg, box(fill: gradient.linear(white, black), inset: 9pt)[Words])".to_string()),
        ("page-image", image.to_string()),
    ];
    for (code, words) in &cases {
        let book = with(words);
        book.write("report-templates/mark.svg", mark);
        finds(&book, code, "report-templates/overview.typ:21:");
    }
    for sound in [
        "#figure(circle(radius: 9pt), alt: \"Plot 1 gave more than plot 2\", caption: [Kilos by plot])".to_string(),
        format!("#pdf.artifact({{{circles}}})"),
        format!("#figure({{{circles}}}, alt: \"Three circles, one for each plot\")"),
        "#block(radius: 2pt, stroke: (left: 2pt), fill: luma(240))[A box #line(length: 9pt)]".to_string(),
        "#figure(table(columns: 2, table.header([a], [b]), [c], [d]), caption: [A table])".to_string(),
        "#grid(columns: 2, [a], [b])".to_string(),
        "#text(fill: rgb(\"#8a8a8a\"), size: 18pt)[large words]".to_string(),
        "#block(fill: black)[#block(fill: white)[words]]".to_string(),
        "#box(width: 9pt, height: 9pt, clip: true, place(rect(width: 90mm, height: 90mm, fill: black)))\n\nWords"
            .to_string(),
        "Area in km#super[2], a \\* b and [note 1].".to_string(),
    ] {
        finds_nothing(&with(&sound));
    }
    let book = with(image);
    book.write("report-templates/mark.svg", mark);
    book.append("candour.toml", "\n[lints]\nimages = [\"mark.svg\"]\n");
    finds_nothing(&book);
}

#[test]
fn a_pack_has_a_title_and_the_books_language() {
    let book = Book::fixture("base");
    book.edit(
        "report-templates/lib/plain.typ",
        "#let plain(title, body) = {",
        "#let plain(words, body) = {\n  let title = none",
    );
    let words = said(&book);
    assert!(words.contains("error[page-title]") && words.contains("in report-templates/overview.typ"), "{words}");
    let book = Book::fixture("base");
    book.edit("candour.toml", "language = \"en-GB\"", "language = \"de\"");
    let words = said(&book);
    assert!(words.contains("error[page-language]: the pack's language is en-GB, and the book's is de"), "{words}");
}

#[test]
fn a_reason_on_the_line_or_the_one_before_allows_what_is_meant() {
    let table = "#table(columns: 2, [a], [b])";
    finds_nothing(&with(&format!("{table} // candour: table \"a form to fill in\"")));
    finds(&with(&format!("// candour: table \"\"\n{table}")), "page-table-header", ":22:");
    finds(&with(&format!("// candour: alt \"another kind\"\n{table}")), "page-table-header", ":22:");
}

#[test]
fn a_brand_keeps_its_contrast() {
    let brand = |colours: &str| {
        let book = Book::fixture("base");
        book.append("candour.toml", &format!("\n[brand]\n{colours}\n"));
        book
    };
    finds_nothing(&brand(
        "text_body = \"#1a1f24\"\nmark_bar = \"#2073bc\"\nfill_tint = \"#eef3f8\"\nline_rule = \"#c3cad0\"",
    ));
    for (colours, words) in [
        ("mark_bar = \"#6bace6\"", "`brand.mark_bar` has a contrast of 2.42 on white; it needs 3.0"),
        ("text_note = \"#8a8a8a\"", "`brand.text_note` has a contrast of 3.45 on white; it needs 4.5"),
        ("text_note = \"#6f6f6f\"\nfill_tint = \"#d0d8e0\"", "on fill_tint; it needs 4.5"),
    ] {
        let run = brand(colours).run(&["check"]).expect(1);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(run.stderr.contains("error[brand-contrast]"), "{}", run.stderr);
    }
}

#[test]
fn words_that_may_not_stand_are_found_wherever_they_come_from() {
    let rule = "\n[[lints.forbidden]]\nwords = [\"royal appointment\"]\nwhy = \"the society has none\"\n";
    let book = with("= By Royal\nAppointment");
    book.append("candour.toml", rule);
    finds(&book, "page-words", "report-templates/overview.typ:21:");
    let book = Book::fixture("base");
    book.append("candour.toml", rule);
    finds_nothing(&book);
    book.edit("data/plots.csv", "\n", "\nQ9,Jo (Royal Appointment)\n");
    assert!(
        said(&book).contains("error[page-words]: \"royal appointment\" may not stand in a pack: the society has none")
    );
}

/// The overview with a rule of what must stand beside figures.
fn with_need(rule: &str, words: &str) -> Book {
    let book = with(words);
    book.append("candour.toml", &format!("\n[[lints.needs]]\nname = \"beside\"\nmessage = \"a figure stands alone\"\npacks = [\"overview\"]\n{rule}\n"));
    book
}

#[test]
fn what_must_stand_beside_figures_is_looked_for_in_their_section() {
    let rule = "units = [\"kg\"]\nwords = [\"by weight\"]";
    let figure = "{{ (cell(\"plot_years\") | first).kilos }}";
    let alone = with_need(rule, &format!("= Yield\nIt gave #{figure}.\n\n= End\nAll is by weight."));
    alone.edit("report-templates/overview.typ", "kg.", "kg by weight.");
    finds(&alone, "page-needs", "report-templates/overview.typ:22:");
    let parts = |own: &str, other: &str| {
        with_need(rule, &format!("By\nweight.\n= Yield\n{own}\n== One\nIt gave #{figure}.\n== Two\n{other}"))
    };
    finds_nothing(&parts("All is by weight.", ""));
    finds(&parts("", "By weight."), "page-needs", "report-templates/overview.typ:26:");
    let allowed = "// candour: beside \"the scales were broken\"\n";
    let book = parts("", "By weight.");
    book.edit("report-templates/overview.typ", "== One\n", &format!("== One\n{allowed}"));
    finds_nothing(&book);
}

#[test]
fn a_page_a_pack_another_figure_or_the_source_may_be_needed() {
    let figure = "#{{ (cell(\"plot_years\") | first).kilos }}";
    let page = "columns = [\"kilos\"]\nwithin = \"page\"\nwords = [\"by weight\"]";
    let pages = |first: &str| with_need(page, &format!("{first}\n#pagebreak()\nBy weight: {figure}."));
    finds_nothing(&pages("By weight."));
    finds(&pages(""), "page-needs", "report-templates/overview.typ:7:");

    let pack = "within = \"pack\"\nwords = [\"use it by\"]";
    finds_nothing(&with_need(pack, "Use\nit by May."));
    finds(&with_need(pack, ""), "page-needs", "in report-templates/overview.typ");

    let beside = "units = [\"kg\"]\nbeside = [\"seas*\"]";
    finds_nothing(&with_need(beside, "#{{ (cell(\"plot_years\") | first).seasons }}"));
    finds(&with_need(beside, ""), "page-needs", "overview.typ:7:");

    let source = |words: &str| {
        let book = with_need("units = [\"kg\"]\nsource = true", words);
        book.edit("candour.toml", "publication = \"Plots\"", "publication = \"Register of plots\"");
        book.edit("candour.toml", "publication = \"Harvests\"", "publication = \"Harvest book\"");
        book
    };
    finds_nothing(&source("Source: Allotment Society, Harvest\nbook, 2025 (published)."));
    finds(&source("Source: Allotment Society, Harvest book, 2025."), "page-needs", "overview.typ:7:");
    finds(&source("Source: Harvest book (published)."), "page-needs", "overview.typ:7:");
}

#[test]
fn a_rule_may_be_for_rows_that_say_yes_and_for_numbers_that_a_claim_states() {
    let book = |few: &str| {
        let book = with_need("columns = [\"v\"]\nflag = \"few\"\nwords = [\"of few\"]", "#{{ one(\"flags\").v }}");
        book.write(
            "queries/flags.sql",
            format!(
                "/*\ntitle = \"T\"\ngrain = [\"k\"]\n[columns]\nk = {{ meaning = \"K\" }}\nv = {{ meaning = \"V\" }}\nfew = {{ meaning = \"F\" }}\n*/\nSELECT 1 AS k, 5 AS v, {few} AS few\n"
            ),
        );
        book
    };
    finds(&book("true"), "page-needs", "overview.typ:21:");
    finds_nothing(&book("false"));

    let claim = |words: &str| {
        let book =
            with_need("units = [\"rank\"]\nwords = [\"likely range\"]", &format!("#{{{{ claim(\"said\") }}}} {words}"));
        book.write(
            "queries/said.sql",
            "/*\ntitle = \"T\"\ngrain = [\"place\"]\n[claim]\n[columns]\nplace = { unit = \"rank\", meaning = \"P\" }\nother = { unit = \"rank\", meaning = \"O\" }\nholds = { meaning = \"H\" }\nstatement = { meaning = \"S\" }\n*/\nSELECT 3 AS place, 8 AS other, true AS holds, 'Plot A is in place 3' AS statement\n",
        );
        book
    };
    finds(&claim(""), "page-needs", "overview.typ:21:");
    finds_nothing(&claim("(likely range 2 to 4)"));
}

#[test]
fn an_answer_is_short_and_begins_with_the_fact() {
    let answer = |words: &str| {
        let book = with(&format!("#block[{words}] <answer>"));
        let rule = "pack = \"overview\"\nlabel = \"answer\"\nwords_at_most = 12\nopens_with_fact = true\nor_opens_with = [\"The society does not hold\"]";
        book.append("candour.toml", &format!("\n[[lints.answers]]\n{rule}\n"));
        book
    };
    finds_nothing(&answer("In all #{{ totals.kilos }} kg were harvested. More is known of it."));
    finds_nothing(&answer("The society does not hold this information."));
    let late = "It is a question often asked. #{{ totals.kilos }} kg were harvested.";
    finds(&answer(late), "page-answer", "the answer does not begin with the fact");
    let long = "In all #{{ totals.kilos }} kg were harvested by all and each and every one of them.";
    finds(&answer(long), "page-answer", "the answer is longer than 12 words");
    let book = answer("x");
    book.edit("candour.toml", "label = \"answer\"", "label = \"reply\"");
    finds(&book, "page-answer", "nothing in the pack has the label <reply>");
}

#[test]
fn settings_of_lints_that_can_never_speak_are_mistakes() {
    let book = Book::fixture("base");
    book.append(
        "candour.toml",
        "\n[[lints.needs]]\nname = \"a\"\nmessage = \"m\"\nunits = [\"kg\"]\n\n[[lints.needs]]\nname = \"b\"\nmessage = \"m\"\nwords = [\"x\"]\n\n[[lints.forbidden]]\nwhy = \"w\"\n\n[[lints.answers]]\npack = \"overview\"\nlabel = \"a\"\nwords_at_most = 0\n",
    );
    let words = book.run(&["check"]).expect(2).stderr;
    for part in
        ["the rule `a` asks for nothing", "the rule `b` is of no figures", "`words` is missing", "must be at least 1"]
    {
        assert!(words.contains(part), "no {part}: {words}");
    }
}

#[test]
fn a_pack_that_was_sound_is_looked_at_again_when_a_rule_or_a_page_changes() {
    let book = Book::fixture("base");
    finds_nothing(&book);
    finds_nothing(&book);
    book.append("candour.toml", "\n[[lints.forbidden]]\nwords = [\"plots gave\"]\nwhy = \"w\"\n");
    finds(&book, "page-words", "overview.typ:7:");
    book.edit("candour.toml", "plots gave", "plots yielded");
    finds_nothing(&book);
    book.append("report-templates/overview.typ", "\nPlots yielded much.\n");
    finds(&book, "page-words", "overview.typ:21:");
}
