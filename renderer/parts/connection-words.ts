/** The connection and its errors in plain words, pure. Decided by codes, never by the text of an error. */
import type { LinkState } from '../../src/ipc/client/index.ts'
import type { ConnectionStatus, ErrorInfo } from '../../src/status/status.ts'
import { secondsUntil } from './time.ts'

/** `good` and `busy` need nobody; `off` is the user's wish; `bad` says that something stands in the way. */
export type Tone = 'good' | 'busy' | 'off' | 'bad'

export interface ConnectionWords {
  readonly tone: Tone
  /** One or two words. */
  readonly label: string
  /** Why, in a sentence; null when the label says it all. */
  readonly reason: string | null
  /** When the next attempt is, as a clause; null when none is planned. */
  readonly next: string | null
}

export function connectionWords(link: LinkState, connection: ConnectionStatus, now: number): ConnectionWords {
  switch (link) {
    case 'opening':
      return { tone: 'busy', label: 'Opening', reason: null, next: null }
    case 'lost':
      return {
        tone: 'bad',
        label: 'No answer',
        reason: 'Headwater does not answer this page. What was synced is safe.',
        next: 'trying again',
      }
    case 'refused':
      return { tone: 'bad', label: 'No access', reason: 'This address has no valid key.', next: null }
    case 'open':
      return syncWords(connection, now)
  }
}

function syncWords(connection: ConnectionStatus, now: number): ConnectionWords {
  switch (connection.state) {
    case 'offline':
      return { tone: 'off', label: 'Offline', reason: 'Syncing is off.', next: null }
    case 'connecting':
      return { tone: 'busy', label: 'Connecting', reason: null, next: null }
    case 'connected':
      return { tone: 'good', label: 'Connected', reason: null, next: null }
    case 'waiting': {
      const seconds = secondsUntil(connection.retryAt, now)
      return {
        tone: 'bad',
        label: 'Waiting',
        reason: reasonWords(connection.reason),
        next: seconds === 0 ? 'trying now' : `next try in ${seconds} s`,
      }
    }
  }
}

/** Why the sync stands still. Codes that have no sentence here bring their own. */
export function reasonWords({ code, message }: ErrorInfo): string {
  return reasons[code] ?? message
}

const reasons: { readonly [code: string]: string } = {
  unreachable: 'The sync service does not answer.',
  unauthorized: 'The sync service did not accept the sign-in.',
  not_a_sync_service: 'Something else answered in the place of the sync service: a sign-in page or a proxy.',
  broken: 'The connection broke.',
  silent: 'The sync service went silent.',
  protocol: 'The sync service sent something that cannot be understood.',
  credentials_failed: 'Signing in failed.',
}
