//! Cards: what an editor shows of one thing, short enough to be read beside it. As Markdown or as plain text.

mod defaults;
mod names;
mod rules;
mod words;

pub use defaults::{Asked, defaults};
pub use names::{entity, plan, region, term};
pub use rules::{absent_rule, ignore, pack, parameter, rule};
pub use words::{key, word};

use super::markdown::{code, escape, one_line, span};
use crate::source::{SourceMap, Span};

/// What is shown of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// What it is called, and what it is.
    Title(String, String),
    /// A paragraph.
    Text(Vec<Piece>),
    /// An entry of a list.
    Item(Vec<Piece>),
    /// A table: its headings, its rows.
    Table(Vec<&'static str>, Vec<Vec<Vec<Piece>>>),
    /// YAML.
    Code(String),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Text whose only markup is code in backticks.
    Text(String),
    /// A line of a file.
    Place(Span),
    /// A page.
    Page(String),
}

/// How a card is written.
pub enum Style<'a> {
    /// As Markdown, with links to what these give an address.
    Markdown(&'a dyn Fn(Span) -> Option<String>),
    /// For clients that show text as it is.
    Plain,
}

impl Card {
    fn new(title: &str, what: impl Into<String>) -> Self {
        Self { blocks: vec![Block::Title(title.to_owned(), what.into())] }
    }

    /// Adds a paragraph.
    pub fn add(&mut self, text: &str) {
        self.text(text);
    }

    fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(vec![Piece::Text(text.into())]));
    }

    fn item(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Item(vec![Piece::Text(text.into())]));
    }

    /// The card as text. `sources` are those of the places on it.
    pub fn write(&self, style: &Style<'_>, sources: &SourceMap) -> String {
        let page = Page { style, sources };
        let mut out = String::new();
        let mut before: Option<&Block> = None;
        for block in &self.blocks {
            let goes_on = matches!((before, block), (Some(Block::Item(_)), Block::Item(_)));
            if before.is_some() && !goes_on {
                out.push('\n');
            }
            out.push_str(&page.block(block));
            before = Some(block);
        }
        out.trim_end().to_owned()
    }
}

struct Page<'p> {
    style: &'p Style<'p>,
    sources: &'p SourceMap,
}

impl Page<'_> {
    fn is_plain(&self) -> bool {
        matches!(self.style, Style::Plain)
    }

    fn block(&self, block: &Block) -> String {
        match block {
            Block::Title(title, what) if self.is_plain() => format!("{} ({})\n", flat(title), flat(what)),
            Block::Title(title, what) => format!("**{}** ({})\n", escape(&flat(title)), one_line(what)),
            Block::Text(pieces) => format!("{}\n", self.pieces(pieces)),
            Block::Item(pieces) => format!("- {}\n", self.pieces(pieces)),
            Block::Table(head, rows) if self.is_plain() => self.lines(head.len(), rows),
            Block::Table(head, rows) => self.table(head, rows),
            Block::Code(text) if self.is_plain() => text.lines().map(|line| format!("  {line}\n")).collect(),
            Block::Code(text) => code("yaml", text),
        }
    }

    fn pieces(&self, pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| self.piece(piece)).collect::<Vec<_>>().join(" ")
    }

    fn piece(&self, piece: &Piece) -> String {
        match (piece, self.style) {
            (Piece::Text(text), Style::Plain) => flat(text),
            (Piece::Text(text), Style::Markdown(_)) => one_line(text),
            (Piece::Place(place), Style::Plain) => flat(&self.place(*place)),
            (Piece::Place(place), Style::Markdown(link)) => {
                let name = escape(&self.place(*place));
                // what is no plain address would end the link too early
                let address =
                    link(*place).filter(|url| !url.contains(|c: char| c.is_whitespace() || "()<>\\".contains(c)));
                address.map_or_else(|| name.clone(), |url| format!("[{name}]({url})"))
            }
            (Piece::Page(url), Style::Plain) => flat(url),
            (Piece::Page(url), Style::Markdown(_)) => super::markdown::address(url),
        }
    }

    /// `purposes.yaml:12`
    fn place(&self, place: Span) -> String {
        format!("{}:{}", self.sources.path(place.file), self.sources.start(place).line)
    }

    fn table(&self, head: &[&str], rows: &[Vec<Vec<Piece>>]) -> String {
        let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| in_cell(&self.pieces(cell))).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        out
    }

    /// Each row of a table as a line: who, what, why.
    fn lines(&self, columns: usize, rows: &[Vec<Vec<Piece>>]) -> String {
        let line = |row: &Vec<Vec<Piece>>| {
            let cells: Vec<String> = row.iter().take(columns).map(|cell| self.pieces(cell)).collect();
            let cells: Vec<String> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            format!("- {}\n", cells.join(" | "))
        };
        rows.iter().map(line).collect()
    }
}

/// Markdown in a cell of a table, where a bar ends the cell even inside code.
fn in_cell(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// A text on one line, without what a screen could take for an order.
fn flat(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    super::squeeze(&plain)
}

/// A word of a declaration as code.
fn quoted(text: &str) -> String {
    span(&flat(text))
}

/// As many as there is room for, and how many more there are.
fn some(items: impl IntoIterator<Item = String>, most: usize) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    let more = items.len().saturating_sub(most);
    items.truncate(most);
    if more > 0 { format!("{} and {more} more", items.join(", ")) } else { items.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_markdown_or_plain_and_never_more_markup_than_meant() {
        let mut sources = SourceMap::new();
        let file = sources.add("a_b.yaml", "x\ny: z\n");
        let place = Piece::Place(Span::new(file, 2, 3));
        let mut card = Card::new("<b>_x_</b>\n# y", "purpose `p`");
        card.text("1. `a|b` | [c](d)");
        card.item("one");
        card.item("two");
        let cell = |text: &str| vec![Piece::Text(text.to_owned())];
        card.blocks.push(Block::Table(vec!["for", "by"], vec![vec![cell("a|b `c|d`"), vec![place]]]));
        let link = |place: Span| Some(format!("file:///a#L{}", place.start));
        let markdown = card.write(&Style::Markdown(&link), &sources);
        assert_eq!(
            markdown,
            "**\\<b\\>\\_x\\_\\</b\\> # y** (purpose `p`)\n\n1\\. `a|b` \\| \\[c\\](d)\n\n- one\n- two\n\n\
             | for | by |\n|---|---|\n| a\\|b `c\\|d` | [a\\_b.yaml:2](file:///a#L2) |"
        );
        let plain = card.write(&Style::Plain, &sources);
        assert_eq!(
            plain,
            "<b>_x_</b> # y (purpose `p`)\n\n1. `a|b` | [c](d)\n\n- one\n- two\n\n- a|b `c|d` | a_b.yaml:2"
        );
    }

    #[test]
    fn a_link_that_could_end_early_is_no_link() {
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", "x\n");
        let card = Card { blocks: vec![Block::Text(vec![Piece::Place(Span::new(file, 0, 1))])] };
        let text = card.write(&Style::Markdown(&|_| Some("file:///a) b".to_owned())), &sources);
        assert_eq!(text, "a.yaml:1");
    }
}
