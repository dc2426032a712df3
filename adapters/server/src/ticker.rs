//! Deferred work is done when it is due.

use std::time::Duration;

use koinon_engine::Engine;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often due work is looked for.
const PERIOD: Duration = Duration::from_secs(1);
/// Jobs done between two looks at the clock.
const BATCH: usize = 100;

/// A task that runs what is due.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Ticker {
    pub(crate) fn start(engine: Engine) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(run(engine, stopped)) }
    }

    /// Ends the task after the batch that it is at.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "deferred work had stopped");
        }
    }
}

async fn run(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopped.wait_for(|stopped| *stopped) => return,
        }
        while !*stopped.borrow() {
            match engine.run_due(BATCH).await {
                Ok(count) => {
                    failing = false;
                    if count < BATCH {
                        break;
                    }
                }
                Err(error) => {
                    // Once, not every second until the disk has room again.
                    if !failing {
                        tracing::error!(%error, "deferred work failed; it is tried again every second");
                    }
                    failing = true;
                    break;
                }
            }
        }
    }
}
