/**
 * Where Headwater prints something else than the native core, on purpose: all of it, to the letter. The rules are
 * those of `src/sync/SPEC.md`, the decisions those of `src/DECISIONS.md`.
 */

const LONGEST_TTL = 'S4: the longest TTL that was asked for counts, not the last one.'
const PRIORITY = 'S3, S9: every ask for a priority counts, and at once.'
const TTL_ZERO = 'S7: an unheld subscription with TTL 0 is expired at once, whatever the clock shows.'
const TTL_FROM_RELEASE = 'S6: a held subscription never expires; its TTL runs from the release.'
const EXPIRY_ON_PREFETCH = 'L9: every keepalive removes what expired, also one that prefetches credentials.'
const EXPIRED_DEFAULT = 'S7: an expired default stream stays, as an implicit one, and keeps its last sync.'
const IMPLICIT_ROW = 'S8: a row that nobody asks for goes when the next request is made.'
const NOT_SYNCED = 'C6: a stream that is unknown or has an error was never synced.'
const ERRORS_ONCE = 'C5: a diff brings no news of streams, so their errors are not told again.'
const DEFAULT_BUCKETS =
  'C1: a default stream has its own row without parameters, and its buckets belong to it. S8: the asked ' +
  'priority goes with the explicit subscription.'
const NEVER_OLDER = 'A row never goes back to an older op because of a partial completion (storage).'
const PARTIAL_REMOVALS = 'A partial completion merges removals too (storage).'
const ROWS_CHECKED =
  'Decision 4: a row that is no JSON object is refused when it comes, not when it is merged.'
const LASTING_PRIORITY = 'D4: a stream keeps its priority until a checkpoint gives it another.'
const PROGRESS_BOUND = 'D2: downloaded never exceeds total.'
const RESYNC = 'A resync keeps the rows readable, so what was synced still was (storage).'
const CHECKSUM_WORDS = 'Decision 3: one sum is kept for each bucket, so its two parts cannot be told.'
const CHECKSUM_MODULO = 'Checksums are compared modulo 2^32, whatever number they come as.'
const LENIENT = 'Unknown lines and fields are ignored, and JSON is read as JSON.parse reads it.'
const NEGATIVE_PRIORITY = 'The service sends negative priorities where a subscription asks for one.'

const NOT_ACTIVE =
  'C4, S8: what nobody asks for is not active through a namesake, and goes with the next request.'
const HELD_AFTER_CLEAR = 'K3: what is held survives a clear, in a new row, and is requested again.'
const RESYNC_ANY_TIME = 'K5: a resync works while a stream is open, and what was synced stays so.'
const REQUEST_OFFLINE = 'U3: an id can be allocated at any time, higher than all before.'
const BLOBS_REFUSED =
  'Decision of the trace format: JSON cannot carry blobs, so a local write of one is refused.'

const MERGE_NO_TRANSACTION =
  'Storage: a merge that fires triggers of the app uses up no number of a local transaction.'
const PART_UPLOADED =
  'Storage: as long as entries wait the gate has no target, since the next upload names another one.'
const FAILED_TURN =
  'A line whose turn fails leaves state and database as they were; the engine tries again, then ends the stream.'
const RAW_CLEAR = 'Schema: a described raw table is emptied by a clear without being told how.'

const UPDATE_KEEPS =
  'Storage: a local update changes its columns alone; the native core writes the row anew from what the view shows.'

interface OnPurpose {
  readonly because: string
  /** As `differences` writes them: step, place, ours, native. */
  readonly differences: readonly string[]
}

