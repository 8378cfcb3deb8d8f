//! `codcast sql`

use std::process::ExitCode;

use codcast_ingest::{Answer, CountsQuery, counts_sql};
use serde::Serialize;

use crate::args::{Common, Format, SqlArgs};
use crate::failure::Failure;
use crate::output;

#[derive(Serialize)]
struct Printed<'a> {
    schema: &'static str,
    dialect: &'a str,
    sql: &'a str,
}

pub(super) fn run(args: &SqlArgs, common: &Common) -> Result<ExitCode, Failure> {
    let answer = match (&args.counts, &args.credit) {
        (Some(pair), _) => {
            let (n, c) = pair.split_once(',').ok_or_else(|| {
                Failure::usage(format!("--counts {pair}: expected two columns, n_trials,n_correct"))
            })?;
            Answer::Counts(n.trim().to_owned(), c.trim().to_owned())
        }
        (None, Some(column)) => Answer::Credit(column.clone()),
        (None, None) => Answer::Correct(args.correct.clone()),
    };
    let query = CountsQuery {
        table: args.table.clone(),
        model: args.model.clone(),
        task: args.task.clone(),
        sample_id: args.sample_id.clone(),
        checkpoint: args.checkpoint.clone(),
        answer,
    };
    let (dialect, written) = args.dialect;
    let sql = counts_sql(&query, written);
    match common.format {
        // A query is for pasting and piping: plain unless JSON is asked for.
        Some(Format::Json) => output::print(
            common.format,
            &Printed { schema: "codcast.sql/1", dialect, sql: &sql },
            &[],
        )?,
        _ => output::write(&sql)?,
    }
    Ok(ExitCode::SUCCESS)
}
