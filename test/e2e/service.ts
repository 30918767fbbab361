/** The demo service as a program of its own, so that a test can kill it and make changes as other people. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { run, type Program } from './program.ts'

const cli = join(import.meta.dirname, '../../src/demo/cli.ts')

type Columns = { readonly [column: string]: string | number | null }

export interface Service {
  readonly url: string
  readonly token: string
  /** Somebody else makes a row. */
  put(table: string, id: string, data: Columns): Promise<void>
  /** Somebody else changes these columns of a row. */
  patch(table: string, id: string, data: Columns): Promise<void>
  /** Dies without a word. */
  kill(): Promise<void>
  /** Comes back at the same address with the same data. */
  restart(): Promise<void>
}

/** A small and quiet company: nothing changes but what the test changes. */
export async function startService(directory: string): Promise<Service> {
  const port = await freePort()
  const args = [cli, '--small', '--paused', '--port', String(port), '--directory', directory]
  let program: Program
  const start = async () => {
    program = run(process.execPath, args)
    await program.line(/^Demo service ready/)
    return (await program.line(/^A token for an hour: (\S+)/))[1]!
  }
  const token = await start()
  const url = `http://127.0.0.1:${port}`
  const upload = async (op: 'PUT' | 'PATCH', type: string, id: string, data: Columns) => {
    const answer = await fetch(`${url}/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
      body: JSON.stringify({
        client_id: randomUUID(),
        transactions: [{ id: 1, crud: [{ op, type, id, data }] }],
      }),
    })
    if (!answer.ok) throw new Error(`The service refused the change: ${await answer.text()}`)
  }
  return {
    url,
    token,
    put: (table, id, data) => upload('PUT', table, id, data),
    patch: (table, id, data) => upload('PATCH', table, id, data),
    kill: () => program.end('SIGKILL'),
    restart: async () => void (await start()),
  }
}

/** A restarted service needs its old port, so it cannot be left to choose. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port is free.')
  return address.port
}
