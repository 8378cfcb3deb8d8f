//! A monitor as text for Prometheus, to be put where its node exporter collects text files.
//!
//! Source: Prometheus' text-based exposition format, version 0.0.4.

use std::fmt::Write as _;

use codcast::monitor::{Look, Monitor, TaskLook};

/// All metrics of the latest look, and the alarm.
pub(super) fn text(monitor: &Monitor) -> String {
    let mut out = Text(String::new());
    let whole = vec![("study", monitor.study.as_str()), ("run", monitor.run.as_str())];
    let alarm = f64::from(u8::from(monitor.alarm.is_some()));
    out.metric("alarm", "1 from the first alarm on.", &[(whole.clone(), Some(alarm))]);
    let rate = [(whole.clone(), Some(monitor.false_alarm_rate))];
    out.metric("false_alarm_rate", "Share of healthy runs that raise an alarm.", &rate);
    let Some(look) = monitor.looks.last() else { return out.0 };
    let of_look = |value: fn(&Look) -> Option<f64>| [(whole.clone(), value(look))];
    out.metric("training_share", "Share of training.", &of_look(|look| Some(look.share)));
    let checkpoint = of_look(|look| look.checkpoint.map(|checkpoint| checkpoint as f64));
    out.metric("checkpoint", "The latest checkpoint.", &checkpoint);
    let about = "Mean deviation of all tasks in units of a healthy run's.";
    out.metric("overall_deviation", about, &of_look(|look| look.overall.deviation));
    let about = "The run behaves like one with so many times its compute: median of tasks.";
    out.metric("overall_compute_factor", about, &of_look(|look| look.overall.compute_factor));

    let labels = |task: &'static str| move |name: &str| (task, name.to_owned());
    let label = labels("task");
    let per_task = |value: fn(&TaskLook) -> Option<f64>| -> Vec<_> {
        look.tasks.iter().map(|task| (label(&task.task), value(task))).collect()
    };
    let rows: [(&str, &str, fn(&TaskLook) -> Option<f64>); 8] = [
        ("score", "Score at the latest checkpoint.", |task| task.actual),
        ("expected_score", "Score that the ladder expects there.", |task| task.expected),
        ("band_lower", "Lower end of healthy scores.", |task| task.band.map(|band| band.lower)),
        ("band_upper", "Upper end of healthy scores.", |task| task.band.map(|band| band.upper)),
        ("deviation", "Deviation in units of a healthy run's.", |task| task.deviation),
        ("change", "Largest standardised change since an earlier look.", |task| task.change),
        ("compute_factor", "Scores like a run with so many times its compute.", |task| {
            task.compute_factor
        }),
        ("task_alarm", "1 where the task is beyond its boundary.", |task| {
            Some(f64::from(u8::from(task.alarm)))
        }),
    ];
    for (name, about, value) in rows {
        let values = per_task(value);
        let values: Vec<_> = values
            .iter()
            .map(|((key, task), value)| {
                let mut labels = whole.clone();
                labels.push((*key, task.as_str()));
                (labels, *value)
            })
            .collect();
        out.metric(name, about, &values);
    }
    let finals: Vec<_> = monitor
        .end_of_training
        .iter()
        .map(|task| {
            let mut labels = whole.clone();
            labels.push(("task", task.task.as_str()));
            (labels, task.updated.or(task.forecast))
        })
        .collect();
    let about = "Forecast of the score at the end of training, with the checkpoints seen.";
    out.metric("final_score_forecast", about, &finals);
    out.0
}

struct Text(String);

impl Text {
    /// One gauge; values that are not known are left out, as the format wants it.
    fn metric(&mut self, name: &str, about: &str, values: &[(Vec<(&str, &str)>, Option<f64>)]) {
        if values.iter().all(|(_, value)| value.is_none()) {
            return;
        }
        let name = format!("codcast_monitor_{name}");
        let _ = writeln!(self.0, "# HELP {name} {about}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let Some(value) = value else { continue };
            let labels: Vec<String> =
                labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
            let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
        }
    }
}

/// A label's value: names come from the data. Control characters are shown, not kept.
fn escaped(text: &str) -> String {
    let plain = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    crate::text::clean(&plain)
}
