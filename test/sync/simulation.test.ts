/**
 * The storm: random events, dropped streams, late lines, failed commits, local writes, restarts, clears and
 * resyncs, with the machine's promises checked after each. The seed is in the test's name.
 */
import { expect, test } from 'vitest'
import type { Progress, Status } from '../../src/status/status.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'
import { canonicalParameters } from '../../src/status/parameters.ts'
import type { StreamOptions, SyncEvent } from '../../src/sync/event.ts'
import { isOpen } from '../../src/sync/state.ts'
import type { SyncLine } from '../../src/wire/line.ts'
import type { SyncRequest } from '../../src/wire/request.ts'
import { FakeStorage } from './fake-storage.ts'
import { Machine, OPTIONS } from './machine.ts'
import type { Told } from './machine.ts'
import { Random } from './random.ts'
import { SERVED, StormService } from './storm-service.ts'

const STEPS = 400
const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

const names = [...SERVED, 'nowhere']
const params = [null, '{"x":1}', '{"x":2}']
const holders = ['w1', 'w2', 'app']

let completions = 0

test.each(seeds)('seed %d', (seed) => {
  const storm = new Storm(seed)
  for (let turn = 0; turn < STEPS; turn++) storm.blow()
  completions += storm.completions
})

test('the storms let checkpoints complete: else they would prove little', () => {
  expect(completions).toBeGreaterThan(seeds.length)
})

