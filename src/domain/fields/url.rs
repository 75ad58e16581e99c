//! Url: the address of a page or service, stored as written.

use super::field_type::FieldType;
use super::{DomainOptions, Field};
use crate::base::address;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlOptions {
    pub domains: DomainOptions,
}

impl FieldType for UrlOptions {
    fn name(&self) -> &'static str {
        "url"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        self.domains.write(json);
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        self.domains.check_options(issues);
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let url = value.as_str().unwrap_or_default();
        if !address::is_url(url) {
            return Err(Issue::new("validation_invalid_url", "Must be a valid url."));
        }
        if self.domains.allows(address::url_host(url)) {
            return Ok(());
        }
        Err(Issue::new("validation_url_domain_not_allowed", "Url domain is not allowed."))
    }
}
