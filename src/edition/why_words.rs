//! What moved, in words.

use super::diff_rows::{RowChange, TableChange};
use super::diff_words::{or_nothing, short_hash, tame};
use super::why::{FileChange, InputWhy, PackWhy, TableWhy, Why};

/// Rows of one table that are shown.
const ROWS: usize = 8;
/// Packs that are listed one by one.
const PACKS: usize = 12;

/// What moved, for people.
pub fn why_words(why: &Why) -> String {
    let edition = format!("edition {} ({})", why.edition, short_hash(&why.identifier));
    let mut lines = Vec::new();
    match why.moved {
        false => lines.push(format!("{}: nothing moved since {edition}", why.asked)),
        true => {
            lines.push(format!("{}: moved since {edition}", why.asked));
            lines.extend(why.causes.iter().map(|cause| format!("  because of {cause}")));
        }
    }
    if !why.without_effect.is_empty() {
        lines.push(format!("  moved before it, without moving it: {}", why.without_effect.join(", ")));
    }
    for change in &why.tool {
        let sides = (or_nothing(&change.before), or_nothing(&change.after));
        lines.push(format!("  {} is {}, was {}", change.name, sides.1, sides.0));
    }
    lines.extend(packs(&why.packs));
    why.tables.iter().for_each(|one| lines.extend(table(one)));
    lines.into_iter().map(|line| tame(&line) + "\n").collect()
}

/// Packs, those for the same reasons together.
fn packs(packs: &[PackWhy]) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&PackWhy>)> = Vec::new();
    for pack in packs {
        let reasons: Vec<String> = pack.inputs.iter().map(|input| format!("{} {}", input.what, input.name)).collect();
        let reasons = format!("{} {} {}", pack.published, pack.known, reasons.join("; "));
        match groups.iter_mut().find(|(known, _)| *known == reasons) {
            Some((_, group)) => group.push(pack),
            None => groups.push((reasons, vec![pack])),
        }
    }
    let mut lines = Vec::new();
    for (_, group) in &groups {
        let Some(first) = group.first() else { continue };
        let named: Vec<&str> = group.iter().take(PACKS).map(|pack| pack.file.as_str()).collect();
        let more = if group.len() > PACKS { format!(" and {} more", group.len() - PACKS) } else { String::new() };
        lines.push(String::new());
        lines.push(format!("{}{more}", named.join(", ")));
        match (first.published, first.inputs.is_empty()) {
            (false, _) => lines.push("  not in the edition".to_string()),
            (true, true) => lines.push("  nothing that it takes has moved".to_string()),
            (true, false) => {
                if !first.known {
                    lines.push("  what it took is not kept any more: compared are all cells behind it".to_string());
                }
                first.inputs.iter().for_each(|one| lines.extend(input(one, group.len() == 1)));
            }
        }
    }
    lines
}

fn input(input: &InputWhy, detailed: bool) -> Vec<String> {
    let mut lines = vec![match input.what {
        "template" => format!("  the template {}", input.name),
        "value" => format!("  {}: {} -> {}", input.name, or_nothing(&input.before), or_nothing(&input.after)),
        "table" if input.columns.is_empty() => format!("  values of {}", input.name),
        "table" => format!("  values of {}, of which it takes {}", input.name, input.columns.join(", ")),
        "behind" => format!("  the query, units or sources behind {}", input.name),
        "gone" => format!("  the table {}, which is gone", input.name),
        _ => format!("  {}", input.name),
    }];
    if let Some(change) = input.change.as_ref().filter(|_| detailed) {
        lines.extend(change.rows.iter().take(ROWS).flat_map(|one| row(one, "    ")));
    }
    lines
}

