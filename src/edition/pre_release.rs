//! Copies given to named people before publication: who may have one, from when, and the register of what was given.
//!
//! The day and the minute come from the person who builds, never from the clock, so that the same list gives the same
//! copies on any day. Times are those on the wall: where clocks change between two of them, that hour is not counted.

use std::path::Path;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::manifest::PackEntry;
use crate::book::naming::{file_part, nearest};
use crate::book::{BOOK_FILE, Edition, PreReleaseRule};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems, io_problem};
use crate::pack::{date_words, is_tame};

/// The name of the register in the folder of copies.
pub(super) const REGISTER: &str = "register.csv";

/// Columns of a list of recipients: those that must be there, then those that may be.
const COLUMNS: [&str; 5] = ["name", "role", "organisation", "email", "access_from"];
const NEEDED: usize = 3;

/// How days and minutes are written.
const FORM: &str = "%Y-%m-%dT%H:%M";
const FORM_LENGTH: usize = "2026-06-25T09:30".len();

/// The longest value in a list, in characters: what is longer does not fit the head of a page.
const LONGEST: usize = 100;

/// The largest list, in bytes: a list of people, not a data set.
const LARGEST: usize = 1 << 20;

/// One person's copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Number in the list, from 1.
    pub number: usize,
    /// How many the list names.
    pub of: usize,
    /// Recipient.
    pub name: String,
    /// What they do.
    pub role: String,
    /// Where.
    pub organisation: String,
    /// From when they may read it, local time.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub access_from: DateTime,
    /// When everyone may, local time.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub release: DateTime,
}

/// A day and minute on the wall, such as `2026-06-25T09:30`, and nothing else: neither a day alone nor a zone.
pub fn wall_time(text: &str) -> Result<DateTime, String> {
    DateTime::strptime(FORM, text).map_err(|_| "write it as a day and a time, such as 2026-06-25T09:30".to_string())
}

fn plain(time: DateTime) -> String {
    time.strftime(FORM).to_string()
}

fn as_text<S: serde::Serializer>(time: &DateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&plain(*time))
}

fn from_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<DateTime, D::Error> {
    wall_time(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// When access begins for those whose own line does not say, and when it ends.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From when they may read it, local time.
    pub access_from: Option<DateTime>,
    /// When everyone may, local time.
    pub release: DateTime,
}

impl Copy {
    /// The words on every page.
    pub(super) fn banner(&self, rule: &PreReleaseRule) -> String {
        let (number, of) = (self.number.to_string(), self.of.to_string());
        let (release, access_from) = (time_words(self.release), time_words(self.access_from));
        rule.banner(&[
            ("copy", &number),
            ("copies", &of),
            ("name", &self.name),
            ("role", &self.role),
            ("organisation", &self.organisation),
            ("release", &release),
            ("access_from", &access_from),
        ])
    }

    /// What the document's properties say of the copy.
    pub(super) fn keywords(&self) -> [String; 2] {
        [format!("Pre-release copy {} of {}", self.number, self.of), format!("For {}", self.name)]
    }

    /// The folder of the recipient's files.
    pub(super) fn folder(&self) -> String {
        let width = self.of.to_string().len();
        format!("copy-{:0width$}-{}", self.number, file_part(&self.name))
    }

    /// Minutes of access before release.
    fn minutes(&self) -> i64 {
        minutes_between(self.access_from, self.release)
    }
}

fn minutes_between(from: DateTime, to: DateTime) -> i64 {
    let days = i64::from(from.date().until(to.date()).map_or(i32::MAX, |span| span.get_days()));
    let minute = |time: DateTime| i64::from(time.hour()) * 60 + i64::from(time.minute());
    days * 24 * 60 + minute(to) - minute(from)
}

/// A day and minute as they are said: 9.30am on 25 June 2026.
fn time_words(time: DateTime) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    let half = if hour < 12 { "am" } else { "pm" };
    let clock = match (hour, minute) {
        (0, 0) => "midnight at the start of".to_string(),
        (12, 0) => "midday on".to_string(),
        (_, 0) => format!("{}{half} on", (hour + 11) % 12 + 1),
        _ => format!("{}.{minute:02}{half} on", (hour + 11) % 12 + 1),
    };
    format!("{clock} {}", date_words(time.date()))
}

