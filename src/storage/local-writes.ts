/**
 * The app's own writes. What happens to a row (the server's version is kept, the change is recorded, the gate
 * closes) is in the triggers of the views; here is the transaction around them.
 *
 * Invariants: every committed transaction that could record something has an id of its own; a transaction that
 * has returned from `commit` is on the disk.
 */
import { asStatementError, type Connection, type Statement, translatingErrors } from './connection.ts'
import { OpenedTables } from './opened-tables.ts'
import { type ReadParameters, type ReadRow, type ReadValue, toRow } from './row.ts'
import { StatementCache } from './statement-cache.ts'
import type { UploadQueue } from './upload-queue.ts'
import { type Committed, type LocalTransaction, StorageError } from './storage.ts'

/** How many statements stay prepared. */
const PREPARED = 200

export class LocalWrites {
  readonly #db: Connection
  readonly #opened: OpenedTables
  readonly #prepared = new StatementCache<Statement>(PREPARED)
  readonly #totals: Statement
  readonly #useTransactionId: Statement
  readonly #queue: Pick<UploadQueue, 'noteTime'>
  /** Rows that triggers of views have written. */
  #viewRows = 0
  /** When the transaction has written for long enough, by `performance.now()`. */
  #until = Infinity

  constructor(db: Connection, queue: Pick<UploadQueue, 'noteTime'>) {
    this.#db = db
    this.#queue = queue
    this.#opened = new OpenedTables(db)
    // SQLite counts no row of a view, so the triggers tell.
    db.function('headwater_row_written', { directOnly: false }, () => {
      this.#viewRows++
      if (performance.now() > this.#until) throw tooLong()
      return null
    })
    this.#totals = db.prepare('SELECT total_changes() AS total, changes() AS last')
    this.#useTransactionId = db.prepare(`UPDATE ps_kv SET value = value + 1 WHERE key = 'next_transaction'`)
  }

  /** `prepare` runs first in the transaction. */
  begin(prepare: () => void, maxMs = Infinity): LocalTransaction {
    this.#until = performance.now() + maxMs
    translatingErrors(() => {
      this.#db.pragma('synchronous = FULL')
      try {
        this.#db.exec('BEGIN IMMEDIATE')
        prepare()
      } catch (error) {
        this.end()
        throw error
      }
    })
    return new OpenTransaction(this)
  }

  execute(sql: string, parameters: ReadParameters): Executed {
    this.#checkTransaction()
    try {
      const statement = this.#prepared.of(sql, () => this.#prepare(sql))
      const { writes, records } = this.#opened.of(sql)
      const before = this.#countChanges().total
      this.#viewRows = 0
      const rows = statement.reader ? readRows(statement, parameters) : runOnly(statement, parameters)
      const { total, last } = this.#countChanges()
      const changes = this.#viewRows > 0 ? this.#viewRows : total > before ? last : 0
      return { rows, changes, wrote: total > before ? writes : [], records }
    } catch (error) {
      throw asStatementError(error)
    }
  }

  commit(records: boolean): void {
    this.#checkTransaction()
    translatingErrors(() => {
      if (records) {
        this.#queue.noteTime()
        this.#useTransactionId.run()
      }
      this.#db.exec('COMMIT')
    })
  }

  /** Roll back what is not committed, and be in no hurry again. */
  end(): void {
    // Triggers of raw tables write to views during merges too.
    this.#until = Infinity
    if (!this.#db.open) return
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
    this.#db.pragma('synchronous = NORMAL')
  }

  /** A full disk and OR ROLLBACK end it: what comes after must not be committed by itself. */
  #checkTransaction(): void {
    if (this.#db.inTransaction) return
    throw new StorageError('database_failed', 'An error has rolled the transaction back. Begin it again.')
  }

  #prepare(sql: string): Statement {
    const statement = this.#db.prepare(sql)
    // BEGIN, COMMIT, SAVEPOINT and ATTACH call themselves readonly.
    if (statement.readonly && !statement.reader) {
      throw new StorageError('sql_failed', 'A local transaction begins and ends by its own methods only.')
    }
    if (statement.reader) statement.safeIntegers().raw()
    return statement
  }

  #countChanges(): { readonly total: number; readonly last: number } {
    return this.#totals.get() as { total: number; last: number }
  }
}

interface Executed {
  readonly rows: readonly ReadRow[]
  readonly changes: number
  /** Views and tables of the app that it may have changed. */
  readonly wrote: readonly string[]
  readonly records: boolean
}

class OpenTransaction implements LocalTransaction {
  readonly #writes: LocalWrites
  readonly #tables = new Set<string>()
  #records = false
  #ended = false

  constructor(writes: LocalWrites) {
    this.#writes = writes
  }

  execute(
    sql: string,
    parameters: ReadParameters,
  ): { readonly rows: readonly ReadRow[]; readonly changes: number } {
    this.#checkOpen()
    const { rows, changes, wrote, records } = this.#writes.execute(sql, parameters)
    for (const table of wrote) this.#tables.add(table)
    this.#records ||= records
    return { rows, changes }
  }

  commit(): Committed {
    this.#checkOpen()
    try {
      this.#writes.commit(this.#records)
    } finally {
      this.rollback()
    }
    return { tables: [...this.#tables].sort() }
  }

  rollback(): void {
    if (this.#ended) return
    this.#ended = true
    this.#writes.end()
  }

  #checkOpen(): void {
    if (this.#ended) throw new Error('The local transaction has ended.')
  }
}

function readRows(statement: Statement, parameters: ReadParameters): ReadRow[] {
  const rows = statement.all(parameters) as ReadValue[][]
  const columns = statement.columns().map((column) => column.name)
  return rows.map((values) => toRow(columns, values))
}

function runOnly(statement: Statement, parameters: ReadParameters): ReadRow[] {
  statement.run(parameters)
  return []
}

function tooLong(): StorageError {
  return new StorageError('write_timeout', 'The write took too long. Nothing of it was written.')
}
