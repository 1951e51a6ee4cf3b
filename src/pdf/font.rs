//! Fonts as far as reading needs them: what each code means, and how wide it is.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object};

use super::{Allowance, File, Read};

/// The most codes that one font may give a meaning.
const MOST_CODES: usize = 1 << 17;

/// A font.
pub(super) struct Font {
    /// Bytes of a code: 2 for composite fonts (whose encoding is then `Identity-H`, as typesetters write it), else 1.
    code_length: usize,
    meanings: BTreeMap<u32, String>,
    widths: BTreeMap<u32, f64>,
    other_width: f64,
}

/// One sign of a shown text: what it means, how wide it is in units of the font's size, and whether it is a space of
/// one byte, which word spacing widens.
pub(super) struct Sign<'a> {
    pub meaning: &'a str,
    pub width: f64,
    pub space: bool,
}

impl Font {
    pub fn read(file: &File, dictionary: &Dictionary, allowance: &mut Allowance) -> Read<Font> {
        let kind = dictionary.get(b"Subtype").and_then(Object::as_name).unwrap_or_default();
        let composite = kind == b"Type0";
        let mut font = Font {
            code_length: if composite { 2 } else { 1 },
            meanings: BTreeMap::new(),
            widths: BTreeMap::new(),
            other_width: 0.0,
        };
        match file.child(dictionary, "ToUnicode") {
            Some(Object::Stream(stream)) => {
                let map = allowance.unpack(stream)?.unwrap_or_default();
                font.meanings = meanings(&map, font.code_length);
            }
            _ if !composite => font.meanings = encoded(file, dictionary),
            _ => {}
        }
        if composite {
            font.composite_widths(file, dictionary)
        } else {
            font.simple_widths(file, dictionary, kind)
        }
        Ok(font)
    }

    fn composite_widths(&mut self, file: &File, dictionary: &Dictionary) {
        let descendant = file.child_array(dictionary, "DescendantFonts").first();
        let Some(descendant) = descendant.and_then(|font| file.dictionary(font)) else { return };
        let number = |object: &Object| file.real(object).as_float().ok().map(f64::from);
        self.other_width = descendant.get(b"DW").ok().and_then(number).unwrap_or(1000.0) / 1000.0;
        let mut rest = file.child_array(descendant, "W");
        // Either `first [width …]` or `first last width`.
        while let [first, second, after @ ..] = rest {
            let Some(first) = number(first) else { return };
            if let Object::Array(widths) = file.real(second) {
                for (at, width) in widths.iter().enumerate() {
                    self.width(first as u32 + at as u32, number(width));
                }
                rest = after;
            } else if let ([width, after @ ..], Some(last)) = (after, number(second)) {
                for code in first as u32..=(last as u32).min(0xffff) {
                    self.width(code, number(width));
                }
                rest = after;
            } else {
                return;
            }
        }
    }

    fn simple_widths(&mut self, file: &File, dictionary: &Dictionary, kind: &[u8]) {
        let number = |object: &Object| file.real(object).as_float().ok().map(f64::from);
        let first = dictionary.get(b"FirstChar").ok().and_then(number).unwrap_or(0.0) as u32;
        let matrix = file.child_array(dictionary, "FontMatrix").first().and_then(number);
        // A font of drawings (Type 3) has units of its own; those of all others are thousandths.
        let unit = if kind == b"Type3" { matrix.unwrap_or(0.001) } else { 0.001 };
        for (at, width) in file.child_array(dictionary, "Widths").iter().take(256).enumerate() {
            self.width(first.saturating_add(at as u32), number(width).map(|width| width * unit * 1000.0));
        }
        self.other_width = if self.widths.is_empty() { 0.5 } else { 0.0 };
    }

    fn width(&mut self, code: u32, width: Option<f64>) {
        if let Some(width) = width.filter(|_| code <= 0xffff) {
            self.widths.insert(code, width / 1000.0);
        }
    }

    /// The signs of a shown text.
    pub fn signs<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Sign<'a>> {
        bytes.chunks(self.code_length).map(|code| {
            let number = code.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
            Sign {
                meaning: self.meanings.get(&number).map_or("\u{fffd}", String::as_str),
                width: self.widths.get(&number).copied().unwrap_or(self.other_width),
                space: code == b" ",
            }
        })
    }
}

/// What the codes of a font without a map mean, by the encoding that it names.
fn encoded(file: &File, dictionary: &Dictionary) -> BTreeMap<u32, String> {
    let Ok(encoding) = dictionary.get_font_encoding_with_limit(&file.document, MOST_CODES) else {
        return BTreeMap::new();
    };
    let meaning = |code: u8| Some((u32::from(code), encoding.bytes_to_string(&[code]).ok()?));
    (0..=255).filter_map(meaning).collect()
}

