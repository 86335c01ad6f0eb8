//! What a run would refuse to send, found without a target and without credentials, for `lint`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::dry_run;
use super::opening::open;
use super::opening::selected::Selected;
use crate::location::InputErrors;
use crate::settings::Settings;
use crate::suite::{Credential, Suite};

/// Refuses the requests that every run would refuse. Makes a dry run of all cases for a target that does not exist. A
/// variable that is not set gets a value that stands for no object.
pub async fn refuse_unsendable(settings: &Settings, suites: Arc<Vec<Suite>>) -> Result<(), InputErrors> {
    /// A port that nothing listens on. No connection is opened.
    const NO_TARGET: &str = "http://127.0.0.1:1";
    const STAND_IN: &str = "no-such-value-for-";
    let mut settings = Settings {
        base_url: Some(NO_TARGET.to_owned()),
        release: None,
        allow_production: true,
        dry_run: true,
        baseline: None,
        ..settings.clone()
    };
    for name in variables(&suites) {
        if settings.env.get(&name).is_none_or(str::is_empty) {
            settings.env.set(name.as_str(), format!("{STAND_IN}{name}"));
        }
    }
    let cases = suites.iter().enumerate().flat_map(|(suite, one)| (0..one.cases.len()).map(move |case| (suite, case)));
    let selected = Arc::new(cases.map(|(suite, case)| Selected { suite, case, skip: None }).collect());
    let opened = open::open(settings, suites, selected).await?;
    let plan = dry_run::plan_of(&opened).await?;
    let refused: Vec<_> = plan.refusals().cloned().collect();
    if refused.is_empty() { Ok(()) } else { Err(InputErrors(refused)) }
}

/// The variables of the credentials that are sent, and of placeholders.
fn variables(suites: &[Suite]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for suite in suites {
        names.extend(suite.text_variables().into_iter().map(|(_, name)| name.to_owned()));
        let sent: BTreeSet<usize> = suite.steps().flat_map(|step| step.auth.credentials()).copied().collect();
        let credentials = sent.iter().filter_map(|index| suite.credentials.get(*index));
        names.extend(credentials.flat_map(Credential::variables).map(str::to_owned));
    }
    names
}
