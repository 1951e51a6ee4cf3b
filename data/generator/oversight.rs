//! The oversight framework files, in the layouts of the official ones: data and league table for each type of trust, and the
//! extract of the third quarter.

use std::path::Path;

use crate::figure::{self, Hundredths, text, whole};
use crate::likely::{self, Range};
use crate::metrics::{Domain, METRICS, Metric, QUARTERS};
use crate::oddities;
use crate::roster::{Kind, Trust};
use crate::scoring::{self, DomainStanding, Results, Scored, Standing};
use crate::values::Value;
use crate::writer::{self, Failure, Style};

const DATA_HEADER: [&str; 17] = [
    "Quarter",
    "Region",
    "Trust_type",
    "Trust_subtype",
    "Trust_code",
    "Trust_name",
    "Domain",
    "Sub-domain",
    "Metric_ID",
    "Metric_description",
    "Reporting_date",
    "Units",
    "Value",
    "Median_value",
    "Lower_quartile",
    "Upper_quartile",
    "Rank",
];

const LEAGUE_HEADER: [&str; 12] = [
    "Quarter",
    "Region",
    "Trust_type",
    "Trust_subtype",
    "Trust_code",
    "Trust_name",
    "Average_score",
    "Likely_range_of_average_score",
    "Segment",
    "Trust_in_financial_deficit",
    "Rank",
    "Likely_range_of_rank",
];

/// The part of a data row that is the same for every trust.
struct Label<'a> {
    id: String,
    domain: &'a str,
    sub_domain: &'a str,
    name: &'a str,
    date: &'a str,
    units: &'a str,
}

/// The part that is a trust's own.
struct Reading {
    value: String,
    /// Lower quartile, median and upper quartile of the type, in quarter hundredths.
    quartiles: Option<[i64; 3]>,
    rank: Option<usize>,
}

impl Reading {
    fn plain(value: i64, rank: Option<usize>) -> Self {
        Self { value: text(value), quartiles: None, rank }
    }
}

pub fn write_data(folder: &Path, trusts: &[Trust], results: &[Results; 4], kind: Kind) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for (quarter, results) in results.iter().enumerate() {
        let mut of_quarter = Vec::new();
        for (place, metric) in METRICS.iter().enumerate() {
            of_quarter.extend(metric_rows(trusts, results, kind, quarter, place, metric));
        }
        for (i, trust) in trusts.iter().enumerate().filter(|(_, trust)| trust.kind == kind) {
            of_quarter.extend(domain_rows(trust, quarter, &results.standings[i].domains));
            of_quarter.extend(summary_rows(trust, quarter, &results.standings[i], is_worst(trusts, results, i)));
        }
        // The official order: metric, then trust. A metric with a rate and a count has its two rows for a trust together.
        of_quarter.sort_by(|a, b| (&a[8], &a[4]).cmp(&(&b[8], &b[4])));
        rows.extend(of_quarter);
    }
    let name = format!("nhs-oversight-framework-{}-trust-data.csv", kind.file_name());
    writer::write(&folder.join(name), Style::Official, &DATA_HEADER, &rows)
}

fn row(trust: &Trust, quarter: usize, label: &Label, reading: Reading) -> Vec<String> {
    let quartile = |which: usize| reading.quartiles.map_or(String::new(), |q| text(figure::from_quarters(q[which])));
    let mut fields: Vec<String> =
        [QUARTERS[quarter], trust.region.name, trust.kind.label(), trust.subtype, trust.code, trust.name]
            .into_iter()
            .chain([label.domain, label.sub_domain, &label.id, label.name, label.date, label.units])
            .map(String::from)
            .collect();
    fields.extend([quartile(1), quartile(0), quartile(2)]);
    fields.insert(12, reading.value);
    fields.push(reading.rank.map_or(String::new(), whole));
    fields
}

