//! Asking the server that runs on a data folder.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::SOCKET;
use super::order::{Done, Order, Refusal};
use crate::error::ServerError;
use crate::folder::DataFolder;

/// Longest answer, in bytes: a list of defects can be long.
const MOST_ANSWER_BYTES: u64 = 256 << 20;

/// What the server that runs on `folder` makes of `order`; none if no server there can be asked. Blocks until the
/// answer is there, however long it takes.
pub(crate) fn ask_server(folder: &DataFolder, order: &Order) -> Result<Option<Done>, ServerError> {
    let unreachable =
        |action| move |source| ServerError::Unreachable { action, folder: folder.path().to_owned(), source };
    let stream = match UnixStream::connect(folder.path().join(SOCKET)) {
        Ok(stream) => stream,
        Err(error) if nobody_listens(&error) => return Ok(None),
        Err(error) => return Err(unreachable("reach")(error)),
    };
    let answer = exchange(stream, order).map_err(unreachable("ask"))?;
    match serde_json::from_slice::<Result<Done, Refusal>>(&answer) {
        Ok(answer) => Ok(Some(answer?)),
        Err(_) if answer.is_empty() => {
            Err(unreachable("ask")(io::Error::other("it ended before it answered")))
        }
        Err(error) => Err(unreachable("understand")(error.into())),
    }
}

fn exchange(mut stream: UnixStream, order: &Order) -> io::Result<Vec<u8>> {
    // Only a path that is not Unicode cannot be written.
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.take(MOST_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(answer)
}

/// No socket, one that a crash left behind, or a path too long for one.
fn nobody_listens(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput)
}
