//! The standard normal law, and streams of normal draws that do not depend on the number of threads.
//!
//! Everything transcendental goes through `libm`, whose results are the same on every platform; the standard
//! library's are not. Draws come in numbered blocks: block `b` uses ChaCha8 stream `b` of the seed, one 64-bit word a
//! draw, turned into a normal by the inverse distribution function. A ziggurat would be faster, but its tables are a
//! detail of a crate and may change.

use std::sync::OnceLock;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;

/// Density of the standard normal at `x`.
pub fn density(x: f64) -> f64 {
    INV_SQRT_2PI * libm::exp(-0.5 * x * x)
}

/// Distribution function of the standard normal: P(Z <= x). Accurate in both tails.
pub fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// Distribution function by interpolation in a table: within 1e-12 of [`cdf`], and within a few parts in a billion of it
/// in the lower tail, at a fraction of the time. Below -9 it is 0, above 9 it is 1.
pub(super) fn quick_cdf(x: f64) -> f64 {
    const END: f64 = 9.0;
    const PER_UNIT: f64 = 256.0;
    /// Value and slope (per step) at each knot.
    static KNOTS: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    let knots = KNOTS.get_or_init(|| {
        let at = |i: u32| f64::from(i) / PER_UNIT - END;
        (0..=(2.0 * END * PER_UNIT) as u32 + 1).map(at).map(|x| (cdf(x), density(x) / PER_UNIT)).collect()
    });
    if x.abs() >= END {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // Cubic Hermite interpolation between the two knots about x.
    let place = (x + END) * PER_UNIT;
    let knot = place as usize;
    let u = place - knot as f64;
    let ((a, slope_a), (b, slope_b)) = (knots[knot], knots[knot + 1]);
    let rise = b - a;
    a + u * (slope_a + u * (3.0 * rise - 2.0 * slope_a - slope_b + u * (slope_a + slope_b - 2.0 * rise)))
}

/// Two-sided p-value of a standard normal statistic: P(|Z| >= |z|).
pub fn two_sided_p(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// Quantile of the standard normal for 0 < p < 1 (negative infinity at 0, infinity at 1, NaN outside).
///
/// Wichura 1988, algorithm AS 241 (Applied Statistics 37:477), the one R uses; relative error about 1e-16.
pub fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRAL {
        return central(q);
    }
    if !(p > 0.0 && p < 1.0) {
        return match p {
            0.0 => f64::NEG_INFINITY,
            1.0 => f64::INFINITY,
            _ => f64::NAN,
        };
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let value = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if q < 0.0 { -value } else { value }
}

/// How far from one half the approximation of the middle holds.
const CENTRAL: f64 = 0.425;

/// Quantile at one half and `q` more, for `q` within [`CENTRAL`].
#[inline(always)]
fn central(q: f64) -> f64 {
    q * ratio(&CENTRE, 0.180625 - q * q)
}

/// The multiplier of a two-sided interval: the (1 + level) / 2 quantile, 1.959964 at 0.95.
pub fn two_sided_z(level: f64) -> f64 {
    -quantile((1.0 - level) / 2.0)
}

/// Numerator and denominator of a rational approximation, constant term first.
type Rational = [[f64; 8]; 2];

#[inline(always)]
fn ratio([top, bottom]: &Rational, r: f64) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, &c| sum * r + c);
    horner(top) / horner(bottom)
}

const CENTRE: Rational = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_545e3,
    ],
];

const MIDDLE: Rational = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR: Rational = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

/// Normal draws of one numbered block.
///
/// The same seed and block give the same draws whatever else is drawn, in any order, on any thread.
#[derive(Debug)]
pub struct NormalStream {
    source: ChaCha8Rng,
}

impl NormalStream {
    /// The stream of draws of block `block` under `seed`.
    pub fn new(seed: u64, block: u64) -> Self {
        // Written out, because how a crate widens a small seed is its own affair and may change.
        let mut key = *b"________ candour normal draws v1";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(block);
        Self { source }
    }

