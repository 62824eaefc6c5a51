"""A pricing service in Python with the stock OpenTelemetry SDK: answers `GET /price?item=tea`.

PORT   where to listen on 127.0.0.1; 0, the default, takes any free port
OTEL_… whatever the SDK reads; it sends all three signals over OTLP/HTTP, as protobuf

Knows the prices of `tea` and `coffee`. Asked for `unobtainium` it fails with an exception, as services do.
Prints `pricing listens on http://127.0.0.1:PORT` when it does. SIGTERM sends what is held back, then ends it.
"""

import json
import logging
import os
import signal
import threading
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PRICES = {"tea": 350, "coffee": 420, "unobtainium": None}


def start_telemetry():
    """Installs the three providers and returns them in the order in which they are shut down."""
    os.environ.setdefault("OTEL_SERVICE_NAME", "pricing")
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracers)

    loggers = LoggerProvider()
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(loggers)
    logging.getLogger().setLevel(logging.INFO)
    LoggingInstrumentor().instrument()

    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    metrics.set_meter_provider(meters)
    return [tracers, loggers, meters]


def application():
    """The service as a WSGI application; the middleware around it makes its server spans."""
    log = logging.getLogger("pricing")
    tracer = trace.get_tracer("pricing")
    lookups = metrics.get_meter("pricing").create_counter("pricing.lookups", unit="{lookup}", description="Prices asked for")

    def price_of(item):
        with tracer.start_as_current_span("look up", attributes={"shop.item": item}):
            lookups.add(1, {"shop.item": item})
            if PRICES[item] is None:
                raise ValueError(f"{item} has no price")
            log.info("%s costs %d cents", item, PRICES[item], extra={"shop.item": item})
            return PRICES[item]

    def answer(environ, start_response):
        item = parse_qs(environ.get("QUERY_STRING", "")).get("item", [""])[0]
        if environ["PATH_INFO"] != "/price" or item not in PRICES:
            status, body = "404 Not Found", {"error": "not found"}
        else:
            try:
                status, body = "200 OK", {"item": item, "cents": price_of(item)}
            except ValueError as error:
                log.exception("cannot price %s", item)
                status, body = "500 Internal Server Error", {"error": str(error)}
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return OpenTelemetryMiddleware(answer)


class Quiet(WSGIRequestHandler):
    """Leaves standard error to what goes wrong."""

    def log_message(self, *arguments):
        pass


def main():
    providers = start_telemetry()
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "0")), application(), handler_class=Quiet)
    # `shutdown` waits for the loop that runs in this thread, where the signal handler runs as well.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"pricing listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    for provider in providers:
        provider.shutdown()


if __name__ == "__main__":
    main()
