//! What is measured: the metrics of the framework year, each with its scoring rule and the shape of its values.
//!
//! Numbers, names, domains, units and reporting dates are those of the official files where they are known. The official numbers
//! of the ambulance metrics are not known to us; those two have numbers from 901, so that nobody mistakes them for official ones.

use crate::figure::Hundredths;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    Access,
    Effectiveness,
    Safety,
    People,
    Finance,
}

impl Domain {
    pub const ALL: [Domain; 5] =
        [Domain::Access, Domain::Safety, Domain::Finance, Domain::People, Domain::Effectiveness];

    pub fn name(self) -> &'static str {
        match self {
            Domain::Access => "Access to services",
            Domain::Effectiveness => "Effectiveness and experience",
            Domain::Safety => "Patient safety",
            Domain::People => "People and workforce",
            Domain::Finance => "Finance and productivity",
        }
    }

    /// The last two digits of its score (OF40..) and segment (OF41..).
    pub fn number(self) -> &'static str {
        match self {
            Domain::Access => "00",
            Domain::Safety => "02",
            Domain::Finance => "03",
            Domain::People => "04",
            Domain::Effectiveness => "05",
        }
    }
}

/// How a value becomes a score from 1.00 (best) to 4.00 (worst).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Spread evenly by rank.
    Spread,
    /// Below the floor scores 4; the rest are spread from 1 to 3 by their rank among themselves.
    Floor(Hundredths),
    /// Meeting the standard scores 1; the rest are spread from 2 to 4 by their rank among themselves.
    Standard(Hundredths),
    /// The published score *is* the band, from 1 to 4; no value is published.
    Band,
    /// Bands of the financial plan and of the variance to it. They have scores, but only the combination of the two counts.
    Plan,
    Variance,
    Combined,
}

/// The distribution of the values.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A bell: centre for each type of trust, spread, limits, and the step published (1 = two decimals, 10 = one, 100 = whole).
    Bell { centre: [f64; 3], spread: f64, low: f64, high: f64, step: i64 },
    /// Many zeros and a long tail: `scale * (exp(z) - 1)` above zero.
    Tail { scale: f64 },
    /// Shares of the bands 1, 2, 3 and 4.
    Bands([f64; 4]),
    /// Drawn with the finances, or derived from them.
    Money,
}

pub struct Metric {
    /// The last three digits of OF0... (value) and OF1... (score).
    pub number: &'static str,
    pub name: &'static str,
    pub domain: Domain,
    pub sub_domain: &'static str,
    pub units: &'static str,
    /// The share of trusts of each type that report it: acute, mental health and community, ambulance.
    pub reach: [f64; 3],
    pub higher_is_better: bool,
    pub rule: Rule,
    /// Scored by rank among all trusts that report it, of every type; otherwise within the type.
    pub pooled: bool,
    pub shape: Shape,
    /// Weight in the averages, in thirds: the three infections count once between them.
    pub thirds: i64,
    /// The expected number of cases a year for each thousand staff, where a count is published beside the rate.
    pub cases: Option<f64>,
    /// Which collection each quarter's figure is from: a yearly survey is the same until the next one.
    pub collection: [usize; 4],
    /// The reporting date as printed in each quarter.
    pub dates: [&'static str; 4],
}

impl Metric {
    pub fn has_value(&self) -> bool {
        !matches!(self.rule, Rule::Band | Rule::Combined)
    }

