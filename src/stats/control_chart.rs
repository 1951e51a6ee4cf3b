//! XmR control charts with the rules of the *Making Data Count* programme.
//!
//! Limits are mean +- 2.66 times the mean moving range (exactly 2.66, as the programme teaches). Checked against the R
//! package NHSRplotthedots. A chart needs about 12 points to start and 20 to settle; it is not for strongly seasonal
//! data.

use super::error::{self, Result, StatsError};

/// How a chart is drawn up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartOptions {
    /// Whether moving ranges of 3.267 times their mean or more are left out and the mean taken again, once.
    pub screen: bool,
    /// Take the mean and limits of each group from its first so many points; all points if none.
    pub baseline: Option<usize>,
    /// Points on one side of the mean that make a shift.
    pub shift: usize,
    /// Points rising or falling that make a trend.
    pub trend: usize,
}

impl Default for ChartOptions {
    fn default() -> Self {
        Self { screen: true, baseline: None, shift: 7, trend: 7 }
    }
}

/// What a point shows, by the first rule that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Nothing out of the ordinary.
    CommonCause,
    /// Above the upper limit.
    AboveLimit,
    /// Below the lower limit.
    BelowLimit,
    /// Part of a run of points each above the last.
    Rising,
    /// Part of a run of points each below the last.
    Falling,
    /// Beyond the upper near limit, as are two of three points in a row all above the mean.
    TwoInThreeAbove,
    /// Beyond the lower near limit, as are two of three points in a row all below the mean.
    TwoInThreeBelow,
    /// Part of a run above the mean.
    ShiftAbove,
    /// Part of a run below the mean.
    ShiftBelow,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// An increase is an improvement.
    Increase,
    /// A decrease is an improvement.
    Decrease,
    /// Neither is.
    Neutral,
}

/// A signal read in the light of which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    /// Nothing out of the ordinary.
    CommonCause,
    /// A signal in the better direction.
    Improvement,
    /// A signal in the worse direction.
    Concern,
    /// A signal upwards where neither direction is better.
    NeutralHigh,
    /// A signal downwards where neither direction is better.
    NeutralLow,
}

/// What the limits promise about a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// The target lies beyond the limits on the easy side: it will be met every time unless something changes.
    Passes,
    /// The target lies beyond the limits on the hard side: it will be missed every time.
    Fails,
    /// The target lies within the limits: chance decides.
    HitAndMiss,
}

impl Signal {
    /// The signal read in the light of which way is better.
    pub fn variation(self, direction: Direction) -> Variation {
        use Signal::{AboveLimit, CommonCause, Rising, ShiftAbove, TwoInThreeAbove};
        let up = matches!(self, AboveLimit | Rising | ShiftAbove | TwoInThreeAbove);
        match (self, direction, up) {
            (CommonCause, _, _) => Variation::CommonCause,
            (_, Direction::Neutral, true) => Variation::NeutralHigh,
            (_, Direction::Neutral, false) => Variation::NeutralLow,
            (_, Direction::Increase, true) | (_, Direction::Decrease, false) => Variation::Improvement,
            _ => Variation::Concern,
        }
    }
}

/// One point of a chart, in the units of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChartPoint {
    /// The value.
    pub value: f64,
    /// Number of the group, from 0: a rebase starts a new one.
    pub group: usize,
    /// Mean of the group.
    pub mean: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Mean moving range used (after screening), over 1.128 the standard deviation of one period's value.
    pub moving_range: f64,
    /// Whether it lies outside the limits.
    pub outside: bool,
    /// Whether it lies between a near limit (two thirds of the way) and the limit.
    pub near: bool,
    /// -1 below the mean, 0 on it, 1 above.
    pub side: i8,
    /// What it shows.
    pub signal: Signal,
}

impl ChartPoint {
    /// Standard deviation of one period's value about the underlying level: the moving range over 1.128.
    pub fn process_sigma(&self) -> f64 {
        self.moving_range / 1.128
    }

    /// What the limits promise about a target; nothing if neither direction is better.
    pub fn assurance(&self, target: f64, direction: Direction) -> Option<Assurance> {
        let (above, below) = (target > self.upper, target < self.lower);
        match (direction, above, below) {
            (Direction::Neutral, _, _) => None,
            (Direction::Increase, true, _) | (Direction::Decrease, _, true) => Some(Assurance::Fails),
            (Direction::Increase, _, true) | (Direction::Decrease, true, _) => Some(Assurance::Passes),
            _ => Some(Assurance::HitAndMiss),
        }
    }
}

