//! Email: an address, stored as written.

use super::field_type::FieldType;
use super::{DomainOptions, Field};
use crate::base::address;
use crate::domain::{Issue, Issues};
use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmailOptions {
    pub domains: DomainOptions,
}

impl FieldType for EmailOptions {
    fn name(&self) -> &'static str {
        "email"
    }

    fn write_options(&self, json: &mut Map<String, Value>) {
        self.domains.write(json);
    }

    fn check_options(&self, _field: &Field, issues: &mut Issues) {
        self.domains.check_options(issues);
    }

    fn check(&self, value: &Value) -> Result<(), Issue> {
        let email = value.as_str().unwrap_or_default();
        if !address::is_email(email) {
            return Err(Issue::is_email());
        }
        let domain = email.rsplit('@').next().unwrap_or_default();
        if self.domains.allows(domain) {
            return Ok(());
        }
        Err(Issue::new("validation_email_domain_not_allowed", "Email domain is not allowed."))
    }
}