/** By the name of the trace. */
export const onPurpose: { readonly [trace: string]: OnPurpose } = {
  'a8.3-longest-ttl': {
    because: LONGEST_TTL,
    differences: [
      '4 streams.x.ttl: 60 | 10',
      '8 request.streams.subscriptions.x: + | -',
      '9 status.streams.x: + | -',
      '9 streams.x: + | -',
    ],
  },
  'a8.4-priority-after-none': {
    because: PRIORITY,
    differences: [
      '4 streams.x.priority: 1 | null',
      '5 request.streams.subscriptions.x.override_priority: 1 | null',
    ],
  },
  'a8.6-ttl-0-held': {
    because: TTL_ZERO,
    differences: [
      '8 close: {"hideDisconnect":true} | -',
      '9 status.streams.x: - | +',
      '9 streams.x: - | +',
      '10 request.streams.subscriptions.x: - | +',
      '10 close: - | {"hideDisconnect":true}',
      '11 status.streams.x: - | +',
      '11 streams.x: - | +',
    ],
  },
  'a8.7-held-after-clear': {
    because: HELD_AFTER_CLEAR,
    differences: [
      '5 status.streams.x: + | -',
      '5 streams.x: + | -',
      '6 request.streams.subscriptions.x: + | -',
      '7 status.streams.x: + | -',
      '7 streams.x: + | -',
    ],
  },
  'a8.8-errored-stream': {
    because: NOT_SYNCED,
    differences: ['6 status.streams.a.hasSynced: false | true', '6 kept.streams.a: - | {"ms":1772000000000}'],
  },
  'a8.9-priority-of-held-stream': {
    because: PRIORITY,
    differences: [
      '5 close: {"hideDisconnect":true} | -',
      '6 status.downloading: null | {"total":0,"downloaded":0,"byPriority":[]}',
      '6 status.streams.x.progress: null | {"total":0,"downloaded":0}',
      '7 ignored: "line" | -',
      '7 close: - | {"hideDisconnect":true}',
    ],
  },
  'b1.10-new-subscription-restarts': {
    because: LASTING_PRIORITY,
    differences: ['8 status.streams.todos.priority: 3 | null', '10 status.streams.todos.priority: 3 | null'],
  },
  'b2.12-state-survives': {
    because: LASTING_PRIORITY,
    differences: ['9 status.streams.todos.priority: 3 | null'],
  },
  'b2.20-seed-without-connection': {
    because: REQUEST_OFFLINE,
    differences: [
      '3 checkpointRequest: {"client_id":null,"checkpoint_request_id":"5"} | -',
      '3 error: - | {"code":"not_connected"}',
    ],
  },
  'b2.21-request-without-seed': {
    because: REQUEST_OFFLINE,
    differences: [
      '2 checkpointRequest: {"client_id":null,"checkpoint_request_id":"1"} | -',
      '2 error: - | {"code":"not_connected"}',
    ],
  },
  'b2.34-resync-while-open': {
    because: RESYNC_ANY_TIME,
    differences: [
      '6 close.hideDisconnect: true | false',
      '7 status.connected: true | false',
      '7 status.priorities.priority 2147483647: + | -',
      '7 status.streams.todos.priority: 3 | null',
      '7 status.streams.todos.hasSynced: true | false',
      '7 kept.syncedAt.2147483647: {"ms":1772000000000} | -',
      '7 kept.streams.todos: {"ms":1772000000000} | -',
      '7 kept.positions.a: - | {"op":"1"}',
    ],
  },
  'b2.36-resync': {
    because: RESYNC,
    differences: [
      '8 status.priorities.priority 2147483647: + | -',
      '8 status.streams.todos.priority: 3 | null',
      '8 status.streams.todos.hasSynced: true | false',
      '8 kept.syncedAt.2147483647: {"ms":1772000000000} | -',
      '8 kept.streams.todos: {"ms":1772000000000} | -',
      '8 kept.positions.a: - | {"op":"1"}',
    ],
  },
  'b2.41-interrupted-resumes': {
    because: LASTING_PRIORITY,
    differences: ['9 status.streams.todos.priority: 3 | null'],
  },
  'b2.48-second-write-during-upload': {
    because: PART_UPLOADED,
    differences: [
      '12 kept.gate.target.value: "9223372036854775807" | "1"',
      '15 kept.gate.target.value: "9223372036854775807" | "1"',
    ],
  },
  'b2.50-checksum-mismatch': {
    because: CHECKSUM_WORDS,
    differences: [
      '6 log.text: "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000003)" | "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000003 = 0x00000002 (op) + 0x00000001 (add))"',
    ],
  },
  'b2.50-partial-checksum-mismatch': {
    because: CHECKSUM_WORDS,
    differences: [
      '5 log.text: "Could not apply partial checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000001)" | "Could not apply partial checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000001 = 0x00000001 (op) + 0x00000000 (add))"',
    ],
  },
  'b2.57-raw-insert-only': {
    because: MERGE_NO_TRANSACTION,
    differences: ['11 crud.l2.tx: 1 | 2', '15 crud.l2.tx: 1 | 2'],
  },
  'b2.58-raw-statement-fails': {
    because: FAILED_TURN,
    differences: [
      '7 error.code: "raw_table_failed" | "protocol"',
      '8 status.connected: true | false',
      '8 status.downloading: {"total":1,"downloaded":1,"byPriority":[{"priority":3,"total":1,"downloaded":1}]} | null',
      '8 status.streams.lists.progress: {"total":1,"downloaded":1} | null',
    ],
  },
  'b2.62-raw-clear': {
    because: RAW_CLEAR,
    differences: ['11 rows.more.m1: - | +'],
  },
  'b2.63-raw-foreign-keys': {
    because: MERGE_NO_TRANSACTION,
    differences: ['11 crud.t1.tx: 1 | 2', '11 crud.l1.tx: 1 | 2'],
  },
  'b3-refused-writes': {
    because: BLOBS_REFUSED,
    differences: [
      '7 error: {"code":"sql"} | -',
      '10 rows.todos.c: - | +',
      '10 crud.1.id: "a" | "c"',
      '10 crud.1.data.done: 2 | -',
      '10 crud.2: - | +',
      '10 kept.queue.3: - | {"old":null,"metadata":null}',
    ],
  },
  'b8.4-unknown-stream': {
    because: NOT_SYNCED,
    differences: [
      '7 status.streams.nowhere.hasSynced: false | true',
      '7 kept.streams.nowhere: - | {"ms":1772000000000}',
    ],
  },
  'default-and-explicit': {
    because: DEFAULT_BUCKETS,
    differences: [
      '5 status.streams.a.priority: 3 | 1',
      '5 status.streams.a.progress.total: 2 | 1',
      '9 status.streams.a.priority: 3 | 1',
      '13 streams.a.priority: null | 1',
    ],
  },
  'errors-again-on-diff': {
    because: ERRORS_ONCE,
    differences: [
      '5 log: - | {"severity":"warning","text":"Default subscription a has errors: no"}',
      '7 status.streams.a.hasSynced: false | true',
      '7 kept.streams.a: - | {"ms":1772000000000}',
    ],
  },
  'fault-active-by-name-only': {
    because: NOT_SYNCED,
    differences: [
      '8 status.streams.a{"k":2}.hasSynced: false | true',
      '8 kept.streams.a{"k":2}: - | {"ms":1772000000000}',
    ],
  },
  'fault-active-through-namesake': {
    because: NOT_ACTIVE,
    differences: [
      '11 status.streams.a{"k":1}: - | +',
      '11 streams.a{"k":1}: - | +',
      '11 kept.streams.a{"k":1}: - | {"ms":1772000000000}',
    ],
  },
  'fault-default-buckets-of-nobody': {
    because: DEFAULT_BUCKETS,
    differences: [
      '5 status.streams.a: + | -',
      '5 status.streams.a{"k":1}.isDefault: false | true',
      '5 streams.a: + | -',
      '5 streams.a{"k":1}.isDefault: false | true',
      '9 status.streams.a: + | -',
      '9 status.streams.a{"k":1}.isDefault: false | true',
      '9 streams.a: + | -',
      '9 streams.a{"k":1}.isDefault: false | true',
      '9 kept.streams.a: {"ms":1772000000000} | -',
    ],
  },
  'fault-has-synced-falls-back': {
    because: EXPIRED_DEFAULT,
    differences: [
      '14 status.streams.a: + | -',
      '14 streams.a: + | -',
      '14 kept.streams.a: {"ms":1772000000000} | -',
      '17 status.streams.a.hasSynced: true | false',
      '17 kept.streams.a: {"ms":1772000000000} | -',
    ],
  },
  'fault-partial-waits-with-removals': {
    because: PARTIAL_REMOVALS,
    differences: ['10 rows.todos.x: - | +'],
  },
  'fault-row-goes-back': {
    because: NEVER_OLDER,
    differences: [
      '10 rows.todos.x.description: "newer" | "older"',
      '12 rows.todos.x.description: "newer" | "older"',
    ],
  },
  'malformed-checksum-too-large': {
    because: CHECKSUM_MODULO,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-duplicate-keys': {
    because: LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-empty': {
    because: LENIENT,
    differences: [
      '3 log: {"severity":"debug","text":"Unknown sync line"} | -',
      '3 error: - | {"code":"protocol"}',
    ],
  },
  'malformed-negative-priority': {
    because: NEGATIVE_PRIORITY,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-op-id-number': {
    because: LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-two-keys': {
    because: LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-unknown-reason': {
    because: LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'odd-more-ops-than-count': {
    because: PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 1 | 3',
      '5 status.downloading.byPriority.priority 3.downloaded: 1 | 3',
      '5 status.streams.todos.progress.downloaded: 1 | 3',
    ],
  },
  'odd-no-count': {
    because: PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 0 | 2',
      '5 status.downloading.byPriority.priority 3.downloaded: 0 | 2',
      '5 status.streams.todos.progress.downloaded: 0 | 2',
    ],
  },
  'odd-op-twice': {
    because: PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 1 | 2',
      '5 status.downloading.byPriority.priority 3.downloaded: 1 | 2',
      '5 status.streams.todos.progress.downloaded: 1 | 2',
      '6 log.text: "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x00000001, got 0x00000002)" | "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x00000001, got 0x00000002 = 0x00000001 (op) + 0x00000001 (add))"',
    ],
  },
  'odd-rows-without-data': {
    because: ROWS_CHECKED,
    differences: [
      '4 error: {"code":"protocol"} | -',
      '5 ignored: "line" | -',
      '5 log: - | {"severity":"debug","text":"Validated and applied checkpoint"}',
      '6 status.connected: false | true',
      '6 status.priorities.priority 2147483647: - | +',
      '6 status.streams.todos.hasSynced: false | true',
      '6 rows.todos.x: - | +',
      '6 rows.todos.z: - | +',
      '6 kept.syncedAt.2147483647: - | {"ms":1772000000000}',
      '6 kept.streams.todos: - | {"ms":1772000000000}',
      '6 kept.positions.a: - | {"op":"4"}',
    ],
  },
  'params-canonical': {
    because: IMPLICIT_ROW,
    differences: [
      '13 status.streams.x{"a":[{"c":null,"d":1}],"b":1}: + | -',
      '13 streams.x{"a":[{"c":null,"d":1}],"b":1}: + | -',
    ],
  },
  'ttl-from-release': {
    because: TTL_FROM_RELEASE,
    differences: [
      '7 close: - | {"hideDisconnect":true}',
      '9 close: {"hideDisconnect":true} | -',
      '9 ignored: - | "line"',
      '10 status.connected: true | false',
      '10 status.connecting: false | true',
    ],
  },
  'ttl-on-prefetch-line': {
    because: EXPIRY_ON_PREFETCH,
    differences: ['6 close: {"hideDisconnect":true} | -', '7 status.streams.x: - | +', '7 streams.x: - | +'],
  },
  'update-keeps-the-rest': {
    because: UPDATE_KEEPS,
    differences: [
      '9 rows.t.r.c: "9007199254740993" | "9007199254740992.0"',
      '9 rows.t.r.extra: "kept" | null',
    ],
  },
}
