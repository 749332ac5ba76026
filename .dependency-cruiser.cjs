// Paths are relative to the folder that is cruised. A package's path holds node_modules/, a Node built-in's is its bare name.

/**
 * What each folder, and each module that is a room by itself, may import of ours, beside itself, and why no more. Each path that stands here
 * is imported: test/house/import-rules.test.ts holds that. Three absences that matter: dev/, bench/ and test/, because what runs in
 * production must not need them; services/, because everybody but tests meets them over gRPC, as the services in production (bench/ takes the locks of its own
 * stand-in from there);
 * composition/, which joins the parts of a process, so that only its roots and tests know it.
 */
const FOLDERS = {
  contracts: { may: [], because: 'workflows, activities, the HTTP front door and its callers all load it' },
  workflows: {
    may: ['contracts/'],
    because: 'what a workflow imports is replayed with it; activities are called by contracts/activities.ts',
  },
  activities: {
    may: ['contracts/', 'workflows/missing-answer\\.ts$', 'clients/', 'store/'],
    because: 'composition/order-worker.ts hands them the rest (activities/deps.ts)',
  },
  identity: { may: ['contracts/', 'tls/names-of\\.ts$'], because: 'both doors ask it who their callers are' },
  limits: { may: ['contracts/'], because: 'both doors hold their callers to them' },
  api: {
    may: [
      ...['contracts/', 'identity/', 'limits/', 'operators/(refused|verb)\\.ts$', 'store/', 'temporal/', 'tls/'],
      'telemetry/log-readiness\\.ts$',
    ],
    because: 'it stands in front of Temporal, not behind it',
  },
  store: { may: ['contracts/'], because: 'it knows SQL and orders, and nobody who asks' },
  clients: {
    may: ['contracts/', 'proto/', 'tls/'],
    because: 'they know channels and messages, no business',
  },
  recipients: {
    may: ['codec/(payload-keys|reloaded-file)\\.ts$', 'contracts/', 'store/'],
    because: 'composition/recipients.ts makes it for the front doors, and hands the operators its keys',
  },
  tls: { may: [], because: 'it reads certificates, for whoever serves or calls' },
  codec: {
    may: ['contracts/encrypted-payload\\.ts$', 'tls/'],
    because: 'whoever talks to Temporal loads it, also readers of the examples: it knows bytes and keys, and nothing of orders',
  },
  temporal: {
    may: ['contracts/', 'codec/payload-locked\\.ts$'],
    because: 'it asks the Temporal server by names that contracts/ has, and knows no party of the saga',
  },
  reconciliation: { may: ['contracts/', 'clients/', 'store/', 'proto/'], because: 'the worker and the operators share it' },
  operators: {
    may: ['contracts/', 'clients/', 'recipients/(key-wrapping|recipients)\\.ts$', 'store/', 'temporal/', 'reconciliation/'],
    because: 'operators/main.ts hands them the rest (operators/operator-deps.ts)',
  },
  rpc: {
    may: [
      'api/(admission|cart-goods|exceeded-limit|idempotency-key|order-intake|order-moves|order-view|problems|stored)\\.ts$',
      'contracts/',
      'identity/',
      'limits/',
      'proto/',
      'store/',
      'tls/',
    ],
    because: 'it is a second door to what stands behind that of api/',
  },
  'rpc/server': {
    may: ['limits/backlog\\.ts$', 'proto/'],
    because: 'whoever serves gRPC shares it: the order service and the reference services',
  },
  import: {
    may: ['contracts/', 'store/imported/'],
    because: 'import/main.ts hands it the stores and the inventory (import/import-deps.ts)',
  },
  services: {
    may: [
      'proto/',
      'rpc/server/',
      'telemetry/logging\\.ts$',
      'clients/when-there\\.ts$',
      'config/config-error\\.ts$',
      'config/plain-links\\.ts$',
      'config/secret-files\\.ts$',
      'config/server-tls-config\\.ts$',
      'config/setting\\.ts$',
      'config/settings\\.ts$',
      'tls/',
    ],
    because: 'they are an island: a user may delete the folder',
  },
  proto: { may: [], because: 'its code is generated' },
  dev: {
    may: [
      'contracts/',
      'codec/',
      'temporal/(decode-history|saga-steps)\\.ts$',
      'telemetry/traces-to\\.ts$',
      'composition/workflow-stamp\\.ts$',
    ],
    because: 'it runs the parts as processes, as anybody would',
  },
  config: {
    may: [
      'clients/connection-settings\\.ts$',
      'clients/address\\.ts$',
      'clients/target\\.ts$',
      'codec/bearer-tokens\\.ts$',
      'codec/payload-keys\\.ts$',
      'codec/private-file\\.ts$',
      'codec/secret-lines\\.ts$',
      'contracts/currency\\.ts$',
      'contracts/create-order\\.ts$',
      'contracts/fingerprints\\.ts$',
      'contracts/time-budget\\.ts$',
      'identity/hosts\\.ts$',
      'limits/trusted-proxies\\.ts$',
      'telemetry/traces-to\\.ts$',
      'tls/tls-files\\.ts$',
    ],
    because: 'it reads settings, and does nothing with them',
  },
  telemetry: {
    may: ['contracts/', 'store/', 'clients/', 'proto/', 'tls/'],
    because: 'it shows what others report',
  },
  deploy: { may: ['dev/token-signer\\.ts$'], because: 'it installs what the build made, and knows none of it' },
  examples: { may: ['codec/', 'contracts/'], because: 'a reader copies them into a project of their own' },
  composition: {
    may: [
      ...[
        'activities/',
        'workflows/(batch|price-order|try-batch)\\.ts$',
        'api/(batch-starter|lane-intake|lane-metrics|loop-lag)\\.ts$',
        'clients/',
        'codec/',
        'config/',
        'contracts/',
        'identity/',
      ],
      ...[
        'operators/operator-deps\\.ts$',
        'proto/generated/grpc/health/',
        'recipients/',
        'reconciliation/',
        'store/',
        'telemetry/',
        'temporal/',
        'tls/',
      ],
    ],
    because:
      'it joins the parts of a process: the front door but for its lane is joined by starter.ts, the verbs of operators by operators/main.ts',
  },
  'worker.ts': {
    may: ['composition/', 'config/', 'store/', 'telemetry/', 'temporal/', 'tls/logged-tls-files\\.ts$'],
    because: 'composition/ joins the parts, and it starts them',
  },
  'starter.ts': {
    may: [
      ...['api/', 'composition/', 'config/', 'limits/', 'operators/(carry-out|verbs)\\.ts$', 'rpc/', 'store/', 'telemetry/'],
      ...['temporal/', 'tls/logged-tls-files\\.ts$'],
    ],
    because: 'it opens the front doors; what stands behind Temporal is joined by composition/',
  },
  'operators/main.ts': {
    may: ['operators/', 'composition/', 'config/', 'contracts/', 'store/'],
    because: 'it hands the verbs what they need',
  },
  'import/main.ts': {
    may: ['import/', 'clients/', 'config/', 'contracts/', 'store/'],
    because: 'it joins the two databases, and knows nothing of Temporal',
  },
  bench: {
    may: [
      ...[
        'activities/',
        'clients/',
        'composition/',
        'config/',
        'contracts/',
        'dev/',
        'identity/',
        'operators/text-table\\.ts$',
        'proto/',
        'services/inventory/goods-locks\\.ts$',
        'store/',
        'temporal/registration\\.ts$',
      ],
      'workflows/',
    ],
    because: 'it measures this service beside other arrangements of its parts, and each of them from outside',
  },
  test: {
    may: [
      ...[
        'activities/',
        'api/',
        'bench/',
        'clients/',
        'codec/',
        'composition/',
        'config/',
        'contracts/',
        'dev/',
        'identity/',
        'import/',
        'limits/',
        'operators/',
        'proto/',
      ],
      ...['recipients/', 'rpc/', 'reconciliation/', 'services/', 'store/', 'telemetry/', 'temporal/', 'tls/', 'workflows/'],
    ],
    because: 'examples/ are run as a reader runs them',
  },
}

