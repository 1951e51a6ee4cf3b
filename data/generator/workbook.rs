//! Workbooks in the layout of the official ones: facts at the top, a table below, and a date of making that never changes.

use std::fs;
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use crate::writer::Failure;

pub struct Sheet<'a>(&'a mut Worksheet);

impl<'a> Sheet<'a> {
    pub fn book() -> Workbook {
        Workbook::new()
    }

    pub fn new(book: &'a mut Workbook, name: &str) -> Result<Self, Failure> {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        Ok(Self(sheet))
    }

    /// Rows and columns count from 0. An empty text leaves the cell empty.
    pub fn text(&mut self, row: u32, column: u16, text: &str) -> Result<(), Failure> {
        if !text.is_empty() {
            self.0.write_string(row, column, text)?;
        }
        Ok(())
    }

    pub fn number(&mut self, row: u32, column: u16, number: f64) -> Result<(), Failure> {
        self.0.write_number(row, column, number)?;
        Ok(())
    }

    pub fn title(&mut self, title: &str) -> Result<(), Failure> {
        self.text(1, 1, "Title:")?;
        self.text(1, 2, title)?;
        self.text(2, 1, "Summary:")?;
        self.text(2, 2, "Fictional organisations, to try the program with.")
    }

    /// The facts that official workbooks print, from the fifth row down: period, source, basis, and when it came out.
    pub fn facts(&mut self, facts: [&str; 3], published: &str) -> Result<(), Failure> {
        let [period, source, basis] = facts;
        let lines = [
            ("Period:", period),
            ("Source:", source),
            ("Basis:", basis),
            ("Published:", published),
            ("Revised:", ""),
            ("Status:", "Demonstration"),
        ];
        for (place, (label, words)) in lines.into_iter().enumerate() {
            self.text(4 + place as u32, 1, label)?;
            self.text(4 + place as u32, 2, words)?;
        }
        Ok(())
    }
}

/// Saves the book. The date of making is fixed, since a file made twice is to be the same.
pub fn save(mut book: Workbook, path: &Path) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let made = ExcelDateTime::from_ymd(2026, 6, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    book.save(path)?;
    Ok(())
}
