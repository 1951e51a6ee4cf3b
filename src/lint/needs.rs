//! What must stand beside figures: their source, their interval, a caution. `[[lints.needs]]` says what and how near.

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::reading::{Reading, dense};
use super::{Subject, is_allowed};
use crate::book::{Need, STATUSES, TEMPLATES, Within};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::pack::{ClaimRecord, FigureRecord};

/// Letters between a publication and its status, within which the period stands.
const CITATION: usize = 240;

/// A figure where it stands.
struct Standing<'s> {
    figure: &'s FigureRecord,
    claim: Option<&'s ClaimRecord>,
    /// Offset in the pack's own source.
    offset: usize,
    section: usize,
    pages: Vec<usize>,
}

pub(super) fn check(subject: &Subject<'_>, reading: &Reading) -> Problems {
    let mut problems = Problems::none();
    let wanted = |need: &&Need| need.packs.is_empty() || need.packs.contains(&subject.rule.name);
    let needs: Vec<&Need> = subject.book.lints.needs.iter().filter(wanted).collect();
    if needs.is_empty() {
        return problems;
    }
    let standing = standing(subject, reading);
    for need in needs {
        match (Rule::of(need), need.is_of_figures()) {
            (Some(rule), true) => rule.check(subject, reading, &standing, &mut problems),
            (Some(rule), false) if !rule.is_said(reading.all()) => {
                let place = Place::file(format!("{TEMPLATES}/{}", subject.rule.template));
                problems.push(lacking(need).at(place));
            }
            (Some(_), false) => {}
            (None, _) => problems.push(
                Diagnostic::fault("lints-needs", format!("the rule `{}` has a pattern that is none", need.name))
                    .at(need.place.clone()),
            ),
        }
    }
    problems
}

/// Every figure of the pack, once for each place that it stands at.
fn standing<'s>(subject: &'s Subject<'_>, reading: &Reading) -> Vec<Standing<'s>> {
    let rendered = subject.rendered;
    let texts = rendered.figures.iter().map(|figure| (figure.id, (figure.text.as_str(), figure.drawn))).collect();
    let pages = subject.seen.layout.pages_of(&rendered.marks, &texts);
    let figures: BTreeMap<usize, &FigureRecord> = rendered.figures.iter().map(|figure| (figure.id, figure)).collect();
    let claims: BTreeMap<usize, &ClaimRecord> = rendered.claims.iter().map(|claim| (claim.figure, claim)).collect();
    let found = rendered.marks.iter().filter_map(|(offset, id)| {
        let figure = *figures.get(id)?;
        let claim = claims.get(id).copied();
        let (section, pages) = (reading.section_at(*offset), pages.get(id).cloned().unwrap_or_default());
        Some(Standing { figure, claim, offset: *offset, section, pages })
    });
    found.collect()
}

/// A rule with its patterns ready.
struct Rule<'n> {
    need: &'n Need,
    units: GlobSet,
    columns: GlobSet,
    beside: GlobSet,
    words: Vec<String>,
}

impl<'n> Rule<'n> {
    fn of(need: &'n Need) -> Option<Rule<'n>> {
        let words = need.words.iter().map(|words| dense(words)).filter(|words| !words.is_empty()).collect();
        let (units, columns) = (patterns(&need.units)?, patterns(&need.columns)?);
        Some(Rule { need, units, columns, beside: patterns(&need.beside)?, words })
    }

    fn is_said(&self, words: &str) -> bool {
        self.words.iter().any(|wanted| words.contains(wanted))
    }

    /// Each section, or page, that lacks what its figures need is told once, at the first of them.
    fn check(&self, subject: &Subject<'_>, reading: &Reading, all: &[Standing<'_>], problems: &mut Problems) {
        let mut known: BTreeMap<(usize, String), bool> = BTreeMap::new();
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for one in all.iter().filter(|one| self.concerns(subject, one)) {
            for near in self.neighbourhoods(one) {
                let about = if self.need.source { one.figure.cell.clone() } else { String::new() };
                let has = *known.entry((near, about)).or_insert_with(|| self.has(subject, reading, all, one, near));
                if has || told.contains(&near) {
                    continue;
                }
                // Lines are counted only now: a pack has thousands of figures.
                let place = subject.seen.place_at(one.offset);
                if !is_allowed(subject, Some(&place), &self.need.name) {
                    told.insert(near);
                    problems.push(self.problem(one, reading, near).at(place));
                }
            }
        }
    }

