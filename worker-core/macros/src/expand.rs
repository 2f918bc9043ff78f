//! The function that takes the place of the one under the attribute.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, ItemFn, Signature};

use crate::function::{Argument, Function, Kind};
use crate::options::Options;

/// Writes `fn f(workers, …) -> Worker<T>`: attributes, visibility, generics and bounds stay; the context goes, for the worker
/// brings it.
pub(crate) fn expand(function: Function, options: &Options) -> TokenStream {
    let Function { item, kind, receiver, context, arguments, returned, value } = function;
    let ItemFn { attrs, vis, sig, block, .. } = item;
    let Signature { constness, ident, generics, .. } = sig;
    let where_clause = &generics.where_clause;
    // Hygienic: an argument of the user's may have the same name.
    let workers = Ident::new("workers", Span::mixed_site());
    let ui = Ident::new("ui", Span::mixed_site());

    let receiver = receiver.into_iter();
    let loop_parameter = (kind == Kind::Task)
        .then(|| quote!(#ui: &(impl ::worker_core::LocalSpawn + ::core::clone::Clone + 'static),));
    let parameters = arguments.iter().map(|Argument { name, ty, .. }| quote!(#name: #ty));
    let taken_apart = arguments.iter().filter_map(|argument| {
        let (name, pattern) = (&argument.name, argument.pattern.as_ref()?);
        Some(quote!(let #pattern = #name;))
    });
    let taken_apart = quote!(#(#taken_apart)*);
    let body = if taken_apart.is_empty() { quote!(#block) } else { quote!({ #taken_apart #block }) };

    let configured = configure(&workers, &ident, &arguments, options);
    let started = match kind {
        Kind::Thread => quote! {
            .thread(move |#context| ::worker_core::__private::boxed::<_, _>(move || -> #returned #body))
        },
        Kind::ThreadAsync | Kind::Task => {
            let start = if kind == Kind::Task { quote!(task) } else { quote!(thread_async) };
            let on = (kind == Kind::Task).then(|| quote!(#ui,));
            quote! {
                .#start(#on async move |#context| {
                    let returned: #returned = async move #body.await;
                    returned.map_err(::core::convert::Into::into)
                })
            }
        }
    };
    quote_spanned! {ident.span()=>
        #(#attrs)*
        #[track_caller]
        #vis #constness fn #ident #generics (
            #(#receiver,)*
            #workers: &impl ::worker_core::StartWorkers,
            #loop_parameter
            #(#parameters),*
        ) -> ::worker_core::Worker<#value> #where_clause {
            #configured #started
        }
    }
}

/// The builder, as far as the options go.
fn configure(workers: &Ident, function: &Ident, arguments: &[Argument], options: &Options) -> TokenStream {
    let name = options.name.as_ref().map_or_else(
        || {
            let name = function.to_string();
            let name = name.trim_start_matches("r#");
            quote!(#name)
        },
        ToTokens::to_token_stream,
    );
    let description = options
        .description
        .as_ref()
        .map_or_else(|| describe_call(function, arguments), ToTokens::to_token_stream);
    let exclusive = options.exclusive.then(|| quote!(.exclusive()));
    let group = options.group.as_ref().map(|group| quote!(.group(#group)));
    let restart = options.restart.as_ref().map(|restart| quote!(.restart(#restart)));
    let exit_on_error = options.exit_on_error.as_ref().map(|exit| quote!(.exit_on_error(#exit)));
    let timeout = options.timeout.as_ref().map(|timeout| quote!(.timeout(#timeout)));
    quote! {
        ::worker_core::StartWorkers::worker(#workers, #name)
            .description(#description)
            #group #exclusive #restart #exit_on_error #timeout
    }
}

/// The call itself, with the arguments' `Debug` where they have it.
fn describe_call(function: &Ident, arguments: &[Argument]) -> TokenStream {
    let function = function.to_string();
    let names = arguments.iter().map(|argument| argument.name.to_string());
    let values = arguments.iter().map(|argument| &argument.name);
    quote!({
        #[allow(unused_imports)]
        use ::worker_core::__private::{ViaDebug as _, ViaName as _};
        ::worker_core::__private::describe(
            #function,
            &[#((#names, &(&::worker_core::__private::Shown(&#values)).shown())),*],
        )
    })
}
