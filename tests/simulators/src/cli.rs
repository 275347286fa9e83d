//! The arguments of the `simulators` command.

use std::net::SocketAddr;

use clap::{Parser, ValueEnum};

use crate::{data::DataSet, start::Options};

/// Faithful stand-ins for Sage 100 (an agent and the SOAP service), Salesforce and Zoho CRM, each on its own address.
///
/// On start, one line of JSON goes to standard output: base URLs and credentials of every
/// server that was asked for. Nothing else is printed. The process runs until it is killed.
///
/// The CRMs start without records. Sage starts with company ABC (the documented demo customer
/// 01-ABF and a few invented ones) and company XYZ (the same customer numbers, other names);
/// `--customers N` adds N generated customers with their contacts to ABC.
#[derive(Debug, Parser)]
#[command(
    name = "simulators",
    version,
    after_help = "\
EXAMPLES
  simulators --agent 127.0.0.1:8101 --soap 127.0.0.1:8102 --salesforce 127.0.0.1:8103 --zoho 127.0.0.1:8104
  simulators --agent 127.0.0.1:0 --zoho 127.0.0.1:0 --customers 2000 --seed 7

THE CONTROL DOOR (on every address; not counted, needs no credentials)
  curl $URL/_sim/stats                     calls by operation and status, credits, tokens
  curl $URL/_sim/records/customers         what the system holds (Zoho: /_sim/records/Accounts, Salesforce: Account)
  curl $URL/_sim/edit   -d '{\"key\":\"01-ABF\",\"fields\":{\"City\":\"Racine\"}}'
  curl $URL/_sim/faults -d '{\"rules\":[{\"operation\":\"Accounts.upsert\",\"status\":503,\"times\":2}]}'
  curl $URL/_sim/faults -d '{\"rules\":[{\"operation\":\"Accounts.upsert\",\"after\":true}]}'   (done, but the answer is lost)
  curl $URL/_sim/faults -d '{\"clear\":true}'
  curl -X POST $URL/_sim/reset             data and counts as at the start

The README of the crate describes every field of these bodies."
)]
pub struct Cli {
    /// Address of the Sage 100 agent; port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT")]
    agent: Option<SocketAddr>,
    /// Address of Sage 100's SOAP service (eBusiness Web Services); port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT")]
    soap: Option<SocketAddr>,
    /// How the SOAP service speaks: namespaces, path, order of members.
    #[arg(long, value_name = "NAME", default_value = "reference",
          value_parser = clap::builder::PossibleValuesParser::new(crate::soap::Binding::NAMES))]
    soap_binding: String,
    /// Address of Salesforce (API, token endpoint); port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT")]
    salesforce: Option<SocketAddr>,
    /// Address of Zoho CRM (API, token endpoint); port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT")]
    zoho: Option<SocketAddr>,
    /// What Sage holds: `abc` is the demo companies alone.
    #[arg(long, value_enum, default_value_t = NamedData::Abc, conflicts_with = "customers")]
    data: NamedData,
    /// Adds N generated customers, with 0 to 4 contacts each, to company ABC.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=200_000))]
    customers: Option<u32>,
    /// The seed of the generated data: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NamedData {
    Abc,
}

impl Cli {
    /// What the arguments ask for.
    pub fn into_options(self) -> Options {
        let NamedData::Abc = self.data;
        Options {
            agent: self.agent,
            soap: self.soap,
            soap_binding: Some(self.soap_binding),
            salesforce: self.salesforce,
            zoho: self.zoho,
            data: DataSet {
                customers: self.customers.unwrap_or(0),
                seed: self.seed,
            },
        }
    }
}
