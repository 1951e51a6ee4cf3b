use super::*;
use crate::duck::{Session, literal};

/// The origins of a query's columns, where `t` has `a`, `b`, `k`, and `u` has `k`, `c`.
fn origins(sql: &str, outputs: &[&str]) -> Origins {
    let columns_of = |table: &str| {
        let names: &[&str] = match table {
            "t" => &["a", "b", "k"],
            "u" => &["k", "c"],
            _ => return None,
        };
        Some(names.iter().map(|name| (*name).to_string()).collect())
    };
    let outputs: Vec<String> = outputs.iter().map(|name| (*name).to_string()).collect();
    Session::open().unwrap().origins(sql, &outputs, &columns_of).unwrap()
}

fn shown(origins: &Origins, bases: &BTreeSet<Base>) -> String {
    let names: Vec<String> =
        bases.iter().map(|(at, column)| format!("{}{at}.{column}", origins.instances[*at])).collect();
    names.join(" ")
}

/// `how: values | equal` of each column.
#[track_caller]
fn expect(sql: &str, wanted: &[(&str, &str)]) {
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let found = origins(sql, &names);
    assert_eq!(found.unknown, [""; 0], "{sql}");
    for (column, (name, words)) in found.columns.iter().zip(wanted) {
        let seen = format!("{:?}: {} | {}", column.how, shown(&found, &column.values), shown(&found, &column.equal));
        assert_eq!(seen, *words, "{name} of {sql}");
    }
}

#[test]
fn names_are_followed_through_named_queries_aliases_and_stars() {
    expect(
        "SELECT a AS x, t.b, 'w' AS w FROM t",
        &[("x", "Copied: t0.a | t0.a"), ("b", "Copied: t0.b | t0.b"), ("w", "Constant:  | ")],
    );
    expect(
        "WITH q(x, y) AS (SELECT a, a + b FROM t) SELECT *, y * 2 AS z, z + 1 AS more FROM q AS r",
        &[
            ("x", "Copied: t1.a | t1.a"),
            ("y", "Computed: t1.a t1.b | "),
            ("z", "Computed: t1.a t1.b | "),
            ("more", "Computed: t1.a t1.b | "),
        ],
    );
    expect(
        "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b), COLUMNS('^a') FROM t",
        &[("b", "Computed: t0.b | "), ("k", "Copied: t0.k | t0.k"), ("a", "Copied: t0.a | t0.a")],
    );
    expect("SELECT X.A FROM (SELECT R.* FROM t AS r) AS x", &[("a", "Copied: t0.a | t0.a")][..0]);
}

#[test]
fn a_table_read_twice_is_two_instances() {
    expect(
        "WITH q AS (SELECT * FROM t) SELECT p.a AS one, q.a AS two FROM q JOIN q AS p ON p.k = q.b",
        &[("one", "Copied: t2.a | t2.a"), ("two", "Copied: t1.a | t1.a")],
    );
}

#[test]
fn a_function_that_picks_a_value_may_have_taken_it_over() {
    let options = |sql: &str| {
        let found = origins(sql, &["x"]);
        shown(&found, &found.columns[0].options)
    };
    for picked in [
        "max(a)",
        "min(a) FILTER (b = 1)",
        "arg_max(a, b)",
        "any_value(a)",
        "max(CASE WHEN b = 1 THEN a END)",
        "coalesce(max(a), 0)",
        "CAST(max(a) AS DOUBLE)",
    ] {
        assert_eq!(options(&format!("SELECT {picked} AS x FROM t")), "t0.a", "{picked}");
    }
    assert_eq!(options("SELECT greatest(a, b) AS x FROM t"), "t0.a t0.b");
    for made in ["sum(a)", "avg(a)", "count(a)", "max(a + b)", "max(a) + 1", "arg_max(a + 1, b)", "list(a)"] {
        assert_eq!(options(&format!("SELECT {made} AS x FROM t")), "", "{made}");
    }
}

#[test]
fn joins_unions_and_choices() {
    expect(
        "SELECT k, a, c FROM t LEFT JOIN u USING (k)",
        &[("k", "Copied: t0.k | t0.k"), ("a", "Copied: t0.a | t0.a"), ("c", "Copied: u1.c | u1.c")],
    );
    expect("SELECT * FROM t FULL JOIN u USING (k)", &[("k", "Copied: t0.k u1.k | t0.k u1.k")]);
    expect("SELECT a AS x FROM t UNION ALL SELECT c FROM u", &[("x", "Copied: t0.a u1.c | t0.a u1.c")]);
    expect(
        "SELECT a, b FROM t UNION ALL BY NAME SELECT c AS b, k AS a FROM u",
        &[("a", "Copied: t0.a u1.k | t0.a u1.k"), ("b", "Copied: t0.b u1.c | t0.b u1.c")],
    );
    expect(
        "SELECT coalesce(a, c) AS x, CASE WHEN b > 0 THEN a END AS y, CASE WHEN b > 0 THEN 1 END AS z FROM t JOIN u USING (k)",
        &[("x", "Copied: t0.a u1.c | "), ("y", "Copied: t0.a | "), ("z", "Computed: t0.b | ")],
    );
    expect("SELECT a FROM t EXCEPT SELECT c FROM u", &[("a", "Copied: t0.a | t0.a")]);
    expect("SELECT a FROM t SEMI JOIN u ON u.c = t.b", &[("a", "Copied: t0.a | t0.a")]);
}

