//! Lists the files that a run reads, so that no report overwrites one.

use std::path::{Path, PathBuf};

use crate::location::InputErrors;
use crate::settings::Settings;
use crate::suite::{self, Suite};
use crate::transport::MACHINE;

/// A file that a run reads, or a folder of such files, with what it is for the run.
pub type Input = (&'static str, PathBuf);

/// Every file that a run reads.
pub fn inputs(settings: &Settings, suites: &[Suite]) -> Result<Vec<Input>, InputErrors> {
    let mut inputs: Vec<Input> = Vec::new();
    for suite in suites {
        inputs.push(("a suite of this run", suite.source.name().into()));
        for document in std::iter::once(&suite.document).chain(&suite.named) {
            inputs.push(("a document of this run", document.source.name().into()));
        }
    }
    inputs.extend(suite::known_deviations(&settings.cases)?.into_iter().map(|path| ("the known deviations", path)));
    inputs.extend(settings.env_file.clone().map(|path| ("the file of variables", path)));
    let network = &settings.network;
    let files = [
        ("the file of trusted certificates", &network.ca_file),
        ("the client's certificate", &network.client_cert),
        ("the client's key", &network.client_key),
    ];
    inputs.extend(files.into_iter().filter_map(|(what, file)| Some((what, file.as_ref()?.path.clone()))));
    for variable in MACHINE {
        inputs.extend(settings.env.get(variable).map(|path| ("the machine's trusted certificates", path.into())));
    }
    let recorded = settings.baseline.clone().into_iter().chain(settings.recorded_beside());
    inputs.extend(recorded.map(|folder| ("the recorded behaviour", folder)));
    inputs.retain(|(_, path)| path != Path::new(""));
    Ok(inputs)
}
