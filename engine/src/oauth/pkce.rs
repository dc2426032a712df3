//! Proof Key for Code Exchange (RFC 7636), with S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Why a challenge is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// Another method than S256; leaving the method out means `plain`. // D1
    #[error("the code challenge method has to be S256")]
    Method,
    /// A method without a challenge.
    #[error("a code challenge method needs a code challenge")]
    Absent,
    /// Not what S256 makes of a verifier.
    #[error("the code challenge has to be 43 characters of unpadded base64url")]
    Malformed,
}

/// The challenge of an authorization request, if it has one that is acceptable.
pub(super) fn challenge(
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, ChallengeError> {
    match (challenge, method) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ChallengeError::Absent),
        (Some(challenge), Some("S256")) => {
            let hash = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| ChallengeError::Malformed)?;
            if hash.len() == 32 { Ok(Some(challenge.to_owned())) } else { Err(ChallengeError::Malformed) }
        }
        (Some(_), _) => Err(ChallengeError::Method),
    }
}

/// Whether an exchange with `verifier` fits an authorization with `challenge`: both or neither. // D2
pub(super) fn verifies(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            is_verifier(verifier)
                && URL_SAFE_NO_PAD
                    .encode(Sha256::digest(verifier.as_bytes()))
                    .as_bytes()
                    .ct_eq(challenge.as_bytes())
                    .into()
        }
        _ => false,
    }
}

fn is_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) // D3
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn d4_the_vector_of_rfc_7636_verifies() {
        assert!(verifies(Some(CHALLENGE), Some(VERIFIER)));
        assert!(!verifies(Some(CHALLENGE), Some(&VERIFIER.replace('d', "e"))));
    }

    #[test]
    fn d1_only_s256_is_accepted() {
        assert_eq!(challenge(Some(CHALLENGE), Some("S256")), Ok(Some(CHALLENGE.to_owned())));
        assert_eq!(challenge(None, None), Ok(None));
        for method in [None, Some("plain"), Some("s256"), Some("")] {
            assert_eq!(challenge(Some(CHALLENGE), method), Err(ChallengeError::Method), "{method:?}");
        }
        assert_eq!(challenge(None, Some("S256")), Err(ChallengeError::Absent));
        for bad in ["", "abc", &CHALLENGE[1..], &format!("{CHALLENGE}="), &CHALLENGE.replace('E', "+")] {
            assert_eq!(challenge(Some(bad), Some("S256")), Err(ChallengeError::Malformed), "{bad}");
        }
    }

    #[test]
    fn d3_a_verifier_has_43_to_128_unreserved_characters() {
        let fits = |verifier: &str| {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            verifies(Some(&challenge), Some(verifier))
        };
        assert!(fits(&"a".repeat(43)) && fits(&"~".repeat(128)));
        assert!(!fits(&"a".repeat(42)) && !fits(&"a".repeat(129)) && !fits(&"+".repeat(43)));
    }
}
