//! Areas that are painted on a page, and which points they cover.

use typst::layout::{Point, Size, Transform};
use typst::visualize::{Curve, CurveItem, Geometry};

/// Straight pieces that stand for a curved one: its marks are millimetres large.
const PIECES: u32 = 8;

/// The outline of an area, in points from the page's upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    rings: Vec<Vec<(f64, f64)>>,
    low: (f64, f64),
    high: (f64, f64),
}

impl Outline {
    /// The outline of a shape. A line has no area.
    pub fn of(geometry: &Geometry, to_page: Transform) -> Option<Outline> {
        match geometry {
            Geometry::Line(_) => None,
            Geometry::Rect(size) => Some(Outline::rectangle(*size, to_page)),
            Geometry::Curve(curve) => Some(Outline::curve(curve, to_page)),
        }
    }

    fn rectangle(size: Size, to_page: Transform) -> Outline {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let ring = corners.map(|(x, y)| on_page(Point::new(size.x * x, size.y * y), to_page));
        Outline::new(vec![ring.to_vec()])
    }

    /// The outline of a curve, each ring closed.
    pub fn curve(curve: &Curve, to_page: Transform) -> Outline {
        let mut rings: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut ring = Vec::new();
        for item in &curve.0 {
            match item {
                CurveItem::Move(point) => {
                    rings.push(std::mem::take(&mut ring));
                    ring.push(on_page(*point, to_page));
                }
                CurveItem::Line(point) => ring.push(on_page(*point, to_page)),
                CurveItem::Cubic(first, second, end) => {
                    let start = ring.last().copied().unwrap_or_default();
                    let controls = [*first, *second, *end].map(|point| on_page(point, to_page));
                    ring.extend(
                        (1..=PIECES).map(|piece| bezier(start, controls, f64::from(piece) / f64::from(PIECES))),
                    );
                }
                CurveItem::Close => rings.push(std::mem::take(&mut ring)),
            }
        }
        rings.push(ring);
        rings.retain(|ring| ring.len() > 2);
        Outline::new(rings)
    }

    fn new(rings: Vec<Vec<(f64, f64)>>) -> Outline {
        let points = || rings.iter().flatten();
        let low = points().fold((f64::INFINITY, f64::INFINITY), |low, point| (low.0.min(point.0), low.1.min(point.1)));
        let high = points()
            .fold((f64::NEG_INFINITY, f64::NEG_INFINITY), |high, point| (high.0.max(point.0), high.1.max(point.1)));
        Outline { rings, low, high }
    }

    /// Whether a point lies inside: a ray from it crosses the outline an odd number of times.
    pub fn covers(&self, (x, y): (f64, f64)) -> bool {
        if x < self.low.0 || x > self.high.0 || y < self.low.1 || y > self.high.1 {
            return false;
        }
        let mut inside = false;
        for ring in &self.rings {
            for (at, (x1, y1)) in ring.iter().enumerate() {
                let (x2, y2) = ring[(at + 1) % ring.len()];
                if (*y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                    inside = !inside;
                }
            }
        }
        inside
    }
}

/// A point of a frame on the page.
pub(super) fn on_page(point: Point, to_page: Transform) -> (f64, f64) {
    let point = point.transform(to_page);
    (point.x.to_pt(), point.y.to_pt())
}

fn bezier(start: (f64, f64), [first, second, end]: [(f64, f64); 3], share: f64) -> (f64, f64) {
    let rest = 1.0 - share;
    let (a, b) = (rest * rest * rest, 3.0 * rest * rest * share);
    let (c, d) = (3.0 * rest * share * share, share * share * share);
    (a * start.0 + b * first.0 + c * second.0 + d * end.0, a * start.1 + b * first.1 + c * second.1 + d * end.1)
}
