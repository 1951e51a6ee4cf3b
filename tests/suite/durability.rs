//! Durability: whatever happens to a build, the published edition is whole, and the next build needs no advice; and the
//! same inputs give the same bytes, whoever builds them, where, when and beside whom.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::harness::{Book, Edition, assert_same, contents, copy_all, entries, project, shown_entries, start};

/// Every file of an edition.
type Files = BTreeMap<String, Vec<u8>>;

/// A book that has two states, and what an undisturbed build makes of each.
struct Changing {
    book: Book,
    good: [Files; 2],
}

const STATES: [&str; 2] = ["P1,2025 spring,12.5\n", "P1,2025 spring,13.5\n"];

impl Changing {
    fn new() -> Changing {
        let good = [0, 1].map(|state| {
            let book = Book::fixture("base");
            book.edit("data/harvests.csv", STATES[0], STATES[state]);
            book.build(&[]).contents()
        });
        assert!(good[0] != good[1], "the two states give the same edition");
        let book = Book::fixture("base");
        book.build(&[]);
        Changing { book, good }
    }

    /// Puts the data into a state.
    fn turn_to(&self, state: usize) {
        let text = self.book.read("data/harvests.csv");
        self.book.write("data/harvests.csv", text.replace(STATES[1 - state], STATES[state]));
    }

    /// Forgets what earlier builds have kept.
    fn forget(&self) {
        fs::remove_dir_all(self.book.output().join(".cache")).expect("kept results");
    }

    /// Asserts that the published edition is that of one state or of the other, whole; which.
    #[track_caller]
    fn published(&self) -> usize {
        let found = contents(&self.book.output().join("year"));
        let state = self.good.iter().position(|good| *good == found);
        state.unwrap_or_else(|| panic!("the edition is that of neither state: {:?}", found.keys()))
    }

    /// Asserts that a build, given no advice, publishes a state and leaves nothing behind.
    #[track_caller]
    fn recovers_to(&self, state: usize) {
        self.book.run(&["build"]).expect(0);
        assert_same(&self.good[state], &self.book.edition().contents());
        assert_eq!(left_behind(&self.book), Vec::<String>::new());
    }
}

/// What a build that is over should not have left in the output folder.
fn left_behind(book: &Book) -> Vec<String> {
    let hidden =
        entries(&book.output()).into_iter().filter(|name| name.starts_with(".staging") || name.contains("rep"));
    let drafts = entries(&book.output().join(".cache/drafts"));
    let kinds = ["cells", "packs", "sources", "tables", "tests", "traces"];
    let kept = kinds.iter().flat_map(|kind| entries(&book.output().join(".cache").join(kind)));
    hidden.chain(drafts).chain(kept.filter(|name| name.contains("draft"))).collect()
}

/// Numbers that look random and are the same in every run.
struct Chance(u64);

impl Chance {
    /// A fraction, from 0 to 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }
}

/// How long a build takes that knows nothing.
fn whole_build(changing: &Changing) -> Duration {
    changing.forget();
    let begun = Instant::now();
    changing.book.build(&[]);
    begun.elapsed()
}

