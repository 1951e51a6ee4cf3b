//! The worked cases of `reference_cases`, through SQL: the files are read as tables, the answers come from the
//! functions that cells call, and each is checked at the tolerance the case's own README states.
//!
//! Each test is one or two queries as an analyst would write them, which put what came beside what was expected.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helper may fail as a test does")]

use candour::duck::Session;
use candour::frame::Scalar;

use super::harness::program;
use super::reference_cases::{Check, Row, case, flag, maybe, number, text, whole};

/// A sealed session that holds the CSV files of a case as tables named after them.
struct Tables(Session);

impl Tables {
    fn of(name: &str) -> Option<Tables> {
        let folder = case(name)?;
        let session = Session::open().unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "csv") {
                let table = path.file_stem().unwrap().to_string_lossy().into_owned();
                session.load_csv(&table, &path).unwrap_or_else(|error| panic!("{table}: {}", error.message));
            }
        }
        session.seal(None).unwrap();
        Some(Tables(session))
    }

    fn rows(&self, sql: &str) -> Vec<Row> {
        let frame = self.0.frame(sql).unwrap_or_else(|error| panic!("{}\n{sql}", error.message));
        let names: Vec<String> = frame.names().into_iter().map(str::to_owned).collect();
        let row = |at: usize| (0..names.len()).map(|c| (names[c].clone(), words(&frame.value(at, c)))).collect();
        (0..frame.height()).map(row).collect()
    }

    /// Rows in which each pair of columns must agree to within a share of the expected number; NULL where that is.
    fn relative(&self, check: &mut Check, sql: &str, pairs: &[(&str, &str)], tolerance: f64) {
        for row in self.rows(sql) {
            for (got, expected) in pairs {
                let what = format!("{} {expected}", text(&row, "what"));
                match maybe(&row, expected) {
                    Some(value) => {
                        check.relative(&what, maybe(&row, got).unwrap_or(f64::NAN), value, tolerance);
                    }
                    None => check.exact(&what, maybe(&row, got), None),
                }
            }
        }
    }
}

fn words(value: &Scalar) -> String {
    match value {
        Scalar::Missing | Scalar::Suppressed(_) => String::new(),
        Scalar::Boolean(value) => if *value { "True" } else { "False" }.to_owned(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::Number(value) => format!("{value:?}"),
        Scalar::Text(value) => value.clone(),
        Scalar::Date(value) => value.to_string(),
    }
}

fn same(check: &mut Check, row: &Row, got: &str, expected: &str) {
    check.exact(&format!("{} {expected}", text(row, "what")), text(row, got), text(row, expected));
}

mod phe_intervals {
    use super::*;

    const CASE: &str = "phe-intervals";
    const LEVELS: [(&str, [&str; 2]); 2] =
        [("0.95", ["lower95_0cl", "upper95_0cl"]), ("0.998", ["lower99_8cl", "upper99_8cl"])];

    /// A query for each level: `LEVEL` stands for it, `found` must be a structure with value (or mean), lower and upper.
    fn both_levels(name: &str, sql: &str, scale: f64, value: Option<(&str, &str)>) {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, {name}"));
        for (level, [lower, upper]) in LEVELS {
            let value_terms = value.map(|(got, _)| format!(", found.{got} * {scale} AS got_value")).unwrap_or_default();
            let sql = format!(
                "SELECT *, found.lower * {scale} AS got_lower, found.upper * {scale} AS got_upper{value_terms} FROM ({})",
                sql.replace("LEVEL", level)
            );
            let mut pairs = vec![("got_lower", lower), ("got_upper", upper)];
            pairs.extend(value.map(|(_, expected)| ("got_value", expected)));
            tables.relative(&mut check, &sql, &pairs, 1e-9);
        }
        check.finish();
    }

    #[test]
    fn wilson() {
        let sql = "SELECT *, x || ' of ' || n AS what, wilson_interval(x, n, LEVEL) AS found FROM expected_wilson";
        both_levels("Wilson", sql, 1.0, None);
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, Wilson at 90%"));
        let sql = "SELECT *, x AS what, unnest(wilson_interval(x, n, 0.9)) FROM expected_wilson";
        tables.relative(&mut check, sql, &[("lower", "lower90"), ("upper", "upper90")], 1e-9);
        check.finish();
    }

    #[test]
    fn workbook_of_byar_and_wilson() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, Byar and Wilson workbook"));
        let sql = "SELECT *, x AS what, unnest(CASE WHEN n IS NULL THEN byar_interval(x, level)
                       ELSE wilson_interval(x, n, level) END)
                   FROM (SELECT *, if(confidence = '95%', 0.95, 0.998) AS level FROM expected_byars_wilson_sheet)";
        tables.relative(&mut check, sql, &[("upper", "uppercl")], 1e-9);
        // The workbook leaves a lower limit blank where the approximation goes below 0; here it is 0.
        let sql = format!("SELECT * FROM ({sql}) WHERE NOT (lowercl IS NULL AND lower = 0)");
        tables.relative(&mut check, &sql, &[("lower", "lowercl")], 1e-9);
        check.finish();
    }

    #[test]
    fn rates() {
        let sql = "SELECT *, x || ' of ' || n AS what, rate_interval(x, n, LEVEL) AS found FROM expected_rates";
        both_levels("rates", sql, 1e5, None);
    }

    #[test]
    fn directly_standardised_rates() {
        let sql = "SELECT *, area AS what FROM expected_dsr JOIN (
                       SELECT area, standardised_rate(list(coalesce(TRY_CAST(count AS DOUBLE), 0) ORDER BY ageband),
                           list(pop ORDER BY ageband), list(esp2013 ORDER BY ageband), LEVEL) AS found
                       FROM input_dsr GROUP BY area) USING (area)";
        both_levels("directly standardised rates", sql, 1e5, Some(("value", "value")));
    }

    #[test]
    fn repeated_events() {
        let people: Vec<String> =
            (1..5).map(|times| format!("list(coalesce(TRY_CAST(f{times} AS DOUBLE), 0) ORDER BY ageband)")).collect();
        let sql = format!(
            "SELECT *, area AS what FROM expected_dsrni JOIN (
                 SELECT area, standardised_rate_repeated([{}], list(pop ORDER BY ageband),
                     list(esp2013 ORDER BY ageband), LEVEL) AS found
                 FROM input_dsrni GROUP BY area) USING (area)",
            people.join(", ")
        );
        both_levels("repeated events", &sql, 1e5, Some(("value", "value")));
    }

    #[test]
    fn indirectly_standardised_ratios() {
        let list = |column: &str| format!("list(coalesce(TRY_CAST({column} AS DOUBLE), 0) ORDER BY ageband)");
        let expected = format!("expected_events({}, {}, {})", list("pop"), list("refcount"), list("refpop"));
        let sql = format!(
            "SELECT *, area AS what FROM expected_isr JOIN (
                 SELECT area, {expected} AS events,
                     standardised_ratio(sum(TRY_CAST(count AS DOUBLE)), {expected}, LEVEL) AS found
                 FROM input_isr GROUP BY area) USING (area)"
        );
        both_levels("indirectly standardised ratios", &sql, 1.0, Some(("value", "value")));
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, expected events"));
        tables.relative(&mut check, &sql.replace("LEVEL", "0.95"), &[("events", "expected")], 1e-9);
        check.finish();
    }

    #[test]
    fn means() {
        let means = "SELECT area, mean_interval(list(\"values\"), LEVEL) AS found FROM input_mean GROUP BY area";
        let sql = format!("SELECT *, area AS what FROM expected_mean JOIN ({means}) USING (area)");
        both_levels("means", &sql, 1.0, Some(("mean", "value")));
        both_levels("standard deviations", &sql, 1.0, Some(("standard_deviation", "stdev")));
    }
}

