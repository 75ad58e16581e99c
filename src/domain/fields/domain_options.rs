//! The lists of allowed and refused domains of e-mail and URL fields.

use super::options::OptionReader;
use crate::base::address;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

/// At most one of the two lists may have entries. Domains are compared as written, including case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainOptions {
    pub only_domains: Vec<String>,
    pub except_domains: Vec<String>,
}

impl DomainOptions {
    pub(super) fn parse(json: &OptionReader<'_>) -> Option<Self> {
        Some(Self { only_domains: json.texts("onlyDomains")?, except_domains: json.texts("exceptDomains")? })
    }

    pub(super) fn write(&self, json: &mut Map<String, Value>) {
        json.insert("onlyDomains".to_owned(), self.only_domains.clone().into());
        json.insert("exceptDomains".to_owned(), self.except_domains.clone().into());
    }

    pub(super) fn check_options(&self, issues: &mut Issues) {
        let has_both = !self.only_domains.is_empty() && !self.except_domains.is_empty();
        for (name, domains) in [("onlyDomains", &self.only_domains), ("exceptDomains", &self.except_domains)] {
            if has_both {
                issues.add(name, Issue::must_be_blank());
                continue;
            }
            for (at, domain) in domains.iter().enumerate() {
                if !address::is_domain(domain) {
                    issues.add_at(&[name, &at.to_string()], Issue::is_domain());
                }
            }
        }
    }

    pub(super) fn allows(&self, domain: &str) -> bool {
        let is_in = |domains: &[String]| domains.iter().any(|listed| listed == domain);
        (self.only_domains.is_empty() || is_in(&self.only_domains)) && !is_in(&self.except_domains)
    }
}
