// @vitest-environment happy-dom
import type { ReactNode } from 'react'
import { act, cleanup, configure, render, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clientOver, type Client, type Trpc } from '../../src/ipc/client/client.ts'
import type { HoldInput } from '../../src/ipc/client/holds.ts'
import {
  ClientProvider,
  useAllSyncStreamsHaveSynced,
  useLink,
  useNamedQuery,
  usePendingChanges,
  useQuery,
  useStatus,
  useSyncStream,
  useSyncStreams,
  useWrite,
} from '../../src/ipc/client/react.tsx'
import type { QueryResult, SqlParameters, Statement, WriteResult } from '../../src/daemon/daemon.ts'
import type { RowsMessage } from '../../src/ipc/rows-message.ts'
import type { HoldMessage } from '../../src/ipc/router.ts'
import { EMPTY_STATUS, type StatusDelta, type StreamStatus } from '../../src/status/status.ts'
import { encodeMessage, type WireMessage } from '../../src/status/message.ts'
import type { TablesMessage } from '../../src/ipc/watch-tables.ts'
import { fakeSource, trpcError } from './fake-source.ts'

// Mounts everything twice, as React does in development to find effects that do not clean up.
configure({ reactStrictMode: true })

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

/** A client over a tRPC client whose other end is this test. */
function fakeHost() {
  const status = fakeSource<{ readonly watchId: string }, WireMessage>()
  const tables = fakeSource<{ readonly watchId: string }, TablesMessage>()
  const ack = { mutate: async () => {} }
  const holds = fakeSource<HoldInput, HoldMessage>()
  const sql = fakeSource<{ readonly sql: string; readonly params: SqlParameters }, RowsMessage>()
  const uploads = fakeSource<{ readonly watchId: string }, RowsMessage>()
  const writes: {
    readonly statements: readonly Statement[]
    readonly resolve: (results: readonly WriteResult[]) => void
    readonly reject: (error: unknown) => void
  }[] = []
  const queries: { readonly name: string; readonly params: unknown }[] = []
  let rows: QueryResult['rows'] = []
  const trpc = {
    status: { watch: { subscribe: status.subscribe }, ack },
    tables: { watch: { subscribe: tables.subscribe }, ack },
    inspect: {},
    streams: { hold: { subscribe: holds.subscribe } },
    sql: {
      watch: { subscribe: sql.subscribe },
      ack,
      write: {
        mutate: ({ statements }: { readonly statements: readonly Statement[] }) => {
          const { promise, resolve, reject } = Promise.withResolvers<readonly WriteResult[]>()
          writes.push({ statements, resolve, reject })
          return promise
        },
      },
    },
    uploads: { watch: { subscribe: uploads.subscribe }, ack },
    queries: {
      run: {
        query: async (input: { readonly name: string; readonly params: unknown }) => {
          queries.push(input)
          return { rows, tables: ['issues'] }
        },
      },
    },
  } as unknown as Trpc
  let sequence = 0
  let tablesSequence = 0
  return {
    client: clientOver(trpc),
    holds,
    sql,
    uploads,
    writes,
    queries,
    setRows: (next: QueryResult['rows']) => (rows = next),
    snapshot: () =>
      status.last().send(encodeMessage({ kind: 'snapshot', epoch: 'e', sequence, status: EMPTY_STATUS })),
    delta: (delta: StatusDelta) =>
      status.last().send(encodeMessage({ kind: 'delta', sequence: ++sequence, delta })),
    changeTables: (names: string[]) => tables.last().send([tablesSequence++, names]),
  }
}

const within =
  (client: Client) =>
  ({ children }: { readonly children: ReactNode }) => (
    <ClientProvider client={client}>{children}</ClientProvider>
  )

const settle = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms))

const stream: StreamStatus = {
  id: 1,
  name: 'project_issues',
  params: { project: 'p' },
  priority: 2,
  active: true,
  isDefault: false,
  hasExplicitSubscription: true,
  expiresAt: null,
  lastSyncedAt: null,
  progress: null,
  error: null,
  holders: ['tab 1'],
}

