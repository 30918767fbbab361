/** Calls of the router without a carrier: a document that collects what a subscription delivers. */
import type { Unsubscribable } from '@trpc/server/observable'
import type { createRouter } from '../../src/ipc/router.ts'
import type { WindowRole } from '../../src/ipc/window.ts'
import { decodeMessage, type StatusMessage, type WireMessage } from '../../src/status/message.ts'
import { applyDelta } from '../../src/status/delta.ts'
import { EMPTY_STATUS, type Status } from '../../src/status/status.ts'

export type Caller = ReturnType<ReturnType<typeof createRouter>['createCaller']>

let documents = 0

/** Another document, of another window. */
export function openDocument(router: ReturnType<typeof createRouter>, role: WindowRole = 'app'): Caller {
  const number = ++documents
  return router.createCaller({ window: { id: `document-${number}`, name: `main ${number}`, role } })
}

export interface Collected<T> {
  readonly messages: T[]
  readonly errors: unknown[]
  readonly isCompleted: () => boolean
  readonly stop: () => void
}

/** Subscribes and collects; `stop` ends it. */
export async function collect<T>(
  subscription: Promise<{ subscribe(observer: object): Unsubscribable }>,
  onMessage: (message: T) => void = () => {},
): Promise<Collected<T>> {
  const messages: T[] = []
  const errors: unknown[] = []
  let completed = false
  const { unsubscribe } = (await subscription).subscribe({
    next: (message: T) => {
      messages.push(message)
      onMessage(message)
    },
    error: (error: unknown) => errors.push(error),
    complete: () => (completed = true),
  })
  return { messages, errors, isCompleted: () => completed, stop: unsubscribe }
}

/** What a document has that took these messages, as they arrive over JSON. */
export function fold(messages: readonly WireMessage[]): Status {
  return messages
    .map((wire) => decodeMessage(JSON.parse(JSON.stringify(wire)) as WireMessage))
    .reduce(applyMessage, EMPTY_STATUS)
}

function applyMessage(status: Status, message: StatusMessage): Status {
  return message.kind === 'snapshot' ? message.status : applyDelta(status, message.delta)
}
