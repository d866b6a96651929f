//! Managed policies: those of the account, kept as documents, and those of AWS that SDKs attach by
//! name. AWS's own texts are not copied; what stands here allows the same services.

use super::names;
use super::versions::{Version, conflict};
use crate::fault::Fault;
use crate::operation::Call;
use control::Caller;
use control::documents::{DocumentFilter, NewDocument};
use domain::{Refusal, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(super) const KIND: &str = "aws/iam-policy";

/// The policy that allows everything.
pub(super) const EVERYTHING: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Before the name of a policy of AWS.
pub(super) const OF_AWS: &str = "arn:aws:iam::aws:policy/";

/// A policy of AWS: its name after [`OF_AWS`], and what it allows.
struct Known {
    name: &'static str,
    actions: &'static [&'static str],
}

const KNOWN: &[Known] = &[
    Known {
        name: "AdministratorAccess",
        actions: &["*"],
    },
    Known {
        name: "ReadOnlyAccess",
        actions: &[
            "*:Get*",
            "*:List*",
            "*:Describe*",
            "*:BatchGet*",
            "*:Head*",
            "sagemaker:Search",
            "sagemaker:Query*",
            "logs:Filter*",
            "logs:StartQuery",
        ],
    },
    Known {
        name: "AmazonSageMakerReadOnly",
        actions: &[
            "sagemaker:Describe*",
            "sagemaker:List*",
            "sagemaker:Get*",
            "sagemaker:BatchGet*",
            "sagemaker:BatchDescribe*",
            "sagemaker:Search",
            "sagemaker:Query*",
        ],
    },
    Known {
        name: "AmazonSageMakerFullAccess",
        actions: &[
            "sagemaker:*",
            "s3:*",
            "logs:*",
            "cloudwatch:*",
            "ecr:*",
            "kms:List*",
            "kms:Describe*",
            "iam:GetRole",
            "iam:ListRoles",
            "iam:PassRole",
            "lambda:ListFunctions",
            "lambda:InvokeFunction",
        ],
    },
    Known {
        name: "AmazonS3FullAccess",
        actions: &["s3:*"],
    },
    Known {
        name: "AmazonS3ReadOnlyAccess",
        actions: &["s3:Get*", "s3:List*", "s3:Describe*"],
    },
    Known {
        name: "CloudWatchFullAccess",
        actions: &["cloudwatch:*", "logs:*"],
    },
    Known {
        name: "CloudWatchLogsFullAccess",
        actions: &["logs:*"],
    },
    Known {
        name: "IAMFullAccess",
        actions: &["iam:*"],
    },
    Known {
        name: "AWSLambda_FullAccess",
        actions: &["lambda:*", "logs:*", "iam:PassRole"],
    },
    Known {
        name: "service-role/AWSLambdaBasicExecutionRole",
        actions: &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    },
];

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Managed {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) path: String,
    /// `ANPA…`.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    /// The text of the version that is at work.
    pub(crate) document: String,
    /// All versions; empty where there is one, the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) versions: Vec<Version>,
    /// The number of the version that is at work.
    #[serde(default = "first")]
    pub(crate) default: u32,
    /// The highest number that a version ever had.
    #[serde(default = "first")]
    pub(crate) last: u32,
}

fn first() -> u32 {
    1
}

fn of_aws(known: &Known) -> Managed {
    let actions: Vec<String> = known.actions.iter().map(|a| format!("\"{a}\"")).collect();
    let (path, name) = known.name.rsplit_once('/').unwrap_or(("", known.name));
    Managed {
        arn: format!("{OF_AWS}{}", known.name),
        name: name.to_owned(),
        path: if path.is_empty() {
            "/".to_owned()
        } else {
            format!("/{path}/")
        },
        id: "ANPATRADEWINDBUILTIN0".to_owned(),
        created: Timestamp(0),
        description: None,
        document: format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\
             \"Action\":[{}],\"Resource\":\"*\"}}]}}",
            actions.join(",")
        ),
        versions: Vec::new(),
        default: first(),
        last: first(),
    }
}

/// That there is no such policy.
pub(crate) fn missing(arn: &str) -> Fault {
    let text = format!("Policy {arn} does not exist or is not attachable.");
    Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND)
}

/// The policy of an ARN, if there is one.
pub(super) async fn find(
    aws: &crate::Aws,
    caller: &Caller,
    arn: &str,
) -> Result<Option<Managed>, Fault> {
    if let Some(name) = arn.strip_prefix(OF_AWS) {
        return Ok(KNOWN.iter().find(|known| known.name == name).map(of_aws));
    }
    let own = format!("arn:aws:iam::{}:policy/", aws.account.id);
    let name = match arn.strip_prefix(&own) {
        Some(name) => name.rsplit('/').next().unwrap_or(""),
        None => return Ok(None),
    };
    if names::check(name, 128).is_err() {
        return Ok(None);
    }
    let Some(known) = aws.control.find_document(caller, KIND, name).await? else {
        return Ok(None);
    };
    let managed = read(known.document.body)?;
    Ok((managed.arn == arn).then_some(managed))
}

