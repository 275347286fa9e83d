//! Orders, history, invoices and ship-to addresses of company ABC. Numbers, statuses, dates and amounts
//! of customer 01-ABF's 22 orders and 8 quotes are documented; their lines are not: each has one
//! line of the miscellaneous code /MISC (invented) that comes to its amount. Order 0000184 and invoice
//! 0100058 are documented with their lines; their dates are invented.

use super::{
    item_columns::INVOICE,
    order_columns::{ORDER, ORDER_HISTORY, ORDER_LINE},
    row::{Stamp, Values, filled},
};

/// A sales order with its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderData {
    /// SO_SalesOrderHeader, or SO_SalesOrderHistoryHeader.
    pub header: Values,
    /// SO_SalesOrderDetail.
    pub lines: Vec<Values>,
}

/// Number, type, status, ShipExpireDate, taxable, not taxable, tax, discount.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const fn plain(
    number: &'static str,
    status: &'static str,
    date: &'static str,
    amount: &'static str,
) -> Known {
    (number, "S", status, date, "0.00", amount, "0.00", "0.00")
}

const fn quote(
    number: &'static str,
    status: &'static str,
    date: &'static str,
    amount: &'static str,
) -> Known {
    (number, "Q", status, date, "0.00", amount, "0.00", "0.00")
}

const DOCUMENTS: &[Known] = &[
    (
        "0000115", "S", "O", "20200531", "8600.00", "0.00", "116.10", "860.00",
    ),
    plain("0000171", "O", "20200501", "81.48"),
    plain("0000272", "O", "20160406", "185.54"),
    plain("0000273", "O", "20160406", "185.54"),
    plain("0000274", "O", "20160406", "185.54"),
    plain("0000275", "O", "20160406", "185.54"),
    plain("0000276", "O", "20160406", "185.54"),
    plain("0000277", "O", "20160406", "185.54"),
    plain("0000278", "O", "20160406", "3092.04"),
    plain("0000294", "O", "20160505", "185.54"),
    plain("0000295", "O", "20160505", "185.54"),
    plain("0000296", "O", "20160505", "185.54"),
    plain("0000297", "O", "20160505", "185.54"),
    plain("0000298", "O", "20160505", "185.54"),
    plain("0000299", "O", "20160505", "185.54"),
    plain("0000300", "O", "20160526", "185.54"),
    plain("0000301", "O", "20160531", "185.54"),
    plain("0000302", "O", "20160531", "185.54"),
    plain("0000303", "O", "20160601", "185.54"),
    plain("0000307", "N", "20160628", "185.54"),
    plain("0000310", "O", "20160630", "4475.54"),
    plain("0000331", "N", "20160706", "0.00"),
    quote("0000304", "O", "20190225", "1752.00"),
    quote("0000332", "N", "20190401", "0.00"),
    quote("0000333", "N", "20190401", "0.00"),
    quote("0000336", "N", "20190401", "120.00"),
    quote("0000337", "N", "20190401", "896.00"),
    quote("0000338", "N", "20190401", "1716.00"),
    quote("0000340", "N", "20190401", "839.50"),
    quote("0000341", "N", "20190401", "89.95"),
];

/// The open file.
pub fn open() -> Vec<OrderData> {
    let mut orders: Vec<OrderData> = DOCUMENTS.iter().map(document).collect();
    orders.push(known_lines());
    orders
}

fn document(known: &Known) -> OrderData {
    let (number, order_type, status, date, taxable, other, tax, discount) = *known;
    let mut header = header(number, date);
    set(
        &mut header,
        &[
            ("OrderType", order_type),
            ("OrderStatus", status),
            ("TaxableAmt", taxable),
            ("NonTaxableAmt", other),
            ("SalesTaxAmt", tax),
            ("DiscountAmt", discount),
            ("TaxableSubjectToDiscount", taxable),
            ("NonTaxableSubjectToDiscount", other),
        ],
    );
    if discount != "0.00" {
        set(&mut header, &[("DiscountRate", "10.000")]);
    }
    let lines = [(taxable, "TX"), (other, "NT")]
        .into_iter()
        .filter(|(amount, _)| *amount != "0.00")
        .map(|(amount, class)| {
            let price = format!("{amount}0000");
            line(
                number,
                1,
                &[
                    ("ItemCode", "/MISC"),
                    ("ItemType", "5"),
                    ("ItemCodeDesc", "Miscellaneous item"),
                    ("TaxClass", class),
                    ("QuantityOrdered", "1.000000"),
                    ("UnitPrice", &price),
                    ("PriceOverridden", "Y"),
                    ("ExtensionAmt", amount),
                ],
            )
        })
        .collect();
    OrderData { header, lines }
}

