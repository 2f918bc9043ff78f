//! S2: programs that the compiler must reject, with its messages.

#[test]
fn s02_programs_that_must_not_compile_are_rejected_with_the_expected_message() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
