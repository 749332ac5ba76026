/** Values that the chart has to refuse, beside those of the set `minimal`, and what is said of them. */
export const WRONG_VALUES: { what: string; values: object; says: RegExp }[] = [
  { what: 'callers that nobody knows', values: { settings: { AUTH: 'off' } }, says: /AUTH/ },
  { what: 'no AUTH', values: { settings: { AUTH: null } }, says: /AUTH/ },
  { what: 'no address of Temporal', values: { settings: { TEMPORAL_ADDRESS: null } }, says: /TEMPORAL_ADDRESS/ },
  { what: 'a setting that is none', values: { settings: { AUHT: 'jwt' } }, says: /AUHT/ },
  { what: 'a secret among the settings', values: { settings: { DATABASE_URL: 'postgres://a:b@c/d' } }, says: /DATABASE_URL/ },
  { what: 'an address that is the chart’s', values: { settings: { HTTP_ADDR: '0.0.0.0:80' } }, says: /HTTP_ADDR/ },
  { what: 'a secret in clear', values: { secrets: { CONSUL_HTTP_TOKEN: 'abc' } }, says: /CONSUL_HTTP_TOKEN/ },
  { what: 'a secret in a ConfigMap', values: { secrets: { TEMPORAL_API_KEY: { configMap: 'a', key: 'b' } } }, says: /configMap/ },
  { what: 'a file without a source', values: { files: { CONSUL_CACERT: { key: 'ca.crt' } } }, says: /CONSUL_CACERT/ },
  { what: 'a migration without an owner', values: { migration: { databaseUrl: null } }, says: /databaseUrl|migration/ },
  { what: 'a value that is none', values: { worker: { replica: 3 } }, says: /replica/ },
  { what: 'a scrape that the rules are not made for', values: { serviceMonitor: { interval: '30s' } }, says: /interval/ },
  { what: 'metrics that everybody may read', values: { networkPolicy: { monitoring: [] } }, says: /monitoring/ },
]
