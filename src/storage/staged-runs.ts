/**
 * Cuts what is staged into ranges of rows, each small enough to be sorted in memory and to keep its thread for a
 * moment only.
 *
 * Staging appends *runs*, sorted by row; the first rowid of a run is a multiple of 2^24, so runs are found again
 * by leaps. The ops of a range of rows are then one stretch of each run, and all ranges together
 * read `ps_staged` once. Samples tell where to cut, so ids of any kind give ranges of about the same size.
 */
import type { Connection } from './connection.ts'

/** Where a row stands in the order of all rows: that of `ps_oplog`. */
export type RowKey = readonly [rowType: number, rowId: string]

export const FIRST_ROW: RowKey = [0, '']
/** After all rows. */
export const END_OF_ROWS: RowKey = [2 ** 53, '']

const RANGE_BYTES = 8 * 1024 * 1024
const SAMPLES_PER_RANGE = 32

/** Rowids of a run, which has fewer ops. */
const RUN_SPAN = 2 ** 24
/** Each range looks at each run, so runs that are shorter than this part of a range are joined first. */
const SHORTEST_RUN = 1 / 40

interface Run {
  readonly first: number
  readonly last: number
}

/** The first rowid of a run after this one. */
export function nextRun(rowid: number | null): number {
  return rowid === null ? 0 : (Math.floor(rowid / RUN_SPAN) + 1) * RUN_SPAN
}

export class StagedRuns {
  readonly #sql: ReturnType<typeof prepare>
  readonly #rangeOps: number
  readonly #shortestRun: number

  /** `rangeOps`: what a range is to hold; it holds more where samples mislead. */
  constructor(db: Connection, rangeOps: number) {
    db.exec(TEMPORARY_TABLES)
    this.#sql = prepare(db)
    this.#rangeOps = rangeOps
    this.#shortestRun = rangeOps * SHORTEST_RUN
  }

