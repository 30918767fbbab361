/**
 * Decides whether SQL that a window sends may run.
 *
 * SQLite itself reads the statement: it is prepared, never run, in an empty in-memory model of what windows may
 * see, and an authorizer is asked about every table, function and kind of action. Nothing is decided by looking
 * at the text.
 *
 * Invariant: only what is known to be harmless passes. An action, a function or a table that nobody listed is
 * refused, and so is everything where this build of Node has no authorizer.
 *
 * What the authorizer says on whose behalf a table is read (its last argument) is not trusted: `WITH todos AS
 * (SELECT * FROM ps_crud) SELECT * FROM todos` reads `ps_crud` on behalf of "todos". So the model holds no
 * internal table: its views have the names and columns of the app's, and stand on nothing. A name that would
 * reach an internal table in the real database finds none here.
 *
 * Preparing takes time and memory that a short text can make grow without bound (a chain of 25 common table
 * expressions, each used twice, is enough). Call `check` where it can be ended: the read process does.
 *
 * The model's SQLite and the database's are different builds. A statement that one accepts and the other does
 * not is an error of that statement and nothing more: both resolve names by the same rules, and what the model
 * does not know (`DELETE … LIMIT`, `soundex`) does not pass.
 *
 * Values can still be large (`printf`, `replace`, `randomblob`): deadline and result limits bound reads.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Schema } from '../schema/schema.ts'
import { quoteName } from '../schema/sql.ts'
import { findSchemaProblem } from '../schema/validate.ts'
import { allowedFunctions, allowedTableFunctions } from './sql-gate-functions.ts'
import { type Actions, builtInSqlite, buildModel, foldCase, type Model } from './sql-gate-model.ts'
import { StorageError } from './storage.ts'

export interface Allowed {
  readonly allowed: true
  /** The app's views (and registered virtual tables) that the statement reads, sorted, named as in the schema. */
  readonly tables: readonly string[]
  /** The view that it writes: none for a read, one for a write. */
  readonly writes: readonly string[]
}

/**
 * - `sql_unavailable`: this build of Node has no authorizer, so no SQL of windows can be judged.
 * - `sql_too_long`: more than a million characters.
 * - `sql_too_complex`: SQLite gave up preparing it.
 * - `sql_syntax`: SQLite does not understand it, or it names a table or column that windows do not have.
 * - `sql_refused`: good SQL that a window may not run.
 */
export type RefusalCode =
  | 'sql_unavailable'
  | 'sql_too_long'
  | 'sql_too_complex'
  | 'sql_syntax'
  | 'sql_refused'

export interface Refused {
  readonly allowed: false
  readonly code: RefusalCode
  /** A plain sentence. */
  readonly message: string
}

export type Verdict = Allowed | Refused

/**
 * A `read` is one SELECT, VALUES or WITH … SELECT, also recursive. A `write` is one INSERT, UPDATE or DELETE on
 * a view of the app, without a recursive query. RETURNING is allowed: it gives back the values as the statement
 * wrote them. `OR REPLACE` and `OR ABORT` are allowed; `OR IGNORE`, `OR FAIL` and `OR ROLLBACK` are not, since
 * they would also govern what our triggers record. EXPLAIN is neither.
 */
export type SqlKind = 'read' | 'write'

export interface SqlGate {
  /** Never throws, never runs the statement. */
  check(sql: string, kind: SqlKind): Verdict
  /** Afterwards everything is refused. Safe to call twice. */
  close(): void
}

export interface SqlGateOptions {
  readonly schema: Schema
  /** Raw and virtual tables that windows may read, each with the CREATE statement that makes it. Default: none. */
  readonly readable?: { readonly [name: string]: string }
}

/** Whether this build of Node can judge SQL. Where it cannot, `openSqlGate` refuses everything. */
export function isSqlGateAvailable(): boolean {
  return builtInSqlite() !== null
}

/**
 * Throws `invalid_schema`.
 *
 * @example
 *   const gate = openSqlGate({ schema })
 *   gate.check('SELECT * FROM todos WHERE done = ?', 'read') // { allowed: true, tables: ['todos'], writes: [] }
 *   gate.check('SELECT * FROM ps_crud', 'read') // { allowed: false, code: 'sql_syntax', message: … }
 */
