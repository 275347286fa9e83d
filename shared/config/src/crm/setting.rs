//! The keys of `[targets.NAME]` that only one product has.

/// One key of `[targets.NAME]`.
#[derive(Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// What to do where it is missing, as a sentence; none: it may be left out.
    pub needed: Option<&'static str>,
    /// What it takes.
    pub form: SettingForm,
}

/// What a setting takes.
#[derive(Debug)]
pub enum SettingForm {
    /// One of these words.
    Word(&'static [&'static str]),
    /// An address that replaces the product's own one, to try things out: of this machine only.
    Loopback,
    /// A text, which this checks and writes in its usual form.
    Text(fn(&str) -> Result<String, Unfit>),
    /// Nothing any more: it had no effect. The sentence says what is so instead.
    Gone(&'static str),
}

/// Why a text will not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to write, as a sentence.
    pub remedy: &'static str,
}
