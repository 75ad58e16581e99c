//! Updates the endpoints of webhooks when a field or collection that they name is renamed, and finds those that name what would be
//! deleted.
//!
//! The rules for rules hold for an endpoint's filter and its list of changed fields, see [`super::renames`] and [`super::losses`]. In the
//! fields that are sent, the expansion and the template, names are rewritten where it is certain what they mean; what is deleted there
//! is only missing in what is sent. Endpoints for all collections name no fields of a certain one, and are left as they are.

use super::losses;
use super::renames::Renames;
use super::save::{Outcome, Refusal, named_in_rules};
use super::store;
use crate::domain::access;
use crate::domain::model::{ActiveEndpoint, ActiveEndpoints, Collection, Schema, WebhookConfig};
use crate::domain::tx::WriteTx;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rewrites what endpoints name, and fails with a list where that is not certain or the name is gone.
pub(super) fn follow(tx: &WriteTx, before: &Schema, after: &Schema, renames: &Renames) -> Outcome<()> {
    let (mut unclear, mut lost, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    let mut changed = HashMap::new();
    for (id, name, config) in store::webhooks(tx)? {
        let stay: Vec<(&Arc<Collection>, &Arc<Collection>)> = config
            .events
            .iter()
            .filter_map(|event| Some((before.by_id(&event.collection)?, after.by_id(&event.collection)?)))
            .collect();
        let named: Vec<Arc<Collection>> = stay.iter().map(|(old, _)| Arc::clone(old)).collect();
        let new = match rewritten(renames, before, &named, &config) {
            Ok(new) => new,
            Err((what, found)) => {
                unclear.push(format!("the {what} of the webhook \"{name}\" ({found})"));
                continue;
            }
        };
        for (old, kept) in &stay {
            if let Some(gone) = losses::lost_in(before, after, (old, &config.filter), (kept, &new.filter)) {
                lost.push(format!("the filter of the webhook \"{name}\" ({gone})"));
                break;
            }
            let pairs = config.changed.iter().zip(&new.changed);
            let mut gone = pairs.filter(|(was, is)| old.field(was).is_some() && kept.field(is).is_none());
            if let Some((gone, _)) = gone.next() {
                lost.push(format!("the changed fields of the webhook \"{name}\" ({gone})"));
                break;
            }
            let works = |schema: &Schema, collection: &Arc<Collection>, filter: &str| {
                filter.is_empty() || access::check_event_filter(schema, collection, filter, tx.dialect()).is_ok()
            };
            if works(before, old, &config.filter) && !works(after, kept, &new.filter) {
                broken.push(format!("the filter of the webhook \"{name}\""));
                break;
            }
        }
        if new != config {
            changed.insert(id, new);
        }
    }
    if !unclear.is_empty() {
        return Err(Renames::unclear(&unclear));
    }
    if !lost.is_empty() {
        return Err(named_in_rules(&lost));
    }
    if !broken.is_empty() {
        return Err(Refusal::Raw(format!("these would become invalid: {}", broken.join(", "))));
    }
    if changed.is_empty() {
        return Ok(());
    }
    for (id, config) in &changed {
        store::set_webhook(tx, id, config)?;
    }
    if let Some(endpoints) = tx.active_endpoints() {
        let renewed = endpoints.0.iter().map(|endpoint| ActiveEndpoint {
            id: endpoint.id.clone(),
            config: changed.get(&endpoint.id).unwrap_or(&endpoint.config).clone(),
        });
        tx.set_active_endpoints(Some(Arc::new(ActiveEndpoints(renewed.collect()))));
    }
    Ok(())
}

/// Returns the configuration with new names, or what may mean several things: which text has it, and the name.
fn rewritten(
    renames: &Renames,
    schema: &Schema,
    named: &[Arc<Collection>],
    config: &WebhookConfig,
) -> Result<WebhookConfig, (&'static str, String)> {
    if renames.is_empty() || named.is_empty() {
        return Ok(config.clone());
    }
    let of = |what: &'static str| move |name: String| (what, name);
    let new_name = |path: &str| renames.renamed(schema, named, path);
    let mut new = config.clone();
    if let Some(filter) = renames.rewritten(schema, named, &config.filter).map_err(of("filter"))? {
        new.filter = filter;
    }
    for name in &mut new.changed {
        *name = new_name(name).map_err(of("changed fields"))?;
    }
    for (what, text, places) in [
        ("fields", &mut new.fields, paths_of_fields as fn(&str) -> Vec<Range<usize>>),
        ("expansion", &mut new.expand, paths_of_list),
        ("template", &mut new.template, paths_of_template),
    ] {
        *text = replaced(text, &places(text), &new_name).map_err(of(what))?;
    }
    Ok(new)
}

/// Replaces the paths at these places, which are in order.
fn replaced(
    text: &str,
    places: &[Range<usize>],
    renamed: &impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for place in places {
        out.push_str(&text[copied..place.start]);
        out.push_str(&renamed_path(&text[place.clone()], renamed)?);
        copied = place.end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// Renames in a path such as `expand.customer.name`, in which `expand` may stand before each relation.
fn renamed_path(path: &str, renamed: &impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let parts: Vec<&str> = path.split('.').collect();
    let names: Vec<&str> = parts.iter().copied().filter(|part| *part != "expand").collect();
    let new = renamed(&names.join("."))?;
    let mut new = new.split('.');
    let parts: Vec<&str> =
        parts.into_iter().map(|part| if part == "expand" { part } else { new.next().unwrap_or(part) }).collect();
    Ok(parts.join("."))
}

/// The paths of a list with commas.
fn paths_of_list(text: &str) -> Vec<Range<usize>> {
    entries(text, |_| false)
}

/// The paths of a `fields` parameter, without the arguments of modifiers.
fn paths_of_fields(text: &str) -> Vec<Range<usize>> {
    let mut depth = 0_usize;
    let entries = entries(text, |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 0
    });
    let without_modifier = |place: Range<usize>| {
        let length = text[place.clone()].find(':').unwrap_or(place.len());
        place.start..place.start + length
    };
    entries.into_iter().map(without_modifier).collect()
}

/// The entries between commas, trimmed. Commas where `is_inside` do not count; it sees every letter in order.
fn entries(text: &str, mut is_inside: impl FnMut(char) -> bool) -> Vec<Range<usize>> {
    let (mut found, mut start) = (Vec::new(), 0);
    let ends: Vec<usize> = text
        .char_indices()
        .filter(|(_, letter)| !is_inside(*letter) && *letter == ',')
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    for end in ends {
        let entry = &text[start..end];
        let begin = start + (entry.len() - entry.trim_start().len());
        found.push(begin..begin + entry.trim().len());
        start = end + 1;
    }
    found
}

/// The paths behind `record.` and `original.` in the expressions of a template.
fn paths_of_template(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(begin) = ["{{", "{%"].iter().filter_map(|open| text[rest..].find(open)).min() {
        let begin = rest + begin + 2;
        let length = ["}}", "%}"].iter().filter_map(|close| text[begin..].find(close)).min();
        let end = begin + length.unwrap_or(text.len() - begin);
        for root in ["record.", "original."] {
            for (at, _) in text[begin..end].match_indices(root) {
                let at = begin + at;
                let is_part = text[..at].ends_with(|letter: char| letter.is_alphanumeric() || "_.'\"".contains(letter));
                let path = at + root.len();
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
                let length = text[path..end].find(|letter| !is_name(letter)).unwrap_or(end - path);
                let length = text[path..path + length].trim_end_matches('.').len();
                if !is_part && length > 0 {
                    found.push(path..path + length);
                }
            }
        }
        rest = end;
    }
    found.sort_by_key(|place| place.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each path with its names in capitals.
    fn shouted(text: &str, places: fn(&str) -> Vec<Range<usize>>) -> String {
        replaced(text, &places(text), &|path: &str| Ok(path.to_uppercase())).unwrap()
    }

    #[test]
    fn paths_are_found_in_lists_fields_and_templates() {
        assert_eq!(shouted(" a, b.c ,,d", paths_of_list), " A, B.C ,,D");
        assert_eq!(
            shouted("id,body:excerpt(10,true), expand.a.expand.b.c", paths_of_fields),
            "ID,BODY:excerpt(10,true), expand.A.expand.B.C"
        );
        assert_eq!(
            shouted(
                "record.a {{ record.a|round }} {% if original.b == record.expand.c.d %}{{ x.record.e }}{{ 'record.f' }}{% endif %}",
                paths_of_template
            ),
            "record.a {{ record.A|round }} {% if original.B == record.expand.C.D %}{{ x.record.e }}{{ 'record.f' }}{% endif %}"
        );
        assert_eq!(shouted("{{ record.a", paths_of_template), "{{ record.A");
        assert_eq!(shouted("{{ record. }}{{ record }}ä", paths_of_template), "{{ record. }}{{ record }}ä");
    }
}
