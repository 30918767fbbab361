/**
 * A state on its way: what one step changes before it is finished. It collects the commands in order and
 * remembers which subscriptions were touched, so that the report costs what the change costs.
 */
import { isIncluded } from '../status/synced.ts'
import type { PriorityStatus } from '../status/status.ts'
import type { Command, LogSeverity, OutwardCommand, Step, StorageCommand, SubscriptionRow } from './event.ts'
import { type Changes, standingOf } from './report.ts'
import type { Known, Phase, State, Subscription } from './state.ts'
import { asksTheSame, expiryOf } from './subscriptions.ts'

/** Commands that storage answers with an outcome. A step ends with one at most. */
type Question = Extract<
  StorageCommand,
  { do: 'read_positions' | 'track_checkpoint' | 'track_diff' | 'save' | 'apply' | 'allocate_request' }
>

type Tell =
  | Exclude<OutwardCommand, { do: 'log' | 'report' }>
  | Exclude<StorageCommand, Question | { do: 'put_subscription' | 'delete_subscription' | 'mark_synced' }>

export class Draft {
  known: Known
  phase: Phase
  readonly #before: State
  readonly #commands: Command[] = []
  #question: Question | null = null
  readonly #touched = new Set<number>()
  #synced: PriorityStatus | null = null

  constructor(before: State) {
    this.#before = before
    this.known = before.known
    this.phase = before.phase
  }

  learn(change: Partial<Known>): void {
    this.known = { ...this.known, ...change }
  }

  /** Add or change a subscription; its row goes to storage if it changed. */
  put(subscription: Subscription): void {
    const { row } = subscription
    const stored = this.known.subscriptions.get(row.id)?.row
    if (stored === undefined || !sameRow(stored, row)) this.#commands.push({ do: 'put_subscription', row })
    this.keep(subscription)
  }

  /** Change what only memory has of a subscription, or what storage changes by itself. */
  keep(subscription: Subscription): void {
    const { id } = subscription.row
    if (this.known.subscriptions.get(id) === subscription) return
    const firstExpiry = Math.min(this.known.firstExpiry, expiryOf(subscription))
    this.learn({ subscriptions: this.known.subscriptions.set(subscription), firstExpiry })
    this.#touched.add(id)
  }

  remove(id: number): void {
    this.#commands.push({ do: 'delete_subscription', id })
    this.learn({ subscriptions: this.known.subscriptions.delete(id) })
    this.#touched.add(id)
  }

  /**
   * An applied checkpoint brought all of these streams: one fact for storage and for the report, however many
   * they are.
   */
  markSynced(sync: PriorityStatus): void {
    const ids: number[] = []
    const subscriptions = this.known.subscriptions.map((subscription) => {
      if (!isIncluded(standingOf(subscription), sync.priority)) return subscription
      const { row } = subscription
      ids.push(row.id)
      return { ...subscription, row: { ...row, lastSyncedAt: sync.lastSyncedAt } }
    })
    if (ids.length === 0) return
    this.learn({ subscriptions })
    this.#synced = sync
    this.#commands.push({ do: 'mark_synced', ids, at: sync.lastSyncedAt })
  }

  /** Whether a request made now would ask for something else than one made before this step. */
  get changesRequest(): boolean {
    const { subscriptions } = this.#before.known
    return [...this.#touched].some(
      (id) => !asksTheSame(subscriptions.get(id), this.known.subscriptions.get(id)),
    )
  }

  tell(command: Tell): void {
    this.#commands.push(command)
  }

  log(severity: LogSeverity, text: string): void {
    this.#commands.push({ do: 'log', severity, text })
  }

  /** Ask storage; its answer is the next event. */
  ask(question: Question): void {
    this.#question = question
  }

  finish(): Step<State> & { readonly changes: Changes } {
    const { known, phase } = this.#before
    const same = this.known === known && this.phase === phase
    const state = same ? this.#before : { known: this.known, phase: this.phase }
    const commands = this.#commands
    if (this.#question !== null) commands.push(this.#question)
    return { state, commands, changes: { touched: this.#touched, synced: this.#synced } }
  }
}

function sameRow(a: SubscriptionRow, b: SubscriptionRow): boolean {
  const keys = Object.keys(a) as (keyof SubscriptionRow)[]
  return a === b || keys.every((key) => Object.is(a[key], b[key]))
}
