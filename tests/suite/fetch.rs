//! Fetching, from a server that does not behave.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::harness::{Book, Run, contents, entries, program, project, start};
use super::server::{Asked, Server, head, reply};

const FIRST: &str = "Plot,Gardener\n1,Ann\n2,Bob\n";
const SECOND: &str = "Plot,Gardener\n1,Ann\n2,Barbara\n";

/// A book whose source `plots` is fetched by a rule.
fn book(rule: &str) -> Book {
    let book = Book::fixture("base");
    book.edit("candour.toml", "files = [\"plots.csv\"]", "files = [\"plots/*.csv\"]");
    book.append("candour.toml", &format!("\n[sources.plots.fetch]\ninto = \"plots\"\n{rule}\n"));
    book
}

/// A book that fetches one file of a server.
fn book_of(server: &Server, path: &str) -> Book {
    book(&format!("url = \"{}\"", server.url(path)))
}

/// A book that fetches the links of a page.
fn book_of_page(server: &Server, rule: &str) -> Book {
    book(&format!("index = \"{}\"\n{rule}", server.url("/page/")))
}

/// Where the book's files are fetched to.
fn data(book: &Book) -> PathBuf {
    book.path("published")
}

/// Fetches, with short limits of time.
fn fetch(book: &Book, arguments: &[&str]) -> Run {
    let quick = ["--timeout", "3", "--pause", "5", "--tries", "3"];
    let given = |option: &&str| arguments.contains(option);
    let quick: Vec<&str> = quick.chunks(2).filter(|pair| !given(&pair[0])).flatten().copied().collect();
    let mut command = program(&[&["fetch"], arguments, &quick].concat());
    command.arg("--book").arg(book.root()).arg("--data").arg(data(book));
    book.finish(&mut command)
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entries of the ledger.
fn ledger(book: &Book) -> Vec<toml::Table> {
    let text = fs::read_to_string(data(book).join("fetched.toml")).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).expect("the ledger is TOML");
    let versions = table.get("version").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    versions.into_iter().map(|version| version.as_table().expect("a version").clone()).collect()
}

/// Files that a build could read, by name.
fn shown_files(book: &Book) -> Vec<String> {
    let there = if data(book).exists() { contents(&data(book)) } else { BTreeMap::new() };
    there.into_keys().filter(|name| !name.starts_with('.')).collect()
}

/// A server of one text that it marks and remembers by its hash, and does ranges and conditions as it should.
fn well_behaved(texts: &'static [&'static str]) -> (Server, Arc<AtomicUsize>) {
    let now = Arc::new(AtomicUsize::new(0));
    let which = now.clone();
    let server = Server::start(move |asked, out| {
        let text = texts[which.load(Ordering::SeqCst)];
        let etag = format!("\"{}\"", &sha256(text)[..8]);
        match asked.header("if-none-match") == etag {
            true => reply(out, 304, &[("etag", &etag)], ""),
            false => reply(out, 200, &[("etag", &etag), ("last-modified", "Thu, 11 Jun 2026 08:30:00 GMT")], text),
        }
    });
    (server, now)
}

/// A run that must leave what was there as it was.
#[track_caller]
fn refused(book: &Book, arguments: &[&str], code: i32, words: &[&str]) -> Run {
    let before = (shown_files(book), ledger(book));
    let run = fetch(book, arguments).expect(code);
    for words in words {
        assert!(run.stderr.contains(words), "no \"{words}\" in:\n{}", run.stderr);
    }
    assert_eq!(before, (shown_files(book), ledger(book)), "a refused file changes nothing");
    run
}

#[test]
fn a_file_is_fetched_once_and_recorded() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/files/plots%20May.csv?download=1");
    let run = fetch(&book, &["--format", "json"]).expect(0);
    let item = &run.json()[0];
    assert_eq!((item["what"].as_str(), item["sha256"].as_str()), (Some("new"), Some(&*sha256(FIRST))));
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots May.csv")).expect("the file"), FIRST);
    let versions = ledger(&book);
    let text = |key: &str| versions[0].get(key).and_then(|value| value.as_str()).unwrap_or_default().to_string();
    assert_eq!((text("file"), text("source")), ("plots/plots May.csv".to_string(), "plots".to_string()));
    assert_eq!((text("url"), text("sha256")), (server.url("/files/plots%20May.csv?download=1"), sha256(FIRST)));
    assert_eq!(text("last_modified"), "Thu, 11 Jun 2026 08:30:00 GMT");
    assert!(text("fetched_at").starts_with("20") && text("fetched_at").ends_with('Z'), "{}", text("fetched_at"));

    let run = fetch(&book, &[]).expect(0);
    assert!(run.text().starts_with("unchanged"), "{}", run.text());
    assert_eq!(versions, ledger(&book), "an unchanged file adds nothing");
    assert_eq!(server.asked()[1].header("if-none-match"), format!("\"{}\"", &sha256(FIRST)[..8]));
    // What the server says is not believed where it is not wanted, or the file is not there to be unchanged.
    assert!(fetch(&book, &["--refresh"]).expect(0).text().starts_with("unchanged"));
    assert_eq!(server.asked()[2].header("if-none-match"), "");
    fs::remove_file(data(&book).join("plots/plots May.csv")).expect("the file");
    assert!(fetch(&book, &[]).expect(0).text().starts_with("restored"));
    assert_eq!(versions, ledger(&book));
    assert_eq!(entries(&data(&book).join(".fetch/partial")).len(), 0, "nothing is left over");
}

