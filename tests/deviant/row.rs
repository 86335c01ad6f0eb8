//! A deviation with what must be found, in which cases, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use crate::front::{Act, Asked, Behaviour, Front, Plan, World};
use crate::message::Message;
use crate::product::{self, Asking, Came};
use conformant::outcome::Verdict;

/// Every shipped case, with the statuses of its own answers.
pub(crate) const CASES: &[(&str, &[u16])] = &[
    ("success", &[204]),
    ("wrong_app_mode", &[400]),
    ("missing_conversation", &[404]),
    ("repeat", &[204, 404]),
    ("two_at_once", &[204, 404]),
    ("other_user", &[404]),
    ("other_app", &[404]),
    ("no_key", &[401]),
    ("malformed_key", &[401]),
    ("wrong_key", &[401]),
    ("basic_scheme", &[401]),
    ("user_omitted", &[404]),
    ("user_null", &[404]),
    ("body_omitted", &[415]),
    ("malformed_json", &[400]),
    ("unknown_property", &[204]),
    ("id_upper_case", &[204]),
    ("id_percent_encoded", &[204]),
    ("id_no_uuid", &[404]),
    ("missing_and_wrong_mode", &[400]),
    ("missing_and_other_app", &[404]),
    ("missing_and_no_key", &[401]),
    ("missing_and_wrong_key", &[401]),
];

/// Which cases are run where only the answers of a status are changed: those that get it in every way in which an answer
/// is held against the document, several answers included, and some that do not get it.
const fn few(status: u16) -> &'static [&'static str] {
    match status {
        204 | 404 => &["success", "wrong_app_mode", "missing_conversation", "repeat", "two_at_once"],
        400 => &["success", "wrong_app_mode", "missing_conversation", "malformed_json"],
        401 => &["success", "wrong_app_mode", "missing_conversation", "no_key", "wrong_key"],
        _ => &["success", "wrong_app_mode", "missing_conversation", "body_omitted"],
    }
}

