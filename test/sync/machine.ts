/** The machine with a storage in memory, driven like the engine drives it, and short words for tests. */
import { expect } from 'vitest'
import { applyDelta } from '../../src/status/delta.ts'
import { canonicalParameters } from '../../src/status/parameters.ts'
import type { StreamParameters } from '../../src/status/parameters.ts'
import type { Status, StatusDelta, StreamStatus } from '../../src/status/status.ts'
import { EMPTY_STATUS } from '../../src/status/status.ts'
import type {
  Command,
  EndReason,
  OutwardCommand,
  StreamOptions,
  SubscriptionRow,
  SyncEvent,
} from '../../src/sync/event.ts'
import { statusOf } from '../../src/sync/report.ts'
import { initial } from '../../src/sync/state.ts'
import type { State } from '../../src/sync/state.ts'
import { step } from '../../src/sync/step.ts'
import type { SyncLine } from '../../src/wire/line.ts'
import type { SyncRequest } from '../../src/wire/request.ts'
import { FakeStorage } from './fake-storage.ts'

/** Outward commands but reports, which are folded into `status`. */
export type Told = Exclude<OutwardCommand, { do: 'report' }>

export const OPTIONS: StreamOptions = { parameters: {}, appMetadata: {}, includeDefaults: true }

export class Machine {
  readonly storage: FakeStorage
  state: State = initial
  status: Status = EMPTY_STATUS
  now = 1_772_000_000_000
  random = 0.5
  /** Hears each delta. */
  onReport: (delta: StatusDelta) => void = () => {}

  /** Opens on a database, an empty one if not said. */
  constructor(storage: FakeStorage = new FakeStorage()) {
    this.storage = storage
    this.send({ kind: 'loaded', loaded: storage.load() })
  }

  /** One turn. Checks rules A2 and A5 on the way. Gives what it told the shell. */
  send(event: SyncEvent): readonly Told[] {
    const told: Told[] = []
    this.#drive(event, told)
    expect(this.status, 'A5').toEqual(statusOf(this.state))
    return told
  }

  /** A turn whose commit fails: everything is as it was before. */
  sendInVain(event: SyncEvent): void {
    const { state, status } = this
    const undo = this.storage.savepoint()
    this.send(event)
    undo()
    Object.assign(this, { state, status })
  }

  get generation(): number {
    return this.state.known.generation
  }

  start(options: Partial<StreamOptions> = {}): readonly Told[] {
    return this.send({ kind: 'started', now: this.now, options: { ...OPTIONS, ...options } })
  }

  stop(): readonly Told[] {
    return this.send({ kind: 'stopped', now: this.now })
  }

  established(generation = this.generation): readonly Told[] {
    return this.send({ kind: 'established', generation, now: this.now })
  }

  line(line: SyncLine, generation = this.generation): readonly Told[] {
    return this.send(this.lineEvent(line, generation))
  }

  lineEvent(line: SyncLine, generation = this.generation): SyncEvent {
    return { kind: 'line', generation, line, now: this.now, random: this.random }
  }

  end(reason: EndReason = { kind: 'closed' }, generation = this.generation): readonly Told[] {
    return this.send({ kind: 'ended', generation, reason, now: this.now, random: this.random })
  }

  refreshed(): readonly Told[] {
    return this.send({ kind: 'refreshed', now: this.now })
  }

  uploaded(writeCheckpoint: bigint | null, through: number | null = null): readonly Told[] {
    const { now, random } = this
    return this.send({ kind: 'uploaded', through, writeCheckpoint, now, random })
  }

  writeCheckpoint(id: bigint): readonly Told[] {
    return this.send({ kind: 'write_checkpoint', id, now: this.now, random: this.random })
  }

  requestCheckpoint(): readonly Told[] {
    return this.send({ kind: 'checkpoint_requested', now: this.now })
  }

  clear(soft = false): readonly Told[] {
    return this.send({ kind: 'cleared', clearLocal: true, soft, now: this.now })
  }

  resync(): readonly Told[] {
    return this.send({ kind: 'resynced', now: this.now })
  }

  clock(): readonly Told[] {
    return this.send({ kind: 'clock', now: this.now })
  }

  subscribe(
    name: string,
    params: StreamParameters = null,
    ask: { readonly ttl?: number; readonly priority?: number; readonly holder?: string } = {},
  ): readonly Told[] {
    const { ttl = null, priority = null, holder = 'app' } = ask
    const key = { name, params: canonicalParameters(params) }
    return this.send({ kind: 'subscribed', ...key, ttl, priority, holder, now: this.now })
  }

  release(name: string, params: StreamParameters = null, holder = 'app'): readonly Told[] {
    return this.send({
      kind: 'released',
      name,
      params: canonicalParameters(params),
      holder,
      now: this.now,
    })
  }

  unsubscribeAll(name: string, params: StreamParameters = null): readonly Told[] {
    return this.send({
      kind: 'unsubscribed_all',
      name,
      params: canonicalParameters(params),
      now: this.now,
    })
  }

  /** The stream as the status has it; undefined: unknown. */
  stream(name: string, params: StreamParameters = null): StreamStatus | undefined {
    const text = canonicalParameters(params)
    return [...this.status.streams.values()].find(
      (stream) => stream.name === name && canonicalParameters(stream.params) === text,
    )
  }

  #drive(event: SyncEvent, told: Told[]): void {
    const { state, commands } = step(this.state, event)
    this.state = state
    for (const [index, command] of commands.entries()) {
      if (command.do === 'report') {
        this.status = applyDelta(this.status, command.delta)
        this.onReport(command.delta)
      } else if (isOutward(command)) told.push(command)
      else {
        const outcome = this.storage.execute(command)
        if (outcome === null) continue
        expect(index, 'A2').toBe(commands.length - 1)
        this.#drive(outcome, told)
      }
    }
  }
}

const outward: { readonly [Do in OutwardCommand['do']]: true } = {
  open: true,
  close: true,
  fetch_credentials: true,
  reached: true,
  post_checkpoint_request: true,
  wake: true,
  report: true,
  log: true,
  fail: true,
}

function isOutward(command: Command): command is OutwardCommand {
  return Object.hasOwn(outward, command.do)
}

/** What was told without logs. */
export function deeds(told: readonly Told[]): readonly Told['do'][] {
  return told.map((command) => command.do).filter((name) => name !== 'log')
}

export function logs(told: readonly Told[]): readonly string[] {
  return told.flatMap((command) => (command.do === 'log' ? [`${command.severity}: ${command.text}`] : []))
}

export function requestOf(told: readonly Told[]): SyncRequest {
  const open = told.find((command) => command.do === 'open')
  if (open === undefined) throw new Error('No stream was opened.')
  return open.request
}

/** Names and priorities as a request made now would have them. */
export function requested(machine: Machine): readonly (readonly [string, number | null])[] {
  const probe = new Machine(machine.storage)
  probe.now = machine.now
  return requestOf(probe.start()).streams.subscriptions.map(
    ({ stream: name, override_priority: priority }) => [name, priority] as const,
  )
}

/** The row on disk. */
export function rowOf(machine: Machine, name: string): SubscriptionRow | undefined {
  return [...machine.storage.rows.values()].find((some) => some.name === name)
}
