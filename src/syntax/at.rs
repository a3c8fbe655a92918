//! What stands at a byte of a text, and the way there from the root.

use super::tree::{Entry, NodeRef, Tree};
use crate::source::Span;

/// One step from a collection to what it holds.
#[derive(Debug, Clone, Copy)]
pub enum Step<'t> {
    /// Into an entry of a mapping.
    Entry(Entry<'t>),
    /// To an item of a list; 0-based.
    Item(usize, NodeRef<'t>),
}

/// The way from the root of a document to a byte.
#[derive(Debug, Clone)]
pub struct Way<'t> {
    /// From the outermost to the innermost. Empty where the byte is in no entry of the root.
    pub steps: Vec<Step<'t>>,
    /// Whether the byte belongs to the key of the last step, not to its value.
    pub on_key: bool,
}

impl<'t> Step<'t> {
    /// The key of an entry.
    pub fn key(&self) -> Option<&'t str> {
        match self {
            Self::Entry(entry) => entry.name(),
            Self::Item(..) => None,
        }
    }

    /// The value that the step leads to.
    pub fn value(&self) -> NodeRef<'t> {
        match self {
            Self::Entry(entry) => entry.value,
            Self::Item(_, item) => *item,
        }
    }
}

impl<'t> Way<'t> {
    /// The keys on the way, without the items of lists.
    pub fn keys(&self) -> Vec<&'t str> {
        self.steps.iter().filter_map(Step::key).collect()
    }

    /// What the byte stands in: a key, or a value.
    pub fn node(&self) -> Option<NodeRef<'t>> {
        match self.steps.last()? {
            Step::Entry(entry) if self.on_key => Some(entry.key),
            step => Some(step.value()),
        }
    }

    /// The scalar at the byte, `None` between scalars.
    pub fn scalar(&self) -> Option<NodeRef<'t>> {
        self.node().filter(|node| node.text().is_some())
    }
}

impl Tree {
    /// How often the scalar at a span is read, once for each way of aliases and merges that leads to it.
    pub fn readings(&self, scalar: Span) -> usize {
        fn below(node: NodeRef<'_>, scalar: Span) -> usize {
            let own = usize::from(node.span() == scalar && node.text().is_some());
            let entries = node.entries().map(|entry| below(entry.key, scalar) + below(entry.value, scalar));
            own + entries.sum::<usize>() + node.items().map(|item| below(item, scalar)).sum::<usize>()
        }
        self.documents().iter().filter_map(|document| self.root(document)).map(|root| below(root, scalar)).sum()
    }

    /// The way to a byte, `None` where no document that could be read holds it. A byte right behind a scalar still belongs to
    /// it, as editors see it. What stands behind an alias is where its anchor is.
    pub fn at(&self, offset: usize) -> Option<Way<'_>> {
        let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
        let document = self.documents().iter().rfind(|document| holds(document.span))?;
        let mut at = self.root(document)?;
        let mut way = Way { steps: Vec::new(), on_key: false };
        loop {
            let stands_here = |node: NodeRef<'_>| holds(node.span()) && node.via().is_none();
            let entry = at.entries().find(|entry| stands_here(entry.key) || stands_here(entry.value));
            if let Some(entry) = entry {
                way.steps.push(Step::Entry(entry));
                if stands_here(entry.key) {
                    way.on_key = true;
                    return Some(way);
                }
            } else if let Some((index, item)) = at.items().enumerate().find(|(_, item)| stands_here(*item)) {
                way.steps.push(Step::Item(index, item));
            } else {
                return Some(way);
            }
            at = way.steps.last()?.value();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::source::SourceMap;
    use crate::syntax::{Limits, Step, parse};

    #[test]
    fn the_way_to_a_byte_is_that_of_its_keys() {
        let text = "a:\n  b: [x, {c: y}]\n  d: &one\n    e: z\n  f: *one\n---\ng: |\n  long\n";
        for (at, expected, on_key) in [
            ("a", "a", true),
            ("b", "a b", true),
            ("x,", "a b 0", false),
            ("c:", "a b 1 c", true),
            ("y}", "a b 1 c", false),
            ("z", "a d e", false),
            ("*one", "a", false),
            ("long", "g", false),
        ] {
            let mut sources = SourceMap::new();
            let file = sources.add("a.yaml", text);
            let (tree, _) = parse(&sources, file, &Limits::default());
            let way = tree.at(text.find(at).unwrap()).unwrap();
            let steps: Vec<String> = way
                .steps
                .iter()
                .map(|step| match step {
                    Step::Entry(entry) => entry.name().unwrap_or_default().to_owned(),
                    Step::Item(index, _) => index.to_string(),
                })
                .collect();
            assert_eq!((steps.join(" ").as_str(), way.on_key), (expected, on_key), "{at}");
        }
    }
}
