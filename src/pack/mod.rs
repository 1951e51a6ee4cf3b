//! Packs: templates filled with values that know where they came from.
//!
//! minijinja does structure and words. A value that a template prints becomes a Typst string literal,
//! so that nothing in the data can become markup or code, and is recorded as a figure with its address.

mod claim;
mod data;
mod environment;
mod escape;
mod figure;
mod format;
mod library;
mod line_map;
mod lint;
mod text;
mod words;

pub use claim::{ClaimNumber, ClaimRecord};
pub use environment::{Context, NamedValues, Printable, Rendered, Templates};
pub(crate) use escape::{is_tame, plain_text, string_literal};
pub use figure::{FigureRecord, Selection, TableRead};
pub use format::date_words;
pub(crate) use format::plain_words;
pub use library::{Library, Table, TableNotes};
pub use line_map::LineMap;
pub use words::{Prose, check_words};
