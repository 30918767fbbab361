/** SQL of windows in processes of its own: endless, aborted, crashed and abandoned, no wait stays open. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { forkReader } from '../../src/engine/read-process/channel.ts'
import { Restarts } from '../../src/engine/read-process/restarts.ts'
import { HeldChannel } from './held-channel.ts'
import { code, ENDLESS, entry, isAlive, Processes, ReadFixture, schema, until } from './read-fixture.ts'

const fixture = new ReadFixture()
afterEach(() => fixture.closeAll())
afterAll(() => fixture.remove())
const readers = fixture.open.bind(fixture)

describe('an endless query', () => {
  it('delays nobody', async () => {
    const reader = readers({ deadlineMs: 60_000 })
    let ended = false
    const endless = reader.query(ENDLESS).catch(() => (ended = true))
    for (let i = 0; i < 20; i++) {
      expect(await reader.query('SELECT count(*) FROM todos')).toMatchObject({ rows: [[2]] })
    }
    expect(ended).toBe(false)
    await reader.close()
    await endless
  })

  it('ends at its deadline, with its process', async () => {
    const processes = new Processes()
    const reader = readers({ deadlineMs: 1_000, spawn: processes.spawn })
    await expect(reader.query(ENDLESS)).rejects.toEqual(code('query_timeout'))
    expect(await reader.query('SELECT 1')).toMatchObject({ rows: [[1]] })
    await until(() => !isAlive(processes.pids[0]!))
    expect(processes.pids).toHaveLength(2)
  })

  it('in every process at once still lets those behind have their turn', async () => {
    const processes = new Processes()
    const reader = readers({ deadlineMs: 1_000, spawn: processes.spawn })
    const endless = Promise.allSettled([ENDLESS, ENDLESS, ENDLESS].map((sql) => reader.query(sql)))
    expect(await reader.query('SELECT 1')).toMatchObject({ rows: [[1]] })
    for (const result of await endless) expect(result).toMatchObject({ reason: { code: 'query_timeout' } })
    expect(processes.pids.length).toBeGreaterThan(2)
  })

  it('to prepare ends too, and is no verdict', async () => {
    const chain = Array.from({ length: 40 }, (_, i) => `c${i + 1} AS (SELECT 1 FROM c${i}, c${i})`).join(', ')
    const sql = `WITH c0 AS (SELECT 1), ${chain} SELECT 1 FROM c40`
    const reader = readers({ deadlineMs: 400 })
    await expect(reader.query(sql)).rejects.toEqual(code('query_timeout'))
    await expect(reader.rehearse([[`DELETE FROM todos WHERE id IN (${sql})`]])).rejects.toEqual(
      code('query_timeout'),
    )
  })

  it('that is aborted fails at once and ends; the others get their answers', async () => {
    const processes = new Processes()
    const reader = readers({ deadlineMs: 60_000, spawn: processes.spawn })
    await reader.query('SELECT 1')
    const abort = new AbortController()
    const reason = new Error('no longer shown')
    const endless = reader.query(ENDLESS, [], { signal: abort.signal })
    const others = [1, 2, 3].map((n) => reader.query('SELECT ?', [n]))
    abort.abort(reason)
    await expect(endless).rejects.toEqual(code('query_aborted'))
    await expect(endless).rejects.toHaveProperty('cause', reason)
    for (const [index, other] of others.entries()) expect((await other).rows).toEqual([[index + 1]])
    await until(() => !isAlive(processes.pids[0]!))
  })

  it('does not keep close() waiting, nor a process alive', async () => {
    const processes = new Processes()
    const reader = readers({ deadlineMs: 60_000, spawn: processes.spawn })
    const asked = [ENDLESS, ENDLESS, 'SELECT 1'].map((sql) => reader.query(sql))
    const settled = Promise.allSettled(asked)
    await until(() => processes.pids.length === 2)
    await reader.close()
    for (const result of await settled) expect(result).toMatchObject({ reason: { code: 'closed' } })
    expect(processes.pids.filter(isAlive)).toEqual([])
    await expect(reader.query('SELECT 1')).rejects.toEqual(code('closed'))
    await reader.close()
  })
})

describe('an abort', () => {
  it('of a query that waits takes it from the queue', async () => {
    const channel = new HeldChannel()
    const reader = readers({ spawn: channel.spawn })
    const abort = new AbortController()
    const first = reader.query('SELECT 1')
    const second = reader.query('SELECT 2', [], { signal: abort.signal })
    abort.abort()
    await expect(second).rejects.toEqual(code('query_aborted'))
    channel.answer({ kind: 'opened' })
    channel.answerRows([[1]])
    expect((await first).rows).toEqual([[1]])
    expect(channel.asked()).toEqual(['SELECT 1'])
  })

  it('before the query fails it without asking', async () => {
    const channel = new HeldChannel()
    const asked = readers({ spawn: channel.spawn }).query('SELECT 1', [], { signal: AbortSignal.abort() })
    await expect(asked).rejects.toEqual(code('query_aborted'))
    expect(channel.posted).toEqual([])
  })

  it('of a query that answers soon ends no process', async () => {
    const channel = new HeldChannel()
    const reader = readers({ spawn: channel.spawn })
    const abort = new AbortController()
    const first = reader.query('SELECT 1', [], { signal: abort.signal })
    channel.answer({ kind: 'opened' })
    abort.abort()
    await expect(first).rejects.toEqual(code('query_aborted'))
    channel.answerRows([[1]])
    const second = reader.query('SELECT 2')
    channel.answerRows([[2]])
    expect((await second).rows).toEqual([[2]])
    expect(channel.kills).toBe(0)
  })
})

describe('a process that dies', () => {
  it('over a query: it is asked once more in the next one', async () => {
    const processes = new Processes()
    const reader = readers({ deadlineMs: 60_000, spawn: processes.spawn })
    await reader.query('SELECT 1')
    const abort = new AbortController()
    const asked = reader.query(ENDLESS, [], { signal: abort.signal })
    const second = reader.query('SELECT 2')
    process.kill(processes.pids[0]!, 'SIGKILL')
    expect((await second).rows).toEqual([[2]])
    abort.abort()
    await expect(asked).rejects.toEqual(code('query_aborted'))
  })

  it('twice over the same query fails it, and only it', async () => {
    const channels: HeldChannel[] = []
    const reader = readers({
      spawn: () => {
        const channel = new HeldChannel()
        channels.push(channel)
        return channel.spawn()
      },
    })
    const first = reader.query('SELECT 1')
    const second = reader.query('SELECT 2')
    first.catch(() => undefined)
    for (const turn of [0, 1]) {
      await until(() => channels.length > turn)
      channels[turn]!.answer({ kind: 'opened' })
      channels[turn]!.exit()
    }
    await expect(first).rejects.toEqual(code('read_process_failed'))
    await until(() => channels.length === 3)
    channels[2]!.answer({ kind: 'opened' })
    channels[2]!.answerRows([[2]])
    expect((await second).rows).toEqual([[2]])
  })

  it('again and again before it opens fails what waits', async () => {
    const leaving = join(fixture.folder, 'leaving.cjs')
    writeFileSync(leaving, 'process.exit(1)')
    const reader = readers({ spawn: forkReader(leaving) })
    const asked = await Promise.allSettled([reader.query('SELECT 1'), reader.query('SELECT 2')])
    for (const result of asked) expect(result).toMatchObject({ reason: { code: 'read_process_failed' } })
  })

  it('because it cannot even be started fails what waits', async () => {
    const spawn = () => {
      throw new Error('no processes left')
    }
    await expect(readers({ spawn }).query('SELECT 1')).rejects.toEqual(code('read_process_failed'))
  })
})

describe('restarts', () => {
  it('wait longer after each crash, up to 5 s, and not at all after an answer', () => {
    const restarts = new Restarts()
    const delays = Array.from({ length: 8 }, () => {
      restarts.crashed(1000)
      return restarts.delay(1000)
    })
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
    expect(restarts.delay(4000)).toBe(2000)
    restarts.answered()
    expect(restarts.delay(1000)).toBe(0)
  })

  it('stop after 60 crashes within a minute, until it has passed', () => {
    const restarts = new Restarts()
    for (let i = 0; i < 60; i++) {
      restarts.crashed(i)
      restarts.answered()
    }
    expect(restarts.delay(59_999)).toBe(null)
    expect(restarts.delay(60_000)).toBe(0)
  })

  it('come one a second after 60 kills within a minute: who aborts again and again denies nobody', () => {
    const restarts = new Restarts()
    for (let i = 0; i < 59; i++) restarts.killed(i)
    expect(restarts.delay(59)).toBe(0)
    for (let i = 59; i < 200; i++) restarts.killed(i)
    expect(restarts.delay(200)).toBe(999)
    expect(restarts.delay(1199)).toBe(0)
  })
})

describe('an owner', () => {
  const script = (rest: string) => `
    import { forkReader } from ${JSON.stringify(new URL('../../src/engine/read-process/channel.ts', import.meta.url))}
    import { openReadProcess } from ${JSON.stringify(new URL('../../src/engine/read-process/open.ts', import.meta.url))}
    const pids = []
    const spawn = () => { const channel = forkReader(new URL(${JSON.stringify(entry)}))(); pids.push(channel.pid); return channel }
    const readers = openReadProcess({ spawn, dbPath: ${JSON.stringify(fixture.dbPath)}, schema: ${JSON.stringify(schema)}, deadlineMs: 500 })
    ${rest}`

  function run(rest: string): {
    readonly lines: AsyncIterator<string>
    readonly exit: Promise<number | null>
    kill(): void
  } {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(rest)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>
    return {
      lines,
      exit: new Promise((resolve) => child.once('exit', resolve)),
      kill: () => void child.kill('SIGKILL'),
    }
  }

  it('leaves by itself after close(), in the middle of an endless query', async () => {
    const { lines, exit } = run(`
      await readers.query('SELECT 1')
      const endless = readers.query(${JSON.stringify(ENDLESS)}).catch((error) => error.code)
      const start = performance.now()
      await readers.close()
      console.log(await endless, performance.now() - start < 2000, pids)`)
    expect((await lines.next()).value).toMatch(/^closed true/)
    expect(await exit).toBe(0)
  })

  it('leaves by itself without close() when nothing runs', async () => {
    const { lines, exit } = run(`console.log((await readers.query('SELECT 1')).rows[0][0], pids[0])`)
    const [answer, pid] = ((await lines.next()).value as string).split(' ').map(Number)
    expect(answer).toBe(1)
    expect(await exit).toBe(0)
    await until(() => !isAlive(pid!))
  })

  it('that is killed leaves no endless query behind', async () => {
    const { lines, exit, kill } = run(`
      await readers.query('SELECT 1')
      readers.query(${JSON.stringify(ENDLESS)})
      console.log(pids[0])`)
    const pid = Number((await lines.next()).value)
    expect(isAlive(pid)).toBe(true)
    kill()
    await exit
    await until(() => !isAlive(pid))
  })
})