class Storm {
  readonly #random: Random
  readonly #storage = new FakeStorage()
  readonly #service: StormService
  #machine: Machine
  /** Who holds what, as the app sees it: `name params` to holders. */
  #held = new Map<string, Set<string>>()
  #live: { readonly generation: number; readonly request: SyncRequest } | null = null
  #wake: number | null = null
  #shown: Pick<Status, 'downloading' | 'streams'> = EMPTY_STATUS
  #lastRequest = 0n
  completions = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#service = new StormService(this.#random, this.#storage)
    this.#machine = new Machine(this.#storage)
  }

  blow(): void {
    const random = this.#random
    const machine = this.#machine
    machine.random = random.next()
    machine.now += random.pick([0, 1, 50, 1000, 20_000, 70_000])
    const event = this.#event()
    if (event === null) return
    if (random.chance(0.1)) machine.sendInVain(event)
    if (random.chance(0.9)) this.#send(event)
  }

  /** Null: something else happened. */
  #event(): SyncEvent | null {
    const random = this.#random
    const { now, generation } = this.#machine
    const kind = random.weighted({
      line: 60,
      late: 4,
      subscribed: 8,
      released: 8,
      unsubscribed_all: 1,
      started: 4,
      stopped: 1,
      established: 4,
      ended: 2,
      malformed: 1,
      refreshed: 1,
      clock: 12,
      write: 2,
      uploaded: 3,
      write_checkpoint: 2,
      checkpoint_requested: 1,
      requests_seeded: 1,
      cleared: 1,
      resynced: 1,
      restart: 1,
    })
    switch (kind) {
      case 'line': {
        return this.#machine.lineEvent(this.#line())
      }
      case 'late': {
        this.#sendLate()
        return null
      }
      case 'subscribed': {
        const ttl = random.pick([null, 0, 1000, 60_000, Infinity])
        const priority = random.pick([null, 0, 1, 3])
        return { kind, ...this.#key(), ttl, priority, holder: random.pick(holders), now }
      }
      case 'released': {
        return { kind, ...this.#key(), holder: random.pick(holders), now }
      }
      case 'unsubscribed_all': {
        return { kind, ...this.#key(), now }
      }
      case 'started': {
        const options: StreamOptions = { ...OPTIONS, includeDefaults: random.chance(0.8) }
        return { kind, options, now }
      }
      case 'established': {
        return { kind, generation, now }
      }
      case 'ended': {
        const error = { code: 'broken', message: 'The stream broke.' }
        const failed = { kind: 'failed', error, retryAfter: random.pick([null, 5000]) } as const
        const reason = random.chance(0.5) ? ({ kind: 'closed' } as const) : failed
        return { kind, generation, reason, now, random: random.next() }
      }
      case 'malformed': {
        const error = { code: 'protocol', message: 'Not JSON.' }
        return { kind, generation, error, now, random: random.next() }
      }
      case 'stopped':
      case 'refreshed':
      case 'resynced':
      case 'checkpoint_requested':
      case 'clock': {
        return { kind, now }
      }
      case 'uploaded': {
        const through = random.chance(0.8) ? null : random.pick([0, ...this.#storage.queue])
        const writeCheckpoint = random.chance(0.5) ? null : ++this.#service.writeCheckpoint
        return { kind, through, writeCheckpoint, now, random: random.next() }
      }
      case 'write_checkpoint': {
        return { kind, id: ++this.#service.writeCheckpoint, now, random: random.next() }
      }
      case 'requests_seeded': {
        return { kind, id: this.#lastRequest + BigInt(random.below(3)), now }
      }
      case 'cleared': {
        if (isOpen(this.#machine.state)) this.#send({ kind: 'stopped', now })
        return { kind, clearLocal: random.chance(0.5), soft: random.chance(0.5), now }
      }
      case 'write': {
        this.#storage.write()
        return null
      }
      case 'restart': {
        this.#restart()
        return null
      }
    }
  }

  /** The service's next line; what has to come before it is sent. */
  #line(): SyncLine {
    const { phase } = this.#machine.state
    const lines = this.#service.lines(phase.at !== 'streaming' || phase.target.state === 'none')
    const last = lines.pop()!
    for (const line of lines) this.#send(this.#machine.lineEvent(line))
    return last
  }

  #key() {
    return { name: this.#random.pick(names), params: this.#random.pick(params) }
  }

  #sendLate(): void {
    const line = this.#line()
    const { state, generation } = this.#machine
    expect(this.#machine.line(line, generation - 1)).toEqual([])
    expect(this.#machine.state === state, 'A4').toBe(true)
  }

  #restart(): void {
    const { now } = this.#machine
    this.#machine = new Machine(this.#storage)
    this.#machine.now = now
    this.#held = new Map()
    this.#live = null
    this.#wake = null
    this.#shown = EMPTY_STATUS
  }

  #send(event: SyncEvent): void {
    const before = this.#machine.status
    const told = this.#machine.send(event)
    this.#noteHolders(event)
    if (event.kind === 'requests_seeded') this.#lastRequest = event.id
    for (const command of told) this.#note(command)
    if (event.kind === 'line' && event.line.kind === 'checkpoint_complete') {
      const { phase } = this.#machine.state
      if (phase.at === 'streaming' && phase.target.state === 'applied') this.completions++
    }
    this.#check(event, before)
  }

  #noteHolders(event: SyncEvent): void {
    if (event.kind !== 'subscribed' && event.kind !== 'released' && event.kind !== 'unsubscribed_all') return
    const key = `${event.name} ${event.params}`
    const holding = this.#held.get(key) ?? new Set()
    if (event.kind === 'subscribed') holding.add(event.holder)
    if (event.kind === 'released') holding.delete(event.holder)
    if (event.kind === 'unsubscribed_all') holding.clear()
    this.#held.set(key, holding)
  }

  #note(command: Told): void {
    switch (command.do) {
      case 'open': {
        expect(this.#live, 'P1: one live stream at most').toBeNull()
        this.#live = command
        this.#wake = null
        break
      }
      case 'close': {
        expect(command.generation, 'a close is for the live stream').toBe(this.#live?.generation)
        this.#live = null
        break
      }
      case 'fail': {
        this.#live = null
        break
      }
      case 'wake': {
        this.#wake = command.at
        break
      }
      case 'post_checkpoint_request': {
        expect(command.id, 'U3: ids ascend').toBeGreaterThan(this.#lastRequest)
        this.#lastRequest = command.id
        break
      }
      case 'reached': {
        expect(this.#storage.isOpen, 'what was applied passed the gate').toBe(true)
        break
      }
      case 'fetch_credentials':
      case 'log': {
        break
      }
    }
  }

  #check(event: SyncEvent, before: Status): void {
    const { state, now } = this.#machine
    expect(isOpen(state), 'a stream is open exactly if the shell has one').toBe(this.#live !== null)
    const { phase } = state
    if (phase.at === 'waiting') expect(this.#wake, 'P5').toBe(phase.retryAt)
    else if (phase.at === 'restarting') expect(this.#wake, 'P7').toBeLessThanOrEqual(now)
    else expect(this.#wake, 'nothing to wake up for').toBeNull()

    const rows = [...state.known.subscriptions].map(([, { row }]) => row)
    expect(this.#storage.load().subscriptions, 'the disk has what memory has').toEqual(rows)
    this.#checkHeld()
    this.#checkRequest()
    this.#checkProgress(event)
    this.#checkSynced(event, before)
    if (phase.at === 'streaming' && phase.target.state === 'blocked') {
      const wasTried = event.kind === 'uploaded' || event.kind === 'write_checkpoint'
      if (wasTried) expect(this.#storage.isOpen, 'L7: blocked only by the gate').toBe(false)
    }
  }

  #checkSynced(event: SyncEvent, before: Status): void {
    const { priorities, streams } = this.#machine.status
    if (event.kind === 'cleared') {
      expect(priorities, 'K2').toEqual([])
      for (const { lastSyncedAt, holders: holding } of streams.values()) {
        expect(lastSyncedAt, 'K2').toBeNull()
        expect(holding.length, 'K3').toBeGreaterThan(0)
      }
      return
    }
    for (const [id, { lastSyncedAt, active, error }] of streams) {
      if (lastSyncedAt === (before.streams.get(id)?.lastSyncedAt ?? null)) continue
      expect([active, error], 'C6: only what is active and without error').toEqual([true, null])
      expect(event.kind === 'line' || event.kind === 'uploaded' || event.kind === 'write_checkpoint').toBe(
        true,
      )
    }
    if (event.kind !== 'resynced') return
    expect(priorities, 'K5').toBe(before.priorities)
    expect(this.#storage.execute({ do: 'read_positions' }), 'K5').toMatchObject({ buckets: [] })
  }

  #checkHeld(): void {
    const streams = [...this.#machine.status.streams.values()]
    for (const [key, holding] of this.#held) {
      const known = streams.find(({ name, params: own }) => `${name} ${canonicalParameters(own)}` === key)
      expect(known?.holders.toSorted() ?? [], `holders of ${key}`).toEqual([...holding].sort())
      if (holding.size > 0) expect(known?.hasExplicitSubscription, `S6: ${key}`).toBe(true)
    }
  }

  /** S9: what the live stream asked for is what would be asked for now. */
  #checkRequest(): void {
    if (this.#live === null) return
    const asked = this.#storage
      .load()
      .subscriptions.filter(({ ttl }) => ttl !== null)
      .map(({ name, params: own, priority }) => [name, own, priority])
    const sent = this.#live.request.streams.subscriptions.map((subscription) => [
      subscription.stream,
      canonicalParameters(subscription.parameters),
      subscription.override_priority,
    ])
    expect(sent, 'S9').toEqual(asked)
  }

  /** D2: within bounds, and never back within a checkpoint. */
  #checkProgress(event: SyncEvent): void {
    const { downloading, streams } = this.#machine.status
    for (const { progress } of streams.values()) {
      if (progress === null) continue
      expect(downloading, 'D1').not.toBeNull()
      expect(progress.total, 'D1').toBeGreaterThan(0)
      expect(progress.downloaded).toBeLessThanOrEqual(progress.total)
      expect(progress.downloaded).toBeGreaterThanOrEqual(0)
    }
    const begins =
      event.kind === 'line' && (event.line.kind === 'checkpoint' || event.line.kind === 'checkpoint_diff')
    if (!begins) {
      expectNoWayBack(this.#shown.downloading, downloading)
      for (const [id, { progress }] of streams) {
        expectNoWayBack(this.#shown.streams.get(id)?.progress ?? null, progress)
      }
    }
    this.#shown = { downloading, streams }
  }
}

function expectNoWayBack(before: Progress | null, after: Progress | null): void {
  if (before === null || after === null) return
  expect(after.total, 'D2').toBe(before.total)
  expect(after.downloaded, 'D2').toBeGreaterThanOrEqual(before.downloaded)
}
