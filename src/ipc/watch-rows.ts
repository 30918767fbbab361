/**
 * One document's watch of a live query: its rows whole, then what changed since the last message.
 *
 * Invariant: however long the document does not acknowledge, what waits for it is the rows that it has and the
 * newest ones, which share all that did not change; one message then brings it up to date. Where they share too
 * little, the rows that it has are forgotten, and that message has all rows.
 */
import type { LiveHandle, LiveUpdate } from '../daemon/daemon.ts'
import { sizeOfRow, type LiveRows, type RowsChange } from '../status/rows.ts'
import { describeInfo } from './error.ts'
import { Flow } from './flow.ts'
import { encodeChange, encodeFailure, encodeRows, type RowsMessage } from './rows-message.ts'

export interface RowsWatchOptions {
  /** Called by `start`; the handle is closed by `stop`. */
  readonly open: () => LiveHandle
  /** Milliseconds between two messages. */
  readonly interval: number
  readonly send: (message: RowsMessage) => void
}

/** About how many bytes of rows may be kept for one watch that are not among the newest. */
const MAX_OLD_BYTES = 1024 * 1024

export class RowsWatch {
  readonly flow: Flow
  readonly #options: RowsWatchOptions
  #handle: LiveHandle | null = null
  /** The rows that the document has; null: the next rows go whole. */
  #sent: LiveRows | null = null
  /** About how many bytes of rows came since then. */
  #replaced = 0
  /** The newest change, which needs no comparing when it is the only one. */
  #latest: Extract<LiveUpdate, { kind: 'change' }> | null = null

  constructor(options: RowsWatchOptions) {
    this.#options = options
    this.flow = new Flow({
      interval: options.interval,
      send: (sequence) => this.#send(sequence),
      onLost: () => {
        this.#sent = null
        this.flow.due()
      },
    })
  }

  start(): void {
    const handle = (this.#handle = this.#options.open())
    handle.listen((update) => {
      this.#latest = update.kind === 'change' ? update : null
      if (this.flow.isInFlight && update.kind !== 'error') this.#outdate(update)
      this.flow.due()
    })
    if (handle.result !== null || handle.error !== null) this.flow.due()
  }

  stop(): void {
    this.#handle?.close()
  }

  #send(sequence: number): void {
    const { result, error } = this.#handle!
    if (error !== null) this.#options.send(encodeFailure(sequence, describeInfo(error)))
    else if (result !== null) this.#options.send(this.#rows(sequence, result))
  }

  #rows(sequence: number, result: LiveRows): RowsMessage {
    const change = this.#changeTo(result)
    this.#sent = result
    this.#replaced = 0
    this.#latest = null
    return change === null ? encodeRows(sequence, result) : encodeChange(sequence, change)
  }

  #outdate(update: Exclude<LiveUpdate, { kind: 'error' }>): void {
    if (this.#sent === null || update.result === this.#sent) return
    const { rows } = update.result
    const newRows =
      update.kind === 'rows'
        ? rows
        : [...update.change.placed.filter((row) => 'row' in row), ...update.change.changed].map(
            ({ at }) => rows[at]!,
          )
    this.#replaced += newRows.reduce((sum, row) => sum + sizeOfRow(row), 0)
    if (this.#replaced > MAX_OLD_BYTES) this.#sent = null
  }

  #changeTo(result: LiveRows): RowsChange | null {
    if (this.#sent === null) return null
    const latest = this.#latest
    return latest?.before === this.#sent && latest.result === result
      ? latest.change
      : this.#handle!.changeSince(this.#sent)
  }
}
