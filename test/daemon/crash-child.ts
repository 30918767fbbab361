/**
 * A daemon that writes, uploads and syncs, and kills itself on the way, as a power cut would. It ends with 0 once
 * the row shows what the service made of the write, and prints how many keepalives that took.
 */
import { httpTransport } from '../../src/connector/http.ts'
import type { Transport } from '../../src/connector/connector.ts'
import { openDaemon } from '../../src/daemon/open.ts'
import { schema } from '../../src/tracker/schema.ts'

/** Where it can die: after each of these, and before anything that follows. */
export type Death = 'written' | 'accepted' | 'completed' | 'asking' | 'answered'

export interface CrashTask {
  readonly path: string
  readonly url: string
  readonly token: string
  readonly mode: 'legacy' | 'requests'
  readonly label: string
  /** Write the label's color; null: only bring to an end what an earlier one began. */
  readonly color: string | null
  readonly dieAt: Death | null
}

const task = JSON.parse(process.argv[2] ?? '') as CrashTask

function die(at: Death): void {
  if (task.dieAt === at) process.kill(process.pid, 'SIGKILL')
}

const http = httpTransport({ bson: false })
const transport: Transport = {
  open: (call) => http.open(call),
  async requestCheckpoint(call) {
    die('asking')
    const id = await http.requestCheckpoint!(call)
    die('answered')
    return id
  },
}

const daemon = await openDaemon({
  path: task.path,
  schema,
  inProcess: true,
  transport,
  traceBytes: 10_000_000,
  connector: {
    fetchCredentials: () => Promise.resolve({ endpoint: task.url, token: task.token }),
    async uploadData({ clientId, getNextTransaction, signal }) {
      const transaction = await getNextTransaction()
      if (transaction === null) return
      const { transactionId } = transaction
      // The backend makes something of its own of what it gets, so that a row shows whose version it is.
      const crud = transaction.crud.map(({ op, table, rowId, opData }) => ({
        op,
        type: table,
        id: rowId,
        data: { color: String(opData?.['color']).toUpperCase() },
      }))
      const response = await fetch(`${task.url}/upload`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Token ${task.token}` },
        body: JSON.stringify({ client_id: clientId, transactions: [{ id: transactionId, crud }] }),
        signal,
      })
      if (!response.ok) throw new Error(`The backend answered ${response.status}.`)
      die('accepted')
      await transaction.complete()
      die('completed')
    },
  },
})

await daemon.connect({ checkpointMode: task.mode, uploadThrottleMs: 0 })
const rows = daemon.watch('SELECT color FROM labels WHERE id = ?', [task.label], { throttleMs: 0 })
for await (const update of rows) {
  const color = update.kind === 'rows' ? update.rows[0]?.['color'] : undefined
  if (color === undefined) continue
  process.stdout.write('ready\n')
  if (task.color !== null && color !== task.color && color !== task.color.toUpperCase()) {
    await daemon.execute('UPDATE labels SET color = ? WHERE id = ?', [task.color, task.label])
    die('written')
  }
  if (color === String(color).toUpperCase() && (task.color === null || color === task.color.toUpperCase()))
    break
}
const keepalives = (await daemon.trace()).split('token_expires_in').length - 1
const queue = await daemon.uploadQueue()
await daemon.close()
process.stdout.write(`${JSON.stringify({ keepalives, queued: queue.length })}\n`)