test('useSyncStream holds once for all components and StrictMode mounts, and lets go after the last', async () => {
  const { client, holds } = fakeHost()
  const Holder = () => useSyncStream({ name: 's', parameters: { b: 1, a: 2 } }).hold.state
  const view = render(
    <>
      <Holder />
      <Holder />
    </>,
    { wrapper: within(client) },
  )
  await settle(100)
  expect(holds.opened).toHaveLength(1)
  act(() => holds.last().send({ state: 'held' }))
  expect(view.container.textContent).toBe('heldheld')
  view.rerender(<Holder />)
  await settle(100)
  expect(holds.openCount()).toBe(1)
  view.unmount()
  await settle(100)
  expect(holds.opened).toHaveLength(1)
  expect(holds.openCount()).toBe(0)
})

test('useSyncStream follows its wish: another one is held, the old one let go, none for null', async () => {
  const { client, holds } = fakeHost()
  const view = renderHook(
    ({ project }: { readonly project: string | null }) =>
      useSyncStream(project === null ? null : { name: 's', parameters: { project } }),
    { wrapper: within(client), initialProps: { project: 'a' as string | null } },
  )
  await settle(100)
  view.rerender({ project: 'b' })
  await settle(100)
  expect(holds.opened.map(({ input, isOpen }) => [input.params, isOpen()])).toEqual([
    [{ project: 'a' }, false],
    [{ project: 'b' }, true],
  ])
  view.rerender({ project: null })
  await settle(100)
  expect(holds.openCount()).toBe(0)
  expect(view.result.current).toEqual({ hold: { state: 'asking' }, status: null, error: null })
})

test('useSyncStream shows what the daemon knows of the stream, and the service’s message for it', async () => {
  const { client, snapshot, delta } = fakeHost()
  const view = renderHook(() => useSyncStream({ name: 'project_issues', parameters: { project: 'p' } }), {
    wrapper: within(client),
  })
  act(() => snapshot())
  expect(view.result.current.status).toBeNull()
  act(() => delta({ streams: new Map([[1, stream]]) }))
  expect(view.result.current.status).toEqual(stream)
  const error = { code: 'stream_error', message: 'No access.' }
  act(() => delta({ streams: new Map([[1, { error }]]) }))
  expect(view.result.current.error).toEqual(error)
})

test('useSyncStream says that others dropped its hold; who mounts later holds anew', async () => {
  const { client, holds } = fakeHost()
  const wish = { name: 'lists' }
  const first = renderHook(() => useSyncStream(wish), { wrapper: within(client) })
  await settle()
  act(() => holds.last().send({ state: 'held' }))
  expect(first.result.current.error).toBeNull()
  const error = { code: 'unsubscribed', message: 'Somebody dropped all holds.' }
  act(() => holds.last().send({ state: 'ended', error }))
  expect(first.result.current).toMatchObject({ hold: { state: 'ended' }, error })
  const asked = holds.opened.length
  const later = renderHook(() => useSyncStream(wish), { wrapper: within(client) })
  await settle()
  act(() => holds.last().send({ state: 'held' }))
  expect(holds.opened.length).toBeGreaterThan(asked)
  expect([first.result.current.hold.state, later.result.current.hold.state]).toEqual(['ended', 'held'])
})

test('useStatus renders only when its selection changes', () => {
  const { client, snapshot, delta } = fakeHost()
  let renders = 0
  renderHook(
    () => {
      renders++
      return useStatus((status) => status.connection)
    },
    { wrapper: within(client) },
  )
  act(() => snapshot())
  const before = renders
  act(() => delta({ streams: new Map([[1, stream]]) }))
  expect(renders).toBe(before)
  act(() => delta({ connection: { state: 'connected' } }))
  expect(renders).toBeGreaterThan(before)
})

