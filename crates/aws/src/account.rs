//! The account that an installation answers as, and the names of its resources.

/// An AWS account. One installation has one; a workspace is opened by the key that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Where requests without a region are taken to be.
    pub region: String,
}

/// The account number of AWS' own documentation, which belongs to nobody.
const DEFAULT_ID: &str = "123456789012";

impl Default for Account {
    fn default() -> Self {
        Self {
            id: DEFAULT_ID.to_owned(),
            region: "us-east-1".to_owned(),
        }
    }
}

impl Account {
    /// An ARN of this account
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{region}:{}:{resource}", self.id)
    }

    /// The last part of an ARN after `kind/`, or the text itself when it is a name already.
    pub fn name_of<'a>(text: &'a str, kind: &str) -> &'a str {
        if !text.starts_with("arn:") {
            return text;
        }
        let resource = text.splitn(6, ':').nth(5).unwrap_or(text);
        resource
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_arns() {
        let account = Account::default();
        let arn = account.arn("sagemaker", "us-east-1", "training-job/a-b");
        assert_eq!(
            arn,
            "arn:aws:sagemaker:us-east-1:123456789012:training-job/a-b"
        );
        assert_eq!(Account::name_of(&arn, "training-job"), "a-b");
        assert_eq!(Account::name_of("a-b", "training-job"), "a-b");
    }
}
