//! `fetched.toml` in the data folder: every version of every file that was fetched, in the order of fetching.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};

/// The ledger's name in the data folder.
pub(super) const LEDGER: &str = "fetched.toml";

const HEAD: &str = "\
# Written by `candour fetch`: each version of each file, oldest first. The last entry of a file is the one in its
# place; earlier ones are kept as .versions/HASH-NAME, with the first 16 characters of their hash.
";

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// File, relative to the data folder.
    pub file: String,
    /// The source it was fetched for.
    pub source: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
    /// When it was fetched, in UTC.
    pub fetched_at: String,
    /// The address it was fetched from.
    pub url: String,
    /// The address that gave it, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// The server's mark of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the server says it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// What the file itself says of its publication and revision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printed: Vec<String>,
}

/// The ledger.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// Versions, oldest first.
    #[serde(default)]
    pub version: Vec<Version>,
}

impl Ledger {
    /// Reads the ledger of a data folder; an empty one if it has none.
    pub fn read(data: &Path) -> Outcome<Ledger> {
        let path = data.join(LEDGER);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Ledger::default()),
            Err(error) => return Err(io_problem("read", &path, &error)),
        };
        toml::from_str(&text).map_err(|error| {
            Diagnostic::fault("fetch-ledger", format!("{LEDGER} cannot be read: {}", error.message()))
                .in_file(LEDGER)
                .help("put back the ledger as it was; it says which files were fetched and may be replaced")
                .into()
        })
    }

    /// Writes the ledger in one step.
    pub fn write(&self, data: &Path) -> Outcome<()> {
        let path = data.join(LEDGER);
        let draft = data.join(format!(".{LEDGER}"));
        let text = toml::to_string(self).map_err(|error| {
            Problems::from(Diagnostic::fault("fetch-ledger", format!("{LEDGER} cannot be written: {error}")))
        })?;
        let written = File::create(&draft).and_then(|mut file| {
            file.write_all(HEAD.as_bytes())?;
            file.write_all(b"\n")?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&draft, &path)).map_err(|error| io_problem("write", &path, &error))
    }

    /// The version of a file that is in its place.
    pub fn newest(&self, file: &str) -> Option<&Version> {
        self.version.iter().rev().find(|version| version.file == file)
    }

    /// The same, to be changed.
    pub fn newest_mut(&mut self, file: &str) -> Option<&mut Version> {
        self.version.iter_mut().rev().find(|version| version.file == file)
    }

    /// Whether some bytes were ever a version of a file.
    pub fn knows(&self, file: &str, sha256: &str) -> bool {
        self.version.iter().any(|version| version.file == file && version.sha256 == sha256)
    }
}
