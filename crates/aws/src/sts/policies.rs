//! The policies that a session is narrowed by
//! (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).

use crate::fault::Fault;
use crate::iam;
use crate::operation::Call;
use serde::Deserialize;

/// Characters of a session's own policy.
const LONGEST: usize = 2_048;
/// Managed policies of a session.
const MOST: usize = 10;

/// A managed policy by its ARN.
#[derive(Debug, Deserialize)]
pub(crate) struct PolicyArn {
    arn: String,
}

/// What a request narrows its session by: a text, and managed policies that there are.
pub(crate) async fn read(
    call: &Call<'_>,
    text: Option<String>,
    arns: Vec<PolicyArn>,
) -> Result<Vec<String>, Fault> {
    let mut policies = Vec::new();
    if let Some(text) = text {
        if text.is_empty() || text.len() > LONGEST {
            let text = format!("the session policy must have from 1 to {LONGEST} characters");
            return Err(Fault::new("PackedPolicyTooLarge", text));
        }
        iam::check_policy(&text)?;
        policies.push(text);
    }
    if arns.len() > MOST {
        let text = format!("a session can have {MOST} managed policies");
        return Err(Fault::new("ValidationError", text));
    }
    for PolicyArn { arn } in arns {
        call.policy(&arn)
            .await
            .map_err(|fault| match fault.code.as_ref() {
                "NoSuchEntity" => Fault::new("ValidationError", fault.message),
                _ => fault,
            })?;
        policies.push(arn);
    }
    Ok(policies)
}
