//! The names of functions as AWS writes them (AWS Service Authorization Reference, "AWS Lambda"), by
//! which code learns how it was asked for whoever asked.

use domain::FunctionName;
use domain::function::Qualifier;

/// The name by which a function is asked for; without a qualifier its changeable configuration answers.
pub(super) fn of(name: &FunctionName, qualifier: &Qualifier) -> String {
    match qualifier {
        Qualifier::Latest => format!("arn:aws:lambda:us-east-1:123456789012:function:{name}"),
        Qualifier::Version(_) | Qualifier::Alias(_) => with(name, qualifier),
    }
}

/// The name with its qualifier in any case.
pub(super) fn with(name: &FunctionName, qualifier: &Qualifier) -> String {
    format!("{}:{qualifier}", of(name, &Qualifier::Latest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Name;

    #[test]
    fn a_qualifier_is_told_unless_it_is_the_usual_one() {
        let hello = FunctionName::new("hello").unwrap();
        let plain = "arn:aws:lambda:us-east-1:123456789012:function:hello";
        assert_eq!(of(&hello, &Qualifier::Latest), plain);
        assert_eq!(of(&hello, &Qualifier::Version(3)), format!("{plain}:3"));
        let live = Qualifier::Alias(Name::new("live").unwrap());
        assert_eq!(of(&hello, &live), format!("{plain}:live"));
        assert_eq!(with(&hello, &Qualifier::Latest), format!("{plain}:$LATEST"));
    }
}
