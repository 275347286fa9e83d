//! The CSV file, checked as a whole: everything that is wrong in it is said at once.

use std::collections::BTreeMap;
use std::path::Path;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::RepMapping;
use counterpart_domain::{Company, CrmId, RepKey, TargetName, bounded};
use serde::Deserialize;

use crate::output::{Answer, Refusal, printable};

const LONGEST_FILE: u64 = 8 * 1024 * 1024;
const COLUMNS: [&str; 5] = ["company", "salesperson", "target", "user_id", "user_name"];
/// What `reps match` adds for people; an import takes no notice of them.
pub(super) const EXTRA: [&str; 2] = ["score", "reason"];

/// What a spreadsheet takes for a formula at the beginning of a cell.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// A text from a CRM or from Sage for a file that people open in a spreadsheet, which would calculate a formula.
pub(super) fn cell(text: &str) -> String {
    if text.starts_with(FORMULA) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What [`cell`] was made of.
fn plain(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) => rest.to_owned(),
        _ => text,
    }
}

/// Where lists have a decimal comma, spreadsheets write semicolons; pasted tables have tabs.
fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .find(|delimiter| header.contains(delimiter))
        .unwrap_or(b',')
}

/// One row, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line it begins at.
    pub line: u64,
    /// The target.
    pub target: TargetName,
    /// The salesperson.
    pub rep: RepKey,
    /// The CRM user; none where the user id is blank.
    pub user: Option<RepMapping>,
}

#[derive(Deserialize)]
struct Raw {
    company: String,
    salesperson: String,
    target: String,
    user_id: String,
    user_name: String,
}

/// Reads a file of bounded length.
///
/// # Errors
/// When it cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    let refuse = |why: String| {
        Refusal::new(
            "E_FILE",
            format!("{} cannot be read: {why}.", path.display()),
            "",
        )
    };
    let size = std::fs::metadata(path)
        .map_err(|error| refuse(error.to_string()))?
        .len();
    if size > LONGEST_FILE {
        return Err(refuse("it is longer than 8 MiB".into()));
    }
    std::fs::read(path).map_err(|error| refuse(error.to_string()))
}

/// Reads and checks all rows.
///
/// # Errors
/// Everything that is wrong, by line.
pub fn parse(bytes: &[u8], config: &SyncConfig) -> Result<Vec<Row>, Vec<(u64, String)>> {
    // Spreadsheets like to begin with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The reader counts lines of CRLF files one short.
    let bytes: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != b'\r')
        .collect();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(&bytes))
        .from_reader(bytes.as_slice());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => return Err(vec![(1, format!("The header cannot be read: {error}."))]),
    };
    let count = |name: &str| header.iter().filter(|column| *column == name).count();
    let known = |column: &String| COLUMNS.iter().chain(&EXTRA).any(|known| known == column);
    let once =
        COLUMNS.iter().all(|name| count(name) == 1) && EXTRA.iter().all(|name| count(name) < 2);
    if !once || !header.iter().all(known) {
        return Err(vec![(
            1,
            format!(
                "The columns have to be {}; {} may stand beside them.",
                COLUMNS.join(","),
                EXTRA.join(" and ")
            ),
        )]);
    }
    let header = csv::StringRecord::from(header);
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<(TargetName, RepKey), u64> = BTreeMap::new();
    for record in reader.records() {
        let (at, raw) = match record {
            Ok(record) => (
                line_of(record.position()),
                record.deserialize::<Raw>(Some(&header)),
            ),
            Err(error) => (line_of(error.position()), Err(error)),
        };
        let checked = match raw {
            Ok(raw) => check(
                at,
                &Raw {
                    salesperson: plain(raw.salesperson),
                    user_name: plain(raw.user_name),
                    ..raw
                },
                config,
            ),
            Err(error) => Err(vec![format!("The row cannot be read: {error}.")]),
        };
        match checked {
            Ok(row) => {
                let first = *seen
                    .entry((row.target.clone(), row.rep.clone()))
                    .or_insert(at);
                if first == at {
                    rows.push(row);
                } else {
                    wrong.push((
                        at,
                        format!(
                            "{} in {} stands in line {first} already.",
                            row.rep, row.target
                        ),
                    ));
                }
            }
            Err(problems) => wrong.extend(problems.into_iter().map(|problem| (at, problem))),
        }
    }
    if wrong.is_empty() {
        Ok(rows)
    } else {
        Err(wrong)
    }
}

