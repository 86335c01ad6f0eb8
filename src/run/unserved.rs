//! What the embedded reference cannot stand in for: operations of another API than the one it is a reference of.

use super::select::Selected;
use crate::case::{Action, Suite};
use crate::location::InputError;
use crate::reference;

/// An error per suite with a selected case that judges an operation which the reference does not serve. Without it the
/// case would fail on the reference's 404, and say nothing about anybody's API.
pub(super) fn refused(suites: &[Suite], selected: &[Selected]) -> Vec<InputError> {
    if !reference::BUILT_IN {
        let message = "there is no target: API_BASE_URL is not set, and this build has no embedded reference";
        return vec![
            InputError::new(message).help("set API_BASE_URL, or turn the Cargo feature `reference` of conformant on"),
        ];
    }
    let wrong = suites.iter().enumerate().filter_map(|(index, suite)| {
        let cases = selected.iter().filter(|one| one.suite == index).map(|one| &suite.cases[one.case]);
        let operations = cases.flat_map(|case| &case.steps).filter_map(|step| match step.action {
            Action::Operation(operation) => Some(&suite.document.operations[operation]),
            Action::Call { .. } => None,
        });
        let mut unserved = operations.filter(|one| !reference::serves(&one.method, &one.path));
        unserved.next().map(|operation| (suite, operation))
    });
    wrong
        .map(|(suite, operation)| {
            InputError::new(format!(
                "there is no target, and the embedded reference serves only {}; {} judges {}",
                reference::SERVES,
                suite.source.name(),
                operation.title()
            ))
            .help(format!("set API_BASE_URL to the base URL of a server of {}", suite.document.title))
        })
        .collect()
}
