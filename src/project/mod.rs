//! A workspace ready to be judged: which files it has, on the disk, in git or in an editor, its config, and the packs it asks for.

mod archive;
mod config_files;
mod copies;
mod doubt;
mod empty;
mod engine;
mod failure;
mod found;
mod history;
mod kept;
pub mod locked;
mod misnamed;
mod products;
mod revisions;
mod sparse;
mod strays;
mod texts;
mod workspace;

pub use archive::Archive;
pub use config_files::ConfigFiles;
pub use doubt::Doubt;
pub use empty::Empty;
pub use engine::Engine;
pub use failure::Failure;
pub use history::{OfService, Past, Revision};
pub use kept::Kept;
pub use misnamed::missing;
pub use revisions::Earlier;
pub use sparse::not_checked_out;
pub use workspace::{Asker, Input, Reading, Workspace, read, read_other, settle, slashed};
