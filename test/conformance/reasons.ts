/** Why Headwater differs on purpose. The rules are those of `src/sync/SPEC.md`, the decisions those of `src/DECISIONS.md`. */

export const LONGEST_TTL = 'S4: the longest TTL that was asked for counts, not the last one.'
export const PRIORITY = 'S3, S9: every ask for a priority counts, and at once.'
export const TTL_ZERO = 'S7: an unheld subscription with TTL 0 is expired at once, whatever the clock shows.'
export const TTL_FROM_RELEASE = 'S6: a held subscription never expires; its TTL runs from the release.'
export const EXPIRY_ON_PREFETCH =
  'L9: every keepalive removes what expired, also one that prefetches credentials.'
export const EXPIRED_DEFAULT =
  'S7: an expired default stream stays, as an implicit one, and keeps its last sync.'
export const IMPLICIT_ROW = 'S8: a row that nobody asks for goes when the next request is made.'
export const NOT_SYNCED = 'C6: a stream that is unknown or has an error was never synced.'
export const ERRORS_ONCE = 'C5: a diff brings no news of streams, so their errors are not told again.'
export const DEFAULT_BUCKETS =
  'C1: a default stream has its own row without parameters, and its buckets belong to it. S8: the asked ' +
  'priority goes with the explicit subscription.'
export const NEVER_OLDER = 'A row never goes back to an older op because of a partial completion (storage).'
export const PARTIAL_REMOVALS = 'A partial completion merges removals too (storage).'
export const ROWS_CHECKED =
  'Decision 4: a row that is no JSON object is refused when it comes, not when it is merged.'
export const LASTING_PRIORITY = 'D4: a stream keeps its priority until a checkpoint gives it another.'
export const PROGRESS_BOUND = 'D2: downloaded never exceeds total.'
export const RESYNC = 'A resync keeps the rows readable, so what was synced still was (storage).'
export const CHECKSUM_WORDS = 'Decision 3: one sum is kept for each bucket, so its two parts cannot be told.'
export const CHECKSUM_MODULO = 'Checksums are compared modulo 2^32, whatever number they come as.'
export const LENIENT = 'Unknown lines and fields are ignored, and JSON is read as JSON.parse reads it.'
export const NEGATIVE_PRIORITY = 'The service sends negative priorities where a subscription asks for one.'

export const NOT_ACTIVE =
  'C4, S8: what nobody asks for is not active through a namesake, and goes with the next request.'
export const HELD_AFTER_CLEAR = 'K3: what is held survives a clear, in a new row, and is requested again.'
export const RESYNC_ANY_TIME = 'K5: a resync works while a stream is open, and what was synced stays so.'
export const REQUEST_OFFLINE = 'U3: an id can be allocated at any time, higher than all before.'
export const BLOBS_REFUSED =
  'Decision of the trace format: JSON cannot carry blobs, so a local write of one is refused.'

export const MERGE_NO_TRANSACTION =
  'Storage: a merge that fires triggers of the app uses up no number of a local transaction.'
export const PART_UPLOADED =
  'Storage: as long as entries wait the gate has no target, since the next upload names another one. L7: the ' +
  'write checkpoint of a blocked checkpoint counts once, when it comes.'
export const PROVED_ONCE =
  'L7: the write checkpoint of a blocked checkpoint counts from when it came, not for a local write made since.'
export const FAILED_TURN =
  'A line whose turn fails leaves state and database as they were; the engine tries again, then ends the stream.'
export const RAW_CLEAR = 'Schema: a described raw table is emptied by a clear without being told how.'

export const UPDATE_KEEPS =
  'Storage: a local update changes its columns alone; the native core writes the row anew from what the view shows.'

export const FRACTIONAL_TTL = 'S4: a TTL is kept in milliseconds; the native core takes whole seconds only.'
