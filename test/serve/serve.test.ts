/** `npm run serve` as its user runs it: a process, a configuration file, a service. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scriptedService, todosCheckpoint } from '../daemon/scripted-service.ts'
import type { ScriptedService } from '../daemon/scripted-service.ts'

let folder: string
let service: ScriptedService
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-serve-'))
  service = await scriptedService()
})
afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})

function start(config: object, ...flags: string[]) {
  const path = join(folder, 'config.json')
  writeFileSync(path, JSON.stringify(config))
  const child = spawn(process.execPath, ['src/serve/cli.ts', '--config', path, ...flags])
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  const exit = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }))
  })
  return { child, exit }
}

const config = () => ({
  endpoint: service.url,
  token: 'secret-token',
  database: 'data.db',
  schema: { tables: { todos: { columns: { description: 'text' } }, other: { columns: {} } } },
  parameters: { region: 'eu' },
})

const listsCheckpoint = (streams: object[]) => [
  {
    checkpoint: {
      last_op_id: '1',
      buckets: [{ bucket: 'l', checksum: 0, count: 0, priority: 1, subscriptions: [{ sub: 0 }] }],
      streams,
    },
  },
  { checkpoint_complete: { last_op_id: '1' } },
]

describe('npm run serve', () => {
  test('--once prints the ready line, what happens, and the row counts, and exits with 0', async () => {
    const { exit } = start(config(), '--once')
    const stream = await service.stream(0)
    expect(stream.request.parameters).toEqual({ region: 'eu' })
    expect(stream.token).toBe('secret-token')
    stream.say(...todosCheckpoint({ a: 'bread', b: 'milk' }))
    const { code, out, err } = await exit
    const lines = out.trim().split('\n')
    expect(lines[0]).toBe(`Headwater ready: ${join(folder, 'data.db')}`)
    expect(lines).toEqual(expect.arrayContaining(['connecting', 'connected']))
    expect(out).toMatch(/^stream todos synced at \d{4}-/m)
    expect(JSON.parse(lines.at(-1)!)).toEqual({ todos: 2, other: 0 })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).not.toContain('secret-token')
  })

  test('a token command is run for each fresh token, and streams are subscribed as asked', async () => {
    const { token: _token, ...rest } = config()
    const streams = [{ name: 'lists', params: { of: 'me' }, ttl: 'never', priority: 1 }]
    const { exit } = start({ ...rest, tokenCommand: 'echo from-the-command', streams }, '--once')
    const stream = await service.stream(0)
    expect(stream.token).toBe('from-the-command')
    expect(stream.request.streams.subscriptions).toEqual([
      { stream: 'lists', parameters: { of: 'me' }, override_priority: 1 },
    ])
    stream.say(...listsCheckpoint([{ name: 'lists', is_default: false, errors: [] }]))
    expect((await exit).code).toBe(0)
  })

  test('--once exits with 1 and the reason when a stream cannot sync', async () => {
    const { exit } = start({ ...config(), streams: [{ name: 'nope' }] }, '--once')
    const stream = await service.stream(0)
    stream.say(...listsCheckpoint([]))
    const { code, err } = await exit
    expect(code).toBe(1)
    expect(err).toContain('does not know the stream nope')
  })

  test('--once exits with 1 too when what cannot sync has synced in an earlier run', async () => {
    const streams = [{ name: 'lists', ttl: 'never' }]
    const first = start({ ...config(), streams }, '--once')
    const stream = await service.stream(0)
    stream.say(...listsCheckpoint([{ name: 'lists', is_default: false, errors: [] }]))
    expect((await first.exit).code).toBe(0)
    const second = start({ ...config(), streams }, '--once')
    const later = await service.stream(1)
    later.say(...listsCheckpoint([]))
    const { code, err } = await second.exit
    expect(code).toBe(1)
    expect(err).toContain('does not know the stream lists')
  })

  test('without --once it runs until it is told to end', async () => {
    const { child, exit } = start(config())
    await service.stream(0)
    child.kill('SIGTERM')
    expect((await exit).code).toBe(0)
  })

  test.each([
    ['no token at all', { token: undefined }, /either "token" or "tokenCommand"/],
    ['an endpoint that is no URL', { endpoint: 'example' }, /endpoint/],
    ['a name that nobody knows', { stream: [] }, /stream/],
  ])('says what is wrong with %s', async (_what, change, message) => {
    const { code, err } = await start({ ...config(), ...change }).exit
    expect(code).toBe(1)
    expect(err).toMatch(message)
  })
})
