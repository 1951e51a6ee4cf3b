//! Pure statistics.
pub mod control_chart;
pub mod empirical_bayes;
pub mod error;
pub mod funnel;
pub mod index_numbers;
pub mod intervals;
pub mod joint_region;
pub mod normal;
pub mod order;
pub mod overdispersion;
pub mod rank_distribution;
mod rank_draws;
mod rank_exact;
pub mod rank_sets;
mod rank_stepdown;
pub mod special;
pub mod standardised;
pub mod volatility;
