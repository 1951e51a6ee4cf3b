//! Ambulance systems indicators: incidents and total seconds, so that means add up over trusts, and handovers at hospital.

use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, QUARTER_ENDS, Reporter, people};
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::roster::Kind;
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2023, 4);
const LAST: Month = Month::of(2026, 3);
/// Handovers are published from here.
const HANDOVERS_FROM: Month = Month::of(2023, 10);

/// The columns after the organisation. Those whose numbers add up over trusts are summed for the region and for England.
#[rustfmt::skip]
const COLUMNS: [(&str, Adds); 32] = [
    ("contacts", Adds::Up), ("calls_answered", Adds::Up), ("call_answer_total_seconds", Adds::Up), ("incidents_all", Adds::Up),
    ("c1_incidents", Adds::Up), ("c1_total_seconds", Adds::Up), ("c1_mean_seconds", Adds::Mean), ("c1_p90_seconds", Adds::Centile), ("c1t_incidents", Adds::Up),
    ("c2_incidents", Adds::Up), ("c2_total_seconds", Adds::Up), ("c2_mean_seconds", Adds::Mean), ("c2_p90_seconds", Adds::Centile),
    ("c3_incidents", Adds::Up), ("c3_total_seconds", Adds::Up), ("c3_mean_seconds", Adds::Mean), ("c3_p90_seconds", Adds::Centile),
    ("c4_incidents", Adds::Up), ("c4_total_seconds", Adds::Up), ("c4_mean_seconds", Adds::Mean), ("c4_p90_seconds", Adds::Centile),
    ("face_to_face_incidents", Adds::Up), ("conveyed_ed", Adds::Up), ("conveyed_not_ed", Adds::Up), ("face_to_face_not_conveyed", Adds::Up), ("hear_and_treat", Adds::Up),
    ("handovers_known", Adds::Up), ("handovers_over_15m", Adds::Up), ("handovers_over_30m", Adds::Up), ("handovers_over_60m", Adds::Up), ("handovers_unknown", Adds::Up), ("handover_total_seconds", Adds::Up),
];

#[derive(Clone, Copy, PartialEq)]
enum Adds {
    Up,
    /// The column before over the one before that, taken again from the sums.
    Mean,
    /// Cannot be added up: the publisher works it out from single incidents, and nothing else can.
    Centile,
}

type Cells = [Option<i64>; COLUMNS.len()];

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|column| column.0 == name).expect("a column of the file")
}

pub fn write(folder: &Path, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let series: Vec<(&Reporter, Vec<Cells>)> = country
        .those(|reporter| reporter.is(Kind::Ambulance))
        .map(|reporter| (reporter, months(country, reporter)))
        .collect();
    for (place, month) in FIRST.to(LAST).enumerate() {
        let of_month = |wanted: &dyn Fn(&Reporter) -> bool| -> Vec<Cells> {
            series.iter().filter(|(reporter, _)| wanted(reporter)).map(|(_, months)| months[place]).collect()
        };
        rows.push(row(month, ["england", "ENG", "", ""], &sum(&of_month(&|_| true))));
        let midlands = |reporter: &Reporter| reporter.region.name == "Midlands";
        rows.push(row(month, ["region", "MID", "MIDLANDS", "Y60"], &sum(&of_month(&midlands))));
        for (reporter, months) in &series {
            rows.push(row(month, ["trust", reporter.code, &reporter.name, reporter.region.code], &months[place]));
            into_panel(panel, month, reporter, &months[place]);
        }
    }
    let header: Vec<&str> = ["period", "level", "org_code", "org_name", "region_code"]
        .into_iter()
        .chain(COLUMNS.iter().map(|column| column.0))
        .collect();
    writer::write(&folder.join("ambsys_monthly.csv"), Style::Plain, &header, &rows)
}

fn into_panel(panel: &mut Panel, month: Month, reporter: &Reporter, cells: &Cells) {
    const METRICS: [(&str, &str, &str); 3] = [
        ("amb_c1_mean_seconds", "c1_total_seconds", "c1_incidents"),
        ("amb_c2_mean_seconds", "c2_total_seconds", "c2_incidents"),
        ("amb_handover_over_30m", "handovers_over_30m", "handovers_known"),
    ];
    for (metric, numerator, denominator) in METRICS {
        if let (Some(numerator), Some(denominator)) = (cells[column(numerator)], cells[column(denominator)]) {
            panel.monthly(metric, month, reporter, [numerator, denominator].map(|x| x.to_string()), "published");
        }
    }
}

