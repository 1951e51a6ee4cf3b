//! What all files of counts share: who reports, at what level, and how a total is divided into whole parts.

use crate::calendar::Month;
use crate::figure;
use crate::metrics;
use crate::oddities;
use crate::reference::{self, Merger};
use crate::roster::{Kind, REGIONS, Region, Trust};
use crate::values::Quarter;

/// The last months of the four quarters, which the oversight figures of most counted metrics are of.
pub const QUARTER_ENDS: [Month; 4] = [Month::of(2025, 6), Month::of(2025, 9), Month::of(2025, 12), Month::of(2026, 3)];

/// The country: the trusts with their oversight figures, those that merged into them, and other providers.
pub struct Country<'a> {
    quarters: &'a [Quarter; 4],
    pub reporters: Vec<Reporter<'a>>,
}

/// An organisation that sends figures.
pub struct Reporter<'a> {
    pub code: &'static str,
    pub name: String,
    pub region: &'static Region,
    pub board: (&'static str, &'static str),
    /// The trust, or the one that it merged into; none for other providers.
    pub trust: Option<&'a Trust>,
    place: Option<usize>,
    /// Its size in staff, without what it absorbed later.
    staff: f64,
    first: Option<Month>,
    last: Option<Month>,
    absorbs: Option<(Month, f64)>,
}

/// Providers that are no trusts: code, name, region, size in staff of a trust with as much of the same work.
#[rustfmt::skip]
const OTHERS: [(&str, &str, usize, f64); 4] = [
    ("ZT1", "Goldfinch Walk-In Centre", 3, 2_900.0),
    ("ZT2", "Reedmace Urgent Treatment Centre", 0, 4_100.0),
    ("ZT3", "Cowslip Eye Clinics Limited", 5, 900.0),
    ("ZT4", "Marrow Imaging Limited", 2, 1_500.0),
];
pub const WALK_IN_CENTRES: [&str; 2] = ["ZT1", "ZT2"];
pub const EYE_CLINICS: &str = "ZT3";
pub const IMAGING: &str = "ZT4";

impl<'a> Country<'a> {
    pub fn new(trusts: &'a [Trust], quarters: &'a [Quarter; 4]) -> Self {
        let mut reporters: Vec<Reporter> = trusts.iter().enumerate().map(open_trust).collect();
        reporters.extend(reference::mergers_since(Month::of(2023, 4)).map(|merger| predecessor(trusts, merger)));
        reporters.extend(OTHERS.map(other_provider));
        reporters.sort_by_key(|reporter| reporter.code);
        Self { quarters, reporters }
    }

    /// Those of which `wanted` holds.
    pub fn those(&self, wanted: impl Fn(&Reporter<'a>) -> bool) -> impl Iterator<Item = &Reporter<'a>> {
        self.reporters.iter().filter(move |reporter| wanted(reporter))
    }

    /// The oversight figures of a metric as a path through the months that they are of, if all four were published.
    pub fn path(&self, reporter: &Reporter, metric: &str, months: [Month; 4], unit: f64) -> Option<Path> {
        let place = reporter.place?;
        let mut anchors = Vec::new();
        for (quarter, month) in self.quarters.iter().zip(months) {
            anchors.push((month, unit * figure::real(quarter[place][metrics::index(metric)].get()?)));
        }
        Some(Path { anchors })
    }
}

fn open_trust<'a>((place, trust): (usize, &'a Trust)) -> Reporter<'a> {
    let merger = reference::mergers_since(Month::of(2023, 4)).find(|merger| merger.new_code == trust.code);
    let (first, absorbs) = match merger {
        // A code of five characters came into being at its merger.
        Some(merger) if merger.makes_a_new_code() => (Some(merger.month()), None),
        Some(merger) => (None, Some((merger.month(), merger.share()))),
        None => (None, None),
    };
    Reporter {
        code: trust.code,
        name: trust.name.to_uppercase(),
        region: trust.region,
        board: trust.region.boards[trust.board],
        trust: Some(trust),
        place: Some(place),
        staff: trust.staff,
        first,
        last: (!oddities::is_in_league_table(trust)).then_some(oddities::LAST_MONTH),
        absorbs,
    }
}

fn predecessor<'a>(trusts: &'a [Trust], merger: &'static Merger) -> Reporter<'a> {
    let place = trusts.iter().position(|trust| trust.code == merger.new_code).expect("a merger leads to a trust");
    let successor = &trusts[place];
    Reporter {
        code: merger.old_code,
        name: merger.old_name.to_uppercase(),
        region: successor.region,
        board: successor.region.boards[successor.board],
        trust: Some(successor),
        place: Some(place),
        staff: merger.share() * successor.staff,
        first: None,
        last: Some(merger.month().after(-1)),
        absorbs: None,
    }
}

