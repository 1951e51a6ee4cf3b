//! Pages as a reader sees them: what stands on each, in order, in which colours and in which elements.
//!
//! Nothing of Typst's own is in what this gives: the lints that look at pages know no typesetter.

use typst::foundations::{Content, StyleChain};
use typst::introspection::{Location, Tag};
use typst::layout::{Frame, FrameItem, Point, Transform};
use typst::model::{FigureElem, FootnoteElem, HeadingElem, TableChild, TableElem};
use typst::pdf::ArtifactElem;
use typst::syntax::Span;
use typst::text::TextItem;
use typst::visualize::{CurveItem, Geometry, Image, ImageKind, Shape};
use typst_layout::PagedDocument;

use super::colour::{Colour, WHITE, contrast};
use super::outline::{Outline, on_page};

/// A place in a pack's source or in a library; ask [`Seen`] for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot(pub(super) Span);

/// A thing on a page, in the order in which it is painted.
#[derive(Clone, Debug)]
pub enum Part {
    /// An element begins; it ends at the [`Part::End`] with its number.
    Begin(usize, Element, Spot),
    /// An element ends.
    End(usize),
    /// Words.
    Words(Words),
    /// A shape that is no plain rectangle and no straight rule.
    Mark(Spot),
    /// An image.
    Image(Vec<u8>, Spot),
    /// A page ends.
    PageEnd,
}

/// An element that lints ask about.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// A heading of a level, with its words.
    Heading(usize, String),
    /// A table, and whether it has a header row.
    Table(bool),
    /// A figure: its alternative text and its caption.
    Figure(Option<String>, Option<String>),
    /// What a reader who listens does not hear: running heads, ornaments.
    Artifact,
    /// A note at the foot of the page.
    Footnote,
    /// Anything with a label.
    Labelled(String),
}

/// Words in one face and colour, on one line.
#[derive(Clone, Debug)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Size in points.
    pub size: f64,
    /// Whether they are bold.
    pub bold: bool,
    /// Their colour and the colour under them, where they contrast least; none where a pattern or an image is
    /// under them.
    pub colours: Option<(Colour, Colour)>,
    /// Where they stand.
    pub spot: Spot,
    /// Height of the line on the page.
    pub line: i64,
    /// The page, from 1.
    pub page: usize,
}

/// Reads the pages of a document.
pub(super) fn read(document: &PagedDocument) -> Vec<Part> {
    let mut reader = Reader { parts: Vec::new(), open: Vec::new(), next: 0, page: 1 };
    for page in document.pages() {
        let paper = page.fill_or_white().map_or_else(|| vec![WHITE], |fill| Colour::of_paint(&fill));
        let mut painted = Painted { paper, areas: Vec::new() };
        reader.frame(&page.frame, Transform::identity(), &[], &mut painted);
        reader.parts.push(Part::PageEnd);
        reader.page += 1;
    }
    reader.parts
}

/// What has been painted on a page so far.
struct Painted {
    paper: Vec<Colour>,
    areas: Vec<Area>,
}

/// A painted area; no colours where it may show any.
struct Area {
    outline: Outline,
    clips: Vec<Outline>,
    colours: Vec<Colour>,
}

impl Painted {
    /// The colours that may be seen at a point; none where any may.
    fn at(&self, point: (f64, f64)) -> Vec<Colour> {
        let mut seen = self.paper.clone();
        for area in &self.areas {
            if !area.outline.covers(point) || !area.clips.iter().all(|clip| clip.covers(point)) {
                continue;
            }
            seen = match area.colours[..] {
                [] => Vec::new(),
                [colour] if colour.alpha == 255 => vec![colour],
                // A stop of a gradient may lie anywhere.
                _ => area.colours.iter().flat_map(|above| seen.iter().map(|below| above.over(*below))).collect(),
            };
        }
        seen
    }
}

struct Reader {
    parts: Vec<Part>,
    /// Elements that have begun, with their numbers.
    open: Vec<(Location, usize)>,
    next: usize,
    page: usize,
}

impl Reader {
    fn frame(&mut self, frame: &Frame, to_page: Transform, clips: &[Outline], painted: &mut Painted) {
        for (at, item) in frame.items() {
            let here = to_page.pre_concat(Transform::translate(at.x, at.y));
            match item {
                FrameItem::Group(group) => {
                    let inside = here.pre_concat(group.transform);
                    let clip = group.clip.as_ref().map(|clip| Outline::curve(clip, inside));
                    let clips: Vec<Outline> = clips.iter().cloned().chain(clip).collect();
                    self.frame(&group.frame, inside, &clips, painted);
                }
                FrameItem::Text(text) => self.words(text, here, painted),
                FrameItem::Shape(shape, span) => self.shape(shape, *span, here, clips, painted),
                FrameItem::Image(image, size, span) => {
                    let outline = Outline::of(&Geometry::Rect(*size), here);
                    painted.areas.extend(outline.map(|outline| Area {
                        outline,
                        clips: clips.to_vec(),
                        colours: Vec::new(),
                    }));
                    self.parts.push(Part::Image(image_bytes(image), Spot(*span)));
                }
                FrameItem::Tag(tag) => self.tag(tag),
                FrameItem::Link(..) => {}
            }
        }
    }

