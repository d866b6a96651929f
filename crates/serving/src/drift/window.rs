//! The first and the newest captured requests of an endpoint.

use super::DriftError;
use super::columns::Columns;
use crate::capture::read;
use contracts::objects::{ListObjects, ObjectError, Objects};
use domain::Workspace;
use futures::StreamExt;

/// Objects that are listed at most; older ones beyond them are left out.
const MOST_OBJECTS: usize = 200_000;

/// The captured records of an endpoint, from both ends.
pub(super) struct Records<'a> {
    workspace: &'a Workspace,
    bucket: &'a str,
    /// In order of time.
    keys: Vec<String>,
    /// Lines before this one, in this object, were the first.
    begin: (usize, usize),
    unread: usize,
}

impl<'a> Records<'a> {
    /// Lists what is there.
    pub(super) async fn list(
        objects: &dyn Objects,
        workspace: &'a Workspace,
        bucket: &'a str,
        prefix: &str,
    ) -> Result<Self, DriftError> {
        let mut keys = Vec::new();
        let mut list = ListObjects {
            prefix: prefix.to_owned(),
            ..ListObjects::default()
        };
        loop {
            let page = match objects.list(workspace, bucket, &list).await {
                Ok(page) => page,
                // Nothing was captured yet.
                Err(ObjectError::NoSuchBucket(_)) => break,
                Err(error) => return Err(error.into()),
            };
            keys.extend(page.objects.into_iter().map(|object| object.key));
            list.after = page.next;
            if list.after.is_none() || keys.len() >= MOST_OBJECTS {
                break;
            }
        }
        // What follows the deployment's name is in order of time.
        let time = |key: &String| {
            let rest = key.get(prefix.len()..).unwrap_or_default();
            rest.split_once('/').map(|(_, time)| time.to_owned())
        };
        keys.sort_by_key(time);
        Ok(Self {
            workspace,
            bucket,
            keys,
            begin: (0, 0),
            unread: 0,
        })
    }

    /// Requests that could not be read as rows.
    pub(super) fn unread(&self) -> usize {
        self.unread
    }

    /// The columns of the first requests, up to so many rows; [`Self::newest`] leaves them out.
    pub(super) async fn first(
        &mut self,
        objects: &dyn Objects,
        rows: usize,
        names: Option<&[String]>,
    ) -> Result<Columns, DriftError> {
        let mut columns = Columns::default();
        for place in 0..self.keys.len() {
            let text = self.text(objects, place).await?;
            for (number, line) in text.lines().enumerate() {
                if columns.rows() >= rows {
                    self.begin = (place, number);
                    return Ok(columns);
                }
                self.take(line, names, &mut columns);
            }
        }
        self.begin = (self.keys.len(), 0);
        Ok(columns)
    }

    /// The columns of the newest requests, up to about so many rows.
    pub(super) async fn newest(
        &mut self,
        objects: &dyn Objects,
        rows: usize,
        names: Option<&[String]>,
    ) -> Result<Columns, DriftError> {
        let mut columns = Columns::default();
        let (first, skipped) = self.begin;
        for place in (first..self.keys.len()).rev() {
            if columns.rows() >= rows {
                break;
            }
            let text = self.text(objects, place).await?;
            let skipped = if place == first { skipped } else { 0 };
            let lines: Vec<&str> = text.lines().skip(skipped).collect();
            for line in lines.iter().rev() {
                if columns.rows() >= rows {
                    break;
                }
                self.take(line, names, &mut columns);
            }
        }
        Ok(columns)
    }

    fn take(&mut self, line: &str, names: Option<&[String]>, columns: &mut Columns) {
        let (request, answer) = read(line);
        let known = request
            .is_some_and(|request| columns.read(&request.content_type, &request.body, names));
        if !known {
            self.unread += 1;
            return;
        }
        if let Some(answer) = answer {
            columns.read_answer(&answer.body);
        }
    }

    async fn text(&self, objects: &dyn Objects, place: usize) -> Result<String, DriftError> {
        let key = &self.keys[place];
        let (_, mut stream) = objects.get(self.workspace, self.bucket, key, None).await?;
        let mut text = Vec::new();
        while let Some(piece) = stream.next().await {
            text.extend_from_slice(&piece?);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