fn other_provider<'a>((code, name, region, staff): (&'static str, &'static str, usize, f64)) -> Reporter<'a> {
    Reporter {
        code,
        name: name.to_uppercase(),
        region: &REGIONS[region],
        board: REGIONS[region].boards[0],
        trust: None,
        place: None,
        staff,
        first: None,
        last: None,
        absorbs: None,
    }
}

impl Reporter<'_> {
    pub fn is_trust(&self) -> bool {
        self.trust.is_some()
    }

    pub fn is(&self, kind: Kind) -> bool {
        self.trust.is_some_and(|trust| trust.kind == kind)
    }

    /// An acute trust that is not a specialist hospital.
    pub fn is_general(&self) -> bool {
        self.is(Kind::Acute) && self.trust.is_some_and(|trust| !trust.is_specialist())
    }

    /// Whether the organisation stood under its code in a month.
    pub fn stands(&self, month: Month) -> bool {
        self.first.is_none_or(|first| month >= first) && self.last.is_none_or(|last| month <= last)
    }

    /// Its size in a month: a trust that absorbed another was smaller before.
    pub fn size(&self, month: Month) -> f64 {
        match self.absorbs {
            Some((merger, share)) if month < merger => self.staff * (1.0 - share),
            _ => self.staff,
        }
    }

    /// As files of counts write regions; the oversight files shorten one of them.
    pub fn region_name(&self) -> &'static str {
        if self.region.name == "East" { "East of England" } else { self.region.name }
    }
}

/// A level that passes through given figures, and was better or worse before the first.
pub struct Path {
    anchors: Vec<(Month, f64)>,
}

impl Path {
    /// The level of a month. `earlier` is how much higher it was two years before the first figure, as a share of it.
    pub fn at(&self, month: Month, earlier: f64) -> f64 {
        let (first, last) = (self.anchors[0], self.anchors[self.anchors.len() - 1]);
        if month <= first.0 {
            return first.1 * (1.0 + earlier * f64::from(first.0.since(month)) / 24.0);
        }
        let pair = self.anchors.windows(2).find(|pair| month <= pair[1].0);
        pair.map_or(last.1, |pair| {
            let way = f64::from(month.since(pair[0].0)) / f64::from(pair[1].0.since(pair[0].0));
            pair[0].1 + way * (pair[1].1 - pair[0].1)
        })
    }

    /// Whether the month is one that a figure was published for, so that nothing may be added to its level.
    pub fn is_given(&self, month: Month) -> bool {
        self.anchors.iter().any(|anchor| anchor.0 == month)
    }
}

/// A number of people.
pub fn people(x: f64) -> i64 {
    libm::round(x.max(0.0)) as i64
}

/// Divides a total into whole parts in the proportion of `room`, none larger than its room. The total must fit.
pub fn apportion(total: i64, room: &[i64]) -> Vec<i64> {
    let whole: i64 = room.iter().sum();
    let mut parts: Vec<i64> = room
        .iter()
        .map(|room| if whole == 0 { 0 } else { (i128::from(total) * i128::from(*room) / i128::from(whole)) as i64 })
        .collect();
    let mut left = total - parts.iter().sum::<i64>();
    for (part, room) in parts.iter_mut().zip(room) {
        let more = left.min(room - *part);
        *part += more;
        left -= more;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_have_room() {
        assert_eq!(apportion(10, &[5, 5, 5]), [4, 3, 3]);
        assert_eq!(apportion(15, &[5, 5, 5]), [5, 5, 5]);
        assert_eq!(apportion(7, &[1, 0, 9]), [1, 0, 6]);
        assert_eq!(apportion(0, &[0, 0]), [0, 0]);
    }

    #[test]
    fn a_path_passes_through_its_figures() {
        let path = Path { anchors: vec![(Month::of(2025, 6), 0.8), (Month::of(2025, 9), 0.5)] };
        assert_eq!(
            [6, 7, 9, 12].map(|month| libm::round(path.at(Month::of(2025, month), 0.1) * 100.0)),
            [80.0, 70.0, 50.0, 50.0]
        );
        assert_eq!(path.at(Month::of(2023, 6), 0.1), 0.8 * 1.1);
        assert!(path.is_given(Month::of(2025, 9)) && !path.is_given(Month::of(2025, 8)));
    }
}
