//! How a book marks copies that people are given before publication.

use super::settings::Table;

/// Words of a banner that stand for values.
const PLACEHOLDERS: [&str; 7] = ["copy", "copies", "name", "role", "organisation", "release", "access_from"];

/// Those without which a banner does not say whose copy it is, and until when.
const NEEDED: [&str; 4] = ["copy", "copies", "name", "release"];

/// The most hours before publication for which anyone may be given a copy. A book may allow fewer.
const MOST_HOURS: i64 = 24;

/// What a book says of copies that are given out before publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreReleaseRule {
    /// Words on every page of a copy, with values in braces.
    banner: String,
    /// The most hours of access.
    pub hours: i64,
}

impl PreReleaseRule {
    /// The words on every page of a copy.
    pub fn banner(&self, values: &[(&str, &str)]) -> String {
        // One pass, so that braces in a value stay as they are.
        let (mut words, mut rest) = (String::new(), self.banner.as_str());
        while let Some((before, name, after)) = placeholder(rest) {
            words.push_str(before);
            words.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = after;
        }
        words + rest
    }
}

/// The first word in braces, with what stands before and after.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Reads `[pre_release]`.
pub(super) fn read(table: &Table<'_>) -> Option<PreReleaseRule> {
    let banner = table.text("banner");
    let hours = table.optional_integer("hours").unwrap_or(MOST_HOURS);
    table.finish();
    if !(1..=MOST_HOURS).contains(&hours) {
        let words = format!("`hours` is from 1 to {MOST_HOURS}: a book may give shorter access, and not longer");
        table.problem_at("hours", "pre-release-hours", words);
    }
    let banner = banner?;
    let mut rest = banner.as_str();
    while let Some((_, name, after)) = placeholder(rest) {
        if !PLACEHOLDERS.contains(&name) {
            let words = format!("`{{{name}}}` stands for nothing in a banner; use {{{}}}", PLACEHOLDERS.join("}, {"));
            table.problem_at("banner", "pre-release-banner", words);
        }
        rest = after;
    }
    let missing: Vec<String> =
        NEEDED.iter().map(|name| format!("{{{name}}}")).filter(|name| !banner.contains(name.as_str())).collect();
    if !missing.is_empty() {
        let words = format!("the banner does not say {}: whose copy it is, and until when", missing.join(", "));
        table.problem_at("banner", "pre-release-banner", words);
    }
    Some(PreReleaseRule { banner, hours })
}
