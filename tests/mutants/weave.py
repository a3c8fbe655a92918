"""All changes that cargo-mutants would make, woven into one source: each waits for its number in the environment.

A build for each of a thousand changes takes hours, one build for all of them a minute. What cannot be woven, because it would not
compile beside the rest or stands in a constant, is left for cargo-mutants itself.
"""

import re
from collections import defaultdict

import tree_sitter_rust
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_rust.language()))

SWITCH = """
/// Whether this change is the one that is tried; says once that it was reached. What is tried stands in a file and not in the
/// environment: tests that run the program clear that.
#[allow(missing_docs)]
pub fn mutant(id: usize) -> bool {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{LazyLock, Mutex};
    static REACHED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
    static TRIED: LazyLock<String> = LazyLock::new(|| std::fs::read_to_string("FILE").unwrap_or_default());
    static ACTIVE: LazyLock<usize> = LazyLock::new(|| TRIED.parse().unwrap_or(usize::MAX));
    static LOG: LazyLock<Option<Mutex<std::fs::File>>> = LazyLock::new(|| {
        let path = TRIED.strip_prefix("log ")?;
        std::fs::OpenOptions::new().create(true).append(true).open(path).ok().map(Mutex::new)
    });
    if !REACHED[id].load(Ordering::Relaxed) && !REACHED[id].swap(true, Ordering::Relaxed) {
        if let Some(log) = &*LOG {
            let _ = log.lock().unwrap_or_else(|error| error.into_inner()).write_all(format!("{id}\\n").as_bytes());
        }
    }
    *ACTIVE == id
}
"""


def on(id):
    return f"crate::mutant({id})"


