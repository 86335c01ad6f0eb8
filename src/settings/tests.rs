use std::path::PathBuf;
use std::time::Duration;

use super::table::*;
use super::*;
use crate::suite::Profile;

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().copied().collect()
}

fn resolve(pairs: &[(&str, &str)]) -> Settings {
    Settings::resolve(&Flags::default(), env(pairs)).expect("these variables are right")
}

fn errors(flags: &Flags, pairs: &[(&str, &str)]) -> String {
    Settings::resolve(flags, env(pairs)).expect_err("this must be refused").to_string()
}

fn given<T>(setting: &'static flag::Setting<T>, text: &str) -> Flags {
    Flags::default().with(setting, text)
}

#[test]
fn nothing_given_means_the_defaults() {
    let settings = resolve(&[("HOME", "/root")]);
    assert_eq!(settings.base_url, None);
    assert_eq!(settings.cases, PathBuf::from("cases"));
    assert_eq!(settings.profile, Profile::Extended);
    assert_eq!((settings.jobs, settings.repeat, settings.verbose), (8, 1, 0));
    assert_eq!((settings.timeout, settings.slow), (Duration::from_secs(30), Duration::from_secs(2)));
    assert_eq!((settings.first_byte, settings.idle), (Duration::from_secs(10), Duration::from_secs(5)));
    assert_eq!((settings.linger, settings.max_body), (Duration::from_millis(20), 1 << 20));
    assert_eq!((settings.rate, settings.baseline, settings.spec, settings.release), (None, None, None, None));
    assert_eq!((settings.journal, settings.temporary), (None, std::env::temp_dir()));
    assert!(!settings.strict && !settings.fail_fast && !settings.allow_production && !settings.require_target);
    assert_eq!((settings.format.format.as_str(), settings.format.path), ("text", None));
    assert!(settings.reports.is_empty() && settings.filters.is_empty() && settings.notes.is_empty());
}

#[test]
fn every_variable_is_read() {
    let settings = resolve(&[
        ("CONFORMANT_BASE_URL", "http://own.test"),
        ("CONFORMANT_SPEC", "a.yaml"),
        ("CONFORMANT_CASES", "b"),
        ("CONFORMANT_PROFILE", "core"),
        ("CONFORMANT_JOBS", "64"),
        ("CONFORMANT_REPEAT", "20000"),
        ("CONFORMANT_TIMEOUT", "1.5m"),
        ("CONFORMANT_FIRST_BYTE", "45s"),
        ("CONFORMANT_IDLE", "3s"),
        ("CONFORMANT_SLOW", "500ms"),
        ("CONFORMANT_LINGER", "1s"),
        ("CONFORMANT_MAX_BODY", "10MiB"),
        ("CONFORMANT_RATE", "0.5/s"),
        ("CONFORMANT_BASELINE", "snapshots"),
        ("CONFORMANT_JOURNAL", "out/a.journal"),
        ("CONFORMANT_STRICT", "YES"),
        ("CONFORMANT_FAIL_FAST", "1"),
        ("CONFORMANT_ALLOW_PRODUCTION", "true"),
        ("CONFORMANT_REQUIRE_TARGET", "1"),
        ("CONFORMANT_FORMAT", "json"),
        ("CONFORMANT_REPORT", "json=a.json, text=out/b.txt"),
        ("CONFORMANT_VERBOSE", "2"),
        ("CONFORMANT_FILTER", "one, two"),
    ]);
    assert_eq!(settings.base_url.as_deref(), Some("http://own.test"));
    assert_eq!((settings.spec, settings.cases), (Some("a.yaml".into()), "b".into()));
    assert_eq!((settings.profile, settings.jobs, settings.repeat), (Profile::Core, 64, 20_000));
    assert_eq!((settings.timeout, settings.slow), (Duration::from_secs(90), Duration::from_millis(500)));
    assert_eq!((settings.first_byte, settings.idle), (Duration::from_secs(45), Duration::from_secs(3)));
    assert_eq!((settings.linger, settings.max_body), (Duration::from_secs(1), 10 << 20));
    assert_eq!((settings.rate, settings.baseline), (Some(0.5), Some("snapshots".into())));
    assert_eq!(settings.journal, Some("out/a.journal".into()));
    assert!(settings.strict && settings.fail_fast && settings.allow_production && settings.require_target);
    assert_eq!(settings.format.format, "json");
    let reports: Vec<_> = settings.reports.iter().map(|wish| (wish.format.as_str(), wish.path.as_deref())).collect();
    assert_eq!(reports, [("json", Some("a.json".as_ref())), ("text", Some("out/b.txt".as_ref()))]);
    assert_eq!((settings.verbose, settings.filters), (2, vec!["one".to_owned(), "two".to_owned()]));
    assert_eq!(settings.notes, [""; 0]);
}

