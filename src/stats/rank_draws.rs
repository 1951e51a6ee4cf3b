//! Critical values for many pairwise comparisons at once, by streaming simulation.
//!
//! A *family* is a set of hypotheses "unit j is above unit k"; its critical value is a quantile, over draws of
//! Z ~ N(0, Sigma), of the greatest (Z_j - Z_k) / s_jk in the family. Draws are never stored: each block keeps one
//! maximum per family and draw, and only the greatest few per cent of those are kept. Blocks are joined in their
//! order, so the answer does not depend on the number of threads.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::error::{Result, StatsError};
use super::normal::NormalStream;
use super::order;

/// Draws handled together by one vector operation.
const LANES: usize = 8;
/// Draws of one random stream. Part of the meaning of a seed: changing it changes results.
const BLOCK: usize = 1024;
/// Blocks in flight at once: bounds memory at families x ROUND x BLOCK numbers.
const ROUND: usize = 16;

/// Most numbers of which the draws of a table are kept from one step of a test to the next: 64 MiB.
const KEPT: usize = 8 << 20;

type Lanes = [f64; LANES];

/// The hypotheses of one unit within a family.
pub(super) struct Row {
    /// The unit compared.
    pub unit: usize,
    /// Pairs tested in both directions: the other unit and 1 / s.
    pub both: Vec<(u32, f64)>,
    /// Pairs tested in one direction: the other unit and 1 / s, negative if the other unit is the one above.
    pub one: Vec<(u32, f64)>,
}

/// Where the draws Z come from.
pub(super) enum Noise {
    /// Independent normals with these standard deviations.
    Independent(Vec<f64>),
    /// Correlated normals: the lower triangle of the Cholesky factor, row by row.
    Correlated(Vec<f64>, usize),
    /// Given replicates, centred, draw by draw.
    Replicates(Vec<f64>, usize),
}

impl Noise {
    /// Correlated normals with a row-major covariance matrix, which may be singular.
    pub(super) fn correlated(covariance: &[f64], units: usize) -> Result<Self> {
        let apart = |at: usize| at / units == at % units || covariance[at] == 0.0;
        let variances: Vec<f64> = (0..units).map(|j| covariance[j * units + j]).collect();
        // The same draws without the products with nothing.
        if (0..units * units).all(apart) && variances.iter().all(|variance| *variance >= 0.0) {
            return Ok(Self::Independent(variances.into_iter().map(f64::sqrt).collect()));
        }
        Ok(Self::Correlated(cholesky(covariance, units)?, units))
    }

    fn units(&self) -> usize {
        match self {
            Self::Independent(deviations) => deviations.len(),
            Self::Correlated(_, units) | Self::Replicates(_, units) => *units,
        }
    }

    /// Fills `tile` (one entry a unit) with the next draws, `first` being the number of the first.
    fn fill(&self, stream: &mut NormalStream, first: usize, tile: &mut [Lanes]) {
        match self {
            Self::Independent(deviations) => {
                for (lanes, s) in tile.iter_mut().zip(deviations) {
                    *lanes = stream.normals().map(|z| s * z);
                }
            }
            Self::Correlated(factor, units) => {
                tile.iter_mut().for_each(|lanes| *lanes = stream.normals());
                // From the last row up, because row i needs the plain draws 0..=i.
                for i in (0..*units).rev() {
                    let row = &factor[i * (i + 1) / 2..][..=i];
                    let mut sum = [0.0; LANES];
                    for (weight, lanes) in row.iter().zip(&*tile) {
                        (0..LANES).for_each(|l| sum[l] += weight * lanes[l]);
                    }
                    tile[i] = sum;
                }
            }
            Self::Replicates(values, units) => {
                for (lane, draw) in (first..first + LANES).enumerate() {
                    let Some(row) = values.get(draw * units..(draw + 1) * units) else { break };
                    tile.iter_mut().zip(row).for_each(|(lanes, value)| lanes[lane] = *value);
                }
            }
        }
    }
}

/// The lower Cholesky factor, packed by rows. A direction of no variance gives a column of zeros.
pub(super) fn cholesky(matrix: &[f64], n: usize) -> Result<Vec<f64>> {
    let largest = (0..n).map(|i| matrix[i * n + i]).fold(0.0, f64::max);
    let nil = 1e-10 * largest;
    let mut factor = vec![0.0; n * (n + 1) / 2];
    let start = |i: usize| i * (i + 1) / 2;
    for j in 0..n {
        for i in j..n {
            let dot: f64 = (0..j).map(|k| factor[start(i) + k] * factor[start(j) + k]).sum();
            let rest = matrix[i * n + j] - dot;
            let pivot = factor[start(j) + j];
            factor[start(i) + j] = match i == j {
                true if rest < -nil => return Err(not_a_covariance()),
                true if rest <= nil => 0.0,
                true => rest.sqrt(),
                false if pivot > 0.0 => rest / pivot,
                // A unit without variance of its own can have no covariance with another.
                false if rest.abs() > 1e-4 * largest => return Err(not_a_covariance()),
                false => 0.0,
            };
        }
    }
    Ok(factor)
}

