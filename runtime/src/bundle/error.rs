//! Why bytes are no bundle.

use core::fmt;

macro_rules! bundle_codes {
    ($(#[doc = $doc:literal] $name:ident $text:literal;)+) => {
        /// What kind of problem it is. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum BundleCode {
            $(#[doc = $doc] $name,)+
        }

        impl BundleCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The kind of problem, in a sentence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $doc,)+ }
            }
        }
    };
}

bundle_codes! {
    /// The file is not a bundle.
    NotABundle "bundle-not-a-bundle";
    /// The bundle was written by a newer version.
    NewerVersion "bundle-newer-version";
    /// The file is shorter or longer than the bundle.
    WrongLength "bundle-wrong-length";
    /// The bytes are not those that were written.
    WrongDigest "bundle-wrong-digest";
    /// The content of the bundle has no meaning.
    Malformed "bundle-malformed";
    /// The program of the bundle is not one that can be run.
    InvalidProgram "bundle-invalid-program";
}

/// Why a bundle is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleError {
    code: BundleCode,
    message: String,
    offset: Option<u64>,
}

impl BundleError {
    #[cold]
    pub(super) fn new(code: BundleCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), offset: None }
    }

    pub(super) fn at(self, offset: usize) -> Self {
        Self { offset: u64::try_from(offset).ok(), ..self }
    }

    /// The kind of problem.
    pub fn code(&self) -> BundleCode {
        self.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The byte at which reading stopped.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// What can be done.
    pub fn help(&self) -> &'static str {
        match self.code {
            BundleCode::NotABundle => "`deodar compile` writes bundles",
            BundleCode::NewerVersion => "update Deodar, or compile the policies with this version",
            BundleCode::WrongLength | BundleCode::WrongDigest => {
                "copy the file again, or compile the policies again; nothing of it is used"
            }
            BundleCode::Malformed | BundleCode::InvalidProgram => {
                "no version of `deodar compile` writes this; compile the policies again, and ask where the file is from"
            }
        }
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.offset {
            Some(offset) => write!(f, ", at byte {offset}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for BundleError {}
