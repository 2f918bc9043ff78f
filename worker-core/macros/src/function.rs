//! [`Function`]: the annotated function, parsed and checked.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Error, FnArg, GenericArgument, Ident, ItemFn, Lifetime, Pat, PatIdent, PatType, PathArguments,
    Receiver, ReceiverKind, Result, ReturnType, Safety, Type, TypeReference,
};

use crate::options::Options;

/// A function that can be a worker's body.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    pub(crate) kind: Kind,
    pub(crate) receiver: Option<Receiver>,
    /// The context argument, as the body names it.
    pub(crate) context: PatType,
    /// The others.
    pub(crate) arguments: Vec<Argument>,
    /// What the function returns: a `Result`.
    pub(crate) returned: Type,
    /// What is in it.
    pub(crate) value: Type,
}

/// Where the body runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Thread,
    ThreadAsync,
    Task,
}

impl Kind {
    /// The context that a body of this kind is given.
    fn context(self) -> &'static str {
        match self {
            Self::Thread | Self::ThreadAsync => "WorkerContext",
            Self::Task => "TaskContext",
        }
    }
}

/// An argument that moves into the body.
pub(crate) struct Argument {
    pub(crate) attributes: Vec<Attribute>,
    /// Its name in the signature.
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// How the body takes it apart, if the name alone does not do.
    pub(crate) pattern: Option<TokenStream>,
}

impl Argument {
    /// The conditions under which it is there at all.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }
}

impl Function {
    /// Reads a function, or says why it cannot be a worker's body and what to write instead.
    pub(crate) fn read(item: ItemFn, options: &Options) -> Result<Self> {
        let kind = kind(&item, options)?;
        if let Safety::Unsafe(keyword) = &item.sig.safety {
            let message = "an unsafe function cannot be a worker's body: call it from a safe one";
            return Err(Error::new_spanned(keyword, message));
        }
        if let Some(keyword) = &item.sig.constness {
            return Err(Error::new_spanned(keyword, "a `const fn` cannot start a worker: remove `const`"));
        }
        if let Some(abi) = &item.sig.abi {
            return Err(Error::new_spanned(
                abi,
                "a worker is started by Rust code only: leave the `extern` out",
            ));
        }
        let mut inputs = item.sig.inputs.iter().cloned().peekable();
        let receiver = match inputs.peek() {
            Some(FnArg::Receiver(receiver)) => Some(owned_receiver(receiver.clone())?),
            _ => None,
        };
        if receiver.is_some() {
            inputs.next();
        }
        let typed = inputs.filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        let mut typed = typed.collect::<Vec<_>>().into_iter();
        let context = context(typed.next(), kind, &item)?;
        let arguments = typed.enumerate().map(|(at, typed)| argument(at, typed)).collect::<Result<_>>()?;
        let (returned, value) = returned(&item)?;
        Ok(Self { item, kind, receiver, context, arguments, returned, value })
    }
}

fn kind(item: &ItemFn, options: &Options) -> Result<Kind> {
    let name = &item.sig.ident;
    match (item.sig.asyncness.is_some(), options.thread) {
        (true, true) => Ok(Kind::ThreadAsync),
        (true, false) => Ok(Kind::Task),
        (false, true) => Ok(Kind::Thread),
        (false, false) => Err(Error::new_spanned(
            item.sig.fn_token,
            format!(
                "`{name}` is not async, so it would block the UI: write `#[work(thread)]`, or `async fn {name}`"
            ),
        )),
    }
}

fn owned_receiver(receiver: Receiver) -> Result<Receiver> {
    let borrowed = match &receiver.kind {
        ReceiverKind::Value => false,
        ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
        _ => true,
    };
    if borrowed {
        return Err(Error::new_spanned(
            receiver,
            "a worker outlives the call, so it cannot borrow `self`: take `self: Arc<Self>`, or `self` of a type that is cheap to clone",
        ));
    }
    Ok(receiver)
}

