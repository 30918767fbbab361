/**
 * The one write path: uploads, the simulation and tests all change rows through a transaction, which also does
 * what a back end's triggers would do (an issue counts its comments and knows when it was last changed).
 *
 * Invariant: a transaction's changes hold every touched row once, in its final version, with exactly the
 * columns of its table; nothing reaches the store before it is whole.
 */
import type { Store } from './store.ts'
import { tables, type AnyRow, type Row, type RowChange, type TableName } from './tables.ts'

/** Values for some columns of a table. Columns that the table does not have are dropped. */
export type Values<T extends TableName> = Partial<Omit<Row<T>, 'id'>>

export class Transaction {
  readonly #store: Store
  readonly #now: string
  readonly #changes = new Map<string, RowChange>()

  /** `now`: the ISO time that goes into rows that keep track of their changes. */
  constructor(store: Store, now: string) {
    this.#store = store
    this.#now = now
  }

  /** The rows that the transaction leaves behind, in the order in which they were first touched. */
  get changes(): readonly RowChange[] {
    return Array.from(this.#changes.values())
  }

  /** The row as this transaction sees it. */
  row<T extends TableName>(table: T, id: string): Row<T> | undefined {
    const changed = this.#changes.get(`${table}/${id}`)
    if (changed === undefined) return this.#store.row(table, id)
    return changed.row === null ? undefined : (changed.row as Row<T>)
  }

  /** Writes a whole row: columns without a value become null, or what a back end fills in for a new row. */
  put<T extends TableName>(table: T, id: string, values: Values<T>): void {
    const isNew = this.row(table, id) === undefined
    this.#set(table, id, isNew ? this.#filledIn(table, values) : values)
    if (table === 'comments' && isNew) this.#countComment(id, 1)
  }

  /** Changes some columns of a row. A row that does not exist (any more) is left alone. */
  patch<T extends TableName>(table: T, id: string, values: Values<T>): void {
    const old = this.row(table, id)
    if (old !== undefined) this.#set(table, id, { ...old, ...this.#touch(table), ...values })
  }

  remove(table: TableName, id: string): void {
    if (this.row(table, id) === undefined) return
    if (table === 'comments') this.#countComment(id, -1)
    this.#changes.set(`${table}/${id}`, { table, id, row: null })
  }

  /** What a back end adds to a new row where the client said nothing. */
  #filledIn(table: TableName, values: Values<'issues'>): Values<'issues'> {
    const created_at = values.created_at ?? this.#now
    if (table !== 'issues') return { ...values, created_at }
    return {
      ...values,
      created_at,
      updated_at: values.updated_at ?? this.#now,
      number: values.number ?? this.#nextNumber(values.project_id ?? null),
      comment_count: values.comment_count ?? 0,
      locked: values.locked ?? 0,
    }
  }

  #nextNumber(project: string | null): number {
    const pending = this.changes.flatMap(({ table, row }) =>
      table === 'issues' && row !== null ? [row] : [],
    )
    let highest = 0
    for (const issue of [...this.#store.rows('issues'), ...pending]) {
      if (issue['project_id'] === project) highest = Math.max(highest, Number(issue['number']))
    }
    return highest + 1
  }

  #countComment(id: string, by: number): void {
    const issue = this.row('issues', this.row('comments', id)?.issue_id ?? '')
    if (issue !== undefined)
      this.patch('issues', issue.id, { comment_count: (issue.comment_count ?? 0) + by })
  }

  #touch(table: TableName): { updated_at?: string } {
    return table === 'issues' ? { updated_at: this.#now } : {}
  }

  #set(table: TableName, id: string, values: { readonly [column: string]: unknown }): void {
    const row: { id: string; [column: string]: string | number | null } = { id }
    for (const [column, type] of Object.entries(tables[table])) row[column] = stored(values[column], type)
    this.#changes.set(`${table}/${id}`, { table, id, row: row satisfies AnyRow })
  }
}

/** A value as its column keeps it. */
function stored(value: unknown, type: string): string | number | null {
  if (value === null || value === undefined) return null
  if (type === 'text') return typeof value === 'string' ? value : JSON.stringify(value)
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
