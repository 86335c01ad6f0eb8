//! Objects that may be used up, from the variables that states name: read, dealt out to cases, each used once.
//!
//! They are dealt out before anything runs, in the order of the cases: so the same cases get the same objects whoever
//! runs them, also where a test runner starts a process per case, and a case for which none is left is skipped when
//! cases are collected. What is dealt to nobody is for cases that must run again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::select::Selected;
use crate::case::{Case, Suite};
use crate::location::{InputError, InputErrors};
use crate::settings::Settings;
use crate::transport::Guard;

/// An object that may be used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handed {
    /// The variable that names it.
    pub(super) variable: String,
    /// Its id.
    pub(super) id: String,
    /// Its user, if one is named.
    pub(super) user: Option<String>,
}

/// The objects of one run of a case, by index into [`Case::given`]; none for those that are made.
pub(super) type Hand = Vec<Option<Handed>>;

/// Who gets what.
#[derive(Debug, Default)]
pub(super) struct Deal {
    hands: Vec<VecDeque<Hand>>,
    spare: BTreeMap<String, VecDeque<Handed>>,
}

impl Deal {
    /// Deals out what the environment names. The embedded reference has no such objects.
    pub(super) fn new(settings: &Settings, suites: &[Suite], selected: &[Selected]) -> Result<Self, InputErrors> {
        let mut deal = Self { hands: vec![VecDeque::new(); selected.len()], spare: BTreeMap::new() };
        if settings.base_url.is_none() {
            return Ok(deal);
        }
        let mut errors = Vec::new();
        for variable in variables(suites) {
            match read(settings, variable) {
                Ok(Some(objects)) => _ = deal.spare.insert(variable.to_owned(), objects),
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        for _ in 0..settings.repeat {
            let mut dealt = false;
            for (index, one) in selected.iter().enumerate().filter(|(_, one)| one.skip.is_none()) {
                let suite = &suites[one.suite];
                if let Ok(Some(hand)) = deal.draw(suite, &suite.cases[one.case]) {
                    deal.hands[index].push_back(hand);
                    dealt = true;
                }
            }
            if !dealt {
                break;
            }
        }
        Ok(deal)
    }

    /// Why a selected case cannot run, if nothing was dealt to it and something had to be.
    pub(super) fn lacks(&mut self, index: usize, suite: &Suite, case: &Case) -> Option<String> {
        if self.hands[index].is_empty() { self.draw(suite, case).err() } else { None }
    }

    /// The objects for one run of a case: what was dealt to it, else what is spare. None if it needs none; an error says
    /// that there is none left.
    fn take(&mut self, index: usize, suite: &Suite, case: &Case) -> Result<Option<Hand>, String> {
        match self.hands.get_mut(index).and_then(VecDeque::pop_front) {
            Some(hand) => Ok(Some(hand)),
            None => self.draw(suite, case),
        }
    }

    /// Takes back what was not used.
    fn give_back(&mut self, handed: Handed) {
        self.spare.entry(handed.variable.clone()).or_default().push_back(handed);
    }

    /// What is spare, for one run of a case: of each variable the first that are of one user.
    fn draw(&mut self, suite: &Suite, case: &Case) -> Result<Option<Hand>, String> {
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
        let mut hand: Hand = vec![None; case.given.len()];
        for (variable, givens, found) in picks {
            let Some(objects) = self.spare.get_mut(variable) else { continue };
            for (given, at) in givens.into_iter().zip(found).rev() {
                hand[given] = objects.remove(at);
            }
        }
        Ok(Some(hand))
    }
}

/// Who gets what, for all tasks of a run.
#[derive(Debug)]
pub(super) struct Store {
    deal: Mutex<Deal>,
    /// The variables that name objects.
    variables: Vec<String>,
}

impl Store {
    /// Deals out what the environment names.
    pub(super) fn new(settings: &Settings, suites: &[Suite], selected: &[Selected]) -> Result<Self, InputErrors> {
        let deal = Deal::new(settings, suites, selected)?;
        let variables = deal.spare.keys().cloned().collect();
        Ok(Self { deal: Mutex::new(deal), variables })
    }

    /// Whether a variable names objects for this run.
    pub(super) fn names(&self, variable: &str) -> bool {
        self.variables.iter().any(|other| other == variable)
    }

    /// See [`Deal::take`].
    pub(super) fn take(&self, index: usize, suite: &Suite, case: &Case) -> Result<Option<Hand>, String> {
        self.lock().take(index, suite, case)
    }

    /// Takes back what was not used.
    pub(super) fn give_back(&self, handed: Handed) {
        self.lock().give_back(handed);
    }

    fn lock(&self) -> MutexGuard<'_, Deal> {
        self.deal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes such variables out of the environment of the embedded reference, and says so.
pub(super) fn ignored(suites: &[Suite], env: &mut BTreeMap<String, String>, notes: &mut Vec<String>) {
    let set = variables(suites).into_iter().filter(|name| env.remove(*name).is_some());
    notes.extend(set.map(|name| format!("{name} is set and ignored: the embedded reference makes its own")));
}

/// The variables that states name, each once.
fn variables(suites: &[Suite]) -> std::collections::BTreeSet<&str> {
    suites.iter().flat_map(|suite| &suite.states).filter_map(|state| state.from_env.as_deref()).collect()
}

/// The objects that a variable names: `ID[@USER]`, separated by commas. An id without a user belongs to the one named by
/// the variable that ends in `_USER` instead of `_IDS`, if that is set.
fn read(settings: &Settings, variable: &str) -> Result<Option<VecDeque<Handed>>, InputError> {
    let Some(list) = settings.env.filled(variable)? else { return Ok(None) };
    let everybody = match variable.strip_suffix("_IDS") {
        Some(stem) => settings.env.filled(&format!("{stem}_USER"))?.map(|user| user.trim().to_owned()),
        None => None,
    };
    let mut objects: VecDeque<Handed> = VecDeque::new();
    for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (id, user) = match item.split_once('@') {
            Some((id, user)) => (id.trim(), Some(user.trim().to_owned())),
            None => (item, everybody.clone()),
        };
        if user.as_deref() == Some("") {
            return Err(InputError::new(format!("{variable} names {item}, without a user behind the @"))
                .help("write ID@USER, or the id alone"));
        }
        if objects.iter().any(|other| other.id == id) {
            return Err(InputError::new(format!("{variable} names {id} twice"))
                .help("each object is used up once; name every one once"));
        }
        Guard::new().note_from_env(id).map_err(|refusal| InputError {
            message: format!("{variable}: {}", refusal.message),
            place: None,
            help: refusal.help,
        })?;
        objects.push_back(Handed { variable: variable.to_owned(), id: id.to_owned(), user });
    }
    Ok(Some(objects))
}
