import type { Suite } from '../suite.ts'
import { dataLines } from './data-lines.ts'
import { dropBuckets } from './drop-buckets.ts'
import { firstSync } from './first-sync.ts'
import { incremental } from './incremental.ts'
import { liveQueries } from './live-queries.ts'
import { localWrites } from './local-writes.ts'
import { open } from './open.ts'
import { endToEnd, eventLoop } from './over-http.ts'
import { reads } from './reads.ts'
import { statusBytes, streams } from './streams.ts'

export const suites: readonly Suite[] = [
  firstSync,
  incremental,
  dataLines,
  streams,
  statusBytes,
  endToEnd,
  eventLoop,
  open,
  reads,
  dropBuckets,
  localWrites,
  liveQueries,
]
