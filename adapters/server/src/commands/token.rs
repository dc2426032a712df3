//! `koinon token`
