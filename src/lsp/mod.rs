//! The language server: buffers of an editor over the disk, judged like everything else, and shown while people write.
//!
//! One thread, one loop. What a client sends is taken in at once; it is judged when somebody asks or nothing more is waiting, so
//! that a burst of edits is judged once. Every answer is about the newest text.

mod actions;
mod alone;
mod capabilities;
mod completion;
mod diagnostics;
mod dispatch;
mod documents;
mod examples;
mod folding;
mod held;
mod here;
mod hints;
mod hover;
mod names;
mod packs;
mod position;
mod publish;
mod rename;
mod server;
mod settings;
mod symbols;
mod transport;
mod uri;
mod watched;
mod workspaces;
mod written;

pub use server::run;
pub use transport::{Transport, connect};

use crate::space::Date;

/// What a server takes from its surroundings.
pub struct Env {
    /// The date, asked for whenever something is judged: a server runs past midnight.
    pub today: Box<dyn Fn() -> Date + Send>,
}