fn months(country: &Country, reporter: &Reporter) -> Vec<Cells> {
    let mut draw = Stream::of(&format!("ambulances {}", reporter.code));
    let path = country.path(reporter, "911", QUARTER_ENDS, 60.0).expect("every ambulance trust has a response time");
    let usual_c1 = 500.0 + 35.0 * draw.normal();
    let usual_handover = (0.30 + 0.06 * draw.normal()).clamp(0.12, 0.5);
    FIRST
        .to(LAST)
        .map(|month| {
            let [busy, quick, luck, wait] = [(); 4].map(|()| draw.normal());
            let c2 = path.at(month, 0.15) * if path.is_given(month) { 1.0 } else { 1.0 + 0.06 * luck };
            let c1 = usual_c1 * (1.0 + 0.025 * quick);
            let over = usual_handover + 0.012 * wait + oddities::handover_shift(reporter.code, month);
            let incidents = reporter.size(month) * 17.0 * (1.0 + 0.03 * busy);
            let mut cells = [None; COLUMNS.len()];
            calls_and_outcomes(&mut cells, incidents);
            if !oddities::has_no_response_times(reporter.code, month) {
                responses(&mut cells, incidents, [c1, c2]);
            }
            if month >= HANDOVERS_FROM {
                handovers(&mut cells, incidents, over);
            }
            cells
        })
        .collect()
}

fn calls_and_outcomes(cells: &mut Cells, incidents: f64) {
    let mut set = |name: &str, x: f64| cells[column(name)] = Some(people(x));
    set("contacts", 1.45 * incidents);
    set("calls_answered", 1.05 * incidents);
    set("call_answer_total_seconds", 4.4 * incidents);
    set("incidents_all", incidents);
    set("face_to_face_incidents", 0.84 * incidents);
    set("conveyed_ed", 0.50 * incidents);
    set("conveyed_not_ed", 0.05 * incidents);
    set("face_to_face_not_conveyed", 0.29 * incidents);
    set("hear_and_treat", 0.16 * incidents);
}

/// Means are those of the whole counts, rounded; 90th centiles are as if responses were spread alike everywhere.
fn responses(cells: &mut Cells, incidents: f64, [c1, c2]: [f64; 2]) {
    let categories =
        [("c1", 0.10, c1, 1.8), ("c2", 0.50, c2, 2.0), ("c3", 0.18, 3.0 * c2, 2.4), ("c4", 0.006, 4.0 * c2, 2.3)];
    for (category, share, mean, tail) in categories {
        let count = people(share * incidents);
        let seconds = people(count as f64 * mean);
        let mean = libm::round(seconds as f64 / count as f64) as i64;
        for (name, x) in [("incidents", count), ("total_seconds", seconds), ("mean_seconds", mean)] {
            cells[column(&format!("{category}_{name}"))] = Some(x);
        }
        cells[column(&format!("{category}_p90_seconds"))] = Some(people(tail * mean as f64));
    }
    cells[column("c1t_incidents")] = Some(people(0.065 * incidents));
}

fn handovers(cells: &mut Cells, incidents: f64, over_30: f64) {
    let known = people(0.48 * incidents);
    let of_known = |share: f64| people(share * known as f64);
    let over_30 = over_30.clamp(0.02, 0.8);
    let counts = [
        ("handovers_known", known),
        ("handovers_over_15m", of_known(over_30 + 0.6 * (1.0 - over_30))),
        ("handovers_over_30m", of_known(over_30)),
        ("handovers_over_60m", of_known(over_30 * over_30)),
        ("handovers_unknown", of_known(0.02)),
        ("handover_total_seconds", of_known(900.0 + 3_000.0 * over_30)),
    ];
    for (name, x) in counts {
        cells[column(name)] = Some(x);
    }
}

/// Sums of what adds up and means of the sums. The centiles stay empty, since no sum gives them.
fn sum(of: &[Cells]) -> Cells {
    let mut sums = [None; COLUMNS.len()];
    for (place, (_, adds)) in COLUMNS.iter().enumerate() {
        if *adds == Adds::Up {
            sums[place] = of.iter().filter_map(|cells| cells[place]).reduce(|a, b| a + b);
        }
    }
    for place in (0..COLUMNS.len()).filter(|place| COLUMNS[*place].1 == Adds::Mean) {
        let parts = sums[place - 1].zip(sums[place - 2]);
        sums[place] = parts.map(|(seconds, count)| libm::round(seconds as f64 / count as f64) as i64);
    }
    sums
}

fn row(month: Month, who: [&str; 4], cells: &Cells) -> Vec<String> {
    let numbers = cells.iter().map(|cell| cell.map_or(String::new(), |x| x.to_string()));
    std::iter::once(month.first_day()).chain(who.map(String::from)).chain(numbers).collect()
}
