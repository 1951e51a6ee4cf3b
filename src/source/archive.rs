//! Archives: one member, unpacked as it is read, within limits that no published file comes near.

use std::fmt;
use std::io::{self, Cursor, Read};

use globset::GlobBuilder;
use zip::ZipArchive;

use super::decode;
use crate::book::Contract;
use crate::diagnostic::{Diagnostic, Outcome};

/// Most bytes that one member, or all parts of a workbook together, may unpack to.
const MOST_UNPACKED: u64 = 1 << 30;
/// Most times that packed bytes may grow; the densest tables grow some fortyfold.
const MOST_GROWTH: u64 = 250;
/// Unpacked bytes from which growth is judged: small members may be very dense.
const GROWTH_FROM: u64 = 16 << 20;
/// Most members of an archive.
const MOST_MEMBERS: usize = 10_000;

/// A limit that was met while unpacking.
#[derive(Debug)]
pub(super) struct Bomb(String);

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Bomb {}

/// A reader that counts what it unpacks, whatever the archive says about its size.
struct Counted<R> {
    inner: R,
    packed: u64,
    unpacked: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        match too_large(self.packed, self.unpacked) {
            Some(words) => Err(io::Error::other(Bomb(words))),
            None => Ok(count),
        }
    }
}

fn too_large(packed: u64, unpacked: u64) -> Option<String> {
    if unpacked > MOST_UNPACKED {
        return Some(format!("unpacks to more than {} MB", MOST_UNPACKED >> 20));
    }
    let grown = unpacked > GROWTH_FROM && unpacked > packed.max(1).saturating_mul(MOST_GROWTH);
    grown.then(|| format!("unpacks to more than {MOST_GROWTH} times its size"))
}

/// What went wrong while a file was read, in its own words.
pub(super) fn read_problem(file: &str, error: &io::Error) -> Diagnostic {
    if let Some(bomb) = error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()) {
        return Diagnostic::check("source-too-large", format!("{file} {bomb}"))
            .in_file(file)
            .help("no published table is like that: get the file again from its publisher");
    }
    Diagnostic::check("source-unreadable", format!("{file} is damaged: {}", error.to_string().to_lowercase()))
        .in_file(file)
        .help("get the file again")
}

fn open<'b>(file: &str, bytes: &'b [u8], kind: &str) -> Outcome<ZipArchive<Cursor<&'b [u8]>>> {
    if !bytes.starts_with(b"PK") {
        let words = format!("{file} is not {kind}, {}", decode::looks_like(bytes));
        return Err(Diagnostic::check("source-not-zip", words).in_file(file).help("get the file again").into());
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
        Diagnostic::check("source-not-zip", format!("{file} is {kind} without its end, where its parts are listed"))
            .in_file(file)
            .help("the file was cut short: get it again")
    })?;
    if archive.len() > MOST_MEMBERS {
        let words = format!("{file} has {} members, more than {MOST_MEMBERS}", archive.len());
        return Err(Diagnostic::check("source-too-large", words).in_file(file).into());
    }
    Ok(archive)
}

/// Names of the members that are files, with their places in the archive.
fn members(file: &str, archive: &mut ZipArchive<Cursor<&[u8]>>) -> Outcome<Vec<(usize, String)>> {
    let mut found = Vec::new();
    for at in 0..archive.len() {
        let member = archive.by_index_raw(at).map_err(|error| damaged(file, &error.to_string()))?;
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let climbs =
            name.starts_with(['/', '\\']) || name.contains(':') || name.split(['/', '\\']).any(|part| part == "..");
        if climbs {
            return Err(Diagnostic::check(
                "source-member-path",
                format!("{file} holds a path that leads out of it: {name}"),
            )
            .in_file(file)
            .note("nothing was unpacked to a file")
            .help("no publisher packs such a path: get the file again, and tell who sent it")
            .into());
        }
        // Folders, and what macOS leaves beside each file.
        let last = name.rsplit('/').next().unwrap_or_default();
        if !(last.is_empty() || name.starts_with("__MACOSX/") || last.starts_with("._") || last == ".DS_Store") {
            found.push((at, name));
        }
    }
    Ok(found)
}

fn damaged(file: &str, words: &str) -> Diagnostic {
    Diagnostic::check("source-not-zip", format!("{file} is damaged: {}", words.to_lowercase()))
        .in_file(file)
        .help("get the file again")
}

