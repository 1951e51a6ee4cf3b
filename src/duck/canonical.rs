//! A query in the canonical form that DuckDB writes, laid out for people to read.

/// Words before which a new line begins.
const CLAUSES: [&str; 16] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "QUALIFY",
    "WINDOW",
    "ORDER BY",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "LEFT JOIN",
    "INNER JOIN",
    "CROSS JOIN",
    "ASOF",
];

/// Lays out a query that stands on one line: clauses and the items of a `SELECT` begin lines of their own, queries in
/// brackets are set in. Texts and names in quotes are left as they are.
pub(super) fn lay_out(sql: &str) -> String {
    let mut laid = String::with_capacity(sql.len() * 5 / 4);
    // For each open bracket whether it holds a query; the outermost is one.
    let mut open = vec![true];
    let mut rest = sql;
    let mut fresh = true;
    while let Some(c) = rest.chars().next() {
        let in_query = open.last().copied().unwrap_or(true);
        let token = match c {
            '\'' | '"' => quoted_length(rest, c),
            c if c.is_alphanumeric() || c == '_' => word_length(rest),
            c => c.len_utf8(),
        };
        let (text, after) = rest.split_at(token);
        match c {
            '(' => {
                let query = ["SELECT ", "WITH "].iter().any(|start| after.starts_with(start));
                laid.push('(');
                open.push(query);
                if query {
                    new_line(&mut laid, &open);
                }
                fresh = query;
            }
            ')' => {
                if open.len() > 1 {
                    open.pop();
                }
                laid.push(')');
                fresh = false;
            }
            ',' if in_query => {
                laid.push(',');
                new_line(&mut laid, &open);
                laid.push_str("  ");
                fresh = true;
            }
            ' ' if fresh => {}
            _ => {
                if !fresh && in_query && c.is_alphabetic() && begins_clause(rest) {
                    new_line(&mut laid, &open);
                }
                laid.push_str(text);
                fresh = false;
            }
        }
        rest = after;
    }
    laid.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn new_line(laid: &mut String, open: &[bool]) {
    laid.push('\n');
    let depth = open.iter().filter(|query| **query).count() - usize::from(open.first() == Some(&true));
    laid.push_str(&"  ".repeat(depth));
}

fn begins_clause(rest: &str) -> bool {
    CLAUSES.iter().any(|clause| {
        rest.strip_prefix(clause)
            .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '('))
    })
}

/// Bytes of a text or name in quotes; a doubled quote stands for itself.
fn quoted_length(rest: &str, quote: char) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote as u8 {
            if bytes.get(at + 1) != Some(&(quote as u8)) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    rest.len()
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_and_items_begin_lines() {
        let laid = lay_out(
            "WITH a AS (SELECT 1 AS x, 'FROM b, c' AS y) SELECT x, sum(x) OVER (ORDER BY x, y) FROM a WHERE (x > 1)",
        );
        let expected = "WITH a AS (\n  SELECT 1 AS x,\n    'FROM b, c' AS y)\nSELECT x,\n  sum(x) OVER (ORDER BY x, y)\nFROM a\nWHERE (x > 1)";
        assert_eq!(laid, expected);
    }

    #[test]
    fn an_open_quote_or_bracket_does_no_harm() {
        for odd in ["'", "\"a", ")", "((", "é'è", ",", ""] {
            let _ = lay_out(odd);
        }
    }
}
