//! Statistics as SQL functions.
//!
//! Each [`Function`] says what it is called, what it takes and gives, and how it is computed; one generic
//! adapter registers them all. The mathematics lives in `stats`: here are only names, types and words.
//!
//! An argument that is NULL makes the result NULL. A NULL inside a list is an error that names the argument, because
//! leaving it out in silence would change every rank. Wrong use is an SQL error with the words of `stats`.

mod adapter;
mod composites;
mod counts;
mod funnels;
mod kept;
mod rank_sets;
mod ranks;
mod series;

use crate::frame::Scalar;

pub(super) use adapter::register_all;
pub use kept::Answers;
pub(super) use kept::Memory;

/// The type of an argument or field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `DOUBLE`
    Number,
    /// `BIGINT`
    Whole,
    /// `BOOLEAN`
    Flag,
    /// `VARCHAR`
    Text,
    /// `DOUBLE[]`
    Numbers,
    /// `BIGINT[]`
    Wholes,
    /// `BOOLEAN[]`
    Flags,
    /// `VARCHAR[]`
    Texts,
    /// `DOUBLE[][]`
    Table,
}

impl Type {
    /// The type's name in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Type::Number => "DOUBLE",
            Type::Whole => "BIGINT",
            Type::Flag => "BOOLEAN",
            Type::Text => "VARCHAR",
            Type::Numbers => "DOUBLE[]",
            Type::Wholes => "BIGINT[]",
            Type::Flags => "BOOLEAN[]",
            Type::Texts => "VARCHAR[]",
            Type::Table => "DOUBLE[][]",
        }
    }
}

/// A named argument or field.
pub type Named = (&'static str, Type);

/// What a function gives.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    /// A number.
    Number,
    /// A structure.
    Struct(&'static [Named]),
    /// A list of structures, to be unnested.
    List(&'static [Named]),
}

/// A value given to a function. Lists keep their missing values, so that they can be reported.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A single value; never missing.
    One(Scalar),
    /// A list.
    Many(Vec<Scalar>),
    /// A list of lists; none where one is missing.
    Lists(Vec<Option<Vec<Scalar>>>),
}

/// A field of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A single value.
    One(Scalar),
    /// A list of numbers.
    Numbers(Vec<f64>),
    /// A list of texts.
    Texts(Vec<String>),
}

/// What a function answers for one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// NULL.
    Missing,
    /// A number.
    Number(f64),
    /// A structure.
    Row(Vec<Field>),
    /// A list of structures.
    Rows(Vec<Vec<Field>>),
}

type Call = fn(&Arguments<'_>) -> Result<Answer, String>;

/// An SQL function.
pub struct Function {
    /// Name.
    pub name: &'static str,
    /// Argument lists that it accepts; where there are several, the longer ones add arguments.
    pub takes: &'static [&'static [Named]],
    /// What it gives.
    pub gives: Gives,
    /// What it is, in a sentence or two, with its source.
    pub about: &'static str,
    /// A query that runs as it stands.
    pub example: &'static str,
    call: Call,
}

impl Function {
    /// The signatures in SQL, one for each argument list.
    pub fn signatures(&self) -> Vec<String> {
        let named = |list: &[Named]| {
            let items: Vec<String> = list.iter().map(|(name, kind)| format!("{name} {}", kind.sql())).collect();
            items.join(", ")
        };
        let gives = match self.gives {
            Gives::Number => "DOUBLE".to_string(),
            Gives::Struct(fields) => format!("STRUCT({})", named(fields)),
            Gives::List(fields) => format!("STRUCT({})[]", named(fields)),
        };
        self.takes.iter().map(|takes| format!("{}({}) -> {gives}", self.name, named(takes))).collect()
    }
}

/// All functions, by family and name.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    let families = [
        counts::FUNCTIONS,
        rank_sets::FUNCTIONS,
        ranks::FUNCTIONS,
        composites::FUNCTIONS,
        funnels::FUNCTIONS,
        series::FUNCTIONS,
    ];
    families.into_iter().flatten()
}

/// The arguments of one call.
pub struct Arguments<'a> {
    names: &'a [Named],
    values: Vec<Given>,
}

