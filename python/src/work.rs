//! Long work: without the interpreter's lock, with progress, and stopped by Ctrl-C.
//!
//! The work runs in a thread of its own while the caller's thread waits and looks for signals. After
//! one, the exception leaves at once; the thread is told to stop, and where it cannot, it ends alone: it
//! holds no Python objects and nobody waits for its result. So the core needs to know nothing of
//! signals and clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use codcast::Config;
use codcast::engines::{Engine, EngineInfo, Fit, Refusal};
use codcast::passrate::Ladder;
use pyo3::prelude::*;

use crate::errors;

/// How often signals and progress are looked at.
const TICK: Duration = Duration::from_millis(50);
/// How long to wait after Ctrl-C for work that can stop.
const GRACE: Duration = Duration::from_millis(400);

/// What the two threads share.
#[derive(Default)]
pub(crate) struct Shared {
    /// Nobody wants the result any more.
    pub(crate) stop: AtomicBool,
    pub(crate) done: Arc<AtomicU64>,
    pub(crate) total: AtomicU64,
}

/// Does the work in a thread. `progress(done, total)` is called in this one.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    shared: &Arc<Shared>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Shared) -> T + Send + 'static,
) -> PyResult<T> {
    let (sender, mut receiver) = mpsc::sync_channel(1);
    let theirs = Arc::clone(shared);
    let worker = thread::Builder::new().name("codcast".to_owned()).spawn(move || {
        // Where nobody receives, the result is dropped.
        let _ = sender.send(work(&theirs));
    })?;
    loop {
        let (back, received) = py.detach(move || {
            let received = receiver.recv_timeout(TICK);
            (receiver, received)
        });
        receiver = back;
        match received {
            Ok(result) => {
                report(shared, progress)?;
                return Ok(result);
            }
            Err(RecvTimeoutError::Disconnected) => return Err(panicked(py, worker)),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = py.check_signals().and_then(|()| report(shared, progress)) {
                    shared.stop.store(true, Ordering::Relaxed);
                    py.detach(move || {
                        let _ = receiver.recv_timeout(GRACE);
                    });
                    return Err(raised);
                }
            }
        }
    }
}

fn report(shared: &Shared, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let total = shared.total.load(Ordering::Relaxed);
    if let Some(progress) = progress.filter(|_| total > 0) {
        progress.call1((shared.done.load(Ordering::Relaxed), total))?;
    }
    Ok(())
}

fn panicked(py: Python<'_>, worker: thread::JoinHandle<()>) -> PyErr {
    let panic = worker.join().err();
    let text = panic.as_ref().and_then(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied())
    });
    let message =
        format!("a defect in codcast: {}", text.unwrap_or("the work ended without a result"));
    errors::internal(py, &message)
}

/// An engine that forecasts nothing more once nobody wants it to.
pub(crate) struct Stoppable {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) shared: Arc<Shared>,
}

impl Engine for Stoppable {
    fn info(&self) -> EngineInfo {
        self.engine.info()
    }

    fn members(&self) -> Option<Vec<&'static str>> {
        self.engine.members()
    }

    fn fit(&self, ladder: &Ladder, config: &Config) -> Vec<Result<Fit, Refusal>> {
        if self.shared.stop.load(Ordering::Relaxed) {
            return ladder.tasks.iter().map(|_| Err(Vec::new())).collect();
        }
        self.engine.fit(ladder, config)
    }
}
