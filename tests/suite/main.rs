//! The tests of the program as a whole: it is run as a person would run it, on copies of whole books.
//! `tests/README.md` says how to run them and how to add a case.

mod answers;
mod board;
mod briefing;
mod commands;
mod demonstration;
mod disclosure;
mod durability;
mod evidence_commands;
mod fetch;
mod handling;
mod harness;
mod hostile_book;
mod hostile_data;
mod hostile_files;
mod layout;
mod likely_ranges;
mod lints;
mod official_files;
mod other_books;
mod page_lints;
mod parts;
mod pdf;
mod pre_release;
mod publication;
mod real_data;
mod reference_cases;
mod reference_sql;
mod server;
mod sheets;
mod sheets_rules;
mod trace;
mod verify;