/// Waits until a build writes its edition, or is over.
fn wait_for_staging(book: &Book, child: &mut std::process::Child) {
    while child.try_wait().is_ok_and(|ended| ended.is_none()) {
        if entries(&book.output()).iter().any(|name| name.starts_with(".staging")) {
            return;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

#[test]
fn builds_killed_at_fifty_moments_leave_a_whole_edition_and_the_next_recovers() {
    let changing = Changing::new();
    let (book, whole) = (&changing.book, whole_build(&changing));
    let mut chance = Chance(20260621);
    let (mut killed, mut published) = (0, 0);
    for moment in 0..50 {
        let state = (moment + 1) % 2;
        changing.turn_to(state);
        // A third has all to write; a third is killed while it sets packs and publishes; a third knows much already.
        if moment % 3 != 2 {
            changing.forget();
        }
        let mut child = start(&mut book.command(&["build"]));
        let part = if moment % 3 == 1 { 0.5 } else { 1.0 };
        if moment % 3 == 1 {
            wait_for_staging(book, &mut child);
        }
        std::thread::sleep(whole.mul_f64(part * chance.fraction()));
        let _ = child.kill();
        let status = child.wait().expect("the build ends");
        killed += usize::from(!status.success());
        let shown = changing.published();
        published += usize::from(shown == state);
        assert!(!status.success() || shown == state, "moment {moment}: the build was done and published nothing");
        changing.recovers_to(state);
    }
    eprintln!("of 50 builds {killed} were killed at work in {whole:?}; {published} had published");
    assert!(killed >= 20, "only {killed} of 50 builds were killed before their end");
    book.run(&["verify"]).expect(0);
}

/// A file system of its own, of a few megabytes, over a folder.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it; none where that is not allowed.
    fn over(folder: PathBuf) -> Option<SmallDisk> {
        fs::create_dir_all(&folder).expect("a folder to mount over");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,nr_inodes=400", "small"]).arg(&folder);
        let done = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !done {
            eprintln!("passed over: a file system cannot be mounted here");
        }
        done.then_some(SmallDisk(folder))
    }

    /// Fills it, by bytes or by the number of files, until so much is left.
    fn fill(&self, left: Room) {
        let ballast = self.0.join(".ballast");
        fs::create_dir(&ballast).expect("a folder");
        let (size, spare) = match left {
            Room::Kilobytes(spare) => (4096, spare / 4),
            Room::Files(spare) => (0, spare),
        };
        let names = (0..).map(|number| ballast.join(number.to_string()));
        let written: Vec<PathBuf> = names.take_while(|name| fs::write(name, vec![b'x'; size]).is_ok()).collect();
        // The one that did not fit is there as well, empty.
        let _ = fs::remove_file(ballast.join(written.len().to_string()));
        for name in written.iter().rev().take(spare) {
            fs::remove_file(name).expect("ballast");
        }
    }

    fn make_room(&self) {
        fs::remove_dir_all(self.0.join(".ballast")).expect("ballast");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What is left of a file system.
#[derive(Clone, Copy, Debug)]
enum Room {
    Kilobytes(usize),
    Files(usize),
}

#[test]
fn a_full_disk_is_told_and_leaves_the_last_edition() {
    let changing = Changing::new();
    let book = &changing.book;
    let Some(disk) = SmallDisk::over(book.output()) else { return };
    let rooms = [0, 8, 24, 48, 72, 96, 128, 160, 200, 240, 280, 1000].map(Room::Kilobytes);
    let mut told = Vec::new();
    for room in rooms.into_iter().chain([0, 1, 2, 4, 8, 14, 20, 26, 30, 34].map(Room::Files)) {
        for name in entries(&book.output()) {
            let path = book.output().join(name);
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("an empty disk");
        }
        changing.turn_to(0);
        book.build(&[]);
        changing.turn_to(1);
        disk.fill(room);
        let run = book.run(&["build"]);
        if run.code == 0 {
            assert_eq!(changing.published(), 1, "{room:?}");
        } else {
            let words = run.expect(2).stderr;
            assert_eq!(changing.published(), 0, "{room:?}");
            assert_eq!(left_behind(book), Vec::<String>::new(), "{room:?}");
            let line = words.lines().find(|line| line.starts_with("error")).expect("an error");
            assert!(line.contains("no space left") && line.contains("[OUT]"), "{room:?}: {words}");
            assert!(words.contains("free some space") && !line.contains('{'), "{room:?}: {words}");
            told.push(line.to_string());
        }
        disk.make_room();
        changing.recovers_to(1);
    }
    let kinds = ["drafts", "sources/", "cells/", "tests/", "packs/", "traces/", "overview.pdf"];
    let stopped = kinds.iter().filter(|kind| told.iter().any(|line| line.contains(*kind))).count();
    assert!(stopped >= 5 && told.len() < 22, "{stopped} kinds: {told:#?}");
}

/// Runs a command as it is where modes of folders hold; as another user where they do not, because the tests run as
/// one who may do everything. None where that is not possible.
fn bound_by_modes(book: &Book, arguments: &[&str]) -> Option<Command> {
    let command = book.command(arguments);
    if !is_root() {
        return Some(command);
    }
    let mut other = as_other_user(book, &command)?;
    other.stdout(Stdio::null());
    Some(other)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A user that owns nothing.
const NOBODY: u32 = 65534;

/// A command as another user, who may read and write the book and nothing else. None where that is not possible.
fn as_other_user(book: &Book, command: &Command) -> Option<Command> {
    let base = book.root().parent().expect("a folder").to_path_buf();
    // Where the program lies that user may not be allowed to look.
    let program = base.join("program");
    if !program.exists() {
        let from = command.get_program();
        fs::hard_link(from, &program).or_else(|_| fs::copy(from, &program).map(|_| ())).expect("a copy of the program");
    }
    give(&base, NOBODY);
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let tried = Command::new("setpriv").args(user).arg(&program).arg("--version").output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        eprintln!("passed over: the program cannot be run as another user here");
        return None;
    }
    let mut other = Command::new("setpriv");
    other.args(user).arg(&program).args(command.get_args()).stdin(Stdio::null());
    Some(other)
}

/// Gives a folder and all in it to a user; what cannot be given stays.
fn give(folder: &Path, user: u32) {
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        if entry.file_name() != "program" {
            let _ = chown(entry.path(), Some(user), Some(user));
        }
    }
}

/// Lets the owner write to every folder, or to one of them no longer.
fn set_mode(folder: &Path, mode: u32) {
    let _ = fs::set_permissions(folder, Permissions::from_mode(mode));
}

#[test]
fn a_folder_that_may_no_longer_be_written_to_is_told_and_leaves_the_last_edition() {
    let changing = Changing::new();
    let (book, whole) = (&changing.book, whole_build(&changing));
    let Some(mut command) = bound_by_modes(book, &["build"]) else { return };
    let mut chance = Chance(20260622);
    let mut refused = 0;
    // The output folder itself; its staging folder; kept tables; kept packs; drafts.
    let folders = ["", ".staging", ".cache/tables", ".cache/packs", ".cache/drafts"];
    for attempt in 0..4 * folders.len() {
        let state = (attempt + 1) % 2;
        changing.turn_to(state);
        changing.forget();
        for kind in ["tables", "packs", "drafts"] {
            fs::create_dir_all(book.output().join(".cache").join(kind)).expect("a folder");
        }
        give(&book.output(), NOBODY);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let folder = folders[attempt % folders.len()];
        if folder == ".staging" {
            wait_for_staging(book, &mut child);
        } else {
            std::thread::sleep(whole.mul_f64(0.9 * chance.fraction()));
        }
        let closed = folder_named(book, folder);
        closed.iter().for_each(|folder| set_mode(folder, 0o555));
        let output = child.wait_with_output().expect("the build ends");
        closed.iter().for_each(|folder| set_mode(folder, 0o755));
        let words = String::from_utf8_lossy(&output.stderr).to_lowercase();
        let shown = changing.published();
        match output.status.code() {
            Some(0) => assert_eq!(shown, state, "{folder}: {words}"),
            Some(2) => {
                assert!(words.contains("permission denied") && words.contains("who owns"), "{folder}: {words}");
                assert!(words.contains("output"), "{folder}: {words}");
                refused += 1;
            }
            other => panic!("{folder}: {other:?}: {words}"),
        }
        changing.recovers_to(state);
    }
    assert!(refused >= 5, "only {refused} of {} builds were refused", 4 * folders.len());
}

/// The folder of the output that begins with a name, where there is one.
fn folder_named(book: &Book, name: &str) -> Option<PathBuf> {
    match name {
        ".staging" => {
            let names = entries(&book.output());
            names.into_iter().find(|name| name.starts_with(".staging")).map(|name| book.output().join(name))
        }
        name => Some(book.output().join(name)),
    }
}

#[test]
fn builds_started_together_publish_one_edition_and_never_a_mix() {
    let changing = Changing::new();
    let mut refused = 0;
    for round in 0..8 {
        let state = (round + 1) % 2;
        changing.turn_to(state);
        if round % 2 == 0 {
            changing.forget();
        }
        let started: Vec<_> = (0..3)
            .map(|_| {
                let mut command = changing.book.command(&["build"]);
                command.stderr(Stdio::piped()).spawn().expect("the program starts")
            })
            .collect();
        let ended: Vec<_> = started.into_iter().map(|child| child.wait_with_output().expect("an end")).collect();
        for output in &ended {
            let words = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => {}
                Some(2) if words.contains("another build is writing to") => refused += 1,
                other => panic!("{other:?}: {words}"),
            }
        }
        assert!(ended.iter().any(|output| output.status.success()), "no build was let through");
        assert_eq!(changing.published(), state);
        changing.recovers_to(state);
    }
    eprintln!("of 24 builds {refused} were refused");
    assert!(refused > 0, "no two builds met");
}

#[test]
fn kept_results_that_have_changed_without_changing_their_size_are_not_used() {
    let book = Book::fixture("base");
    let first = book.build(&[]).contents();
    for part in ["packs", "tables"] {
        let folder = book.output().join(".cache").join(part);
        for name in entries(&folder).into_iter().filter(|name| !name.ends_with(".json")) {
            let mut bytes = fs::read(folder.join(&name)).expect("a kept file");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
            fs::write(folder.join(&name), bytes).expect("a spoilt file");
        }
        fs::remove_dir_all(book.output().join("year")).expect("the edition");
        book.run(&["build"]).expect(0);
        assert_same(&first, &book.edition().contents());
    }
}

/// A command run by another, with the same arguments.
fn through(before: &[&str], command: &Command) -> Command {
    let mut through = Command::new(before[0]);
    through.args(&before[1..]).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    through.env_remove("RUST_BACKTRACE");
    through
}

/// Whether a program is there to be run.
fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success());
    if !found {
        eprintln!("passed over: {program} is not installed");
    }
    found
}

