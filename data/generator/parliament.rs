//! Questions in a parliament about the fictional trusts, and the trusts that serve its constituencies.

use std::path::Path;

use crate::writer::{self, Failure, Style};

const HEADER: [&str; 17] = [
    "uin",
    "house",
    "kind",
    "asked_on",
    "due_on",
    "member",
    "constituency",
    "minister",
    "question",
    "topic",
    "organisations",
    "metrics",
    "periods",
    "answer_form",
    "status",
    "answered_on",
    "answer",
];

struct Question {
    uin: &'static str,
    kind: &'static str,
    constituency: &'static str,
    /// Without the words that open every question of its house.
    words: &'static str,
    topic: &'static str,
    periods: &'static str,
    answer_form: &'static str,
    /// The day on which it was answered, and how.
    answered: Option<(&'static str, &'static str)>,
}

/// The answer of 990001 is what the first file of October 2025 gave; a revision has changed it since.
#[rustfmt::skip]
const QUESTIONS: [Question; 15] = [
    Question { uin: "990001", kind: "ordinary", constituency: "Quernbridge", topic: "accident and emergency", words: "what proportion of attendances at type 1 accident and emergency departments at Quernbridge Hospitals NHS Trust met the four-hour standard in October 2025.", periods: "October 2025", answered: Some(("2025-12-01", "In October 2025, 72.5% of attendances at type 1 accident and emergency departments at Quernbridge Hospitals NHS Trust ended in admission, transfer or discharge within four hours.")), ..NONE },
    Question { uin: "990002", kind: "named day", constituency: "Quernbridge", topic: "accident and emergency", words: "how the proportion of attendances at type 1 accident and emergency departments at Quernbridge Hospitals NHS Trust that met the four-hour standard changed between May 2025 and May 2026.", ..NONE },
    Question { uin: "990003", kind: "ordinary", constituency: "Ashenmere", topic: "waiting times", words: "what proportion of patients had been waiting 18 weeks or less for treatment at Ashenmere Hospitals NHS Foundation Trust in the latest month for which figures are available.", ..NONE },
    Question { uin: "990004", kind: "ordinary", constituency: "Juniper Reach", topic: "productivity", words: "by how much productivity has increased at Juniper Reach Hospitals NHS Foundation Trust; and whether that increase has been sustained.", ..NONE },
    Question { uin: "990005", kind: "ordinary", constituency: "Clovermouth", topic: "league tables", words: "how many NHS trusts are in each segment of the NHS Oversight Framework; and how many are held in a worse segment by the financial override.", ..NONE },
    Question { uin: "990006", kind: "ordinary", constituency: "Bramblecliff", topic: "league tables", words: "what the position of Bramblecliff Hospitals NHS Foundation Trust was in the league tables of the NHS Oversight Framework in Q4 2025/26.", ..NONE },
    Question { uin: "HL9907", kind: "ordinary", topic: "waiting times", words: "what assessment they have made of equality of access across NHS trusts to treatment within 18 weeks.", ..NONE },
    Question { uin: "990008", kind: "ordinary", constituency: "Lamplight", topic: "integrated care boards", words: "what the running costs of NHS Lamplight Integrated Care Board were in 2025/26.", ..NONE },
    Question { uin: "990009", kind: "ordinary", constituency: "Lamplight", topic: "integrated care boards", words: "where each integrated care board was ranked in the league tables of the NHS Oversight Framework in 2025/26.", ..NONE },
    Question { uin: "990010", kind: "ordinary", constituency: "Kestrelmouth", topic: "cancer", words: "how many patients at Kestrelmouth Hospitals NHS Trust began treatment for cancer within 62 days of referral, by age group, in March 2026.", ..NONE },
    Question { uin: "990011", kind: "ordinary", constituency: "Teasel Vale", topic: "workforce", words: "how many full-time equivalent staff were employed at Teasel Vale Hospital NHS Trust in April 2025.", ..NONE },
    Question { uin: "990012", kind: "ordinary", constituency: "Foxglove Vale", topic: "beds", words: "how many letters were received on bed occupancy at Foxglove Vale Hospital NHS Foundation Trust since 2015.", answer_form: "disproportionate cost", ..NONE },
    Question { uin: "990013", kind: "ordinary", constituency: "Larkmoor", topic: "dentistry", words: "what plans there are to reform the contract for general dental services.", ..NONE },
    Question { uin: "990014", kind: "oral", constituency: "Juniper Reach", topic: "productivity", words: "What steps are being taken to improve productivity in the health service; my local trust, Juniper Reach, has managed to increase productivity by over 11%.", ..NONE },
    Question { uin: "990015", kind: "topical", constituency: "Ashenmere", topic: "accident and emergency", words: "If a statement will be made on accident and emergency waiting times at the trusts in my constituency.", ..NONE },
];

const NONE: Question = Question {
    uin: "",
    kind: "",
    constituency: "",
    words: "",
    topic: "",
    periods: "",
    answer_form: "",
    answered: None,
};

/// Constituency, code of the trust, and why it is listed.
#[rustfmt::skip]
const SERVED: [(&str, &str, &str); 10] = [
    ("Ashenmere", "ZA1", "main acute provider"),
    ("Ashenmere", "ZM1", "mental health provider"),
    ("Bramblecliff", "ZA5", "main acute provider"),
    ("Bramblecliff", "ZM3", "mental health provider"),
    ("Clovermouth", "ZA6", "main acute provider"),
    ("Juniper Reach", "ZC3", "main acute provider"),
    ("Juniper Reach", "ZM9", "mental health provider"),
    ("Kestrelmouth", "ZC4", "main acute provider"),
    ("Quernbridge", "ZD6", "main acute provider"),
    ("Quernbridge", "ZM1", "mental health provider"),
];

pub fn write(folder: &Path) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = QUESTIONS.iter().map(row).collect();
    writer::write(&folder.join("questions.csv"), Style::Plain, &HEADER, &rows)?;
    let served = SERVED.iter().map(|(place, code, why)| {
        [place, code, why, &"invented for the demonstration"].map(|word| word.to_string()).to_vec()
    });
    let header = ["constituency", "trust_code", "relation", "source"];
    writer::write(&folder.join("constituency_trusts.csv"), Style::Plain, &header, &served.collect::<Vec<_>>())
}

fn row(question: &Question) -> Vec<String> {
    let is_lords = question.uin.starts_with("HL");
    let is_oral = matches!(question.kind, "oral" | "topical");
    let words = match (is_lords, is_oral) {
        (_, true) => question.words.to_string(),
        (true, _) => format!("To ask the Government {}", question.words),
        _ => format!("To ask the Minister for Health, {}", question.words),
    };
    let (asked, due) = match (question.answered, question.kind, is_lords) {
        (Some((day, _)), ..) => ("2025-11-24", day),
        (_, "named day", _) => ("2026-06-17", "2026-06-22"),
        (_, "oral" | "topical", _) => ("2026-06-10", "2026-06-30"),
        (_, _, true) => ("2026-06-15", "2026-06-29"),
        _ => ("2026-06-17", "2026-06-24"),
    };
    let (answered_on, answer) = question.answered.unwrap_or_default();
    let status = if question.answered.is_some() { "cleared" } else { "" };
    let house = if is_lords { "Lords" } else { "Commons" };
    let member = if is_lords { "A peer" } else { "A member" };
    [
        question.uin,
        house,
        question.kind,
        asked,
        due,
        member,
        question.constituency,
        "",
        &words,
        question.topic,
        "",
        "",
        question.periods,
        question.answer_form,
        status,
        answered_on,
        answer,
    ]
    .map(str::to_string)
    .to_vec()
}
