/** A database in a folder of its own, driven by commands, and looked at from outside. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Schema } from '../../src/schema/schema.ts'
import { type OpenOptions, openStorage } from '../../src/storage/open.ts'
import type { Committed, SqlValue, Storage } from '../../src/storage/storage.ts'
import type { StorageCommand, StorageOutcome, TrackedBucket } from '../../src/sync/event.ts'
import type { Op } from '../../src/wire/line.ts'

export const todos: Schema = {
  tables: { todos: { columns: { text: 'text', n: 'integer' } } },
}

export type Row = Readonly<Record<string, unknown>>

export class Fixture implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-storage-'))
  readonly path = join(this.folder, 'test.db')
  storage: Storage
  /** What the last turn changed. */
  committed: Committed = { tables: [] }
  schema: Schema

  readonly #options: Pick<OpenOptions, 'sliceOps'>

  constructor(schema: Schema = todos, options: Pick<OpenOptions, 'sliceOps'> = {}) {
    this.schema = schema
    this.#options = options
    this.storage = openStorage({ path: this.path, schema, ...options })
  }

  /** One command in a turn of its own. */
  do(command: StorageCommand): StorageOutcome | null {
    const { value, committed } = this.storage.turn(() => this.storage.execute(command))
    this.committed = committed
    return value
  }

  track(...buckets: TrackedBucket[]): StorageOutcome | null {
    return this.do({ do: 'track_checkpoint', buckets })
  }

  diff(updated: readonly TrackedBucket[], removed: readonly string[] = []): StorageOutcome | null {
    return this.do({ do: 'track_diff', updated, removed })
  }

  save(bucket: string, ...ops: Op[]): StorageOutcome | null {
    return this.do(saveCommand(bucket, ops))
  }

  /** Complete a checkpoint, or a part of it. */
  apply(lastOpId: bigint, priority: number | null = null): StorageOutcome | null {
    return this.do({ do: 'apply', priority, lastOpId, writeCheckpoint: null, now: 1000 })
  }

  /** Track these buckets with the sums that their ops have, send the ops and complete. */
  sync(buckets: Readonly<Record<string, readonly Op[]>>): StorageOutcome | null {
    const names = Object.keys(buckets)
    this.diff(names.map((name) => bucket(name, { checksum: this.checksumAfter(name, buckets[name]!) })))
    for (const name of names) this.save(name, ...buckets[name]!)
    return this.apply(1_000_000n)
  }

  checksumAfter(name: string, ops: readonly Op[]): number {
    const [stored] = this.query('SELECT checksum FROM ps_buckets WHERE name = ?', name)
    return ops.reduce(
      (sum, op) => (op.op === 'CLEAR' ? op.checksum : sum + op.checksum),
      Number(stored?.['checksum'] ?? 0),
    )
  }

  positions(): Readonly<Record<string, bigint>> {
    const outcome = this.do({ do: 'read_positions' })
    if (outcome?.kind !== 'positions') throw new Error('no positions')
    return Object.fromEntries(outcome.buckets.map(({ name, after }) => [name, after]))
  }

  /** Read on a connection of its own; integers as bigints. */
  query(sql: string, ...parameters: unknown[]): Row[] {
    const db = new Sqlite(this.path, { readonly: true })
    try {
      return db
        .prepare(sql)
        .safeIntegers()
        .all(...parameters) as Row[]
    } finally {
      db.close()
    }
  }

  /** Change the file from outside, as something that this room does not do yet. */
  write(sql: string, ...parameters: unknown[]): void {
    const db = new Sqlite(this.path)
    try {
      db.prepare(sql).run(...parameters)
    } finally {
      db.close()
    }
  }

  /** The rows that a view shows, by id: `{ r1: 'x' }` for the column `text`. */
  texts(column = 'text', view = 'todos'): Readonly<Record<string, unknown>> {
    const rows = this.query(`SELECT id, ${column} AS value FROM ${view} ORDER BY id`)
    return Object.fromEntries(rows.map((row) => [row['id'], row['value']]))
  }

  entries(): Row[] {
    return this.query(
      `SELECT row_id, name AS bucket, op_id, data FROM ps_oplog LEFT JOIN ps_buckets ON id = bucket ORDER BY row_id, op_id`,
    )
  }

  /** One statement in a local transaction of its own; how many rows it wrote. */
  local(sql: string, ...parameters: readonly SqlValue[]): number {
    return this.locally((execute) => execute(sql, ...parameters))
  }

  /** A local transaction, rolled back when `work` throws. */
  locally<T>(work: (execute: (sql: string, ...parameters: readonly SqlValue[]) => number) => T): T {
    const transaction = this.storage.beginLocal()
    try {
      const value = work((sql, ...parameters) => transaction.execute(sql, parameters).changes)
      this.committed = transaction.commit()
      return value
    } finally {
      transaction.rollback()
    }
  }

  /** The user sets one column of a row, which may be new. */
  writeLocally(id: string, text: string, type = 'todos', column = 'text'): void {
    this.locally((execute) => {
      if (execute(`UPDATE ${type} SET ${column} = ? WHERE id = ?`, text, id) > 0) return
      execute(`INSERT INTO ${type}(id, ${column}) VALUES (?, ?)`, id, text)
    })
  }

  /** The backend has everything, and the service has seen it. */
  acknowledge(): void {
    this.do({ do: 'complete_upload', through: null, writeCheckpoint: 0n })
  }

  /** The upload queue, as short as can be: `PUT todos r1 {"text":"x"}`. */
  queue(): string[] {
    return this.storage
      .readQueue({ limit: 1000, wholeTransactions: true })
      .map(({ op, table, rowId, data }) => [op, table, rowId, ...(data === null ? [] : [data])].join(' '))
  }

  kv(key: string): unknown {
    return this.query('SELECT value FROM ps_kv WHERE key = ?', key)[0]?.['value'] ?? null
  }

  reopen(schema: Schema = this.schema): void {
    this.storage.close()
    this.schema = schema
    this.storage = openStorage({ path: this.path, schema, ...this.#options })
  }

  [Symbol.dispose](): void {
    this.storage.close()
    rmSync(this.folder, { recursive: true })
  }
}

export function bucket(name: string, rest: Partial<TrackedBucket> = {}): TrackedBucket {
  return { bucket: name, checksum: 0, count: null, priority: 3, subscriptions: [], ...rest }
}

export function put(opId: number | bigint, rowId: string, data: string | object, rest: Partial<Op> = {}): Op {
  const text = typeof data === 'string' ? data : JSON.stringify({ id: rowId, ...data })
  return {
    op: 'PUT',
    opId: BigInt(opId),
    rowType: 'todos',
    rowId,
    subkey: '',
    checksum: 1,
    data: text,
    ...rest,
  } as Op
}

export function remove(opId: number, rowId: string, rest: Partial<Op> = {}): Op {
  return {
    op: 'REMOVE',
    opId: BigInt(opId),
    rowType: 'todos',
    rowId,
    subkey: '',
    checksum: 1,
    ...rest,
  } as Op
}

export function bare(op: 'MOVE' | 'CLEAR', opId: number, checksum = 1): Op {
  return { op, opId: BigInt(opId), checksum }
}

export function saveCommand(name: string, ops: readonly Op[]): StorageCommand {
  return {
    do: 'save',
    line: { kind: 'data', bucket: name, ops, hasMore: false, after: null, nextAfter: null },
  }
}
