//! One history on every backend at once.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_tests::histories::{dump, first_difference};

use super::backend::Backend;
use super::invariants;
use super::perform::everywhere;
use super::question::{Answered, Question};
use super::random::Random;
use super::records::Records;
use super::step::Step;
use super::survey::{self, Observed};
use super::undo;
use super::world::World;

/// When questions are asked. At the end everyone is asked everything in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Two viewers are asked some questions after each step, too.
    OnTheWay,
    /// Only at the end, and more. A shorter history that fails is found so, and faster.
    AtTheEnd,
}

/// How often each kind of step was done, and how often it was refused.
pub(crate) type Tally = BTreeMap<String, (usize, usize)>;

/// What went wrong, and how many steps it took.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) step: usize,
    pub(crate) problem: String,
}

/// Runs a history on these backends, the first of which is what the others are compared with.
pub(crate) fn run(
    history: &[Step],
    seed: u64,
    asking: Asking,
    backends: &[Backend],
) -> Result<Tally, Failure> {
    let failure = |step, problem| Failure { step, problem };
    let mut run = Run::new(seed, asking, backends).map_err(|problem| failure(0, problem))?;
    for (number, step) in history.iter().enumerate() {
        let described = |problem| failure(number + 1, format!("at step {number}, {step:?}: {problem}"));
        run.step(step).map_err(described)?;
        if asking == Asking::OnTheWay && run.random.one_in(20) {
            run.compare_dumps().map_err(described)?;
        }
    }
    run.finish().map_err(|problem| failure(history.len(), format!("at the end: {problem}")))
}

/// The name of a step's kind.
fn kind_of(step: &Step) -> String {
    format!("{step:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

struct Run {
    worlds: Vec<World>,
    seed: u64,
    random: Random,
    asking: Asking,
    tally: Tally,
    tombstones: BTreeMap<koinon_engine::model::StatusId, koinon_engine::model::Tombstone>,
}

impl Run {
    fn new(seed: u64, asking: Asking, backends: &[Backend]) -> Result<Self, String> {
        let worlds = backends.iter().map(|backend| World::new(*backend, seed));
        let worlds = worlds.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            worlds,
            seed,
            random: Random::new(seed),
            asking,
            tally: Tally::new(),
            tombstones: BTreeMap::new(),
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let before = if *step == Step::Reopen { Some(self.everything()?) } else { None };
        let reply = everywhere(&mut self.worlds, step)?;
        let (done, refused) = self.tally.entry(kind_of(step)).or_default();
        *(if reply.accepted { done } else { refused }) += 1;
        if let Some(before) = before {
            // I13
            let after = self.everything()?;
            for ((viewer, questions, before), (_, _, after)) in before.iter().zip(&after) {
                same(*viewer, questions, before, after).map_err(|problem| format!("I13: {problem}"))?;
            }
        }
        self.look()
    }

    /// Asks every world the same and checks what has to hold.
    fn look(&mut self) -> Result<(), String> {
        let records = self.records()?;
        invariants::of_records(&records)?;
        let mut shown = BTreeSet::new();
        for viewer in self.chosen_viewers() {
            let questions = survey::sample(&self.worlds[0], &mut self.random, 12);
            shown.extend(self.ask_everywhere(&records, viewer, &questions)?);
            self.check_viewer(&records, viewer)?;
        }
        invariants::deletions_are_final(&self.tombstones, &records, &shown)?;
        self.tombstones = records.tombstones;
        Ok(())
    }

    fn check_viewer(&self, records: &Records, viewer: Viewer) -> Result<(), String> {
        invariants::allowed_is_shown(&self.worlds[0], records, viewer)?;
        if let Viewer::Local(account) = viewer {
            invariants::home_is_recomputed(&self.worlds[0], records, account)?;
            invariants::notifications_are_welcome(&self.worlds[0], records, account)?;
        }
        Ok(())
    }

    /// Asks every world the same; answers which statuses were shown.
    fn ask_everywhere(
        &self,
        records: &Records,
        viewer: Viewer,
        questions: &[Question],
    ) -> Result<BTreeSet<koinon_engine::model::StatusId>, String> {
        let expected = survey::ask(&self.worlds[0], viewer, questions)?;
        for world in &self.worlds[1..] {
            let answers = survey::ask(world, viewer, questions)?;
            same(viewer, questions, &expected, &answers)
                .map_err(|problem| format!("{:?}: {problem}", world.backend))?;
        }
        let mut shown = BTreeSet::new();
        for (question, answer) in questions.iter().zip(&expected) {
            invariants::shown_is_allowed(records, viewer, &answer.shown, question)?;
            shown.extend(&answer.shown);
        }
        Ok(shown)
    }

    fn compare_dumps(&self) -> Result<(), String> {
        let expected = dump(self.worlds[0].store()).map_err(|error| format!("{error:?}"))?;
        for world in &self.worlds[1..] {
            let rows = dump(world.store()).map_err(|error| format!("{error:?}"))?;
            if let Some((here, there)) = first_difference(&expected, &rows) {
                return Err(format!("{:?} has\n{there:?}\nand not\n{here:?}", world.backend));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Tally, String> {
        self.compare_dumps()?;
        let records = self.records()?;
        for viewer in self.worlds[0].viewers() {
            let mut questions = survey::whole(&self.worlds[0]);
            if self.asking == Asking::AtTheEnd {
                questions.extend(survey::sample(&self.worlds[0], &mut self.random, 100));
            }
            self.ask_everywhere(&records, viewer, &questions)?;
            self.check_viewer(&records, viewer)?;
        }
        for world in &self.worlds {
            // I2, I6
            let defects = block_on(world.engine().check()).map_err(|error| format!("{error:?}"))?;
            if !defects.is_empty() {
                return Err(format!("the check of {:?} finds {defects:#?}", world.backend));
            }
        }
        undo::changes_nothing(&mut self.worlds, &mut Random::new(self.seed))?;
        self.compare_dumps()?;
        Ok(self.tally)
    }

    /// What everyone is answered to everything, in every world.
    fn everything(&self) -> Result<Vec<Observed>, String> {
        let observed = self.worlds.iter().map(survey::observe).collect::<Result<Vec<_>, _>>()?;
        Ok(observed.into_iter().flatten().collect())
    }

    fn chosen_viewers(&mut self) -> Vec<Viewer> {
        let mut viewers = self.worlds[0].viewers();
        let count = if self.asking == Asking::OnTheWay { 2 } else { 0 };
        while viewers.len() > count {
            viewers.swap_remove(self.random.below(viewers.len()));
        }
        viewers
    }

    fn records(&self) -> Result<Records, String> {
        let world = &self.worlds[0];
        Records::read(world.store(), world.engine().now()).map_err(|error| format!("{error:?}"))
    }
}

fn same(viewer: Viewer, questions: &[Question], one: &[Answered], other: &[Answered]) -> Result<(), String> {
    for (question, (one, other)) in questions.iter().zip(one.iter().zip(other)) {
        if one.answer != other.answer {
            return Err(format!(
                "{viewer:?} asks {question:?} and is answered\n{:#?}\nand\n{:#?}",
                one.answer, other.answer
            ));
        }
    }
    Ok(())
}
