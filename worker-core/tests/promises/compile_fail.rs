//! What must not compile, and what the compiler says about it.

#[test]
fn s19_what_cannot_be_a_body_is_refused_with_what_to_write_instead() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
