//! Answers: how long they are, and whether they begin with the fact. `[[lints.answers]]` names the part that is one.

use super::Subject;
use super::reading::{dense, walk};
use crate::book::{Answer, TEMPLATES};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::typeset::{Element, Part};

pub(super) fn check(subject: &Subject<'_>) -> Problems {
    let mut problems = Problems::none();
    for answer in subject.book.lints.answers.iter().filter(|answer| answer.pack == subject.rule.name) {
        check_one(subject, answer, &mut problems);
    }
    problems
}

fn check_one(subject: &Subject<'_>, answer: &Answer, problems: &mut Problems) {
    let place = Place::file(format!("{TEMPLATES}/{}", subject.rule.template));
    let Some(words) = labelled(subject, &answer.label) else {
        let message = format!("nothing in the pack has the label <{}> of its answer", answer.label);
        let problem = Diagnostic::check("page-answer", message).at(place);
        problems.push(problem.help(format!("put the answer into #block[…] <{}>", answer.label)));
        return;
    };
    let count = words.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    if let Some(most) = answer.words_at_most.filter(|most| count > *most) {
        let message = format!("the answer is longer than {most} words");
        let problem = Diagnostic::warning("page-answer", message).note(format!("it has {count}")).at(place.clone());
        problems.push(problem.help("keep to the fact; the rest is background"));
    }
    let first = first_sentence(&words);
    if answer.opens_with_fact && !is_fact(subject, first) && !opens_as_allowed(first, answer) {
        let problem = Diagnostic::warning("page-answer", "the answer does not begin with the fact")
            .note(format!("it begins: {first}"))
            .help("print a figure or a claim in the first sentence, or one of `or_opens_with` of [[lints.answers]]");
        problems.push(problem.at(place));
    }
}

/// The words of the element with a label, with spaces where lines end.
fn labelled(subject: &Subject<'_>, label: &str) -> Option<String> {
    let (mut found, mut text, mut last) = (false, String::new(), None);
    walk(&subject.seen.parts, |part, around| {
        let is_it = |element: &Element| matches!(element, Element::Labelled(name) if name == label);
        found |= matches!(part, Part::Begin(_, element, _) if is_it(element));
        if let Part::Words(words) = part
            && around.iter().any(|element| is_it(element))
            && !around.contains(&&Element::Artifact)
        {
            if last.is_some_and(|line| line != words.line) {
                text.push(' ');
            }
            last = Some(words.line);
            text.push_str(&words.text);
        }
    });
    found.then_some(text)
}

fn first_sentence(words: &str) -> &str {
    let words = words.trim();
    let end = [". ", "? ", "! "].iter().filter_map(|end| words.find(end)).min();
    end.map_or(words, |end| &words[..=end])
}

/// Whether a sentence prints a figure with a digit in it, or a claim.
fn is_fact(subject: &Subject<'_>, sentence: &str) -> bool {
    let sentence = dense(sentence);
    let printed = |text: &str| {
        let text = dense(text);
        text.contains(|c: char| c.is_ascii_digit()) && sentence.contains(&text)
    };
    let claimed = subject.rendered.claims.iter().any(|claim| {
        let statement = dense(&claim.statement);
        !statement.is_empty() && (sentence.contains(&statement) || statement.contains(&sentence))
    });
    claimed || subject.rendered.figures.iter().any(|figure| printed(&figure.text))
}

fn opens_as_allowed(sentence: &str, answer: &Answer) -> bool {
    let sentence = dense(sentence);
    answer.or_opens_with.iter().map(|words| dense(words)).any(|words| !words.is_empty() && sentence.starts_with(&words))
}
