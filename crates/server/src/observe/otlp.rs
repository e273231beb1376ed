//! Traces for OpenTelemetry: switched on by the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP.
use kernel::{Error, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_opentelemetry::OpenTelemetryLayer;

/// The variables that name a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// The traces of this process on their way to a collector.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends traces to the collector that the environment names; none where it names none.
    pub(crate) fn start() -> Result<Option<Self>> {
        if ENDPOINTS.iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build().map_err(|cause| {
            let message = format!("Traces cannot be sent: {cause}. Check OTEL_EXPORTER_OTLP_ENDPOINT.");
            Error::caller("BAD_OTLP_ENDPOINT", message)
        })?;
        let name = std::env::var("OTEL_SERVICE_NAME").unwrap_or_else(|_| "careerql".to_owned());
        let resource = Resource::builder().with_service_name(name).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Some(Self(provider)))
    }

    /// The layer that turns spans into traces.
    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, opentelemetry_sdk::trace::SdkTracer>
    where
        S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("careerql"))
    }

    /// Sends what is left.
    pub(crate) fn stop(self) {
        if let Err(cause) = self.0.shutdown() {
            tracing::warn!(%cause, "the last traces could not be sent");
        }
    }
}
