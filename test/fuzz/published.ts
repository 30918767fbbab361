/**
 * What a client should show, worked out a second time: the lines of a history, played on the plain model that
 * the tests of storage use. Where the two engines disagree about rows, this is the judge.
 */
import Database from 'better-sqlite3'
import type { TraceStep } from '../../src/replay/step.ts'
import { decodeLine } from '../../src/wire/decode.ts'
import type { BucketChecksum, Checkpoint, CheckpointDiff, SyncLine } from '../../src/wire/line.ts'
import type { TrackedBucket } from '../../src/sync/event.ts'
import { UNKNOWN_TARGET } from '../../src/storage/gate.ts'
import { Model } from '../storage/model.ts'

/** What the client said of a step: enough to know whether it took the line. */
export interface Outcome {
  readonly isOpen: boolean
  readonly failed: boolean
  /** The upload queue before the step: the transaction of each entry. */
  readonly queue: readonly number[]
}

interface Tables {
  readonly [name: string]: {
    readonly columns: { readonly [name: string]: string }
    readonly localOnly?: boolean | undefined
    readonly insertOnly?: boolean | undefined
  }
}

export class Published {
  readonly #sqlite = new Database(':memory:')
  #model = new Model()
  #tables: Tables = {}
  /** The last checkpoint of the iteration. */
  #lastOpId: bigint | null = null
  #writeCheckpoint: bigint | null = null
  /** It was complete but local writes held it back. */
  isBlocked = false
  /** Names of buckets that should have failed their checksums at the last step. */
  mismatches: readonly string[] = []

  close(): void {
    this.#sqlite.close()
  }

  /** Take a step after the client has. */
  follow(step: TraceStep, { isOpen, failed, queue }: Outcome): void {
    this.mismatches = []
    if (failed) return
    this.#model.queue = queue.length
    switch (step.do) {
      case 'schema': {
        this.#tables = step.tables
        break
      }
      case 'connect': {
        this.#forgetCheckpoint()
        break
      }
      case 'line': {
        if (isOpen && step.text !== undefined) this.#line(decodeLine(step.text))
        break
      }
      case 'execute': {
        for (const [sql, params = []] of step.statements ?? [[step.sql ?? '', step.params] as const]) {
          this.#write(sql, params)
        }
        break
      }
      case 'uploaded': {
        const { through = Infinity } = step
        const uploaded = queue.filter((transaction) => transaction <= through).length
        this.#model.completeUpload(uploaded, toBigInt(step.writeCheckpoint))
        if (this.isBlocked && isOpen) this.#apply(null, false)
        break
      }
      case 'writeCheckpoint': {
        this.#model.setTarget(BigInt(step.id))
        if (this.isBlocked && isOpen) this.#apply(null, false)
        break
      }
      case 'clear': {
        if (step.soft) this.#model.clearSoftly()
        else this.#model = new Model()
        break
      }
      case 'resync': {
        this.#model.resync()
        break
      }
      default: {
        break
      }
    }
  }

  /** What the write gate waits for and what it has seen; 0: nothing. */
  get gate(): { readonly target: bigint; readonly seen: bigint } {
    const { target, seen } = this.#model
    return { target: target === 'unknown' ? UNKNOWN_TARGET : target, seen }
  }

  /** Whether the service has no rows of this table. */
  isLocalOnly(table: string): boolean {
    return this.#tables[table]?.localOnly === true
  }

  /** Whether a row is changed locally: what it shows then is not told here. */
  isLocal(table: string, id: string): boolean {
    return this.#model.local.has(`${table}/${id}`)
  }

  /** The rows of a table by id, each as the JSON text of its columns, without those that are changed locally. */
  rows(table: string): ReadonlyMap<string, string> {
    const columns = Object.entries(this.#tables[table]?.columns ?? {})
    const select = columns.map(([name, type]) => {
      const cast = `CAST(json_extract(:data, '$.${name}') AS ${type})`
      return `json_quote(CASE WHEN typeof(${cast}) = 'text' THEN ${cast} || '' ELSE ${cast} END)`
    })
    const read = this.#sqlite.prepare(`SELECT ${select.join(', ')}`).raw()
    const own = [...this.#model.winners().values()].filter(({ row }) => row.startsWith(`${table}/`))
    return new Map(
      own
        .filter(({ row }) => !this.#model.local.has(row))
        .map(({ row, data }) => {
          const texts = read.get({ data }) as readonly string[]
          const members = columns.map(([name], index) => `"${name}":${spellInfinity(texts[index]!)}`)
          return [row.slice(table.length + 1), `{${members.join(',')}}`]
        }),
    )
  }

  #line(line: SyncLine): void {
    switch (line.kind) {
      case 'checkpoint': {
        this.#model.trackCheckpoint(line.checkpoint.buckets.map(tracked))
        this.#remember(line.checkpoint)
        break
      }
      case 'checkpoint_diff': {
        this.#model.trackDiff(line.diff.updatedBuckets.map(tracked), line.diff.removedBuckets)
        this.#remember(line.diff)
        break
      }
      case 'data': {
        this.#model.save(line.bucket, line.ops)
        break
      }
      case 'checkpoint_complete': {
        this.#apply(null, true)
        break
      }
      case 'partial_checkpoint_complete': {
        this.#apply(line.priority, true)
        break
      }
      default: {
        break
      }
    }
  }

  /** `isNew`: the line has just come, so its write checkpoint counts. */
  #apply(priority: number | null, isNew: boolean): void {
    this.mismatches = this.#model.mismatches(priority)
    for (const name of this.mismatches) this.#model.drop(name)
    if (this.mismatches.length > 0 || this.#lastOpId === null) return
    const proof = isNew ? this.#writeCheckpoint : null
    const isApplied = this.#model.apply(priority, this.#lastOpId, proof)
    if (priority === null) this.isBlocked = !isApplied
  }

  #remember({ lastOpId, writeCheckpoint }: Checkpoint | CheckpointDiff): void {
    this.#lastOpId = lastOpId
    this.#writeCheckpoint = writeCheckpoint
    this.isBlocked = false
  }

  #forgetCheckpoint(): void {
    this.#lastOpId = this.#writeCheckpoint = null
    this.isBlocked = false
  }

  /** The statements that histories use: the id is the first value, or the last one of an update. */
  #write(sql: string, params: readonly unknown[] | object): void {
    const [, verb, name = ''] =
      /^(INSERT|UPDATE|DELETE)(?: OR REPLACE)?(?: INTO| FROM)? (\w+)/.exec(sql) ?? []
    const table = this.#tables[name]
    if (!Array.isArray(params) || table === undefined || table.localOnly || table.insertOnly) return
    const row = `${name}/${String(verb === 'UPDATE' ? params.at(-1) : params[0])}`
    const local = this.#model.local.get(row)
    const isShown = local === undefined ? this.#model.winners().has(row) : local !== null
    if (verb !== 'INSERT' && !isShown) return
    // The one update that changes nothing is that of a table that ignores it.
    if (sql.includes('SET a = a ')) return
    const isGone = verb === 'DELETE' || sql.includes('_deleted')
    this.#model.local.set(row, isGone ? null : '')
    this.#model.target = 'unknown'
    this.#model.seen = 0n
  }
}

/** Which subscriptions a bucket belongs to says nothing about rows. */
function tracked(bucket: BucketChecksum): TrackedBucket {
  return { ...bucket, subscriptions: [] }
}

function toBigInt(text: string | null | undefined): bigint | null {
  return text == null ? null : BigInt(text)
}

function spellInfinity(text: string): string {
  return text.replace(/^(-?)9(?:\.0)?e\+?999$/, '$19e999')
}