#[test]
fn fetching_what_the_lock_does_not_name_is_said_and_not_refused() {
    let (server, now) = well_behaved(&[FIRST, SECOND]);
    let book = book_of(&server, "/plots.csv");
    fetch(&book, &[]).expect(0);
    fs::copy(book.path("data/harvests.csv"), data(&book).join("harvests.csv")).expect("the other source");
    let locked = book.finish(program(&["lock", "--book"]).arg(book.root()).arg("--data").arg(data(&book)));
    locked.expect(0);
    assert!(!fetch(&book, &[]).expect(0).stderr.contains("candour.lock"), "what is locked is fetched again");
    now.store(1, Ordering::SeqCst);
    let run = fetch(&book, &[]).expect(0);
    let words =
        "warning[lock-outdated]: candour.lock no longer fits: 1 of the files fetched, the first plots/plots.csv";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn a_file_changed_in_place_is_a_new_version_and_the_old_one_is_kept() {
    let (server, now) = well_behaved(&[FIRST, SECOND]);
    let book = book_of(&server, "/plots.csv");
    fetch(&book, &[]).expect(0);
    now.store(1, Ordering::SeqCst);
    let run = fetch(&book, &[]).expect(0);
    let (old, new) = (sha256(FIRST), sha256(SECOND));
    let words = format!("{} -> {}", &old[..12], &new[..12]);
    assert!(run.text().starts_with("changed") && run.text().contains(&words), "{}", run.text());
    let kept = data(&book).join(format!(".versions/{}-plots.csv", &old[..16]));
    assert_eq!(fs::read_to_string(&kept).expect("the old version"), FIRST);
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the new version"), SECOND);
    assert_eq!(ledger(&book).len(), 2);
    // Back again: a third entry, and nothing lost.
    now.store(0, Ordering::SeqCst);
    fetch(&book, &[]).expect(0);
    assert_eq!((ledger(&book).len(), entries(&data(&book).join(".versions")).len()), (3, 2));
    assert_eq!(shown_files(&book), ["fetched.toml", "plots/plots.csv"], "older versions are hidden from builds");
}

#[test]
fn an_answer_shorter_than_it_says_is_no_file() {
    for chunked in [false, true] {
        let server = Server::start(move |_, out| match chunked {
            false => {
                head(out, 200, &[("content-length", "1000")]);
                let _ = out.write_all(FIRST.as_bytes());
            }
            true => {
                head(out, 200, &[("transfer-encoding", "chunked")]);
                let _ = write!(out, "{:x}\r\n{FIRST}\r\n", FIRST.len());
            }
        });
        let book = book_of(&server, "/plots.csv");
        refused(&book, &[], 2, &["the connection ended before the answer did", "tried 3 times"]);
        assert_eq!(server.asked().len(), 3);
    }
}

#[test]
fn an_answer_without_an_end_could_be_a_part() {
    let server = Server::start(|_, out| {
        head(out, 200, &[]);
        let _ = out.write_all(FIRST.as_bytes());
    });
    refused(&book_of(&server, "/plots.csv"), &[], 1, &["does not say how long the file is"]);
}

/// A long table, and a part of it.
fn long_table() -> (String, usize) {
    let rows: String = (0..20_000).map(|plot| format!("{plot},Gardener {plot}\n")).collect();
    (format!("Plot,Gardener\n{rows}"), 150_000)
}

/// Sends the first part of a text, says that it is longer, and breaks off.
fn break_off(out: &mut dyn Write, text: &str, part: usize, etag: &str) {
    head(out, 200, &[("content-length", &text.len().to_string()), ("etag", etag)]);
    let _ = out.write_all(&text.as_bytes()[..part]);
}

/// Where a request for the rest begins.
fn range_start(asked: &Asked) -> Option<usize> {
    asked.header("range").strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

fn send_rest(out: &mut dyn Write, text: &str, start: usize, etag: &str) {
    let range = format!("bytes {start}-{}/{}", text.len() - 1, text.len());
    reply(out, 206, &[("content-range", &range), ("etag", etag)], &text[start..]);
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let (text, part) = long_table();
    let sent = text.clone();
    let server = Server::start(move |asked, out| match range_start(asked) {
        None => break_off(out, &sent, part, "\"one\""),
        Some(start) => send_rest(out, &sent, start, "\"one\""),
    });
    let book = book_of(&server, "/plots.csv");
    let run = fetch(&book, &[]).expect(0);
    assert!(run.stderr.contains("trying again in 0 s"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), text);
    let asked = server.asked();
    assert_eq!((asked.len(), range_start(&asked[1]), asked[1].header("if-range")), (2, Some(part), "\"one\""));
}

#[test]
fn parts_of_two_versions_are_never_joined() {
    // A server that heeds `If-Range` sends the whole new file; one that does not is found out by its mark.
    for heeds in [true, false] {
        let (text, part) = long_table();
        let new = text.replace("Gardener 1", "Keeper 1");
        let (old, sent) = (text, new.clone());
        let server = Server::start(move |asked, out| match (asked.before, range_start(asked)) {
            (0, _) => break_off(out, &old, part, "\"one\""),
            (_, Some(start)) if !heeds => send_rest(out, &sent, start, "\"two\""),
            _ => reply(out, 200, &[("etag", "\"two\"")], &sent),
        });
        let book = book_of(&server, "/plots.csv");
        let run = fetch(&book, &[]).expect(0);
        assert_eq!(run.stderr.contains("changed while it was being fetched"), !heeds, "{}", run.stderr);
        assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), new);
    }
}

