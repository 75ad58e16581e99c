//! Relations within a table wait until all its records exist. They wait in a temporary file, because there may be as
//! many as the table has rows.

use super::source::Scratch;
use crate::domain::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Later {
    pub line: u64,
    /// The record that gets the relation.
    pub id: String,
    pub column: usize,
    pub keys: Vec<String>,
}

#[derive(Default)]
pub struct Spool {
    file: Option<BufWriter<File>>,
    scratch: Scratch,
}

impl Spool {
    pub fn new(scratch: Scratch) -> Self {
        Self { file: None, scratch }
    }

    pub fn push(&mut self, later: &Later) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(self.scratch.file().map_err(failed)?)),
        };
        serde_json::to_writer(&mut *file, later).map_err(|error| failed(error.into()))?;
        file.write_all(b"\n").map_err(failed)
    }

    /// Returns the items in the order in which they were pushed.
    pub fn into_iter(self) -> Result<impl Iterator<Item = Result<Later>>> {
        let rewound = |file: BufWriter<File>| -> io::Result<File> {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        };
        let file = self.file.map(rewound).transpose().map_err(failed)?;
        let lines = file.into_iter().flat_map(|file| BufReader::new(file).lines());
        Ok(lines.map(|line| serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()))))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub fn failed(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return crate::db::DbError::DiskFull.into();
    }
    Error::Internal(format!("a temporary file of the import failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_comes_back_in_order() {
        let later = |line, key: &str| Later { line, id: format!("id{line}"), column: 1, keys: vec![key.to_owned()] };
        let mut spool = Spool::default();
        let all = [later(1, "a\nb"), later(2, "ä\"")];
        for later in &all {
            spool.push(later).unwrap();
        }
        assert_eq!(spool.into_iter().unwrap().collect::<Result<Vec<_>>>().unwrap(), all);
        assert_eq!(Spool::default().into_iter().unwrap().count(), 0);
    }
}
