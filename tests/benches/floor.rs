//! What packs cost over the typesetter alone, and what the evidence in them costs.
//!
//!     cargo run --release --example floor -- --data ../shared/data/real --work /tmp/floor
//!
//! Four ways to make the same pages, in turns, each with the same number of threads:
//!
//! - floor: the filled sources, compiled by Typst in one process, with the same fonts; the least that any tool can take;
//! - bare: the pack stage of a build, from templates to published PDFs, without evidence;
//! - evidence: the same with evidence: figures placed on their pages, attachments, hashes;
//! - whole: the same with the spreadsheets beside the packs.
//!
//! The results of the cells are there before anything is timed. Prints a table; `README.md` beside this says how to
//! read it.

#![allow(clippy::expect_used, reason = "a program for developers may fail aloud")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use candour::edition::{self, BuildOptions, Without};
use candour::frame::Scalar;
use candour::notebook::{Notebook, Options, Watcher};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// The program's allocator: with another the comparison would be of allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// When cached layouts that nobody used again are dropped: after so many documents, those older than so many rounds.
/// As the program does it.
const EVICTED: (usize, usize) = (4, 1);

/// The ways to make the packs.
const WAYS: [&str; 4] = ["floor", "bare", "evidence", "whole"];

struct Silent;

impl Watcher for Silent {
    fn begin(&self, _: &str, _: usize) {}
    fn step(&self, _: &str) {}
    fn end(&self) {}
}

/// What is asked on the command line.
struct Asked {
    book: PathBuf,
    data: Option<PathBuf>,
    work: PathBuf,
    threads: usize,
    rounds: usize,
    options: BuildOptions,
}

fn asked() -> Asked {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let named: BTreeMap<&str, &str> = words.chunks(2).filter_map(|pair| Some((&*pair[0], &**pair.get(1)?))).collect();
    let text = |name: &str| named.get(name).map(|word| (*word).to_string());
    let number = |name: &str, default| text(name).map_or(default, |word| word.parse().expect("a number"));
    let threads = number("--threads", 2);
    Asked {
        book: text("--book").unwrap_or_else(|| ".".to_string()).into(),
        data: text("--data").map(PathBuf::from),
        work: text("--work").expect("--work FOLDER: where kept results and packs go").into(),
        threads,
        rounds: number("--rounds", 3),
        options: BuildOptions {
            packs: text("--pack").into_iter().collect(),
            only: text("--only"),
            threads,
            ..BuildOptions::default()
        },
    }
}

/// What all documents share: fonts, library, the files of the templates folder.
struct Shelf {
    fonts: FontStore,
    library: LazyHash<Library>,
    folder: PathBuf,
    sources: Mutex<BTreeMap<String, Source>>,
    today: Datetime,
    set: AtomicUsize,
}

impl Shelf {
    fn new(folder: PathBuf, date: jiff::civil::Date, brand: &[(String, Scalar)]) -> Shelf {
        let mut fonts = FontStore::new();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/typeset/fonts");
        for name in ["Regular", "Bold", "Italic", "BoldItalic"] {
            let bytes = std::fs::read(own.join(format!("LiberationSans-{name}.ttf"))).expect("a font");
            let font = Font::new(Bytes::new(bytes), 0).expect("a font");
            fonts.push((font.clone(), font.info().clone()));
        }
        fonts.extend(typst_kit::fonts::embedded());
        let [month, day] = [date.month(), date.day()].map(|part| u8::try_from(part).expect("a part of a date"));
        let today = Datetime::from_ymd_hms(i32::from(date.year()), month, day, 0, 0, 0).expect("a date");
        let brand: Dict =
            brand.iter().map(|(key, value)| (key.as_str().into(), value.to_string().into_value())).collect();
        let inputs = Dict::from_iter([("brand".into(), brand.into_value())]);
        let library = LazyHash::new(Library::builder().with_inputs(inputs).build());
        Shelf { fonts, library, folder, sources: Mutex::default(), today, set: AtomicUsize::new(0) }
    }
}

/// One document.
struct Page<'s> {
    shelf: &'s Shelf,
    main: Source,
}

fn name_of(id: FileId) -> String {
    id.get().vpath().get_without_slash().to_string()
}

impl World for Page<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shelf.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.shelf.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let mut known = self.shelf.sources.lock().expect("no thread fails");
        let read =
            || Source::new(id, std::fs::read_to_string(self.shelf.folder.join(name_of(id))).expect("a template"));
        Ok(known.entry(name_of(id)).or_insert_with(read).clone())
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = self.shelf.folder.join(name_of(id));
        std::fs::read(&path).map(Bytes::new).map_err(|error| FileError::from_io(error, &path))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shelf.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        Some(self.shelf.today)
    }
}

