//! The plan of a run as a dry run shows it, for people and for programs.

use serde_json::{Value, json};

use super::format::profile_name;
use super::paint::Paint;
use super::publish;
use crate::exchange::Request;
use crate::location::InputError;
use crate::outcome::{Exit, Plan, PlannedCase, PlannedRequest, RunOutcome, TargetKind};
use crate::printable::{bytes, escaped_line, truncated};
use crate::secret::Secrets;
use crate::settings::ReportWish;

/// The longest sentence or address, in characters.
const SENTENCE: usize = 600;
/// The longest body that is shown, in bytes of the body.
const BODY: usize = 4096;

/// The plan in the wished format, and how a dry run ends: what would be refused is bad input, as it is in a run. `run` is
/// what is known of the run before anything is sent.
///
/// It is scanned once more for secrets, as every report is.
pub fn plan(
    run: &RunOutcome,
    plan: &Plan,
    secrets: &Secrets,
    wish: &ReportWish,
    color: bool,
) -> Result<(String, Exit), InputError> {
    let secrets = secrets.unmistakable();
    let exit = if plan.refusals().next().is_some() { Exit::BadInput } else { Exit::Conforms };
    match wish.format.as_str() {
        "text" => Ok((secrets.mask_str(&text(run, plan, Paint(color))).into_owned(), exit)),
        "json" => {
            let mut value = json(run, plan, exit);
            publish::mask_values(&mut value, &secrets);
            Ok((super::json::written(&value), exit))
        }
        other => {
            Err(InputError::new(format!("{} names the format `{other}`, which a dry run does not have", wish.from))
                .help("the formats of a dry run are text and json"))
        }
    }
}

fn text(run: &RunOutcome, plan: &Plan, paint: Paint) -> String {
    let mut out = String::new();
    let mut put = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let kind = match run.target.kind {
        TargetKind::Reference => "the embedded reference server (no API_BASE_URL set), ",
        TargetKind::Remote => "",
    };
    put(format!("target: {kind}{}", paint.strong(&escaped_line(&run.target.url, SENTENCE))));
    put("dry run: this is what would be sent; nothing is".to_owned());
    if !plan.checks.is_empty() || !plan.refused.is_empty() {
        put("\nbefore any case".to_owned());
        sent(&plan.checks).for_each(|check| request(&mut put, check));
        plan.refused_before_cases().for_each(|refused| refusal(&mut put, refused, paint));
    }
    for case in &plan.cases {
        let about =
            case.about.as_deref().map(|about| format!("  {}", escaped_line(about, SENTENCE))).unwrap_or_default();
        put(format!("\n{}{about}", paint.strong(&escaped_line(&case.id, SENTENCE))));
        if let Some(why) = &case.skip {
            put(format!("  {} {}", paint.warn("skipped:"), escaped_line(why, SENTENCE)));
        }
        for provided in &case.provided {
            put(format!("  {}", escaped_line(provided, SENTENCE)));
        }
        sent(&case.requests).for_each(|one| request(&mut put, one));
        case.refused.iter().for_each(|refused| refusal(&mut put, refused, paint));
    }
    let skipped = plan.cases.iter().filter(|case| case.skip.is_some()).count();
    let refused = plan.cases.iter().filter(|case| !case.refused.is_empty()).count();
    let count = |count: usize, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    let cases = plan.cases.len();
    put(format!(
        "\n{}: {} would be run with {}, {skipped} skipped, {refused} refused",
        count(cases, "case"),
        cases - skipped - refused,
        count(plan.requests(), "request")
    ));
    out
}

/// The requests that are not refused.
fn sent(requests: &[PlannedRequest]) -> impl Iterator<Item = &PlannedRequest> {
    requests.iter().filter(|request| !request.is_refused)
}

/// Why something is not sent, where that stands, and what to do.
fn refusal(put: &mut impl FnMut(String), refused: &InputError, paint: Paint) {
    put(format!("  {} {}", paint.bad("refused:"), escaped_line(&refused.message, SENTENCE)));
    if let Some(place) = &refused.place {
        put(format!("    --> {}", escaped_line(&place.to_string(), SENTENCE)));
    }
    if let Some(help) = &refused.help {
        put(format!("    help: {}", escaped_line(help, SENTENCE)));
    }
}

fn request(put: &mut impl FnMut(String), planned: &PlannedRequest) {
    let Request { method, fields, body, .. } = &planned.request;
    let times = if planned.times > 1 { format!(", {} times together", planned.times) } else { String::new() };
    let judged = if planned.judged { "" } else { " (not judged)" };
    put(format!("  {}{times}{judged}", escaped_line(&planned.role, SENTENCE)));
    put(format!("    {} {}", escaped_line(method, SENTENCE), escaped_line(&planned.request.url(), SENTENCE)));
    for (name, value) in fields {
        put(format!("    {}: {}", escaped_line(name, SENTENCE), escaped_line(value, SENTENCE)));
    }
    if let Some(body) = body {
        put(format!("    {}", bytes(body, BODY)));
    }
}

fn json(run: &RunOutcome, plan: &Plan, exit: Exit) -> Value {
    json!({
        "schema": "conformant.plan/1",
        "target": {
            "url": truncated(&run.target.url, BODY),
            "kind": match run.target.kind {
                TargetKind::Reference => "reference",
                TargetKind::Remote => "remote",
            },
        },
        "exit": exit.code(),
        "checks": plan.checks.iter().map(request_json).collect::<Vec<_>>(),
        "cases": plan.cases.iter().map(case_json).collect::<Vec<_>>(),
    })
}

fn case_json(case: &PlannedCase) -> Value {
    json!({
        "id": truncated(&case.id, BODY),
        "profile": profile_name(case.profile),
        "skipped": case.skip.as_deref().map(|why| truncated(why, BODY)),
        "taken": case.provided.iter().map(|provided| truncated(provided, BODY)).collect::<Vec<_>>(),
        "requests": case.requests.iter().map(request_json).collect::<Vec<_>>(),
        "refused": case.refused.iter().map(refusal_json).collect::<Vec<_>>(),
    })
}

fn refusal_json(refused: &InputError) -> Value {
    json!({
        "message": truncated(&refused.message, BODY),
        "help": refused.help.as_deref().map(|help| truncated(help, BODY)),
        "case": refused.place.as_ref().map(|place| json!({"file": place.source.name(), "line": place.line()})),
    })
}

fn request_json(planned: &PlannedRequest) -> Value {
    let Request { method, fields, body, .. } = &planned.request;
    json!({
        "role": planned.role,
        "judged": planned.judged,
        "times": planned.times,
        "method": method,
        "url": truncated(&planned.request.url(), BODY),
        "fields": fields.iter().map(|(name, value)| json!({"name": name, "value": truncated(value, BODY)})).collect::<Vec<_>>(),
        "body": body.as_deref().map(|body| truncated(&String::from_utf8_lossy(body), BODY)),
    })
}
