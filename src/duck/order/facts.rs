//! Which columns of a query determine which others.
//!
//! Everything a query mentions has a number: each column of each table it reads, each expression, and each table's
//! row as a whole. A rule says that some of them settle others: the key of a table settles its row, a row settles
//! its columns, an equality of two columns settles each by the other. An order is total when what it names,
//! followed through the rules, settles the row.

use std::collections::BTreeSet;

/// The number of a column, an expression or a row.
pub(super) type Id = usize;

/// What is known of a column's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nature {
    /// It may be a floating-point number.
    pub floating: bool,
    /// It comes from adding floating-point numbers in an order that the query does not give.
    pub summed: bool,
}

impl Nature {
    /// The nature of what is made from both.
    pub fn with(self, other: Nature) -> Nature {
        Nature { floating: self.floating || other.floating, summed: self.summed || other.summed }
    }
}

/// What settles what.
#[derive(Default)]
pub(super) struct Facts {
    natures: Vec<Nature>,
    rules: Vec<(Vec<Id>, Vec<Id>)>,
}

impl Facts {
    /// A new number.
    pub fn fresh(&mut self, nature: Nature) -> Id {
        self.natures.push(nature);
        self.natures.len() - 1
    }

    /// What is known of a value.
    pub fn nature(&self, id: Id) -> Nature {
        self.natures[id]
    }

    /// States that some settle others.
    pub fn settle(&mut self, by: &[Id], settled: &[Id]) {
        self.rules.push((by.to_vec(), settled.to_vec()));
    }

    /// States that two are always equal.
    pub fn equate(&mut self, one: Id, other: Id) {
        self.settle(&[one], &[other]);
        self.settle(&[other], &[one]);
    }

    /// Everything that some settle, themselves among them.
    pub fn closure(&self, start: &[Id]) -> BTreeSet<Id> {
        let mut known: BTreeSet<Id> = start.iter().copied().collect();
        loop {
            let before = known.len();
            for (by, settled) in &self.rules {
                if by.iter().all(|id| known.contains(id)) {
                    known.extend(settled);
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }

    /// Whether some settle others.
    pub fn settles(&self, start: &[Id], wanted: &[Id]) -> bool {
        let known = self.closure(start);
        wanted.iter().all(|id| known.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_settles_the_row_and_the_row_its_columns() {
        let mut facts = Facts::default();
        let [row, key, value, copy] = [(); 4].map(|()| facts.fresh(Nature::default()));
        facts.settle(&[key], &[row]);
        facts.settle(&[row], &[key, value]);
        facts.equate(copy, key);
        assert!(facts.settles(&[copy], &[row, value]));
        assert!(!facts.settles(&[value], &[row]));
        assert!(!facts.settles(&[], &[row]));
    }
}
