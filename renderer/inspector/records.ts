/**
 * What this window has heard since it opened: status messages, log lines and the meter. Recording goes on while
 * other panels are shown; how much is kept is bounded.
 */
import type { Client, LogLine, MeterRow, Readable, StatusHeard } from '../../src/ipc/client/index.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'
import { changeWords } from './change-words.ts'
import { Recent } from './recent.ts'

/** A status message with what is known of it. */
export interface HeardMessage {
  /** Counts all messages that this window heard, of all watches. */
  readonly id: number
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  readonly heard: StatusHeard
  /** The status that it changed. */
  readonly before: Status
  /** What it changed, in words. */
  readonly words: string
}

/** A line of the daemon's log, or how many lines are missing between two. */
export type LogEntry =
  | ({ readonly kind: 'line'; readonly id: number } & LogLine)
  | { readonly kind: 'dropped'; readonly id: number; readonly at: number; readonly count: number }

export interface Records {
  readonly messages: Recent<HeardMessage>
  readonly log: Recent<LogEntry>
  readonly meter: Readable<readonly MeterRow[]>
}

const MESSAGES = 500
const LINES = 2000

/** Called once, before the first render: it misses no message. */
export function startRecords(client: Client): Records {
  // Each message keeps a status. They share what did not change, but a thousand streams are a map of thousands.
  const messages = new Recent<HeardMessage>({
    limit: MESSAGES,
    weight: ({ heard }) => 1 + heard.status.streams.size / 1000,
  })
  const log = new Recent<LogEntry>({ limit: LINES })
  const meter = client.watchMeter()

  let before = EMPTY_STATUS
  let count = 0
  client.onStatusMessage((heard) => {
    const at = Date.now()
    messages.add({ id: ++count, at, heard, before, words: changeWords(heard, before, at) })
    before = heard.status
  })

  let lineCount = 0
  client.watchLogs((lines, dropped) => {
    if (dropped > 0) log.add({ kind: 'dropped', id: ++lineCount, at: Date.now(), count: dropped })
    log.add(...lines.map((line) => ({ kind: 'line' as const, id: ++lineCount, ...line })))
  })

  // It counts only while somebody listens.
  meter.subscribe(() => {})
  return { messages, log, meter }
}
