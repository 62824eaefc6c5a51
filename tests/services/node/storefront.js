// A shop's front in Node with the stock OpenTelemetry SDK: answers `GET /quote?item=tea` by asking the pricing service.
//
// PORT         where to listen on 127.0.0.1; 0, the default, takes any free port
// PRICING_URL  where the pricing service is, for example http://127.0.0.1:8081
// OTEL_…       whatever the SDK reads; unless told otherwise it sends all three signals over OTLP/gRPC
//
// Prints `storefront listens on http://127.0.0.1:PORT` when it does. SIGTERM sends what is held back, then ends it.
'use strict';

process.env.OTEL_SERVICE_NAME ??= 'storefront';
process.env.OTEL_EXPORTER_OTLP_PROTOCOL ??= 'grpc';
for (const signal of ['TRACES', 'LOGS', 'METRICS']) {
  process.env[`OTEL_${signal}_EXPORTER`] ??= 'otlp';
}

const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { NodeSDK } = require('@opentelemetry/sdk-node');

// The SDK patches `http`, so it starts before anything else loads that.
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] });
sdk.start();

const { metrics, trace, SpanStatusCode } = require('@opentelemetry/api');
const { logs, SeverityNumber } = require('@opentelemetry/api-logs');
const http = require('node:http');

const log = logs.getLogger('storefront');
const tracer = trace.getTracer('storefront');
const quotes = metrics.getMeter('storefront').createCounter('storefront.quotes', { description: 'Quotes given', unit: '{quote}' });
const pricing = process.env.PRICING_URL;

/** Asks the pricing service; the answer's status and its JSON. */
function ask(item) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${pricing}/price?item=${encodeURIComponent(item)}`, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    request.on('error', reject);
  });
}

/** A quote for one item, as `[status, body]`. */
function quote(item) {
  return tracer.startActiveSpan('quote', { attributes: { 'shop.item': item } }, async (span) => {
    try {
      const answer = await ask(item);
      if (answer.status !== 200) throw new Error(`pricing answered ${answer.status}`);
      quotes.add(1, { 'shop.item': item });
      log.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: `quoted ${item}`, attributes: { 'shop.item': item } });
      return [200, answer.body];
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      log.emit({ severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', body: `no quote for ${item}: ${error.message}`, attributes: { 'shop.item': item } });
      return [502, JSON.stringify({ error: error.message })];
    } finally {
      span.end();
    }
  });
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://storefront');
  const item = url.searchParams.get('item');
  const [status, body] = url.pathname === '/quote' && item ? await quote(item) : [404, JSON.stringify({ error: 'not found' })];
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`storefront listens on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(() => sdk.shutdown().then(() => process.exit(0), (error) => {
    console.error(`storefront could not send what it held: ${error.message}`);
    process.exit(1);
  }));
  server.closeIdleConnections();
});
