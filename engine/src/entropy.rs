//! Randomness as the engine sees it: injected, so that a seeded run repeats byte for byte.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Where the engine gets random bytes from.
pub trait Entropy: Send + Sync + fmt::Debug + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The random numbers of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without randomness can make neither ids nor tokens that others cannot guess.
        getrandom::fill(bytes).expect("the operating system provides random bytes once it has booted");
    }
}

/// Random-looking bytes that depend on a seed alone. Never for real users: whoever knows the seed knows every token.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<(u64, u64)>);

impl SeededEntropy {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::new()
                .chain_update(state.0.to_le_bytes())
                .chain_update(state.1.to_le_bytes())
                .finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
            state.1 += 1;
        }
    }
}

/// A secret that is handed out once and stored only as its [`SecretHash`].
///
/// 256 random bits as 43 characters that need no escaping anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text to hand out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be stored of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// SHA-256 of a secret. Looking a secret up by its hash takes the same time for every wrong guess.
pub type SecretHash = [u8; 32];

/// Makes a [`SecretHash`] from the text a client sent.
pub trait HashSecret {
    /// The hash of `text`.
    fn of(text: &str) -> Self;
}

impl HashSecret for SecretHash {
    fn of(text: &str) -> Self {
        Sha256::digest(text.as_bytes()).into()
    }
}
