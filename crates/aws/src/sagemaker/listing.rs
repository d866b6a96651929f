//! What all list operations share: filters, order, pages.

use crate::fault::Fault;
use crate::operation::Call;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use contracts::store::Order;
use control::documents::{Document, DocumentFilter};
use domain::Timestamp;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Results on a page unless asked otherwise.
const DEFAULT_RESULTS: u32 = 10;
/// Most results on a page.
const MOST_RESULTS: u32 = 100;
/// Rows that a list in an order other than the store's looks through.
const MOST_SORTED: usize = 100_000;

/// The members that list requests share.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Listing {
    next_token: Option<String>,
    max_results: Option<u32>,
    #[serde(alias = "CreatedAfter")]
    creation_time_after: Option<f64>,
    #[serde(alias = "CreatedBefore")]
    creation_time_before: Option<f64>,
    last_modified_time_after: Option<f64>,
    last_modified_time_before: Option<f64>,
    name_contains: Option<String>,
    pub(crate) status_equals: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

/// What a list says of an item.
pub(crate) trait Listed {
    /// Its name.
    fn name(&self) -> String;
    /// When it was made.
    fn created(&self) -> Timestamp;
    /// When it last changed.
    fn modified(&self) -> Timestamp;
    /// Its status in the API's words; empty when it has none.
    fn status(&self) -> String;
}

/// A page of the store, the newest first.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// A page of the store; gets a cursor and how many are wanted.
pub(crate) trait Pages<'a, T>:
    Fn(Option<String>, u32) -> BoxFuture<'a, Result<Page<T>, Fault>> + Sync
{
}

impl<'a, T, F> Pages<'a, T> for F where
    F: Fn(Option<String>, u32) -> BoxFuture<'a, Result<Page<T>, Fault>> + Sync
{
}

/// Where a list goes on.
#[derive(Debug, Serialize, Deserialize)]
enum Token {
    /// After the store's cursor.
    Cursor(String),
    /// After so many of a sorted list.
    Offset(usize),
}

