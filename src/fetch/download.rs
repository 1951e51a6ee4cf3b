//! One file from the network to the staging area: limits, tries, and going on where an earlier try stopped.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::clock::Tries;
use super::ledger::Version;
use super::net::{Answer, Length, Net, Request, Trouble};
use super::{Watcher, page_text};
use crate::diagnostic::{Diagnostic, Outcome, io_problem};

/// Largest page with links, in bytes.
const LARGEST_PAGE: usize = 10_000_000;
/// So much new content makes the next fault a new one.
const PROGRESS: u64 = 65_536;

/// What to download.
pub(super) struct Want<'a> {
    /// From where.
    pub url: &'a Url,
    /// Hosts that may be redirected to.
    pub hosts: &'a [String],
    /// Most bytes.
    pub limit: u64,
    /// The version that is there, if the server may say that it is still the newest.
    pub have: Option<&'a Version>,
}

/// What a download gave.
pub(super) enum Got {
    /// The server says that nothing has changed.
    Unchanged,
    /// A whole file.
    File {
        /// Where it lies.
        path: PathBuf,
        /// What the server said of it.
        about: About,
    },
}

/// What a server said of a file; kept beside a partial file, so that the rest is taken from the same version only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// The address it was asked for.
    pub url: String,
    /// The address that gave it.
    pub final_url: String,
    /// Its mark of the version.
    pub etag: Option<String>,
    /// When it was last changed.
    pub last_modified: Option<String>,
    /// Its length.
    pub length: Option<u64>,
}

impl About {
    fn of(url: &Url, answer: &Answer) -> About {
        About {
            url: url.to_string(),
            final_url: answer.url.to_string(),
            etag: answer.header("etag"),
            last_modified: answer.header("last-modified"),
            length: match answer.length() {
                Length::Bytes(length) => Some(length),
                _ => None,
            },
        }
    }

    /// What tells versions apart, strictly enough to put two parts together: a weak mark does not.
    fn validator(&self) -> Option<&String> {
        self.etag.as_ref().filter(|etag| !etag.starts_with("W/")).or(self.last_modified.as_ref())
    }
}

/// Downloads a file.
pub(super) fn download(net: &Net, want: &Want<'_>, folder: &Path, watcher: &dyn Watcher) -> Outcome<Got> {
    let mut partial = Partial::open(folder, want)?;
    let mut tries = Tries::new(net.limits, watcher);
    loop {
        let before = partial.length;
        let trouble = match attempt(net, want, &mut partial, &tries, watcher) {
            Ok(got) => return Ok(got),
            Err(trouble) => trouble,
        };
        if partial.length.saturating_sub(before) >= PROGRESS {
            tries.progress();
        }
        tries.again(trouble, want.url.as_str())?;
    }
}

fn attempt(
    net: &Net,
    want: &Want<'_>,
    partial: &mut Partial,
    tries: &Tries<'_>,
    watcher: &dyn Watcher,
) -> Result<Got, Trouble> {
    let resume = partial.about.validator().filter(|_| partial.length > 0).cloned();
    let headers = match (&resume, want.have) {
        (Some(validator), _) => {
            vec![("range", format!("bytes={}-", partial.length)), ("if-range", validator.clone())]
        }
        (None, Some(have)) => conditions(have),
        (None, None) => Vec::new(),
    };
    let asked_whether_changed = headers.iter().any(|(name, _)| name.starts_with("if-") && *name != "if-range");
    let mut answer = net.ask(&Request { url: want.url, hosts: want.hosts, headers, head: false }, tries.left())?;
    match answer.status {
        200 => partial.begin(About::of(want.url, &answer), want)?,
        206 if resume.is_some() => {
            if !partial.goes_on(&answer) {
                partial.clear()?;
                return Err(Trouble::passing("the file changed while it was being fetched: beginning again"));
            }
        }
        304 if asked_whether_changed => return Ok(Got::Unchanged),
        416 if resume.is_some() => {
            partial.clear()?;
            return Err(Trouble::passing("there is no more of the file: beginning again"));
        }
        _ => return Err(answer.refusal()),
    }
    check_form(&answer, want.url)?;
    copy(&mut answer, partial, want, watcher)?;
    let path = partial.path.clone();
    Ok(Got::File { path, about: partial.about.clone() })
}

fn conditions(have: &Version) -> Vec<(&'static str, String)> {
    let etag = have.etag.clone().map(|etag| ("if-none-match", etag));
    let modified = have.last_modified.clone().map(|moment| ("if-modified-since", moment));
    etag.into_iter().chain(modified).collect()
}

/// Refuses an answer whose end could not be told from a broken connection, or that is packed though nobody asked.
fn check_form(answer: &Answer, url: &Url) -> Result<(), Trouble> {
    let packed = answer.header("content-encoding").filter(|how| !how.is_empty() && how != "identity");
    if let Some(how) = packed {
        let words = format!("{url}: the server packs the file ({how}), though it was asked not to");
        return Err(Diagnostic::check("fetch-encoding", words).into());
    }
    if answer.length() == Length::Unknown {
        let words = format!("{url}: the server does not say how long the file is, so a part could pass for the whole");
        return Err(Diagnostic::check("fetch-length", words).into());
    }
    Ok(())
}

