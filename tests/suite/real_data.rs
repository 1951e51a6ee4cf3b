//! The published files, where they are at hand: the packs' figures are the published ones.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use super::harness::{Book, Edition, Run, project};

/// The published files, if they are here.
fn data() -> Option<PathBuf> {
    let folder = project().join("../shared/data/real");
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    eprintln!("passed over: no published files in ../shared/data/real");
    None
}

/// The edition of the published files, built once.
pub fn shared() -> Option<&'static (Book, PathBuf)> {
    static BOOK: OnceLock<Option<(Book, PathBuf)>> = OnceLock::new();
    let built = BOOK.get_or_init(|| {
        let data = data()?;
        let book = Book::copy(&project());
        std::fs::remove_dir_all(book.path("data")).expect("the demonstration data");
        book.build(&["--data", &data.to_string_lossy()]);
        Some((book, data))
    });
    built.as_ref()
}

fn edition() -> Option<Edition> {
    shared().map(|(book, _)| book.edition())
}

/// The rows of a cell.
fn rows(cell: &str) -> Option<Vec<Value>> {
    let (book, data) = shared()?;
    let run: Run = book.run(&["run", cell, "--format", "json", "--data", &data.to_string_lossy()]).expect(0);
    Some(run.json().as_array().expect("a list of rows").clone())
}

#[test]
fn every_organisation_with_a_record_has_a_pack() {
    let Some(edition) = edition() else { return };
    let trusts = rows("trusts").expect("the list of organisations");
    let of_type = |kind: &str| trusts.iter().filter(|row| row["trust_type"] == kind).count();
    assert_eq!(of_type("Mental health and community trust"), 61);
    assert!(of_type("Acute trust") >= 129, "{} acute", of_type("Acute trust"));
    assert!(edition.files_of("board-pack").len() >= 61 + 129);
    assert_eq!(edition.files_of("ministerial-briefing").len(), 1);
    assert_eq!(edition.manifest["notice"], Value::Null, "published files carry no notice");
}

/// What the reconciliation says of one quantity, all quarters together.
#[derive(Debug, PartialEq)]
struct Counted {
    compared: i64,
    exact: i64,
    different: i64,
}

fn counted(quantity: &str) -> Counted {
    let rows = rows("reconciliation").expect("a reconciliation");
    let found: Vec<&Value> = rows.iter().filter(|row| row["quantity"] == quantity).collect();
    assert!(!found.is_empty(), "nothing is reconciled under the name {quantity}");
    let sum = |column: &str| found.iter().map(|row| row[column].as_i64().expect("a count")).sum();
    Counted { compared: sum("compared"), exact: sum("exact"), different: sum("different") }
}

#[test]
fn ranks_and_adjusted_segments_are_recomputed_without_exception() {
    if shared().is_none() {
        return;
    }
    for quantity in ["League rank", "Adjusted segment from the override", "Segment from cut points"] {
        assert_eq!(counted(quantity), Counted { compared: 244, exact: 244, different: 0 }, "{quantity}");
    }
}

#[test]
fn average_scores_are_recomputed_from_published_metric_scores() {
    if shared().is_none() {
        return;
    }
    let average = counted("Average score from published metric scores");
    assert_eq!((average.compared, average.different), (244, 0));
    assert!(average.exact >= 228, "{} of 244 exact", average.exact);
}

#[test]
fn metric_scores_fit_their_ranks_and_bands_without_a_misfit() {
    if shared().is_none() {
        return;
    }
    let exact = [
        "Metric score from published rank",
        "Metric score on the grid of its pool",
        "Metric score from bands",
        "Combined finance score from its two parts",
        "Domain segment from cut points",
    ];
    for quantity in exact {
        let found = counted(quantity);
        assert!(found.compared >= 244 && found.exact == found.compared, "{quantity}: {found:?}");
    }
}

#[test]
fn medians_and_quartiles_agree_to_the_published_rounding() {
    if shared().is_none() {
        return;
    }
    for quantity in ["Lower quartile of a metric", "Median of a metric", "Upper quartile of a metric"] {
        let found = counted(quantity);
        assert!(found.compared >= 40 && found.different == 0, "{quantity}: {found:?}");
    }
}

/// Where each cut point of the average score lies, bracketed from the published scores and segments of all types:
/// quarter, the better segment, the highest score in it, the lowest score in the worse one.
const CUTS: [(&str, i64, f64, f64); 12] = [
    ("Q1 2025/26", 1, 2.04, 2.06),
    ("Q1 2025/26", 2, 2.32, 2.33),
    ("Q1 2025/26", 3, 2.60, 2.63),
    ("Q2 2025/26", 1, 2.06, 2.07),
    ("Q2 2025/26", 2, 2.34, 2.35),
    ("Q2 2025/26", 3, 2.64, 2.69),
    ("Q3 2025/26", 1, 2.06, 2.08),
    ("Q3 2025/26", 2, 2.35, 2.36),
    ("Q3 2025/26", 3, 2.70, 2.71),
    ("Q4 2025/26", 1, 2.02, 2.11),
    ("Q4 2025/26", 2, 2.29, 2.31),
    ("Q4 2025/26", 3, 2.57, 2.60),
];

