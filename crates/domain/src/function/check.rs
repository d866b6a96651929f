//! What a function's configuration may be. Bounds are AWS Lambda's, whose quotas are the widest of
//! the three clouds' (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).

use super::{FunctionForm, FunctionRuntime, FunctionSpec, Network, Schedule, TriggerKind};
use crate::{ByteSize, Name, Span};

/// Why a function cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFunction {
    /// Memory.
    #[error("memory is between 128 MiB and 10240 MiB; {0} was asked for")]
    Memory(ByteSize),
    /// Time.
    #[error("the timeout is between 1s and 900s; {0} was asked for")]
    Timeout(Span),
    /// Temporary files.
    #[error("temporary files have between 1 MiB and 10240 MiB; {0} was asked for")]
    Temporary(ByteSize),
    /// Handler.
    #[error("the handler `{0}` is not `module.function`")]
    Handler(String),
    /// Command.
    #[error("the command of the runtime is empty")]
    EmptyCommand,
    /// A runtime of Lambda's for another form.
    #[error("a runtime that speaks Lambda's Runtime API needs the form `aws`")]
    RuntimeForm,
    /// The Runtime API needs the loopback.
    #[error(
        "a runtime that speaks Lambda's Runtime API reaches it over a network: its policy is \
         `loopback` or `open`"
    )]
    RuntimeNetwork,
    /// Variables.
    #[error("the variable `{0}` is not a name of letters, digits and `_`, or is reserved")]
    Variable(String),
    /// Variables' size.
    #[error("the variables have {0} bytes; at most 4096 are possible")]
    Variables(usize),
    /// Layers.
    #[error("a function has at most 5 layers")]
    Layers,
    /// Instances.
    #[error("a function has at most 1000 instances, and not fewer than are kept warm")]
    Scale,
    /// Retries.
    #[error("a failed call is made again at most 2 times")]
    Retries,
    /// Two of one name.
    #[error("trigger `{0}` is there twice")]
    Duplicate(Name),
    /// A trigger.
    #[error("trigger `{name}`: {message}")]
    Trigger {
        /// Which.
        name: Name,
        /// What is wrong.
        message: String,
    },
}

/// Variables that the runtime sets itself (AWS Lambda, "Defined runtime environment variables").
const RESERVED: [&str; 12] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

impl FunctionSpec {
    /// Checks numbers, names and what does not go together.
    pub fn check(&self) -> Result<(), InvalidFunction> {
        let mebibytes = |least: u64| ByteSize::mebibytes(least)..=ByteSize::mebibytes(10_240);
        if !mebibytes(128).contains(&self.memory) {
            return Err(InvalidFunction::Memory(self.memory));
        }
        if !mebibytes(1).contains(&self.temporary) {
            return Err(InvalidFunction::Temporary(self.temporary));
        }
        if !(Span::seconds(1)..=Span::seconds(900)).contains(&self.timeout) {
            return Err(InvalidFunction::Timeout(self.timeout));
        }
        if self.layers.len() > 5 {
            return Err(InvalidFunction::Layers);
        }
        if self.scale.max > 1_000 || self.scale.min > self.scale.max {
            return Err(InvalidFunction::Scale);
        }
        let mut all = std::iter::once(&self.retries).chain(self.qualified_retries.values());
        if all.any(|retries| retries.attempts > 2) {
            return Err(InvalidFunction::Retries);
        }
        self.check_runtime()?;
        self.check_variables()?;
        self.check_triggers()
    }

    fn check_runtime(&self) -> Result<(), InvalidFunction> {
        match &self.runtime {
            FunctionRuntime::Python => {
                let wrong = match self.form {
                    FunctionForm::Aws => !self
                        .handler
                        .rsplit_once('.')
                        .is_some_and(|(module, name)| plain(module) && plain(name)),
                    FunctionForm::Google => !plain(&self.handler),
                    FunctionForm::Azure => !self.handler.is_empty() && !plain(&self.handler),
                };
                if wrong {
                    return Err(InvalidFunction::Handler(self.handler.clone()));
                }
                return Ok(());
            }
            FunctionRuntime::Command { command } if command.is_empty() => {
                return Err(InvalidFunction::EmptyCommand);
            }
            FunctionRuntime::Command { .. } | FunctionRuntime::Bootstrap => {}
        }
        if self.form != FunctionForm::Aws {
            return Err(InvalidFunction::RuntimeForm);
        }
        if self.network == Network::None {
            return Err(InvalidFunction::RuntimeNetwork);
        }
        Ok(())
    }

