//! Queries that have been parsed before. DuckDB's parser takes some milliseconds for a page of SQL; a book has hundreds of
//! queries and tests, nearly all of them the same as in the last build.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

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
    before: BTreeMap<String, Lineage>,
    /// Those asked for in this run.
    now: BTreeMap<String, Lineage>,
}

/// Parsed queries as they are kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeptParses(BTreeMap<String, Lineage>);

impl Parses {
    /// Takes in what an earlier run knew.
    pub fn recall(&self, kept: KeptParses) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).before = kept.0;
    }

    /// What this run has asked for, if any of it is new; what is no longer asked for is forgotten.
    pub fn to_keep(&self) -> Option<KeptParses> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = state.now.keys().any(|key| !state.before.contains_key(key));
        fresh.then(|| KeptParses(state.now.clone()))
    }

    pub(super) fn known(&self, sql: &str) -> Option<Lineage> {
        let key = crate::sha256(sql.as_bytes());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.now.get(&key).or_else(|| state.before.get(&key)).cloned()?;
        state.now.insert(key, known.clone());
        Some(known)
    }

    pub(super) fn note(&self, sql: &str, lineage: &Lineage) {
        let key = crate::sha256(sql.as_bytes());
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now.insert(key, lineage.clone());
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
        assert_eq!(next.parses().to_keep().unwrap().0.len(), 2);
    }
}
