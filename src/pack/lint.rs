//! Mistakes that a template engine cannot see.
//!
//! A value of a cell knows its address, and so is not a number or a text to a template's operators:
//! `row.score > 2` would be true whatever the score. Such a comparison is refused; `row.score.raw > 2` is meant.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Names whose parts are bare values.
const BARE: [&str; 7] = ["loop", "parameters", "brand", "book", "edition", "pack", "evidence"];

static COMPARED: LazyLock<Option<[Regex; 2]>> = LazyLock::new(|| {
    let path = r"\b([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\b";
    let before = Regex::new(&format!(r"{path}\s*(?:==|!=|<=|>=|<|>|not\s+in\b|in\b)"));
    let after = Regex::new(&format!(r"(?:==|!=|<=|>=|<|>)\s*{path}"));
    Some([before.ok()?, after.ok()?])
});

/// Names that a template gives to things of its own, whose parts are bare values too.
static OWN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"set\s+(\w+)\s*=\s*(?:namespace\s*\(|\{)").ok());

/// Byte ranges of values of cells that a template compares without `.raw`.
pub(super) fn bare_comparisons(template: &str) -> Vec<Range<usize>> {
    let Some(patterns) = &*COMPARED else { return Vec::new() };
    let own: Vec<&str> = match &*OWN {
        Some(own) => {
            own.captures_iter(template).filter_map(|captures| captures.get(1)).map(|name| name.as_str()).collect()
        }
        None => Vec::new(),
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    for tag in tags(template) {
        let text = without_strings(&template[tag.clone()]);
        for pattern in patterns {
            let paths = pattern.captures_iter(&text).filter_map(|captures| captures.get(1));
            for path in paths.filter(|path| is_figure(path.as_str(), &own) && !text[path.end()..].starts_with('(')) {
                found.push(tag.start + path.start()..tag.start + path.end());
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found.dedup();
    found
}

fn is_figure(path: &str, own: &[&str]) -> bool {
    let mut parts = path.split('.');
    let first = parts.next().unwrap_or_default();
    !BARE.contains(&first) && !own.contains(&first) && !matches!(parts.next_back(), Some("raw" | "unit"))
}

/// The insides of a template's tags.
pub(super) fn tags(template: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(open) = template[at..].find('{').map(|offset| at + offset) {
        let close = match template.as_bytes().get(open + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                at = open + 1;
                continue;
            }
        };
        let end = template[open + 2..].find(close).map_or(template.len(), |offset| open + 2 + offset);
        if close != "#}" {
            found.push(open + 2..end);
        }
        at = end;
    }
    found
}

/// The same text with the insides of quoted strings blanked.
fn without_strings(text: &str) -> String {
    let mut quote = None;
    text.chars()
        .map(|c| match quote {
            Some(open) => {
                quote = if c == open { None } else { quote };
                if c.is_ascii() { ' ' } else { c }
            }
            None => {
                quote = matches!(c, '"' | '\'').then_some(c);
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(template: &str) -> Vec<&str> {
        bare_comparisons(template).into_iter().map(|range| &template[range]).collect()
    }

    #[test]
    fn a_value_compared_without_raw_is_found_on_either_side() {
        assert_eq!(found("{% if row.score > 2 %}"), ["row.score"]);
        assert_eq!(found("{{ 1 if 3 == t.rank else 2 }}"), ["t.rank"]);
        assert_eq!(found("{% set x = p.kind in [\"a\"] %}"), ["p.kind"]);
    }

    #[test]
    fn what_is_bare_or_no_comparison_is_left_alone() {
        for template in [
            "{% if row.score.raw > 2 and loop.index == 1 %}",
            "{% if parameters.year == \"row.score > 2\" %}",
            "{% for x in rows %}{{ row.score }} > 2",
            "{% if row.again is missing %}{{ row.origin }}",
            "{# row.score > 2 #}",
            "{{ row.score | fixed(1) }}",
            "{% if row.score is missing %}",
            "{% set count = namespace(n=0) %}{% if count.n > 0 %}",
        ] {
            assert!(found(template).is_empty(), "{template}");
        }
    }
}
