/**
 * One read process and the job in it.
 *
 *     starting ──opened──▶ idle ◀──answer──┐
 *        │                  └────run────▶ busy
 *        └───── late, crashed, killed ─────┴──▶ gone
 *
 * A running statement cannot be interrupted, so a job that must stop takes its process with it.
 */
import type { ErrorInfo } from '../../status/status.ts'
import { EngineError } from '../face.ts'
import type { ReaderChannel } from './channel.ts'
import type { Job } from './job.ts'
import type { FromReader, SessionOptions } from './messages.ts'

/** How a process came to its end. */
export type RunnerEnd =
  /** On purpose; nobody waits for its job any more. */
  | { readonly kind: 'killed' }
  /** By itself, perhaps over a job that still waits. */
  | { readonly kind: 'crashed'; readonly job: Job | null; readonly opened: boolean }
  | { readonly kind: 'cannot_open'; readonly error: ErrorInfo }

export interface RunnerEvents {
  /** It can take a job. */
  onIdle(): void
  /** It has answered a job: it works. */
  onAnswer(): void
  /** Once. */
  onEnd(runner: Runner, end: RunnerEnd): void
}

type State =
  | { readonly phase: 'starting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'idle' }
  | { readonly phase: 'busy'; readonly job: Job; timer: NodeJS.Timeout }
  | { readonly phase: 'gone' }

/** A process that has not opened the database by then counts as crashed. */
const START_MS = 10_000
/** A job that nobody waits for may still answer within this time; starting a process takes about as long. */
const ABORT_MS = 250

export class Runner {
  readonly #channel: ReaderChannel
  readonly #events: RunnerEvents
  #state: State
  /** Resolves when the process is no more. */
  readonly exited: Promise<void>

  constructor(channel: ReaderChannel, options: SessionOptions, events: RunnerEvents) {
    this.#channel = channel
    this.#events = events
    this.#state = { phase: 'starting', timer: setTimeout(() => this.#crash(), START_MS) }
    this.exited = new Promise((resolve) => channel.onExit(resolve))
    void this.exited.then(() => this.#crash())
    channel.onMessage((message) => this.#receive(message))
    channel.post({ kind: 'open', options })
  }

  get phase(): State['phase'] {
    return this.#state.phase
  }

  /** Only while idle. */
  run(job: Job): void {
    const timer = setTimeout(() => this.#overrun(job), job.deadlineMs)
    this.#state = { phase: 'busy', job, timer }
    try {
      this.#channel.post({ kind: 'ask', question: job.question })
    } catch (cause) {
      clearTimeout(timer)
      this.#state = { phase: 'idle' }
      const message = 'The parameters hold a value that cannot be sent.'
      job.fail(new EngineError({ code: 'bad_parameters', message }, cause))
      this.#events.onIdle()
    }
  }

  /** Nobody waits for this job any more. */
  abandon(job: Job): void {
    const state = this.#state
    if (state.phase !== 'busy' || state.job !== job) return
    clearTimeout(state.timer)
    state.timer = setTimeout(() => this.#kill(), Math.min(ABORT_MS, job.deadlineMs))
  }

  /** End the process, whatever it does; a job in it fails with this error. */
  close(error: EngineError): void {
    if (this.#state.phase === 'busy') this.#state.job.fail(error)
    this.#kill()
  }

  #kill(): void {
    this.#end({ kind: 'killed' })
  }

  #receive(message: FromReader): void {
    const state = this.#state
    switch (message.kind) {
      case 'opened':
        if (state.phase !== 'starting') return
        clearTimeout(state.timer)
        break
      case 'failed':
        this.#end({ kind: 'cannot_open', error: message.error })
        return
      case 'answer':
        if (state.phase !== 'busy') return
        clearTimeout(state.timer)
        state.job.answer(message.answer)
        this.#events.onAnswer()
        break
      default:
        message satisfies never
        return
    }
    this.#state = { phase: 'idle' }
    this.#events.onIdle()
  }

  #overrun(job: Job): void {
    const message = `The query took longer than ${job.deadlineMs / 1000} s and was stopped.`
    this.close(new EngineError({ code: 'query_timeout', message }))
  }

  #crash(): void {
    const state = this.#state
    const job = state.phase === 'busy' && !state.job.settled ? state.job : null
    this.#end({ kind: 'crashed', job, opened: state.phase !== 'starting' })
  }

  #end(end: RunnerEnd): void {
    const state = this.#state
    if (state.phase === 'gone') return
    if (state.phase !== 'idle') clearTimeout(state.timer)
    this.#state = { phase: 'gone' }
    this.#channel.kill()
    this.#events.onEnd(this, end)
  }
}
