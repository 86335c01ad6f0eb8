//! Suggestions for mistyped names.

/// The known name nearest to a mistyped one. Their edit distance is at most a third of the length of the mistyped name, or 1.
///
/// Names of more than 200 bytes are not compared, because comparing takes time in the product of the lengths.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 200;
    if typed.len() > LONGEST {
        return None;
    }
    let limit = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        // A character has at most four bytes.
        .filter(|name| name.len() <= LONGEST && name.len().abs_diff(typed.len()) <= limit * 4)
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The optimal string alignment distance: two swapped letters count once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("expcet", ["expect", "example"]), Some("expect"));
        assert_eq!(nearest("zebra", ["expect", "example"]), None);
    }
}
