//! The objects that the environment provides, by the variables that states name (`from_env`). Each object is used up once.
//!
//! They are distributed before the run, in the order of the cases. So each case gets the same objects in every process, also
//! where a test runner starts one process per case. A case that gets none is skipped when the cases are selected. The spare
//! objects are for cases that must run again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::selected::Selected;
use crate::location::{InputError, InputErrors};
use crate::settings::Settings;
use crate::suite::{Case, Suite};
use crate::transport::Guard;

/// An object that the environment provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Provided {
    /// The variable that names it.
    pub(crate) variable: String,
    /// Its id.
    pub(crate) id: String,
    /// Its user, if one is named.
    pub(crate) user: Option<String>,
}

/// The provided objects for one run of a case, by index into [`Case::given`]. `None` for an object that the run makes.
pub(crate) type Allotment = Vec<Option<Provided>>;

/// Which case gets which objects.
#[derive(Debug, Default)]
pub(crate) struct Distribution {
    allotments: Vec<VecDeque<Allotment>>,
    spare: BTreeMap<String, VecDeque<Provided>>,
}

impl Distribution {
    /// Distributes the objects that the environment names. The embedded reference has none.
    pub(crate) fn new(settings: &Settings, suites: &[Suite], selected: &[Selected]) -> Result<Self, InputErrors> {
        let mut distribution = Self { allotments: vec![VecDeque::new(); selected.len()], spare: BTreeMap::new() };
        if settings.base_url.is_none() {
            return Ok(distribution);
        }
        let mut errors = Vec::new();
        for variable in variables(suites) {
            match read(settings, variable) {
                Ok(Some(objects)) => _ = distribution.spare.insert(variable.to_owned(), objects),
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        for _ in 0..settings.repeat {
            let mut any = false;
            for (index, one) in selected.iter().enumerate().filter(|(_, one)| one.skip.is_none()) {
                let suite = &suites[one.suite];
                if let Ok(Some(allotment)) = distribution.draw(suite, &suite.cases[one.case]) {
                    distribution.allotments[index].push_back(allotment);
                    any = true;
                }
            }
            if !any {
                break;
            }
        }
        Ok(distribution)
    }

    /// Why a selected case cannot run, if it needs provided objects and got none.
    pub(crate) fn lacks(&mut self, index: usize, suite: &Suite, case: &Case) -> Option<String> {
        if self.allotments[index].is_empty() { self.draw(suite, case).err() } else { None }
    }

    /// The objects for one run of a case: its own, or else spare ones. `None` if the case needs none. An error says that
    /// none is left.
    fn take(&mut self, index: usize, suite: &Suite, case: &Case) -> Result<Option<Allotment>, String> {
        match self.allotments.get_mut(index).and_then(VecDeque::pop_front) {
            Some(allotment) => Ok(Some(allotment)),
            None => self.draw(suite, case),
        }
    }

    /// Takes an object back that was not used.
    fn give_back(&mut self, provided: Provided) {
        self.spare.entry(provided.variable.clone()).or_default().push_back(provided);
    }

    /// Spare objects for one run of a case: from each variable the first ones that belong to one user.
    fn draw(&mut self, suite: &Suite, case: &Case) -> Result<Option<Allotment>, String> {
        let mut wanted: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, given) in case.given.iter().enumerate() {
            let variable = suite.states[given.state].from_env.as_deref();
            if let Some(variable) = variable.filter(|variable| self.spare.contains_key(*variable)) {
                wanted.entry(variable).or_default().push(index);
            }
        }
        if wanted.is_empty() {
            return Ok(None);
        }
        let mut picks: Vec<(&str, Vec<usize>, Vec<usize>)> = Vec::new();
        for (variable, givens) in wanted {
            let objects = &self.spare[variable];
            let of = |user: &Option<String>| {
                let mine = objects.iter().enumerate().filter(|(_, one)| one.user == *user).map(|(at, _)| at);
                mine.take(givens.len()).collect::<Vec<usize>>()
            };
            let Some(found) = objects.iter().map(|one| of(&one.user)).find(|found| found.len() == givens.len()) else {
                let count = if givens.len() == 1 { "one".to_owned() } else { format!("{} of one user", givens.len()) };
                return Err(format!(
                    "{variable} names too few objects: this case needs {count}, and {} left",
                    if objects.is_empty() { "none is".to_owned() } else { format!("only {} are", objects.len()) }
                ));
            };
            picks.push((variable, givens, found));
        }
        let mut allotment: Allotment = vec![None; case.given.len()];
        for (variable, givens, found) in picks {
            let Some(objects) = self.spare.get_mut(variable) else { continue };
            for (given, at) in givens.into_iter().zip(found).rev() {
                allotment[given] = objects.remove(at);
            }
        }
        Ok(Some(allotment))
    }
}

/// The distribution, shared by all tasks of a run.
#[derive(Debug)]
pub(crate) struct ProvidedObjects {
    distribution: Mutex<Distribution>,
    /// The variables that name objects.
    variables: Vec<String>,
}

impl ProvidedObjects {
    /// Distributes the objects that the environment names.
    pub(crate) fn new(settings: &Settings, suites: &[Suite], selected: &[Selected]) -> Result<Self, InputErrors> {
        let distribution = Distribution::new(settings, suites, selected)?;
        let variables = distribution.spare.keys().cloned().collect();
        Ok(Self { distribution: Mutex::new(distribution), variables })
    }

