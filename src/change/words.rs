//! A change in words for people: what they had, what they get, and the sentence of a finding.

use super::{Change, Direction, Kind, short};
use crate::model::EntityKind;

/// The property under which states are compared.
pub(super) const STATE: &str = "state";

/// States: what is said of a purpose now, what was said of it before, and the same in a column.
const STATES: [(&str, &str, &str, &str); 7] = [
    ("absent", "is not carried out", "it was not carried out", "not carried out"),
    ("off", "is off by default", "it was off", "off by default"),
    ("ask", "waits for an answer", "people were asked", "people are asked"),
    ("on", "is on by default", "it was on", "on by default"),
    ("mandatory", "runs without a switch", "it ran without a switch", "on, without a switch"),
    ("not declared", "has no declared default", "it had none", "not declared"),
    ("unknown", "has a default that cannot be read", "it could not be read", "cannot be read"),
];

/// Properties that most people would not know by their names in the format.
const TOPICS: [(&str, &str); 18] = [
    (STATE, "default"),
    ("use", "what data is used for"),
    ("data", "data that is used"),
    ("subjects", "people concerned"),
    ("lawful_basis", "lawful basis"),
    ("recipients", "recipients"),
    ("retention.period", "how long data is kept"),
    ("retention.until", "until when data is kept"),
    ("safeguards", "safeguards"),
    ("assessments", "assessments"),
    ("documents", "documents"),
    ("notices", "notices"),
    ("commitments", "promises"),
    ("existing_users", "people who were there before"),
    ("opt_out.effect", "what switching off does"),
    ("opt_out.within", "when switching off takes effect"),
    ("steps.off", "steps to switch off"),
    ("own_purposes", "uses of its own"),
];

/// What stands in a column for an item that is not there.
const NONE: &str = "–";

/// Lists of which a purpose does something with each item: what it does, and what it does no longer.
const VERBS: [(&str, &str, &str); 2] =
    [("data", "uses", "no longer uses"), ("recipients", "passes data to", "no longer passes data to")];

impl Change {
    /// Whether what it is about was not there before, for anybody.
    pub fn is_new(&self) -> bool {
        self.path == STATE && self.was.is_none()
    }

    /// Whether what it is about is not there any longer, for anybody.
    pub fn is_gone(&self) -> bool {
        self.path == STATE && self.is.is_none()
    }