#[test]
fn a_part_without_a_strong_mark_is_fetched_again_whole() {
    let (text, part) = long_table();
    let sent = text.clone();
    let server = Server::start(move |asked, out| match asked.before {
        0 => break_off(out, &sent, part, "W/\"weak\""),
        _ => reply(out, 200, &[("etag", "W/\"weak\"")], &sent),
    });
    let book = book_of(&server, "/plots.csv");
    fetch(&book, &[]).expect(0);
    assert_eq!(server.asked()[1].header("range"), "");
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), text);
}

#[test]
fn a_stopped_fetch_leaves_only_a_hidden_part_and_the_next_goes_on() {
    let (text, part) = long_table();
    let sent = text.clone();
    let server = Server::start(move |asked, out| match range_start(asked) {
        None => {
            break_off(out, &sent, part, "\"one\"");
            let _ = out.flush();
            std::thread::sleep(Duration::from_secs(15));
        }
        Some(start) => send_rest(out, &sent, start, "\"one\""),
    });
    let book = book_of(&server, "/plots.csv");
    let mut command = program(&["fetch", "--timeout", "60"]);
    command.arg("--book").arg(book.root()).arg("--data").arg(data(&book));
    let mut child = start(&mut command);
    let arrived = || {
        let files = contents(&data(&book));
        files.iter().any(|(name, bytes)| name.ends_with(".part") && bytes.len() == part)
    };
    let begun = Instant::now();
    while !(data(&book).exists() && arrived()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the first part has not arrived");
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").arg("-INT").arg(child.id().to_string()).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(child.wait().expect("the program ends").code(), Some(2));
    assert!(shown_files(&book).is_empty(), "{:?}", shown_files(&book));
    fetch(&book, &[]).expect(0);
    assert_eq!(range_start(&server.asked()[1]), Some(part));
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), text);
}

#[test]
fn a_redirect_to_a_host_that_is_not_named_is_refused() {
    let target = Server::start(|_, out| reply(out, 200, &[], FIRST));
    let there = target.other_url("/elsewhere/x.csv");
    let location = there.clone();
    let server = Server::start(move |_, out| reply(out, 302, &[("location", &location)], ""));
    let book = book_of(&server, "/plots.csv");
    refused(&book, &[], 1, &["`localhost` is not among the hosts of the source, 127.0.0.1", &there, "candour.toml:"]);
    assert!(target.asked().is_empty(), "the other host is not even asked");
    // Named, it may be asked; the file keeps the name that the book knows it by.
    book.append("candour.toml", "hosts = [\"localhost\"]\n");
    fetch(&book, &[]).expect(0);
    assert_eq!(ledger(&book)[0]["final_url"].as_str(), Some(&*there));
    assert_eq!(shown_files(&book), ["fetched.toml", "plots/plots.csv"]);
}

#[test]
fn redirects_in_a_circle_and_without_end_are_refused() {
    let server = Server::start(|asked, out| {
        let next = match asked.path.as_str() {
            "/plots.csv" => "/other.csv".to_string(),
            "/other.csv" => "/plots.csv".to_string(),
            path => format!("{path}x"),
        };
        reply(out, 301, &[("location", &next)], "");
    });
    refused(&book_of(&server, "/plots.csv"), &[], 1, &["redirects in a circle"]);
    refused(&book_of(&server, "/endless.csv"), &[], 1, &["redirects more than 5 times"]);
    assert_eq!(server.asked().len(), 2 + 6, "no redirect is tried twice");
}

