//! The order in which cells run: each as soon as all that it reads is there, those that most others wait for first.
//! Where no cell can run, their tests do: each once all tables are there that it may compare with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::checks::CheckResult;
use super::graph::{Cell, Graph};
use super::run::{CellResult, Results};
use crate::diagnostic::{Outcome, Problems};
use crate::duck::Session;

/// Content hashes of tables, by name.
type Contents = BTreeMap<String, String>;

/// A step of the work on one cell, given the contents of what it reads, on a connection of its own.
type Step<'w, T> = &'w (dyn Fn(&Cell, &Contents, &Session) -> Outcome<T> + Sync);

/// What is done with each cell.
pub(super) struct Steps<'w> {
    /// Finds or computes its result.
    pub result: Step<'w, CellResult>,
    /// Runs its tests, once its result and all that they read are there.
    pub checks: Step<'w, Vec<CheckResult>>,
}

/// The next thing to do, with the contents of what it reads.
enum Task<'a> {
    Result(&'a Cell, Contents),
    Checks(&'a Cell, Contents),
}

/// How far the work has come.
struct State {
    /// Cells that wait, with the number of cells that they wait for.
    waiting: BTreeMap<String, usize>,
    /// Cells that may run.
    ready: BTreeSet<String>,
    running: usize,
    contents: Contents,
    done: BTreeMap<String, Outcome<CellResult>>,
    /// Cells whose results are there and whose tests have not begun.
    untested: BTreeSet<String>,
    checked: BTreeMap<String, Outcome<Vec<CheckResult>>>,
}

struct Schedule<'a> {
    graph: &'a Graph,
    /// The cells that run.
    chosen: BTreeSet<&'a str>,
    /// The longest chain of cells that wait for each.
    depth: BTreeMap<&'a str, usize>,
    state: Mutex<State>,
    changed: Condvar,
}

/// Runs the cells that are wanted (all of them if `wanted` is `None`) and their tests on so many threads. Lists the
/// problems of all cells that failed, and does not run what reads them.
pub(super) fn run(
    graph: &Graph,
    wanted: Option<&BTreeSet<String>>,
    outside: &Contents,
    session: &Session,
    threads: usize,
    steps: &Steps<'_>,
) -> Outcome<Results> {
    let chosen: BTreeSet<&str> = graph
        .cells
        .keys()
        .map(String::as_str)
        .filter(|name| wanted.is_none_or(|wanted| wanted.contains(*name)))
        .collect();
    let most = chosen.len().max(1);
    let schedule = Schedule::new(graph, chosen, outside);
    let sessions: Vec<Session> = (0..threads.clamp(1, most)).map(|_| session.another()).collect::<Outcome<_>>()?;
    std::thread::scope(|scope| {
        for session in sessions {
            scope.spawn(|| {
                let session = session;
                schedule.work(&session, steps);
            });
        }
    });
    session.unless_stopped()?;
    let state = schedule.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut problems = Problems::none();
    let mut results = Results::default();
    for (name, result) in state.done {
        if let Some(result) = problems.absorb(result) {
            results.cells.insert(name, result);
        }
    }
    if problems.stop() {
        return Err(problems);
    }
    for (name, checks) in state.checked {
        if let (Some(checks), Some(result)) = (problems.absorb(checks), results.cells.get_mut(&name)) {
            result.checks = checks;
        }
    }
    problems.or(results)
}

