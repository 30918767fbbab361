/**
 * The source database and the sync service's buckets in one: rows by table, and for every bucket the ops that
 * led to its rows.
 *
 * Invariants: after a commit every bucket folds to exactly the rows whose keys name it; op ids rise by one per
 * op across all buckets; a commit costs what it changes and looks at no other bucket.
 */
import { Bucket, imageOf, putOp, removeOp } from './bucket.ts'
import { bucketName, type BucketSource } from './declare.ts'
import { tables, type AnyRow, type Row, type RowChange, type TableName } from './tables.ts'

/** What a commit touched, for the streams that are open. */
export interface Commit {
  readonly buckets: ReadonlySet<string>
  readonly tables: ReadonlySet<TableName>
}

type Members = (row: AnyRow) => string[]

export class Store {
  readonly #rows: { readonly [T in TableName]: Map<string, AnyRow> }
  readonly #members: { readonly [T in TableName]: Members }
  readonly #buckets = new Map<string, Bucket>()
  #lastOpId = 0

  constructor(sources: readonly BucketSource[]) {
    this.#rows = perTable(() => new Map())
    this.#members = perTable((table) => membersOf(sources, table))
  }

  /** The op id of the newest op; 0 in an empty store. */
  get lastOpId(): number {
    return this.#lastOpId
  }

  row<T extends TableName>(table: T, id: string): Row<T> | undefined {
    // Rows enter only through `commit`, whose callers build them column by column.
    return this.#rows[table].get(id) as Row<T> | undefined
  }

  rows<T extends TableName>(table: T): Iterable<Row<T>> {
    return this.#rows[table].values() as Iterable<Row<T>>
  }

  size(table: TableName): number {
    return this.#rows[table].size
  }

  /** A bucket by its name without generation; undefined while nothing was ever in it. */
  bucket(name: string): Bucket | undefined {
    return this.#buckets.get(name)
  }

  commit(changes: Iterable<RowChange>): Commit {
    const touched = new Set<string>()
    const changed = new Set<TableName>()
    for (const { table, id, row } of changes) {
      changed.add(table)
      const old = this.#rows[table].get(id)
      const before = old === undefined ? [] : this.#members[table](old)
      const now = row === null ? [] : this.#members[table](row)
      if (row !== null) {
        this.#rows[table].set(id, row)
        const image = imageOf(table, row)
        for (const name of now) this.#open(name, touched).append(putOp(this.#nextOpId(), table, id, image))
      } else {
        this.#rows[table].delete(id)
      }
      for (const name of before) {
        if (!now.includes(name)) this.#open(name, touched).append(removeOp(this.#nextOpId(), table, id))
      }
    }
    return { buckets: touched, tables: changed }
  }

  compact(): void {
    for (const bucket of this.#buckets.values()) bucket.compact()
  }

  /** Changes whenever the history does: two stores with equal fingerprints have equal positions. */
  fingerprint(): string {
    let sum = 0
    for (const bucket of this.#buckets.values()) sum = (sum + bucket.checksum) | 0
    return `${this.#lastOpId}:${this.#buckets.size}:${sum}`
  }

  #open(name: string, touched: Set<string>): Bucket {
    touched.add(name)
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) this.#buckets.set(name, (bucket = new Bucket()))
    return bucket
  }

  #nextOpId(): number {
    this.#lastOpId += 1
    return this.#lastOpId
  }
}

function perTable<V>(make: (table: TableName) => V): { readonly [T in TableName]: V } {
  const names = Object.keys(tables) as TableName[]
  return Object.fromEntries(names.map((name) => [name, make(name)])) as { [T in TableName]: V }
}

function membersOf(sources: readonly BucketSource[], table: TableName): Members {
  const using = sources.flatMap((source) => {
    const keys = source.members[table] as ((row: AnyRow) => readonly (readonly string[])[]) | undefined
    return keys === undefined ? [] : [{ source, keys }]
  })
  return (row) => [
    ...new Set(using.flatMap(({ source, keys }) => keys(row).map((key) => bucketName(source, key)))),
  ]
}
