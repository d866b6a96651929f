//! How functions and layers are named.

use super::fault::parameter;
use crate::fault::Fault;
use domain::FunctionName;

/// The name and the qualifier in `name`, `name:qualifier`, `account:function:name` or an ARN.
pub(crate) fn function(text: &str) -> Result<(FunctionName, Option<String>), Fault> {
    let rest = match text.split_once("function:") {
        Some((_, rest)) => rest,
        None => text,
    };
    let (name, qualifier) = match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
        None => (rest, None),
    };
    let name = FunctionName::new(name).map_err(|error| parameter(error.to_string()))?;
    Ok((name, qualifier))
}

/// Name and version in a layer version's ARN.
pub(super) fn layer(arn: &str) -> Result<(String, u32), Fault> {
    let wrong = || parameter(format!("`{arn}` is not the ARN of a layer version"));
    let rest = arn.split_once(":layer:").ok_or_else(wrong)?.1;
    let (name, version) = rest.split_once(':').ok_or_else(wrong)?;
    Ok((name.to_owned(), version.parse().map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_function_is_read() {
        for (text, qualifier) in [
            ("f", None),
            ("f:prod", Some("prod")),
            ("123456789012:function:f", None),
            (
                "arn:aws:lambda:us-east-1:123456789012:function:f:3",
                Some("3"),
            ),
        ] {
            let (name, found) = function(text).unwrap();
            assert_eq!(
                (name.as_str(), found.as_deref()),
                ("f", qualifier),
                "{text}"
            );
        }
        assert!(function("../f").is_err());
        let arn = "arn:aws:lambda:us-east-1:123456789012:layer:l:2";
        assert_eq!(layer(arn).unwrap(), ("l".to_owned(), 2));
    }
}
