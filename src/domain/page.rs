//! Pages of a list: which page is requested, and the numbers in its answer.

const DEFAULT_PER_PAGE: i64 = 30;
const MAX_PER_PAGE: i64 = 1000;

/// The numbers in the answer of a list. Totals are -1 if they were not requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub page: i64,
    pub per_page: i64,
    pub total_items: i64,
    pub total_pages: i64,
}

impl Totals {
    /// Pages are counted from 1. Values out of range are clamped.
    #[must_use]
    pub fn new(page: i64, per_page: i64, total: Option<i64>) -> Self {
        let per_page = if per_page <= 0 { DEFAULT_PER_PAGE } else { per_page.min(MAX_PER_PAGE) };
        let (total_items, total_pages) = total.map_or((-1, -1), |total| (total, (total + per_page - 1) / per_page));
        Self { page: page.max(1), per_page, total_items, total_pages }
    }

    /// The number of items before the page.
    #[must_use]
    pub fn offset(&self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_brought_into_range() {
        let check = |page, per_page, total, expected: [i64; 4]| {
            let totals = Totals::new(page, per_page, total);
            assert_eq!([totals.page, totals.per_page, totals.total_items, totals.total_pages], expected);
        };
        check(1, 30, Some(0), [1, 30, 0, 0]);
        check(0, 0, Some(31), [1, 30, 31, 2]);
        check(-5, -5, None, [1, 30, -1, -1]);
        check(99, 5000, Some(1000), [99, 1000, 1000, 1]);
        assert_eq!(Totals::new(i64::MAX, 1000, None).offset(), i64::MAX);
    }
}