mod phe_funnel_limits {
    use super::*;

    const CASE: &str = "phe-funnel-limits";

    #[test]
    fn proportions() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, proportions"));
        let sql = "
            WITH overall AS (SELECT sum(numerator) / sum(denominator) AS all_areas FROM input),
            limits AS (
                SELECT expected.*, all_areas, numerator / denominator AS share,
                    proportion_limits(all_areas, denominator, 0.95) AS inner95,
                    proportion_limits(all_areas, denominator, 0.998) AS outer998
                FROM expected, overall)
            SELECT *, Area AS what, inner95.lower AS l95, inner95.upper AS u95, outer998.lower AS l998,
                outer998.upper AS u998,
                CASE WHEN share > outer998.upper THEN 'High (0.001)' WHEN share < outer998.lower THEN 'Low (0.001)'
                     WHEN share > inner95.upper THEN 'High (0.025)' WHEN share < inner95.lower THEN 'Low (0.025)'
                     ELSE 'Not significant' END AS verdict
            FROM limits";
        let pairs = [("all_areas", "average"), ("l95", "lower95"), ("u95", "upper95"), ("l998", "lower998")];
        tables.relative(&mut check, sql, &[&pairs[..], &[("u998", "upper998")]].concat(), 1e-9);
        tables.rows(sql).iter().for_each(|row| same(&mut check, row, "verdict", "significance"));
        check.finish();
    }

    #[test]
    fn ratios() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, ratios"));
        let sql = "
            WITH limits AS (
                SELECT *, standardised_ratio(obs, expected, 0.95) AS inner95,
                    standardised_ratio(obs, expected, 0.998) AS outer998
                FROM expected_ratio)
            SELECT *, obs || ' of ' || expected AS what, inner95.value AS got, inner95.lower AS l95,
                inner95.upper AS u95, outer998.lower AS l998, outer998.upper AS u998,
                CASE WHEN outer998.lower > 1 THEN 'High (0.001)' WHEN outer998.upper < 1 THEN 'Low (0.001)'
                     WHEN inner95.lower > 1 THEN 'High (0.025)' WHEN inner95.upper < 1 THEN 'Low (0.025)'
                     ELSE 'Not significant' END AS verdict
            FROM limits";
        let pairs = [("l95", "low95"), ("u95", "high95"), ("l998", "low998"), ("u998", "high998")];
        tables.relative(&mut check, sql, &pairs, 1e-9);
        tables.rows(sql).iter().for_each(|row| same(&mut check, row, "verdict", "significance"));
        check.finish();
    }

    #[test]
    fn quantile_groups() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, quantile groups"));
        let sql = "
            WITH numbered AS (SELECT *, row_number() OVER () AS row FROM quantile_ties)
            SELECT n.*, n.v AS what, g.quantile AS got FROM numbered AS n JOIN (
                SELECT unnest(quantile_groups(list(row::VARCHAR ORDER BY row), list(v ORDER BY row),
                    any_value(nquantiles), any_value(qinverted LIKE '%highest%')), recursive := true)
                FROM numbered) AS g ON g.id = n.row::VARCHAR";
        tables.rows(sql).iter().for_each(|row| same(&mut check, row, "got", "quantile"));
        check.finish();
    }
}

mod funnel_overdispersion {
    use super::*;

    const CASE: &str = "funnel-overdispersion";

