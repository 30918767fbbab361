/**
 * Which streams a table lists and in which order. What each of them is doing is not in its row: the cells read
 * that by themselves, so that a change costs the cells that show it and not the table.
 *
 * Invariant: the list keeps its identity until a stream comes, goes, moves or needs another height, and a row until
 * it needs another height.
 */
import { isSameList } from '../../src/ipc/client/selection.ts'
import type { Status, StreamStatus } from '../../src/status/status.ts'
import { sorted, type Direction } from './sorted.ts'
import { matchesStream, sortValue, streamState, type StreamSort } from './stream-words.ts'

/** What names a stream, and what its row's height depends on. */
export type StreamRow = Pick<StreamStatus, 'id' | 'error' | 'holders'>

export type ShownStreams = 'all' | 'held' | 'downloading' | 'error'

export interface StreamView {
  readonly shown: ShownStreams
  /** Words of a search, in lower case. */
  readonly words: readonly string[]
  readonly sort: StreamSort
  readonly direction: Direction
}

/**
 * @example
 * const rows = new StreamRows()
 * rows.list(status.streams, { shown: 'held', words: [], sort: 'name', direction: 'ascending' })
 */
export class StreamRows {
  #listed: readonly StreamRow[] = []
  #known: ReadonlyMap<number, StreamRow> = new Map()

  list(streams: Status['streams'], { shown, words, sort, direction }: StreamView): readonly StreamRow[] {
    const some = [...streams.values()].filter(
      (stream) => shownStreams[shown](stream) && matchesStream(stream, words),
    )
    const rows = sorted(some, (stream) => sortValue(stream, sort), direction).map((stream) =>
      this.#row(stream),
    )
    if (!isSameList(rows, this.#listed)) {
      this.#listed = rows
      this.#known = new Map(rows.map((row) => [row.id, row]))
    }
    return this.#listed
  }

  #row({ id, error, holders }: StreamStatus): StreamRow {
    const known = this.#known.get(id)
    return known?.error === error && known.holders === holders ? known : { id, error, holders }
  }
}

/** How many streams each choice would show. */
export function countStreams(streams: Status['streams']): { readonly [shown in ShownStreams]: number } {
  const counts = { all: 0, held: 0, downloading: 0, error: 0 }
  for (const stream of streams.values()) {
    for (const shown of ALL_SHOWN) if (shownStreams[shown](stream)) counts[shown]++
  }
  return counts
}

const shownStreams: { readonly [shown in ShownStreams]: (stream: StreamStatus) => boolean } = {
  all: () => true,
  held: ({ holders }) => holders.length > 0,
  downloading: (stream) => streamState(stream).label === 'Downloading',
  error: ({ error }) => error !== null,
}

const ALL_SHOWN = Object.keys(shownStreams) as ShownStreams[]