/// Order 0000184, with its documented lines.
fn known_lines() -> OrderData {
    let mut header = header("0000184", "20200531");
    set(
        &mut header,
        &[
            ("OrderStatus", "O"),
            ("CustomerPONo", "101255"),
            ("NonTaxableAmt", "561.00"),
            ("NonTaxableSubjectToDiscount", "561.00"),
            ("Weight", "226.00"),
        ],
    );
    let lines = vec![
        line(
            "0000184",
            1,
            &[
                ("ItemCode", "1001-HON-H252"),
                ("ItemType", "1"),
                ("ItemCodeDesc", "HON 2 DRAWER LETTER FLE W/O LK"),
                ("WarehouseCode", "000"),
                ("TaxClass", "NT"),
                ("QuantityOrdered", "2.000000"),
                ("UnitPrice", "84.000000"),
                ("ExtensionAmt", "168.00"),
                ("LineWeight", "70.00"),
            ],
        ),
        line(
            "0000184",
            2,
            &[
                ("ItemCode", "1001-HON-H254"),
                ("ItemType", "1"),
                ("ItemCodeDesc", "HON 4 DRAWER LETTER FLE W/O LK"),
                ("WarehouseCode", "000"),
                ("TaxClass", "NT"),
                ("QuantityOrdered", "3.000000"),
                ("UnitPrice", "131.000000"),
                ("ExtensionAmt", "393.00"),
                ("LineWeight", "156.00"),
            ],
        ),
    ];
    OrderData { header, lines }
}

/// The history: order 0000181, which invoice 0100058 shipped.
pub fn history() -> Vec<OrderData> {
    let mut header = header("0000181", "20200520");
    header.extend(filled(ORDER_HISTORY, &[]));
    set(
        &mut header,
        &[
            ("OrderStatus", "C"),
            ("CustomerPONo", "243254"),
            ("NonTaxableAmt", "441.18"),
            ("NonTaxableSubjectToDiscount", "441.18"),
            ("LastInvoiceNo", "0100058"),
            ("LastInvoiceDate", "20200531"),
            ("InvoicedAmt", "441.18"),
        ],
    );
    let lines = vec![
        line(
            "0000181",
            1,
            &[
                ("ItemCode", "6655"),
                ("ItemType", "1"),
                ("ItemCodeDesc", "PRINTER STAND W/ BASKET"),
                ("WarehouseCode", "000"),
                ("TaxClass", "NT"),
                ("QuantityOrdered", "2.000000"),
                ("QuantityShipped", "2.000000"),
                ("UnitPrice", "179.000000"),
                ("ExtensionAmt", "358.00"),
            ],
        ),
        line(
            "0000181",
            2,
            &[
                ("ItemCode", "8983"),
                ("ItemType", "1"),
                ("ItemCodeDesc", "2.5 320GB External Portable"),
                ("WarehouseCode", "000"),
                ("TaxClass", "NT"),
                ("QuantityOrdered", "2.000000"),
                ("QuantityShipped", "2.000000"),
                ("UnitPrice", "41.590000"),
                ("ExtensionAmt", "83.18"),
            ],
        ),
    ];
    vec![OrderData { header, lines }]
}