/// Reads a list of recipients. Gives a copy for each, or for the one who is asked for; lists all that is wrong.
pub fn read_copies(
    list: &Path,
    times: Times,
    only: Option<&str>,
    rule: Option<&PreReleaseRule>,
    edition: &Edition,
) -> Outcome<Vec<Copy>> {
    let Some(rule) = rule else {
        return Err(Diagnostic::fault(
            "pre-release-none",
            "the book does not say what a pre-release copy is marked with",
        )
        .in_file(BOOK_FILE)
        .help("add a table [pre_release] with `banner`, the words on every page of a copy")
        .into());
    };
    let bytes = std::fs::read(list).map_err(|error| io_problem("read", list, &error))?;
    let file = list.display().to_string();
    let mut problems = Problems::none();
    if times.release.date() < edition.date {
        let words = format!("release on {} is before the edition's own date, {}", times.release.date(), edition.date);
        problems
            .push(Diagnostic::check("pre-release-past", words).help("give the day on which the edition is released"));
    }
    let copies = problems.absorb(parse(&file, &bytes, times)).unwrap_or_default();
    let listed = List { file: &file, rule, usual: times.access_from };
    for copy in &copies {
        problems.0.extend(listed.check(copy));
    }
    let copies: Vec<Copy> = copies.into_iter().map(|read| read.copy).collect();
    problems.or(())?;
    let Some(only) = only else { return Ok(copies) };
    let found: Vec<Copy> = copies.iter().filter(|copy| copy.name == only).cloned().collect();
    match found.len() {
        1 => Ok(found),
        0 => Err(not_listed(only, &copies, &file).into()),
        count => {
            let words = format!("{count} people on the list are called {only}");
            Err(Diagnostic::check("pre-release-twice", words)
                .in_file(file)
                .help("make all copies, and give out theirs")
                .into())
        }
    }
}

fn not_listed(name: &str, copies: &[Copy], file: &str) -> Diagnostic {
    let names: Vec<&str> = copies.iter().map(|copy| copy.name.as_str()).collect();
    let problem = Diagnostic::check("pre-release-not-listed", format!("{name} is not on the list, and gets no copy"));
    let problem = problem.in_file(file);
    match nearest(name, &names) {
        Some(near) => problem.help(format!("did you mean {near}?")),
        None => problem.help("whoever answers for the release puts people on the list"),
    }
}

/// A line of a list.
struct Listed {
    copy: Copy,
    line: Line,
}

/// Where the values of a line stand.
struct Line {
    text: String,
    number: usize,
    /// The columns, in characters from 1, of the fields of the known columns.
    starts: [usize; COLUMNS.len()],
}

struct List<'a> {
    file: &'a str,
    rule: &'a PreReleaseRule,
    /// When access begins for those whose own line does not say.
    usual: Option<DateTime>,
}

impl Line {
    fn place(&self, file: &str, column: usize, length: usize) -> Place {
        Place {
            file: file.to_string(),
            line: self.number,
            column: self.starts[column].max(1),
            length: length.max(1),
            excerpt: Some(self.text.clone()),
        }
    }
}

impl List<'_> {
    /// What is wrong with the hours of one recipient's access.
    fn check(&self, read: &Listed) -> Option<Diagnostic> {
        let Listed { copy, line } = read;
        let own = copy.access_from != self.usual.unwrap_or(copy.release);
        let place = match own && line.starts[COLUMNS.len() - 1] > 0 {
            true => line.place(self.file, COLUMNS.len() - 1, FORM_LENGTH),
            false => line.place(self.file, 0, copy.name.chars().count()),
        };
        let (from, release) = (plain(copy.access_from), plain(copy.release));
        let minutes = copy.minutes();
        if minutes <= 0 {
            let words = format!("access of {} would begin at {from}, when the release at {release} is past", copy.name);
            return Some(
                Diagnostic::check("pre-release-late", words)
                    .at(place)
                    .help("give a time before release; after it everyone has the edition itself"),
            );
        }
        (minutes > self.rule.hours * 60).then(|| {
            let earliest = copy.release.saturating_sub(jiff::Span::new().hours(self.rule.hours));
            let words = format!(
                "{} would have access for {} hours before release; {} are allowed",
                copy.name,
                hours_words(minutes),
                self.rule.hours
            );
            Diagnostic::check("pre-release-early", words)
                .at(place)
                .help(format!("begin access at {} or later", plain(earliest)))
        })
    }
}