/// The one member that the contract names: where it is, and its name.
fn wanted(contract: &Contract, file: &str, names: Vec<(usize, String)>) -> Outcome<(usize, String)> {
    let pattern = contract.layout.member.as_deref().unwrap_or("*.csv");
    let glob = GlobBuilder::new(pattern).case_insensitive(true).build().map_err(|error| {
        let words = format!("`{pattern}` of source `{}` is not a file pattern: {}", contract.name, error.kind());
        Diagnostic::fault("source-member", words)
    })?;
    let glob = glob.compile_matcher();
    let is_wanted = |name: &str| glob.is_match(name) || name.rsplit('/').next().is_some_and(|last| glob.is_match(last));
    let (mut fitting, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|(_, name)| is_wanted(name));
    match (fitting.len(), fitting.pop()) {
        (1, Some(member)) => Ok(member),
        (0, _) => {
            let problem = Diagnostic::check("source-member", format!("{file} has no member that matches {pattern}"));
            Err(listed(problem.in_file(file), &others)
                .help("mend `member` in candour.toml, or get the file again")
                .into())
        }
        (count, last) => {
            let problem =
                Diagnostic::check("source-member", format!("{file} has {count} members that match {pattern}"));
            fitting.extend(last);
            Err(listed(problem.in_file(file), &fitting).help("make `member` match one of them").into())
        }
    }
}

fn listed(problem: Diagnostic, names: &[(usize, String)]) -> Diagnostic {
    let shown: Vec<&str> = names.iter().take(12).map(|(_, name)| name.as_str()).collect();
    match shown.len() {
        0 => problem.note("it holds no files"),
        _ => problem.note(format!("it holds: {}", shown.join(", "))),
    }
}

/// Reads the one member that the contract names, by handing its name and its text to `read`.
pub(super) fn read_member<T>(
    contract: &Contract,
    file: &str,
    bytes: &[u8],
    read: impl FnOnce(&str, &mut dyn Read) -> Outcome<T>,
) -> Outcome<T> {
    let mut archive = open(file, bytes, "a zip archive")?;
    let names = members(file, &mut archive)?;
    let (at, name) = wanted(contract, file, names)?;
    let member = archive.by_index(at).map_err(|error| member_problem(file, &name, &error))?;
    let packed = member.compressed_size();
    if let Some(words) = too_large(packed, member.size()) {
        return Err(read_problem(file, &io::Error::other(Bomb(words))).into());
    }
    read(&name, &mut Counted { inner: member, packed, unpacked: 0 })
}

fn member_problem(file: &str, name: &str, error: &zip::result::ZipError) -> Diagnostic {
    let words = error.to_string();
    if words.to_lowercase().contains("password") {
        return Diagnostic::check("source-password", format!("{name} in {file} is locked with a password"))
            .in_file(file)
            .help("unlock it, or get the published file");
    }
    damaged(file, &words)
}

/// Refuses a workbook whose parts unpack to too much. Each part is unpacked once, and nothing of it kept.
pub(super) fn check_parts(file: &str, bytes: &[u8]) -> Outcome<()> {
    let mut archive = open(file, bytes, "a workbook")?;
    if !members(file, &mut archive)?.iter().any(|(_, name)| name == "[Content_Types].xml") {
        let words = format!("{file} is a zip archive, but not a workbook");
        let help = "for a CSV in an archive set `reader = \"zip\"`";
        return Err(Diagnostic::check("source-not-workbook", words).in_file(file).help(help).into());
    }
    let mut counted = 0;
    for at in 0..archive.len() {
        let member = archive.by_index(at).map_err(|error| damaged(file, &error.to_string()))?;
        let packed = member.compressed_size();
        let mut part = Counted { inner: member, packed, unpacked: 0 };
        let copied = io::copy(&mut part, &mut io::sink()).map_err(|error| read_problem(file, &error))?;
        counted += copied;
        if let Some(words) = too_large(u64::MAX, counted) {
            return Err(read_problem(file, &io::Error::other(Bomb(words))).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_judged_only_past_a_size_at_which_it_matters() {
        assert_eq!(too_large(1, GROWTH_FROM), None);
        assert!(too_large(1000, GROWTH_FROM + 1).is_some());
        assert_eq!(too_large(3_480_580, 81_624_872), None, "a real extract");
        assert!(too_large(u64::MAX, MOST_UNPACKED + 1).is_some());
    }
}
