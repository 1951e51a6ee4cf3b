use std::path::PathBuf;

use super::super::shelf::PartRun;
use crate::duck::{InParts, Session, literal};

/// Two tables in parts by `m`, one of them without the part `c`, and one that is the same for all.
const TABLES: [(&str, &str); 3] = [
    ("p", "SELECT chr((97 + i % 3)::INTEGER) AS m, i % 7 AS g, i AS x FROM range(60) AS r(i)"),
    ("q", "SELECT chr((97 + i % 2)::INTEGER) AS m, i % 5 AS g, i * i % 11 AS y FROM range(40) AS r(i)"),
    ("b", "SELECT chr((97 + i)::INTEGER) AS m, i % 2 AS g, i AS z FROM range(4) AS r(i)"),
];

struct Tables {
    session: Session,
    folder: tempfile::TempDir,
}

impl Tables {
    fn new() -> Tables {
        let tables = Tables { session: Session::open().unwrap(), folder: tempfile::tempdir().unwrap() };
        for (name, sql) in TABLES {
            let whole = tables.file(name);
            tables.session.write_query(sql, &[], &whole).unwrap();
            for part in ["a", "b", "c"] {
                let rows = format!("SELECT * FROM ({sql}) WHERE m = '{part}'");
                tables.session.write_query(&rows, &[], &tables.file(&format!("{name}-{part}"))).unwrap();
            }
            tables.session.shelve(name, vec![whole]);
        }
        tables
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.parquet"))
    }

    fn refusal(&self, sql: &str) -> Option<String> {
        let table = |name: &str, columns: [&str; 3]| (name.to_string(), columns.map(str::to_string).to_vec());
        let tables = [table("p", ["m", "g", "x"]), table("q", ["m", "g", "y"])].into_iter().collect();
        let tables = InParts { key: "m".to_string(), tables };
        self.session.why_whole(sql, &tables, true).unwrap().map(|whole| whole.reason)
    }

    /// The rows of a query in order, as JSON.
    fn rows(&self, sql: &str) -> Vec<String> {
        let rows = format!("SELECT CAST(to_json(r) AS VARCHAR) AS j FROM ({sql}) AS r ORDER BY j");
        let frame = self.session.frame(&rows).unwrap();
        (0..frame.height()).map(|row| frame.value(row, 0).to_string()).collect()
    }

    /// Whether running a query on each part gives the rows that it gives on the whole.
    fn agree(&self, sql: &str) -> bool {
        let runs = ["a", "b", "c"].map(|part| {
            let file = |name: &str| match (name, part) {
                ("q", "c") => Vec::new(),
                _ => vec![self.file(&format!("{name}-{part}"))],
            };
            PartRun {
                tables: ["p", "q"].map(|name| (name.to_string(), file(name))).to_vec(),
                path: self.file(&format!("result-{part}")),
            }
        });
        self.session.write_parts(sql, &[], &runs).unwrap();
        let files: Vec<String> = runs.iter().map(|run| literal(&run.path.to_string_lossy())).collect();
        self.rows(sql) == self.rows(&format!("SELECT * FROM read_parquet([{}])", files.join(", ")))
    }
}

