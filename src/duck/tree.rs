//! Reading the tree that DuckDB's parser gives as JSON.

use serde_json::Value;

/// A text field of a node.
pub(super) fn text<'v>(node: &'v Value, key: &str) -> &'v str {
    node[key].as_str().unwrap_or_default()
}

/// A list field of a node.
pub(super) fn list<'v>(node: &'v Value, key: &str) -> &'v [Value] {
    node[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The arguments of a function, without their names.
pub(super) fn arguments(node: &Value) -> impl Iterator<Item = &Value> {
    list(node, "arguments").iter().map(|argument| argument.get("expression").unwrap_or(argument))
}

/// Where a node says that it stands.
pub(super) fn own_place(node: &Value) -> Option<(usize, usize)> {
    let number = |key: &str| node[key].as_u64().and_then(|at| usize::try_from(at).ok());
    let (start, length) = (number("query_location")?, number("query_location_length")?);
    Some((start, start.checked_add(length)?)).filter(|_| length > 0)
}
/// The bytes that an expression covers: an operator's own place is only its sign.
pub(super) fn span(node: &Value) -> Option<(usize, usize)> {
    let mut found: Option<(usize, usize)> = None;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node {
            Value::Array(parts) => open.extend(parts),
            Value::Object(fields) => {
                let number =
                    |key: &str| fields.get(key).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
                if let Some(start) = number("query_location").filter(|start| *start < usize::MAX) {
                    let end = start.saturating_add(number("query_location_length").unwrap_or(0));
                    let (first, last) = found.unwrap_or((start, end));
                    found = Some((first.min(start), last.max(end)));
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}
