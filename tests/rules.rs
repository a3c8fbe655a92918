//! Every rule that ships, on every example.

use purposelint::examples;
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::space::Atlas;

#[test]
fn every_example_comes_out_as_its_rule_says() {
    let files = PolicyFiles::builtin();
    let (library, problems) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Whole);
    let problems: Vec<String> = problems
        .iter()
        .map(|problem| {
            let place = problem.primary.span;
            let line = library.sources.start(place).line;
            format!("{}:{line}: {} {:?}", library.sources.path(place.file), problem.message, problem.help)
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let results = examples::run(&library, &files.packs());
    let failures: Vec<String> = results
        .failures
        .iter()
        .map(|failure| format!("{} [{}] {}", failure.rule, failure.example, failure.message))
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), results.examples, failures.join("\n"));
    assert!(results.examples > 100, "{}", results.examples);
}
