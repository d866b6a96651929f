//! Makes the parts of a server and puts them together.

use crate::dispatch::dispatch;
use crate::maintain::Tidy;
use crate::market::{Prices, ServerOffers};
use crate::spending::Budgets;
use crate::staging::Staging;
use crate::{Error, Settings, door, system_world};
use aws::Aws;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use contracts::environments::Environments;
use contracts::staging::Stager;
use control::Control;
use control::context::Pace;
use control::driver::hints::Hints;
use control::jobs::checkpoints::Copies;
use costs::Ledger;
use dialects::native::{self, Native};
use domain::Span;
use frontdoor::{Authority, Encrypted, FrontDoor};
use functions::FunctionPlane;
use objects::ObjectStore;
use providers::local;
use runtimes::Surroundings;
use serving::batching::BatchingLauncher;
use serving::capture::Recorder;
use serving::native::NativeLauncher;
use serving::python::{ForkLauncher, PythonLauncher};
use serving::{Endpoints, Plane};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Store;

/// Lines of endpoint output that are kept for each deployment.
const RECENT_LINES: usize = 1_000;

/// The part of the machine's memory for models of endpoints that sleep, unless the settings say.
const WARM_SHARE: u64 = 64;

/// How long records of data capture wait for others before they are written.
const CAPTURED: Duration = Duration::from_secs(15);

/// The parts.
pub(crate) struct Assembled {
    pub(crate) control: Arc<Control>,
    pub(crate) endpoints: Endpoints,
    pub(crate) functions: Arc<FunctionPlane>,
    pub(crate) walls: Arc<functions::EndpointWalls>,
    pub(crate) objects: ObjectStore,
    pub(crate) ledger: Ledger,
    pub(crate) tidy: Tidy,
    pub(crate) aws: Aws,
    pub(crate) door: FrontDoor,
    /// The database, closed at the end.
    pub(crate) store: Arc<Store>,
    /// Holds the data folder; released when dropped.
    pub(crate) lock: Option<File>,
}

pub(crate) async fn assemble(settings: &Settings) -> Result<Assembled, Error> {
    prepare(&settings.data)?;
    let data = fs::canonicalize(&settings.data).map_err(|error| unusable(settings, &error))?;
    let lock = match &settings.database {
        None => Some(lock(&data)?),
        Some(_) => None,
    };
    let world = system_world();
    let authority = Authority::open(&data, &world).map_err(Error::FrontDoor)?;
    let store = match &settings.database {
        None => {
            let store = Store::open_file(&data.join("tradewind.db"), &world).await?;
            // The lock says that nobody else is alive: what was leased was leased by the dead.
            store.end_leases().await?;
            store.remember_rows();
            store
        }
        Some(url) => Store::open(url, &world).await?,
    };
    let objects = ObjectStore::open(&data, store.clone(), world.clone()).map_err(Error::Objects)?;
    let surroundings = Surroundings::of_this_process();
    let machine = local::MachineFacts::read();
    let prices = Prices::new(&data);
    let supervisor = vec![current_program(), "supervise".into()];
    let shared = shared(settings, &data)?;
    let config = local::Config {
        shared: shared.clone(),
        ..local::Config::new(&data, supervisor.clone(), machine)
    };
    let provider = local::provider(config);
    let environments: Arc<dyn Environments> = Arc::new(local::LocalEnvironments::new(
        shared.clone(),
        surroundings.clone(),
    ));
    let recent = Arc::new(serving::logs::Recent::new(
        RECENT_LINES,
        world.clock.clone(),
    ));
    let worker = worker_env(&surroundings);
    let walls = crate::functions::walls(&data, &shared, supervisor.clone(), &worker);
    let walls = Arc::new(walls.map_err(|error| unusable(settings, &error))?);
    let launcher = PythonLauncher::new(&data.join("worker"), worker, recent.clone());
    let launcher = launcher.map_err(Error::Serving)?;
    let python = Arc::new(launcher.with_walls(walls.clone(), data.join("folders")));
    let warm = settings
        .warm_memory
        .unwrap_or(machine.memory.0 / WARM_SHARE);
    let workers = ForkLauncher::with_warmth(Arc::clone(&python), warm);
    let workers = BatchingLauncher::new(Arc::new(workers));
    let cpus = machine.cpus as usize;
    let launcher = NativeLauncher::new(python, Arc::new(workers), data.join("native"), cpus);
    let collector = settings.otlp_endpoint.as_deref();
    let spans = collector.map(crate::otlp::start).transpose()?;
    let recorder = Recorder::new(Arc::new(objects.clone()), world.clone(), CAPTURED);
    let endpoints = Endpoints::new(Arc::new(launcher))
        .with_memory(settings.serving_memory)
        .with_spans(spans)
        .with_recorder(recorder);
    let plane = Plane::new(endpoints.clone(), Arc::clone(&environments));
    let local_paths = settings
        .local_paths
        .unwrap_or_else(|| settings.is_loopback());
    let stager: Arc<dyn Stager> = Arc::new(Staging::new(objects.clone(), &data, local_paths));
    let functions = crate::functions::plane(
        &data,
        &shared,
        supervisor,
        worker_env(&surroundings),
        (Arc::clone(&stager), environments),
        world.clone(),
    );
    let functions = Arc::new(functions.map_err(|error| unusable(settings, &error))?);
    let ledger = Ledger::open(&data.join("ledger")).map_err(Error::Ledger)?;
    let owner = world.fresh_id("server");
    let kept = runtimes::environments::Environments::new(shared, surroundings.clone());
    let tidy = Tidy::new(
        settings,
        objects.clone(),
        Arc::clone(&store),
        kept,
        world.clone(),
    );
    let control = Arc::new(Control {
        store: store.clone(),
        telemetry: store.clone(),
        objects: Arc::new(objects.clone()),
        stager,
        spending: Arc::new(Budgets::new(ledger.clone(), world.clone(), store.clone())),
        offers: Some(Arc::new(ServerOffers::new(machine.into(), prices.clone()))),
        refusals: control::plans::RefusalMemory::default(),
        providers: BTreeMap::from([(provider.name.clone(), provider)]),
        data_plane: Arc::new(plane),
        function_plane: functions.clone(),
        function_events: tokio::sync::Notify::new(),
        world,
        pace: pace(settings, machine.cpus),
        job_env: OnceLock::new(),
        job_keys: OnceLock::new(),
        owner,
        hints: Hints::default(),
        copies: Copies::default(),
        known_runs: control::runs::KnownRuns::default(),
        known_plans: control::plans::KnownPlans::default(),
        dialects: control::activities::Dialects::default(),
    });
    let native = Native {
        control: control.clone(),
        ledger: ledger.clone(),
        objects: objects.clone(),
        endpoints: endpoints.clone(),
        largest_body: settings.largest_body,
    };
    let aws = Aws {
        control: control.clone(),
        objects: objects.clone(),
        endpoint_lines: recent,
        ledger: ledger.clone(),
        account: aws::Account::default(),
        endpoints: endpoints.clone(),
        offers: offers(prices),
        largest_body: settings.largest_body,
        keys: Arc::default(),
    };
    control.dialects.add(aws::DIALECT, aws.activities());
    let amazon = aws::router(aws.clone(), object_service(&aws));
    let amazon = amazon.layer(axum::middleware::map_request(with_connection));
    let router = dispatch(native::router(native), amazon);
    let door = door::made(settings, router, authority, &surroundings, control.clone())?;
    Ok(Assembled {
        control,
        endpoints,
        functions,
        walls,
        objects,
        ledger,
        tidy,
        aws,
        door,
        store,
        lock,
    })
}

