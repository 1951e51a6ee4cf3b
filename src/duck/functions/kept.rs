//! Answers of functions that draw at random, kept from one build to the next.
//!
//! Drawing is the dearest work of a book by far, and a function answers the same whenever it is given the same. Where a
//! cell is computed anew because one of its groups has changed, the answers for the others are already known.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Answer, Arguments, Field, Function, Given};
use crate::frame::Scalar;

/// Where answers are kept. A key names everything that an answer depends on.
pub trait Answers: Send + Sync {
    /// What was kept under a key, if it is there and whole.
    fn recall(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps an answer. One that cannot be kept is computed again the next time.
    fn keep(&self, key: &str, answer: &[u8]);
}

/// The place where a session's functions keep their answers, once there is one.
#[derive(Clone, Default)]
pub(in crate::duck) struct Memory(Arc<OnceLock<Box<dyn Answers>>>);

impl Memory {
    /// Keeps answers from here on. Where there is a place already, that one stays.
    pub(in crate::duck) fn keep_in(&self, answers: Box<dyn Answers>) {
        let _ = self.0.set(answers);
    }

    /// What a function answers: from memory, or computed and remembered.
    pub(super) fn answer(&self, function: &Function, arguments: &Arguments<'_>) -> Result<Answer, String> {
        let Some(answers) = self.0.get().filter(|_| draws(function)) else { return (function.call)(arguments) };
        let key = key(function.name, &arguments.values);
        if let Some(known) = answers.recall(&key).and_then(|bytes| read(&bytes)) {
            return Ok(known);
        }
        let answer = (function.call)(arguments)?;
        if let Some(bytes) = written(&answer) {
            answers.keep(&key, &bytes);
        }
        Ok(answer)
    }
}

/// Whether a function draws at random.
fn draws(function: &Function) -> bool {
    function.takes.iter().copied().flatten().any(|(name, _)| *name == "draws")
}

/// Hash of a function, of the program that computes it, and of all that it is given.
fn key(function: &str, values: &[Given]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("candour answer {} {function}\n", crate::SOURCE_HASH));
    for value in values {
        match value {
            Given::One(value) => add(&mut hash, b"o", std::slice::from_ref(value)),
            Given::Many(values) => add(&mut hash, b"m", values),
            Given::Lists(lists) => {
                hash.update(b"l");
                hash.update(lists.len().to_le_bytes());
                for list in lists {
                    match list {
                        Some(values) => add(&mut hash, b"m", values),
                        None => hash.update(b"n"),
                    }
                }
            }
        }
    }
    crate::hex(&hash.finalize())
}

fn add(hash: &mut Sha256, kind: &[u8], values: &[Scalar]) {
    hash.update(kind);
    hash.update(values.len().to_le_bytes());
    for value in values {
        match value {
            Scalar::Number(number) => {
                hash.update(b"d");
                hash.update(number.to_bits().to_le_bytes());
            }
            Scalar::Integer(number) => {
                hash.update(b"i");
                hash.update(number.to_le_bytes());
            }
            other => {
                // The length tells where a text ends and the next begins.
                let words = other.to_string();
                hash.update(other.type_name());
                hash.update(words.len().to_le_bytes());
                hash.update(words);
            }
        }
    }
}

/// An answer as it is kept: numbers by their bits, because one written in decimals may not read back as the same.
#[derive(Serialize, Deserialize)]
enum KeptAnswer {
    Missing,
    Number(u64),
    Row(Vec<KeptField>),
    Rows(Vec<Vec<KeptField>>),
}

#[derive(Serialize, Deserialize)]
enum KeptField {
    Missing,
    Flag(bool),
    Whole(i64),
    Number(u64),
    Text(String),
    Numbers(Vec<u64>),
    Texts(Vec<String>),
}

fn written(answer: &Answer) -> Option<Vec<u8>> {
    let fields = |row: &Vec<Field>| row.iter().map(kept_field).collect::<Option<Vec<_>>>();
    let kept = match answer {
        Answer::Missing => KeptAnswer::Missing,
        Answer::Number(number) => KeptAnswer::Number(number.to_bits()),
        Answer::Row(row) => KeptAnswer::Row(fields(row)?),
        Answer::Rows(rows) => KeptAnswer::Rows(rows.iter().map(fields).collect::<Option<_>>()?),
    };
    serde_json::to_vec(&kept).ok()
}

/// A field as it is kept; none for what no function gives.
fn kept_field(field: &Field) -> Option<KeptField> {
    Some(match field {
        Field::One(Scalar::Missing) => KeptField::Missing,
        Field::One(Scalar::Boolean(flag)) => KeptField::Flag(*flag),
        Field::One(Scalar::Integer(whole)) => KeptField::Whole(*whole),
        Field::One(Scalar::Number(number)) => KeptField::Number(number.to_bits()),
        Field::One(Scalar::Text(text)) => KeptField::Text(text.clone()),
        Field::One(Scalar::Date(_) | Scalar::Suppressed(_)) => return None,
        Field::Numbers(numbers) => KeptField::Numbers(numbers.iter().map(|number| number.to_bits()).collect()),
        Field::Texts(texts) => KeptField::Texts(texts.clone()),
    })
}

