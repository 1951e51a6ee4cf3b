//! The order in which cells run: each as soon as all that it reads is there, those that most others wait for first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::graph::{Cell, Graph};
use super::run::{CellResult, Results};
use crate::diagnostic::{Outcome, Problems};
use crate::duck::Session;

/// Content hashes of tables, by name.
type Contents = BTreeMap<String, String>;

/// The work on one cell, given the contents of what it reads, on a connection of its own.
type Work<'w> = &'w (dyn Fn(&Cell, &Contents, &Session) -> Outcome<CellResult> + Sync);

/// How far the work has come.
struct State {
    /// Cells that wait, with the number of cells that they wait for.
    waiting: BTreeMap<String, usize>,
    /// Cells that may run.
    ready: BTreeSet<String>,
    running: usize,
    contents: Contents,
    done: BTreeMap<String, Outcome<CellResult>>,
}

struct Schedule<'a> {
    graph: &'a Graph,
    /// The longest chain of cells that wait for each.
    depth: BTreeMap<&'a str, usize>,
    state: Mutex<State>,
    changed: Condvar,
}

/// Runs the cells that are wanted (all of them if `wanted` is `None`) on so many threads. Gives the contents of all
/// tables and the results; lists the problems of all cells that failed, and does not run what reads them.
pub(super) fn run(
    graph: &Graph,
    wanted: Option<&BTreeSet<String>>,
    outside: &Contents,
    session: &Session,
    threads: usize,
    work: Work<'_>,
) -> Outcome<(Contents, Results)> {
    let chosen: BTreeSet<&str> = graph
        .cells
        .keys()
        .map(String::as_str)
        .filter(|name| wanted.is_none_or(|wanted| wanted.contains(*name)))
        .collect();
    let schedule = Schedule::new(graph, &chosen, outside);
    let sessions: Vec<Session> =
        (0..threads.clamp(1, chosen.len().max(1))).map(|_| session.another()).collect::<Outcome<_>>()?;
    std::thread::scope(|scope| {
        for session in sessions {
            scope.spawn(|| {
                let session = session;
                schedule.work(&session, work);
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
    problems.or((state.contents, results))
}

impl<'a> Schedule<'a> {
    fn new(graph: &'a Graph, chosen: &BTreeSet<&'a str>, outside: &Contents) -> Schedule<'a> {
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
        };
        Schedule { graph, depth, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes cells and works on them until there are none left.
    fn work(&self, session: &Session, work: Work<'_>) {
        while let Some((cell, contents)) = self.next() {
            let result = session.unless_stopped().and_then(|()| work(cell, &contents, session));
            self.finish(cell, result);
        }
    }

    /// The next cell, with the contents of what it reads; waits for one while others run that may release it.
    fn next(&self) -> Option<(&'a Cell, Contents)> {
        let mut state = self.state();
        loop {
            let depth = |name: &String| self.depth.get(name.as_str()).copied().unwrap_or(0);
            let next = state.ready.iter().max_by_key(|name| (depth(name), std::cmp::Reverse((*name).clone()))).cloned();
            if let Some(name) = next {
                state.ready.remove(&name);
                let Some(cell) = self.graph.cells.get(&name) else { continue };
                state.running += 1;
                let reads = self.graph.reads(&name).into_iter();
                let contents = reads.filter_map(|read| Some((read.to_string(), state.contents.get(read)?.clone())));
                return Some((cell, contents.collect()));
            }
            if state.running == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes a result and releases what waited for it.
    fn finish(&self, cell: &Cell, result: Outcome<CellResult>) {
        let mut state = self.state();
        state.running -= 1;
        if let Ok(result) = &result {
            state.contents.insert(cell.name.clone(), result.kept.content.clone());
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