#[test]
fn what_lies_within_parts_may_be_run_part_by_part_and_gives_the_same() {
    let tables = Tables::new();
    for sql in [
        "SELECT * FROM p",
        "SELECT M AS m, x + 1 AS x FROM P WHERE x > 3",
        "SELECT m, count(*) AS n FROM p GROUP BY m",
        "SELECT g, m, max(x) AS n FROM p GROUP BY 2, 1",
        "SELECT m, g, count(*) AS n FROM p GROUP BY ALL HAVING count(*) > 1",
        "SELECT m, x, row_number() OVER (PARTITION BY g, m ORDER BY x) AS at FROM p",
        "SELECT m, x, lag(x) OVER w AS before FROM p WINDOW w AS (PARTITION BY m ORDER BY x)",
        "SELECT m, x FROM p QUALIFY row_number() OVER (PARTITION BY m ORDER BY x) = 1",
        "SELECT DISTINCT m, g FROM p",
        "SELECT DISTINCT ON (m) m, x FROM p ORDER BY m, x",
        "SELECT m, p.x, q.y FROM p JOIN q USING (m, g)",
        "SELECT p.m, p.x, q.y FROM p LEFT JOIN q ON q.m = p.m AND q.g = p.g",
        "SELECT one.m, one.x - two.x AS d FROM p AS one JOIN p AS two ON two.m = one.m AND two.x = one.x + 3",
        "SELECT p.m, p.x FROM p ANTI JOIN q ON q.m = p.m AND q.y = p.x",
        "SELECT p.*, b.z FROM p JOIN b USING (m)",
        "SELECT p.m, p.x, b.z FROM p CROSS JOIN b",
        "SELECT p.m, b.z FROM b JOIN p ON p.m = b.m",
        "SELECT m, x FROM p WHERE m NOT IN (SELECT m FROM q)",
        "SELECT m, x FROM p WHERE x > (SELECT avg(y) FROM q WHERE q.m = p.m)",
        "SELECT m, x FROM p WHERE EXISTS (SELECT 1 FROM q WHERE q.m = p.m AND q.y = p.x)",
        "SELECT m, (SELECT min(y) FROM q WHERE m = p.m) AS least FROM p",
        "SELECT m, x FROM p WHERE x > (SELECT max(z) FROM b)",
        "SELECT m, g FROM p UNION SELECT m, y FROM q",
        "SELECT * FROM p UNION ALL BY NAME SELECT y AS x, m FROM q",
        "SELECT m, g FROM p EXCEPT SELECT m, g FROM q",
        "WITH a AS (SELECT m, sum(x) AS s FROM p GROUP BY m), c(k, t) AS (SELECT * FROM a) SELECT k AS m, t FROM c",
        "WITH a AS (SELECT m, {'s': x, 'm': 'z'} AS o FROM p), c AS (SELECT m, unnest(o) FROM a) SELECT m, s FROM c",
        "SELECT m, u FROM (SELECT m, list(x) AS l FROM p GROUP BY m) AS s, unnest(s.l) AS t(u)",
        "SELECT * REPLACE (x * 2 AS x) FROM p",
        "SELECT p.m, s.y FROM p LEFT JOIN LATERAL (SELECT y FROM q WHERE q.m = p.m ORDER BY y LIMIT 1) AS s ON true",
    ] {
        assert_eq!(tables.refusal(sql), None, "{sql}");
        assert!(tables.agree(sql), "{sql}");
    }
}

/// Each of these gives other rows part by part, so that a walk that let it through would give wrong numbers.
#[test]
fn what_draws_on_rows_of_two_parts_is_run_on_the_whole() {
    let tables = Tables::new();
    for (sql, reason) in [
        ("SELECT g AS m, count(*) AS n FROM p GROUP BY g", "GROUP BY does not name the key"),
        ("SELECT min(m) AS m, max(x) AS n FROM p", "GROUP BY does not name the key"),
        ("SELECT m, g, count(*) AS n FROM p GROUP BY GROUPING SETS ((m, g), (g))", "GROUP BY does not name the key"),
        ("SELECT upper(m) AS m, x, rank() OVER (ORDER BY x) AS r FROM p", "PARTITION BY does not name the key"),
        ("SELECT m, rank() OVER (PARTITION BY g ORDER BY x) AS r FROM p", "PARTITION BY does not name the key"),
        ("SELECT m, x FROM p QUALIFY row_number() OVER (ORDER BY x) < 4", "PARTITION BY does not name the key"),
        ("SELECT m, x FROM p ORDER BY x LIMIT 5", "LIMIT"),
        ("SELECT DISTINCT ON (g) m, x FROM p ORDER BY g, x", "DISTINCT compares"),
        ("WITH a AS (SELECT DISTINCT g FROM p) SELECT b.m, a.g FROM a CROSS JOIN b", "DISTINCT compares"),
        ("SELECT p.m, q.y FROM p JOIN q USING (g)", "does not ask that their keys are equal"),
        ("SELECT p.m, q.y FROM p JOIN q ON q.m > p.m", "does not ask that their keys are equal"),
        ("SELECT p.m, q.m AS n FROM p CROSS JOIN q", "does not ask that their keys are equal"),
        ("SELECT p.m, s.y FROM q AS s JOIN b ON b.g = s.g JOIN p ON p.m = b.m AND p.g = 1", "keys are equal"),
        ("SELECT b.m, p.x FROM b LEFT JOIN p ON p.m = b.m", "kept where no part matches"),
        ("SELECT b.m FROM b ANTI JOIN p ON p.m = b.m", "kept where no part matches"),
        ("SELECT p.m, b.z FROM p FULL JOIN b ON p.m = b.m", "kept where no part matches"),
        ("SELECT m, x FROM p WHERE x < (SELECT avg(y) FROM q)", "a group is not within one part"),
        ("SELECT m, x FROM p WHERE x IN (SELECT y FROM q)", "a query inside reads all parts"),
        ("SELECT m, x FROM p WHERE m IN (SELECT chr(ascii(m) + 1) FROM q)", "a query inside reads all parts"),
        ("SELECT m, x FROM p WHERE EXISTS (SELECT 1 FROM q WHERE q.y = p.x)", "a query inside reads all parts"),
        ("SELECT m, x FROM p UNION ALL SELECT m, z FROM b", "same for all parts are added"),
        ("SELECT m, g FROM p UNION SELECT 'z', g FROM q", "keys are not in the same column"),
        ("WITH t AS (SELECT max(x) AS top FROM p) SELECT m, x FROM p CROSS JOIN t WHERE x = top", "a group is not"),
        ("SELECT q.m, count(*) AS n FROM p LEFT JOIN q ON q.m = p.m AND q.g = p.g GROUP BY q.m", "GROUP BY does not"),
        (
            "WITH a AS (SELECT b.*, p.* FROM b JOIN p ON p.g = b.z) SELECT m, count(*) AS n FROM a GROUP BY m",
            "GROUP BY does not",
        ),
        ("SELECT m, z FROM b", "it reads nothing that is kept in parts"),
    ] {
        let refusal = tables.refusal(sql).unwrap_or_else(|| panic!("not refused: {sql}"));
        assert!(refusal.contains(reason), "{sql}: {refusal}");
        assert!(!tables.agree(sql), "agrees after all: {sql}");
    }
}

