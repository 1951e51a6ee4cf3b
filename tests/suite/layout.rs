//! Every page of every demonstration pack: text inside the margins, and no word on top of another.
//!
//! Words and their boxes come from `pdftotext -bbox`; where it is not installed the test says so and passes over.

use std::path::Path;
use std::process::Command;

use crate::demonstration::shared;

/// A word and its box, in points from the top left of the page.
struct Word {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
    text: String,
}

/// The margins of the theme, in points on A4: left, right, above the running head, below the page number.
const INSIDE: (f64, f64, f64, f64) = (55.5, 540.5, 40.0, 812.0);

#[test]
fn text_stays_inside_the_margins_and_off_other_text() {
    let edition = shared().edition();
    let mut problems = Vec::new();
    for file in edition.files_of("board-pack").into_iter().chain(edition.files_of("ministerial-briefing")) {
        let Some(pages) = pages(&edition.folder.join(file)) else {
            eprintln!("passed over: pdftotext is not installed");
            return;
        };
        assert!(pages.len() > 3 && pages.iter().all(|words| !words.is_empty()), "{file} has pages with words");
        for (number, words) in pages.into_iter().enumerate() {
            let place = format!("{file} page {}", number + 1);
            problems.extend(outside(&words).map(|word| format!("{place}: \"{}\" is outside the margins", word.text)));
            problems.extend(overlaps(words).into_iter().map(|pair| format!("{place}: {pair}")));
        }
    }
    assert!(problems.is_empty(), "{} problems, such as {:#?}", problems.len(), &problems[..problems.len().min(10)]);
}

#[test]
fn words_outside_and_on_top_of_each_other_are_found() {
    let word = |left: f64, top: f64| Word { left, top, right: left + 30.0, bottom: top + 10.0, text: "word".into() };
    assert_eq!(outside(&[word(20.0, 100.0), word(100.0, 100.0), word(520.0, 100.0), word(100.0, 820.0)]).count(), 3);
    assert_eq!(overlaps(vec![word(100.0, 100.0), word(110.0, 102.0), word(100.0, 112.0)]).len(), 1);
}

fn outside(words: &[Word]) -> impl Iterator<Item = &Word> {
    let (left, right, top, bottom) = INSIDE;
    words.iter().filter(move |word| word.left < left || word.right > right || word.top < top || word.bottom > bottom)
}

/// Pairs of words whose boxes share more than touching lines do.
fn overlaps(mut words: Vec<Word>) -> Vec<String> {
    words.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut found = Vec::new();
    for (at, one) in words.iter().enumerate() {
        for other in words[at + 1..].iter().take_while(|other| other.top <= one.bottom - 3.0) {
            let across = one.right.min(other.right) - one.left.max(other.left);
            let down = one.bottom.min(other.bottom) - one.top.max(other.top);
            if across > 1.5 && down > 3.2 {
                found.push(format!("\"{}\" lies on \"{}\"", one.text, other.text));
            }
        }
    }
    found
}

/// The words of each page, or none where the program is not there.
fn pages(pdf: &Path) -> Option<Vec<Vec<Word>>> {
    let output = Command::new("pdftotext").arg("-bbox").arg(pdf).arg("-").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.split("<page ").skip(1).map(|page| page.lines().filter_map(word).collect()).collect())
}

/// Reads `<word xMin="…" yMin="…" xMax="…" yMax="…">text</word>`.
fn word(line: &str) -> Option<Word> {
    let (attributes, text) = line.trim().strip_prefix("<word ")?.split_once('>')?;
    let number = |name: &str| attributes.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.parse::<f64>().ok();
    let text = text.trim_end_matches("</word>").to_string();
    Some(Word { left: number("xMin")?, top: number("yMin")?, right: number("xMax")?, bottom: number("yMax")?, text })
}
