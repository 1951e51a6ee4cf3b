use super::{Catalogue, HazardKind, Known};
use crate::duck::Session;

/// Two tables: `t` with one row for each a and b, `u` with one row for each a; and a table of one row.
fn catalogue() -> Catalogue {
    let known = |columns: &[(&str, &str)], keys: &[&[&str]]| Known {
        columns: columns.iter().map(|(name, kind)| ((*name).to_string(), (*kind).to_string())).collect(),
        keys: keys.iter().map(|key| key.iter().map(|name| (*name).to_string()).collect()).collect(),
    };
    let t = [("a", "VARCHAR"), ("b", "BIGINT"), ("x", "DOUBLE"), ("n", "BIGINT"), ("d", "DECIMAL(9,2)")];
    let u = [("a", "VARCHAR"), ("place", "BIGINT"), ("y", "DOUBLE")];
    Catalogue::from([
        ("t".to_string(), known(&t, &[&["a", "b"]])),
        ("u".to_string(), known(&u, &[&["a"], &["place"]])),
        ("parameters".to_string(), known(&[("level", "DOUBLE"), ("year", "VARCHAR")], &[&[]])),
    ])
}

fn kinds(sql: &str, grain: &[&str]) -> Vec<HazardKind> {
    let grain: Vec<String> = grain.iter().map(|name| (*name).to_string()).collect();
    let keys: Vec<Vec<String>> = Some(grain).into_iter().filter(|grain| !grain.is_empty()).collect();
    let found = Session::open().unwrap().hazards(sql, &catalogue(), &keys).unwrap_or_else(|error| panic!("{error:?}"));
    found.into_iter().map(|hazard| hazard.kind).collect()
}

/// Each of the first has one hazard of the kind, each of the others none at all.
#[track_caller]
fn tells(kind: HazardKind, open: &[&str], closed: &[&str]) {
    for sql in open {
        assert_eq!(kinds(sql, &[]), [kind], "{sql}");
    }
    for sql in closed {
        assert_eq!(kinds(sql, &[]), [], "{sql}");
    }
}

#[test]
fn a_limit_needs_a_total_order() {
    tells(
        HazardKind::Limit,
        &[
            "SELECT * FROM t LIMIT 3",
            "SELECT * FROM t ORDER BY a LIMIT 3",
            "SELECT * FROM t JOIN u USING (a) ORDER BY a LIMIT 3",
            "SELECT a, (SELECT x FROM t AS s WHERE s.a = u.a LIMIT 1) AS x FROM u",
        ],
        &[
            "SELECT * FROM t ORDER BY a, b LIMIT 3",
            "SELECT b, a AS c FROM t ORDER BY c, 1 LIMIT 3",
            "SELECT * FROM t ORDER BY ALL LIMIT 3",
            "SELECT a FROM t ORDER BY a LIMIT 3",
            "SELECT * FROM t WHERE a = 'k' ORDER BY b LIMIT 3",
            "SELECT * FROM u ORDER BY place LIMIT 3",
            "SELECT a, sum(n) AS n FROM t GROUP BY a ORDER BY sum(n), a LIMIT 3",
            "SELECT t.* FROM t JOIN u ON u.a = t.a ORDER BY place, b LIMIT 3",
            "SELECT * FROM parameters LIMIT 1",
            "SELECT a, (SELECT x FROM t AS s WHERE s.a = u.a ORDER BY s.b LIMIT 1) AS x FROM u",
        ],
    );
}

#[test]
fn the_order_of_the_result_should_be_total() {
    assert_eq!(kinds("SELECT * FROM t ORDER BY a", &["a", "b"]), [HazardKind::Order]);
    assert_eq!(kinds("SELECT * FROM t ORDER BY x, b, a", &["a", "b"]), []);
    // The grain is a key of the result, even where the query does not show it.
    assert_eq!(kinds("SELECT a || 'k' AS k, x FROM t ORDER BY k", &["k"]), []);
    assert_eq!(kinds("SELECT * FROM t", &["a", "b"]), []);
}