impl Arguments<'_> {
    fn given(&self, name: &str) -> Option<&Given> {
        self.values.get(self.names.iter().position(|(known, _)| *known == name)?)
    }

    /// Whether the argument list used has this argument.
    pub fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<f64, String> {
        match self.given(name) {
            Some(Given::One(value)) => value.number().ok_or_else(|| format!("{name}: a number is needed")),
            _ => Err(format!("{name}: a number is needed")),
        }
    }

    /// A whole number of 0 or more.
    pub fn whole(&self, name: &str) -> Result<u64, String> {
        match self.given(name) {
            Some(Given::One(Scalar::Integer(value))) => {
                u64::try_from(*value).map_err(|_| format!("{name}: must be 0 or more, not {value}"))
            }
            _ => Err(format!("{name}: a whole number is needed")),
        }
    }

    /// A whole number of 0 or more, or a default where the argument list is a shorter one.
    pub fn whole_or(&self, name: &str, default: u64) -> Result<u64, String> {
        if self.given(name).is_some() { self.whole(name) } else { Ok(default) }
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<bool, String> {
        match self.given(name) {
            Some(Given::One(Scalar::Boolean(value))) => Ok(*value),
            _ => Err(format!("{name}: true or false is needed")),
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<&str, String> {
        match self.given(name) {
            Some(Given::One(Scalar::Text(value))) => Ok(value),
            _ => Err(format!("{name}: a text is needed")),
        }
    }

    fn many(&self, name: &str) -> Result<&[Scalar], String> {
        match self.given(name) {
            Some(Given::Many(values)) => Ok(values),
            _ => Err(format!("{name}: a list is needed")),
        }
    }

    fn list<T>(&self, name: &str, take: impl Fn(&Scalar) -> Option<T>) -> Result<Vec<T>, String> {
        let values = self.many(name)?;
        values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                take(value).ok_or_else(|| {
                    format!("{name}: item {} is missing (NULL); leave the row out before listing", at + 1)
                })
            })
            .collect()
    }

    /// A list of numbers, none missing.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        self.list(name, Scalar::number)
    }

    /// A list of lists of numbers, none missing.
    pub fn table(&self, name: &str) -> Result<Vec<Vec<f64>>, String> {
        let Some(Given::Lists(lists)) = self.given(name) else {
            return Err(format!("{name}: a list of lists is needed"));
        };
        let numbers =
            |list: &Option<Vec<Scalar>>| -> Option<Vec<f64>> { list.as_ref()?.iter().map(Scalar::number).collect() };
        let missing = |at: usize| format!("{name}: list {} is missing (NULL) or has a missing item", at + 1);
        lists.iter().enumerate().map(|(at, list)| numbers(list).ok_or_else(|| missing(at))).collect()
    }

    /// A list of numbers, some of which may be missing.
    pub fn maybe_numbers(&self, name: &str) -> Result<Vec<Option<f64>>, String> {
        Ok(self.many(name)?.iter().map(Scalar::number).collect())
    }

    /// A list of whole numbers of 0 or more, none missing.
    pub fn wholes(&self, name: &str) -> Result<Vec<usize>, String> {
        self.list(name, |value| if let Scalar::Integer(number) = value { usize::try_from(*number).ok() } else { None })
    }

    /// A list of texts, some of which may be missing.
    pub fn maybe_texts(&self, name: &str) -> Result<Vec<Option<String>>, String> {
        let text = |value: &Scalar| if let Scalar::Text(text) = value { Some(text.clone()) } else { None };
        Ok(self.many(name)?.iter().map(text).collect())
    }

    /// A list of true and false, none missing.
    pub fn flags(&self, name: &str) -> Result<Vec<bool>, String> {
        self.list(name, |value| if let Scalar::Boolean(flag) = value { Some(*flag) } else { None })
    }

    /// A list of texts, none missing.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        self.list(name, |value| match value {
            Scalar::Text(text) => Some(text.clone()),
            Scalar::Integer(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Texts that name units: none missing, none twice, as many as there are numbers in `beside`.
    pub fn ids(&self, name: &str, beside: usize) -> Result<Vec<String>, String> {
        let ids = self.texts(name)?;
        if ids.len() != beside {
            return Err(format!("{name}: {} items where the other lists have {beside}", ids.len()));
        }
        let mut sorted: Vec<&String> = ids.iter().collect();
        sorted.sort();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("{name}: \"{}\" occurs twice", pair[0])),
            None => Ok(ids),
        }
    }
}

/// A field with a number; what is not finite becomes NULL, and minus nought becomes nought.
fn number(value: f64) -> Field {
    Field::One(if value.is_finite() { Scalar::Number(value + 0.0) } else { Scalar::Missing })
}

/// A field with a whole number.
fn whole(value: usize) -> Field {
    Field::One(i64::try_from(value).map_or(Scalar::Missing, Scalar::Integer))
}

