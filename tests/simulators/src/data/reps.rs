//! Salespersons, and the CRM users who are the same people (matched by e-mail). All invented,
//! but for the number 01-0100, which stands in a public script for company ABC.

/// One salesperson: division, number, name, e-mail.
pub type Rep = (&'static str, &'static str, &'static str, &'static str);

/// Company ABC's working salespersons.
pub const ABC: &[Rep] = &[
    ("01", "0100", "Jim Kentley", "jim.kentley@abc-dist.example"),
    (
        "01",
        "0110",
        "Shelly Westland",
        "shelly.westland@abc-dist.example",
    ),
    (
        "01",
        "0120",
        "Marcus O'Dell",
        "marcus.odell@abc-dist.example",
    ),
    ("01", "0130", "Priya Raman", "priya.raman@abc-dist.example"),
    ("01", "0140", "Tomás Núñez", "tomas.nunez@abc-dist.example"),
    (
        "01",
        "0150",
        "Grace Lindqvist",
        "grace.lindqvist@abc-dist.example",
    ),
    (
        "01",
        "0160",
        "Harvey Stubbs Jr.",
        "harvey.stubbs@abc-dist.example",
    ),
    ("01", "0170", "Wei Zhang", "wei.zhang@abc-dist.example"),
    (
        "02",
        "0200",
        "Olivia Brandt",
        "olivia.brandt@abc-dist.example",
    ),
    (
        "02",
        "0210",
        "Samuel Adeyemi",
        "samuel.adeyemi@abc-dist.example",
    ),
    (
        "02",
        "0220",
        "Dana Kowalczyk",
        "dana.kowalczyk@abc-dist.example",
    ),
    (
        "02",
        "0230",
        "René Beaulieu",
        "rene.beaulieu@abc-dist.example",
    ),
];

/// A salesperson who has left: still on old customers, no longer a working CRM user.
pub const RETIRED: Rep = (
    "01",
    "0990",
    "Walter Finch",
    "walter.finch@abc-dist.example",
);

/// Company XYZ's salespersons: 01-0100 is another person than ABC's.
pub const XYZ: &[Rep] = &[
    ("01", "0100", "Rosa Delgado", "rosa.delgado@xyz-mfg.example"),
    ("01", "0300", "Nils Aagaard", "nils.aagaard@xyz-mfg.example"),
];

/// A user of the CRM.
#[derive(Debug, Clone)]
pub struct CrmUser {
    /// Full name.
    pub name: &'static str,
    /// E-mail address, the key of the match with Sage.
    pub email: &'static str,
    /// Whether the user may own records.
    pub active: bool,
}

/// The CRM's users: first the integration user, then a sales manager who edits by hand, then
/// the salespersons of both companies; the retired one is inactive.
pub fn crm_users() -> Vec<CrmUser> {
    let staff = [
        CrmUser {
            name: "Sage Integration",
            email: "integration@abc-dist.example",
            active: true,
        },
        CrmUser {
            name: "Patricia Boyle",
            email: "patricia.boyle@abc-dist.example",
            active: true,
        },
    ];
    let reps = ABC.iter().chain(XYZ).map(|(_, _, name, email)| CrmUser {
        name,
        email,
        active: true,
    });
    let retired = CrmUser {
        name: RETIRED.2,
        email: RETIRED.3,
        active: false,
    };
    staff.into_iter().chain(reps).chain([retired]).collect()
}
