//! Binds the addresses, starts the servers and describes them.

use std::{io, net::SocketAddr, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    agent,
    data::DataSet,
    sage::Sage,
    salesforce,
    serve::serve,
    soap::{self, Binding},
    zoho,
};

/// Which servers to start, and with what data.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Address of the Sage 100 agent, if it is wanted.
    pub agent: Option<SocketAddr>,
    /// Address of Sage 100's SOAP service, if it is wanted.
    pub soap: Option<SocketAddr>,
    /// How the SOAP service speaks: the name of a binding (`reference`, if there is none).
    pub soap_binding: Option<String>,
    /// Address of Salesforce, if it is wanted.
    pub salesforce: Option<SocketAddr>,
    /// Address of Zoho CRM, if it is wanted.
    pub zoho: Option<SocketAddr>,
    /// What Sage holds, and the seed.
    pub data: DataSet,
}

/// Servers that are listening. Dropping it stops them.
#[derive(Debug)]
pub struct Running {
    announcement: Value,
    servers: JoinSet<()>,
}

impl Running {
    /// Base URLs and credentials of the servers: what the command prints as its one line.
    pub fn announcement(&self) -> &Value {
        &self.announcement
    }

    /// Runs until the servers end, which they do only when the process is killed.
    ///
    /// # Errors
    /// A server task that ended by a panic.
    pub async fn wait(mut self) -> io::Result<()> {
        while let Some(ended) = self.servers.join_next().await {
            ended.map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Starts the servers that `options` asks for.
///
/// # Errors
/// No address was given, an address is not on the loopback interface, or it cannot be bound.
pub async fn start(options: Options) -> io::Result<Running> {
    if options.agent.is_none()
        && options.soap.is_none()
        && options.salesforce.is_none()
        && options.zoho.is_none()
    {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "no server was asked for: give --agent, --soap, --salesforce or --zoho with IP:PORT",
        ));
    }
    let sage = Arc::new(Sage::new(options.data));
    let mut announcement = Map::new();
    let mut servers = JoinSet::new();
    if let Some(address) = options.agent {
        let (listener, url) = bind(address).await?;
        let system = Arc::new(agent::System::new(sage.clone()));
        announcement.insert("agent".to_owned(), system.announcement(&url));
        servers.spawn(serve(listener, agent::router(system)));
    }
    if let Some(address) = options.soap {
        let name = options.soap_binding.as_deref().unwrap_or("reference");
        let binding = Binding::named(name).ok_or_else(|| {
            let known = Binding::NAMES.join(", ");
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("there is no binding {name:?}; there are {known}"),
            )
        })?;
        let (listener, url) = bind(address).await?;
        let system = Arc::new(soap::System::new(sage.clone(), url, binding));
        announcement.insert("soap".to_owned(), system.announcement());
        servers.spawn(serve(listener, soap::router(system)));
    }
    if let Some(address) = options.salesforce {
        let (listener, url) = bind(address).await?;
        let system = Arc::new(salesforce::System::new(url.clone()));
        announcement.insert("salesforce".to_owned(), system.announcement(&url));
        servers.spawn(salesforce::deliver(system.clone()));
        servers.spawn(serve(listener, salesforce::router(system)));
    }
    if let Some(address) = options.zoho {
        let (listener, url) = bind(address).await?;
        let system = Arc::new(zoho::System::new(url.clone()));
        announcement.insert("zoho".to_owned(), system.announcement(&url));
        servers.spawn(zoho::deliver(system.clone()));
        servers.spawn(serve(listener, zoho::router(system)));
    }
    Ok(Running {
        announcement: json!(announcement),
        servers,
    })
}

/// The control door has no credentials, so nothing but the loopback interface will do.
async fn bind(address: SocketAddr) -> io::Result<(TcpListener, String)> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{address} is not a loopback address; simulators serve this machine only"),
        ));
    }
    let listener = TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}
