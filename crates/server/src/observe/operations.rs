//! Counts of each operation, and labels for some of them. Anybody can make up names, so there is a number
//! of places, and whoever is asked for more often takes the place of whoever is asked for least.
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{MetricType, counter::Counter, histogram::Histogram},
    registry::Unit,
};

use super::metrics::{ANONYMOUS, OTHER, Outcome, costs, label, times};

/// Number of operations that have a label of their own; the others share `other`.
const MAX_LABELS: usize = 100;
/// Number of operations without a label that are counted, so that they can come to have one.
const MAX_CANDIDATES: usize = 1_000;
/// After how long what was asked counts half.
const FADING: Duration = Duration::from_hours(1);

/// The metrics of one operation, found once and kept with its answers.
pub(crate) struct Operation {
    name: String,
    outcomes: [Counter; 4],
    seconds: Histogram,
    cost: Histogram,
    /// Number of recent requests for it.
    weight: AtomicU64,
    is_labelled: AtomicBool,
    /// Tells whether it has its place whatever else is asked.
    is_reserved: bool,
    /// Operation that its requests count for as well while it has no label.
    other: Option<Arc<Self>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: String,
    outcome: Outcome,
}

impl Operation {
    fn new(name: &str, other: Option<&Arc<Self>>) -> Self {
        Self {
            name: name.to_owned(),
            outcomes: Default::default(),
            seconds: times(),
            cost: costs(),
            weight: AtomicU64::new(0),
            is_labelled: AtomicBool::new(true),
            is_reserved: false,
            other: other.cloned(),
        }
    }

    /// A request for the operation was answered.
    pub(crate) fn answered(&self, outcome: Outcome, took: Duration) {
        self.weight.fetch_add(1, Relaxed);
        for counted in self.counted() {
            counted.outcomes[outcome as usize].inc();
            counted.seconds.observe(took.as_secs_f64());
        }
    }

    /// The operation costs this much.
    pub(crate) fn costs(&self, cost: u64) {
        for counted in self.counted() {
            #[expect(clippy::cast_precision_loss, reason = "a rough figure")]
            counted.cost.observe(cost as f64);
        }
    }

    /// Itself, and what is shown in its place.
    fn counted(&self) -> impl Iterator<Item = &Self> {
        let other = self.other.as_deref().filter(|_| !self.is_labelled.load(Relaxed));
        std::iter::once(self).chain(other)
    }

    fn weight(&self) -> u64 {
        self.weight.load(Relaxed)
    }

    fn fade(&self) {
        // What is counted meanwhile may be lost: it is a rough figure.
        self.weight.store(self.weight() / 2, Relaxed);
    }
}

type ByName = BTreeMap<String, Arc<Operation>>;

/// The operations that are counted.
pub(super) struct OperationMetrics {
    labelled: ByName,
    candidates: ByName,
    other: Arc<Operation>,
    faded: Instant,
}

impl Default for OperationMetrics {
    fn default() -> Self {
        let other = Arc::new(Operation::new(OTHER, None));
        Self { labelled: ByName::new(), candidates: ByName::new(), other, faded: Instant::now() }
    }
}

impl OperationMetrics {
    /// An operation that was executed.
    pub(super) fn executed(&mut self, name: Option<&str>) -> Arc<Operation> {
        let name = label(name);
        if name == OTHER {
            return self.other.clone();
        }
        if let Some(known) = self.labelled.get(name).or_else(|| self.candidates.get(name)) {
            return known.clone();
        }
        if name == ANONYMOUS {
            return self.reserve(name);
        }
        let mut operation = Operation::new(name, Some(&self.other));
        let is_labelled = self.labelled.values().filter(|known| !known.is_reserved).count() < MAX_LABELS;
        if !is_labelled && self.candidates.len() >= MAX_CANDIDATES {
            self.candidates.values().for_each(|candidate| candidate.fade());
            self.candidates.retain(|_, candidate| candidate.weight() > 0);
            if self.candidates.len() >= MAX_CANDIDATES {
                return self.other.clone();
            }
        }
        operation.is_labelled = AtomicBool::new(is_labelled);
        let operation = Arc::new(operation);
        let place = if is_labelled { &mut self.labelled } else { &mut self.candidates };
        place.insert(name.to_owned(), operation.clone());
        operation
    }

    /// An operation that was not executed: itself, where it has a label.
    pub(super) fn known(&self, name: Option<&str>) -> Arc<Operation> {
        self.labelled.get(label(name)).unwrap_or(&self.other).clone()
    }