/// The value rows of a metric (OF0...), its counts where it has them, and its score rows (OF1...).
fn metric_rows(
    trusts: &[Trust],
    results: &Results,
    kind: Kind,
    quarter: usize,
    place: usize,
    metric: &Metric,
) -> Vec<Vec<String>> {
    let of_metric: Vec<Scored> = results.scored.iter().map(|scored| scored[place]).collect();
    let values: Vec<Hundredths> =
        scoring::of_kind(trusts, kind, &of_metric).iter().filter_map(|one| one.value.get()).collect();
    let quartiles = figure::quartiles(&values);
    let counts: Vec<Hundredths> = (0..trusts.len())
        .filter(|&i| trusts[i].kind == kind && !oddities::is_not_a_number(&trusts[i], metric.number, quarter))
        .filter_map(|i| cases(&trusts[i], metric, of_metric[i].value))
        .collect();
    let count_quartiles = figure::quartiles(&counts);

    let label = |first: char, units| Label {
        id: format!("OF{first}{}", metric.number),
        domain: metric.domain.name(),
        sub_domain: metric.sub_domain,
        name: metric.name,
        date: metric.dates[quarter],
        units,
    };
    let (value_label, count_label, score_label) = (label('0', metric.units), label('0', "count"), label('1', "score"));

    let mut rows = Vec::new();
    for (i, trust) in trusts.iter().enumerate().filter(|(_, trust)| trust.kind == kind) {
        let one = of_metric[i];
        let value = match one.value {
            Value::NotReported => continue,
            Value::Suppressed => "*".to_owned(),
            Value::Is(x) => text(x),
        };
        if metric.has_value() {
            rows.push(row(trust, quarter, &value_label, Reading { value, quartiles, rank: one.rank }));
        }
        if let Some(count) = cases(trust, metric, one.value) {
            let value =
                if oddities::is_not_a_number(trust, metric.number, quarter) { "n/a?".to_owned() } else { text(count) };
            rows.push(row(trust, quarter, &count_label, Reading { value, quartiles: count_quartiles, rank: None }));
        }
        // A metric that could not be scored has score 0, which counts nowhere.
        let score = one.score.map_or(0, figure::round);
        rows.push(row(trust, quarter, &score_label, Reading::plain(score, one.rank)));
    }
    rows
}

/// Cases behind a rate: the rate is of a threshold in proportion to the trust's size.
fn cases(trust: &Trust, metric: &Metric, rate: Value) -> Option<Hundredths> {
    let threshold = metric.cases? * trust.staff / 1_000.0;
    Some(100 * libm::round(figure::real(rate.get()?) * threshold) as Hundredths)
}

fn domain_rows(trust: &Trust, quarter: usize, standings: &[Option<DomainStanding>]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (domain, standing) in Domain::ALL.iter().zip(standings) {
        let Some(standing) = standing else { continue };
        let (score_name, segment_name) =
            (format!("{} domain score", domain.name()), format!("{} domain segment", domain.name()));
        // In the first two quarters the official files give this one the domain's name as its sub-domain.
        let short = *domain == Domain::Safety && quarter < 2;
        let score_label = Label {
            id: format!("OF40{}", domain.number()),
            domain: domain.name(),
            sub_domain: if short { domain.name() } else { &score_name },
            name: &score_name,
            date: QUARTERS[quarter],
            units: "score",
        };
        let segment_label = Label {
            id: format!("OF41{}", domain.number()),
            sub_domain: &segment_name,
            name: &segment_name,
            units: "segment",
            ..score_label
        };
        rows.push(row(trust, quarter, &score_label, Reading::plain(standing.score, Some(standing.rank))));
        rows.push(row(trust, quarter, &segment_label, Reading::plain(100 * standing.segment, None)));
    }
    rows
}

fn summary_rows(trust: &Trust, quarter: usize, standing: &Standing, in_programme: bool) -> Vec<Vec<String>> {
    let mut rows = vec![
        ("OF5000", "Adjusted segment", "segment", 100 * standing.adjusted, Some(standing.league_rank)),
        ("OF5002", "Average metric score", "score", standing.average, Some(standing.average_rank)),
        ("OF5003", "Unadjusted segment", "segment", 100 * standing.unadjusted, None),
        ("OF5004", "Financial override", "flag", 100 * i64::from(standing.deficit), None),
    ];
    // Published in the first two quarters only.
    if quarter < 2 {
        let last = if in_programme { 500 } else { 100 * standing.adjusted };
        rows.push(("OF5005", "Final segment score override", "segment", last, None));
        let question = "Is the organisation in the Recovery Support Programme?";
        rows.push(("OF5007", question, "flag", 100 * i64::from(in_programme), None));
    }
    rows.into_iter()
        .map(|(id, name, units, value, rank)| {
            let label = Label {
                id: id.to_owned(),
                domain: "Summary",
                sub_domain: "Summary",
                name,
                date: QUARTERS[quarter],
                units,
            };
            row(trust, quarter, &label, Reading::plain(value, rank))
        })
        .collect()
}

/// The last of each of the two larger types is in the support programme.
fn is_worst(trusts: &[Trust], results: &Results, trust: usize) -> bool {
    let kind = trusts[trust].kind;
    let rank = results.standings[trust].league_rank;
    kind != Kind::Ambulance
        && (0..trusts.len()).all(|i| trusts[i].kind != kind || results.standings[i].league_rank <= rank)
}

/// The league table of the last quarter.
pub fn write_league_table(folder: &Path, trusts: &[Trust], results: &Results, kind: Kind) -> Result<(), Failure> {
    let ranges = likely::ranges(trusts, results, kind);
    let mut entries: Vec<(&Trust, &Standing, &Range)> = trusts
        .iter()
        .zip(&results.standings)
        .filter(|(trust, _)| trust.kind == kind)
        .zip(&ranges)
        .map(|((trust, standing), range)| (trust, standing, range))
        .filter(|(trust, ..)| oddities::is_in_league_table(trust))
        .collect();
    entries.sort_by_key(|(trust, standing, _)| (standing.league_rank, trust.name));

    let rows: Vec<Vec<String>> =
        entries.into_iter().map(|(trust, standing, range)| league_row(trust, standing, range)).collect();
    let name = format!("nhs-oversight-framework-{}-trust-league-table.csv", kind.file_name());
    writer::write(&folder.join(name), Style::Official, &LEAGUE_HEADER, &rows)
}

