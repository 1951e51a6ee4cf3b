//! Names: which are allowed, which file they give, and which is the nearest to a misspelt one.

/// The most similar of the known names, if any is similar enough to be worth suggesting.
pub fn nearest<'a, S: AsRef<str>>(word: &str, known: &'a [S]) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&word, &name.as_ref().to_lowercase()), name.as_ref()))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Whether a word can name a table or column: a lower-case letter, then letters, digits and underscores.
pub fn is_table_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.len() <= 63
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a word can name a folder of editions: letters, digits, dots, underscores and hyphens, no leading dot.
pub fn is_folder_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 100
        && !word.starts_with('.')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// A value from data as part of a file name: anything but letters, digits and hyphens becomes a hyphen.
pub fn file_part(value: &str) -> String {
    let kept: String = value
        .chars()
        .take(80)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' })
        .collect();
    if kept.is_empty() { "-".to_string() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("tilte", &["title", "grain"]), Some("title"));
        assert_eq!(nearest("zebra", &["title", "grain"]), None);
    }

    #[test]
    fn a_value_cannot_leave_its_folder() {
        assert_eq!(file_part("../../etc/passwd"), "------etc-passwd");
        assert_eq!(file_part(""), "-");
        assert!(!is_folder_name("..") && !is_folder_name("a/b") && is_folder_name("2025-26-q4"));
    }
}