export function openSqlGate({ schema, readable = {} }: SqlGateOptions): SqlGate {
  const problem = findSchemaProblem(schema)
  if (problem) throw new StorageError('invalid_schema', problem.message)
  const sqlite = builtInSqlite()
  if (sqlite === null) return closedGate('This build of Node cannot judge SQL, so SQL of windows is refused.')
  const model = buildModel(sqlite, schema, readable)
  return new ModelGate(model, sqlite.constants)
}

const MAX_LENGTH = 1_000_000
/** How many allowed statements are remembered, and up to which length. */
const REMEMBERED = 500
const MAX_REMEMBERED_LENGTH = 10_000

/** The authorizer of the moment: why an action is refused, or null. */
type Judge = (action: number, first: string | null, second: string | null) => string | null

class ModelGate implements SqlGate {
  readonly #model: Model
  readonly #db: DatabaseSync
  readonly #actions: Actions
  readonly #remembered = new Map<string, Allowed>()
  #judge: Judge = refuseAll
  /** The first refusal of the authorizer since the last `#prepare`. */
  #reason: string | null = null

  constructor(model: Model, actions: Actions) {
    this.#model = model
    this.#db = model.db
    this.#actions = actions
    this.#db.setAuthorizer((action, first, second) => {
      const reason = this.#judge(action, first, second)
      this.#reason ??= reason
      return reason === null ? actions.SQLITE_OK : actions.SQLITE_DENY
    })
  }

  check(sql: string, kind: SqlKind): Verdict {
    const key = kind + sql
    const known = this.#remembered.get(key)
    const verdict = known ?? findMalformed(sql) ?? this.#check(sql, kind)
    if (verdict.allowed && sql.length <= MAX_REMEMBERED_LENGTH) {
      // The one used last stands last.
      this.#remembered.delete(key)
      this.#remembered.set(key, verdict)
      if (this.#remembered.size > REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!)
    }
    return verdict
  }

  close(): void {
    this.#remembered.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  #check(sql: string, kind: SqlKind): Verdict {
    if (!this.#db.isOpen) return refused('sql_unavailable', 'The gate is closed.')
    try {
      return this.#examine(sql, kind)
    } catch (error) {
      return this.#reason === null ? asRefusal(error) : refused('sql_refused', this.#reason)
    } finally {
      this.#judge = refuseAll
    }
  }

  #examine(sql: string, kind: SqlKind): Verdict {
    const use = new Use(this.#model, this.#actions, kind)
    const statement = this.#prepare(sql, use.judge)
    const { sourceSQL } = statement
    if (!this.#isBlank(sql.slice(sourceSQL.length))) {
      return refused('sql_refused', 'Only one statement can be sent at a time.')
    }
    // SQLite takes EXPLAIN before any statement that is not one itself.
    const explain = this.#prepare(`EXPLAIN ${sourceSQL}`, use.judge)
    const hidden = [...use.unknownNames].find((name) => this.#exists(name))
    if (hidden !== undefined) return refused('sql_refused', notOfTheApp(hidden))

    switch (kind) {
      case 'read':
        // What gives no columns asks no authorizer either: VACUUM.
        if (statement.columns().length === 0) return refused('sql_refused', 'Only SELECT can read.')
        break
      case 'write':
        if (use.writes.size !== 1) {
          return refused('sql_refused', 'Only INSERT, UPDATE and DELETE on a table of the app can write.')
        }
        if (!abortsOnConflict(explain.iterate() as Iterable<Opcode>)) {
          return refused('sql_refused', 'A write of a window cannot use OR IGNORE, OR FAIL or OR ROLLBACK.')
        }
        break
      default:
        return kind satisfies never
    }
    return { allowed: true, tables: [...use.tables].sort(), writes: [...use.writes] }
  }

  #prepare(sql: string, judge: Judge) {
    this.#judge = judge
    this.#reason = null
    const statement = this.#db.prepare(sql)
    if (this.#reason !== null) throw new Error(this.#reason)
    return statement
  }

  /** Whether a text holds no statement: white space, comments, semicolons. */
  #isBlank(sql: string): boolean {
    if (sql === '') return true
    try {
      this.#prepare(sql, refuseAll)
      return false
    } catch (error) {
      return isNodeError(error) && error.code === 'ERR_INVALID_ARG_VALUE'
    }
  }

  /** Whether a name means a table of its own, outside of any WITH. */
  #exists(name: string): boolean {
    const { SQLITE_SELECT, SQLITE_READ } = this.#actions
    const reading: Judge = (action) =>
      action === SQLITE_SELECT || action === SQLITE_READ ? null : refuseAll(action, null, null)
    try {
      this.#prepare(`SELECT 1 FROM ${quoteName(name)}`, reading)
      return true
    } catch {
      return false
    }
  }
}

