//! Packs, configs and baselines that are made to hurt: refused at their place, or judged in time.

mod hostility;

use hostility::{configs, hold, packs};

#[test]
fn lexicons() {
    hold(&packs::lexicons());
}

#[test]
fn tables() {
    hold(&packs::tables());
}

#[test]
fn conditions() {
    hold(&packs::conditions());
}

#[test]
fn rules() {
    hold(&packs::rules());
}

#[test]
#[cfg(unix)]
fn files() {
    hold(&packs::files());
}

#[test]
fn examples() {
    hold(&packs::examples());
}

#[test]
fn extensions() {
    hold(&packs::extensions());
}

#[test]
fn globs() {
    hold(&configs::globs());
}

#[test]
fn groups() {
    hold(&configs::groups());
}

#[test]
fn entries() {
    hold(&configs::entries());
}

#[test]
fn waivers() {
    hold(&configs::waivers());
}

#[test]
fn layers() {
    hold(&configs::layers());
}

#[test]
fn limits() {
    hold(&configs::limits());
}

#[test]
fn baselines() {
    hold(&configs::baselines());
}
