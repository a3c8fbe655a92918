//! Bytes to values. The bytes may be anybody's: lengths are held against what is left, and texts against a bound.

use serde::de::value::U32Deserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

use super::Words;
use super::write::FILE;

/// Most bytes of text that one value may hold. A text is written once, however often it is held.
const MOST_TEXT: usize = 256 << 20;

/// It is no value of this kind. There is nobody to tell why.
#[derive(Debug)]
pub(super) struct Spoilt;

impl std::fmt::Display for Spoilt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("is no value of this kind")
    }
}

impl std::error::Error for Spoilt {}

impl de::Error for Spoilt {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

impl serde::ser::Error for Spoilt {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads a value, and nothing behind it.
pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8], words: &Words<'_>) -> Result<T, Spoilt> {
    let mut reader = Reader {
        rest: bytes,
        known: &words.known.texts,
        texts: Vec::new(),
        files: Vec::new(),
        length: u32::MAX,
        left: MOST_TEXT,
    };
    for _ in 0..reader.count()? {
        let name = reader.written()?;
        let (file, length) = words.names.by_name.get(name).ok_or(Spoilt)?;
        reader.files.push((file.number(), *length));
    }
    for _ in 0..reader.count()? {
        let text = reader.written()?;
        reader.texts.push(text);
    }
    let value = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(Spoilt) }
}

struct Reader<'b> {
    rest: &'b [u8],
    known: &'b [&'b str],
    texts: Vec<&'b str>,
    /// Their numbers in this run, and how long they are.
    files: Vec<(u32, u32)>,
    /// No place in the file that was named last lies behind this.
    length: u32,
    /// How many bytes of text may follow.
    left: usize,
}

impl<'b> Reader<'b> {
    fn number(&mut self) -> Result<u64, Spoilt> {
        // most are small
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(Spoilt)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return Err(Spoilt);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Spoilt)
    }

    fn signed(&mut self) -> Result<i64, Spoilt> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, Spoilt> {
        T::try_from(self.number()?).map_err(|_| Spoilt)
    }

    fn narrow_signed<T: TryFrom<i64>>(&mut self) -> Result<T, Spoilt> {
        T::try_from(self.signed()?).map_err(|_| Spoilt)
    }

    /// How many values follow: each takes a byte at least.
    fn count(&mut self) -> Result<usize, Spoilt> {
        let count: usize = self.narrow()?;
        if count <= self.rest.len() { Ok(count) } else { Err(Spoilt) }
    }

    /// A text that is written out.
    fn written(&mut self) -> Result<&'b str, Spoilt> {
        let length = self.count()?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Spoilt)?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Spoilt)
    }

    /// A text by its number.
    fn text(&mut self) -> Result<&'b str, Spoilt> {
        let number: usize = self.narrow()?;
        let text = match number.checked_sub(self.known.len()) {
            None => self.known.get(number),
            Some(own) => self.texts.get(own),
        };
        let text = text.copied().ok_or(Spoilt)?;
        self.left = self.left.checked_sub(text.len()).ok_or(Spoilt)?;
        Ok(text)
    }
}

/// Numbers that are read in one way.
macro_rules! numbers {
    ($($method:ident $visit:ident $read:ident;)*) => { $(
        fn $method<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
            visitor.$visit(self.$read()?)
        }
    )* };
}

