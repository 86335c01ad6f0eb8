//! Variables whose names look like those of settings, but are mistyped.

use super::environment::Environment;
use super::table::{REQUIRE_TARGET, variables};
use crate::location::{InputError, nearest};

/// What the names of all settings begin with. Names are compared without it; with it, all would look alike.
const PREFIX: &str = "CONFORMANT_";

/// Refuses a variable whose name is nearly that of the gate: with a mistyped name the gate would be off, and everything would
/// pass.
pub(super) fn gate(env: &Environment) -> Option<InputError> {
    let (mistyped, _) = unknown(env).into_iter().find(|(_, near)| near.as_deref() == Some(REQUIRE_TARGET))?;
    let message = format!("the variable {mistyped} is no setting; did you mean {REQUIRE_TARGET}?");
    Some(InputError::new(message).help("correct its name, or unset it: without it a run without a target is no error"))
}

/// A note for every mistyped variable.
pub(super) fn notes(env: &Environment) -> Vec<String> {
    let note = |(name, near): (&str, Option<String>)| {
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        format!("the variable {name} is no setting and has no effect{hint}")
    };
    unknown(env).into_iter().map(note).collect()
}

/// Whether a variable is a setting.
pub(super) fn is_setting(name: &str) -> bool {
    variables().any(|known| known == name)
}

/// Every variable that looks like a setting but is not one, with the setting that was probably meant.
fn unknown(env: &Environment) -> Vec<(&str, Option<String>)> {
    let names = env.names().filter(|name| !is_setting(name));
    names
        .filter_map(|name| {
            let upper = name.to_ascii_uppercase().replace('-', "_");
            let near = if let Some(rest) = upper.strip_prefix(PREFIX) {
                meant(rest)
            } else {
                // A prefix that is nearly right counts as a mistake only before the name of a setting.
                let (start, rest) = upper.split_once('_')?;
                nearest(start, [PREFIX.trim_end_matches('_')])?;
                Some(meant(rest)?)
            };
            Some((name, near))
        })
        .collect()
}

/// The setting that a name without its prefix was probably meant for.
fn meant(rest: &str) -> Option<String> {
    if rest.contains("REQUIRE") && rest.contains("TARGET") {
        return Some(REQUIRE_TARGET.to_owned());
    }
    let near = nearest(rest, variables().filter_map(|name| name.strip_prefix(PREFIX)))?;
    Some(format!("{PREFIX}{near}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(names: &[&str]) -> Environment {
        names.iter().map(|name| (*name, "1")).collect()
    }

    #[test]
    fn what_is_nearly_the_gate_is_refused() {
        for name in [
            "CONFORMANT_REQUIRE_TARGT",
            "CONFORMANT_REQUIRED_TARGET",
            "CONFORMANT_REQUIRETARGET",
            "CONFORMANT_TARGET_REQUIRED",
            "CONFORMANT_REQIURE_TARGET",
            "CONFORMAT_REQUIRE_TARGET",
            "CONFORMANCE_REQUIRE_TARGET",
            "conformant_require_target",
        ] {
            let error = gate(&env(&[name])).unwrap_or_else(|| panic!("{name} is refused")).to_string();
            assert!(error.contains(name) && error.contains("did you mean CONFORMANT_REQUIRE_TARGET?"), "{error}");
        }
        let others =
            ["CONFORMANT_REQUIRE_TARGET", "CONFORMANT_REQUIRE", "CONFORMANT_STRCIT", "REQUIRE_TARGET", "CONFORMANT_X"];
        assert!(gate(&env(&others)).is_none());
    }

    #[test]
    fn a_slip_in_the_prefix_is_noted_too() {
        assert_eq!(
            notes(&env(&["CONFORMAT_STRICT", "CONFORMANCE_HOME", "CONFORMANT_JOBS", "CONFORMANT_NOTHING_LIKE_IT"])),
            [
                "the variable CONFORMANT_NOTHING_LIKE_IT is no setting and has no effect",
                "the variable CONFORMAT_STRICT is no setting and has no effect; did you mean CONFORMANT_STRICT?",
            ]
        );
    }
}
