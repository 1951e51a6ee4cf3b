//! Data from several folders, plain text beside the pages, and packs made on request.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use super::harness::{Book, Edition, Run, assert_same, program, shown_entries};
use super::hostile_data::assert_message;

/// The fixture with its plots in the folder of an office, which says of them what they are.
fn two_folders() -> Book {
    let book = Book::fixture("base");
    book.write("office/plots.csv", book.read("data/plots.csv"));
    fs::remove_file(book.path("data/plots.csv")).expect("the plots");
    book.write(
        "office/data.toml",
        "status = \"management information\"\nnotice = \"For the office only\"\npublisher = \"The office\"\n",
    );
    book
}

/// Runs a command on both folders, in an order.
fn run_on(book: &Book, folders: [&str; 2], arguments: &[&str]) -> Run {
    let paths = folders.map(|folder| book.path(folder).to_string_lossy().into_owned());
    let given = paths.iter().flat_map(|path| ["--data", path.as_str()]);
    book.run(&arguments.iter().copied().chain(given).collect::<Vec<_>>())
}

fn build_on(book: &Book, folders: [&str; 2]) -> Edition {
    run_on(book, folders, &["build"]).expect(0);
    book.edition()
}

const BOTH: [&str; 2] = ["data", "office"];

fn sources(edition: &Edition) -> &Vec<Value> {
    edition.manifest["sources"].as_array().expect("sources")
}

#[test]
fn files_of_several_folders_are_read_and_each_says_what_its_own_are() {
    let book = two_folders();
    let edition = build_on(&book, BOTH);
    let said: Vec<(&str, &str, &str)> = sources(&edition)
        .iter()
        .map(|source| {
            let text = |key: &str| source[key].as_str().expect("a text");
            (text("name"), text("status"), text("publisher"))
        })
        .collect();
    let wanted = [("plots", "management information", "The office"), ("harvests", "published", "Allotment Society")];
    assert_eq!(said, wanted);
    assert_eq!(sources(&edition)[0]["files"][0]["file"], "plots.csv");
    let manifest = edition.manifest.to_string();
    assert!(!manifest.contains(&*book.root().to_string_lossy()) && !manifest.contains("office/"), "{manifest}");
    run_on(&book, BOTH, &["verify"]).expect(0);
    let checked = run_on(&book, BOTH, &["check"]).expect(0).stderr;
    assert!(checked.contains("no problems found"), "{checked}");
    let rows =
        run_on(&book, BOTH, &["sql", "SELECT file, status, notice FROM source_files ORDER BY file", "--format", "csv"]);
    let wanted = "file,status,notice\nharvests.csv,published,\nplots.csv,management information,For the office only\n";
    assert_eq!(rows.expect(0).text(), wanted);
    let pdf = edition.folder.join("sheets/P1.pdf");
    let traced = run_on(&book, BOTH, &["trace", &pdf.to_string_lossy(), "2"]).expect(0).text();
    assert!(traced.contains("plots.csv:2:4") && traced.contains("the file is the one"), "{traced}");
}

#[test]
fn the_order_of_folders_changes_nothing() {
    let (one, other) = (two_folders(), two_folders());
    for book in [&one, &other] {
        book.write("data/data.toml", "notice = \"Allotments only\"\n");
        book.append("report-templates/sheet.typ", "\n#{{ edition.notice }}\n");
    }
    let edition = build_on(&one, BOTH);
    assert!(edition.pdf("sheets/P1.pdf").text().contains("Allotments only. For the office only"));
    assert_same(&edition.contents(), &build_on(&other, ["office", "data"]).contents());
}

