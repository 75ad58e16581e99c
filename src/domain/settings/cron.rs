//! Checks cron expressions: five fields of numbers, ranges, steps and lists, or a macro such as `@daily`.

use std::ops::RangeInclusive;

const MACROS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// What each field may hold: minutes, hours, days of the month, months, days of the week (Sunday is 0).
const FIELDS: [RangeInclusive<u32>; 5] = [0..=59, 0..=23, 1..=31, 1..=12, 0..=6];

/// `Err` holds what is wrong, as a sentence.
pub(super) fn check(expression: &str) -> Result<(), String> {
    if MACROS.contains(&expression) {
        return Ok(());
    }
    let parts: Vec<&str> = expression.split(' ').collect();
    if parts.len() != FIELDS.len() {
        return Err("Invalid cron expression - must be a macro or exactly 5 segments with one space between.".into());
    }
    FIELDS.iter().zip(parts).try_for_each(|(allowed, part)| part.split(',').try_for_each(|item| one(item, allowed)))
}

/// `*`, `5`, `1-5`, `*/2` or `1-5/2`.
fn one(item: &str, allowed: &RangeInclusive<u32>) -> Result<(), String> {
    let (min, max) = (allowed.start(), allowed.end());
    let (span, step) = item.split_once('/').map_or((item, None), |(span, step)| (span, Some(step)));
    if let Some(step) = step
        && !(1..=*max).contains(&number(step)?)
    {
        return Err(format!("Invalid step {step} - must be between 1 and {max}."));
    }
    if span == "*" {
        return Ok(());
    }
    let Some((first, last)) = span.split_once('-') else {
        if step.is_some_and(|step| step != "1") {
            return Err("Invalid step - a step above 1 needs a wildcard or a range.".to_owned());
        }
        let value = number(span)?;
        return if allowed.contains(&value) {
            Ok(())
        } else {
            Err(format!("Invalid value {value} - must be between {min} and {max}."))
        };
    };
    let (first, last) = (number(first)?, number(last)?);
    if !allowed.contains(&first) || !(first..=*max).contains(&last) {
        return Err(format!("Invalid range {first}-{last} - must rise and stay between {min} and {max}."));
    }
    Ok(())
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("Invalid number \"{text}\"."))
}

#[cfg(test)]
mod tests {
    #[test]
    fn five_fields_or_a_macro_are_accepted() {
        for good in ["* * * * *", "0 0 1 1 0", "59 23 31 12 6", "*/5 * * * *", "1,2,3-5/2 * * * *", "5/1 * * * *"] {
            assert_eq!(super::check(good), Ok(()), "{good}");
        }
        assert_eq!(super::check("@daily"), Ok(()));
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "* * * *",
            " * * * * *",
            "*  * * * *",
            "@foo",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "x * * * *",
            "*/0 * * * *",
            "*/99 * * * *",
            "1-0 * * * *",
            "1-99 * * * *",
            "1-2-3 * * * *",
            "*/1/2 * * * *",
            "5/2 * * * *",
            "1,,2 * * * *",
            "-1 * * * *",
            "* * * * MON",
        ] {
            assert!(super::check(bad).is_err(), "{bad}");
        }
    }
}
