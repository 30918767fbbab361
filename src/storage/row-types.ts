/**
 * Row types as small numbers: entries and staged ops are sorted by them a million at a time. A type keeps its
 * number for ever, whether the schema names it or not.
 */
import type { Connection, Statement } from './connection.ts'

export class RowTypes {
  readonly #ids = new Map<string, number>()
  readonly #select: Statement
  readonly #insert: Statement

  constructor(db: Connection) {
    this.#select = db.prepare('SELECT id FROM ps_row_types WHERE name = ?').pluck()
    this.#insert = db.prepare('INSERT INTO ps_row_types(name) VALUES (?)')
  }

  /** The number of a type, which gets one if it has none yet. */
  idOf(name: string): number {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const id =
      (this.#select.get(name) as number | undefined) ?? Number(this.#insert.run(name).lastInsertRowid)
    this.#ids.set(name, id)
    return id
  }

  /** After a rollback: numbers that were given in the turn do not stand. */
  forget(): void {
    this.#ids.clear()
  }
}
