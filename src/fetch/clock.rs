//! The one place of the program that reads clocks: limits of time, pauses between tries, and when a file was fetched.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Trouble;
use super::Watcher;
use crate::diagnostic::{Diagnostic, Problems};

/// Longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Limits of time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest wait for a connection, an answer, or the next part of one.
    pub wait: Duration,
    /// Longest time for one file, with all its tries.
    pub overall: Duration,
    /// Pause before the second try; it doubles with each.
    pub pause: Duration,
    /// How often a request is made before it is given up.
    pub tries: u32,
}

/// Today's moment in UTC, to the second.
pub(super) fn now() -> String {
    moment().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[allow(clippy::disallowed_methods, reason = "when a file was fetched is a fact; nothing that is built depends on it")]
fn moment() -> Timestamp {
    Timestamp::now()
}

/// The pause that a server asks for in `Retry-After`: seconds, or a moment.
pub(super) fn asked_pause(header: &str) -> Option<Duration> {
    let text = header.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let seconds = until.as_second().saturating_sub(moment().as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// The tries at one request.
pub(super) struct Tries<'a> {
    limits: Limits,
    watcher: &'a dyn Watcher,
    end: Instant,
    made: u32,
}

impl<'a> Tries<'a> {
    /// None made yet.
    pub fn new(limits: Limits, watcher: &'a dyn Watcher) -> Self {
        let start = Instant::now();
        // A limit too long for the clock is no limit that anyone waits for.
        let end = start.checked_add(limits.overall).unwrap_or(start + Duration::from_secs(86_400));
        Tries { limits, watcher, end, made: 0 }
    }

    /// The time that is left for all of them.
    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Something arrived: the next fault is a new one.
    pub fn progress(&mut self) {
        self.made = 0;
    }

    /// After trouble: pauses, so that the caller may try again, or gives up.
    pub fn again(&mut self, trouble: Trouble, what: &str) -> Result<(), Problems> {
        let (words, asked) = match trouble {
            Trouble::Lasting(problems) => return Err(problems),
            Trouble::Passing { words, pause } => (words, pause),
        };
        let failed = |why: String| {
            let problem = Diagnostic::fault("fetch-failed", format!("{what}: {words}")).note(why);
            Problems::from(problem.help("what was there is unchanged; what has arrived is kept: fetch again to go on"))
        };
        self.made += 1;
        if self.made >= self.limits.tries {
            return Err(failed(match self.made {
                1 => "tried once".to_string(),
                tries => format!("tried {tries} times"),
            }));
        }
        let pause = asked.unwrap_or_else(|| self.limits.pause.saturating_mul(1 << (self.made - 1).min(16)));
        if pause > LONGEST_PAUSE.max(self.limits.pause) {
            return Err(failed(format!("the server asks to be left alone for {} seconds", pause.as_secs())));
        }
        if pause >= self.left() {
            return Err(failed(format!("not done within {}", seconds(self.limits.overall))));
        }
        self.watcher.say(&format!("{what}: {words}; trying again in {}", seconds(pause)));
        std::thread::sleep(pause);
        Ok(())
    }
}

/// A length of time for people.
pub(super) fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) { format!("{} s", tenths / 10) } else { format!("{}.{} s", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_seconds_or_for_a_moment() {
        assert_eq!(asked_pause(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(asked_pause("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(asked_pause("Sun, 21 Oct 2085 07:28:00 GMT") > Some(LONGEST_PAUSE));
        assert_eq!(asked_pause("soon"), None);
        assert_eq!(asked_pause("-3"), None);
    }

    #[test]
    fn a_moment_is_written_in_utc_to_the_second() {
        let pattern = regex::Regex::new(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$").unwrap();
        assert!(pattern.is_match(&now()), "{}", now());
        assert_eq!(seconds(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(seconds(Duration::from_secs(30)), "30 s");
    }
}
