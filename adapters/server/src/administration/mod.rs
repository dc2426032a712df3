//! Orders of the command line to an instance: carried out by the process of the command, or, where the store lets in
//! one process only, by the server that has it.
//!
//! Such a server listens on the Unix socket `koinon.sock` in its data folder, which only the user of the server can
//! reach. A connection carries one order and its answer, each a line of JSON.
#![cfg_attr(not(unix), allow(dead_code, reason = "what travels over the socket"))]

#[cfg(unix)]
mod client;
mod order;
mod perform;
#[cfg(unix)]
mod server;
#[cfg(all(unix, test))]
mod tests;

pub(crate) use order::{Done, Findings, Order};
pub(crate) use perform::{back_up, check_media, defect, perform};

#[cfg(unix)]
pub(crate) use client::ask_server;
#[cfg(unix)]
pub(crate) use server::Desk;

/// The socket in the data folder.
#[cfg(unix)]
const SOCKET: &str = "koinon.sock";

/// Systems without Unix sockets: a server cannot be asked.
#[cfg(not(unix))]
pub(crate) fn ask_server(
    _folder: &crate::folder::DataFolder,
    _order: &Order,
) -> Result<Option<Done>, crate::error::ServerError> {
    Ok(None)
}

/// Systems without Unix sockets: nobody asks.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Desk;

#[cfg(not(unix))]
impl Desk {
    pub(crate) fn open(
        _folder: crate::folder::DataFolder,
        _engine: koinon_engine::Engine,
        _kind: crate::store_kind::StoreKind,
    ) -> Option<Self> {
        None
    }

    pub(crate) async fn close(self) {}
}