/// A server that deviates in one way.
pub(crate) struct Deviation {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    behaviour: Behaviour,
    asking: Asking,
    /// What is found in every case that gets an answer of a status.
    by_status: Vec<(u16, Vec<&'static str>)>,
    /// What is found in a case, whatever it gets.
    by_case: Vec<(&'static str, Vec<&'static str>)>,
    /// What is found in a case beside that.
    besides: Vec<(&'static str, Vec<&'static str>)>,
    /// Who is named as having answered instead of the API, in the cases that get one of these statuses.
    between: Option<(&'static str, Vec<u16>)>,
    /// How often it is tried: more than once where it lies in a moment, which a busy machine may miss.
    tries: usize,
    /// Whether it keeps its clients waiting.
    hangs: bool,
}

/// What came of one.
pub(crate) struct Tried {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    pub(crate) wrong: Option<String>,
    /// Whether it keeps its clients waiting.
    pub(crate) hangs: bool,
    /// The case that took longest.
    pub(crate) slowest: (String, std::time::Duration),
}

/// A server that changes every answer of a status to a deletion.
pub(crate) fn on(
    status: u16,
    name: &'static str,
    finds: &[&'static str],
    change: impl Fn(Message) -> Vec<Act> + Send + Sync + 'static,
) -> Deviation {
    let mut deviation = Deviation::new(name);
    deviation.asking.cases = few(status);
    deviation.behaviour.change = Box::new(move |asked, answer| {
        let hit = asked.method == "DELETE" && answer.status() == status;
        if hit { change(answer) } else { vec![Act::Send(answer.bytes())] }
    });
    deviation.finding(status, finds)
}

/// The same, but the requests that remove what cases leave behind are answered as they should be.
pub(crate) fn on_judged(
    status: u16,
    name: &'static str,
    finds: &[&'static str],
    change: impl Fn(Message) -> Vec<Act> + Send + Sync + 'static,
) -> Deviation {
    on(status, name, finds, |_| Vec::new()).changing(move |asked, answer| {
        let hit = asked.judged && answer.status() == status;
        if hit { change(answer) } else { vec![Act::Send(answer.bytes())] }
    })
}

/// A server that asks the reference something else, or answers without it.
pub(crate) fn doing(name: &'static str, plan: impl Fn(&Asked, &World) -> Plan + Send + Sync + 'static) -> Deviation {
    let mut deviation = Deviation::new(name);
    deviation.behaviour.plan = Box::new(plan);
    // What one such server does to the user's other conversations must not reach another case of the run.
    deviation.asking.jobs = "1";
    deviation
}

/// An answer as it is sent.
pub(crate) fn sent(answer: &Message) -> Vec<Act> {
    vec![Act::Send(answer.bytes())]
}

/// Bytes, and the end of the connection.
pub(crate) fn then_closed(bytes: Vec<u8>) -> Vec<Act> {
    vec![Act::Send(bytes), Act::Close]
}

impl Deviation {
    fn new(name: &'static str) -> Self {
        Self {
            family: "",
            name,
            behaviour: Behaviour::none(),
            asking: Asking::default(),
            by_status: Vec::new(),
            by_case: Vec::new(),
            besides: Vec::new(),
            between: None,
            tries: 1,
            hangs: false,
        }
    }

    /// Of a family.
    pub(crate) fn of(mut self, family: &'static str) -> Self {
        self.family = family;
        self
    }

    /// What is found where an answer of this status was due.
    pub(crate) fn finding(mut self, status: u16, finds: &[&'static str]) -> Self {
        self.by_status.push((status, finds.to_vec()));
        self
    }

    /// What is found in these cases instead.
    pub(crate) fn but(mut self, cases: &[&'static str], finds: &[&'static str]) -> Self {
        self.by_case.extend(cases.iter().map(|case| (*case, finds.to_vec())));
        self
    }

    /// What is found in these cases beside whatever else is.
    pub(crate) fn also(mut self, cases: &[&'static str], finds: &[&'static str]) -> Self {
        self.besides.extend(cases.iter().map(|case| (*case, finds.to_vec())));
        self
    }

    /// What it makes of the answers.
    pub(crate) fn changing(mut self, change: impl Fn(&Asked, Message) -> Vec<Act> + Send + Sync + 'static) -> Self {
        self.behaviour.change = Box::new(change);
        self
    }

    /// It keeps its clients waiting, so they wait for a second only.
    pub(crate) fn hanging(mut self) -> Self {
        self.hangs = true;
        self.asking.timeout = "1s";
        self.asking.jobs = "23";
        self
    }

    /// Cases that get these statuses cannot be judged, and the reason names this.
    pub(crate) fn between(mut self, who: &'static str, statuses: &[u16]) -> Self {
        self.between = Some((who, statuses.to_vec()));
        self
    }

    pub(crate) fn within_tries(mut self, tries: usize) -> Self {
        self.tries = tries;
        self
    }

    fn expected(&self) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        for (case, _) in self.by_case.iter().chain(&self.besides) {
            assert!(CASES.iter().any(|(name, _)| name == case), "{}: there is no case {case}", self.name);
        }
        let of_case = |(case, statuses): &(&'static str, &[u16])| {
            let own: Vec<_> = self.by_case.iter().filter(|(name, _)| name == case).collect();
            let by_status = self.by_status.iter().filter(|(status, _)| statuses.contains(status));
            let mut finds: BTreeSet<&str> = match own.as_slice() {
                [] => by_status.flat_map(|(_, finds)| finds).copied().collect(),
                own => own.iter().flat_map(|(_, finds)| finds).copied().collect(),
            };
            finds.extend(self.besides.iter().filter(|(name, _)| name == case).flat_map(|(_, finds)| finds));
            (*case, finds)
        };
        CASES.iter().map(of_case).collect()
    }

    /// Runs the whole product against it.
    pub(crate) async fn tried(mut self) -> Tried {
        let expected = self.expected();
        // A front is started anew for every try, and they share the behaviour.
        let behaviour = std::sync::Arc::new(std::mem::replace(&mut self.behaviour, Behaviour::none()));
        let mut wrong = None;
        let mut slowest = (String::new(), std::time::Duration::ZERO);
        for _ in 0..self.tries {
            let (plan, change) = (behaviour.clone(), behaviour.clone());
            let front = Front::start(Behaviour {
                plan: Box::new(move |asked, world| (plan.plan)(asked, world)),
                change: Box::new(move |asked, answer| (change.change)(asked, answer)),
            })
            .await;
            let came = product::run(&front, self.asking).await;
            let most = came.cases.iter().max_by_key(|(_, case)| case.took);
            slowest = most.map_or_else(Default::default, |(name, case)| (name.clone(), case.took));
            wrong = self.differs(&expected, &came);
            if wrong.is_none() {
                break;
            }
        }
        Tried {
            family: self.family,
            name: self.name,
            wrong: wrong.map(|wrong| format!("{} / {}\n{wrong}", self.family, self.name)),
            hangs: self.hangs,
            slowest,
        }
    }

    /// How a run differs from what must come of it.
    fn differs(&self, expected: &BTreeMap<&'static str, BTreeSet<&'static str>>, came: &Came) -> Option<String> {
        let mut wrong = String::new();
        if let Some(trouble) = &came.trouble {
            return Some(format!("    the run came to nothing: {trouble}\n"));
        }
        let mut fails = false;
        let run = |(name, _): &&(&'static str, _)| self.asking.cases.is_empty() || self.asking.cases.contains(name);
        for (name, statuses) in CASES.iter().filter(run) {
            let Some(case) = came.cases.get(*name) else {
                wrong += &format!("    {name} was not run\n");
                continue;
            };
            let between = self.between.as_ref().filter(|(_, of)| statuses.iter().any(|status| of.contains(status)));
            if let Some((who, _)) = between {
                let named = case.reason.as_ref().is_some_and(|reason| reason.contains(who));
                if case.verdict != Verdict::Error || !named || !case.finds.is_empty() {
                    wrong +=
                        &format!("    {name}: {:?} {:?}, not an error that names {who}\n", case.verdict, case.reason);
                }
                continue;
            }
            let finds: BTreeSet<&str> = case.finds.iter().map(String::as_str).collect();
            let must = expected[name].iter().any(|find| !find.contains(' '));
            fails |= must;
            let verdict = match case.verdict {
                Verdict::Fail => must,
                // What is known is left out of the findings, and the verdict shows that it came.
                Verdict::Pass | Verdict::Known => !must,
                _ => false,
            };
            if finds != expected[name] || !verdict {
                wrong += &format!(
                    "    {name}: must find {:?}\n        found {finds:?}, {:?} {:?}\n",
                    expected[name], case.verdict, case.reason
                );
                for said in &case.says {
                    wrong += &format!("        {said}\n");
                }
            }
        }
        let exit = if self.between.is_some() { 3 } else { u8::from(fails) };
        if came.exit != exit {
            wrong += &format!("    it exits with {} instead of {exit}\n", came.exit);
        }
        (!wrong.is_empty()).then_some(wrong)
    }
}
