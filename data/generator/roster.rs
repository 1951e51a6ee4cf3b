//! The organisations. Every place, name and code is invented: places are birds, plants and weather with an ending, and
//! none of the codes is in the register of trusts and boards.

use crate::random::Stream;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Acute,
    MentalHealthAndCommunity,
    Ambulance,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Acute, Kind::MentalHealthAndCommunity, Kind::Ambulance];

    pub fn label(self) -> &'static str {
        match self {
            Kind::Acute => "Acute trust",
            Kind::MentalHealthAndCommunity => "Mental health and community trust",
            Kind::Ambulance => "Ambulance trust",
        }
    }

    /// The middle of the official file names.
    pub fn file_name(self) -> &'static str {
        match self {
            Kind::Acute => "acute",
            Kind::MentalHealthAndCommunity => "mental-health-and-community",
            Kind::Ambulance => "ambulance",
        }
    }
}

pub struct Region {
    pub name: &'static str,
    pub code: &'static str,
    /// Two invented integrated care boards: code and name.
    pub boards: [(&'static str, &'static str); 2],
}

#[rustfmt::skip]
pub const REGIONS: [Region; 7] = [
    Region { name: "East", code: "Y61", boards: [("ZI1", "NHS Bitternshire Integrated Care Board"), ("ZI2", "NHS Saffronwold and Reedmace Integrated Care Board")] },
    Region { name: "London", code: "Y56", boards: [("ZI3", "NHS Lamplight Integrated Care Board"), ("ZI4", "NHS Copperbridge and Dovewater Integrated Care Board")] },
    Region { name: "Midlands", code: "Y60", boards: [("ZI5", "NHS Quernshire Integrated Care Board"), ("ZI6", "NHS Lindle, Marrow and Teasel Vale Integrated Care Board")] },
    Region { name: "North East and Yorkshire", code: "Y63", boards: [("ZI7", "NHS Larkmoor Integrated Care Board"), ("ZI8", "NHS Curlewshire and Snipeholm Integrated Care Board")] },
    Region { name: "North West", code: "Y62", boards: [("ZI9", "NHS Silverbeck and Rainmere Integrated Care Board"), ("ZJ1", "NHS Thistlemere Integrated Care Board")] },
    Region { name: "South East", code: "Y59", boards: [("ZJ2", "NHS Plumhaven Integrated Care Board"), ("ZJ3", "NHS Orchidale and Cowslipshire Integrated Care Board")] },
    Region { name: "South West", code: "Y58", boards: [("ZJ4", "NHS Kestrelmouth Integrated Care Board"), ("ZJ5", "NHS Gorsehaven and the Wrensey Isles Integrated Care Board")] },
];

pub struct Trust {
    pub code: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    pub subtype: &'static str,
    pub region: &'static Region,
    /// Which of the region's two boards.
    pub board: usize,
    /// Staff, full-time equivalents: the size that counts and denominators follow.
    pub staff: f64,
}

impl Trust {
    pub fn is_specialist(&self) -> bool {
        self.subtype == "Acute - Specialist"
    }
}

const LARGE: &str = "Acute - Large";
const MEDIUM: &str = "Acute - Medium";
const SMALL: &str = "Acute - Small";
const TEACHING: &str = "Acute - Teaching";
const SPECIALIST: &str = "Acute - Specialist";
const MULTI: &str = "Acute - Multi-Service";
const MENTAL: &str = "Mental Health and Learning Disability";
const COMMUNITY: &str = "Community";
const CARE: &str = "Care Trust";
const AMBULANCE: &str = "Ambulance";

const EAST: usize = 0;
const LONDON: usize = 1;
const MIDLANDS: usize = 2;
const NORTH_EAST: usize = 3;
const NORTH_WEST: usize = 4;
const SOUTH_EAST: usize = 5;
const SOUTH_WEST: usize = 6;