fn copy(answer: &mut Answer, partial: &mut Partial, want: &Want<'_>, watcher: &dyn Watcher) -> Result<(), Trouble> {
    let mut file = partial.append()?;
    let problem = |error: std::io::Error, path: &Path| Trouble::from(io_problem("write", path, &error));
    let mut buffer = vec![0; 65_536];
    watcher.begin(want.url.as_str(), partial.about.length);
    let done = loop {
        watcher.at(partial.length);
        match answer.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(read) => {
                file.write_all(&buffer[..read]).map_err(|error| problem(error, &partial.path))?;
                partial.length += read as u64;
                if partial.length > want.limit {
                    partial.clear()?;
                    break Err(too_large(want, None));
                }
            }
            Err(trouble) => break Err(trouble),
        }
    };
    watcher.end();
    done?;
    file.sync_all().map_err(|error| problem(error, &partial.path))?;
    match partial.about.length {
        Some(length) if length != partial.length => {
            let words = format!("the answer ended after {} of {length} bytes", partial.length);
            Err(Trouble::passing(words))
        }
        _ => Ok(()),
    }
}

fn too_large(want: &Want<'_>, length: Option<u64>) -> Trouble {
    let size = length.map_or_else(|| "more than".to_string(), |length| format!("{length} bytes, over"));
    Diagnostic::check("fetch-too-large", format!("{} has {size} the limit of {} bytes", want.url, want.limit))
        .help("if it should be that large, set `limit` of the source's fetch rule")
        .into()
}

/// A file that may not be whole yet.
struct Partial {
    path: PathBuf,
    about_path: PathBuf,
    about: About,
    length: u64,
}

impl Partial {
    /// What an earlier try has left of a file, if it can be gone on with.
    fn open(folder: &Path, want: &Want<'_>) -> Outcome<Partial> {
        let name = crate::hex(&Sha256::digest(want.url.as_str()))[..16].to_string();
        let (path, about_path) = (folder.join(format!("{name}.part")), folder.join(format!("{name}.json")));
        let about = fs::read(&about_path).ok().and_then(|bytes| serde_json::from_slice::<About>(&bytes).ok());
        let about = about.filter(|about| about.url == want.url.as_str()).unwrap_or_default();
        let length = fs::metadata(&path).map_or(0, |found| found.len());
        let mut partial = Partial { path, about_path, about, length };
        let full = partial.about.length.is_some_and(|whole| partial.length >= whole);
        if partial.about.validator().is_none() || full || partial.length > want.limit {
            partial.clear()?;
        }
        Ok(partial)
    }

    fn clear(&mut self) -> Outcome<()> {
        for path in [&self.path, &self.about_path] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(io_problem("remove", path, &error));
                }
                _ => {}
            }
        }
        (self.about, self.length) = (About::default(), 0);
        Ok(())
    }

    /// Begins anew, with what the server says of the file.
    fn begin(&mut self, about: About, want: &Want<'_>) -> Result<(), Trouble> {
        self.clear()?;
        if let Some(length) = about.length.filter(|length| *length > want.limit) {
            return Err(too_large(want, Some(length)));
        }
        let text = serde_json::to_vec(&about).unwrap_or_default();
        fs::write(&self.about_path, text).map_err(|error| io_problem("write", &self.about_path, &error))?;
        self.about = about;
        Ok(())
    }

    /// Whether an answer holds the rest of this very file.
    fn goes_on(&mut self, answer: &Answer) -> bool {
        let Some((start, whole)) = answer.header("content-range").and_then(|range| content_range(&range)) else {
            return false;
        };
        let same = |kept: &Option<String>, now: Option<String>| now.is_none() || *kept == now;
        let fits = start == self.length
            && same(&self.about.etag, answer.header("etag"))
            && same(&self.about.last_modified, answer.header("last-modified"))
            && self.about.length.is_none_or(|length| whole == Some(length));
        self.about.length = self.about.length.or(whole);
        fits
    }

    fn append(&self) -> Outcome<File> {
        let opened = OpenOptions::new().append(true).create(true).open(&self.path);
        opened.map_err(|error| io_problem("write", &self.path, &error))
    }
}

/// Start and whole length of `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, whole.trim().parse().ok()))
}

/// Downloads a page with links. Returns its text and its address after redirects.
pub(super) fn page(net: &Net, url: &Url, hosts: &[String], watcher: &dyn Watcher) -> Outcome<(String, Url)> {
    let mut tries = Tries::new(net.limits, watcher);
    loop {
        match page_once(net, url, hosts, &tries) {
            Ok(page) => return Ok(page),
            Err(trouble) => tries.again(trouble, url.as_str())?,
        }
    }
}

fn page_once(net: &Net, url: &Url, hosts: &[String], tries: &Tries<'_>) -> Result<(String, Url), Trouble> {
    let request = Request { url, hosts, headers: Vec::new(), head: false };
    let mut answer = net.ask(&request, tries.left())?;
    if answer.status != 200 {
        return Err(answer.refusal());
    }
    check_form(&answer, url)?;
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 65_536]);
    loop {
        let read = answer.read(&mut buffer)?;
        if read == 0 {
            return Ok((page_text(&bytes), answer.url.clone()));
        }
        bytes.extend_from_slice(&buffer[..read]);
        if bytes.len() > LARGEST_PAGE {
            let words = format!("{url} is larger than {LARGEST_PAGE} bytes, which no page of links is");
            return Err(Diagnostic::check("fetch-too-large", words).into());
        }
    }
}

/// What a server says of a file without sending it: its length and last change, where it says so.
pub(super) fn ask_about(net: &Net, want: &Want<'_>, watcher: &dyn Watcher) -> Outcome<About> {
    let mut tries = Tries::new(net.limits, watcher);
    loop {
        let request = Request { url: want.url, hosts: want.hosts, headers: Vec::new(), head: true };
        let trouble = match net.ask(&request, tries.left()) {
            Ok(answer) if answer.status == 200 => return Ok(About::of(want.url, &answer)),
            // A server need not answer this kind of question.
            Ok(answer) if matches!(answer.status, 405 | 501) => return Ok(About::default()),
            Ok(answer) => answer.refusal(),
            Err(trouble) => trouble,
        };
        tries.again(trouble, want.url.as_str())?;
    }
}