/// A chart of values in order of time. `rebase` lists the positions (from 0) at which a new group, with limits and
/// rules of its own, starts; in order, position 0 being understood.
///
/// Errors: a value that is not finite, a group or baseline of fewer than 2 points, a rebase that is out of order or
/// beyond the end, a shift or trend of fewer than 2 points.
pub fn xmr_chart(values: &[f64], rebase: &[usize], options: &ChartOptions) -> Result<Vec<ChartPoint>> {
    error::all_finite("values", values)?;
    error::require("shift", options.shift as f64, options.shift >= 2, "at least 2")?;
    error::require("trend", options.trend as f64, options.trend >= 2, "at least 2")?;
    if let Some(baseline) = options.baseline {
        error::require("baseline", baseline as f64, baseline >= 2, "at least 2")?;
    }
    let mut starts = vec![0];
    for &start in rebase.iter().filter(|&&start| start != 0) {
        let fits = start < values.len() && starts.last().is_some_and(|&last| last < start);
        error::require("rebase", start as f64, fits, "in order and within the series")?;
        starts.push(start);
    }
    let mut points = Vec::with_capacity(values.len());
    for (group, &start) in starts.iter().enumerate() {
        let end = starts.get(group + 1).copied().unwrap_or(values.len());
        points.extend(chart_group(&values[start..end], group, options)?);
    }
    Ok(points)
}

fn chart_group(values: &[f64], group: usize, options: &ChartOptions) -> Result<Vec<ChartPoint>> {
    error::at_least("values", values.len(), 2)?;
    let base = &values[..options.baseline.unwrap_or(values.len()).min(values.len())];
    let mean = base.iter().sum::<f64>() / base.len() as f64;
    let moving_range = mean_moving_range(base, options.screen);
    let reach = 2.66 * moving_range;
    let point = |&value: &f64| {
        let outside = value > mean + reach || value < mean - reach;
        let near = !outside && (value > mean + reach * 2.0 / 3.0 || value < mean - reach * 2.0 / 3.0);
        let side = i8::from(value > mean) - i8::from(value < mean);
        let (lower, upper) = (mean - reach, mean + reach);
        let signal = Signal::CommonCause;
        ChartPoint { value, group, mean, lower, upper, moving_range, outside, near, side, signal }
    };
    let mut points: Vec<ChartPoint> = values.iter().map(point).collect();
    let signals = signals(&points, options);
    points.iter_mut().zip(signals).for_each(|(point, signal)| point.signal = signal);
    Ok(points)
}

fn mean_moving_range(values: &[f64], screen: bool) -> f64 {
    let ranges: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let mean = |ranges: &[f64]| ranges.iter().sum::<f64>() / ranges.len() as f64;
    let first = mean(&ranges);
    if !screen || first == 0.0 {
        return first;
    }
    let kept: Vec<f64> = ranges.into_iter().filter(|range| *range < 3.267 * first).collect();
    mean(&kept)
}

/// The signal of each point of one group. Weaker rules are written first and stronger ones over them.
fn signals(points: &[ChartPoint], options: &ChartOptions) -> Vec<Signal> {
    let mut signals = vec![Signal::CommonCause; points.len()];
    for start in 0..points.len() {
        let Some(run) = points.get(start..start + options.shift) else { break };
        if run[0].side != 0 && run.iter().all(|point| point.side == run[0].side) {
            let signal = if run[0].side > 0 { Signal::ShiftAbove } else { Signal::ShiftBelow };
            signals[start..start + run.len()].fill(signal);
        }
    }
    for (start, three) in points.windows(3).enumerate() {
        let one_side = three[0].side != 0 && three.iter().all(|point| point.side == three[0].side);
        if one_side && three.iter().filter(|point| point.near).count() >= 2 {
            let signal = if three[0].side > 0 { Signal::TwoInThreeAbove } else { Signal::TwoInThreeBelow };
            (start..start + 3).filter(|&at| points[at].near).for_each(|at| signals[at] = signal);
        }
    }
    // From the end, so that where two trends meet the earlier one is named.
    for (start, run) in points.windows(options.trend).enumerate().rev() {
        let rising = run.windows(2).all(|pair| pair[1].value > pair[0].value);
        let falling = run.windows(2).all(|pair| pair[1].value < pair[0].value);
        if rising || falling {
            signals[start..start + run.len()].fill(if rising { Signal::Rising } else { Signal::Falling });
        }
    }
    for (signal, point) in signals.iter_mut().zip(points).filter(|(_, point)| point.outside) {
        *signal = if point.side > 0 { Signal::AboveLimit } else { Signal::BelowLimit };
    }
    signals
}

