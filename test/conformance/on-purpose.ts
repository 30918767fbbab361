/**
 * Where Headwater prints something else than the native core, on purpose: all of it, to the letter. The rules are
 * those of `src/sync/SPEC.md`, the decisions those of `src/DECISIONS.md`.
 */

import * as why from './reasons.ts'

interface OnPurpose {
  readonly because: string
  /** As `differences` writes them: step, place, ours, native. */
  readonly differences: readonly string[]
}

/** By the name of the trace. */
export const onPurpose: { readonly [trace: string]: OnPurpose } = {
  'a8.3-longest-ttl': {
    because: why.LONGEST_TTL,
    differences: [
      '4 streams.x.ttl: 60 | 10',
      '8 request.streams.subscriptions.x: + | -',
      '9 status.streams.x: + | -',
      '9 streams.x: + | -',
    ],
  },
  'a8.4-priority-after-none': {
    because: why.PRIORITY,
    differences: [
      '4 streams.x.priority: 1 | null',
      '5 request.streams.subscriptions.x.override_priority: 1 | null',
    ],
  },
  'a8.5-fractional-ttl': {
    because: why.FRACTIONAL_TTL,
    differences: [
      '2 error: - | {"code":"invalid_ttl"}',
      '4 status.streams.x: + | -',
      '4 streams.x: + | -',
      '6 request.streams.subscriptions.x: + | -',
    ],
  },
  'a8.6-ttl-0-held': {
    because: why.TTL_ZERO,
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
    because: why.HELD_AFTER_CLEAR,
    differences: [
      '5 status.streams.x: + | -',
      '5 streams.x: + | -',
      '6 request.streams.subscriptions.x: + | -',
      '7 status.streams.x: + | -',
      '7 streams.x: + | -',
    ],
  },
  'a8.8-errored-stream': {
    because: why.NOT_SYNCED,
    differences: ['6 status.streams.a.hasSynced: false | true', '6 kept.streams.a: - | +'],
  },
  'a8.9-priority-of-held-stream': {
    because: why.PRIORITY,
    differences: [
      '5 close: {"hideDisconnect":true} | -',
      '6 status.downloading: null | {"total":0,"downloaded":0,"byPriority":[]}',
      '6 status.streams.x.progress: null | {"total":0,"downloaded":0}',
      '7 ignored: "line" | -',
      '7 close: - | {"hideDisconnect":true}',
    ],
  },
  'b1.10-new-subscription-restarts': {
    because: why.LASTING_PRIORITY,
    differences: ['8 status.streams.todos.priority: 3 | null', '10 status.streams.todos.priority: 3 | null'],
  },
  'b2.12-state-survives': {
    because: why.LASTING_PRIORITY,
    differences: ['9 status.streams.todos.priority: 3 | null'],
  },
  'b2.20-seed-without-connection': {
    because: why.REQUEST_OFFLINE,
    differences: [
      '3 checkpointRequest: {"client_id":null,"checkpoint_request_id":"5"} | -',
      '3 error: - | {"code":"not_connected"}',
    ],
  },
  'b2.21-request-without-seed': {
    because: why.REQUEST_OFFLINE,
    differences: [
      '2 checkpointRequest: {"client_id":null,"checkpoint_request_id":"1"} | -',
      '2 error: - | {"code":"not_connected"}',
    ],
  },
  'b2.34-resync-while-open': {
    because: why.RESYNC_ANY_TIME,
    differences: [
      '6 close.hideDisconnect: true | false',
      '7 status.connected: true | false',
      '7 status.priorities.priority 2147483647: + | -',
      '7 status.streams.todos.priority: 3 | null',
      '7 status.streams.todos.hasSynced: true | false',
      '7 kept.syncedAt.2147483647: + | -',
      '7 kept.streams.todos: + | -',
      '7 kept.positions.a: - | +',
    ],
  },
  'b2.36-resync': {
    because: why.RESYNC,
    differences: [
      '8 status.priorities.priority 2147483647: + | -',
      '8 status.streams.todos.priority: 3 | null',
      '8 status.streams.todos.hasSynced: true | false',
      '8 kept.syncedAt.2147483647: + | -',
      '8 kept.streams.todos: + | -',
      '8 kept.positions.a: - | +',
    ],
  },
  'b2.41-interrupted-resumes': {
    because: why.LASTING_PRIORITY,
    differences: ['9 status.streams.todos.priority: 3 | null'],
  },
  'b2.48-second-write-during-upload': {
    because: why.PART_UPLOADED,
    differences: [
      '12 kept.gate.target.value: "9223372036854775807" | "1"',
      '12 kept.gate.seen: - | +',
      '15 kept.gate.target.value: "9223372036854775807" | "1"',
    ],
  },
  'b2.50-checksum-mismatch': {
    because: why.CHECKSUM_WORDS,
    differences: [
      '6 log.text: "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000003)" | "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000003 = 0x00000002 (op) + 0x00000001 (add))"',
    ],
  },
  'b2.50-partial-checksum-mismatch': {
    because: why.CHECKSUM_WORDS,
    differences: [
      '5 log.text: "Could not apply partial checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000001)" | "Could not apply partial checkpoint, Checksums didn\'t match, failed for: a (expected 0x000004d2, got 0x00000001 = 0x00000001 (op) + 0x00000000 (add))"',
    ],
  },
  'b2.57-raw-insert-only': {
    because: why.MERGE_NO_TRANSACTION,
    differences: ['11 crud.l2.tx: 1 | 2', '15 crud.l2.tx: 1 | 2'],
  },
  'b2.58-raw-statement-fails': {
    because: why.FAILED_TURN,
    differences: [
      '7 error.code: "raw_table_failed" | "protocol"',
      '8 status.connected: true | false',
      '8 status.downloading: {"total":1,"downloaded":1,"byPriority":[{"priority":3,"total":1,"downloaded":1}]} | null',
      '8 status.streams.lists.progress: {"total":1,"downloaded":1} | null',
    ],
  },
  'b2.62-raw-clear': {
    because: why.RAW_CLEAR,
    differences: ['11 rows.more.m1: - | +'],
  },
  'b2.63-raw-foreign-keys': {
    because: why.MERGE_NO_TRANSACTION,
    differences: ['11 crud.t1.tx: 1 | 2', '11 crud.l1.tx: 1 | 2'],
  },
  'b3-refused-writes': {
    because: why.BLOBS_REFUSED,
    differences: [
      '7 error: {"code":"sql"} | -',
      '10 rows.todos.c: - | +',
      '10 crud.1.id: "a" | "c"',
      '10 crud.1.data.done: 2 | -',
      '10 crud.2: - | +',
      '10 kept.queue.3: - | +',
    ],
  },
  'b8.4-unknown-stream': {
    because: why.NOT_SYNCED,
    differences: ['7 status.streams.nowhere.hasSynced: false | true', '7 kept.streams.nowhere: - | +'],
  },
  'default-and-explicit': {
    because: why.DEFAULT_BUCKETS,
    differences: [
      '5 status.streams.a.priority: 3 | 1',
      '5 status.streams.a.progress.total: 2 | 1',
      '9 status.streams.a.priority: 3 | 1',
      '13 streams.a.priority: null | 1',
    ],
  },
  'errors-again-on-diff': {
    because: why.ERRORS_ONCE,
    differences: [
      '5 log: - | {"severity":"warning","text":"Default subscription a has errors: no"}',
      '7 status.streams.a.hasSynced: false | true',
      '7 kept.streams.a: - | +',
    ],
  },
  'fault-active-by-name-only': {
    because: why.NOT_SYNCED,
    differences: ['8 status.streams.a{"k":2}.hasSynced: false | true', '8 kept.streams.a{"k":2}: - | +'],
  },
  'fault-active-through-namesake': {
    because: why.NOT_ACTIVE,
    differences: [
      '11 status.streams.a{"k":1}: - | +',
      '11 streams.a{"k":1}: - | +',
      '11 kept.streams.a{"k":1}: - | +',
    ],
  },
  'fault-default-buckets-of-nobody': {
    because: why.DEFAULT_BUCKETS,
    differences: [
      '5 status.streams.a: + | -',
      '5 status.streams.a{"k":1}.isDefault: false | true',
      '5 streams.a: + | -',
      '5 streams.a{"k":1}.isDefault: false | true',
      '9 status.streams.a: + | -',
      '9 status.streams.a{"k":1}.isDefault: false | true',
      '9 streams.a: + | -',
      '9 streams.a{"k":1}.isDefault: false | true',
      '9 kept.streams.a: + | -',
    ],
  },
  'fault-has-synced-falls-back': {
    because: why.EXPIRED_DEFAULT,
    differences: [
      '14 status.streams.a: + | -',
      '14 streams.a: + | -',
      '14 kept.streams.a: + | -',
      '17 status.streams.a.hasSynced: true | false',
      '17 kept.streams.a: + | -',
    ],
  },
  'fault-partial-waits-with-removals': {
    because: why.PARTIAL_REMOVALS,
    differences: ['10 rows.todos.x: - | +'],
  },
  'fault-row-goes-back': {
    because: why.NEVER_OLDER,
    differences: [
      '10 rows.todos.x.description: "newer" | "older"',
      '12 rows.todos.x.description: "newer" | "older"',
    ],
  },
  'fault-write-undone-by-an-older-checkpoint': {
    because: why.PROVED_ONCE,
    differences: [
      '11 log.severity: "warning" | "debug"',
      '11 log.text: "Could not apply pending checkpoint even after completed upload" | "Applied pending checkpoint after completed upload"',
      '11 log 2: - | {"severity":"debug","text":"Applied checkpoint request id 5"}',
      '12 status.downloading: {"total":1,"downloaded":1,"byPriority":[{"priority":3,"total":1,"downloaded":1}]} | null',
      '12 status.streams.todos.progress: {"total":1,"downloaded":1} | null',
      '12 rows.todos.x.description: "mine again" | "mine"',
      '12 kept.gate.seen: - | +',
    ],
  },
  'malformed-checksum-too-large': {
    because: why.CHECKSUM_MODULO,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-duplicate-keys': {
    because: why.LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-empty': {
    because: why.LENIENT,
    differences: [
      '3 log: {"severity":"debug","text":"Unknown sync line"} | -',
      '3 error: - | {"code":"protocol"}',
    ],
  },
  'malformed-negative-priority': {
    because: why.NEGATIVE_PRIORITY,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-op-id-number': {
    because: why.LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-two-keys': {
    because: why.LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'malformed-unknown-reason': {
    because: why.LENIENT,
    differences: ['3 error: - | {"code":"protocol"}'],
  },
  'odd-more-ops-than-count': {
    because: why.PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 1 | 3',
      '5 status.downloading.byPriority.priority 3.downloaded: 1 | 3',
      '5 status.streams.todos.progress.downloaded: 1 | 3',
    ],
  },
  'odd-no-count': {
    because: why.PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 0 | 2',
      '5 status.downloading.byPriority.priority 3.downloaded: 0 | 2',
      '5 status.streams.todos.progress.downloaded: 0 | 2',
    ],
  },
  'odd-op-twice': {
    because: why.PROGRESS_BOUND,
    differences: [
      '5 status.downloading.downloaded: 1 | 2',
      '5 status.downloading.byPriority.priority 3.downloaded: 1 | 2',
      '5 status.streams.todos.progress.downloaded: 1 | 2',
      '6 log.text: "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x00000001, got 0x00000002)" | "Could not apply checkpoint, Checksums didn\'t match, failed for: a (expected 0x00000001, got 0x00000002 = 0x00000001 (op) + 0x00000001 (add))"',
    ],
  },
  'odd-rows-without-data': {
    because: why.ROWS_CHECKED,
    differences: [
      '4 error: {"code":"protocol"} | -',
      '5 ignored: "line" | -',
      '5 log: - | {"severity":"debug","text":"Validated and applied checkpoint"}',
      '6 status.connected: false | true',
      '6 status.priorities.priority 2147483647: - | +',
      '6 status.streams.todos.hasSynced: false | true',
      '6 rows.todos.x: - | +',
      '6 rows.todos.z: - | +',
      '6 kept.syncedAt.2147483647: - | +',
      '6 kept.streams.todos: - | +',
      '6 kept.positions.a: - | +',
    ],
  },
  'params-canonical': {
    because: why.IMPLICIT_ROW,
    differences: [
      '13 status.streams.x{"a":[{"c":null,"d":1}],"b":1}: + | -',
      '13 streams.x{"a":[{"c":null,"d":1}],"b":1}: + | -',
    ],
  },
  'ttl-from-release': {
    because: why.TTL_FROM_RELEASE,
    differences: [
      '7 close: - | {"hideDisconnect":true}',
      '9 close: {"hideDisconnect":true} | -',
      '9 ignored: - | "line"',
      '10 status.connected: true | false',
      '10 status.connecting: false | true',
    ],
  },
  'ttl-on-prefetch-line': {
    because: why.EXPIRY_ON_PREFETCH,
    differences: ['6 close: {"hideDisconnect":true} | -', '7 status.streams.x: - | +', '7 streams.x: - | +'],
  },
  'update-keeps-the-rest': {
    because: why.UPDATE_KEEPS,
    differences: [
      '9 rows.t.r.c: "9007199254740993" | "9007199254740992.0"',
      '9 rows.t.r.extra: "kept" | null',
    ],
  },
}
