//! Statistics for rank positions and the figures behind them: pure functions, slices in, structs out.
//!
//! Nothing here reads a file, knows of DuckDB or depends on any other module of the crate; it could leave as a crate of
//! its own. Every public item names its source and units. Wrong use is a [`StatsError`] that names the argument.
//!
//! Which method answers which question:
//!
//! | question | function |
//! |---|---|
//! | how sure is this proportion, count, rate, mean, difference, ratio? | [`intervals`] |
//! | how sure is this standardised rate or ratio? | [`standardised`] |
//! | where could this unit truly stand? | [`rank_confidence`], marginal |
//! | how much of this table is real? | [`rank_confidence`], simultaneous |
//! | who could be among the best or worst ten? | [`RankSets::tau_best`], [`RankSets::tau_worst`] |
//! | the same without simulation | [`joint_region`] |
//! | how likely is the bottom quarter? | [`empirical_bayes`], then [`EmpiricalBayes::ranks`] |
//! | is ranking sensible at all? | [`EmpiricalBayes::support`] |
//! | how would simulated ranks fall? | [`rank_distribution`] (not a confidence statement) |
//! | is the published bottom quarter the true one? | [`verify_top_set`] |
//! | can these two be told apart, has this one changed? | [`compare_pair`] |
//! | how many bands can the data carry? | [`grades`] |
//! | who stands out, among many? | [`funnel`], [`overdispersion`], then [`false_discovery`] |
//! | is this movement more than chance? | [`volatility`], [`control_chart`] |
//! | do two orders agree? | [`correlation`] |
//! | how much has a quantity grown, for the inputs used? | [`index_numbers`] |
//!
//! Results are the same on every platform and for any number of threads: transcendental functions come from `libm`,
//! random numbers from one ChaCha stream a block, and sums are taken in a fixed order. The exception is the ends of
//! exact intervals and limits, which rest on the chi-squared, Student and beta laws of `statrs`: its `exp` and `ln` are
//! the platform's, so that their last digit may differ. No draw and no rank rests on them.
//!
//! [`rank_confidence`]: rank_sets::rank_confidence
//! [`RankSets::tau_best`]: rank_sets::RankSets::tau_best
//! [`RankSets::tau_worst`]: rank_sets::RankSets::tau_worst
//! [`EmpiricalBayes::ranks`]: empirical_bayes::EmpiricalBayes::ranks
//! [`EmpiricalBayes::support`]: empirical_bayes::EmpiricalBayes::support
//! [`verify_top_set`]: pairwise::verify_top_set
//! [`compare_pair`]: pairwise::compare_pair
//! [`false_discovery`]: multiplicity::false_discovery

pub mod composite;
pub mod composite_bootstrap;
pub mod composite_change;
pub mod composite_scoring;
pub mod composite_simulation;
#[cfg(test)]
mod composite_tests;
pub mod composite_weights;
pub mod control_chart;
pub mod correlation;
pub mod empirical_bayes;
pub mod error;
pub mod funnel;
pub mod grades;
pub mod index_numbers;
pub mod intervals;
pub mod joint_region;
pub mod league_confidence;
#[cfg(test)]
mod league_tests;
pub mod multiplicity;
pub mod normal;
pub mod order;
pub mod overdispersion;
pub mod pairwise;
pub mod rank_distribution;
mod rank_draws;
mod rank_exact;
pub mod rank_sets;
mod rank_stepdown;
mod special;
pub mod standardised;
pub mod volatility;

pub use error::{Problem, Result, StatsError};
