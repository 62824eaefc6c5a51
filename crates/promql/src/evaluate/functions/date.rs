//! What a value is as a date, in UTC. Values are unix seconds.

/// The function of this name, if it is one of a date.
pub(in crate::evaluate) fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "day_of_month" => |value| Date::of(value).day as f64,
        "day_of_week" => |value| (Date::of(value).days + 4).rem_euclid(7) as f64,
        "day_of_year" => |value| {
            let date = Date::of(value);
            (date.days - days_before(date.year, 1) + 1) as f64
        },
        "days_in_month" => |value| {
            let Date { year, month, .. } = Date::of(value);
            let next = if month == 12 { days_before(year + 1, 1) } else { days_before(year, month + 1) };
            (next - days_before(year, month)) as f64
        },
        "hour" => |value| (seconds(value).rem_euclid(DAY) / 3600) as f64,
        "minute" => |value| (seconds(value).rem_euclid(3600) / 60) as f64,
        "month" => |value| Date::of(value).month as f64,
        "year" => |value| Date::of(value).year as f64,
        _ => return None,
    })
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Years beyond are as this one: the arithmetic of dates must not overflow.
const SECONDS_MAX: f64 = 1e15;

/// Of an instant in unix milliseconds, what a function of dates takes.
pub(in crate::evaluate) fn of_instant(milliseconds: i64) -> f64 {
    (milliseconds / 1000) as f64
}

/// An instant in unix milliseconds as RFC 3339 writes it, to the second.
pub(in crate::evaluate) fn written(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let Date { year, month, day, .. } = Date::of(seconds as f64);
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn seconds(value: f64) -> i64 {
    value.clamp(-SECONDS_MAX, SECONDS_MAX) as i64
}

/// A day of the Gregorian calendar.
struct Date {
    /// Since 1970-01-01.
    days: i64,
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

impl Date {
    fn of(value: f64) -> Self {
        let days = seconds(value).div_euclid(DAY);
        // Years that begin in March end with the leap day, and a cycle of 400 of them has always as many days.
        let since = days + 719_468;
        let cycle = since.div_euclid(146_097);
        let day = since.rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year + cycle * 400 + i64::from(month <= 2);
        Self { days, year, month, day: day_of_year - (153 * from_march + 2) / 5 + 1 }
    }
}

/// Days from 1970-01-01 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let of_cycle = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5;
    cycle * 146_097 + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::function;

    fn check(name: &str, cases: &[(f64, f64)]) {
        let function = function(name).expect("it is a function of dates");
        for (value, expected) in cases {
            assert_eq!(function(*value), *expected, "{name}({value})");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        // 2024-02-29 23:59:59, 1969-12-31 23:59:59, 2100-03-01
        check("year", &[(1_709_251_199.0, 2024.0), (-1.0, 1969.0), (4_107_542_400.0, 2100.0)]);
        check("month", &[(1_709_251_199.0, 2.0), (-1.0, 12.0), (4_107_542_400.0, 3.0)]);
        check("day_of_month", &[(1_709_251_199.0, 29.0), (-1.0, 31.0), (4_107_542_400.0, 1.0)]);
        check("day_of_week", &[(1_709_251_199.0, 4.0), (-1.0, 3.0), (0.0, 4.0)]);
        check("day_of_year", &[(1_709_251_199.0, 60.0), (-1.0, 365.0), (4_107_542_400.0, 60.0)]);
        check("days_in_month", &[(1_709_251_199.0, 29.0), (-1.0, 31.0), (4_107_456_000.0, 28.0)]);
        check("hour", &[(1_709_251_199.0, 23.0), (-1.0, 23.0), (0.0, 0.0)]);
        check("minute", &[(1_709_251_199.0, 59.0), (-1.0, 59.0), (0.0, 0.0)]);
    }
}