#[test]
fn functions_windows_and_tables_made_by_functions() {
    expect(
        "SELECT k, sum(a) FILTER (b > 0) AS s FROM t GROUP BY k",
        &[("k", "Copied: t0.k | t0.k"), ("s", "Computed: t0.a | ")],
    );
    let sql = "SELECT rank() OVER (PARTITION BY k ORDER BY a) AS r, count(b) OVER () AS n FROM t";
    expect(sql, &[("r", "Computed: t0.a | "), ("n", "Computed: t0.b | ")]);
    let wide = &origins(sql, &["r"]).columns[0].wide;
    assert_eq!(*wide, BTreeMap::from([((0, "a".to_string()), BTreeSet::from([(0, "k".to_string())]))]));
    expect(
        "WITH q AS (SELECT list(a) AS l, list(k) AS m FROM t), w AS (SELECT unnest(f(l, m), recursive := true) FROM q) SELECT *, w.low + 1 AS next FROM w",
        &[("low", "Computed: t2.a t2.k | "), ("next", "Computed: t2.a t2.k | ")],
    );
    expect(
        "SELECT x.v AS v, list_transform([a], lambda e: e + b) AS l FROM t, unnest([a]) AS x(v)",
        &[("v", "Computed: t0.a | "), ("l", "Computed: t0.a t0.b | ")],
    );
    expect(
        "SELECT (SELECT max(c) FROM u WHERE u.k = t.k) AS m, b IN (SELECT c FROM u) AS i FROM t",
        &[("m", "Computed: u1.c | "), ("i", "Computed: t0.b | ")],
    );
    let sql = "WITH RECURSIVE r(n) AS (SELECT a FROM t UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r";
    let found = origins(sql, &["n"]);
    assert_eq!((found.columns[0].how, found.unknown.len()), (How::Computed, 0));
    expect("SELECT v, w FROM (VALUES (1, 'x')) AS l(v, w)", &[("v", "Constant:  | "), ("w", "Constant:  | ")]);
}

#[test]
fn an_expression_of_one_row_is_as_good_as_a_column_to_find_rows_by() {
    expect(
        "WITH q AS (SELECT trim(a) AS x FROM t) SELECT substr(x, 2) AS y, CAST(q.x AS DATE) AS z FROM q",
        &[
            ("y", r#"Computed: t1.a | t1.=substr((trim("a")), 2)"#),
            ("z", r#"Computed: t1.a | t1.=CAST((trim("a")) AS DATE)"#),
        ],
    );
    let found =
        origins("SELECT c FROM u JOIN (SELECT substr(a, 2) AS s FROM t) AS q ON q.s = u.k WHERE b = 'x'", &["c"]);
    let held = ((1, "=substr(\"a\", 2)".to_string()), Held::Column((0, "k".to_string())));
    assert!(found.held.contains(&held), "{:?}", found.held);
    assert_eq!(found.unknown, ["b"], "a name that no table has is told");
}

#[test]
fn equalities_hold_only_where_every_row_keeps_them() {
    let held = |sql: &str| origins(sql, &["a"]).held.into_iter().collect::<Vec<_>>();
    assert_eq!(held("SELECT a FROM t WHERE b = 'x' AND k > 1"), [((0, "b".into()), Held::Literal("x".into()))]);
    assert!(held("SELECT a FROM t WHERE b = 'x' OR k = 'y'").is_empty());
    assert!(held("SELECT a FROM t ANTI JOIN u USING (k)").is_empty());
    assert_eq!(held("SELECT a FROM t JOIN u USING (k)"), [((0, "k".into()), Held::Column((1, "k".into())))]);
}

#[test]
fn the_place_is_that_of_the_expression_that_gives_the_value() {
    let sql = "WITH q AS (SELECT (a + b) * 2 AS x FROM t) SELECT x AS y FROM q UNION ALL SELECT c FROM u";
    let places = origins(sql, &["y"]).columns[0].places.clone();
    let words: Vec<&str> = places.iter().map(|(from, to)| &sql[*from..*to]).collect();
    assert!(words[0].contains("a + b") && !words[0].contains(" AS "), "{words:?}");
    assert_eq!(words[1..], ["c"]);
}

#[test]
fn a_query_that_doubles_at_each_level_is_still_read() {
    let mut sql = "WITH q0 AS (SELECT a FROM t)".to_string();
    for level in 1..40 {
        sql += &format!(", q{level} AS (SELECT x.a FROM q{} AS x JOIN q{} AS y ON x.a = y.a)", level - 1, level - 1);
    }
    let found = origins(&format!("{sql} SELECT a FROM q39"), &["a"]);
    assert!(found.unknown.is_empty() && found.instances.len() < 20_000, "{}", found.instances.len());
    assert_eq!(found.columns[0].how, How::Copied);
}

#[test]
fn a_quote_in_a_name_stays_a_name() {
    assert_eq!((term("a\"b"), literal("x'y")), ("\"a\"\"b\"".to_string(), "'x''y'".to_string()));
}