test('useStatus keeps an equal selection that is made anew each time', () => {
  const { client, snapshot, delta } = fakeHost()
  const names = (status: { readonly streams: ReadonlyMap<number, StreamStatus> }) =>
    Array.from(status.streams.values(), ({ name }) => name)
  const same = (a: readonly string[], b: readonly string[]) => a.join() === b.join()
  const view = renderHook(() => useStatus(names, same), { wrapper: within(client) })
  act(() => snapshot())
  act(() => delta({ streams: new Map([[1, stream]]) }))
  const selected = view.result.current
  act(() => delta({ streams: new Map([[1, { lastSyncedAt: 5 }]]) }))
  expect(selected).toEqual(['project_issues'])
  expect(view.result.current).toBe(selected)
})

test('useNamedQuery waits for the link, runs once for all, and again when its tables change', async () => {
  const { client, queries, setRows, snapshot, changeTables } = fakeHost()
  setRows([{ id: '1', title: 'one' }])
  const Titles = () =>
    useNamedQuery<{ readonly id: string; readonly title: string }>('project_issues', { project: 'p' })
      .rows.map(({ title }) => title)
      .join()
  const view = render(
    <>
      <Titles />
      <Titles />
    </>,
    { wrapper: within(client) },
  )
  await settle(100)
  expect(queries).toHaveLength(0)
  act(() => snapshot())
  await settle(100)
  expect(queries).toEqual([{ name: 'project_issues', params: { project: 'p' } }])
  expect(view.container.textContent).toBe('oneone')
  setRows([{ id: '1', title: 'changed' }])
  act(() => changeTables(['comments']))
  await settle(100)
  expect(queries).toHaveLength(1)
  act(() => changeTables(['issues']))
  await settle(100)
  expect(queries).toHaveLength(2)
  expect(view.container.textContent).toBe('changedchanged')
})

test('useLink: opening until the first snapshot', () => {
  const { client, snapshot } = fakeHost()
  const view = renderHook(() => useLink(), { wrapper: within(client) })
  expect(view.result.current).toBe('opening')
  act(() => snapshot())
  expect(view.result.current).toBe('open')
})

test('useSyncStreams holds each wish once, follows its list, and keeps the states’ identity', async () => {
  const { client, holds, snapshot, delta } = fakeHost()
  const view = renderHook(
    ({ projects }: { readonly projects: readonly string[] }) =>
      useSyncStreams(projects.map((project) => ({ name: 'project_issues', parameters: { project } }))),
    { wrapper: within(client), initialProps: { projects: ['p', 'q', 'r'] } },
  )
  act(() => snapshot())
  await settle(100)
  expect(holds.opened.map(({ input }) => input.params)).toEqual([
    { project: 'p' },
    { project: 'q' },
    { project: 'r' },
  ])
  act(() => delta({ streams: new Map([[1, stream]]) }))
  act(() => holds.opened[0]!.send({ state: 'held' }))
  act(() => holds.opened[1]!.send({ state: 'refused', error: { code: 'invalid_ttl', message: 'No.' } }))
  expect(view.result.current).toEqual([
    { hold: { state: 'held' }, status: stream, error: null },
    {
      hold: { state: 'refused', error: { code: 'invalid_ttl', message: 'No.' } },
      status: null,
      error: { code: 'invalid_ttl', message: 'No.' },
    },
    { hold: { state: 'asking' }, status: null, error: null },
  ])
  const before = view.result.current
  view.rerender({ projects: ['p', 'q', 'r'] })
  act(() => delta({ connection: { state: 'connecting' } }))
  expect(view.result.current).toBe(before)
  view.rerender({ projects: ['r'] })
  await settle(100)
  expect(holds.opened.map(({ isOpen }) => isOpen())).toEqual([false, false, true])
  view.unmount()
  await settle(100)
  expect(holds.openCount()).toBe(0)
})