#[test]
fn certificates_are_checked_and_https_is_not_left() {
    let plain = Server::start(|_, out| reply(out, 200, &[], FIRST));
    let location = plain.url("/plots.csv");
    let server = Server::start_https(move |asked, out| match asked.path.as_str() {
        "/away.csv" => reply(out, 302, &[("location", &location)], ""),
        _ => reply(out, 200, &[], FIRST),
    });
    let book_good = book_of(&server, "/plots.csv");
    refused(&book_good, &[], 1, &["`127.0.0.1` cannot show that it is `127.0.0.1`", "--authorities"]);
    assert!(server.asked().is_empty(), "nothing is asked of a server that nobody vouches for");
    let pem = book_good.path("authority.pem");
    fs::write(&pem, server.certificate.as_deref().expect("a certificate")).expect("a file");
    let trusting = ["--authorities", pem.to_str().expect("a path")];
    fetch(&book_good, &trusting).expect(0);
    refused(&book_of(&server, "/away.csv"), &trusting, 1, &["which is refused: it leaves https"]);
    assert!(plain.asked().is_empty());
    refused(&book_good, &["--authorities", "no_such_file.pem"], 2, &["could not read"]);
    fs::write(&pem, "no certificate").expect("a file");
    refused(&book_good, &trusting, 2, &["holds no certificate"]);
}

#[test]
fn a_page_that_says_why_there_is_no_file_is_not_the_file() {
    let (good, _) = well_behaved(&[FIRST]);
    let book = book_of(&good, "/plots.csv");
    fetch(&book, &[]).expect(0);
    // The type that the server names is not asked: it calls the page a table, and would call a table a page.
    let server = Server::start(|asked, out| match asked.path.as_str() {
        "/plots.csv" => {
            let page = "<!DOCTYPE html><html><head><title>Service unavailable &ndash; try later</title></head></html>";
            reply(out, 200, &[("content-type", "text/csv")], page);
        }
        _ => reply(out, 200, &[("content-type", "text/html; charset=utf-16")], FIRST),
    });
    book.edit("candour.toml", &good.url("/plots.csv"), &server.url("/plots.csv"));
    let words = ["is not what arrived, but an HTML page with the title \"Service unavailable – try later\"", "kept as"];
    refused(&book, &[], 1, &words);
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), FIRST);
    let kept = fs::read_to_string(data(&book).join(".fetch/refused/plots/plots.csv")).expect("what arrived");
    assert!(kept.starts_with("<!DOCTYPE"));
    book.edit("candour.toml", &server.url("/plots.csv"), &server.url("/lies.csv"));
    fetch(&book, &[]).expect(0);
}

#[test]
fn a_changed_layout_is_refused_in_the_readers_words() {
    let (server, now) = well_behaved(&[FIRST, "Plot,Gardner\n1,Ann\n", "Plot,Gardener\n"]);
    let book = book_of(&server, "/plots.csv");
    fetch(&book, &[]).expect(0);
    now.store(1, Ordering::SeqCst);
    refused(&book, &[], 1, &["plots/plots.csv has no column \"Gardener\"", "if \"Gardner\" is its new name"]);
    now.store(2, Ordering::SeqCst);
    refused(&book, &[], 1, &["has a header and no rows"]);
    assert_eq!(fs::read_to_string(data(&book).join("plots/plots.csv")).expect("the file"), FIRST);
}

#[test]
fn rows_that_break_the_contract_are_told_and_a_file_of_nothing_else_is_refused() {
    let (server, now) = well_behaved(&["Plot,Gardener\n1,Ann\n2,\n", "Plot,Gardener\n1,\n2,\n"]);
    let book = book_of(&server, "/plots.csv");
    let run = fetch(&book, &[]).expect(0);
    assert!(run.stderr.contains("warning[source-rejects]") && run.stderr.contains("1 reject"), "{}", run.stderr);
    now.store(1, Ordering::SeqCst);
    refused(&book, &[], 1, &["error[source-rejects]", "2 rejects"]);
}

#[test]
fn a_file_is_checked_by_every_source_that_would_read_it() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.csv");
    book.edit("candour.toml", "files = [\"harvests.csv\"]", "files = [\"plots/*.csv\"]");
    refused(&book, &[], 1, &["has no column \"Season\"", "while fetching source `plots`"]);
}

#[test]
fn a_file_that_nothing_would_read_is_refused() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.txt");
    refused(&book, &[], 1, &["plots/plots.txt would never be read: source `plots` reads plots/*.csv"]);
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let server = Server::start(|asked, out| {
        if asked.path == "/middle.csv" {
            head(out, 200, &[("content-length", "1000")]);
            let _ = out.write_all(FIRST.as_bytes());
            let _ = out.flush();
        }
        std::thread::sleep(Duration::from_secs(15));
    });
    for path in ["/plots.csv", "/middle.csv"] {
        let begun = Instant::now();
        let limits = ["--timeout", "1", "--tries", "2"];
        refused(&book_of(&server, path), &limits, 2, &["no answer within 1 s", "tried 2 times"]);
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    }
}

