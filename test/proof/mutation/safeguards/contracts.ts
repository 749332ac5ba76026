import { inFile } from '../mutation.ts'

const ADDED_FIELD = 'test/contracts/added-field.test.ts'
const FINGERPRINTS = 'test/contracts/fingerprints.test.ts'
const ENCRYPTED = 'test/contracts/encrypted-fingerprint.test.ts'
const ORDER_REQUEST = 'test/contracts/order-request.test.ts'
const LEAKS = 'test/api/leaks.test.ts'

export const CONTRACT_SAFEGUARDS = [
  ...inFile(
    'contracts/order-sn.ts',
    [ADDED_FIELD],
    [
      {
        find: '...asked.map((name) => [name, sent.get(name)])',
        replace: '',
        breaks: 'a field that is added to the request takes no part in its fingerprint: another order is answered with the first',
      },
      {
        find: '.filter((name) => sent.has(name)).sort()',
        replace: '.sort()',
        breaks: 'a field that is added changes the fingerprints that rows hold: repeats of their requests are refused',
      },
      {
        find: '[name, sent.get(name)]',
        replace: 'sent.get(name)',
        breaks: 'of two added fields one stands for the other',
      },
    ],
  ),
  ...inFile(
    'contracts/order-sn.ts',
    [FINGERPRINTS],
    [
      {
        find: "mobile: null, post: '', lines: null",
        replace: "mobile: null, lines: null, post: ''",
        breaks: 'no fingerprint that a row holds is computed any more: every repeat is refused',
      },
    ],
  ),
  ...inFile(
    'contracts/fingerprints.ts',
    [ENCRYPTED],
    [
      {
        find: 'const fingerprint = this.#plain(given)',
        replace: 'const fingerprint = given',
        breaks: 'a run with a sealed recipient writes a row of which no repeat is found to be',
      },
    ],
  ),
  ...inFile(
    'recipients/recipients.ts',
    ['test/workflows/sealed-recipients.test.ts'],
    [
      {
        find: 'fingerprints.encrypted(fingerprintOf(request))',
        replace: 'fingerprintOf(request)',
        breaks: 'whoever reads a history tries out the phone number of a sealed recipient',
      },
    ],
  ),
  ...inFile(
    'contracts/schema.ts',
    [ORDER_REQUEST],
    [
      {
        find: 'if (!Object.hasOwn(fields, name))',
        replace: 'if (!(name in fields))',
        breaks: 'a field that nobody knows passes, if it is called as one that every object has',
      },
      {
        find: 'if (isOptional(field) && !isThere(value[name])) continue',
        replace: 'if (isOptional(field) && value[name] === undefined) continue',
        breaks: 'who sends null for what is not there is refused',
      },
    ],
  ),
  ...inFile(
    'contracts/input-problems.ts',
    [ORDER_REQUEST],
    [
      {
        find: 'this.count > 0 || (all.length > 0 && byRulesOfToday())',
        replace: 'all.length > 0',
        breaks: 'a run is refused by rules that came after it began',
      },
    ],
  ),
  ...inFile(
    'api/app.ts',
    [LEAKS],
    [
      {
        find: 'app.setValidatorCompiler(() => () => true)',
        replace: 'app.setValidatorCompiler(() => () => true).setSerializerCompiler(() => JSON.stringify)',
        breaks: 'whatever the store or a run adds to an order goes out to whoever knows its number',
      },
    ],
  ),
  ...inFile(
    'api/problems.ts',
    [LEAKS],
    [
      {
        find: 'matches(schema, details[name as keyof FailureDetails])',
        replace: 'schema && details[name as keyof FailureDetails] !== undefined',
        breaks:
          'a refusal whose details are not what the table says can not be written, and is an InternalError in no form of ours',
      },
    ],
  ),
  ...inFile(
    'api/order-view.ts',
    [LEAKS],
    [
      {
        find: 'matches(SAGA, saga) ? saga : named',
        replace: 'saga as typeof named',
        breaks: 'an order can not be looked at while a workflow of another has the name of its run',
      },
    ],
  ),
]
