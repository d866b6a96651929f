//! The store over a database: each operation finds its connection here.

use crate::address::Address;
use crate::fault::Place;
use crate::open::{self, Database, Opened};
use crate::remembered::{Look, Remembered, pages};
use crate::writer::work::{Answer, Single, Work};
use crate::writer::{Trouble, Writer};
use crate::{queries, wake};
use contracts::store::cursor::Cursor;
use contracts::store::{
    Claim, Commit, Idempotency, Key, Page, Query, Row, Store as StoreSeam, StoreError, check,
};
use contracts::world::World;
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use sqlx::{Any, Connection as _, Error, pool::PoolConnection};
use sqlx::{AnyConnection, AnyPool};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// How often a waiter looks for changes by itself.
const LOOK: Duration = Duration::from_secs(1);

/// State and telemetry in one database. Closing is dropping the last clone of the `Arc`; what was
/// acknowledged is durable already.
pub struct Store {
    database: Database,
    readers: AnyPool,
    writer: Writer,
    remembered: Arc<Remembered>,
    sequence: watch::Receiver<i64>,
    listener: Option<AbortHandle>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.database.place)
            .finish_non_exhaustive()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Store {
    /// Does what has queued up and closes the database; SQLite's log is then folded into its file,
    /// so that the file alone is all there is. Whoever asks the store for anything afterwards is told
    /// that it is closed.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Opens the database of a URL, creating or upgrading its tables: `sqlite:///path/file.db`
    /// (or a bare path) or `postgres://user:password@host:port/database`. Must be called within
    /// a tokio runtime, which the store's tasks then belong to.
    ///
    /// Errors: [`StoreError::Invalid`] for a URL or folder that cannot be meant,
    /// [`StoreError::Incompatible`] for a file that is damaged, foreign, or of a newer version,
    /// [`StoreError::Full`] where nothing may be written, [`StoreError::Unavailable`] for a
    /// server that does not answer or refuses the password.
    pub async fn open(url: &str, world: &World) -> Result<Arc<Self>, StoreError> {
        match Address::parse(url)? {
            Address::Sqlite(path) => Self::open_file(&path, world).await,
            Address::Postgres(url) => {
                let opened = open::postgres::open(&url, world.now()).await?;
                Self::start(opened, Some(url)).await
            }
        }
    }

    /// Opens the SQLite database in a file, creating it when it is not there.
    pub async fn open_file(path: &Path, world: &World) -> Result<Arc<Self>, StoreError> {
        let opened = open::sqlite::open(path, world.now()).await?;
        Self::start(opened, None).await
    }

    async fn start(opened: Opened, listen: Option<String>) -> Result<Arc<Self>, StoreError> {
        let Opened {
            database,
            mut writer,
            readers,
        } = opened;
        let last = queries::changes::last(&mut writer).await;
        let last = last.map_err(|error| database.place.fault("reading its state", error))?;
        let (sender, sequence) = watch::channel(last);
        let listener = listen.map(|url| tokio::spawn(wake::listen(url, sender.clone())));
        let remembered = Arc::new(Remembered::default());
        let writer = Writer::start(
            database.clone(),
            writer,
            readers.clone(),
            remembered.clone(),
            sender,
        );
        Ok(Arc::new(Self {
            database,
            readers,
            writer,
            remembered,
            sequence,
            listener: listener.map(|task| task.abort_handle()),
        }))
    }

    /// From now on keeps rows that were read in memory. Only for a server that nothing else shares
    /// the database with: what others write is not seen. On PostgreSQL, where others may, nothing
    /// is kept.
    pub fn remember_rows(&self) {
        if matches!(self.place(), Place::Sqlite(_)) {
            self.remembered.begin();
        }
    }

    fn place(&self) -> &Place {
        &self.database.place
    }

    pub(crate) fn fault(&self, doing: &str) -> impl FnOnce(Error) -> StoreError {
        move |error| self.place().fault(doing, error)
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.readers
            .acquire()
            .await
            .map_err(self.fault("connecting"))
    }

    /// Does one of the requests that stand alone.
    pub(crate) async fn perform(&self, work: Single) -> Result<Answer, StoreError> {
        match self.place() {
            Place::Sqlite(_) => self.writer.perform(Work::Single(work)).await,
            Place::Postgres { .. } => {
                let mut connection = self.reader().await?;
                match in_transaction(&mut connection, self.place(), &work).await {
                    Ok(answer) => Ok(answer),
                    Err(Trouble::Refused(refusal)) => Err(refusal),
                    Err(Trouble::Database(error)) => Err(self.fault("writing")(error)),
                }
            }
        }
    }
}

