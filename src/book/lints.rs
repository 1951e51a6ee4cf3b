//! `[lints]`: what `candour check` looks for in the words and on the pages of packs.

use super::settings::Table;
use crate::diagnostic::Place;

/// What the lints look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lints {
    /// Units that follow a number.
    pub units: Vec<String>,
    /// Signs that stand before a number, such as those of currencies.
    pub signs: Vec<String>,
    /// Words that compare, or say why, and so claim more than a figure does.
    pub comparative: Vec<String>,
    /// Image files under the templates folder that a pack may show; no other may be shown.
    pub images: Vec<String>,
    /// Words that may not stand in a pack.
    pub forbidden: Vec<Forbidden>,
    /// What must stand beside figures.
    pub needs: Vec<Need>,
    /// What an answer must keep to.
    pub answers: Vec<Answer>,
}

impl Default for Lints {
    fn default() -> Self {
        Lints {
            units: vec!["%".into(), "per cent".into()],
            signs: Vec::new(),
            comparative: Vec::new(),
            images: Vec::new(),
            forbidden: Vec::new(),
            needs: Vec::new(),
            answers: Vec::new(),
        }
    }
}

/// Words that may not stand in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// The words.
    pub words: Vec<String>,
    /// Why not.
    pub why: String,
}

/// How near something must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// In the same section, or in the words that open the section that it is part of.
    Section,
    /// On the same page.
    Page,
    /// Anywhere in the pack.
    Pack,
}

/// What must stand beside some figures: words, other figures or the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its word in an allowance.
    pub name: String,
    /// Units of the figures that need it, as patterns.
    pub units: Vec<String>,
    /// Columns of the figures that need it, as patterns.
    pub columns: Vec<String>,
    /// A column that must say yes in the figure's row.
    pub flag: Option<String>,
    /// The packs that it is for; all if empty.
    pub packs: Vec<String>,
    /// How near it must stand.
    pub within: Within,
    /// Words of which one will do.
    pub words: Vec<String>,
    /// Columns, as patterns, of which a figure will do.
    pub beside: Vec<String>,
    /// Whether it is the publication behind the figure, with period and status.
    pub source: bool,
    /// What is wrong where it is lacking.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

impl Need {
    /// Whether figures bring it to bear; else every pack does.
    pub fn is_of_figures(&self) -> bool {
        !self.units.is_empty() || !self.columns.is_empty()
    }
}

/// What the part of a pack that is an answer must keep to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The pack.
    pub pack: String,
    /// The label of the answer in its template.
    pub label: String,
    /// Most words.
    pub words_at_most: Option<usize>,
    /// Whether its first sentence must print a figure or a claim.
    pub opens_with_fact: bool,
    /// Words that may open it instead.
    pub or_opens_with: Vec<String>,
}

pub(super) fn read_lints(table: &Table<'_>) -> Lints {
    let usual = Lints::default();
    let lints = Lints {
        units: if table.has("units") { table.texts("units") } else { usual.units },
        signs: table.texts("signs"),
        comparative: table.texts("comparative"),
        images: table.texts("images"),
        forbidden: table.tables("forbidden").iter().filter_map(read_forbidden).collect(),
        needs: table.tables("needs").iter().filter_map(read_need).collect(),
        answers: table.tables("answers").iter().filter_map(read_answer).collect(),
    };
    table.finish();
    lints
}

fn read_forbidden(table: &Table<'_>) -> Option<Forbidden> {
    let words = table.texts("words");
    let forbidden = Forbidden { words, why: table.text("why")? };
    if forbidden.words.iter().all(|words| words.trim().is_empty()) {
        table.problem_at("words", "lints-words", "`words` is missing: what may not stand in a pack");
    }
    table.finish();
    Some(forbidden)
}

fn read_need(table: &Table<'_>) -> Option<Need> {
    let within = match table.choice("within", &["section", "page", "pack"]) {
        Some("page") => Within::Page,
        Some("pack") => Within::Pack,
        _ => Within::Section,
    };
    let (name, message) = (table.text("name"), table.text("message"));
    let need = Need {
        name: name?,
        units: table.texts("units"),
        columns: table.texts("columns"),
        flag: table.optional_text("flag"),
        packs: table.texts("packs"),
        within,
        words: table.texts("words"),
        beside: table.texts("beside"),
        source: table.flag("source"),
        message: message?,
        help: table.optional_text("help"),
        place: table.place(""),
    };
    table.finish();
    if need.words.is_empty() && need.beside.is_empty() && !need.source {
        let words = format!("the rule `{}` asks for nothing: give it `words`, `beside` or `source`", need.name);
        table.problem_at("name", "lints-needs", words);
    }
    if !need.is_of_figures() && (need.within != Within::Pack || need.flag.is_some() || need.source) {
        let words = format!("the rule `{}` is of no figures: give it `units` or `columns`", need.name);
        table.problem_at("name", "lints-needs", format!("{words}, or `within = \"pack\"` and words alone"));
    }
    Some(need)
}

fn read_answer(table: &Table<'_>) -> Option<Answer> {
    let most = table.optional_integer("words_at_most");
    if most.is_some_and(|most| most < 1) {
        table.problem_at("words_at_most", "lints-answers", "`words_at_most` must be at least 1");
    }
    let (pack, label) = (table.text("pack"), table.text("label"));
    let answer = Answer {
        pack: pack?,
        label: label?,
        words_at_most: most.and_then(|most| usize::try_from(most).ok()),
        opens_with_fact: table.flag("opens_with_fact"),
        or_opens_with: table.texts("or_opens_with"),
    };
    table.finish();
    Some(answer)
}
