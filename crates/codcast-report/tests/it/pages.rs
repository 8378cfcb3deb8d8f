use codcast_report::report;
use serde_json::{Value, json};

use crate::fixture::{HOSTILE, forecast};

/// What stands between two marks, after a place.
fn between<'a>(text: &'a str, after: &str, from: &str, to: &str) -> &'a str {
    let start = text.find(after).unwrap_or_else(|| panic!("no {after}"));
    let text = &text[start..];
    let begin = text.find(from).unwrap() + from.len();
    &text[begin..begin + text[begin..].find(to).unwrap()]
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let json = forecast(&["a", "b"], "m").to_string();
    assert_eq!(report(&json).unwrap(), report(&json).unwrap());
}

#[test]
fn the_table_shows_the_json_to_the_digit() {
    let json = forecast(&["first", "second"], "m");
    let page = report(&json.to_string()).unwrap();
    // The larger target is shown first.
    for t in 0..2 {
        let row = &json["targets"][1]["tasks"][t];
        let number = |value: &Value| format!("{:.1}", 100.0 * value.as_f64().unwrap());
        let cell = |column: usize| {
            between(&page, &format!("data-key=\"{t}:{column}\""), ">", "<").to_owned()
        };
        assert_eq!(cell(0), number(&row["forecast"]));
        let interval = &row["interval"];
        assert_eq!(
            cell(1),
            format!("{} to {}", number(&interval["lower"]), number(&interval["upper"]))
        );
        assert_eq!(cell(2), "70.0");
        assert_eq!(cell(3), "+12.3");
        assert_eq!(cell(4), "29.9");
        let error = 100.0 * (row["forecast"].as_f64().unwrap() - 0.298_765);
        assert_eq!(cell(5), format!("{error:+.2}"));
        assert_eq!(cell(6), "more rungs, samples or generations (parameters ± 3.00 points)");
    }
}

#[test]
fn every_step_of_the_slider_shows_its_own_numbers_and_targets_show_theirs() {
    let json = forecast(&["only"], "m");
    let page = report(&json.to_string()).unwrap();
    let steps: Value =
        serde_json::from_str(between(&page, "id=\"steps-json\"", ">", "</script>")).unwrap();
    // Both targets are larger than the rungs; nothing else on the grid is.
    assert_eq!(steps["labels"].as_array().unwrap().len(), 2);
    let shown =
        |step: usize| steps["tasks"][0]["steps"][step]["cells"][0].as_str().unwrap().to_owned();
    // The first target's own forecast, 31.23 %, not the curve's 31 % there.
    assert_eq!(shown(0), "31.2");
    assert_eq!(shown(1), "46.9");
    assert!(steps["labels"][0].as_str().unwrap().contains("1.23·10²²"));
}

#[test]
fn exact_numbers_stand_behind_the_rounded_ones() {
    let page = report(&forecast(&["only"], "m").to_string()).unwrap();
    assert!(page.contains("data-v=\"0.123456\">12.3<"), "the first rung");
    assert!(page.contains("data-v=\"\">–<"), "the unknown is not zero");
    let light: Value =
        serde_json::from_str(between(&page, "id=\"forecast-json\"", ">", "</script>")).unwrap();
    assert_eq!(light["targets"], forecast(&["only"], "m")["targets"]);
}

#[test]
fn hostile_names_are_text() {
    for hostile in HOSTILE {
        let page = report(&forecast(&[hostile, "plain"], hostile).to_string()).unwrap();
        let lower = page.to_lowercase();
        assert!(!lower.contains("<img"), "{hostile}");
        assert_eq!(lower.matches("<script>").count(), 1, "{hostile}: only our own script runs");
        assert!(!page.contains("<!--"), "{hostile}");
        for mark in ['\u{202e}', '\u{202c}', '\u{2028}', '\u{0}'] {
            assert!(!page.contains(mark), "{hostile}: {mark:?}");
        }
        assert!(!page.contains("60481729"), "{hostile}: nothing is evaluated");
    }
}

#[test]
fn long_names_are_shortened_and_kept_for_downloads() {
    let long = "x".repeat(500);
    let page = report(&forecast(&[&long], &long).to_string()).unwrap();
    assert!(page.contains(&format!("data-v=\"{long}\"")));
    assert!(page.contains(&format!(">{}…<", "x".repeat(59))));
    // Whole when hovered over: cells, the page's title, panels' titles, buttons.
    for whole in [
        format!("<td data-l=\"task\" title=\"{long}\""),
        format!("<h1 title=\"Forecast: {long}\">"),
        format!("<title id=\"curve-0-t\">{long}</title>"),
        format!("data-step=\"1\" title=\"{long}\""),
    ] {
        assert!(page.contains(&whole), "{}", &whole[..30]);
    }
}