    /// What is another, in words where there are some: `how long data is kept`, else the name of the property.
    pub fn topic(&self) -> Option<&'static str> {
        let whole = |name: &str| self.path == name;
        let item = |name: &str| self.item().is_some() && self.path.split('.').next() == Some(name);
        TOPICS.iter().find(|(name, _)| whole(name) || item(name)).map(|(_, words)| *words)
    }

    /// What people had.
    pub fn had(&self) -> String {
        match self.kind {
            _ if self.is_new() => "not there".to_owned(),
            Kind::Added => NONE.to_owned(),
            Kind::Removed => short(self.item().unwrap_or_default()),
            _ => self.value(self.before.as_deref()),
        }
    }

    /// What people get.
    pub fn gets(&self) -> String {
        match self.kind {
            _ if self.is_gone() => "no longer declared".to_owned(),
            Kind::Added => short(self.item().unwrap_or_default()),
            Kind::Removed => NONE.to_owned(),
            _ => self.value(self.after.as_deref()),
        }
    }

    /// Both in one: `off by default → on by default`.
    pub fn step(&self) -> String {
        match (self.kind, self.item()) {
            (Kind::Added, Some(item)) => format!("{} is added", short(item)),
            (Kind::Removed, Some(item)) => format!("{} is gone", short(item)),
            _ => format!("{} → {}", self.had(), self.gets()),
        }
    }

    fn value(&self, value: Option<&str>) -> String {
        match value {
            None => "not declared".to_owned(),
            Some(state) if self.path == STATE => state_of(state).map_or(state, |(.., column)| column).to_owned(),
            Some(value) => short(value),
        }
    }

    /// The item of a list that is new or gone.
    fn item(&self) -> Option<&str> {
        let is_item = matches!(self.kind, Kind::Added | Kind::Removed);
        self.path.split_once('.').map(|(_, item)| item).filter(|_| is_item)
    }

    /// What it is about: `` `Train models` ``, `` setting `Improve the product` ``.
    pub fn subject(&self) -> String {
        let title = short(&self.about.title);
        let old = self.about.was_called.as_ref().map(|old| format!(" (until now `{}`)", short(old)));
        let noun = match &self.about.entity {
            Some((EntityKind::Purpose, _)) => String::new(),
            Some((kind, _)) => format!("{} ", kind.noun()),
            None => "service ".to_owned(),
        };
        format!("{noun}`{title}`{}", old.unwrap_or_default())
    }

    /// The change as a sentence without an end: what holds now, for whom, what held before, and why that is better or worse.
    pub fn sentence(&self) -> String {
        let whom = if self.whom.is_empty() { String::new() } else { format!(" for {}", self.whom) };
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        format!("{}{why}", self.what(&whom))
    }

    fn what(&self, whom: &str) -> String {
        let (whose, path) = (self.subject(), &self.path);
        let word = |value: &Option<String>| short(value.as_deref().unwrap_or("nothing"));
        if self.path == STATE {
            let of = |state: &Option<String>| state.as_deref().and_then(state_of);
            let (_, is, _, _) = of(&self.after).unwrap_or_default();
            let (_, _, was, _) = of(&self.before).unwrap_or_default();
            return match (self.is_new(), self.is_gone()) {
                (true, _) => format!("{whose} is new, and {is}{whom}"),
                (_, true) => format!("{whose} is no longer declared{whom}; {was}"),
                _ => format!("{whose} {is}{whom}; {was}"),
            };
        }
        let item = short(self.item().unwrap_or(path));
        let list = path.split('.').next().unwrap_or_default();
        let verbs = VERBS.iter().find(|(name, ..)| *name == list);
        match (self.kind, verbs) {
            (Kind::Added, Some((_, verb, _))) | (Kind::Removed, Some((_, _, verb))) => {
                format!("{whose} {verb} `{item}`{whom}")
            }
            (Kind::Added, None) if list == "notices" => format!("the notice `{item}` tells people of {whose}{whom}"),
            (Kind::Removed, None) if list == "notices" => {
                format!("the notice `{item}` no longer tells people of {whose}{whom}")
            }
            (Kind::Added, None) => format!("`{item}` is added to `{list}` of {whose}{whom}"),
            (Kind::Removed, None) => format!("`{item}` is taken out of `{list}` of {whose}{whom}"),
            (Kind::Started, _) => format!("`{path}` of {whose} is declared{whom}: `{}`", word(&self.after)),
            (Kind::Stopped, _) => {
                format!("`{path}` of {whose} is no longer declared{whom}; it was `{}`", word(&self.before))
            }
            (Kind::Moved, _) => {
                format!("`{path}` of {whose} is `{}`{whom}; it was `{}`", word(&self.after), word(&self.before))
            }
        }
    }
}

fn state_of(state: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    STATES.iter().find(|(name, ..)| *name == state).copied()
}

/// How many changes there are of each direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Worse for people.
    pub weaker: usize,
    /// Nobody can tell from what is declared.
    pub unclear: usize,
    /// Better for people.
    pub stronger: usize,
    /// Neither.
    pub neutral: usize,
    /// How much could not be read on either side: nobody knows what has changed there.
    pub lost: usize,
}

impl Counts {
    /// Counts changes.
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Self {
        let mut counts = Self::default();
        for change in changes {
            *match change.direction {
                Direction::Weaker => &mut counts.weaker,
                Direction::Unclear => &mut counts.unclear,
                Direction::Stronger => &mut counts.stronger,
                Direction::Neutral => &mut counts.neutral,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.weaker + self.unclear + self.stronger + self.neutral
    }

    /// `1 weaker, 2 stronger`; nothing where nothing has changed.
    pub fn words(&self) -> Option<String> {
        let Self { weaker, unclear, stronger, neutral, .. } = *self;
        let all = [(weaker, "weaker"), (unclear, "unclear"), (stronger, "stronger"), (neutral, "neutral")];
        let parts: Vec<String> =
            all.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
