//! The fonts, which are part of the program so that every machine sets the same pages.

use typst::foundations::Bytes;
use typst::text::Font;
use typst_kit::fonts::FontStore;

/// Liberation Sans 2: metric-compatible with Arial, SIL Open Font Licence (see `fonts/LICENCE`).
const LIBERATION: [&[u8]; 4] = [
    include_bytes!("fonts/LiberationSans-Regular.ttf"),
    include_bytes!("fonts/LiberationSans-Bold.ttf"),
    include_bytes!("fonts/LiberationSans-Italic.ttf"),
    include_bytes!("fonts/LiberationSans-BoldItalic.ttf"),
];

/// All fonts that a pack can use.
pub struct Fonts {
    pub(super) store: FontStore,
    text: Font,
}

impl Fonts {
    /// Loads the fonts.
    pub fn load() -> Option<Fonts> {
        let mut store = FontStore::new();
        let mut text = None;
        for font in LIBERATION.iter().filter_map(|data| Font::new(Bytes::new(*data), 0)) {
            text.get_or_insert_with(|| font.clone());
            store.push((font.clone(), font.info().clone()));
        }
        store.extend(typst_kit::fonts::embedded());
        Some(Fonts { store, text: text? })
    }

    /// Whether the text face has a shape for a character. One that it lacks would be set in some
    /// other face, or not at all, which PDF/A refuses.
    pub fn can_show(&self, c: char) -> bool {
        self.text.info().coverage.contains(c as u32)
    }
}
