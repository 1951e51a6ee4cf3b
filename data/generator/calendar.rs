//! Months, and the words that publishers use for them.

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A month, counted from January of the year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month(i32);

impl Month {
    pub const fn of(year: i32, month: i32) -> Self {
        Self(12 * year + month - 1)
    }

    pub const fn after(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    pub fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// From this month to another, both included.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    pub fn number(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    pub fn name(self) -> &'static str {
        NAMES[self.number() as usize - 1]
    }

    pub fn days(self) -> i64 {
        let leap = self.year() % 4 == 0 && (self.year() % 100 != 0 || self.year() % 400 == 0);
        match self.number() {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// 2025-06-01.
    pub fn first_day(self) -> String {
        format!("{}-{:02}-01", self.year(), self.number())
    }

    /// 2025-06-30.
    pub fn last_day(self) -> String {
        format!("{}-{:02}-{}", self.year(), self.number(), self.days())
    }

    /// June 2025.
    pub fn words(self) -> String {
        format!("{} {}", self.name(), self.year())
    }

    /// The year in which the financial year begins, from April.
    pub fn financial_year(self) -> i32 {
        self.after(-3).year()
    }

    /// The days of the quarter of which this is the last month.
    pub fn days_of_quarter(self) -> i64 {
        (-2..=0).map(|months| self.after(months).days()).sum()
    }

    /// The second Thursday, on which monthly figures come out: 11th June 2026.
    pub fn second_thursday(self) -> String {
        let day = 8 + (4 - self.first_weekday()).rem_euclid(7);
        format!("{day}th {}", self.words())
    }

    /// The day of the week of the first, from Sunday as 0 (Sakamoto's rule).
    fn first_weekday(self) -> i32 {
        const SHIFT: [i32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = if self.number() < 3 { self.year() - 1 } else { self.year() };
        (year + year / 4 - year / 100 + year / 400 + SHIFT[self.number() as usize - 1] + 1) % 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_days_names_and_years() {
        let february = Month::of(2024, 2);
        assert_eq!((february.first_day(), february.last_day()), ("2024-02-01".into(), "2024-02-29".into()));
        assert_eq!(Month::of(2023, 2).days(), 28);
        assert_eq!(Month::of(2025, 12).after(1), Month::of(2026, 1));
        assert_eq!((Month::of(2026, 3).financial_year(), Month::of(2026, 4).financial_year()), (2025, 2026));
        assert_eq!(Month::of(2026, 3).days_of_quarter(), 90);
        assert_eq!(Month::of(2025, 11).to(Month::of(2026, 2)).count(), 4);
    }

    /// Second Thursdays from the 8th to the 14th, all of them "th".
    #[test]
    fn figures_come_out_on_the_second_thursday() {
        let dates =
            [Month::of(2019, 5), Month::of(2025, 11), Month::of(2026, 5), Month::of(2026, 6), Month::of(2024, 2)];
        assert_eq!(
            dates.map(Month::second_thursday),
            ["9th May 2019", "13th November 2025", "14th May 2026", "11th June 2026", "8th February 2024"]
        );
    }
}