/// A field with a text.
fn text(value: impl Into<String>) -> Field {
    Field::One(Scalar::Text(value.into()))
}

/// A field with a list of numbers.
fn numbers(values: Vec<f64>) -> Field {
    Field::Numbers(values)
}

/// A field with a list of texts.
fn texts(values: Vec<String>) -> Field {
    Field::Texts(values)
}

/// A field with true or false.
fn flag(value: bool) -> Field {
    Field::One(Scalar::Boolean(value))
}

/// Words of an error of `stats`.
fn words(error: crate::stats::error::StatsError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duck::Session;

    #[test]
    fn every_example_runs_as_it_stands_and_names_are_unique() {
        let session = Session::open().unwrap();
        let mut names: Vec<&str> = Vec::new();
        for function in functions() {
            let frame =
                session.frame(function.example).unwrap_or_else(|error| panic!("{}: {}", function.name, error.message));
            assert!(frame.height() > 0, "{} gives no row", function.name);
            assert!(function.example.contains(function.name) && !names.contains(&function.name));
            names.push(function.name);
        }
        assert!(names.len() > 20);
    }

    /// The value of an expression.
    fn value(session: &Session, expression: &str) -> Scalar {
        let sql = format!("SELECT {expression} AS value");
        session.frame(&sql).unwrap_or_else(|error| panic!("{expression}: {}", error.message)).value(0, 0)
    }

    #[test]
    fn wrong_use_is_an_error_that_names_the_argument() {
        let session = Session::open().unwrap();
        for (query, argument) in WRONG {
            let query = format!("SELECT {query}");
            let error = session.frame(&query).map(|frame| format!("{:?}", frame.value(0, 0))).unwrap_err();
            assert!(error.message.contains(argument), "{query}: {}", error.message);
        }
    }

    /// Calls, and a word that the error must contain.
    const WRONG: &[(&str, &str)] = &[
        ("wilson_interval(5, 3, 0.95)", "x"),
        ("wilson_interval(1, 3, 95)", "level"),
        ("rate_interval(-1, 3, 0.95)", "count"),
        ("rate_interval(1, 'inf'::DOUBLE, 0.95)", "exposure"),
        ("standardised_rate_repeated([[1, 2], [1]], [10, 10], [1, 1], 0.95)", "populations"),
        ("standardised_rate_repeated([[1, NULL]], [10, 10], [1, 1], 0.95)", "people"),
        ("standardised_rate_repeated([], [10, 10], [1, 1], 0.95)", "people"),
        ("expected_events([1], [2], [0])", "reference_populations"),
        // Unequal lengths, names twice, NULLs in lists, no units, standard errors of 0, numbers that are not finite.
        ("rank_confidence(['a','b'], [1.0], [1.0, 1.0], true, 0.95, 'marginal')", "ids"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0], true, 0.95, 'marginal')", "standard_errors"),
        ("rank_confidence(['a','a'], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal')", "ids"),
        ("rank_confidence([1, 1], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal')", "ids"),
        ("rank_confidence(7, [1.0], [1.0], true, 0.95, 'marginal')", "ids"),
        ("rank_confidence(['a',NULL], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal')", "ids: item 2"),
        ("rank_confidence(['a','b'], [1.0, NULL], [1.0, 1.0], true, 0.95, 'marginal')", "estimates"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, 0.0], true, 0.95, 'marginal')", "standard_errors"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, -1.0], true, 0.95, 'marginal')", "standard_errors"),
        ("rank_confidence(['a','b'], [1.0, 'nan'::DOUBLE], [1.0, 1.0], true, 0.95, 'marginal')", "estimates"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'both')", "kind"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal', 10, 1)", "draws"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal', 100, -1)", "seed"),
        ("rank_confidence(['a','b'], [1.0, 2.0], [1.0, 1.0], true, 0.95, 'marginal', 100, 1, 'left')", "side"),
        ("rank_confidence([], [], [], true, 0.95, 'marginal')", "estimates"),
        ("rank_confidence_joint(['a','b'], [1, 2], [[1, 0]], true, 0.95, 'marginal')", "covariance"),
        ("rank_confidence_joint(['a','b'], [1, 2], [[1, 0], [0]], true, 0.95, 'marginal')", "covariance"),
        ("rank_confidence_joint(['a','b'], [1, 2], [[1, 0.5], [0, 1]], true, 0.95, 'marginal')", "symmetric"),
        ("rank_confidence_joint(['a','b'], [1, 2], [[1, 2], [2, 1]], true, 0.95, 'marginal')", "negative variance"),
        ("rank_confidence_joint(['a','b'], [1, 2], [[1, 0], NULL], true, 0.95, 'marginal')", "covariance: list 2"),
        ("tau_best(['a','b'], [1, 2], [1, 1], true, 0.95, 0)", "tau"),
        ("tau_worst(['a','b'], [1, 2], [1, 1], true, 0.95, 3)", "tau"),
        ("rank_region(['a','b'], [1, 2], [1, 1], true, 0.95, 'holm')", "adjustment"),
        ("rank_region(['a','b'], [1, 2], [1, 1], true, 0.95, 'bonferroni', -1)", "decimals"),
        ("tukey_ranks(['a','b'], [1, 2], 0, true, 0.95)", "standard_error"),
        ("tukey_critical_value(1, 0.95)", "units"),
        ("goldstein_healy_level([1], 0.95)", "standard_errors"),
        ("rank_distribution(['a','b'], [1, 2], [1, 1], true, 3, 0)", "top"),
        ("rank_probabilities(['a','b'], [1, 2], [1, 0], true)", "standard_errors"),
        ("rank_volatility(['a','b'], [1, 2], [1, 1], true, 0)", "groups"),
        ("expected_kendall([1], [1])", "estimates"),
        ("empirical_bayes(['a'], [1], [1], 'REML')", "estimates"),
        ("empirical_bayes_fit([1, 2], [1, 1], 'EM')", "method"),
        ("empirical_bayes_units(['a','b'], [1, 2], [1, 0], 'DL')", "standard_errors"),
        ("false_discovery(['a'], [1.5], 'BH')", "p_values"),
        ("grades(['a'], [1], [-1], 0.5)", "posterior_sds"),
        ("funnel_limits(['a','b'], [1, 2], [3, 4], 'pie')", "kind"),
        ("funnel_limits(['a','b'], [1, 5], [3, 4], 'proportion')", "numerators"),
        ("funnel_limits(['a','b'], [0, 5], [3, 4], 'ratio')", "numerators"),
        ("funnel_limits(['a','b'], [1, 2], [3, 4], 'proportion', 0.5)", "trim"),
        ("proportion_limits(1.5, 10, 0.95)", "average"),
        ("binomial_limits(0, 10, 0.95)", "target"),
        ("quantile_groups(['a','b'], [1, 2], 3, true)", "groups"),
        ("control_chart([1])", "values"),
        ("control_chart([1, 2, 3], 'up')", "direction"),
        ("control_chart([1, 2, 3], 'increase', 'nan'::DOUBLE)", "target"),
        ("control_chart([1, 2, 3, 4], 'increase', 0, [3, 3], true)", "rebase"),
        ("control_chart([1, 2, 3, 4], 'increase', 0, [5], true)", "rebase"),
        ("control_chart([1, 2, 3, 4], 'increase', 1, [], true)", "baseline"),
        ("control_chart([1, 2, 3, 4], 'increase', 0, [], true, 1, 7)", "shift"),
        ("process_sigma([1])", "values"),
        ("laspeyres([1], [1], [1], [1, 2])", "costs_2"),
        ("tornqvist([1], [1], [0], [1])", "volumes_2"),
    ];

    #[test]
    fn null_in_gives_null_out() {
        let session = Session::open().unwrap();
        for call in [
            "wilson_interval(NULL, 3, 0.95)",
            "rank_confidence(NULL, [1], [1], true, 0.95, 'marginal')",
            "rank_confidence(NULL, NULL, NULL, NULL, NULL, NULL)",
            "rank_confidence(['a'], [1], [1], true, NULL, 'marginal')",
            "rank_confidence_joint(['a'], [1], NULL, true, 0.95, 'marginal')",
            "standardised_rate_repeated(NULL, [1], [1], 0.95)",
            "empirical_bayes_fit(NULL, [1], 'REML')",
            "control_chart(NULL)",
            "laspeyres([1], NULL, [1], [1])",
            // What a cell gets from list() over no rows.
            "(SELECT rank_confidence(list(a), list(b), list(b), true, 0.95, 'marginal') FROM (SELECT 'x' a, 1 b) WHERE a = 'y')",
        ] {
            assert_eq!(value(&session, &format!("({call}) IS NULL")), Scalar::Boolean(true), "{call}");
        }
    }

    #[test]
    fn nothing_counted_gives_no_interval() {
        let session = Session::open().unwrap();
        for call in [
            "wilson_interval(0, 0, 0.95)",
            "rate_interval(0, 0, 0.95)",
            "newcombe_interval(0, 0, 1, 2, 0.95)",
            "risk_ratio_interval(1, 2, 0, 0, 0.95)",
            "rate_ratio_interval(1, 0, 1, 2, 0.95)",
            "proportion_limits(0.5, 0, 0.95)",
            "rate_ratio_interval(3, 10, 0, 10, 0.95).upper",
            "risk_ratio_interval(3, 10, 0, 10, 0.95).upper",
        ] {
            assert_eq!(value(&session, &format!("({call}) IS NULL")), Scalar::Boolean(true), "{call}");
        }
        for call in ["rate_ratio_interval(0, 10, 3, 10, 0.95).lower", "poisson_interval(0, 0.95).lower"] {
            assert_eq!(value(&session, call), Scalar::Number(0.0), "{call}");
        }
    }

    #[test]
    fn one_unit_and_all_ties_are_defined() {
        let session = Session::open().unwrap();
        let json = |call: &str| value(&session, &format!("to_json({call})::VARCHAR"));
        let alone = Scalar::Text(r#"[{"id":"7","rank":1,"lower":1,"upper":1}]"#.into());
        let tied = r#"[{"id":"a","rank":1,"lower":1,"upper":2},{"id":"b","rank":1,"lower":1,"upper":2}]"#;
        let tied = Scalar::Text(tied.into());
        for rest in ["true, 0.95, 'marginal'", "false, 0.95, 'simultaneous'", "true, 0.95, 'simultaneous single step'"]
        {
            assert_eq!(json(&format!("rank_confidence([7], [2.5], [1], {rest})")), alone, "{rest}");
            assert_eq!(json(&format!("rank_confidence_joint([7], [2.5], [[1]], {rest})")), alone, "{rest}");
            assert_eq!(json(&format!("rank_confidence(['a', 'b'], [2, 2], [1, 3], {rest})")), tied, "{rest}");
        }
        assert_eq!(json("tukey_ranks([7], [2.5], 1, true, 0.95)"), alone);
        assert_eq!(json("tukey_ranks(['a', 'b'], [2, 2], 1, true, 0.95)"), tied);
        assert_eq!(value(&session, "len(rank_steps([7], [2.5], [1], true, 0.95, 'marginal'))"), Scalar::Integer(0));
        assert_eq!(value(&session, "rank_probabilities([7], [2.5], [1], true)[1].probability"), Scalar::Number(1.0));
        let shared = "rank_distribution(['a', 'b'], [2, 2], [1, 3], true, 1, 1)[1].expected_rank";
        assert_eq!(value(&session, shared), Scalar::Number(1.5));
        // A difference without variance is told apart exactly.
        let certain =
            "rank_confidence_joint(['a', 'b'], [2, 1], [[1, 1], [1, 1]], true, 0.95, 'simultaneous')[2].lower";
        assert_eq!(value(&session, certain), Scalar::Integer(2));
    }

    #[test]
    fn eight_schools_support_no_ranking() {
        let session = Session::open().unwrap();
        let lists = "[28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]";
        let fit = format!("empirical_bayes_fit({lists}, 'REML')");
        assert_eq!(value(&session, &format!("{fit}.support")), Scalar::Text("none".into()));
        let ranks = format!("posterior_ranks([1, 2, 3, 4, 5, 6, 7, 8], {lists}, true, 2, 2, 'REML')");
        assert_eq!(value(&session, &format!("{ranks}[1].expected_rank")), Scalar::Missing);
        assert_eq!(value(&session, &format!("{ranks}[1].p_top")), Scalar::Missing);
    }

    #[test]
    fn charts_start_anew_and_say_what_to_expect_of_a_target() {
        let session = Session::open().unwrap();
        let chart = "control_chart([1, 2, 1, 2, 11, 12, 11, 12], 'increase', 9, 0, [5], true)";
        assert_eq!(value(&session, &format!("{chart}[8].phase")), Scalar::Integer(2));
        assert_eq!(value(&session, &format!("{chart}[8].mean")), Scalar::Number(11.5));
        assert_eq!(value(&session, &format!("{chart}[1].assurance")), Scalar::Text("fails".into()));
        assert_eq!(value(&session, &format!("{chart}[8].assurance")), Scalar::Text("hit and miss".into()));
        assert_eq!(value(&session, "control_chart([3, 3, 3])[3].signal"), Scalar::Text("common cause".into()));
        assert_eq!(value(&session, "control_chart([3, 3, 4])[3].assurance"), Scalar::Missing);
    }
}
