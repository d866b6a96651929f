//! The versions of a pipeline: what it was after it was made and after each update, by number.

use super::store::{self, Pipeline};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::listing::Listed;
use control::documents::{Document, DocumentFilter, NewDocument};
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of the versions' documents.
const KIND: &str = "sagemaker/pipeline-version";

/// A version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: i64,
    #[serde(flatten)]
    pub(crate) pipeline: Pipeline,
    /// The version's own name and description, which may be given later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version_description: Option<String>,
}

/// A version in a list.
pub(crate) struct View {
    pub(crate) version: Version,
    pub(crate) created: Timestamp,
}

impl Listed for View {
    fn name(&self) -> String {
        format!("{:012}", self.version.number)
    }
    fn created(&self) -> Timestamp {
        self.created
    }
    fn modified(&self) -> Timestamp {
        self.created
    }
    fn status(&self) -> String {
        String::new()
    }
}

/// Keeps a pipeline as the version that it now is; one that is kept already stays.
pub(crate) async fn keep(call: &Call<'_>, name: &str, pipeline: &Pipeline) -> Result<(), Fault> {
    let version = Version {
        number: pipeline.version,
        pipeline: pipeline.clone(),
        version_name: None,
        version_description: None,
    };
    let made = call
        .aws
        .control
        .create_document(&call.caller(), &document(name, &version))
        .await;
    match made {
        Ok(_) | Err(Refusal::AlreadyExists { .. }) => Ok(()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// A version by its number.
pub(crate) async fn find(call: &Call<'_>, name: &str, number: i64) -> Result<Version, Fault> {
    let known = call
        .aws
        .control
        .find_document(&call.caller(), KIND, &id(name, number))
        .await;
    match known.map_err(fault)? {
        Some(known) => read(known.document.body),
        None => missing(call, name, number),
    }
}

fn missing<T>(call: &Call<'_>, name: &str, number: i64) -> Result<T, Fault> {
    let arn = store::arn(call, name);
    Err(Fault::new(
        "ResourceNotFound",
        format!("Version {number} of the pipeline '{arn}' does not exist."),
    ))
}

/// Names and describes a version.
pub(crate) async fn describe(
    call: &Call<'_>,
    name: &str,
    number: i64,
    (version_name, description): (Option<String>, Option<String>),
) -> Result<(), Fault> {
    let (caller, id) = (call.caller(), id(name, number));
    let known = call
        .aws
        .control
        .find_document(&caller, KIND, &id)
        .await
        .map_err(fault)?;
    let Some(known) = known else {
        return missing(call, name, number);
    };
    let mut version: Version = read(known.document.body)?;
    version.version_name = version_name.or(version.version_name);
    version.version_description = description.or(version.version_description);
    let new = document(name, &version);
    let written = call
        .aws
        .control
        .put_document(&caller, &new, Some(known.revision))
        .await;
    written.map(|_| ()).map_err(fault)
}

/// All versions of a pipeline.
pub(crate) async fn all(call: &Call<'_>, name: &str) -> Result<Vec<View>, Fault> {
    let documents = documents(call, name).await?.into_iter();
    let views = documents.map(|document| {
        let created = document.created;
        let version: Version = read(document.body)?;
        Ok(View { version, created })
    });
    views.collect()
}

/// Forgets all versions of a pipeline that is deleted.
pub(crate) async fn forget(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    for document in documents(call, name).await? {
        match call
            .aws
            .control
            .delete_document(&call.caller(), KIND, &document.id)
            .await
        {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
    }
    Ok(())
}

async fn documents(call: &Call<'_>, name: &str) -> Result<Vec<Document>, Fault> {
    let mut filter = DocumentFilter {
        kind: KIND.to_owned(),
        parent: Some(name.to_owned()),
        limit: 100,
        ..DocumentFilter::default()
    };
    let mut all = Vec::new();
    loop {
        let page = call.aws.control.documents(&call.caller(), &filter).await;
        let (page, next) = page.map_err(fault)?;
        all.extend(page);
        match next {
            Some(after) => filter.after = Some(after),
            None => return Ok(all),
        }
    }
}

/// Aliases of versions are names that move; they are refused where they would count.
pub(crate) fn without_aliases(asked: &Value) -> Result<(), Fault> {
    for member in [
        "PipelineVersionAlias",
        "PipelineVersionAliases",
        "PipelineVersionAliasOperations",
    ] {
        let given = asked.get(member).is_some_and(|value| match value {
            Value::Null => false,
            Value::Array(all) => !all.is_empty(),
            _ => true,
        });
        if given {
            return Err(Fault::unsupported(format!(
                "{member}: aliases of pipeline versions are not served; give the version's number"
            )));
        }
    }
    Ok(())
}

fn id(name: &str, number: i64) -> String {
    format!("{name}/{number:012}")
}

fn document(name: &str, version: &Version) -> NewDocument {
    NewDocument {
        kind: KIND.to_owned(),
        id: id(name, version.number),
        parent: Some(name.to_owned()),
        phase: "kept".to_owned(),
        body: json!(version),
        ..NewDocument::default()
    }
}
