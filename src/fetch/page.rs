//! What an HTML page links to, and what it calls itself. No more of HTML is understood than that, in one pass.

use std::collections::BTreeSet;

use url::Url;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Where it leads, without a fragment.
    pub url: Url,
    /// Its words, with spaces as they are shown.
    pub text: String,
}

/// The links of a page to http and https addresses, in its order, each address once.
pub(super) fn links(page: &str, base: &Url) -> Vec<Link> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut base = base.clone();
    let mut rest = page;
    while let Some(tag) = next_tag(&mut rest) {
        match tag.name.as_str() {
            "base" => base = tag.attribute("href").and_then(|href| base.join(&href).ok()).unwrap_or(base),
            "a" => {
                let Some(mut url) = tag.attribute("href").and_then(|href| base.join(href.trim()).ok()) else {
                    continue;
                };
                url.set_fragment(None);
                if matches!(url.scheme(), "http" | "https") && seen.insert(url.to_string()) {
                    found.push(Link { url, text: words_until_end(rest, "a") });
                }
            }
            _ => {}
        }
    }
    found
}

/// The title of a page, or its first heading.
pub(super) fn title(page: &str) -> Option<String> {
    let mut rest = page;
    let mut heading = None;
    while let Some(tag) = next_tag(&mut rest) {
        let words = || Some(words_until_end(rest, &tag.name)).filter(|words| !words.is_empty());
        match tag.name.as_str() {
            "title" => return words().or(heading),
            "h1" if heading.is_none() => heading = words(),
            _ => {}
        }
    }
    heading
}

/// An opening tag.
struct Tag<'p> {
    name: String,
    attributes: &'p str,
}

impl Tag<'_> {
    /// The value of an attribute.
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_whitespace() || c == '=')?;
            let (name, after) = rest.split_at(end);
            let Some(value) = after.trim_start().strip_prefix('=') else {
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescaped(value));
            }
            rest = after;
        }
    }
}

/// Takes the next opening tag, and all before it, off a page. Comments, scripts and styles are passed over.
fn next_tag<'p>(rest: &mut &'p str) -> Option<Tag<'p>> {
    loop {
        let start = rest.find('<')?;
        let after = &rest[start + 1..];
        if let Some(comment) = after.strip_prefix("!--") {
            *rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let length = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let name = after[..length].to_ascii_lowercase();
        if name.is_empty() {
            *rest = after;
            continue;
        }
        let end = tag_end(&after[length..]);
        let attributes = &after[length..length + end];
        *rest = after.get(length + end + 1..).unwrap_or_default();
        if matches!(name.as_str(), "script" | "style") {
            *rest = after_end_tag(rest, &name);
            continue;
        }
        return Some(Tag { name, attributes });
    }
}

/// Where a tag ends: at `>`, but not one in quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// What follows the end tag of an element whose content is not HTML.
fn after_end_tag<'p>(text: &'p str, name: &str) -> &'p str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            return after;
        }
        rest = after;
    }
    ""
}

/// The words up to an end tag, without tags, with single spaces; at most 300 characters, so that a page of unclosed
/// links is not read again for each.
fn words_until_end(text: &str, name: &str) -> String {
    let mut words = String::new();
    let mut rest = &text[..text.len().min(floor(text, 2_000))];
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let end = after.strip_prefix('/').and_then(|end| end.get(..name.len()));
        if end.is_some_and(|end| end.eq_ignore_ascii_case(name)) {
            rest = "";
            break;
        }
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    words.push_str(rest);
    unescaped(&words).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Text with `&amp;` and its like replaced by what they stand for. Unknown ones are left as they are.
fn unescaped(text: &str) -> String {
    let mut clear = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        clear.push_str(before);
        let known = after.find(';').filter(|end| *end <= 8).and_then(|end| Some((character(&after[..end])?, end)));
        match known {
            Some((character, end)) => {
                clear.push(character);
                rest = &after[end + 1..];
            }
            None => {
                clear.push('&');
                rest = after;
            }
        }
    }
    clear + rest
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "rsquo" => '’',
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16).ok());
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse().ok())?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(page: &str) -> Vec<(String, String)> {
        let base = Url::parse("https://a.org/one/two/").unwrap();
        links(page, &base).into_iter().map(|link| (link.url.to_string(), link.text)).collect()
    }

    #[test]
    fn links_are_absolute_and_have_their_words() {
        let page = r##"<p>See <A class=x HREF='../b.xls?x=1&amp;y=2#part'><b>May</b>
            2026 &#8211; by&nbsp;place</A> and <a href="c d.csv">C</a>, <a name=x>no</a>, <a href=mailto:x@a.org>mail</a>,
            <!-- <a href="hidden">no</a> --> <script>"<a href='no'>"</script> <a title="a > b" href=e.zip>E"##;
        assert_eq!(
            read(page),
            [
                ("https://a.org/one/b.xls?x=1&y=2".to_string(), "May 2026 – by place".to_string()),
                ("https://a.org/one/two/c%20d.csv".to_string(), "C".to_string()),
                ("https://a.org/one/two/e.zip".to_string(), "E".to_string()),
            ]
        );
    }

    #[test]
    fn each_address_is_listed_once_and_a_base_is_heeded() {
        let page = "<base href=/files/><a href=a>1</a><a href=a#x>2</a><a href=b>3</a>";
        let found: Vec<String> = read(page).into_iter().map(|(url, text)| format!("{url} {text}")).collect();
        assert_eq!(found, ["https://a.org/files/a 1", "https://a.org/files/b 3"]);
    }

    #[test]
    fn a_page_is_called_by_its_title() {
        assert_eq!(
            title("<html><head><title>\n Page not\n found &amp; gone </title>").as_deref(),
            Some("Page not found & gone")
        );
        assert_eq!(title("<body><h1>Sign <b>in</b></h1>").as_deref(), Some("Sign in"));
        assert_eq!(title("<p>nothing"), None);
    }

    proptest! {
        #[test]
        fn no_page_falls_over(page in r#"([<>/a='"!&;#é x-]|href|script|--|title){0,60}"#) {
            read(&page);
            title(&page);
        }
    }
}