impl Listing {
    /// Runs the list over pages of the store; `page` gets a cursor and how many are wanted.
    pub(crate) async fn run<'a, T: Listed>(
        &self,
        page: impl Pages<'a, T>,
    ) -> Result<Page<T>, Fault> {
        let most = self.most()?;
        self.run_in(self.is_newest_first(), most, page).await
    }

    /// Runs the list over pages that come in another order than the newest first.
    pub(crate) async fn run_unordered<'a, T: Listed>(
        &self,
        page: impl Pages<'a, T>,
    ) -> Result<Page<T>, Fault> {
        self.run_in(false, self.most()?, page).await
    }

    async fn run_in<'a, T: Listed>(
        &self,
        as_they_come: bool,
        most: u32,
        page: impl Pages<'a, T>,
    ) -> Result<Page<T>, Fault> {
        let token = self.token()?;
        if as_they_come {
            let cursor = match token {
                None => None,
                Some(Token::Cursor(cursor)) => Some(cursor),
                Some(Token::Offset(_)) => return Err(bad_token()),
            };
            return self.newest(cursor, most as usize, page).await;
        }
        let offset = match token {
            None => 0,
            Some(Token::Offset(offset)) => offset,
            Some(Token::Cursor(_)) => return Err(bad_token()),
        };
        self.sorted(offset, most as usize, page).await
    }

    async fn newest<'a, T: Listed>(
        &self,
        mut cursor: Option<String>,
        most: usize,
        page: impl Pages<'a, T>,
    ) -> Result<Page<T>, Fault> {
        let mut taken = Vec::new();
        loop {
            let (items, next) = page(cursor, (most - taken.len()) as u32).await?;
            taken.extend(items.into_iter().filter(|item| self.admits(item)));
            if next.is_none() || taken.len() >= most {
                return Ok((taken, next.map(|next| write(&Token::Cursor(next)))));
            }
            cursor = next;
        }
    }

    async fn sorted<'a, T: Listed>(
        &self,
        offset: usize,
        most: usize,
        page: impl Pages<'a, T>,
    ) -> Result<Page<T>, Fault> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let (items, next) = page(cursor, 1_000).await?;
            all.extend(items.into_iter().filter(|item| self.admits(item)));
            cursor = next;
            if cursor.is_none() {
                break;
            }
            if all.len() > MOST_SORTED {
                return Err(Fault::validation(format!(
                    "more than {MOST_SORTED} results cannot be sorted; narrow the list down"
                )));
            }
        }
        Ok(self.arranged(all, offset, most))
    }

    /// Runs the list over items that are all at hand.
    pub(crate) fn pick<T: Listed>(&self, all: Vec<T>) -> Result<Page<T>, Fault> {
        let most = self.most()? as usize;
        let offset = match self.token()? {
            None => 0,
            Some(Token::Offset(offset)) => offset,
            Some(Token::Cursor(_)) => return Err(bad_token()),
        };
        let admitted = all.into_iter().filter(|item| self.admits(item)).collect();
        Ok(self.arranged(admitted, offset, most))
    }

    /// The list of an operation that begins with the oldest unless asked otherwise.
    pub(crate) fn oldest_first(mut self) -> Self {
        self.sort_order
            .get_or_insert_with(|| "Ascending".to_owned());
        self
    }

    fn arranged<T: Listed>(&self, mut all: Vec<T>, offset: usize, most: usize) -> Page<T> {
        match self.sort_by.as_deref() {
            Some("Name") => all.sort_by_key(Listed::name),
            Some("Status") => all.sort_by_key(Listed::status),
            Some("LastModifiedTime") => all.sort_by_key(Listed::modified),
            _ => all.sort_by_key(Listed::created),
        }
        if self.sort_order.as_deref() != Some("Ascending") {
            all.reverse();
        }
        let rest = all.len().saturating_sub(offset.saturating_add(most));
        let taken = all.into_iter().skip(offset).take(most).collect();
        let next = (rest > 0).then(|| write(&Token::Offset(offset + most)));
        (taken, next)
    }

    fn most(&self) -> Result<u32, Fault> {
        let most = self.max_results.unwrap_or(DEFAULT_RESULTS);
        if !(1..=MOST_RESULTS).contains(&most) {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value '{most}' at 'maxResults' failed to satisfy \
                 constraint: Member must be between 1 and {MOST_RESULTS}"
            )));
        }
        Ok(most)
    }

    fn is_newest_first(&self) -> bool {
        matches!(self.sort_by.as_deref(), None | Some("CreationTime"))
            && self.sort_order.as_deref() != Some("Ascending")
    }

    fn admits(&self, item: &impl Listed) -> bool {
        let seconds = |at: Timestamp| at.0 as f64 / 1_000.0;
        let (created, modified) = (seconds(item.created()), seconds(item.modified()));
        self.creation_time_after.is_none_or(|after| created > after)
            && self
                .creation_time_before
                .is_none_or(|before| created < before)
            && self
                .last_modified_time_after
                .is_none_or(|after| modified > after)
            && self
                .last_modified_time_before
                .is_none_or(|before| modified < before)
            && self
                .name_contains
                .as_ref()
                .is_none_or(|part| item.name().to_lowercase().contains(&part.to_lowercase()))
            && self
                .status_equals
                .as_ref()
                .is_none_or(|status| item.status() == *status)
    }

    fn token(&self) -> Result<Option<Token>, Fault> {
        let Some(text) = &self.next_token else {
            return Ok(None);
        };
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| bad_token())?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| bad_token())
    }
}

impl Listed for Document {
    fn name(&self) -> String {
        self.id.clone()
    }
    fn created(&self) -> Timestamp {
        self.created
    }
    fn modified(&self) -> Timestamp {
        self.updated
    }
    fn status(&self) -> String {
        self.phase.clone()
    }
}