#[test]
fn a_pack_carries_the_words_of_the_folders_that_are_behind_it_and_no_others() {
    let book = two_folders();
    for template in ["sheet", "overview"] {
        book.append(&format!("report-templates/{template}.typ"), "\nNotice: #{{ edition.notice }}.\n");
    }
    book.write("report-templates/seasons.typ", "#import \"/lib/plain.typ\": plain\n#show: body => plain(\"Seasons\", body)\n{% for h in cell(\"harvests\") %}\n#{{ h.season }}\n{% endfor %}\nNotice: #{{ edition.notice }}.\n");
    book.append(
        "candour.toml",
        "\n[packs.seasons]\ntitle = \"Seasons\"\ntemplate = \"seasons.typ\"\nfile = \"seasons.pdf\"\n",
    );
    let edition = build_on(&book, BOTH);
    for file in ["sheets/P1.pdf", "overview.pdf"] {
        assert!(edition.pdf(file).text().contains("Notice: For the office only."), "{file}");
    }
    let seasons = edition.pdf("seasons.pdf").text();
    assert!(seasons.contains("Notice: .") && !seasons.contains("office"), "{seasons}");
    // Nothing is made anew for it, and a folder that says something else moves only the packs that rest on it.
    assert!(run_on(&book, BOTH, &["build"]).expect(0).stderr.contains("packs    5, of which 5 already known"));
    book.edit("office/data.toml", "For the office only", "Not to be passed on");
    let said = run_on(&book, BOTH, &["build"]).expect(0).stderr;
    assert!(said.contains("packs    5, of which 1 already known"), "{said}");
    assert!(book.edition().pdf("sheets/P1.pdf").text().contains("Notice: Not to be passed on."));
}

#[test]
fn a_source_over_two_folders_says_both() {
    let book = two_folders();
    book.edit("candour.toml", "files = [\"harvests.csv\"]", "files = [\"harvests*.csv\"]");
    book.write("office/harvests-late.csv", "Plot,Season,Kilos\nP3,2024 autumn,3\n");
    let edition = build_on(&book, BOTH);
    let harvests = &sources(&edition)[1];
    assert_eq!(harvests["status"], "published and management information");
    assert_eq!(harvests["publisher"], "The office and Allotment Society");
    assert_eq!(harvests["files"][0]["publisher"], "The office");
    let rows = run_on(
        &book,
        BOTH,
        &["sql", "SELECT _status, count(*) AS n FROM harvests GROUP BY 1 ORDER BY 1", "--format", "csv"],
    );
    assert_eq!(rows.expect(0).text(), "_status,n\nmanagement information,1\npublished,6\n");
    // Kept results say the same.
    assert_eq!(sources(&build_on(&book, BOTH))[1]["status"], "published and management information");
}

#[test]
fn one_name_in_two_folders_is_refused() {
    let book = two_folders();
    book.write("data/plots.csv", "Plot,Gardener\nP1,Another\n");
    book.write("data/README.md", "About the data");
    book.write("office/README.md", "About the office");
    assert_message("data-twice", &run_on(&book, BOTH, &["build"]).expect(1));
    let run = lock(&book, &[]).expect(1);
    assert!(run.stderr.contains("plots.csv is in two data folders"), "{}", run.stderr);
}

#[test]
fn folders_stand_side_by_side_and_are_there() {
    let book = two_folders();
    fs::create_dir(book.path("data/inner")).expect("a folder");
    assert_message("data-nested", &run_on(&book, ["data/inner", "data"], &["build"]).expect(2));
    assert_message("data-not-there", &run_on(&book, ["data", "ofice"], &["check"]).expect(2));
    let run = run_on(&book, ["data", "data"], &["build"]).expect(2);
    assert!(run.stderr.contains("are one data folder"), "{}", run.stderr);
    let run = book.run(&["build"]).expect(1);
    assert!(run.stderr.contains("source `plots`: no file matches plots.csv"), "{}", run.stderr);
}

#[test]
fn nothing_is_read_outside_the_folders() {
    let book = two_folders();
    fs::rename(book.path("office/plots.csv"), book.path("outside.csv")).expect("a file outside");
    symlink(book.path("outside.csv"), book.path("office/plots.csv")).expect("a link");
    let run = run_on(&book, BOTH, &["build"]).expect(2);
    assert!(run.stderr.contains("plots.csv leads outside the folder office"), "{}", run.stderr);
    // A link from one folder into the other leads outside as well.
    fs::remove_file(book.path("office/plots.csv")).expect("the link");
    book.write("data/sheets.csv", "Plot,Gardener\nP1,Ada Marsh\n");
    symlink(book.path("data/sheets.csv"), book.path("office/plots.csv")).expect("a link");
    let run = run_on(&book, BOTH, &["build"]).expect(2);
    assert!(run.stderr.contains("leads outside the folder office"), "{}", run.stderr);
}