pub(super) fn read(body: serde_json::Value) -> Result<Managed, Fault> {
    serde_json::from_value(body)
        .map_err(|error| Refusal::internal(format!("a policy cannot be read: {error}")).into())
}

impl Call<'_> {
    /// Makes a policy of the account.
    pub(crate) async fn make_policy(
        &self,
        name: &str,
        path: Option<String>,
        description: Option<String>,
        document: String,
    ) -> Result<Managed, Fault> {
        names::check(name, 128)?;
        let path = names::path(path)?;
        super::policy::check(&document)?;
        let managed = Managed {
            arn: format!("arn:aws:iam::{}:policy{path}{name}", self.aws.account.id),
            name: name.to_owned(),
            path,
            id: format!("ANPA{}", self.aws.letters(17)),
            created: self.aws.control.world.now(),
            description,
            document,
            versions: Vec::new(),
            default: first(),
            last: first(),
        };
        let new = NewDocument {
            kind: KIND.to_owned(),
            id: name.to_owned(),
            phase: "kept".to_owned(),
            body: serde_json::to_value(&managed).map_err(|e| Refusal::internal(e.to_string()))?,
            ..NewDocument::default()
        };
        let caller = self.administrator()?;
        match self.aws.control.create_document(&caller, &new).await {
            Ok(_) => Ok(managed),
            Err(Refusal::AlreadyExists { .. }) => {
                let text = format!(
                    "A policy called {name} already exists. Duplicate names are not allowed."
                );
                Err(Fault::new("EntityAlreadyExists", text).with_status(StatusCode::CONFLICT))
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The policy of an ARN.
    pub(crate) async fn policy(&self, arn: &str) -> Result<Managed, Fault> {
        let found = find(self.aws, &self.caller(), arn).await?;
        found.ok_or_else(|| missing(arn))
    }

    /// A page of the account's policies, and those of AWS before the first.
    pub(crate) async fn policies(
        &self,
        page: &super::page::Page,
        with_aws: bool,
        with_own: bool,
    ) -> Result<(Vec<Managed>, Option<String>), Fault> {
        let mut all = Vec::new();
        if with_aws && page.marker.is_none() {
            all.extend(KNOWN.iter().map(of_aws));
        }
        let mut next = None;
        if with_own {
            let filter = DocumentFilter {
                kind: KIND.to_owned(),
                after: page.marker.clone(),
                limit: page.limit()?,
                ..DocumentFilter::default()
            };
            let (documents, after) = self.aws.control.documents(&self.caller(), &filter).await?;
            for document in documents {
                all.push(read(document.body)?);
            }
            next = after;
        }
        Ok((all, next))
    }

    /// Deletes a policy of the account that is attached to nothing.
    pub(crate) async fn delete_policy(&self, arn: &str) -> Result<(), Fault> {
        let caller = self.administrator()?;
        let managed = self.policy(arn).await?;
        if managed.arn.starts_with(OF_AWS) {
            let text = "Policies of AWS cannot be deleted.";
            return Err(Fault::new("AccessDenied", text).with_status(StatusCode::FORBIDDEN));
        }
        if managed.has_others() {
            return Err(conflict(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must delete \
                 the policy's versions. The default version is deleted with the policy.",
            ));
        }
        if self.is_attached(arn).await? {
            let text = "Cannot delete a policy attached to entities.";
            return Err(Fault::new("DeleteConflict", text).with_status(StatusCode::CONFLICT));
        }
        Ok(self
            .aws
            .control
            .delete_document(&caller, KIND, &managed.name)
            .await?)
    }

    async fn is_attached(&self, arn: &str) -> Result<bool, Fault> {
        for kind in [super::Kind::Role, super::Kind::User, super::Kind::Group] {
            let mut page = super::page::Page::default();
            loop {
                let (entities, next) = self.entities(kind, page.clone()).await?;
                let uses = |e: &super::Entity| {
                    e.boundary.as_deref() == Some(arn) || e.attached.iter().any(|a| a == arn)
                };
                if entities.iter().any(uses) {
                    return Ok(true);
                }
                match next {
                    Some(marker) => page.marker = Some(marker),
                    None => break,
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_of_aws_can_be_read() {
        for known in KNOWN {
            let managed = of_aws(known);
            assert!(
                ::s3::Policy::for_identity(&managed.document).is_ok(),
                "{}",
                known.name
            );
        }
    }
}
