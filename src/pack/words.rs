//! Words of a template that a figure does not stand behind, and numbers in a style that is not the book's.
//!
//! A number typed by hand has no address and stays as it is when the data change. A word such as "rose" beside a
//! figure says more than the figure does. Both are warnings: a person knows whether they are meant.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::lint::tags;
use super::text;
use crate::book::{Book, Lints, TEMPLATES, list_files, read_within};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};

/// Words that are read together: where they stand with the code in them, and where the words themselves stand.
pub type Prose = (Range<usize>, Vec<Range<usize>>);

/// Finds the words of a template whose tags have been blanked.
type Reader<'r> = &'r dyn Fn(&str) -> Vec<Prose>;

/// Stands for a byte of code between words.
const CODE: char = '\u{1}';

/// A lint: its word in an allowance, its code, what is wrong and how to mend it.
struct Lint {
    allowed_as: &'static str,
    code: &'static str,
    pattern: Regex,
    /// Whether a match is meant at all.
    meant: fn(&str) -> bool,
    /// Whether it matters only beside a printed figure.
    beside_figure: bool,
    message: fn(&str) -> String,
    help: [&'static str; 2],
}

/// A match in a template.
struct Found<'l> {
    lint: &'l Lint,
    range: Range<usize>,
}

/// Warnings about the words of every template of a book; `read` finds them.
pub fn check_words(book: &Book, read: Reader<'_>) -> Outcome<Problems> {
    let folder = book.root.join(TEMPLATES);
    let lints = lints(&book.lints, book.language.to_lowercase().starts_with("en"));
    let mut problems = Problems::none();
    // In a template of plain text all that is no tag is words.
    let plain = |text: &str| text::passages(text).into_iter().map(|range| (range.clone(), vec![range])).collect();
    for name in list_files(&folder)?.into_iter().filter(|name| !name.starts_with("lib/")) {
        let reader: Reader<'_> = match name.rsplit_once('.') {
            Some((_, "typ")) => read,
            Some((_, "txt")) => &plain,
            _ => continue,
        };
        let text = read_within(&folder, &name).and_then(|file| file.text())?;
        let file = format!("{TEMPLATES}/{name}");
        problems.extend(check_template(&file, &text, &lints, reader));
        if name.ends_with(".typ") {
            problems.extend(swallowed_semicolons(&file, &text));
        }
    }
    Ok(problems)
}

fn check_template(file: &str, template: &str, lints: &[Lint], read: Reader<'_>) -> Problems {
    let (blanked, printed) = blanked(template);
    let mut found: Vec<Found<'_>> = Vec::new();
    for (range, words) in read(&blanked) {
        let shown = masked(&blanked, &range, &words, &printed);
        for lint in lints {
            for matched in lint.pattern.find_iter(&shown).filter(|matched| (lint.meant)(matched.as_str())) {
                let sentence = sentence(&shown, matched.range());
                let beside = || printed.iter().any(|(at, figure)| *figure && meet(at, &offset(&sentence, range.start)));
                if !lint.beside_figure || beside() {
                    found.push(Found { lint, range: offset(&without_code(&shown, matched.range()), range.start) });
                }
            }
        }
    }
    found.extend(raised(&blanked, lints));
    found.sort_by_key(|found| (found.range.start, found.lint.code));
    report(file, template, &found)
}

/// Warnings of semicolons right behind a printed value, with words after them: Typst takes each for the end of the
/// expression and does not print it, so that two clauses run into each other.
fn swallowed_semicolons(file: &str, template: &str) -> Problems {
    let mut problems = Problems::none();
    let Ok(pattern) = Regex::new(r"#\{\{(?:[^}\n]|\}[^}\n])*\}\}(;)[ \u{a0}]+[^\s{]") else { return problems };
    for semicolon in pattern.captures_iter(template).filter_map(|captures| captures.get(1)) {
        let words = "this semicolon will not be printed: to Typst it ends the expression before it";
        let place = Place::in_text(file, template, semicolon.start(), semicolon.end());
        problems.push(Diagnostic::warning("words-semicolon", words).at(place).help("write `\\;`"));
    }
    problems
}

