//! What must not compile, and what the compiler says about it.

#[test]
fn s02_what_must_not_compile_does_not_and_the_message_says_why() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