/// `candour lock` on both folders.
fn lock(book: &Book, arguments: &[&str]) -> Run {
    let mut command = program(&["lock"]);
    command.args(arguments).arg("--book").arg(book.root());
    for folder in BOTH {
        command.arg("--data").arg(book.path(folder));
    }
    book.finish(&mut command)
}

#[test]
fn each_folder_has_a_lock_of_its_own() {
    let book = two_folders();
    let run = lock(&book, &[]).expect(0);
    assert!(run.stderr.matches("1 files are locked").count() == 2, "{}", run.stderr);
    assert!(
        book.read("data/candour.lock").contains("harvests.csv") && !book.read("data/candour.lock").contains("plots")
    );
    lock(&book, &["--check"]).expect(0);
    // The office's own file changes; the lock of the published data still holds.
    book.edit("office/plots.csv", "Ada Marsh", "Ada Moor");
    let run = run_on(&book, BOTH, &["build"]).expect(1);
    assert!(run.stderr.contains("plots.csv of source `plots` is not the file that was locked"), "{}", run.stderr);
    assert!(!run.stderr.contains("harvests.csv"), "{}", run.stderr);
    fs::remove_file(book.path("office/candour.lock")).expect("the lock");
    run_on(&book, BOTH, &["build"]).expect(0);
    let run = lock(&book, &["--check"]).expect(1);
    assert!(run.stderr.contains("office has no candour.lock"), "{}", run.stderr);
}

#[test]
fn nothing_is_fetched_that_another_folder_has() {
    let book = two_folders();
    book.edit("candour.toml", "files = [\"plots.csv\"]", "files = [\"plots/*.csv\"]");
    book.write("office/plots/plots.csv", book.read("office/plots.csv"));
    book.append("candour.toml", "\n[sources.plots.fetch]\nurl = \"http://127.0.0.1:9/plots.csv\"\ninto = \"plots\"\n");
    let mut command = program(&["fetch", "--timeout", "1", "--tries", "1"]);
    command.arg("--book").arg(book.root()).arg("--data").arg(book.path("data")).arg("--data").arg(book.path("office"));
    let run = book.finish(&mut command).expect(1);
    assert!(
        run.stderr.contains("plots/plots.csv is not fetched: [BOOK]/office has a file of this name"),
        "{}",
        run.stderr
    );
}

// Plain text.

/// The fixture with a text for each plot.
fn with_text(template: &str) -> Book {
    let book = Book::fixture("base");
    book.edit("candour.toml", "template = \"sheet.typ\"", "template = \"sheet.typ\"\ntext = \"sheet.txt\"");
    book.write("report-templates/sheet.txt", template);
    book
}