#[test]
fn a_flag_outranks_its_variable() {
    let variables = [
        ("CONFORMANT_JOBS", "8"),
        ("CONFORMANT_STRICT", "1"),
        ("CONFORMANT_FILTER", "a"),
        ("CONFORMANT_REPORT", "json=a"),
        ("CONFORMANT_VERBOSE", "2"),
    ];
    let flags = given(&JOBS, "2").with(&STRICT, "false").with(&FILTER, "b,c").with(&REPORT, "text=x=y");
    let flags = flags.with(&VERBOSE, "yes");
    let settings = Settings::resolve(&flags, env(&variables)).expect("right");
    assert_eq!((settings.jobs, settings.strict, settings.verbose), (2, false, 1));
    assert_eq!(settings.filters, ["b,c"], "a comma in a filter that was typed is part of it");
    assert_eq!(settings.reports.len(), 1);
    assert_eq!(settings.reports[0].path, Some("x=y".into()));
}

#[test]
fn the_target_comes_from_the_flag_then_the_own_then_the_general_variable() {
    let both = [("API_BASE_URL", "http://general.test"), ("CONFORMANT_BASE_URL", "http://own.test")];
    let by_flag = given(&BASE_URL, "http://flag.test");
    let settings = Settings::resolve(&by_flag, env(&both)).expect("right");
    assert_eq!((settings.base_url.as_deref(), settings.base_url_from), (Some("http://flag.test"), "--base-url"));
    let settings = resolve(&both);
    assert_eq!(
        (settings.base_url.as_deref(), settings.base_url_from),
        (Some("http://own.test"), "CONFORMANT_BASE_URL")
    );
    let settings = resolve(&both[..1]);
    assert_eq!((settings.base_url.as_deref(), settings.base_url_from), (Some("http://general.test"), "API_BASE_URL"));
}

#[test]
fn the_release_comes_from_the_flag_then_the_variable() {
    let variable = [("CONFORMANT_RELEASE", " 1.3.1 ")];
    assert_eq!(resolve(&variable).release.as_deref(), Some("1.3.1"));
    let by_flag = given(&RELEASE, "1.8.0");
    let settings = Settings::resolve(&by_flag, env(&variable)).expect("right");
    assert_eq!(settings.release.as_deref(), Some("1.8.0"));
    let served = |flag: Option<&str>, pairs: &[(&str, &str)]| {
        let flags = flag.map(|release| given(&RELEASE, release)).unwrap_or_default();
        Served::resolve(&flags, &env(pairs)).map(|served| served.release).map_err(|errors| errors.to_string())
    };
    assert_eq!(served(None, &[]), Ok(None));
    assert_eq!(served(None, &variable), Ok(Some("1.3.1".to_owned())));
    let beside_a_target = [variable[0], ("API_BASE_URL", "http://x.test")];
    assert_eq!(served(Some("1.8.0"), &beside_a_target), Ok(Some("1.8.0".to_owned())), "serving asks no target");
    let empty = served(None, &[("CONFORMANT_RELEASE", "")]).expect_err("empty");
    assert!(empty.contains("the variable CONFORMANT_RELEASE is set but empty"), "{empty}");
}

