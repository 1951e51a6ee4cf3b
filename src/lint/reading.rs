//! The words of a pack in the order in which they are read, by page and by section.

use std::ops::Range;

use crate::typeset::{Element, Part, Seen, Spot};

/// The words of a pack's pages, without running heads and ornaments.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Words in small letters and without blanks: lines may break anywhere.
    dense: String,
    /// Where each run of words begins in them, and where it comes from.
    runs: Vec<(usize, Spot)>,
    /// Where each page ends.
    pages: Vec<usize>,
    /// Sections, in order.
    pub sections: Vec<Section>,
}

/// The words under a heading of the first or second level; the first section is what stands before any.
#[derive(Clone, Debug)]
pub(super) struct Section {
    level: usize,
    /// Offset of its heading in the pack's own source.
    pub offset: usize,
    /// The words of its heading.
    pub title: String,
    own: Range<usize>,
}

/// Words without what may differ between lines and beginnings of sentences.
pub(super) fn dense(words: &str) -> String {
    words.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Calls `note` for each part with the elements around it, outermost first.
pub(super) fn walk<'p>(parts: &'p [Part], mut note: impl FnMut(&'p Part, &[&'p Element])) {
    let mut open: Vec<(usize, &Element)> = Vec::new();
    for part in parts {
        match part {
            Part::End(number) => open.retain(|(begun, _)| begun != number),
            _ => note(part, &open.iter().map(|(_, element)| *element).collect::<Vec<_>>()),
        }
        if let Part::Begin(number, element, _) = part {
            open.push((*number, element));
        }
    }
}

impl Reading {
    pub fn of(seen: &Seen<'_>) -> Reading {
        let mut reading = Reading::default();
        let before = Section { level: 2, offset: 0, title: String::new(), own: 0..0 };
        reading.sections.push(before);
        walk(&seen.parts, |part, around| match part {
            _ if around.contains(&&Element::Artifact) => {}
            Part::Words(words) => {
                reading.runs.push((reading.dense.len(), words.spot));
                reading.dense.push_str(&dense(&words.text));
            }
            Part::Begin(_, Element::Heading(level @ 1..=2, title), spot) => {
                // A heading that a library made is no section of the template's.
                let Some(offset) = seen.offset(*spot) else { return };
                let own = reading.dense.len()..reading.dense.len();
                reading.sections.push(Section { level: *level, offset, title: title.clone(), own });
            }
            Part::PageEnd => reading.pages.push(reading.dense.len()),
            _ => {}
        });
        // A running foot may be the last thing on a page.
        reading
            .pages
            .resize(seen.parts.iter().filter(|part| matches!(part, Part::PageEnd)).count(), reading.dense.len());
        let ends: Vec<usize> =
            reading.sections.iter().skip(1).map(|section| section.own.start).chain([reading.dense.len()]).collect();
        reading.sections.iter_mut().zip(ends).for_each(|(section, end)| section.own.end = end);
        reading.sections.sort_by_key(|section| section.offset);
        reading
    }

    /// All words.
    pub fn all(&self) -> &str {
        &self.dense
    }

    /// The words of a page, from 1.
    pub fn page(&self, page: usize) -> &str {
        let end = |at: usize| self.pages.get(at).copied().unwrap_or(self.dense.len());
        let start = page.checked_sub(2).map_or(0, end);
        self.dense.get(start..end(page.saturating_sub(1))).unwrap_or_default()
    }

    /// The section that an offset of the pack's own source lies in.
    pub fn section_at(&self, offset: usize) -> usize {
        self.sections.partition_point(|section| section.offset <= offset).saturating_sub(1)
    }

    /// The words that serve a section: its own; what opens the section that it is part of; and, for one of the first
    /// level, what its parts say.
    pub fn of_section(&self, at: usize) -> String {
        let Some(section) = self.sections.get(at) else { return String::new() };
        let text = |section: &Section| self.dense.get(section.own.clone()).unwrap_or_default();
        let mut words = text(section).to_string();
        match section.level {
            1 => {
                let parts = self.sections[at + 1..].iter().take_while(|part| part.level > 1);
                parts.for_each(|part| words.push_str(text(part)));
            }
            _ => {
                let around = self.sections[..at].iter().rev().find(|before| before.level == 1);
                around.into_iter().for_each(|around| words.push_str(text(around)));
            }
        }
        words
    }

    /// Where words stand that say a phrase.
    pub fn find(&self, phrase: &str) -> Vec<Spot> {
        let wanted = dense(phrase);
        if wanted.is_empty() {
            return Vec::new();
        }
        let found = self.dense.match_indices(&wanted);
        found.filter_map(|(at, _)| self.spot_at(at)).collect()
    }

    /// The origin of the words at an offset.
    fn spot_at(&self, at: usize) -> Option<Spot> {
        let run = self.runs.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        self.runs.get(run).map(|(_, spot)| *spot)
    }
}
