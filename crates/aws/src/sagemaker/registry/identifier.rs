//! What names a package: a group and a number, or a name of its own.

use crate::account::Account;
use crate::operation::Call;

/// A package's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identifier {
    /// A version of a group.
    Versioned {
        /// The group.
        group: String,
        /// Counted from 1.
        number: u32,
    },
    /// A package outside of all groups.
    Unversioned(String),
}

impl Identifier {
    /// Reads an ARN, `group/number` or a plain name.
    pub(crate) fn read(text: &str) -> Self {
        let name = Account::name_of(text, "model-package");
        if let Some((group, number)) = name.rsplit_once('/')
            && let Ok(number) = number.parse()
        {
            let group = group.to_owned();
            return Self::Versioned { group, number };
        }
        Self::Unversioned(name.to_owned())
    }

    /// As its document is called and its ARN ends.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Versioned { group, number } => format!("{group}/{number}"),
            Self::Unversioned(name) => name.clone(),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self, call: &Call<'_>) -> String {
        call.arn("sagemaker", &format!("model-package/{}", self.id()))
    }

    /// What `ModelPackageName` says of it: the group's name for a version.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Versioned { group, .. } => group,
            Self::Unversioned(name) => name,
        }
    }
}

/// The group that a name or an ARN means.
pub(crate) fn group_name(text: &str) -> &str {
    Account::name_of(text, "model-package-group")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_and_names_are_told_apart() {
        let versioned = Identifier::Versioned {
            group: "flowers".into(),
            number: 3,
        };
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/flowers/3";
        assert_eq!(Identifier::read(arn), versioned);
        assert_eq!(Identifier::read("flowers/3"), versioned);
        assert_eq!(
            Identifier::read("arn:aws:sagemaker:us-east-1:123456789012:model-package/one"),
            Identifier::Unversioned("one".into())
        );
        assert_eq!(versioned.id(), "flowers/3");
    }
}