    #[test]
    fn limits_and_flags() {
        let Some(tables) = Tables::of(CASE) else { return };
        // SHMI rounds expected numbers to two decimals before anything else.
        let sql = "
            WITH measured AS (
                SELECT *, CASE WHEN \"case\" LIKE 'sr_shmi%' THEN 'ratio' WHEN \"case\" LIKE 'sr_cqc%' THEN 'ratio_sqrt'
                               WHEN \"case\" LIKE 'pr%' THEN 'proportion' ELSE 'ratio_of_counts' END AS kind,
                    CASE WHEN \"case\" LIKE 'sr_shmi%' AND \"case\" NOT LIKE '%norounding' THEN round(denominator, 2)
                         ELSE denominator END AS size
                FROM input),
            found AS (
                SELECT \"case\", unnest(funnel_limits(list(\"group\"::VARCHAR), list(numerator), list(size),
                    any_value(kind)), recursive := true)
                FROM measured GROUP BY \"case\")
            SELECT e.*, f.*, e.\"case\" AS name, e.\"group\" AS what, d.phi AS want_phi, d.tau2 AS want_tau2,
                f.flag LIKE '%99.8%' AS beyond
            FROM found AS f JOIN expected AS e ON e.\"case\" = f.\"case\" AND e.\"group\"::VARCHAR = f.id
                JOIN dispersion AS d ON d.\"case\" = f.\"case\"";
        let names = tables.rows("SELECT DISTINCT \"case\" FROM input ORDER BY ALL");
        for name in names.iter().map(|row| text(row, "case")) {
            let mut check = Check::new(format!("SQL {CASE}, {name}"));
            let sql = format!("SELECT * FROM ({sql}) WHERE name = '{name}'");
            let spread = [("phi", "want_phi"), ("tau2", "want_tau2"), ("z", "Uzscore"), ("used_z", "Wuzscore")];
            tables.relative(&mut check, &sql, &spread, 1e-9);
            let usable = format!("SELECT * FROM ({sql}) WHERE limits_usable");
            let limits = [
                ("lower_95", "OD95LCL"),
                ("upper_95", "OD95UCL"),
                ("lower_998", "OD99LCL"),
                ("upper_998", "OD99UCL"),
                ("chance_lower_95", "LCL95"),
                ("chance_upper_95", "UCL95"),
                ("chance_lower_998", "LCL99"),
                ("chance_upper_998", "UCL99"),
            ];
            tables.relative(&mut check, &usable, &limits, 1e-9);
            for row in tables.rows(&usable) {
                check.exact(text(&row, "what"), flag(&row, "beyond"), flag(&row, "outlier"));
            }
            check.finish();
        }
    }
}

mod xmr {
    use super::*;

    const CASE: &str = "xmr-plot-the-dots";