test('useAllSyncStreamsHaveSynced is true when the last of them has, and holds none', async () => {
  const { client, holds, snapshot, delta } = fakeHost()
  const streams = [
    { name: 'project_issues', parameters: { project: 'p' } },
    { name: 'project_issues', parameters: { project: 'q' } },
  ]
  const view = renderHook(() => useAllSyncStreamsHaveSynced(streams), { wrapper: within(client) })
  act(() => snapshot())
  act(() => delta({ streams: new Map([[1, { ...stream, lastSyncedAt: 1 }]]) }))
  expect(view.result.current).toBe(false)
  act(() =>
    delta({ streams: new Map([[2, { ...stream, id: 2, params: { project: 'q' }, lastSyncedAt: 1 }]]) }),
  )
  expect(view.result.current).toBe(true)
  await settle(100)
  expect(holds.opened).toHaveLength(0)
})

test('useNamedQuery holds its streams and loads until those that it waits for have synced', async () => {
  const { client, holds, setRows, snapshot, delta } = fakeHost()
  setRows([{ id: '1' }])
  const view = renderHook(
    () =>
      useNamedQuery('issues', undefined, {
        streams: [
          { name: 'project_issues', parameters: { project: 'p' }, waitForStream: true },
          { name: 'never_comes' },
        ],
      }),
    { wrapper: within(client) },
  )
  act(() => snapshot())
  await settle(100)
  expect(holds.openCount()).toBe(2)
  expect(view.result.current).toMatchObject({ rows: [{ id: '1' }], isLoading: true, error: null })
  act(() => delta({ streams: new Map([[1, stream]]) }))
  expect(view.result.current.isLoading).toBe(true)
  act(() => delta({ streams: new Map([[1, { lastSyncedAt: 5 }]]) }))
  expect(view.result.current).toMatchObject({ isLoading: false, error: null })
  view.unmount()
  await settle(100)
  expect(holds.openCount()).toBe(0)
})

test('useNamedQuery gives the error of a stream that it waits for, as data, and stops loading', async () => {
  const { client, snapshot, delta } = fakeHost()
  const view = renderHook(
    () =>
      useNamedQuery('issues', undefined, {
        streams: [{ name: 'project_issues', parameters: { project: 'p' }, waitForStream: true }],
      }),
    { wrapper: within(client) },
  )
  act(() => snapshot())
  await settle(100)
  const error = { code: 'stream_error', message: 'No access.' }
  act(() => delta({ streams: new Map([[1, { ...stream, error }]]) }))
  expect(view.result.current).toMatchObject({ isLoading: false, error })
})

test('useQuery reads SQL once for all components and StrictMode mounts, and renders what changed', async () => {
  const { client, sql } = fakeHost()
  const titles: string[] = []
  function Titles() {
    const { rows } = useQuery<{ readonly id: string; readonly title: string }>(
      'SELECT id, title FROM issues WHERE project = ?',
      ['p'],
    )
    titles.push(rows.map(({ title }) => title).join())
    return null
  }
  const view = render(
    <>
      <Titles />
      <Titles />
    </>,
    { wrapper: within(client) },
  )
  await settle()
  expect(sql.openCount()).toBe(1)
  expect(sql.last().input).toMatchObject({
    sql: 'SELECT id, title FROM issues WHERE project = ?',
    params: ['p'],
    key: 'id',
  })
  act(() =>
    sql.last().send([
      0,
      0,
      ['id', 'title'],
      [
        ['1', 'one'],
        ['2', 'two'],
      ],
    ]),
  )
  expect(titles.at(-1)).toBe('one,two')
  const renders = titles.length
  act(() => sql.last().send([1, 1, [0], [], [[0, 1, 'changed']]]))
  expect(titles.at(-1)).toBe('changed')
  const rendered = titles.length
  expect(rendered).toBeGreaterThan(renders)
  act(() => sql.last().send([1, 2, [], [], []]))
  expect(titles.length).toBe(rendered)
  view.unmount()
  await settle()
  expect(sql.openCount()).toBe(0)
})