    fn problem(&self, one: &Standing<'_>, reading: &Reading, near: usize) -> Diagnostic {
        let title = reading.sections.get(one.section).map_or("", |section| section.title.as_str());
        let under = if title.is_empty() { "before the first heading".into() } else { format!("under \"{title}\"") };
        let figure = one.figure;
        let (cell, column, text) = (&figure.cell, &figure.column, &figure.text);
        // A sentence can run over two pages, of which one lacks what it needs.
        let page = match self.need.within {
            Within::Page => Some(near),
            _ => one.pages.first().copied(),
        };
        let page = page.map(|page| format!(", page {page}")).unwrap_or_default();
        lacking(self.need).note(format!("{cell}.{column}, \"{text}\", stands {under}{page}")).help(format!(
            "if it is not so, say why on this line or the one before: // candour: {} \"…\"",
            self.need.name
        ))
    }

    /// Whether a figure, or a number that a claim states, brings the rule to bear.
    fn concerns(&self, subject: &Subject<'_>, one: &Standing<'_>) -> bool {
        let fits = |unit: Option<&str>, column: &str| {
            (self.need.units.is_empty() || unit.is_some_and(|unit| self.units.is_match(unit)))
                && (self.need.columns.is_empty() || self.columns.is_match(column))
        };
        let figure = one.figure;
        let own = fits(figure.unit.as_deref(), &figure.column) && !figure.value.is_missing();
        let stated =
            || one.claim.is_some_and(|claim| claim.stated().iter().any(|n| fits(n.unit.as_deref(), &n.column)));
        let flagged = || self.need.flag.as_ref().is_none_or(|flag| (subject.says_yes)(figure, flag));
        (own || stated()) && flagged()
    }

    /// The numbers of the sections or pages in which what is needed may stand.
    fn neighbourhoods(&self, one: &Standing<'_>) -> Vec<usize> {
        match self.need.within {
            Within::Section => vec![one.section],
            Within::Page => one.pages.clone(),
            Within::Pack => vec![0],
        }
    }

    /// Whether what is needed stands near enough to a figure.
    fn has(
        &self,
        subject: &Subject<'_>,
        reading: &Reading,
        all: &[Standing<'_>],
        one: &Standing<'_>,
        near: usize,
    ) -> bool {
        let words = match self.need.within {
            Within::Section => reading.of_section(near),
            Within::Page => reading.page(near).to_string(),
            Within::Pack => reading.all().to_string(),
        };
        let beside = |other: &&Standing<'_>| self.neighbourhoods(other).contains(&near);
        let is_beside = |other: &Standing<'_>| {
            self.beside.is_match(&other.figure.column)
                || other.claim.is_some_and(|claim| claim.stated().iter().any(|n| self.beside.is_match(&n.column)))
        };
        self.is_said(&words)
            || self.need.source && is_cited(&(subject.publications)(&one.figure.cell), &words)
            || all.iter().filter(beside).any(is_beside)
    }
}

/// Whether one of some publications is named, followed by a period (something with a digit) and a status. A figure
/// that rests on no publication needs none.
fn is_cited(publications: &BTreeSet<String>, words: &str) -> bool {
    let names: Vec<String> = publications.iter().map(|name| dense(name)).collect();
    let cited = |name: &String| {
        words.match_indices(name.as_str()).any(|(at, _)| {
            let after: String = words[at + name.len()..].chars().take(CITATION).collect();
            let status = STATUSES.iter().filter_map(|status| after.find(&dense(status))).min();
            // Behind another publication's name stand that one's period and status.
            let own = |between: &str| !names.iter().any(|other| between.contains(other.as_str()));
            let period = |between: &str| between.contains(|c: char| c.is_ascii_digit());
            status.is_some_and(|end| period(&after[..end]) && own(&after[..end]))
        })
    };
    names.is_empty() || names.iter().any(cited)
}

fn lacking(need: &Need) -> Diagnostic {
    let problem = Diagnostic::warning("page-needs", need.message.clone());
    match &need.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}

fn patterns(patterns: &[String]) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).ok()?);
    }
    set.build().ok()
}