fn compile(shelf: &Shelf, file: &str, source: &str) -> Vec<u8> {
    let path = VirtualPath::new("/.filled-template.typ").expect("a path");
    let id = RootedPath::new(VirtualRoot::Project, path).intern();
    let page = Page { shelf, main: Source::new(id, source.to_string()) };
    let document = typst::compile::<PagedDocument>(&page).output.expect("a document");
    let options = PdfOptions {
        ident: typst::foundations::Smart::Custom(file.to_string()),
        timestamp: Some(Timestamp::new_utc(shelf.today)),
        standards: PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_3a]).expect("standards"),
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&document, &options).expect("a PDF");
    if shelf.set.fetch_add(1, Ordering::Relaxed) % EVICTED.0 == EVICTED.0 - 1 {
        comemo::evict(EVICTED.1);
    }
    pdf
}

/// Compiles all sources and writes the PDFs, on threads each with a pool of one, as Candour does. Gives the pages' bytes.
fn floor(shelf: &Shelf, sources: &[(String, String)], threads: usize, folder: &Path) -> usize {
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
                pool.install(|| {
                    while let Some((file, source)) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let pdf = compile(shelf, file, source);
                        let path = folder.join(file);
                        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                        std::fs::write(path, &pdf).expect("a PDF");
                        bytes.fetch_add(pdf.len(), Ordering::Relaxed);
                    }
                });
            });
        }
    });
    bytes.into_inner()
}

/// The pack stage of a build, with nothing kept of packs.
fn packs(notebook: &Notebook, options: &BuildOptions, work: &Path) -> usize {
    for kind in ["packs", "traces"] {
        let folder = work.join(".cache").join(kind);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let output = work.join("editions");
    let _ = std::fs::remove_dir_all(&output);
    let built = edition::build(notebook, options, &output, &Silent).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(built.known, 0, "packs were known");
    built.manifest.packs.iter().map(|pack| pack.bytes).sum()
}

/// Processor time of this process so far, in seconds; nought where the system does not say.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The middle of some numbers.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn main() {
    let asked = asked();
    let opening = Options {
        book: asked.book.clone(),
        data: asked.data.iter().cloned().collect(),
        cache: Some(asked.work.join(".cache")),
        strict: false,
        threads: asked.threads,
        as_of: None,
    };
    let mut notebook = Notebook::open(&opening, &Silent).unwrap_or_else(|problems| panic!("{problems}"));
    notebook.run(None, &Silent).unwrap_or_else(|problems| panic!("{problems}"));
    let sources = edition::filled(&notebook, &asked.options).unwrap_or_else(|problems| panic!("{problems}"));
    let shelf = Shelf::new(asked.book.join("report-templates"), notebook.book.edition.date, &notebook.book.brand);
    let without = |evidence, sheets| BuildOptions { without: Without { evidence, sheets }, ..asked.options.clone() };
    let mut taken: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for round in 0..asked.rounds {
        // Each way comes first in turn, and none finds what another has left in Typst's memory of layouts.
        for way in (0..WAYS.len()).map(|at| WAYS[(at + round) % WAYS.len()]) {
            comemo::evict(0);
            let (begun, before) = (Instant::now(), processor());
            let bytes = match way {
                "floor" => floor(&shelf, &sources, asked.threads, &asked.work.join("floor")),
                "bare" => packs(&notebook, &without(true, true), &asked.work),
                "evidence" => packs(&notebook, &without(false, true), &asked.work),
                _ => packs(&notebook, &asked.options, &asked.work),
            };
            let seconds = (begun.elapsed().as_secs_f64(), processor() - before);
            eprintln!("round {} {way}: {:.2} s, processor {:.2} s", round + 1, seconds.0, seconds.1);
            taken.entry(way).or_default().push(seconds);
            sizes.insert(way, bytes);
        }
    }
    report(&taken, &sizes, sources.len(), asked.threads);
}

/// Prints what each way took, and the ratios that are asked for.
fn report(taken: &BTreeMap<&str, Vec<(f64, f64)>>, sizes: &BTreeMap<&str, usize>, packs: usize, threads: usize) {
    let of = |way: &str, pick: fn(&(f64, f64)) -> f64| median(taken[way].iter().map(pick).collect());
    println!("| way ({packs} packs, {threads} threads) | wall, s | processor, s | MB of PDF |");
    println!("|---|---:|---:|---:|");
    for way in WAYS {
        let megabytes = sizes[way] as f64 / 1e6;
        println!("| {way} | {:.2} | {:.2} | {megabytes:.1} |", of(way, |t| t.0), of(way, |t| t.1));
    }
    let line = |words: &str, pick: fn(&(f64, f64)) -> f64| {
        let more = |one: &str, other: &str| of(one, pick) / of(other, pick);
        let percent = |one: &str, other: &str| (more(one, other) - 1.0) * 100.0;
        println!(
            "\n{words}: packs take {:.2} times the floor; evidence adds {:.1}% to that, and spreadsheets {:.1}% more.",
            more("bare", "floor"),
            percent("evidence", "bare"),
            percent("whole", "evidence"),
        );
    };
    line("By the clock", |t| t.0);
    line("By processor time", |t| t.1);
}
