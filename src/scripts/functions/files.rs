//! Files of records, and files that scripts make.

use crate::domain::caller::{Caller, RequestInfo};
use crate::domain::collections;
use crate::domain::model::{Record, SUPERUSERS};
use crate::domain::records;
use crate::scripts::ambient::{self, Place};
use crate::scripts::error::{Outcome, of_domain, problem};
use crate::scripts::values::{BytesValue, FileValue, RecordState, RecordValue};
use rhai::plugin::*;
use rhai::{Dynamic, INT, Module, NativeCallContext};
use std::sync::Arc;

/// The longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 255;

pub fn add(module: &mut Module) {
    module.set_custom_type::<FileValue>("new file");
    combine_with_exported_module!(module, "files", files);
}

#[export_module]
mod files {
    /// Makes a file of a text or bytes, to be stored with a record: `record.report = file("report.csv", to_csv(rows)); db.save(record);`. A field for
    /// several files takes a list of files, and of names of those that stay. A file of `req.files` can be stored the same way.
    /// This works outside of transactions: in routes, jobs, crons and `after_…` handlers.
    #[rhai_fn(name = "file", return_raw)]
    pub fn new_file(context: NativeCallContext<'_>, name: &str, data: Dynamic) -> Outcome<FileValue> {
        ambient::note(&context);
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(problem(format!("the name of a file must have 1 to {MAX_NAME_BYTES} bytes")));
        }
        Ok(FileValue { name: name.to_owned(), content: BytesValue::of(&data, "the content of a file")? })
    }

    /// The name of the file.
    #[rhai_fn(get = "name", pure)]
    pub fn new_file_name(file: &mut FileValue) -> String {
        file.name.clone()
    }

    /// The size in bytes.
    #[rhai_fn(get = "size", pure)]
    pub fn new_file_size(file: &mut FileValue) -> INT {
        file.content.len() as INT
    }

    /// The bytes of the file.
    #[rhai_fn(get = "bytes", pure)]
    pub fn new_file_bytes(file: &mut FileValue) -> BytesValue {
        file.content.clone()
    }

    /// The bytes of a file of the record, 32 MiB at most: `user.read_file(user.avatar)`. `()` if it is gone. This works outside of transactions.
    #[rhai_fn(name = "read_file", pure, return_raw)]
    pub fn read_file(context: NativeCallContext<'_>, record: &mut RecordValue, name: &str) -> Outcome<Dynamic> {
        read_thumb(context, record, name, "")
    }

    /// The same for a small version of an image, in a size that the field offers, or `"100x100"`. The file itself if there can be none.
    #[rhai_fn(name = "read_file", pure, return_raw)]
    pub fn read_thumb(
        context: NativeCallContext<'_>,
        record: &mut RecordValue,
        name: &str,
        size: &str,
    ) -> Outcome<Dynamic> {
        ambient::note(&context);
        let frame = ambient::running("read_file")?;
        let Place::Outside(host) = &frame.place else {
            return Err(problem(
                "files cannot be read inside a transaction, because that may take long: use an after_… handler or a job",
            ));
        };
        if matches!(record.state(), RecordState::New | RecordState::Ended) {
            return Err(problem("the record is not stored, so it has no files yet"));
        }
        let (collection, id) = (Arc::clone(record.collection()), record.id());
        // Which files a record has is a matter of the record: the name alone leads nowhere.
        let stored = ambient::read(|tx| {
            let superusers = collections::find(tx, SUPERUSERS)?;
            let request = RequestInfo::of(Caller::Superuser(Arc::new(Record::blank(superusers))));
            records::find_file(tx, &request, &collection, &id, name)
        })?;
        match host.read_file(&stored, size).map_err(of_domain)? {
            Some(bytes) => Ok(Dynamic::from(BytesValue::made(bytes)?)),
            None => Ok(Dynamic::UNIT),
        }
    }
}
