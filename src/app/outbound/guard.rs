//! Which hosts may be asked: the public internet, and what an owner lists.

use super::OutboundError;
use crate::base::ip;
use ipnet::IpNet;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Allows the public internet and a list of hosts and networks.
#[derive(Debug, Default)]
pub struct Guard {
    /// In lower case.
    hosts: Vec<Host>,
    networks: Vec<IpNet>,
}

#[derive(Debug, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Guard {
    /// Reads an allow list. An entry is an address (`10.0.0.5`), a network (`10.0.0.0/8`), or a host name, with a port or
    /// without (`crm.internal`, `localhost:9000`). A name with a port allows that name, on every port, to resolve to any
    /// address only in URLs with that port.
    ///
    /// # Errors
    /// The entry that is none of these.
    pub fn parse(list: &[String]) -> Result<Self, String> {
        let mut guard = Self::default();
        for entry in list {
            let entry = entry.trim();
            if let Ok(network) = entry.parse::<IpNet>() {
                guard.networks.push(network);
            } else if let Ok(address) = entry.parse::<IpAddr>() {
                guard.networks.push(IpNet::from(address.to_canonical()));
            } else {
                guard.hosts.push(Host::parse(entry).ok_or_else(|| entry.to_owned())?);
            }
        }
        Ok(guard)
    }

    /// [`Guard::parse`] for a setting that the error names.
    pub fn of_setting(setting: &str, list: &[String]) -> Result<Self, String> {
        let what = "is not an address, network or host name with or without a port";
        Self::parse(list).map_err(|entry| format!("{setting}: {entry:?} {what}"))
    }

    /// Checks everything of a URL that needs no lookup of a name. Names are checked by the resolver.
    pub(super) fn check(&self, url: &Url) -> Result<(), OutboundError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutboundError::BadUrl(format!("the scheme is {}", url.scheme())));
        }
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
            Some(url::Host::Domain(name)) => return self.check_name(name, url.port_or_known_default()),
            None => return Err(OutboundError::BadUrl("there is no host".to_owned())),
        };
        if self.allows(address) { Ok(()) } else { Err(OutboundError::Forbidden(address.to_string())) }
    }

    /// A name that is listed with other ports only is refused here, because the resolver does not know the port.
    fn check_name(&self, name: &str, port: Option<u16>) -> Result<(), OutboundError> {
        let mut entries = self.hosts.iter().filter(|host| host.name == name).peekable();
        if entries.peek().is_none() || entries.any(|host| host.port.is_none() || host.port == port) {
            return Ok(());
        }
        Err(OutboundError::Forbidden(name.to_owned()))
    }

    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        ip::is_public(address) || self.networks.iter().any(|network| network.contains(&address))
    }

    fn allows_name(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host.name == name)
    }
}

impl Host {
    fn parse(entry: &str) -> Option<Self> {
        let url = Url::parse(&format!("http://{entry}/")).ok()?;
        let is_bare =
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let Some(url::Host::Domain(name)) = url.host().filter(|_| is_bare) else { return None };
        // The parser drops the port 80, which is the default of the scheme.
        let port = entry.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Some(Self { name: name.to_owned(), port })
    }
}

/// Resolves names. Fails if any address of a name is not allowed: a name that has both would otherwise be connected to whichever
/// comes first.
pub(super) struct GuardedResolver {
    pub guard: Arc<Guard>,
    pub names: Names,
}

/// Where the addresses of a name come from.
#[derive(Clone, Debug, Default)]
pub(super) enum Names {
    #[default]
    System,
    #[cfg(test)]
    Fixed(std::collections::HashMap<String, Vec<IpAddr>>),
}

impl Names {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
            #[cfg(test)]
            Self::Fixed(known) => Ok(known[name].iter().map(|address| SocketAddr::new(*address, 0)).collect()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is not allowed")]
struct Refused(String);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, names) = (Arc::clone(&self.guard), self.names.clone());
        Box::pin(async move {
            let name = name.as_str().to_ascii_lowercase();
            let found = names.look_up(&name).await?;
            let is_allowed = guard.allows_name(&name) || found.iter().all(|address| guard.allows(address.ip()));
            if !is_allowed {
                return Err(Refused(name).into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Returns the refusal that caused the error, if one did.
pub(super) fn refusal_of(error: &reqwest::Error) -> Option<OutboundError> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(Refused(name)) = error.downcast_ref() {
            return Some(OutboundError::Forbidden(name.clone()));
        }
        cause = error.source();
    }
    None
}
