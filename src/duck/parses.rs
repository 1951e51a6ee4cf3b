//! Queries that have been parsed before. DuckDB's parser takes some milliseconds for a page of SQL; a book has hundreds of
//! queries and tests, nearly all of them the same as in the last build.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::lineage::Lineage;

/// What the parser said of queries, by hash of their text.
#[derive(Debug, Default)]
pub struct Parses {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Those of earlier runs.
    before: KeptParses,
    /// Those asked for in this run.
    now: KeptParses,
    /// Whether any of those was not known before.
    is_new: bool,
}

/// Parsed queries as they are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptParses {
    lineages: BTreeMap<String, Lineage>,
    /// Whether a query may be run part by part.
    separable: BTreeMap<String, bool>,
}

impl Parses {
    /// Takes in what an earlier run knew.
    pub fn recall(&self, kept: KeptParses) {
        self.state().before = kept;
    }

    /// What this run has asked for, if any of it is new; what is no longer asked for is forgotten.
    pub fn to_keep(&self) -> Option<KeptParses> {
        let state = self.state();
        state.is_new.then(|| state.now.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self, sql: &str) -> Option<Lineage> {
        let key = crate::sha256(sql.as_bytes());
        let mut state = self.state();
        let known = state.now.lineages.get(&key).or_else(|| state.before.lineages.get(&key)).cloned()?;
        state.now.lineages.insert(key, known.clone());
        Some(known)
    }

    pub(super) fn note(&self, sql: &str, lineage: &Lineage) {
        let mut state = self.state();
        state.now.lineages.insert(crate::sha256(sql.as_bytes()), lineage.clone());
        state.is_new = true;
    }

    pub(super) fn separable(&self, asked: &str) -> Option<bool> {
        let mut state = self.state();
        let known = state.now.separable.get(asked).or_else(|| state.before.separable.get(asked)).copied()?;
        state.now.separable.insert(asked.to_string(), known);
        Some(known)
    }

    pub(super) fn note_separable(&self, asked: String, separable: bool) {
        let mut state = self.state();
        state.now.separable.insert(asked, separable);
        state.is_new = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::duck::Session;

    #[test]
    fn a_parsed_query_is_known_in_the_next_run_and_forgotten_when_not_asked_for() {
        let session = Session::open().unwrap();
        let fresh = session.lineage("SELECT a FROM t").unwrap();
        session.lineage("SELECT 2 AS b").unwrap();
        let kept = serde_json::to_vec(&session.parses().to_keep().unwrap()).unwrap();
        let next = Session::open().unwrap();
        next.parses().recall(serde_json::from_slice(&kept).unwrap());
        let known = next.lineage("SELECT a FROM t").unwrap();
        assert_eq!((known.normal, known.reads), (fresh.normal, fresh.reads));
        assert!(next.parses().to_keep().is_none());
        next.lineage("SELECT 3 AS c").unwrap();
        assert_eq!(next.parses().to_keep().unwrap().lineages.len(), 2);
    }
}
