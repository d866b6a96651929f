//! What an operation is: a name, a request, a response, and one function between them.

use crate::Aws;
use crate::fault::Fault;
use crate::principal::Principal;
use control::Caller;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A proven request that is being answered.
pub(crate) struct Call<'a> {
    /// The dialect.
    pub(crate) aws: &'a Aws,
    /// Who signed.
    pub(crate) principal: &'a Principal,
    /// The region that the signature names.
    pub(crate) region: &'a str,
    /// Unique for this request; in the answer's `x-amzn-RequestId`.
    pub(crate) request_id: &'a str,
    /// How it came in; nothing of what reconcilers do in the signer's name.
    pub(crate) connection: Option<::s3::Connection>,
}

impl Call<'_> {
    /// The signer as a caller of commands and queries.
    pub(crate) fn caller(&self) -> Caller {
        self.principal.caller(None)
    }

    /// The ARN of a resource of SageMaker.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        self.aws.account.arn(service, self.region, resource)
    }
}

/// An operation of a service whose requests are one JSON value, whatever the protocol.
pub(crate) trait Operation {
    /// As the service's model spells it.
    const NAME: &'static str;
    /// The request's members; unknown ones are ignored as AWS ignores them.
    type Input: DeserializeOwned + Send;
    /// The response's members.
    type Output: Serialize;
    /// Answers.
    fn run(
        call: &Call<'_>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Fault>> + Send;
}

/// The answer of an operation that says nothing: `{}`.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

/// What an operation answers in the end.
type Answering<'a, T> = BoxFuture<'a, Result<T, Fault>>;

/// A row of a service's table.
pub(crate) struct Served {
    /// The operation's name.
    pub(crate) name: &'static str,
    /// Reads, answers, renders.
    pub(crate) run: for<'a> fn(&'a Call<'a>, Value) -> Answering<'a, Value>,
    /// The same with the answer as JSON text at once, without a tree of it.
    pub(crate) run_to_text: for<'a> fn(&'a Call<'a>, Value) -> Answering<'a, Vec<u8>>,
}

/// The row of an operation.
pub(crate) const fn row<O: Operation + 'static>() -> Served {
    Served {
        name: O::NAME,
        run: |call, input| {
            Box::pin(async move {
                let input = read::<O::Input>(input)?;
                let output = O::run(call, input).await?;
                serde_json::to_value(output).map_err(|error| unrendered(O::NAME, &error))
            })
        },
        run_to_text: |call, input| {
            Box::pin(async move {
                let input = read::<O::Input>(input)?;
                let output = O::run(call, input).await?;
                serde_json::to_vec(&output).map_err(|error| unrendered(O::NAME, &error))
            })
        },
    }
}

fn unrendered(operation: &str, error: &serde_json::Error) -> Fault {
    tracing::error!(%error, operation, "an answer cannot be rendered");
    Fault::common(domain::Refusal::internal(error.to_string()))
}

/// Reads a request's members; what does not fit is a validation error that names the member.
pub(crate) fn read<T: DeserializeOwned>(input: Value) -> Result<T, Fault> {
    T::deserialize(input).map_err(|error| {
        let text = error.to_string();
        match text.strip_prefix("missing field `") {
            Some(rest) => {
                let name = rest.trim_end_matches('`');
                Fault::validation(format!(
                    "1 validation error detected: Value null at '{}' failed to satisfy \
                     constraint: Member must not be null",
                    lower_first(name)
                ))
            }
            None => Fault::new("SerializationException", text),
        }
    })
}

/// AWS writes members in messages with a small first letter.
pub(crate) fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + characters.as_str(),
        None => String::new(),
    }
}

/// The table of a service's operations: one module a file, one type in each.
macro_rules! operations {
    ($($module:ident :: $name:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every operation that is served.
        pub(crate) static SERVED: &[$crate::operation::Served] = &[
            $($crate::operation::row::<$module::$name>()),*
        ];
    };
}
pub(crate) use operations;
