//! Text of the data made harmless wherever it lands: as a Typst string literal, and as plain text.

/// Text as a Typst string literal. Every character but letters, digits and spaces is written as
/// `\u{…}`, which means that character both inside a string and, should a template author forget
/// the `#`, in markup. Control characters and marks that turn the direction of text are left out:
/// they would let a name in the data rearrange the numbers beside it.
pub(crate) fn string_literal(text: &str, printable: &dyn Fn(char) -> bool) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars().filter_map(tame) {
        let c = if printable(c) { c } else { '\u{fffd}' };
        if c == ' ' || c.is_alphanumeric() {
            literal.push(c);
        } else {
            literal.push_str(&format!("\\u{{{:x}}}", c as u32));
        }
    }
    literal.push('"');
    literal
}

/// Text as it is written to a file of plain text: on one line, without what could turn or hide the words beside it.
pub(crate) fn plain_text(text: &str) -> String {
    // Characters of private use have no meaning that two readers share, and two of them are the engine's own marks.
    let private = |c: char| if matches!(c, '\u{e000}'..='\u{f8ff}') { '\u{fffd}' } else { c };
    text.chars().filter_map(tame).map(private).collect()
}

/// Whether nothing in a text turns, hides or breaks the words beside it.
pub(crate) fn is_tame(text: &str) -> bool {
    text.chars().all(|c| tame(c) == Some(c) && !matches!(c, '\u{e000}'..='\u{f8ff}'))
}

/// A character that cannot do harm to its neighbours: line breaks become spaces; control characters, marks of direction
/// and characters that nobody sees are left out.
fn tame(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        '\u{61c}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn code_in_a_name_becomes_words() {
        let literal = string_literal("]#eval(\"1\")", &|_| true);
        assert_eq!(literal, "\"\\u{5d}\\u{23}eval\\u{28}\\u{22}1\\u{22}\\u{29}\"");
    }

    #[test]
    fn what_no_font_has_is_shown_as_a_replacement_and_direction_marks_go() {
        assert_eq!(string_literal("a\u{1f600}\u{202e}b", &|c| c.is_ascii()), "\"a\\u{fffd}b\"");
    }

    #[test]
    fn plain_text_is_one_line_that_nothing_in_it_turns_or_hides() {
        let hostile = "a\r\nb\tc\u{202e}d\u{200b}\u{7}\u{1b}[2Je\u{2028}f\u{e0041}\u{61c}\u{feff}g\u{e000}f1\u{e001}é";
        assert_eq!(plain_text(hostile), "a  b cd[2Je fg\u{fffd}f1\u{fffd}é");
    }

    proptest! {
        #[test]
        fn only_letters_digits_spaces_and_escapes_ever_come_out(text in any::<String>()) {
            let literal = string_literal(&text, &|_| true);
            let inside = &literal[1..literal.len() - 1];
            let mut rest = inside;
            while let Some(c) = rest.chars().next() {
                if let Some(after) = rest.strip_prefix("\\u{") {
                    let end = after.find('}').unwrap();
                    prop_assert!(after[..end].chars().all(|c| c.is_ascii_hexdigit()));
                    rest = &after[end + 1..];
                } else {
                    prop_assert!(c == ' ' || c.is_alphanumeric());
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
    }
}
