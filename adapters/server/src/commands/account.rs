//! `koinon account`
