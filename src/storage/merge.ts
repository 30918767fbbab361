/**
 * Staged ops become rows, sorted, in a few statements over all of them.
 *
 * Two invariants hold before and after: an entry that is not its row's winner keeps its data; the winner's data
 * is null exactly while the table's row is the server's version (not while the row stands in `ps_updated_rows`).
 *
 * Nearly every row has one entry, from one bucket: it goes straight to its table and its entry has no data. The
 * others are *contested*: several entries, a dropped bucket, a local change, or a raw table (whose entries all
 * keep their data). For those the winner is found among what stays and what comes; only where it is another
 * than before does data move.
 */
import { ALL_PRIORITIES } from './bucket-rows.ts'
import type { Connection } from './connection.ts'
import { type RowTable, UNCONTESTED } from './row-table.ts'
import { FIRST_ROW, type RowKey, StagedRuns } from './staged-runs.ts'

export interface MergeOptions {
  /** Only buckets of this priority or a lower number; `ALL_PRIORITIES`: all. */
  readonly priority: number
  /** Local writes are acknowledged: rows that they changed go back to the server's version. */
  readonly gateOpen: boolean
}

export interface RowTables {
  tableOf(rowType: number): RowTable
  /** Types whose entries all keep their data. */
  rawTypes(): readonly number[]
}

export class Merge {
  readonly #sql: ReturnType<typeof prepare>
  readonly #staged: StagedRuns
  readonly #tables: () => RowTables
  readonly #sliceOps: number
  #wasLong = false

  /** `tables` is asked when a merge runs: their statements need the temporary tables that this makes. */
  constructor(db: Connection, tables: () => RowTables, sliceOps: number) {
    // Temporary tables hold a slice at a time, and nothing of an encrypted file may lie on the disk in plain.
    db.pragma('temp_store = MEMORY')
    // Of temporary tables, where rows up to 4 KB then need no overflow pages; the file keeps its own.
    db.pragma('page_size = 16384')
    db.exec(TEMPORARY_TABLES)
    this.#staged = new StagedRuns(db, sliceOps)
    this.#sliceOps = sliceOps
    this.#sql = prepare(db)
    this.#tables = tables
  }

  /** Whether the last run had several slices. */
  get wasLong(): boolean {
    return this.#wasLong
  }

  /** Slice by slice. Returns the views whose rows changed. */
  *run({ priority, gateOpen }: MergeOptions): Generator<void, Set<string>> {
    const sql = this.#sql
    const views = new Set<string>()
    sql.gatherDropped.run(priority)
    const anyDropped = sql.anyDropped.get() !== undefined
    const cuts = yield* this.#staged.cut()
    this.#wasLong = false
    for (const [from, to] of this.#ranges(cuts, anyDropped)) {
      if (from !== FIRST_ROW) {
        this.#wasLong = true
        yield
      }
      this.#staged.select(from, to)
      this.#mergeRange({ priority, gateOpen, anyDropped, range: [...from, ...to] }, views)
    }
    if (this.#wasLong) yield
    if (priority === ALL_PRIORITIES) sql.emptyStaged.run()
    else sql.removeStaged.run(priority)
    if (anyDropped) {
      sql.removeOldIds.run()
      sql.forgetDropped.run()
    }
    if (this.#wasLong) yield
    return views
  }

  /** Rows that lost entries are not staged and must be looked for: then a range is short in entries too. */
  *#ranges(cuts: readonly RowKey[], anyDropped: boolean): Generator<readonly [from: RowKey, to: RowKey]> {
    let from = FIRST_ROW
    for (const cut of cuts) {
      while (from !== cut) {
        const to = (anyDropped ? this.#endOfEntries(from, cut) : undefined) ?? cut
        yield [from, to]
        from = to
      }
    }
  }

  /** The row before `cut` at which a range has as many entries as a slice is to hold; undefined: there are fewer. */
  #endOfEntries(from: RowKey, cut: RowKey): RowKey | undefined {
    return this.#sql.endOfEntries.get(...from, ...cut, this.#sliceOps) as RowKey | undefined
  }

  #mergeRange(slice: Slice, views: Set<string>): void {
    this.#sql.gather.run(slice.priority)
    this.#findContested(slice)
    this.#mergeUncontested(views)
    this.#mergeContested(slice, views)
    for (const clear of this.#sql.clear) clear.run()
  }

  #mergeUncontested(views: Set<string>): void {
    const tables = this.#tables()
    this.#sql.putEntries.run()
    this.#sql.removeEntries.run()
    for (const type of this.#sql.incomingTypes.all() as number[]) {
      const { putArrived, removeArrived, view } = tables.tableOf(type)
      const changes = putArrived.run(type).changes + removeArrived.run(type).changes
      if (changes > 0 && view !== null) views.add(view)
    }
  }