/// Warnings for what is found and not allowed, and for allowances that allow nothing.
fn report(file: &str, template: &str, found: &[Found<'_>]) -> Problems {
    let allowances = allowances(template);
    let mut used = vec![false; allowances.len()];
    let mut problems = Problems::none();
    for Found { lint, range } in found {
        let line = line_of(template, range.start);
        let allows =
            |(kind, at, _): &(String, usize, Range<usize>)| *kind == lint.allowed_as && (*at == line || at + 1 == line);
        if let Some(at) = allowances.iter().position(allows) {
            used[at] = true;
            continue;
        }
        let place = Place::in_text(file, template, range.start, range.end);
        let problem = Diagnostic::warning(lint.code, (lint.message)(template[range.clone()].trim())).at(place);
        problems.push(lint.help.iter().fold(problem, |problem, help| problem.help(*help)));
    }
    for ((kind, _, range), _) in allowances.iter().zip(used).filter(|(_, used)| !used) {
        let words = format!("nothing on this line or the next needs the allowance `{kind}`");
        problems.push(
            Diagnostic::warning("words-unneeded", words)
                .at(Place::in_text(file, template, range.start, range.end))
                .help("take the comment out, so that it does not hide a later one"),
        );
    }
    problems
}

/// Comments such as `// candour: address "a legal standard"`: kind, line and range.
fn allowances(template: &str) -> Vec<(String, usize, Range<usize>)> {
    let Ok(pattern) = Regex::new(r#"//\s*candour:\s*(address|words|style)\s+"[^"\n]*\w[^"\n]*""#) else {
        return Vec::new();
    };
    pattern
        .captures_iter(template)
        .filter_map(|captures| {
            let (whole, kind) = (captures.get(0)?, captures.get(1)?);
            Some((kind.as_str().to_string(), line_of(template, whole.start()), whole.range()))
        })
        .collect()
}

/// The lints for a book's words.
fn lints(words: &Lints, english: bool) -> Vec<Lint> {
    let after = alternatives(&words.units).map(|units| format!(r"\b{NUMBER}[ \u{{a0}}]?{units}"));
    let before = alternatives(&words.signs).map(|signs| format!(r"{signs}[ \u{{a0}}]?{NUMBER}"));
    let mut found: Vec<Option<Lint>> = [after, before].into_iter().flatten().map(|text| address(&text)).collect();
    found.push(alternatives(&words.comparative).and_then(|text| comparison(&text)));
    found.push(ranges());
    found.push(ordinals());
    found.push(note_marks());
    found.push(months().filter(|_| english));
    found.into_iter().flatten().collect()
}

const NUMBER: &str = r"[0-9](?:[0-9,]*[0-9])?(?:\.[0-9]+)?(?:[ \u{a0}](?:thousand|million|billion))?";

/// A group of words, of which each stands by itself where it begins or ends with a letter; none of no words.
fn alternatives(words: &[String]) -> Option<String> {
    let edge = |letter: Option<char>| if letter.is_some_and(char::is_alphanumeric) { r"\b" } else { "" };
    let escaped: Vec<String> = words
        .iter()
        .filter(|word| !word.trim().is_empty())
        .map(|word| {
            let spaced = regex::escape(word.trim()).replace(' ', r"\s+");
            format!("{}{spaced}{}", edge(word.trim().chars().next()), edge(word.trim().chars().next_back()))
        })
        .collect();
    (!escaped.is_empty()).then(|| format!("(?:{})", escaped.join("|")))
}

fn pattern(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).case_insensitive(true).build().ok()
}

fn address(text: &str) -> Option<Lint> {
    Some(Lint {
        allowed_as: "address",
        code: "words-no-address",
        pattern: pattern(text)?,
        meant: |_| true,
        beside_figure: false,
        message: |text| format!("this number has no address: {text}"),
        help: [
            "print a value of a cell, or of [parameters] in candour.toml, so that it changes with the data",
            "if it never changes, say so on this line or the one before: // candour: address \"a legal standard\"",
        ],
    })
}

fn comparison(text: &str) -> Option<Lint> {
    Some(Lint {
        allowed_as: "words",
        code: "words-comparative",
        pattern: pattern(text)?,
        meant: |_| true,
        beside_figure: true,
        message: |text| format!("\"{text}\" beside a figure says more than the figure does"),
        help: [
            "let a query choose the word, or print a claim, which is checked; or say only what the figure is",
            "if it compares nothing, say so on this line or the one before: // candour: words \"ends of a scale\"",
        ],
    })
}

fn style(pattern: &str, meant: fn(&str) -> bool, message: fn(&str) -> String, help: &'static str) -> Option<Lint> {
    Some(Lint {
        allowed_as: "style",
        code: "words-style",
        pattern: Regex::new(pattern).ok()?,
        meant,
        beside_figure: false,
        message,
        help: [
            help,
            "if it must stay, say why on this line or the one before: // candour: style \"a title as published\"",
        ],
    })
}

