/**
 * Drizzle over the daemon in the main process, and over the client in a window. Copy what you need:
 * `npm install drizzle-orm`. What belongs together goes by `db.batch([…])`, all or nothing; Drizzle's `transaction`
 * sends BEGIN, which is refused.
 *
 *     const db = drizzleOverDaemon(daemon)
 *     await db.select().from(todos).where(eq(todos.done, 0))
 */
import { type AsyncBatchRemoteCallback, drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Daemon, Row, SqlValue, Statement, WriteResult } from '../src/index.ts'
import type { Client } from '../src/ipc/client/index.ts'

/** The tables of the schema in Drizzle's words. */
export const lists = sqliteTable('lists', { id: text().primaryKey(), name: text() })
export const todos = sqliteTable('todos', {
  id: text().primaryKey(),
  list_id: text(),
  description: text(),
  done: integer(),
})

export function drizzleOverDaemon(daemon: Daemon): SqliteRemoteDatabase {
  return drizzleOver({
    read: async (sql, params) => (await daemon.windowSql.query(sql, params)).rows,
    write: (statements) => daemon.batch(statements),
  })
}

/** Columns of a join need different names here, since rows come by name: `sql`${lists.id}`.as('list')`. */
export function drizzleOverClient(client: Client): SqliteRemoteDatabase {
  return drizzleOver({
    async read(sql, params) {
      const { columns, rows } = await client.sql.query(sql, params)
      return rows.map((row) => columns.map((column) => row[column] ?? null))
    },
    write: (statements) => client.sql.batch(statements),
  })
}

/** Drizzle wants the values of each row in the order of the columns. */
interface Sql {
  read(sql: string, params: readonly SqlValue[]): Promise<readonly (readonly SqlValue[])[]>
  write(statements: readonly Statement[]): Promise<readonly WriteResult[]>
}

function drizzleOver({ read, write }: Sql): SqliteRemoteDatabase {
  const batch: AsyncBatchRemoteCallback = async (statements) =>
    (await write(statements.map(({ sql, params }) => [sql, params as SqlValue[]]))).map(toRows)
  return drizzle(async (sql, params: SqlValue[], method) => {
    if (!/^select\b/i.test(sql)) return toRows((await write([[sql, params]]))[0]!)
    const rows = await read(sql, params)
    return { rows: method === 'get' ? (rows[0] as SqlValue[]) : rows.map((row) => [...row]) }
  }, batch)
}

/** What RETURNING gave. */
function toRows({ rows }: { readonly rows: readonly Row[] }): { rows: SqlValue[][] } {
  return { rows: rows.map((row) => Object.values(row)) }
}