#[test]
fn a_release_is_refused_where_flag_or_variable_names_a_target() {
    let by_flag = |base_url: Option<&str>, release: Option<&str>| {
        let flags = base_url.map(|url| given(&BASE_URL, url)).unwrap_or_default();
        release.into_iter().fold(flags, |flags, release| flags.with(&RELEASE, release))
    };
    for (flags, pairs, names) in [
        (by_flag(Some("http://x.test"), Some("1.8.0")), vec![], ["--release", "--base-url"]),
        (by_flag(None, Some("1.8.0")), vec![("API_BASE_URL", "http://x.test")], ["--release", "API_BASE_URL"]),
        (by_flag(None, Some("1.8.0")), vec![("CONFORMANT_BASE_URL", "http://x")], ["--release", "CONFORMANT_BASE_URL"]),
        (by_flag(Some("http://x"), None), vec![("CONFORMANT_RELEASE", "1.8.0")], ["CONFORMANT_RELEASE", "--base-url"]),
    ] {
        let text = errors(&flags, &pairs);
        let said = format!("error: {} is `1.8.0`, and {} names a target", names[0], names[1]);
        assert!(text.starts_with(&said), "{text}");
        assert_eq!(text.matches("error: ").count(), 1, "{text}");
    }
}

#[test]
fn a_variable_that_is_set_but_empty_is_an_error_that_names_it() {
    for name in variables().filter(|name| *name != REQUIRE_PROGRAMS).chain([API_BASE_URL]) {
        for value in ["", "  ", "\n"] {
            let text = errors(&Flags::default(), &[(name, value)]);
            assert!(text.contains(&format!("the variable {name} is set but empty")), "{name}: {text}");
            assert!(text.contains("help: "), "{name}: {text}");
        }
    }
    let masked_by_own = errors(&Flags::default(), &[("API_BASE_URL", ""), ("CONFORMANT_BASE_URL", "http://own.test")]);
    assert!(masked_by_own.contains("API_BASE_URL is set but empty"), "{masked_by_own}");
    let by_flag = given(&BASE_URL, "http://flag.test");
    assert!(Settings::resolve(&by_flag, env(&[("API_BASE_URL", "")])).is_ok(), "a flag needs no variable");
}

#[test]
fn an_empty_flag_is_an_error_too() {
    let text = errors(&given(&BASE_URL, ""), &[("API_BASE_URL", "http://x.test")]);
    assert!(text.contains("--base-url is empty"), "{text}");
    let text = errors(&given(&FILTER, " "), &[]);
    assert!(text.contains("FILTER is empty"), "{text}");
}

#[test]
fn wrong_values_are_refused_with_what_to_write() {
    let table = [
        ("CONFORMANT_PROFILE", "Core", "core and extended"),
        ("CONFORMANT_JOBS", "0", "from 1 to 1024"),
        ("CONFORMANT_JOBS", "-3", "from 1 to 1024"),
        ("CONFORMANT_JOBS", "99999999999999999999999", "from 1 to 1024"),
        ("CONFORMANT_REPEAT", "many", "a whole number"),
        ("CONFORMANT_TIMEOUT", "30", "500ms, 30s or 2m"),
        ("CONFORMANT_TIMEOUT", "0s", "between 1ms and 60m"),
        ("CONFORMANT_TIMEOUT", "61m", "between 1ms and 60m"),
        ("CONFORMANT_TIMEOUT", "infs", "between 1ms and 60m"),
        ("CONFORMANT_TIMEOUT", "1e3s", "between 1ms and 60m"),
        ("CONFORMANT_TIMEOUT", "-1s", "between 1ms and 60m"),
        ("CONFORMANT_SLOW", ".s", "between 1ms and 60m"),
        ("CONFORMANT_SLOW", "2 hours", "between 1ms and 60m"),
        ("CONFORMANT_RATE", "10", "10/s"),
        ("CONFORMANT_RATE", "0/s", "a rate between"),
        ("CONFORMANT_RATE", "10/m", "10/s"),
        ("CONFORMANT_STRICT", "on", "1, true or yes"),
        ("CONFORMANT_VERBOSE", "3", "0, 1 or 2"),
        ("CONFORMANT_REPORT", "report.json", "FORMAT=PATH"),
        ("CONFORMANT_REPORT", "json=", "FORMAT=PATH"),
        ("CONFORMANT_REPORT", "json=a,,text=b", "is empty"),
        ("CONFORMANT_REQUIRE_TARGET", "2", "1, true or yes"),
    ];
    for (name, value, wanted) in table {
        let text = errors(&Flags::default(), &[(name, value)]);
        assert!(text.contains(name) && text.contains(wanted), "{name}={value}: {text}");
    }
}

