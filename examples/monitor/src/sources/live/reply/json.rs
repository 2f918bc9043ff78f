//! [`Json`]: a JSON value as it was sent, of which only what is asked for is parsed.
//!
//! *Memory:* nothing is built of what is not asked for, and texts are cut to [`MAX_TEXT_BYTES`]. So
//! a reply costs little more than its own bytes, whatever it contains.
//!
//! *Tolerance:* a value of an unexpected type, a number out of range and a malformed time are
//! `None`, as if they had been left out. If a field is there twice, the last one counts.

use std::fmt;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::time;

/// How much of a text is kept. Longer ones are cut and end with `…`.
pub(in crate::sources::live) const MAX_TEXT_BYTES: usize = 4000;

/// The longest escape in a text: a surrogate pair, `\ud83d\ude00`.
const LONGEST_ESCAPE: usize = 12;

/// A JSON value, as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sources::live) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// What stands for a field that is not there.
    pub(in crate::sources::live) const NULL: Json<'static> = Json("null");

    /// Wraps a text. Mistakes in its syntax are found when it is read, or by [`check`](Self::check).
    pub(in crate::sources::live) fn new(text: &'a str) -> Self {
        Self(text.trim())
    }

    /// Whether the whole text is valid JSON.
    pub(in crate::sources::live) fn check(self) -> Result<(), serde_json::Error> {
        serde_json::from_str::<IgnoredAny>(self.0).map(drop)
    }

    /// The text of the value, as it was sent.
    pub(in crate::sources::live) fn raw(self) -> &'a str {
        self.0
    }

    pub(in crate::sources::live) fn is_null(self) -> bool {
        self == Self::NULL
    }

    pub(in crate::sources::live) fn is_list(self) -> bool {
        self.0.starts_with('[')
    }

    pub(in crate::sources::live) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    pub(in crate::sources::live) fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// The fields of these names, in one pass. Those that are not there are null; all are, if this
    /// is no object.
    pub(in crate::sources::live) fn pick<const N: usize>(self, names: [&str; N]) -> [Json<'a>; N] {
        let mut picked = [Json::NULL; N];
        let fields = Fields { names: &names, picked: &mut picked };
        // Of an invalid text, the fields before the mistake are picked.
        let _ = serde_json::Deserializer::from_str(self.0).deserialize_map(fields);
        picked
    }

    /// Calls `each` with every element, until it breaks.
    ///
    /// # Errors
    ///
    /// If this is no list, or at the first mistake in its syntax, after the elements before it.
    pub(in crate::sources::live) fn elements(
        self,
        each: impl FnMut(Json<'a>) -> ControlFlow<()>,
    ) -> Result<(), serde_json::Error> {
        let mut list = serde_json::Deserializer::from_str(self.0);
        let mut broken = false;
        match list.deserialize_seq(Elements { each, broken: &mut broken }) {
            Err(_) if broken => Ok(()),
            Err(error) => Err(error),
            Ok(()) => list.end(),
        }
    }

    /// The first result for an element of a list.
    pub(in crate::sources::live) fn find<T>(
        self,
        mut result: impl FnMut(Json<'a>) -> Option<T>,
    ) -> Option<T> {
        let mut found = None;
        // What is no list has no elements.
        let _ = self.elements(|element| {
            found = result(element);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    /// The first element of a list; null if there is none.
    pub(in crate::sources::live) fn first(self) -> Json<'a> {
        self.find(Some).unwrap_or(Json::NULL)
    }

    /// A text, cut to [`MAX_TEXT_BYTES`].
    pub(in crate::sources::live) fn text(self) -> Option<String> {
        if self.0.len() <= MAX_TEXT_BYTES {
            return self.long_text();
        }
        if !self.0.starts_with('"') {
            return None;
        }
        // A cut inside an escape leaves an invalid text. One before the escape does not.
        (0..=LONGEST_ESCAPE).find_map(|back| {
            let end = self.0.floor_char_boundary(MAX_TEXT_BYTES - back);
            let cut = format!("{}\"", &self.0[..end]);
            Json(&cut).long_text().map(|text| text + "…")
        })
    }

    /// A text in full, however long it is.
    pub(in crate::sources::live) fn long_text(self) -> Option<String> {
        serde_json::from_str(self.0).ok()
    }

    pub(in crate::sources::live) fn time(self) -> Option<Timestamp> {
        time::parse(&self.text()?)
    }

    pub(in crate::sources::live) fn integer(self) -> Option<i64> {
        serde_json::from_str(self.0).ok()
    }

    pub(in crate::sources::live) fn number(self) -> Option<f64> {
        serde_json::from_str(self.0).ok()
    }
}

/// Picks fields of an object.
struct Fields<'n, 'p, 'a, const N: usize> {
    names: &'n [&'n str; N],
    picked: &'p mut [Json<'a>; N],
}

impl<'a, const N: usize> Visitor<'a> for Fields<'_, '_, 'a, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(PlaceIn(self.names))? {
            match place {
                Some(place) => self.picked[place] = Json(map.next_value::<&RawValue>()?.get()),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Finds the place of a field's name among the names that are asked for, without keeping the name.
struct PlaceIn<'n, const N: usize>(&'n [&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for PlaceIn<'_, N> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<const N: usize> Visitor<'_> for PlaceIn<'_, N> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|wanted| *wanted == name))
    }
}

/// Hands over the elements of a list, one at a time.
struct Elements<'b, F> {
    each: F,
    broken: &'b mut bool,
}

impl<'a, F: FnMut(Json<'a>) -> ControlFlow<()>> Visitor<'a> for Elements<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            if (self.each)(Json(element.get())).is_break() {
                *self.broken = true;
                return Err(A::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
