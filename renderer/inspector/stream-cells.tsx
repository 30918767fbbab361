/** The columns of the streams. Each cell reads its own stream, and renders again when that one changes. */
import { useCallback, type ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { useStatus } from '../../src/ipc/client/react.tsx'
import type { Status, StreamStatus } from '../../src/status/status.ts'
import { Bar, number } from '../parts/Bar.tsx'
import { useClock } from '../parts/clock.ts'
import type { DataColumn } from '../parts/DataTable.tsx'
import { ago, exactly } from '../parts/time.ts'
import { timeLeft } from './countdown.ts'
import { goTo } from './place.ts'
import type { StreamRow } from './stream-rows.ts'
import { paramsText, streamFlags, streamState } from './stream-words.ts'

export const streamColumns: readonly DataColumn<StreamRow>[] = [
  {
    id: 'name',
    label: 'Stream',
    width: '1fr',
    minWidth: 170,
    isRowHeader: true,
    allowsSorting: true,
    cell: current(name),
  },
  { id: 'state', label: 'State', width: 128, allowsSorting: true, cell: current(state) },
  {
    id: 'priority',
    label: 'Priority',
    width: 66,
    align: 'end',
    allowsSorting: true,
    cell: current(({ priority }) => priority ?? dash),
  },
  { id: 'progress', label: 'Progress', width: 140, allowsSorting: true, cell: current(progress) },
  { id: 'holders', label: 'Held by', width: 118, allowsSorting: true, cell: current(holders) },
  { id: 'kept', label: 'Runs out', width: 112, allowsSorting: true, cell: current(kept) },
  {
    id: 'synced',
    label: 'Synced',
    width: 84,
    allowsSorting: true,
    cell: current(({ lastSyncedAt: at }) =>
      at === null ? <span className="faint">never</span> : <Moment at={at} words={ago} />,
    ),
  },
]

const dash = <span className="faint">–</span>

type Show = (stream: StreamStatus) => ReactNode

function current(show: Show): (row: StreamRow) => ReactNode {
  return ({ id }) => <Current id={id} show={show} />
}

/** Empty for a moment where the stream is gone and its row not yet. */
function Current({ id, show }: { readonly id: number; readonly show: Show }) {
  const select = useCallback((status: Status) => status.streams.get(id), [id])
  const stream = useStatus(select)
  return stream === undefined ? null : show(stream)
}

function name(stream: StreamStatus) {
  const { id, error } = stream
  const params = paramsText(stream)
  return (
    <>
      <Button
        className="link"
        aria-label={`Buckets of ${stream.name} ${params}`}
        onPress={() => goTo({ panel: 'buckets', stream: id })}
      >
        {stream.name}
      </Button>
      {params !== '' && <code className="cell-more">{params}</code>}
      {error !== null && (
        <span className="cell-error">
          {error.message} <code>{error.code}</code>
        </span>
      )}
    </>
  )
}

function state(stream: StreamStatus) {
  const { tone, label } = streamState(stream)
  return (
    <>
      <span className="state" data-tone={tone}>
        <span className="drop" aria-hidden="true" />
        {label}
      </span>
      <span className="cell-more">{streamFlags(stream)}</span>
    </>
  )
}

function progress({ name: of, progress: done }: StreamStatus) {
  if (done === null || done.total === 0) return dash
  return <Bar label={`Download of ${of}`} progress={done} shape="cell" />
}

/** Windows by name; one that holds a stream several times says how often. */
function holders({ holders: all }: StreamStatus) {
  if (all.length === 0) return <span className="faint">nobody</span>
  return (
    <ul className="tags">
      {[...new Set(all)].map((holder) => {
        const times = all.filter((other) => other === holder).length
        return (
          <li key={holder} className="tag">
            {holder}
            {times > 1 && <span className="count"> ×{number.format(times)}</span>}
          </li>
        )
      })}
    </ul>
  )
}

function kept({ expiresAt, holders: all, hasExplicitSubscription }: StreamStatus) {
  if (expiresAt !== null) return <Moment at={expiresAt} words={(at, now) => timeLeft(at - now)} />
  if (all.length > 0) return <span className="faint">not while held</span>
  return <span className="faint">{hasExplicitSubscription ? 'never' : 'the service’s'}</span>
}

/** A moment in words that keep themselves current, and exactly on hover. */
function Moment({ at, words }: { readonly at: number; readonly words: (at: number, now: number) => string }) {
  const text = useClock((now) => words(at, now))
  return <span title={exactly(at)}>{text}</span>
}