    /// The charts of series with or without a target, beside what was expected.
    fn charts(target: bool) -> String {
        let (argument, which) = if target { ("any_value(target), ", "NOT NULL") } else { ("", "NULL") };
        format!(
            "WITH points AS (
                SELECT *, row_number() OVER series AS place,
                    lag(rebase_group, 1, rebase_group) OVER series <> rebase_group AS starts,
                    CASE WHEN \"case\" LIKE '%neutral%' THEN 'neutral' WHEN \"case\" LIKE '%increase%' THEN 'increase'
                         ELSE 'decrease' END AS direction
                FROM expected WHERE target IS {which} WINDOW series AS (PARTITION BY \"case\", org_code ORDER BY period)),
            found AS (
                SELECT \"case\", org_code, unnest(control_chart(list(value ORDER BY place), any_value(direction), {argument}
                    if(\"case\" LIKE '%fix12%', 12, 0), coalesce(list(place ORDER BY place) FILTER (starts), []),
                    \"case\" NOT LIKE '%noscreen%'), recursive := true)
                FROM points GROUP BY \"case\", org_code)
            SELECT p.*, p.\"case\" || ' ' || p.org_code || ' ' || p.period AS what, f.mean, f.lower, f.upper, f.side,
                f.outside, f.near, f.point = count(*) OVER (PARTITION BY p.\"case\", p.org_code) AS last,
                CASE f.signal WHEN 'common cause' THEN 'Common Cause' WHEN 'above the upper limit' THEN 'Above UCL'
                    WHEN 'below the lower limit' THEN 'Below LCL' WHEN 'rising' THEN '7 Point Trend (Increasing)'
                    WHEN 'falling' THEN '7 Point Trend (Decreasing)'
                    WHEN 'two in three near the upper limit' THEN '2 in 3 Above CL'
                    WHEN 'two in three near the lower limit' THEN '2 in 3 Below CL'
                    WHEN 'shift above the mean' THEN '7 Points Above CL' ELSE '7 Points Below CL' END AS got_signal,
                CASE f.variation WHEN 'common cause' THEN 'common_cause' WHEN 'high' THEN 'special_cause_neutral_high'
                    WHEN 'low' THEN 'special_cause_neutral_low' ELSE 'special_cause_' || f.variation END AS got_type,
                CASE f.assurance WHEN 'passes' THEN 'consistent_pass' WHEN 'fails' THEN 'consistent_fail'
                    WHEN 'hit and miss' THEN 'inconsistent' END AS got_assurance,
                i.point_type AS icon_type, i.assurance AS icon_assurance
            FROM found AS f JOIN points AS p ON p.\"case\" = f.\"case\" AND p.org_code = f.org_code AND p.place = f.point
                LEFT JOIN icons AS i ON i.\"case\" = p.\"case\" AND i.org_code = p.org_code"
        )
    }

    #[test]
    fn control_charts() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}"));
        for sql in [charts(false), charts(true)] {
            let limits = [("mean", "mean_col"), ("lower", "lpl"), ("upper", "upl")];
            tables.relative(&mut check, &sql, &limits, 1e-9);
            for row in tables.rows(&sql) {
                same(&mut check, &row, "side", "relative_to_mean");
                same(&mut check, &row, "outside", "outside_limits");
                same(&mut check, &row, "near", "close_to_limits");
                same(&mut check, &row, "got_signal", "special_cause_type");
                same(&mut check, &row, "got_type", "point_type");
                same(&mut check, &row, "got_assurance", "assurance");
                if flag(&row, "last") && !text(&row, "icon_type").is_empty() {
                    same(&mut check, &row, "got_type", "icon_type");
                    same(&mut check, &row, "got_assurance", "icon_assurance");
                }
            }
        }
        check.finish();
    }
}

mod confidence_sets {
    use super::*;

    /// A table of estimates in a case: a query with the columns id, est, se in order, and which way is better.
    struct Source {
        sql: String,
        higher: bool,
        unit: &'static str,
    }

    impl Source {
        fn pisa(subject: &str) -> Source {
            let sql = format!(
                "SELECT jurisdiction AS id, {subject}_score AS est, {subject}_se AS se FROM input
                 WHERE {subject}_score IS NOT NULL"
            );
            Source { sql, higher: true, unit: "jurisdiction" }
        }

        fn travel() -> Source {
            let sql = "SELECT Abbreviation AS id, Estimate_2dec AS est, SE_2dec AS se FROM input".to_owned();
            Source { sql, higher: false, unit: "abbr" }
        }

        fn call(&self, function: &str, rest: &str) -> String {
            let Source { sql, higher, .. } = self;
            format!(
                "SELECT unnest({function}(list(id), list(est), list(se), {higher}, {rest}), recursive := true)
                 FROM ({sql})"
            )
        }
    }

    struct Block<'a> {
        name: String,
        source: &'a Source,
        kind: String,
        level: String,
        /// Which rows of the expected tables are meant.
        filter: String,
        /// Draws and seed, or nothing for the default of 100,000 draws.
        options: &'static str,
    }

    /// Inside the stated bounds, and at 1,000,000 draws equal to the exact ones but for up to 2 in a block.
    fn compare(tables: &Tables, block: &Block) {
        let Block { name, source, kind, level, filter, options } = block;
        let (many, unit) = (!options.is_empty(), source.unit);
        let rest = format!("{level}, '{kind}'{options}");
        let mut ranks = Check::new(format!("SQL {name}, ranks and first critical values"));
        let mut exact = Check::new(format!("SQL {name}, bounds with 1,000,000 draws"));
        let sets = source.call("rank_confidence", &rest);
        let sql = format!(
            "SELECT e.*, e.{unit} AS what, f.rank AS got_rank, f.lower AS got_l, f.upper AS got_u
             FROM expected AS e JOIN ({sets}) AS f ON f.id = e.{unit} WHERE {filter}"
        );
        for row in tables.rows(&sql) {
            same(&mut ranks, &row, "got_rank", "rank");
            let [lower, upper] = ["got_l", "got_u"].map(|column| whole(&row, column));
            let within = |bound: usize, from: &str, to: &str| (whole(&row, from)..=whole(&row, to)).contains(&bound);
            ranks.exact(&format!("{} lower {lower}", text(&row, "what")), within(lower, "L_min", "L_max"), true);
            ranks.exact(&format!("{} upper {upper}", text(&row, "what")), within(upper, "U_min", "U_max"), true);
            exact.exact(text(&row, "what"), lower, whole(&row, "L"));
            exact.exact(text(&row, "what"), upper, whole(&row, "U"));
        }
        let steps = source.call("rank_steps", &rest);
        let sql = format!(
            "SELECT e.crit, f.critical_value, e.{unit} AS what FROM critical_values AS e
             JOIN ({steps}) AS f ON f.id IS NOT DISTINCT FROM e.{unit} AND f.step = e.step WHERE e.step = 1 AND {filter}"
        );
        for row in tables.rows(&sql) {
            let tolerance = if many { 0.005 } else { 0.012 };
            let got = number(&row, "critical_value");
            ranks.absolute(&format!("critical value {}", text(&row, "what")), got, number(&row, "crit"), tolerance);
        }
        ranks.finish();
        if many {
            exact.finish_allowing(2);
        }
    }

    fn pisa_blocks(options: &'static str) {
        let Some(tables) = Tables::of("csranks-pisa2018") else { return };
        let blocks = "SELECT DISTINCT subject, kind, coverage, stepdown FROM expected ORDER BY ALL";
        for row in tables.rows(blocks) {
            let [subject, kind, level] = ["subject", "kind", "coverage"].map(|column| text(&row, column).to_owned());
            let stepdown = flag(&row, "stepdown");
            let filter =
                format!("subject = '{subject}' AND kind = '{kind}' AND coverage = {level} AND stepdown = {stepdown}");
            let kind = if stepdown { kind } else { format!("{kind} single step") };
            let name = format!("csranks-pisa2018 {subject} {kind} {level}");
            compare(&tables, &Block { name, source: &Source::pisa(&subject), kind, level, filter, options });
        }
    }

    fn travel_blocks(options: &'static str) {
        let Some(tables) = Tables::of("mrsw-traveltime2011") else { return };
        for row in tables.rows("SELECT DISTINCT kind, coverage FROM expected ORDER BY ALL") {
            let [kind, level] = ["kind", "coverage"].map(|column| text(&row, column).to_owned());
            let filter = format!("kind = '{kind}' AND coverage = {level}");
            let name = format!("mrsw-traveltime2011 {kind} {level}");
            compare(&tables, &Block { name, source: &Source::travel(), kind, level, filter, options });
        }
    }

    #[test]
    fn pisa_2018() {
        pisa_blocks("");
    }

    #[test]
    fn travel_times() {
        travel_blocks("");
    }

    #[test]
    #[ignore = "ten seconds: a million draws a critical value"]
    fn with_a_million_draws() {
        pisa_blocks(", 1000000, 1");
        travel_blocks(", 1000000, 1");
    }

    #[test]
    fn a_diagonal_covariance_is_independence() {
        let Some(tables) = Tables::of("csranks-pisa2018") else { return };
        let mut check = Check::new("SQL csranks-pisa2018, full covariance");
        let source = Source::pisa("math").sql;
        for kind in ["simultaneous", "marginal"] {
            let sql = format!(
                "WITH units AS (SELECT * FROM ({source})),
                rows AS (
                    SELECT a.id, any_value(a.est) AS est,
                        list(if(a.id = b.id, a.se * a.se, 0) ORDER BY b.id) AS covariances
                    FROM units AS a, units AS b GROUP BY a.id),
                found AS (
                    SELECT unnest(rank_confidence_joint(list(id ORDER BY id), list(est ORDER BY id),
                        list(covariances ORDER BY id), true, 0.95, '{kind}'), recursive := true) FROM rows)
                SELECT e.*, e.jurisdiction AS what, f.lower BETWEEN e.L_min AND e.L_max AS fits_lower,
                    f.upper BETWEEN e.U_min AND e.U_max AS fits_upper
                FROM expected AS e JOIN found AS f ON f.id = e.jurisdiction
                WHERE subject = 'math' AND kind = '{kind}' AND coverage = 0.95 AND stepdown"
            );
            for row in tables.rows(&sql) {
                check.exact(text(&row, "what"), (flag(&row, "fits_lower"), flag(&row, "fits_upper")), (true, true));
            }
        }
        check.finish();
    }

    #[test]
    fn tau_best_and_worst() {
        let Some(tables) = Tables::of("csranks-pisa2018") else { return };
        let mut check = Check::new("SQL csranks-pisa2018, tau best and worst");
        let source = Source::pisa("math");
        let [best95, best90] = ["0.95, 5", "0.9, 5"].map(|rest| source.call("tau_best", rest));
        let worst95 = source.call("tau_worst", "0.95, 5");
        let sql = format!(
            "SELECT t.*, t.jurisdiction AS what, b95.lower AS l95, b90.lower AS l90, w95.upper AS u95,
                b95.member AS best95, b90.member AS best90, w95.member AS worst95
             FROM tau_sets AS t JOIN ({best95}) AS b95 ON b95.id = t.jurisdiction
                JOIN ({best90}) AS b90 ON b90.id = t.jurisdiction JOIN ({worst95}) AS w95 ON w95.id = t.jurisdiction"
        );
        for row in tables.rows(&sql) {
            for (got, expected) in [
                ("l95", "lower_L_95"),
                ("l90", "lower_L_90"),
                ("u95", "upper_U_95"),
                ("best95", "taubest5_95"),
                ("best90", "taubest5_90"),
                ("worst95", "tauworst5_95"),
            ] {
                same(&mut check, &row, got, expected);
            }
        }
        check.finish();
    }
}

mod tukey {
    use super::*;

