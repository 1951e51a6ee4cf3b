//! The command line: one file for each command, with its arguments and what it does.
//!
//! Data goes to standard output, words for people to standard error. Exit codes: 0 done, 1 a check
//! failed, 2 the tool could not run.

mod build;
mod check;
mod diff;
mod fetch;
mod functions;
mod graph;
mod lock;
mod new;
mod options;
mod progress;
mod run;
mod sql;
mod table;
mod test;
mod trace;
mod verify;
mod why;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::diagnostic::{Outcome, Problems, Style, render};

/// Briefing packs that say where every number came from and how sure anyone can be of it.
///
/// A book is a folder of SQL queries, Typst templates and published data. `candour build` runs the
/// queries, fills the templates, and publishes an edition of PDF packs with a manifest.
#[derive(Parser)]
#[command(name = "candour", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  candour build                          every pack of the book in this folder
  candour build --data ../published      the same book with other data
  candour build --pack board --only X01  one pack
  candour check                          everything, the pages too; publishes nothing
  candour run scores --format csv        one query's result
  candour trace X01.pdf 17               from a number on a page to the line of the file it came from
  candour why board:X01                  which input moved since the published edition
  candour diff old new                   what differs between two editions
  candour new my-book                    a small working book to begin from";

#[derive(Subcommand)]
enum Command {
    Build(build::Build),
    Check(check::Check),
    Fetch(fetch::Fetch),
    Test(test::Test),
    Run(run::Run),
    Sql(sql::Sql),
    Graph(graph::Graph),
    Trace(trace::Trace),
    Functions(functions::Functions),
    New(new::New),
    Verify(verify::Verify),
    Why(why::Why),
    Diff(diff::Diff),
    Lock(lock::LockFiles),
}

/// What a command says when it is done: problems that do not stop it, and whether they should.
type Done = Outcome<Problems>;

/// Reads the arguments, runs the command, prints its problems, and gives the exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Build(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Fetch(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Sql(command) => command.run(),
        Command::Graph(command) => command.run(),
        Command::Trace(command) => command.run(),
        Command::Functions(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Why(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Lock(command) => command.run(),
    };
    let problems = match done {
        Ok(problems) | Err(problems) => problems,
    };
    ExitCode::from(problems.exit_code())
}

/// Prints problems for people. Commands call it where their order of words needs it.
fn print_problems(problems: &Problems) {
    let style = if std::io::stderr().is_terminal() { Style::Colour } else { Style::Plain };
    let printed: Vec<String> = problems.0.iter().map(|problem| render(problem, style)).collect();
    if !printed.is_empty() {
        say(&printed.join("\n\n"));
    }
}

/// Prints words for people.
fn say(words: &str) {
    // A closed terminal is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Prints data. A reader that stops reading (`| head`) is no error.
fn put(bytes: &[u8]) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(crate::diagnostic::Diagnostic::fault("io", format!("could not write the result: {error}")).into())
        }
        _ => Ok(()),
    }
}

/// Prints data as JSON.
fn put_json(value: &impl serde::Serialize) -> Outcome<()> {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    put(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_tree_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
