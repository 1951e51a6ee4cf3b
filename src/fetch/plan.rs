//! Which files a rule means: its own address, or links on a page and on the pages that it leads to.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use url::Url;

use super::address::{allow, file_name, natural_order};
use super::net::Net;
use super::page::{Link, links};
use super::{Planned, Watcher, download};
use crate::book::{FetchFrom, FetchRule, Take, file_name_problem};
use crate::diagnostic::{Diagnostic, Outcome, Problems};

/// Most files of one source, and most pages: past that the pattern is wrong, not the page.
const MOST_FILES: usize = 2_000;
const MOST_PAGES: usize = 200;

/// Links of the pages that have been read, so that sources on one page ask for it once.
#[derive(Default)]
pub(super) struct Pages(BTreeMap<Url, Vec<Link>>);

impl Pages {
    fn read(&mut self, net: &Net, url: &Url, hosts: &[String], watcher: &dyn Watcher) -> Outcome<Vec<Link>> {
        allow(url, hosts)?;
        if let Some(known) = self.0.get(url) {
            return Ok(known.clone());
        }
        let (text, base) = download::page(net, url, hosts, watcher)?;
        let found = links(&text, &base);
        self.0.insert(url.clone(), found.clone());
        Ok(found)
    }
}

/// A link that a rule means, and the name its file will have.
struct Match {
    url: Url,
    name: String,
}

/// The files that a rule means.
pub(super) fn plan(net: &Net, rule: &FetchRule, pages: &mut Pages, watcher: &dyn Watcher) -> Outcome<Vec<Planned>> {
    let found = match &rule.from {
        FetchFrom::File(url) => {
            let name = rule.save_as.clone().map_or_else(|| file_name(url), Ok)?;
            vec![Match { url: url.clone(), name }]
        }
        FetchFrom::Page { index, follow, link } => {
            let links = all_links(net, rule, index, follow.as_ref(), pages, watcher)?;
            matches(rule, index, link, &links)?
        }
    };
    let chosen = choose(rule, found)?;
    let file = |name: &str| format!("{}/{name}", rule.into);
    Ok(chosen.into_iter().map(|found| Planned { file: file(&found.name), url: found.url }).collect())
}

/// The links of the index page, and of the pages that it leads to.
fn all_links(
    net: &Net,
    rule: &FetchRule,
    index: &Url,
    follow: Option<&Regex>,
    pages: &mut Pages,
    watcher: &dyn Watcher,
) -> Outcome<Vec<Link>> {
    let mut found = pages.read(net, index, &rule.hosts, watcher)?;
    let Some(follow) = follow else { return Ok(found) };
    let below: Vec<Url> = found
        .iter()
        .filter(|link| link.url != *index && (follow.is_match(link.url.as_str()) || follow.is_match(&link.text)))
        .map(|link| link.url.clone())
        .collect();
    if below.is_empty() {
        return Err(no_match(index, "follow", follow, &found).into());
    }
    if below.len() > MOST_PAGES {
        return Err(too_many(index, "follow", below.len(), MOST_PAGES).into());
    }
    let mut problems = Problems::none();
    for page in below {
        found.extend(problems.absorb(pages.read(net, &page, &rule.hosts, watcher)).unwrap_or_default());
    }
    problems.or(found)
}

/// The links that match, each address once, with the names their files will have.
fn matches(rule: &FetchRule, index: &Url, pattern: &Regex, links: &[Link]) -> Outcome<Vec<Match>> {
    let (mut found, mut seen, mut problems) = (Vec::new(), BTreeSet::new(), Problems::none());
    for link in links {
        let Some(caught) = pattern.captures(link.url.as_str()).or_else(|| pattern.captures(&link.text)) else {
            continue;
        };
        if !seen.insert(&link.url) {
            continue;
        }
        let name = allow(&link.url, &rule.hosts).and_then(|()| match &rule.save_as {
            None => file_name(&link.url),
            Some(form) => {
                let mut name = String::new();
                caught.expand(form, &mut name);
                saved_name(name, link)
            }
        });
        if let Some(name) = problems.absorb(name) {
            found.push(Match { url: link.url.clone(), name });
        }
    }
    if found.is_empty() && problems.0.is_empty() {
        problems.push(no_match(index, "link", pattern, links));
    }
    if found.len() > MOST_FILES {
        problems.push(too_many(index, "link", found.len(), MOST_FILES));
    }
    problems.or(found)
}

fn saved_name(name: String, link: &Link) -> Outcome<String> {
    match file_name_problem(&name) {
        None => Ok(name),
        Some(problem) => {
            let words = format!("{} would be saved as \"{name}\", which names no file: {problem}", link.url);
            Err(Diagnostic::check("fetch-name", words).help("look at `save_as`, and at what `link` catches").into())
        }
    }
}

/// The matches to fetch, in the order of the page.
fn choose(rule: &FetchRule, found: Vec<Match>) -> Outcome<Vec<Match>> {
    let mut groups: BTreeMap<String, Vec<(usize, Match)>> = BTreeMap::new();
    for (at, one) in found.into_iter().enumerate() {
        let group = if rule.take == Take::All || rule.save_as.is_some() { one.name.clone() } else { String::new() };
        groups.entry(group).or_default().push((at, one));
    }
    let (mut chosen, mut problems) = (Vec::new(), Problems::none());
    for (_, mut group) in groups {
        match rule.take {
            Take::All if group.len() > 1 => problems.push(one_name(&group)),
            Take::Last => group.reverse(),
            Take::Newest => group.sort_by(|(_, a), (_, b)| natural_order(b.url.as_str(), a.url.as_str())),
            Take::All | Take::First => {}
        }
        chosen.extend(group.into_iter().next());
    }
    chosen.sort_by_key(|(at, _)| *at);
    problems.or(chosen.into_iter().map(|(_, one)| one).collect())
}

fn one_name(group: &[(usize, Match)]) -> Diagnostic {
    let name = group.first().map_or("", |(_, one)| one.name.as_str());
    let words = format!("{} links would all be saved as {name}", group.len());
    let problem = group
        .iter()
        .take(5)
        .fold(Diagnostic::check("fetch-one-name", words), |problem, (_, one)| problem.note(one.url.to_string()));
    problem.help("name them apart with `save_as`, or choose one with `take`")
}

fn no_match(index: &Url, key: &str, pattern: &Regex, links: &[Link]) -> Diagnostic {
    let words = format!("no link on {index} matches `{key}`, {pattern}");
    let problem = Diagnostic::check("fetch-no-link", words).note(format!("it has {} links", links.len()));
    // Links to files are the likeliest to be meant.
    let has_ending = |link: &&Link| link.url.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
    let problem = links
        .iter()
        .filter(has_ending)
        .take(5)
        .fold(problem, |problem, link| problem.note(format!("such as {} (\"{}\")", link.url, link.text)));
    problem.help("look at the page: its names may have changed")
}

fn too_many(index: &Url, key: &str, found: usize, most: usize) -> Diagnostic {
    let words = format!("{found} links on {index} match `{key}`, more than {most}");
    Diagnostic::check("fetch-too-many", words).help("say more precisely which links are meant")
}
