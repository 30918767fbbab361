/** SQL of this page, once: reads and writes on the app's own tables. */
import type { Row, SqlParameters, SqlResult, Statement, WriteResult } from '../../daemon/daemon.ts'
import { toRowObject } from '../../status/row-objects.ts'
import type { Trpc } from './client.ts'

/** What a query gave. */
export interface SqlRows extends Omit<SqlResult, 'rows'> {
  readonly rows: readonly Row[]
}

/**
 * Everything rejects with an error whose reason `failureOf` tells: `sql_refused`, `sql_syntax`, `sql_failed`,
 * `query_timeout`, `result_too_large`, `lock_timeout`, … and over the WebSocket `message_too_large`: a call of more
 * than a mebibyte is not sent. A write that the link lost has the code `link_lost`: it may be written or not, and is
 * not repeated by itself.
 */
export interface SqlClient {
  /** One statement that reads, at most 10,000 rows. Aborting also stops it in the daemon. */
  query(sql: string, params?: SqlParameters, options?: { readonly signal?: AbortSignal }): Promise<SqlRows>
  /**
   * One INSERT, UPDATE or DELETE, on the disk when it resolves.
   *
   * @example
   * await client.sql.write('INSERT INTO todos(id, description) VALUES (?, ?)', [crypto.randomUUID(), 'bread'])
   */
  write(sql: string, params?: SqlParameters): Promise<WriteResult>
  /** At most 1,000 statements in one transaction: all or none. */
  batch(statements: readonly Statement[]): Promise<readonly WriteResult[]>
}

export function openSql(sql: Trpc['sql']): SqlClient {
  const batch = (statements: readonly Statement[]) =>
    sql.write.mutate({ statements: statements.map(([text, params]) => (params ? [text, params] : [text])) })
  return {
    async query(text, params = [], { signal } = {}) {
      signal?.throwIfAborted()
      const input = { sql: text, params }
      const result = await (signal === undefined ? sql.query.query(input) : cancellable(sql, input, signal))
      return { ...result, rows: result.rows.map((cells) => toRowObject(result.columns, cells)) }
    },
    async write(text, params = []) {
      const [result] = await batch([[text, params]])
      return result!
    },
    batch,
  }
}

/** A window decides what to write before it writes, or the main process does: nobody waits for a page. */
export function refuseTransaction(): never {
  throw new ClientError(
    'transaction_unsupported',
    'A window cannot hold a transaction open. Send its statements together by batch, or let the main process ' +
      'run daemon.transaction.',
  )
}

/** What this client refuses by itself, in the form in which the host refuses. */
class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: string
  readonly data: { readonly error: { readonly code: string; readonly message: string } }

  constructor(code: string, message: string) {
    super(message)
    this.code = code
    this.data = { error: { code, message } }
  }
}

async function cancellable(
  sql: Trpc['sql'],
  input: { readonly sql: string; readonly params: SqlParameters },
  signal: AbortSignal,
): Promise<SqlResult> {
  const queryId = crypto.randomUUID()
  const cancel = () => void sql.cancel.mutate({ queryId }).catch(() => {})
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await sql.query.query({ ...input, queryId }, { signal })
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
