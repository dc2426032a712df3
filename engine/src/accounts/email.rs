//! E-mail addresses: which are plausible.

use crate::error::Invalid;
use crate::settings::Settings;

/// Bytes of the part before the `@` at most, by RFC 5321.
const LOCAL_PART_BYTES: usize = 64;

/// Whether mail could be sent to `email`: one `@`, something sane on both sides. Quoted local parts and address
/// literals are refused; nobody has them, and they end up in headers.
pub(super) fn check_email(email: &str, settings: &Settings) -> Result<(), Invalid> {
    let maximum = settings.limits.email_bytes;
    if email.is_empty() {
        return Err(Invalid::Blank("Email"));
    }
    if email.len() > maximum {
        return Err(Invalid::TooLong { field: "Email", maximum });
    }
    let plausible = email.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain));
    if plausible { Ok(()) } else { Err(Invalid::Malformed("Email")) }
}

fn is_local(local: &str) -> bool {
    local.len() <= LOCAL_PART_BYTES
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
        })
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plausible_addresses_pass_and_others_do_not() {
        let settings = Settings::default();
        for email in
            ["a@example.org", "first.last+tag@sub.example.org", "o'neill@localhost", "jörg@müller.example"]
        {
            assert_eq!(check_email(email, &settings), Ok(()), "{email}");
        }
        for email in [
            "a",
            "a@",
            "@example.org",
            "a@@example.org",
            "a@b@example.org",
            "a b@example.org",
            "a@exa mple.org",
            "a@example..org",
            ".a@example.org",
            "a.@example.org",
            "a@-example.org",
            "a@example.org\r\nBcc: b@c",
            "\"a\"@example.org",
            "a@[127.0.0.1]",
            "a<b@example.org",
            "a,b@example.org",
        ] {
            assert_eq!(check_email(email, &settings), Err(Invalid::Malformed("Email")), "{email}");
        }
        assert_eq!(check_email("", &settings), Err(Invalid::Blank("Email")));
        let long = format!("a@{}.example", "b".repeat(250));
        assert_eq!(check_email(&long, &settings), Err(Invalid::TooLong { field: "Email", maximum: 254 }));
    }
}