    const CASE: &str = "icranks-tukey";

    #[test]
    fn critical_values() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, critical values"));
        let sql = "SELECT *, tukey_critical_value(p, 0.95) AS c95, tukey_critical_value(p, 0.9) AS c90
                   FROM studentized_range";
        for row in tables.rows(sql) {
            check.absolute(text(&row, "p"), number(&row, "c95"), number(&row, "crit_95_equal_se"), 1e-4);
            check.absolute(text(&row, "p"), number(&row, "c90"), number(&row, "crit_90_equal_se"), 1e-4);
        }
        check.finish();
    }

    #[test]
    fn ranges() {
        let Some(tables) = Tables::of(CASE) else { return };
        let blocks = "
            SELECT DISTINCT e.\"case\", method, alpha, equal FROM expected AS e JOIN
                (SELECT \"case\", count(DISTINCT sigma) = 1 AS equal FROM input GROUP BY ALL) USING (\"case\")
            WHERE method LIKE '%Tukey%' ORDER BY ALL";
        for block in tables.rows(blocks) {
            let [name, method, alpha] = ["case", "method", "alpha"].map(|column| text(&block, column).to_owned());
            let mut check = Check::new(format!("SQL {CASE} {name} {method} {alpha}"));
            // The travel times were simulated with 20,000 draws: a step of slack.
            let slack = if name == "traveltime2011" { 1.0 } else { 0.5 };
            for (higher, lower, upper) in [(false, "L_asc", "U_asc"), (true, "L_desc", "U_desc")] {
                let call = match (method.as_str(), flag(&block, "equal")) {
                    ("SeqTukey", _) => "rank_confidence(ids, y, s, HIGHER, level, 'simultaneous', 400000, 1)",
                    (_, true) => "tukey_ranks(ids, y, s[1], HIGHER, level)",
                    _ => "rank_confidence(ids, y, s, HIGHER, level, 'simultaneous single step', 400000, 1)",
                };
                let sql = format!(
                    "WITH found AS (
                        SELECT unnest({}, recursive := true) FROM (
                            SELECT list(unit::VARCHAR) AS ids, list(y) AS y, list(sigma) AS s, 1 - {alpha} AS level
                            FROM input WHERE \"case\" = '{name}'))
                    SELECT e.*, e.unit AS what, f.lower, f.upper FROM expected AS e JOIN found AS f
                        ON f.id = e.unit::VARCHAR
                    WHERE \"case\" = '{name}' AND method = '{method}' AND alpha = {alpha}",
                    call.replace("HIGHER", &higher.to_string())
                );
                for row in tables.rows(&sql) {
                    check.absolute(text(&row, "what"), number(&row, "lower"), number(&row, lower), slack);
                    check.absolute(text(&row, "what"), number(&row, "upper"), number(&row, upper), slack);
                }
            }
            check.finish();
        }
    }
}

mod joint_regions {
    use super::*;

    const CASE: &str = "kww-traveltime2011";

    #[test]
    fn travel_times() {
        let Some(tables) = Tables::of(CASE) else { return };
        for case in tables.rows("SELECT DISTINCT \"case\", alpha, crit FROM expected ORDER BY ALL") {
            let [name, alpha] = ["case", "alpha"].map(|column| text(&case, column).to_owned());
            let mut check = Check::new(format!("SQL {CASE} {name}"));
            // A margin of error is a 90% interval.
            let (x, s) = match name.contains("1dec") {
                true => ("Estimate_1dec", "MOE_1dec / 1.6448536269514722"),
                false => ("Estimate_2dec", "SE_2dec"),
            };
            let adjustment = if text(&case, "crit") == "bonf" { "'bonferroni'" } else { "'independence'" };
            let decimals = if name == "published_1dec_rounded" { ", 1" } else { "" };
            let sql = format!(
                "WITH found AS (
                    SELECT unnest(rank_region(list(Abbreviation), list({x}), list({s}), false, 1 - {alpha},
                        {adjustment}{decimals}), recursive := true) FROM input)
                SELECT e.*, e.abbr AS what, f.* FROM expected AS e JOIN found AS f ON f.id = e.abbr
                WHERE e.\"case\" = '{name}'"
            );
            for row in tables.rows(&sql) {
                let what = text(&row, "what");
                check.absolute(what, number(&row, "multiplier"), number(&row, "z"), 1e-6);
                check.absolute(what, number(&row, "interval_lower"), number(&row, "ci_lo"), 1e-9);
                check.absolute(what, number(&row, "interval_upper"), number(&row, "ci_hi"), 1e-9);
                same(&mut check, &row, "lower", "L");
                same(&mut check, &row, "upper", "U");
            }
            check.finish();
        }
    }

    #[test]
    fn goldstein_healy() {
        let Some(tables) = Tables::of(CASE) else { return };
        let mut check = Check::new(format!("SQL {CASE}, Goldstein-Healy"));
        let sql = "SELECT *, goldstein_healy_level(errors, pairwise_target_level) AS got
                   FROM goldstein_healy, (SELECT list(SE_2dec) AS errors FROM input)";
        for row in tables.rows(sql) {
            check.absolute("level", number(&row, "got"), number(&row, "individual_interval_level"), 1e-9);
        }
        check.finish();
    }
}

mod rank_laws {
    use super::*;