#[test]
fn the_line_of_guessing_lies_inside_its_panel_or_is_said_in_words() {
    let mut json = forecast(&["near", "far"], "m");
    // Scores go from 10 % to 56 %: 2 % is near enough to widen the axis for, 99 % is not.
    json["curves"]["tasks"][0]["chance"] = json!(0.02);
    json["curves"]["tasks"][1]["chance"] = json!(0.99);
    let page = report(&json.to_string()).unwrap();
    let (near, far) = (
        between(&page, "id=\"curve-0\"", "<svg", "</svg>"),
        between(&page, "id=\"curve-1\"", "<svg", "</svg>"),
    );
    assert!(near.contains(">guessing</text>"));
    assert!(!far.contains(">guessing</text>"), "{far}");
    let below = "Guessing scores 99.0 %, which is above this panel.";
    assert_eq!(page.matches(below).count(), 1);
    assert_eq!(page.matches("which is below").count(), 0);
    // The legend has it while any panel has it.
    assert!(between(&page, "id=\"curves\"", "<ul class=\"legend\">", "</ul>").contains("guessing"));
    json["curves"]["tasks"][0]["chance"] = json!(0.99);
    let page = report(&json.to_string()).unwrap();
    assert!(
        !between(&page, "id=\"curves\"", "<ul class=\"legend\">", "</ul>").contains("guessing")
    );
}

#[test]
fn the_map_explains_the_colours_it_has() {
    let map = |json: &serde_json::Value| {
        let page = report(&json.to_string()).unwrap();
        between(&page, ">Map of the samples<", "<ul class=\"legend\">", "</ul>").to_owned()
    };
    let mut json = forecast(&["a"], "m");
    let shown = map(&json);
    assert!(shown.contains("hardest group") && shown.contains("no group"), "{shown}");
    json["detail"]["tasks"][0]["map"]["points"][1]["group"] = json!(1);
    let shown = map(&json);
    assert!(shown.contains("hardest group") && !shown.contains("no group"), "{shown}");
    for point in json["detail"]["tasks"][0]["map"]["points"].as_array_mut().unwrap() {
        point["group"] = serde_json::Value::Null;
    }
    let shown = map(&json);
    assert!(!shown.contains("hardest group") && shown.contains("no group"), "{shown}");
}

#[test]
fn axes_of_a_kind_are_written_once() {
    let page = report(&forecast(&["a", "b", "c"], "m").to_string()).unwrap();
    // Six panels of groups, all with the same axes, and three of everything else.
    let groups = page.split("<figure id=\"group-").skip(1).map(|f| &f[..f.find("</svg>").unwrap()]);
    let shared: Vec<&str> = groups.filter(|svg| svg.contains("<use href=\"#axes-")).collect();
    assert_eq!(shared.len(), 5);
    for used in page.split("<use href=\"#").skip(1) {
        let id = &used[..used.find('"').unwrap()];
        assert_eq!(page.matches(&format!("<g id=\"{id}\">")).count(), 1, "{id}");
    }
}

#[test]
fn one_note_for_many_models() {
    let mut json = forecast(&["a"], "m");
    let of = |i: usize| json!({"code": "rung_absent", "severity": "warning", "message": format!("model \"m{i}\" is not a rung here")});
    json["targets"][1]["tasks"][0]["diagnostics"] = (0..12).map(of).collect();
    let page = report(&json.to_string()).unwrap();
    let answer = between(&page, "id=\"answer\"", "<ul class=\"notes\">", "</ul>");
    assert_eq!(answer.matches("is not a rung here").count(), 1, "{answer}");
    assert!(
        answer.contains("the same of &quot;m1&quot;") && answer.contains("and 5 more"),
        "{answer}"
    );
}

#[test]
fn only_our_script_may_run() {
    use sha2::Digest as _;
    let page = report(&forecast(&["a"], "m").to_string()).unwrap();
    let script = &page[page.rfind("<script>").unwrap() + 8..page.rfind("</script>").unwrap()];
    let allowed = between(&page, "Content-Security-Policy", "script-src 'sha256-", "'");
    let hash = sha2::Sha256::digest(script.as_bytes());
    // Checked against the alphabet of RFC 4648, not against the page's own coder.
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = allowed
        .trim_end_matches('=')
        .chars()
        .map(|c| format!("{:06b}", digits.find(c).unwrap()))
        .collect();
    let expected: String = hash.iter().map(|byte| format!("{byte:08b}")).collect();
    assert_eq!(bits[..256], expected);
    for outside in ["http://", "https://"] {
        let found = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(outside), "the page names {outside}");
    }
}

#[test]
fn a_forecast_without_detail_has_a_page() {
    let mut json = forecast(&["a"], "m");
    json.as_object_mut().unwrap().remove("detail");
    let page = report(&json.to_string()).unwrap();
    assert!(page.contains("without --detail"));
    json.as_object_mut().unwrap().remove("curves");
    assert!(report(&json.to_string()).is_ok());
}

#[test]
fn what_is_no_result_is_refused_with_advice() {
    let message = |json: &str| report(json).unwrap_err().to_string();
    assert!(message("{").contains("codcast forecast --format json"));
    assert!(message("{\"schema\": \"codcast.clusters/1\"}").contains("codcast.clusters/1"));
    let mut cut = forecast(&["a"], "m");
    cut["curves"]["tasks"][0]["lower"] = json!([0.1]);
    assert!(message(&cut.to_string()).contains("lower has 1 entries; 5 were expected"));
}
