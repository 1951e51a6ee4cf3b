//! Fetching: downloads what the book's sources declare, and puts nothing in its place that has not been checked.
//!
//! The only room that uses the network; no build needs it. What arrives lies in a hidden folder until its length, its
//! kind and every contract that would read it have been checked. Then it takes its place in one step, and the version
//! that was there is kept by its hash. `fetched.toml` lists every version.

mod address;
mod check;
mod clock;
mod download;
mod ledger;
mod net;
mod page;
mod plan;
mod printed;
mod store;

use std::path::{Path, PathBuf};

use serde::Serialize;
use url::Url;

use crate::book::naming::nearest;
use crate::book::{Book, Contract, DataNotice, FetchFrom, FetchRule};
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};
use crate::duck::Session;
pub use clock::Limits;
use download::{About, Got, Want};
use ledger::Ledger;
pub use ledger::Version;
use net::{Net, Trouble};
use store::Store;

/// What to fetch and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sources by name; all that say where from if empty.
    pub sources: Vec<String>,
    /// Data folders that nothing is fetched into. A file that one of them has is not fetched.
    pub others: Vec<PathBuf>,
    /// Whether to say what would be fetched, and fetch nothing.
    pub dry_run: bool,
    /// Whether to fetch even what the server says is unchanged.
    pub refresh: bool,
    /// Limits of time.
    pub limits: Limits,
    /// A file of certificates to accept instead of the usual authorities.
    pub authorities: Option<PathBuf>,
}

/// Told what is going on.
pub trait Watcher {
    /// A download of so many bytes begins.
    fn begin(&self, what: &str, bytes: Option<u64>);
    /// So many bytes are there.
    fn at(&self, bytes: u64);
    /// The download has ended, well or not.
    fn end(&self);
    /// Words for people.
    fn say(&self, words: &str);
    /// From now on the work must not be stopped half way, or may be again.
    fn moving(&self, moving: bool);
}

/// What came of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It was not there before.
    New,
    /// It replaces another version.
    Changed,
    /// It is what is there already.
    Unchanged,
    /// It was in the ledger but not in its place.
    Restored,
    /// It was in its place but not in the ledger.
    Recorded,
    /// It would be fetched for the first time.
    WouldFetch,
    /// The server would be asked whether it has changed.
    WouldAsk,
    /// It was refused by a check, or could not be fetched.
    NotFetched,
}

/// One file, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Source.
    pub source: String,
    /// File, relative to the data folder.
    pub file: String,
    /// Address.
    pub url: String,
    /// What came of it.
    pub what: What,
    /// Its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Hash of the version that it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What the file says of its publication and revision.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub printed: Vec<String>,
    /// Why it was not fetched, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a fetch has done.
#[derive(Debug, Default)]
pub struct Report {
    /// Files, in the order of the book and of the pages.
    pub items: Vec<Item>,
    /// Everything that went wrong.
    pub problems: Problems,
}

/// Fetches. All sources are tried, whatever happens to some.
pub fn fetch(book: &Book, data: &Path, options: &Options, watcher: &dyn Watcher) -> Outcome<Report> {
    let sources = wanted_sources(book, &options.sources)?;
    let notice = if data.is_dir() { DataNotice::read(data)? } else { DataNotice::default() };
    refuse_demonstration(&notice, data)?;
    let work = Work {
        book,
        data,
        notice,
        options,
        watcher,
        net: Net::open(options.limits, options.authorities.as_deref())?,
        store: if options.dry_run { None } else { Some(open_store(data)?) },
        session: Session::open()?,
    };
    let mut ledger = Ledger::read(data)?;
    let mut report = Report::default();
    let mut pages = plan::Pages::default();
    for (contract, rule) in sources {
        match plan::plan(&work.net, rule, &mut pages, watcher) {
            Ok(files) => files.iter().for_each(|file| work.one(contract, rule, file, &mut ledger, &mut report)),
            Err(problems) => report.add(problems, contract, rule),
        }
    }
    Ok(report)
}

impl Report {
    /// Adds problems, each with the rule's place where it has none of its own.
    fn add(&mut self, problems: Problems, contract: &Contract, rule: &FetchRule) {
        for mut problem in problems.0 {
            problem.place.get_or_insert_with(|| rule.place.clone());
            problem.notes.push(format!("while fetching source `{}`", contract.name));
            self.problems.push(problem);
        }
    }
}

