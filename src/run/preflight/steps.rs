//! The order of the preflight.

use super::answer::{self, Checks};
use super::candidates::{candidates, unchecked};
use super::tried::untried;
use super::{api, credential, logins, not_transmitted, reach};
use crate::outcome::{API, CheckStatus, Tried, Trouble};
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::join_all::join_all;

/// Tries the target before any case. Keeps what was tried for the reports. An error says everything that is wrong.
pub(crate) async fn preflight(run: &TestRun) -> Result<(), Trouble> {
    let mut tried = tokio::select! {
        tried = try_target(run) => tried,
        // Nothing was made yet, so there is nothing to wait for.
        () = run.target.stop.requested() => Vec::new(),
    };
    for one in &mut tried {
        one.found = run.setup.secrets.mask_str(&one.found).into_owned();
        one.help = one.help.take().map(|help| run.setup.secrets.mask_str(&help).into_owned());
        if one.status == CheckStatus::Noted {
            run.record.note(&one.found);
        }
    }
    run.record.keep_preflight(&tried);
    Tried::trouble(&tried).map_or(Ok(()), Err)
}

async fn try_target(run: &TestRun) -> Vec<Tried> {
    let mut tried = Vec::new();
    let reached = reach::reach(run, &mut tried).await;
    let candidates = candidates(run);
    if reached {
        let logins = logins::log_in(run, &mut tried).await;
        let (candidates, without): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|one| logins.gave(run, one.suite, one.index));
        let mut answers = Vec::with_capacity(candidates.len());
        for some in candidates.chunks(run.setup.settings.jobs.max(1)) {
            let asked = some.iter().map(async |one| {
                let mut values = one.values.clone();
                let credential = &run.setup.suites[one.suite].credentials[one.index];
                run.target.role(|| format!("try {} ({})", credential.origin(), credential.name));
                run.staging_for_check(one.suite).send(one.check, &mut values).await
            });
            answers.extend(join_all(asked).await);
        }
        let said = candidates.iter().zip(&answers).map(|(one, answer)| answer::read(one, answer)).collect();
        let checks = Checks { candidates, answers, said };
        tried.push(api::api(run, &checks, &logins).await);
        let groups = not_transmitted::find(run, &checks).await;
        for at in 0..checks.candidates.len() {
            let one = groups.iter().find_map(|group| group.result(run, &checks, at));
            tried.push(one.unwrap_or_else(|| credential::result(run, &checks, at)));
        }
        for one in &without {
            let credential = &run.setup.suites[one.suite].credentials[one.index];
            tried.push(untried(&credential.name, &format!("{} was not tried: its login failed", credential.name)));
        }
    } else {
        tried.push(untried(API, "no request was sent to the API"));
        for one in &candidates {
            let credential = &run.setup.suites[one.suite].credentials[one.index];
            tried.push(untried(&credential.name, &format!("{} was not tried", credential.origin())));
        }
    }
    tried.extend(unchecked(&run.setup));
    tried
}