    fn check_variables(&self) -> Result<(), InvalidFunction> {
        for (name, value) in &self.env {
            let sound = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !value.contains('\0');
            if !sound || RESERVED.contains(&name.as_str()) {
                return Err(InvalidFunction::Variable(name.chars().take(80).collect()));
            }
        }
        let bytes = self.env.iter().map(|(k, v)| k.len() + v.len()).sum();
        if bytes > 4_096 {
            return Err(InvalidFunction::Variables(bytes));
        }
        Ok(())
    }

    fn check_triggers(&self) -> Result<(), InvalidFunction> {
        for (position, trigger) in self.triggers.iter().enumerate() {
            let earlier = &self.triggers[..position];
            if earlier.iter().any(|other| other.name == trigger.name) {
                return Err(InvalidFunction::Duplicate(trigger.name.clone()));
            }
            let message = match &trigger.kind {
                TriggerKind::Http { method, path, .. } => wrong_route(method, path),
                TriggerKind::Schedule {
                    schedule: Schedule::Rate { span },
                    ..
                } if *span < Span::seconds(1) => Some("a rate is at least a second".to_owned()),
                _ => None,
            };
            if let Some(message) = message {
                let name = trigger.name.clone();
                return Err(InvalidFunction::Trigger { name, message });
            }
        }
        Ok(())
    }
}

/// Dotted or slashed names that cannot leave the code folder.
fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && !text.starts_with(['/', '.'])
        && !text.contains("..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
}

fn wrong_route(method: &str, path: &str) -> Option<String> {
    const METHODS: [&str; 8] = [
        "ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS",
    ];
    if !METHODS.contains(&method) {
        return Some(format!("`{method}` is not one of {}", METHODS.join(", ")));
    }
    if !path.starts_with('/') {
        return Some(format!("the path `{path}` does not begin with `/`"));
    }
    let parts: Vec<&str> = path.split('/').collect();
    let last = parts.len() - 1;
    for (position, part) in parts.iter().enumerate() {
        let inner = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
        let wrong = match inner {
            Some(name) if name.ends_with('+') => position != last || name.len() < 2,
            Some(name) => name.is_empty(),
            None => part.contains(['{', '}']),
        };
        if wrong {
            return Some(format!(
                "the part `{part}` of the path `{path}` is malformed"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::CodeArchive;

    fn spec(handler: &str) -> FunctionSpec {
        let code = CodeArchive {
            location: "s3://tradewind/code/x.tar.gz".to_owned(),
            content_hash: String::new(),
        };
        FunctionSpec::new(FunctionForm::Aws, code, handler)
    }

    #[test]
    fn handlers_stay_inside_the_code() {
        for good in ["app.handler", "src/app.handler", "a.b.c"] {
            assert_eq!(spec(good).check(), Ok(()), "{good}");
        }
        for bad in ["handler", "", "../app.handler", "/etc/x.y", "app.", "a b.c"] {
            assert!(spec(bad).check().is_err(), "{bad}");
        }
    }

    #[test]
    fn bounds_and_reserved_names_hold() {
        let mut wrong = spec("a.b");
        wrong.timeout = Span::seconds(901);
        assert!(matches!(wrong.check(), Err(InvalidFunction::Timeout(_))));
        let mut wrong = spec("a.b");
        wrong.memory = ByteSize::mebibytes(64);
        assert!(matches!(wrong.check(), Err(InvalidFunction::Memory(_))));
        let mut wrong = spec("a.b");
        wrong.env.insert("_HANDLER".to_owned(), "x".to_owned());
        assert!(matches!(wrong.check(), Err(InvalidFunction::Variable(_))));
        let mut wrong = spec("a.b");
        wrong.env.insert("BIG".to_owned(), "x".repeat(4_096));
        assert!(matches!(wrong.check(), Err(InvalidFunction::Variables(_))));
    }

    #[test]
    fn routes_are_well_formed() {
        for good in ["/", "/predict", "/items/{id}", "/{proxy+}"] {
            assert_eq!(wrong_route("POST", good), None, "{good}");
        }
        for bad in ["predict", "/{proxy+}/x", "/{}", "/a{b}"] {
            assert!(wrong_route("GET", bad).is_some(), "{bad}");
        }
        assert!(wrong_route("FETCH", "/").is_some());
    }
}