#[test]
fn distinct_on_needs_an_order_that_settles_the_rest() {
    tells(
        HazardKind::DistinctOn,
        &["SELECT DISTINCT ON (a) a, x FROM t", "SELECT DISTINCT ON (a) a, x FROM t ORDER BY a, n"],
        &[
            "SELECT DISTINCT ON (a) a, x FROM t ORDER BY a, b",
            "SELECT DISTINCT ON (a) a FROM t",
            "SELECT DISTINCT a FROM t",
        ],
    );
}

#[test]
fn window_functions_that_count_rows_need_a_total_order() {
    tells(
        HazardKind::Window,
        &[
            "SELECT row_number() OVER () AS r FROM t",
            "SELECT row_number() OVER (PARTITION BY a ORDER BY n) AS r FROM t",
            "SELECT lag(x) OVER (ORDER BY a) AS r FROM t",
            "SELECT first_value(x) OVER (PARTITION BY a ORDER BY n) AS r FROM t",
            "SELECT sum(n) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING) AS r FROM t",
            "SELECT a, x FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY n) < 3",
            "SELECT a, x FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY n) = 1",
            "SELECT a, x FROM (SELECT *, row_number() OVER (PARTITION BY a ORDER BY n) AS r FROM t) WHERE r = 1",
            "SELECT ntile(4) OVER (ORDER BY x) AS r FROM t",
        ],
        &[
            "SELECT row_number() OVER (PARTITION BY a ORDER BY n, b) AS r FROM t",
            "SELECT row_number() OVER named AS r FROM t WINDOW named AS (PARTITION BY b ORDER BY a)",
            "SELECT lag(x) OVER (PARTITION BY a ORDER BY b) AS r FROM t",
            "SELECT first_value(n) OVER (PARTITION BY a ORDER BY n) AS r FROM t",
            "SELECT rank() OVER (ORDER BY n) AS r, dense_rank() OVER (ORDER BY n) AS s FROM t",
            "SELECT sum(n) OVER (ORDER BY a) AS r, count(*) OVER (PARTITION BY a) AS s FROM t",
            "WITH one AS (SELECT * FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1) SELECT row_number() OVER (ORDER BY a) AS r FROM one",
            "WITH g AS (SELECT a, count(*) AS k FROM t GROUP BY ALL) SELECT row_number() OVER (ORDER BY k, a) AS r FROM g",
            "SELECT row_number() OVER (ORDER BY t.a, t.b) AS r FROM t LEFT JOIN u ON u.a = t.a CROSS JOIN parameters",
        ],
    );
}

#[test]
fn the_grain_of_the_result_says_nothing_of_the_rows_before_a_filter() {
    let sql = "SELECT a, x FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY n) = 1";
    assert_eq!(kinds(sql, &["a"]), [HazardKind::Window]);
    assert_eq!(kinds("SELECT DISTINCT ON (a) a, x FROM t ORDER BY a, n", &["a"]), [HazardKind::DistinctOn]);
}

#[test]
fn lists_and_texts_need_an_order() {
    tells(
        HazardKind::List,
        &[
            "SELECT list(x) AS l FROM t",
            "SELECT a, string_agg(CAST(n AS VARCHAR), ',') AS l FROM t GROUP BY a",
            "SELECT a, array_agg(x ORDER BY n) AS l FROM t GROUP BY a",
            "SELECT group_concat(a) AS l FROM u",
        ],
        &[
            "SELECT a, list(x ORDER BY b) AS l FROM t GROUP BY a",
            "SELECT list(n ORDER BY n) AS l FROM t",
            "SELECT list_sort(list(x)) AS l FROM t",
            "SELECT a, b, list(x) AS l FROM t GROUP BY a, b",
            "SELECT list(posterior.q50 ORDER BY posterior.id) AS l FROM (SELECT unnest(rank_distribution(list(a ORDER BY a), list(y ORDER BY a), list(y ORDER BY a), true, 1, 1)) AS posterior FROM u)",
        ],
    );
}

#[test]
fn the_first_of_several_values_needs_an_order() {
    tells(
        HazardKind::First,
        &["SELECT a, first(x) AS x FROM t GROUP BY a", "SELECT a, any_value(n) AS n FROM t GROUP BY a"],
        &[
            "SELECT a, first(x ORDER BY b) AS x FROM t GROUP BY a",
            "SELECT a, any_value(place) AS p FROM t JOIN u USING (a) GROUP BY a",
            "SELECT a, min(n) AS n FROM t GROUP BY a",
        ],
    );
}