  #mergeContested({ anyDropped }: Slice, views: Set<string>): void {
    const sql = this.#sql
    const types = sql.contestedTypes.all() as number[]
    if (types.length === 0) return
    if (anyDropped) sql.removeDropped.run()
    sql.removeReplaced.run()
    sql.chooseWinners.run()
    const tables = types.map((type) => this.#tables().tableOf(type))
    for (const { rowType, open, keepsData } of tables) {
      open.run(rowType)
      sql.insertContested.run(keepsData ? 1 : 0, rowType)
    }
    sql.leaveUnchangedLocal.run()
    for (const { rowType, putWinners, removeLost, view, keepsData } of tables) {
      const changes = putWinners.run(rowType).changes + removeLost.run(rowType).changes
      if (changes > 0 && view !== null) views.add(view)
      if (!keepsData) sql.releaseData.run(rowType)
    }
    sql.forgetLocal.run()
  }

  #findContested({ gateOpen, anyDropped, range }: Slice): void {
    const sql = this.#sql
    for (const type of this.#tables().rawTypes()) sql.contestRaw.run(type)
    sql.contestSeveral.run()
    sql.contestOthers.run()
    if (anyDropped) sql.contestDropped.run(...range)
    if (gateOpen) sql.contestLocal.run(...range)
    else sql.contestArrivedLocal.run(...range)
  }
}

/** One range of rows: type and id of the first, and of the first that is not in it any more. */
interface Slice extends MergeOptions {
  readonly anyDropped: boolean
  readonly range: readonly [number, string, number, string]
}

/**
 * `incoming`: the last staged op of each entry, in the order of entries; data is null for a REMOVE. It carries
 * the data through the sort: to fetch it row by row afterwards costs more. `dropped`: bucket ids whose entries
 * go. `contested`: see above; `kept` is the op id of a locally changed row's winner before the merge (-1: none):
 * if it stays the winner, the local version stays too. `bucket`, `subkey` and `op_id` are those of the winner
 * after it, null when there is none.
 */
const TEMPORARY_TABLES = `
CREATE TEMP TABLE incoming(
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  subkey TEXT NOT NULL,
  op_id INTEGER NOT NULL,
  data TEXT,
  PRIMARY KEY (row_type, row_id, bucket, subkey)
) WITHOUT ROWID;
CREATE INDEX temp.incoming_removed ON incoming(row_type, row_id) WHERE data IS NULL;
CREATE TEMP TABLE dropped(id INTEGER PRIMARY KEY);
CREATE TEMP TABLE contested(
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  kept INTEGER,
  bucket INTEGER,
  subkey TEXT,
  op_id INTEGER,
  PRIMARY KEY (row_type, row_id)
) WITHOUT ROWID;
`

/** The row types in a table sorted by them, by leaps instead of a walk. */
function distinctTypes(table: string): string {
  return `
    WITH RECURSIVE leap(type) AS (
      SELECT min(row_type) FROM ${table}
      UNION ALL SELECT (SELECT min(row_type) FROM ${table} WHERE row_type > type) FROM leap WHERE type IS NOT NULL
    )
    SELECT type FROM leap WHERE type IS NOT NULL`
}

/** Takes type and id of the first row, and those of the end. */
const IN_RANGE = '(row_type, row_id) >= (?, ?) AND (row_type, row_id) < (?, ?)'
const DROPPED = 'bucket IN (SELECT id FROM temp.dropped)'