async fn in_transaction(
    connection: &mut AnyConnection,
    place: &Place,
    work: &Single,
) -> Result<Answer, Trouble> {
    let mut transaction = connection.begin().await?;
    let answer = work.run(&mut transaction, place).await?;
    transaction.commit().await?;
    Ok(answer)
}

#[async_trait::async_trait]
impl StoreSeam for Store {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        if check::key(key).is_err() {
            return Ok(None);
        }
        let ticket = match self.remembered.look(key) {
            Look::Found(row) => {
                // Whoever reads on and on must let others in between.
                tokio::task::coop::consume_budget().await;
                return Ok(Some(row.as_ref().clone()));
            }
            Look::Unknown(ticket) => Some(ticket),
            Look::Unused => None,
        };
        let mut connection = self.reader().await?;
        let found = queries::get::run(&mut connection, key).await;
        let found = found.map_err(self.fault("reading a row"))?;
        if let (Some(ticket), Some(row)) = (ticket, &found) {
            self.remembered.keep(ticket, row);
        }
        Ok(found)
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        check::query(query)?;
        let cursor = Cursor::of(query)?;
        let (before, written) = match self.remembered.pages.look(query) {
            pages::Look::Found(page) => {
                tokio::task::coop::consume_budget().await;
                return Ok(page.as_ref().clone());
            }
            pages::Look::Unknown(before, written) => (before, written),
        };
        let mut connection = self.reader().await?;
        let page = queries::list::run(&mut connection, query, cursor.as_ref()).await;
        let mut page = page.map_err(self.fault("listing rows"))?;
        if let Some(before) = &before {
            pages::same_bodies(&mut page, before);
        }
        let is_alone = self.remembered.is_alone();
        self.remembered.pages.keep(query, written, &page, is_alone);
        Ok(page)
    }

    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        check::commit(&commit)?;
        match self.writer.perform(Work::Commit(commit)).await? {
            Answer::Sequence(sequence) => Ok(sequence),
            Answer::Rows(_) | Answer::Pruned(_) | Answer::Done => Ok(*self.sequence.borrow()),
        }
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        check::claim(claim)?;
        if claim.limit == 0 {
            return Ok(Vec::new());
        }
        match self.perform(Single::Claim(claim.clone())).await? {
            Answer::Rows(rows) => Ok(rows),
            Answer::Sequence(_) | Answer::Pruned(_) | Answer::Done => Ok(Vec::new()),
        }
    }

    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        check::key(key)?;
        let (key, owner) = (key.clone(), owner.to_owned());
        self.perform(Single::Release { key, owner, due })
            .await
            .map(drop)
    }

    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let mut connection = self.reader().await?;
        let events = queries::changes::run(&mut connection, after, limit).await;
        events.map_err(self.fault("reading changes"))
    }

    async fn newest_change(&self) -> Result<i64, StoreError> {
        let mut connection = self.reader().await?;
        let last = queries::changes::last(&mut connection).await;
        last.map_err(self.fault("reading the number of the newest change"))
    }

    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        if token.contains('\0') {
            return Ok(None);
        }
        let mut connection = self.reader().await?;
        let answer = queries::recall::run(&mut connection, workspace, token, now).await;
        answer.map_err(self.fault("recalling an answer"))
    }

    async fn changed_since(&self, sequence: i64) {
        let mut told = self.sequence.clone();
        loop {
            let wait = told.wait_for(|last| *last > sequence);
            if tokio::time::timeout(LOOK, wait).await.is_ok() {
                // Told, or the writer is gone.
                return;
            }
            let Ok(mut connection) = self.reader().await else {
                return;
            };
            match queries::changes::last(&mut connection).await {
                Ok(last) if last <= sequence => {}
                _ => return,
            }
        }
    }
}
