//! The one task that writes. It takes what has queued up meanwhile, does it in one transaction
//! and answers every caller once that transaction is durable; each request is still all or
//! nothing by itself. On SQLite everything that writes comes here; on PostgreSQL only commits
//! do, the rest runs on connections of its own.

mod apply;
mod batch;
mod growth;
mod plan;
pub(crate) mod work;

use crate::fault::{self, Place};
use crate::open::Database;
use crate::remembered::Remembered;
use contracts::store::StoreError;
use domain::Timestamp;
use growth::Growth;
use sqlx::{AnyConnection, AnyPool};
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use work::{Answer, Work};

/// Most requests of one transaction: enough to make the fsync cheap, few enough that nobody
/// waits long behind a full one.
const LARGEST_BATCH: usize = 256;

/// Requests that may queue before callers have to wait to get into the queue.
const QUEUE: usize = 1024;

/// What can stop a piece of work inside a transaction.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The request itself is refused; nothing was written for it.
    Refused(StoreError),
    /// The database failed; the transaction is lost.
    Database(sqlx::Error),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// A request on its way.
struct Request {
    work: Work,
    answer: oneshot::Sender<Result<Answer, StoreError>>,
}

/// The end of the queue that callers hold; the task ends when the last one is gone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Request>,
    /// Told to end the task before that.
    closing: Arc<Notify>,
    /// Whose sender is gone when the task has ended.
    ended: watch::Receiver<()>,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(
        database: Database,
        connection: AnyConnection,
        readers: AnyPool,
        remembered: Arc<Remembered>,
        sequence: watch::Sender<i64>,
    ) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE);
        let task = Task {
            database,
            connection: Some(connection),
            durability: Durability::Lasting,
            readers,
            remembered,
            sequence,
            growth: Growth::default(),
            expired: Timestamp::default(),
        };
        let closing = Arc::new(Notify::new());
        let told = Arc::clone(&closing);
        let (alive, ended) = watch::channel(());
        tokio::spawn(async move {
            task.run(requests, &told).await;
            drop(alive);
        });
        Self {
            queue,
            closing,
            ended,
        }
    }

    /// Does what has queued up, closes the database and takes nothing more.
    pub(crate) async fn close(&self) {
        self.closing.notify_one();
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    /// Has the work done; answers when it is durable.
    pub(crate) async fn perform(&self, work: Work) -> Result<Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone = |()| fault::unavailable("the store was closed".to_owned());
        self.queue
            .send(Request { work, answer })
            .await
            .map_err(|_| gone(()))?;
        answered.await.map_err(|_| gone(()))?
    }
}

/// What a power cut may undo. The log of SQLite is one sequence: a lasting transaction takes all
/// before it to the disk, so what is undone is always the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// Nothing of the transaction.
    Lasting,
    /// All of it.
    Passing,
}

impl Durability {
    fn of(work: &[Work]) -> Self {
        if work.iter().any(Work::is_lasting) {
            Self::Lasting
        } else {
            Self::Passing
        }
    }

    /// <https://www.sqlite.org/pragma.html#pragma_synchronous>
    fn pragma(self) -> &'static str {
        match self {
            Self::Lasting => "PRAGMA synchronous = FULL",
            Self::Passing => "PRAGMA synchronous = NORMAL",
        }
    }
}

struct Task {
    database: Database,
    connection: Option<AnyConnection>,
    /// Whether transactions of the connection are on the disk when they end.
    durability: Durability,
    /// Closed before the writer: SQLite folds its log into the file when the last connection
    /// closes, and that must be one that may write.
    readers: AnyPool,
    remembered: Arc<Remembered>,
    sequence: watch::Sender<i64>,
    growth: Growth,
    /// When expired answers were last cleared away.
    expired: Timestamp,
}

