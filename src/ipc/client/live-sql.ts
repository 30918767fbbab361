/**
 * SQL of this page that stays live. The same statement with the same parameters is one watch of the page, however
 * many components read it; the daemon runs it once for all pages.
 */
import type { SqlParameters } from '../../daemon/daemon.ts'
import { RowObjects } from '../../status/row-objects.ts'
import { encode } from '../codec.ts'
import { LINGER, type QueryState } from './query.ts'
import type { Readable } from './readable.ts'
import { selectFrom } from './selection.ts'
import { WatchedRows, type RowsSource, type RowsState } from './watched-rows.ts'

export interface SqlWish {
  readonly sql: string
  readonly params: SqlParameters
  /** The column that tells rows apart. */
  readonly key: string
}

export type AskSql = (wish: SqlWish) => RowsSource

interface Shared {
  readonly rows: WatchedRows
  readonly query: Readable<QueryState>
  lingering: ReturnType<typeof setTimeout> | undefined
}

export class LiveSql {
  readonly #ask: AskSql
  readonly #shared = new Map<string, Shared>()

  constructor(ask: AskSql) {
    this.#ask = ask
  }

  /** Does nothing until it is subscribed to. */
  get(wish: SqlWish): Readable<QueryState> {
    const name = sqlKey(wish)
    const shared = this.#shared.get(name) ?? this.#begin(name, wish)
    this.#linger(name, shared)
    return shared.query
  }

  close(): void {
    for (const { rows, lingering } of this.#shared.values()) {
      clearTimeout(lingering)
      rows.close()
    }
    this.#shared.clear()
  }

  #begin(name: string, wish: SqlWish): Shared {
    const rows = new WatchedRows({
      source: this.#ask(wish),
      key: wish.key,
      onUnread: () => this.#linger(name, shared),
    })
    const shared: Shared = { rows, query: asQuery(rows), lingering: undefined }
    this.#shared.set(name, shared)
    return shared
  }

  #linger(name: string, shared: Shared): void {
    clearTimeout(shared.lingering)
    shared.lingering = setTimeout(() => {
      if (!shared.rows.isRead && this.#shared.get(name) === shared) this.#shared.delete(name)
    }, LINGER)
  }
}

/** Equal for equal wishes, whatever values the parameters have. */
export function sqlKey({ sql, params, key }: SqlWish): string {
  const ordered = Array.isArray(params)
    ? params
    : [Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]
  return JSON.stringify(encode([sql, key, Array.isArray(params), ordered]))
}

function asQuery(rows: WatchedRows): Readable<QueryState> {
  const objects = new RowObjects()
  const select = ({ result, error }: RowsState): QueryState => ({
    rows: result === null ? NONE : objects.of(result),
    isLoading: result === null && error === null,
    error,
  })
  return { getSnapshot: selectFrom(rows, select, Object.is), subscribe: rows.subscribe }
}

const NONE: readonly never[] = []
