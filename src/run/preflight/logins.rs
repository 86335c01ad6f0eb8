//! Logs in for every credential that needs a login, so that a wrong login is one message and not a page of failing cases.

use std::collections::BTreeMap;

use super::candidates::wanted;
use super::tried::good;
use crate::outcome::{CheckStatus, Tried};
use crate::run::parts::test_run::TestRun;

/// What became of the logins: by login, whether it gave a secret.
pub(super) struct TriedLogins(BTreeMap<usize, bool>);

impl TriedLogins {
    /// Whether a credential has no login, or one that gave a secret.
    pub(super) fn gave(&self, run: &TestRun, suite: usize, credential: usize) -> bool {
        run.target.logins.of(suite, credential).is_none_or(|login| self.0.get(&login).copied().unwrap_or(true))
    }

    /// Whether any login gave a secret.
    pub(super) fn any_gave(&self) -> bool {
        self.0.values().any(|gave| *gave)
    }
}

/// Logs in for each credential that a selected case needs, once for credentials that share a login.
pub(super) async fn log_in(run: &TestRun, tried: &mut Vec<Tried>) -> TriedLogins {
    let mut logins = BTreeMap::new();
    for (suite, index) in wanted(&run.setup) {
        let Some(login) = run.target.logins.of(suite, index).filter(|login| !logins.contains_key(login)) else {
            continue;
        };
        let credential = &run.setup.suites[suite].credentials[index];
        run.target.role(|| format!("log in for {}", credential.name));
        let result = run.staging_for_setup(suite).log_in(login, index).await;
        logins.insert(login, result.is_ok());
        let what = format!("login of {}", credential.name);
        tried.push(match result {
            Ok(()) => good(&what, format!("the API accepts the login of {}", credential.name)),
            Err(error) => Tried { status: CheckStatus::Wrong, help: error.help, ..good(&what, error.message) },
        });
    }
    TriedLogins(logins)
}
