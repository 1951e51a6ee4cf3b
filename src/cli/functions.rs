//! `candour functions`.

use std::fmt::Write as _;

use clap::Args;

use super::{Done, print_problems, put};
use crate::book::naming::nearest;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::duck::{Function, functions};

/// List the statistical functions that queries can call
///
/// Prints each function's signature, what it is, and a query that runs as it stands.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour functions
  candour functions rank_confidence
  candour sql \"SELECT unnest(wilson_interval(45, 60, 0.95))\"")]
pub(super) struct Functions {
    /// Only this function
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Functions {
    pub fn run(&self) -> Done {
        let result = self.print();
        if let Err(problems) = &result {
            print_problems(problems);
        }
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let mut text = String::new();
        for function in functions().filter(|function| self.name.as_deref().is_none_or(|name| name == function.name)) {
            describe(function, &mut text);
        }
        if let (Some(name), true) = (&self.name, text.is_empty()) {
            let names: Vec<&str> = functions().map(|function| function.name).collect();
            let problem = Diagnostic::fault("function-unknown", format!("there is no function `{name}`"));
            return Err(match nearest(name, &names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("`candour functions` lists them"),
            }
            .into());
        }
        put(text.as_bytes())?;
        Ok(Problems::none())
    }
}

fn describe(function: &Function, text: &mut String) {
    for signature in function.signatures() {
        let _ = writeln!(text, "{signature}");
    }
    let _ = writeln!(text, "    {}\n    {}\n", function.about, function.example);
}