/// These would do no harm, or not with these rows; what is not looked into is refused all the same.
#[test]
fn what_is_not_looked_into_is_refused() {
    let tables = Tables::new();
    for sql in [
        "SELECT x FROM p",
        "SELECT upper(m) AS m FROM p",
        "SELECT lower(m) AS m, count(*) AS n FROM p GROUP BY lower(m)",
        "SELECT * RENAME (m AS k) FROM p",
        "SELECT COLUMNS('m|x') FROM p",
        "SELECT p.m FROM p NATURAL JOIN q",
        "SELECT p.m FROM p, q WHERE p.m = q.m",
        "SELECT m, x FROM p WHERE (m, g) IN (SELECT (m, g) FROM q)",
        "WITH RECURSIVE r AS (SELECT m, x FROM p UNION ALL SELECT m, x + 100 FROM r WHERE x < 100) SELECT m, x FROM r",
        "SELECT m, s.* FROM p JOIN (PIVOT q ON g USING count(*) GROUP BY m) AS s USING (m)",
        "SELECT m, x FROM p TABLESAMPLE reservoir(3 ROWS)",
    ] {
        assert!(tables.refusal(sql).is_some(), "{sql}");
    }
}

#[test]
fn every_aggregate_of_the_database_is_known_to_be_one() {
    let session = Session::open().unwrap();
    let sql = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'";
    let frame = session.frame(sql).unwrap();
    let names = (0..frame.height()).map(|row| frame.value(row, 0).to_string());
    let unknown: Vec<String> = names.filter(|name| !crate::duck::order::is_aggregate(name)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn only_one_connection_sees_a_part_and_only_while_it_is_run() {
    let tables = Tables::new();
    let other = tables.session.another().unwrap();
    let run = PartRun { tables: vec![("p".to_string(), vec![tables.file("p-a")])], path: tables.file("result") };
    let (rows, columns) = tables.session.write_parts("SELECT m, x FROM p", &[], &[run]).unwrap();
    assert_eq!((rows, columns.len()), (vec![20], 2));
    assert_eq!(other.count("SELECT * FROM p").unwrap(), 60);
    assert_eq!(tables.session.count("SELECT * FROM p").unwrap(), 60);
    let bad = PartRun { tables: vec![("p".to_string(), vec![tables.file("p-a")])], path: tables.file("no/folder") };
    assert!(tables.session.write_parts("SELECT m, x FROM p", &[], &[bad]).is_err());
    assert_eq!(tables.session.count("SELECT * FROM p").unwrap(), 60);
}