/** Where two folders know each other as types only, and the pure modules that are no exception to the reason. */
const TYPES_ONLY = {
  activities: {
    of: ['clients', 'store'],
    except: [
      'clients/answers\\.ts$',
      'clients/call-not-sent\\.ts$',
      'clients/never-sent\\.ts$',
      'clients/error-info\\.ts$',
      'store/failures\\.ts$',
      'store/stored-order\\.ts$',
    ],
    because: 'tests hand them plain objects (activities/deps.ts)',
  },
  reconciliation: { of: ['clients', 'store'], because: 'it is handed what it asks (reconciliation/deps.ts)' },
}

/** The modules that start a process: each joins what it needs, and nothing imports them. */
const ROOTS = '^(worker|starter|composition/(migrate|register|bundle|codec)|operators/main|import/main)\\.ts$'

/** Of contracts/, the modules that know Temporal: everybody loads the others, also who has nothing to do with it. */
const KNOW_TEMPORAL = '^contracts/(application-failure|search-attributes)\\.ts$'

const pathOf = (room) => (room.endsWith('.ts') ? `^${room.replaceAll('.', '\\.')}$` : `^${room}/`)
/** Modules inside a folder that are rooms by themselves. */
const roomsIn = (folder) => Object.keys(FOLDERS).filter((room) => room.startsWith(`${folder}/`))

const npm = (...names) => names.map((name) => `(^|/)node_modules/${name}/`)