/// Code, name, subtype and region. The codes of each type are in order, as the official files list them.
#[rustfmt::skip]
const ROSTER: [(&str, &str, &str, usize); 66] = [
    ("ZA1", "Ashenmere Hospitals NHS Foundation Trust", LARGE, MIDLANDS),
    ("ZA2", "Applemarch and Quincebury Hospitals NHS Trust", MEDIUM, SOUTH_EAST),
    ("ZA3", "Bitternfold Hospitals NHS Foundation Trust", MEDIUM, EAST),
    ("ZA4", "Brackenholt General Hospital NHS Trust", SMALL, NORTH_EAST),
    ("ZA5", "Bramblecliff Hospitals NHS Foundation Trust", LARGE, SOUTH_WEST),
    ("ZA6", "Clovermouth University Hospitals NHS Foundation Trust", TEACHING, SOUTH_WEST),
    ("ZA7", "Copperbridge Hospitals NHS Trust", TEACHING, LONDON),
    ("ZA8", "Curlewshaw and Snipeholm NHS Foundation Trust", LARGE, NORTH_EAST),
    ("ZA9", "Dapplewick Hospital NHS Foundation Trust", SMALL, NORTH_WEST),
    ("ZB1", "Dovewater and Lamplight University Hospitals NHS Foundation Trust", TEACHING, LONDON),
    ("ZB2", "Dunlinmere Hospitals NHS Trust", MEDIUM, EAST),
    ("ZB3", "Eldermarsh Hospitals NHS Trust", MEDIUM, MIDLANDS),
    ("ZB4", "Elvermouth Hospital NHS Foundation Trust", SMALL, SOUTH_WEST),
    ("ZB5", "Emberlow University Hospitals NHS Trust", TEACHING, NORTH_WEST),
    ("ZB6", "Fallowmere Hospitals NHS Foundation Trust", LARGE, SOUTH_EAST),
    ("ZB7", "Fernhallow and Goldfinch Hospitals NHS Trust", MEDIUM, NORTH_EAST),
    ("ZB8", "Foxglove Vale Hospital NHS Foundation Trust", SMALL, MIDLANDS),
    ("ZB9", "Gorsehaven Hospitals NHS Trust", MULTI, SOUTH_WEST),
    ("ZC1", "Hazelmouth University Hospitals NHS Foundation Trust", TEACHING, NORTH_EAST),
    ("ZC2", "Wrensey Isles NHS Trust", MULTI, SOUTH_WEST),
    ("ZC3", "Juniper Reach Hospitals NHS Foundation Trust", MEDIUM, SOUTH_EAST),
    ("ZC4", "Kestrelmouth Hospitals NHS Trust", LARGE, SOUTH_EAST),
    ("ZC5", "Kingcupdale Hospital NHS Foundation Trust", SMALL, NORTH_WEST),
    ("ZC6", "Lapwinghurst Hospitals NHS Trust", MEDIUM, EAST),
    ("ZC7", "Larchminster Hospital NHS Trust", SMALL, EAST),
    ("ZC8", "Larkmoor University Hospitals NHS Foundation Trust", TEACHING, NORTH_EAST),
    ("ZC9", "Lindle, Marrow and Teasel Vale Hospitals NHS Foundation Trust", LARGE, MIDLANDS),
    ("ZD1", "Mallowbridge Hospitals NHS Trust", MEDIUM, LONDON),
    ("ZD2", "Nightjar Valley Hospitals NHS Foundation Trust", MULTI, NORTH_WEST),
    ("ZD3", "Oakenshade University Hospitals NHS Trust", TEACHING, MIDLANDS),
    ("ZD4", "Pimpernel Eye and Ear Hospital NHS Foundation Trust", SPECIALIST, LONDON),
    ("ZD5", "Plumhaven Orthopaedic Hospital NHS Foundation Trust", SPECIALIST, SOUTH_EAST),
    ("ZD6", "Quernbridge Hospitals NHS Trust", LARGE, MIDLANDS),
    ("ZD7", "Rainmere Children's Hospital NHS Foundation Trust", SPECIALIST, NORTH_WEST),
    ("ZD8", "Saffronwold University Hospitals NHS Foundation Trust", TEACHING, EAST),
    ("ZD9", "Silverbeck Hospitals NHS Trust", LARGE, NORTH_WEST),
    ("ZM1", "Ashenmere and Quernbridge Partnership NHS Foundation Trust", MENTAL, MIDLANDS),
    ("ZM2", "Bitternshire Community Health NHS Trust", COMMUNITY, EAST),
    ("ZM3", "Bramblecliff Mental Health NHS Foundation Trust", MENTAL, SOUTH_WEST),
    ("ZM4", "Copperbridge and Mallowbridge Partnership NHS Trust", MENTAL, LONDON),
    ("ZM5", "Cowslipshire Community Healthcare NHS Trust", COMMUNITY, SOUTH_EAST),
    ("ZM6", "Curlewshire Partnership NHS Foundation Trust", MENTAL, NORTH_EAST),
    ("ZM7", "Eldermarsh Care NHS Trust", CARE, MIDLANDS),
    ("ZM8", "Emberlow Mental Health NHS Foundation Trust", MENTAL, NORTH_WEST),
    ("ZM9", "Fallowmere and Plumhaven Partnership NHS Foundation Trust", MENTAL, SOUTH_EAST),
    ("ZN1", "Foxglove Vale Community Health NHS Trust", COMMUNITY, MIDLANDS),
    ("ZN2", "Gorsehaven Partnership NHS Foundation Trust", MENTAL, SOUTH_WEST),
    ("ZN3", "Hazelmouth, Fernhallow and Larkmoor Mental Health NHS Trust", MENTAL, NORTH_EAST),
    ("ZN4", "Kingcupdale Community NHS Foundation Trust", COMMUNITY, NORTH_WEST),
    ("ZN5", "Lamplight Partnership NHS Foundation Trust", MENTAL, LONDON),
    ("ZN6", "Lapwinghurst Mental Health NHS Foundation Trust", MENTAL, EAST),
    ("ZN7", "Larkmoor Community Health NHS Trust", COMMUNITY, NORTH_EAST),
    ("ZN8", "Orchidale Partnership NHS Foundation Trust", MENTAL, SOUTH_EAST),
    ("ZN9", "Saffronwold and Reedmace Care NHS Foundation Trust", CARE, EAST),
    ("ZP1", "Silverbeck and Thistlemere Partnership NHS Trust", MENTAL, NORTH_WEST),
    ("ZP2", "Teasel Vale Mental Health NHS Foundation Trust", MENTAL, MIDLANDS),
    ("ZP3", "Dovewater Community Healthcare NHS Trust", COMMUNITY, LONDON),
    ("ZP4K2", "Kestrelmouth and Clovermouth Partnership NHS Foundation Trust", MENTAL, SOUTH_WEST),
    ("ZX1", "Bittern and Reedmace Ambulance Service NHS Trust", AMBULANCE, EAST),
    ("ZX2", "Lamplight Ambulance Service NHS Trust", AMBULANCE, LONDON),
    ("ZX3", "Quernshire Ambulance Service NHS Trust", AMBULANCE, MIDLANDS),
    ("ZX4", "Teasel Vale Ambulance Service NHS Foundation Trust", AMBULANCE, MIDLANDS),
    ("ZX5", "Curlew Coast Ambulance Service NHS Foundation Trust", AMBULANCE, NORTH_EAST),
    ("ZX6", "Rainmere Ambulance Service NHS Trust", AMBULANCE, NORTH_WEST),
    ("ZX7", "Orchidale Ambulance Service NHS Foundation Trust", AMBULANCE, SOUTH_EAST),
    ("ZX8", "Gorse and Bramble Ambulance Service NHS Foundation Trust", AMBULANCE, SOUTH_WEST),
];

/// Every trust with a record, by type and then by code.
pub fn trusts() -> Vec<Trust> {
    let mut draw = Stream::of("size");
    let mut seen = [0usize; REGIONS.len()];
    ROSTER
        .iter()
        .map(|&(code, name, subtype, region)| {
            seen[region] += 1;
            let (kind, typical_staff) = nature(subtype);
            Trust {
                code,
                name,
                kind,
                subtype,
                region: &REGIONS[region],
                board: seen[region] % 2,
                staff: typical_staff * libm::exp(0.18 * draw.normal()),
            }
        })
        .collect()
}

fn nature(subtype: &str) -> (Kind, f64) {
    match subtype {
        TEACHING => (Kind::Acute, 10_500.0),
        LARGE => (Kind::Acute, 7_800.0),
        MULTI => (Kind::Acute, 5_200.0),
        MEDIUM => (Kind::Acute, 4_900.0),
        SMALL => (Kind::Acute, 3_200.0),
        SPECIALIST => (Kind::Acute, 1_900.0),
        AMBULANCE => (Kind::Ambulance, 4_300.0),
        COMMUNITY => (Kind::MentalHealthAndCommunity, 2_600.0),
        _ => (Kind::MentalHealthAndCommunity, 4_400.0),
    }
}
