//! A row of the table: what is wanted, and what was measured.

/// The unit of a figure, and which direction is good.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    Ms,
    Seconds,
    Mib,
    Millions,
    PerByte,
    /// As many times as something else: less is better.
    Times,
    /// As many times faster than something else: more is better.
    Faster,
    /// Of so many, all of which are wanted.
    Of(u32),
}

impl Unit {
    pub(crate) fn show(self, value: f64) -> String {
        let number = match value.abs() {
            it if it >= 100.0 => format!("{value:.0}"),
            it if it >= 10.0 => format!("{value:.1}"),
            _ => format!("{value:.2}"),
        };
        let number = match number.contains('.') {
            true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => number,
        };
        match self {
            Self::Ms => format!("{number} ms"),
            Self::Seconds => format!("{number} s"),
            Self::Mib => format!("{number} MiB"),
            Self::Millions => format!("{number} million"),
            Self::PerByte => number,
            Self::Times => format!("{number} ×"),
            Self::Faster => format!("{number} × faster"),
            Self::Of(all) => format!("{value:.0} of {all}"),
        }
    }

    fn reaches(self, value: f64, goal: f64) -> bool {
        if matches!(self, Self::Faster | Self::Of(_)) { value >= goal } else { value <= goal }
    }
}

pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) unit: Unit,
    /// What is wanted first, where anything is.
    pub(crate) first: Option<f64>,
    /// Where it is to be.
    pub(crate) wanted: f64,
    /// The figure with what belongs to it in words; or why there is none.
    pub(crate) measured: Result<(f64, String), String>,
}

impl Row {
    fn verdict(&self) -> &'static str {
        let Ok((value, _)) = self.measured else { return "" };
        match (self.unit.reaches(value, self.wanted), self.first.map(|goal| self.unit.reaches(value, goal))) {
            (true, _) => "all met",
            (false, Some(true)) => "first met",
            (false, _) => "not met",
        }
    }

    fn line(&self) -> String {
        let goal = |goal: Option<f64>| goal.map(|goal| self.unit.show(goal)).unwrap_or_default();
        let measured = match &self.measured {
            Ok((value, words)) if words.is_empty() => self.unit.show(*value),
            Ok((value, words)) => format!("{} ({words})", self.unit.show(*value)),
            Err(reason) => reason.clone(),
        };
        let (first, wanted) = (goal(self.first), goal(Some(self.wanted)));
        format!("| {} | {measured} | {first} | {wanted} | {} |", self.what, self.verdict())
    }
}

/// The table, in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = String::from("| what | measured | first | where it is to be | |\n|---|---|---|---|---|\n");
    for row in rows {
        out.push_str(&row.line());
        out.push('\n');
    }
    out
}
