//! A program that meets faults from outside and checks what the libraries do; the tests in
//! `end_to_end/outside.rs` run it, and see whether and how it exits.

mod clocks;
mod leaving;
mod threads;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("threads") => threads::cannot_be_made(),
        Some("helpers") => threads::helpers_cannot_be_made(),
        Some("queue") => threads::are_fewer_than_workers(),
        Some("leave") => leaving::with_bodies_that_do_not_stop(),
        Some("leave-ui") => leaving::on_the_ui_thread(),
        Some("leave-panicking") => leaving::with_a_panic(),
        Some("forward") => clocks::jumps_forward(),
        Some("still") => clocks::stands_still(),
        Some("back") => clocks::jumps_back(),
        Some("ends") => clocks::goes_to_the_end_of_time(),
        other => panic!("no such fault: {other:?}"),
    }
    println!("done");
}
