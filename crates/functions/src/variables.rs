//! The variables that each cloud gives its functions.

use contracts::functions::FunctionTarget;
use domain::function::{FunctionForm, FunctionRuntime};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where things are for one version.
pub(crate) struct Places<'a> {
    pub(crate) code: &'a Path,
    pub(crate) opt: Option<PathBuf>,
    pub(crate) interpreter: Option<&'a Path>,
    pub(crate) stream: &'a str,
}

/// The log group of a function, as Lambda names it.
pub(crate) fn log_group(target: &FunctionTarget) -> String {
    format!("/aws/lambda/{}", target.name)
}

/// All variables but those of a single instance: the server's, the form's, the function's own.
pub(crate) fn of(
    base: &BTreeMap<String, String>,
    target: &FunctionTarget,
    places: &Places<'_>,
) -> BTreeMap<String, String> {
    let mut variables = base.clone();
    let mut set = |name: &str, value: String| {
        variables.insert(name.to_owned(), value);
    };
    set("TZ", ":UTC".to_owned());
    match target.spec.form {
        FunctionForm::Aws => aws(target, places, &mut set),
        FunctionForm::Google => google(target, &mut set),
        FunctionForm::Azure => azure(target, places, &mut set),
    }
    let mut search: Vec<String> = vec![places.code.display().to_string()];
    if let Some(opt) = &places.opt {
        search.push(opt.join("python").display().to_string());
        let path = variables.get("PATH").cloned().unwrap_or_default();
        variables.insert("PATH".to_owned(), format!("{}/bin:{path}", opt.display()));
        let libraries = format!("{}/lib", opt.display());
        variables.insert("LD_LIBRARY_PATH".to_owned(), libraries);
    }
    if let Some(programs) = places.interpreter.and_then(Path::parent) {
        let path = variables.get("PATH").cloned().unwrap_or_default();
        variables.insert("PATH".to_owned(), format!("{}:{path}", programs.display()));
    }
    variables.insert("PYTHONPATH".to_owned(), search.join(":"));
    variables.extend(target.spec.env.clone());
    variables
}

/// AWS Lambda, "Defined runtime environment variables".
fn aws(target: &FunctionTarget, places: &Places<'_>, set: &mut impl FnMut(&str, String)) {
    let execution = match &target.spec.runtime {
        FunctionRuntime::Python => "AWS_Lambda_python",
        FunctionRuntime::Bootstrap | FunctionRuntime::Command { .. } => "AWS_Lambda_provided",
    };
    let region = "us-east-1";
    for (name, value) in [
        ("_HANDLER", target.spec.handler.as_str()),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_EXECUTION_ENV", execution),
        ("AWS_LAMBDA_FUNCTION_NAME", target.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", target.version.as_str()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", places.stream),
        ("LANG", "en_US.UTF-8"),
    ] {
        set(name, value.to_owned());
    }
    let code = places.code.display().to_string();
    let memory = (target.spec.memory.0 >> 20).to_string();
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory);
    set("AWS_LAMBDA_LOG_GROUP_NAME", log_group(target));
    set("LAMBDA_RUNTIME_DIR", code.clone());
    set("LAMBDA_TASK_ROOT", code);
}

/// Cloud Run functions, "Runtime environment variables set automatically".
fn google(target: &FunctionTarget, set: &mut impl FnMut(&str, String)) {
    set("FUNCTION_TARGET", target.spec.handler.clone());
    set("K_SERVICE", target.name.to_string());
    let revision = target.version.trim_start_matches('$').to_lowercase();
    set("K_REVISION", format!("{}-{revision}", target.name));
    set("PORT", "8080".to_owned());
}

/// Azure Functions, "App settings reference".
fn azure(target: &FunctionTarget, places: &Places<'_>, set: &mut impl FnMut(&str, String)) {
    set("FUNCTIONS_WORKER_RUNTIME", "python".to_owned());
    set("AzureWebJobsScriptRoot", places.code.display().to_string());
    set("WEBSITE_SITE_NAME", target.name.to_string());
    set("TRADEWIND_AZURE_FUNCTION", target.spec.handler.clone());
}
