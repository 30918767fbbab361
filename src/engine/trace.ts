/**
 * Records what happened as a trace (JSON lines that `npm run replay` runs). Off unless given room; when the
 * room is full it stops, since a trace without its beginning cannot be replayed. Tokens are never part of a
 * step.
 */
import type { RecordedStep } from './trace-step.ts'

export class TraceRecorder {
  readonly #limit: number
  readonly #lines: string[] = []
  #bytes = 0
  #full = false
  #time: number | null = null

  /** `limit` in bytes of text; 0 records nothing. */
  constructor(limit: number) {
    this.#limit = limit
  }

  record(now: number, step: RecordedStep): void {
    if (this.#limit === 0 || this.#full) return
    if (this.#time === null || now > this.#time) {
      this.#add({ do: 'time', ms: now })
      this.#time = now
    }
    this.#add(encode(step))
  }

  /** What was recorded, one step a line. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  #add(step: object): void {
    const line = JSON.stringify(step, exactly)
    this.#bytes += line.length + 1
    if (this.#bytes > this.#limit) this.#full = true
    else this.#lines.push(line)
  }
}

/** JSON that can write a number as a text says it; newer than its type. */
const json = JSON as unknown as { readonly rawJSON: (text: string) => unknown }

/**
 * Bound values as a replay binds them again: what is written without a point is an INTEGER. What JSON cannot say
 * (blobs, infinities) can only be in a local-only table and is left out.
 */
function exactly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return json.rawJSON(String(value))
  if (value instanceof Uint8Array) return null
  if (typeof value !== 'number' || !Number.isFinite(value)) return value
  if (Object.is(value, -0)) return json.rawJSON('-0.0')
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? json.rawJSON(value.toExponential()) : value
}

function encode(step: RecordedStep): object {
  switch (step.do) {
    case 'schema': {
      return { do: 'schema', ...step.schema }
    }
    case 'connect': {
      return { do: 'connect', ...step.options }
    }
    case 'line': {
      const { payload } = step
      return typeof payload === 'string'
        ? { do: 'line', text: payload }
        : { do: 'line', bson: Buffer.from(payload).toString('base64') }
    }
    case 'subscribe': {
      const { ttl, ...rest } = step
      return {
        ...rest,
        ttl: ttl === Number.POSITIVE_INFINITY ? 'never' : ttl === null ? undefined : ttl / 1000,
      }
    }
    case 'uploaded': {
      return { ...step, writeCheckpoint: step.writeCheckpoint === null ? null : String(step.writeCheckpoint) }
    }
    case 'writeCheckpoint':
    case 'requestsSeeded': {
      return { ...step, id: String(step.id) }
    }
    case 'execute': {
      const statements = step.statements.map(([sql, parameters = []]) => [sql, parameters])
      return { do: 'execute', statements }
    }
    default: {
      return step
    }
  }
}