  /** Look at all that is staged. Gives the ends of the ranges, ascending. */
  *cut(): Generator<void, readonly RowKey[]> {
    const sql = this.#sql
    sql.forgetRuns.run()
    const all = sql.bounds.get() as Run
    if (lengthOf(all) <= this.#shortestRun) {
      sql.addRun.run(all.first, all.last)
      return [END_OF_ROWS]
    }
    let runs = yield* this.#list()
    const ops = runs.reduce((sum, run) => sum + lengthOf(run), 0)
    if (ops > this.#rangeOps && ops / runs.length < this.#shortestRun) {
      yield* this.#join(runs)
      runs = yield* this.#list()
    }
    for (const { first, last } of runs) sql.addRun.run(first, last)
    return [...this.#cuts(runs, ops), END_OF_ROWS]
  }

  /** Let `temp.runs` tell the stretches of a range. Ranges come one after another. */
  select(from: RowKey, end: RowKey): void {
    const isFirst = from === FIRST_ROW
    const isLast = end === END_OF_ROWS
    if (!isFirst) this.#sql.goOn.run()
    if (!isLast) this.#sql.select.run(...end)
    else if (!isFirst) this.#sql.selectRest.run()
  }

  *#list(): Generator<void, Run[]> {
    const runs: Run[] = []
    for (let from = 0; ;) {
      const first = this.#sql.firstFrom.get(from) as number | null
      if (first === null) return runs
      from = nextRun(first)
      runs.push({ first, last: this.#sql.lastBefore.get(from) as number })
      if (runs.length % this.#rangeOps === 0) yield
    }
  }

  /** Write short runs anew, in their order, as runs of a range's size. */
  *#join(runs: readonly Run[]): Generator<void, void> {
    for (let next = 0; next < runs.length;) {
      const { first } = runs[next]!
      let { last } = runs[next]!
      for (let ops = 0; next < runs.length && ops < this.#rangeOps; next++) {
        ops += lengthOf(runs[next]!)
        last = runs[next]!.last
      }
      const mark = nextRun(this.#sql.lastBefore.get(Number.MAX_SAFE_INTEGER) as number)
      this.#sql.mark.run(mark)
      this.#sql.append.run(first, last)
      this.#sql.remove.run(mark, mark)
      this.#sql.remove.run(first, last)
      yield
    }
  }

  #cuts(runs: readonly Run[], ops: number): RowKey[] {
    const sql = this.#sql
    const count = Math.ceil(ops / this.#rangeOps) * SAMPLES_PER_RANGE
    for (const rowid of spread(runs, ops, count)) sql.sample.run(rowid)
    const samples = sql.samples.all() as { rowType: number; rowId: string; bytes: number }[]
    sql.forgetSamples.run()
    const bytes = (samples.reduce((sum, sample) => sum + sample.bytes, 0) / samples.length) * ops
    const ranges = Math.ceil(Math.max(ops / this.#rangeOps, bytes / RANGE_BYTES))
    const cuts = new Set(
      Array.from({ length: ranges - 1 }, (_, n) => samples[Math.floor(((n + 1) * samples.length) / ranges)]!),
    )
    return [...cuts].map(({ rowType, rowId }) => [rowType, rowId])
  }
}

/** Rowids from all over, at steps that have nothing to do with the lengths of runs. */
function* spread(runs: readonly Run[], ops: number, count: number): Generator<number> {
  const places = Array.from({ length: count }, (_, n) => Math.floor(((n * Math.SQRT2) % 1) * ops))
  let before = 0
  let index = 0
  for (const place of places.sort((a, b) => a - b)) {
    while (place - before >= lengthOf(runs[index]!)) before += lengthOf(runs[index++]!)
    yield runs[index]!.first + place - before
  }
}

/** Ops of other priorities that are gone leave gaps; they count. */
function lengthOf({ first, last }: Run): number {
  return last - first + 1
}

/**
 * `runs`: the range's stretch of each run is from `next` to before `until`. `samples`: in the order of rows, as
 * SQLite has it.
 */
const TEMPORARY_TABLES = `
CREATE TEMP TABLE runs(first INTEGER PRIMARY KEY, last INTEGER NOT NULL, next INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE TEMP TABLE samples(
  row_type INTEGER NOT NULL,
  row_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (row_type, row_id)
) WITHOUT ROWID;
`

function prepare(db: Connection) {
  return {
    forgetRuns: db.prepare('DELETE FROM temp.runs'),
    forgetSamples: db.prepare('DELETE FROM temp.samples'),
    bounds: db.prepare(`
      SELECT coalesce((SELECT min(rowid) FROM ps_staged), 0) AS first,
        coalesce((SELECT max(rowid) FROM ps_staged), -1) AS last`),
    firstFrom: db.prepare('SELECT min(rowid) FROM ps_staged WHERE rowid >= ?').pluck(),
    lastBefore: db.prepare('SELECT max(rowid) FROM ps_staged WHERE rowid < ?').pluck(),
    addRun: db.prepare(
      'INSERT INTO temp.runs SELECT column1, column2, column1, column2 + 1 FROM (VALUES (?, ?))',
    ),
    goOn: db.prepare('UPDATE temp.runs SET next = until WHERE next <> until'),
    select: db.prepare(`
      UPDATE temp.runs SET until = coalesce((
        SELECT rowid FROM ps_staged s WHERE s.rowid BETWEEN next AND last AND (row_type, row_id) >= (?, ?)
        ORDER BY rowid LIMIT 1), last + 1)
      WHERE next <= last`),
    selectRest: db.prepare('UPDATE temp.runs SET until = last + 1'),
    sample: db.prepare(`
      INSERT OR IGNORE INTO temp.samples
      SELECT row_type, row_id, coalesce(length(data), 0) FROM ps_staged WHERE rowid >= ? ORDER BY rowid LIMIT 1`),
    samples: db.prepare(`
      SELECT row_type AS rowType, row_id AS rowId, bytes FROM temp.samples ORDER BY row_type, row_id`),
    // A row that goes again: what follows it gets the next rowids.
    mark: db.prepare(`
      INSERT INTO ps_staged(rowid, bucket, row_type, row_id, subkey, op_id) VALUES (?, 0, 0, '', '', 0)`),
    append: db.prepare(`
      INSERT INTO ps_staged(bucket, row_type, row_id, subkey, op_id, data)
      SELECT bucket, row_type, row_id, subkey, op_id, data FROM ps_staged WHERE rowid BETWEEN ? AND ?
      ORDER BY row_type, row_id, rowid`),
    remove: db.prepare('DELETE FROM ps_staged WHERE rowid BETWEEN ? AND ?'),
  }
}
