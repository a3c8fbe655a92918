//! Values to bytes: numbers as short as they are, each text once, files by name.

use std::collections::BTreeMap;

use serde::ser::{self, Serialize};

use super::Words;
use super::read::Spoilt;

/// The name that `serde` has for [`crate::source::FileId`].
pub(super) const FILE: &str = "FileId";

/// Writes a value behind the names of its files and its texts.
pub(super) fn pack<T: Serialize>(value: &T, words: &Words<'_>) -> Option<Vec<u8>> {
    let mut writer =
        Writer { words, texts: Numbered::default(), files: Numbered::default(), is_file: false, out: Vec::new() };
    value.serialize(&mut writer).ok()?;
    let mut out = Vec::with_capacity(writer.out.len() * 2);
    for table in [&writer.files, &writer.texts] {
        number(&mut out, table.order.len() as u64);
        for text in &table.order {
            number(&mut out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
    }
    out.append(&mut writer.out);
    Some(out)
}

/// Seven bits a byte, the lowest first.
fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// Texts, each once, in the order in which they were met.
#[derive(Default)]
struct Numbered {
    order: Vec<Box<str>>,
    numbers: BTreeMap<Box<str>, u64>,
}

impl Numbered {
    fn number(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.order.len() as u64;
        self.order.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }
}

struct Writer<'w> {
    words: &'w Words<'w>,
    texts: Numbered,
    files: Numbered,
    /// Whether the next number is that of a file.
    is_file: bool,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn number(&mut self, value: u64) -> Result<(), Spoilt> {
        number(&mut self.out, value);
        Ok(())
    }

    fn signed(&mut self, value: i64) -> Result<(), Spoilt> {
        // small numbers below zero stay short
        self.number(((value << 1) ^ (value >> 63)).cast_unsigned())
    }

    fn file(&mut self, file: u32) -> Result<(), Spoilt> {
        let words = self.words;
        let name = words.names.by_number.get(&file).ok_or(Spoilt)?;
        let number = self.files.number(name);
        self.number(number)
    }
}

impl ser::Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = Spoilt;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn serialize_bool(self, value: bool) -> Result<(), Spoilt> {
        self.number(value.into())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Spoilt> {
        self.signed(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Spoilt> {
        self.signed(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Spoilt> {
        self.signed(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Spoilt> {
        self.signed(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Spoilt> {
        self.number(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Spoilt> {
        self.number(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Spoilt> {
        match std::mem::take(&mut self.is_file) {
            true => self.file(value),
            false => self.number(value.into()),
        }
    }

    fn serialize_u64(self, value: u64) -> Result<(), Spoilt> {
        self.number(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Spoilt> {
        self.number(value.to_bits().into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Spoilt> {
        self.number(value.to_bits())
    }

    fn serialize_char(self, value: char) -> Result<(), Spoilt> {
        self.number(u32::from(value).into())
    }

    fn serialize_str(self, value: &str) -> Result<(), Spoilt> {
        let known = self.words.known;
        let number = match known.numbers.get(value) {
            Some(number) => u64::from(*number),
            None => known.texts.len() as u64 + self.texts.number(value),
        };
        self.number(number)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Spoilt> {
        Err(Spoilt)
    }

    fn serialize_none(self) -> Result<(), Spoilt> {
        self.number(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Spoilt> {
        self.number(1)?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Spoilt> {
        self.number(0)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Spoilt> {
        self.number(0)
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Spoilt> {
        self.number(index.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Spoilt> {
        self.is_file = name == FILE;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Spoilt> {
        self.number(index.into())?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Spoilt> {
        self.number(length.ok_or(Spoilt)? as u64)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Spoilt> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Spoilt> {
        Ok(self)
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Spoilt> {
        self.number(index.into())?;
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Spoilt> {
        self.number(length.ok_or(Spoilt)? as u64)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Spoilt> {
        Ok(self)
    }

    fn serialize_struct_variant(self, _: &'static str, index: u32, _: &'static str, _: usize) -> Result<Self, Spoilt> {
        self.number(index.into())?;
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What holds several values: they follow one another.
macro_rules! holds {
    ($($kind:ident: $method:ident;)*) => { $(
        impl ser::$kind for &mut Writer<'_> {
            type Ok = ();
            type Error = Spoilt;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Spoilt> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Spoilt> {
                Ok(())
            }
        }
    )* };
}

holds! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

impl ser::SerializeMap for &mut Writer<'_> {
    type Ok = ();
    type Error = Spoilt;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Spoilt> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Spoilt> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Spoilt> {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Writer<'_> {
    type Ok = ();
    type Error = Spoilt;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Spoilt> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Spoilt> {
        Ok(())
    }
}

impl ser::SerializeStructVariant for &mut Writer<'_> {
    type Ok = ();
    type Error = Spoilt;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Spoilt> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Spoilt> {
        Ok(())
    }
}
