//! Results that already sit in a table elsewhere: the SQL that turns them into a counts table.

/// An engine's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Apache Spark and what speaks its SQL.
    Spark,
    /// DuckDB.
    DuckDb,
    /// Apache DataFusion.
    DataFusion,
    /// Ballista, DataFusion on a cluster.
    Ballista,
    /// Daft.
    Daft,
    /// Standard SQL, for the rest.
    Ansi,
}

impl Dialect {
    /// Names as users write them.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("spark", Self::Spark),
        ("duckdb", Self::DuckDb),
        ("datafusion", Self::DataFusion),
        ("ballista", Self::Ballista),
        ("daft", Self::Daft),
        ("ansi", Self::Ansi),
    ];

    /// The type of text.
    fn text(self) -> &'static str {
        match self {
            Self::Ansi => "VARCHAR",
            _ => "STRING",
        }
    }

    /// An identifier, quoted where it must be. A dotted name (`catalog.table`) is quoted by parts.
    fn quoted(self, name: &str) -> String {
        let part = |part: &str| {
            let mut chars = part.chars();
            let plain = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
                && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                && !RESERVED.contains(&part);
            match self {
                _ if plain => part.to_owned(),
                Self::Spark => format!("`{}`", part.replace('`', "``")),
                _ => format!("\"{}\"", part.replace('"', "\"\"")),
            }
        };
        name.split('.').map(part).collect::<Vec<_>>().join(".")
    }
}

/// Words that a column could well be called and that SQL keeps to itself.
const RESERVED: &[&str] = &[
    "all", "case", "check", "column", "end", "from", "group", "in", "index", "key", "like",
    "order", "rank", "right", "row", "select", "set", "table", "to", "union", "user", "values",
    "when", "with",
];

/// What a row of the table scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A row is one generation, right or wrong (boolean, or 0 and 1); null where it was not scored.
    Correct(String),
    /// A row is one generation with a partial credit in `[0, 1]`; null where it was not scored.
    Credit(String),
    /// A row is itself a count, `(n_trials, n_correct)`: counts of shards or days add up.
    Counts(String, String),
}

/// The table and its columns, by the names they have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountsQuery {
    /// Table or view, dots between catalog, schema and table.
    pub table: String,
    /// Column with the model's name.
    pub model: String,
    /// Column with the task's name.
    pub task: String,
    /// Column with the sample's id.
    pub sample_id: String,
    /// Column with the training step, where the table has several checkpoints of a model.
    pub checkpoint: Option<String>,
    /// What a row scored.
    pub answer: Answer,
}

/// The query for a counts table: one row per (model, checkpoint, task, sample) with `n_trials` and
/// `n_correct`, as a study's table of samples has them.
///
/// Counts of right answers are integers, so that tables of parts add up exactly in any order
/// ([`Answer::Counts`] adds them); partial credits are doubles and add up to rounding. Rows that were
/// not scored are left out: missing is not zero.
pub fn counts_sql(query: &CountsQuery, dialect: Dialect) -> String {
    let q = |name: &str| dialect.quoted(name);
    let mut keys = vec![(q(&query.model), "model"), (q(&query.task), "task")];
    keys.push((q(&query.sample_id), "sample_id"));
    if let Some(checkpoint) = &query.checkpoint {
        keys.insert(1, (q(checkpoint), "checkpoint"));
    }
    let (trials, correct, scored) = match &query.answer {
        Answer::Correct(column) => {
            let c = q(column);
            (
                "COUNT(*)".to_owned(),
                format!("CAST(SUM(CAST({c} AS INT)) AS BIGINT)"),
                format!("{c} IS NOT NULL"),
            )
        }
        Answer::Credit(column) => {
            let c = q(column);
            ("COUNT(*)".to_owned(), format!("SUM(CAST({c} AS DOUBLE))"), format!("{c} IS NOT NULL"))
        }
        Answer::Counts(n, c) => {
            let (n, c) = (q(n), q(c));
            (
                format!("CAST(SUM({n}) AS BIGINT)"),
                format!("CAST(SUM({c}) AS BIGINT)"),
                format!("{n} > 0"),
            )
        }
    };
    let selected: Vec<String> = keys
        .iter()
        .map(|(column, name)| match *name {
            // Ids are names: numbers must not come back as 1.0.
            "sample_id" => format!("CAST({column} AS {}) AS sample_id", dialect.text()),
            name if column == name => name.to_owned(),
            name => format!("{column} AS {name}"),
        })
        .collect();
    let grouped: Vec<&str> = keys.iter().map(|(column, _)| column.as_str()).collect();
    format!(
        "SELECT\n  {},\n  {trials} AS n_trials,\n  {correct} AS n_correct\nFROM {}\nWHERE {scored}\nGROUP BY {}\n",
        selected.join(",\n  "),
        q(&query.table),
        grouped.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> CountsQuery {
        CountsQuery {
            table: "lake.results".to_owned(),
            model: "Model Name".to_owned(),
            task: "task".to_owned(),
            sample_id: "doc".to_owned(),
            checkpoint: None,
            answer: Answer::Correct("right".to_owned()),
        }
    }

    #[test]
    fn names_are_quoted_as_the_dialect_wants_and_cannot_end_the_quotes() {
        let spark = counts_sql(&query(), Dialect::Spark);
        assert!(spark.contains("`Model Name` AS model"), "{spark}");
        assert!(spark.contains("CAST(`right` AS INT)"), "{spark}");
        let mut hostile = query();
        hostile.task = "t\" FROM x; --".to_owned();
        let duckdb = counts_sql(&hostile, Dialect::DuckDb);
        assert!(duckdb.contains("\"t\"\" FROM x; --\" AS task"), "{duckdb}");
    }

    #[test]
    fn a_checkpoint_is_part_of_the_key() {
        let mut query = query();
        query.checkpoint = Some("step".to_owned());
        let sql = counts_sql(&query, Dialect::Ansi);
        assert!(sql.contains("step AS checkpoint"), "{sql}");
        assert!(sql.contains("GROUP BY \"Model Name\", step, task, doc"), "{sql}");
    }
}