#[test]
fn data_without_end_stop_at_the_limit_of_size_or_of_time() {
    let server = Server::start(|asked, out| {
        if asked.path == "/announced.csv" {
            return head(out, 200, &[("content-length", "99999999999")]);
        }
        head(out, 200, &[("transfer-encoding", "chunked")]);
        let slow = asked.path == "/slow.csv";
        let row = if slow { "1,Ann\n".to_string() } else { "1,Ann\n".repeat(2_000) };
        while write!(out, "{:x}\r\n{row}\r\n", row.len()).and_then(|()| out.flush()).is_ok() {
            std::thread::sleep(Duration::from_millis(if slow { 50 } else { 0 }));
        }
    });
    let small = |path: &str| book(&format!("url = \"{}\"\nlimit = \"1 MB\"", server.url(path)));
    let book = small("/plots.csv");
    refused(&book, &[], 1, &["more than the limit of 1000000 bytes", "set `limit`"]);
    assert!(entries(&data(&book).join(".fetch/partial")).is_empty(), "what is too large is not kept");
    refused(&small("/announced.csv"), &[], 1, &["has 99999999999 bytes, over the limit of 1000000 bytes"]);
    let begun = Instant::now();
    refused(&small("/slow.csv"), &["--overall", "2"], 2, &["not done within 2 s"]);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
}

#[test]
fn nonsense_is_refused_whatever_its_form() {
    const ANSWERS: [&str; 16] = [
        "",
        "\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nPlot",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nPlot",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nPlots",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffffff\r\nPlot",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nPlot",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5\r\n\r\nPlots",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: http://[::1\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: javascript:alert(1)\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 999 ?\r\ncontent-length: 0\r\n\r\n",
    ];
    let server = Server::start(|asked, out| {
        let number = asked.path.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>();
        let answer = number.ok().and_then(|number| ANSWERS.get(number)).copied().map(str::to_string);
        // Past the list: headers without end.
        let answer = answer.unwrap_or_else(|| format!("HTTP/1.1 200 OK\r\n{}", "x-header: value\r\n".repeat(50_000)));
        let _ = out.write_all(answer.as_bytes());
    });
    for number in 0..=ANSWERS.len() {
        let book = book_of(&server, &format!("/plots-{number}.csv"));
        let run = fetch(&book, &["--tries", "2"]);
        let words = ANSWERS.get(number).unwrap_or(&"headers without end");
        assert!(matches!(run.code, 1 | 2), "{words:?} gave {}:\n{}", run.code, run.stderr);
        let code = run.code;
        assert!(run.expect(code).stderr.contains("error["), "{words:?}");
        assert!(shown_files(&book).is_empty(), "{words:?} left {:?}", shown_files(&book));
    }
}

