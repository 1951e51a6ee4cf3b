//! Which parts of a template are words for the reader, by Typst's own parser.

use std::ops::Range;

use typst::syntax::ast::{self, AstNode};
use typst::syntax::{LinkedNode, Source, SyntaxKind};

/// Words that are read together: a paragraph, a heading, a list item, or texts that are joined with `+`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands, with the code in it.
    pub range: Range<usize>,
    /// Where its words stand.
    pub words: Vec<Range<usize>>,
}

/// Functions whose texts are paths, names, patterns or colours.
const NOT_PROSE: [&str; 17] = [
    "rgb", "luma", "image", "read", "json", "csv", "toml", "yaml", "xml", "cbor", "regex", "label", "counter", "state",
    "panic", "assert", "cite",
];

/// Parts of a syntax tree that hold no words.
const SKIPPED: [SyntaxKind; 8] = [
    SyntaxKind::SetRule,
    SyntaxKind::ModuleImport,
    SyntaxKind::ModuleInclude,
    SyntaxKind::Raw,
    SyntaxKind::Equation,
    SyntaxKind::Link,
    SyntaxKind::Label,
    SyntaxKind::Ref,
];

/// The passages of a template. What is no Typst is passed over: a template is only whole when it is filled.
pub fn passages(template: &str) -> Vec<Passage> {
    let source = Source::detached(template);
    let mut found = Vec::new();
    walk(&LinkedNode::new(source.root()), None, &mut found);
    found.retain(|passage| !passage.words.is_empty());
    found
}

/// Walks a node whose words belong to a passage, if one is open.
fn walk(node: &LinkedNode<'_>, open: Option<usize>, found: &mut Vec<Passage>) {
    match node.kind() {
        kind if SKIPPED.contains(&kind) => {}
        SyntaxKind::Markup => markup(node, found),
        SyntaxKind::Strong | SyntaxKind::Emph => emphasis(node, open, found),
        SyntaxKind::Text | SyntaxKind::Shorthand | SyntaxKind::SmartQuote => {
            if let Some(passage) = open {
                found[passage].words.push(node.range());
            }
        }
        SyntaxKind::Str => {
            let passage = open.unwrap_or_else(|| begin(node.range(), found));
            let range = node.range();
            found[passage].words.push(range.start + 1..range.end.saturating_sub(1).max(range.start + 1));
        }
        SyntaxKind::Binary => binary(node, open, found),
        SyntaxKind::FuncCall if is_not_prose(node) => {}
        SyntaxKind::Parenthesized => node.children().for_each(|child| walk(&child, open, found)),
        SyntaxKind::FuncCall => node.children().for_each(|child| walk(&child, None, found)),
        // Code in a paragraph prints words of its own, not of the paragraph.
        _ => node.children().for_each(|child| walk(&child, None, found)),
    }
}

fn begin(range: Range<usize>, found: &mut Vec<Passage>) -> usize {
    found.push(Passage { range, words: Vec::new() });
    found.len() - 1
}

/// Paragraphs of markup.
fn markup(node: &LinkedNode<'_>, found: &mut Vec<Passage>) {
    let mut open = begin(node.offset()..node.offset(), found);
    for child in node.children() {
        if child.kind() == SyntaxKind::Parbreak {
            open = begin(child.range().end..child.range().end, found);
            continue;
        }
        found[open].range.end = child.range().end;
        walk(&child, Some(open), found);
    }
}

/// Words in bold or italics belong to the paragraph around them.
fn emphasis(node: &LinkedNode<'_>, open: Option<usize>, found: &mut Vec<Passage>) {
    for child in node.children() {
        match child.kind() {
            SyntaxKind::Markup => child.children().for_each(|inner| walk(&inner, open, found)),
            _ => walk(&child, open, found),
        }
    }
}

/// Texts joined with `+` are one passage; texts that are compared are none.
fn binary(node: &LinkedNode<'_>, open: Option<usize>, found: &mut Vec<Passage>) {
    let joins = node.cast::<ast::Binary<'_>>().is_some_and(|binary| binary.op() == ast::BinOp::Add);
    let compares = |child: &LinkedNode<'_>| !joins && child.kind() == SyntaxKind::Str;
    let inside = joins && node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::Binary);
    let passage = match (joins, open.filter(|_| inside)) {
        (true, None) => Some(begin(node.range(), found)),
        (true, passage) => passage,
        (false, _) => None,
    };
    for child in node.children().filter(|child| !compares(child)) {
        walk(&child, passage, found);
    }
}

fn is_not_prose(node: &LinkedNode<'_>) -> bool {
    let call = node.cast::<ast::FuncCall<'_>>();
    call.is_some_and(|call| NOT_PROSE.contains(&call.callee().to_untyped().leaf_text().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(template: &str) -> Vec<Vec<&str>> {
        passages(template)
            .into_iter()
            .map(|passage| passage.words.into_iter().map(|range| &template[range]).collect())
            .collect()
    }

    #[test]
    fn paragraphs_headings_and_items_are_passages() {
        let found = words("= Head\nOne *two* three.\n\nFour #x five.\n- item");
        for passage in ["Head", "One two three.", "Four five.", "item"] {
            assert!(found.iter().any(|words| words.join(" ") == passage), "{passage} in {found:?}");
        }
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn joined_texts_are_one_passage_and_code_is_none() {
        assert_eq!(words("#f(\"a \" + x + \" b\", width: 50%, title: \"c\")"), [vec!["a ", " b"], vec!["c"]]);
        assert_eq!(words("#f([d #g(\"e\")])"), [vec!["d"], vec!["e"]]);
    }

    #[test]
    fn paths_colours_settings_comparisons_and_comments_hold_no_words() {
        for template in [
            "#import \"a.typ\": b",
            "#set text(font: \"Some\")",
            "#rgb(\"#fff\")",
            "#if x == \"y\" {}",
            "// a comment",
            "`raw 5%`",
        ] {
            assert_eq!(words(template), [[""; 0]; 0], "{template}");
        }
    }
}
