//! Packs and rules, read from data.

mod cite;
pub mod condition;
mod extension;
mod fix;
mod lexicon;
mod library;
mod place;
mod read;
mod rule;
mod table;

pub use cite::{Cite, CiteKind, Confidence};
pub use fix::{FixKind, FixTemplate, protection};
pub use lexicon::Lexicon;
pub use library::{Depth, Library, Pack, PolicyFiles, is_builtin, no_such_pack};
pub use read::{MESSAGE_NAMES, param};
pub use rule::{Applies, Example, Expectation, Param, ParamValue, RaisedBy, Rule, SeverityCase};
pub use table::Table;
