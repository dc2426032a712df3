//! The engine alone on each store, beside the raw reads and commits of that store which the same answer needs at least.

use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::Engine;
use koinon_engine::audience::Viewer;
use koinon_engine::id::Flake;
use koinon_engine::model::AccountId;
use koinon_engine::page::PageRequest;
use koinon_engine::store::Store;
use koinon_engine::timelines::TimelineFilter;
use tempfile::TempDir;

use crate::Failure;
use crate::data::DataSet;
use crate::measured::{Step, Work, beside};
use crate::options::Options;
use crate::people::{account, draft, keenest};
use crate::raw;
use crate::report::{Comparison, Report};
use crate::stores::{Backend, engine};

const HOME: &str = "home timeline of 20";
const POST: &str = "post, 50 followers";
const TEXT: &str = "A short post about nothing much";
const POST_BY_ROW: &str = "post, 50 followers, beside rows alone";

/// Measures reading and posting on every store.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    for backend in Backend::ALL {
        let name = |what: &str| format!("engine on {}: {what}", backend.name());
        let names = [name(HOME), name(POST), name(POST_BY_ROW)];
        if !options.wants_any(names.iter().map(String::as_str)) {
            continue;
        }
        let data = DataSet { accounts: 500, statuses: 5_000, backend };
        let opened = Opened::new(data)?;
        for at_once in [1, 16] {
            opened.compare_reading(&names[0], at_once, options, report)?;
            opened.compare_posting(&names[1], at_once, false, options, report)?;
        }
        opened.compare_posting(&names[2], 16, true, options, report)?;
    }
    Ok(())
}

/// A store with an engine, and a copy of it for what is written without one.
struct Opened {
    engine: Engine,
    raw: Arc<dyn Store>,
    reader: AccountId,
    author: AccountId,
    _folders: Vec<TempDir>,
}

impl Opened {
    fn new(data: DataSet) -> Result<Self, Failure> {
        let mut folders = Vec::new();
        let mut open = || -> Result<Arc<dyn Store>, Failure> {
            if data.backend == Backend::Memory {
                return Ok(Arc::clone(data.in_memory()?.store()));
            }
            let folder = data.copy()?;
            let store = data.backend.open(folder.path())?;
            folders.push(folder);
            Ok(store)
        };
        let (store, raw) = (open()?, open()?);
        let engine = engine(store)?;
        let (reader, author) = (keenest(&engine)?, account(&engine, "author")?);
        Ok(Self { engine, raw, reader, author, _folders: folders })
    }

    fn compare_reading(
        &self,
        name: &str,
        at_once: usize,
        options: &Options,
        report: &mut Report,
    ) -> Result<(), Failure> {
        if !options.wants(name) {
            return Ok(());
        }
        let limit = raw::home_timeline(self.engine.store(), self.reader);
        let work = read_home(&self.engine, self.reader, PageRequest::newest(20));
        let (measured, limit) = beside(at_once, options.duration(), &work, &limit)?;
        let (name, limit_name) = (name.to_owned(), "one scan of 20 keys and 20 reads");
        report.add(Comparison { name, at_once, measured, limit_name, limit });
        Ok(())
    }

    fn compare_posting(
        &self,
        name: &str,
        at_once: usize,
        row_by_row: bool,
        options: &Options,
        report: &mut Report,
    ) -> Result<(), Failure> {
        if !options.wants(name) {
            return Ok(());
        }
        let (rows, id) = self.rows_of_a_post()?;
        let limit = raw::commits(&self.raw, &rows, id, row_by_row);
        let work = post(&self.engine, self.author);
        let (measured, limit) = beside(at_once, options.duration(), &work, &limit)?;
        let limit_name =
            if row_by_row { "a commit for each of its rows" } else { "one commit of the same rows" };
        report.add(Comparison { name: name.to_owned(), at_once, measured, limit_name, limit });
        Ok(())
    }

    /// What a post writes, and its id.
    fn rows_of_a_post(&self) -> Result<(Vec<raw::Row>, Flake), Failure> {
        let (recording, rows) = raw::Recording::new(Arc::clone(self.engine.store()));
        let recorded = engine(Arc::new(recording))?;
        // What a first one writes beside is not what each writes.
        block_on(recorded.post(self.author, draft(TEXT, None)))?;
        rows.take();
        let view = block_on(recorded.post(self.author, draft(TEXT, None)))?;
        Ok((rows.take(), view.status.id))
    }
}

/// Reading a page of a home timeline.
pub(crate) fn read_home(engine: &Engine, reader: AccountId, request: PageRequest) -> Work {
    let engine = engine.clone();
    Arc::new(move || {
        let engine = engine.clone();
        let step: Step = Box::new(move |_| {
            block_on(engine.query(Viewer::Local(reader), move |query| {
                query.home_timeline(&TimelineFilter::default(), &request)
            }))?;
            Ok(())
        });
        Ok(step)
    })
}

fn post(engine: &Engine, author: AccountId) -> Work {
    let engine = engine.clone();
    Arc::new(move || {
        let engine = engine.clone();
        let step: Step = Box::new(move |_| {
            block_on(engine.post(author, draft(TEXT, None)))?;
            Ok(())
        });
        Ok(step)
    })
}