function prepare(db: Connection) {
  return {
    // Sorted, each type's part of the list is appended to, never searched; a later op of an entry replaces an
    // earlier one. Sorting by one text is faster than by the whole key.
    gather: db.prepare(`
      INSERT OR REPLACE INTO temp.incoming
      SELECT s.row_type, s.row_id, s.bucket, s.subkey, s.op_id, s.data
      FROM temp.runs r
        CROSS JOIN ps_staged s ON s.rowid >= r.next AND s.rowid < r.until
        CROSS JOIN ps_buckets b ON b.id = s.bucket
      WHERE coalesce(b.priority, ${ALL_PRIORITIES}) <= ?
      ORDER BY s.row_id, s.rowid`),
    // A bucket that came back, or was cleared, counts with the priority that it has now.
    gatherDropped: db.prepare(`
      INSERT INTO temp.dropped SELECT d.id FROM ps_dropped d LEFT JOIN ps_buckets b ON b.name = d.name
      WHERE coalesce(b.priority, d.priority, ${ALL_PRIORITIES}) <= ?`),
    anyDropped: db.prepare('SELECT 1 FROM temp.dropped LIMIT 1'),

    // Locally changed rows first: what they keep must be noted before another rule names them.
    contestLocal: db.prepare(`
      INSERT OR IGNORE INTO temp.contested(row_type, row_id)
      SELECT row_type, row_id FROM ps_updated_rows WHERE ${IN_RANGE}`),
    contestArrivedLocal: db.prepare(`
      INSERT OR REPLACE INTO temp.contested(row_type, row_id, kept)
      SELECT u.row_type, u.row_id, (
        SELECT coalesce(max(op_id), -1) FROM ps_oplog o WHERE o.row_type = u.row_type AND o.row_id = u.row_id
      )
      FROM ps_updated_rows u
      WHERE ${IN_RANGE} AND (
        EXISTS (SELECT 1 FROM temp.incoming i WHERE i.row_type = u.row_type AND i.row_id = u.row_id)
        OR EXISTS (SELECT 1 FROM temp.contested c WHERE c.row_type = u.row_type AND c.row_id = u.row_id))`),
    contestRaw: db.prepare(`
      INSERT OR IGNORE INTO temp.contested(row_type, row_id)
      SELECT DISTINCT row_type, row_id FROM temp.incoming WHERE row_type = ?`),
    contestSeveral: db.prepare(`
      INSERT OR IGNORE INTO temp.contested(row_type, row_id)
      SELECT row_type, row_id FROM temp.incoming GROUP BY row_type, row_id HAVING count(*) > 1`),
    contestOthers: db.prepare(`
      INSERT OR IGNORE INTO temp.contested(row_type, row_id)
      SELECT i.row_type, i.row_id FROM temp.incoming i CROSS JOIN ps_oplog o
        ON o.row_type = i.row_type AND o.row_id = i.row_id
      WHERE o.bucket <> i.bucket OR o.subkey <> i.subkey`),
    // A walk over all entries of the range: they have no index by bucket.
    contestDropped: db.prepare(`
      INSERT OR IGNORE INTO temp.contested(row_type, row_id)
      SELECT row_type, row_id FROM ps_oplog WHERE ${IN_RANGE} AND ${DROPPED}`),
    endOfEntries: db
      .prepare(
        `SELECT row_type, row_id FROM ps_oplog WHERE (row_type, row_id) > (?, ?) AND (row_type, row_id) < (?, ?)
         ORDER BY row_type, row_id LIMIT 1 OFFSET ?`,
      )
      .raw(),
    contestedTypes: db.prepare(distinctTypes('temp.contested')).pluck(),

    removeDropped: db.prepare(`
      DELETE FROM ps_oplog WHERE (row_type, row_id, bucket, subkey) IN (
        SELECT o.row_type, o.row_id, o.bucket, o.subkey FROM temp.contested c CROSS JOIN ps_oplog o
          ON o.row_type = c.row_type AND o.row_id = c.row_id
        WHERE +o.${DROPPED})`),
    removeReplaced: db.prepare(`
      DELETE FROM ps_oplog WHERE (row_type, row_id, bucket, subkey) IN (
        SELECT i.row_type, i.row_id, i.bucket, i.subkey FROM temp.contested c CROSS JOIN temp.incoming i
          ON i.row_type = c.row_type AND i.row_id = c.row_id)`),
    chooseWinners: db.prepare(`
      UPDATE temp.contested AS c SET (bucket, subkey, op_id) = (
        SELECT bucket, subkey, op_id FROM (
          SELECT bucket, subkey, op_id FROM ps_oplog o WHERE o.row_type = c.row_type AND o.row_id = c.row_id
          UNION ALL
          SELECT bucket, subkey, op_id FROM temp.incoming i
          WHERE i.row_type = c.row_type AND i.row_id = c.row_id AND data IS NOT NULL)
        ORDER BY op_id DESC, bucket DESC, subkey DESC LIMIT 1)`),
    // The winner's data goes to the table, unless the local version stays there.
    insertContested: db.prepare(`
      INSERT INTO ps_oplog(row_type, row_id, bucket, subkey, op_id, data)
      SELECT i.row_type, i.row_id, i.bucket, i.subkey, i.op_id,
        CASE WHEN NOT ? AND i.bucket = c.bucket AND i.subkey = c.subkey AND c.kept IS NOT c.op_id
          THEN NULL ELSE i.data END
      FROM temp.contested c CROSS JOIN temp.incoming i ON i.row_type = c.row_type AND i.row_id = c.row_id
      WHERE c.row_type = ? AND i.data IS NOT NULL`),
    leaveUnchangedLocal: db.prepare('DELETE FROM temp.contested WHERE kept = coalesce(op_id, -1)'),
    releaseData: db.prepare(`
      UPDATE ps_oplog SET data = NULL WHERE (row_type, row_id, bucket, subkey) IN (
        SELECT o.row_type, o.row_id, o.bucket, o.subkey FROM temp.contested c CROSS JOIN ps_oplog o
          ON o.row_type = c.row_type AND o.row_id = c.row_id AND o.bucket = c.bucket AND o.subkey = c.subkey
        WHERE c.row_type = ? AND o.data IS NOT NULL)`),
    forgetLocal: db.prepare(`
      DELETE FROM ps_updated_rows WHERE (row_type, row_id) IN (SELECT row_type, row_id FROM temp.contested)`),

    putEntries: db.prepare(`
      INSERT INTO ps_oplog(row_type, row_id, bucket, subkey, op_id, data)
      SELECT row_type, row_id, bucket, subkey, op_id, NULL FROM temp.incoming i WHERE data IS NOT NULL AND ${UNCONTESTED}
      ON CONFLICT DO UPDATE SET op_id = excluded.op_id`),
    removeEntries: db.prepare(`
      DELETE FROM ps_oplog WHERE (row_type, row_id, bucket, subkey) IN (
        SELECT row_type, row_id, bucket, subkey FROM temp.incoming i INDEXED BY incoming_removed
        WHERE data IS NULL AND ${UNCONTESTED})`),
    incomingTypes: db.prepare(distinctTypes('temp.incoming')).pluck(),

    emptyStaged: db.prepare('DELETE FROM ps_staged'),
    // What is staged for a dropped bucket goes too, whatever its priority.
    removeStaged: db.prepare(`
      DELETE FROM ps_staged WHERE NOT EXISTS (
        SELECT 1 FROM ps_buckets b WHERE b.id = ps_staged.bucket AND coalesce(b.priority, ${ALL_PRIORITIES}) > ?)`),
    removeOldIds: db.prepare('DELETE FROM ps_dropped WHERE id IN (SELECT id FROM temp.dropped)'),
    forgetDropped: db.prepare('DELETE FROM temp.dropped'),
    clear: ['incoming', 'contested'].map((table) => db.prepare(`DELETE FROM temp.${table}`)),
  }
}
