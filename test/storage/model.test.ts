/**
 * Random histories against the model: buckets that come, grow, are compacted, change priority and go,
 * checkpoints that are superseded, partial and full completions, mismatches, local writes, uploads, the write
 * gate, clears, resyncs, failed turns and restarts. After every turn the database must say what the model says, and keep its invariants.
 */
import { expect, test } from 'vitest'
import type { Schema } from '../../src/schema/schema.ts'
import type { StorageCommand, StorageOutcome, TrackedBucket } from '../../src/sync/event.ts'
import type { Op } from '../../src/wire/line.ts'
import { bare, Fixture, put, remove, saveCommand } from './fixture.ts'
import { Model, rowOf } from './model.ts'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)
const TURNS = 120

/** Half of them merge in slices of two ops. */
test.each(SEEDS)('seed %i: the database is equal to the model after every turn', (seed) => {
  using history = new History(seed, seed % 2 === 0 ? { sliceOps: 2 } : {})
  for (let turn = 0; turn < TURNS; turn++) {
    const what = history.next()
    try {
      history.check()
    } catch (error) {
      throw new Error(`seed ${seed}, turn ${turn}: ${what}`, { cause: error })
    }
  }
})

// `things` has no table, so its rows wait in ps_untyped.
const schema: Schema = { tables: { todos: { columns: { v: 'text' } }, lists: { columns: { v: 'text' } } } }
const TYPES = ['todos', 'lists', 'things']
const BUCKETS = ['a', 'b', 'c', 'd', 'e']

interface ServiceBucket {
  ops: Op[]
  priority: number
}

class History implements Disposable {
  readonly #random: () => number
  readonly #db: Fixture
  #model = new Model()
  readonly #service = new Map<string, ServiceBucket>()
  #opId = 0n
  #writeCheckpoint = 0n
  /** What the machine would count from outcomes; null from the end of an iteration to the next checkpoint. */
  #progress: Record<string, [number, number]> | null = null
  /** The checkpoint being downloaded: how far each bucket goes in it. */
  #target = new Map<string, { readonly ops: readonly Op[]; readonly tracked: TrackedBucket }>()