/// Numbers, or figures, joined by a hyphen or dash; but no dates, and no years such as 2025-26.
fn ranges() -> Option<Lint> {
    let number = "[0-9]+(?:[.,][0-9]+)*%?";
    let pattern = format!(r"\b{number}(?:(?:–|--|-){number})+|\x01(?:–|--|-)\x01");
    let meant = |text: &str| {
        let parts: Vec<&str> = text.split(['-', '–']).filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [first, second] => !(first.len() == 4 && second.len() == 2),
            _ => false,
        }
    };
    let message = |text: &str| match text.contains(char::is_numeric) {
        true => format!("a range is written with \"to\": {text}"),
        false => "a range of figures is written with \"to\"".to_string(),
    };
    style(&pattern, meant, message, "write \"5 to 10\": a hyphen may be read as a minus")
}

fn ordinals() -> Option<Lint> {
    let message = |text: &str| format!("an ordinal has plain letters: {text}");
    style("[0-9](?:ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)", |_| true, message, "write 1st, 2nd, 3rd without raising the letters")
}

/// Months beside a day or a year. They are told from other words by their capital.
fn months() -> Option<Lint> {
    let month = "(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)";
    let pattern = format!(r"\b[0-9]{{1,2}}[ \u{{a0}}]{month}\b\.?|\b{month}\b\.?[ \u{{a0}}-][0-9]{{2,4}}\b");
    let message = |text: &str| format!("a month is written in full: {text}");
    style(&pattern, |_| true, message, "write 6 August 2026: short forms are not read out well")
}

/// Marks of notes behind a word. Those that are raised stand in code.
fn note_marks() -> Option<Lint> {
    let message = |text: &str| format!("a note is marked with {text}");
    style("\\p{L}{3}[¹²³⁰⁴-⁹†‡]", |_| true, message, "write [note 1]: a raised mark is read as a part of the word")
}

/// Ordinals and marks of notes that Typst's `super` raises: these letters stand in code of their own.
fn raised<'l>(template: &str, lints: &'l [Lint]) -> Vec<Found<'l>> {
    let in_comment = |at: usize| {
        let start = template[..at].rfind('\n').map_or(0, |newline| newline + 1);
        template[start..at].contains("//")
    };
    let ordinal = (r#"#super\s*[\[(]"?(?:st|nd|rd|th)\b"#, 'ˢ');
    // A unit is raised behind a short word, such as km.
    let note = (r#"\p{L}{3}[.,)]?(#super\s*[\[(]"?(?:[0-9]{1,2}|[a-z]|\*|†|‡)"?[\])])"#, '†');
    let found = [ordinal, note].into_iter().flat_map(|(pattern, letter)| {
        let lint = lints.iter().find(|lint| lint.pattern.as_str().contains(letter));
        let (Some(lint), Ok(pattern)) = (lint, Regex::new(pattern)) else { return Vec::new() };
        let matches = pattern.captures_iter(template).filter_map(|found| found.get(1).or_else(|| found.get(0)));
        let ranges = matches.map(|found| found.range()).filter(|range| !in_comment(range.start));
        ranges.map(|range| Found { lint, range }).collect()
    });
    found.collect()
}

/// A tag that prints: where it stands, and whether it prints a figure as words.
type Printed = (Range<usize>, bool);

/// The template with its tags made harmless to a Typst parser at the same places, and where it prints. A value becomes
/// a text of the same length, as it does when the template is filled; anything else becomes a comment, which ends no
/// paragraph even on a line of its own.
fn blanked(template: &str) -> (String, Vec<Printed>) {
    let mut bytes = template.as_bytes().to_vec();
    let (claims, mut printed) = (claim_names(template), Vec::new());
    for (range, kind) in whole_tags(template) {
        let prints = kind == '{';
        match prints {
            true => fill(&mut bytes[range.clone()], b'a', b"\"", b"\""),
            false => fill(&mut bytes[range.clone()], b' ', b"/*", b"*/"),
        }
        if prints {
            // Data for a chart is no word, and a claim has words of its own.
            let inside = &template[range.clone()];
            let name = inside.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
            let claim = inside.contains("claim(") || claims.iter().any(|claim| claim == name);
            printed.push((range, !claim && !inside.contains("| data")));
        }
    }
    (String::from_utf8(bytes).unwrap_or_default(), printed)
}

/// Names that a template gives to claims.
fn claim_names(template: &str) -> Vec<String> {
    let Ok(pattern) = Regex::new(r"set\s+(\w+)\s*=\s*claim\s*\(") else { return Vec::new() };
    pattern.captures_iter(template).filter_map(|captures| Some(captures.get(1)?.as_str().to_string())).collect()
}

/// Fills bytes between a beginning and an end; lines stay as they are.
fn fill(bytes: &mut [u8], filler: u8, begin: &[u8], end: &[u8]) {
    bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = filler);
    let length = bytes.len();
    // A tag that the file ends in may be too short.
    if length >= begin.len() + end.len() {
        bytes[..begin.len()].copy_from_slice(begin);
        bytes[length - end.len()..].copy_from_slice(end);
    }
}