#[test]
fn passing_faults_are_tried_again() {
    let server = Server::start(|asked, out| match asked.before {
        0 | 1 => reply(out, 500, &[], "<html>oops</html>"),
        _ => reply(out, 200, &[], FIRST),
    });
    let run = fetch(&book_of(&server, "/plots.csv"), &[]).expect(0);
    assert!(run.stderr.contains("the server says 500 Internal Server Error; trying again"), "{}", run.stderr);
    assert_eq!(server.asked().len(), 3);
    refused(&book_of(&server, "/other.csv"), &["--tries", "2"], 2, &["500 Internal Server Error", "tried 2 times"]);
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it_within_reason() {
    let server = Server::start(|asked, out| match (asked.path.as_str(), asked.before) {
        ("/plots.csv", 0) => reply(out, 429, &[("retry-after", "1")], ""),
        ("/plots.csv", _) => reply(out, 200, &[], FIRST),
        _ => reply(out, 503, &[("retry-after", "86400")], ""),
    });
    let begun = Instant::now();
    fetch(&book_of(&server, "/plots.csv"), &[]).expect(0);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    refused(&book_of(&server, "/busy.csv"), &[], 2, &["asks to be left alone for 86400 seconds"]);
    assert_eq!(server.asked().iter().filter(|asked| asked.path == "/busy.csv").count(), 1);
}

#[test]
fn a_lasting_fault_is_not_tried_again() {
    let server = Server::start(|_, out| reply(out, 404, &[], "<html>no</html>"));
    refused(
        &book_of(&server, "/plots.csv"),
        &[],
        2,
        &["the server says 404 Not Found", "look at the publisher's page"],
    );
    assert_eq!(server.asked().len(), 1);
    let closed = book("url = \"http://127.0.0.1:1/plots.csv\"");
    refused(&closed, &["--tries", "2"], 2, &["tried 2 times"]);
}

#[test]
fn packed_answers_are_refused_unopened() {
    // A thousand million zero bytes would come out of this, if anything opened it.
    let bomb = {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file("x", zip::write::SimpleFileOptions::default()).expect("a file in an archive");
        let zeros = vec![0; 1_000_000];
        (0..50).for_each(|_| writer.write_all(&zeros).expect("zeros"));
        writer.finish().expect("an archive").into_inner()
    };
    let server = Server::start(move |asked, out| {
        assert_eq!(asked.header("accept-encoding"), "identity");
        reply(out, 200, &[("content-encoding", "gzip"), ("content-type", "text/html")], &bomb);
    });
    refused(&book_of(&server, "/plots.csv"), &[], 1, &["the server packs the file (gzip)"]);
    refused(&book_of_page(&server, "link = \"csv\""), &[], 1, &["the server packs the file (gzip)"]);
}

#[test]
fn names_from_a_server_stay_in_the_folder() {
    let links = ["..%2f..%2fescaped.csv", "%2e%2e%2fescaped.csv", ".hidden.csv", "a%00b.csv", "%2fetc%2fescaped.csv"];
    let page: String = links.iter().map(|link| format!("<a href=\"{link}\">table</a>")).collect();
    let page = page + "<a href=\"../../../../escaped.csv\">table</a>";
    let server = Server::start(move |asked, out| match asked.path.as_str() {
        "/page/" => reply(out, 200, &[], &page),
        _ => reply(out, 200, &[("content-disposition", "attachment; filename=\"../../escaped.csv\"")], FIRST),
    });
    let book = book_of_page(&server, "link = \"table\"");
    let words: Vec<String> = links.iter().map(|link| format!("its last part, \"{link}\", names no file")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    refused(&book, &[], 1, &words);
    assert_eq!(server.asked().len(), 1, "a page with such names is not trusted with any");
    // What an address resolves to is a name like any other, under the folder that the book names.
    book.edit("candour.toml", "link = \"table\"", "link = \"/escaped.csv$\"");
    fetch(&book, &[]).expect(0);
    assert_eq!(shown_files(&book), ["fetched.toml", "plots/escaped.csv"]);
    assert_eq!(entries(&book.root().join("..")).len(), 1, "nothing outside the book");
}

#[test]
fn a_folder_that_leads_outside_is_not_written_to() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.csv");
    let outside = book.path("outside");
    fs::create_dir(&outside).expect("a folder");
    fs::create_dir(data(&book)).expect("the data folder");
    std::os::unix::fs::symlink(&outside, data(&book).join("plots")).expect("a link");
    let run = fetch(&book, &[]).expect(2);
    assert!(run.stderr.contains("leads outside"), "{}", run.stderr);
    assert!(entries(&outside).is_empty());
}

#[test]
fn a_page_of_many_links_is_searched_for_the_few_that_are_meant() {
    let mut page = String::from("<html><body>");
    for number in 0..10_000 {
        page +=
            &format!("<p><a class='x' href=\"../other/{number}\">Other {number}</a><script>\"<a href='/s'>\"</script>");
        if number % 4_000 == 0 {
            let suffix = sha256(number.to_string());
            page += &format!("<A HREF='files/Plots-{number}-{}.csv#top'>Plots</A>", &suffix[..5]);
            page += &format!("<a href=\"./files/Plots-{number}-{}.csv\">again</a>", &suffix[..5]);
        }
    }
    let server = Server::start(move |asked, out| match asked.path.as_str() {
        "/page/" => reply(out, 200, &[("content-type", "text/html")], &page),
        path if path.starts_with("/page/files/Plots-") => reply(out, 200, &[], FIRST.replace("Ann", path)),
        _ => reply(out, 404, &[], ""),
    });
    let book = book_of_page(&server, "link = '/Plots-\\d+-[0-9a-f]{5}\\.csv$'");
    let begun = Instant::now();
    let items = fetch(&book, &["--format", "json"]).expect(0).json();
    assert_eq!(items.as_array().map(Vec::len), Some(3), "{items}");
    assert_eq!((server.asked().len(), shown_files(&book).len()), (4, 4));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    book.edit("candour.toml", "link = '/Plots", "link = '/other/\\d+$|/Plots");
    refused(&book, &[], 1, &["10003 links on", "more than 2000"]);
    book.edit("candour.toml", "/other/\\d+$|/Plots", "/Plotz");
    refused(&book, &[], 1, &["matches `link`, /Plotz", "it has 10003 links", "such as http"]);
}

/// A page that leads to pages of years, which lead to files.
fn years() -> Server {
    Server::start(|asked, out| {
        let page = match asked.path.as_str() {
            "/page/" => "<a href=year-2025/>2025</a> <a href=year-2026>2026</a> <a href=about>about</a>",
            "/page/year-2025/" => {
                "<a href=/up/2025/9/plots-north-x1.csv>n</a><a href=/up/2025/9/plots-south-y1.csv>s</a>"
            }
            "/page/year-2026" => {
                "<a href=/up/2026/10/plots-north-x3.csv>n</a><a href=/up/2026/9/plots-north-x2.csv>n</a>"
            }
            path if path.starts_with("/up/") => return reply(out, 200, &[], FIRST.replace("Ann", path)),
            _ => return reply(out, 404, &[], ""),
        };
        reply(out, 200, &[], page);
    })
}

#[test]
fn pages_below_the_index_are_followed_and_the_newest_is_chosen() {
    let server = years();
    let rule = "follow = \"year-\"\nlink = 'plots-(?P<part>north|south)-\\w+\\.csv'\n";
    let all = book_of_page(&server, rule);
    fetch(&all, &[]).expect(0);
    assert_eq!(shown_files(&all).len(), 1 + 4);

    let named = book_of_page(&server, &format!("{rule}save_as = \"plots-$part.csv\"\ntake = \"newest\""));
    fetch(&named, &[]).expect(0);
    assert_eq!(shown_files(&named), ["fetched.toml", "plots/plots-north.csv", "plots/plots-south.csv"]);
    let north = fs::read_to_string(data(&named).join("plots/plots-north.csv")).expect("the file");
    assert!(north.contains("/up/2026/10/plots-north-x3.csv"), "{north}");
    for (take, part) in [("first", "2025/9/plots-north-x1"), ("last", "2026/9/plots-north-x2")] {
        let one = book_of_page(&server, &format!("{rule}take = \"{take}\""));
        fetch(&one, &[]).expect(0);
        let files = contents(&data(&one).join("plots"));
        assert!(
            files.len() == 1 && String::from_utf8_lossy(&files.into_values().next().expect("a file")).contains(part)
        );
    }
    let clash = book_of_page(&server, &format!("{rule}save_as = \"plots-$part.csv\""));
    refused(&clash, &[], 1, &["3 links would all be saved as plots-north.csv", "x1.csv", "x3.csv"]);
    refused(&book_of_page(&server, "follow = \"yeer\"\nlink = \"csv\""), &[], 1, &["matches `follow`, yeer"]);
    let odd = book_of_page(&server, "follow = \"year\"\nlink = 'up(/.*)/plots'\nsave_as = \"x$1.csv\"");
    refused(&odd, &[], 1, &["which names no file: it holds '/'"]);
}

#[test]
fn a_link_to_another_host_is_refused_by_name() {
    let server = Server::start(|_, out| {
        reply(out, 200, &[], "<a href=http://example.org/plots.csv>x</a><a href=//localhost/plots.csv>y</a>")
    });
    let words = ["http://example.org/plots.csv is refused: plain http", "`localhost` is not among the hosts"];
    refused(&book_of_page(&server, "link = \"csv\""), &[], 1, &words);
}

#[test]
fn what_fetch_did_not_write_it_does_not_replace() {
    let (server, now) = well_behaved(&[FIRST, SECOND]);
    let book = book_of(&server, "/plots.csv");
    book.write("published/plots/plots.csv", SECOND);
    refused(&book, &[], 1, &["plots/plots.csv is there and was not fetched", "move it out of the data folder"]);
    // The same bytes are no loss: they are recorded, and from then on known.
    now.store(1, Ordering::SeqCst);
    assert!(fetch(&book, &[]).expect(0).text().starts_with("recorded"));
    now.store(0, Ordering::SeqCst);
    book.write("published/plots/plots.csv", "Plot,Gardener\n1,edited by hand\n");
    refused(&book, &[], 1, &["has been changed since it was fetched"]);
    book.write("published/plots/plots.csv", SECOND);
    assert!(fetch(&book, &[]).expect(0).text().starts_with("changed"));
    fs::remove_file(data(&book).join("plots/plots.csv")).expect("the file");
    std::os::unix::fs::symlink(book.path("candour.toml"), data(&book).join("plots/plots.csv")).expect("a link");
    refused(&book, &[], 1, &["is there, and is not a file"]);
}

#[test]
fn two_fetches_at_once_do_not_meet() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.csv");
    fs::create_dir_all(data(&book).join(".fetch")).expect("a folder");
    let lock = fs::File::create(data(&book).join(".fetch/lock")).expect("a lock");
    lock.lock().expect("the lock");
    refused(&book, &[], 2, &["another fetch is at work in"]);
    assert!(server.asked().is_empty());
    drop(lock);
    fetch(&book, &[]).expect(0);
}

