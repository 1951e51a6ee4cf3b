//! Progress: a bar where the terminal is one, plain lines where it is not.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::notebook::Watcher;

/// Shows steps on standard error.
pub(super) struct Progress {
    bar: Mutex<Option<ProgressBar>>,
    shown: bool,
    lines: bool,
}

impl Progress {
    /// A bar if standard error is a terminal; nothing otherwise, for commands that are soon done.
    pub fn new() -> Progress {
        Progress { bar: Mutex::new(None), shown: std::io::stderr().is_terminal(), lines: false }
    }

    /// A bar if standard error is a terminal, and a line for each kind of step otherwise.
    pub fn with_lines() -> Progress {
        Progress { lines: true, ..Self::new() }
    }
}

impl Watcher for Progress {
    fn begin(&self, what: &str, steps: usize) {
        if !self.shown && self.lines {
            super::say(&format!("{what}: {steps}"));
        }
        if !self.shown || steps == 0 {
            return;
        }
        let style = ProgressStyle::with_template("{prefix:>8} [{bar:30}] {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr())
            .with_style(style)
            .with_prefix(what.to_string());
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn step(&self, name: &str) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_message(name.to_string());
            bar.inc(1);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}
