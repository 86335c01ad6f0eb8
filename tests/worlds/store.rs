//! What a world's server holds: objects, those that are gone included, and users.

use std::time::Instant;

use crate::chance::Chance;
use crate::world::{Ids, World};

/// An object, as long as anybody remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) account: usize,
    /// The row of its user.
    pub(crate) user: Option<usize>,
    /// Whether it was there before the run.
    pub(crate) foreign: bool,
    pub(crate) made: Instant,
    /// When it goes or went.
    pub(crate) gone: Option<Instant>,
}

impl Object {
    pub(crate) fn alive(&self, at: Instant) -> bool {
        self.made <= at && self.gone.is_none_or(|gone| gone > at)
    }
}

/// All there is.
pub(crate) struct Store {
    pub(crate) objects: Vec<Object>,
    /// The names of the users, by row. A name may have several, and the first is the one that is found.
    pub(crate) users: Vec<String>,
    chance: Chance,
    slugs: usize,
}

const FOREIGN: usize = 5;
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

impl Store {
    /// A store that holds some objects of other people.
    pub(crate) fn of(world: &World) -> Self {
        let mut store = Self {
            objects: Vec::new(),
            users: vec!["alice".to_owned()],
            chance: Chance::of(world.seed, 2),
            slugs: 100,
        };
        for at in 0..FOREIGN {
            store.insert(world, at % 2, world.user.map(|_| 0));
        }
        for object in &mut store.objects {
            object.foreign = true;
        }
        store
    }

    /// Makes an object, and says which it is.
    pub(crate) fn insert(&mut self, world: &World, account: usize, user: Option<usize>) -> usize {
        let now = Instant::now();
        let id = self.fresh(world.ids, now);
        let parent = (world.ids == Ids::Pair).then(|| self.chance.pick(&["north", "south", "west"]).to_owned());
        self.objects.push(Object { id, parent, account, user, foreign: false, made: now, gone: None });
        self.objects.len() - 1
    }

    fn fresh(&mut self, ids: Ids, now: Instant) -> String {
        loop {
            let id = match ids {
                Ids::Uuid | Ids::Pair => self.uuid(),
                Ids::Number { smallest } => return self.number(smallest, now).to_string(),
                Ids::Slug => {
                    self.slugs += self.chance.between(1, 4);
                    let first = self.chance.pick(&["brisk", "calm", "eager", "quiet", "Wild"]);
                    let second = self.chance.pick(&["otter", "heron", "lynx", "finch"]);
                    format!("{first}-{second}-{}", self.slugs)
                }
                Ids::Capitals => self.letters(),
            };
            if self.objects.iter().all(|object| object.id != id) {
                return id;
            }
        }
    }

    fn uuid(&mut self) -> String {
        let mut part =
            |digits: u32| format!("{:0width$x}", self.chance.below(1 << (4 * digits)), width = digits as usize);
        format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
    }

    /// The number that the next object gets: one that no row has now, which another may have had.
    fn number(&self, smallest: bool, now: Instant) -> usize {
        let taken = |number: usize| {
            self.objects
                .iter()
                .any(|object| object.gone.is_none_or(|gone| gone > now) && object.id == number.to_string())
        };
        if smallest {
            return (1..=self.objects.len() + 1).find(|number| !taken(*number)).expect("one more than there ever were");
        }
        let most = (1..=self.objects.len() + 1).rev().find(|number| taken(*number));
        most.unwrap_or(0) + 1
    }

    /// Letters and digits; now and then those of another object, in other capitals.
    fn letters(&mut self) -> String {
        if !self.objects.is_empty() && self.chance.once_in(2) {
            let other = self.chance.below(self.objects.len());
            let flip = |c: char| if c.is_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
            return self.objects[other].id.chars().map(flip).collect();
        }
        let mut id: String = (0..7).map(|_| char::from(self.chance.pick(LETTERS))).collect();
        id.insert(self.chance.below(7), 'Q');
        id
    }

    /// The object that a request of then names, and whether it was there.
    pub(crate) fn find(&self, id: &str, parent: Option<&str>, at: Instant) -> Option<(usize, bool)> {
        let named = |object: &Object| {
            object.id == id && object.made <= at && parent.is_none_or(|parent| object.parent.as_deref() == Some(parent))
        };
        let all = || self.objects.iter().enumerate().rev().filter(|(_, object)| named(object));
        let alive = all().find(|(_, object)| object.alive(at)).map(|(index, _)| (index, true));
        alive.or_else(|| all().next().map(|(index, _)| (index, false)))
    }

    /// As [`Self::find`], for the sender of a request: what belongs to another account or user is not there.
    pub(crate) fn find_for(
        &self,
        id: &str,
        parent: Option<&str>,
        at: Instant,
        account: usize,
        user: Option<usize>,
    ) -> Option<(Object, bool)> {
        let (index, alive) = self.find(id, parent, at)?;
        let object = &self.objects[index];
        (object.account == account && object.user == user).then(|| (object.clone(), alive))
    }

    /// The row of a user, if there is one.
    pub(crate) fn user(&self, name: &str) -> Option<usize> {
        self.users.iter().position(|user| user == name)
    }

    /// What a run made and what nobody has removed.
    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.objects.iter().filter(|object| !object.foreign && object.gone.is_none());
        left.map(|object| object.id.clone()).collect()
    }

    /// The newest object of a run that is there beside another, of the same account and user.
    pub(crate) fn newest_beside(&self, index: usize) -> Option<usize> {
        let own = &self.objects[index];
        let beside = |object: &Object| {
            !object.foreign && object.gone.is_none() && object.account == own.account && object.user == own.user
        };
        (0..self.objects.len()).rev().find(|other| *other != index && beside(&self.objects[*other]))
    }

    /// Foreign objects that are gone.
    pub(crate) fn foreign_gone(&self) -> Vec<String> {
        let gone = self.objects.iter().filter(|object| object.foreign && object.gone.is_some());
        gone.map(|object| object.id.clone()).collect()
    }

    /// Whether an id is one of a foreign object that is there.
    pub(crate) fn is_foreign(&self, id: &str, parent: Option<&str>) -> bool {
        self.find(id, parent, Instant::now()).is_some_and(|(index, _)| self.objects[index].foreign)
    }
}
