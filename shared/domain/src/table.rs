//! A table of Sage 100 and its columns, as data: of an entity, and of the documents that are written.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text; Sage pads and cuts, and the length differs by version: the agent names the real one.
    Text,
    /// A decimal number.
    Number,
    /// `Y` or `N`.
    Flag,
    /// `YYYYMMDD`, or blank.
    Date,
}

/// Who may set a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A mapping.
    Write,
    /// Sage alone.
    ReadOnly,
    /// Counterpart itself: keys, quantities, prices.
    Ours,
}

/// What becomes of a column of a document that is there already when its field is blank in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBlank {
    /// It is blanked; a number is 0.
    Blanked,
    /// It is blanked where something of the CRM stood there before. Otherwise what stands there is Sage's own default: it
    /// fills the column from the customer, the item or its options.
    IfWritten,
    /// Sage takes no blank there: what stands there stays.
    Stays,
}

/// What a text stands for in an address: it is written in another way there than in a CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressPart {
    /// A state or province.
    State,
    /// A postal code.
    PostalCode,
    /// A country.
    Country,
}

/// A column of a table. Built by [`text`], [`number`], [`flag`] and [`date`]: a mapping may write it, unless it says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Sage's name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Who may set it.
    pub access: Access,
    /// An amount of money that is not per unit: it is converted to Sage's currency.
    pub money: bool,
    /// Its texts may have several lines.
    pub several_lines: bool,
    /// What it is of an address.
    pub part: Option<AddressPart>,
    /// What a blank in the CRM means for it.
    pub on_blank: OnBlank,
}

const fn column(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        access: Access::Write,
        money: false,
        several_lines: false,
        part: None,
        on_blank: OnBlank::Blanked,
    }
}

/// A column of text.
#[must_use]
pub const fn text(name: &'static str) -> ColumnSpec {
    column(name, ColumnKind::Text)
}

/// A column of numbers.
#[must_use]
pub const fn number(name: &'static str) -> ColumnSpec {
    column(name, ColumnKind::Number)
}

/// A column of `Y` and `N`.
#[must_use]
pub const fn flag(name: &'static str) -> ColumnSpec {
    column(name, ColumnKind::Flag)
}

/// A column of dates.
#[must_use]
pub const fn date(name: &'static str) -> ColumnSpec {
    column(name, ColumnKind::Date)
}

impl ColumnSpec {
    /// Sage alone sets it.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self {
            access: Access::ReadOnly,
            ..self
        }
    }

    /// Counterpart sets it.
    #[must_use]
    pub const fn ours(self) -> Self {
        Self {
            access: Access::Ours,
            ..self
        }
    }

    /// It holds an amount of money that is not per unit.
    #[must_use]
    pub const fn money(self) -> Self {
        Self {
            money: true,
            ..self
        }
    }

    /// Its texts may have several lines.
    #[must_use]
    pub const fn several_lines(self) -> Self {
        Self {
            several_lines: true,
            ..self
        }
    }

    /// It is this of an address.
    #[must_use]
    pub const fn part(self, part: AddressPart) -> Self {
        Self {
            part: Some(part),
            ..self
        }
    }

    /// [`OnBlank::IfWritten`].
    #[must_use]
    pub const fn if_written(self) -> Self {
        Self {
            on_blank: OnBlank::IfWritten,
            ..self
        }
    }

    /// [`OnBlank::Stays`].
    #[must_use]
    pub const fn stays(self) -> Self {
        Self {
            on_blank: OnBlank::Stays,
            ..self
        }
    }
}

/// A table. Columns that hold cards, tax ids or encrypted values are in no list.
#[derive(Debug)]
pub struct TableSpec {
    /// The name in logs, messages, and the agent's addresses and capabilities: `customers`.
    pub name: &'static str,
    /// Sage's name: `AR_Customer`.
    pub in_sage: &'static str,
    /// The columns that are read into a record, compared and hashed, in the table's order. A hash is made in this order: new
    /// columns go to the end.
    pub columns: &'static [ColumnSpec],
    /// Columns that a mapping may write, or must not, and that no record holds.
    pub others: &'static [ColumnSpec],
}

impl TableSpec {
    /// Every column, those of the record first.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static ColumnSpec> {
        self.columns.iter().chain(self.others)
    }

    /// A column by Sage's name; UDFs are in no table.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static ColumnSpec> {
        self.all_columns().find(|spec| spec.name == name)
    }

    /// What a column holds; a UDF is text.
    #[must_use]
    pub fn kind(&self, name: &str) -> ColumnKind {
        self.column(name).map_or(ColumnKind::Text, |spec| spec.kind)
    }

    /// What a column is of an address.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<AddressPart> {
        self.column(name).and_then(|spec| spec.part)
    }

    /// Whether a column holds an amount of money that is not per unit.
    #[must_use]
    pub fn is_money(&self, name: &str) -> bool {
        self.column(name).is_some_and(|spec| spec.money)
    }

    /// What a blank in the CRM means for a column; a UDF is blanked.
    #[must_use]
    pub fn on_blank(&self, name: &str) -> OnBlank {
        self.column(name)
            .map_or(OnBlank::Blanked, |spec| spec.on_blank)
    }
}

/// Tables are told apart by Sage's names.
impl PartialEq for TableSpec {
    fn eq(&self, other: &Self) -> bool {
        self.in_sage == other.in_sage
    }
}

impl Eq for TableSpec {}

impl PartialOrd for TableSpec {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TableSpec {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.in_sage.cmp(other.in_sage)
    }
}