/// Mean moving range over 1.128: the standard deviation of one period's value about the underlying level, the natural
/// standard error of a metric with no sampling model. Screened as in a chart.
///
/// Errors: fewer than 2 values, a value that is not finite.
pub fn process_sigma(values: &[f64]) -> Result<f64> {
    error::at_least("values", values.len(), 2)?;
    error::all_finite("values", values)?;
    Ok(mean_moving_range(values, true) / 1.128)
}

impl std::str::FromStr for Direction {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "increase" => Ok(Self::Increase),
            "decrease" => Ok(Self::Decrease),
            "neutral" => Ok(Self::Neutral),
            _ => Err(StatsError::unknown("direction", name, "'increase', 'decrease' or 'neutral'")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[f64]) -> Vec<Signal> {
        let points = xmr_chart(values, &[], &ChartOptions::default()).unwrap();
        points.iter().map(|point| point.signal).collect()
    }

    #[test]
    fn six_on_one_side_are_nothing_and_seven_a_shift() {
        let run = |above: usize| {
            let mut values: Vec<f64> = [13.0, 6.0].into_iter().cycle().take(14).collect();
            values.extend([11.0, 12.0].into_iter().cycle().take(above));
            values.extend([6.0, 13.0]);
            chart(&values).iter().filter(|signal| **signal == Signal::ShiftAbove).count()
        };
        assert_eq!(run(6), 0);
        assert_eq!(run(7), 7);
    }

    #[test]
    fn a_trend_needs_seven_points_without_a_tie() {
        let count = |values: &[f64]| chart(values).iter().filter(|s| **s == Signal::Rising).count();
        assert_eq!(count(&[5.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 2.0, 5.0, 1.0, 6.0]), 0);
        assert_eq!(count(&[5.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 2.0, 5.0, 1.0, 6.0]), 7);
        assert_eq!(count(&[5.0, 0.5, 1.0, 2.0, 2.0, 4.0, 5.0, 6.0, 2.0, 5.0, 1.0, 6.0]), 0);
    }

    #[test]
    fn a_constant_series_is_common_cause() {
        assert!(chart(&[3.0; 10]).iter().all(|signal| *signal == Signal::CommonCause));
        assert_eq!(process_sigma(&[3.0; 10]).unwrap(), 0.0);
    }

    #[test]
    fn screening_drops_a_jump() {
        let mut values: Vec<f64> = [1.0, 2.0].into_iter().cycle().take(20).collect();
        values[10] = 50.0;
        let width = |screen| {
            let options = ChartOptions { screen, ..ChartOptions::default() };
            let points = xmr_chart(&values, &[], &options).unwrap();
            points[0].upper - points[0].lower
        };
        assert!((width(true) - 2.0 * 2.66).abs() < 1e-12);
        assert!(width(false) > 20.0);
    }

    #[test]
    fn directions_and_targets() {
        assert_eq!(Signal::Rising.variation(Direction::Decrease), Variation::Concern);
        assert_eq!(Signal::ShiftBelow.variation(Direction::Decrease), Variation::Improvement);
        assert_eq!(Signal::BelowLimit.variation(Direction::Neutral), Variation::NeutralLow);
        let points = xmr_chart(&[1.0, 2.0, 1.0, 2.0], &[], &ChartOptions::default()).unwrap();
        assert_eq!(points[0].assurance(9.0, Direction::Increase), Some(Assurance::Fails));
        assert_eq!(points[0].assurance(9.0, Direction::Decrease), Some(Assurance::Passes));
        assert_eq!(points[0].assurance(1.5, Direction::Decrease), Some(Assurance::HitAndMiss));
        assert_eq!(points[0].assurance(1.5, Direction::Neutral), None);
    }

    #[test]
    fn faults_are_named() {
        let options = ChartOptions::default();
        assert_eq!(xmr_chart(&[1.0, 2.0, 3.0], &[5], &options).unwrap_err().argument, "rebase");
        assert_eq!(xmr_chart(&[1.0, 2.0, 3.0], &[2], &options).unwrap_err().argument, "values");
        assert_eq!(xmr_chart(&[], &[], &options).unwrap_err().argument, "values");
    }
}
