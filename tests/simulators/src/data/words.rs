//! Words that generated names and addresses are made of.

/// First words of company names.
pub const FIRST: &[&str] = &[
    "Granite",
    "Harbor",
    "Lakeside",
    "Northwind",
    "Pioneer",
    "Badger",
    "Summit",
    "Prairie",
    "Ironwood",
    "Blue Heron",
    "Cedar Valley",
    "Fox River",
    "Red Arrow",
    "Sterling",
    "Union",
    "Keystone",
    "Great Lakes",
    "Silver Creek",
    "Allied",
    "Beacon",
    "Crown",
    "Delta",
    "Eagle",
    "Falcon",
    "Golden Gate",
    "Highland",
    "Imperial",
    "Juniper",
    "Kettle Moraine",
    "Liberty",
    "Maple Leaf",
    "Niagara",
    "Oak Grove",
    "Patriot",
    "Quarry",
    "Ridgeline",
    "Sunrise",
    "Tidewater",
    "Valley",
    "Westfield",
];

/// Middle words of company names.
pub const TRADE: &[&str] = &[
    "Office Supply",
    "Tool & Die",
    "Electric",
    "Plumbing",
    "Furniture",
    "Machine Works",
    "Distribution",
    "Foods",
    "Packaging",
    "Hardware",
    "Medical",
    "Steel",
    "Logistics",
    "Printing",
    "Textiles",
    "Plastics",
    "Dental Lab",
    "Brewing",
    "Paper",
    "Instruments",
];

/// Last words of company names.
pub const FORM: &[&str] = &[
    "Inc.", "LLC", "Co.", "Corp.", "Ltd.", "& Sons", "Group", "Partners", "", "",
];

/// Names that trip careless software: quotes, ampersands, letters beyond ASCII, digits first,
/// markup, leading and trailing spaces, 50 characters to the last one.
pub const ODD: &[&str] = &[
    "\"Big Al's\" Tool & Die",
    "O'Malley & Daughters",
    "Peña Ñandú Exportación",
    "Café Zoë Crémerie",
    "3 Rivers Millwork",
    "1-800-Flanges",
    "Smith, Jones; Brown <Holdings>",
    "Müller Straßenbau GmbH",
    "Łódź Kitchens",
    "Trailing Space Traders   ",
    "A/R Clearing - do not use?",
    "Ampersand && Sons",
    "The Midwestern Consolidated Industrial Supply Coop",
    "Fünfzig Zeichen lange Firma für Präzisionstechnik.",
    "100% Pure Honey Co-op",
    "Back\\Slash Studios",
];

/// Streets.
pub const STREET: &[&str] = &[
    "Main St",
    "N. Water Street",
    "Industrial Pkwy",
    "County Road K",
    "Commerce Dr",
    "Old Mill Rd",
    "E. 14th Street",
    "Lakeshore Blvd",
    "W. Capitol Dr",
    "Airport Rd",
    "College Ave",
    "Elm St",
];

/// City, state, first three digits of the ZIP code, area code.
pub const PLACE: &[(&str, &str, &str, &str)] = &[
    ("Milwaukee", "WI", "532", "414"),
    ("Racine", "WI", "534", "262"),
    ("Madison", "WI", "537", "608"),
    ("Green Bay", "WI", "543", "920"),
    ("Chicago", "IL", "606", "312"),
    ("Rockford", "IL", "611", "815"),
    ("Minneapolis", "MN", "554", "612"),
    ("Des Moines", "IA", "503", "515"),
    ("Indianapolis", "IN", "462", "317"),
    ("St. Louis", "MO", "631", "314"),
    ("Coeur d'Alene", "ID", "838", "208"),
    ("Irvine", "CA", "926", "949"),
];

/// Foreign addresses: street, city, state, postal code, country, phone.
pub const ABROAD: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "1200 rue Sainte-Catherine O",
        "Montréal",
        "QC",
        "H3B 1K1",
        "CAN",
        "(514) 555-0119",
    ),
    (
        "88 Bay Street",
        "Toronto",
        "ON",
        "M5J 2N8",
        "CAN",
        "(416) 555-0162",
    ),
    (
        "Av. Insurgentes Sur 1602",
        "Ciudad de México",
        "",
        "03940",
        "MEX",
        "+52 55 5555 0123",
    ),
    (
        "Hohenzollernstr. 5",
        "München",
        "",
        "80801",
        "DEU",
        "+49 89 5550 188",
    ),
    (
        "14 Quay Road",
        "Inverness",
        "",
        "IV1 1JJ",
        "GBR",
        "+44 1463 555017",
    ),
    (
        "Rúa do Orzán 31",
        "A Coruña",
        "",
        "15003",
        "ESP",
        "+34 981 555 014",
    ),
    (
        "2-4-1 Marunouchi, Chiyoda-ku",
        "Tokyo",
        "",
        "100-6390",
        "JPN",
        "+81 3 5550 0147",
    ),
];

/// Given names.
pub const GIVEN: &[&str] = &[
    "Ann", "Bob", "Carla", "Dmitri", "Eileen", "Frank", "Giselle", "Héctor", "Ivy", "Jörg",
    "Karen", "Luis", "María", "Ned", "Ottilie", "Pete", "Quentin", "Ruth", "Søren", "Tasha",
    "Ursula", "Vic", "Wendy", "Yusuf", "Zoë",
];

/// Family names.
pub const FAMILY: &[&str] = &[
    "Anderson",
    "Baker",
    "Castañeda",
    "De la Cruz",
    "Evers",
    "Fitzgerald",
    "Gutiérrez",
    "Hofstadter",
    "Ivanova",
    "Jones",
    "Kowalski",
    "Lund",
    "McAllister",
    "Nguyen",
    "O'Brien",
    "Pfeiffer",
    "Quinn",
    "Rosenthal",
    "Smith-Wesson",
    "Tran",
    "van der Berg",
    "Washington",
    "Young",
    "Zielinski",
];