#[test]
fn all_errors_come_together() {
    let text = errors(&given(&JOBS, "x"), &[("CONFORMANT_SLOW", "y"), ("API_BASE_URL", "")]);
    assert_eq!(text.matches("error: ").count(), 3, "{text}");
}

#[test]
fn a_gate_needs_a_target() {
    let gate = ("CONFORMANT_REQUIRE_TARGET", "1");
    let error = resolve(&[gate]).has_required_target().expect_err("there is none").to_string();
    assert!(error.contains("there is no target") && error.contains("set API_BASE_URL"), "{error}");
    assert!(resolve(&[gate, ("API_BASE_URL", "http://x.test")]).has_required_target().is_ok());
    assert!(resolve(&[]).has_required_target().is_ok());
}

#[test]
fn a_mistyped_variable_is_noted_with_the_nearest_name() {
    let settings = resolve(&[
        ("CONFORMANT_STRCIT", "1"),
        ("CONFORMANT_ELEPHANTS", "1"),
        ("CONFORMANT_REQUIRE", "nginx"),
        ("CONFORMIST", ""),
    ]);
    assert_eq!(
        settings.notes,
        [
            "the variable CONFORMANT_ELEPHANTS is no setting and has no effect",
            "the variable CONFORMANT_STRCIT is no setting and has no effect; did you mean CONFORMANT_STRICT?",
        ]
    );
}

#[test]
fn a_value_that_is_no_unicode_text_is_an_error_only_where_it_is_read() {
    let env = Environment::default().with_unreadable("CONFORMANT_CASES").with_unreadable("LS_COLORS");
    let text = Settings::resolve(&Flags::default(), env).expect_err("unreadable").to_string();
    assert!(text.contains("CONFORMANT_CASES") && !text.contains("LS_COLORS"), "{text}");
}

