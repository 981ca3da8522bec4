//! Work that takes a thread: how much of it goes on at once, and how it ends when nobody waits any more.
//!
//! A request that is given up (its time is over, or its client is gone) frees its slot at once, but a thread cannot be
//! taken from its work. So a place is given back when the *work* ends, and the work is told to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;

/// The lanes of a server: one kind of work never takes the places of another.
pub struct Work {
    /// Questions: what applies here, near, within, search.
    pub questions: Lane,
    /// Tiles of today, compression.
    pub tiles: Lane,
    /// Other days: read from PostGIS, or generalised for one day alone.
    pub other_days: Lane,
    /// Files of rows: each takes a connection and a process.
    pub exports: Lane,
}

impl Default for Work {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            questions: Lane::new(cores * 2),
            tiles: Lane::new(cores * 2),
            other_days: Lane::new(2.min(cores)),
            exports: Lane::new(2),
        }
    }
}

/// So many pieces of work of one kind at once; others wait their turn.
pub struct Lane {
    places: Arc<Semaphore>,
    patience: Duration,
}

/// Says whether nobody waits for the work any more.
#[derive(Clone, Default)]
pub struct Given(Arc<AtomicBool>);

impl Given {
    /// Nobody waits: stop.
    pub fn up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Gives the work up when the request that waits for it is dropped.
struct Waiting(Given);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// A place in a lane. Whoever works holds it.
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Lane {
    /// A lane with so many places.
    pub fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), patience: Duration::from_secs(10) }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// 503 when none comes free in time.
    pub async fn place(&self) -> Result<Place, Problem> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place { _permit: permit }),
            _ => Err(Problem::unavailable((
                "máy chủ đang bận với các câu hỏi khác, thử lại sau vài giây",
                "the server is busy with other questions; ask again in a few seconds",
            ))
            .retry_after(5)),
        }
    }

    /// Does the work on a thread that may take its time, and holds a place until it ends.
    ///
    /// # Errors
    /// 503 when no place comes free in time, 500 when the work panicked.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Given) -> T + Send + 'static) -> Result<T, Problem> {
        let place = self.place().await?;
        place.run(work).await
    }

    /// Places that are free now.
    pub fn free(&self) -> usize {
        self.places.available_permits()
    }
}

impl Place {
    /// Does the work in this place.
    ///
    /// # Errors
    /// 500 when the work panicked.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce(&Given) -> T + Send + 'static) -> Result<T, Problem> {
        let given = Given::default();
        let _waiting = Waiting(given.clone());
        let done = tokio::task::spawn_blocking(move || {
            let _place = self;
            work(&given)
        });
        done.await.map_err(Problem::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_place_is_held_until_the_work_ends_and_the_work_hears_that_nobody_waits() {
        let lane = Arc::new(Lane::new(1));
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let asked = Arc::clone(&lane);
        let request = tokio::spawn(async move {
            asked
                .run(move |given| {
                    begun.send(()).ok();
                    while !given.up() {
                        std::thread::yield_now();
                    }
                    may_go_on.recv().ok();
                    ended.send(()).ok();
                })
                .await
        });
        has_begun.await.expect("it begins");
        request.abort();
        request.await.expect_err("the request is gone");
        assert_eq!(lane.free(), 0, "the thread still works");
        go_on.send(()).expect("it listens");
        has_ended.await.expect("it was told to end");
        let place = tokio::time::timeout(Duration::from_secs(5), lane.place()).await;
        assert!(place.is_ok_and(|place| place.is_ok()), "the place is free again");
    }
}
