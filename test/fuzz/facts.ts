/** What has happened in a history so far, as far as the rules of `intended.ts` and our own claims need it. */
import type { TraceStep } from '../../src/replay/step.ts'
import { canonicalParameters } from '../../src/status/parameters.ts'
import type { StreamParameters } from '../../src/status/parameters.ts'
import { Asks } from './asks.ts'
import { Published } from './published.ts'

/** What a `dump` step prints, as far as it is looked at. */
export interface Dump {
  readonly status: {
    readonly downloading:
      | (Progress & { readonly byPriority: readonly ({ readonly priority: number } & Progress)[] })
      | null
    readonly streams: readonly DumpedStream[]
  }
  readonly rows: { readonly [table: string]: readonly { readonly id: string }[] }
  readonly crud: readonly { readonly tx: number }[]
  readonly streams: readonly DumpedRow[]
}

/** A row of the subscriptions. */
export interface DumpedRow {
  readonly name: string
  readonly params: StreamParameters | null
  readonly ttl: number | 'never' | null
  readonly priority: number | null
  readonly active: boolean
  readonly isDefault: boolean
}

export interface DumpedStream {
  readonly name: string
  readonly params: StreamParameters | null
  readonly priority: number | null
  readonly active: boolean
  readonly hasExplicitSubscription: boolean
  readonly hasSynced: boolean
  readonly progress: Progress | null
}

interface Progress {
  readonly total: number
  readonly downloaded: number
}

export class Facts {
  readonly published = new Published()
  step: TraceStep = { do: 'dump' }
  /** What we printed for the step. */
  printed: readonly string[] = []
  /** Our last dump, and the one before. */
  dump: Dump | null = null
  earlier: Dump | null = null
  /** How many schemas there were. */
  schemas = 0
  /** The last thing that happened: a step, or for a line its kind. */
  last = ''
  /** What happened so far, by the same names. */
  readonly seen = new Set<string>()

  now = 1_772_000_000_000
  /** Whether a stream was open before the step. */
  #isOpen = false
  #isOpenAfter = false
  /** The subscriptions of the last request. */
  #requested: readonly string[] = []
  /** Headers and lines of the last stream. */
  #arrivals = 0
  /** Whether the last line was the first of its stream and closed it. */
  firstLineClosed = false
  /** Whether the stream that was opened last has told a checkpoint. */
  hasCheckpoint = false
  /** Streams that the last checkpoint had errors for. */
  streamErrors = new Set<string>()
  /** Subscriptions that some completion passed over, as they were not listed or had an error. */
  readonly passedOver = new Set<string>()
  readonly asks = new Asks()
  /** The subscription of the last `subscribe` step. */
  askedLast: string | null = null
  /** Subscriptions made anew since the last checkpoint. */
  readonly madeAnew = new Set<string>()
  /** Subscriptions that were asked for again while their implicit row still stood. */
  readonly revived = new Set<string>()
  /** Rows, as `table/id`, that the two do not show alike. */
  readonly partedRows = new Set<string>()

  close(): void {
    this.published.close()
  }

  /** Take a step and what we printed for it. */
  follow(step: TraceStep, printed: readonly string[]): void {
    this.step = step
    this.printed = printed
    this.#isOpen = this.#isOpenAfter
    const lines = printed.map((line) => JSON.parse(line) as Line)
    const failed = lines.some(({ error }) => error !== undefined)
    const queue = (this.dump?.crud ?? []).map(({ tx }) => tx)
    this.published.follow(step, { isOpen: this.#isOpen, failed, queue })
    if (step.do !== 'dump') this.last = step.do
    if (step.do === 'schema') this.schemas++
    this.seen.add(step.do)
    this.#rememberArrival(
      step,
      lines.some(({ close }) => close !== undefined),
    )
    for (const { request, close, error, ...line } of lines) {
      if (request) {
        this.#isOpenAfter = true
        this.#arrivals = 0
        this.hasCheckpoint = false
        this.#requested = request.streams.subscriptions.map(({ stream, parameters }) =>
          keyOf(stream, parameters),
        )
      } else if (close || error?.code === 'protocol') {
        this.#isOpenAfter = false
      } else if (line.status) {
        this.earlier = this.dump
        this.dump = line as Dump & Line
      }
    }
    this.#remember(step, failed)
  }

  /** Our row of a subscription, at the last dump. */
  row(key: string): DumpedRow | undefined {
    return this.dump?.streams.find(({ name, params }) => keyOf(name, params) === key)
  }

  #remember(step: TraceStep, failed: boolean): void {
    switch (step.do) {
      case 'time': {
        this.now = step.ms
        break
      }
      case 'subscribe': {
        const key = keyOf(step.stream, step.params)
        const row = this.row(key)
        if (!row) this.madeAnew.add(key)
        else if (row.ttl === null && !row.isDefault) this.revived.add(key)
        this.asks.ask(key, step, this.now)
        this.askedLast = key
        break
      }
      case 'release': {
        this.asks.release(keyOf(step.stream, step.params), step.holder)
        break
      }
      case 'unsubscribeAll': {
        this.asks.releaseAll(keyOf(step.stream, step.params))
        break
      }
      case 'restart': {
        this.asks.forgetHolders()
        this.#isOpenAfter = false
        break
      }
      case 'end':
      case 'refreshed':
      case 'disconnect':
      case 'clear': {
        this.#isOpenAfter = false
        break
      }
      case 'line': {
        if (this.#isOpen && !failed) this.#rememberLine(step.text ?? '')
        break
      }
      default: {
        break
      }
    }
  }

  #rememberArrival(step: TraceStep, isClosed: boolean): void {
    if (['disconnect', 'restart', 'clear', 'resync'].includes(step.do)) this.firstLineClosed = false
    if (!this.#isOpen || !['line', 'established', 'end'].includes(step.do)) return
    this.#arrivals++
    this.firstLineClosed = step.do === 'line' && this.#arrivals === 1 && isClosed
  }

  #rememberLine(text: string): void {
    const kind = /^\{"(\w+)":/.exec(text)?.[1] ?? 'malformed'
    this.last = kind
    this.seen.add(kind)
    if (kind === 'checkpoint') {
      this.hasCheckpoint = true
      this.madeAnew.clear()
      const { streams } = (JSON.parse(text) as CheckpointLine).checkpoint
      const failing = (streams ?? []).flatMap(({ name, errors }) =>
        errors.map(({ subscription }) => (subscription === 'default' ? name : this.#requested[subscription])),
      )
      this.streamErrors = new Set(failing.filter((key) => key !== undefined))
    }
    if (!kind.endsWith('complete')) return
    for (const { name, params, active } of this.dump?.status.streams ?? []) {
      const key = keyOf(name, params)
      if (!active || this.streamErrors.has(key)) this.passedOver.add(key)
    }
  }
}

/** A stream and its parameters, as one text. */
export function keyOf(stream: string, parameters: StreamParameters | null | undefined): string {
  return `${stream}${canonicalParameters(parameters) ?? ''}`
}

interface Line {
  readonly request?: {
    readonly streams: {
      readonly subscriptions: readonly {
        readonly stream: string
        readonly parameters: StreamParameters | null
      }[]
    }
  }
  readonly close?: object
  readonly error?: { readonly code: string }
  readonly status?: object
}

interface CheckpointLine {
  readonly checkpoint: {
    readonly streams?: readonly {
      readonly name: string
      readonly errors: readonly { readonly subscription: number | 'default' }[]
    }[]
  }
}
