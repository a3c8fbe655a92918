//! What was written: declarations as typed values, each with its place, and the workspace they form.

mod declaration;
mod fields;
mod holds;
mod lower;
mod meant;
mod occurrences;
mod offered;
mod regions;
mod value;
mod workspace;

pub use declaration::{Declaration, Entity, Items, Override, Selector, SettingRef, Slots};
pub use fields::{EntityKind, Field, FieldId, Record, STATES, Type};
pub use holds::Holds;
pub use lower::{lower, lower_but};
pub use meant::{Meant, meant};
pub use occurrences::{NameKind, Occurrence, occurrences};
pub use offered::{Glance, Glances, Offered, Said, VERSION, newer_version};
pub use value::{FieldValue, Fields, Value};
pub use workspace::{CheckedService, CheckedShared, Checks, EntityId, Service, Workspace};

pub use crate::space::unknown_region;
pub use crate::syntax::Located;
pub use crate::vocabulary::Terms;