    const CASE: &str = "exact-rank-distribution";

    /// Laws beside what was expected: `laws` and `masses` are queries for rank_distribution and rank_probabilities.
    pub(super) fn compare(check: &mut Check, rows: &[Row], tolerance: f64) {
        for row in rows {
            let what = text(row, "what");
            same(check, row, "got_point_rank", "point_rank");
            for column in ["expected_rank", "sd_rank", "p_top", "p_bottom", "p_rank1", "p_rank_last"] {
                let got = number(row, &format!("got_{column}"));
                check.absolute(&format!("{what} {column}"), got, number(row, column), tolerance);
            }
            // A quantile hangs on the comparison of a probability with a level, and the file says how close that was.
            if number(row, "min_cdf_gap") > tolerance {
                ["q025", "q50", "q975"].iter().for_each(|column| same(check, row, &format!("got_{column}"), column));
            }
        }
    }

    /// What `rank_distribution` (or another function of its shape) says of a case beside `expected`, the rank of the
    /// estimate being `rank()` and the chances of the first and last places from a call for one place at each end.
    pub(super) fn laws(expected: &str, input: &str, call: &str, higher: bool, filter: &str) -> String {
        let order = if higher { "DESC" } else { "ASC" };
        let ends = call.replace("TOP", "1").replace("BOTTOM", "1");
        let quarters = call.replace("TOP", "any_value(top_tau)").replace("BOTTOM", "any_value(bottom_tau)");
        format!(
            "WITH units AS (SELECT * FROM ({input})),
            found AS (SELECT unnest({quarters}, recursive := true) FROM units),
            ends AS (SELECT unnest({ends}, recursive := true) FROM units)
            SELECT e.*, e.unit AS what, p.place AS got_point_rank, f.expected_rank AS got_expected_rank,
                f.sd_rank AS got_sd_rank, f.q025 AS got_q025, f.q50 AS got_q50, f.q975 AS got_q975, f.p_top AS got_p_top,
                f.p_bottom AS got_p_bottom, ends.p_top AS got_p_rank1, ends.p_bottom AS got_p_rank_last
            FROM (SELECT * FROM {expected} WHERE {filter}) AS e
                JOIN found AS f ON f.id = e.unit::VARCHAR JOIN ends ON ends.id = f.id
                JOIN (SELECT unit::VARCHAR AS unit, rank() OVER (ORDER BY est {order}) AS place FROM units) AS p
                    ON p.unit = f.id"
        )
    }

