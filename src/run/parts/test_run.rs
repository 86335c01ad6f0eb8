//! One run in its three parts: what is fixed, what talks to the target, and what is recorded.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::record::Record;
use super::setup::Setup;
use super::target::TargetAccess;
use crate::object::{RetryPolicy, Staging};
use crate::suite::Values;

/// A check or a removal should be answered at once. Its answer is awaited for the timeout of one exchange divided by this.
/// A case waits so at most twice besides its own request. So a target that never answers costs less than twice the timeout
/// per case.
const PROMPT: u32 = 3;

/// One run in its three parts. A function that needs one part takes that part.
#[derive(Debug)]
pub(crate) struct TestRun {
    /// What is fixed.
    pub(crate) setup: Arc<Setup>,
    /// What talks to the target.
    pub(crate) target: TargetAccess,
    /// What is recorded.
    pub(crate) record: Record,
}

impl TestRun {
    /// The values of placeholders before a case adds its own. The user is new each time, so no two cases share what the
    /// target does for the first request of a user, or what belongs to a user.
    pub(crate) fn fresh_values(&self) -> Values {
        let user = format!("{}-{:06x}", self.setup.run, self.target.users.fetch_add(1, Ordering::Relaxed));
        if let Some(rehearsal) = self.target.client.rehearsal() {
            rehearsal.name(user.clone(), "user".to_owned());
        }
        Values {
            user,
            run: self.setup.run.clone(),
            env: Arc::clone(&self.setup.env),
            ids: self.target.guard.ids().clone(),
            secrets: self.setup.secrets.clone(),
            ..Values::default()
        }
    }

    /// Sends the checks of a suite. They do not wait for a busy target, and end when the run is stopped.
    pub(crate) fn staging_for_check(&self, suite: usize) -> Staging<'_> {
        self.staging(suite, RetryPolicy { waits_while_busy: false, ..self.stoppable() })
    }

    /// Sends the calls that set a suite's objects up. They wait for a busy target, and end when the run is stopped.
    pub(crate) fn staging_for_setup(&self, suite: usize) -> Staging<'_> {
        self.staging(suite, self.stoppable())
    }

    /// Sends the calls that remove a suite's objects. They wait for a busy target, also when the run is stopped.
    pub(crate) fn staging_for_removal(&self, suite: usize) -> Staging<'_> {
        self.staging(suite, RetryPolicy { stop: None, ..self.stoppable() })
    }

    fn stoppable(&self) -> RetryPolicy<'_> {
        RetryPolicy { backoff: &self.target.backoff, waits_while_busy: true, stop: Some(self.target.stop.sender()) }
    }

    fn staging<'a>(&'a self, suite: usize, retries: RetryPolicy<'a>) -> Staging<'a> {
        Staging {
            client: &self.target.client,
            suite: &self.setup.suites[suite],
            suite_index: suite,
            secrets: self.setup.credentials[suite].values(),
            logins: &self.target.logins,
            patience: self.setup.settings.timeout / PROMPT,
            probe: &self.target.probe,
            retries,
        }
    }
}
