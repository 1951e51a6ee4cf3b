//! Addresses: which may be asked, which redirects may be followed, and which file name one gives.

use std::cmp::Ordering;

use url::Url;

use crate::book::{address_problem, file_name_problem};
use crate::diagnostic::{Diagnostic, Outcome, Problems};

/// Refuses an address that is not https, or whose host the source does not name.
pub(super) fn allow(url: &Url, hosts: &[String]) -> Outcome<()> {
    if let Some(problem) = address_problem(url) {
        return Err(Diagnostic::check("fetch-address", format!("{url} is refused: {problem}")).into());
    }
    host_allowed(url, hosts, format!("{url} is refused"))
}

fn host_allowed(url: &Url, hosts: &[String], words: String) -> Outcome<()> {
    let host = url.host_str().unwrap_or_default();
    if hosts.iter().any(|allowed| allowed == host) {
        return Ok(());
    }
    let problem = Diagnostic::check(
        "fetch-host",
        format!("{words}: `{host}` is not among the hosts of the source, {}", hosts.join(", ")),
    );
    Err(problem.help(format!("if the publisher does keep files there, add it: hosts = [\"{host}\"]")).into())
}

/// Where a redirect leads, if it may be followed.
pub(super) fn redirected(from: &Url, location: &str, hosts: &[String]) -> Outcome<Url> {
    let to = from.join(location).map_err(|error| {
        let words = format!("{from} redirects to \"{location}\", which is no address: {error}");
        Problems::from(Diagnostic::check("fetch-redirect", words))
    })?;
    let words = format!("{from} redirects to {to}, which is refused");
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(Diagnostic::check("fetch-redirect", format!("{words}: it leaves https")).into());
    }
    if let Some(problem) = address_problem(&to) {
        return Err(Diagnostic::check("fetch-redirect", format!("{words}: {problem}")).into());
    }
    host_allowed(&to, hosts, words)?;
    Ok(to)
}

/// The name that an address gives a file: its last part, if it is plainly a name.
pub(super) fn file_name(url: &Url) -> Outcome<String> {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let name = percent_decoded(last).ok_or_else(|| "it is not UTF-8 text".to_string());
    let checked = name.and_then(|name| file_name_problem(&name).map_or(Ok(name), Err));
    checked.map_err(|problem| {
        Diagnostic::check(
            "fetch-name",
            format!("{url} cannot be saved: its last part, \"{last}\", names no file: {problem}"),
        )
        .help("say how to name it, with `save_as`")
        .into()
    })
}

/// Text with `%20` and its like replaced by what they stand for.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        let value = code.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

/// The order in which people number things: `2026/9` before `2026/10`.
pub(super) fn natural_order(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    while !one.is_empty() && !other.is_empty() {
        let (a, b) = (leading(&mut one), leading(&mut other));
        let numbers = a.starts_with(|c: char| c.is_ascii_digit()) && b.starts_with(|c: char| c.is_ascii_digit());
        let order = if numbers {
            let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        } else {
            a.cmp(b)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    one.len().cmp(&other.len())
}

/// Takes the leading digits, or the leading part without digits, off a text.
fn leading<'t>(text: &mut &'t str) -> &'t str {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    let (part, rest) = text.split_at(end);
    *text = rest;
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_redirect_stays_in_https_and_with_the_hosts_named() {
        let hosts = ["a.org".to_string(), "files.a.org".to_string(), "localhost".to_string()];
        let from = url("https://a.org/x/y");
        for (location, words) in [
            ("http://a.org/z", "leaves https"),
            ("http://localhost/z", "leaves https"),
            ("https://b.org/z", "`b.org` is not among the hosts"),
            ("//b.org/z", "`b.org` is not among the hosts"),
            ("https://a.org.b.org/z", "not among the hosts"),
            ("https://a.org@b.org/z", "user name or password"),
            ("file:///etc/passwd", "leaves https"),
            ("https://[", "no address"),
        ] {
            let found = redirected(&from, location, &hosts).expect_err(location).to_string();
            assert!(found.contains(words), "{location}: {found}");
        }
        assert_eq!(redirected(&from, "z", &hosts).unwrap(), url("https://a.org/x/z"));
        assert_eq!(redirected(&from, "https://files.a.org/z", &hosts).unwrap(), url("https://files.a.org/z"));
        assert_eq!(redirected(&url("http://localhost/a"), "/b", &hosts).unwrap(), url("http://localhost/b"));
        assert!(redirected(&url("http://localhost/a"), "http://a.org/b", &hosts).is_err());
    }

    #[test]
    fn a_file_is_named_by_the_last_part_of_its_path_and_nothing_else() {
        assert_eq!(file_name(&url("https://a.org/b/c%20d.xls?name=../x#y")).unwrap(), "c d.xls");
        for path in
            ["", "b/", "b/..%2fc.csv", "b/%2e%2e%2f%2e%2e%2fc", "b/%2fetc%2fpasswd", "b/.hidden", "b/%00", "b/%ff"]
        {
            assert!(file_name(&url(&format!("https://a.org/{path}"))).is_err(), "{path}");
        }
        // The address itself resolves these: nothing of the folder above is left.
        assert_eq!(file_name(&url("https://a.org/b/%2e%2e/%2e%2e/c.csv")).unwrap(), "c.csv");
    }

    #[test]
    fn numbers_in_addresses_are_ordered_as_numbers() {
        let mut names = ["2026/10/q2.csv", "2026/9/q4.csv", "2026/09/q3.csv", "2025/12/z.csv", "2026/9"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["2025/12/z.csv", "2026/9", "2026/09/q3.csv", "2026/9/q4.csv", "2026/10/q2.csv"]);
    }
}
