//! Packs and rules, read from data.

mod choice;
mod cite;
mod compact;
pub mod condition;
mod embedded;
mod extension;
mod fix;
mod lexicon;
mod library;
mod place;
mod read;
mod rule;
mod rule_set;
mod table;

pub use choice::{CORE, Choice, Selection};
pub use cite::{Cite, CiteKind, Cites, Confidence};
pub use fix::{FixKind, FixTemplate, protection};
pub use lexicon::Lexicon;
pub use library::{Depth, Library, Pack, PolicyFiles, is_builtin, is_rule, no_such_pack};
pub use read::{MESSAGE_NAMES, param};
pub use rule::{Applies, Example, Expectation, On, Param, ParamValue, Per, RaisedBy, Rule, SeverityCase};
pub use rule_set::RuleSet;
pub use table::Table;
