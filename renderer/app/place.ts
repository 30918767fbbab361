/**
 * Where the user is: a list, and the issue that is open beside it. It lives in the URL's fragment, so that going
 * back, reloading and links work; the host's token has left the fragment before this is first read.
 */
import { useSyncExternalStore } from 'react'

export type ListPlace =
  | { readonly kind: 'my_work' }
  | { readonly kind: 'project'; readonly project: string }
  | { readonly kind: 'archive' }

export interface Place {
  readonly list: ListPlace
  /** Id of the open issue. */
  readonly issue: string | null
}

const HOME: Place = { list: { kind: 'my_work' }, issue: null }

/** Whatever cannot be understood is home. */
export function parsePlace(hash: string): Place {
  const [kind, ...rest] = hash.replace(/^#\/?/, '').split('/').map(decode)
  switch (kind) {
    case 'my-work':
      return { list: { kind: 'my_work' }, issue: rest[0] || null }
    case 'project':
      return rest[0] ? { list: { kind: 'project', project: rest[0] }, issue: rest[1] || null } : HOME
    case 'archive':
      return { list: { kind: 'archive' }, issue: null }
    default:
      return HOME
  }
}

export function placeHash({ list, issue }: Place): string {
  const open = issue === null ? '' : `/${encodeURIComponent(issue)}`
  switch (list.kind) {
    case 'my_work':
      return `#/my-work${open}`
    case 'project':
      return `#/project/${encodeURIComponent(list.project)}${open}`
    case 'archive':
      return '#/archive'
  }
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parsePlace(hash)
}

/** Whoever shows the place hears of it at once; the browser would tell a moment later. */
export function goTo(place: Place): void {
  location.hash = placeHash(place)
  for (const listener of listeners) listener()
}

export function closeIssue(): void {
  goTo({ ...parsePlace(location.hash), issue: null })
}

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('hashchange', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('hashchange', listener)
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
