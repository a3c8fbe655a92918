//! What all lists of formats have in common: each format has a word on the command line, and is found by it.

/// An enum of formats, each with its word.
macro_rules! formats {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $format:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum $name {
            $($(#[$what])* $format,)+
        }

        impl $name {
            /// All formats.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$format),+];

            /// The word used on the command line.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$format => $word,)+
                }
            }

            /// The format of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|format| format.as_str() == word)
            }
        }
    };
}

pub(super) use formats;
