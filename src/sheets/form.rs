//! How a number is shown in a cell: as the document prints it, while the cell holds it in full.

/// The form of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    /// Decimals shown.
    pub decimals: usize,
    /// Commas between thousands.
    pub grouped: bool,
    /// A fraction shown as a percentage.
    pub percent: bool,
    /// Pounds.
    pub pounds: bool,
    /// A sign also before a number above zero.
    pub signed: bool,
}

impl Form {
    /// The form in which a number has been printed; none if what was printed is no number.
    pub fn of(printed: &str, unit: Option<&str>) -> Option<Form> {
        let digits = printed.trim_matches(|c: char| !c.is_ascii_digit());
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') {
            return None;
        }
        Some(Form {
            decimals: digits.split_once('.').map_or(0, |(_, places)| places.len()),
            grouped: true,
            percent: unit == Some("fraction") && printed.ends_with('%'),
            pounds: printed.contains('£'),
            signed: printed.starts_with('+'),
        })
    }

    /// A form that shows all that either shows.
    pub fn with(self, other: Form) -> Form {
        Form {
            decimals: self.decimals.max(other.decimals),
            grouped: self.grouped || other.grouped,
            percent: self.percent || other.percent,
            pounds: self.pounds || other.pounds,
            signed: self.signed || other.signed,
        }
    }

    /// A number in this form, for readers that show what is written instead of working it out from the form.
    pub fn words(self, value: f64) -> String {
        let unit = match (self.percent, self.pounds) {
            (true, _) => Some("fraction"),
            (false, true) => Some("£"),
            (false, false) => None,
        };
        let words = crate::pack::plain_words(&crate::frame::Scalar::Number(value), unit, Some(self.decimals));
        let words = if self.grouped { words } else { words.replace(',', "") };
        if self.signed && value > 0.0 { format!("+{words}") } else { words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_from_what_was_printed() {
        let form = |printed: &str, unit: Option<&str>| Form::of(printed, unit);
        let plain = Form { grouped: true, ..Form::default() };
        assert_eq!(form("11.3%", Some("fraction")), Some(Form { decimals: 1, percent: true, ..plain }));
        assert_eq!(form("9.03%", Some("%")), Some(Form { decimals: 2, ..plain }));
        assert_eq!(form("+0.20", None), Some(Form { decimals: 2, signed: true, ..plain }));
        assert_eq!(form("\u{2212}£1,500", Some("£")), Some(Form { pounds: true, ..plain }));
        assert_eq!(form("112th", Some("rank")), Some(plain));
        assert_eq!(form("[x]", Some("rank")), None);
        assert_eq!(form("1 of 2", None), None);
    }

    #[test]
    fn a_number_is_written_in_its_form() {
        let plain = Form { grouped: true, ..Form::default() };
        assert_eq!(Form { decimals: 1, percent: true, ..plain }.words(0.11277), "11.3%");
        assert_eq!(Form { decimals: 1, signed: true, ..plain }.words(1234.56), "+1,234.6");
        assert_eq!(Form { pounds: true, ..plain }.words(-1500.0), "\u{2212}£1,500");
        assert_eq!(Form::default().words(2025.0), "2025");
    }
}