    #[test]
    fn exact_distribution() {
        let Some(tables) = Tables::of(CASE) else { return };
        for row in tables.rows("SELECT DISTINCT \"case\", higher_is_better AS higher FROM input ORDER BY ALL") {
            let (name, higher) = (text(&row, "case"), flag(&row, "higher"));
            let mut check = Check::new(format!("SQL {CASE} {name}"));
            let input = format!("SELECT * FROM input WHERE \"case\" = '{name}'");
            let call = format!("rank_distribution(list(unit::VARCHAR), list(est), list(se), {higher}, TOP, BOTTOM)");
            let filter = format!("\"case\" = '{name}'");
            compare(&mut check, &tables.rows(&laws("expected", &input, &call, higher, &filter)), 1e-8);
            if tables.0.count(&format!("pmf_{name}")).is_ok() {
                masses(&tables, &mut check, name, higher);
            }
            volatility(&tables, &mut check, name, higher);
            check.finish();
        }
    }

    fn masses(tables: &Tables, check: &mut Check, name: &str, higher: bool) {
        let sql = format!(
            "WITH found AS (
                SELECT unnest(rank_probabilities(list(unit), list(est), list(se), {higher}), recursive := true)
                FROM input WHERE \"case\" = '{name}')
            SELECT m.unit AS what, m.mass, f.probability
            FROM (UNPIVOT pmf_{name} ON COLUMNS(* EXCLUDE unit) INTO NAME place VALUE mass) AS m
                JOIN found AS f ON f.id = m.unit AND 'r' || f.rank = m.place"
        );
        for row in tables.rows(&sql) {
            check.absolute(text(&row, "what"), number(&row, "probability"), number(&row, "mass"), 1e-8);
        }
    }

    fn volatility(tables: &Tables, check: &mut Check, name: &str, higher: bool) {
        let sql = format!(
            "WITH units AS (
                SELECT list(unit::VARCHAR) AS ids, list(est) AS x, list(se) AS s FROM input WHERE \"case\" = '{name}'),
            moves AS (SELECT unnest(rank_volatility(ids, x, s, {higher}, 4), recursive := true) FROM units),
            masses AS (SELECT unnest(rank_probabilities(ids, x, s, {higher}), recursive := true) FROM units),
            quarters AS (
                SELECT id, floor(4 * (rank - 1) / (SELECT len(ids) FROM units)) + 1 AS quarter, probability FROM masses),
            sums AS (
                SELECT id, coalesce(sum(probability) FILTER (quarter = 1), 0) AS q1,
                    coalesce(sum(probability) FILTER (quarter = 2), 0) AS q2,
                    coalesce(sum(probability) FILTER (quarter = 3), 0) AS q3,
                    coalesce(sum(probability) FILTER (quarter = 4), 0) AS q4
                FROM quarters GROUP BY id)
            SELECT v.*, v.unit AS what, m.*, s.* FROM null_volatility AS v JOIN moves AS m ON m.id = v.unit::VARCHAR
                JOIN sums AS s ON s.id = m.id WHERE v.\"case\" = '{name}'"
        );
        for row in tables.rows(&sql) {
            for (got, expected) in [
                ("expected_change", "exp_abs_rank_change_null"),
                ("p_rank_changes", "p_rank_changes_null"),
                ("p_group_changes", "p_quartile_changes_null"),
                ("q1", "p_q1"),
                ("q2", "p_q2"),
                ("q3", "p_q3"),
                ("q4", "p_q4"),
            ] {
                let what = format!("{} {expected}", text(&row, "what"));
                check.absolute(&what, number(&row, got), number(&row, expected), 1e-8);
            }
        }
    }
}

mod empirical_bayes {
    use super::*;

    const CASE: &str = "empirical-bayes";