    /// Counts in the average, either alone or as a third.
    pub fn counts(&self) -> bool {
        !matches!(self.rule, Rule::Plan | Rule::Variance)
    }
}

const BASE: Metric = Metric {
    number: "",
    name: "",
    domain: Domain::Access,
    sub_domain: "",
    units: "%",
    reach: [1.0, 0.0, 0.0],
    higher_is_better: true,
    rule: Rule::Spread,
    pooled: false,
    shape: Shape::Money,
    thirds: 3,
    cases: None,
    collection: [0, 1, 2, 3],
    dates: QUARTERS,
};

pub const QUARTERS: [&str; 4] = ["Q1 2025/26", "Q2 2025/26", "Q3 2025/26", "Q4 2025/26"];
const MONTHS: [&str; 4] = ["Jun-25", "Sep-25", "Dec-25", "Mar-26"];
const YEARLY_CHANGE: [&str; 4] = [
    "Jun 24 - Jun 25 vs Jun 23 - Jun 24",
    "Oct 24 - Sep 25 vs Oct 23 - Sep 24",
    "Jan 25 - Dec 25 vs Jan 24 - Dec 24",
    "Apr 25 - Mar 26 vs Apr 24 - Mar 25",
];
const SURVEY: [&str; 4] = ["2024", "2024", "2024", "2025"];
const YEAR_TO: [&str; 4] = ["Jul 24 - Jun 25", "Oct 24 - Sep 25", "Jan 25 - Dec 25", "Apr 25 - Mar 26"];

const fn bell(centre: f64, spread: f64, low: f64, high: f64, step: i64) -> Shape {
    Shape::Bell { centre: [centre; 3], spread, low, high, step }
}

/// The numbers of the finance metrics, which are drawn and combined apart from the others.
pub const PLAN: &str = "079";
pub const COMBINED: &str = "080";
pub const VARIANCE: &str = "081";
pub const PRODUCTIVITY: &str = "085";

/// In order of number, as the official files list them.
pub const METRICS: &[Metric] = &[
    Metric {
        number: "005",
        name: "Percentage of patients waiting over 52 weeks for community services",
        sub_domain: "Elective care",
        reach: [0.45, 0.62, 0.0],
        higher_is_better: false,
        pooled: true,
        shape: Shape::Tail { scale: 2.6 },
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "010",
        name: "Percentage of patients told within 28 days whether they have cancer",
        sub_domain: "Cancer care",
        reach: [0.95, 0.0, 0.0],
        rule: Rule::Standard(8000),
        shape: bell(77.5, 5.5, 50.0, 99.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "011",
        name: "Percentage of patients treated for cancer within 62 days of referral",
        sub_domain: "Cancer care",
        reach: [0.95, 0.0, 0.0],
        rule: Rule::Standard(7500),
        shape: bell(70.5, 8.0, 40.0, 98.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "013",
        name: "Percentage of emergency department attendances admitted, transferred or discharged within four hours",
        sub_domain: "Urgent and emergency care",
        rule: Rule::Standard(7800),
        shape: bell(74.5, 5.0, 50.0, 97.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "014",
        name: "Percentage of emergency department attendances spending over 12 hours in the department",
        sub_domain: "Urgent and emergency care",
        higher_is_better: false,
        shape: bell(8.6, 3.9, 0.1, 30.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "016",
        name: "Percentage of patients in mental health crisis to receive face-to-face contact within 24 hours",
        domain: Domain::Safety,
        sub_domain: "Patient safety",
        reach: [0.0, 0.95, 0.0],
        shape: bell(64.0, 14.0, 15.0, 100.0, 1),
        ..BASE
    },
    Metric {
        number: "020",
        name: "Number of MRSA infections",
        domain: Domain::Safety,
        sub_domain: "Infection prevention",
        units: "count",
        higher_is_better: false,
        shape: bell(3.2, 2.6, 0.0, 25.0, 100),
        thirds: 1,
        dates: YEAR_TO,
        ..BASE
    },
    Metric {
        number: "023",
        name: "Percentage of cases where a patient is waiting 18 weeks or less for elective treatment",
        sub_domain: "Elective care",
        shape: bell(61.5, 6.0, 35.0, 95.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "035",
        name: "CQC community mental health survey satisfaction rate",
        domain: Domain::Effectiveness,
        sub_domain: "Patient experience",
        units: "score",
        reach: [0.0, 0.97, 0.0],
        higher_is_better: false,
        rule: Rule::Band,
        shape: Shape::Bands([0.08, 0.80, 0.07, 0.05]),
        collection: [0, 0, 0, 1],
        dates: SURVEY,
        ..BASE
    },
    Metric {
        number: "041",
        name: "Annual change in the number of children and young people accessing NHS-funded MH services",
        sub_domain: "Mental health care",
        units: "percentage points",
        reach: [0.12, 0.80, 0.0],
        pooled: true,
        shape: bell(7.0, 11.0, -40.0, 60.0, 1),
        dates: YEARLY_CHANGE,
        ..BASE
    },
    Metric {
        number: "048",
        name: "Rate of E. coli bacteraemia against its threshold",
        domain: Domain::Safety,
        sub_domain: "Infection prevention",
        units: "rate",
        higher_is_better: false,
        shape: bell(1.18, 0.19, 0.3, 2.6, 1),
        thirds: 1,
        cases: Some(8.0),
        dates: YEAR_TO,
        ..BASE
    },
    Metric {
        number: "057",
        name: "Urgent Community Response 2-hour performance",
        domain: Domain::Effectiveness,
        sub_domain: "Effective out of hospital care",
        reach: [0.40, 0.62, 0.0],
        rule: Rule::Floor(7000),
        pooled: true,
        shape: bell(84.5, 8.5, 30.0, 100.0, 1),
        ..BASE
    },
    Metric {
        number: "061",
        name: "NHS Staff survey - raising concerns sub-score",
        domain: Domain::Safety,
        sub_domain: "Patient safety",
        units: "out of 10",
        reach: [1.0; 3],
        shape: Shape::Bell { centre: [6.46, 6.75, 6.05], spread: 0.30, low: 5.2, high: 7.8, step: 1 },
        collection: [0, 0, 0, 1],
        dates: SURVEY,
        ..BASE
    },
    Metric {
        number: "063",
        name: "Percentage of inpatients with >60 day length of stay",
        domain: Domain::Effectiveness,
        sub_domain: "Effective flow and discharge",
        reach: [0.9, 0.97, 0.0],
        higher_is_better: false,
        pooled: true,
        shape: bell(24.5, 6.0, 7.0, 48.0, 1),
        ..BASE
    },
    Metric {
        number: "067",
        name: "CQC safe inspection",
        domain: Domain::Safety,
        sub_domain: "Patient safety",
        units: "score",
        reach: [0.25, 0.20, 0.25],
        higher_is_better: false,
        rule: Rule::Band,
        shape: Shape::Bands([0.03, 0.42, 0.47, 0.08]),
        collection: [0; 4],
        dates: [
            "Latest published if awarded post August 2023",
            "Latest published if awarded post September 2023",
            "Latest published if awarded between 13 Feb 24 and 12 Feb 26",
            "Latest published if awarded between 13 May 24 and 12 May 26",
        ],
        ..BASE
    },
    Metric {
        number: PLAN,
        name: "Planned surplus/deficit",
        domain: Domain::Finance,
        sub_domain: "Finance",
        reach: [1.0; 3],
        rule: Rule::Plan,
        dates: ["2025/26", "2025/26", "2025/26", "2025/26 plan"],
        ..BASE
    },
    Metric {
        number: COMBINED,
        name: "Combined finance",
        domain: Domain::Finance,
        sub_domain: "Finance",
        units: "score",
        reach: [1.0; 3],
        higher_is_better: false,
        rule: Rule::Combined,
        ..BASE
    },
    Metric {
        number: VARIANCE,
        name: "Variance year-to-date to financial plan",
        domain: Domain::Finance,
        sub_domain: "Finance",
        reach: [1.0; 3],
        rule: Rule::Variance,
        dates: ["Month 3 2025", "Month 6 2025", "Month 9 2025", "Month 12 2025/26"],
        ..BASE
    },
    Metric {
        number: "082",
        name: "Sickness absence rate",
        domain: Domain::People,
        sub_domain: "Retention and culture",
        reach: [1.0; 3],
        higher_is_better: false,
        pooled: true,
        shape: Shape::Bell { centre: [5.1, 5.7, 7.0], spread: 0.75, low: 2.6, high: 10.0, step: 1 },
        dates: ["Q4 2024-25", "Q1 2025/26", "Q2 2025/26", "Q3 2025/26"],
        ..BASE
    },
    Metric {
        number: "084",
        // The no-break space at the end is in the official files too.
        name: "NHS staff survey engagement theme sub-score\u{a0}",
        domain: Domain::People,
        sub_domain: "Retention and culture",
        units: "out of 10",
        reach: [1.0; 3],
        shape: Shape::Bell { centre: [6.90, 7.06, 6.20], spread: 0.24, low: 5.5, high: 8.0, step: 1 },
        collection: [0, 0, 0, 1],
        dates: SURVEY,
        ..BASE
    },
    Metric {
        number: PRODUCTIVITY,
        name: "Implied productivity level",
        domain: Domain::Finance,
        sub_domain: "Productivity",
        shape: bell(2.6, 3.4, -14.0, 15.0, 10),
        dates: ["Month 1 to 3 2025/26", "Month 1 to 4 2025/26", "Month 1 to 6 2025/26", "Month 1 to 10 2025/26"],
        ..BASE
    },
    Metric {
        number: "086",
        name: "Relative difference in costs",
        domain: Domain::Finance,
        sub_domain: "Productivity",
        reach: [0.0, 1.0, 1.0],
        higher_is_better: false,
        pooled: true,
        shape: bell(103.5, 11.5, 66.0, 140.0, 1),
        collection: [0, 1, 1, 1],
        dates: ["2023/24", "2024/25", "2024/25", "2024/25"],
        ..BASE
    },
    Metric {
        number: "088",
        name: "Rate of C. difficile infections against its threshold",
        domain: Domain::Safety,
        sub_domain: "Infection prevention",
        units: "rate",
        higher_is_better: false,
        shape: bell(1.12, 0.24, 0.3, 4.5, 1),
        thirds: 1,
        cases: Some(7.0),
        dates: YEAR_TO,
        ..BASE
    },
    Metric {
        number: "106",
        name: "Difference between planned and actual 18 week performance",
        sub_domain: "Elective care",
        units: "percentage points",
        shape: bell(-0.4, 2.4, -12.0, 9.0, 1),
        dates: MONTHS,
        ..BASE
    },
    Metric {
        number: "911",
        name: "Category 2 mean response time",
        sub_domain: "Urgent and emergency care",
        units: "minutes",
        reach: [0.0, 0.0, 1.0],
        higher_is_better: false,
        rule: Rule::Standard(3000),
        shape: bell(31.0, 4.5, 18.0, 60.0, 1),
        ..BASE
    },
    Metric {
        number: "912",
        name: "Percentage of incidents resolved without a journey to hospital",
        domain: Domain::Effectiveness,
        sub_domain: "Effective out of hospital care",
        reach: [0.0, 0.0, 1.0],
        shape: bell(46.0, 4.0, 30.0, 65.0, 1),
        ..BASE
    },
];

/// The place of a metric in the list.
pub fn index(number: &str) -> usize {
    METRICS.iter().position(|metric| metric.number == number).expect("the metric is in the list")
}
