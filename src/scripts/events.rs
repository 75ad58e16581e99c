//! The closed list of events that handlers can be registered for.

use crate::domain::tx::{Action, Moment, Showing};

/// When a handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    BeforeCreate,
    BeforeUpdate,
    BeforeDelete,
    Validate,
    OnCreate,
    OnUpdate,
    OnDelete,
    AfterCreate,
    AfterUpdate,
    AfterDelete,
    List,
    View,
    Enrich,
}

impl Event {
    /// In the order in which they happen to a record.
    pub const ALL: [Self; 13] = [
        Self::BeforeCreate,
        Self::BeforeUpdate,
        Self::BeforeDelete,
        Self::Validate,
        Self::OnCreate,
        Self::OnUpdate,
        Self::OnDelete,
        Self::AfterCreate,
        Self::AfterUpdate,
        Self::AfterDelete,
        Self::List,
        Self::View,
        Self::Enrich,
    ];

    /// The name of the function that registers a handler.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeCreate => "before_create",
            Self::BeforeUpdate => "before_update",
            Self::BeforeDelete => "before_delete",
            Self::Validate => "validate",
            Self::OnCreate => "on_create",
            Self::OnUpdate => "on_update",
            Self::OnDelete => "on_delete",
            Self::AfterCreate => "after_create",
            Self::AfterUpdate => "after_update",
            Self::AfterDelete => "after_delete",
            Self::List => "list",
            Self::View => "view",
            Self::Enrich => "enrich",
        }
    }

    /// For the reference.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::BeforeCreate => {
                "Runs before a new record is checked and stored. May change it, refuse it, and write other records."
            }
            Self::BeforeUpdate => {
                "Runs before a changed record is checked and stored. May change it, refuse it, and write other records."
            }
            Self::BeforeDelete => {
                "Runs before a record and what refers to it are deleted. May refuse it, and write other records."
            }
            Self::Validate => {
                "Runs for a new or changed record that has passed the checks of its fields. May refuse it. Cannot write."
            }
            Self::OnCreate => {
                "Runs when a new record is stored, still in its transaction. May write other records; an error undoes everything."
            }
            Self::OnUpdate => {
                "Runs when a changed record is stored, still in its transaction. May write other records; an error undoes everything."
            }
            Self::OnDelete => {
                "Runs when a record is deleted, still in its transaction. May write other records; an error undoes everything."
            }
            Self::AfterCreate => {
                "Runs soon after a new record is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::AfterUpdate => {
                "Runs soon after a changed record is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::AfterDelete => {
                "Runs soon after a deletion is committed. Nobody waits for it, and an error undoes nothing."
            }
            Self::List => {
                "Runs when the API has found a page of a list. May refuse it, and take records out of `e.records`. Cannot write."
            }
            Self::View => "Runs when the API has found a record by its id. May refuse it. Cannot write.",
            Self::Enrich => {
                "Runs for each record that the API is about to show to somebody: in lists and views, in answers to writes and \
                 sign-ins, as an expansion, in realtime messages. `e.record.hide(…)` and `e.record.show(…)` say what the caller sees. \
                 Cannot write."
            }
        }
    }

    /// The event at a point of a save. `None` if there is none: nothing validates a deletion.
    #[must_use]
    pub fn of_save(moment: Moment, action: Action) -> Option<Self> {
        Some(match (moment, action) {
            (Moment::Before, Action::Create) => Self::BeforeCreate,
            (Moment::Before, Action::Update) => Self::BeforeUpdate,
            (Moment::Before, Action::Delete) => Self::BeforeDelete,
            (Moment::Validate, Action::Create | Action::Update) => Self::Validate,
            (Moment::Validate, Action::Delete) => return None,
            (Moment::On, Action::Create) => Self::OnCreate,
            (Moment::On, Action::Update) => Self::OnUpdate,
            (Moment::On, Action::Delete) => Self::OnDelete,
            (Moment::After, Action::Create) => Self::AfterCreate,
            (Moment::After, Action::Update) => Self::AfterUpdate,
            (Moment::After, Action::Delete) => Self::AfterDelete,
        })
    }

    /// The event of records that are about to be shown.
    #[must_use]
    pub fn of_showing(showing: Showing) -> Self {
        match showing {
            Showing::List => Self::List,
            Showing::View => Self::View,
            Showing::Enrich => Self::Enrich,
        }
    }

    /// A bit of its own, for a quick look whether anything listens.
    #[must_use]
    pub fn bit(self) -> u64 {
        1 << self as u64
    }
}
