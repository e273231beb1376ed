//! One connection until its end: its own, or that of the server.
use std::{pin::Pin, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::stage::{Open, Stage};

/// Maximum pause in a request that is half there when the server stops.
const HALF: Duration = Duration::from_secs(1);
/// Maximum time that the body of a request may take to come when the server stops.
const WHOLE: Duration = Duration::from_secs(5);

/// Order to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// It answers.
    Serving,
    /// It answers what is open, and then stops.
    Stopping,
    /// It has stopped: what is still open is given up.
    Over,
}

/// Drives the connection until it ends, is given up and idle, or the server stops. `shut` lets it end after the request that it answers.
pub(super) async fn attend<C: Future>(
    mut connection: Pin<&mut C>,
    open: &Open,
    run: &mut watch::Receiver<Run>,
    shut: impl Fn(Pin<&mut C>),
) {
    // The connection comes first each time: what has come is read before anything is given up.
    tokio::select! {
        biased;
        // A connection that breaks off is its client's affair.
        _ended = connection.as_mut() => return,
        () = reached(run, Run::Stopping) => {}
        () = open.given_up() => {
            if open.idle_since().is_some() {
                return;
            }
            shut(connection.as_mut());
            tokio::select! {
                biased;
                _ended = connection.as_mut() => return,
                () = reached(run, Run::Stopping) => {}
            }
        }
    }
    tokio::select! {
        biased;
        () = drain(connection, open, shut) => {}
        () = reached(run, Run::Over) => {}
    }
}

/// Waits until the server does this, or is gone.
async fn reached(run: &mut watch::Receiver<Run>, what: Run) {
    let _reached = run.wait_for(|now| *now == what || *now == Run::Over).await;
}

/// Ends the connection: at once where it is idle, soon where its request is half there, and else when that is answered.
async fn drain<C: Future>(mut connection: Pin<&mut C>, open: &Open, shut: impl Fn(Pin<&mut C>)) {
    let stopped = Instant::now();
    loop {
        let until = match open.stage() {
            Stage::Head { has_begun: false, .. } => return,
            // To shut it now would end it, as for the connection no request has begun.
            Stage::Head { .. } => stopped + HALF,
            Stage::Body { seen } => {
                shut(connection.as_mut());
                (seen.max(stopped) + HALF).min(stopped + WHOLE)
            }
            Stage::Cut | Stage::Answer | Stage::Rest => {
                shut(connection.as_mut());
                let _ended = connection.await;
                return;
            }
        };
        if until > Instant::now() {
            tokio::select! {
                biased;
                _ended = connection.as_mut() => return,
                () = sleep_until(until) => {}
            }
        } else if !open.cut() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::atomic::{AtomicBool, Ordering},
    };

    use tokio::time::{sleep, timeout};

    use super::*;

    /// Drives a connection in this stage while the server stops; bytes of its request go on coming, or none.
    async fn stopping(open: &Open, is_coming: bool) {
        let connection = pin!(async {
            while open.stage() != Stage::Cut {
                sleep(Duration::from_millis(100)).await;
                if is_coming {
                    open.received();
                }
            }
        });
        let (_run, mut run) = watch::channel(Run::Stopping);
        attend(connection, open, &mut run, |_| {}).await;
    }

    #[tokio::test]
    async fn what_is_half_there_ends_soon_when_the_server_stops() {
        let [idle, head, body, slow, answer] = [(); 5].map(|()| Open::new());
        head.received();
        body.asked(true);
        slow.asked(true);
        answer.asked(false);
        let lasts = async |open, is_coming, at_most: Duration| {
            let begun = Instant::now();
            let ended = timeout(at_most, stopping(open, is_coming)).await;
            ended.is_ok().then(|| begun.elapsed())
        };

        let (idle, head, body, slow, answer) = tokio::join!(
            lasts(&idle, false, HALF / 2),
            lasts(&head, true, HALF * 4),
            lasts(&body, false, HALF * 4),
            lasts(&slow, true, WHOLE * 2),
            lasts(&answer, false, WHOLE + HALF),
        );

        assert!(idle.is_some(), "at once");
        assert!(head.is_some_and(|time| time >= HALF), "{head:?}, though bytes go on coming");
        assert!(body.is_some_and(|time| time >= HALF), "{body:?}");
        assert!(slow.is_some_and(|time| time >= WHOLE), "{slow:?}: it has longer while it goes on coming");
        assert_eq!(answer, None, "what is executed has the time that the server has");
    }

    #[tokio::test]
    async fn a_connection_that_is_given_up_ends_when_it_is_idle() {
        let (_run, run) = watch::channel(Run::Serving);
        for is_busy in [false, true] {
            let open = Open::new();
            if is_busy {
                open.asked(false);
            }
            open.give_up();
            let is_whole = AtomicBool::new(false);
            let connection = pin!(async {
                sleep(Duration::from_millis(300)).await;
                is_whole.store(true, Ordering::Relaxed);
            });
            attend(connection, &open, &mut run.clone(), |_| {}).await;
            assert_eq!(is_whole.load(Ordering::Relaxed), is_busy);
        }
    }

    #[tokio::test]
    async fn nothing_outlives_the_server() {
        let (sender, mut run) = watch::channel(Run::Stopping);
        let open = Open::new();
        open.asked(false);
        let connection = pin!(std::future::pending::<()>());
        let attended = attend(connection, &open, &mut run, |_| {});
        let ((), ()) = tokio::join!(attended, async {
            sleep(Duration::from_millis(100)).await;
            sender.send_replace(Run::Over);
        });
    }
}
