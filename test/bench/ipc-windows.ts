/**
 * Windows that watch the status of a daemon, and what that costs in bytes: every message in its envelope, as both
 * carriers send it.
 */
import { serialize } from 'node:v8'
import { createRouter, type ServedDaemon } from '../../src/ipc/router.ts'
import type { WireMessage } from '../../src/status/message.ts'
import type { StatusScope } from '../../src/status/scope.ts'
import type { Status } from '../../src/status/status.ts'
import { collect, fold, openDocument } from '../ipc/collect.ts'
import type { PeerSubscription } from './peer.ts'

export interface Bytes {
  /** Electron's IPC: the structured-clone serialiser. */
  readonly clone: number
  /** The WebSocket. */
  readonly json: number
}

export interface Sent extends Bytes {
  readonly count: number
}

/** What one window was sent. */
export interface Window {
  /** Since the last `forget`. Snapshots are counted apart. */
  readonly deltas: Sent
  readonly snapshots: Sent
  /** The answers to what acknowledges messages. */
  readonly answers: Sent
  /** The status as the window has it. */
  readonly status: Status
  /** Count from here. */
  forget(): void
  /** Read again. */
  resume(): void
}

export interface WindowOptions {
  readonly scope: StatusScope
  /** A stream that it holds. Default: none. */
  readonly holds?: PeerSubscription
  /** Acknowledges nothing before `resume`. Default false. */
  readonly paused?: boolean
}

export function openWindows(daemon: ServedDaemon): (options: WindowOptions) => Promise<Window> {
  const router = createRouter({ daemon })
  return async ({ scope, holds, paused = false }) => {
    const document = openDocument(router)
    if (holds !== undefined) {
      await collect(document.streams.hold({ name: holds.name, params: holds.params ?? null }))
    }
    let [deltas, snapshots, answers] = [nothing, nothing, nothing]
    let isPaused = paused
    let last = -1
    const ack = () => {
      void document.status.ack({ watchId: 'w', sequence: last })
      answers = plus(answers, { id: 1001, result: { type: 'data' } })
    }
    const { messages } = await collect<WireMessage>(
      document.status.watch({ watchId: 'w', scope }),
      (data) => {
        const envelope = { id: 1000, result: { type: 'data', data } }
        if (data[0] === 0) snapshots = plus(snapshots, envelope)
        else deltas = plus(deltas, envelope)
        last = data[1]
        if (!isPaused) ack()
      },
    )
    return {
      get deltas() {
        return deltas
      },
      get snapshots() {
        return snapshots
      },
      get answers() {
        return answers
      },
      get status() {
        return fold(messages)
      },
      forget: () => {
        deltas = snapshots = answers = nothing
      },
      resume: () => {
        isPaused = false
        ack()
      },
    }
  }
}

const nothing: Sent = { clone: 0, json: 0, count: 0 }

function plus(sum: Sent, message: object): Sent {
  return {
    clone: sum.clone + serialize(message).byteLength,
    json: sum.json + Buffer.byteLength(JSON.stringify(message)),
    count: sum.count + 1,
  }
}