/// The sources asked for that say where they are fetched from.
fn wanted_sources<'b>(book: &'b Book, names: &[String]) -> Outcome<Vec<(&'b Contract, &'b FetchRule)>> {
    let mut problems = Problems::none();
    let known: Vec<&str> = book.sources.iter().map(|source| source.name.as_str()).collect();
    for name in names {
        match book.sources.iter().find(|source| source.name == *name) {
            None => {
                let problem = Diagnostic::fault("source-unknown", format!("the book has no source `{name}`"));
                problems.push(match nearest(name, &known) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!("its sources are: {}", known.join(", "))),
                });
            }
            Some(source) if source.fetch.is_none() => problems.push(nowhere(format!("source `{name}` does"))),
            Some(_) => {}
        }
    }
    let wanted: Vec<_> = book
        .sources
        .iter()
        .filter(|source| names.is_empty() || names.contains(&source.name))
        .filter_map(|source| Some((source, source.fetch.as_ref()?)))
        .collect();
    if wanted.is_empty() && names.is_empty() {
        problems.push(nowhere("the book's sources do".to_string()));
    }
    problems.or(wanted)
}

fn nowhere(who: String) -> Diagnostic {
    Diagnostic::fault("fetch-nowhere", format!("{who} not say where to fetch from"))
        .help("add a table [sources.NAME.fetch] with `url`, or with `index` and `link`, and `into`")
}

/// Published data do not go among data that were made up.
fn refuse_demonstration(notice: &DataNotice, data: &Path) -> Outcome<()> {
    if notice.status.as_deref() != Some("demonstration") {
        return Ok(());
    }
    let words = format!("{} says in data.toml that its data are for demonstration", data.display());
    Err(Diagnostic::fault("fetch-demonstration", words)
        .note("published files among them would be taken for demonstration, or the other way round")
        .help("name another folder with --data; it is made if it is not there")
        .into())
}

fn open_store(data: &Path) -> Outcome<Store> {
    if !data.exists() {
        std::fs::create_dir(data).map_err(|error| io_problem("make the data folder", data, &error))?;
    }
    let real = data.canonicalize().map_err(|error| io_problem("open", data, &error))?;
    Store::open(&real)
}

/// Everything that the work on one file needs.
struct Work<'a> {
    book: &'a Book,
    data: &'a Path,
    notice: DataNotice,
    options: &'a Options,
    watcher: &'a dyn Watcher,
    net: Net,
    /// None where nothing is to be fetched.
    store: Option<Store>,
    session: Session,
}

/// A file of a source: from where, and what it will be called.
struct Planned {
    url: Url,
    file: String,
}

impl Work<'_> {
    fn one(&self, contract: &Contract, rule: &FetchRule, file: &Planned, ledger: &mut Ledger, report: &mut Report) {
        let mut item = Item {
            source: contract.name.clone(),
            file: file.file.clone(),
            url: file.url.to_string(),
            what: What::NotFetched,
            sha256: None,
            was: None,
            bytes: None,
            printed: Vec::new(),
            problem: None,
        };
        let done = match (&self.store, self.elsewhere(&file.file)) {
            (_, Some(problem)) => Err(problem.into()),
            (None, _) => self.would(rule, file, ledger, &mut item),
            (Some(store), _) => self.bring(store, contract, rule, file, ledger, &mut item),
        };
        match done {
            Ok(warnings) => report.add(warnings, contract, rule),
            Err(problems) => {
                item.what = What::NotFetched;
                item.problem = problems.0.first().map(|problem| problem.message.clone());
                report.add(problems, contract, rule);
            }
        }
        report.items.push(item);
    }

    /// Why a file may not be fetched that another data folder has: no command would read either of them.
    fn elsewhere(&self, file: &str) -> Option<Diagnostic> {
        let folder = self.options.others.iter().find(|folder| folder.join(file).exists())?;
        let words = format!("{file} is not fetched: {} has a file of this name", folder.display());
        let problem = Diagnostic::check("fetch-in-the-way", words);
        Some(problem.help("move that one away, or fetch without naming its folder"))
    }

    /// Says what would be done. Only a file's own address is asked; a page has been asked already.
    fn would(&self, rule: &FetchRule, file: &Planned, ledger: &Ledger, item: &mut Item) -> Outcome<Problems> {
        if matches!(rule.from, FetchFrom::File(_)) {
            let want = Want { url: &file.url, hosts: &rule.hosts, limit: rule.limit, have: None };
            item.bytes = download::ask_about(&self.net, &want, self.watcher)?.length;
        }
        let known = self.data.join(&file.file).exists().then(|| ledger.newest(&file.file)).flatten();
        item.sha256 = known.map(|version| version.sha256.clone());
        item.what = if known.is_some() { What::WouldAsk } else { What::WouldFetch };
        Ok(Problems::none())
    }

    /// Downloads a file, checks it, and puts it in its place. Returns warnings.
    fn bring(
        &self,
        store: &Store,
        contract: &Contract,
        rule: &FetchRule,
        file: &Planned,
        ledger: &mut Ledger,
        item: &mut Item,
    ) -> Outcome<Problems> {
        let current = store.current(&file.file)?;
        let newest = ledger.newest(&file.file).filter(|version| current.as_ref() == Some(&version.sha256)).cloned();
        let have = newest.as_ref().filter(|version| version.url == file.url.as_str() && !self.options.refresh);
        let want = Want { url: &file.url, hosts: &rule.hosts, limit: rule.limit, have };
        let (arrived, about) = match download::download(&self.net, &want, &store.partial(), self.watcher)? {
            Got::File { path, about } => (path, about),
            Got::Unchanged => {
                item.what = What::Unchanged;
                item.sha256 = current;
                item.bytes = newest.as_ref().map(|version| version.bytes);
                return Ok(Problems::none());
            }
        };
        let (folder, staged) = store.stage(&arrived, &file.file)?;
        let checked = self.check(contract, file, &folder, &staged, current.as_deref(), ledger);
        let (version, warnings) = checked.map_err(|problems| with_refused(problems, store, &staged, &file.file))?;
        let version = Version { source: contract.name.clone(), ..version.from(&about) };
        item.sha256 = Some(version.sha256.clone());
        item.bytes = Some(version.bytes);
        item.printed.clone_from(&version.printed);
        self.watcher.moving(true);
        let done = settle(store, ledger, self.data, &staged, version, current, item);
        self.watcher.moving(false);
        done.map(|()| warnings)
    }

    /// All that must hold before a file may take its place.
    fn check(
        &self,
        contract: &Contract,
        file: &Planned,
        folder: &Path,
        staged: &Path,
        current: Option<&str>,
        ledger: &Ledger,
    ) -> Outcome<(Draft, Problems)> {
        let bytes = std::fs::read(staged).map_err(|error| io_problem("read", staged, &error))?;
        check::check_kind(&file.file, file.url.as_str(), &bytes)?;
        let sha256 = store::hash(staged).map_err(|error| io_problem("read", staged, &error))?;
        let foreign = current.is_some_and(|current| current != sha256 && !ledger.knows(&file.file, current));
        if foreign {
            return Err(not_ours(&file.file, ledger).into());
        }
        let (all, name) = (&self.book.sources, &file.file);
        let warnings = check::check_contracts(contract, all, folder, name, &self.notice, &self.session)?;
        let printed = printed::printed_lines(name, &bytes);
        Ok((
            Draft { file: name.clone(), url: file.url.to_string(), sha256, bytes: bytes.len() as u64, printed },
            warnings,
        ))
    }
}

