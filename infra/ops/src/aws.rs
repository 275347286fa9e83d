//! Whose AWS account the command works in.
//!
//! Credentials and region in the environment are taken as they are. Profiles, single sign-on and assumed roles are the AWS
//! command line's: it is asked for the credentials that it would use itself, once, for the few seconds that a verb takes.

use std::process::{Command, Output};

use aws_credential_types::Credentials;
use counterpart_aws::{
    EnvironmentCredentials, SdkConfig, SharedCredentialsProvider, region_of_environment,
    sdk_config_with,
};
use serde::Deserialize;

use crate::output::Refusal;

const AWS: &str = "aws";

/// The configuration of the AWS clients.
///
/// # Errors
/// `E_AWS_CREDENTIALS` or `E_AWS_REGION`, when neither the environment nor the AWS command line knows.
pub fn sdk_config() -> Result<SdkConfig, Refusal> {
    let own = EnvironmentCredentials::of_process();
    let credentials = if own.are_there() {
        SharedCredentialsProvider::new(own)
    } else {
        SharedCredentialsProvider::new(credentials(AWS)?)
    };
    let region = match region_of_environment() {
        Some(region) => region,
        None => region(AWS)?,
    };
    Ok(sdk_config_with(Some(region), credentials))
}

/// What `aws configure export-credentials --format process` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

fn credentials(program: &str) -> Result<Credentials, Refusal> {
    let arguments = ["configure", "export-credentials", "--format", "process"];
    let refusal = |why: String, remedy: &str| Refusal::new("E_AWS_CREDENTIALS", why, remedy);
    let Some(said) = ask(program, &arguments) else {
        return Err(refusal(
            "There are no AWS credentials in the environment, and the AWS command line, which knows profiles, is not installed."
                .into(),
            "Install it (`aws --version`), or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
        ));
    };
    let exported: Option<Exported> = serde_json::from_slice(&said.stdout).ok();
    match exported.filter(|_| said.status.success()) {
        Some(found) => Ok(Credentials::new(
            found.access_key_id,
            found.secret_access_key,
            found.session_token,
            None,
            "AWS command line",
        )),
        None => Err(refusal(
            format!(
                "There are no AWS credentials in the environment, and the AWS command line gives none: {}.",
                complaint(&said)
            ),
            "Sign in (`aws sso login`, `aws configure`) or name another profile in AWS_PROFILE, until `aws sts get-caller-identity` works.",
        )),
    }
}

fn region(program: &str) -> Result<String, Refusal> {
    let said = ask(program, &["configure", "get", "region"]);
    let found = said
        .filter(|said| said.status.success())
        .map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
        .filter(|region| !region.is_empty());
    found.ok_or_else(|| {
        Refusal::new(
            "E_AWS_REGION",
            "Neither the environment nor the profile of the AWS command line names a region.",
            "Set AWS_REGION to the region of the deployment.",
        )
    })
}

/// Runs it. None: there is no such program.
fn ask(program: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(program).args(arguments).output().ok()
}

/// The last line that it wrote on standard error: what it complains of, and no credentials of its own.
fn complaint(said: &Output) -> String {
    let text = String::from_utf8_lossy(&said.stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or("it said nothing").trim();
    let short: String = line.trim_end_matches('.').chars().take(300).collect();
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that prints, complains and ends as told.
    fn program(script: &str) -> (tempfile::TempDir, String) {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("aws");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = file.to_str().unwrap().to_owned();
        (dir, path)
    }

    #[test]
    fn the_command_line_is_asked_for_the_credentials_it_would_use_itself() {
        let (_dir, aws) = program(
            r#"[ "$*" = "configure export-credentials --format process" ] || exit 9
echo '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2026-01-01T00:00:00Z"}'"#,
        );
        let found = credentials(&aws).unwrap();
        assert_eq!(
            (found.access_key_id(), found.session_token()),
            ("A", Some("T"))
        );
    }

    #[test]
    fn what_the_command_line_complains_of_is_passed_on() {
        let (_dir, aws) = program("echo 'The SSO session has expired.' >&2; exit 255");
        let refusal = credentials(&aws).unwrap_err();
        assert_eq!(refusal.code, "E_AWS_CREDENTIALS");
        assert!(
            refusal
                .message
                .ends_with("gives none: The SSO session has expired.")
        );
    }

    #[test]
    fn without_a_command_line_its_installation_is_the_remedy() {
        let refusal = credentials("/nowhere/aws").unwrap_err();
        assert!(refusal.message.contains("is not installed"), "{refusal:?}");
        assert!(refusal.remedy.contains("AWS_ACCESS_KEY_ID"));
    }

    #[test]
    fn the_region_of_the_profile_is_taken_where_the_environment_has_none() {
        let (_dir, aws) = program(r#"[ "$*" = "configure get region" ] && echo eu-central-1"#);
        assert_eq!(region(&aws).unwrap(), "eu-central-1");
        let (_dir, silent) = program("exit 1");
        assert_eq!(region(&silent).unwrap_err().code, "E_AWS_REGION");
    }
}