fn not_a_covariance() -> StatsError {
    StatsError::new("covariance", super::error::Problem::NotPositiveSemidefinite)
}

/// The draws of one table. Every step of a test reads the same ones, so those of a table of moderate size are kept.
pub(super) struct Draws<'n> {
    noise: &'n Noise,
    count: usize,
    seed: u64,
    /// Block by block, tile after tile; empty where they would take too much memory, and are then made anew each time.
    kept: Vec<OnceLock<Vec<Lanes>>>,
}

impl<'n> Draws<'n> {
    pub(super) fn new(noise: &'n Noise, count: usize, seed: u64) -> Self {
        // Replicates are in memory already.
        let made = !matches!(noise, Noise::Replicates(..));
        let blocks = if made && count * noise.units() <= KEPT { count.div_ceil(BLOCK) } else { 0 };
        Self { noise, count, seed, kept: (0..blocks).map(|_| OnceLock::new()).collect() }
    }

    /// The critical value of each family: the type 7 quantile at `level` of its maximum over all draws.
    ///
    /// A family without hypotheses has no critical value and must not be passed.
    pub(super) fn critical_values(&self, families: &[Vec<Row>], level: f64) -> Vec<f64> {
        let (below, share) = order::quantile_position(self.count, level);
        let mut tails: Vec<Tail> = families.iter().map(|_| Tail::new(self.count - below)).collect();
        let blocks: Vec<usize> = (0..self.count.div_ceil(BLOCK)).collect();
        for round in blocks.chunks(ROUND) {
            let maxima: Vec<Vec<f64>> = round.par_iter().map(|&block| self.maxima(families, block)).collect();
            tails.par_iter_mut().enumerate().for_each(|(family, tail)| {
                for block in &maxima {
                    let size = block.len() / families.len();
                    tail.extend(&block[family * size..][..size]);
                }
            });
        }
        tails.into_iter().map(|tail| tail.quantile(share)).collect()
    }

    /// The maxima of one block, family by family.
    fn maxima(&self, families: &[Vec<Row>], block: usize) -> Vec<f64> {
        let size = BLOCK.min(self.count - block * BLOCK);
        let mut maxima = vec![0.0; families.len() * size];
        let mut note = |done: usize, tile: &[Lanes]| {
            let wanted = LANES.min(size - done);
            for (family, rows) in families.iter().enumerate() {
                let greatest = family_maxima(rows, tile);
                maxima[family * size + done..][..wanted].copy_from_slice(&greatest[..wanted]);
            }
        };
        match self.kept.get(block) {
            Some(kept) => {
                let tiles = kept.get_or_init(|| {
                    let mut tiles = Vec::with_capacity(size.div_ceil(LANES) * self.noise.units());
                    self.tiles(block, size, &mut |_, tile| tiles.extend_from_slice(tile));
                    tiles
                });
                let tiles = tiles.chunks(self.noise.units()).enumerate();
                tiles.for_each(|(at, tile)| note(at * LANES, tile));
            }
            None => self.tiles(block, size, &mut note),
        }
        maxima
    }

    /// Makes the draws of a block: its first `size`, a tile at a time, each with the number of its first draw.
    fn tiles(&self, block: usize, size: usize, take: &mut dyn FnMut(usize, &[Lanes])) {
        let mut stream = NormalStream::new(self.seed, block as u64);
        let mut tile = vec![[0.0; LANES]; self.noise.units()];
        for done in (0..size).step_by(LANES) {
            self.noise.fill(&mut stream, block * BLOCK + done, &mut tile);
            take(done, &tile);
        }
    }
}

/// The inner loop: written so that the compiler keeps `a` and `greatest` in vector registers.
fn family_maxima(rows: &[Row], tile: &[Lanes]) -> Lanes {
    let mut greatest = [f64::NEG_INFINITY; LANES];
    for row in rows {
        let a = tile[row.unit];
        for &(other, scale) in &row.both {
            let b = &tile[other as usize];
            for l in 0..LANES {
                let t = ((a[l] - b[l]) * scale).abs();
                greatest[l] = if t > greatest[l] { t } else { greatest[l] };
            }
        }
        for &(other, scale) in &row.one {
            let b = &tile[other as usize];
            for l in 0..LANES {
                let t = (a[l] - b[l]) * scale;
                greatest[l] = if t > greatest[l] { t } else { greatest[l] };
            }
        }
    }
    greatest
}

/// The greatest `keep` of the values seen: all that an upper quantile needs.
struct Tail {
    keep: usize,
    floor: f64,
    values: Vec<f64>,
}