module.exports = {
  forbidden: [
    ...Object.entries(FOLDERS).map(([room, { may, because }]) => ({
      name: `folders-of-${room}`,
      comment: `${room} may import ${may.map((path) => path.replaceAll(/[\\$]/g, '')).join(', ') || 'no other folder'}: ${because}`,
      severity: 'error',
      from: { path: pathOf(room), pathNot: roomsIn(room).map(pathOf) },
      to: { dependencyTypes: ['local'], pathNot: [pathOf(room), ...may.map((path) => `^${path}`)] },
    })),
    ...Object.entries(TYPES_ONLY).map(([folder, { of, except = [], because }]) => ({
      name: `types-only-in-${folder}`,
      comment: `${folder}/ may only \`import type\` from ${of.join('/ and ')}/: ${because}`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: `^(${of.join('|')})/`, pathNot: except.map((path) => `^${path}`), dependencyTypesNot: ['type-only'] },
    })),
    {
      name: 'in-a-room',
      comment: 'a module that imports ours stands in one of the FOLDERS, whose rule says what it may import',
      severity: 'error',
      from: { path: '\\.ts$', pathNot: Object.keys(FOLDERS).map(pathOf) },
      to: { dependencyTypes: ['local'] },
    },
    {
      name: 'roots-are-roots',
      comment: 'nothing imports a composition root: it starts a process',
      severity: 'error',
      from: {},
      to: { path: ROOTS },
    },
    {
      name: 'packages-of-the-sandbox',
      comment: 'contracts/ and workflows/ are bundled for the sandbox: no packages but these, and no built-ins of Node',
      severity: 'error',
      from: {
        path: '^(contracts|workflows)/',
        pathNot: '^contracts/(order-sn|fingerprints|encrypted-fingerprint|currency)\\.ts$',
      },
      to: { dependencyTypesNot: ['local'], pathNot: npm('@temporalio/(common|workflow)') },
    },
    {
      name: 'temporal-in-two-contracts',
      comment:
        'of contracts/ only application-failure.ts and search-attributes.ts know Temporal: clients/, store/ and callers load the others',
      severity: 'error',
      from: { path: '^contracts/', pathNot: KNOW_TEMPORAL },
      to: { path: npm('@temporalio/[^/]+') },
    },
    {
      name: 'no-hash-in-the-sandbox',
      comment:
        'contracts/order-sn.ts, fingerprints.ts and encrypted-fingerprint.ts need node:crypto: in a workflow the request key names the order, activities derive the number',
      severity: 'error',
      from: { path: '^(contracts|workflows)/', pathNot: '^contracts/fingerprints\\.ts$' },
      to: { path: '^contracts/(order-sn|fingerprints|encrypted-fingerprint)\\.ts$' },
    },
    {
      name: 'no-currencies-in-the-sandbox',
      comment: 'contracts/currency.ts brings a list of all currencies: activities make the prices, and a workflow shows none',
      severity: 'error',
      from: { path: '^(contracts|workflows)/', pathNot: '^contracts/money-text\\.ts$' },
      to: { path: '^contracts/(currency|money-text)\\.ts$' },
    },
    {
      name: 'sql-in-the-store',
      comment: 'SQL belongs to store/, and to the ledger of the reference inventory',
      severity: 'error',
      from: { pathNot: '^(store|services/inventory|dev|test|bench)/' },
      to: { path: npm('pg', 'kysely') },
    },
    {
      name: 'mysql-in-the-import',
      comment: 'mysql2 is an optional package: only the import reads the database of the service that this one replaces',
      severity: 'error',
      from: { pathNot: '^(import|test|bench)/' },
      to: { path: npm('mysql2') },
    },
    {
      name: 'no-temporal-below',
      comment: 'store/, clients/, services/ and proto/ work without Temporal; nor does what they import load it',
      severity: 'error',
      from: { path: '^(store|clients|services|proto)/' },
      to: { path: npm('@temporalio/[^/]+'), reachable: true },
    },
    {
      name: 'no-grpc-in-the-store',
      comment: 'store/ speaks to PostgreSQL alone',
      severity: 'error',
      from: { path: '^store/' },
      to: { path: npm('@grpc/[^/]+') },
    },
    {
      name: 'runtime-packages',
      comment: 'a package of devDependencies is missing where only the dependencies are installed; run.cjs is for checkouts',
      severity: 'error',
      from: { pathNot: '^(test|bench|dev)/|^run\\.cjs$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-packages',
      comment: 'a package that package.json does not name is there by accident',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'found',
      comment: 'an import that leads nowhere; the packages of other engines are installed only to be measured',
      severity: 'error',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'in a cycle some module is run before what it imports; types may refer to each other',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    // What is imported as a type is seen too, and told apart.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // The files of the worked example stand for such as are in contracts/, clients/, services/ and test/.
    exclude: { path: '^(dist|\\.data|\\.cache|examples/coupon)/' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
}