    /// Gives an operation a label of its own, however many others there come to be.
    pub(super) fn reserve(&mut self, name: &str) -> Arc<Operation> {
        let name = label(Some(name));
        let operation = || Arc::new(Operation { is_reserved: true, ..Operation::new(name, Some(&self.other)) });
        self.labelled.entry(name.to_owned()).or_insert_with(operation).clone()
    }

    /// Gives the labels to those that are asked for most.
    pub(super) fn settle(&mut self) {
        if self.faded.elapsed() > FADING {
            self.faded = Instant::now();
            self.labelled.values().chain(self.candidates.values()).for_each(|operation| operation.fade());
        }
        let mut rising: Vec<_> = self.candidates.values().cloned().collect();
        rising.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight()));
        for candidate in rising {
            let places = self.labelled.values().filter(|known| !known.is_reserved);
            let Some(weakest) = places.min_by_key(|known| known.weight()).cloned() else { return };
            if candidate.weight() <= weakest.weight() {
                return;
            }
            move_between(&mut self.labelled, &mut self.candidates, &weakest);
            move_between(&mut self.candidates, &mut self.labelled, &candidate);
            weakest.is_labelled.store(false, Relaxed);
            candidate.is_labelled.store(true, Relaxed);
        }
    }

    /// Those with a label.
    pub(super) fn shown(&self) -> Shown {
        Shown(self.labelled.values().chain([&self.other]).cloned().collect())
    }
}

fn move_between(from: &mut ByName, to: &mut ByName, operation: &Operation) {
    to.extend(from.remove_entry(&operation.name));
}

/// The operations with a label, as Prometheus reads them.
pub(super) struct Shown(Vec<Arc<Operation>>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|operation| &operation.name)).finish()
    }
}

impl prometheus_client::collector::Collector for Shown {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "GraphQL requests by operation and outcome.";
        let mut requests = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for operation in &self.0 {
            for (outcome, counter) in Outcome::ALL.into_iter().zip(&operation.outcomes) {
                counter
                    .encode(requests.encode_family(&RequestLabels { operation: operation.name.clone(), outcome })?)?;
            }
        }
        let help = "The time from the head of a request to its answer.";
        let mut seconds = encoder.encode_descriptor("request", help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for operation in &self.0 {
            operation.seconds.encode(seconds.encode_family(&OperationLabels { operation: operation.name.clone() })?)?;
        }
        let help = "The cost of executed requests, as the limit counts it.";
        let mut cost = encoder.encode_descriptor("request_cost", help, None, MetricType::Histogram)?;
        for operation in &self.0 {
            operation.cost.encode(cost.encode_family(&OperationLabels { operation: operation.name.clone() })?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(operations: &mut OperationMetrics, name: &str, times: usize) {
        for _ in 0..times {
            operations.executed(Some(name)).answered(Outcome::Ok, Duration::ZERO);
        }
    }

    fn labels(operations: &mut OperationMetrics) -> String {
        operations.settle();
        format!("{:?}", operations.shown())
    }

    #[test]
    fn names_that_were_made_up_take_no_place_from_those_in_use() {
        let mut operations = OperationMetrics::default();
        ask(&mut operations, "Early", 3);
        for number in 0..5_000 {
            ask(&mut operations, &format!("Made{number}"), 1);
        }
        ask(&mut operations, "Late", 3);
        let labels = labels(&mut operations);
        for real in ["Early", "Late"] {
            assert!(labels.contains(real), "{labels}");
        }
        assert_eq!(labels.matches("Made").count(), MAX_LABELS - 2);
        assert!(operations.candidates.len() <= MAX_CANDIDATES);
    }

    #[test]
    fn an_operation_that_gets_a_label_brings_what_was_counted() {
        let mut operations = OperationMetrics::default();
        for number in 0..MAX_LABELS {
            ask(&mut operations, &format!("Made{number}"), 1);
        }
        // As an answer from the cache has it.
        let kept = operations.executed(Some("Late"));
        (0..5).for_each(|_| kept.answered(Outcome::Cached, Duration::ZERO));
        assert!(labels(&mut operations).contains("Late"));
        kept.answered(Outcome::Cached, Duration::ZERO);
        assert_eq!(kept.outcomes[Outcome::Cached as usize].get(), 6);
        assert_eq!(operations.other.outcomes[Outcome::Cached as usize].get(), 5);
    }

    #[test]
    fn what_is_reserved_stays() {
        let mut operations = OperationMetrics::default();
        operations.reserve("Trusted");
        for number in 0..2 * MAX_LABELS {
            ask(&mut operations, &format!("Made{number}"), number);
        }
        let labels = labels(&mut operations);
        assert!(labels.contains("Trusted"), "{labels}");
        assert_eq!(labels.matches("Made").count(), MAX_LABELS);
    }
}
