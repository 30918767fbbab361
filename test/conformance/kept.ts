/**
 * What both keep and neither prints: the write gate, previous values and metadata of the upload queue, when what
 * was synced, where buckets stand. Read from the files of the two, in the words of both.
 *
 * Left out are dates of expiry: ours runs from the release, the native core's from the last start or keepalive
 * (S6). What comes of them is seen in the requests.
 */
import Database from 'better-sqlite3'
import { canonicalParameters } from '../../src/status/parameters.ts'
import type { StreamParameters } from '../../src/status/parameters.ts'

/** Reads the two databases beside those that write them. */
export class Kept {
  readonly #ours: File
  readonly #native: File

  constructor(oursPath: string, nativePath: string) {
    this.#ours = new File(oursPath, ours)
    this.#native = new File(nativePath, native)
  }

  /** A line for each, as if it had been printed at this step. */
  lines(step: number): { readonly ours: string; readonly native: string } {
    const line = (kept: object) => JSON.stringify({ step, kept })
    return { ours: line(this.#ours.read()), native: line(this.#native.read()) }
  }

  close(): void {
    this.#ours.close()
    this.#native.close()
  }
}

type Queries = { readonly [part: string]: string }
type Row = { readonly [column: string]: unknown }

/** Each query gives a `name` and what goes by it. Numbers as text, so that none is rounded. */
const ours: Queries = {
  gate: `
    SELECT CASE key WHEN 'write_target' THEN 'target' WHEN 'write_seen' THEN 'seen' ELSE 'request' END AS name,
      CAST(value AS TEXT) AS value
    FROM ps_kv WHERE key IN ('write_target', 'write_seen', 'last_request')`,
  queue: `SELECT id AS name, old_values AS old, metadata FROM ps_crud`,
  syncedAt: 'SELECT priority AS name, last_synced_at AS ms FROM ps_sync_state',
  streams: `SELECT stream_name AS name, local_params AS params, last_synced_at AS ms FROM ps_stream_subscriptions
    WHERE last_synced_at IS NOT NULL`,
  positions: `
    SELECT b.name, CAST(coalesce((
      SELECT CASE WHEN a.era > b.era THEN a.op_id END FROM ps_applied a
      WHERE a.priority >= b.priority ORDER BY a.priority LIMIT 1
    ), b.position) AS TEXT) AS op
    FROM ps_buckets b WHERE b.ordinal IS NOT NULL`,
}

const native: Queries = {
  gate: `
    SELECT CASE key WHEN 'target_checkpoint_request_id' THEN 'target'
      WHEN 'last_seen_checkpoint_request_id' THEN 'seen' ELSE 'request' END AS name, CAST(value AS TEXT) AS value
    FROM ps_kv WHERE key IN
      ('target_checkpoint_request_id', 'last_seen_checkpoint_request_id', 'last_requested_checkpoint_request_id')`,
  queue: `SELECT id AS name, data -> 'old' AS old, data ->> 'metadata' AS metadata FROM ps_crud`,
  syncedAt: 'SELECT priority AS name, last_synced_at / 1000 AS ms FROM ps_sync_state',
  streams: `SELECT stream_name AS name, local_params AS params, last_synced_at / 1000 AS ms FROM ps_stream_subscriptions
    WHERE last_synced_at IS NOT NULL`,
  positions: 'SELECT name, CAST(last_op AS TEXT) AS op FROM ps_buckets WHERE pending_delete = 0',
}

class File {
  readonly #db: Database.Database
  readonly #statements: readonly (readonly [part: string, rows: Database.Statement<[], Row>])[]

  constructor(path: string, queries: Queries) {
    this.#db = new Database(path, { readonly: true })
    this.#statements = Object.entries(queries).map(([part, sql]) => [part, this.#db.prepare(sql)])
  }

  read(): object {
    return Object.fromEntries(
      this.#statements.map(([part, rows]) => [part, Object.fromEntries(rows.all().map(named))]),
    )
  }

  close(): void {
    this.#db.close()
  }
}

function named({ name, params, ...values }: Row): readonly [string, object] {
  const parameters = typeof params === 'string' ? (JSON.parse(params) as StreamParameters | null) : null
  const key = `${String(name)}${canonicalParameters(parameters) ?? ''}`
  return [key, { name: key, ...values }]
}
