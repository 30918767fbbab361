/**
 * Items of the native core's own tests that have no counterpart here, each with its reason. `coverage.test.ts`
 * holds that every item is in the name of a trace or of a test, or in this list, and in one of them only.
 */
export const notTested: { readonly [item: string]: string } = {
  'B1.13': 'Migration from schema 12 of the core: a database of the core is never opened here.',
  'B2.4':
    'A request for a stream carries no checkpoint request: in the mode `requests` an id is posted by itself when ' +
    'one is needed (U3), and the loop of uploads asks again until it is answered.',
  'B2.5':
    'In the mode `legacy` a request for a stream is the same: the modes differ in who counts, see B2.4.',
  'B2.30': 'The status has no applied request: who waits for one is told once (U4).',
  'B2.66': 'Bytes are counted for each iteration by the engine, not for each bucket by storage.',
  'B2.67': 'Diagnostics are the inspector’s own matter.',
  'B2.68': 'Diagnostics are the inspector’s own matter.',
  'B8.2': 'Subscriptions change without an iteration as well: nothing has to probe for one.',
}