impl Task {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>, closing: &Notify) {
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        loop {
            let came = tokio::select! {
                came = requests.recv_many(&mut batch, LARGEST_BATCH) => came,
                () = closing.notified() => {
                    requests.close();
                    continue;
                }
            };
            if came == 0 {
                break;
            }
            // A caller that went away before its turn takes its request with it.
            batch.retain(|request| !request.answer.is_closed());
            self.serve(std::mem::take(&mut batch)).await;
        }
        self.readers.close().await;
        if let Some(connection) = self.connection {
            let closed = sqlx::Connection::close(connection).await;
            tracing::debug!(?closed, "writer ended");
        }
    }

    async fn serve(&mut self, requests: Vec<Request>) {
        let (work, callers): (Vec<Work>, Vec<_>) = requests
            .into_iter()
            .map(|request| (request.work, request.answer))
            .unzip();
        let answers = self.answers(&work).await;
        for (caller, answer) in callers.into_iter().zip(answers) {
            // A caller that no longer waits needs no answer; its work is done all the same.
            let _ = caller.send(answer);
        }
    }

    /// Does all of the work in one transaction; when a request spoils it for its neighbours,
    /// each in one of its own.
    async fn answers(&mut self, work: &[Work]) -> Vec<Result<Answer, StoreError>> {
        let failure = match self.attempt(work).await {
            Ok(answers) => return answers,
            Err(failure) => failure,
        };
        if work.len() > 1 && failure.may_be_one_request(&self.database.place) {
            let mut answers = Vec::with_capacity(work.len());
            for alone in work {
                answers.extend(match self.attempt(std::slice::from_ref(alone)).await {
                    Ok(answers) => answers,
                    Err(failure) => vec![Err(failure.told(&self.database.place))],
                });
            }
            return answers;
        }
        work.iter()
            .map(|_| Err(failure.told(&self.database.place)))
            .collect()
    }

    /// One transaction. A connection that turns out to be dead before anything was sent on it is
    /// replaced once.
    async fn attempt(&mut self, work: &[Work]) -> Result<Vec<Result<Answer, StoreError>>, Failure> {
        let kept = self.connection.take();
        let fresh = kept.is_none();
        let wanted = Durability::of(work);
        let mut connection = if let Some(connection) = kept {
            connection
        } else {
            self.connect().await?
        };
        let whole =
            matches!(self.database.place, Place::Sqlite(_)) && work.iter().all(Work::is_whole);
        let mut begun = self.begin(&mut connection, wanted, whole).await;
        if !fresh && begun.as_ref().is_err_and(fault::disconnected) {
            connection = self.connect().await?;
            begun = self.begin(&mut connection, wanted, whole).await;
        }
        let expire = self.expire(work);
        let remembered = self.remembered.clone();
        let mut writing = remembered.writing(work.iter().flat_map(Work::touches));
        for key in work.iter().filter_map(Work::releases) {
            writing.give_up(key);
        }
        let place = &self.database.place;
        let done = match begun {
            Ok(sequence) if whole => {
                batch::run_whole(&mut connection, place, work, sequence, &writing).await
            }
            Ok(sequence) => {
                batch::run(&mut connection, place, work, sequence, expire, &writing).await
            }
            Err(error) => Err(Failure::before(error)),
        };
        match done {
            Ok(done) => {
                // Before anybody is told that something changed.
                writing.end(done.renewed);
                self.connection = Some(connection);
                self.tell(done.rows, done.sequence);
                Ok(done.answers)
            }
            Err(failure) => {
                // Dropped when it cannot even roll back; the next batch has a new one.
                if sqlx::query("ROLLBACK")
                    .execute(&mut connection)
                    .await
                    .is_ok()
                {
                    self.connection = Some(connection);
                }
                Err(failure)
            }
        }
    }

    /// What follows a transaction of so many rows that was kept.
    fn tell(&mut self, rows: usize, sequence: i64) {
        if self.growth.calls_for_statistics(rows) {
            self.refresh_statistics();
        }
        self.sequence.send_if_modified(|last| {
            let newer = sequence > *last;
            *last = sequence.max(*last);
            newer
        });
    }

    async fn connect(&mut self) -> Result<AnyConnection, Failure> {
        self.durability = Durability::Lasting;
        self.database.connect().await.map_err(Failure::before)
    }

    /// Begins a transaction that is as durable as it must be, or gets ready for work that needs
    /// none; answers the number of the last event.
    async fn begin(
        &mut self,
        connection: &mut AnyConnection,
        wanted: Durability,
        whole: bool,
    ) -> Result<i64, sqlx::Error> {
        if wanted != self.durability && matches!(self.database.place, Place::Sqlite(_)) {
            sqlx::query(wanted.pragma())
                .execute(&mut *connection)
                .await?;
            self.durability = wanted;
        }
        if whole {
            return Ok(*self.sequence.borrow());
        }
        batch::begin(connection, &self.database.place).await
    }

    /// PostgreSQL plans by statistics that it takes itself within a minute or so. Until then it
    /// believes that the tables are empty and joins them by reading everything, so the first
    /// statistics are asked for as the tables grow. SQLite plans without any.
    fn refresh_statistics(&self) {
        if matches!(self.database.place, Place::Sqlite(_)) {
            return;
        }
        let readers = self.readers.clone();
        tokio::spawn(async move {
            let done = sqlx::query("ANALYZE resource, label, event")
                .execute(&readers)
                .await;
            tracing::debug!(?done, "statistics taken");
        });
    }

    /// When to forget expired answers: at most every ten minutes, by the commits' own clock.
    fn expire(&mut self, work: &[Work]) -> Option<Timestamp> {
        let newest = work.iter().filter_map(Work::remembers).max()?;
        if newest.since(self.expired) < domain::Span::minutes(10) {
            return None;
        }
        self.expired = newest;
        Some(newest)
    }
}

/// Why a transaction failed, and whether it may have been kept all the same.
pub(crate) struct Failure {
    error: Arc<sqlx::Error>,
    /// The connection broke while the end of the transaction was on its way.
    unknown: bool,
}

impl Failure {
    /// It certainly was not kept.
    fn before(error: sqlx::Error) -> Self {
        Self {
            error: Arc::new(error),
            unknown: false,
        }
    }

    /// It failed when it was to be made durable.
    fn at_the_end(error: sqlx::Error) -> Self {
        Self {
            unknown: fault::disconnected(&error),
            error: Arc::new(error),
        }
    }

    fn may_be_one_request(&self, place: &Place) -> bool {
        !self.unknown
            && !fault::disconnected(&self.error)
            && !matches!(
                place.shared_fault("writing", &self.error),
                StoreError::Full(_) | StoreError::Incompatible(_)
            )
    }

    fn told(&self, place: &Place) -> StoreError {
        if self.unknown {
            return StoreError::Unavailable {
                message: format!(
                    "the connection to {place} broke during a commit, which may have been kept \
                     or not; read again before deciding anew"
                ),
                source: Some(Box::new(Arc::clone(&self.error))),
            };
        }
        place.shared_fault("writing", &self.error)
    }
}