/// Gives what a command writes modes that nobody else may read.
const PRIVATE: [&str; 3] = ["sh", "-c", "umask 077; exec \"$0\" \"$@\""];

/// A book copied file by file in another order, with other times.
fn copied_backwards(from: &Path) -> Book {
    let book = Book::nothing();
    for part in ["report-templates", "queries", "data"] {
        for (name, bytes) in contents(&from.join(part)).into_iter().rev() {
            book.write(&format!("{part}/{name}"), bytes);
            let file = fs::File::options().write(true).open(book.path(&format!("{part}/{name}"))).expect("a file");
            let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            file.set_modified(long_ago).expect("another time");
        }
    }
    copy_all(&from.join("candour.toml"), &book.path("candour.toml"));
    book
}

/// What a build gives in circumstances as unlike as can be: another folder, order of files, times, threads, time zone,
/// language and modes; and in another year, where that can be had.
pub fn elsewhere(from: &Path) -> Files {
    let book = copied_backwards(from);
    let command = through(&PRIVATE, &book.command(&["build", "--threads", "8"]));
    let later = ["faketime", "-f", "+1y"];
    let mut command = if is_installed(later[0]) { through(&later, &command) } else { command };
    command.env("TZ", "Pacific/Auckland").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8").current_dir("/");
    book.finish(&mut command).expect(0);
    let edition = book.edition();
    let mode = fs::metadata(edition.folder.join("manifest.json")).expect("a manifest").mode();
    assert_eq!(mode & 0o077, 0, "the other mask was not in force");
    edition.contents()
}

