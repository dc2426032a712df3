//! One history on every backend at once.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_tests::histories::{dump, first_difference};

use super::backend::Backend;
use super::invariants;
use super::perform::perform;
use super::question::{Answered, Question};
use super::random::Random;
use super::records::Records;
use super::step::Step;
use super::survey;
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

/// Runs a history on every backend; says what went wrong, and where.
pub(crate) fn run(history: &[Step], seed: u64, asking: Asking) -> Result<(), String> {
    let mut run = Run::new(seed, asking)?;
    for (number, step) in history.iter().enumerate() {
        run.step(step).map_err(|problem| format!("after step {number}, {step:?}: {problem}"))?;
        let last = number + 1 == history.len();
        if last || (asking == Asking::OnTheWay && run.random.one_in(12)) {
            run.compare_dumps().map_err(|problem| format!("after step {number}, {step:?}: {problem}"))?;
        }
    }
    run.finish().map_err(|problem| format!("at the end: {problem}"))
}

struct Run {
    worlds: Vec<World>,
    random: Random,
    asking: Asking,
    tombstones: BTreeMap<koinon_engine::model::StatusId, koinon_engine::model::Tombstone>,
}

/// What one viewer asked, and was answered.
type Asked = (Viewer, Vec<Question>, Vec<Answered>);

impl Run {
    fn new(seed: u64, asking: Asking) -> Result<Self, String> {
        let worlds = Backend::ALL.into_iter().map(|backend| World::new(backend, seed));
        let worlds = worlds.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { worlds, random: Random::new(seed), asking, tombstones: BTreeMap::new() })
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let before = if *step == Step::Reopen { Some(self.everything()?) } else { None };
        let mut answers = Vec::with_capacity(self.worlds.len());
        for world in &mut self.worlds {
            answers.push(perform(world, step).map_err(|problem| format!("{:?}: {problem}", world.backend))?);
        }
        for (world, answer) in self.worlds.iter().zip(&answers).skip(1) {
            if !answers[0].equals(&**answer) {
                return Err(format!("{:?} answers\n{answer:#?}\nand not\n{:#?}", world.backend, answers[0]));
            }
        }
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
            let questions = survey::sample(&self.worlds[0], &mut self.random, 16);
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
                .map_err(|problem| format!("{:?} against {:?}: {problem}", Backend::ALL[0], world.backend))?;
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

    fn finish(mut self) -> Result<(), String> {
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
        undo::changes_nothing(&mut self.worlds[0], &mut self.random)
    }

    /// What everyone is answered to everything, in every world.
    fn everything(&self) -> Result<Vec<Asked>, String> {
        let mut answers = Vec::new();
        for world in &self.worlds {
            let questions = survey::whole(world);
            for viewer in world.viewers() {
                answers.push((viewer, questions.clone(), survey::ask(world, viewer, &questions)?));
            }
        }
        Ok(answers)
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
        if !one.answer.equals(&*other.answer) {
            return Err(format!(
                "{viewer:?} asks {question:?} and is answered\n{:#?}\nand\n{:#?}",
                one.answer, other.answer
            ));
        }
    }
    Ok(())
}