/// The tags of a template with their brackets, and the character that says of which kind they are.
fn whole_tags(template: &str) -> Vec<(Range<usize>, char)> {
    let mut found: Vec<(Range<usize>, char)> = tags(template)
        .into_iter()
        .map(|inside| {
            let kind = if template[..inside.start].ends_with("{{") { '{' } else { '%' };
            (inside.start - 2..(inside.end + 2).min(template.len()), kind)
        })
        .collect();
    let mut at = 0;
    while let Some(open) = template[at..].find("{#").map(|offset| at + offset) {
        let end = template[open..].find("#}").map_or(template.len(), |offset| open + offset + 2);
        if !found.iter().any(|(tag, _)| tag.contains(&open)) {
            found.push((open..end, '#'));
        }
        at = open + 2;
    }
    found
}

/// A passage with everything but its own words and white space replaced, byte for byte.
fn masked(template: &str, range: &Range<usize>, words: &[Range<usize>], printed: &[Printed]) -> String {
    let is_word = |at: usize| words.iter().any(|word| word.contains(&at));
    let is_value = |at: usize| printed.iter().any(|(value, _)| value.contains(&at));
    let mut shown = String::with_capacity(range.len());
    for (offset, letter) in template[range.clone()].char_indices() {
        let at = range.start + offset;
        if letter.is_whitespace() || is_word(at) && !is_value(at) {
            shown.push(letter);
        } else {
            shown.extend(std::iter::repeat_n(CODE, letter.len_utf8()));
        }
    }
    shown
}

/// A match without the code at its ends.
fn without_code(text: &str, matched: Range<usize>) -> Range<usize> {
    let inside = &text[matched.clone()];
    let start = matched.start + inside.len() - inside.trim_start_matches(CODE).len();
    start..(start + inside.trim_matches(CODE).len())
}

/// The sentence around a match.
fn sentence(text: &str, matched: Range<usize>) -> Range<usize> {
    let ends = |at: &usize| {
        let rest = &text[*at..];
        rest.starts_with(". ") || rest.starts_with("? ") || rest.starts_with("! ") || rest.starts_with(".\n")
    };
    let positions = || text.char_indices().map(|(at, _)| at);
    let start = positions().filter(ends).take_while(|at| *at < matched.start).last().map_or(0, |at| at + 1);
    let end = positions().find(|at| *at >= matched.end && ends(at)).unwrap_or(text.len());
    start..end
}

