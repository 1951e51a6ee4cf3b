//! What stands on which page: the text of each, and the places in the source that it came from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

use typst::layout::{Frame, FrameItem};
use typst::syntax::{Source, Span, SpanKind};
use typst_layout::PagedDocument;

/// The text of the pages of a pack, and where in its source each part of it is written.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Text of each page, in the order in which it is drawn.
    pub texts: Vec<String>,
    /// The same without blanks.
    dense: Vec<String>,
    /// Byte ranges of the pack's own source of which text stands on a page (from 0).
    spans: BTreeSet<(usize, usize, usize)>,
}

/// Reads the pages of a document that was made from `main`.
pub(super) fn read(document: &PagedDocument, main: &Source) -> Layout {
    let mut layout = Layout::default();
    for (number, page) in document.pages().iter().enumerate() {
        let mut text = String::new();
        let mut last = None;
        walk(&page.frame, &mut |words, span| {
            text.push_str(words);
            // The glyphs of one word come from one place: it is looked up once.
            if span.is_some() && span != last {
                last = span;
                if let Some(range) = span.and_then(|span| place(main, span)) {
                    layout.spans.insert((range.start, range.end, number));
                }
            }
        });
        layout.dense.push(dense(&text));
        layout.texts.push(text);
    }
    layout
}

fn dense(words: &str) -> String {
    words.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Calls `note` for the text of a frame, and for the origin of each of its glyphs.
fn walk(frame: &Frame, note: &mut dyn FnMut(&str, Option<Span>)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => walk(&group.frame, note),
            FrameItem::Text(text) => {
                note(&text.text, None);
                for glyph in &text.glyphs {
                    note("", Some(glyph.span.0));
                }
            }
            _ => {}
        }
    }
}

/// The byte range of a span, if it lies in the pack's own source.
pub(super) fn place(main: &Source, span: Span) -> Option<Range<usize>> {
    match span.get() {
        SpanKind::Number { id, num } if id == main.id() => main.range(num, None),
        SpanKind::Range { id, range } if id == main.id() => Some(range),
        _ => None,
    }
}

impl Layout {
    /// The pages (from 1) on which figures stand: `marks` are the offsets at which figures begin, with their numbers;
    /// `texts` the figures as printed.
    ///
    /// A figure whose text came straight from the source is found by it. One that went through a function of the
    /// library is looked for by its text between the pages of the figures found before and after it; one that is found
    /// nowhere so is looked for anywhere. A value that is only drawn, in a form of the chart's own, is put on the page of
    /// the figure before it.
    pub fn pages_of(
        &self,
        marks: &[(usize, usize)],
        texts: &BTreeMap<usize, (&str, bool)>,
    ) -> BTreeMap<usize, Vec<usize>> {
        let found: Vec<BTreeSet<usize>> = marks.iter().map(|(offset, _)| self.pages_at(*offset)).collect();
        // For each mark the last page known before it and the first known after it.
        let mut after = vec![self.texts.len().saturating_sub(1); marks.len()];
        let mut next = self.texts.len().saturating_sub(1);
        for at in (0..marks.len()).rev() {
            next = found[at].first().copied().unwrap_or(next);
            after[at] = next;
        }
        let mut pages: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut before = 0;
        for (at, (_, id)) in marks.iter().enumerate() {
            let here = match found[at].is_empty() {
                false => found[at].clone(),
                true => {
                    let (text, drawn) = texts.get(id).copied().unwrap_or_default();
                    self.search(text, drawn, before..=after[at].max(before)).into_iter().collect()
                }
            };
            if !found[at].is_empty() {
                before = here.last().copied().unwrap_or(before);
            }
            pages.entry(*id).or_default().extend(here);
        }
        // What a description of a chart says too, and no page shows there, must not be taken to another's page.
        for (id, found) in pages.iter_mut().filter(|(_, found)| found.is_empty()) {
            let (text, _) = texts.get(id).copied().unwrap_or_default();
            found.extend(self.search(text, false, 0..=self.dense.len().saturating_sub(1)));
        }
        pages.into_iter().map(|(id, found)| (id, found.into_iter().map(|page| page + 1).collect())).collect()
    }

    /// Pages that show text which begins at an offset of the source.
    fn pages_at(&self, offset: usize) -> BTreeSet<usize> {
        let found = self.spans.range((offset, 0, 0)..(offset + 1, 0, 0));
        found.map(|(_, _, page)| *page).collect()
    }

    /// The first of some pages that has a text; for a drawn value the first of all where none has.
    fn search(&self, text: &str, drawn: bool, pages: RangeInclusive<usize>) -> Option<usize> {
        let wanted = dense(text);
        let has = |page: &usize| !wanted.is_empty() && self.dense.get(*page).is_some_and(|text| text.contains(&wanted));
        let first = *pages.start();
        match drawn {
            true if first == *pages.end() => Some(first),
            true => Some(pages.clone().find(has).unwrap_or(first)),
            false => pages.clone().find(has),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(texts: &[&str], spans: &[(usize, usize)]) -> Layout {
        Layout {
            texts: texts.iter().map(ToString::to_string).collect(),
            dense: texts.iter().map(|text| dense(text)).collect(),
            spans: spans.iter().map(|(offset, page)| (*offset, offset + 1, *page)).collect(),
        }
    }

    /// The pages of one figure that is marked at some offsets of the source.
    fn pages(layout: &Layout, offsets: &[usize], text: &str, drawn: bool) -> Vec<usize> {
        let mut marks: Vec<(usize, usize)> = layout.spans.iter().map(|(offset, _, _)| (*offset, 9)).collect();
        marks.extend(offsets.iter().filter(|offset| layout.pages_at(**offset).is_empty()).map(|offset| (*offset, 1)));
        marks.iter_mut().filter(|(offset, _)| offsets.contains(offset)).for_each(|(_, id)| *id = 1);
        marks.sort_unstable();
        layout.pages_of(&marks, &[(1, (text, drawn)), (9, ("none", false))].into()).remove(&1).unwrap_or_default()
    }

    #[test]
    fn a_figure_stands_where_its_glyphs_are_or_between_its_neighbours() {
        let found = layout(&["0.0% of A", "b", "c 0.0%", "d"], &[(10, 1), (30, 2), (50, 3)]);
        assert_eq!(pages(&found, &[30], "x", false), [3]);
        assert_eq!(pages(&found, &[20], "0.0%", false), [3], "not on the first page, which comes before its neighbour");
        assert_eq!(pages(&found, &[40], "0.0%", false), [3]);
        assert_eq!(pages(&found, &[60], "0.0%", false), [1], "found nowhere else");
        assert_eq!(pages(&found, &[60], "1.5%", false), [0; 0]);
        assert_eq!(pages(&found, &[40], "1.5%", true), [3], "drawn: the page of the figure before it");
    }

    #[test]
    fn what_a_description_repeats_is_not_taken_to_the_page_of_another() {
        let found = layout(&["0.0% of A", "b", "growth 0.0%", "d"], &[(10, 1), (30, 2), (50, 3)]);
        assert_eq!(pages(&found, &[30, 60], "0.0%", false), [3]);
    }
}
