//! `#[work]`, re-exported and explained by `worker-core`.
//!
//! `options` reads what is in the attribute's brackets, `function` what stands under it and whether
//! that can be a worker's body, `expand` writes the function that takes its place. Each refusal
//! says what to write instead.

mod expand;
mod function;
mod options;

use proc_macro::TokenStream;
use quote::quote;
use syn::{ItemFn, parse_macro_input};

use crate::function::Function;
use crate::options::Options;

/// Turns a function into one that starts a worker and returns its handle. Explained at
/// `worker_core::work`.
#[proc_macro_attribute]
pub fn work(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(attribute as Options);
    let item = parse_macro_input!(item as ItemFn);
    match Function::read(item.clone(), &options) {
        Ok(function) => expand::expand(function, &options).into(),
        Err(error) => {
            // The function stays, so that what it uses and who uses it give no errors of their own.
            let error = error.into_compile_error();
            quote!(#error #[allow(dead_code)] #item).into()
        }
    }
}
