//! The turns of a request: its fields go on as far as they can, then everything that they asked is answered at once, then they
//! go on.
use std::{
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, poll_fn},
    stream::{FuturesUnordered, StreamExt as _},
    task::AtomicWaker,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::OwnedSemaphorePermit,
    task::block_in_place,
};

use super::locked;
use crate::work;

/// Time for which a request goes on before it leaves its thread to others.
const BREATH: Duration = Duration::from_millis(5);
/// After how many fields it looks at the clock.
const FIELDS: usize = 128;

/// Batches that wait for the end of the turn, and how far the turn is.
#[derive(Default)]
pub(super) struct Scheduler {
    batches: Mutex<Vec<BoxFuture<'static, ()>>>,
    is_driven: AtomicBool,
    fields: AtomicUsize,
    since: Mutex<Option<Instant>>,
    /// True where the turn took long enough: then no field goes on until the next.
    is_over: AtomicBool,
    /// True where a turn of this request took long. From then on, each is taken where it keeps nobody waiting.
    is_long: AtomicBool,
}

impl Scheduler {
    /// Answers a batch when the turn ends.
    pub(super) fn at_end(&self, batch: BoxFuture<'static, ()>) {
        locked(&self.batches).push(batch);
    }

    /// Tells whether there are turns at all: otherwise no batch is ever answered.
    pub(super) fn is_driven(&self) -> bool {
        self.is_driven.load(Ordering::Relaxed)
    }

    /// Counts a field. A large answer from memory must not keep the thread from other requests: once the time is over, every field
    /// waits, as a turn ends only when none goes on. That happens once; the next turn looks at all of them again, which is dear.
    pub(super) async fn pause_if_due(&self) {
        let is_looking = self.fields.fetch_add(1, Ordering::Relaxed) % FIELDS == FIELDS - 1;
        if is_looking && locked(&self.since).is_some_and(|since| since.elapsed() > BREATH) {
            let was_long = self.is_long.swap(true, Ordering::Relaxed);
            self.is_over.fetch_or(!was_long, Ordering::Relaxed);
        }
        if self.is_over.load(Ordering::Relaxed) {
            again().await;
        }
    }

    /// Looks at the clock before a piece of work that may take milliseconds, and ends the turn where its time is over.
    pub(super) async fn give_way(&self) {
        if locked(&self.since).is_some_and(|since| since.elapsed() > BREATH) {
            self.is_long.store(true, Ordering::Relaxed);
            self.is_over.store(true, Ordering::Relaxed);
            again().await;
        }
    }

    /// Says from the start that turns take long.
    pub(super) fn are_long(&self) {
        self.is_long.store(true, Ordering::Relaxed);
    }

    /// Tells whether the next turn belongs on a thread that has nothing else to do.
    fn is_apart(&self) -> bool {
        self.is_long.load(Ordering::Relaxed) && has_other_threads()
    }

    /// Takes a turn: on this thread, or on one that has nothing else to do.
    fn take<T>(&self, is_apart: bool, turn: impl FnOnce() -> T) -> T {
        self.is_over.store(false, Ordering::Relaxed);
        *locked(&self.since) = Some(Instant::now());
        if is_apart { block_in_place(turn) } else { turn() }
    }

    /// Polls the fields turn by turn.
    pub(super) fn drive<F: Future>(self: Arc<Self>, fields: F) -> Driven<F> {
        self.is_driven.store(true, Ordering::Relaxed);
        let turn = Arc::new(Turn { is_due: AtomicBool::new(true), task: AtomicWaker::new() });
        let waker = Waker::from(turn.clone());
        Driven { fields: Box::pin(fields), scheduler: self, turn, waker, loads: FuturesUnordered::new(), core: None }
    }
}

/// Tells whether the runtime can leave this thread to a turn.
fn has_other_threads() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Goes on with the next turn.
async fn again() {
    let mut is_next = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_next, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Goes on once whoever waits for the network had a turn: a task that only wakes itself is looked at dozens of times before the
/// runtime looks at the network again.
fn later<T>(context: &mut Context<'_>) -> Poll<T> {
    let _pending = pin!(tokio::task::yield_now()).poll(context);
    Poll::Pending
}

/// The fields of a request and the batches that are being answered for them.
pub(super) struct Driven<F> {
    fields: Pin<Box<F>>,
    scheduler: Arc<Scheduler>,
    turn: Arc<Turn>,
    waker: Waker,
    loads: FuturesUnordered<BoxFuture<'static, ()>>,
    /// The core that a long turn waits for.
    core: Option<BoxFuture<'static, Option<OwnedSemaphorePermit>>>,
}

impl<F> Driven<F> {
    /// A core for a long turn. Requests with long turns take them one after the other.
    fn poll_core(&mut self, context: &mut Context<'_>) -> Poll<Option<OwnedSemaphorePermit>> {
        let core = self.core.get_or_insert_with(|| work::turn().boxed()).poll_unpin(context);
        if core.is_ready() {
            self.core = None;
        }
        core
    }
}

/// Waker that records whether a field can go on. What a batch waits for does not make a turn due: the rows of an answer come one by
/// one, and none of them is of use to a field.
struct Turn {
    is_due: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_due.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<F: Future> Future for Driven<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        this.turn.task.register(context.waker());
        let since = Instant::now();
        loop {
            while let Poll::Ready(Some(())) = this.loads.poll_next_unpin(context) {}
            // Batches that are answered at once leave no time to others.
            if since.elapsed() > BREATH {
                return later(context);
            }
            // All batches of a turn are answered before the next, so that what their answers lead to is asked together.
            if !this.loads.is_empty() || !this.turn.is_due.swap(false, Ordering::AcqRel) {
                return Poll::Pending;
            }
            let is_apart = this.scheduler.is_apart();
            let core = match is_apart.then(|| this.poll_core(context)) {
                None => None,
                Some(Poll::Ready(core)) => core,
                Some(Poll::Pending) => {
                    this.turn.is_due.store(true, Ordering::Release);
                    return Poll::Pending;
                }
            };
            // What wakes the turn from here on is seen below.
            drop(this.turn.task.take());
            let (fields, waker) = (&mut this.fields, &this.waker);
            let turn = || fields.as_mut().poll(&mut Context::from_waker(waker));
            if let Poll::Ready(answer) = this.scheduler.take(is_apart, turn) {
                return Poll::Ready(answer);
            }
            drop(core);
            this.turn.task.register(context.waker());
            if this.turn.is_due.load(Ordering::Acquire) {
                // A field goes on by itself, and may ask more.
                return later(context);
            }
            let batches = std::mem::take(&mut *locked(&this.scheduler.batches));
            if batches.is_empty() {
                return Poll::Pending;
            }
            this.loads.extend(batches);
        }
    }
}