fn league_row(trust: &Trust, standing: &Standing, range: &Range) -> Vec<String> {
    let trust_columns = [QUARTERS[3], trust.region.name, trust.kind.label(), trust.subtype, trust.code, trust.name];
    let mut fields: Vec<String> = trust_columns.into_iter().map(String::from).collect();
    fields.push(text(standing.average));
    fields.push(format!("{} to {}", text(range.score.0), text(range.score.1)));
    fields.push(text(100 * standing.adjusted));
    fields.push(if standing.deficit { "Yes" } else { "No" }.to_owned());
    fields.push(whole(standing.league_rank));
    fields.push(format!("{} to {}", range.rank.0, range.rank.1));
    fields
}

/// The extract of the third quarter that others made of the acute file: names in capitals, one row for each value.
pub fn write_extract(folder: &Path, trusts: &[Trust], results: &Results) -> Result<(), Failure> {
    let mut acute: Vec<(&Trust, &Standing, &[Scored])> = (trusts.iter().zip(&results.standings).zip(&results.scored))
        .map(|((trust, standing), scored)| (trust, standing, scored.as_slice()))
        .filter(|(trust, ..)| trust.kind == Kind::Acute)
        .collect();
    let metrics: Vec<Vec<String>> =
        acute.iter().flat_map(|(trust, standing, scored)| extract_rows(trust, standing, scored)).collect();
    let header = ["quarter", "org_code", "metric_id", "metric", "value"];
    writer::write(&folder.join("nof_metrics_long_q3_2025_26.csv"), Style::Plain, &header, &metrics)?;

    acute.sort_by_key(|(trust, standing, _)| (standing.league_rank, trust.code));
    let league: Vec<Vec<String>> = acute
        .iter()
        .map(|(trust, standing, _)| {
            let mut fields = vec![trust.code.to_owned(), trust.name.to_uppercase()];
            fields.extend([trust.region.name, trust.kind.label(), trust.subtype].map(String::from));
            fields.extend([whole(standing.league_rank), text(100 * standing.adjusted), text(standing.average)]);
            fields
        })
        .collect();
    let header = [
        "org_code",
        "org_name",
        "region",
        "trust_type",
        "trust_subtype",
        "league_rank",
        "league_segment",
        "league_avg_score",
    ];
    writer::write(&folder.join("nof_league_q3_2025_26.csv"), Style::Plain, &header, &league)
}

fn extract_rows(trust: &Trust, standing: &Standing, scored: &[Scored]) -> Vec<Vec<String>> {
    const TAKEN: [(&str, &str); 11] = [
        ("010", "cancer_28day_pct"),
        ("011", "cancer_62day_pct"),
        ("020", "mrsa_cases_count"),
        ("048", "ecoli_bacteraemia_rate"),
        ("061", "staff_raising_concerns_score"),
        ("063", "inpatients_60day_los_pct"),
        ("079", "planned_surplus_deficit_pct"),
        ("081", "variance_to_financial_plan_pct"),
        ("084", "staff_engagement_score"),
        ("085", "implied_productivity_pct"),
        ("088", "cdiff_infection_rate"),
    ];
    const DOMAINS: [&str; 5] =
        ["access", "patient_safety", "finance_productivity", "people_workforce", "effectiveness_experience"];

    let mut values: Vec<(String, String, i64)> = Vec::new();
    for (number, name) in TAKEN {
        if let Some(value) = scored[crate::metrics::index(number)].value.get() {
            values.push((format!("OF0{number}"), name.to_owned(), value));
        }
    }
    let domains = || {
        Domain::ALL.iter().zip(DOMAINS).zip(&standing.domains).filter_map(|(names, one)| Some((names, one.as_ref()?)))
    };
    values.extend(
        domains().map(|((domain, name), one)| {
            (format!("OF40{}", domain.number()), format!("domain_score_{name}"), one.score)
        }),
    );
    values.extend(domains().map(|((domain, name), one)| {
        (format!("OF41{}", domain.number()), format!("domain_segment_{name}"), 100 * one.segment)
    }));
    values.push(("OF5000".to_owned(), "overall_adjusted_segment".to_owned(), 100 * standing.adjusted));
    values.push(("OF5002".to_owned(), "overall_avg_metric_score".to_owned(), standing.average));
    values
        .into_iter()
        .map(|(id, name, value)| vec![QUARTERS[2].to_owned(), trust.code.to_owned(), id, name, text(value)])
        .collect()
}
