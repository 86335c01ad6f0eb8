//! The cost of a `pattern`, estimated from its text before the library compiles it. A short pattern may need an automaton of
//! gigabytes (`(\w{999}){999}`), and compiling a long one takes a thousand times its length in memory.

/// The longest pattern that is compiled, in bytes.
pub(super) const LONGEST_PATTERN: usize = 32 * 1024;

/// The heaviest pattern that is compiled, by [`weight`]: about 10 MiB of automaton.
const HEAVIEST: u64 = 100_000;

/// The weight of a Unicode class such as `\w`. A character weighs 1.
const CLASS: u64 = 20;

/// How deep groups may be nested.
const DEEPEST: usize = 100;

/// About how many characters a pattern has when its counted repetitions are written out.
pub(super) fn weight(pattern: &str) -> u64 {
    // For each open group: the weight of its items but the last, and that of the last, which a repetition multiplies.
    let mut open: Vec<(u64, u64)> = vec![(0, 0)];
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        let item = match character {
            '\\' => match characters.next() {
                Some('w' | 'W' | 'd' | 'D' | 's' | 'S' | 'p' | 'P' | 'b' | 'B') => CLASS,
                _ => 1,
            },
            '[' if !in_class => {
                in_class = true;
                1
            }
            ']' if in_class => {
                in_class = false;
                0
            }
            _ if in_class => 1,
            '(' => {
                open.push((0, 0));
                continue;
            }
            ')' if open.len() > 1 => {
                let (all, last) = open.pop().unwrap_or_default();
                let group = all.saturating_add(last).saturating_add(1);
                push(&mut open, group);
                continue;
            }
            '{' => {
                let mut digits = String::new();
                let bounds = characters.clone();
                for next in bounds {
                    if next == '}' || digits.len() > 24 {
                        break;
                    }
                    digits.push(next);
                }
                let most = digits.split(',').filter_map(|bound| bound.trim().parse::<u64>().ok()).max();
                if let (Some(most), Some((_, last))) = (most, open.last_mut()) {
                    *last = last.saturating_mul(most.max(1));
                    continue;
                }
                1
            }
            _ => 1,
        };
        if in_class && item > 0 && character != '[' {
            // A class is one item.
            if let Some((_, last)) = open.last_mut() {
                *last = last.saturating_add(item);
            }
        } else if item > 0 {
            push(&mut open, item);
        }
    }
    open.into_iter().fold(0, |sum: u64, (all, last)| sum.saturating_add(all).saturating_add(last))
}

fn push(open: &mut [(u64, u64)], item: u64) {
    if let Some((all, last)) = open.last_mut() {
        *all = all.saturating_add(*last);
        *last = item;
    }
}

/// Why a pattern is too expensive to compile: a clause with the pattern as subject. None if it is not.
pub(super) fn too_much(pattern: &str) -> Option<String> {
    if pattern.len() > LONGEST_PATTERN {
        return Some(format!("has {} bytes, and at most {LONGEST_PATTERN} are read", pattern.len()));
    }
    let mut depth = 0_usize;
    let mut deepest = 0;
    let mut escaped = false;
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > DEEPEST {
        return Some(format!("nests its groups {deepest} deep, and at most {DEEPEST} are read"));
    }
    (weight(pattern) > HEAVIEST).then(|| "repeats so much that it would take many megabytes of memory".to_owned())
}

/// Whether a pattern needs a backtracking engine: it has look-around or back references.
pub(super) fn goes_back(pattern: &str) -> bool {
    let looks = ["(?=", "(?!", "(?<=", "(?<!", "\\k"].iter().any(|part| pattern.contains(part));
    let bytes = pattern.as_bytes();
    looks || bytes.windows(2).any(|pair| pair[0] == b'\\' && matches!(pair[1], b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_weigh_what_they_repeat() {
        for (pattern, least, most) in [
            ("^[a-z0-9-]{1,63}$", 100, 1_000),
            (r"^[\w+=,.@-]{1,128}$", 2_000, 10_000),
            (r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$", 10_000, 60_000),
            (r"(\w{100}){100}", 200_000, 1_000_000),
            (r"((a{999}){999}){999}", 900_000_000, u64::MAX),
            ("a{1", 1, 10),
            ("((((", 0, 10),
            ("", 0, 0),
        ] {
            let weight = weight(pattern);
            assert!((least..=most).contains(&weight), "{pattern}: {weight}");
        }
        assert!(too_much(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$").is_none());
        assert!(too_much(r"(\w{100}){100}").is_some());
        assert!(too_much(&"a".repeat(LONGEST_PATTERN + 1)).is_some_and(|why| why.starts_with("has 32769 bytes")));
        assert!(too_much(&"(".repeat(200)).is_some_and(|why| why.contains("200 deep")));
    }

    #[test]
    fn patterns_that_go_back_are_known() {
        for pattern in ["(?=a)", "(?<!a)b", r"(a)\1", r"\k<a>"] {
            assert!(goes_back(pattern), "{pattern}");
        }
        for pattern in ["(?:a)", "(?<name>a)", r"\d", "a{1,2}"] {
            assert!(!goes_back(pattern), "{pattern}");
        }
    }
}
