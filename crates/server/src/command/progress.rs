//! Progress of a long command: one line on the standard error that writes over itself, where that is a terminal.
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use kernel::store::Step;

/// Interval at which the line is written.
const TICK: Duration = Duration::from_millis(250);

/// The line, and the step that it tells of.
#[derive(Default)]
pub(super) struct Line(Mutex<Option<(Step, ProgressBar)>>);

impl Line {
    /// Tells that so many more documents were checked or written.
    pub(super) fn tell(&self, step: Step, more: usize) {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(&*line, Some((told, _)) if *told == step) {
            *line = Some((step, bar(step)));
        }
        if let Some((_, bar)) = &*line {
            bar.inc(more as u64);
        }
    }
}

/// Takes the line away again.
impl Drop for Line {
    fn drop(&mut self) {
        let line = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bar)) = line {
            bar.finish_and_clear();
        }
    }
}

/// The line that tells which table of a data set is read or written.
#[derive(Default)]
pub(super) struct RowsLine(Mutex<Option<(String, ProgressBar)>>);

impl RowsLine {
    /// Tells that so many more rows of the table were read or written.
    pub(super) fn tell(&self, table: &str, more: usize) {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(&*line, Some((told, _)) if told == table) {
            *line = Some((table.to_owned(), spinner(table.to_owned(), "{human_pos} rows of {msg}, {per_sec}")));
        }
        if let Some((_, bar)) = &*line {
            bar.inc(more as u64);
        }
    }
}

/// Takes the line away again.
impl Drop for RowsLine {
    fn drop(&mut self) {
        let line = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bar)) = line {
            bar.finish_and_clear();
        }
    }
}

/// The line that tells which share of a copy is done.
pub(super) struct ShareLine(ProgressBar);

impl ShareLine {
    /// A line about what is done by this verb, such as `restored`.
    pub(super) fn of(verb: &'static str) -> Self {
        let bar = ProgressBar::new(1).with_message(verb);
        bar.enable_steady_tick(TICK);
        Self(match ProgressStyle::with_template("{percent} % {msg}") {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// Tells how much is done, and how much there is.
    pub(super) fn tell(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }
}

/// Takes the line away again.
impl Drop for ShareLine {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn bar(step: Step) -> ProgressBar {
    let name = match step {
        Step::Checked => "checked",
        Step::Written => "written",
    };
    spinner(name.to_owned(), "{human_pos} documents {msg}, {per_sec}")
}

fn spinner(message: String, template: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.enable_steady_tick(TICK);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
