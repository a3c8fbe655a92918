//! The language server, spoken to as an editor does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::expect_used,
    reason = "in a test, what cannot be is a failing test"
)]

mod lsp {
    mod actions;
    mod broken;
    mod client;
    mod completion;
    mod fresh;
    mod hints;
    mod hover;
    mod names;
    mod process;
    mod pull;
    mod rename;
    mod repairs;
    mod rule_files;
    mod same;
    mod settings;
    mod symbols;
    mod sync;
    mod unread;
    mod watch;
}
