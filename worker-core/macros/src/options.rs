//! [`Options`]: the arguments of `#[work(…)]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Result, Token};

/// The keys that exist, for the message about one that does not.
const KEYS: &str =
    "thread, name, group, description, exclusive, restart, exit_on_error, timeout, delay, limit";

/// The options of `#[work(…)]`; each is given at most once.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) thread: bool,
    pub(crate) name: Option<Expr>,
    pub(crate) group: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) exclusive: bool,
    pub(crate) restart: Option<Expr>,
    pub(crate) exit_on_error: Option<Expr>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) delay: Option<Expr>,
    pub(crate) limit: Option<Expr>,
}

/// `key` or `key = value`.
struct Setting {
    key: Ident,
    value: Option<Expr>,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = input.parse()?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { key, value })
    }
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        for setting in Punctuated::<Setting, Token![,]>::parse_terminated(input)? {
            options.set(setting)?;
        }
        match (&options.restart, options.exclusive) {
            (Some(restart), true) => Err(Error::new_spanned(
                restart,
                "`exclusive` is `restart = Restart::CancelPrevious`: write one of the two",
            )),
            _ => Ok(options),
        }
    }
}

impl Options {
    fn set(&mut self, Setting { key, value }: Setting) -> Result<()> {
        let span = key.span();
        match key.to_string().as_str() {
            "thread" => flag(&mut self.thread, value, &key),
            "exclusive" => flag(&mut self.exclusive, value, &key),
            "name" => option(&mut self.name, value, &key, "\"fetch\""),
            "group" => option(&mut self.group, value, &key, "\"api\""),
            "description" => option(&mut self.description, value, &key, "\"fetches all builds\""),
            "restart" => option(&mut self.restart, value, &key, "Restart::KeepPrevious"),
            "exit_on_error" => option(&mut self.exit_on_error, value, &key, "false"),
            "timeout" => option(&mut self.timeout, value, &key, "Duration::from_secs(30)"),
            "delay" => option(&mut self.delay, value, &key, "Duration::from_millis(150)"),
            "limit" => option(&mut self.limit, value, &key, "connections"),
            unknown => Err(Error::new(
                span,
                format!("unknown option `{unknown}`; the options of #[work] are {KEYS}"),
            )),
        }
    }
}

fn flag(place: &mut bool, value: Option<Expr>, key: &Ident) -> Result<()> {
    if let Some(value) = value {
        return Err(Error::new_spanned(
            value,
            format!("`{key}` takes no value: write `{key}`, or leave it out"),
        ));
    }
    once(*place, key)?;
    *place = true;
    Ok(())
}

fn option(place: &mut Option<Expr>, value: Option<Expr>, key: &Ident, example: &str) -> Result<()> {
    once(place.is_some(), key)?;
    match value {
        None => Err(Error::new(key.span(), format!("`{key}` takes a value: write `{key} = {example}`"))),
        some => {
            *place = some;
            Ok(())
        }
    }
}

fn once(taken: bool, key: &Ident) -> Result<()> {
    if taken { Err(Error::new(key.span(), format!("`{key}` is given twice"))) } else { Ok(()) }
}
