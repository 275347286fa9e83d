//! The states of the United States and the provinces and territories of Canada, with their postal abbreviations
//! (USPS Publication 28, appendix B; Canada Post, "Addressing guidelines"), older abbreviations and French names.

/// One state, province or territory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Its postal abbreviation.
    pub(crate) code: &'static str,
    /// Its English name.
    pub(crate) name: &'static str,
    /// Other names and abbreviations.
    pub(super) also: &'static [&'static str],
}

const fn of(code: &'static str, name: &'static str, also: &'static [&'static str]) -> State {
    State { code, name, also }
}

/// The states, the federal district, the territories and the armed forces' post.
#[rustfmt::skip]
pub(crate) const US: [State; 59] = [
    of("AL", "Alabama", &["Ala"]),
    of("AK", "Alaska", &[]),
    of("AZ", "Arizona", &["Ariz"]),
    of("AR", "Arkansas", &["Ark"]),
    of("CA", "California", &["Calif", "Cal"]),
    of("CO", "Colorado", &["Colo"]),
    of("CT", "Connecticut", &["Conn"]),
    of("DE", "Delaware", &["Del"]),
    of("DC", "District of Columbia", &["Washington DC", "Washington D C"]),
    of("FL", "Florida", &["Fla"]),
    of("GA", "Georgia", &[]),
    of("HI", "Hawaii", &[]),
    of("ID", "Idaho", &[]),
    of("IL", "Illinois", &["Ill"]),
    of("IN", "Indiana", &["Ind"]),
    of("IA", "Iowa", &[]),
    of("KS", "Kansas", &["Kans", "Kan"]),
    of("KY", "Kentucky", &["Ken"]),
    of("LA", "Louisiana", &[]),
    of("ME", "Maine", &[]),
    of("MD", "Maryland", &[]),
    of("MA", "Massachusetts", &["Mass"]),
    of("MI", "Michigan", &["Mich"]),
    of("MN", "Minnesota", &["Minn"]),
    of("MS", "Mississippi", &["Miss"]),
    of("MO", "Missouri", &[]),
    of("MT", "Montana", &["Mont"]),
    of("NE", "Nebraska", &["Nebr", "Neb"]),
    of("NV", "Nevada", &["Nev"]),
    of("NH", "New Hampshire", &[]),
    of("NJ", "New Jersey", &[]),
    of("NM", "New Mexico", &["N Mex", "New Mex"]),
    of("NY", "New York", &["New York State"]),
    of("NC", "North Carolina", &["N Carolina"]),
    of("ND", "North Dakota", &["N Dak", "N Dakota"]),
    of("OH", "Ohio", &[]),
    of("OK", "Oklahoma", &["Okla"]),
    of("OR", "Oregon", &["Ore", "Oreg"]),
    of("PA", "Pennsylvania", &["Penn", "Penna"]),
    of("RI", "Rhode Island", &[]),
    of("SC", "South Carolina", &["S Carolina"]),
    of("SD", "South Dakota", &["S Dak", "S Dakota"]),
    of("TN", "Tennessee", &["Tenn"]),
    of("TX", "Texas", &["Tex"]),
    of("UT", "Utah", &[]),
    of("VT", "Vermont", &[]),
    of("VA", "Virginia", &[]),
    of("WA", "Washington", &["Wash", "Washington State"]),
    of("WV", "West Virginia", &["W Va", "W Virginia"]),
    of("WI", "Wisconsin", &["Wis", "Wisc"]),
    of("WY", "Wyoming", &["Wyo"]),
    of("AS", "American Samoa", &[]),
    of("GU", "Guam", &[]),
    of("MP", "Northern Mariana Islands", &["CNMI"]),
    of("PR", "Puerto Rico", &[]),
    of("VI", "U.S. Virgin Islands", &["Virgin Islands", "US Virgin Islands", "USVI"]),
    of("AA", "Armed Forces Americas", &[]),
    of("AE", "Armed Forces Europe", &[]),
    of("AP", "Armed Forces Pacific", &[]),
];

/// The provinces and territories.
#[rustfmt::skip]
pub(crate) const CANADA: [State; 13] = [
    of("AB", "Alberta", &["Alta"]),
    of("BC", "British Columbia", &["Colombie-Britannique", "C.-B."]),
    of("MB", "Manitoba", &["Man"]),
    of("NB", "New Brunswick", &["Nouveau-Brunswick"]),
    of("NL", "Newfoundland and Labrador", &["Newfoundland", "Labrador", "NF", "NFLD", "Nfld and Labrador", "Terre-Neuve-et-Labrador", "Terre-Neuve", "T.-N.-L."]),
    of("NS", "Nova Scotia", &["Nouvelle-Écosse"]),
    of("NT", "Northwest Territories", &["NWT", "Territoires du Nord-Ouest", "T.N.-O."]),
    of("NU", "Nunavut", &[]),
    of("ON", "Ontario", &["Ont"]),
    of("PE", "Prince Edward Island", &["PEI", "Île-du-Prince-Édouard", "Î.-P.-É."]),
    of("QC", "Quebec", &["PQ", "Que"]),
    of("SK", "Saskatchewan", &["Sask"]),
    of("YT", "Yukon", &["YK", "Yukon Territory", "Territoire du Yukon"]),
];
