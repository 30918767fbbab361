/** What was recorded replays: each stream, each line, each failure. */
import { afterEach, expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.ts'
import type { Daemon } from '../../src/daemon/daemon.ts'
import { DaemonFixture, until } from './fixture.ts'
import { todosCheckpoint } from './scripted-service.ts'

let fixture: DaemonFixture
afterEach(() => fixture.close())

type TodoLines = [checkpoint: object, data: { data: { data: { data: string }[] } }, complete: object]

async function recording(): Promise<Daemon> {
  fixture = await DaemonFixture.start()
  return await fixture.open({}, { traceBytes: 1_000_000 })
}

const stepsOf = (trace: string) =>
  trace
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { do: string }).do)
    .filter((step) => step !== 'time')

const isSynced = ({ connection, downloading, priorities }: Daemon['status']) =>
  connection.state === 'connected' && downloading === null && priorities.length > 0

test('a stream that opens by itself is a step, and its lines replay', async () => {
  const daemon = await recording()
  await daemon.connect()
  const first = await fixture.service.stream(0)
  first.say(...todosCheckpoint({ a: 'bread' }))
  const { priorities } = await until(daemon, isSynced)
  first.end()
  const second = await fixture.service.stream(1)
  const [checkpoint, data, complete] = todosCheckpoint({ a: 'bread', b: 'milk' }) as TodoLines
  data.data.data.shift()
  second.say(checkpoint, data, complete)
  await until(daemon, (status) => status.priorities[0] !== priorities[0])
  await daemon.syncStream('other').subscribe()
  await fixture.service.stream(2)

  const trace = await daemon.trace()
  expect(stepsOf(trace).slice(0, 14)).toEqual([
    'schema',
    'connect',
    'established',
    'line',
    'line',
    'line',
    'end',
    'connect',
    'established',
    'line',
    'line',
    'line',
    'subscribe',
    'connect',
  ])
  const printed = await replay(`${trace}{"do":"dump"}\n`)
  expect(printed.join('\n')).not.toContain('ignored')
  expect(JSON.parse(printed.at(-1)!)).toMatchObject({
    rows: {
      todos: [
        { id: 'a', description: 'bread' },
        { id: 'b', description: 'milk' },
      ],
    },
  })
})

test('a line that storage refuses fails alone, is recorded with its failure, and ends the stream', async () => {
  const daemon = await recording()
  await daemon.connect()
  const stream = await fixture.service.stream(0)
  const [checkpoint, data, complete] = todosCheckpoint({ a: 'bread' }) as TodoLines
  data.data.data[0]!.data = 'no JSON'
  stream.say(checkpoint, data, complete)
  await until(daemon, ({ connection }) => connection.state === 'waiting')

  const trace = await daemon.trace()
  expect(stepsOf(trace)).toEqual(['schema', 'connect', 'established', 'line', 'fail', 'line', 'end'])
  const printed = await replay(`${trace}{"do":"connect"}\n{"do":"dump"}\n`)
  const errors = printed
    .map((line) => JSON.parse(line) as { error?: { code: string } })
    .filter(({ error }) => error)
  expect(errors).toHaveLength(1)
  expect(JSON.parse(printed.at(-2)!)).toMatchObject({ request: { buckets: [] } })
})

test('a frame that cannot be decoded ends the stream in the trace too', async () => {
  const daemon = await recording()
  fixture.service.refuseWith((response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.powersync.bson-stream' })
    response.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
  })
  await daemon.connect()
  const { downloadError } = await until(daemon, ({ connection }) => connection.state === 'waiting')
  expect(downloadError).toMatchObject({ code: 'protocol' })
  expect(stepsOf(await daemon.trace())).toEqual(['schema', 'connect', 'established', 'end'])
})
