//! Productivity of acute trusts: growth in activity over growth in resource, and the growth in staff that a careful reader
//! sets beside it.

use std::path::Path;

use crate::figure::text;
use crate::metrics::{self, PRODUCTIVITY};
use crate::oddities::HIGH_PRODUCTIVITY;
use crate::random::Stream;
use crate::reference;
use crate::roster::{Kind, Trust};
use crate::scoring::Results;
use crate::writer::{self, Failure, Style};

struct Growth {
    activity: f64,
    resource: f64,
    staff: f64,
}

impl Growth {
    fn draw(trust: &Trust) -> Self {
        let mut draw = Stream::of(&format!("productivity {}", trust.code));
        let resource = 0.026 + 0.024 * draw.normal();
        let activity = 0.026 + 0.35 * resource + 0.020 + 0.030 * draw.normal();
        let staff = 0.008 + 0.75 * resource + 0.022 * draw.normal();
        if trust.code == HIGH_PRODUCTIVITY {
            // More activity for less money with more staff: three published figures that do not sit easily together.
            return Self {
                activity: 0.079 + 0.1 * activity,
                resource: -0.036 + 0.1 * resource,
                staff: 0.068 + 0.1 * staff,
            };
        }
        Self { activity, resource, staff }
    }

    fn productivity(&self) -> f64 {
        (1.0 + self.activity) / (1.0 + self.resource) - 1.0
    }
}

/// The published growth of 2024/25 and the figure of the third quarter of 2025/26, then the comparison with staff.
pub fn write(folder: &Path, trusts: &[Trust], third_quarter: &Results) -> Result<(), Failure> {
    let measured = || {
        trusts.iter().zip(&third_quarter.scored).filter(|(trust, _)| trust.kind == Kind::Acute).filter_map(
            |(trust, scored)| {
                let next = scored[metrics::index(PRODUCTIVITY)].value.get()?;
                Some((trust, Growth::draw(trust), next))
            },
        )
    };
    let published: Vec<Vec<String>> = measured()
        .map(|(trust, growth, next)| {
            let mut fields = vec![trust.code.to_owned(), trust.name.to_uppercase()];
            fields.extend([trust.region.name, trust.kind.label(), trust.subtype].map(String::from));
            fields.extend([growth.activity, growth.resource, growth.productivity()].map(|x| x.to_string()));
            fields.push(text(next));
            fields
        })
        .collect();
    let header = [
        "org_code",
        "org_name",
        "region",
        "trust_type",
        "trust_subtype",
        "cost_weighted_activity_growth_2024_25",
        "real_terms_resource_growth_2024_25",
        "productivity_growth_estimate_2024_25",
        "of0085_productivity_growth_pct_q3_2025_26",
    ];
    writer::write(&folder.join("acute_trust_productivity.csv"), Style::Plain, &header, &published)?;

    let compared: Vec<Vec<String>> = measured().map(|(trust, growth, _)| triangulation_row(trust, &growth)).collect();
    let header = [
        "org_code",
        "org_name",
        "cost_weighted_activity_growth_2024_25",
        "real_terms_resource_growth_2024_25",
        "productivity_growth_estimate_2024_25",
        "fte_mean_2023_24",
        "fte_mean_2024_25",
        "fte_growth_2024_25",
        "cwa_per_fte_growth",
        "fte_minus_resource_growth",
        "code_merged_in_window",
    ];
    writer::write(&folder.join("triangulation_fte_2024_25.csv"), Style::Plain, &header, &compared)
}

/// Mean staff of 2023/24 and of 2024/25, in hundredths.
pub fn staff_means(trust: &Trust) -> (i64, i64) {
    let cents = |x: f64| libm::round(x * 100.0) as i64;
    // A trust that absorbed another has its staff from the day it did.
    let merged = reference::absorbed_in_2024_25(trust.code);
    let before = cents(if merged { 0.9 * trust.staff } else { trust.staff });
    (before, cents(trust.staff * (1.0 + Growth::draw(trust).staff)))
}

fn triangulation_row(trust: &Trust, growth: &Growth) -> Vec<String> {
    let merged = reference::absorbed_in_2024_25(trust.code);
    let (before, after) = staff_means(trust);
    let [before, after] = [before, after].map(|cents| cents as f64 / 100.0);
    let staff = after / before - 1.0;
    let mut fields = vec![trust.code.to_owned(), trust.name.to_uppercase()];
    fields.extend([growth.activity, growth.resource, growth.productivity()].map(|x| x.to_string()));
    fields.extend([before, after].map(|x| x.to_string()));
    fields
        .extend([staff, (1.0 + growth.activity) / (1.0 + staff) - 1.0, staff - growth.resource].map(|x| x.to_string()));
    fields.push(if merged { "True" } else { "False" }.to_owned());
    fields
}
