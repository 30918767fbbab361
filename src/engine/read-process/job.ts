/** One question and who waits for its answer. It settles once, whatever happens to the processes. */
import { EngineError } from '../face.ts'
import type { Answer, Question, Value } from './messages.ts'

export class Job {
  readonly question: Question
  readonly deadlineMs: number
  /** Whether a process has died over it. */
  tried = false
  #settled = false
  readonly promise: Promise<Value>
  readonly #resolve: (value: Value) => void
  readonly #reject: (error: EngineError) => void
  #stopListening: () => void = () => undefined

  constructor(question: Question, deadlineMs: number) {
    this.question = question
    this.deadlineMs = deadlineMs
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Fail with `query_aborted` when the signal aborts, and then tell. */
  listen(signal: AbortSignal, onAbort: () => void): void {
    const abort = (): void => {
      this.fail(
        new EngineError({ code: 'query_aborted', message: 'The query was cancelled.' }, signal.reason),
      )
      onAbort()
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#stopListening = () => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
  }

  get settled(): boolean {
    return this.#settled
  }

  answer(answer: Answer): void {
    if (!answer.ok) return this.fail(new EngineError(answer.error))
    this.#settle()
    this.#resolve(answer.value)
  }

  fail(error: EngineError): void {
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    this.#stopListening()
  }
}