/// Says what is wrong.
#[must_use]
pub fn wrong(name: &str, wrong: &[(u64, String)]) -> Answer {
    let mut text: String = wrong
        .iter()
        .map(|(line, message)| format!("{name}:{line}: {}\n", printable(message)))
        .collect();
    let count = wrong.len();
    text.push_str(&format!(
        "{count} {} found; nothing was changed.",
        if count == 1 { "mistake" } else { "mistakes" }
    ));
    let findings: Vec<_> = wrong
        .iter()
        .map(|(line, message)| serde_json::json!({"line": line, "message": message}))
        .collect();
    Answer {
        text,
        json: serde_json::json!({"findings": findings}),
        well: false,
    }
}

fn line_of(position: Option<&csv::Position>) -> u64 {
    position.map_or(0, csv::Position::line)
}

fn check(line: u64, raw: &Raw, config: &SyncConfig) -> Result<Row, Vec<String>> {
    let mut wrong = Vec::new();
    let shown = |text: &str| bounded(text.to_owned(), 60);
    let company = Company::new(&raw.company)
        .map_err(|error| wrong.push(format!("{error}.")))
        .ok()
        .filter(|company| {
            let known = config.companies.contains_key(company);
            if !known {
                wrong.push(format!(
                    "Company {company} is not in the sync.toml in force."
                ));
            }
            known
        });
    let target = TargetName::new(&raw.target).and_then(|name| config.targets.get_key_value(&name));
    if target.is_none() {
        wrong.push(format!(
            "Target {:?} is not in the sync.toml in force.",
            shown(&raw.target)
        ));
    }
    if let (Some(company), Some((name, target))) = (&company, target)
        && !target.companies.contains(company)
    {
        wrong.push(format!("Company {company} does not go to target {name}."));
    }
    if raw.salesperson.is_empty()
        || raw.salesperson.chars().count() > 60
        || has_control(&raw.salesperson)
    {
        wrong.push("A salesperson as Sage writes it is wanted, such as 01-0100.".into());
    }
    let mut user_id = None;
    if let Some((_, target)) = target
        && !raw.user_id.is_empty()
    {
        let ids = &target.crm.profile().ids;
        // As the CRM writes it: an id that may be written shorter is completed.
        user_id = (ids.user)(&raw.user_id);
        if user_id.is_none() {
            let wanted = ids.user_wanted;
            wrong.push(format!(
                "{:?} is no id of a CRM user: {wanted}.",
                shown(&raw.user_id)
            ));
        }
    }
    if raw.user_name.chars().count() > 200 || has_control(&raw.user_name) {
        wrong.push("The user's name is too long, or has control characters.".into());
    }
    match (company, target) {
        (Some(company), Some((name, _))) if wrong.is_empty() => {
            let rep = RepKey {
                company,
                rep: raw.salesperson.clone(),
            };
            let user = user_id.map(|id| RepMapping {
                rep: rep.clone(),
                user_id: CrmId(id),
                user_name: raw.user_name.clone(),
            });
            Ok(Row {
                line,
                target: name.clone(),
                rep,
                user,
            })
        }
        _ => Err(wrong),
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        let wrong = parse(text.as_bytes(), &config).unwrap_err();
        let lines: Vec<String> = wrong
            .iter()
            .map(|(line, why)| format!("{line}: {why}"))
            .collect();
        lines.join("\n")
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let text = "company,salesperson,target,user_id,user_name\n\
            ABC,01-0100,zoho,4150868000000225013,Jim Kentley\n\
            abc,01-0100,zoho,1,x\n\
            ZZZ,01-0100,sf,Jim,x\n\
            ABC,01-0100,zoho,2,Jim Kentley\n\
            ABC,,zoho,Jim Kentley,\n\
            ABC,01-0200\n";
        insta::assert_snapshot!(problems(text));
    }

    #[test]
    fn columns_stand_in_any_order_but_none_is_missing_or_unknown() {
        let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        let text = "\u{feff}user_name, user_id ,target,salesperson,company\r\n\"Kentley, Jim\",7,zoho,01-0100,ABC\r\nNobody,,zoho,01-0200,ABC\r\n";
        let rows = parse(text.as_bytes(), &config).unwrap();
        assert_eq!(rows[0].user.as_ref().unwrap().user_name, "Kentley, Jim");
        assert_eq!((rows[1].line, &rows[1].user), (3, &None));
        let semicolons =
            "company;salesperson;target;user_id;user_name\nABC;01-0100;zoho;7;\"Kentley; Jim\"\n";
        let rows = parse(semicolons.as_bytes(), &config).unwrap();
        assert_eq!(rows[0].user.as_ref().unwrap().user_name, "Kentley; Jim");
        let extra = "company,salesperson,target,user_id,user_name,score,reason\nABC,01-0100,zoho,7,Jim,90,the same name\n";
        assert_eq!(parse(extra.as_bytes(), &config).unwrap().len(), 1);
        assert!(
            problems("company,salesperson,target,user_id,user_name,colour\n").contains("columns")
        );
        assert!(
            problems("company,salesperson,target,user_id,user_name,score,score\n")
                .contains("columns")
        );
        assert!(problems("company,salesperson,target,user_id\n").contains("columns"));
        assert!(problems("").contains("columns"));
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_none_in_a_spreadsheet_and_comes_back_as_it_was() {
        let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        for name in [
            "=cmd|' /C calc'!A0",
            "@SUM(A1)",
            "+1 Jim",
            "-Jim",
            "'Jim",
            "Jim",
        ] {
            let kept = cell(name);
            assert!(!kept.starts_with(FORMULA), "{kept}");
            let text = format!(
                "company,salesperson,target,user_id,user_name\nABC,01-0100,zoho,7,{kept}\n"
            );
            let rows = parse(text.as_bytes(), &config).unwrap();
            assert_eq!(rows[0].user.as_ref().unwrap().user_name, name);
        }
    }

    #[test]
    fn a_salesforce_id_of_fifteen_characters_is_completed_and_a_slip_is_refused() {
        let toml = "[companies.ABC]\nagent_url = \"https://a.example.com\"\n[targets.sf]\ncrm = \"salesforce\"\n\
            my_domain = \"acme.my.salesforce.com\"\ncompanies = [\"ABC\"]\n[targets.sf.customer]\nmodule = \"Account\"\n\
            key_field = \"Sage_Key__c\"\n[targets.sf.customer.fields]\nName = \"CustomerName\"\n";
        let config = SyncConfig::parse(toml).unwrap();
        let row = |id: &str| {
            let text =
                format!("company,salesperson,target,user_id,user_name\nABC,01-0100,sf,{id},Jim\n");
            parse(text.as_bytes(), &config).map(|rows| rows[0].user.clone().unwrap().user_id.0)
        };
        assert_eq!(row("005D000000Kv3g5").unwrap(), "005D000000Kv3g5IAB");
        assert_eq!(row("005D000000Kv3g5IAB").unwrap(), "005D000000Kv3g5IAB");
        assert!(row("005D000000Kv3g5IAC").is_err());
        assert!(row("001D000000Kv3g5").is_err());
    }
}
