/**
 * What a pane says about its rows, pure: rows with a notice, a wait that explains itself, an honest emptiness, or
 * a failure that says what is safe and what to do. Every pane that shows a stream decides by this one table.
 */
import type { LinkState } from '../../src/ipc/client/index.ts'
import type { ConnectionStatus, ErrorInfo, Progress, StreamStatus } from '../../src/status/status.ts'
import { reasonWords } from '../parts/connection-words.ts'
import { agoInWords } from '../parts/time.ts'
import { isDownloading } from './downloads.ts'
import { capital } from './words.ts'

export interface PaneFacts {
  /** What is shown, as a noun: `issues of Quotes`. */
  readonly what: string
  /** Which rows can be here before the stream has synced, as a clause: `only issues assigned to you are here`. */
  readonly early: string
  readonly rowCount: number
  /** How many of them the user's filter leaves. */
  readonly shownCount: number
  readonly isLoading: boolean
  /** A read that began after the stream had synced found nothing. */
  readonly isKnownEmpty: boolean
  readonly link: LinkState
  readonly connection: ConnectionStatus
  /** Null until the daemon knows the stream. */
  readonly stream: StreamStatus | null
  /** The hold was refused, or the service has a message for the stream. */
  readonly streamError: ErrorInfo | null
  readonly queryError: ErrorInfo | null
}

export type PaneState =
  | { readonly kind: 'rows'; readonly notice: string | null; readonly progress: Progress | null }
  | {
      readonly kind: 'wait'
      readonly title: string
      readonly text: string | null
      readonly progress: Progress | null
      /** The user can end the wait by going online. */
      readonly canConnect: boolean
    }
  | { readonly kind: 'empty'; readonly title: string }
  | { readonly kind: 'failed'; readonly title: string; readonly text: string }

export function paneState(facts: PaneFacts, now: number): PaneState {
  if (facts.queryError !== null) {
    return {
      kind: 'failed',
      title: `The ${facts.what} could not be read`,
      text: `${facts.queryError.message} Nothing is lost: what was synced is on this computer. The list is read again with the next change; if this stays, restart the app.`,
    }
  }
  const isSynced = facts.stream?.lastSyncedAt != null
  // A filter that leaves nothing of rows that are only some says nothing about all.
  if (facts.shownCount > 0 || (facts.rowCount > 0 && isSynced)) {
    const progress = shownProgress(facts)
    return { kind: 'rows', notice: notice(facts, progress !== null, now), progress }
  }
  if (facts.isLoading && facts.link !== 'lost') return wait({ title: `Opening ${facts.what}` })
  if (facts.streamError !== null) {
    return {
      kind: 'failed',
      title: `The ${facts.what} cannot be synced`,
      text: `The service says: ${sentence(facts.streamError.message)} If that is wrong, ask those who run it. Everything else goes on syncing, and nothing on this computer is lost.`,
    }
  }
  if (facts.isKnownEmpty) return { kind: 'empty', title: `No ${facts.what} yet` }
  // The word that it synced is faster than its rows.
  if (isSynced && facts.link === 'open') return wait({ title: `Opening ${facts.what}` })
  return notSyncedYet(facts)
}

function notSyncedYet({ what, early, rowCount, link, connection, stream }: PaneFacts): PaneState {
  if (link === 'lost') {
    return wait({
      title: 'Headwater does not answer this page',
      text: 'It is asked again all the time. What was synced is safe on this computer. If this stays, start the app again, or open the address that it printed.',
    })
  }
  switch (connection.state) {
    case 'connected': {
      const progress = stream?.progress ?? null
      if (progress === null) return wait({ title: `Asking the service for ${what}` })
      return wait({ title: `Downloading ${what}`, progress })
    }
    case 'connecting':
      return wait({ title: `Connecting, to download ${what}` })
    case 'waiting':
      return wait({
        title: `${capital(what)}: not downloaded yet`,
        text: `${reasonWords(connection.reason)} ${rowCount === 0 ? 'The download begins by itself once that is over.' : `Until that is over, ${early}.`}`,
      })
    case 'offline':
      return wait({
        title: `${capital(what)}: not downloaded yet`,
        text:
          rowCount === 0
            ? 'You are offline. The download begins when you go online.'
            : `You are offline, and ${early}. The rest downloads when you go online.`,
        canConnect: link === 'open',
      })
  }
}

function wait(parts: {
  readonly title: string
  readonly text?: string
  readonly progress?: Progress
  readonly canConnect?: boolean
}): PaneState {
  return { kind: 'wait', text: null, progress: null, canConnect: false, ...parts }
}

/** Why the rows on screen may not be the newest; null when they are. */
function notice(
  { early, link, connection, stream, streamError }: PaneFacts,
  isProgressShown: boolean,
  now: number,
): string | null {
  if (link === 'lost') return 'Headwater does not answer this page: what you see may be old.'
  if (streamError !== null)
    return `Showing what was synced before. The service says: ${sentence(streamError.message)}`
  const isOffline = connection.state === 'offline' || connection.state === 'waiting'
  const synced = stream?.lastSyncedAt ?? null
  if (synced === null) {
    if (isProgressShown) return null
    return `${isOffline ? 'Offline, and not downloaded yet' : 'Not downloaded yet'}: ${early}.`
  }
  if (!isOffline) return null
  return `Offline: showing what was synced ${agoInWords(synced, now)}.`
}

function shownProgress({ stream, connection }: PaneFacts): Progress | null {
  return connection.state === 'connected' && isDownloading(stream) ? stream.progress : null
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
