//! What a body is, by its `Content-Type`.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The media types that hold parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContentType {
    Urlencoded,
    Json,
    /// With the whole header, which names the boundary.
    Multipart(String),
    Other,
}

impl ContentType {
    /// Reads the header. Without one, a body is a form: what the first clients sent, and what Rack assumes.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else {
            return Self::Urlencoded;
        };
        let Ok(value) = value.to_str() else {
            return Self::Other;
        };
        match essence(value).as_str() {
            "" | "application/x-www-form-urlencoded" => Self::Urlencoded,
            "application/json" | "text/json" => Self::Json,
            "multipart/form-data" => Self::Multipart(value.to_owned()),
            other if other.starts_with("application/") && other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(content_type: &str) -> String {
    let essence = content_type.split_once(';').map_or(content_type, |(essence, _)| essence);
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> ContentType {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, value.parse().unwrap());
        ContentType::of(&headers)
    }

    #[test]
    fn parameters_and_letter_case_of_a_media_type_do_not_matter() {
        assert_eq!(of("application/json; charset=utf-8"), ContentType::Json);
        assert_eq!(of("Application/JSON;charset=utf-8"), ContentType::Json);
        assert_eq!(of("application/ld+json"), ContentType::Json);
        assert_eq!(of("application/x-www-form-urlencoded;charset=UTF-8"), ContentType::Urlencoded);
        let multipart = "Multipart/Form-Data; boundary=AbC";
        assert_eq!(of(multipart), ContentType::Multipart(multipart.to_owned()));
    }

    #[test]
    fn a_body_without_a_media_type_is_a_form() {
        assert_eq!(ContentType::of(&HeaderMap::new()), ContentType::Urlencoded);
        assert_eq!(of(""), ContentType::Urlencoded);
    }

    #[test]
    fn other_media_types_hold_no_parameters() {
        for value in
            ["text/plain", "application/octet-stream", "image/png", "multipart/mixed; boundary=a", "json"]
        {
            assert_eq!(of(value), ContentType::Other, "{value}");
        }
    }
}