/// The packs of an edition that was made in part are those of the whole edition.
fn assert_part(whole: &Edition, part: &Path) {
    let part = Edition::open(part);
    assert!(!part.packs().is_empty());
    for pack in part.packs() {
        let file = pack["file"].as_str().expect("a file");
        assert!(part.bytes(file) == whole.bytes(file), "{file} differs");
    }
}

#[test]
fn circumstances_do_not_change_a_byte() {
    for fixture in ["base", "libraries"] {
        let from = project().join("tests/books").join(fixture);
        let whole = Book::fixture(fixture);
        let first = whole.build(&["--threads", "2"]).contents();
        assert_same(&first, &elsewhere(&from));
        for threads in ["1", "8"] {
            assert_same(&first, &Book::fixture(fixture).build(&["--threads", threads]).contents());
        }
        let other = Book::fixture(fixture);
        if is_root()
            && let Some(mut command) = as_other_user(&other, &other.command(&["build"]))
        {
            other.finish(&mut command).expect(0);
            assert_same(&first, &other.edition().contents());
        }
        let whole_edition = whole.edition();
        let name = whole_edition.folder.file_name().expect("a name").to_string_lossy().into_owned();
        for pack in whole_edition.packs() {
            let (rule, key) = (pack["pack"].as_str().expect("a rule"), pack["key"].as_str());
            let part = Book::fixture(fixture);
            let only = key.map_or(vec![], |key| vec!["--only", key]);
            part.run(&[vec!["build", "--pack", rule], only].concat()).expect(0);
            assert_part(&whole_edition, &part.output().join(format!("{name}-part")));
        }
        // Results of cells that are known, packs that are not; and everything known.
        for forgotten in [&["packs", "traces"][..], &["sources", "tests"], &["cells"], &[]] {
            for kind in forgotten {
                fs::remove_dir_all(whole.output().join(".cache").join(kind)).expect("kept results");
            }
            fs::remove_dir_all(&whole_edition.folder).expect("the edition");
            assert_same(&first, &whole.build(&[]).contents());
        }
        assert_eq!(shown_entries(&whole.output()), [name]);
    }
}
