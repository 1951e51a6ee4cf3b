//! Draft answers to questions: on the published files with the worked questions of `tests/office`, where the published
//! files are at hand, each figure read again from the CSV files; and on the demonstration data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::harness::{Book, Edition, project};

const MOST_WORDS: usize = 150;

/// The published files, if they are here.
fn published() -> Option<PathBuf> {
    let folder = project().join("../shared/data/real");
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    eprintln!("passed over: no published files in ../shared/data/real");
    None
}

/// Written answers made from the published files and the worked questions, built once.
fn answers() -> Option<&'static (Book, PathBuf)> {
    static BOOK: OnceLock<Option<(Book, PathBuf)>> = OnceLock::new();
    let built = BOOK.get_or_init(|| {
        let data = published()?;
        let book = Book::copy(&project());
        std::fs::remove_dir_all(book.path("data")).expect("the demonstration data");
        for pack in ["oral-answer", "written-answer"] {
            let office = project().join("tests/office");
            let folders = ["--data", &data.to_string_lossy(), "--data", &office.to_string_lossy()];
            book.run(&[&["build", "--pack", pack], &folders[..]].concat()).expect(0);
            let part = book.output().join("2025-26-q4-part");
            std::fs::rename(part, book.output().join(pack)).expect("the answers made");
        }
        Some((book, data))
    });
    built.as_ref()
}

