//! Where the files of a source are fetched from, as `[sources.NAME.fetch]` says. The book only says it; the room
//! `fetch` does it.

use regex::Regex;
use url::{Host, Url};

use super::settings::Table;
use crate::diagnostic::{Diagnostic, Place};

/// Largest file that is fetched where the rule sets no limit, in bytes.
const USUAL_LIMIT: u64 = 100_000_000;
/// Longest file name, in bytes. File systems allow 255; older versions are kept under a longer name.
const LONGEST_NAME: usize = 200;

/// Where a source's files are fetched from and to.
#[derive(Clone, Debug)]
pub struct FetchRule {
    /// The rule's place in the book.
    pub place: Place,
    /// Where from.
    pub from: FetchFrom,
    /// Which of the matching links.
    pub take: Take,
    /// The name to save under, with `$1` or `$name` for what `link` caught; the address's own last part where empty.
    pub save_as: Option<String>,
    /// The folder to save in, under the data folder.
    pub into: String,
    /// Largest file, in bytes.
    pub limit: u64,
    /// Hosts that may be asked, or redirected to.
    pub hosts: Vec<String>,
}

/// An address, or a page that links to the addresses.
#[derive(Clone, Debug)]
pub enum FetchFrom {
    /// One file.
    File(Url),
    /// The files that a page links to.
    Page {
        /// The page.
        index: Url,
        /// Which of its links are such pages themselves.
        follow: Option<Regex>,
        /// Which links are files.
        link: Regex,
    },
}

/// Which of the matching links are fetched. Where `save_as` gives several links one name, it chooses among those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// All.
    All,
    /// The first on the page.
    First,
    /// The last on the page.
    Last,
    /// The last address when numbers in addresses are ordered as numbers, so that `2026/10` comes after `2026/9`.
    Newest,
}

/// Reads `[sources.NAME.fetch]`.
pub(super) fn read_fetch_rule(table: &Table<'_>) -> Option<FetchRule> {
    let from = read_from(table);
    let save_as = table.optional_text("save_as");
    if let Some(problem) = save_as.as_deref().filter(|name| !name.contains('$')).and_then(file_name_problem) {
        table.problem_at("save_as", "fetch-name", format!("`save_as` cannot name a file: {problem}"));
    }
    let rule = FetchRule {
        place: table.place(""),
        take: match table.choice("take", &["all", "first", "last", "newest"]) {
            Some("first") => Take::First,
            Some("last") => Take::Last,
            Some("newest") => Take::Newest,
            _ => Take::All,
        },
        save_as,
        into: read_into(table).unwrap_or_default(),
        limit: read_limit(table),
        hosts: read_hosts(table, from.as_ref()),
        from: from?,
    };
    table.finish();
    Some(rule)
}

fn read_from(table: &Table<'_>) -> Option<FetchFrom> {
    let (file, index) = (read_address(table, "url"), read_address(table, "index"));
    let (follow, link) = (read_pattern(table, "follow"), read_pattern(table, "link"));
    let problem = |words: &str| table.problem_at("", "fetch-from", words);
    match (table.has("url"), table.has("index")) {
        (true, true) => {
            problem("`url` and `index` exclude each other: a file's own address, or a page that links to it")
        }
        (false, false) => problem("`url` or `index` is missing: say where the files are"),
        (true, false) if table.has("link") || table.has("follow") => {
            problem("`link` and `follow` are for links on a page: name it with `index`");
        }
        (false, true) if !table.has("link") => problem("`link` is missing: say which links on the page are files"),
        _ => {}
    }
    match (file, index) {
        (Some(file), _) => Some(FetchFrom::File(file)),
        (None, Some(index)) => Some(FetchFrom::Page { index, follow, link: link? }),
        (None, None) => None,
    }
}

fn read_address(table: &Table<'_>, key: &str) -> Option<Url> {
    let text = table.optional_text(key)?;
    let (problem, url) = match Url::parse(&text) {
        Ok(url) => (address_problem(&url), Some(url)),
        Err(error) => (Some(error.to_string()), None),
    };
    if let Some(problem) = problem {
        table.problem_at(key, "fetch-address", format!("\"{text}\" cannot be fetched: {problem}"));
    }
    url
}

/// Why an address may not be asked by anyone, if so. Plain http is for tests on one's own machine.
pub fn address_problem(url: &Url) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("it holds a user name or password".to_string());
    }
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(url) => None,
        "http" => Some("plain http can be changed on its way: use https".to_string()),
        other => Some(format!("`{other}` is not https")),
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn read_pattern(table: &Table<'_>, key: &str) -> Option<Regex> {
    let text = table.optional_text(key)?;
    Regex::new(&text)
        .inspect_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            table.problem_at(key, "fetch-pattern", format!("not a regular expression: {last}"));
        })
        .ok()
}

fn read_into(table: &Table<'_>) -> Option<String> {
    let folder = table.text("into")?;
    let tame = folder.len() <= LONGEST_NAME && folder.split('/').all(|part| file_name_problem(part).is_none());
    if !tame {
        table.report(
            Diagnostic::fault("fetch-into", format!("\"{folder}\" is not a folder under the data folder"))
                .at(table.place("into"))
                .help("name one such as \"monthly\" or \"monthly/2026\""),
        );
    }
    Some(folder)
}