/// AR_InvoiceHistoryHeader.
pub fn invoices() -> Vec<Values> {
    vec![filled(
        INVOICE,
        &[
            ("InvoiceNo", "0100058"),
            ("HeaderSeqNo", "000000"),
            ("ModuleCode", "S/O"),
            ("InvoiceType", "IN"),
            ("InvoiceDate", "20200531"),
            ("TransactionDate", "20200531"),
            ("InvoiceDueDate", "20200630"),
            ("ARDivisionNo", "01"),
            ("CustomerNo", "ABF"),
            ("SalesOrderNo", "0000181"),
            ("OrderType", "S"),
            ("OrderDate", "20200520"),
            ("CustomerPONo", "243254"),
            ("BillToName", "American Business Futures"),
            ("ShipToCode", "2"),
            ("ShipToName", "Racine Warehouse"),
            ("ShipToAddress1", "5411 Kendrick Dr."),
            ("ShipToCity", "Racine"),
            ("ShipToState", "WI"),
            ("ShipToZipCode", "53402"),
            ("ShipToCountryCode", "USA"),
            ("ShipVia", "UPS BLUE"),
            ("ConfirmTo", "John Quinn"),
            ("NonTaxableSalesAmt", "441.18"),
        ],
    )]
}

fn header(number: &str, date: &str) -> Values {
    let mut values = filled(
        ORDER,
        &[
            ("SalesOrderNo", number),
            ("OrderDate", date),
            ("OrderType", "S"),
            ("ShipExpireDate", date),
            ("ARDivisionNo", "01"),
            ("CustomerNo", "ABF"),
            ("BillToName", "American Business Futures"),
            ("BillToAddress1", "2131 N. 14th Street"),
            ("BillToAddress2", "Suite 100"),
            ("BillToAddress3", "Accounting Department"),
            ("BillToCity", "Milwaukee"),
            ("BillToState", "WI"),
            ("BillToZipCode", "53205-1204"),
            ("BillToCountryCode", "USA"),
            ("ShipToCode", "2"),
            ("ShipToName", "American Business Futures"),
            ("ShipToAddress1", "5411 Kendrick Dr"),
            ("ShipToAddress2", "Suite 2087"),
            ("ShipToCity", "Racine"),
            ("ShipToState", "WI"),
            ("ShipToZipCode", "53402"),
            ("ShipToCountryCode", "USA"),
            ("ShipVia", "UPS BLUE"),
            ("WarehouseCode", "000"),
            ("ConfirmTo", "John Quinn"),
            ("TermsCode", "01"),
            ("TaxSchedule", "WI"),
            ("SalespersonDivisionNo", "01"),
            ("SalespersonNo", "0100"),
            ("EmailAddress", "artie@sage.sample.com"),
            ("FreightCalculationMethod", "A"),
            ("SplitCommissions", "N"),
            ("ResidentialAddress", "N"),
            ("InvalidTaxCalc", "N"),
            ("PrintSalesOrders", "N"),
            ("PrintPickingSheets", "N"),
            ("BatchFax", "N"),
            ("BatchEmail", "N"),
            ("LotSerialLinesExist", "N"),
            ("ShipWeight", "00000"),
            ("PaymentTypeCategory", "D"),
        ],
    );
    let stamp = Stamp::new(date, "10.50000");
    for name in ["Created", "Updated"] {
        values.insert(format!("Date{name}"), stamp.date.clone());
        values.insert(format!("Time{name}"), stamp.time.clone());
        values.insert(format!("User{name}Key"), "0000000003".to_owned());
    }
    values
}

fn line(number: &str, at: u32, more: &[(&str, &str)]) -> Values {
    let key = format!("{at:06}");
    let sequence = format!("{:014}", u64::from(at) * 100_000);
    let mut values = filled(
        ORDER_LINE,
        &[
            ("SalesOrderNo", number),
            ("LineKey", &key),
            ("LineSeqNo", &sequence),
            ("UnitOfMeasure", "EACH"),
            ("UnitOfMeasureConvFactor", "1.0000"),
            ("Discount", "N"),
            ("Commissionable", "N"),
            ("SubjectToExemption", "N"),
            ("DropShip", "N"),
            ("PriceOverridden", "N"),
            ("CostOverridden", "N"),
            ("LotSerialFullyDistributed", "Y"),
        ],
    );
    set(&mut values, more);
    values
}

fn set(values: &mut Values, more: &[(&str, &str)]) {
    for (name, value) in more {
        values.insert((*name).to_owned(), (*value).to_owned());
    }
}
