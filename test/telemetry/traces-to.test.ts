import assert from 'node:assert/strict'
import { tracesTo } from '../../telemetry/traces-to.ts'

describe('where traces go', () => {
  const endpoint = 'http://collector:4318'

  for (const [what, env] of Object.entries({
    'nothing is set': {},
    'they are switched off for all of OpenTelemetry': { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'TRUE' },
    'they have no exporter': { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' },
    'the endpoint is empty': { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
    'only the endpoint of metrics is set': { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint },
  })) {
    it(`is nowhere, if ${what}`, () => assert.equal(tracesTo(env), undefined))
  }

  it('is below the endpoint of all signals, or exactly that of traces', () => {
    const url = (env: Record<string, string>) => tracesTo(env)?.url
    assert.equal(url({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), `${endpoint}/v1/traces`)
    assert.equal(url({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/otlp/` }), `${endpoint}/otlp/v1/traces`)
    const own = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/in' }
    assert.equal(url(own), 'https://traces/in')
    assert.equal(url({ OTEL_TRACES_EXPORTER: 'otlp' }), 'http://localhost:4318/v1/traces')
  })

  it('is told with the protocol, and without credentials', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:hush@collector?key=hush', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    assert.deepEqual(tracesTo(env), { url: 'https://collector/', protocol: 'grpc', headers: {} })
  })

  it('has the headers of the standard variables: percent-encoded, those of traces before those of all signals', () => {
    const headers = (env: Record<string, string>) => tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })?.headers
    assert.deepEqual(headers({ OTEL_EXPORTER_OTLP_HEADERS: ' api-key = a%20b==, ,X-Team=tea,' }), {
      ...{ 'api-key': 'a b==', 'x-team': 'tea' },
    })
    const both = { OTEL_EXPORTER_OTLP_HEADERS: 'api-key=1,x=2', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'API-Key=3' }
    assert.deepEqual(headers(both), { 'api-key': '3', x: '2' })
  })

  it('refuses headers that can not be sent, without a word of them', () => {
    for (const text of ['hush', '=hush', 'a b=hush', 'key=hush%', 'key=hush%0Ax', 'key=hush%C3%A9', 'key=a,hush']) {
      assert.throws(() => tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: text }), {
        message: /^OTEL_EXPORTER_OTLP_HEADERS must be name=value, (?!.*hush)/,
      })
    }
  })

  it('names the variable that it can not follow', () => {
    for (const [env, message] of [
      [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER must be otlp or none, not 'zipkin'/],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT must be an http\(s\) URL/],
      [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://' }, /OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be/],
      [
        { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' },
        /PROTOCOL must be one of .*, not 'thrift'/,
      ],
    ] as const) {
      assert.throws(() => tracesTo(env), { message })
    }
  })
})
