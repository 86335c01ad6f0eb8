//! Servers that remove what belongs to other cases.

use crate::careful::removal;
use crate::world::World;
use crate::{Ran, at};

/// Whether a finding says that something was removed that should not have been.
fn blames(ran: &Ran) -> bool {
    ran.found("bystander-lost") || ran.found("effect-despite-refusal")
}

#[test]
fn a_server_that_removes_the_newest_object_of_any_user_is_found() {
    let world = World::start(|seen, world| {
        let answer = removal(seen, world)?;
        if answer.contains(" 204 ")
            && let Some((id, _)) = world.owned().pop()
        {
            world.take(&id);
        }
        Some(answer)
    });
    for jobs in ["2", "4", "8"] {
        let ran = Ran::of(at(&world, &["--jobs", jobs]));
        assert_ne!(ran.status, 0, "{}", ran.said);
        assert!(blames(&ran), "{jobs} jobs: {}", ran.said);
        assert_eq!(world.left(), [""; 0], "{}", ran.said);
    }
}

#[test]
fn a_server_that_removes_objects_of_others_under_load_is_found_at_the_case_that_lost_one() {
    let world = World::start(|seen, world| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        let before = world.owned();
        let answer = removal(seen, world)?;
        let after = world.owned();
        let Some((_, own)) = before.iter().find(|one| !after.contains(one)) else { return Some(answer) };
        // Only where several are at work.
        let mut users: Vec<&String> = after.iter().map(|(_, user)| user).filter(|user| *user != own).collect();
        users.dedup();
        if users.len() > 1
            && let Some((id, _)) = after.iter().rfind(|(_, user)| user != own)
        {
            world.take(id);
        }
        Some(answer)
    });
    for _ in 0..3 {
        let ran = Ran::of(at(&world, &["--jobs", "8", "--repeat", "3"]));
        // What is lost before it was seen cannot be judged.
        assert!([1, 3].contains(&ran.status), "{}", ran.said);
        let tells = |finding: &serde_json::Value| {
            let message = finding["message"].as_str().unwrap_or_default();
            message.contains("probably another case caused that, because this case alone does not lose the object")
                && message.contains("; other cases sent at that time: ")
                && message.contains(" in delete_conversation/")
        };
        assert!(blames(&ran), "{}", ran.said);
        let named = ran.findings().filter(|(_, finding)| finding["level"] == "must" && tells(finding)).count();
        assert!(named > 0, "no finding names the requests: {}", ran.said);
        assert_eq!(world.left(), [""; 0], "{}", ran.said);
    }
}
