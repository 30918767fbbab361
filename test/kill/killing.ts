/**
 * Lives of a database: a process opens it, checks what is there, syncs and writes, and is killed at a moment of
 * chance; the next one goes on. At the end of a database one lives until everything is settled.
 *
 * Invariant, whenever it is opened: exactly the rows after the last acknowledged transaction are there, or after
 * the one that was under way. At the end the backend has taken each transaction once, in order.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemo } from '../../src/demo/service.ts'
import type { DemoService } from '../../src/demo/service.ts'
import { Random } from '../sync/random.ts'
import { Backend } from './backend.ts'
import { Killable } from './process.ts'
import { counterOf, rowsAfter, TAKEN } from './world.ts'
import type { Said, Task } from './world.ts'

export interface KillOptions {
  readonly seed: number
  /** How many processes are killed. */
  readonly runs: number
  /** A database is killed so often, and then another is begun. Default 25. */
  readonly killsPerDatabase?: number
  readonly onDatabase?: (totals: KillTotals) => void
}

export interface KillTotals {
  kills: number
  databases: number
  /** Of the kills: before the database was open. */
  beforeOpen: number
  acknowledged: number
  /** Transactions that were on the disk though nobody was told. */
  unacknowledged: number
  repeatedUploads: number
  /** Milliseconds from a start after a kill until everything was settled, each time that was waited for. */
  readonly settledMs: number[]
  /** What must never happen, as sentences. */
  readonly faults: string[]
}

export async function killAgainAndAgain(options: KillOptions): Promise<KillTotals> {
  const random = new Random(options.seed)
  const folder = mkdtempSync(join(tmpdir(), 'headwater-kill-'))
  const demo = await startDemo({ scale: 'small', simulate: false, keepaliveSeconds: 0.5, seed: options.seed })
  const backend = await Backend.start(demo, random)
  const others = setInterval(() => disturb(demo, random), 20)
  const killing = new Killing(folder, demo, backend, random)
  const { killsPerDatabase = 25 } = options
  try {
    for (let left = options.runs; left > 0; left -= killsPerDatabase) {
      await killing.liveThrough(`d${killing.totals.databases}`, Math.min(left, killsPerDatabase))
      options.onDatabase?.(killing.totals)
    }
    killing.totals.repeatedUploads = backend.repeated
    killing.totals.faults.push(...backend.faults)
    return killing.totals
  } finally {
    clearInterval(others)
    await killing.close()
    await backend.close()
    await demo.close()
    rmSync(folder, { recursive: true })
  }
}

/** Other people's work, so that there is always something to download. */
function disturb(demo: DemoService, random: Random): void {
  const description = 'x'.repeat(random.below(2000))
  demo.change((change) => {
    for (let n = random.below(10); n >= 0; n--)
      change.put('projects', `other-${random.below(50)}`, { description })
  })
}

/** When a process is killed: a time after it begins or has opened, or as something happens for the nth time. */
type Moment =
  | { readonly after: 'begun' | 'opened'; readonly ms: number }
  | { readonly at: 'written' | 'received' | 'answered' | 'settled'; readonly times: number }

class Killing {
  readonly #folder: string
  readonly #demo: DemoService
  readonly #backend: Backend
  readonly #random: Random
  /** Loads while the one before lives. */
  #next: Killable
  readonly totals: KillTotals = {
    kills: 0,
    databases: 0,
    beforeOpen: 0,
    acknowledged: 0,
    unacknowledged: 0,
    repeatedUploads: 0,
    settledMs: [],
    faults: [],
  }

  constructor(folder: string, demo: DemoService, backend: Backend, random: Random) {
    this.#folder = folder
    this.#demo = demo
    this.#backend = backend
    this.#random = random
    this.#next = this.#load()
  }

