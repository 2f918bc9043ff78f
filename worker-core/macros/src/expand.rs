//! The function that takes the place of the one under the attribute.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, ItemFn, Signature};

use crate::function::{Argument, Function, Kind};
use crate::options::Options;

/// Writes `fn f(workers, …) -> Worker<T>`: attributes, visibility, generics and bounds stay; the
/// context goes, for the worker brings it.
pub(crate) fn expand(function: Function, options: &Options) -> TokenStream {
    let Function { item, kind, receiver, context, arguments, returned, value } = function;
    let ItemFn { attrs, vis, sig, block, .. } = item;
    let Signature { ident, generics, .. } = sig;
    let receiver_parameter = receiver.as_ref().map(|receiver| quote!(#receiver,));
    let where_clause = &generics.where_clause;
    // Hygienic: an argument of the user's may have the same name.
    let workers = Ident::new("workers", Span::mixed_site());
    let ui = Ident::new("ui", Span::mixed_site());

    let loop_parameter = (kind == Kind::Task)
        .then(|| quote!(#ui: &(impl ::worker_core::LocalSpawn + ::core::clone::Clone + 'static),));
    let parameters =
        arguments.iter().map(|Argument { attributes, name, ty, .. }| quote!(#(#attributes)* #name: #ty));
    // Each is named whole, used or not: a closure would leave what the body does not touch with the
    // caller.
    let moved = receiver.iter().map(|_| quote!(let _ = &self;)).chain(arguments.iter().map(|argument| {
        let (name, conditions) = (&argument.name, argument.conditions());
        let conditions = quote!(#(#conditions)*);
        let pattern = argument.pattern.iter();
        quote! {
            #conditions
            #[allow(clippy::redundant_locals, clippy::used_underscore_binding)]
            let #name = #name;
            #(#conditions let #pattern = #name;)*
        }
    }));
    let moved = quote!(#(#moved)*);
    let body = if moved.is_empty() { quote!(#block) } else { quote!({ #moved #block }) };
    // Tells the compiler the type before the body's first `?` or coercion; an async block cannot be
    // annotated.
    let typed = quote! {
        #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop)]
        if false {
            let returned: #returned = loop {};
            return returned;
        }
    };

    let configured = configure(&workers, &ident, &arguments, options);
    let started = match kind {
        Kind::Thread => quote! {
            .thread(move |#context| ::worker_core::__private::box_error::<_, _>(move || -> #returned #body))
        },
        Kind::ThreadAsync | Kind::Task => {
            let start = if kind == Kind::Task { quote!(task) } else { quote!(thread_async) };
            let on = (kind == Kind::Task).then(|| quote!(#ui,));
            quote! {
                .#start(#on async move |#context| {
                    let returned: #returned = async move { #typed #body }.await;
                    returned.map_err(::core::convert::Into::into)
                })
            }
        }
    };
    let track_caller = (!attrs.iter().any(|attribute| attribute.path().is_ident("track_caller")))
        .then(|| quote!(#[track_caller]));
    quote_spanned! {ident.span()=>
        #(#attrs)*
        #track_caller
        #vis fn #ident #generics (
            #receiver_parameter
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
            let name = function.unraw().to_string();
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
    let delay = options.delay.as_ref().map(|delay| quote!(.delay(#delay)));
    let limit = options.limit.as_ref().map(|limit| quote!(.limit(&#limit)));
    quote! {
        ::worker_core::StartWorkers::worker(#workers, #name)
            .description(#description)
            #group #exclusive #restart #exit_on_error #timeout #delay #limit
    }
}

/// The call itself, with the arguments' `Debug` where they have it.
fn describe_call(function: &Ident, arguments: &[Argument]) -> TokenStream {
    let function = function.unraw().to_string();
    let shown = arguments.iter().map(|argument| {
        let (value, conditions) = (&argument.name, argument.conditions());
        let name = value.unraw().to_string();
        // An underscore marks it as unused.
        let shown = if name.starts_with('_') {
            quote!(::core::format_args!("…"))
        } else {
            quote!((&::worker_core::__private::Shown(&#value)).shown())
        };
        quote!(#(#conditions)* (#name, &#shown))
    });
    quote!({
        #[allow(unused_imports)]
        use ::worker_core::__private::{ViaDebug as _, ViaEllipsis as _};
        ::worker_core::__private::describe(
            #function,
            &[#(#shown),*],
        )
    })
}
