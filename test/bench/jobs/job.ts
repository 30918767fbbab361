/** What one process measures. A job goes in as JSON, its result comes out as JSON. */
import type { Schema } from '../../../src/schema/schema.ts'
import type { StreamFormat } from '../../../src/wire/framing.ts'
import type { PeerName, PeerSubscription } from '../peer.ts'

/** Numbers by name: `ms`, `sliceMs`, `writtenMiB`, … */
export type Figures = { readonly [name: string]: number }

export interface Result {
  readonly figures: Figures
  /** Of all rows at the end (of the answer, for a query): equal for all peers. Null: not looked at. */
  readonly digest: string | null
}

/** Lines in a file, measured together; the lines of a phase that is not measured only prepare. */
export interface Phase {
  readonly file: string
  readonly format: StreamFormat
  readonly measured: boolean
}

interface OnDatabase {
  readonly dbPath: string
  readonly schema: Schema
}

export type Job =
  /** Hand lines to a peer. */
  | (OnDatabase & {
      readonly do: 'sync'
      readonly peer: PeerName
      readonly phases: readonly Phase[]
      readonly subscriptions?: readonly PeerSubscription[]
      /** Measure the bytes of statuses instead of time. */
      readonly statusBytes?: boolean
    })
  /** Let a whole client fetch a file over HTTP. */
  | (OnDatabase & {
      readonly do: 'fetch'
      readonly peer: 'daemon' | 'sdk'
      readonly file: string
      readonly format: StreamFormat
    })
  /** The same, while the user writes to `notes`, a table of `schema` that is never synced. */
  | (OnDatabase & {
      readonly do: 'write'
      readonly peer: 'daemon' | 'sdk'
      readonly file: string
      readonly format: StreamFormat
    })
  /** Change one row again and again, of so many that a window watches. */
  | (OnDatabase & {
      readonly do: 'watch'
      readonly peer: 'daemon'
      readonly rows: number
      readonly times: number
    })
  /** Open a database until its first offline status. */
  | (OnDatabase & { readonly do: 'open'; readonly peer: PeerName })
  /** Run a query many times. */
  | {
      readonly do: 'read'
      readonly peer: PeerName
      readonly dbPath: string
      readonly sql: string
      readonly times: number
    }
