//! What becomes of a snapshot that differs from what came, as insta's variables say it.

use super::Environment;

/// What `INSTA_UPDATE`, `INSTA_FORCE_UPDATE` and `INSTA_FORCE_PASS` ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// What is written where the recorded behaviour differs from what the embedded reference answers.
    pub update: Update,
    /// Whether a difference that `cargo insta` shows afterwards fails no case (`INSTA_FORCE_PASS=1`).
    pub force_pass: bool,
}

/// What is written where the recorded behaviour differs from what the embedded reference answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Update {
    /// A proposal beside the snapshot (`new`; also without any variable, except on CI).
    #[default]
    Propose,
    /// The snapshot where there is none, a proposal where there is one (`unseen`).
    AcceptUnseen,
    /// The snapshot (`always`).
    Accept,
    /// The snapshot, also where nothing differs (`force`).
    Rewrite,
    /// Nothing (`no`; also without any variable on CI, where nobody would look).
    Nothing,
}

impl Review {
    /// Nothing is written, and a difference fails.
    pub(crate) const fn nothing() -> Self {
        Self { update: Update::Nothing, force_pass: false }
    }

    /// What the variables say, and a note if `INSTA_UPDATE` has a word that insta does not know.
    pub(super) fn of(env: &Environment) -> (Self, Option<String>) {
        let (update, note) = Update::of(env);
        let forced = ["INSTA_FORCE_UPDATE", "INSTA_FORCE_UPDATE_SNAPSHOTS"].map(|name| env.get(name) == Some("1"));
        let update = if forced.contains(&true) { Update::Rewrite } else { update };
        (Self { update, force_pass: env.get("INSTA_FORCE_PASS") == Some("1") }, note)
    }
}

impl Update {
    fn of(env: &Environment) -> (Self, Option<String>) {
        let is_ci = env.get("CI").is_some_and(|value| !matches!(value, "" | "0" | "false")) || env.has("TF_BUILD");
        let usual = if is_ci { Self::Nothing } else { Self::Propose };
        match env.get("INSTA_UPDATE") {
            None | Some("" | "auto") => (usual, None),
            Some("new") => (Self::Propose, None),
            Some("unseen") => (Self::AcceptUnseen, None),
            Some("always" | "1") => (Self::Accept, None),
            Some("force") => (Self::Rewrite, None),
            Some("no") => (Self::Nothing, None),
            Some(_) => {
                let note = "the variable INSTA_UPDATE has no effect: it is auto, always, new, unseen, force or no";
                (usual, Some(note.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_insta() {
        for (variables, expected) in [
            (&[][..], Update::Propose),
            (&[("CI", "false")], Update::Propose),
            (&[("CI", "true")], Update::Nothing),
            (&[("CI", "true"), ("INSTA_UPDATE", "new")], Update::Propose),
            (&[("INSTA_UPDATE", "")], Update::Propose),
            (&[("INSTA_UPDATE", "always")], Update::Accept),
            (&[("INSTA_UPDATE", "force")], Update::Rewrite),
            (&[("INSTA_UPDATE", "new"), ("INSTA_FORCE_UPDATE", "1")], Update::Rewrite),
            (&[("INSTA_UPDATE", "unseen")], Update::AcceptUnseen),
            (&[("INSTA_UPDATE", "no")], Update::Nothing),
        ] {
            let env: Environment = variables.iter().copied().collect();
            assert_eq!(Review::of(&env), (Review { update: expected, force_pass: false }, None), "{variables:?}");
        }
        let (review, note) = Review::of(&[("INSTA_UPDATE", "sometimes")].into_iter().collect());
        assert!(review.update == Update::Propose && note.is_some_and(|note| note.contains("INSTA_UPDATE")));
        let passes = |value| Review::of(&[("INSTA_FORCE_PASS", value)].into_iter().collect()).0.force_pass;
        assert_eq!([passes("1"), passes("0"), passes("")], [true, false, false]);
    }
}
