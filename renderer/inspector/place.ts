/**
 * Which panel is shown, and the stream whose buckets are: in the URL's fragment, so that going back and reloading
 * work. The host's token has left the fragment before this is first read.
 */
import { useSyncExternalStore } from 'react'

/** In the order of their tabs. */
export const panels = [
  { id: 'streams', label: 'Streams' },
  { id: 'buckets', label: 'Buckets' },
  { id: 'uploads', label: 'Uploads' },
  { id: 'messages', label: 'Status deltas' },
  { id: 'ipc', label: 'IPC' },
  { id: 'log', label: 'Log' },
] as const

export type Panel = (typeof panels)[number]['id']

export interface Place {
  readonly panel: Panel
  /** Only buckets of the stream with this id; null: of all. */
  readonly stream: number | null
}

/** Whatever cannot be understood is the first panel. */
export function parsePlace(hash: string): Place {
  const [panel = '', stream = ''] = hash.replace(/^#\/?/, '').split('/')
  return {
    panel: isPanel(panel) ? panel : 'streams',
    stream: panel === 'buckets' && /^\d+$/.test(stream) ? Number(stream) : null,
  }
}

export function placeHash({ panel, stream }: Place): string {
  return stream === null ? `#/${panel}` : `#/${panel}/${stream}`
}

export function isPanel(name: unknown): name is Panel {
  return panels.some(({ id }) => id === name)
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parsePlace(hash)
}

export function goTo(place: Place): void {
  location.hash = placeHash(place)
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