  constructor(seed: number, options: { readonly sliceOps?: number }) {
    this.#random = mulberry32(seed)
    this.#db = new Fixture(schema, options)
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]()
  }

  /** Do something; says what, for the message of a failure. */
  next(): string {
    this.#changeService()
    const roll = this.#random()
    if (this.#target.size === 0 || roll < 0.05) return this.#trackCheckpoint()
    if (roll < 0.2) return this.#trackDiff()
    if (roll < 0.55) return this.#save()
    if (roll < 0.65) return this.#apply(Math.floor(this.#random() * 4))
    if (roll < 0.8) return this.#apply(null)
    if (roll < 0.88) return this.#writeLocally()
    if (roll < 0.94) return this.#upload()
    if (roll < 0.96) return this.#askForWriteCheckpoint()
    if (roll < 0.975) return this.#dropBucket()
    if (roll < 0.985) return this.#clear()
    return this.#restart()
  }

  check(): void {
    const { query } = { query: this.#db.query.bind(this.#db) }
    expect(this.#rows()).toEqual(this.#model.rows())
    expect(this.#db.positions()).toEqual(this.#model.positions())
    if (this.#progress) expect(prune(this.#progress)).toEqual(this.#model.progress())
    expect(query('SELECT count(*) AS n FROM ps_oplog')).toEqual([
      { n: BigInt(this.#model.allEntries().length) },
    ])
    expect(
      query(
        `SELECT t.name || '/' || row_id AS row FROM ps_updated_rows u JOIN ps_row_types t ON t.id = row_type`,
      )
        .map((each) => each['row'])
        .sort(),
    ).toEqual([...this.#model.local.keys()].sort())
    expect(this.#db.storage.queueSize().entries).toBe(this.#model.queue)
    // Invariants, said in SQL over the whole of the op metadata.
    const ranked = `SELECT o.*, row_number() OVER (PARTITION BY row_type, row_id ORDER BY op_id DESC) AS place,
      EXISTS (SELECT 1 FROM ps_updated_rows u WHERE u.row_type = o.row_type AND u.row_id = o.row_id) AS noted
      FROM ps_oplog o`
    expect(query(`SELECT * FROM (${ranked}) WHERE place > 1 AND data IS NULL`)).toEqual([])
    expect(query(`SELECT * FROM (${ranked}) WHERE place = 1 AND (data IS NULL) = noted`)).toEqual([])
    expect(
      query(`SELECT bucket FROM ps_oplog UNION SELECT bucket FROM ps_staged
             EXCEPT SELECT id FROM ps_buckets EXCEPT SELECT id FROM ps_dropped`),
    ).toEqual([])
  }

  #rows(): Record<string, string> {
    const rows = this.#db.query(`
      SELECT 'todos/' || id AS row, v FROM todos UNION ALL SELECT 'lists/' || id, v FROM lists
      UNION ALL SELECT t.name || '/' || u.id, json_extract(data, '$.v')
        FROM ps_untyped u JOIN ps_row_types t ON t.id = u.row_type`)
    return Object.fromEntries(rows.map((row) => [String(row['row']), String(row['v'])]))
  }

  /** A turn that may fail at its end: then nothing of it may stand, and it is done again. */
  #turn(commands: readonly StorageCommand[]): (StorageOutcome | null)[] {
    const run = (fail: boolean) =>
      this.#db.storage.turn(() => {
        const outcomes = commands.map((command) => this.#db.storage.execute(command))
        if (fail) throw new Error('on purpose')
        return outcomes
      })
    if (this.#random() < 0.15) {
      expect(() => run(true)).toThrow('on purpose')
      this.check()
    }
    const { value } = run(false)
    for (const outcome of value) this.#count(outcome)
    return value
  }

  #count(outcome: StorageOutcome | null): void {
    if (outcome?.kind === 'tracked' && outcome.reset) this.#progress = {}
    const progress = this.#progress
    if (!progress) return
    const add = (priority: number, subscriptions: readonly number[], total: number, downloaded: number) => {
      const sum = (progress[`${priority}:${subscriptions.join()}`] ??= [0, 0])
      sum[0] += total
      sum[1] += downloaded
    }
    if (outcome?.kind === 'saved') add(outcome.priority, outcome.subscriptions, 0, outcome.ops)
    if (outcome?.kind !== 'tracked') return
    for (const change of outcome.changes)
      add(change.priority, change.subscriptions, change.total, change.downloaded)
  }

  #changeService(): void {
    const name = this.#pick(BUCKETS)
    const bucket = this.#service.get(name)
    const roll = this.#random()
    if (!bucket) {
      this.#service.set(name, { ops: this.#ops(3), priority: Math.floor(this.#random() * 4) })
    } else if (roll < 0.03) {
      this.#service.delete(name)
    } else if (roll < 0.06) {
      bucket.priority = Math.floor(this.#random() * 4)
    } else if (roll < 0.1) {
      // Compacted: what was goes into a CLEAR, and some of it is sent again.
      bucket.ops = [bare('CLEAR', Number(++this.#opId), 77), ...this.#ops(2)]
    } else {
      bucket.ops = [...bucket.ops, ...this.#ops(3)]
    }
  }

  #ops(most: number): Op[] {
    return Array.from({ length: Math.ceil(this.#random() * most) }, () => {
      const opId = Number((this.#opId += 1n + BigInt(Math.floor(this.#random() * 3))))
      const checksum = Math.floor(this.#random() * 2 ** 32)
      const rowType = this.#pick(TYPES)
      const rowId = `r${Math.floor(this.#random() * 4)}`
      const subkey = this.#pick(['', '', 's'])
      const roll = this.#random()
      if (roll < 0.05) return bare('MOVE', opId, checksum)
      if (roll < 0.3) return remove(opId, rowId, { rowType, subkey, checksum })
      return put(opId, rowId, { v: `op ${opId}`, more: opId }, { rowType, subkey, checksum })
    })
  }

  /** A bucket as a checkpoint lists it now. */
  #listed(name: string, { ops, priority }: ServiceBucket): TrackedBucket {
    const wrong = this.#random() < 0.03 ? 1 : 0
    const checksum = (sumOf(ops) + wrong) % 2 ** 32
    const tracked = {
      bucket: name,
      checksum,
      count: ops.length,
      priority,
      subscriptions: [name < 'c' ? 1 : 2],
    }
    this.#target.set(name, { ops, tracked })
    return tracked
  }

  #trackCheckpoint(): string {
    this.#target.clear()
    const buckets = [...this.#service].map(([name, bucket]) => this.#listed(name, bucket))
    this.#turn([{ do: 'track_checkpoint', buckets }])
    this.#model.trackCheckpoint(buckets)
    return `checkpoint ${buckets.map((each) => each.bucket).join()}`
  }

  #trackDiff(): string {
    const removed = [...this.#target.keys()].filter((name) => !this.#service.has(name))
    for (const name of removed) this.#target.delete(name)
    const updated = [...this.#service]
      .filter(() => this.#random() < 0.5)
      .map(([name, bucket]) => this.#listed(name, bucket))
    this.#turn([{ do: 'track_diff', updated, removed }])
    this.#model.trackDiff(updated, removed)
    return `diff ${updated.map((each) => each.bucket).join()}, without ${removed.join()}`
  }

  /** One to three data lines of what the target still lacks. */
  #save(): string {
    const lines: [string, readonly Op[]][] = []
    for (let count = Math.ceil(this.#random() * 3); count > 0; count--) {
      const name = this.#pick([...this.#target.keys()])
      if (lines.some(([other]) => other === name)) continue
      const position = this.#model.buckets.get(name)?.position ?? -1n
      const missing = this.#target.get(name)!.ops.filter((op) => op.opId > position)
      lines.push([name, missing.slice(0, Math.ceil(this.#random() * 6))])
    }
    this.#turn(lines.map(([name, ops]) => saveCommand(name, ops)))
    for (const [name, ops] of lines) this.#model.save(name, ops)
    return `data ${lines.map(([name, ops]) => `${name} ${ops.map((op) => `${op.op} ${op.opId}`).join()}`).join('; ')}`
  }

  #apply(priority: number | null): string {
    // Complete only what is downloaded, as a service does; without this nearly every one would be a mismatch.
    for (const [name, { ops, tracked }] of this.#target) {
      if (priority !== null && tracked.priority > priority) continue
      const position = this.#model.buckets.get(name)?.position ?? -1n
      const missing = ops.filter((op) => op.opId > position)
      if (missing.length === 0) continue
      this.#turn([saveCommand(name, missing)])
      this.#model.save(name, missing)
    }
    const lastOpId = this.#opId
    const mismatched = this.#model.mismatches(priority)
    const writeCheckpoint = this.#random() < 0.5 ? null : this.#writeCheckpoint
    const apply = { do: 'apply', priority, lastOpId, writeCheckpoint, now: 1 } as const
    const drop = { do: 'drop_buckets', buckets: mismatched } as const
    const [outcome] = this.#turn(mismatched.length > 0 ? [apply, drop] : [apply])
    if (mismatched.length > 0) {
      this.#progress = null
      expect(outcome).toMatchObject({ kind: 'mismatched' })
      if (outcome?.kind === 'mismatched') {
        expect(outcome.mismatches.map((each) => each.bucket).sort()).toEqual(mismatched.sort())
      }
      for (const name of mismatched) this.#model.drop(name)
      this.#trackCheckpoint()
      return `mismatch of ${mismatched.join()}`
    }
    const applied = this.#model.apply(priority, lastOpId, writeCheckpoint)
    expect(outcome).toMatchObject({ kind: applied ? 'applied' : 'blocked' })
    if (applied && priority === null) this.#progress = {}
    return `apply ${priority} at ${lastOpId}: ${applied ? 'applied' : 'blocked'}`
  }

  /** One to three writes of a transaction, which may be rolled back. */
  #writeLocally(): string {
    const writes = Array.from({ length: Math.ceil(this.#random() * 3) }, () => ({
      type: this.#pick(['todos', 'lists']),
      id: `r${Math.floor(this.#random() * 6)}`,
      text: this.#random() < 0.3 ? null : `local ${Math.floor(this.#random() * 100)}`,
    }))
    const transaction = this.#db.storage.beginLocal()
    for (const { type, id, text } of writes) {
      if (text === null) transaction.execute(`DELETE FROM ${type} WHERE id = ?`, [id])
      else if (transaction.execute(`UPDATE ${type} SET v = ? WHERE id = ?`, [text, id]).changes === 0) {
        transaction.execute(`INSERT INTO ${type}(id, v) VALUES (?, ?)`, [id, text])
      }
    }
    if (this.#random() < 0.2) {
      transaction.rollback()
      return 'local writes, rolled back'
    }
    transaction.commit()
    for (const { type, id, text } of writes) this.#model.write(rowOf({ rowType: type, rowId: id }), text)
    return `local writes ${JSON.stringify(writes)}`
  }

  /** The backend takes all, or the oldest transaction; it may know the write checkpoint. */
  #upload(): string {
    const all = this.#random() < 0.7
    const entries = this.#db.storage.readQueue({ limit: all ? 1000 : 1, wholeTransactions: true })
    const through = entries.at(-1)?.id ?? 0
    const writeCheckpoint = this.#random() < 0.4 ? null : ++this.#writeCheckpoint
    this.#turn([{ do: 'complete_upload', through, writeCheckpoint }])
    this.#model.completeUpload(entries.length, writeCheckpoint)
    return `upload of ${entries.length}, write checkpoint ${writeCheckpoint}`
  }

  #askForWriteCheckpoint(): string {
    if (!this.#db.storage.needsWriteCheckpoint()) return 'no write checkpoint is needed'
    const id = ++this.#writeCheckpoint
    this.#turn([{ do: 'set_target', id }])
    this.#model.setTarget(id)
    return `write checkpoint ${id}`
  }

  #clear(): string {
    const roll = this.#random()
    if (roll < 0.3) {
      this.#turn([{ do: 'clear', clearLocal: true, soft: false }])
      this.#model = new Model()
    } else if (roll < 0.6) {
      this.#turn([{ do: 'clear', clearLocal: true, soft: true }])
      this.#model.clearSoftly()
    } else {
      this.#turn([{ do: 'resync' }])
      this.#model.resync()
    }
    this.#progress = null
    this.#trackCheckpoint()
    return 'clear or resync'
  }

  #dropBucket(): string {
    const name = this.#pick(BUCKETS)
    this.#turn([{ do: 'drop_buckets', buckets: [name] }])
    this.#progress = null
    this.#model.drop(name)
    this.#trackCheckpoint()
    return `drop ${name}`
  }

  #restart(): string {
    this.#db.reopen()
    this.#trackCheckpoint()
    return 'restart'
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }
}

function sumOf(ops: readonly Op[]): number {
  return ops.reduce((sum, op) => (op.op === 'CLEAR' ? op.checksum : sum + op.checksum) % 2 ** 32, 0)
}

function prune(sums: Record<string, readonly [number, number]>): Record<string, readonly [number, number]> {
  return Object.fromEntries(Object.entries(sums).filter(([, [total, downloaded]]) => total || downloaded))
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