/// The offers of the catalog; without one, what needs prices says so.
fn offers(prices: Prices) -> aws::Offers {
    aws::Offers::new(move || match prices.catalog() {
        Ok(catalog) => Some(catalog.shared_offers()),
        Err(error) => {
            tracing::error!(error, "the catalog of prices cannot be read");
            None
        }
    })
}

/// What is signed for S3 is answered by its own dialect, with the keys of AWS's.
fn object_service(aws: &Aws) -> Router {
    let access = Arc::new(aws::S3Access::new(aws.clone()));
    let settings = s3::Settings {
        account: aws.account.id.clone(),
        region: aws.account.region.clone(),
        ..s3::Settings::new(aws.control.world.clone())
    };
    let service = s3::service(aws.objects.clone(), access, settings);
    Router::new().fallback_service(service)
}

/// Tells the dialect how a request came in, for conditions of policies.
async fn with_connection(mut request: Request) -> Request {
    let extensions = request.extensions_mut();
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let connection = s3::Connection {
        peer: peer.map(|peer| peer.0.ip()),
        secure: extensions.get::<Encrypted>().is_some(),
    };
    extensions.insert(connection);
    request
}

/// Where environments and tools are: in the data folder unless another one was given.
fn shared(settings: &Settings, data: &Path) -> Result<PathBuf, Error> {
    let Some(folder) = &settings.environments else {
        return Ok(data.to_owned());
    };
    let wrong = |error: std::io::Error| Error::Data {
        path: folder.clone(),
        message: format!("environments cannot be kept there: {error}"),
    };
    fs::create_dir_all(folder).map_err(wrong)?;
    fs::canonicalize(folder).map_err(wrong)
}

fn pace(settings: &Settings, cpus: u32) -> Pace {
    Pace {
        lease: Span::milliseconds(i64::from(settings.lease_milliseconds)),
        live_jobs: settings.live_jobs.unwrap_or(cpus.saturating_mul(2)).max(1),
        ..Pace::default()
    }
}

/// The running program by a name that stays right when the file is replaced by an update.
fn current_program() -> std::ffi::OsString {
    std::env::current_exe().map_or_else(|_| "/proc/self/exe".into(), Into::into)
}

fn worker_env(surroundings: &Surroundings) -> BTreeMap<String, String> {
    let wanted = ["PATH", "HOME", "LANG", "LC_ALL", "TZ"];
    let found = wanted
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), surroundings.variable(name)?.to_owned())));
    found.collect()
}

fn unusable(settings: &Settings, error: &std::io::Error) -> Error {
    Error::Data {
        path: settings.data.clone(),
        message: error.to_string(),
    }
}

/// Makes the data folder, for its owner only, and tries whether it can be written.
fn prepare(data: &Path) -> Result<(), Error> {
    let wrong = |error: std::io::Error| Error::Data {
        path: data.to_owned(),
        message: format!("{error}; choose one that can be written with `--data`"),
    };
    fs::create_dir_all(data).map_err(wrong)?;
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(wrong)?;
    let probe = data.join(format!(".probe-{}", std::process::id()));
    fs::write(&probe, b"can this be written?").map_err(wrong)?;
    fs::remove_file(&probe).map_err(wrong)
}

fn lock(data: &Path) -> Result<File, Error> {
    let wrong = |error: std::io::Error| Error::Data {
        path: data.to_owned(),
        message: error.to_string(),
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"));
    let file = file.map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            path: data.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(wrong(error)),
    }
}
