/** The service in a worker thread and as a program of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

import { startDemoInWorker } from '../../src/demo/in-worker.ts'
import { startDemo } from '../../src/demo/service.ts'

const small = { scale: 'small', simulate: false } as const

async function firstLine(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/sync/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
    body: '{}',
  })
  const { value } = await response.body!.getReader().read()
  return new TextDecoder().decode(value)
}

describe('in a worker', () => {
  it('serves streams for its own tokens and ends with close', async () => {
    const demo = await startDemoInWorker(small)
    expect(await firstLine(demo.url, await demo.token())).toMatch(/^\{"checkpoint":/)
    await Promise.all([demo.pause(), demo.resume(), demo.dropConnections()])
    await Promise.all([demo.close(), demo.close()])
    await expect(fetch(demo.url)).rejects.toThrow()
    await expect(demo.token()).rejects.toMatchObject({ code: 'demo_stopped' })
  })

  it('rejects when the service cannot start', async () => {
    const taken = await startDemo(small)
    await expect(startDemoInWorker({ ...small, port: taken.port })).rejects.toMatchObject({
      code: 'demo_stopped',
      message: expect.stringContaining('EADDRINUSE'),
    })
    await taken.close()
  })
})

describe('alone', () => {
  it('prints where it is and a token, and ends on SIGTERM', async () => {
    const cli = fileURLToPath(new URL('../../src/demo/cli.ts', import.meta.url))
    const child = spawn(process.execPath, [cli, '--port', '0', '--seed', '7', '--paused', '--small'])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    while (!/token.*: \S+\n/.test(output)) await once(child.stdout, 'data')
    const url = /http:\S+/.exec(output)![0]
    const token = /token.*: (\S+)/.exec(output)![1]!
    expect(await firstLine(url, token)).toMatch(/^\{"checkpoint":/)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
