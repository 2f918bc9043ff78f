//! [`Module`]: the paths that a file names, found in its syntax tree and in its macros' tokens.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMacro, ItemMod, ItemUse, Macro, UseTree, VisRestricted};

/// What a file names outside of its tests.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Paths into its own crate, from the crate's root.
    pub(super) inside: Vec<Import>,
    /// Paths into other crates, with the aliases of `use` resolved.
    pub(super) outside: Vec<Import>,
    /// The modules that it declares under `#[cfg(test)]`, from the crate's root.
    pub(super) test_modules: Vec<Vec<String>>,
}

/// A path, and where it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
    /// Whether a root re-export is fine here: in a macro's definition, which expands in other
    /// crates, and in the name of a macro, which `#[macro_export]` puts at the root.
    pub(super) may_name_root: bool,
}

/// Parses a file whose module has this path from the crate's root.
///
/// # Errors
///
/// If the code is not Rust.
pub(super) fn parse(module: &[String], code: &str) -> syn::Result<Module> {
    let file = syn::parse_file(code)?;
    let mut finder = Finder { module: module.to_vec(), ..Finder::default() };
    finder.visit_file(&file);
    let Finder { mut found, relative, aliases, .. } = finder;
    for mut import in relative {
        let Some(target) = aliases.get(&import.path[0]) else {
            found.outside.push(import);
            continue;
        };
        import.path.splice(..1, target.iter().cloned());
        found.outside.push(import);
    }
    Ok(found)
}

#[derive(Default)]
struct Finder {
    module: Vec<String>,
    found: Module,
    /// Paths that begin with neither `crate`, `self` nor `super`.
    relative: Vec<Import>,
    /// What `use` calls a name of another crate.
    aliases: HashMap<String, Vec<String>>,
    in_macro_definition: bool,
}

impl Finder {
    fn name(&mut self, path: Vec<String>, line: usize, is_macro: bool) {
        let may_name_root = is_macro || self.in_macro_definition;
        match self.inside_path(&path) {
            Some(path) => self.found.inside.push(Import { line, path, may_name_root }),
            None => self.relative.push(Import { line, path, may_name_root }),
        }
    }

    /// The path from the crate's root, if it begins with `crate`, `self` or `super`.
    fn inside_path(&self, path: &[String]) -> Option<Vec<String>> {
        let (mut base, mut rest) = match path.split_first()? {
            (first, rest) if first == "crate" => (Vec::new(), rest),
            (first, rest) if first == "self" => (self.module.clone(), rest),
            (first, _) if first == "super" => (self.module.clone(), path),
            _ => return None,
        };
        while let Some((first, after)) = rest.split_first()
            && first == "super"
        {
            base.pop();
            rest = after;
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    fn use_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |ident: &Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(prefix, tree)),
            UseTree::Name(name) if name.ident == "self" => {
                let called = prefix.last().cloned().unwrap_or_default();
                self.import(prefix.to_vec(), called, name.ident.span().start().line);
            }
            UseTree::Name(name) => {
                self.import(with(&name.ident), name.ident.to_string(), name.ident.span().start().line);
            }
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" { prefix.to_vec() } else { with(&rename.ident) };
                self.import(path, rename.rename.to_string(), rename.ident.span().start().line);
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.name([prefix, &["*".to_owned()]].concat(), line, false);
            }
        }
    }

    fn import(&mut self, path: Vec<String>, called: String, line: usize) {
        if self.inside_path(&path).is_none() && path.len() > 1 {
            self.aliases.insert(called, path.clone());
        }
        self.name(path, line, false);
    }

    /// Finds paths in tokens: names joined by `::`, and lists of them in braces.
    fn tokens(&mut self, prefix: &[String], tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(first) => {
                    let mut path = prefix.to_vec();
                    path.push(first.to_string());
                    at += 1;
                    let mut in_braces = false;
                    while is_path_separator(&tokens[at..]) {
                        match tokens.get(at + 2) {
                            Some(TokenTree::Ident(next)) => path.push(next.to_string()),
                            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                                self.tokens(&path, group.stream());
                                in_braces = true;
                            }
                            _ => break,
                        }
                        at += 3;
                    }
                    if path.len() > 1 && !in_braces {
                        let is_macro =
                            matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                        self.name(path, first.span().start().line, is_macro);
                    }
                }
                TokenTree::Group(group) => {
                    self.tokens(&[], group.stream());
                    at += 1;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
            }
        }
    }
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
    matches!(tokens, [first, second, ..] if is_colon(first) && is_colon(second))
}

impl Visit<'_> for Finder {
    fn visit_item(&mut self, item: &Item) {
        if !attributes(item).iter().any(is_test) {
            visit::visit_item(self, item);
        } else if let Item::Mod(module) = item {
            let path = [&self.module[..], &[module.ident.to_string()]].concat();
            self.found.test_modules.push(path);
        }
    }

    fn visit_impl_item(&mut self, item: &ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &[],
        };
        if !attributes.iter().any(is_test) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_item_macro(&mut self, item: &ItemMacro) {
        let outer = std::mem::replace(&mut self.in_macro_definition, item.ident.is_some());
        visit::visit_item_macro(self, item);
        self.in_macro_definition = outer;
    }

    fn visit_macro(&mut self, item: &Macro) {
        let path: Vec<String> = item.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.len() > 1 {
            self.name(path, item.path.segments[0].ident.span().start().line, true);
        }
        self.tokens(&[], item.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if !attribute.path().is_ident("doc")
            && let syn::Meta::List(list) = &attribute.meta
        {
            self.tokens(&[], list.tokens.clone());
        }
    }

    /// `pub(super)` and `pub(in …)` name nothing.
    fn visit_vis_restricted(&mut self, _: &VisRestricted) {}

    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.name(names, path.segments[0].ident.span().start().line, false);
        }
        visit::visit_path(self, path);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an attribute is `#[test]`, or a `#[cfg(…)]` that requires `test`.
fn is_test(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("test") {
        return true;
    }
    match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => requires_test(list.tokens.clone()),
        _ => false,
    }
}

/// `test`, or `all(…)` with it.
fn requires_test(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Ident(name) if name == "test" => true,
        TokenTree::Group(group) => {
            let all = at > 0 && matches!(&tokens[at - 1], TokenTree::Ident(name) if name == "all");
            all && requires_test(group.stream())
        }
        _ => false,
    })
}
