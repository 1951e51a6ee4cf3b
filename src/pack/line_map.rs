//! The way back from a line of generated Typst to the line of the template that made it.
//!
//! Each line of a template is marked with an invisible note of its number before minijinja fills it;
//! the notes are taken out afterwards and say which template line each generated line came from. Printed figures
//! are marked in the same way, so that each can be found again on the page where it came to stand.

use std::ops::Range;

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A template with its lines marked.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub text: String,
    marks: Vec<Range<usize>>,
}

/// Which template line each generated line came from.
#[derive(Clone, Debug, Default)]
pub struct LineMap {
    lines: Vec<(usize, usize)>,
}

/// Marks the lines of a template. Lines inside a tag, and lines that begin with a tag, are not marked:
/// the former would break the tag, the latter would keep it from removing its own line.
pub(super) fn mark(template: usize, source: &str) -> Marked {
    let mut marked = Marked { text: String::with_capacity(source.len() * 2), marks: Vec::new() };
    let mut inside: Option<&str> = None;
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let start = line.trim_start();
        if inside.is_none() && !start.starts_with("{%") && !start.starts_with("{#") {
            let from = marked.text.len();
            marked.text.push_str(&format!("{OPEN}{template}:{}{CLOSE}", number + 1));
            marked.marks.push(from..marked.text.len());
        }
        marked.text.push_str(line);
        inside = tag_at_end(line, inside);
    }
    marked
}

/// The end mark of the tag that is still open at the end of a line, if any.
fn tag_at_end(line: &str, inside: Option<&'static str>) -> Option<&'static str> {
    let mut rest = line;
    let mut inside = inside;
    loop {
        match inside {
            Some(end) => {
                let Some(at) = rest.find(end) else { return inside };
                rest = &rest[at + end.len()..];
                inside = None;
            }
            None => {
                let opened = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
                    .into_iter()
                    .filter_map(|(open, close)| rest.find(open).map(|at| (at, close)))
                    .min();
                let (at, close) = opened?;
                rest = &rest[at + 2..];
                inside = Some(close);
            }
        }
    }
}

impl Marked {
    /// A byte offset in the marked text as an offset in the template.
    pub fn original(&self, offset: usize) -> usize {
        let before: usize =
            self.marks.iter().filter(|mark| mark.start < offset).map(|mark| mark.end.min(offset) - mark.start).sum();
        offset - before
    }
}

/// A mark that says that the figure of this number follows.
pub(super) fn figure_mark(id: usize) -> String {
    format!("{OPEN}f{id}{CLOSE}")
}

/// Generated text without its marks, and what they said.
#[derive(Clone, Debug, Default)]
pub(super) struct Unmarked {
    pub text: String,
    pub map: LineMap,
    /// Byte offsets in the text at which figures begin, in order, with the figures' numbers.
    pub figures: Vec<(usize, usize)>,
}

/// Takes the marks out of generated text.
pub(super) fn unmark(generated: &str) -> Unmarked {
    let mut unmarked = Unmarked { text: String::with_capacity(generated.len()), ..Unmarked::default() };
    let mut current = (0, 0);
    for line in generated.split_inclusive('\n') {
        let mut first = None;
        let mut rest = line;
        while let Some(at) = rest.find(OPEN) {
            unmarked.text.push_str(&rest[..at]);
            let after = &rest[at + OPEN.len_utf8()..];
            let Some(end) = after.find(CLOSE) else { break };
            if let Some((template, number)) = after[..end].split_once(':') {
                current = (template.parse().unwrap_or(0), number.parse().unwrap_or(0));
                first.get_or_insert(current);
            } else if let Some(id) = after[..end].strip_prefix('f').and_then(|id| id.parse().ok()) {
                unmarked.figures.push((unmarked.text.len(), id));
            }
            rest = &after[end + CLOSE.len_utf8()..];
        }
        unmarked.text.push_str(rest);
        unmarked.map.lines.push(first.unwrap_or(current));
    }
    unmarked
}

impl LineMap {
    /// Adds the lines of a text that follows `before`, the text of this map.
    pub fn append(&mut self, before: &str, other: LineMap) {
        // A text that does not end its last line goes on in the first line of the next.
        let skipped = usize::from(!before.is_empty() && !before.ends_with('\n'));
        self.lines.extend(other.lines.into_iter().skip(skipped));
    }

    /// Template number and line (from 1) of a generated line (from 1).
    pub fn template_line(&self, generated: usize) -> Option<(usize, usize)> {
        let found = self.lines.get(generated.checked_sub(1)?).or(self.lines.last()).copied();
        found.filter(|(_, line)| *line > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_out_again_and_leave_the_way_back() {
        let source = "a\n{% if x %}\nb {{\n y }}\n{% endif %}\nc\n";
        let marked = mark(3, source);
        let Unmarked { text, map, figures } = unmark(&marked.text);
        assert!(figures.is_empty());
        assert_eq!(text, source);
        assert_eq!(map.template_line(1), Some((3, 1)));
        assert_eq!(map.template_line(3), Some((3, 3)));
        assert_eq!(map.template_line(6), Some((3, 6)));
        assert_eq!(map.template_line(99), Some((3, 6)));
    }

    #[test]
    fn a_figure_is_found_where_its_mark_stood() {
        let found = unmark(&format!("{OPEN}0:1{CLOSE}a {}\"b\" {}3\n", figure_mark(7), figure_mark(12)));
        assert_eq!(found.text, "a \"b\" 3\n");
        assert_eq!(found.figures, [(2, 7), (6, 12)]);
    }

    #[test]
    fn an_offset_finds_its_way_back() {
        let marked = mark(0, "ab\ncd\n");
        let at = marked.text.find("cd").unwrap();
        assert_eq!(marked.original(at), 3);
    }
}
