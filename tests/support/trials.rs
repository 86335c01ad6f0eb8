//! Tests as trials of libtest-mimic, some of which need an external program: where one is not installed they are collected
//! as ignored, with the reason; where `CONFORMANT_REQUIRE` lists it, its absence is a failure.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use super::command::{Finished, conformant};
use super::served::{Served, program, required};

/// Where programs are, by name.
pub(crate) struct Parts(BTreeMap<&'static str, PathBuf>);

impl Parts {
    pub(crate) fn of(&self, name: &str) -> &Path {
        self.0.get(name).expect("a program that the test says it needs")
    }
}

/// A trial that fails by panic, which libtest-mimic reports with its message.
pub(crate) fn trial(name: &str, run: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        run();
        Ok(())
    })
}

/// A trial that needs programs.
pub(crate) fn needing(name: &str, programs: &[&'static str], run: fn(&Parts)) -> Trial {
    let found: BTreeMap<_, _> = programs.iter().filter_map(|name| Some((*name, program(name)?))).collect();
    let missing: Vec<&str> = programs.iter().filter(|name| !found.contains_key(*name)).copied().collect();
    if missing.is_empty() {
        return trial(name, move || run(&Parts(found)));
    }
    if let Some(missing) = missing.iter().find(|name| required(name)) {
        let text = format!("{missing} is required here and is not on the PATH");
        return trial(name, move || panic!("{text}"));
    }
    trial(&format!("{name} ({} is not on the PATH)", missing.join(", ")), || ()).with_ignored_flag(true)
}

/// The command's own `serve`.
pub(crate) fn serve() -> Served {
    Served::start(conformant(&["serve"]), 4)
}

/// `conformant run` with the served keys against an address, and with variables of the way there.
pub(crate) fn run_at(served: &Served, base_url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command = conformant(&["run"]);
    command.args(arguments).envs(served.variables.iter().cloned()).envs(variables.iter().copied());
    command.env("API_BASE_URL", base_url);
    Finished::of(command)
}
