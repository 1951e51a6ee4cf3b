//! `candour fetch`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Done, print_problems, put, say};
use crate::book::Book;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::fetch::{Item, Limits, Options, Watcher, What, fetch};
use crate::source::{LOCK_FILE, Lock};

/// Download what the book's sources declare
///
/// Each source with a table [sources.NAME.fetch] is downloaded into the data folder. What arrives is
/// checked against the contract of every source that would read it before it replaces anything; older
/// versions are kept by their hash, and fetched.toml lists them all. Of several data folders the first
/// is fetched into, and no file that another one has. The only command that uses the network.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour fetch --dry-run                    what would be fetched
  candour fetch --data ../published          everything the book declares, into another folder
  candour fetch harvests plots               two sources
  candour fetch --format json | jq '.[] | select(.what == \"changed\")'")]
pub(super) struct Fetch {
    /// Sources by name, if not all that say where they are fetched from
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// The book's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    book: PathBuf,
    /// The data folder, if not the book's own `data`; the first of several is fetched into
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Say what would be fetched, and fetch nothing
    #[arg(long)]
    dry_run: bool,
    /// Fetch even what the server says is unchanged
    #[arg(long)]
    refresh: bool,
    /// How to print what came of each file
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Accept the authorities whose certificates are in this file (PEM), instead of the usual ones
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,
    /// Longest wait for a server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, hide = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Longest time for one file, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, hide = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    overall: u64,
    /// Pause before the second try, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1_000, hide = true, value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pause: u64,
    /// How often each request is made before it is given up
    #[arg(long, value_name = "N", default_value_t = 5, hide = true, value_parser = clap::value_parser!(u32).range(1..=100))]
    tries: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each file
    Text,
    /// A list of objects
    Json,
}

impl Fetch {
    pub fn run(&self) -> Done {
        let result = self.fetch();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn fetch(&self) -> Outcome<Problems> {
        let book = Book::open(&self.book)?;
        let data = self.data.first().cloned().unwrap_or_else(|| book.root.join("data"));
        let options = Options {
            sources: self.sources.clone(),
            others: self.data.iter().skip(1).cloned().collect(),
            dry_run: self.dry_run,
            refresh: self.refresh,
            limits: Limits {
                wait: Duration::from_secs(self.timeout),
                overall: Duration::from_secs(self.overall),
                pause: Duration::from_millis(self.pause),
                tries: self.tries,
            },
            authorities: self.authorities.clone(),
        };
        let shown = Shown::new();
        shown.listen()?;
        let mut report = fetch(&book, &data, &options, &shown)?;
        lock_note(&data, &report.items).into_iter().for_each(|note| report.problems.push(note));
        put(&match self.format {
            Format::Text => report.items.iter().map(line).collect::<String>().into_bytes(),
            Format::Json => json(&report.items),
        })?;
        if self.format == Format::Text {
            say(&summary(&report.items));
        }
        if report.problems.stop() { Err(report.problems) } else { Ok(report.problems) }
    }
}

/// A note that the lock of the data folder no longer fits what was fetched.
fn lock_note(data: &Path, items: &[Item]) -> Option<Diagnostic> {
    let fetched = items.iter().filter(|item| item.sha256.is_some());
    let misfits: Vec<&Item> = match Lock::read(data) {
        Ok(None) => return None,
        Ok(Some(lock)) => {
            fetched.filter(|item| lock.accepted(&item.source, &item.file) != item.sha256.as_deref()).collect()
        }
        // What is damaged fits nothing; the command that reads it says where.
        Err(_) => fetched.collect(),
    };
    let first = misfits.first()?;
    let words = format!("{LOCK_FILE} no longer fits: {} of the files fetched, the first {}", misfits.len(), first.file);
    Some(Diagnostic::warning("lock-outdated", words).help("look at what has changed; then `candour lock` accepts it"))
}

/// One file in one line, for people.
fn line(item: &Item) -> String {
    let short = |hash: &Option<String>| hash.as_deref().unwrap_or_default().chars().take(12).collect::<String>();
    let mut words = format!("{:<12} {}", word(item.what), item.file);
    match (&item.was, &item.sha256) {
        (Some(_), Some(_)) => words += &format!("  {} -> {}", short(&item.was), short(&item.sha256)),
        (None, Some(_)) => words += &format!("  {}", short(&item.sha256)),
        _ => {}
    }
    if let Some(bytes) = item.bytes {
        words += &format!("  {bytes} bytes");
    }
    if matches!(item.what, What::WouldFetch | What::WouldAsk | What::NotFetched) {
        words += &format!("  {}", item.url);
    }
    for printed in &item.printed {
        words += &format!("  {printed}");
    }
    // What a file prints of itself is not trusted with the terminal.
    let tame: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    tame + "\n"
}

fn word(what: What) -> &'static str {
    match what {
        What::New => "new",
        What::Changed => "changed",
        What::Unchanged => "unchanged",
        What::Restored => "restored",
        What::Recorded => "recorded",
        What::WouldFetch => "would fetch",
        What::WouldAsk => "would ask",
        What::NotFetched => "not fetched",
    }
}

fn json(items: &[Item]) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(items).unwrap_or_default();
    text.push(b'\n');
    text
}

/// How many files came to what.
fn summary(items: &[Item]) -> String {
    let kinds = [
        What::New,
        What::Changed,
        What::Unchanged,
        What::Restored,
        What::Recorded,
        What::WouldFetch,
        What::WouldAsk,
        What::NotFetched,
    ];
    let counts = kinds.iter().filter_map(|kind| {
        let count = items.iter().filter(|item| item.what == *kind).count();
        (count > 0).then(|| format!("{count} {}", word(*kind)))
    });
    let files = if items.len() == 1 { "1 file".to_string() } else { format!("{} files", items.len()) };
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() { files } else { format!("{files}: {}", counts.join(", ")) }
}

/// Shows downloads on standard error: a bar where it is a terminal, a line for each otherwise.
struct Shown {
    bar: Mutex<Option<ProgressBar>>,
    terminal: bool,
    moving: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
}

impl Shown {
    fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Shown { bar: Mutex::new(None), terminal, moving: Arc::default(), stopped: Arc::default() }
    }

    /// Ctrl-C ends the program at once, but for the moment in which a file is put in its place.
    fn listen(&self) -> Outcome<()> {
        let (moving, stopped) = (self.moving.clone(), self.stopped.clone());
        let handler = move || {
            let again = stopped.swap(true, Ordering::SeqCst);
            if again || !moving.load(Ordering::SeqCst) {
                stop();
            }
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Diagnostic::fault("signals", format!("could not listen for Ctrl-C: {error}")).into())
    }
}

fn stop() -> ! {
    say("stopped; what has arrived of a file is kept, and the next fetch goes on with it");
    std::process::exit(2)
}

impl Watcher for Shown {
    fn begin(&self, what: &str, bytes: Option<u64>) {
        let name = what.rsplit('/').next().unwrap_or(what).to_string();
        if !self.terminal {
            return say(&format!("fetching {what}"));
        }
        let bar = match bytes {
            Some(bytes) => ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr()).with_style(
                ProgressStyle::with_template("[{bar:30}] {bytes}/{total_bytes} {msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
            None => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
        };
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.with_message(name));
    }

    fn at(&self, bytes: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_position(bytes);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }

    fn say(&self, words: &str) {
        say(words);
    }

    fn moving(&self, moving: bool) {
        self.moving.store(moving, Ordering::SeqCst);
        if !moving && self.stopped.load(Ordering::SeqCst) {
            stop();
        }
    }
}