/// A version before the server's words about it are added.
struct Draft {
    file: String,
    url: String,
    sha256: String,
    bytes: u64,
    printed: Vec<String>,
}

impl Draft {
    fn from(self, about: &About) -> Version {
        Version {
            final_url: Some(about.final_url.clone()).filter(|url| *url != self.url),
            file: self.file,
            source: String::new(),
            sha256: self.sha256,
            bytes: self.bytes,
            fetched_at: clock::now(),
            url: self.url,
            etag: about.etag.clone(),
            last_modified: about.last_modified.clone(),
            printed: self.printed,
        }
    }
}

/// Puts a checked file in its place and in the ledger, as far as it is not there.
fn settle(
    store: &Store,
    ledger: &mut Ledger,
    data: &Path,
    staged: &Path,
    version: Version,
    current: Option<String>,
    item: &mut Item,
) -> Outcome<()> {
    let recorded = ledger.newest(&version.file).is_some_and(|newest| newest.sha256 == version.sha256);
    let in_place = current.as_ref() == Some(&version.sha256);
    item.what = match (recorded, in_place, &current) {
        (true, true, _) => What::Unchanged,
        (true, false, _) => What::Restored,
        (false, true, _) => What::Recorded,
        (false, false, None) => What::New,
        (false, false, Some(_)) => What::Changed,
    };
    if !in_place {
        store.put(staged, &version.file, current.as_deref())?;
        item.was = current;
    }
    match ledger.newest_mut(&version.file).filter(|_| recorded) {
        // The server's marks may change where the bytes do not; the next question must name the new ones.
        Some(newest) => {
            (newest.url, newest.final_url) = (version.url, version.final_url);
            (newest.etag, newest.last_modified) = (version.etag, version.last_modified);
        }
        None => ledger.version.push(version),
    }
    ledger.write(data)
}

fn not_ours(file: &str, ledger: &Ledger) -> Diagnostic {
    let words = match ledger.newest(file) {
        Some(_) => format!("{file} has been changed since it was fetched, and is not replaced"),
        None => format!("{file} is there and was not fetched, and is not replaced"),
    };
    Diagnostic::check("fetch-in-the-way", words)
        .note("the file that arrived differs from it")
        .help("move it out of the data folder, and fetch again")
}

/// Says where the refused file can be looked at.
fn with_refused(mut problems: Problems, store: &Store, staged: &Path, file: &str) -> Problems {
    let kept = store.keep_refused(staged, file);
    if let (Some(kept), Some(problem)) = (kept, problems.0.first_mut()) {
        problem.notes.push(format!("what arrived is kept as {kept} in the data folder; what was there is unchanged"));
    }
    problems
}

/// The bytes of a page as text. Only addresses and words are taken from it, so what is not UTF-8 does no harm.
fn page_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
