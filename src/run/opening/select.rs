//! Selects the cases that run, by profile and filter, and decides which of them are skipped. Sends nothing to the target.

use std::path::Path;

use super::provided::Distribution;
use super::selected::Selected;
use crate::location::{InputError, InputErrors, nearest};
use crate::object::credentials;
use crate::reference;
use crate::settings::Settings;
use crate::suite::{Case, Credential, Suite};

/// Selects by profile and filters, in the order of the files. A filter that matches no case is an error. So are suites without
/// any case.
pub fn select(settings: &Settings, suites: &[Suite]) -> Result<Vec<Selected>, InputErrors> {
    if suites.iter().all(|suite| suite.cases.is_empty()) {
        return Err(InputError::new(format!("no case was loaded from {}", settings.cases.display()))
            .help("name a suite file or a folder of suites with --cases")
            .into());
    }
    let of_profile = in_profile(settings, suites);
    let mut selected: Vec<Selected> = of_profile
        .iter()
        .filter(|one| matches_filter(&suites[one.suite].cases[one.case], &settings.filters))
        .cloned()
        .collect();
    for (index, filter) in settings.filters.iter().enumerate() {
        let hit = |one: &Selected| matches_filter(&suites[one.suite].cases[one.case], std::slice::from_ref(filter));
        if of_profile.iter().any(hit) {
            continue;
        }
        let commands = if index == 0 { settings.commands.as_slice() } else { &[] };
        let help = suggestion(filter, commands, suites);
        return Err(InputError::new(format!("the filter {filter:?} matches no case")).help(help).into());
    }
    if selected.is_empty() {
        return Err(InputError::new("the profile core has no case in these suites")
            .help("run with --profile extended, or mark cases with `profile: core`")
            .into());
    }
    // A case that needs a provided object and gets none is skipped.
    let mut distribution = Distribution::new(settings, suites, &selected)?;
    for (index, one) in selected.iter_mut().enumerate().filter(|(_, one)| one.skip.is_none()) {
        let suite = &suites[one.suite];
        one.skip = distribution.lacks(index, suite, &suite.cases[one.case]);
    }
    Ok(selected)
}

/// What the user may have meant by a filter that matches no case. `commands` are the commands that it may have been.
fn suggestion(filter: &str, commands: &[String], suites: &[Suite]) -> String {
    let ids = || suites.iter().flat_map(|suite| &suite.cases).map(|case| case.id.as_str());
    if ids().any(|id| id.contains(filter)) {
        return "it matches cases of a larger profile only: add --profile extended".to_owned();
    }
    if let Some(command) = nearest(filter, commands.iter().map(String::as_str)) {
        return format!("did you mean `conformant {command}`? without a command's name, the first word is a filter");
    }
    let path = Path::new(filter);
    let is_file =
        path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|one| end.eq_ignore_ascii_case(one)));
    if path.is_dir() {
        return format!("it names a folder: for the suites in it say --cases {filter}");
    }
    if is_file || path.is_file() {
        return format!("it names a file: for the cases of a suite say --cases {filter}; --spec names the document");
    }
    // A comparison takes time for the product of both lengths, and there may be many cases.
    let names = ids().flat_map(|id| [Some(id), id.rsplit_once('/').map(|(_, name)| name)]).flatten();
    let near = names.filter(|name| name.len().abs_diff(filter.len()) <= filter.len() / 3 + 1);
    match nearest(filter, near.filter(|_| filter.len() <= 200)) {
        Some(name) => format!("did you mean {name}? `conformant list` shows every case id"),
        None => "`conformant list` shows every case id; a filter is a part of one".to_owned(),
    }
}

/// Every case of the profile, with its reason if it is skipped.
pub fn in_profile(settings: &Settings, suites: &[Suite]) -> Vec<Selected> {
    let mut selected = Vec::new();
    for (suite_index, suite) in suites.iter().enumerate() {
        for (case_index, case) in suite.cases.iter().enumerate() {
            if case.profile <= settings.profile {
                let skip = credentials::skip_reason(suite, case, |credential, name| is_set(settings, credential, name));
                selected.push(Selected { suite: suite_index, case: case_index, skip });
            }
        }
    }
    selected
}

/// Whether a variable of a credential is set. The embedded reference has a key for every credential that it knows.
fn is_set(settings: &Settings, credential: &Credential, name: &str) -> bool {
    match settings.base_url {
        Some(_) => settings.env.get(name).is_some(),
        // Without a target of any kind the run is refused, whatever is set.
        None => !reference::BUILT_IN || credential.login().is_none() && reference::CREDENTIALS.contains(&name),
    }
}

fn matches_filter(case: &Case, filters: &[String]) -> bool {
    filters.is_empty() || filters.iter().any(|filter| case.id.contains(filter.as_str()))
}
