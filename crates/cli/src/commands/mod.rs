//! One command a file.

mod advice;
mod budgets;
mod catalog;
pub(crate) mod completions;
mod costs;
mod delete;
mod deploy;
mod doctor;
mod drift;
mod endpoints;
mod env;
mod events;
mod exec;
mod functions;
mod invoke;
mod jobs;
mod keys;
mod logs;
mod models;
mod objects;
mod pipelines;
mod plan;
mod predict;
mod run;
pub(crate) mod schema;
mod serve;
mod show;
mod stop;
mod traces;
mod traffic;

use crate::arguments::{Arguments, Command};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;

/// Runs the command that was given.
pub(crate) async fn dispatch(arguments: Arguments, output: Output) -> Result<(), Failure> {
    let client = async |start| connect(&arguments, output, start).await;
    match &arguments.command {
        Command::Run(wanted) => run::run(&arguments, wanted, output).await,
        Command::Plan(wanted) => plan::run(&arguments, wanted, output),
        Command::Catalog(wanted) => catalog::run(&arguments, wanted, output).await,
        Command::Jobs(wanted) => jobs::run(&client(Start::No).await?, wanted, output).await,
        Command::Logs(wanted) => logs::run(&client(Start::No).await?, wanted, output).await,
        Command::Stop(wanted) => stop::run(&client(Start::No).await?, wanted, output).await,
        Command::Pipelines(wanted) => {
            pipelines::run(&arguments, &client(Start::No).await?, wanted, output).await
        }
        Command::Models(wanted) => models::run(&client(Start::No).await?, wanted, output).await,
        Command::Endpoints(wanted) => {
            endpoints::run(&client(Start::No).await?, wanted, output).await
        }
        Command::Deploy(wanted) if functions::is_template(&wanted.endpoint, &wanted.models) => {
            functions::template(&client(Start::Yes).await?, wanted, output).await
        }
        Command::Deploy(wanted) => deploy::run(&client(Start::No).await?, wanted, output).await,
        Command::Functions(wanted) => {
            functions::run(&client(Start::Yes).await?, wanted, output).await
        }
        Command::Invoke(wanted) => invoke::run(&client(Start::No).await?, wanted, output).await,
        Command::Predict(wanted) => predict::run(&client(Start::No).await?, wanted, output).await,
        Command::Drift(wanted) => drift::run(&client(Start::No).await?, wanted, output).await,
        Command::Traces(wanted) => traces::run(&client(Start::No).await?, wanted, output).await,
        Command::Objects(wanted) => objects::run(&client(Start::Yes).await?, wanted, output).await,
        Command::Delete(wanted) => delete::run(&client(Start::No).await?, wanted, output).await,
        Command::Events(wanted) => events::run(&client(Start::No).await?, wanted, output).await,
        Command::Keys(wanted) => keys::run(&client(Start::No).await?, wanted, output).await,
        Command::Exec(wanted) => exec::run(&arguments, wanted, output).await,
        Command::Env(wanted) => env::run(&arguments, wanted, output).await,
        Command::Costs(wanted) => costs::run(&arguments, wanted, output).await,
        Command::Budgets(wanted) => budgets::run(&arguments, wanted, output),
        Command::Advice(wanted) => advice::run(&arguments, wanted, output).await,
        Command::Serve(wanted) => serve::run(&arguments, wanted, output).await,
        Command::Doctor(wanted) => doctor::run(&arguments, wanted, output).await,
        Command::Schema(_) => schema::run(output),
        Command::Completions(wanted) => completions::run(wanted, output),
    }
}