impl<'a> Schedule<'a> {
    fn new(graph: &'a Graph, chosen: BTreeSet<&'a str>, outside: &Contents) -> Schedule<'a> {
        let reads = |name: &str| graph.reads(name).into_iter().filter(|read| chosen.contains(read)).count();
        let (ready, waiting): (BTreeSet<&str>, BTreeSet<&str>) = chosen.iter().partition(|name| reads(name) == 0);
        let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
        for name in graph.waves.iter().rev().flatten() {
            let own = depth.get(name.as_str()).copied().unwrap_or(0);
            for read in graph.reads(name) {
                let known = depth.entry(read).or_insert(0);
                *known = (*known).max(own + 1);
            }
        }
        let state = State {
            waiting: waiting.into_iter().map(|name| (name.to_string(), reads(name))).collect(),
            ready: ready.into_iter().map(str::to_string).collect(),
            running: 0,
            contents: outside.clone(),
            done: BTreeMap::new(),
            untested: BTreeSet::new(),
            checked: BTreeMap::new(),
        };
        Schedule { graph, chosen, depth, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes tasks and works on them until there are none left.
    fn work(&self, session: &Session, steps: &Steps<'_>) {
        while let Some(task) = self.next() {
            match task {
                Task::Result(cell, contents) => {
                    let result = session.unless_stopped().and_then(|()| (steps.result)(cell, &contents, session));
                    self.finish(cell, result);
                }
                Task::Checks(cell, contents) => {
                    let checks = session.unless_stopped().and_then(|()| (steps.checks)(cell, &contents, session));
                    let mut state = self.state();
                    state.running -= 1;
                    state.checked.insert(cell.name.clone(), checks);
                }
            }
        }
    }

    /// The next task; waits for one while cells run that may release it.
    fn next(&self) -> Option<Task<'a>> {
        let mut state = self.state();
        loop {
            if let Some(task) = self.ready_cell(&mut state).or_else(|| self.ready_checks(&mut state)) {
                state.running += 1;
                return Some(task);
            }
            if state.running == 0 {
                // Those that wait for this, and would not be woken by a cell that is done, end too.
                self.changed.notify_all();
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Of the cells that may run, the one that most others wait for.
    fn ready_cell(&self, state: &mut State) -> Option<Task<'a>> {
        let depth = |name: &String| self.depth.get(name.as_str()).copied().unwrap_or(0);
        let name = state.ready.iter().max_by_key(|name| (depth(name), std::cmp::Reverse((*name).clone()))).cloned()?;
        state.ready.remove(&name);
        let cell = self.graph.cells.get(&name)?;
        Some(Task::Result(cell, contents_of(state, self.graph.reads(&name))))
    }

    /// The first cell that all is there for that its tests compare with.
    fn ready_checks(&self, state: &mut State) -> Option<Task<'a>> {
        let is_there = |read: &String| !self.chosen.contains(read.as_str()) || state.contents.contains_key(read);
        let cells = state.untested.iter().filter_map(|name| self.graph.cells.get(name));
        let cell = cells.into_iter().find(|cell| cell.test_reads.iter().all(is_there))?;
        state.untested.remove(&cell.name);
        let reads = cell.test_reads.iter().map(String::as_str).chain([cell.name.as_str()]);
        Some(Task::Checks(cell, contents_of(state, reads)))
    }

    /// Notes a result and releases what waited for it.
    fn finish(&self, cell: &Cell, result: Outcome<CellResult>) {
        let mut state = self.state();
        state.running -= 1;
        if let Ok(result) = &result {
            state.contents.insert(cell.name.clone(), result.kept.content.clone());
            state.untested.insert(cell.name.clone());
            let waiting: Vec<String> = state.waiting.keys().cloned().collect();
            for name in waiting.into_iter().filter(|name| self.graph.reads(name).contains(&cell.name.as_str())) {
                let left = state.waiting.get(&name).copied().unwrap_or(0).saturating_sub(1);
                state.waiting.insert(name.clone(), left);
                if left == 0 {
                    state.waiting.remove(&name);
                    state.ready.insert(name);
                }
            }
        }
        state.done.insert(cell.name.clone(), result);
        drop(state);
        self.changed.notify_all();
    }
}

/// The contents of some tables, of those that are there.
fn contents_of<'n>(state: &State, names: impl IntoIterator<Item = &'n str>) -> Contents {
    names.into_iter().filter_map(|name| Some((name.to_string(), state.contents.get(name)?.clone()))).collect()
}
