/**
 * One turn, one transaction: events step the machine, storage answers its commands, the commit comes, and
 * only then does the state move and go outward what was decided. When anything throws, the state is the one
 * before the turn and so is the database.
 */
import type { Command, OutwardCommand, StorageCommand, SyncEvent } from '../sync/event.ts'
import { Reports } from '../sync/report.ts'
import { initial } from '../sync/state.ts'
import type { State } from '../sync/state.ts'
import { advance } from '../sync/step.ts'
import { finish } from '../storage/slices.ts'
import type { Storage } from '../storage/storage.ts'

/** What a committed turn leaves to do. */
export interface Turn {
  /** How many of the events took part; fewer than given when the time was up. */
  readonly consumed: number
  /** In the order in which they were decided; reports come last. */
  readonly outward: readonly OutwardCommand[]
  /** Views whose rows changed. */
  readonly tables: readonly string[]
  /** See `Turned`. */
  readonly hasLongLog: boolean
}

/** What a turn asks of storage. */
export type TurnStorage = Pick<Storage, 'slicedTurn' | 'execute' | 'slicedApply'>

export class Turns {
  readonly #storage: TurnStorage
  #state: State = initial

  constructor(storage: TurnStorage) {
    this.#storage = storage
  }

  /** The state after the last committed turn. */
  get state(): State {
    return this.#state
  }

  /**
   * Take the events in one turn, as many as `mayContinue` lets in (at least one). Throws what storage
   * threw, after the roll-back.
   */
  run(events: readonly SyncEvent[], mayContinue?: () => boolean): Turn {
    return finish(this.slices(events, mayContinue))
  }

  /** The same in slices; only a merge of many rows has more than one. Returning the generator rolls back. */
  *slices(events: readonly SyncEvent[], mayContinue: () => boolean = () => true): Generator<void, Turn> {
    const run = this.#withoutStorage(events, mayContinue) ?? (yield* this.#inTransaction(events, mayContinue))
    run.report()
    this.#state = run.state
    return run
  }

  /** Steps are pure, so a turn that needs no storage is found by trying: it costs no transaction. */
  #withoutStorage(events: readonly SyncEvent[], mayContinue: () => boolean): Run | null {
    const run = new Run(this.#state, null)
    return finish(run.take(events, mayContinue)) ? run : null
  }

  *#inTransaction(events: readonly SyncEvent[], mayContinue: () => boolean): Generator<void, Run> {
    const run = new Run(this.#state, this.#storage)
    const turned = yield* this.#storage.slicedTurn(() => run.take(events, mayContinue))
    run.tables = turned.committed.tables
    run.hasLongLog = turned.hasLongLog
    return run
  }
}

/** A turn on its way: a draft that is thrown away unless it commits. */
class Run implements Turn {
  readonly #storage: TurnStorage | null
  state: State
  consumed = 0
  readonly outward: OutwardCommand[] = []
  readonly #reports: Reports
  tables: readonly string[] = []
  hasLongLog = false

  constructor(state: State, storage: TurnStorage | null) {
    this.state = state
    this.#storage = storage
    this.#reports = new Reports(state)
  }

  /** False: a command asked for storage and there is none. */
  *take(events: readonly SyncEvent[], mayContinue: () => boolean): Generator<void, boolean> {
    for (const event of events) {
      if (!(yield* this.#drive(event))) return false
      this.consumed++
      if (!mayContinue()) break
    }
    return true
  }

  report(): void {
    for (const delta of this.#reports.finish(this.state)) this.outward.push({ do: 'report', delta })
  }

  *#drive(event: SyncEvent): Generator<void, boolean> {
    const { state, commands, changes } = advance(this.state, event)
    this.#reports.add(this.state, state, changes)
    this.state = state
    for (const command of commands) {
      if (!isStorageCommand(command)) {
        this.outward.push(command)
        continue
      }
      if (this.#storage === null) return false
      const outcome =
        command.do === 'apply' ? yield* this.#storage.slicedApply(command) : this.#storage.execute(command)
      if (outcome !== null && !(yield* this.#drive(outcome))) return false
    }
    return true
  }
}

const storageCommands: { readonly [K in StorageCommand['do']]: true } = {
  read_positions: true,
  track_checkpoint: true,
  track_diff: true,
  save: true,
  apply: true,
  drop_buckets: true,
  put_subscription: true,
  delete_subscription: true,
  mark_synced: true,
  complete_upload: true,
  set_target: true,
  allocate_request: true,
  seed_requests: true,
  clear: true,
  resync: true,
}

function isStorageCommand(command: Command): command is StorageCommand {
  return Object.hasOwn(storageCommands, command.do)
}