/// Hours in as few digits as say them: 24, 1.5.
fn hours_words(minutes: i64) -> String {
    let hundredths = (minutes * 100 + 30) / 60;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// The people on a list.
fn parse(file: &str, bytes: &[u8], times: Times) -> Outcome<Vec<Listed>> {
    if bytes.len() > LARGEST {
        return Err(Diagnostic::check("pre-release-list", format!("{file} is too large for a list of people")).into());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let place = Place { line, ..Place::file(file) };
        Diagnostic::check("not-utf8", format!("{file} is not UTF-8 text")).at(place).help("save it as UTF-8")
    })?;
    let mut problems = Problems::none();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let head = lines.next().map(|(_, line)| line).unwrap_or_default();
    let header = problems.absorb(read_header(file, head)).unwrap_or_default();
    problems.or(())?;
    let mut problems = Problems::none();
    let mut read: Vec<Listed> = Vec::new();
    for (at, line) in lines {
        if let Some(listed) = problems.absorb(read_line(file, line, at + 1, &header, times)) {
            problems.0.extend(read.iter().find_map(|other| twice(file, &listed, other)));
            read.push(listed);
        }
    }
    if read.is_empty() && problems.0.is_empty() {
        problems.push(Diagnostic::check("pre-release-list", format!("{file} names nobody")).in_file(file));
    }
    let of = read.len();
    for (at, listed) in read.iter_mut().enumerate() {
        (listed.copy.number, listed.copy.of) = (at + 1, of);
    }
    problems.or(read)
}

/// A person who is on the list already.
fn twice(file: &str, listed: &Listed, other: &Listed) -> Option<Diagnostic> {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let (one, before) = (&listed.copy, &other.copy);
    (same(&one.name, &before.name) && same(&one.organisation, &before.organisation)).then(|| {
        let words = format!("{} of {} is on the list twice", one.name, one.organisation);
        Diagnostic::check("pre-release-twice", words)
            .at(listed.line.place(file, 0, one.name.chars().count()))
            .note(format!("first at line {}", other.line.number))
            .help("keep one of the lines: each person has one copy")
    })
}

/// For each field of the header the known column that it names.
fn read_header(file: &str, line: &str) -> Outcome<Vec<usize>> {
    let mut problems = Problems::none();
    let mut columns: Vec<usize> = Vec::new();
    for (start, field) in fields(line) {
        let name = field.trim().to_lowercase();
        let problem = |words: String| {
            Diagnostic::check("pre-release-list", words).at(Place::at(file, line, 1, start + 1, field.chars().count()))
        };
        match COLUMNS.iter().position(|known| *known == name) {
            Some(at) if columns.contains(&at) => problems.push(problem(format!("the column `{name}` is there twice"))),
            Some(at) => columns.push(at),
            None => {
                let unknown = problem(format!("a list of recipients has no column `{name}`"));
                problems.push(unknown.help(format!("its columns are {}", COLUMNS.join(", "))));
            }
        }
    }
    let missing: Vec<&str> = COLUMNS
        .iter()
        .take(NEEDED)
        .enumerate()
        .filter(|(at, _)| !columns.contains(at))
        .map(|(_, name)| *name)
        .collect();
    if !missing.is_empty() {
        let words = format!("the list has no column {}", missing.join(", "));
        problems.push(Diagnostic::check("pre-release-list", words).at(Place::at(
            file,
            line,
            1,
            1,
            line.chars().count(),
        )));
    }
    problems.or(columns)
}

fn read_line(file: &str, line: &str, number: usize, header: &[usize], times: Times) -> Outcome<Listed> {
    let found = fields(line);
    let mut problems = Problems::none();
    let whole = Place { line: number, ..Place::at(file, line, 1, 1, line.chars().count()) };
    if found.len() != header.len() {
        let words = format!("{} values, where the list has {} columns", found.len(), header.len());
        let problem = Diagnostic::check("pre-release-list", words).at(whole);
        return Err(problem.help("put a value that has a comma in it between quotation marks").into());
    }
    let mut values: [String; COLUMNS.len()] = Default::default();
    let mut at = Line { text: line.to_string(), number, starts: [0; COLUMNS.len()] };
    for (column, (start, value)) in header.iter().zip(found) {
        values[*column] = value.trim().to_string();
        at.starts[*column] = start + 1;
    }
    for (column, value) in values.iter().enumerate() {
        if let Some(words) = unfit(column, value) {
            let place = at.place(file, column, value.chars().count());
            problems.push(Diagnostic::check("pre-release-list", words).at(place));
        }
    }
    let [name, role, organisation, _, access] = values;
    let own = match access.as_str() {
        "" => times.access_from,
        text => match wall_time(text) {
            Ok(time) => Some(time),
            Err(help) => {
                let place = at.place(file, COLUMNS.len() - 1, text.chars().count());
                let words = format!("\"{text}\" is no day and time");
                problems.push(Diagnostic::check("pre-release-list", words).at(place).help(help));
                Some(times.release)
            }
        },
    };
    if own.is_none() {
        let words = format!("nothing says from when {name} may have access");
        let help = "give --access-from for all, or a column `access_from` in the list";
        problems
            .push(Diagnostic::check("pre-release-list", words).at(at.place(file, 0, name.chars().count())).help(help));
    }
    let access_from = own.unwrap_or(times.release);
    let copy = Copy { number: 0, of: 0, name, role, organisation, access_from, release: times.release };
    problems.or(Listed { copy, line: at })
}