impl<'b> de::Deserializer<'b> for &mut Reader<'b> {
    type Error = Spoilt;

    numbers! {
        deserialize_i8 visit_i8 narrow_signed;
        deserialize_i16 visit_i16 narrow_signed;
        deserialize_i32 visit_i32 narrow_signed;
        deserialize_i64 visit_i64 signed;
        deserialize_u8 visit_u8 narrow;
        deserialize_u16 visit_u16 narrow;
        deserialize_u64 visit_u64 number;
        deserialize_str visit_borrowed_str text;
        deserialize_string visit_borrowed_str text;
    }

    fn deserialize_u32<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        let value: u32 = self.narrow()?;
        if value <= self.length { visitor.visit_u32(value) } else { Err(Spoilt) }
    }

    fn deserialize_bool<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        match self.number()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(Spoilt),
        }
    }

    fn deserialize_f32<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        visitor.visit_f32(f32::from_bits(self.narrow()?))
    }

    fn deserialize_f64<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        visitor.visit_f64(f64::from_bits(self.number()?))
    }

    fn deserialize_char<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        visitor.visit_char(char::from_u32(self.narrow()?).ok_or(Spoilt)?)
    }

    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        match self.number()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(Spoilt),
        }
    }

    fn deserialize_unit<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        match self.number()? {
            0 => visitor.visit_unit(),
            _ => Err(Spoilt),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'b>>(self, _: &'static str, visitor: V) -> Result<V::Value, Spoilt> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'b>>(self, name: &'static str, visitor: V) -> Result<V::Value, Spoilt> {
        if name != FILE {
            self.length = u32::MAX;
            return visitor.visit_newtype_struct(self);
        }
        let number: usize = self.narrow()?;
        let (file, length) = *self.files.get(number).ok_or(Spoilt)?;
        self.length = length;
        let file: U32Deserializer<Spoilt> = file.into_deserializer();
        visitor.visit_newtype_struct(file)
    }

    fn deserialize_seq<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        let left = self.count()?;
        visitor.visit_seq(Values { reader: self, left })
    }

    fn deserialize_tuple<V: Visitor<'b>>(self, length: usize, visitor: V) -> Result<V::Value, Spoilt> {
        visitor.visit_seq(Values { reader: self, left: length })
    }

    fn deserialize_tuple_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Spoilt> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Spoilt> {
        let left = self.count()?;
        visitor.visit_map(Values { reader: self, left })
    }

    fn deserialize_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Spoilt> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'b>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Spoilt> {
        visitor.visit_enum(self)
    }

    fn deserialize_any<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Spoilt> {
        Err(Spoilt)
    }

    fn deserialize_bytes<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Spoilt> {
        Err(Spoilt)
    }

    fn deserialize_byte_buf<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Spoilt> {
        Err(Spoilt)
    }

    fn deserialize_identifier<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Spoilt> {
        Err(Spoilt)
    }

    fn deserialize_ignored_any<V: Visitor<'b>>(self, _: V) -> Result<V::Value, Spoilt> {
        Err(Spoilt)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Values that follow one another.
struct Values<'r, 'b> {
    reader: &'r mut Reader<'b>,
    left: usize,
}

impl<'b> de::SeqAccess<'b> for Values<'_, 'b> {
    type Error = Spoilt;

    fn next_element_seed<T: DeserializeSeed<'b>>(&mut self, seed: T) -> Result<Option<T::Value>, Spoilt> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'b> de::MapAccess<'b> for Values<'_, 'b> {
    type Error = Spoilt;

    fn next_key_seed<K: DeserializeSeed<'b>>(&mut self, seed: K) -> Result<Option<K::Value>, Spoilt> {
        de::SeqAccess::next_element_seed(self, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'b>>(&mut self, seed: V) -> Result<V::Value, Spoilt> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'b> de::EnumAccess<'b> for &mut Reader<'b> {
    type Error = Spoilt;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'b>>(self, seed: V) -> Result<(V::Value, Self), Spoilt> {
        let index: u32 = self.narrow()?;
        let index: U32Deserializer<Spoilt> = index.into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'b> de::VariantAccess<'b> for &mut Reader<'b> {
    type Error = Spoilt;

    fn unit_variant(self) -> Result<(), Spoilt> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'b>>(self, seed: T) -> Result<T::Value, Spoilt> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'b>>(self, length: usize, visitor: V) -> Result<V::Value, Spoilt> {
        de::Deserializer::deserialize_tuple(self, length, visitor)
    }

    fn struct_variant<V: Visitor<'b>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Spoilt> {
        de::Deserializer::deserialize_tuple(self, fields.len(), visitor)
    }
}