  async liveThrough(database: string, kills: number): Promise<void> {
    this.totals.databases++
    this.#demo.change((change) => change.put('labels', counterOf(database), { name: TAKEN, color: '0' }))
    const checkpointMode = this.#random.pick(['legacy', 'requests'] as const)
    const common = {
      path: join(this.#folder, `${database}.db`),
      database,
      checkpointMode,
      endpoint: this.#demo.url,
      backend: this.#backend.url,
    }
    const state = new Expected(database, this.totals)
    for (let kill = 0; kill < kills; kill++) {
      const moment = this.#moment()
      const task: Task = {
        ...common,
        token: this.#demo.token(),
        inProcess: this.#random.chance(0.9),
        pauseMs: this.#random.below(10),
        writes: 'at' in moment && moment.at === 'settled' ? this.#random.below(5) : null,
        closes: false,
      }
      await this.#live(task, moment, state)
    }
    const last = { token: this.#demo.token(), inProcess: true, pauseMs: 0, writes: 2, closes: true }
    await this.#live({ ...common, ...last }, null, state)
    state.checkTaken(this.#backend.taken.get(counterOf(database)) ?? [])
    this.#demo.compact()
  }

  async close(): Promise<void> {
    this.#next.kill()
    await this.#next.ended()
  }

  #load(): Killable {
    return new Killable(join(this.#folder, 'compiled'))
  }

  async #live(task: Task, moment: Moment | null, state: Expected): Promise<void> {
    const child = this.#next
    this.#next = this.#load()
    let opened = false
    let timer: NodeJS.Timeout | undefined
    let left = moment !== null && 'at' in moment ? moment.times : Infinity
    const happened = (what: Said['say'] | 'received' | 'answered' | 'begun') => {
      if (moment === null) return
      if ('at' in moment) {
        if (moment.at === what && --left === 0) child.kill()
      } else if (moment.after === what) {
        timer = setTimeout(() => child.kill(), moment.ms)
      }
    }
    this.#backend.onCall = happened
    const begun = child.begin(task, (said) => {
      opened ||= said.say === 'opened'
      state.hear(said)
      happened(said.say)
    })
    await Promise.race([begun, child.ended()])
    happened('begun')
    await child.ended()
    clearTimeout(timer)
    if (moment === null) return
    this.totals.kills++
    if (!opened) this.totals.beforeOpen++
  }

  #moment(): Moment {
    const random = this.#random
    switch (
      random.weighted({ begun: 15, opened: 45, written: 10, received: 10, answered: 10, settled: 10 })
    ) {
      case 'begun':
        return { after: 'begun', ms: random.below(60) }
      case 'opened':
        // Short times are likelier: much happens at once.
        return { after: 'opened', ms: 200 * random.next() ** 2 }
      case 'written':
        return { at: 'written', times: 1 + random.below(8) }
      case 'received':
        return { at: 'received', times: 1 + random.below(4) }
      case 'answered':
        return { at: 'answered', times: 1 + random.below(4) }
      case 'settled':
        return { at: 'settled', times: 1 }
    }
  }
}

/** What must be in the database, by what was acknowledged. */
class Expected {
  readonly #database: string
  readonly #totals: KillTotals
  /** The last transaction that is known to be on the disk. */
  #last = 0

  constructor(database: string, totals: KillTotals) {
    this.#database = database
    this.#totals = totals
  }

  hear(said: Said): void {
    switch (said.say) {
      case 'loaded':
        break
      case 'opened':
        this.#checkOpened(said)
        break
      case 'written':
        if (said.n !== this.#last + 1) this.#fault(`wrote ${said.n} after ${this.#last}`)
        this.#last = said.n
        this.#totals.acknowledged++
        break
      case 'settled':
        this.#totals.settledMs.push(said.ms)
        break
    }
  }

  /** Each number once, in order, and all of them. */
  checkTaken(numbers: readonly number[]): void {
    const wanted = Array.from({ length: this.#last }, (_, index) => index + 1)
    if (numbers.join() !== wanted.join()) {
      this.#fault(`the backend took ${numbers.join()} and not 1 to ${this.#last}`)
    }
  }

  #checkOpened({ rows, damage }: Extract<Said, { say: 'opened' }>): void {
    for (const finding of damage) this.#fault(finding)
    const found = new Map(rows)
    const counter = found.get(counterOf(this.#database))
    // Before the first download there is no counter, and nothing could be written.
    const n = Number(counter ?? 0)
    if (n !== this.#last && n !== this.#last + 1) {
      this.#fault(`after ${this.#last} was acknowledged, ${n} is there`)
    }
    if (n > this.#last) this.#totals.unacknowledged++
    this.#last = n
    const wanted = counter === undefined ? new Map() : rowsAfter(this.#database, n)
    const isSame = found.size === wanted.size && [...wanted].every(([id, color]) => found.get(id) === color)
    if (!isSame) this.#fault(`after ${n} it holds ${JSON.stringify(rows)}`)
  }

  #fault(what: string): void {
    this.#totals.faults.push(`${this.#database}, kill ${this.#totals.kills}: ${what}`)
  }
}
