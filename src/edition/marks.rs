//! What the program itself prints on every page, whatever the templates do: how the document is to be handled, that it is
//! a draft, and whose copy it is before publication.

/// Words at the head of every page, and at its foot.
#[derive(Debug, Default)]
pub(super) struct Marks<'m> {
    /// How the document is to be handled; empty for nothing.
    pub marking: &'m str,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whose copy it is.
    pub banner: Option<&'m str>,
}

const DRAFT: &str = "DRAFT: claims that do not hold are struck through. Not for publication.";

impl Marks<'_> {
    /// Typst code that sets the marks, on one line; `literal` writes words as a string literal. They lie in the margins
    /// and move nothing on the page: a copy has the pages of the document that it is a copy of. On the first page they
    /// are words like others, on later ones only to be seen: a screen reader says them once.
    pub fn code(&self, literal: &dyn Fn(&str) -> String) -> String {
        let mut parts = Vec::new();
        if !self.marking.is_empty() {
            parts.push(at_head(4, "#1a1f24", &literal(self.marking)));
        }
        if self.draft {
            let below = if self.marking.is_empty() { 4 } else { 8 };
            parts.push(at_head(below, "#8a1538", &literal(DRAFT)));
        }
        parts.extend(self.banner.map(|banner| at_foot(&literal(banner))));
        if parts.is_empty() {
            return String::new();
        }
        let marks = parts.join("; ");
        format!(
            "#set page(foreground: context {{ let marks = {{ {marks} }}; if here().page() == 1 {{ marks }} else {{ pdf.artifact(marks) }} }});"
        )
    }
}

fn at_head(millimetres: u8, colour: &str, words: &str) -> String {
    format!(
        "place(top + center, dy: {millimetres}mm, par(text(size: 9pt, weight: \"bold\", fill: rgb(\"{colour}\"), {words})))"
    )
}

/// A bar over the whole width at the foot of the page, with room for two lines under a usual footer.
fn at_foot(words: &str) -> String {
    format!(
        "place(bottom + left, block(width: 100%, fill: rgb(\"#8a1538\"), inset: (x: 15mm, y: 1.2mm), align(center, par(leading: 0.45em, text(size: 8.5pt, weight: \"bold\", fill: white, {words})))))"
    )
}

/// Typst code that puts words into the document's properties. It stands after all of the document's own.
pub(super) fn keywords(words: &[String], literal: &dyn Fn(&str) -> String) -> String {
    let words: Vec<String> = words.iter().map(|word| literal(word)).collect();
    format!("\n#set document(keywords: ({},))", words.join(", "))
}