class Weaver:
    """One file with the changes that are still to be woven in, as `(number, change)`."""

    def __init__(self, text, changes):
        self.source = text.encode()
        self.lines = self.source.split(b"\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.at = defaultdict(list)
        for id, change in changes:
            key = (change["genre"], self.byte(change["span"]["start"]))
            self.at[key].append((id, change["replacement"]))
        self.woven = set()

    def byte(self, place):
        line = self.lines[place["line"] - 1].decode()
        return self.starts[place["line"] - 1] + len(line[: place["column"] - 1].encode())

    def weave(self):
        text = self.render(PARSER.parse(self.source).root_node)
        return text, self.woven

    def take(self, genre, start):
        found = self.at.get((genre, start), [])
        self.woven.update(id for id, _ in found)
        return found

    def plain(self, node, replace=()):
        """The text of a node with its parts woven; `replace` has the texts of some of them."""
        replace = dict(replace)
        out, at = [], node.start_byte
        for child in node.children:
            out.append(self.source[at : child.start_byte].decode())
            out.append(replace[child.id] if child.id in replace else self.render(child))
            at = child.end_byte
        out.append(self.source[at : node.end_byte].decode())
        return "".join(out)

    def render(self, node):
        if node.type in ("const_item", "static_item", "array_type", "macro_invocation", "attribute_item"):
            return self.source[node.start_byte : node.end_byte].decode()
        handler = getattr(self, f"render_{node.type}", None)
        return handler(node) if handler else self.plain(node)

    def render_function_item(self, node):
        body = node.child_by_field_name("body")
        modifiers = self.source[node.start_byte : body.start_byte].decode() if body else ""
        if body is None or re.search(r"\bconst fn\b", modifiers):
            return self.source[node.start_byte : node.end_byte].decode()
        if re.search(r"->\s*(Box<dyn|impl)\b", modifiers):
            # an early return would settle the type
            return self.plain(node)
        found = []
        for (genre, start), changes in self.at.items():
            if genre == "FnValue" and body.start_byte <= start < body.end_byte:
                inner = innermost(node, start)
                if inner.id == node.id:
                    found += changes
        self.woven.update(id for id, _ in found)
        gates = "".join(f" if {on(id)} {{ return {value}; }}" for id, value in found)
        text = self.plain(body)
        return self.plain(node, {body.id: "{" + gates + text[1:]})

    def render_binary_expression(self, node):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        found = self.take("BinaryOperator", operator.start_byte)
        if not found:
            return self.plain(node)
        was = operator.type
        a, b = self.render(left), self.render(right)
        if was in ("&&", "||") and len(found) == 1:
            id = on(found[0][0])
            first, last = (f"{{ {b} }}", id) if was == "&&" else (f"{{ !{id} }}", f"{b}")
            return f"(if ({a}) != {id} {first} else {{ {last} }})"
        if (was, found[0][1]) in (("==", "!="), ("!=", "==")) and len(found) == 1:
            return f"(({a} {was} {b}) != {on(found[0][0])})"
        return self.choice(found, lambda operator: f"{a} {operator} {b}", was)

    def render_compound_assignment_expr(self, node):
        operator = node.child_by_field_name("operator")
        found = self.take("BinaryOperator", operator.start_byte)
        a, b = (self.render(node.child_by_field_name(side)) for side in ("left", "right"))
        return self.choice(found, lambda operator: f"{a} {operator} {b}", operator.type) if found else self.plain(node)

    def choice(self, found, text, was):
        branches = "".join(f"if {on(id)} {{ {text(value)} }} else " for id, value in found)
        return f"({branches}{{ {text(was)} }})"

    def render_unary_expression(self, node):
        found = self.take("UnaryOperator", node.start_byte)
        inner = self.render(node.children[-1])
        was = node.children[0].type
        return f"(if {on(found[0][0])} {{ {inner} }} else {{ {was}{inner} }})" if found else self.plain(node)

    def render_match_arm(self, node):
        gone = self.take("MatchArm", node.start_byte) if takes_the_rest(node.parent) else []
        pattern = node.child_by_field_name("pattern")
        condition = pattern.child_by_field_name("condition")
        guard = None
        if condition is not None:
            guard = self.render(condition)
            chained = condition.type in ("let_chain", "let_condition")
            always = [] if chained else self.take("MatchArmGuard", condition.start_byte)
            for id, value in always:
                guard = f"({on(id)} || ({guard}))" if value == "true" else f"(!{on(id)} && ({guard}))"
            if gone:
                guard = f"!{on(gone[0][0])} && {guard if chained else f'({guard})'}"
        elif gone:
            guard = f"!{on(gone[0][0])}"
        if guard is None:
            return self.plain(node)
        bare = pattern.children[0]
        return self.plain(node, {pattern.id: f"{self.render(bare)} if {guard}"})

    def render_field_initializer(self, node):
        found = self.take("StructField", node.start_byte)
        base = next((child for child in node.parent.children if child.type == "base_field_initializer"), None)
        name, value = node.child_by_field_name("field"), node.child_by_field_name("value")
        if not found or base is None:
            return self.plain(node)
        rest = self.source[base.start_byte + 2 : base.end_byte].decode()
        field = self.source[name.start_byte : name.end_byte].decode()
        return f"{field}: if {on(found[0][0])} {{ ({rest}).{field} }} else {{ {self.render(value)} }}"


def takes_the_rest(block):
    """Whether a `match` has an arm for all that the others leave. Without one, an arm that may be switched off leaves a gap."""
    patterns = [arm.child_by_field_name("pattern") for arm in block.children if arm.type == "match_arm"]
    return any(pattern.text == b"_" for pattern in patterns)


def innermost(node, byte):
    """The innermost function whose body has a byte."""
    best = node
    todo = list(node.children)
    while todo:
        child = todo.pop()
        if child.start_byte <= byte < child.end_byte:
            body = child.child_by_field_name("body") if child.type == "function_item" else None
            if body is not None and body.start_byte <= byte:
                best = child
            todo += child.children
    return best


def at_fault(text, start, end):
    """The number of the change in whose branch of a woven text an error between two bytes lies, if it lies in one."""
    data = text.encode()
    inside = []
    for found in re.finditer(rb"crate::mutant\((\d+)\)", data):
        opening = re.match(rb"\s*\{", data[found.end() :])
        if opening:
            at = found.end() + opening.end()
            close, depth = at, 1
            while close < len(data) and depth:
                depth += {123: 1, 125: -1}.get(data[close], 0)
                close += 1
            if at <= start and end <= close:
                inside.append((close - at, int(found[1])))
    return min(inside)[1] if inside else None


def suspected(text, start, end):
    """The numbers of the changes that an error outside all branches may be about: those on its lines, or else the nearest."""
    data = text.encode()
    first, last = data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end)
    on_lines = {int(id) for id in re.findall(rb"crate::mutant\((\d+)\)", data[first : last if last >= 0 else None])}
    if on_lines:
        return on_lines
    # a type that a change above settled may be found wrong where nothing is changed
    away = {max(start - found.end(), found.start() - end): int(found[1]) for found in re.finditer(rb"crate::mutant\((\d+)\)", data)}
    return {away[min(away)]} if away else set()