fn table(table: &TableWhy) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!("{} ({}){}", table.table, table.kind, if table.moved { "" } else { ": the same table" }),
    ];
    if table.new {
        lines.push("  not in the edition".to_string());
    }
    lines.extend(table.query.iter().map(|file| format!("  the query says something else: {file}")));
    lines.extend(table.notes.iter().map(|file| format!("  only words and notes of {file} have changed")));
    lines.extend(table.files.iter().map(|one| format!("  {}", file_words(one))));
    if table.contract {
        lines.push("  its files are the same: its contract has changed, or the program".to_string());
    }
    for fact in &table.facts {
        lines.push(format!("  {}: {} -> {}", fact.name, or_nothing(&fact.before), or_nothing(&fact.after)));
    }
    if !table.reads.is_empty() {
        lines.push(format!("  reads {}, which moved", table.reads.join(", ")));
    }
    match &table.change {
        Some(change) => lines.extend(change_words(change)),
        None if table.moved && !table.new && table.kind != "book" => {
            lines.push("  its older version is not kept: which rows moved is not known".to_string());
        }
        None => {}
    }
    lines
}

/// A file that is not as it was.
pub(super) fn file_words(file: &FileChange) -> String {
    let side = |side: &Option<String>| side.as_deref().map_or_else(|| "nothing".to_string(), short_hash);
    let mut words = match file.what {
        "kept" => format!("{}: the same bytes", file.file),
        what => format!("{} {what}: {} -> {}", file.file, side(&file.before), side(&file.after)),
    };
    for (name, fact) in [("status", &file.status), ("vintage", &file.vintage)] {
        if let Some((before, after)) = fact {
            words += &format!("; {name} {} -> {}", or_nothing(before), or_nothing(after));
        }
    }
    words
}

/// Which rows and columns differ.
fn change_words(change: &TableChange) -> Vec<String> {
    let counted =
        [(change.changed, "changed"), (change.added, "new"), (change.gone, "gone"), (change.moved, "on another line")];
    let counts: Vec<String> =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut lines = Vec::new();
    if !counts.is_empty() {
        lines.push(format!("  rows: {}", counts.join(", ")));
    }
    for (what, columns) in [("new", &change.columns_added), ("gone", &change.columns_gone)] {
        if !columns.is_empty() {
            lines.push(format!("  columns {what}: {}", columns.join(", ")));
        }
    }
    if !change.columns.is_empty() {
        let columns = change.columns.iter().map(|column| format!("{} ({})", column.column, column.rows));
        lines.push(format!("  columns that differ, with rows: {}", columns.collect::<Vec<_>>().join(", ")));
    }
    lines.extend(change.rows.iter().take(ROWS).flat_map(|one| row(one, "    ")));
    let all = change.changed + change.added + change.gone;
    let shown = change.rows.len().min(ROWS) as u64;
    if all > shown {
        lines.push(format!("    and {} more rows; --format json lists {}", all - shown, change.rows.len()));
    }
    lines
}

fn row(row: &RowChange, indent: &str) -> Vec<String> {
    const VALUES: usize = 6;
    let place = row.place.as_ref().map(|(file, line)| format!("{file}:{line}  ")).unwrap_or_default();
    let key: Vec<String> = row.key.iter().map(|(name, value)| format!("{name} = {}", or_nothing(value))).collect();
    let what = if row.what == "changed" { String::new() } else { format!(" ({})", row.what) };
    let one = |value: &Option<String>| value.clone().unwrap_or_else(|| "missing".to_string());
    let values: Vec<String> = row
        .values
        .iter()
        .take(VALUES)
        .map(|value| match row.what.as_str() {
            "added" => format!("{} {}", value.column, one(&value.after)),
            "gone" => format!("{} {}", value.column, one(&value.before)),
            _ => format!("{} {} -> {}", value.column, one(&value.before), one(&value.after)),
        })
        .collect();
    let more = row.values.len().saturating_sub(VALUES);
    let more = if more > 0 { format!(" and {more} more columns") } else { String::new() };
    vec![format!("{indent}{place}{}{what}: {}{more}", key.join(", "), values.join("; "))]
}
