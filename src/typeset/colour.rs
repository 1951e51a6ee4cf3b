//! Colours as they are seen, and how much two of them differ in lightness (WCAG 2.2).

use std::str::FromStr;

use typst::visualize::{Color, Paint};

/// A colour that covers what lies under it, or lets some of it through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Colour {
    /// Red, green and blue.
    pub rgb: [u8; 3],
    /// From 0, not to be seen, to 255.
    pub alpha: u8,
}

/// The paper.
pub const WHITE: Colour = Colour { rgb: [255; 3], alpha: 255 };

impl Colour {
    /// A colour as style sheets write it, such as `#005eb8`.
    pub fn from_hex(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#')?;
        Color::from_str(digits).ok().as_ref().map(Colour::of)
    }

    fn of(colour: &Color) -> Colour {
        let [red, green, blue, alpha] = Color::from(colour.to_rgb()).to_vec4_u8();
        Colour { rgb: [red, green, blue], alpha }
    }

    /// The colours that a paint may show: one, or the stops of a gradient. None of a pattern, which may show any.
    pub(super) fn of_paint(paint: &Paint) -> Vec<Colour> {
        match paint {
            Paint::Solid(colour) => vec![Colour::of(colour)],
            Paint::Gradient(gradient) => gradient.stops().iter().map(|stop| Colour::of(&stop.color)).collect(),
            Paint::Tiling(_) => Vec::new(),
        }
    }

    /// This colour over another.
    pub fn over(self, ground: Colour) -> Colour {
        let share = f64::from(self.alpha) / 255.0;
        let mix = |above: u8, below: u8| (f64::from(above) * share + f64::from(below) * (1.0 - share)).round() as u8;
        Colour { rgb: [0, 1, 2].map(|at| mix(self.rgb[at], ground.rgb[at])), alpha: 255 }
    }

    /// Relative luminance, from 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.rgb;
        let linear = Color::from_u8(red, green, blue, 255).to_linear_rgb();
        0.2126 * f64::from(linear.red) + 0.7152 * f64::from(linear.green) + 0.0722 * f64::from(linear.blue)
    }

    /// As style sheets write it.
    pub fn hex(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The contrast of two colours, from 1 (none) to 21 (black on white).
pub fn contrast(one: Colour, other: Colour) -> f64 {
    let (a, b) = (one.luminance(), other.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(hex: &str) -> Colour {
        Colour::from_hex(hex).unwrap()
    }

    #[test]
    fn contrast_is_that_of_published_tables() {
        // Ratios against white that the palette's publishers and checkers of contrast give.
        for (hex, ratio) in [("#000000", 21.0), ("#12436d", 10.3), ("#f46a25", 3.0), ("#767676", 4.5), ("#ffffff", 1.0)]
        {
            assert!((contrast(colour(hex), WHITE) - ratio).abs() < 0.06, "{hex}: {}", contrast(colour(hex), WHITE));
        }
    }

    #[test]
    fn a_colour_that_lets_the_ground_through_is_mixed_with_it() {
        let half = Colour { rgb: [0; 3], alpha: 128 };
        assert_eq!(half.over(WHITE).hex(), "#7f7f7f");
        assert_eq!(Colour::from_hex("005eb8"), None);
        assert_eq!(Colour::from_hex("#xyz"), None);
    }
}