#[test]
fn colour_follows_the_usual_variables() {
    let table = [
        (vec![], None),
        (vec![("NO_COLOR", "1")], Some(false)),
        (vec![("NO_COLOR", "")], None),
        (vec![("CLICOLOR_FORCE", "1")], Some(true)),
        (vec![("CLICOLOR_FORCE", "0")], None),
        (vec![("TERM", "dumb")], Some(false)),
        (vec![("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Some(false)),
    ];
    for (pairs, expected) in table {
        assert_eq!(resolve(&pairs).color, expected, "{pairs:?}");
    }
}

#[test]
fn the_environment_is_never_shown() {
    let settings = resolve(&[("API_KEY", "app-very-secret"), ("API_BASE_URL", "http://x.test")]);
    let shown = format!("{settings:?}");
    assert!(shown.contains("API_KEY") && !shown.contains("app-very-secret"), "{shown}");
    assert_eq!(settings.env.get("API_KEY"), Some("app-very-secret"));
}

#[test]
fn the_waits_for_bytes_follow_the_time_for_the_whole_exchange() {
    for (timeout, first_byte, idle) in
        [("60s", 20.0, 10.0), ("10m", 200.0, 100.0), ("30s", 10.0, 5.0), ("7s", 7.0, 5.0), ("500ms", 0.5, 0.5)]
    {
        let settings = resolve(&[("CONFORMANT_TIMEOUT", timeout)]);
        let waits = (settings.first_byte.as_secs_f64(), settings.idle.as_secs_f64());
        assert_eq!(waits, (first_byte, idle), "{timeout}");
    }
    let own = given(&IDLE, "30s");
    let settings = Settings::resolve(&own, env(&[("CONFORMANT_IDLE", "99s")])).expect("right");
    assert_eq!((settings.first_byte.as_secs(), settings.idle.as_secs()), (10, 30));
}

#[test]
fn a_wait_for_bytes_that_is_longer_than_the_whole_exchange_is_refused() {
    let text = errors(&given(&FIRST_BYTE, "31s"), &[]);
    assert!(text.contains("--first-byte is longer than the whole exchange may take, which is 30s"), "{text}");
    assert!(text.contains("give --timeout at least as much, or --first-byte less"), "{text}");
    let text = errors(&given(&TIMEOUT, "1s"), &[("CONFORMANT_IDLE", "2s")]);
    assert!(text.contains("CONFORMANT_IDLE is longer than the whole exchange may take, which is 1s"), "{text}");
}

#[test]
fn sizes_and_waits_are_read_in_their_units_and_have_bounds() {
    let of = |linger: &str, max_body: &str| {
        let flags = given(&LINGER, linger).with(&MAX_BODY, max_body);
        Settings::resolve(&flags, Environment::default()).map(|settings| (settings.linger, settings.max_body))
    };
    for (size, bytes) in [
        ("1024", 1024),
        ("1KiB", 1024),
        ("2 mib", 2 << 20),
        ("5000 B", 5000),
        ("3MB", 3_000_000),
        ("256MiB", 256 << 20),
    ] {
        assert_eq!(of("10s", size).expect(size), (Duration::from_secs(10), bytes), "{size}");
    }
    for (linger, size) in [
        ("0ms", "1MiB"),
        ("11s", "1MiB"),
        ("1", "1MiB"),
        ("1s", "1023"),
        ("1s", "257MiB"),
        ("1s", "-1"),
        ("1s", "1.5MiB"),
        ("1s", "1GiB"),
        ("1s", "99999999999999999999MiB"),
    ] {
        let text = of(linger, size).expect_err("out of bounds").to_string();
        assert!(
            text.contains("a size between 1KiB and 256MiB") || text.contains("a time between 1ms and 10s"),
            "{text}"
        );
    }
}

#[test]
fn the_rerun_command_repeats_what_flag_or_variable_gave() {
    let flags = given(&CASES, "my cases").with(&SPEC, "-x.yaml").with(&SLOW, " 1.5s ").with(&JOBS, "3");
    let flags = flags.with(&PROFILE, "core").with(&INSECURE, "TRUE");
    let env = env(&[
        ("CONFORMANT_SLOW", "9s"),
        ("CONFORMANT_TIMEOUT", "7s"),
        ("CONFORMANT_ALLOW_PRODUCTION", "no"),
        ("CONFORMANT_HTTP", "2"),
    ]);
    let settings = Settings::resolve(&flags, env).expect("right");
    let expected = [
        "--timeout",
        "7s",
        "--spec=-x.yaml",
        "--cases",
        "my cases",
        "--slow",
        "1.5s",
        "--allow-production=no",
        "--insecure",
        "--http",
        "2",
    ];
    assert_eq!(settings.rerun_words(), expected);
    let of_clean = expected.iter().filter(|word| !["--slow", "1.5s"].contains(word));
    assert_eq!(settings.clean_words(), of_clean.copied().collect::<Vec<&str>>());
    let whole = Settings::resolve(&given(&PROFILE, "extended"), [("CONFORMANT_PROFILE", "core")].into_iter().collect());
    assert_eq!(whole.expect("right").rerun_words(), ["--profile", "extended"]);
    assert_eq!((resolve(&[]).rerun_words(), resolve(&[]).rerun_command()), (Vec::new(), "run"));
}

#[test]
fn every_record_of_the_table_is_whole() {
    let mut names = std::collections::BTreeSet::new();
    for flag in FLAGS {
        let name = flag.name;
        assert!(names.insert(name), "{name} stands twice");
        assert!(!flag.commands.is_empty(), "{name} means something to no command");
        assert!(!flag.about.is_empty() && !flag.about.ends_with('.'), "{name}: {}", flag.about);
        assert!(flag.details.is_empty() || flag.details.ends_with('.'), "{name}: {}", flag.details);
        let expected = name.trim_start_matches('-').to_uppercase().replace('-', "_");
        if let Some(variable) = flag.variable {
            assert_eq!(variable, format!("CONFORMANT_{expected}"));
        }
        let for_run = flag.is_for(CommandName::Run);
        assert!(!for_run || flag.variable.is_some(), "{name} is for `run`, so it needs a variable");
        assert!(for_run || flag.commands.len() == 1, "what several commands take, `run` takes, too: {name}");
    }
}

#[test]
fn the_defaults_of_the_table_are_values() {
    // Each is read when a setting is resolved that is not given.
    Settings::resolve(&Flags::default(), Environment::default()).expect("defaults");
    assert_eq!(Served::resolve(&Flags::default(), &Environment::default()).expect("defaults").port, 0);
}

#[test]
fn a_demo_leaves_out_what_the_environment_says_about_other_targets() {
    let demo = Flags::of(CommandName::Demo);
    let variables = [
        ("API_BASE_URL", ""),
        ("API_KEY", "app-1"),
        ("CONFORMANT_BASE_URL", "http://x.test"),
        ("CONFORMANT_CASES", "mine"),
        ("CONFORMANT_JOBS", "3"),
        ("CONFORMANT_STRCIT", "1"),
        ("INSTA_UPDATE", "always"),
        ("NO_COLOR", "1"),
    ];
    let settings = Settings::resolve(&demo, env(&variables)).expect("right");
    assert_eq!((settings.base_url.as_ref(), settings.cases.to_str()), (None, Some("demo:/cases")));
    assert_eq!((settings.jobs, settings.color, settings.review), (3, Some(false), Review::nothing()));
    assert_eq!(settings.env.get("API_KEY"), None);
    assert_eq!((settings.rerun_command(), settings.rerun_words()), ("demo", Vec::new()));
    let [mistyped, left_out] = settings.notes.as_slice() else { panic!("{:?}", settings.notes) };
    assert!(
        mistyped.contains("CONFORMANT_STRCIT") && mistyped.contains("did you mean CONFORMANT_STRICT"),
        "{mistyped}"
    );
    let names = "the variables API_BASE_URL, CONFORMANT_BASE_URL, CONFORMANT_CASES have no effect on `conformant demo`";
    assert!(left_out.starts_with(names), "{left_out}");
    let gate = Settings::resolve(&demo, env(&[("CONFORMANT_REQUIRE_TARGET", "1")])).expect("right");
    let error = gate.has_required_target().expect_err("it judges no target").to_string();
    assert!(error.contains("a demo judges no target"), "{error}");
}

#[test]
fn values_that_may_be_secret_are_not_shown() {
    let flags = given(&HEADER, "X-Token: hunter22").with(&BASE_URL, "http://me:hunter22@x.test").with(&JOBS, "3");
    let shown = format!("{flags:?}");
    assert!(shown.contains("--header") && shown.contains("--jobs") && !shown.contains("hunter22"), "{shown}");
}

#[test]
fn messages_name_what_named_the_target() {
    let how = |flags: &Flags, variables: &[(&str, &str)]| {
        Settings::resolve(flags, env(variables)).expect("right").how_to_name_no_target()
    };
    let general = [("API_BASE_URL", "http://general.test")];
    assert_eq!(how(&given(&BASE_URL, "http://own.test"), &general), "leave out --base-url");
    assert_eq!(how(&Flags::default(), &general), "unset API_BASE_URL");
    let own = [("CONFORMANT_BASE_URL", "http://own.test")];
    assert_eq!(how(&Flags::default(), &own), "unset CONFORMANT_BASE_URL");
    let path = std::env::temp_dir().join(format!("conformant-{}.env", uuid::Uuid::new_v4()));
    std::fs::write(&path, "API_BASE_URL=http://file.test\n").expect("a file");
    let path = path.to_str().expect("a path");
    let file = given(&ENV_FILE, path);
    let (alone, after_a_variable) = (how(&file, &[]), how(&file, &general));
    std::fs::remove_file(path).expect("it was written");
    assert_eq!((alone, after_a_variable.as_str()), (format!("remove API_BASE_URL from {path}"), "unset API_BASE_URL"));
}
