//! Explanations: a rule as a page, a cell as the chain of what holds there and what it beat, a config with who says what.

pub mod card;
mod config;
mod markdown;
mod page;
mod why;

pub use config::{Explained, config};
pub use markdown::{help_markdown, markdown, markdown_index, markdown_jurisdictions};
pub use page::{help, page, sentence, squeeze};
pub use why::{Question, Unanswered, asked, why};

/// Breaks text into lines of at most `width` characters, each after `indent`; blank lines stay.
fn wrap(text: &str, indent: &str, width: usize) -> String {
    let mut out = String::new();
    for paragraph in text.split("\n\n") {
        if !out.is_empty() {
            out.push('\n');
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = indent.chars().count() + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && longer > width {
                out.push_str(&format!("{indent}{line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push_str(&format!("{indent}{line}\n"));
    }
    out
}