test('useQuery gives an error as data, keeps its rows, and asks anew for other parameters', async () => {
  const { client, sql } = fakeHost()
  const { result, rerender } = renderHook(({ id }) => useQuery('SELECT id FROM issues WHERE id = ?', [id]), {
    wrapper: within(client),
    initialProps: { id: 1n },
  })
  expect(result.current).toMatchObject({ rows: [], isLoading: true, error: null })
  act(() => sql.last().send([0, 0, ['id'], [['a']]]))
  act(() => sql.last().send([2, 1, 'query_timeout', 'It took too long.']))
  expect(result.current).toMatchObject({
    rows: [{ id: 'a' }],
    isLoading: false,
    error: { code: 'query_timeout' },
  })
  rerender({ id: 2n })
  await settle()
  expect(sql.opened.map(({ input }) => input.params)).toEqual([[1n], [2n]])
  expect(sql.openCount()).toBe(1)
  expect(result.current).toMatchObject({ rows: [], isLoading: true, error: null })
})

test('rows that come anew and are equal keep their identity, and nothing renders', async () => {
  const { client, sql } = fakeHost()
  let renders = 0
  const { result } = renderHook(() => (renders++, useQuery('SELECT id, bytes FROM files')), {
    wrapper: within(client),
  })
  const message = (sequence: number): RowsMessage => [
    0,
    sequence,
    ['id', 'bytes'],
    [
      ['a', new Uint8Array([1])],
      ['b', 2n],
    ],
  ]
  act(() => sql.last().send(message(0)))
  const { rows } = result.current
  const before = renders
  act(() => sql.last().send(message(1)))
  expect(result.current.rows).toBe(rows)
  expect(renders).toBe(before)
})

test('useWrite: pending until it is on the disk; a failure rejects and is data, too', async () => {
  const { client, writes } = fakeHost()
  const { result } = renderHook(() => useWrite(), { wrapper: within(client) })
  const { execute } = result.current
  const settled: string[] = []
  act(() => void execute('DELETE FROM todos WHERE id = ?', ['a']).then(() => settled.push('written')))
  expect(writes[0]!.statements).toEqual([['DELETE FROM todos WHERE id = ?', ['a']]])
  expect(result.current).toMatchObject({ isPending: true, error: null })
  writes[0]!.resolve([{ rows: [], changes: 1 }])
  await settle()
  expect(settled).toEqual(['written'])
  expect(result.current).toMatchObject({ isPending: false, error: null })
  act(() => void result.current.batch([['DELETE FROM todos'], ['DELETE FROM lists']]))
  writes[1]!.reject(trpcError('TIMEOUT', { code: 'lock_timeout', message: 'Too long.' }))
  await settle()
  expect(result.current).toMatchObject({
    isPending: false,
    error: { code: 'lock_timeout', message: 'Too long.' },
  })
  expect(result.current.execute).toBe(execute)
})

test('usePendingChanges shows what waits, oldest first, while somebody looks', async () => {
  const { client, uploads } = fakeHost()
  const { result, unmount } = renderHook(() => usePendingChanges(), { wrapper: within(client) })
  expect(result.current).toEqual({ entries: [], more: false })
  const columns = ['id', 'table', 'rowId', 'op', 'transactionId']
  act(() => uploads.last().send([0, 0, columns, [[1, 'issues', 'a', 'PUT', 1]]]))
  const [first] = result.current.entries
  expect(first).toEqual({ id: 1, table: 'issues', rowId: 'a', op: 'PUT', transactionId: 1 })
  act(() => uploads.last().send([1, 1, [], [[1, [2, 'issues', 'a', 'PATCH', 2]]], []]))
  expect(result.current.entries).toHaveLength(2)
  expect(result.current.entries[0]).toBe(first)
  unmount()
  await settle()
  expect(uploads.openCount()).toBe(0)
})