    fn words(&mut self, text: &TextItem, here: Transform, painted: &Painted) {
        if text.text.trim().is_empty() {
            return;
        }
        let spot = Spot(text.glyphs.first().map_or_else(Span::detached, |glyph| glyph.span.0));
        self.parts.push(Part::Words(Words {
            text: text.text.to_string(),
            size: text.size.to_pt(),
            bold: text.font.info().variant.weight.to_number() >= 600,
            colours: least_contrast(text, here, painted),
            spot,
            line: on_page(Point::zero(), here).1.round() as i64,
            page: self.page,
        }));
    }

    fn shape(&mut self, shape: &Shape, span: Span, here: Transform, clips: &[Outline], painted: &mut Painted) {
        if !is_plain(&shape.geometry) {
            self.parts.push(Part::Mark(Spot(span)));
        }
        let Some(fill) = &shape.fill else { return };
        let outline = Outline::of(&shape.geometry, here);
        let area = |outline| Area { outline, clips: clips.to_vec(), colours: Colour::of_paint(fill) };
        painted.areas.extend(outline.map(area));
    }

    fn tag(&mut self, tag: &Tag) {
        match tag {
            Tag::Start(content, _) => {
                let (Some(element), Some(location)) = (element(content), content.location()) else { return };
                self.open.push((location, self.next));
                self.parts.push(Part::Begin(self.next, element, Spot(content.span())));
                self.next += 1;
            }
            Tag::End(location, ..) => {
                if let Some(at) = self.open.iter().rposition(|(open, _)| open == location) {
                    let (_, number) = self.open.remove(at);
                    self.parts.push(Part::End(number));
                }
            }
        }
    }
}

/// Whether a shape is a rule or the side of a box: it has no lines but upright and level ones.
fn is_plain(geometry: &Geometry) -> bool {
    let straight =
        |from: Point, to: Point| (from.x - to.x).abs().to_pt() < 0.01 || (from.y - to.y).abs().to_pt() < 0.01;
    match geometry {
        Geometry::Rect(_) => true,
        Geometry::Line(to) => straight(Point::zero(), *to),
        Geometry::Curve(curve) => {
            let mut last = Point::zero();
            curve.0.iter().all(|item| match item {
                CurveItem::Move(point) => {
                    last = *point;
                    true
                }
                CurveItem::Line(point) => straight(std::mem::replace(&mut last, *point), *point),
                CurveItem::Cubic(..) => false,
                CurveItem::Close => true,
            })
        }
    }
}

/// The colour of a text and the one under it, where they contrast least.
fn least_contrast(text: &TextItem, here: Transform, painted: &Painted) -> Option<(Colour, Colour)> {
    let inks = Colour::of_paint(&text.fill);
    let mut least: Option<(f64, Colour, Colour)> = None;
    for share in [0.1, 0.5, 0.9] {
        // In the middle of the small letters.
        let point = on_page(Point::new(text.width() * share, text.size * -0.25), here);
        let grounds = painted.at(point);
        if grounds.is_empty() || inks.is_empty() {
            return None;
        }
        for (ink, ground) in inks.iter().flat_map(|ink| grounds.iter().map(move |ground| (ink.over(*ground), *ground)))
        {
            let found = contrast(ink, ground);
            if least.is_none_or(|(known, ..)| found < known) {
                least = Some((found, ink, ground));
            }
        }
    }
    least.map(|(_, ink, ground)| (ink, ground))
}

/// What lints ask about an element, if they ask about it.
fn element(content: &Content) -> Option<Element> {
    let styles = StyleChain::default();
    if let Some(heading) = content.to_packed::<HeadingElem>() {
        let level = heading.resolve_level(styles).get();
        return Some(Element::Heading(level, heading.body.plain_text().to_string()));
    }
    if let Some(table) = content.to_packed::<TableElem>() {
        return Some(Element::Table(table.children.iter().any(|child| matches!(child, TableChild::Header(_)))));
    }
    if let Some(figure) = content.to_packed::<FigureElem>() {
        let alt = figure.alt.get_cloned(styles).map(|alt| alt.to_string());
        let caption = figure.caption.get_cloned(styles).map(|caption| caption.body.plain_text().to_string());
        return Some(Element::Figure(alt, caption));
    }
    if content.is::<ArtifactElem>() {
        return Some(Element::Artifact);
    }
    if content.is::<FootnoteElem>() {
        return Some(Element::Footnote);
    }
    content.label().map(|label| Element::Labelled(label.resolve().to_string()))
}

fn image_bytes(image: &Image) -> Vec<u8> {
    match image.kind() {
        ImageKind::Raster(raster) => raster.data().to_vec(),
        ImageKind::Svg(svg) => svg.data().to_vec(),
        ImageKind::Pdf(_) => Vec::new(),
    }
}