/** What one statement uses, as the authorizer is told. */
class Use {
  readonly tables = new Set<string>()
  readonly writes = new Set<string>()
  /** Tables of which no column is read; SQLite says nothing of where they come from. Often names in a WITH. */
  readonly unknownNames = new Set<string>()
  readonly judge: Judge
  readonly #model: Model

  constructor(model: Model, actions: Actions, kind: SqlKind) {
    this.#model = model
    this.judge = (action, first, second) => {
      switch (action) {
        case actions.SQLITE_SELECT:
          return null
        case actions.SQLITE_READ:
          return this.#read(first ?? '', second ?? '')
        case actions.SQLITE_FUNCTION:
          return allowedFunctions.has(foldCase(second ?? ''))
            ? null
            : `The function ${second} is not allowed.`
        case actions.SQLITE_RECURSIVE:
          return kind === 'read' ? null : 'A write cannot hold a recursive query.'
        case actions.SQLITE_INSERT:
        case actions.SQLITE_UPDATE:
        case actions.SQLITE_DELETE:
          return kind === 'write' ? this.#write(first ?? '') : 'A read cannot write.'
        default:
          return refuseAll(action, first, second)
      }
    }
  }

  #read(name: string, column: string): string | null {
    const table = this.#model.readable.get(foldCase(name))
    if (table !== undefined) this.tables.add(table)
    else if (allowedTableFunctions.has(foldCase(name))) return null
    else if (column === '') this.unknownNames.add(name)
    else return notOfTheApp(name)
    return null
  }

  #write(name: string): string | null {
    const view = this.#model.writable.get(foldCase(name))
    if (view !== undefined) this.writes.add(view)
    return view !== undefined || name === this.#model.probe ? null : notOfTheApp(name)
  }
}

type Opcode = { readonly opcode: string; readonly p1: number; readonly p2: number }

const SQLITE_CONSTRAINT_NOTNULL = 1299
const ON_CONFLICT_ABORT = 2

/**
 * A statement's OR clause takes effect inside the triggers of the view, so it shows in how the model's triggers
 * treat the NOT NULL of the probe.
 */
function abortsOnConflict(program: Iterable<Opcode>): boolean {
  let probes = 0
  for (const { opcode, p1, p2 } of program) {
    if (opcode !== 'HaltIfNull' || p1 !== SQLITE_CONSTRAINT_NOTNULL) continue
    if (p2 !== ON_CONFLICT_ABORT) return false
    probes++
  }
  return probes > 0
}

function refuseAll(_action: number, _first: string | null, _second: string | null): string {
  return 'A window can only read and write the tables of the app.'
}

function notOfTheApp(name: string): string {
  return `"${name}" is not a table that windows can use.`
}

/** What SQLite would read only in part, or otherwise than it was written. */
function findMalformed(sql: string): Refused | null {
  if (sql.length > MAX_LENGTH) {
    return refused(
      'sql_too_long',
      `The statement is longer than ${MAX_LENGTH} characters; pass values as parameters.`,
    )
  }
  if (sql.includes('\0')) return refused('sql_syntax', 'The statement holds a NUL character.')
  if (!sql.isWellFormed()) return refused('sql_syntax', 'The statement holds half of a character.')
  return null
}

const SQLITE_NOMEM = 7
const SQLITE_TOOBIG = 18

function asRefusal(error: unknown): Refused {
  if (!isNodeError(error)) return refused('sql_syntax', 'The statement cannot be read.')
  return error.errcode === SQLITE_NOMEM || error.errcode === SQLITE_TOOBIG
    ? refused('sql_too_complex', 'The statement is too complex.')
    : refused('sql_syntax', `SQLite cannot read the statement: ${error.message}.`)
}

function isNodeError(error: unknown): error is Error & { readonly code: string; readonly errcode?: number } {
  return error instanceof Error && 'code' in error
}

function refused(code: RefusalCode, message: string): Refused {
  return { allowed: false, code, message }
}

function closedGate(message: string): SqlGate {
  return { check: () => refused('sql_unavailable', message), close: () => undefined }
}
