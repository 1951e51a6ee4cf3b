//! Which version of its figures a file holds: when it was published, and whether it revises an earlier one.

use jiff::civil::Date;

use super::dates;
use super::sheet::{Cell, Sheet};
use crate::book::Contract;
use crate::diagnostic::{Diagnostic, Outcome};

/// Forms of the dates that workbooks print.
const PRINTED: [&str; 6] = ["%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%B %Y"];

/// The version of a file.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// The vintage that the contract gives the file by its name.
    given: Option<Date>,
    /// Whether the contract gives the file a status by its name.
    has_status: bool,
    /// The vintage of the source.
    usual: Option<Date>,
    /// The date of publication that is printed in the file.
    pub published: Option<Date>,
    /// The date of revision that is printed in the file.
    pub revised: Option<Date>,
    pub status: String,
}

impl Version {
    /// When these figures were published: as the contract says of the file, else as printed in it, else as the contract
    /// says of the source.
    pub fn vintage(&self) -> Option<Date> {
        self.given.or(self.revised).or(self.published).or(self.usual)
    }

    /// Reads the dates that a sheet prints.
    pub fn read_printed(&mut self, contract: &Contract, file: &str, sheet: &Sheet) -> Outcome<()> {
        self.published = self.published.max(printed(file, sheet, contract.layout.published.as_deref())?);
        self.revised = self.revised.max(printed(file, sheet, contract.layout.revised.as_deref())?);
        if self.revised.is_some() && !self.has_status {
            self.status = "revised".to_string();
        }
        Ok(())
    }
}

/// What the contract says of a file by its name.
pub(super) fn of_file(contract: &Contract, file: &str) -> Version {
    let name = file.rsplit('/').next().unwrap_or(file);
    let rules = || contract.versions.iter().filter(|rule| rule.files.is_match(name));
    let from_name = |capture: &regex::Regex, form: &String| {
        let text = capture.captures(name)?.get(1)?.as_str().to_string();
        dates::read(&text, std::slice::from_ref(form)).ok()
    };
    let given = rules().find_map(|rule| {
        rule.vintage.or_else(|| rule.vintage_from.as_ref().and_then(|(capture, form)| from_name(capture, form)))
    });
    let status = rules().find_map(|rule| rule.status.clone());
    Version {
        given,
        has_status: status.is_some(),
        usual: contract.vintage,
        published: None,
        revised: None,
        status: status.unwrap_or_else(|| contract.status.clone()),
    }
}

fn printed(file: &str, sheet: &Sheet, label: Option<&str>) -> Outcome<Option<Date>> {
    let Some((_, _, Some(cell))) = label.and_then(|label| sheet.right_of(label)) else { return Ok(None) };
    let text = match cell {
        Cell::Date(date) => return Ok(Some(*date)),
        cell => cell.text().trim().to_string(),
    };
    if ["-", "n/a", "none", "not applicable"].contains(&text.to_lowercase().as_str()) {
        return Ok(None);
    }
    let read = |text: &str| dates::read(text, &PRINTED.map(str::to_string));
    read(&text).or_else(|rule| dates::day_in_words(&text).map_or(Err(rule), read)).map(Some).map_err(|rule| {
        let words =
            format!("{file}, {}: \"{}\" has \"{text}\" beside it: {rule}", sheet.name, label.unwrap_or_default());
        Diagnostic::check("source-printed-date", words)
            .in_file(file)
            .help("mend `printed` in candour.toml, or say the file's vintage in `versions`")
            .into()
    })
}
