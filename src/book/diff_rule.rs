//! How a book wants its editions compared.

use super::settings::Table;

/// Words in a draft correction that stand for values.
const PLACEHOLDERS: [&str; 6] = ["before", "after", "title", "key", "figure", "page"];

/// How editions are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffRule {
    /// The cell that says of figures whether their change is signal.
    pub signal: Option<String>,
    /// Key columns that name a period: figures that differ in nothing else follow each other.
    pub periods: Vec<String>,
    /// The words of a correction, with `{before}`, `{after}` and others in braces.
    pub correction: Option<String>,
}

impl DiffRule {
    /// The words of a correction with values in the place of words in braces.
    pub fn correct(&self, values: &[(&str, &str)]) -> Option<String> {
        let template = self.correction.as_ref()?;
        // One pass, so that braces in a value stay as they are.
        let (mut words, mut rest) = (String::new(), template.as_str());
        while let Some((before, name, after)) = placeholder(rest) {
            words.push_str(before);
            words.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = after;
        }
        Some(words + rest)
    }
}

/// The first word in braces, with what stands before and after.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// Reads `[diff]`.
pub(super) fn read(table: &Table<'_>) -> DiffRule {
    let rule = DiffRule {
        signal: table.optional_text("signal"),
        periods: table.texts("periods"),
        correction: table.optional_text("correction"),
    };
    table.finish();
    let mut rest = rule.correction.as_deref().unwrap_or_default();
    while let Some((_, name, after)) = placeholder(rest) {
        if !PLACEHOLDERS.contains(&name) {
            let words =
                format!("`{{{name}}}` stands for nothing in a correction; use {{{}}}", PLACEHOLDERS.join("}, {"));
            table.problem_at("correction", "diff-correction", words);
        }
        rest = after;
    }
    let names = |word: &str| rule.correction.as_ref().is_none_or(|text| text.contains(&format!("{{{word}}}")));
    if !names("before") || !names("after") {
        let words = "a correction says what the figure was and what it should have been: {before} and {after}";
        table.problem_at("correction", "diff-correction", words);
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_is_filled_once_and_braces_in_values_stay() {
        let rule = DiffRule { correction: Some("From {before} to {after}.".into()), ..DiffRule::default() };
        let words = rule.correct(&[("before", "{after}"), ("after", "2")]);
        assert_eq!(words.as_deref(), Some("From {after} to 2."));
        assert_eq!(DiffRule::default().correct(&[]), None);
    }
}
