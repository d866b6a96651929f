//! One JSON object a line, as Google Cloud's billing export has it.

use super::Options;
use super::container::unpack_failed;
use super::forms::{Form, google};
use super::guard::Guard;
use super::sink::Sink;
use crate::Error;
use crate::row::Reject;
use serde_json::Value;
use std::io::BufRead;
use std::path::Path;

pub(super) fn read(
    path: &Path,
    mut from: Guard<impl BufRead>,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<Form, Error> {
    if let Some(other) = options.form.filter(|form| *form != Form::Google) {
        let what = format!("it holds JSON lines and not the form `{}`", other.name());
        return Err(Error::unreadable(path, None, what));
    }
    let (mut line, mut number, mut fits) = (Vec::new(), 0_u64, false);
    while from
        .line(&mut line)
        .map_err(|error| unpack_failed(path, &error))?
    {
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let read: Result<Value, Reject> = serde_json::from_slice(bytes)
            .map_err(|error| Reject::new("", format!("is no JSON: {error}")));
        let taken = read.and_then(|value| {
            fits |= google::fits(&value);
            google::lines(&value, sink.rows())
        });
        sink.take(number, taken, || {
            String::from_utf8_lossy(&line).into_owned()
        })?;
    }
    if fits {
        Ok(Form::Google)
    } else {
        let what = "its objects have none of `billing_account_id`, `service` and `cost`";
        Err(Error::unreadable(path, Some(1), what))
    }
}
