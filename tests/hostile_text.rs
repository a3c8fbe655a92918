//! Declarations that are made to hurt: each ends in time, says what is wrong with it, and never passes.

mod hostility;

use hostility::{declarations, hold, large};

#[test]
fn depth() {
    hold(&declarations::depth());
}

#[test]
fn aliases() {
    hold(&declarations::aliases());
}

#[test]
fn size() {
    hold(&declarations::size());
}

#[test]
fn encodings() {
    hold(&declarations::encodings());
}

#[test]
fn punctuation() {
    hold(&declarations::punctuation());
}

#[test]
fn what_is_large_is_judged_in_time() {
    hold(&large::all());
}
