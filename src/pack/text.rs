//! Plain text with tidy lines, ready to be pasted.

use super::escape::plain_text;

/// Text without blanks at the ends of lines, with at most one empty line between others and none at its ends, and with
/// one line break, `\n`, after each line. What a template does with loops and conditions leaves no gaps.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines() {
        let line = plain_text(line);
        let line = line.trim_end();
        if line.is_empty() {
            gap = !tidied.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            tidied.push('\n');
        }
        tidied.push_str(line);
        tidied.push('\n');
    }
    tidied
}

/// The passages of a template of plain text: runs of lines with words, as byte ranges.
pub(super) fn passages(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match (line.trim().is_empty(), open) {
            (true, _) => open = false,
            (false, true) => found.last_mut().into_iter().for_each(|last| last.end = end),
            (false, false) => {
                found.push(at..end);
                open = true;
            }
        }
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gaps_and_trailing_blanks_go() {
        assert_eq!(tidy("\n\n a  \r\n\n\n\nb\u{202e}\t\n   \nc\n\n"), " a\n\nb\n\nc\n");
        assert_eq!(tidy("a"), "a\n");
        assert_eq!(tidy(" \n\t\n"), "");
    }

    #[test]
    fn passages_are_runs_of_lines() {
        assert_eq!(passages("a\nb\n\n \nc"), [0..4, 7..8]);
        assert!(passages("\n").is_empty());
    }

    proptest! {
        #[test]
        fn tidy_text_is_tidy_and_stays_so(text in any::<String>()) {
            let once = tidy(&text);
            prop_assert_eq!(&tidy(&once), &once);
            prop_assert!(!once.contains("\n\n\n") && !once.contains(" \n") && !once.starts_with('\n'));
            prop_assert!(once.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