/// A page of the documents of a kind.
pub(crate) async fn documents(
    call: &Call<'_>,
    kind: &str,
    listing: &Listing,
) -> Result<Page<Document>, Fault> {
    let caller = call.caller();
    let caller = &caller;
    let page = |after, limit| -> BoxFuture<'_, Result<Page<Document>, Fault>> {
        Box::pin(async move {
            let filter = DocumentFilter {
                kind: kind.to_owned(),
                order: Order::Newest,
                after,
                limit,
                ..DocumentFilter::default()
            };
            Ok(call.aws.control.documents(caller, &filter).await?)
        })
    };
    listing.run(page).await
}

/// Where a list that is kept at hand goes on.
pub(crate) fn offset(token: Option<&str>) -> Result<usize, Fault> {
    let listing = Listing {
        next_token: token.map(str::to_owned),
        ..Listing::default()
    };
    match listing.token()? {
        None => Ok(0),
        Some(Token::Offset(offset)) => Ok(offset),
        Some(Token::Cursor(_)) => Err(bad_token()),
    }
}

/// The token for going on there.
pub(crate) fn token(offset: usize) -> String {
    write(&Token::Offset(offset))
}

/// A page of what is at hand in its order.
pub(crate) fn slice<T>(
    all: Vec<T>,
    next_token: Option<&str>,
    max_results: Option<u32>,
) -> Result<Page<T>, Fault> {
    let listing = Listing {
        max_results,
        ..Listing::default()
    };
    let most = listing.most()? as usize;
    let offset = offset(next_token)?;
    let end = offset.saturating_add(most);
    let next = (all.len() > end).then(|| token(end));
    Ok((all.into_iter().skip(offset).take(most).collect(), next))
}

fn write(token: &Token) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(token).unwrap_or_default())
}

fn bad_token() -> Fault {
    Fault::validation("Invalid NextToken: it is not of this list")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    struct Item(u32);

    impl Listed for Item {
        fn name(&self) -> String {
            format!("n{:03}", self.0)
        }
        fn created(&self) -> Timestamp {
            Timestamp(i64::from(self.0) * 1_000)
        }
        fn modified(&self) -> Timestamp {
            self.created()
        }
        fn status(&self) -> String {
            if self.0.is_multiple_of(2) {
                "Even"
            } else {
                "Odd"
            }
            .to_owned()
        }
    }

    fn page(cursor: Option<String>, limit: u32) -> BoxFuture<'static, Result<Page<Item>, Fault>> {
        let from: u32 = cursor.map_or(0, |text| text.parse().unwrap());
        let to = (from + limit).min(25);
        let next = (to < 25).then(|| to.to_string());
        let items = (from..to).map(|n| Item(24 - n)).collect();
        Box::pin(std::future::ready(Ok((items, next))))
    }

    fn all(mut listing: Listing) -> Vec<u32> {
        let mut seen = Vec::new();
        loop {
            let ran = listing.run(page).now_or_never().unwrap();
            let (items, next) = ran.unwrap();
            seen.extend(items.iter().map(|item| item.0));
            listing.next_token = next;
            if listing.next_token.is_none() {
                return seen;
            }
        }
    }

    #[test]
    fn every_order_gives_all_once() {
        let newest: Vec<u32> = (0..25).rev().collect();
        assert_eq!(all(Listing::default()), newest);
        let ascending = Listing {
            sort_by: Some("Name".into()),
            sort_order: Some("Ascending".into()),
            ..Listing::default()
        };
        assert_eq!(all(ascending), (0..25).collect::<Vec<_>>());
        let even = Listing {
            status_equals: Some("Even".into()),
            max_results: Some(3),
            ..Listing::default()
        };
        assert_eq!(
            all(even),
            (0..25)
                .rev()
                .filter(|n: &u32| n.is_multiple_of(2))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let listing = Listing {
            next_token: Some("zzz".into()),
            ..Listing::default()
        };
        let refused = listing.run(page).now_or_never().unwrap();
        assert!(refused.is_err());
    }
}
