//! What a CRM's codes mean, as a table: one for each product, in its crate. How far that reaches is said in one place for all of
//! them: [`Reach`].

use counterpart_domain::{Class, Reach};

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// One record: a row of a bulk write, or a call that names one record.
    Record,
    /// A call as a whole.
    Call,
}

/// The class of a fault, and our code.
pub type Meaning = (Class, &'static str);

/// What a code means.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The CRM's code; one that ends with `*` stands for all that begin so.
    pub code: &'static str,
    /// It means this only where it says one of these, in lower case; empty: whatever it says.
    pub saying: &'static [&'static str],
    /// Said of one record.
    pub of_record: Meaning,
    /// Said of a call.
    pub of_call: Meaning,
}

impl Refusal {
    /// A code that means the same of a record and of a call.
    #[must_use]
    pub const fn new(code: &'static str, class: Class, ours: &'static str) -> Self {
        Self {
            code,
            saying: &[],
            of_record: (class, ours),
            of_call: (class, ours),
        }
    }

    /// It means something else where it is said of a call.
    #[must_use]
    pub const fn of_call(mut self, class: Class, ours: &'static str) -> Self {
        self.of_call = (class, ours);
        self
    }

    /// Only where it says one of these.
    #[must_use]
    pub const fn saying(mut self, saying: &'static [&'static str]) -> Self {
        self.saying = saying;
        self
    }

    fn is(&self, code: &str, says: &str) -> bool {
        let named = match self.code.strip_suffix('*') {
            Some(begin) => code.starts_with(begin),
            None => code == self.code,
        };
        named && (self.saying.is_empty() || self.saying.iter().any(|text| says.contains(text)))
    }

    /// Its line in the documentation.
    #[must_use]
    pub fn line(&self) -> String {
        let reach = |(class, ours): Meaning| {
            let fault = counterpart_domain::Fault::new(class, ours, "");
            format!("`{ours}`, {}", Reach::of(&fault))
        };
        let saying: Vec<String> = self
            .saying
            .iter()
            .map(|text| format!("\"{text}\""))
            .collect();
        let saying = match saying.as_slice() {
            [] => String::new(),
            several => format!(" that says {}", several.join(" or ")),
        };
        format!(
            "| `{}`{saying} | {} | {} |",
            self.code,
            reach(self.of_record),
            reach(self.of_call)
        )
    }
}

/// What a code means that came with a sentence; none for a code that is in no table. The first entry that fits decides.
#[must_use]
pub fn meaning(table: &[Refusal], about: About, code: &str, says: &str) -> Option<Meaning> {
    let says = says.to_lowercase();
    let known = table.iter().find(|known| known.is(code, &says))?;
    Some(match about {
        About::Record => known.of_record,
        About::Call => known.of_call,
    })
}
