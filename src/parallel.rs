//! Runs work on several threads. A single item is worked on by the thread that asks: waking another one takes longer than judging a
//! small file.

use rayon::prelude::*;

/// The results of `of` for all items, in the order of the items.
pub fn map<'t, T: Sync, R: Send>(items: &'t [T], of: impl Fn(&'t T) -> R + Sync + Send) -> Vec<R> {
    match items {
        [] => Vec::new(),
        [one] => vec![of(one)],
        _ => items.par_iter().map(of).collect(),
    }
}

/// As [`map`], for items that take a few microseconds each: `of` is given some dozens of them at a time, and gives one result for
/// all of these.
pub fn map_stretches<'t, T: Sync, R: Send>(items: &'t [T], of: impl Fn(&'t [T]) -> R + Sync + Send) -> Vec<R> {
    map_into(items.chunks(STRETCH).collect(), of)
}

/// How many small items one thread has done before another one is awake.
const STRETCH: usize = 64;

/// As [`map`], for items that `of` takes over.
pub fn map_into<T: Send, R: Send>(items: Vec<T>, of: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    match items.len() {
        0 | 1 => items.into_iter().map(of).collect(),
        _ => items.into_par_iter().map(of).collect(),
    }
}

/// Does something with each.
pub fn for_each<T: Send>(items: Vec<T>, with: impl Fn(T) + Sync + Send) {
    match items.len() {
        0 | 1 => items.into_iter().for_each(with),
        _ => items.into_par_iter().for_each(with),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;

    use super::*;

    #[test]
    fn however_many_there_are_all_are_worked_on_in_order_and_one_by_who_waits() {
        for count in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), doubled);
            let stretches = map_stretches(&items, |stretch| stretch.iter().map(|item| item * 2).collect::<Vec<_>>());
            assert_eq!((stretches.concat(), stretches.len()), (doubled.clone(), items.len().div_ceil(STRETCH)));
            assert_eq!(map_into(items.clone(), |item| item * 2), doubled);
            let sum = AtomicUsize::new(0);
            for_each(items.clone(), |item| _ = sum.fetch_add(item, Relaxed));
            assert_eq!(sum.into_inner(), items.iter().sum::<usize>());
        }
        let here = thread::current().id();
        let worker = || thread::current().id();
        assert_eq!(map(&[()], |()| worker()), [here]);
        assert_eq!(map_into(vec![()], |()| worker()), [here]);
        assert_eq!(map_stretches(&[(); STRETCH], |_| worker()), [here]);
        for_each(vec![()], |()| assert_eq!(worker(), here));
        assert!(map(&[(); 2], |()| worker()).iter().all(|at| *at != here));
    }
}
