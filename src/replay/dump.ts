/** What a `dump` step prints: the status, the rows, the upload queue and the subscriptions, as JSON text. */
import type { Schema } from '../schema/schema.ts'
import { canonicalParameters } from '../status/parameters.ts'
import type { Status, StreamStatus } from '../status/status.ts'
import { FULL_SYNC } from '../status/status.ts'
import type { Reader } from '../storage/reader.ts'
import type { CrudEntry } from '../storage/storage.ts'

export interface Dumped {
  readonly status: Status
  readonly schema: Schema
  readonly reader: Reader
  /** All of the upload queue. */
  readonly queue: readonly CrudEntry[]
}

export function dump(step: number, { status, schema, reader, queue }: Dumped): string {
  return (
    `{"step":${step},"status":${JSON.stringify(describeStatus(status))},"rows":${dumpRows(schema, reader)},` +
    `"crud":[${queue.map(dumpEntry).join(',')}],"streams":${JSON.stringify(dumpStreams(reader))}}`
  )
}

/** Its data is JSON text already, and stays it. */
function dumpEntry({ op, table, rowId, data, transactionId }: CrudEntry): string {
  const [name, id] = [table, rowId].map((text) => JSON.stringify(text))
  return `{"op":"${op}","table":${name},"id":${id},"data":${data ?? 'null'},"tx":${transactionId}}`
}

function describeStatus(status: Status): object {
  const { connection, downloading, priorities } = status
  return {
    connected: connection.state === 'connected',
    connecting: connection.state === 'connecting',
    downloading,
    priorities: priorities
      .filter(({ priority }) => priority <= FULL_SYNC)
      .map(({ priority }) => ({ priority, hasSynced: true })),
    streams: [...status.streams.values()]
      .sort(byNameAndParameters)
      .map((stream) => describeStream(stream, downloading !== null)),
  }
}

function describeStream(stream: StreamStatus, isTracking: boolean): object {
  return {
    name: stream.name,
    params: stream.params,
    priority: stream.priority,
    active: stream.active,
    isDefault: stream.isDefault,
    hasExplicitSubscription: stream.hasExplicitSubscription,
    hasSynced: stream.lastSyncedAt !== null,
    progress: isTracking ? (stream.progress ?? { total: 0, downloaded: 0 }) : null,
  }
}

interface Named {
  readonly name: string
  readonly params: StreamStatus['params']
}

function byNameAndParameters(a: Named, b: Named): number {
  return (
    compare(a.name, b.name) ||
    compare(canonicalParameters(a.params) ?? '', canonicalParameters(b.params) ?? '')
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Rows of the views, and of the raw tables that are there. Values stay text from SQLite to the page: none passes
 * through a JavaScript number.
 */
function dumpRows(schema: Schema, reader: Reader): string {
  const views = Object.entries(schema.tables)
    .filter(([, table]) => table.insertOnly !== true)
    .map(([name, table]) => ({
      name,
      from: table.viewName ?? name,
      columns: ['id', ...Object.keys(table.columns)],
    }))
  const raw = Object.entries(schema.rawTables ?? {})
    .map(([name, table]) => ({ name, from: table.schema?.tableName ?? name }))
    .map((table) => ({ ...table, columns: columnsOf(table.from, reader) }))
    .filter(({ columns }) => columns.length > 0)
  const texts = [...views, ...raw]
    .sort((a, b) => compare(a.name, b.name))
    .map(({ name, from, columns }) => {
      const select = columns.map((column, index) => `json_quote(${quote(column)}) AS c${index}`).join(', ')
      const rows = reader
        .query(`SELECT ${select} FROM ${quote(from)} ORDER BY id`, {})
        .map((row) =>
          columns.map((column, i) => `${JSON.stringify(column)}:${jsonText(row[`c${i}`])}`).join(','),
        )
      return `${JSON.stringify(name)}:[${rows.map((row) => `{${row}}`).join(',')}]`
    })
  return `{${texts.join(',')}}`
}

function columnsOf(table: string, reader: Reader): readonly string[] {
  return reader.query('SELECT name FROM pragma_table_info(?)', [table]).map(({ name }) => String(name))
}

/** `json_quote` writes the infinities as 9.0e+999 in some versions; a trace has 9e999. */
function jsonText(value: unknown): string {
  const text = String(value)
  if (/^-?9(?:\.0)?e\+?999$/.test(text)) return text.startsWith('-') ? '-9e999' : '9e999'
  return text
}

const NEVER_STORED = 2n ** 63n - 1n

function dumpStreams(reader: Reader): readonly object[] {
  return reader
    .query(
      'SELECT stream_name, local_params, ttl, local_priority, active, is_default FROM ps_stream_subscriptions',
      {},
    )
    .map((row) => ({
      name: String(row['stream_name']),
      params:
        row['local_params'] === null
          ? null
          : (JSON.parse(String(row['local_params'])) as StreamStatus['params']),
      ttl: describeTtl(row['ttl']),
      priority: row['local_priority'],
      active: row['active'] === 1,
      isDefault: row['is_default'] === 1,
    }))
    .sort(byNameAndParameters)
}

/** Seconds, as a trace's `subscribe` step takes them. */
function describeTtl(ttl: unknown): number | 'never' | null {
  if (ttl === null) return null
  return ttl === NEVER_STORED ? 'never' : Number(ttl) / 1000
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
