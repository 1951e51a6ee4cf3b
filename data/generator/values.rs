//! What each trust would have reported: the values before anything is ranked.
//!
//! A value is a trust's underlying quality, which drifts slowly, plus its strength in the metric,
//! which stays, plus the noise of one collection. So positions persist from quarter to quarter, and
//! some movement is chance, as in life.

use crate::figure::{self, Hundredths};
use crate::metrics::{self, METRICS, Metric, Rule, Shape};
use crate::oddities;
use crate::random::Stream;
use crate::roster::{Kind, Trust};

/// One figure before scoring.
#[derive(Clone, Copy, PartialEq)]
pub enum Value {
    NotReported,
    Suppressed,
    Is(Hundredths),
}

impl Value {
    pub fn get(self) -> Option<Hundredths> {
        match self {
            Value::Is(x) => Some(x),
            _ => None,
        }
    }
}

/// The values of one quarter: by trust, then by metric.
pub type Quarter = Vec<Vec<Value>>;

/// The four quarters.
pub fn draw(trusts: &[Trust]) -> [Quarter; 4] {
    let drawn: Vec<[Vec<Value>; 4]> = trusts.iter().map(of_trust).collect();
    [0, 1, 2, 3].map(|quarter| drawn.iter().map(|quarters| quarters[quarter].clone()).collect())
}

fn of_trust(trust: &Trust) -> [Vec<Value>; 4] {
    let quality = quality(trust);
    let money = Money::draw(trust, &quality);
    let mut quarters: [Vec<Value>; 4] = Default::default();
    for metric in METRICS {
        let mut draw = Stream::of(&format!("value {} {}", trust.code, metric.number));
        let reports = draw.uniform() < reach(trust, metric) && oddities::reports(trust, metric.number);
        let strength = draw.normal();
        let noise = [(); 4].map(|()| draw.normal());
        for (quarter, values) in quarters.iter_mut().enumerate() {
            let collection = metric.collection[quarter];
            let z = 0.50 * quality[collection] + 0.55 * strength + 0.60 * noise[collection];
            values.push(match metric.rule {
                _ if oddities::is_suppressed(trust, metric.number, quarter) => Value::Suppressed,
                Rule::Plan => Value::Is(money.plan),
                Rule::Variance => Value::Is(money.variance[quarter]),
                Rule::Combined => Value::Is(100 * money.combined(quarter)),
                _ if reports => Value::Is(shaped(metric, trust.kind, z)),
                _ => Value::NotReported,
            });
        }
    }
    quarters
}

/// Standard normal in the first quarter, then a slow random walk.
fn quality(trust: &Trust) -> [f64; 4] {
    let mut draw = Stream::of(&format!("quality {}", trust.code));
    let mut level = draw.normal();
    [(); 4].map(|()| {
        let now = level;
        level += 0.14 * draw.normal();
        now
    })
}

fn reach(trust: &Trust, metric: &Metric) -> f64 {
    const NOT_IN_SPECIALIST_HOSPITALS: [&str; 5] = ["005", "013", "014", "041", "057"];
    const MENTAL_HEALTH: [&str; 4] = ["016", "035", "041", "063"];
    if trust.is_specialist() && NOT_IN_SPECIALIST_HOSPITALS.contains(&metric.number) {
        0.0
    } else if oddities::has_few_beds(trust, metric.number) {
        1.0
    } else if trust.subtype == "Community" && MENTAL_HEALTH.contains(&metric.number) {
        0.0
    } else {
        metric.reach[trust.kind as usize]
    }
}