impl Tail {
    fn new(keep: usize) -> Self {
        Self { keep, floor: f64::NEG_INFINITY, values: Vec::new() }
    }

    fn extend(&mut self, values: &[f64]) {
        for &value in values {
            if value > self.floor || self.values.len() < self.keep {
                self.values.push(value);
            }
        }
        if self.values.len() >= 2 * self.keep {
            self.values.select_nth_unstable_by(self.keep - 1, |a, b| b.total_cmp(a));
            self.values.truncate(self.keep);
            self.floor = self.values[self.keep - 1];
        }
    }

    /// The least value kept, moved the given share of the way to the next.
    fn quantile(mut self, share: f64) -> f64 {
        self.values.sort_unstable_by(|a, b| b.total_cmp(a));
        let below = self.values[self.keep - 1];
        order::interpolate(below, self.values[self.keep.max(2) - 2], share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_gives_the_same_quantile_as_sorting_everything() {
        let mut stream = NormalStream::new(5, 0);
        let values: Vec<f64> = (0..10_007).map(|_| stream.normal()).collect();
        for level in [0.5, 0.9, 0.95, 0.999, 0.9999] {
            let (below, share) = order::quantile_position(values.len(), level);
            let mut tail = Tail::new(values.len() - below);
            values.chunks(313).for_each(|chunk| tail.extend(chunk));
            assert_eq!(tail.quantile(share), order::sample_quantile(&values, level).unwrap(), "{level}");
        }
    }

    #[test]
    fn cholesky_of_a_singular_matrix() {
        let factor = cholesky(&[4.0, 2.0, 2.0, 1.0], 2).unwrap();
        assert_eq!(factor, [2.0, 1.0, 0.0]);
        assert!(cholesky(&[1.0, 2.0, 2.0, 1.0], 2).is_err());
        assert_eq!(cholesky(&[0.0], 1).unwrap(), [0.0]);
    }

    #[test]
    fn noise_that_is_not_correlated_is_drawn_as_such() {
        let covariance = [4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.25];
        let noise = Noise::correlated(&covariance, 3).unwrap();
        assert!(matches!(&noise, Noise::Independent(deviations) if deviations[..] == [2.0, 0.0, 1.5]));
        let full = Noise::Correlated(cholesky(&covariance, 3).unwrap(), 3);
        let rows = || [vec![Row { unit: 0, both: vec![(1, 0.5), (2, 0.4)], one: vec![] }]];
        let value = |noise| Draws::new(noise, 5_000, 3).critical_values(&rows(), 0.95);
        assert_eq!(value(&noise), value(&full));
        assert!(Noise::correlated(&[1.0, 0.0, 0.0, -1.0], 2).is_err());
    }

    #[test]
    fn one_pair_has_the_normal_critical_value() {
        let row = Row { unit: 0, both: vec![(1, 1.0 / 2f64.sqrt())], one: vec![] };
        let noise = Noise::Independent(vec![1.0, 1.0]);
        let value = Draws::new(&noise, 200_000, 1).critical_values(&[vec![row]], 0.95)[0];
        assert!((value - 1.959_964).abs() < 0.02, "{value}");
        let row = Row { unit: 0, both: vec![], one: vec![(1, -1.0 / 2f64.sqrt())] };
        let value = Draws::new(&noise, 200_000, 1).critical_values(&[vec![row]], 0.95)[0];
        assert!((value - 1.644_854).abs() < 0.02, "{value}");
    }

    #[test]
    fn draws_kept_are_draws_made_anew() {
        let units = KEPT / 1_000 + 1;
        let noise = Noise::Independent((0..units).map(|unit| 1.0 + unit as f64 / units as f64).collect());
        let families = [vec![Row { unit: 0, both: vec![(1, 0.5), (units as u32 - 1, 0.4)], one: vec![(7, -0.6)] }]];
        let (few, many) = (Draws::new(&noise, 999, 3), Draws::new(&noise, 1_000, 3));
        assert!(!few.kept.is_empty() && many.kept.is_empty());
        let anew = Draws { kept: Vec::new(), ..Draws::new(&noise, 999, 3) };
        let first = few.maxima(&families, 0);
        assert_eq!(first, anew.maxima(&families, 0));
        assert_eq!(first, few.maxima(&families, 0));
    }

    #[test]
    fn threads_do_not_matter() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let families: Vec<Vec<Row>> = (0..3)
                .map(|unit| {
                    vec![Row {
                        unit,
                        both: (0..3).filter(|k| *k != unit as u32).map(|k| (k, 0.6)).collect(),
                        one: vec![],
                    }]
                })
                .collect();
            let noise = Noise::Independent(vec![1.0, 2.0, 0.5]);
            pool.install(|| Draws::new(&noise, 50_001, 9).critical_values(&families, 0.95))
        };
        assert_eq!(run(1), run(2));
        assert_eq!(run(1), run(5));
    }
}