fn read(bytes: &[u8]) -> Option<Answer> {
    let fields = |row: Vec<KeptField>| row.into_iter().map(field).collect::<Vec<Field>>();
    Some(match serde_json::from_slice(bytes).ok()? {
        KeptAnswer::Missing => Answer::Missing,
        KeptAnswer::Number(bits) => Answer::Number(f64::from_bits(bits)),
        KeptAnswer::Row(row) => Answer::Row(fields(row)),
        KeptAnswer::Rows(rows) => Answer::Rows(rows.into_iter().map(fields).collect()),
    })
}

fn field(kept: KeptField) -> Field {
    match kept {
        KeptField::Missing => Field::One(Scalar::Missing),
        KeptField::Flag(flag) => Field::One(Scalar::Boolean(flag)),
        KeptField::Whole(whole) => Field::One(Scalar::Integer(whole)),
        KeptField::Number(bits) => Field::One(Scalar::Number(f64::from_bits(bits))),
        KeptField::Text(text) => Field::One(Scalar::Text(text)),
        KeptField::Numbers(bits) => Field::Numbers(bits.into_iter().map(f64::from_bits).collect()),
        KeptField::Texts(texts) => Field::Texts(texts),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    use super::*;
    use crate::duck::Session;

    /// Answers by key, and the number of times that one was found.
    type Held = (BTreeMap<String, Vec<u8>>, usize);

    /// Answers kept in memory.
    #[derive(Clone, Default)]
    struct Shelf(Arc<Mutex<Held>>);

    impl Shelf {
        fn seen(&self) -> (usize, usize) {
            let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            (held.0.len(), held.1)
        }
    }

    impl Answers for Shelf {
        fn recall(&self, key: &str) -> Option<Vec<u8>> {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let found = held.0.get(key).cloned();
            held.1 += usize::from(found.is_some());
            found
        }

        fn keep(&self, key: &str, answer: &[u8]) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).0.insert(key.to_string(), answer.to_vec());
        }
    }

    const CALL: &str = "SELECT to_json(rank_confidence_joint(['a', 'b', 'c'], [1.0, 2.0, 2.5], [[0.04, 0, 0], [0, 0.09, 0.01], [0, 0.01, 0.25]], true, 0.95, 'simultaneous', 2000, 7))::VARCHAR";

    #[test]
    fn the_same_call_is_computed_once_and_answers_the_same() {
        let shelf = Shelf::default();
        let fresh = Session::open().unwrap().frame(CALL).unwrap().value(0, 0);
        for (round, found) in [(1, 0), (2, 1)] {
            let session = Session::open().unwrap();
            session.keep_answers(Box::new(shelf.clone()));
            assert_eq!(session.frame(CALL).unwrap().value(0, 0), fresh, "round {round}");
            assert_eq!(shelf.seen(), (1, found), "round {round}");
        }
    }

    #[test]
    fn another_seed_level_or_value_is_another_call() {
        let shelf = Shelf::default();
        let session = Session::open().unwrap();
        session.keep_answers(Box::new(shelf.clone()));
        for call in
            [CALL, &CALL.replace("2000, 7", "2000, 8"), &CALL.replace("0.95", "0.9"), &CALL.replace("2.5]", "2.4]")]
        {
            session.frame(call).unwrap();
        }
        assert_eq!(shelf.seen(), (4, 0));
    }

    #[test]
    fn what_draws_nothing_is_not_kept_and_what_is_damaged_is_computed_anew() {
        let shelf = Shelf::default();
        let session = Session::open().unwrap();
        session.keep_answers(Box::new(shelf.clone()));
        session.frame("SELECT wilson_interval(5, 10, 0.95)").unwrap();
        assert_eq!(shelf.seen(), (0, 0));
        let fresh = session.frame(CALL).unwrap().value(0, 0);
        shelf.0.lock().unwrap().0.values_mut().for_each(|bytes| bytes.truncate(9));
        assert_eq!(session.frame(CALL).unwrap().value(0, 0), fresh);
    }

    #[test]
    fn lists_that_divide_otherwise_have_other_keys() {
        let text = |words: &str| Scalar::Text(words.to_string());
        let one = Given::Many(vec![text("a"), text("bc")]);
        let other = Given::Many(vec![text("ab"), text("c")]);
        assert_ne!(key("f", &[one]), key("f", &[other]));
        let nested = |lists: &[&[f64]]| {
            let list = |list: &&[f64]| Some(list.iter().copied().map(Scalar::Number).collect());
            Given::Lists(lists.iter().map(list).collect())
        };
        assert_ne!(key("f", &[nested(&[&[1.0, 2.0], &[]])]), key("f", &[nested(&[&[1.0], &[2.0]])]));
        assert_ne!(key("f", &[Given::One(Scalar::Integer(1))]), key("f", &[Given::One(Scalar::Number(1.0))]));
    }

    proptest::proptest! {
        #[test]
        fn every_number_reads_back_as_the_same_bits(bits: u64, whole: i64, words in ".*") {
            let answer = Answer::Rows(vec![vec![
                Field::Numbers(vec![f64::from_bits(bits)]),
                Field::One(Scalar::Integer(whole)),
                Field::One(Scalar::Missing),
                Field::Texts(vec![words]),
            ]]);
            let back = read(&written(&answer).unwrap()).unwrap();
            // By words: a number that is none does not equal itself.
            proptest::prop_assert_eq!(format!("{back:?}"), format!("{answer:?}"));
            let Answer::Rows(rows) = back else { panic!("rows") };
            let Field::Numbers(numbers) = &rows[0][0] else { panic!("numbers") };
            proptest::prop_assert_eq!(numbers[0].to_bits(), bits);
        }
    }
}