/// Reads a `ToUnicode` map. Codes of another length than the font's are left out.
fn meanings(map: &[u8], code_length: usize) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    let mut tokens = Tokens { rest: map };
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(b"beginbfchar") => read_characters(&mut tokens, code_length, &mut found),
            Token::Word(b"beginbfrange") => read_ranges(&mut tokens, code_length, &mut found),
            _ => {}
        }
        if found.len() > MOST_CODES {
            break;
        }
    }
    found
}

fn code(bytes: &[u8], code_length: usize) -> Option<u32> {
    (bytes.len() == code_length).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn read_characters(tokens: &mut Tokens<'_>, code_length: usize, found: &mut BTreeMap<u32, String>) {
    while let (Some(Token::Hex(from)), Some(Token::Hex(to))) = (tokens.next(), tokens.next()) {
        if let Some(from) = code(&from, code_length) {
            found.insert(from, String::from_utf16_lossy(&units(&to)));
        }
        if found.len() > MOST_CODES {
            return;
        }
    }
}

fn read_ranges(tokens: &mut Tokens<'_>, code_length: usize, found: &mut BTreeMap<u32, String>) {
    while let (Some(Token::Hex(first)), Some(Token::Hex(last))) = (tokens.next(), tokens.next()) {
        let range = code(&first, code_length).zip(code(&last, code_length));
        let range = range.map_or(0..0, |(first, last)| first..last.saturating_add(1));
        match tokens.next() {
            Some(Token::Hex(to)) => {
                let mut to = units(&to);
                for code in range {
                    found.insert(code, String::from_utf16_lossy(&to));
                    // The last unit counts up.
                    if let Some(last) = to.last_mut() {
                        *last = last.wrapping_add(1);
                    }
                }
            }
            Some(Token::Word(b"[")) => {
                let mut codes = range;
                while let Some(Token::Hex(to)) = tokens.next() {
                    if let Some(code) = codes.next() {
                        found.insert(code, String::from_utf16_lossy(&units(&to)));
                    }
                }
            }
            _ => return,
        }
        if found.len() > MOST_CODES {
            return;
        }
    }
}

/// A token of a map: all that matters of PostScript here.
enum Token<'a> {
    Word(&'a [u8]),
    Hex(Vec<u8>),
}

struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.rest = self.rest.trim_ascii_start();
        while self.rest.first() == Some(&b'%') {
            let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_ascii_start();
        }
        let (first, after) = self.rest.split_first()?;
        if *first == b'<' && after.first() != Some(&b'<') {
            let end = after.iter().position(|byte| *byte == b'>').unwrap_or(after.len());
            self.rest = after.get(end + 1..).unwrap_or_default();
            return Some(Token::Hex(hex(&after[..end])));
        }
        let single = matches!(first, b'[' | b']' | b'<' | b'>' | b'(' | b')' | b'/');
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"[]<>()/%".contains(byte);
        let length = if single { 1 } else { self.rest.iter().position(ends).unwrap_or(self.rest.len()).max(1) };
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Token::Word(word))
    }
}

/// The bytes that hexadecimal digits stand for; an odd digit at the end counts as if a zero followed.
fn hex(digits: &[u8]) -> Vec<u8> {
    let values = digits.iter().filter_map(|digit| char::from(*digit).to_digit(16));
    let values: Vec<u8> = values.map(|digit| digit as u8).collect();
    values.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_gives_characters_ranges_and_lists() {
        let map = b"1 begincodespacerange <0000> <FFFF> endcodespacerange % a comment <0009> <0009>\n\
            2 beginbfchar <0001> <0041> <0002> <D83DDE00> endbfchar\n\
            2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<00660069> <0078>] endbfrange";
        let found = meanings(map, 2);
        let shown: Vec<(u32, &str)> = found.iter().map(|(code, words)| (*code, words.as_str())).collect();
        let wanted = [(1, "A"), (2, "😀"), (16, "a"), (17, "b"), (18, "c"), (32, "fi"), (33, "x")];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn a_map_that_is_nonsense_or_would_never_end_is_cut_short() {
        for map in [&b"beginbfrange <00> <"[..], b"beginbfchar <0001>", b"beginbfrange [ [ [", b"<<<<>>>>", b"%"] {
            assert!(meanings(map, 2).is_empty());
        }
        let many = "beginbfrange <0000> <FFFF> <0041>\n".repeat(50);
        assert_eq!(meanings(many.as_bytes(), 2).len(), 0x10000);
    }
}