fn shaped(metric: &Metric, kind: Kind, z: f64) -> Hundredths {
    let good = if metric.higher_is_better { z } else { -z };
    match metric.shape {
        Shape::Bell { centre, spread, low, high, step } => {
            let x = (centre[kind as usize] + spread * good).clamp(low, high);
            step * figure::round(x / step as f64)
        }
        Shape::Tail { scale } => figure::round(scale * (libm::exp(1.5 * good) - 1.0).max(0.0)),
        Shape::Bands(shares) => {
            // A good z lies low in the distribution of bands.
            let place = 0.5 * libm::erfc(z / 0.91 * std::f64::consts::FRAC_1_SQRT_2);
            let mut total = 0.0;
            let band = shares.iter().position(|share| {
                total += share;
                place < total
            });
            100 * (1 + band.unwrap_or(3) as i64)
        }
        Shape::Money => unreachable!("finances are drawn together"),
    }
}

/// A trust's finances, as shares of turnover in hundredths of a per cent.
struct Money {
    plan: Hundredths,
    variance: [Hundredths; 4],
}

impl Money {
    fn draw(trust: &Trust, quality: &[f64; 4]) -> Self {
        let mut draw = Stream::of(&format!("money {}", trust.code));
        // Below `breaks_even` a trust plans a deficit: most acute trusts do, few others.
        let (breaks_even, depth) = match trust.kind {
            Kind::Acute => (0.05, 2.6),
            Kind::MentalHealthAndCommunity => (-0.75, 1.4),
            Kind::Ambulance => (-0.45, 1.2),
        };
        let health = 0.35 * quality[0] + 0.9 * draw.normal();
        let plan = if health < breaks_even { depth * (health - breaks_even) } else { (0.9 * (health - 0.7)).max(0.0) };
        let habit = draw.normal();
        let variance = [0, 1, 2, 3].map(|quarter| {
            let z = 0.3 * quality[quarter] + 0.75 * habit + 0.5 * draw.normal();
            // Trusts that break even land on plan exactly; the year end flatters.
            let end_of_year = if quarter == 3 { 0.25 } else { 0.0 };
            if z < -0.35 { 1.3 * (z + 0.35) + end_of_year } else { (0.35 * (z - 0.3)).max(0.0) + end_of_year }
        });
        Self::settle(trust, figure::round(plan), variance.map(figure::round))
    }

    /// Keeps clear of what nobody has seen published: a figure exactly at a band's edge, and the combination of plan
    /// score 2 with variance score 3.
    fn settle(trust: &Trust, plan: Hundredths, variance: [Hundredths; 4]) -> Self {
        let off_the_edge = |x: Hundredths| {
            if [-50, -100, -200].contains(&x) { x - 1 } else { x }
        };
        let plan = off_the_edge(plan);
        let variance =
            variance.map(off_the_edge).map(|x| if plan_band(plan) == 2 && variance_band(x) == 3 { -47 } else { x });
        if oddities::is_supported(trust) {
            return Self { plan: plan.abs().max(7), variance: variance.map(|x| x.abs().max(2)) };
        }
        Self { plan, variance }
    }

    fn combined(&self, quarter: usize) -> i64 {
        combined_band(plan_band(self.plan), variance_band(self.variance[quarter]))
    }
}

pub fn plan_band(x: Hundredths) -> i64 {
    match x {
        0.. => 1,
        -99..0 => 2,
        -199..=-100 => 3,
        _ => 4,
    }
}

pub fn variance_band(x: Hundredths) -> i64 {
    match x {
        0.. => 1,
        -49..0 => 2,
        -100..=-50 => 3,
        _ => 4,
    }
}

/// Plan score down, variance score across.
fn combined_band(plan: i64, variance: i64) -> i64 {
    const TABLE: [[i64; 4]; 4] = [[1, 1, 2, 3], [2, 2, 3, 4], [2, 3, 3, 4], [2, 3, 4, 4]];
    TABLE[plan as usize - 1][variance as usize - 1]
}

/// Whether the trust counts as in deficit: by its plan, by its position so far, or because it is supported.
pub fn in_deficit(trust: &Trust, values: &[Value]) -> bool {
    let negative = |number| values[metrics::index(number)].get().is_some_and(|x| x < 0);
    oddities::is_supported(trust) || negative(metrics::PLAN) || negative(metrics::VARIANCE)
}
