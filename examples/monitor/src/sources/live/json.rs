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
pub(super) const MAX_TEXT_BYTES: usize = 4000;

/// The longest escape in a text: a surrogate pair, `\ud83d\ude00`.
const LONGEST_ESCAPE: usize = 12;

/// A JSON value, as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// What stands for a field that is not there.
    pub(super) const NULL: Json<'static> = Json("null");

    /// Wraps a text. Mistakes in its syntax are found when it is read.
    pub(super) fn new(text: &'a str) -> Self {
        Self(text.trim())
    }

    /// The text of the value, as it was sent.
    pub(super) fn raw(self) -> &'a str {
        self.0
    }

    pub(super) fn is_null(self) -> bool {
        self == Self::NULL
    }

    pub(super) fn is_list(self) -> bool {
        self.0.starts_with('[')
    }

    pub(super) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    pub(super) fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// The fields of these names, in one pass. Those that are not there are null; all are, if this
    /// is no object. If there is a mistake in its syntax, so are those after it.
    pub(super) fn pick<const N: usize>(self, names: [&str; N]) -> [Json<'a>; N] {
        let mut picked = [Json::NULL; N];
        let _ = self.pick_into(&names, &mut picked);
        picked
    }

    /// The same, of a text that must be valid.
    ///
    /// # Errors
    ///
    /// If this is no object, or there is a mistake in its syntax.
    pub(super) fn try_pick<const N: usize>(
        self,
        names: [&str; N],
    ) -> Result<[Json<'a>; N], serde_json::Error> {
        let mut picked = [Json::NULL; N];
        self.pick_into(&names, &mut picked)?;
        Ok(picked)
    }

    fn pick_into(self, names: &[&str], picked: &mut [Json<'a>]) -> Result<(), serde_json::Error> {
        let mut object = serde_json::Deserializer::from_str(self.0);
        object.deserialize_map(Fields { names, picked })?;
        object.end()
    }

    /// Calls `each` with every element, until it breaks.
    ///
    /// # Errors
    ///
    /// If this is no list, or at the first mistake in its syntax, after the elements before it.
    pub(super) fn elements(
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
    pub(super) fn find<T>(self, mut result: impl FnMut(Json<'a>) -> Option<T>) -> Option<T> {
        let mut found = None;
        // What is no list has no elements.
        let _ = self.elements(|element| {
            found = result(element);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    /// The first element of a list; null if there is none.
    pub(super) fn first(self) -> Json<'a> {
        self.find(Some).unwrap_or(Json::NULL)
    }

    /// A text, cut to [`MAX_TEXT_BYTES`].
    pub(super) fn text(self) -> Option<String> {
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
    pub(super) fn long_text(self) -> Option<String> {
        serde_json::from_str(self.0).ok()
    }

    pub(super) fn time(self) -> Option<Timestamp> {
        time::parse(&self.text()?)
    }

    pub(super) fn integer(self) -> Option<i64> {
        serde_json::from_str(self.0).ok()
    }

    pub(super) fn number(self) -> Option<f64> {
        serde_json::from_str(self.0).ok()
    }
}

/// Picks the fields of these names.
struct Fields<'n, 'p, 'a> {
    names: &'n [&'n str],
    picked: &'p mut [Json<'a>],
}

impl<'a> Visitor<'a> for Fields<'_, '_, 'a> {
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
struct PlaceIn<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for PlaceIn<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for PlaceIn<'_> {
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