/// Why a word cannot name a fetched file, if so. Names come from servers: what is not plainly a name is refused.
pub fn file_name_problem(name: &str) -> Option<String> {
    let odd = name.chars().find(|c| !(c.is_ascii_alphanumeric() || " -_.,()+&'".contains(*c)));
    match (name, odd) {
        ("", _) => Some("it is empty".to_string()),
        (_, Some(odd)) => Some(format!("it holds {odd:?}")),
        _ if name.starts_with('.') => Some("it begins with a dot, and would be hidden".to_string()),
        _ if name.ends_with(['.', ' ']) || name.starts_with(' ') => Some("it ends in a dot or a space".to_string()),
        _ if name.len() > LONGEST_NAME => Some(format!("it is longer than {LONGEST_NAME} characters")),
        _ => None,
    }
}

fn read_limit(table: &Table<'_>) -> u64 {
    let Some(text) = table.optional_text("limit") else { return USUAL_LIMIT };
    let limit = bytes(&text).filter(|limit| *limit > 0);
    if limit.is_none() {
        table.problem_at("limit", "fetch-limit", format!("\"{text}\" is not a size: write one such as \"200 MB\""));
    }
    limit.unwrap_or(USUAL_LIMIT)
}

/// A size such as `200 MB`, in bytes; thousands, not 1,024.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.trim() {
        "B" | "bytes" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// The hosts named, and the address's own.
fn read_hosts(table: &Table<'_>, from: Option<&FetchFrom>) -> Vec<String> {
    let mut hosts = Vec::new();
    for text in table.texts("hosts") {
        match Host::parse(&text) {
            Ok(host) => hosts.push(host.to_string()),
            Err(_) => table.problem_at(
                "hosts",
                "fetch-hosts",
                format!("\"{text}\" is not the name of a host, such as \"www.example.org\""),
            ),
        }
    }
    let own = from.and_then(|from| match from {
        FetchFrom::File(url) | FetchFrom::Page { index: url, .. } => url.host_str().map(str::to_string),
    });
    hosts.extend(own);
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::super::settings::Document;
    use super::*;

    fn read(text: &str) -> Result<FetchRule, String> {
        let document = Document::whole("candour.toml", text.to_string());
        document.read(read_fetch_rule).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_rule_has_its_own_host_and_the_usual_limit() {
        let rule =
            read("url = \"https://Example.org/a.csv\"\ninto = \"a/b\"\nhosts = [\"files.example.org\"]").unwrap();
        assert_eq!(rule.hosts, ["example.org", "files.example.org"]);
        assert_eq!((rule.limit, rule.take), (USUAL_LIMIT, Take::All));
    }

    #[test]
    fn every_mistake_is_named() {
        for (text, words) in [
            ("into = \"a\"", "`url` or `index` is missing"),
            ("url = \"https://a.org/x\"\nindex = \"https://a.org/\"\nlink = \"x\"\ninto = \"a\"", "exclude each other"),
            ("url = \"https://a.org/x\"\nlink = \"x\"\ninto = \"a\"", "are for links on a page"),
            ("index = \"https://a.org/\"\ninto = \"a\"", "`link` is missing"),
            ("index = \"https://a.org/\"\nlink = \"(\"\ninto = \"a\"", "not a regular expression"),
            ("url = \"http://a.org/x\"\ninto = \"a\"", "use https"),
            ("url = \"file:///etc/passwd\"\ninto = \"a\"", "`file` is not https"),
            ("url = \"https://me:secret@a.org/x\"\ninto = \"a\"", "user name or password"),
            ("url = \"a.csv\"\ninto = \"a\"", "cannot be fetched"),
            ("url = \"https://a.org/x\"", "`into` is missing"),
            ("url = \"https://a.org/x\"\ninto = \"../a\"", "not a folder under the data folder"),
            ("url = \"https://a.org/x\"\ninto = \"/a\"", "not a folder under the data folder"),
            ("url = \"https://a.org/x\"\ninto = \".versions\"", "not a folder under the data folder"),
            ("url = \"https://a.org/x\"\ninto = \"a\"\nlimit = \"1 MiB\"", "is not a size"),
            ("url = \"https://a.org/x\"\ninto = \"a\"\nlimit = \"99999999999999 GB\"", "is not a size"),
            ("url = \"https://a.org/x\"\ninto = \"a\"\nsave_as = \"a/b\"", "cannot name a file: it holds '/'"),
            ("url = \"https://a.org/x\"\ninto = \"a\"\nhosts = [\"a b\"]", "is not the name of a host"),
            ("url = \"https://a.org/x\"\ninto = \"a\"\ntake = \"best\"", "cannot be \"best\""),
            ("url = \"https://a.org/x\"\ninto = \"a\"\nmax = 3", "unknown key"),
        ] {
            let found = read(text).expect_err(text);
            assert!(found.contains(words), "{text}: {found}");
        }
    }

    #[test]
    fn names_that_are_not_plainly_names_are_refused() {
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a\u{0}b", "a\nb", "naïve.csv", "a.", "*", "a:b"] {
            assert!(file_name_problem(name).is_some(), "{name:?}");
        }
        for name in ["May-26-AE-by-provider-QVPHP.xls", "Supplementary info - Growth (final).xlsx", "a+b_c.csv.zip"] {
            assert_eq!(file_name_problem(name), None);
        }
        assert!(file_name_problem(&"a".repeat(201)).is_some());
    }
}