    /// A number strictly between 0 and 1, one of 2^52 equally spaced and symmetric about one half.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 52) as f64;
        ((self.source.next_u64() >> 12) as f64 + 0.5) * STEP
    }

    /// The next standard normal draw.
    pub fn normal(&mut self) -> f64 {
        quantile(self.uniform())
    }

    /// The next standard normal draws, as many as asked for: the same as one after the other, in less time.
    pub fn normals<const N: usize>(&mut self) -> [f64; N] {
        let mut draws = [0.0; N];
        draws.fill_with(|| self.uniform() - 0.5);
        let offsets = draws;
        // The middle of the law for all, in vector registers, and then the tails again for the few that lie there.
        for (draw, q) in draws.iter_mut().zip(offsets) {
            *draw = central(q);
        }
        for (draw, q) in draws.iter_mut().zip(offsets).filter(|(_, q)| q.abs() > CENTRAL) {
            *draw = quantile(q + 0.5);
        }
        draws
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_quantiles() {
        let known = [
            (0.975, 1.959_963_984_540_054),
            (0.999, 3.090_232_306_167_813_5),
            (0.5, 0.0),
            (0.025, -1.959_963_984_540_054),
            (1e-10, -6.361_340_902_404_056),
            (1e-300, -37.0470962993612),
        ];
        for (p, z) in known {
            assert!((quantile(p) - z).abs() <= 1e-12 * (1.0 + z.abs()), "{p}: {}", quantile(p));
        }
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(quantile(1.0), f64::INFINITY);
        assert!(quantile(-0.1).is_nan() && quantile(f64::NAN).is_nan());
    }

    #[test]
    fn the_quick_distribution_function_is_close() {
        for i in -95_000..95_000 {
            let x = f64::from(i) * 1e-4 + 1e-5;
            let (quick, slow) = (quick_cdf(x), cdf(x));
            assert!((quick - slow).abs() < 1e-12, "{x}");
            assert!(x < -8.9 || (quick - slow).abs() < 1e-8 * slow, "{x}");
            assert!((0.0..=1.0).contains(&quick), "{x}");
        }
    }

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, block| {
            let mut stream = NormalStream::new(seed, block);
            [stream.normal(), stream.normal(), stream.normal()]
        };
        assert_eq!(draw(7, 3), draw(7, 3));
        assert_ne!(draw(7, 3), draw(7, 4));
        assert_ne!(draw(7, 3), draw(8, 3));
    }

    #[test]
    fn draws_together_are_draws_one_by_one() {
        let (mut one, mut other) = (NormalStream::new(11, 4), NormalStream::new(11, 4));
        for _ in 0..2_000 {
            let together: [f64; 8] = one.normals();
            together.iter().for_each(|draw| assert_eq!(draw.to_bits(), other.normal().to_bits()));
        }
    }

    #[test]
    fn draws_have_the_moments_of_a_normal() {
        let mut stream = NormalStream::new(1, 0);
        let draws: Vec<f64> = (0..200_000).map(|_| stream.normal()).collect();
        let moment = |power: u32| draws.iter().map(|z| (0..power).fold(1.0, |m, _| m * z)).sum::<f64>() / 200_000.0;
        assert!(moment(1).abs() < 0.01);
        assert!((moment(2) - 1.0).abs() < 0.02);
        assert!(moment(3).abs() < 0.04);
        assert!((moment(4) - 3.0).abs() < 0.12);
    }

    proptest! {
        #[test]
        fn quantile_inverts_the_distribution_function(z in -8.0..8.0f64) {
            let p = cdf(z);
            prop_assume!(p < 0.999_999);
            prop_assert!((quantile(p) - z).abs() < 1e-9);
            prop_assert!((two_sided_p(z) - 2.0 * cdf(-z.abs())).abs() < 1e-15);
        }
    }
}
