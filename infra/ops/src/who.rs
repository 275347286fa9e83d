//! Who runs a command: what is noted beside what they do.

use counterpart_domain::bounded;

use crate::output::{Refusal, printable};

/// The variables that name the user of this machine.
const USER: [&str; 3] = ["USER", "LOGNAME", "USERNAME"];
/// The longest name.
const LONGEST: usize = 100;

/// Who does it: as they say, or as this machine knows them.
///
/// # Errors
/// `E_WHO` when neither has a name.
pub fn named(said: Option<&str>) -> Result<String, Refusal> {
    let name = match said {
        Some(said) => tidy(said),
        None => of_machine(),
    };
    name.ok_or_else(|| {
        Refusal::new(
            "E_WHO",
            "It is not known who you are.",
            "Say it: --by NAME. Whoever finds what you did may have to ask you.",
        )
    })
}

/// Who it is as AWS names them; where AWS does not say, as this machine does.
pub fn of_aws(arn: Option<String>) -> String {
    arn.unwrap_or_else(|| {
        let user = of_machine().unwrap_or_else(|| "somebody".to_owned());
        format!("{user} (AWS did not say who)")
    })
}

fn of_machine() -> Option<String> {
    let mut names = USER.iter().filter_map(|name| std::env::var(name).ok());
    names.find_map(|name| tidy(&name))
}

fn tidy(name: &str) -> Option<String> {
    let name = printable(name.trim());
    (!name.is_empty()).then(|| bounded(name, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_whole_or_asked_for() {
        assert_eq!(named(Some(" pat\n")).unwrap(), "pat");
        assert_eq!(named(Some("pat\u{1b}[2J")).unwrap(), "pat [2J");
        let long = named(Some(&"p".repeat(200))).unwrap();
        assert_eq!(long.chars().count(), LONGEST);
        for nobody in ["", " \t"] {
            assert_eq!(named(Some(nobody)).unwrap_err().code, "E_WHO");
        }
        assert_eq!(of_aws(Some("arn:jo".to_owned())), "arn:jo");
        assert!(of_aws(None).ends_with("(AWS did not say who)"));
    }
}