    /// Whether a variable names objects for this run.
    pub(crate) fn names(&self, variable: &str) -> bool {
        self.variables.iter().any(|other| other == variable)
    }

    /// See [`Distribution::take`].
    pub(crate) fn take(&self, index: usize, suite: &Suite, case: &Case) -> Result<Option<Allotment>, String> {
        self.lock().take(index, suite, case)
    }

    /// Takes an object back that was not used.
    pub(crate) fn give_back(&self, provided: Provided) {
        self.lock().give_back(provided);
    }

    fn lock(&self) -> MutexGuard<'_, Distribution> {
        self.distribution.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes such variables from the environment of the embedded reference, and adds a note for each.
pub(crate) fn ignored(suites: &[Suite], env: &mut BTreeMap<String, String>, notes: &mut Vec<String>) {
    let set = variables(suites).into_iter().filter(|name| env.remove(*name).is_some());
    notes.extend(set.map(|name| format!("{name} is set and ignored: the embedded reference makes its own")));
}

/// The variables that states name, each once.
fn variables(suites: &[Suite]) -> std::collections::BTreeSet<&str> {
    suites.iter().flat_map(|suite| &suite.states).filter_map(|state| state.from_env.as_deref()).collect()
}

/// The objects that a variable names: `ID[@USER]`, separated by commas. The variable that ends in `_USER` instead of `_IDS`
/// names the user of an id without one, if it is set.
fn read(settings: &Settings, variable: &str) -> Result<Option<VecDeque<Provided>>, InputError> {
    let Some(list) = settings.env.filled(variable)? else { return Ok(None) };
    let default_user = match variable.strip_suffix("_IDS") {
        Some(stem) => settings.env.filled(&format!("{stem}_USER"))?.map(|user| user.trim().to_owned()),
        None => None,
    };
    let mut objects: VecDeque<Provided> = VecDeque::new();
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (id, user) = match item.split_once('@') {
            Some((id, user)) => (id.trim(), Some(user.trim().to_owned())),
            None => (item, default_user.clone()),
        };
        if user.as_deref() == Some("") {
            return Err(InputError::new(format!("{variable} names {item}, without a user behind the @"))
                .help("write ID@USER, or the id alone"));
        }
        if objects.iter().any(|other| other.id == id) {
            return Err(InputError::new(format!("{variable} names {id} twice"))
                .help("each object is used up once; name every one once"));
        }
        Guard::new().note_from_env((0, 0), id).map_err(|refusal| InputError {
            message: format!("{variable}: {}", refusal.message),
            place: None,
            help: refusal.help,
        })?;
        objects.push_back(Provided { variable: variable.to_owned(), id: id.to_owned(), user });
    }
    Ok(Some(objects))
}
