/**
 * The entry of the worker thread that `startDemoInWorker` starts: the service with its data, away from the main
 * thread. Bundled as a file of its own, so nothing in it or below it may ask for its own URL.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { startDemo, type DemoOptions, type DemoService } from './service.ts'
import type { WorkerAnswer, WorkerCall } from './in-worker.ts'

const port = parentPort
if (port === null) throw new Error('This file runs in a worker thread')
const say = (answer: WorkerAnswer) => port.postMessage(answer)

startDemo({ ...(workerData as DemoOptions), log: (line) => say({ kind: 'log', line }) }).then(
  (demo) => {
    port.on('message', (call: WorkerCall) => void answer(demo, call))
    say({ kind: 'ready', url: demo.url, port: demo.port })
  },
  (error: unknown) => say({ kind: 'failed', message: String(error) }),
)

async function answer(demo: DemoService, call: WorkerCall): Promise<void> {
  const { id } = call
  try {
    const value = await run(demo, call)
    say({ kind: 'done', id, value })
  } catch (error) {
    say({ kind: 'done', id, error: String(error) })
  }
  if (call.kind === 'close') port?.close()
}

function run(demo: DemoService, call: WorkerCall): string | void | Promise<void> {
  switch (call.kind) {
    case 'token':
      return demo.token(call.options)
    case 'pause':
      return demo.pause()
    case 'resume':
      return demo.resume()
    case 'dropConnections':
      return demo.dropConnections()
    case 'close':
      return demo.close()
  }
}
