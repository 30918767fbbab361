/** The user's own changes on their way to the service, in plain words, pure. Decided by codes, never by texts. */
import type { ErrorInfo, Status } from '../../src/status/status.ts'
import type { Tone } from '../parts/connection-words.ts'
import { secondsUntil } from '../parts/time.ts'

export interface UploadWords {
  readonly tone: Tone
  /** A few words: how many, and how they are. */
  readonly label: string
  /** What that means and what is safe, in sentences. */
  readonly text: string
  /** When they are tried again, as a clause; null when no attempt is planned. */
  readonly next: string | null
}

export type UploadFacts = Pick<Status, 'upload' | 'uploadError' | 'connection'>

/** How long it is said that all is sent, in milliseconds. */
const SENT = 4000

/** Null: nothing waits, and nothing has just gone. */
export function uploadWords(
  { upload, uploadError, connection }: UploadFacts,
  now: number,
): UploadWords | null {
  const { transactions, heldTransaction, lastUploadedAt, retryAt } = upload
  if (upload.entries === 0) {
    const isFresh = lastUploadedAt !== null && now - lastUploadedAt < SENT
    if (!isFresh) return null
    return { tone: 'good', label: 'All changes sent', text: 'The service has all your changes.', next: null }
  }
  const changes = countChanges(transactions)
  if (heldTransaction !== null) {
    return { tone: 'bad', label: 'A change was refused', text: heldWords(transactions - 1), next: null }
  }
  if (connection.state === 'offline') {
    return {
      tone: 'off',
      label: `${changes} not sent`,
      text: 'You are offline. Your changes are safe on this computer and go by themselves when you are online.',
      next: null,
    }
  }
  if (uploadError !== null && (retryAt !== null || upload.attempts > 0)) {
    const seconds = retryAt === null ? 0 : secondsUntil(retryAt, now)
    return {
      tone: 'bad',
      label: `${changes} not sent`,
      text: `${sentence(uploadError.message)} Your changes are safe on this computer and are tried again by themselves.`,
      next: seconds === 0 ? 'trying now' : `next try in ${seconds} s`,
    }
  }
  return {
    tone: 'busy',
    label: `Sending ${changes}`,
    text: 'Your changes are safe on this computer and are on their way.',
    next: null,
  }
}

/** What is safe while a change is held back, and others wait behind it. */
export function heldWords(later: number): string {
  const own = 'Your change is still on this computer, and stays until you decide.'
  if (later <= 0) return own
  const waiting = later === 1 ? 'One later change waits' : `${count.format(later)} later changes wait`
  return `${own} ${waiting} behind it, just as safe.`
}

export function countChanges(transactions: number): string {
  return transactions === 1 ? '1 change' : `${count.format(transactions)} changes`
}

/** Why a change could not be saved on this computer, and what of it is safe. */
export function notSavedWords({ code, message }: ErrorInfo): string {
  if (code === 'link_lost') {
    return 'Headwater did not answer, so it may be saved or not. Look before you save again: what you wrote is still here.'
  }
  return `This was not saved. ${sentence(message)} What you wrote is still here.`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

const count = new Intl.NumberFormat('en-GB')
