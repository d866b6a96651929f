//! `ListTags`, `TagResource`, `UntagResource`, of functions
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>).

use super::{present, write};
use crate::fault::Fault;
use crate::lambda::fault::parameter;
use crate::lambda::{Answered, Asked, names};
use domain::FunctionName;
use http::StatusCode;
use serde_json::{Value, json};

/// Most tags of a function.
const MOST: usize = 50;

fn function(arn: &str) -> Result<FunctionName, Fault> {
    if !arn.starts_with("arn:aws:lambda:") || !arn.contains(":function:") {
        return Err(parameter(format!("`{arn}` is not the ARN of a function")));
    }
    match names::function(arn)? {
        (name, None) => Ok(name),
        (_, Some(_)) => Err(parameter(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )),
    }
}

/// `ListTags`.
pub(in crate::lambda) async fn list_tags(asked: &Asked<'_>, arn: &str) -> Answered {
    let function = present(asked, &function(arn)?).await?;
    Ok((StatusCode::OK, json!({"Tags": function.spec.tags})))
}

/// `TagResource`.
pub(in crate::lambda) async fn tag(asked: &Asked<'_>, arn: &str) -> Answered {
    let members = asked.members()?;
    let name = function(arn)?;
    let mut spec = present(asked, &name).await?.spec;
    let tags = members.get("Tags").and_then(Value::as_object);
    for (key, value) in tags.ok_or_else(|| parameter("Tags are needed"))? {
        let text = value
            .as_str()
            .ok_or_else(|| parameter("a tag's value is text"))?;
        spec.tags.insert(key.clone(), text.to_owned());
    }
    if spec.tags.len() > MOST {
        return Err(parameter(format!("a function has at most {MOST} tags")));
    }
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

/// `UntagResource`: the keys are in the query, each as `tagKeys`.
pub(in crate::lambda) async fn untag(asked: &Asked<'_>, arn: &str) -> Answered {
    let name = function(arn)?;
    let mut spec = present(asked, &name).await?.spec;
    for (_, key) in asked.pairs.iter().filter(|(name, _)| name == "tagKeys") {
        spec.tags.remove(key);
    }
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}