fn offset(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes and marked texts of a template's warnings.
    fn found(template: &str) -> Vec<(&'static str, String)> {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect();
        let words = Lints {
            units: own(&["%", "per cent", "plots"]),
            signs: own(&["£"]),
            comparative: own(&["rose", "because", "the best"]),
            ..Lints::default()
        };
        let read = |text: &str| {
            crate::typeset::passages(text).into_iter().map(|passage| (passage.range, passage.words)).collect()
        };
        let problems = check_template("t.typ", template, &lints(&words, true), &read);
        let shown = |problem: Diagnostic| {
            let place = problem.place.unwrap();
            let line = place.excerpt.unwrap();
            (problem.code, line.chars().skip(place.column - 1).take(place.length).collect())
        };
        problems.0.into_iter().map(shown).collect()
    }

    #[track_caller]
    fn warns(code: &str, cases: &[(&str, &str)], sound: &[&str]) {
        for (template, text) in cases {
            let found = found(template);
            assert!(
                matches!(&found[..], [(only, marked)] if *only == code && marked == text),
                "{template}: {found:?} instead of {text}"
            );
        }
        for template in sound {
            assert_eq!(found(template), [], "{template}");
        }
    }

    #[test]
    fn a_number_typed_by_hand_beside_a_unit_has_no_address() {
        warns(
            "words-no-address",
            &[
                ("About 12.5% of them.", "12.5%"),
                ("It cost £3 million.", "£3 million"),
                ("#f(title: \"Of 1,200 plots\")", "1,200 plots"),
                ("#f([Half of *95 per cent* sets])", "95 per cent"),
                ("{% if x %}\"less than 1%\"{% endif %}", "1%"),
                ("#f(\"a \" + {{ x }} + \" of 50%\")", "50%"),
            ],
            &[
                "#block(width: 50%)[In {{ x }} of #{{ y }}%.]",
                "{# 50% #}{% if x > 50 %}Words{% endif %}",
                "// 50% in a comment",
                "`50%` and 12 months and 4 plotsful",
                "#set text(fill: rgb(\"50%\"))",
                "A 95% interval. // candour: address \"the level of the method\"",
                "// candour: address \"the level of the method\"\nA 95% interval.",
            ],
        );
    }

    #[test]
    fn a_word_that_compares_is_found_in_the_sentence_of_a_figure() {
        warns(
            "words-comparative",
            &[
                ("Yields rose to #{{ x }}.", "rose"),
                ("#f(\"It is #1 Because of \" + {{ x }})", "Because"),
                ("{% for r in rows %}\n- #{{ r.name }} is the\n  best.\n{% endfor %}", "the"),
            ],
            &[
                "Yields rose. There were #{{ x }}.",
                "Yields rose.\n\nThere were #{{ x }}.",
                "A rosebush has #{{ x }} flowers.",
                "Yields rose: #{{ claim(\"rise\") }}.",
                "{% set rise = claim(\"rise\") %}Yields rose: #{{ rise }}.",
                "#chart({{ x | data }}, title: \"Why it rose\")",
                "#tile(\"They rose\", {{ x }})",
                "// candour: words \"the name of a flower\"\nA rose of #{{ x }}.",
            ],
        );
    }

    #[test]
    fn numbers_keep_to_the_style() {
        warns(
            "words-style",
            &[
                ("From 5-10 of them.", "5-10"),
                ("Pages 5--10.", "5--10"),
                ("Ranks #{{ a }}-#{{ b }}.", "-"),
                ("#f({{ a }} + \"–\" + {{ b }})", "–"),
                ("The 3#super[rd] of them.", "#super[rd"),
                ("The 3ʳᵈ of them.", "3ʳᵈ"),
                ("On 6 Aug they met.", "6 Aug"),
                ("In Sept 2026.", "Sept 2026"),
                ("A harvest¹ of them.", "est¹"),
                ("A harvest#super[1] of them.", "#super[1]"),
                ("A harvest#super(\"a\").", "#super(\"a\")"),
            ],
            &[
                "From 5 to 10 on 2026-08-06, and in 2025-26.",
                "The 3rd on 6 August 2026. It may. Mar the day.",
                "CO#super[2] and km#super[2] and m²",
                "A well-known 24-hour day.",
                "The title is \"Pages 5-10\". // candour: style \"as published\"",
            ],
        );
    }

    #[test]
    fn an_allowance_that_allows_nothing_or_has_no_reason_is_no_allowance() {
        assert_eq!(found("// candour: address \"why\"\nNothing here.")[0].0, "words-unneeded");
        assert_eq!(found("// candour: address \"\"\nAbout 50%.")[0].0, "words-no-address");
        assert_eq!(found("// candour: words \"why\"\nAbout 50%.").len(), 2, "an allowance of another kind");
    }

    #[test]
    fn a_semicolon_behind_a_printed_value_is_swallowed() {
        let warned = |template: &str| {
            let places = swallowed_semicolons("t.typ", template).0.into_iter().filter_map(|problem| problem.place);
            places.map(|place| (place.line, place.column)).collect::<Vec<_>>()
        };
        assert_eq!(warned("It was #{{ x.value }}; then it fell."), [(1, 22)]);
        assert_eq!(warned("a\n#{{ a }}, #{{ b | one(\"}\") }}; more #{{ c }}; end"), [(2, 30), (2, 45)]);
        for sound in [
            "#{{ x }}\\; then",
            "#{{ x }}; ",
            "#{{ x }};\n",
            "#let y = {{ x }}; words",
            "x; y #{{ x }}, z",
            "#{{ x }}; {% if y %}",
        ] {
            assert_eq!(warned(sound), [], "{sound}");
        }
    }

    #[test]
    fn without_a_list_there_is_no_lint_and_odd_templates_do_no_harm() {
        let none = Lints { units: Vec::new(), signs: Vec::new(), comparative: vec![" ".into()], ..Lints::default() };
        assert_eq!(lints(&none, false).len(), 3);
        for template in ["", "{{", "{% {# }} %}", "é{{ü}}– 5\u{a0}%", "#f(\"", "[[[", "\u{feff}a"] {
            found(template);
        }
    }
}
