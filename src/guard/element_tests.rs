//! Lists, maps and JSON texts in parameters: no value gets past the guard because others stand around it.

use super::tests::{OWN, VICTIM, guard, request, with_parent};
use crate::suite::{ElementValues, Rendered};

/// A judged request whose path ends in a list of these values.
fn list(method: &str, values: &[&str]) -> Rendered {
    let path = values.join(",");
    Rendered {
        request: request(method, &format!("/things/{path}")),
        path_values: values.iter().map(|value| ("ids".to_owned(), (*value).to_owned())).collect(),
        base_path: String::new(),
        template: format!("/things/{}", vec!["{ids}"; values.len()].join(",")),
        judged: true,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues { in_path: (0..values.len()).collect(), ..ElementValues::default() },
    }
}

#[test]
fn every_element_of_a_list_in_the_path_is_of_the_run() {
    let guard = guard(&[OWN, "second-own"]);
    with_parent(&guard, "parent");
    assert_eq!(guard.permit(&list("GET", &[OWN, VICTIM])), Ok(()), "reading changes nothing");
    for method in ["DELETE", "PUT", "POST"] {
        assert_eq!(guard.permit(&list(method, &[OWN, "second-own"])), Ok(()), "{method}");
        assert!(guard.permit(&list(method, &["no-such-thing", OWN])).is_err(), "{method}: they share a segment");
        for values in [&[OWN, VICTIM][..], &[VICTIM, OWN], &[OWN, "alice"], &[OWN, ""], &[OWN, "*"], &[OWN, "a%2Cb"]] {
            assert!(guard.permit(&list(method, values)).is_err(), "{method} {values:?}");
        }
    }
    let refusal = guard.permit(&list("DELETE", &[OWN, "parent"])).expect_err("a parent is no object of the run");
    assert!(refusal.message.contains("is no object of this run"), "{}", refusal.message);
    assert!(guard.permit(&list("DELETE", &["parent", OWN])).is_err());
}

/// A judged request with a path parameter that the document writes after `;`.
fn matrix(method: &str, before: &str, value: &str) -> Rendered {
    Rendered {
        request: request(method, &format!("/things/{before};id={value}")),
        path_values: vec![("id".to_owned(), value.to_owned())],
        base_path: String::new(),
        template: format!("/things/{before};id={{id}}"),
        judged: true,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues { in_path: vec![0], after_semicolon: true, ..ElementValues::default() },
    }
}

#[test]
fn a_parameter_after_a_semicolon_only_reads() {
    let guard = guard(&[OWN]);
    assert_eq!(guard.permit(&matrix("GET", "", OWN)), Ok(()));
    for method in ["DELETE", "PUT", "POST"] {
        let refusal = guard.permit(&matrix(method, "", OWN)).expect_err("a server may drop what follows a semicolon");
        assert!(refusal.message.contains("contains \";\" when it is decoded"), "{}", refusal.message);
    }
    for (before, value) in [("..", OWN), (".", OWN), ("", "a%2F..%2Fb")] {
        assert!(guard.permit(&matrix("GET", before, value)).is_err(), "{before} {value}");
    }
}

#[test]
fn every_element_outside_the_path_is_checked_under_its_name() {
    let guard = guard(&[OWN]);
    let with = |query: &str, elements: &[(Option<&str>, &str)]| {
        let elements = elements.iter().map(|(name, value)| (name.map(str::to_owned), (*value).to_owned()));
        Rendered {
            request: request("POST", &format!("/things?{query}")),
            path_values: Vec::new(),
            base_path: String::new(),
            template: "/things".to_owned(),
            judged: true,
            required_query: Vec::new(),
            documented_values: Vec::new(),
            elements: ElementValues { outside_path: elements.collect(), ..ElementValues::default() },
        }
    };
    let own = format!("ids={OWN},{OWN}");
    assert_eq!(guard.permit(&with(&own, &[(Some("ids"), OWN), (Some("ids"), OWN)])), Ok(()));
    let mixed = format!("ids={OWN},7");
    let refusal =
        guard.permit(&with(&mixed, &[(Some("ids"), OWN), (Some("ids"), "7")])).expect_err("an id of somebody else");
    assert!(refusal.message.contains("its parameters contain \"7\""), "{}", refusal.message);
    for (query, elements) in [
        ("filter%5Bid%5D=7", &[(None, "id"), (Some("filter"), "7"), (Some("id"), "7")][..]),
        ("q=%7B%22id%22%3A%227%22%7D", &[(None, "id"), (Some("id"), "7")]),
        ("q=a", &[(None, VICTIM)]),
        ("names=a%7Cb", &[(Some("names"), VICTIM)]),
    ] {
        assert!(guard.permit(&with(query, elements)).is_err(), "{query}");
    }
    assert_eq!(guard.permit(&with("names=a%7Cb", &[(Some("names"), "a"), (Some("names"), "b")])), Ok(()));
}