/// The plain text of an answer.
fn text(uin: &str) -> Option<String> {
    let (book, _) = answers()?;
    let file = book.output().join("written-answer/answers").join(format!("{uin}.txt"));
    Some(std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

/// The body of an answer: what stands behind the minister, before the table.
fn body(text: &str) -> String {
    let answer = text.split_once("[Minister]:").expect("the minister answers").1;
    answer
        .lines()
        .filter(|line| !line.contains(" | ") && !line.starts_with("Source:"))
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_string()
}

#[track_caller]
fn says(uin: &str, passages: &[&str]) {
    let Some(text) = text(uin) else { return };
    for passage in passages {
        assert!(text.contains(passage), "{uin} does not say {passage:?}:\n{text}");
    }
}

/// The rows of a published CSV file, by header, that have these values.
fn rows(file: &str, wanted: &[(&str, &str)]) -> Vec<BTreeMap<String, String>> {
    let Some((_, data)) = answers() else { return Vec::new() };
    let mut reader = csv::Reader::from_path(data.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let found = reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{file}: {error}")));
    found
        .filter(|row: &BTreeMap<String, String>| {
            wanted.iter().all(|(column, value)| row.get(*column).map(String::as_str) == Some(*value))
        })
        .collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is no number: {:?}", row[column]))
}

/// A whole number with commas between thousands.
fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut words = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// A share as an answer gives it: per cent, and the two counts.
fn share(part: f64, whole: f64, places: usize) -> [String; 2] {
    // Halves are rounded away from nought.
    let scale = [1.0, 10.0, 100.0][places];
    let percent = libm::floor(100.0 * part / whole * scale + 0.5) / scale;
    [format!("{percent:.places$}%"), format!("({} of {})", count(part), count(whole))]
}

/// A count as an answer to "how many" gives it: the count first, and the share that it is.
fn counted(part: f64, whole: f64, places: usize) -> [String; 2] {
    let [percent, _] = share(part, whole, places);
    [count(part), format!("({percent} of {})", count(whole))]
}

#[test]
fn shares_are_those_of_the_published_counts() {
    if answers().is_none() {
        return;
    }
    for (uin, code, month) in
        [("900002", "R1H", "2026-03-01"), ("900002", "RQX", "2026-03-01"), ("900025", "RAL", "2021-03-01")]
    {
        let found = rows("ae/ae_provider_monthly.csv", &[("period", month), ("org_code", code)]);
        let (within, over) = (number(&found[0], "within4_total"), number(&found[0], "over4_total"));
        let [percent, counts] = share(within, within + over, 1);
        says(uin, &[&percent, &counts]);
    }
    let march = "rtt/rtt_incomplete_provider_tf_2026_03.csv";
    let barts = rows(march, &[("org_code", "R1H"), ("tf_code", "C_999")]);
    let (all, within) = (number(&barts[0], "total_all"), number(&barts[0], "within_18wk"));
    let [over, counts] = counted(all - within, all, 1);
    says("900015", &[&over, &counts, "Without that division: at the end of March 2026"]);
    let england = rows(march, &[("tf_code", "C_999")]);
    let sum = |column: &str| england.iter().map(|row| number(row, column)).sum::<f64>();
    let [over, counts] = counted(sum("over_52wk"), sum("total_all"), 2);
    says(
        "900003",
        &[&format!("At the end of March 2026, {over} incomplete pathways"), &counts, "at NHS trusts in England"],
    );
}

#[test]
fn a_question_of_how_many_is_answered_with_the_count_first() {
    if answers().is_none() {
        return;
    }
    let emergency = rows("ae/ae_provider_monthly.csv", &[("period", "2026-01-01"), ("org_code", "RXW")]);
    let (waits, admissions) = (number(&emergency[0], "dta_over12"), number(&emergency[0], "adm_via_ae"));
    let [percent, _] = share(waits, admissions, 1);
    let words = format!("there were {} waits of over 12 hours", count(waits));
    says("900031", &[&words, &format!("equal to {percent} of {} emergency admissions", count(admissions))]);

    // Longer than 62 days: what the standard leaves over, and not the standard.
    let cancer = rows(
        "cancer/cancer_provider_monthly.csv",
        &[("period", "2026-01-01"), ("standard", "62_day"), ("org_code", "RDE")],
    );
    let all = cancer.iter().find(|row| row["route_or_stage"].starts_with("ALL")).expect("the total of all routes");
    let (within, total) = (number(all, "within"), number(all, "total"));
    let [late, counts] = counted(total - within, total, 1);
    says(
        "900032",
        &[&format!("In January 2026, {late} first treatments"), "more than 62 days", &counts, "provisional"],
    );

    // The extract doubled every count of that year: halved, which its status says.
    let cancelled = rows("beds/cancelled_ops_nctr_quarterly.csv", &[]);
    let year = cancelled.iter().filter(|row| row["fy_quarter"].starts_with("2024-25"));
    let half = |column: &str| {
        let values = year.clone().filter(|row| !row[column].is_empty()).map(|row| number(row, column));
        values.sum::<f64>() / 2.0
    };
    let [late, counts] = counted(half("not_treated_within_28d"), half("last_minute_cancelled_ops"), 1);
    let all = count(half("last_minute_cancelled_ops"));
    says("900038", &[&format!("{all} operations in England were cancelled"), &late, &counts, "halved here"]);

    // Of these trusts the pathways of English commissioners, added up in the full extract of April 2026.
    says(
        "900037",
        &["12,283 (7.04% of 174,353)", "4,075 (3.52% of 115,702)", "says nothing about how well a trust does"],
    );
    let before = rows("rtt/rtt_incomplete_trust_2024_08_2025_07.csv", &[("period", "2025-04-01"), ("org_code", "RM1")]);
    let [over, counts] = counted(number(&before[0], "over_52wk"), number(&before[0], "total_incomplete"), 2);
    let words = format!("compared with {over} {counts} at the end of April 2025");
    says("900039", &["1,874 incomplete pathways", "(2.74% of 68,475)", &words, "The share fell by"]);
}

#[test]
fn a_change_is_given_with_both_figures_and_its_interval() {
    if answers().is_none() {
        return;
    }
    let mut expected = Vec::new();
    for month in ["2025-01-01", "2026-01-01"] {
        let found = rows(
            "cancer/cancer_provider_monthly.csv",
            &[("period", month), ("standard", "28_day_fds"), ("org_code", "RR8")],
        );
        let all = found.iter().find(|row| row["route_or_stage"].starts_with("ALL")).expect("the total of all routes");
        expected.extend(share(number(all, "within"), number(all, "total"), 1));
    }
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    says("900004", &expected);
    says(
        "900004",
        &["In January 2026", "in January 2025", "no larger than chance explains", "95% interval", "provisional"],
    );
    says("900005", &["In May 2026", "in June 2025", "The table gives the 12 periods held", "October 2025"]);
}

#[test]
fn counts_and_means_are_those_of_the_files() {
    if answers().is_none() {
        return;
    }
    let staff = "workforce/workforce_all_staff_org_monthly.csv";
    for (uin, code, month) in
        [("900012", "REF", "2025-05-01"), ("900026", "RQX", "2023-05-01"), ("900017", "RH8", "2025-05-01")]
    {
        let found = rows(staff, &[("period", month), ("org_code", code)]);
        says(uin, &[&format!("{} full-time equivalent", count(number(&found[0], "fte")))]);
    }
    // A year is the sum of its months, not the mean of its means.
    let ambulances = rows("ambulance/ambsys_monthly.csv", &[("level", "england")]);
    let year: Vec<_> =
        ambulances.iter().filter(|row| ("2024-04-01".."2025-04-01").contains(&row["period"].as_str())).collect();
    assert_eq!(year.len(), 12);
    let sum = |column: &str| year.iter().map(|row| number(row, column)).sum::<f64>();
    let minutes = sum("c2_total_seconds") / sum("c2_incidents") / 60.0;
    says(
        "900021",
        &[&format!(
            "In 2024/25, the mean response time to category 2 ambulance incidents in England was {minutes:.1} minutes"
        )],
    );
}

#[test]
fn positions_and_segments_are_those_of_the_league_tables() {
    if answers().is_none() {
        return;
    }
    let league = "nof/nof_league_q3_2025_26.csv";
    let homerton = &rows(league, &[("org_code", "RQX")])[0];
    let words = format!("segment {:.0}", number(homerton, "league_segment"));
    let score = format!("average metric score of {:.2}", number(homerton, "league_avg_score"));
    says(
        "900006",
        &[
            "In Q3 2025/26",
            &words,
            &score,
            &format!("ranked {:.0}th of 134", number(homerton, "league_rank")),
            "no likely range of the rank",
        ],
    );
    let acute = rows(league, &[("trust_type", "Acute trust")]);
    let in_segment =
        |segment: &str| acute.iter().filter(|row| format!("{:.0}", number(row, "league_segment")) == segment).count();
    let counted = format!(
        "{} are in segment 1 (best), {} in segment 2, {} in segment 3 and {} in segment 4",
        in_segment("1"),
        in_segment("2"),
        in_segment("3"),
        in_segment("4")
    );
    says("900007", &[&counted, "Of these 129 acute trusts, at least 36 are in a worse segment"]);

    // The quarter asked for where it is held, and where it is not, said so before another is given.
    let data = "nof/nhs-oversight-framework-mental-health-and-community-trust-data.csv";
    let last = rows(data, &[("Metric_ID", "OF5000"), ("Quarter", "Q1 2025/26")]);
    let last = last.iter().filter(|row| number(row, "Value") == 4.0).count();
    says(
        "900033",
        &[
            "No league table of acute trusts for Q1 2025/26 is in the data held for this answer",
            &format!("In Q1 2025/26, among all 61 mental health and community trusts, {last} are in segment 4"),
        ],
    );
}

#[test]
fn metrics_of_the_framework_are_given_as_published() {
    if answers().is_none() {
        return;
    }
    let metric = [("org_code", "RHW"), ("metric_id", "OF0020")];
    let found = rows("nof/nof_metrics_long_q3_2025_26.csv", &metric);
    let words = format!(
        "the number of MRSA infections at Royal Berkshire NHS Foundation Trust was {:.0}",
        number(&found[0], "value")
    );
    says("900034", &[&words, "In the NHS Oversight Framework for Q3 2025/26", "does not say which period that covers"]);
    let found = rows("shmi/shmi_trust_2025.csv", &[("org_code", "RPA")]);
    assert_eq!(found[0]["shmi_banding"], "1");
    let words = format!("was {:.2}, where 1.00 is as many deaths as expected", number(&found[0], "shmi_value"));
    says("900035", &[&words, "in the band \"higher than expected\""]);
    // What no table of an answer names, the answer does.
    let Some(banded) = text("900051") else { return };
    let source =
        "Source: NHS England, Summary Hospital-level Mortality Indicator, secondary extract, January to December 2025";
    assert!(banded.contains(source), "{banded}");
}

#[test]
fn productivity_is_said_with_period_and_base_and_never_as_a_level() {
    if answers().is_none() {
        return;
    }
    let found = rows("productivity/acute_trust_productivity.csv", &[("org_code", "RQX")]);
    let growth = 100.0 * number(&found[0], "productivity_growth_estimate_2024_25");
    let next = number(&found[0], "of0085_productivity_growth_pct_q3_2025_26");
    let words = [
        format!("grown by {growth:.1}% in 2024/25 compared with 2023/24"),
        format!("+{next:.1}%, for the first half of 2025/26"),
    ];
    says("900010", &[&words[0], &words[1], "not of the level of productivity"]);
    let Some((book, _)) = answers() else { return };
    let oral = Edition::open(&book.output().join("oral-answer")).pdf("oral-questions/900027.pdf").text();
    for passage in [
        "Homerton Healthcare NHS Foundation Trust increased productivity by over 11% can be said",
        "Homerton increased productivity by over 12% cannot be said",
        "Homerton increased productivity by 10.9% cannot be said",
        "Key facts: Hackney South and Shoreditch",
        "East London NHS Foundation Trust",
        "Supplementaries",
    ] {
        assert!(oral.contains(passage), "the oral pack does not say {passage:?}:\n{oral}");
    }
}

#[test]
fn what_the_data_do_not_hold_is_said_and_not_guessed() {
    says("900013", &["do not include the running costs of integrated care boards", "What is held is about NHS trusts"]);
    says("900014", &["Integrated care boards were not scored, segmented or ranked in 2025/26."]);
    says("900015", &["do not divide these figures by ethnicity"]);
    says("900016", &["from August 2024 to July 2025, so that no figure can be given from them for March 2026"]);
    says("900017", &["Northern Devon Healthcare NHS Trust closed on 31 March 2022"]);
    says("900018", &["The information requested could only be obtained at disproportionate cost."]);
    says("900019", &["[Draft for official to complete.]", "no measure that is held"]);
    says("900020", &["do not count waits by a limit of 65 weeks", "18 weeks, 52 weeks"]);
    says("900023", &["[Draft for official to complete.]", "royal london"]);
    says("900024", &["no figure of this measure for East London NHS Foundation Trust"]);
    says("900009", &["The order is not exact", "could be first in it"]);
    says("900008", &["eight in ten of", "lies between regions", "nor whether access is equal"]);
    // A name spelt wrongly is never taken for the trust: the official is shown what it is near to.
    says("900036", &["[Draft for official to complete.]", "Gloucestershire Hosptials NHS Foundation Trust"]);
    for uin in ["900013", "900014", "900018", "900019", "900020", "900023", "900036"] {
        let Some(text) = text(uin) else { return };
        assert!(!text.contains(" | "), "{uin} has a table:\n{text}");
    }
}

#[test]
fn what_was_not_read_is_left_to_the_official_and_never_passed_over() {
    // Words beside a measure that is known: the figure is not that of the question.
    says(
        "900041",
        &["[Draft for official to complete.]", "the words \"gp\"", "What was recognised: Cancer: diagnosis"],
    );
    says("900042", &["[Draft for official to complete.]", "it is put to the Chancellor of the Exchequer"]);
    says("900043", &["The health service in Scotland is a devolved matter"]);
    says("900047", &["do not include deaths of people who were waiting"]);
    says("900050", &["[Draft for official to complete.]", "above 95 per cent"]);
    says("900052", &["[Draft for official to complete.]", "places of single trusts in the league tables as a whole"]);
    for uin in ["900041", "900042", "900043", "900047", "900050", "900052"] {
        let Some(text) = text(uin) else { return };
        assert!(!text.contains(" | "), "{uin} has a table:\n{text}");
    }
}

#[test]
fn all_the_times_and_the_end_of_the_order_that_a_question_names_are_answered() {
    if answers().is_none() {
        return;
    }
    for year in ["2023", "2024", "2025"] {
        let found = rows("ae/ae_provider_monthly.csv", &[("org_code", "RF4")]);
        let found: Vec<_> = found.iter().filter(|row| row["period"].starts_with(year)).collect();
        let sum = |column: &str| found.iter().map(|row| number(row, column)).sum::<f64>();
        let [percent, counts] = share(sum("within4_total"), sum("att_total"), 1);
        says("900044", &[&format!("In {year}, {percent} of attendances"), &counts]);
    }
    says("900045", &["The table names the 5 of these 127 with the lowest figures", "place 127 of 127"]);
    let cancer = rows("cancer/cancer_provider_monthly.csv", &[("standard", "62_day"), ("org_code", "RGT")]);
    for (months, words) in [
        (["2025-04", "2025-05", "2025-06"], "April to June 2025"),
        (["2025-07", "2025-08", "2025-09"], "July to September 2025"),
    ] {
        let quarter: Vec<_> = cancer
            .iter()
            .filter(|row| row["route_or_stage"].starts_with("ALL") && months.contains(&&row["period"][..7]))
            .collect();
        let sum = |column: &str| quarter.iter().map(|row| number(row, column)).sum::<f64>();
        let percent = libm::floor(1000.0 * sum("within") / sum("total") + 0.5) / 10.0;
        says("900046", &[words, &format!("{percent:.1}%")]);
    }
    says("900046", &["Of the time asked for, the published data held for this answer end in September 2025."]);
    // The day of the plan that is referred to is no period of the answer.
    let Some(kettering) = text("900048") else { return };
    let answered = body(&kettering);
    assert!(answered.contains("At the end of April 2026") && !answered.contains("January 2025"), "{kettering}");
    says("900049", &["does not meet the standard, or the target of the period (95% or more)"]);
    let bands = rows("shmi/shmi_trust_2025.csv", &[("shmi_banding", "1")]);
    says("900051", &[&format!("NHS England puts {} of ", bands.len()), "in the band \"higher than expected\""]);
}

#[test]
fn every_answer_begins_with_the_fact_keeps_its_limit_and_names_its_source() {
    let Some((book, _)) = answers() else { return };
    let edition = Edition::open(&book.output().join("written-answer"));
    let files = edition.files_of("written-answer");
    assert_eq!(files.len(), 50);
    for file in files {
        let uin = Path::new(file).file_stem().expect("a name").to_string_lossy();
        let text = text(&uin).expect("the text of an answer");
        let body = body(&text);
        assert!(body.split_whitespace().count() <= MOST_WORDS || uin == "900008", "{uin} is too long:\n{body}");
        assert!(
            text.starts_with("Draft for official to complete") || text.starts_with("Answered on"),
            "{uin}:\n{text}"
        );
        let opens = [
            "In ",
            "At the end of ",
            "The published data",
            "The figures made for this answer",
            "The information requested",
            "Integrated care boards",
            "Homerton",
            "[Draft for official",
            "No ",
            "The health service in",
        ];
        assert!(opens.iter().any(|words| body.starts_with(words)), "{uin} does not begin with the fact: {body}");
        for word in ["the best", "the worst", " FT ", "NHS FT"] {
            assert!(!text.contains(word), "{uin} says {word:?}:\n{text}");
        }
        // One answer is in sentences alone, which name their source.
        assert_eq!(
            text.contains(" | ") || uin == "900051",
            text.contains("Source: "),
            "{uin} has figures and no source, or the other way round"
        );
        let pages = edition.pdf(file).text();
        assert!(pages.contains("Background: not for publication"), "{uin}");
        // The same words on the page and in the text to paste.
        assert!(pages.contains(body.split(". ").next().expect("a sentence").trim()), "{uin}:\n{body}\n{pages}");
    }
}

#[test]
fn without_questions_there_are_no_answers_and_a_pack_that_may_not_be_empty_is_refused() {
    let book = Book::fixture("base");
    let none = "/*\ntitle = \"Plots that are none\"\ngrain = [\"plot\"]\n[columns]\nplot = { meaning = \"Plot\" }\n*/\nSELECT plot FROM plots WHERE plot = 'none'\n";
    book.write("queries/yields/none.sql", none);
    let pack = "\n[packs.none]\ntitle = \"None\"\ntemplate = \"overview.typ\"\nfor_each = \"none\"\nkey = \"plot\"\nfile = \"none/{plot}.pdf\"\n";
    book.append("candour.toml", pack);
    let run = book.run(&["build"]).expect(2);
    for words in ["`none` has no rows, so that no pack would be made", "may_be_empty = true"] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    book.append("candour.toml", "may_be_empty = true\n");
    let edition = book.build(&[]);
    assert!(edition.files_of("none").is_empty());
    assert!(!edition.files_of("sheet").is_empty());
}

/// Questions that no office would ask, in the demonstration's place.
fn hostile(book: &Book) {
    let header = "uin,house,kind,asked_on,due_on,member,constituency,minister,question,topic,organisations,metrics,periods,answer_form,status,answered_on,answer\n";
    let words = [
        "#panic(\"x\") {{ parameters }} '; DROP TABLE questions; -- [(*+?",
        "",
        "what the A&E four-hour performance was at Ashenmere Hospitals NHS Foundation Trust in March 2026, \\u{1F600} \u{202e}and $a$ *b* _c_ @d <e> `f`.",
        "in 2024/2031, 1999/00, Q9 2025/26, February 2099, since 2098 and the last 0 months, 18 weeks",
        "how many at NHS Trust NHS Trust NHS Foundation Trust waited 99999999999999999999 weeks since 2020 in each of the last 99999999999 months",
    ];
    let mut file = header.to_string();
    for (at, question) in
        words.iter().map(|words| (*words).to_string()).chain([" trust 18 weeks March 2026".repeat(400)]).enumerate()
    {
        let question = if question.is_empty() { "?".to_string() } else { question };
        file.push_str(&format!("77{at},Commons,ordinary,,,A member,,,\"{}\",,,,,,,,\n", question.replace('"', "\"\"")));
    }
    file.push_str("778,Commons,ordinary,,,A member,,,what the rate was,,ZA1;NOPE;Y99,no_such_measure,the day before yesterday,,,,\n");
    book.write("data/parliament/questions.csv", file);
}

#[test]
fn no_question_breaks_the_build_and_a_claim_that_is_not_borne_out_stops_it() {
    let book = Book::copy(&project());
    hostile(&book);
    let run = book.run(&["build", "--pack", "written-answer"]).expect(0);
    assert!(run.stderr.contains("codes that a row gives are known"), "{}", run.stderr);
    let part = book.output().join("2025-26-q4-part/answers");
    let read = |uin: &str| std::fs::read_to_string(part.join(format!("{uin}.txt"))).expect("an answer");
    for uin in ["770", "771", "774", "775", "778"] {
        assert!(read(uin).contains("[Draft for official to complete.]"), "{uin}:\n{}", read(uin));
    }
    assert!(read("772").contains("In March 2026"), "{}", read("772"));

    // Words that no number bears out, in the rule table: not printed.
    let words = "answer_words = \"{value} of attendances at A&E departments of all types {place}";
    book.edit("candour.toml", words, &words.replace("{value} of", "{value} of 12,345"));
    let run = book.run(&["build", "--pack", "written-answer"]).expect(2);
    assert!(run.stderr.contains("no column behind it has the value 12,345"), "{}", run.stderr);
    book.edit("candour.toml", "{value} of 12,345", "{value} of");

    // An answer that has no room for its first sentence is none.
    book.edit("candour.toml", "answer_words_commons = 150", "answer_words_commons = 5");
    let run = book.run(&["build", "--pack", "written-answer"]).expect(1);
    assert!(run.stderr.contains("every draft has a body, or says that it was not understood"), "{}", run.stderr);
}