const TEXT: &str = "\
{# A comment leaves nothing. #}
{% from \"partials/words.txt\" import weight %}

Plot {{ row.plot }}: {{ row.gardener }}

{% if row.seasons.raw == 0 %}
Nothing is known.
{% else %}

It gave {{ weight(row.kilos) }} in all.   \t

{% for h in cell(\"harvests\", plot=row.plot) %}
- {{ h.season }}: {{ weight(h.kilos) }}
{% endfor %}
{% endif %}



Year: {{ parameters.year_words }}.
";

fn texts() -> Book {
    let book = with_text(TEXT);
    book.write(
        "report-templates/partials/words.txt",
        "{% macro weight(value) %}{{ value | fixed(1) }} kg{% endmacro %}\n",
    );
    book
}

fn text_of(edition: &Edition, file: &str) -> String {
    String::from_utf8(edition.bytes(file)).expect("a text is UTF-8")
}

#[test]
fn a_text_beside_the_pages_is_tidy_and_carried_as_evidence() {
    let book = texts();
    let edition = book.build(&[]);
    let wanted = "Plot P1: Ada Marsh\n\nIt gave 52.5 kg in all.\n\n- 2025 spring: 12.5 kg\n- 2025 autumn: 40.0 kg\n\nYear: 2025.\n";
    assert_eq!(text_of(&edition, "sheets/P1.txt"), wanted);
    let entry = edition.packs().iter().find(|pack| pack["file"] == "sheets/P1.pdf").expect("the pack");
    assert_eq!(entry["beside"][0]["file"], "sheets/P1.txt");
    let pdf = edition.pdf("sheets/P1.pdf");
    let own: Value = serde_json::from_slice(&pdf.attachments()["manifest.json"]).expect("JSON");
    assert_eq!(own["text"], entry["beside"][0]["sha256"]);
    let figures: Value = serde_json::from_slice(&pdf.attachments()["figures.json"]).expect("JSON");
    let figures = figures["figures"].as_array().expect("figures");
    let of = |text: &str, cell: &str| {
        figures.iter().find(|figure| figure["text"] == text && figure["cell"] == cell).expect("the figure")
    };
    // One that pages and text print is one figure; one of the text alone stands on no page.
    let both = of("52.5", "plot_years");
    assert_eq!((&both["in_text"], &both["pages"]), (&true.into(), &serde_json::json!([1])));
    let alone = of("12.5", "harvests");
    assert_eq!((&alone["in_text"], &alone["pages"]), (&true.into(), &serde_json::json!([])));
    assert!(of("2", "plot_years").get("in_text").is_none(), "only the pages print the seasons");
    let listed = book.run(&["trace", &edition.folder.join("sheets/P1.pdf").to_string_lossy(), "12.5"]).expect(0).text();
    assert!(listed.starts_with("in the plain text: \"12.5\"") && listed.contains("harvests.csv:2"), "{listed}");
}

#[test]
fn a_text_is_kept_made_anew_and_gone_with_its_pack() {
    let book = texts();
    let first = book.build(&[]).contents();
    fs::remove_dir_all(book.output().join("year")).expect("the edition");
    let run = book.run(&["build", "--threads", "1"]).expect(0);
    assert!(run.stderr.contains("packs    4, of which 4 already known"), "{}", run.stderr);
    assert_same(&first, &book.edition().contents());
    let other = texts();
    assert_same(&first, &other.build(&["--threads", "2"]).contents());
    book.edit("report-templates/sheet.txt", "in all", "altogether");
    let run = book.run(&["build"]).expect(0);
    assert!(run.stderr.contains("packs    4, of which 1 already known"), "{}", run.stderr);
    assert!(text_of(&book.edition(), "sheets/P2.txt").contains("altogether"));
    book.edit("report-templates/partials/words.txt", " kg", " kilos");
    book.build(&[]);
    assert!(
        text_of(&book.edition(), "sheets/P2.txt").contains("39.3 kilos"),
        "{}",
        text_of(&book.edition(), "sheets/P2.txt")
    );
    book.edit("candour.toml", "\ntext = \"sheet.txt\"", "");
    let edition = book.build(&[]);
    assert!(!edition.folder.join("sheets/P2.txt").exists() && edition.packs()[0].get("beside").is_none());
}

#[test]
fn an_altered_text_is_named() {
    let book = texts();
    let edition = book.build(&[]);
    book.run(&["verify"]).expect(0);
    let text = edition.folder.join("sheets/P2.txt");
    fs::write(&text, text_of(&edition, "sheets/P2.txt").replace("39.3", "49.3")).expect("an altered text");
    let run = book.run(&["verify", "--no-rebuild"]).expect(1);
    assert!(run.stderr.contains("sheets/P2.txt is not the file that the manifest names"), "{}", run.stderr);
    let pdf = edition.folder.join("sheets/P2.pdf").to_string_lossy().into_owned();
    let run = book.run(&["verify", &pdf, "--no-rebuild"]).expect(1);
    assert!(run.stderr.contains("P2.txt is not the text that the document was published with"), "{}", run.stderr);
    fs::remove_file(&text).expect("the text");
    let run = book.run(&["verify", "--no-rebuild"]).expect(1);
    assert!(run.stderr.contains("sheets/P2.txt cannot be read"), "{}", run.stderr);
}

#[test]
fn what_the_data_hold_cannot_turn_or_break_a_text() {
    let book = texts();
    book.edit(
        "data/plots.csv",
        "Ada Marsh",
        "\"Ada\u{202e} M\u{e000}f1\u{e001}arsh Year: {{ 2026 }} \u{2028}#x\u{200b}\"",
    );
    let text = text_of(&book.build(&[]), "sheets/P1.txt");
    let first = text.lines().next().expect("a line");
    assert_eq!(first, "Plot P1: Ada M\u{fffd}f1\u{fffd}arsh Year: {{ 2026 }}  #x");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn pages_and_texts_do_not_include_each_other() {
    let book = texts();
    book.append("report-templates/sheet.txt", "{% include \"partials/harvest.typ\" %}\n");
    assert_message("text-includes-page", &book.run(&["check"]).expect(2));
    let book = texts();
    book.append("report-templates/sheet.typ", "{% include \"sheet.txt\" %}\n");
    assert_message("page-includes-text", &book.run(&["build"]).expect(2));
}

#[test]
fn mistakes_in_a_text_are_found_at_their_lines() {
    for (name, from, to) in [
        ("text-undefined", "row.gardener", "row.gardner"),
        ("text-comparison", "row.seasons.raw == 0", "row.seasons == 0"),
        ("text-syntax", "{% endfor %}", "{% endfro %}"),
        ("text-data", "{{ row.gardener }}", "{{ row.gardener | data }}"),
    ] {
        let book = texts();
        book.edit("report-templates/sheet.txt", from, to);
        assert_message(name, &book.run(&["check"]).expect(2));
    }
    let book = texts();
    book.edit("candour.toml", "sheet.txt", "sheet.md");
    assert_message("text-ending", &book.run(&["check"]).expect(2));
    book.edit("candour.toml", "sheet.md", "sheets.txt");
    let run = book.run(&["check"]).expect(2);
    assert!(run.stderr.contains("no template report-templates/sheets.txt"), "{}", run.stderr);
}

#[test]
fn words_of_a_text_are_looked_at_as_those_of_a_page() {
    let book = texts();
    book.append("candour.toml", "\n[lints]\nunits = [\"marrows\"]\ncomparative = [\"rose\"]\n");
    book.append("report-templates/sheet.txt", "\nAbout 12 marrows rose beside {{ row.kilos }} kg, 5-10 of them.\n");
    let words = book.run(&["check"]).expect(0).stderr;
    for wanted in ["[words-no-address]", "[words-comparative]", "[words-style]", "report-templates/sheet.txt:21:"] {
        assert!(words.contains(wanted), "no {wanted}: {words}");
    }
    book.edit(
        "report-templates/sheet.txt",
        "\nAbout 12 marrows rose",
        "\n{# // candour: address \"a saying\" #}\nAbout 12 marrows rose",
    );
    let words = book.run(&["check"]).expect(0).stderr;
    assert!(!words.contains("[words-no-address]") && words.contains("[words-comparative]"), "{words}");
}

/// The fixture with a claim about the best plot in its text.
fn claiming(holds: &str) -> Book {
    let book = with_text("Plot {{ row.plot }}.\n{{ claim(\"best_plot\", plot=row.plot) }}\n");
    let front = "/*\ntitle = \"Best plot\"\ngrain = [\"plot\"]\n[claim]\n[columns]\nplot = { meaning = \"Plot\" }\nkilos = { meaning = \"Harvest\" }\nholds = { meaning = \"Holds\" }\nstatement = { meaning = \"Statement\" }\n*/\n";
    let query =
        "SELECT plot, kilos, {} AS holds, printf('Plot %s gave %.2f kg.', plot, kilos) AS statement FROM plot_years\n";
    book.write("queries/yields/best_plot.sql", format!("{front}{}", query.replace("{}", holds)));
    book
}

#[test]
fn a_claim_of_a_text_that_does_not_hold_stops_publication() {
    let book = claiming("kilos > 1");
    let edition = book.build(&[]);
    assert_eq!(text_of(&edition, "sheets/P3.txt"), "Plot P3.\nPlot P3 gave 18.00 kg.\n");
    let claims: Value =
        serde_json::from_slice(&edition.pdf("sheets/P3.pdf").attachments()["claims.json"]).expect("JSON");
    assert_eq!(claims["claims"][0]["statement"], "Plot P3 gave 18.00 kg.");
    assert_eq!(edition.packs()[2]["claims"], 1);
    let book = claiming("kilos > 20");
    assert_message("text-claim", &book.run(&["build"]).expect(2));
    book.run(&["build", "--draft"]).expect(0);
    let draft = Edition::open(&book.output().join("year-draft"));
    let text = text_of(&draft, "sheets/P3.txt");
    assert!(
        text.starts_with("DRAFT: claims that do not hold are marked. Not for publication.\n\nPlot P3.\n"),
        "{text}"
    );
    assert!(text.contains("[Plot P3 gave 18.00 kg. (not to be said: it does not hold)]"), "{text}");
}

// Packs on request.

fn on_request() -> Book {
    let book = Book::fixture("base");
    book.edit("candour.toml", "template = \"sheet.typ\"", "template = \"sheet.typ\"\non_request = true");
    book
}

#[test]
fn a_pack_on_request_is_made_only_when_it_is_asked_for() {
    let book = on_request();
    let edition = book.build(&[]);
    assert_eq!(edition.packs().len(), 1);
    assert_eq!(edition.manifest["whole"], true);
    book.run(&["verify"]).expect(0);
    let plan = book.run(&["build", "--plan"]).expect(0).text();
    assert!(plan.contains("packs  1 as they are, 0 to make\n  on request sheet: 3, with --pack sheet\n"), "{plan}");
    assert!(book.run(&["build", "--only", "P2"]).expect(2).stderr.contains("no pack has the key `P2`"));
    book.run(&["build", "--pack", "sheet", "--only", "P2"]).expect(0);
    let part = Edition::open(&book.output().join("year-part"));
    assert_eq!(part.files_of("sheet"), ["sheets/P2.pdf"]);
    let pdf = part.folder.join("sheets/P2.pdf").to_string_lossy().into_owned();
    assert!(book.run(&["verify", &pdf]).expect(0).stderr.contains("identical"));
    book.run(&["build", "--pack", "sheet"]).expect(0);
    assert_eq!(Edition::open(&part.folder).packs().len(), 3);
    assert_eq!(shown_entries(&book.output()), ["year", "year-part"]);
}

#[test]
fn check_fills_a_pack_on_request_and_rows_may_be_wanting_until_then() {
    let book = on_request();
    book.edit("report-templates/sheet.typ", "row.gardener", "row.gardner");
    let run = book.run(&["check"]).expect(2);
    assert!(run.stderr.contains("report-templates/sheet.typ:6:"), "{}", run.stderr);
    book.run(&["build"]).expect(0);
    let book = on_request();
    book.append("queries/yields/plot_years.sql", "HAVING false\n");
    book.edit("queries/yields/totals.sql", "sum(kilos ORDER BY plot)", "coalesce(sum(kilos ORDER BY plot), 0)");
    book.run(&["check"]).expect(0);
    assert_eq!(book.build(&[]).packs().len(), 1);
    let run = book.run(&["build", "--pack", "sheet"]).expect(2);
    assert!(run.stderr.contains("`plot_years` has no rows"), "{}", run.stderr);
}

#[test]
fn every_command_that_takes_data_takes_several_folders() {
    for command in ["build", "check", "diff", "fetch", "graph", "lock", "run", "sql", "test", "trace", "verify", "why"]
    {
        let help = Book::nothing().finish(&mut program(&[command, "--help"])).expect(0).text();
        let at = help.find("--data <DIR>").unwrap_or_else(|| panic!("{command} has no --data"));
        assert!(help[at..].lines().take(3).any(|line| line.contains("several")), "{command}: {help}");
    }
}
