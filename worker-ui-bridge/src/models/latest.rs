//! Models of `post_latest`: a value is replaced or run, and the newest is not lost.

use loom::thread;

use super::support::{body, bridge, check, manager};

#[test]
fn p22_the_newest_value_is_not_lost_and_none_runs_twice() {
    check(None, || {
        let mut bridge = bridge();
        let posts = thread::spawn({
            let ui = bridge.handle();
            move || {
                for value in [1, 2] {
                    ui.post_latest("k", move |values: &mut Vec<u32>| values.push(value)).unwrap();
                }
            }
        });
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        posts.join().unwrap();
        while bridge.pump(&mut values).unwrap().ran() > 0 {}
        assert!(values == [1, 2] || values == [2], "{values:?}");
    });
}

#[test]
fn p22_values_of_two_threads_replace_each_other() {
    check(2, || {
        let mut bridge = bridge();
        let posts = [1, 2].map(|value| {
            let ui = bridge.handle();
            thread::spawn(move || {
                ui.post_latest("k", move |values: &mut Vec<u32>| values.push(value)).unwrap()
            })
        });
        let mut values = Vec::new();
        bridge.pump(&mut values).unwrap();
        posts.into_iter().for_each(|thread| thread.join().unwrap());
        while bridge.pump(&mut values).unwrap().ran() > 0 {}
        let legal: [&[u32]; 4] = [&[1], &[2], &[1, 2], &[2, 1]];
        assert!(legal.contains(&&values[..]), "{values:?}");
    });
}

#[test]
fn p06_a_superseded_worker_does_not_replace_the_value_of_its_successor() {
    check(3, || {
        let (mut bridge, workers) = (bridge(), manager());
        let (_old, run) = body(&workers, "rows", {
            let ui = bridge.handle();
            move || _ = ui.post_latest("k", |values: &mut Vec<u32>| values.push(1))
        });
        let posts = thread::spawn(run);
        let (_new, _) = body(&workers, "rows", || {});
        bridge.handle().post_latest("k", |values: &mut Vec<u32>| values.push(2)).unwrap();
        posts.join().unwrap();
        let mut values = Vec::new();
        while bridge.pump(&mut values).unwrap().more() {}
        assert_eq!(values, [2]);
    });
}