fn context(first: Option<PatType>, kind: Kind, item: &ItemFn) -> Result<PatType> {
    let wanted = kind.context();
    let Some(first) = first else {
        let name = &item.sig.ident;
        return Err(Error::new_spanned(
            &item.sig.ident,
            format!("`{name}` takes no context: its first argument must be `cx: &{wanted}`"),
        ));
    };
    match named_by_reference(&first.ty) {
        Some(name) if name == wanted => Ok(without_lifetime(first)),
        Some(name) if name == "WorkerContext" => Err(Error::new_spanned(
            &first.ty,
            "a task on the UI's loop must not block, so it is given a `&TaskContext`: write that, or `#[work(thread)]`",
        )),
        Some(name) if name == "TaskContext" => Err(Error::new_spanned(
            &first.ty,
            "a worker on a thread is given a `&WorkerContext`: write that, or leave `thread` out",
        )),
        _ => Err(Error::new_spanned(
            &first,
            format!("the first argument must be the context: write `cx: &{wanted}` before it"),
        )),
    }
}

/// The last name of the path behind a shared reference.
fn named_by_reference(ty: &Type) -> Option<String> {
    let Type::Reference(TypeReference { mutability: None, elem, .. }) = ty else { return None };
    let Type::Path(path) = &**elem else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The context is borrowed for the body's time, whatever the function calls it.
fn without_lifetime(mut context: PatType) -> PatType {
    if let Type::Reference(reference) = &mut *context.ty {
        reference.lifetime = None;
    }
    context
}

fn argument(at: usize, typed: PatType) -> Result<Argument> {
    let mut borrows = Borrows(None);
    borrows.visit_type(&typed.ty);
    if let Some(borrow) = borrows.0 {
        return Err(Error::new_spanned(
            borrow,
            "a worker outlives the call, so it cannot borrow: take the argument by value (`String` for `&str`, `Vec<T>` for `&[T]`, `Arc<T>` to share)",
        ));
    }
    let (name, pattern) = match &*typed.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, mutability, ident, .. }) => {
            (ident.clone(), mutability.map(|mutability| quote!(#mutability #ident)))
        }
        pattern => {
            let name = Ident::new(&format!("argument_{}", at + 1), Span::mixed_site());
            (name, Some(pattern.to_token_stream()))
        }
    };
    Ok(Argument { attributes: typed.attrs, name, ty: *typed.ty, pattern })
}

/// Finds a borrow that does not live for ever.
struct Borrows(Option<TokenStream>);

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.is_none() {
            self.0.get_or_insert_with(|| reference.to_token_stream());
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.0.get_or_insert_with(|| lifetime.to_token_stream());
        }
    }

    /// What is borrowed in `fn(&T)`, `Fn(&T)` and `for<'a> …` is borrowed anew with each call.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast syn::ParenthesizedGenericArguments) {}

    fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }
}

/// What the function returns, and the value in it.
fn returned(item: &ItemFn) -> Result<(Type, Type)> {
    let refuse = |place: TokenStream| {
        Err(Error::new_spanned(
            place,
            "a worker's function returns `worker_core::Result<T>`: its value, or why there is none",
        ))
    };
    let ReturnType::Type(_, returned) = &item.sig.output else {
        return refuse(item.sig.ident.to_token_stream());
    };
    let segment = match &**returned {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let mut opaque = Opaque(None);
    opaque.visit_type(returned);
    if let Some(opaque) = opaque.0 {
        return Err(Error::new_spanned(
            opaque,
            "`impl Trait` cannot be a worker's result: name the type, or box it (`Box<dyn …>`)",
        ));
    }
    match segment.map(|segment| (segment.ident == "Result", &segment.arguments)) {
        Some((true, PathArguments::AngleBracketed(arguments))) => match arguments.args.first() {
            Some(GenericArgument::Type(value)) => Ok(((**returned).clone(), value.clone())),
            _ => refuse(returned.to_token_stream()),
        },
        _ => refuse(returned.to_token_stream()),
    }
}

/// Finds an `impl Trait`.
struct Opaque(Option<syn::TypeImplTrait>);

impl<'ast> Visit<'ast> for Opaque {
    fn visit_type_impl_trait(&mut self, opaque: &'ast syn::TypeImplTrait) {
        self.0.get_or_insert_with(|| opaque.clone());
    }
}
