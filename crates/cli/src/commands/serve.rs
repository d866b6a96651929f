//! `serve`: the server in the foreground.

use crate::arguments::{Arguments, ServeArguments};
use crate::embedded::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use server::Settings;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &ServeArguments,
    output: Output,
) -> Result<(), Failure> {
    let settings = settings(arguments, wanted)?;
    let filter = EnvFilter::try_from_env("TRADEWIND_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,tower_http=warn,sqlx=warn,s3s=off"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let registry = tracing_subscriber::registry().with(filter);
    let _ = if output.json {
        registry.with(lines.json()).try_init()
    } else {
        registry.with(lines).try_init()
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (_stop, stopping) = tokio::sync::watch::channel(false);
    let data = settings.data.display().to_string();
    let served = server::serve(settings, stopping, |announcement| {
        output.document(announcement);
        output.say(format!(
            "serving at {} (data in {data})",
            announcement.address
        ));
    });
    served.await.map_err(|error| match error {
        server::Error::InUse { .. } => Failure::Occupied(error.to_string()),
        _ => Failure::here(error.to_string()),
    })
}

fn settings(arguments: &Arguments, wanted: &ServeArguments) -> Result<Settings, Failure> {
    let mut settings = match &wanted.config {
        Some(file) => Settings::read(file).map_err(|e| Failure::usage(e.to_string()))?,
        None => Settings::new(data_folder(arguments)?),
    };
    if let Some(data) = &arguments.data {
        settings.data.clone_from(data);
    }
    if let Some(listen) = &wanted.listen {
        settings.listen.clone_from(listen);
    }
    if wanted.database.is_some() {
        settings.database.clone_from(&wanted.database);
    }
    if wanted.environments.is_some() {
        settings.environments.clone_from(&wanted.environments);
    }
    // An empty variable is as none (OpenTelemetry's environment variables).
    let collector = wanted.otlp_endpoint.as_ref();
    if let Some(collector) = collector.filter(|address| !address.is_empty()) {
        settings.otlp_endpoint = Some(collector.clone());
    }
    settings.live_jobs = wanted.live_jobs.or(settings.live_jobs);
    settings.lease_milliseconds = wanted
        .lease_milliseconds
        .unwrap_or(settings.lease_milliseconds);
    if let Some(days) = wanted.keep_events_days {
        settings.keep_events_days = days;
    }
    if let Some(days) = wanted.keep_environments_days {
        settings.keep_environments_days = days;
    }
    settings.allow_remote |= wanted.allow_remote;
    settings.any_port |= wanted.any_port;
    Ok(settings)
}