#[test]
fn a_dry_run_lists_and_writes_nothing() {
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.csv");
    let run = fetch(&book, &["--dry-run"]).expect(0);
    let listed = run.text();
    assert!(listed.starts_with("would fetch") && listed.contains(&format!("{} bytes", FIRST.len())), "{listed}");
    assert!(!data(&book).exists() && server.asked()[0].method == "HEAD");
    fetch(&book, &[]).expect(0);
    assert!(fetch(&book, &["--dry-run"]).expect(0).text().starts_with("would ask"));
    let server = years();
    let book = book_of_page(&server, "follow = \"year\"\nlink = \"csv\"");
    assert_eq!(fetch(&book, &["--dry-run", "--format", "json"]).expect(0).json().as_array().map(Vec::len), Some(4));
    assert_eq!(server.asked().len(), 3, "only pages are asked for");
}

#[test]
fn all_sources_are_tried_and_all_problems_listed() {
    let server = Server::start(|asked, out| match asked.path.as_str() {
        "/plots.csv" => reply(out, 404, &[], ""),
        _ => reply(out, 200, &[], "Plot,Season,Kilos\n1,2025 spring,2.5\n"),
    });
    let book = book_of(&server, "/plots.csv");
    book.edit("candour.toml", "files = [\"harvests.csv\"]", "files = [\"harvests/*.csv\"]");
    let rule = format!("\n[sources.harvests.fetch]\ninto = \"harvests\"\nurl = \"{}\"\n", server.url("/harvests.csv"));
    book.append("candour.toml", &rule);
    let run = fetch(&book, &["--format", "json"]).expect(2);
    let found: Vec<String> = run.json().as_array().into_iter().flatten().map(|item| item["what"].to_string()).collect();
    assert_eq!(found, ["\"not-fetched\"", "\"new\""]);
    let problem = run.json()[0]["problem"].to_string();
    assert!(problem.contains("the server says 404 Not Found"), "{problem}");
    assert!(run.stderr.contains("404") && run.stderr.contains("while fetching source `plots`"), "{}", run.stderr);
    assert!(fetch(&book, &["harvests"]).expect(0).text().starts_with("unchanged"));
    let run = fetch(&book, &["harvest", "plots"]).expect(2);
    assert!(run.stderr.contains("did you mean `harvests`?"), "{}", run.stderr);
}

