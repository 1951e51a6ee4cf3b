//! The full extract of one month as it is published: a zipped CSV with a column for each week waited and a row for each
//! provider, commissioner, part and treatment function, and beside it the folder that one kind of computer leaves in archives.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use csv::Writer;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::calendar::Month;
use crate::counts::{Reporter, apportion};
use crate::elective::{self, FUNCTIONS, List, TOTAL, Waiting};
use crate::writer::Failure;

/// Weeks from 0 to 104; the last column is open.
const WEEKS: usize = 105;
/// Part of the return, its words, and by how much it is smaller than the list.
const PARTS: [(&str, &str, i64); 2] =
    [("Part_2", "Incomplete Pathways", 1), ("Part_2A", "Incomplete Pathways with DTA", 5)];

const BEFORE: [&str; 13] = [
    "Period",
    "Provider Parent Org Code",
    "Provider Parent Name",
    "Provider Org Code",
    "Provider Org Name",
    "Commissioner Parent Org Code",
    "Commissioner Parent Name",
    "Commissioner Org Code",
    "Commissioner Org Name",
    "RTT Part Type",
    "RTT Part Description",
    "Treatment Function Code",
    "Treatment Function Name",
];
const AFTER: [&str; 3] = ["Total", "Patients with unknown clock start date", "Total All"];

pub fn write(folder: &Path, month: Month, lists: &[(&Reporter, List)]) -> Result<(), Failure> {
    let name = format!("{}-RTT-{}-{}-full-extract.csv", month.last_day().replace('-', ""), month.name(), month.year());
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{name}.zip"));
    let mut archive =
        ZipWriter::new(File::create(&path).map_err(|error| format!("cannot write {}: {error}", path.display()))?);
    // A date that never changes, so that the archive is the same each time.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    archive.start_file(name.as_str(), options)?;
    archive.write_all(&table(month, lists)?)?;
    archive.start_file(format!("__MACOSX/._{name}"), options)?;
    archive.write_all(b"\0\x05\x16\x07\0\x02\0\0Mac OS X        \0\0")?;
    archive.finish()?;
    Ok(())
}

fn table(month: Month, lists: &[(&Reporter, List)]) -> Result<Vec<u8>, Failure> {
    let mut csv = Writer::from_writer(Vec::new());
    let weeks = (0..WEEKS - 1).map(|week| format!("Gt {week:02} To {:02} Weeks SUM 1", week + 1));
    let weeks = weeks.chain([format!("Gt {} Weeks SUM 1", WEEKS - 1)]);
    csv.write_record(BEFORE.map(String::from).into_iter().chain(weeks).chain(AFTER.map(String::from)))?;
    for (reporter, list) in lists {
        let board = ((reporter.board.0, reporter.board.1), list.english);
        let others = (("NONC", "NON-ENGLISH COMMISSIONER"), list.others);
        for (commissioner, waiting) in [board, others].into_iter().filter(|(_, waiting)| waiting.all > 0) {
            for (part, words, divisor) in PARTS {
                let waiting = elective::part(waiting, divisor);
                let functions =
                    FUNCTIONS.iter().map(|function| (function.0, function.1)).zip(waiting.functions(reporter));
                let rows = functions.filter(|(_, waiting)| waiting.all > 0).chain([(TOTAL, waiting)]);
                for (function, waiting) in rows {
                    csv.write_record(record(month, reporter, commissioner, (part, words), function, waiting))?;
                }
            }
        }
    }
    Ok(csv.into_inner().map_err(|error| error.to_string())?)
}

fn record(
    month: Month,
    reporter: &Reporter,
    commissioner: (&str, &str),
    part: (&str, &str),
    function: (&str, &str),
    waiting: Waiting,
) -> Vec<String> {
    let period = format!("RTT-{}-{}", month.name(), month.year());
    let mut fields = vec![period, reporter.board.0.to_owned(), reporter.board.1.to_uppercase()];
    fields.extend([reporter.code.to_owned(), reporter.name.clone()]);
    // A commissioner stands as its own parent here.
    fields.extend(
        [commissioner, commissioner].into_iter().flat_map(|(code, name)| [code.to_owned(), name.to_uppercase()]),
    );
    fields.extend([part, function].into_iter().flat_map(|(code, name)| [code.to_owned(), name.to_owned()]));
    fields.extend(weeks(waiting).map(|x| x.to_string()));
    // The column named Total is left empty for people still waiting.
    fields.extend([String::new(), "0".to_owned(), waiting.all.to_string()]);
    fields
}

/// People by week waited. Within each of the bands that the tidied files count, fewer the longer they wait.
fn weeks(waiting: Waiting) -> [i64; WEEKS] {
    const BANDS: [usize; 6] = [0, 18, 52, 65, 78, WEEKS];
    let between = waiting.all - waiting.within_18 - waiting.over_52;
    let people = [
        waiting.within_18,
        between,
        waiting.over_52 - waiting.over_65,
        waiting.over_65 - waiting.over_78,
        waiting.over_78,
    ];
    let mut weeks = [0; WEEKS];
    for (band, people) in BANDS.windows(2).zip(people) {
        let falling: Vec<i64> = (band[0]..band[1]).map(|week| (2 * WEEKS - week) as i64 * people).collect();
        weeks[band[0]..band[1]].copy_from_slice(&apportion(people, &falling));
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_add_up_to_the_bands() {
        let waiting = Waiting { all: 10_007, within_18: 6_203, over_52: 311, over_65: 40, over_78: 3 };
        let weeks = weeks(waiting);
        let from = |week: usize| weeks[week..].iter().sum::<i64>();
        assert_eq!([from(0), from(0) - from(18), from(52), from(65), from(78)], [10_007, 6_203, 311, 40, 3]);
    }
}
