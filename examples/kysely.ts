/**
 * Kysely over the daemon in the main process, and over the client in a window; its tables are those of the schema.
 * Copy what you need: `npm install kysely`.
 *
 *     const db = kyselyOverDaemon<RowsOf<typeof schema>>(daemon)
 *     await db.selectFrom('todos').select(['id', 'description']).where('done', '=', 0).execute()
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Daemon, SqlValue, Transaction, WriteResult } from '../src/index.ts'
import type { Client } from '../src/ipc/client/index.ts'

/** All of Kysely. A transaction must write something within 10 s, and be the only way to write meanwhile. */
export function kyselyOverDaemon<Tables>(daemon: Daemon): Kysely<Tables> {
  return kyselyOver<Tables>(() => new DaemonConnection(daemon))
}

/** Queries and single writes. A window has no transactions: `transaction_unsupported`. */
export function kyselyOverClient<Tables>(client: Client): Kysely<Tables> {
  return kyselyOver<Tables>(() => new ClientConnection(client))
}

interface Connection extends DatabaseConnection {
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

function kyselyOver<Tables>(connect: () => Connection): Kysely<Tables> {
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connect(),
    beginTransaction: (connection) => (connection as Connection).begin(),
    commitTransaction: (connection) => (connection as Connection).commit(),
    rollbackTransaction: (connection) => (connection as Connection).rollback(),
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => new SqliteAdapter(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
  })
}

class DaemonConnection implements Connection {
  readonly #daemon: Daemon
  #transaction: OpenTransaction | null = null

  constructor(daemon: Daemon) {
    this.#daemon = daemon
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const target = this.#transaction?.statements ?? this.#daemon
    return toResult<Row>(await target.execute(sql, parameters as readonly SqlValue[]))
  }

  async begin(): Promise<void> {
    this.#transaction = await openTransaction(this.#daemon)
  }

  async commit(): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = null
    await transaction?.commit()
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = null
    await transaction?.rollback()
  }

  streamQuery = noStream
}

class ClientConnection implements Connection {
  readonly #client: Client
  readonly begin: () => Promise<never>
  readonly commit = () => Promise.resolve()
  readonly rollback = () => Promise.resolve()
  streamQuery = noStream

  constructor(client: Client) {
    this.#client = client
    this.begin = async () => client.transaction()
  }

  async executeQuery<Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const params = parameters as readonly SqlValue[]
    if (!SelectQueryNode.is(query)) return toResult<Row>(await this.#client.sql.write(sql, params))
    return { rows: (await this.#client.sql.query(sql, params)).rows as Row[] }
  }
}

interface OpenTransaction {
  readonly statements: Transaction
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** `daemon.transaction` runs a function; Kysely says begin and commit. */
async function openTransaction(daemon: Daemon): Promise<OpenTransaction> {
  const opened = Promise.withResolvers<Transaction>()
  const decided = Promise.withResolvers<void>()
  const ended = daemon.transaction(async (transaction) => {
    opened.resolve(transaction)
    await decided.promise
  })
  ended.catch(opened.reject)
  return {
    statements: await opened.promise,
    async commit() {
      decided.resolve()
      await ended
    },
    async rollback() {
      decided.reject(new Error('Kysely rolled it back.'))
      await ended.catch(() => undefined)
    },
  }
}

function toResult<Row>({ rows, changes }: WriteResult): QueryResult<Row> {
  return { rows: rows as Row[], numAffectedRows: BigInt(changes) }
}

async function* noStream(): AsyncGenerator<never> {
  yield* []
  throw new Error('Results come whole: use execute, or daemon.watch to hear of changes.')
}