#[test]
fn cut_points_lie_in_their_brackets_and_contradict_no_published_segment() {
    let Some(cuts) = rows("segment_cuts") else { return };
    for cut in &cuts {
        assert_eq!(cut["is_contradicted"], false, "{cut}");
    }
    for (quarter, boundary, low, high) in CUTS {
        let found = cuts
            .iter()
            .find(|cut| cut["quarter"] == quarter && cut["domain"] == "All metrics" && cut["boundary"] == boundary);
        let value =
            found.and_then(|cut| cut["cut"].as_f64()).unwrap_or_else(|| panic!("no cut {boundary} in {quarter}"));
        assert!((low..=high).contains(&value), "{quarter}, after {boundary}: {value} is not from {low} to {high}");
    }
}

#[test]
fn homerton_productivity_is_as_published() {
    let Some(edition) = edition() else { return };
    let pdf = edition.pdf("board-packs/RQX.pdf");
    let text = pdf.text().replace('\u{2212}', "-");
    assert!(text.contains("Homerton"));
    for words in ["11.3%", "7.2%", "-3.7%", "4th", "129", "4.7%", "2024/25", "2025/26"] {
        assert!(text.contains(words), "the pack does not say {words}");
    }
    let growth = rows("productivity_growth").expect("productivity");
    let homerton = growth.iter().find(|row| row["trust_code"] == "RQX").expect("Homerton");
    let near = |column: &str, value: f64| (homerton[column].as_f64().expect("a number") - value).abs() < 1e-9;
    assert!(near("productivity_growth", 0.1127785492106085), "{homerton}");
    assert!(near("activity_growth", 0.0720850899586296) && near("resource_growth", -0.0365692340860149), "{homerton}");
    assert!(near("growth_rank", 4.0) && near("trusts_ranked", 129.0) && near("next_growth", 4.7), "{homerton}");
}

/// Figures of the published research on the measure, recomputed: what the next period said of the leaders of this one,
/// and how little a place in the list can be trusted.
#[test]
fn productivity_growth_is_put_in_its_place() {
    let Some(national) = rows("productivity_national") else { return };
    let near = |row: &Value, column: &str, value: f64, within: f64| {
        let found = row[column].as_f64().unwrap_or_else(|| panic!("{column} is a number"));
        assert!((found - value).abs() <= within, "{column}: {found}, not {value}");
    };
    let all = &national[0];
    near(all, "correlation", 0.017, 5e-4);
    near(all, "correlation_low", -0.16, 5e-3);
    near(all, "correlation_high", 0.19, 5e-3);
    near(all, "top_quarter", 32.0, 0.0);
    near(all, "top_again", 8.0, 0.0);
    near(all, "consistent", 129.0, 0.0);
    near(all, "largest_shortcut_error", 1.06, 5e-3);
    let pages = rows("productivity_page").expect("pages");
    let homerton = pages.iter().find(|row| row["trust_code"] == "RQX").expect("Homerton");
    for (column, value, within) in [
        ("activity_share", 0.65, 5e-3),
        ("resource_share", 0.35, 5e-3),
        ("next_rank", 31.0, 0.0),
        ("staff_growth", 0.071, 5e-4),
        ("staff_gap", 10.7, 0.05),
        ("staff_gap_rank", 3.0, 0.0),
        ("activity_per_staff_growth", 0.001, 5e-4),
        ("activity_per_staff_rank", 91.0, 0.0),
        ("rank_low_point", 2.0, 0.0),
        ("rank_high_point", 123.0, 0.0),
        ("rank_low_upper", 1.0, 0.0),
        ("rank_high_upper", 101.0, 0.0),
        ("rank_high_choice", 52.0, 0.0),
    ] {
        near(homerton, column, value, within);
    }
}

/// The counts that the metrics are made of are those of the assembled panel, and add up to what England prints.
#[test]
fn metrics_from_counts_equal_the_panel_and_the_printed_england_rows() {
    let Some(panel) = rows("panel_differences") else { return };
    let held = panel.iter().filter(|row| row["side"] == "both").count();
    assert!(held >= 75_000, "only {held} rows of the panel were compared");
    let stray: Vec<&Value> = panel.iter().filter(|row| row["is_equal"] == false && row["reason"].is_null()).collect();
    assert!(stray.is_empty(), "{} differences are not explained, such as {:?}", stray.len(), stray.first());
    let england = rows("england_reconciliation").expect("England");
    assert!(england.len() > 2_000, "only {} comparisons with England", england.len());
}

#[test]
fn published_figures_carry_no_demonstration_notice() {
    let Some(edition) = edition() else { return };
    for file in ["board-packs/RQX.pdf", "ministerial-briefing.pdf"] {
        assert!(!edition.pdf(file).text().contains("Demonstration"), "{file}");
    }
}