/// Why a value cannot stand in a list, if it cannot.
fn unfit(column: usize, value: &str) -> Option<String> {
    let name = COLUMNS[column];
    if value.is_empty() {
        return (column < NEEDED).then(|| format!("`{name}` is empty"));
    }
    if value.chars().count() > LONGEST {
        return Some(format!("`{name}` is longer than {LONGEST} characters"));
    }
    if !is_tame(value) {
        return Some(format!("`{name}` has characters that nobody sees, or that turn the words beside them"));
    }
    let formula = value.starts_with(['=', '+', '-', '@']);
    formula.then(|| format!("`{name}` begins with a sign that a spreadsheet takes for a formula"))
}

/// The fields of a line, with the character at which each begins, from 0.
fn fields(line: &str) -> Vec<(usize, String)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
    let mut at = 0;
    let mut found = Vec::new();
    for field in &record {
        let start = line[at..].find(field).map_or(at, |offset| at + offset);
        found.push((line[..start].chars().count(), field.to_string()));
        at = (start + field.len()).min(line.len());
    }
    found
}

/// The register of copies: one line for each file that was given.
pub(super) fn register(made: &[(&Copy, &PackEntry)]) -> Outcome<Vec<u8>> {
    let failed =
        |error: &dyn std::fmt::Display| Diagnostic::fault("register", format!("could not write the register: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = [
        "copy",
        "copies",
        "name",
        "role",
        "organisation",
        "access_from",
        "release",
        "hours_of_access",
        "file",
        "sha256",
    ];
    writer.write_record(head).map_err(|error| failed(&error))?;
    for (copy, entry) in made {
        for (file, sha256) in entry.files() {
            let (number, of) = (copy.number.to_string(), copy.of.to_string());
            let (from, release) = (plain(copy.access_from), plain(copy.release));
            let hours = hours_words(copy.minutes());
            let row = [
                &*number,
                &*of,
                &*copy.name,
                &*copy.role,
                &*copy.organisation,
                &*from,
                &*release,
                &*hours,
                file,
                sha256,
            ];
            writer.write_record(row).map_err(|error| failed(&error))?;
        }
    }
    Ok(writer.into_inner().map_err(|error| failed(&error))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (given, said) in [
            ("2026-06-25T09:30", "9.30am on 25 June 2026"),
            ("2026-06-25T09:00", "9am on 25 June 2026"),
            ("2026-06-25T00:00", "midnight at the start of 25 June 2026"),
            ("2026-06-25T12:00", "midday on 25 June 2026"),
            ("2026-06-25T12:05", "12.05pm on 25 June 2026"),
            ("2026-06-25T00:05", "12.05am on 25 June 2026"),
            ("2026-06-25T17:00", "5pm on 25 June 2026"),
        ] {
            assert_eq!(time_words(time(given)), said);
        }
    }

    #[test]
    fn hours_are_counted_over_days_months_and_years() {
        for (from, to, hours) in [
            ("2026-06-24T09:30", "2026-06-25T09:30", "24"),
            ("2026-06-30T17:00", "2026-07-01T09:30", "16.5"),
            ("2025-12-31T23:50", "2026-01-01T00:10", "0.33"),
            ("2026-05-25T09:30", "2026-06-25T09:30", "744"),
        ] {
            assert_eq!(hours_words(minutes_between(time(from), time(to))), hours, "{from} {to}");
        }
        assert_eq!(minutes_between(time("2026-06-25T09:31"), time("2026-06-25T09:30")), -1);
    }
}
