//! The settings of `conformant demo`: it judges the embedded reference by the shipped suite, whatever the environment says
//! about other targets and suites.

use super::environment::{COLOR_VARIABLES, Environment};
use super::flag::CommandName::Demo;
use super::flags::Flags;
use super::table::{API_BASE_URL, CASES, FLAGS, REQUIRE_TARGET};

/// Where the shipped suites are.
const CASES_OF_DEMO: &str = "demo:/cases";

/// The flags with the shipped suite, the part of the environment that means something to a demo, and a note on settings that
/// are left out of it.
pub(super) fn prepared(flags: &Flags, env: &Environment) -> (Flags, Environment, Option<String>) {
    let means_something = |name: &str| {
        let is_for_demo = |variable| FLAGS.iter().any(|flag| flag.variable == Some(variable) && flag.is_for(Demo));
        is_for_demo(name) || name == REQUIRE_TARGET || COLOR_VARIABLES.contains(&name)
    };
    let is_setting = |name: &str| name == API_BASE_URL || FLAGS.iter().any(|flag| flag.variable == Some(name));
    let left_out: Vec<&str> = env.names().filter(|name| is_setting(name) && !means_something(name)).collect();
    let note = (!left_out.is_empty()).then(|| {
        let (are, have) = if left_out.len() == 1 { ("variable", "has") } else { ("variables", "have") };
        format!(
            "the {are} {} {have} no effect on `conformant demo`, which judges the embedded reference server",
            left_out.join(", ")
        )
    });
    (flags.clone().with(&CASES, CASES_OF_DEMO), env.clone().only(means_something), note)
}