#[test]
fn there_must_be_something_to_fetch_and_somewhere_to_put_it() {
    let book = Book::fixture("base");
    let run = fetch(&book, &[]).expect(2);
    assert!(run.stderr.contains("the book's sources do not say where to fetch from"), "{}", run.stderr);
    let run = fetch(&book, &["plots"]).expect(2);
    assert!(run.stderr.contains("source `plots` does not say where to fetch from"), "{}", run.stderr);
    let (server, _) = well_behaved(&[FIRST]);
    let book = book_of(&server, "/plots.csv");
    book.write("published/data.toml", "status = \"demonstration\"\n");
    refused(&book, &[], 2, &["says in data.toml that its data are for demonstration", "--data"]);
    book.write("published/data.toml", "");
    book.write("published/fetched.toml", "versions = 3\n");
    let run = fetch(&book, &[]).expect(2);
    assert!(run.stderr.contains("fetched.toml cannot be read") && run.stderr.contains("versions"), "{}", run.stderr);
    assert!(server.asked().is_empty());
}

#[test]
fn a_mistake_in_a_rule_is_shown_at_its_line() {
    let book = book("url = \"http://example.org/plots.csv\"\nlimit = \"lots\"");
    let run = fetch(&book, &[]).expect(2);
    assert!(run.stderr.contains("use https") && run.stderr.contains("is not a size"), "{}", run.stderr);
    assert!(run.stderr.contains("url = \"http://example.org/plots.csv\""), "{}", run.stderr);
}

#[test]
fn a_build_asks_nobody_and_does_not_depend_on_where_files_come_from() {
    let server = Server::start(|_, out| reply(out, 500, &[], ""));
    let book = Book::fixture("base");
    book.build(&[]);
    let rule = format!("\n[sources.plots.fetch]\ninto = \"plots\"\nurl = \"{}\"\n", server.url("/plots.csv"));
    book.append("candour.toml", &rule);
    let run = book.run(&["build"]).expect(0);
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    let cells = run.stderr.lines().find(|line| line.starts_with("cells ")).unwrap_or_default();
    assert!(cells.contains("2, of which 2 already known"), "nothing is computed anew: {cells}");
}

#[test]
fn only_one_room_uses_the_network_or_writes_down_the_time() {
    let (mut seen, files) = (Vec::new(), contents(&project().join("src")));
    for (file, bytes) in files.iter().filter(|(file, _)| file.ends_with(".rs")) {
        let text = String::from_utf8_lossy(bytes);
        for word in ["ureq", "TcpStream", "UdpSocket", "ToSocketAddrs", "Timestamp::now", "Zoned::now", "SystemTime"] {
            if text.contains(word) {
                seen.push((file.as_str(), word));
            }
        }
    }
    assert_eq!(seen, [("fetch/clock.rs", "Timestamp::now"), ("fetch/net.rs", "ureq")]);
}

#[test]
fn the_rules_of_the_book_of_this_project_are_sound() {
    let run = program(&["fetch", "--dry-run", "no_such_source", "--book"]).arg(project()).output().expect("a run");
    let words = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(words.contains("no source `no_such_source`") && !words.contains("fetch-"), "{words}");
}