    #[test]
    fn fits() {
        let Some(tables) = Tables::of(CASE) else { return };
        for row in tables.rows("SELECT DISTINCT \"case\", method FROM expected ORDER BY ALL") {
            let (name, method) = (text(&row, "case"), text(&row, "method"));
            let mut check = Check::new(format!("SQL {CASE} {name} {method}"));
            let sql = format!(
                "SELECT e.*, e.\"case\" AS what, fit.mu AS got_mu, fit.se_mu AS got_se_mu, fit.tau2 AS got_tau2,
                    fit.q AS got_q, fit.i2 AS got_i2, fit.h2 AS got_h2, fit.rankability AS got_rankability,
                    fit.mean_reliability AS got_reliability, fit.support = 'none' AS none
                 FROM expected AS e, (SELECT empirical_bayes_fit(list(est), list(se), '{method}') AS fit FROM input
                    WHERE \"case\" = '{name}') WHERE e.\"case\" = '{name}' AND method = '{method}'"
            );
            if method == "PM" {
                // The reference's root is R's `uniroot` at its default tolerance, 1.2e-4 on tau^2, and no better.
                for row in tables.rows(&sql) {
                    check.absolute("tau2", number(&row, "got_tau2"), number(&row, "tau2"), 1.3e-4);
                    check.absolute("mu", number(&row, "got_mu"), number(&row, "mu"), 1e-5);
                }
                check.finish();
                continue;
            }
            let pairs = [
                ("got_mu", "mu"),
                ("got_se_mu", "se_mu"),
                ("got_tau2", "tau2"),
                ("got_q", "Q"),
                ("got_i2", "I2"),
                ("got_h2", "H2"),
                ("got_rankability", "rankability_median"),
                ("got_reliability", "mean_reliability"),
            ];
            let tolerance = if matches!(method, "DL" | "HE") { 1e-9 } else { 1e-6 };
            tables.relative(&mut check, &sql, &pairs, tolerance);
            for row in tables.rows(&sql) {
                check.exact("support", flag(&row, "none"), number(&row, "tau2") == 0.0);
            }
            posteriors(&tables, &mut check, name, method);
            check.finish();
        }
    }

    /// Through the function of fixed shape and the one with all the details.
    fn posteriors(tables: &Tables, check: &mut Check, name: &str, method: &str) {
        let lists = "list(unit::VARCHAR), list(est), list(se)";
        let sql = format!(
            "WITH units AS (SELECT * FROM input WHERE \"case\" = '{name}'),
            main AS (SELECT unnest(empirical_bayes({lists}, '{method}'), recursive := true) FROM units),
            detail AS (SELECT unnest(empirical_bayes_units({lists}, '{method}'), recursive := true) FROM units)
            SELECT p.*, p.unit AS what, d.shrinkage, d.posterior_sd_with_mu, m.posterior_mean, m.posterior_sd,
                m.mu AS got_mu, m.tau2 AS got_tau2
            FROM posterior AS p JOIN main AS m ON m.id = p.unit::VARCHAR JOIN detail AS d ON d.id = m.id
            WHERE p.\"case\" = '{name}' AND p.method = '{method}'"
        );
        let pairs = [
            ("shrinkage", "B"),
            ("posterior_mean", "post_mean"),
            ("posterior_sd", "post_sd_known_hyper"),
            ("posterior_sd_with_mu", "metafor_blup_se"),
            ("got_mu", "mu"),
            ("got_tau2", "tau2"),
        ];
        tables.relative(check, &sql, &pairs, 1e-6);
    }

    #[test]
    fn posterior_ranks() {
        let Some(tables) = Tables::of(CASE) else { return };
        let cases = "SELECT \"case\", any_value(top_tau) AS top_tau, any_value(bottom_tau) AS bottom_tau
                     FROM posterior_ranks GROUP BY \"case\" ORDER BY ALL";
        for row in tables.rows(cases) {
            let label = text(&row, "case");
            let mut check = Check::new(format!("SQL {CASE} ranks {label}"));
            let posterior = label.ends_with("_EB_REML");
            let name = label.trim_end_matches("_EB_REML").trim_end_matches("_raw");
            let higher = !matches!(name, "medpar_log_sr" | "traveltime2011");
            let lists = "list(unit::VARCHAR), list(est), list(se)";
            let call = match posterior {
                true => format!("posterior_ranks({lists}, {higher}, TOP, BOTTOM, 'REML')"),
                false => format!("rank_distribution({lists}, {higher}, TOP, BOTTOM)"),
            };
            let [top, bottom] = ["top_tau", "bottom_tau"].map(|column| text(&row, column));
            let input =
                format!("SELECT *, {top} AS top_tau, {bottom} AS bottom_tau FROM input WHERE \"case\" = '{name}'");
            // The rank of the estimate itself is that of the posterior mean where that is what is ranked.
            let units = match posterior {
                true => format!(
                    "SELECT i.unit, m.posterior_mean AS place_by, i.est, i.se, top_tau, bottom_tau FROM ({input}) AS i
                     JOIN (SELECT unnest(empirical_bayes({lists}, 'REML'), recursive := true) FROM ({input})) AS m
                        ON m.id = i.unit::VARCHAR"
                ),
                false => format!("SELECT *, est AS place_by FROM ({input})"),
            };
            let filter = format!("\"case\" = '{label}'");
            let sql = rank_laws::laws("posterior_ranks", &units, &call, higher, &filter)
                .replace("ORDER BY est ", "ORDER BY place_by ");
            // The reference rests on a tau^2 good to 1e-6, which moves ranks by a little more than their own 1e-8.
            rank_laws::compare(&mut check, &tables.rows(&sql), if posterior { 1e-6 } else { 1e-8 });
            check.finish();
        }
    }
}

mod program_itself {
    use super::*;

    /// What `candour sql` prints for a query on one file, as rows.
    fn sql(query: &str, file: &std::path::Path) -> Vec<Row> {
        let table = format!("t={}", file.display());
        let output = program(&["sql", query, "--table", &table, "--format", "csv"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        csv::Reader::from_reader(&output.stdout[..]).deserialize().map(Result::unwrap).collect()
    }

    #[test]
    fn rank_confidence_on_a_file() {
        let Some(folder) = case("mrsw-traveltime2011") else { return };
        let mut check = Check::new("candour sql mrsw-traveltime2011");
        let query = "SELECT unnest(rank_confidence(list(Abbreviation), list(Estimate_2dec), list(SE_2dec), false, 0.95,
                         'simultaneous'), recursive := true) FROM t";
        let found = sql(query, &folder.join("input.csv"));
        let expected =
            sql("SELECT * FROM t WHERE kind = 'simultaneous' AND coverage = 0.95", &folder.join("expected.csv"));
        for row in &expected {
            let what = text(row, "abbr");
            let got = found.iter().find(|got| text(got, "id") == what).unwrap_or_else(|| panic!("no row for {what}"));
            check.exact(what, text(got, "rank"), text(row, "rank"));
            for (bound, from, to) in [("lower", "L_min", "L_max"), ("upper", "U_min", "U_max")] {
                check.exact(what, (whole(row, from)..=whole(row, to)).contains(&whole(got, bound)), true);
            }
        }
        check.finish();
    }

    #[test]
    fn intervals_on_a_file() {
        let Some(folder) = case("phe-intervals") else { return };
        let mut check = Check::new("candour sql phe-intervals, Wilson");
        let query = "SELECT t.*, unnest(wilson_interval(x, n, 0.998)) FROM t";
        for row in sql(query, &folder.join("expected_wilson.csv")) {
            check.relative(text(&row, "x"), number(&row, "lower"), number(&row, "lower99_8cl"), 1e-9);
            check.relative(text(&row, "x"), number(&row, "upper"), number(&row, "upper99_8cl"), 1e-9);
        }
        check.finish();
    }
}