#[test]
fn the_value_that_goes_with_the_greatest_needs_a_break_of_ties() {
    tells(
        HazardKind::Ties,
        &[
            "SELECT a, arg_max(b, n) AS b FROM t GROUP BY a",
            "SELECT min_by(a, place // 2) AS a FROM u",
            "SELECT mode(n) AS n FROM t",
        ],
        &[
            "SELECT a, arg_max(b, (n, b)) AS b FROM t GROUP BY a",
            "SELECT a, arg_min(x, (-n, -b)) AS x FROM t GROUP BY a",
            "SELECT arg_max(a, place) AS a FROM u",
        ],
    );
}

#[test]
fn a_floating_sum_matters_where_its_last_digit_decides() {
    tells(
        HazardKind::Float,
        &[
            "SELECT a, round(sum(x), 2) AS s FROM t GROUP BY a",
            "SELECT a, CAST(avg(x) AS DECIMAL(9, 2)) AS s FROM t GROUP BY a",
            "WITH s AS (SELECT a, avg(x) AS m FROM t GROUP BY a) SELECT rank() OVER (ORDER BY m) AS r FROM s",
            "WITH s AS (SELECT a, avg(x) AS m FROM t GROUP BY a) SELECT a FROM s WHERE m / 2 = 1",
            "SELECT floor(avg(x) OVER (PARTITION BY a)) AS s FROM t",
        ],
        &[
            "SELECT a, sum(x) AS s, stddev_samp(x) AS d, corr(x, n) AS r FROM t GROUP BY a",
            "SELECT a, round(sum(x ORDER BY b), 2) AS s FROM t GROUP BY a",
            "SELECT a, round(sum(d), 1) AS s, round(sum(CAST(x AS DECIMAL(18, 6))), 2) AS e FROM t GROUP BY a",
            "SELECT a, round(avg(n), 1) AS s, round(max(x), 1) AS m FROM t GROUP BY a",
            "SELECT a, b, round(sum(x), 1) AS s FROM t GROUP BY a, b",
            "SELECT a FROM t GROUP BY a HAVING avg(x) > 1",
        ],
    );
}

#[test]
fn hashes_approximations_and_positions_are_named() {
    tells(HazardKind::Hash, &["SELECT hash(a) AS h FROM u"], &["SELECT md5(a) AS h FROM u"]);
    tells(
        HazardKind::Approximate,
        &["SELECT approx_quantile(x, 0.5) AS m FROM t"],
        &["SELECT quantile_cont(x, 0.5) AS m, median(x) AS n FROM t"],
    );
    tells(HazardKind::Positional, &["SELECT t.a FROM t POSITIONAL JOIN u"], &["SELECT t.a FROM t JOIN u USING (a)"]);
}

#[test]
fn a_query_of_any_depth_and_shape_comes_to_an_end() {
    let mut chain = "WITH c0 AS (SELECT * FROM t)".to_string();
    for at in 1..200 {
        chain.push_str(&format!(", c{at} AS (SELECT l.* FROM c{} AS l JOIN c{} AS r USING (a, b))", at - 1, at - 1));
    }
    kinds(&format!("{chain} SELECT a FROM c199 LIMIT 1"), &[]);
    for sql in [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r ORDER BY n LIMIT 1",
        "PIVOT t ON b USING sum(n)",
        "SELECT COLUMNS(*) FROM t",
        "FROM t SELECT * REPLACE (n + 1 AS n) ORDER BY 99",
        "SELECT a FROM t GROUP BY ROLLUP (a, b)",
        "VALUES (1), (2)",
        "SELECT 1",
    ] {
        kinds(sql, &["a"]);
    }
}

#[test]
fn a_place_is_that_of_the_function() {
    let sql = "SELECT a, first(x) AS x FROM t GROUP BY a";
    let found = Session::open().unwrap().hazards(sql, &catalogue(), &[]).unwrap();
    assert_eq!(&sql[found[0].place.0..found[0].place.0 + found[0].place.1], "first(x)");
}
