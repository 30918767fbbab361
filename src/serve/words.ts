/** What is worth a line when a status becomes another one. Pure: the times in it are the status's own. */
import { canonicalParameters } from '../status/parameters.ts'
import { fractionOf } from '../status/read.ts'
import { FULL_SYNC } from '../status/status.ts'
import type { ConnectionStatus, Status, StreamStatus } from '../status/status.ts'

/** Progress is told in steps of a tenth. */
const STEPS = 10

/** Lines for the change from `before` to `after`; `before` null: what is known at the start. */
export function changesInWords(before: Status | null, after: Status): string[] {
  return [
    ...connectionInWords(before, after),
    ...progressInWords(before, after),
    ...streamsInWords(before, after),
    ...syncInWords(before, after),
  ]
}

function connectionInWords(before: Status | null, { connection }: Status): string[] {
  if (before !== null && same(before.connection, connection)) return []
  switch (connection.state) {
    case 'offline': {
      return before === null ? [] : ['offline']
    }
    case 'connecting': {
      return ['connecting']
    }
    case 'connected': {
      return ['connected']
    }
    case 'waiting': {
      const { code, message } = connection.reason
      return [`waiting until ${time(connection.retryAt)}: ${message} (${code})`]
    }
  }
}

function progressInWords(before: Status | null, { downloading }: Status): string[] {
  if (downloading === null || downloading.total === 0) return []
  const step = Math.floor(fractionOf(downloading) * STEPS)
  const told = before?.downloading == null ? -1 : Math.floor(fractionOf(before.downloading) * STEPS)
  return step === told ? [] : [`downloading: ${downloading.downloaded} of ${downloading.total} operations`]
}

function streamsInWords(before: Status | null, { streams }: Status): string[] {
  const lines: string[] = []
  for (const [id, stream] of streams) {
    const old = before?.streams.get(id)
    if (old === stream) continue
    if (stream.error !== null && stream.error.message !== old?.error?.message) {
      lines.push(`stream ${nameOf(stream)} failed: ${stream.error.message} (${stream.error.code})`)
    }
    if (stream.lastSyncedAt !== null && old?.lastSyncedAt == null) {
      lines.push(`stream ${nameOf(stream)} synced at ${time(stream.lastSyncedAt)}`)
    }
  }
  return lines
}

function syncInWords(before: Status | null, { priorities }: Status): string[] {
  const at = syncedAt(priorities)
  if (at === null || (before !== null && at === syncedAt(before.priorities))) return []
  return [`${before === null ? 'last ' : ''}synced at ${time(at)}`]
}

function syncedAt(priorities: Status['priorities']): number | null {
  return priorities.find(({ priority }) => priority === FULL_SYNC)?.lastSyncedAt ?? null
}

function nameOf({ name, params }: StreamStatus): string {
  return `${name}${canonicalParameters(params) ?? ''}`
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function same(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return a === b || (a.state === b.state && a.state !== 'waiting')
}
